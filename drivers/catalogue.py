"""Every model that we drive, by name; a driver's module is imported when its model is asked for."""

import difflib
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from drivers.addresses import Address, parse
from drivers.errors import DeviceRefused, UsageError, WrongDevice
from drivers.options import Options
from drivers.points import Clock, Device

_CLASSES = {
    "arista-eos": "drivers.switches.arista:AristaEos",
    "cisco-nxos": "drivers.switches.cisco:CiscoNxos",
    "cumulus": "drivers.switches.cumulus:Cumulus",
    "dell-os10": "drivers.switches.dell:DellOs10",
    "entity-cdu": "drivers.cooling.entity:EntityCdu",
    "entity-shelf": "drivers.shelves.entity:EntityShelf",
    "ipmitool": "drivers.bmcs.ipmitool:Ipmitool",
    "juniper-junos": "drivers.switches.juniper:JuniperJunos",
    "linux-host": "drivers.hosts.linux:LinuxHost",
    "nvidia-host": "drivers.hosts.nvidia:NvidiaHost",
    "ocnos": "drivers.switches.ipinfusion:OcNos",
    "openbmc": "drivers.bmcs.openbmc:OpenBmc",
    "sonic": "drivers.switches.sonic:Sonic",
    "switch-mib": "drivers.switches.mib:SwitchMib",
    "wt300e": "drivers.meters.yokogawa:Wt300e",
}

_CANDIDATES = {
    "visa": ("wt300e",),
    "snmp": ("entity-cdu", "entity-shelf", "switch-mib"),
    # From the most special to the most general: a BMC and a GPU host are Linux too.
    "ssh": ("openbmc", "nvidia-host", "ipmitool", "linux-host"),
}


# What sysDescr and sysObjectID tell before anything else is asked. SONiC first: makers' builds carry their own number.
_SWITCHES = ("sonic", "arista-eos", "cisco-nxos", "juniper-junos", "cumulus", "dell-os10", "ocnos")


class Proposal(NamedTuple):
    """The model that reads a device, None where we have none, and what the device said about itself."""

    model: str | None
    description: str


def model(name: str) -> type[Device[Any]]:
    """Return the device class of a model. Raises UsageError with the known ones."""
    if name not in _CLASSES:
        close = difflib.get_close_matches(name, _CLASSES, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise UsageError(f"unknown model {name!r}; {hint}known models: {', '.join(sorted(_CLASSES))}")
    module, _, attribute = _CLASSES[name].partition(":")
    found: type[Device[Any]] = getattr(import_module(module), attribute)
    return found


class _Models(Mapping[str, type[Device[Any]]]):
    """The catalogue as a read-only dict whose values are imported on access."""

    def __getitem__(self, name: str) -> type[Device[Any]]:
        if name not in _CLASSES:
            raise KeyError(name)
        return model(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)

    def __contains__(self, name: object) -> bool:
        return name in _CLASSES


MODELS: Mapping[str, type[Device[Any]]] = _Models()
"""Device classes by model; listing the names imports nothing."""


def open_device(name: str, address: Address | str, options: Options, clock: Clock) -> Device[Any]:
    """Open a device of this model. Raises UsageError, BadAddress, or what the path and the login raise."""
    where = parse(address) if isinstance(address, str) else address
    return model(name).connect(where, options, clock)


def propose(address: Address | str, options: Options, clock: Clock) -> Proposal:
    """Find the model of what answers there, by asking it who it is; nothing is changed.

    Raises BadAddress, or what the path and the login raise.
    """
    where = parse(address) if isinstance(address, str) else address
    said = ""
    for name in _candidates(where, options, clock):
        device = open_device(name, where, options, clock)
        try:
            return Proposal(name, device.identify().raw)
        except (WrongDevice, DeviceRefused) as error:
            said = error.received or said
        finally:
            device.close()
    return Proposal(None, said)


def _candidates(where: Address, options: Options, clock: Clock) -> tuple[str, ...]:
    if where.scheme != "snmp":
        return ("ipmitool",) if "ipmi" in where.query else _CANDIDATES[where.scheme]
    return (*_known_switches(where, options, clock), *_CANDIDATES["snmp"])


def _known_switches(where: Address, options: Options, clock: Clock) -> list[str]:
    """Ask an agent for two objects, and return the makers' switches that it may be."""
    from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID  # noqa: PLC0415 - listing the models imports no protocol
    from drivers.entity_sensor import text  # noqa: PLC0415
    from drivers.switches.mib import SwitchMib  # noqa: PLC0415

    agent = SwitchMib.connect(where, options, clock)
    try:
        said = agent.transport.ask([SYS_DESCR, SYS_OBJECT_ID])
    finally:
        agent.close()
    descr, object_id = text(said[SYS_DESCR]), str(said[SYS_OBJECT_ID])
    classes = {name: model(name) for name in _SWITCHES}
    return [n for n, c in classes.items() if issubclass(c, SwitchMib) and c.recognises(descr, object_id)]
