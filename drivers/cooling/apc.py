"""APC (Schneider Electric) InRow cooling units, by the airIR and coolingUnit trees of PowerNet-MIB.

Each family has a tree of its own, and newer units describe themselves in rows of the coolingUnit tree: a point has a
source in each. `supply_temperature`, `return_temperature` and `flow` are the fluid's; the air has names of its own.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from drivers import entity_sensor as es
from drivers.column_device import ColumnDevice, Plate
from drivers.column_units import NamedPoint, Word, in_unit, unit_of
from drivers.columns import Cell, ColumnPoint, Key, Read, Source, number, numbered, rows, whole, words
from drivers.errors import Garbled, NoReading
from drivers.points import Value
from drivers.protocols import Kind
from drivers.snmp_walk import WALK

_ROOT = "1.3.6.1.4.1.318"
_AIR, _GENERIC = f"{_ROOT}.1.1.13", f"{_ROOT}.1.1.27.1"
_FAMILIES = {
    "rc": f"{_AIR}.3.2.2.2",  # ACRC1xx: chilled water, half a rack wide
    "rp": f"{_AIR}.3.3.2.2.2",  # ACRP5xx: chilled water, a rack wide
    "dx": f"{_AIR}.3.3.1.2.2",  # ACRP1xx: direct expansion, a rack wide
    "sc": f"{_AIR}.3.4.1.2",  # ACSC1xx: self-contained
    "rd": f"{_AIR}.4.5.2.1",  # ACRD: refrigerant or chilled water, second generation
}
_ANALOG, _EXTENDED = f"{_GENERIC}.4.1.2.1", f"{_GENERIC}.6.1.2.1"
_STATUS, _EXTENDED_STATUS = f"{_GENERIC}.4.2.2.1", f"{_GENERIC}.6.2.2.1"

_PLAIN, _TENTHS, _HUNDREDS = number(), number(per=10), number(times=100)
_CUBIC_FEET = number(times=28_316_846_592, per=10**9)
_FLOW = number(times=60, per=100)
"""Hundredths of l/s into l/min."""

_MEANING = re.compile(r"([^,()]+)\((\d{1,6})\)", re.ASCII)
_FLUID = r"(fluid|chilled water)"
_INTO, _OUT_OF = "(enter|supply|inlet)", "(leav|return|outlet)"


def _wet(cell: Cell) -> Value:
    found = whole(cell.raw)
    if found < 0:
        raise NoReading(f"the device has no value: {found}")
    if found not in {1, 2}:
        raise Garbled("neither a leak nor none", received=str(found))
    return bool(found - 1)


def _label(table: str, cell: Cell) -> str:
    return " ".join(es.text(cell.look(f"{table}.2")).split())


def _stated(table: str, cell: Cell) -> str:
    return es.text(cell.look(f"{table}.4"))


def _is_twin(table: str, cell: Cell) -> bool:
    """Tell whether a row says in °F what another says in °C."""
    if _stated(table, cell).upper() != "F":
        return False
    others = rows(cell.columns.get(f"{WALK}{table}.4")).items()
    celsius = [replace(cell, index=index) for index, unit in others if es.text(unit).upper() == "C"]
    return any(_label(table, other) == _label(table, cell) for other in celsius)


def _divided(table: str) -> Read:
    """Read a value of the coolingUnit tree, which is to be divided by the scale beside it."""

    def read(cell: Cell) -> Value:
        value, scale = number(signed=True)(cell), cell.look(f"{table}.5")
        if not isinstance(scale, int) or scale <= 0 or not isinstance(value, int):
            raise NoReading("the device states no scale")
        return value / scale if scale != 1 else value

    return read


def _fitting(table: str, pattern: str, unit: str) -> Key:
    """Choose the row whose description has `pattern` and whose unit is one of the quantity of `unit`."""

    def key(cell: Cell) -> str | None:
        try:
            found = unit_of(_stated(table, cell)).unit
        except (NoReading, Garbled):
            return None
        named = re.search(pattern, _label(table, cell), re.IGNORECASE)
        return "0" if found == unit and named and not _is_twin(table, cell) else None

    return key


def _of_generic(table: str, pattern: str, unit: str) -> Source:
    read = in_unit(_divided(table), lambda cell: _stated(table, cell), unit)
    beside = tuple(f"{table}.{column}" for column in (2, 4, 5))
    return Source(f"{table}.3", read, beside, _fitting(table, pattern, unit))


def _named(table: str) -> tuple[Source, Word]:
    """Take every row, but not the one that says in °F what another says in °C."""

    def key(cell: Cell) -> str | None:
        return None if _is_twin(table, cell) else _label(table, cell) or cell.index

    source = Source(f"{table}.3", _divided(table), tuple(f"{table}.{column}" for column in (2, 4, 5)), key)
    return source, lambda cell: _stated(table, cell)


def _meaning(table: str, cell: Cell) -> str:
    """Return the word of a number, by the list beside it, such as "Standby(0),On(1)"."""
    number_read, listed = whole(cell.raw), es.text(cell.look(f"{table}.5"))
    found = {int(number): word for word, number in _MEANING.findall(listed)}
    if number_read not in found:
        raise Garbled(f"a state that {listed!r} does not have", received=str(number_read))
    return "_".join(found[number_read].lower().split())


def _states(table: str, pattern: str = "") -> Source:
    """Take every row of states by its name, or those whose name has `pattern` as the one of the unit."""

    def key(cell: Cell) -> str | None:
        if not pattern:
            return _label(table, cell) or cell.index
        return "0" if re.search(pattern, _label(table, cell), re.IGNORECASE) else None

    return Source(f"{table}.4", lambda cell: _meaning(table, cell), (f"{table}.2", f"{table}.5")).keyed(key)


def _any_wet(table: str) -> Source:
    """Read all leak detectors of a unit as one: wet where one of them is."""
    states = _states(table, r"^leak detector")

    def read(cell: Cell) -> Value:
        cells = [Cell(raw, index, cell.columns) for index, raw in rows(cell.columns.get(f"{WALK}{table}.4")).items()]
        said = {_meaning(table, each) for each in cells if states.key(each) is not None}
        if not said <= {"no_leak", "leak_detected"}:
            raise Garbled("neither a leak nor none", received=", ".join(sorted(said)))
        return "leak_detected" in said

    return replace(states, read=read)


def _point(name: str, unit: str, doc: str, read: Read, columns: Mapping[str, int], pattern: str = "") -> ColumnPoint:
    sources = [Source(f"{_FAMILIES[family]}.{column}", read) for family, column in columns.items()]
    if pattern:
        sources += [_of_generic(table, pattern, unit) for table in (_ANALOG, _EXTENDED)]
    return ColumnPoint(name, unit, doc, *sources)


_MODES = ColumnPoint(
    "mode",
    None,
    "What the unit does: standby, on, idle, and what its family has besides.",
    Source(f"{_FAMILIES['rc']}.1", words(numbered("standby on idle", start=1))),
    Source(f"{_FAMILIES['rp']}.1", words(numbered("standby on idle prestart backup assist", start=1))),
    Source(f"{_FAMILIES['dx']}.1", words(numbered("standby on idle prestart service backup assist", start=1))),
    Source(f"{_FAMILIES['rd']}.1", words({1: "standby", 2: "on", 3: "idle", 5: "service"})),
    _states(_STATUS, "^operating mode$"),
)


class ApcInRow(ColumnDevice):
    """An InRow unit of the RC, RP, SC or RD family, or one of the coolingUnit tree; it tells no fluid pressure."""

    model: ClassVar[str] = "apc-inrow"
    kind: ClassVar[Kind] = "cooling"
    source: ClassVar[str] = (
        "PowerNet-MIB, airIR and coolingUnit; names of the coolingUnit rows as an ACRC30x's public recording has them"
    )
    lacks: ClassVar[frozenset[str]] = frozenset({"supply_pressure", "return_pressure", "pump[].speed"})
    roots: ClassVar[tuple[str, ...]] = (_ROOT,)
    proof: ClassVar[tuple[str, ...]] = (*(f"{family}.1" for family in _FAMILIES.values()), f"{_ANALOG}.3")
    plate: ClassVar[Plate] = Plate(
        "APC",
        (*(f"{_AIR}.3.{n}.4" for n in ("2.2.1", "3.2.2.1", "3.1.2.1")), f"{_AIR}.3.4.1.1.3", f"{_AIR}.4.1.3"),
        (*(f"{_AIR}.3.{n}.5" for n in ("2.2.1", "3.2.2.1", "3.1.2.1")), f"{_AIR}.3.4.1.1.4", f"{_AIR}.4.1.4"),
        (*(f"{_AIR}.3.{n}.6" for n in ("2.2.1", "3.2.2.1", "3.1.2.1")), f"{_AIR}.3.4.1.1.5", f"{_AIR}.4.1.5"),
    )
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        _point(
            *("supply_temperature", "degC", "Fluid into the unit.", _TENTHS, {"rc": 24, "rp": 40}),
            f"{_FLUID}.*{_INTO}.*temp|{_INTO}.*{_FLUID}.*temp",
        ),
        _point(
            *("return_temperature", "degC", "Fluid out of the unit.", _TENTHS, {"rc": 26, "rp": 42}),
            f"{_FLUID}.*{_OUT_OF}.*temp|{_OUT_OF}.*{_FLUID}.*temp",
        ),
        _point("flow", "l/min", "Flow of the fluid.", _FLOW, {"rc": 22, "rp": 38}, f"^{_FLUID}.*flow"),
        _point(
            *("heat", "W", "Heat that the unit carries away.", _HUNDREDS),
            {"rc": 2, "rp": 14, "dx": 14, "sc": 2, "rd": 2},
            r"^(unit )?cool(ing)? output",
        ),
        _point(
            *("demand", "W", "Heat that the unit is asked to carry away.", _HUNDREDS),
            {"rc": 3, "rp": 13, "dx": 13, "sc": 3, "rd": 3},
            r"^(unit )?cool(ing)? demand",
        ),
        ColumnPoint(
            *("leak", None, "True when the leak detector is wet."),
            *(Source(f"{_FAMILIES[f]}.{n}", _wet) for f, n in (("rc", 27), ("rp", 43), ("dx", 50), ("sc", 33))),
            Source(f"{_FAMILIES['rd']}.30", _wet),
            *(_any_wet(table) for table in (_STATUS, _EXTENDED_STATUS)),
        ),
        _MODES,
        _point(
            "valve", "%", "Opening of the fluid's valve.", _PLAIN, {"rc": 20, "rp": 36, "rd": 28}, "valve.*position"
        ),
        _point(
            *("rack_inlet_temperature", "degC", "Air into the racks, the warmest place.", _TENTHS),
            {"rc": 7, "rp": 3, "dx": 3, "sc": 7, "rd": 7},
            r"^(unit )?(max(imum)? )?rack inlet temp(erature)?$",
        ),
        _point(
            *("supply_air_temperature", "degC", "Air out of the unit.", _TENTHS),
            {"rc": 9, "rp": 5, "dx": 5, "sc": 9, "rd": 9},
            r"^(unit )?supply air.*temp",
        ),
        _point(
            *("return_air_temperature", "degC", "Air into the unit.", _TENTHS),
            {"rc": 11, "rp": 7, "dx": 7, "sc": 11, "rd": 11},
            r"^(unit )?return air.*temp",
        ),
        _point(
            *("air_flow", "l/min", "Flow of the air.", _CUBIC_FEET),
            {"rc": 4, "rp": 10, "dx": 10, "sc": 4, "rd": 4},
            r"^(unit )?air ?flow$",
        ),
        _point(
            *("fan_duty", "%", "Speed of the fans.", _TENTHS),
            {"rc": 16, "rp": 12, "dx": 12, "sc": 24, "rd": 22},
            r"^(unit )?fan speed$",
        ),
        ColumnPoint("power", "W", "Electrical power of the unit.", _of_generic(_ANALOG, "^unit power$", "W")),
        ColumnPoint("energy", "Wh", "Electrical energy of the unit.", _of_generic(_ANALOG, "^unit energy$", "Wh")),
        _point("supply_humidity", "%RH", "Humidity of the air out of the unit.", _TENTHS, {"rp": 8, "dx": 8}),
        _point("return_humidity", "%RH", "Humidity of the air into the unit.", _TENTHS, {"rp": 9, "dx": 9}),
        _point(
            *("filter_pressure", "Pa", "Pressure over the air filter.", _PLAIN),
            {"rc": 15, "rp": 32, "dx": 30, "sc": 19, "rd": 17},
            "^(air )?filter.*pressure",
        ),
        ColumnPoint(
            *("status[].state", None, "Any state of the coolingUnit tree, by its name, in the words listed beside it."),
            *(_states(table) for table in (_STATUS, _EXTENDED_STATUS)),
        ),
        NamedPoint("sensor[].*", "Any row of the coolingUnit tree, by its name.", _named(_ANALOG), _named(_EXTENDED)),
    )
