"""Every model that we drive, by name; a driver's module is imported when its model is asked for."""

import difflib
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple, cast

from drivers.addresses import Address, parse
from drivers.errors import DeviceRefused, UsageError, WrongDevice
from drivers.options import Options
from drivers.points import Clock, Device

_CLASSES = {
    "chroma66205": "drivers.meters.chroma:Chroma66205",
    "entity-cdu": "drivers.cooling.entity:EntityCdu",
    "entity-shelf": "drivers.shelves.entity:EntityShelf",
    "infiniivision": "drivers.scopes.infiniivision:InfiniiVision",
    "ipmitool": "drivers.bmcs.ipmitool:Ipmitool",
    "linux-host": "drivers.hosts.linux:LinuxHost",
    "lmg600": "drivers.meters.zes:Lmg600",
    "nvidia-host": "drivers.hosts.nvidia:NvidiaHost",
    "openbmc": "drivers.bmcs.openbmc:OpenBmc",
    "pa2203a": "drivers.meters.keysight:Pa2203a",
    "pw3390": "drivers.meters.hioki:Pw3390",
    "pw8001": "drivers.meters.hioki:Pw8001",
    "scpi-meter": "drivers.meters.scpi_meter:ScpiMeter",
    "switch-mib": "drivers.switches.mib:SwitchMib",
    "wt1800e": "drivers.meters.yokogawa_wt:Wt1800e",
    "wt300e": "drivers.meters.yokogawa:Wt300e",
    "wt500": "drivers.meters.yokogawa_wt:Wt500",
    "wt5000": "drivers.meters.yokogawa_wt:Wt5000",
}

_DESCRIBED = frozenset({"scpi-meter"})
"""Models that a file may describe: `scpi-meter:FILE`."""

_CANDIDATES = {
    # From the most special to the most general; one `*IDN?` serves them all.
    "visa": (
        *("wt300e", "wt500", "wt1800e", "wt5000", "lmg600", "pw3390", "pw8001", "pa2203a", "chroma66205"),
        "infiniivision",
    ),
    "snmp": ("entity-cdu", "entity-shelf", "switch-mib"),
    # From the most special to the most general: a BMC and a GPU host are Linux too.
    "ssh": ("openbmc", "nvidia-host", "ipmitool", "linux-host"),
}


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
        described, _, file = name.partition(":") if isinstance(name, str) else ("", "", "")
        return name in _CLASSES or (described in _DESCRIBED and bool(file))


MODELS: Mapping[str, type[Device[Any]]] = _Models()
"""Device classes by model; listing the names imports nothing."""


def open_device(name: str, address: Address | str, options: Options, clock: Clock) -> Device[Any]:
    """Open a device of this model. Raises UsageError, BadAddress, or what the path and the login raise.

    `scpi-meter:FILE` is a meter that FILE describes, relative to the folder of the options.
    """
    where = parse(address) if isinstance(address, str) else address
    described, _, file = name.partition(":")
    if file and described in _DESCRIBED:
        found: type[Device[Any]] = cast("Any", model(described)).described_in(options.folder / file)
        return found.connect(where, options, clock)
    return model(name).connect(where, options, clock)


def propose(address: Address | str, options: Options, clock: Clock) -> Proposal:
    """Find the model of what answers there, by asking it who it is; nothing is changed.

    Raises BadAddress, or what the path and the login raise.
    """
    where = parse(address) if isinstance(address, str) else address
    if where.scheme == "visa":
        return _propose_instrument(where, options, clock)
    said = ""
    for name in ("ipmitool",) if "ipmi" in where.query else _CANDIDATES[where.scheme]:
        device = open_device(name, where, options, clock)
        try:
            return Proposal(name, device.identify().raw)
        except (WrongDevice, DeviceRefused) as error:
            said = error.received or said
        finally:
            device.close()
    return Proposal(None, said)


def _propose_instrument(where: Address, options: Options, clock: Clock) -> Proposal:
    """Ask `*IDN?` once and look which model's reply that is."""
    first, *others = _CANDIDATES["visa"]
    device = open_device(first, where, options, clock)
    try:
        return Proposal(first, device.identify().raw)
    except WrongDevice as error:
        said = error.received or ""
    finally:
        device.close()
    fitting = (name for name in others if cast("Any", model(name)).recognises(said))
    return Proposal(next(fitting, None), said)
