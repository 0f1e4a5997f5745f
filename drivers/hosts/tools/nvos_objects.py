"""The objects of NVUE that we read, each known by its members, and the figures in them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.json_output import shown
from drivers.hosts.tools.sheet import count, number, present, words
from drivers.points import Value


def _bits(raw: Any) -> float:
    """Return bit/s of `400G` or `1000M`. Raises NoReading, Garbled."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d)?)([GMT])", present(raw), re.ASCII)
    if not found:
        raise Garbled("not a speed", received=shown(raw))
    return float(found[1]) * {"M": 1e6, "G": 1e9, "T": 1e12}[found[2]]


def _lanes(raw: Any) -> int:
    found = re.fullmatch(r"(\d{1,2})[xX]", present(raw), re.ASCII)
    if not found:
        raise Garbled("not a number of lanes", received=shown(raw))
    return int(found[1])


def _state(raw: Any) -> str:
    """Return `up` of `{"up": {}}` or of `"up"`. Raises NoReading, Garbled."""
    return present(next(iter(raw))) if isinstance(raw, dict) and len(raw) == 1 else words(raw)


def _in(*units: str, factor: float = 1.0) -> Callable[[Any], int | float]:
    """Return a reader of a number that may have one of these units behind it."""

    def read_one(raw: Any) -> int | float:
        if not isinstance(raw, str):
            return number(raw) * factor
        said = present(raw)
        unit = next((u for u in units if said.endswith(u)), "")
        return number(said.removesuffix(unit).strip()) * factor

    return read_one


_Row = tuple[str, Callable[[Any], Value], str | None]


@dataclass(frozen=True)
class Kind:
    """An object that is known by its members: one of `marks`, and none of `never`."""

    name: str
    marks: frozenset[str]
    rows: Mapping[str, _Row]
    never: frozenset[str] = field(default_factory=frozenset)

    def fits(self, members: Mapping[str, Any]) -> bool:
        """Tell whether an object is of this kind."""
        return bool(self.marks & set(members)) and not self.never & set(members)


_CELSIUS, _RPM, _WATTS, _VOLTS = _in("°C", "C"), _in("rpm", "RPM"), _in("W"), _in("V")
KINDS = (
    Kind(
        "port",
        frozenset(("physical-state", "logical-state", "oper-status")),
        {
            "state": ("oper_state", _state, None),
            "oper-status": ("oper_state", words, None),
            "admin-status": ("admin_state", words, None),
            "physical-state": ("physical_state", words, None),
            "logical-state": ("logical_state", words, None),
            "speed": ("speed", _bits, "bit/s"),
            "lanes": ("lanes", _lanes, "1"),
            "fec": ("fec", words, None),
            "mtu": ("mtu", count, "B"),
        },
    ),
    Kind(
        "port",
        frozenset(("in-bytes", "out-bytes")),
        {
            "in-bytes": ("in_bytes", count, "B"),
            "out-bytes": ("out_bytes", count, "B"),
            "in-errors": ("in_errors", count, "1"),
            "out-errors": ("out_errors", count, "1"),
            "in-drops": ("in_discards", count, "1"),
            "out-drops": ("out_discards", count, "1"),
            "out-wait": ("out_waits", count, "1"),
        },
    ),
    Kind("port", frozenset(("carrier-down-count",)), {"carrier-down-count": ("link_downs", count, "1")}),
    Kind(
        "module",
        frozenset(("vendor-sn", "vendor-pn")),
        {
            "vendor-name": ("maker", words, None),
            "vendor-pn": ("part", words, None),
            "vendor-sn": ("serial", words, None),
            "vendor-rev": ("revision", words, None),
            "identifier": ("identifier", words, None),
            "fw-version": ("firmware", words, None),
            "status": ("state", words, None),
        },
    ),
    Kind(
        "fan",
        frozenset(("current-speed", "max-speed")),
        {"current-speed": ("speed", _RPM, "rpm"), "state": ("state", words, None)},
    ),
    Kind(
        "psu",
        frozenset(("capacity",)),
        {
            "power": ("output_power", _WATTS, "W"),
            "capacity": ("rated_power", _WATTS, "W"),
            "voltage": ("voltage", _VOLTS, "V"),
            "current": ("current", _in("A"), "A"),
            "state": ("state", words, None),
        },
    ),
    Kind(
        "sensor",
        frozenset(("crit",)),
        {
            "current": ("temperature", _CELSIUS, "degC"),
            "max": ("temperature_max", _CELSIUS, "degC"),
            "crit": ("temperature_crit", _CELSIUS, "degC"),
            "state": ("state", words, None),
        },
    ),
    Kind(
        "sensor",
        frozenset(("actual", "expected")),
        {"actual": ("voltage", _VOLTS, "V"), "state": ("state", words, None)},
        frozenset(("crit",)),
    ),
    Kind(
        "firmware",
        frozenset(("actual-firmware",)),
        {
            "actual-firmware": ("version", words, None),
            "installed-firmware": ("installed", words, None),
            "part-number": ("part", words, None),
            "serial-number": ("serial", words, None),
        },
    ),
    Kind(
        "unit",
        frozenset(("hardware-version", "hw-version")),
        {
            "model": ("model", words, None),
            "serial": ("serial", words, None),
            "state": ("state", words, None),
            "type": ("type", words, None),
        },
        frozenset(("actual-firmware",)),
    ),
    Kind(
        "app",
        frozenset(("app-id", "addition-info", "additional-info")),
        {
            "status": ("state", words, None),
            "reason": ("reason", words, None),
            "app-ver": ("version", words, None),
            "addition-info": ("info", words, None),
            "additional-info": ("info", words, None),
        },
    ),
    Kind(
        "component",
        frozenset(("unhealthy-count",)),
        {
            "state": ("health", words, None),
            "unhealthy-count": ("unhealthy_count", count, "1"),
        },
    ),
    Kind(
        "partition",
        frozenset(("num-gpus", "resiliency-mode")),
        {
            "name": ("name", words, None),
            "health": ("health", words, None),
            "num-gpus": ("gpus", count, "1"),
            "resiliency-mode": ("resiliency_mode", words, None),
        },
    ),
    Kind(
        "device",
        frozenset(("guid", "lid")),
        {"guid": ("guid", words, None), "lid": ("lid", count, "1"), "type": ("type", words, None)},
    ),
    Kind(
        "subnet_manager",
        frozenset(("sm-state", "is-running")),
        {"sm-state": ("state", words, None), "is-running": ("running", words, None)},
    ),
    Kind(
        "system",
        frozenset(("product-name", "system-mac", "status-led", "kernel", "build")),
        {
            "product-name": ("model", words, None),
            "serial-number": ("serial", words, None),
            "part-number": ("part", words, None),
            "system-mac": ("mac", words, None),
            "hostname": ("hostname", words, None),
            "image": ("image", words, None),
            "build": ("version", words, None),
            "kernel": ("kernel", words, None),
            "status": ("health", words, None),
        },
    ),
)
TEXTS = frozenset(member for kind in KINDS for member in (*kind.rows, *kind.marks, *kind.never))
"""Every member that is read."""

STRUCTURE = frozenset(
    (
        *(
            "link",
            "counters",
            "stats",
            "interface",
            "fan",
            "psu",
            "temperature",
            "temp",
            "voltage",
            "environment",
            "pluggable",
        ),
        *(
            "transceiver",
            "firmware",
            "inventory",
            "platform",
            "system",
            "health",
            "instance",
            "app",
            "cluster",
            "operational",
        ),
    )
)
"""Members that give an object no name."""
SOUND = {
    "fan": ("ok",),
    "psu": ("ok",),
    "sensor": ("ok",),
    "unit": ("ok",),
    "app": ("ok", "running"),
}
"""What the state of a part is when nothing is wrong, in lower case."""
