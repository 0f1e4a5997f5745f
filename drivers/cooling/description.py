"""A cooling unit that is described in data: objects, scales, units, meanings (TOML, as in `hpe_apollo_cdu.toml`).

The file is read once, before anything is sent; what is wrong in it is a UsageError with file and key path.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from drivers.column_device import Plate
from drivers.column_units import in_unit, spelled, unit_of
from drivers.columns import UNKNOWN, Cell, ColumnPoint, Read, Source, text, whole
from drivers.description_file import DescriptionFile
from drivers.errors import DriverError, Garbled, NoReading
from drivers.points import UNITS, Value
from drivers.protocols import CONTRACTS

_TOP = {"schema", "source", "confirmed", "maker", "roots", "proof", "plate", "point"}
_PLATE = ("model", "serial", "firmware")
_POINT = {
    *("name", "unit", "doc", "confirmed", "oid", "rows", "decode"),
    *("wire", "factor", "negative", "absent", "choices", "wet", "dry"),
}
_DECODES = ("number", "spelled", "choice", "leak", "text")
_OID = re.compile(r"1(\.(0|[1-9][0-9]*)){5,}")


@dataclass(frozen=True, slots=True)
class Description:
    """What a file says of a cooling unit."""

    source: str
    roots: tuple[str, ...]
    proof: tuple[str, ...]
    plate: Plate
    points: tuple[ColumnPoint, ...]


def read(text: str, where: str) -> Description:
    """Read a description. Raises UsageError with `where` and the key path."""
    file = DescriptionFile.of(text, where, _TOP)
    plate = file.get(file.data, "plate", dict, {})
    file.known(plate, set(_PLATE), "plate.")
    return Description(
        source=file.get(file.data, "source", str),
        roots=_oids(file, file.data, "roots"),
        proof=_oids(file, file.data, "proof"),
        plate=Plate(
            file.get(file.data, "maker", str), *(_oids(file, plate, f"plate.{key}", needed=False) for key in _PLATE)
        ),
        points=_points(file),
    )


def _oids(file: DescriptionFile, table: Mapping[str, Any], path: str, *, needed: bool = True) -> tuple[str, ...]:
    found = file.texts(table, path, None if needed else [])
    for oid in found:
        _checked(file, oid, path)
    if needed and not found:
        raise file.wrong(path, "at least one object")
    return found


def _checked(file: DescriptionFile, oid: str, path: str) -> str:
    if not _OID.fullmatch(oid):
        raise file.wrong(path, f"not the number of a column: {oid!r}")
    return oid


def _points(file: DescriptionFile) -> tuple[ColumnPoint, ...]:
    points: dict[str, ColumnPoint] = {}
    for number, table in enumerate(file.get(file.data, "point", list)):
        path = f"point[{number}]."
        if not isinstance(table, dict):
            raise file.wrong(path, "not a table")
        file.known(table, _POINT, path)
        point = _point(file, table, path)
        if point.name in points:
            raise file.wrong(f"{path}name", f"{point.name} stands there twice")
        if point.name in CONTRACTS["cooling"] and CONTRACTS["cooling"][point.name] != point.unit:
            raise file.wrong(f"{path}unit", f"{point.name} is in {CONTRACTS['cooling'][point.name]}")
        points[point.name] = point
    return tuple(points.values())


def _point(file: DescriptionFile, table: Mapping[str, Any], path: str) -> ColumnPoint:
    name, doc = file.get(table, f"{path}name", str), file.get(table, f"{path}doc", str)
    decode, unit = file.get(table, f"{path}decode", str, "number"), table.get("unit")
    if decode not in _DECODES:
        raise file.wrong(f"{path}decode", f"one of {', '.join(_DECODES)}")
    if (decode in {"number", "spelled"}) != (unit is not None) or (unit is not None and unit not in UNITS):
        raise file.wrong(f"{path}unit", "numbers have a unit of the closed list, all else has none")
    if "*" in name:
        raise file.wrong(f"{path}name", "the unit is known: no * in the name")
    oid = _checked(file, file.get(table, f"{path}oid", str), f"{path}oid")
    source = Source(oid, _reader(file, table, path, decode), key=_rows(file, table, path, many="[]" in name))
    confirmed = file.get(table, f"{path}confirmed", bool, file.get(file.data, "confirmed", bool, False))
    return ColumnPoint(name, unit, doc, source, confirmed=confirmed)


def _rows(file: DescriptionFile, table: Mapping[str, Any], path: str, *, many: bool) -> Callable[[Cell], str | None]:
    """Return the key of a row: `rows` gives the key of each, all others are left out; without it all rows count."""
    chosen = file.get(table, f"{path}rows", dict, {})
    keys = {str(index): str(key) for index, key in chosen.items()}
    if not many and len(keys) > 1:
        raise file.wrong(f"{path}rows", "several rows need [] in the name")
    if keys:
        return lambda cell: keys.get(cell.index)
    return lambda cell: cell.index if many else "0"


def _reader(file: DescriptionFile, table: Mapping[str, Any], path: str, decode: str) -> Read:
    if decode == "text":
        return text
    if decode == "choice":
        return _choice(_numbers(file, table, f"{path}choices"))
    if decode == "leak":
        wet, dry = (_listed(file, table, f"{path}{key}", needed=True) for key in ("wet", "dry"))
        return _choice({**dict.fromkeys(dry, False), **dict.fromkeys(wet, True)})
    wire = file.get(table, f"{path}wire", str, "" if decode == "spelled" else table["unit"])
    if wire:
        _fits(file, wire, table["unit"], f"{path}wire")
    return _spelled(wire, table["unit"]) if decode == "spelled" else _number(file, table, path, wire)


def _fits(file: DescriptionFile, wire: str, unit: str, path: str) -> None:
    if wire == unit:
        return
    try:
        found = unit_of(wire).unit
    except DriverError as error:
        raise file.wrong(path, error.what) from None
    if found != unit:
        raise file.wrong(path, f"{wire} is not of the quantity of {unit}")


def _number(file: DescriptionFile, table: Mapping[str, Any], path: str, wire: str) -> Read:
    factor = file.get(table, f"{path}factor", (int, float), 1)
    if not math.isfinite(factor) or factor == 0:
        raise file.wrong(f"{path}factor", "not a factor")
    exact = Decimal(str(factor))  # 215 times 0.1 is 21.5
    negative = file.get(table, f"{path}negative", bool, False)
    absent = frozenset(_listed(file, table, f"{path}absent"))

    def read_one(cell: Cell) -> Value:
        value = whole(cell.raw)
        if value in UNKNOWN or value in absent or (value < 0 and not negative):
            raise NoReading(f"the device has no value: {value}")
        return value if factor == 1 else float(value * exact)

    return read_one if wire == table["unit"] else in_unit(read_one, lambda _: wire, table["unit"])


def _spelled(wire: str, unit: str) -> Read:
    """Read a text: the unit stands in it, or is `wire` where it does not."""

    def read_one(cell: Cell) -> Value:
        return spelled(str(text(cell)))[0]

    return in_unit(read_one, lambda cell: spelled(str(text(cell)))[1] or wire, unit)


def _choice(meanings: Mapping[int, Value]) -> Read:
    def read_one(cell: Cell) -> Value:
        value = whole(cell.raw)
        if value not in meanings:
            raise Garbled("a state that the description does not have", received=str(value))
        return meanings[value]

    return read_one


def _listed(file: DescriptionFile, table: Mapping[str, Any], path: str, *, needed: bool = False) -> list[int]:
    found = file.get(table, path, list, None if needed else [])
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in found):
        raise file.wrong(path, "not a list of whole numbers")
    return list(found)


def _numbers(file: DescriptionFile, table: Mapping[str, Any], path: str) -> dict[int, Value]:
    found = file.get(table, path, dict)
    try:
        return {int(number): str(word) for number, word in found.items()}
    except ValueError:
        raise file.wrong(path, "its keys are whole numbers") from None
