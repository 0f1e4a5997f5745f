"""An accelerator that is described in data: commands, columns, units (TOML, as in `accelerator_host.toml`).

The file is read once, before anything is sent; what is wrong in it is a UsageError with file and key path.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from drivers.description_file import DescriptionFile as _File
from drivers.errors import Garbled, NoReading
from drivers.hosts.accelerator_listing import Listing, value
from drivers.hosts.tools.json_output import shown
from drivers.hosts.tools.sheet import key, number, present, scaled, words
from drivers.items import item
from drivers.points import UNITS, Decode, Item, Point, Value
from drivers.protocols import CONTRACTS
from drivers.ssh import Completed

_TOP = {"schema", "source", "confirmed", "identity", "absent", "listing", "point"}
_LISTING = {"command", "format", "key", "columns", "path", "pattern", "proof"}
_POINT = {"name", "listing", "value", "decode", "unit", "factor", "choices", "doc", "confirmed"}
_FORMS, _DECODES = ("csv", "json", "lines"), ("text", "number", "choice", "count")


@dataclass(frozen=True, slots=True)
class Description:
    """What a file says: `identity` is the command that must be there."""

    source: str
    identity: str
    points: tuple[Point, ...]


def read(text: str, where: str) -> Description:
    """Read a description. Raises UsageError with `where` and the key path."""
    source = _File.of(text, where, _TOP)
    data = source.data
    listings = {name: _listing(source, name, t) for name, t in source.get(data, "listing", dict).items()}
    absent = frozenset(said.lower() for said in source.texts(data, "absent", []))
    sure = source.get(data, "confirmed", bool, False)
    points: dict[str, Point] = {}
    for place, table in enumerate(source.get(data, "point", list)):
        point = _point(source, table, f"point[{place}].", listings, absent, sure)
        if point.name in points:
            raise source.wrong(f"point[{place}].name", f"{point.name} stands there twice")
        points[point.name] = point
    return Description(source.get(data, "source", str), source.get(data, "identity", str), tuple(points.values()))


def _listing(source: _File, name: str, table: Any) -> Listing:
    path = f"listing.{name}."
    if not isinstance(table, dict):
        raise source.wrong(path, "not a table")
    source.known(table, _LISTING, path)
    form = source.get(table, f"{path}format", str)
    if form not in _FORMS:
        raise source.wrong(f"{path}format", f"one of {', '.join(_FORMS)}")
    found = Listing(
        command=source.get(table, f"{path}command", str),
        form=form,
        key=source.get(table, f"{path}key", str, ""),
        columns=source.texts(table, f"{path}columns", []),
        path=source.get(table, f"{path}path", str, ""),
        pattern=_pattern(source, table, f"{path}pattern"),
        proof=_pattern(source, table, f"{path}proof"),
    )
    wanted = {"csv": found.columns, "json": True, "lines": found.pattern}[form]
    if not wanted:
        raise source.wrong(path, "csv has columns, lines has a pattern")
    return found


def _pattern(source: _File, table: Mapping[str, Any], path: str) -> str:
    text: str = source.get(table, path, str, "")
    try:
        re.compile(text)
    except re.error as error:
        raise source.wrong(path, f"not a pattern: {error}") from None
    return text


def _point(
    source: _File, table: Any, path: str, listings: Mapping[str, Listing], absent: frozenset[str], sure: bool
) -> Point:
    if not isinstance(table, dict):
        raise source.wrong(path, "not a table")
    source.known(table, _POINT, path)
    name, decode = source.get(table, f"{path}name", str), source.get(table, f"{path}decode", str, "text")
    listing = listings.get(source.get(table, f"{path}listing", str))
    if listing is None:
        raise source.wrong(f"{path}listing", f"none of {', '.join(listings)}")
    unit = _unit(source, table, path, name, decode)
    if decode == "count" and ("[]" in name or "value" in table):
        raise source.wrong(path, "a count is one figure of the whole listing")
    rows = _counted(listing) if decode == "count" else _of_rows(source, table, path, listing, absent)
    confirmed = source.get(table, f"{path}confirmed", bool, sure)
    return Point(listing.command, unit, source.get(table, f"{path}doc", str), rows, name=name, confirmed=confirmed)


def _unit(source: _File, table: Mapping[str, Any], path: str, name: str, decode: str) -> str | None:
    unit, contract = table.get("unit"), CONTRACTS["gpu_host"]
    if decode not in _DECODES:
        raise source.wrong(f"{path}decode", f"one of {', '.join(_DECODES)}")
    if (decode in ("number", "count")) != (unit is not None) or (unit is not None and unit not in UNITS):
        raise source.wrong(f"{path}unit", "numbers have a unit of the closed list, all else has none")
    if name in contract and contract[name] != unit:
        raise source.wrong(f"{path}unit", f"{name} is in {contract[name]}")
    return unit


def _output(completed: Any) -> bytes:
    if not isinstance(completed, Completed):
        raise Garbled("not the end of a command", received=str(completed)[:200])
    return completed.checked().encode()


def _counted(listing: Listing) -> Decode:
    def decode(completed: Any) -> Item:
        rows = listing.rows(_output(completed))
        return Item(len(rows), "\n".join(shown(row.get("line", name)) for name, row in rows) or "0")

    return decode


def _of_rows(source: _File, table: Mapping[str, Any], path: str, listing: Listing, absent: frozenset[str]) -> Decode:
    column, name = source.get(table, f"{path}value", str), table["name"]
    if listing.columns and column not in listing.columns:
        raise source.wrong(f"{path}value", f"{column!r} is none of the columns")
    read_one = _reader(source, table, path, absent)

    def decode(completed: Any) -> Iterable[Item]:
        rows = listing.rows(_output(completed))
        if "[]" not in name and len(rows) != 1:
            raise Garbled(f"{len(rows)} rows where one is described", received=str(len(rows)))
        return [item(read_one, value(row, column), shown(value(row, column)), key=key(at)) for at, row in rows]

    return decode


def _reader(source: _File, table: Mapping[str, Any], path: str, absent: frozenset[str]) -> Callable[[Any], Value]:
    factor = source.get(table, f"{path}factor", (int, float), 1)
    if not math.isfinite(factor) or factor == 0:
        raise source.wrong(f"{path}factor", "not a factor")
    choices = {str(k): str(v) for k, v in source.get(table, f"{path}choices", dict, {}).items()}

    def a_choice(raw: Any) -> str:
        if words(raw) not in choices:
            raise Garbled(f"none of {', '.join(choices)}", received=shown(raw))
        return choices[words(raw)]

    readers: dict[str, Callable[[Any], Value]] = {
        "text": words,
        "number": lambda raw: number(raw) if factor == 1 else scaled(number(raw), factor),
        "choice": a_choice,
    }
    read_one = readers[table.get("decode", "text")]

    def unless_absent(raw: Any) -> Value:
        if isinstance(raw, str) and raw.strip().lower() in absent:
            raise NoReading(present(raw), received=raw)
        return read_one(raw)

    return unless_absent
