"""Readings whose unit the device states beside them: a word of the agent's, turned into a unit of ours."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from drivers.columns import Cell, ColumnPoint, Read, Source, rows, shown
from drivers.errors import Garbled, NoReading
from drivers.items import Evidence, item
from drivers.points import Item, Value
from drivers.quantities import quantity
from drivers.snmp_walk import WALK

_PSI, _INCH_OF_WATER, _GALLON, _CUBIC_FOOT = 6894.757293168, 249.08891, 3.785411784, 28.316846592


class Unit(NamedTuple):
    """A unit of ours, and how a number comes into it: times `factor`, plus `added`."""

    unit: str
    factor: float = 1.0
    added: float = 0.0


_CELSIUS, _FAHRENHEIT = Unit("degC"), Unit("degC", 5 / 9, -160 / 9)
_WORDS: Mapping[str, Unit] = MappingProxyType(
    {
        **dict.fromkeys(("c", "°c", "degc", "deg c", "degree c", "degrees c", "celsius"), _CELSIUS),
        **dict.fromkeys(("f", "°f", "degf", "deg f", "degree f", "degrees f", "fahrenheit"), _FAHRENHEIT),
        **dict.fromkeys(("l/min", "lpm"), Unit("l/min")),
        **dict.fromkeys(("l/s", "lps"), Unit("l/min", 60)),
        **dict.fromkeys(("l/h",), Unit("l/min", 1 / 60)),
        **dict.fromkeys(("m3/h", "m³/h"), Unit("l/min", 1000 / 60)),
        **dict.fromkeys(("gpm", "gal/min"), Unit("l/min", _GALLON)),
        **dict.fromkeys(("cfm",), Unit("l/min", _CUBIC_FOOT)),
        **dict.fromkeys(("pa",), Unit("Pa")),
        **dict.fromkeys(("kpa",), Unit("Pa", 1e3)),
        **dict.fromkeys(("bar",), Unit("Pa", 1e5)),
        **dict.fromkeys(("mbar",), Unit("Pa", 1e2)),
        **dict.fromkeys(("psi",), Unit("Pa", _PSI)),
        **dict.fromkeys(('"wc', "in wc", "inwc"), Unit("Pa", _INCH_OF_WATER)),
        **dict.fromkeys(("w",), Unit("W")),
        **dict.fromkeys(("kw",), Unit("W", 1e3)),
        **dict.fromkeys(("wh",), Unit("Wh")),
        **dict.fromkeys(("kwh",), Unit("Wh", 1e3)),
        **dict.fromkeys(("va",), Unit("VA")),
        **dict.fromkeys(("kva",), Unit("VA", 1e3)),
        **dict.fromkeys(("var",), Unit("var")),
        **dict.fromkeys(("v", "vdc", "vac"), Unit("V")),
        **dict.fromkeys(("mv",), Unit("V", 1e-3)),
        **dict.fromkeys(("a",), Unit("A")),
        **dict.fromkeys(("ma",), Unit("A", 1e-3)),
        **dict.fromkeys(("ah",), Unit("Ah")),
        **dict.fromkeys(("hz",), Unit("Hz")),
        **dict.fromkeys(("rpm", "1/min"), Unit("rpm")),
        **dict.fromkeys(("%",), Unit("%")),
        **dict.fromkeys(("%rh",), Unit("%RH")),
        **dict.fromkeys(("s", "sec"), Unit("s")),
        **dict.fromkeys(("min",), Unit("s", 60)),
        **dict.fromkeys(("h", "hr", "hours"), Unit("s", 3600)),
        **dict.fromkeys(("weeks",), Unit("s", 604800)),
        **dict.fromkeys(("1",), Unit("1")),
    }
)
_MEGA = re.compile(r"M(?=(?:W|V|A|Pa|VA|Wh|var|bar)$)")
_SPELLED = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(.*)", re.DOTALL)

Word = Callable[[Cell], str]
"""Where a row states its unit."""


def unit_of(word: str) -> Unit:
    """Return the unit that an agent's word means. Raises NoReading where there is none, Garbled for an unknown one.

    >>> unit_of("GPM").unit
    'l/min'
    """
    plain = " ".join(word.split())
    if not plain:
        raise NoReading("the device states no unit")
    if _MEGA.match(plain) or plain.lower() not in _WORDS:
        raise Garbled(f"no unit that we know: {plain!r}"[:100], received=word[:200])
    return _WORDS[plain.lower()]


def spelled(text: str) -> tuple[float, str]:
    """Read a number that is spelled out, with what follows it. Raises Garbled.

    >>> spelled("30.50 degree C")
    (30.5, 'degree C')
    """
    found = _SPELLED.fullmatch(text.strip())
    if found is None or len(found[1]) > 30:
        raise Garbled("not a number", received=text[:200])
    return float(found[1]), found[2]


def in_unit(read: Read, word: Word, unit: str | None) -> Read:
    """Read a number into `unit`, whatever unit of its quantity the row states."""

    def converted(cell: Cell) -> Value:
        found, value = unit_of(word(cell)), read(cell)
        if found.unit != unit or isinstance(value, bool | str) or value is None:
            raise Garbled(f"in {found.unit}, not in {unit}", received=shown(cell.raw))
        return value * found.factor + found.added if found.added or found.factor != 1 else value

    return converted


class NamedPoint(ColumnPoint):
    """Rows that the device itself names, each source with where its rows state their unit; its key is the name."""

    def __init__(self, name: str, doc: str, *named: tuple[Source, Word], confirmed: bool = True) -> None:
        super().__init__(name, None, doc, *(source for source, _ in named), confirmed=confirmed)
        self.named = named

    def _items(self, columns: Mapping[str, Any]) -> list[Item]:
        found: dict[str, Item] = {}
        for source, word in self.named:
            for index, raw in rows(columns.get(WALK + source.oid)).items():
                cell = Cell(raw, index, columns)
                if name := source.key(cell):
                    unit = _unit(word, cell)
                    key, query = distinct(name, unit, found), f"{source.oid}.{index}"
                    evidence = Evidence(key=key, query=query, unit=unit, quantity=quantity_of(unit))
                    found[f"{key}.{quantity_of(unit)}"] = item(
                        in_unit(source.read, word, unit), cell, shown(raw), **evidence
                    )
        return list(found.values())


def _unit(word: Word, cell: Cell) -> str | None:
    try:
        return unit_of(word(cell)).unit
    except (NoReading, Garbled):
        return None  # said again, with its reason, by in_unit


def quantity_of(unit: str | None) -> str:
    """Return the quantity of a unit that a device states, "value" where it states none that we know."""
    return "value" if unit is None else quantity(unit)


def distinct(name: str, unit: str | None, taken: Mapping[str, Item]) -> str:
    """Return the name, with a number where another row of the same quantity has it."""
    candidate, count = name, 1
    while f"{candidate}.{quantity_of(unit)}" in taken:
        count += 1
        candidate = f"{name}#{count}"
    return candidate
