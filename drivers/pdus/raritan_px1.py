"""Raritan Dominion PX, the first generation: PDU-MIB. Currents in mA, voltages in mV."""

from typing import ClassVar

from drivers.columns import Cell, ColumnPoint, Source, number, numbered, only, scalar, shown, text, whole, words
from drivers.errors import Garbled, NoReading
from drivers.pdus.device import STATE, PduDevice, Plate, one_column
from drivers.points import Value

_ROOT = "1.3.6.1.4.1.13742.4"
_INFO, _OUTLET, _UNIT = f"{_ROOT}.1.1", f"{_ROOT}.1.2.2.1", f"{_ROOT}.1.3.1"
_INLET, _POLE, _SENSOR = f"{_ROOT}.1.20.2.1", f"{_ROOT}.1.21.2.1", f"{_ROOT}.3.3.1"
_POLES, _OUTLET_ENERGY, _INLINE_METER = f"{_INLET}.3", f"{_INFO}.32", f"{_INFO}.35"

_OUTLET_STATES = words(numbered("off on cycling"), {-1: "error"})
_TRIPPED = words(numbered("ok tripped"))
_TEMPERATURE, _HUMIDITY = 10, 11
_CELSIUS, _PERCENT = 7, 9


def _only_if(answer: str, source: Source) -> Source:
    """Read where the PDU says "Yes", it measures this: elsewhere the MIB's number is 0 or anything, and no reading."""

    def read(cell: Cell) -> Value:
        value = source.read(cell)
        if _said(answer, cell) != "yes":
            raise NoReading("the device does not say that it measures this")
        return value

    return Source(source.oid, read, (*source.beside, answer))


def _said(answer: str, cell: Cell) -> str:
    """Return what the PDU answers to the question whether it can do something, in small letters."""
    return shown(cell.look(answer, scalar(cell))).strip().lower()


def _single_phase(source: Source) -> Source:
    """Read where the inlet has one pole: one of three phases says 0 here and the truth in its poles."""

    def read(cell: Cell) -> Value:
        value = source.read(cell)
        if not value and cell.look(_POLES) != 1:
            raise NoReading("a polyphase inlet says this of its poles only")
        return value

    return Source(source.oid, read, (*source.beside, _POLES))


def _scaled(cell: Cell) -> Value:
    """Read an external sensor, which states its own decimal digits."""
    digits = cell.look(f"{_SENSOR}.17")
    if digits is None:
        raise NoReading("the device does not say how many decimal digits the number has")
    if cell.look(f"{_SENSOR}.40") == -1:
        raise NoReading("the device says: unavailable")
    if whole(digits) not in range(10):
        raise Garbled("more decimal digits than a number has", received=str(digits))
    exact: float = whole(cell.raw) / 10**digits
    return exact


def _external(kind: int, unit: int) -> Source:
    beside = tuple(f"{_SENSOR}.{n}" for n in (16, 17, 40))
    source = Source(f"{_SENSOR}.41", _scaled, beside).keyed(only(f"{_SENSOR}.2", kind), f"{_SENSOR}.2")
    others = {code: f"measured in SensorUnits {code}" for code in range(-1, 64) if code != unit}
    return source.unless(f"{_SENSOR}.16", others)


_MILLI, _TENTHS, _PLAIN, _HUNDREDTHS = number(per=1000), number(per=10, signed=True), number(), number(per=100)


class RaritanPx1(PduDevice):
    """A Raritan Dominion PX of the first generation."""

    model: ClassVar[str] = "raritan-px1"
    source: ClassVar[str] = "Raritan PDU-MIB (Dominion PX)"
    roots: ClassVar[tuple[str, ...]] = (_ROOT,)
    proof: ClassVar[tuple[str, ...]] = (f"{_UNIT}.1", f"{_OUTLET}.3", f"{_INLET}.7")
    plate: ClassVar[Plate] = Plate("Raritan", (f"{_INFO}.12",), (f"{_INFO}.2",), (f"{_INFO}.1",))
    controls: ClassVar = {f"{_OUTLET}.3": one_column(f"{_OUTLET}.3", on=1, off=0, cycle=2)}
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        ColumnPoint("unit[].current", "A", "Current of the whole PDU.", Source(f"{_UNIT}.1", _MILLI)),
        ColumnPoint("unit[].voltage", "V", "Voltage of the whole PDU.", Source(f"{_UNIT}.2", _MILLI)),
        ColumnPoint("unit[].power", "W", "Active power of the whole PDU.", Source(f"{_UNIT}.3", _PLAIN)),
        ColumnPoint("unit[].apparent_power", "VA", "Apparent power of the PDU.", Source(f"{_UNIT}.4", _PLAIN)),
        ColumnPoint("unit[].temperature", "degC", "Temperature of the controller.", Source(f"{_UNIT}.5", _TENTHS)),
        ColumnPoint("line[].current", "A", "Current of a line.", Source(f"{_ROOT}.1.4.2.1.3", _MILLI)),
        ColumnPoint("line[].voltage", "V", "Voltage of a line.", Source(f"{_ROOT}.1.6.2.1.3", _MILLI)),
        ColumnPoint("breaker[].state", None, '"ok" or "tripped".', Source(f"{_ROOT}.1.5.2.1.3", _TRIPPED)),
        ColumnPoint("breaker[].current", "A", "Current of a breaker.", Source(f"{_ROOT}.1.5.2.1.5", _MILLI)),
        ColumnPoint("inlet[].current", "A", "Current of an inlet.", _single_phase(Source(f"{_INLET}.7", _MILLI))),
        ColumnPoint("inlet[].voltage", "V", "Voltage of an inlet.", _single_phase(Source(f"{_INLET}.8", _MILLI))),
        ColumnPoint("inlet[].power", "W", "Active power of an inlet.", Source(f"{_INLET}.9", _PLAIN)),
        ColumnPoint("inlet[].apparent_power", "VA", "Apparent power of an inlet.", Source(f"{_INLET}.10", _PLAIN)),
        ColumnPoint("inlet[].power_factor", "1", "Power factor of an inlet.", Source(f"{_INLET}.11", _HUNDREDTHS)),
        ColumnPoint(
            "inlet[].energy", "Wh", "Energy of an inlet.", _only_if(_OUTLET_ENERGY, Source(f"{_INLET}.12", _PLAIN))
        ),
        ColumnPoint("phase[].current", "A", "Current of an inlet's pole.", Source(f"{_POLE}.3", _MILLI)),
        ColumnPoint("phase[].voltage", "V", "Voltage of an inlet's pole.", Source(f"{_POLE}.4", _MILLI)),
        *(
            ColumnPoint(f"phase[].{name}", unit, doc, _only_if(_INLINE_METER, Source(f"{_POLE}.{n}", read)))
            for name, unit, n, read, doc in (
                ("power", "W", 7, _PLAIN, "Active power of an inlet's pole."),
                ("apparent_power", "VA", 8, _PLAIN, "Apparent power of an inlet's pole."),
                ("power_factor", "1", 9, _HUNDREDTHS, "Power factor of an inlet's pole."),
                ("energy", "Wh", 11, _PLAIN, "Energy of an inlet's pole."),
            )
        ),
        ColumnPoint(STATE, None, "Relay of an outlet.", Source(f"{_OUTLET}.3", _OUTLET_STATES)),
        ColumnPoint("outlet[].name", None, "The outlet's name on the PDU.", Source(f"{_OUTLET}.2", text)),
        ColumnPoint("outlet[].current", "A", "Current of an outlet.", Source(f"{_OUTLET}.4", _MILLI)),
        ColumnPoint("outlet[].peak_current", "A", "Greatest current of an outlet.", Source(f"{_OUTLET}.5", _MILLI)),
        ColumnPoint("outlet[].voltage", "V", "Voltage of an outlet.", Source(f"{_OUTLET}.6", _MILLI)),
        ColumnPoint("outlet[].power", "W", "Active power of an outlet.", Source(f"{_OUTLET}.7", _PLAIN)),
        ColumnPoint("outlet[].apparent_power", "VA", "Apparent power of an outlet.", Source(f"{_OUTLET}.8", _PLAIN)),
        ColumnPoint("outlet[].power_factor", "1", "Power factor of an outlet.", Source(f"{_OUTLET}.9", _HUNDREDTHS)),
        ColumnPoint(
            "outlet[].energy", "Wh", "Energy of an outlet.", _only_if(_OUTLET_ENERGY, Source(f"{_OUTLET}.31", _PLAIN))
        ),
        ColumnPoint(
            "sensor[].temperature",
            "degC",
            "Temperature at a sensor.",
            _external(_TEMPERATURE, _CELSIUS),
            Source(f"{_ROOT}.2.2.1.3", _TENTHS),
        ),
        ColumnPoint(
            "sensor[].humidity",
            "%RH",
            "Humidity at a sensor.",
            _external(_HUMIDITY, _PERCENT),
            Source(f"{_ROOT}.2.4.1.3", _PLAIN),
        ),
    )
