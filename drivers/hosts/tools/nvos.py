"""`nv show ... -o json` of NVOS and Cumulus (NVUE): interfaces, environment, firmware, inventory, health, cluster.

Source: NVOS and NVUE command references, and public captures of NVOS 25.02 to 25.03. Which object is what shows in its
members, wherever it stands: the same object comes alone (`nv show interface sw1p1 link`) and in the list of all.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.json_output import drained, read, shown, table
from drivers.hosts.tools.sheet import Sheet, count, key, number, present, words
from drivers.parsed import Figure, Parsed
from drivers.points import Value

_DEEPEST = 12
_HYPHENATED = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


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
class _Kind:
    """An object that is known by its members: one of `marks`, and none of `never`."""

    name: str
    marks: frozenset[str]
    rows: Mapping[str, _Row]
    never: frozenset[str] = field(default_factory=frozenset)

    def fits(self, members: Mapping[str, Any]) -> bool:
        return bool(self.marks & set(members)) and not self.never & set(members)


_CELSIUS, _RPM, _WATTS, _VOLTS = _in("°C", "C"), _in("rpm", "RPM"), _in("W"), _in("V")
_KINDS = (
    _Kind(
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
    _Kind(
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
    _Kind("port", frozenset(("carrier-down-count",)), {"carrier-down-count": ("link_downs", count, "1")}),
    _Kind(
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
    _Kind(
        "fan",
        frozenset(("current-speed", "max-speed")),
        {"current-speed": ("speed", _RPM, "rpm"), "state": ("state", words, None)},
    ),
    _Kind(
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
    _Kind(
        "sensor",
        frozenset(("crit",)),
        {
            "current": ("temperature", _CELSIUS, "degC"),
            "max": ("temperature_max", _CELSIUS, "degC"),
            "crit": ("temperature_crit", _CELSIUS, "degC"),
            "state": ("state", words, None),
        },
    ),
    _Kind(
        "sensor",
        frozenset(("actual", "expected")),
        {"actual": ("voltage", _VOLTS, "V"), "state": ("state", words, None)},
        frozenset(("crit",)),
    ),
    _Kind(
        "firmware",
        frozenset(("actual-firmware",)),
        {
            "actual-firmware": ("version", words, None),
            "installed-firmware": ("installed", words, None),
            "part-number": ("part", words, None),
            "serial-number": ("serial", words, None),
        },
    ),
    _Kind(
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
    _Kind(
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
    _Kind(
        "component",
        frozenset(("unhealthy-count",)),
        {
            "state": ("health", words, None),
            "unhealthy-count": ("unhealthy_count", count, "1"),
        },
    ),
    _Kind(
        "partition",
        frozenset(("num-gpus", "resiliency-mode")),
        {
            "name": ("name", words, None),
            "health": ("health", words, None),
            "num-gpus": ("gpus", count, "1"),
            "resiliency-mode": ("resiliency_mode", words, None),
        },
    ),
    _Kind(
        "device",
        frozenset(("guid", "lid")),
        {"guid": ("guid", words, None), "lid": ("lid", count, "1"), "type": ("type", words, None)},
    ),
    _Kind(
        "subnet_manager",
        frozenset(("sm-state", "is-running")),
        {"sm-state": ("state", words, None), "is-running": ("running", words, None)},
    ),
    _Kind(
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
_TEXTS = frozenset(member for kind in _KINDS for member in (*kind.rows, *kind.marks, *kind.never))
_STRUCTURE = frozenset(
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
_SOUND = {
    "fan": ("ok",),
    "psu": ("ok",),
    "sensor": ("ok",),
    "unit": ("ok",),
    "app": ("ok", "running"),
}


def parse(output: bytes) -> Parsed:
    """Read an answer. Raises Garbled where nothing in it is known. `bad` where a part or the whole is not well."""
    sheet = Sheet()
    document = table(read(output, keep_texts=_TEXTS))
    empty = not document
    _visit(sheet, document, "", 0)
    if not len(sheet) and not empty:
        _as_it_stands(sheet, table(read(output)), "", 0)
    return sheet.parsed("nvos", _complaints(sheet))


def _as_it_stands(sheet: Sheet, members: Mapping[str, Any], path: str, depth: int) -> None:
    """Add every text of an answer that we know nothing of, under its path. Raises Garbled where it is none of NVUE's.

    Its members are words with hyphens. Numbers come as texts: nobody says in which unit they are.
    """
    if not path and not any(_HYPHENATED.fullmatch(name) for name in _names(members, 0)):
        raise Garbled("nothing of nv show that we know", received=", ".join(members)[:200])
    for name, value in members.items():
        where = f"{path}/{name}" if path else name
        if isinstance(value, dict) and depth < _DEEPEST:
            _as_it_stands(sheet, value, where, depth + 1)
        elif not isinstance(value, dict | list) and value is not None:
            sheet.add(f"text[{key(where)}]", shown(value))


def _names(members: Mapping[str, Any], depth: int) -> Iterator[str]:
    yield from members
    for value in members.values():
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _names(value, depth + 1)


def read_system(said: str) -> tuple[Figure, ...]:
    """Return the figures of an answer that tells of the whole, none where it tells nothing that we know."""
    try:
        return tuple(parse(said.encode()).figures)
    except Garbled:
        return ()


def _visit(sheet: Sheet, members: dict[str, Any], name: str, depth: int) -> None:
    if depth > _DEEPEST:
        raise Garbled(f"nested deeper than {_DEEPEST}", received=name)
    for kind in _KINDS:
        if kind.fits(members):
            scope = f"{kind.name}[{key(name)}]" if name else kind.name
            for member, (quantity, reader, unit) in kind.rows.items():
                if member in members and members[member] is not None:
                    sheet.add(f"{scope}.{quantity}", members[member], reader, unit)
    for member, value in drained(members):
        if isinstance(value, dict):
            _visit(sheet, value, name if member in _STRUCTURE else member, depth + 1)


def _complaints(sheet: Sheet) -> Iterator[str]:
    for figure in sheet:
        scope, _, quantity = figure.name.rpartition(".")
        sound = _SOUND.get(scope.partition("[")[0])
        if quantity == "state" and sound and isinstance(figure.value, str) and figure.value.lower() not in sound:
            yield f"{scope}: {figure.value}"
        if quantity == "health" and str(figure.value).upper() not in ("OK", "HEALTHY"):
            yield f"{scope}: {figure.value or figure.reason}"
