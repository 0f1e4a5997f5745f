"""Geist PDUs of the R series and before the IMD: GEIST-MIB-V3 (2013-06-19), under 21239.2.

Phases are columns of one row here: their readings are keyed by the row and the phase, as `phase[1.A].current`. A unit
has one of three tables of phases: of IEC units, of star, of delta, whose phases are AB, BC and CA.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from drivers.columns import Cell, ColumnPoint, Key, Read, Source, number, numbered, text, words
from drivers.errors import NoReading
from drivers.pdus.device import STATE, PduDevice, Plate, one_column
from drivers.points import Value

_ROOT = "1.3.6.1.4.1.21239.2"
_PRECISION = f"{_ROOT}.1.9"
_CLIMATE, _PROBE, _AIRFLOW, _DEW_POINT = (f"{_ROOT}.{n}.1" for n in (2, 4, 5, 17))
_DELTA, _MONITOR, _STAR, _GROUP, _OUTLET, _IEC = (f"{_ROOT}.{n}.1" for n in (6, 11, 14, 15, 16, 25))

_PLAIN, _TENTHS, _HUNDREDTHS, _KILO = number(), number(per=10), number(per=100), number(times=1000)
_GONE = {0: "not plugged in"}
_SIGNED = number(signed=True)
_DECI_DEGREES = 1
_COLDEST, _HOTTEST = -50, 100
"""Range of a temperature in whole degrees, by the MIB."""

_QUANTITIES: tuple[tuple[str, str, Read], ...] = (
    ("energy", "Wh", _KILO),
    ("voltage", "V", _PLAIN),
    ("current", "A", _TENTHS),
    ("power", "W", _PLAIN),
    ("apparent_power", "VA", _PLAIN),
    ("power_factor", "1", _HUNDREDTHS),
)

_Phases = tuple[str, dict[str, dict[str, int]]]
"""A table, and for each quantity the columns of its phases."""


def _phased(table: str, phases: Sequence[str], first: dict[str, int], step: int) -> _Phases:
    """Return the columns of phases that follow each other at `step`, each quantity from its `first` column."""
    return table, {q: {p: column + n * step for n, p in enumerate(phases)} for q, column in first.items()}


_ABC, _PAIRS, _GROUPS = ("A", "B", "C"), ("AB", "BC", "CA"), ("ABCDEFGH", "IJKLMNOP")
_OF_IEC = _phased(
    _IEC, _ABC, {"energy": 5, "voltage": 6, "current": 8, "power": 10, "apparent_power": 11, "power_factor": 12}, 8
)
_OF_STAR = _phased(_STAR, _ABC, {"voltage": 5, "current": 7, "power": 9, "apparent_power": 10, "power_factor": 11}, 7)
_OF_DELTA = _phased(
    _DELTA, _PAIRS, {"energy": 11, "voltage": 12, "power": 14, "apparent_power": 15, "power_factor": 16}, 6
)
_OF_LINES = _phased(_DELTA, _ABC, {"current": 6}, 1)
_OF_MONITOR = _phased(
    _MONITOR, _ABC, {"energy": 5, "voltage": 6, "current": 10, "power": 11, "apparent_power": 12, "power_factor": 13}, 9
)
_OF_GROUPS = (
    *(_phased(_GROUP, letters, {"current": column}, 1) for letters, column in zip(_GROUPS, (5, 21), strict=True)),
    *(_phased(_GROUP, letters, {"voltage": column}, 1) for letters, column in zip(_GROUPS, (13, 29), strict=True)),
)


def _part(phase: str) -> Key:
    return lambda cell: f"{cell.index}.{phase}"


def _source(table: str, column: int, read: Read) -> Source:
    return Source(f"{table}.{column}", read).unless(f"{table}.4", _GONE)


def _points(scope: str, told: str, *tables: _Phases) -> Iterator[ColumnPoint]:
    """Yield the points of a scope, each from every table that has its quantity."""
    for quantity, unit, read in _QUANTITIES:
        sources = [
            _source(table, column, read).keyed(_part(phase))
            for table, columns in tables
            for phase, column in columns.get(quantity, {}).items()
        ]
        if sources:
            doc = f"{quantity.replace('_', ' ').capitalize()} of {told}."
            yield ColumnPoint(f"{scope}[].{quantity}", unit, doc, *sources)


def _degrees(cell: Cell) -> Value:
    """Read whole or tenths of °C, as the unit is set; one that does not say so measures whole ones."""
    value, precision = _SIGNED(cell), cell.look(_PRECISION, "0")
    if not isinstance(value, int) or precision not in {None, 0, _DECI_DEGREES}:
        raise NoReading("the device does not say in which precision it measures")
    if precision == _DECI_DEGREES:
        return value / 10
    if not _COLDEST <= value <= _HOTTEST:
        raise NoReading(f"{value} is no temperature in whole degrees")
    return value


def _air(scope: str, table: str, temperature: int, humidity: int = 0, dew_point: int = 0) -> Iterator[ColumnPoint]:
    for name, column in (("temperature", temperature), ("dew_point", dew_point)):
        if column:
            source = Source(f"{table}.{column}", _degrees, (_PRECISION,)).unless(f"{table}.4", _GONE)
            doc = f"{name.replace('_', ' ').capitalize()} at a sensor of this kind."
            yield ColumnPoint(f"{scope}[].{name}", "degC", doc, source)
    if humidity:
        doc = "Humidity at a sensor of this kind."
        yield ColumnPoint(f"{scope}[].humidity", "%RH", doc, _source(table, humidity, _PLAIN))


class GeistV3(PduDevice):
    """A Geist PDU with a controller before the IMD, such as the R series."""

    model: ClassVar[str] = "geist-v3"
    source: ClassVar[str] = "GEIST-MIB-V3 of 2013-06-19; columns of climateTable by way of public readers"
    roots: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.21239",)
    proof: ClassVar[tuple[str, ...]] = (
        f"{_IEC}.8",
        f"{_STAR}.7",
        f"{_DELTA}.6",
        f"{_MONITOR}.10",
        f"{_GROUP}.5",
        f"{_OUTLET}.3",
    )
    plate: ClassVar[Plate] = Plate(
        "Geist", (f"{_ROOT}.1.1",), (f"{_IEC}.2", f"{_STAR}.2", f"{_DELTA}.2", f"{_MONITOR}.2"), (f"{_ROOT}.1.2",)
    )
    controls: ClassVar = {f"{_OUTLET}.3": one_column(f"{_OUTLET}.3", on=1, off=3, cycle=5)}
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        ColumnPoint(
            *("inlet[].power", "W", "Power of a PDU."),
            *(_source(table, column, _PLAIN) for table, column in ((_IEC, 30), (_DELTA, 10))),
        ),
        ColumnPoint(
            *("inlet[].energy", "Wh", "Energy of a PDU, in steps of 1 kWh."),
            *(_source(table, column, _KILO) for table, column in ((_IEC, 29), (_DELTA, 9))),
        ),
        *_points("phase", "a phase", _OF_IEC, _OF_STAR, _OF_DELTA),
        *_points("line", "a line of a delta unit", _OF_LINES),
        *_points("group", "a group of outlets", *_OF_GROUPS),
        ColumnPoint(STATE, None, "Relay of an outlet.", Source(f"{_OUTLET}.3", words(numbered("off on")))),
        ColumnPoint("outlet[].name", None, "The outlet's name on the PDU.", Source(f"{_OUTLET}.2", text)),
        ColumnPoint("outlet[].current", "A", "Current of an outlet.", Source(f"{_OUTLET}.6", _TENTHS)),
        ColumnPoint("outlet[].power", "W", "Power of an outlet.", Source(f"{_OUTLET}.15", _PLAIN)),
        ColumnPoint("outlet[].energy", "Wh", "Energy of an outlet, in steps of 1 kWh.", Source(f"{_OUTLET}.14", _KILO)),
        *_points("monitor", "a phase at a power monitor", _OF_MONITOR),
        *_air("climate", _CLIMATE, temperature=5, humidity=7, dew_point=31),
        *_air("sensor_temp", _PROBE, temperature=5),
        *_air("sensor_airflow", _AIRFLOW, temperature=5, humidity=8, dew_point=9),
        *_air("sensor_dew_point", _DEW_POINT, temperature=5, humidity=7, dew_point=8),
    )
