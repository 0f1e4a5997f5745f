"""What OpenBMC's obmcutil prints: `obmcutil state` and `obmcutil status`. Pure."""

import re
from collections.abc import Iterable, Iterator
from types import MappingProxyType

from drivers.bmcs.ipmi_rows import lines
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item

NAMES = MappingProxyType(
    {
        # github.com/openbmc/phosphor-state-manager, obmcutil: what it prints, and the property that it reads
        "CurrentBMCState": "bmc_state",
        "CurrentPowerState": "power_state",
        "CurrentHostState": "host_state",
        "BootProgress": "boot_progress",
        "OperatingSystemState": "os_state",
    }
)

POWER_STATES = MappingProxyType({"On": "on", "Off": "off", "TransitioningToOn": "off", "TransitioningToOff": "on"})
"""xyz.openbmc_project.State.Chassis.PowerState, on its way it is still what it was."""

_LINE = re.compile(r"(\w+)\s*:\s*(\S+)\s*")


def states(output: str | Iterable[str]) -> dict[str, str]:
    """Read every line `Name : xyz.openbmc_project....Word`: the whole word by name. Raises Garbled for none."""
    rows = (_LINE.fullmatch(line.strip()) for line in lines(output))
    found = {row[1]: row[2] for row in rows if row is not None}
    if not found.keys() & NAMES.keys():
        raise Garbled("no line of `obmcutil state`", received=str(list(found))[:200])
    return found


def state(text: str, name: str) -> Item:
    """Read one state: the last part of its word. Raises Garbled, NoReading where it is not shown."""
    said = states(text).get(name)
    if said is None:
        raise NoReading(f"obmcutil shows no {name}", received=text)
    return Item(_word(name, said), said)


def state_items(output: str | Iterable[str]) -> Iterator[Item]:
    """Read every state that obmcutil shows. Raises Garbled for none."""
    for name, said in states(output).items():
        if name in NAMES:
            yield item(lambda pair: _word(*pair), (name, said), said, key="", quantity=NAMES[name])


def _word(name: str, said: str) -> str:
    last = said.rpartition(".")[2]
    if "." not in said or not last:
        raise Garbled("not a word of OpenBMC's", received=said)
    if name == "CurrentPowerState":
        return power_state(said)
    if last in {"Unknown", "Unspecified"}:
        raise NoReading(f"the BMC says {last}", received=said)
    return last


def power_state(word: str) -> str:
    """Return on or off for a word of Chassis.PowerState. Raises Garbled.

    >>> power_state("xyz.openbmc_project.State.Chassis.PowerState.TransitioningToOn")
    'off'
    """
    last = word.rpartition(".")[2]
    if last not in POWER_STATES:
        raise Garbled("not a state of power", received=word)
    return POWER_STATES[last]
