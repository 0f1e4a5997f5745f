"""`dmidecode`: what the firmware states of system, board, chassis, processors and memory.

Source: dmidecode(8) 3.x and DMTF DSP0134 (SMBIOS), types 1 to 4, 16, 17. A handle's title is in some versions another;
its type number counts. Empty sockets say "No Module Installed" and are counted, not listed as memory.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.sheet import Sheet, count, key, lines, present, with_unit, words
from drivers.parsed import Figure, Parsed
from drivers.points import Value
from drivers.quantities import unique

_HANDLE = re.compile(r"Handle 0x[0-9A-Fa-f]+, DMI type (\d{1,3}), \d+ bytes?", re.ASCII)
_VERSION = re.compile(r"# dmidecode (\S+)")
_EMPTY = frozenset(("no module installed", "not installed", "0"))
_BYTES = with_unit(bytes=1, kB=2**10, KB=2**10, MB=2**20, GB=2**30, TB=2**40, PB=2**50, MiB=2**20, GiB=2**30, TiB=2**40)
# SMBIOS 3.x counts transfers; older versions of the tool called the same figure MHz.
_TRANSFERS = with_unit(**{"MT/s": 1e6, "MHz": 1e6})
_HERTZ = with_unit(MHz=1e6, GHz=1e9)

Read = Callable[[Any], Value]


@dataclass
class _Structure:
    kind: int
    fields: dict[str, str] = field(default_factory=dict)


def _volts(raw: Any) -> int | float:
    return with_unit(V=1)(raw)


def _status(raw: Any) -> str:
    """Return `Populated, Enabled` as it stands."""
    return present(raw)


_SYSTEM: dict[int, tuple[str, tuple[tuple[str, str, Read, str | None], ...]]] = {
    1: (
        "system",
        (
            ("Manufacturer", "maker", words, None),
            ("Product Name", "model", words, None),
            ("Version", "version", words, None),
            ("Serial Number", "serial", words, None),
            ("UUID", "uuid", words, None),
            ("SKU Number", "sku", words, None),
        ),
    ),
    0: ("bios", (("Vendor", "maker", words, None), ("Version", "version", words, None))),
    2: (
        "board",
        (
            ("Manufacturer", "maker", words, None),
            ("Product Name", "model", words, None),
            ("Serial Number", "serial", words, None),
            ("Asset Tag", "asset", words, None),
        ),
    ),
    3: (
        "chassis",
        (
            ("Manufacturer", "maker", words, None),
            ("Type", "type", words, None),
            ("Serial Number", "serial", words, None),
            ("Asset Tag", "asset", words, None),
        ),
    ),
    4: (
        "cpu",
        (
            ("Manufacturer", "maker", words, None),
            ("Version", "model", words, None),
            ("Status", "status", _status, None),
            ("Serial Number", "serial", words, None),
            ("Part Number", "part", words, None),
            ("Max Speed", "clock_max", _HERTZ, "Hz"),
            ("Current Speed", "clock", _HERTZ, "Hz"),
            ("Voltage", "voltage", _volts, "V"),
            ("Core Count", "cores", count, "1"),
            ("Core Enabled", "cores_enabled", count, "1"),
            ("Thread Count", "threads", count, "1"),
        ),
    ),
    16: (
        "memory_array",
        (
            ("Use", "use", words, None),
            ("Maximum Capacity", "capacity", _BYTES, "B"),
            ("Number Of Devices", "sockets", count, "1"),
            ("Error Correction Type", "ecc", words, None),
        ),
    ),
    17: (
        "dimm",
        (
            ("Size", "size", _BYTES, "B"),
            ("Type", "type", words, None),
            ("Speed", "speed", _TRANSFERS, "Hz"),
            ("Configured Memory Speed", "configured_speed", _TRANSFERS, "Hz"),
            ("Configured Clock Speed", "configured_speed", _TRANSFERS, "Hz"),
            ("Manufacturer", "maker", words, None),
            ("Serial Number", "serial", words, None),
            ("Part Number", "part", words, None),
            ("Rank", "ranks", count, "1"),
            ("Bank Locator", "bank", words, None),
        ),
    ),
}
_STATES = ("Size", "Status")
_KEYED = {2: "Location In Chassis", 3: "", 4: "Socket Designation", 16: "Location", 17: "Locator"}

_WANTED = frozenset((*_STATES, *_KEYED.values(), *(row[0] for _, rows in _SYSTEM.values() for row in rows)))


def parse(output: bytes) -> Parsed:
    """Read the tables. Raises Garbled where there are none; a machine that has none says so and has no figures."""
    sheet, version, kinds = Sheet(), None, dict.fromkeys(_SYSTEM, 0)
    structures: dict[int, list[_Structure]] = {kind: [] for kind in _SYSTEM}
    for line in lines(output):
        version = version or (found[1] if (found := _VERSION.match(line)) else None)
    for structure in _structures(output):
        if structure.kind in structures:
            structures[structure.kind].append(structure)
            kinds[structure.kind] += 1
    if version is None and not any(kinds.values()):
        raise Garbled("no tables of dmidecode", received=output[:300].decode("utf-8", "replace"))
    for kind, found_ones in structures.items():
        _tabulated(sheet, kind, found_ones)
    _counted(sheet, structures)
    if not any(kinds.values()):
        return sheet.parsed("dmidecode", ["the firmware shows no tables"], "unverified", version)
    return sheet.parsed("dmidecode", version=version)


def _structures(output: bytes) -> Iterator[_Structure]:
    current: _Structure | None = None
    for line in lines(output):
        if found := _HANDLE.match(line):
            if current is not None:
                yield current
            current = _Structure(int(found[1]))
        elif current is not None and line.startswith("\t") and not line.startswith("\t\t"):
            name, colon, said = line.strip().partition(":")
            if colon and name in _WANTED:
                current.fields.setdefault(name, intern(said.strip()[:200]))
    if current is not None:
        yield current


def _tabulated(sheet: Sheet, kind: int, structures: list[_Structure]) -> None:
    scope, rows = _SYSTEM[kind]
    shown = [structure for structure in structures if kind != 17 or not _is_empty(structure)]
    names = unique([key(s.fields.get(_KEYED.get(kind, ""), "") or scope) for s in shown])
    for name, structure in zip(names, shown, strict=True):
        alone = kind in (0, 1) or (len(shown) == 1 and kind in (2, 3))
        for heading, quantity, read, unit in rows:
            if heading in structure.fields:
                where = scope if alone else f"{scope}[{name}]"
                sheet.add(f"{where}.{quantity}", structure.fields[heading], read, unit)


def _is_empty(structure: _Structure) -> bool:
    return structure.fields.get("Size", "").lower() in _EMPTY


def _counted(sheet: Sheet, structures: dict[int, list[_Structure]]) -> None:
    sockets, dimms = structures[4], [s for s in structures[17] if not _is_empty(s)]
    populated = [s for s in sockets if s.fields.get("Status", "Populated").startswith("Populated")]
    for name, value, known in (
        ("cpu_count", len(populated), sockets),
        ("dimm_count", len(dimms), structures[17]),
        ("dimm_sockets_empty", len(structures[17]) - len(dimms), structures[17]),
    ):
        if known:
            sheet.put(Figure(name, value, "1", f"{value} of {len(known)}"))
    if dimms:
        raw = ", ".join(s.fields.get("Size", "") for s in dimms)
        sheet.add("memory_total", raw, lambda _: sum(_BYTES(s.fields.get("Size")) for s in dimms), "B")
