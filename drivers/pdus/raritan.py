"""Raritan PX2, PX3, PX4 and the PDUs that share their firmware (Legrand, Server Technology PRO4X): PDU2-MIB.

Every sensor is a row: its index ends with the type of sensor, its number counts in steps of 10^-digits of a unit that
another table states, and there it has its tolerances too. A sensor without its digits has no reading.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, NamedTuple

from drivers.columns import Cell, ColumnPoint, Key, Read, Source, numbered, only, text, whole, words
from drivers.errors import Garbled, NoReading
from drivers.pdus.device import STATE, PduDevice, Plate, one_column
from drivers.points import Accuracy, Value

_ROOT = "1.3.6.1.4.1.13742.6"
_NAMEPLATE, _FIRMWARE = f"{_ROOT}.3.2.1.1", f"{_ROOT}.3.2.3.1.6"
_OUTLET_STATE, _OUTLET_CONTROL = f"{_ROOT}.4.1.2.1.3", f"{_ROOT}.4.1.2.1.2"

STATES: Mapping[int, str] = {
    **numbered("open closed below_lower_critical below_lower_warning normal above_upper_warning above_upper_critical"),
    **numbered("on off detected not_detected alarmed ok", start=7),
    **numbered("fail yes no standby one two in_sync out_of_sync", start=14),
    **numbered("i1_open_fault i1_short_fault i2_open_fault i2_short_fault", start=22),
    **numbered("fault warning critical self_test non_redundant", start=26),
}
"""SensorStateEnumeration."""

_UNAVAILABLE, _NOT = {-1: "unavailable"}, {2: "not available"}


class _Unit(NamedTuple):
    """A unit of ours, and from which of SensorUnitsEnumeration it is reckoned: number → (offset, factor)."""

    name: str
    codes: Mapping[int, tuple[float, float]]


_PLAIN = (0.0, 1.0)
_RATIO = _Unit("1", {-1: _PLAIN, 0: _PLAIN})
_AMPERE, _VOLT, _WATT = _Unit("A", {2: _PLAIN}), _Unit("V", {1: _PLAIN}), _Unit("W", {3: _PLAIN})
_PERCENT, _HERTZ = _Unit("%", {9: _PLAIN}), _Unit("Hz", {8: _PLAIN})
_CELSIUS = _Unit("degC", {7: _PLAIN, 14: (-32.0, 1 / 1.8)})
_PASCAL = _Unit("Pa", {11: _PLAIN, 12: (0.0, 6894.757293168)})

_MEASURED = {
    1: ("current", _AMPERE),
    2: ("peak_current", _AMPERE),
    3: ("unbalanced_current", _PERCENT),
    4: ("voltage", _VOLT),
    5: ("power", _WATT),
    6: ("apparent_power", _Unit("VA", {4: _PLAIN})),
    7: ("power_factor", _RATIO),
    8: ("energy", _Unit("Wh", {5: _PLAIN})),
    23: ("frequency", _HERTZ),
    25: ("voltage_to_neutral", _VOLT),
    26: ("residual_current", _AMPERE),
    29: ("reactive_power", _Unit("var", {23: _PLAIN})),
    35: ("displacement_power_factor", _RATIO),
    36: ("residual_direct_current", _AMPERE),
    51: ("crest_factor", _RATIO),
    54: ("power_demand", _WATT),
    55: ("residual_alternating_current", _AMPERE),
    57: ("voltage_thd", _PERCENT),
    58: ("current_thd", _PERCENT),
    59: ("inrush_current", _AMPERE),
    60: ("unbalanced_voltage", _PERCENT),
}
"""Sensors of the electrical tables by type, those whose unit we have: the quantity and its unit."""

_JUDGED = {15: "trip", 22: "surge_protector", 27: "residual_current_state", 32: "power_quality", 33: "overload"}
_AMBIENT = {
    10: ("temperature", _CELSIUS),
    11: ("humidity", _Unit("%RH", {9: _PLAIN})),
    13: ("pressure", _PASCAL),
    21: ("speed", _Unit("rpm", {19: _PLAIN})),
}
_ABSOLUTE_HUMIDITY = 28
_SENSED = {
    14: "on_off",
    16: "vibration",
    17: "leak",
    18: "smoke",
    19: "binary",
    20: "contact",
    43: "door",
    44: "tamper",
    45: "motion",
}


class _Group(NamedTuple):
    """One kind of measured thing: its name, what it is called in a sentence, its measurements, their configuration."""

    name: str
    told: str
    measured: str
    configured: str
    confirmed: bool = True


_GROUPS = (
    _Group("unit", "the whole PDU", "5.1.3.1", "3.2.5.1"),
    _Group("inlet", "an inlet", "5.2.3.1", "3.3.4.1"),
    _Group("phase", "a pole of an inlet", "5.2.4.1", "3.3.6.1"),
    _Group("line_pair", "a pair of an inlet's lines", "5.2.5.1", "3.3.8.1", confirmed=False),
    _Group("breaker", "an overcurrent protector", "5.3.3.1", "3.4.4.1"),
    _Group("outlet", "an outlet", "5.4.3.1", "3.5.4.1"),
    _Group("outlet_phase", "a pole of an outlet", "5.4.4.1", "3.5.6.1", confirmed=False),
)


class _Scale(NamedTuple):
    """The columns of a configuration table; `minimum` is "" where a table has no signed values."""

    units: str
    digits: str
    accuracy: str
    tolerance: str
    minimum: str = ""

    def digits_of(self, cell: Cell) -> int:
        """Return the number of decimal digits. Raises NoReading where they are missing, Garbled beyond reason."""
        found = cell.look(self.digits)
        if found is None:
            raise NoReading("the device does not say how many decimal digits the number has")
        if whole(found) not in range(10):
            raise Garbled("more decimal digits than a number has", received=str(found))
        return int(found)


def _of_type(kind: int) -> Key:
    def key(cell: Cell) -> str | None:
        stem, _, last = cell.index.rpartition(".")
        return stem if last == str(kind) else None

    return key


def _reader(scale: _Scale, unit: _Unit) -> Read:
    def read(cell: Cell) -> Value:
        code = cell.look(scale.units)
        offset, factor = _PLAIN if code is None else unit.codes.get(code, (0.0, 0.0))
        if not factor:
            raise NoReading(f"in SensorUnits {code}, which is no {unit.name}")
        digits = scale.digits_of(cell)
        value: float = whole(cell.raw) / 10**digits
        return value if (offset, factor) == _PLAIN else (value + offset) * factor

    return read


def _told_accuracy(scale: _Scale, unit: _Unit) -> Callable[[Cell], Accuracy | None]:
    def accuracy(cell: Cell) -> Accuracy | None:
        share, absolute = (cell.look(column) for column in (scale.accuracy, scale.tolerance))
        share = share if isinstance(share, int) and share > 0 else 0
        absolute = absolute if isinstance(absolute, int) and absolute > 0 else 0
        if not share and not absolute:
            return None
        factor = unit.codes.get(cell.look(scale.units), _PLAIN)[1]
        # The tolerance has one more digit than the reading.
        limit = absolute / 10 ** (scale.digits_of(cell) + 1) * factor
        return Accuracy(share / 10_000, 1.0, limit, f"PDU2-MIB {scale.accuracy}, {scale.tolerance}")

    return accuracy


def _available(column: str, state: str, source: Source) -> Source:
    return source.unless(column, _NOT).unless(state, _UNAVAILABLE)


def _number(group: _Group, kind: int, unit: _Unit) -> tuple[Source, Source]:
    """Return the signed column, where the sensor can be negative, and the unsigned one."""
    measured, configured = (f"{_ROOT}.{part}" for part in (group.measured, group.configured))
    scale = _Scale(*(f"{configured}.{n}" for n in (6, 7, 8, 10, 27)))
    unsigned = Source(f"{measured}.4", _reader(scale, unit), scale[:4], _of_type(kind), _told_accuracy(scale, unit))

    def negative(cell: Cell) -> str | None:
        least = cell.look(scale.minimum)
        differs = cell.raw != cell.look(unsigned.oid)
        return _of_type(kind)(cell) if isinstance(least, int) and least < 0 and differs else None

    signed = Source(f"{measured}.6", unsigned.read, (*scale, unsigned.oid), negative, unsigned.accuracy)
    return _available(f"{measured}.2", f"{measured}.3", signed), _available(f"{measured}.2", f"{measured}.3", unsigned)


def _electrical(group: _Group) -> Iterator[ColumnPoint]:
    for kind, (quantity, unit) in _MEASURED.items():
        name, doc = f"{group.name}[].{quantity}", f"{quantity.replace('_', ' ').capitalize()} of {group.told}."
        yield ColumnPoint(name, unit.name, doc, *_number(group, kind, unit), confirmed=group.confirmed)
    for kind, quantity in _JUDGED.items():
        state = Source(f"{_ROOT}.{group.measured}.3", words(STATES, _UNAVAILABLE), (), _of_type(kind))
        doc = f"{quantity.replace('_', ' ').capitalize()} of {group.told}, in the MIB's words."
        yield ColumnPoint(f"{group.name}[].{quantity}", None, doc, state.unless(f"{_ROOT}.{group.measured}.2", _NOT))


def _no_unit(cell: Cell) -> Value:
    whole(cell.raw)
    raise NoReading("the device measures in a unit that we do not have")


def _external() -> Iterator[ColumnPoint]:
    measured, configured = f"{_ROOT}.5.5.3.1", f"{_ROOT}.3.6.3.1"
    scale = _Scale(*(f"{configured}.{n}" for n in (16, 17, 18, 20)))
    kind = f"{configured}.2"
    for number, (quantity, unit) in _AMBIENT.items():
        beside = (*scale[:4], kind)
        source = Source(f"{measured}.4", _reader(scale, unit), beside, only(kind, number), _told_accuracy(scale, unit))
        available = _available(f"{measured}.2", f"{measured}.3", source)
        yield ColumnPoint(f"sensor[].{quantity}", unit.name, f"{quantity.capitalize()} at a sensor.", available)
    for number, quantity in _SENSED.items():
        state = Source(f"{measured}.3", words(STATES, _UNAVAILABLE), (kind,), only(kind, number))
        doc = f"State of a sensor for {quantity.replace('_', ' ')}, in the MIB's words."
        yield ColumnPoint(f"sensor[].{quantity}", None, doc, state.unless(f"{measured}.2", _NOT))
    unitless = Source(f"{measured}.4", _no_unit, (kind,), only(kind, _ABSOLUTE_HUMIDITY))
    doc = "Absolute humidity at a sensor: in g/m³, for which there is no unit here, so never a value."
    yield ColumnPoint("sensor[].absolute_humidity", None, doc, unitless)
    yield ColumnPoint("sensor[].name", None, "The sensor's name on the PDU.", Source(f"{configured}.4", text))


class RaritanPx2(PduDevice):
    """A Raritan PX2 to PX4, or a PDU of the same firmware."""

    model: ClassVar[str] = "raritan-px2"
    source: ClassVar[str] = (
        "Raritan PDU2-MIB; the configuration of line pairs (3.3.8) and outlet poles (3.5.6) is recalled"
    )
    roots: ClassVar[tuple[str, ...]] = (_ROOT,)
    proof: ClassVar[tuple[str, ...]] = tuple(f"{_ROOT}.{n}.4" for n in ("5.2.3.1", "5.4.3.1", "5.5.3.1", "5.1.3.1"))
    plate: ClassVar[Plate] = Plate("Raritan", (f"{_NAMEPLATE}.3",), (f"{_NAMEPLATE}.4",), (_FIRMWARE,))
    controls: ClassVar = {_OUTLET_STATE: one_column(_OUTLET_CONTROL, on=1, off=0, cycle=2)}
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        ColumnPoint(STATE, None, "Relay of an outlet.", Source(_OUTLET_STATE, words(STATES, _UNAVAILABLE))),
        *(point for group in _GROUPS for point in _electrical(group)),
        *_external(),
    )
    accurate: ClassVar[frozenset[str]] = frozenset(point.name for point in table if point.unit is not None)
