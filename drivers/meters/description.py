"""A SCPI power meter that is described in data: commands, units, decoding (TOML, as in `scpi_meter.toml`).

The file is read once, before anything is sent; what is wrong in it is a UsageError with file and key path.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from drivers import scpi
from drivers.description_file import DescriptionFile as _File
from drivers.errors import Garbled
from drivers.items import item
from drivers.points import UNITS, Decode, Item, Point, Value
from drivers.protocols import CONTRACTS

ACTIONS = frozenset(
    {"integration_start", "integration_stop", "integration_reset", "update_interval"}
    | {f"{quantity}_range{auto}" for quantity in ("voltage", "current") for auto in ("", "_auto")}
)
_TOP = {"schema", "source", "confirmed", "identity", "errors", "setup", "actions", "stand_ins", "list", "point"}
_POINT = {"name", "unit", "item", "items", "query", "factor", "decode", "choices", "above_zero", "doc", "confirmed"}
_DECODES = ("number", "boolean", "choice", "text")


@dataclass(frozen=True, slots=True)
class Description:
    """What a file says of an instrument beside its points."""

    source: str
    identity: str
    errors: str
    setup: tuple[str, ...]
    actions: Mapping[str, tuple[str, ...]]
    query: str
    separator: str
    items: tuple[str, ...]
    stand_ins: Mapping[str, str]
    confirmed: bool
    points: tuple[Point, ...] = ()


def read(text: str, where: str) -> Description:
    """Read a description. Raises UsageError with `where` and the key path."""
    source = _File.of(text, where, _TOP)
    data = source.data
    listed = source.get(data, "list", dict, {})
    source.known(listed, {"query", "separator", "items"}, "list.")
    described = Description(
        source=source.get(data, "source", str),
        identity=_pattern(source, data),
        errors=source.get(data, "errors", str, ""),
        setup=source.texts(data, "setup", []),
        actions=_actions(source, data),
        query=source.get(listed, "list.query", str) if listed else "",
        separator=source.get(listed, "list.separator", str, ","),
        items=source.texts(listed, "list.items", []),
        stand_ins={str(k): str(v) for k, v in source.get(data, "stand_ins", dict, {}).items()},
        confirmed=source.get(data, "confirmed", bool, False),
    )
    return _with_points(source, described)


def _pattern(source: _File, data: Mapping[str, Any]) -> str:
    text: str = source.get(data, "identity", str)
    try:
        re.compile(text)
    except re.error as error:
        raise source.wrong("identity", f"not a pattern: {error}") from None
    return text


def _actions(source: _File, data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    table = source.get(data, "actions", dict, {})
    source.known(table, ACTIONS, "actions.")
    found = {name: source.texts(table, f"actions.{name}") for name in table}
    for name, commands in found.items():
        for command in commands:
            _filled(source, name, command, 1.0)
    return found


def _filled(source: _File, name: str, command: str, value: float) -> str:
    try:
        return command.format(value=value)
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise source.wrong(f"actions.{name}", f"only {{value}} can be filled in: {error}") from None


def _with_points(source: _File, described: Description) -> Description:
    tables = source.get(source.data, "point", list)
    points: dict[str, Point] = {}
    for number, table in enumerate(tables):
        path = f"point[{number}]."
        if not isinstance(table, dict):
            raise source.wrong(path, "not a table")
        source.known(table, _POINT, path)
        point = _point(source, table, path, described)
        if point.name in points:
            raise source.wrong(f"{path}name", f"{point.name} stands there twice")
        _as_contracted(source, point, path)
        points[point.name] = point
    return replace(described, points=tuple(points.values()))


def _as_contracted(source: _File, point: Point, path: str) -> None:
    contract = CONTRACTS["power_meter"]
    if point.name in contract and contract[point.name] != point.unit:
        raise source.wrong(f"{path}unit", f"{point.name} is in {contract[point.name]}")


def _point(source: _File, table: Mapping[str, Any], path: str, described: Description) -> Point:
    name, doc = source.get(table, f"{path}name", str), source.get(table, f"{path}doc", str)
    unit = table.get("unit")
    decode = source.get(table, f"{path}decode", str, "number")
    if decode not in _DECODES:
        raise source.wrong(f"{path}decode", f"one of {', '.join(_DECODES)}")
    if (decode == "number") != (unit is not None) or (unit is not None and unit not in UNITS):
        raise source.wrong(f"{path}unit", "numbers have a unit of the closed list, all else has none")
    if sum(key in table for key in ("item", "items", "query")) != 1:
        raise source.wrong(path, "a point has one of item, items, query")
    read_one = _reader(source, table, path, described)
    confirmed = source.get(table, f"{path}confirmed", bool, described.confirmed)
    if "query" in table:
        query = source.get(table, f"{path}query", str)
        if "[]" in name:
            raise source.wrong(f"{path}name", "a query of its own brings one value: no []")
        return Point(query, unit, doc, _single(read_one), name=name, confirmed=confirmed)
    keys = _keys(source, table, path, described)
    if ("[]" in name) != ("items" in table):
        raise source.wrong(f"{path}name", "items, and only items, go with [] in the name")
    return Point(described.query, unit, doc, _of_list(keys, read_one), name=name, confirmed=confirmed)


def _keys(source: _File, table: Mapping[str, Any], path: str, described: Description) -> dict[str, str]:
    named = source.get(table, f"{path}items", dict) if "items" in table else {"": table["item"]}
    for wire in named.values():
        if wire not in described.items:
            raise source.wrong(path, f"{wire!r} is not in list.items")
    return {str(key): str(wire) for key, wire in named.items()}


def _reader(source: _File, table: Mapping[str, Any], path: str, described: Description) -> Callable[[str], Value]:
    decode, unit = table.get("decode", "number"), table.get("unit")
    factor = float(source.get(table, f"{path}factor", (int, float), 1))
    if not math.isfinite(factor) or factor == 0:
        raise source.wrong(f"{path}factor", "not a factor")
    choices = {str(k).upper(): str(v) for k, v in source.get(table, f"{path}choices", dict, {}).items()}
    above_zero = source.get(table, f"{path}above_zero", bool, False)

    def a_number(text: str) -> float:
        value = scpi.number(text, unit, sentinels=described.stand_ins) * factor
        if above_zero and value <= 0:
            raise Garbled("not above 0", received=text)
        return value

    others: dict[str, Callable[[str], Value]] = {
        "boolean": scpi.boolean,
        "choice": lambda text: scpi.choice(text, choices),
        "text": lambda text: scpi.without_header(text).strip('"'),
    }
    return others.get(decode, a_number)


def _single(read_one: Callable[[str], Value]) -> Decode:
    return lambda reply: Item(read_one(reply), reply)


def _of_list(keys: Mapping[str, str], read_one: Callable[[str], Value]) -> Decode:
    def decode(reply: Any) -> Iterator[Item]:
        if not isinstance(reply, Mapping):
            raise Garbled("not a list of items", received=str(reply))
        for key, wire in keys.items():
            yield item(read_one, reply[wire], reply[wire], key=key)

    return decode
