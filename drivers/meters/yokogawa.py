"""Yokogawa power meters of the WT300E series over VISA.

Commands as in IM WT310E-17EN (communication interface). All items of a read travel in one `:NUM:NORM:VAL?`: they
belong to one update of the instrument.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Literal

from drivers import scpi
from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading, WrongDevice
from drivers.items import item
from drivers.points import Accuracy, Clock, Identity, Item, Point, Reading
from drivers.protocols import Kind
from drivers.visa import IDENTIFY, VisaDevice, VisaTransport

ELEMENTS = (1, 2, 3)
_PER_ELEMENT = ("U", "I", "P", "LAMB")
_TOTALS = ("P,SIGMA", "S,SIGMA", "Q,SIGMA", "LAMB,SIGMA", "FU,1", "WH,SIGMA", "TIME,1")
ITEMS = (*_TOTALS, *(f"{function},{element}" for function in _PER_ELEMENT for element in ELEMENTS))
"""Items of the numeric list, in its order (function, element)."""

VALUES = ":NUM:NORM:VAL?"
VOLTAGE_RANGE = ":INP:VOLT:RANG?"
CURRENT_RANGE = ":INP:CURR:RANG?"
SCALING = ":INP:SCAL:STAT?;:INP:SCAL:CT:ELEM1?"
RATE = ":RATE?"
INTEGRATION = ":INTEG:STAT?"
ERRORS = ":STAT:ERR?"
_MOST_ERRORS = 20


def _fields(reply: str) -> list[str]:
    fields = scpi.without_header(reply).split(",")
    if len(fields) != len(ITEMS):
        raise Garbled(f"{len(fields)} values where {len(ITEMS)} items were set up", received=reply)
    return fields


def _value(name: str) -> Callable[[str], Item]:
    position = ITEMS.index(name)

    def decode(reply: str) -> Item:
        field = _fields(reply)[position]
        return Item(scpi.number(field), field, query=f":NUM:NORM:VAL? {position + 1}")

    return decode


def _phases(function: str) -> Callable[[str], Iterator[Item]]:
    def decode(reply: str) -> Iterator[Item]:
        fields = _fields(reply)
        for element in ELEMENTS:
            position = ITEMS.index(f"{function},{element}")
            query = f":NUM:NORM:VAL? {position + 1}"
            yield item(scpi.number, fields[position], fields[position], key=str(element), query=query)

    return decode


def _positive(reply: str) -> Item:
    value = scpi.number(scpi.without_header(reply))
    if value <= 0:
        raise Garbled("a range or an interval is above 0", received=reply)
    return Item(value, reply)


def _rate(reply: str) -> Item:
    if scpi.without_header(reply).upper() == "AUTO":
        raise NoReading("the update interval follows the signal (AUTO)", received=reply)
    return _positive(reply)


def _ct_ratio(reply: str) -> Item:
    """Read `state;ratio`: with scaling off the meter returns secondary values, and the ratio in force is 1."""
    *states, ratio = [scpi.without_header(unit) for unit in reply.split(";")]
    on = {scpi.boolean(state) for state in states}
    if len(on) != 1:
        raise Garbled("scaling is not on, or not off, for all elements alike", received=reply)
    value = scpi.number(ratio)
    if value <= 0:
        raise Garbled("a current ratio is above 0", received=reply)
    return Item(value if on == {True} else 1.0, reply)


def _state(reply: str) -> Item:
    word = scpi.without_header(reply).upper()
    words = {"START": "START", "STAR": "START", "STOP": "STOP", "RESET": "RESET", "RES": "RESET"}
    words |= {"TIMEUP": "TIMEUP", "TIM": "TIMEUP", "ERROR": "ERROR", "ERR": "ERROR"}
    if word not in words:
        raise Garbled("not a state of integration", received=reply)
    return Item(words[word], reply)


class Wt300e(VisaDevice):
    """Yokogawa WT310E, WT332E, WT333E digital power meter (IM WT310E-17EN).

    Values are primary ones where scaling by a current transformer is on; the ranges are those at the input terminals.
    """

    model: ClassVar[str] = "wt300e"
    kind: ClassVar[Kind] = "power_meter"
    source: ClassVar[str] = "Yokogawa IM WT310E-17EN"

    power = Point(VALUES, "W", "Total active power.", _value("P,SIGMA"))
    apparent_power = Point(VALUES, "VA", "Total apparent power.", _value("S,SIGMA"))
    reactive_power = Point(VALUES, "var", "Total reactive power.", _value("Q,SIGMA"))
    power_factor = Point(VALUES, "1", "Total power factor.", _value("LAMB,SIGMA"))
    frequency = Point(VALUES, "Hz", "Frequency of the voltage of element 1.", _value("FU,1"))
    energy = Point(VALUES, "Wh", "Active energy since the integration was reset.", _value("WH,SIGMA"))
    integration_time = Point(VALUES, "s", "Elapsed time of the integration.", _value("TIME,1"))
    voltage = Point(VALUES, "V", "RMS voltage to neutral.", _phases("U"), name="phase[].voltage")
    current = Point(VALUES, "A", "RMS current.", _phases("I"), name="phase[].current")
    phase_power = Point(VALUES, "W", "Active power of a phase.", _phases("P"), name="phase[].power")
    phase_power_factor = Point(VALUES, "1", "Power factor of a phase.", _phases("LAMB"), name="phase[].power_factor")
    ct_ratio = Point(SCALING, "1", "Primary over secondary current in force.", _ct_ratio)
    voltage_range = Point(VOLTAGE_RANGE, "V", "Voltage range in use, at the terminals.", _positive)
    current_range = Point(CURRENT_RANGE, "A", "Current range in use, at the terminals.", _positive)
    update_interval = Point(RATE, "s", "Data update interval.", _rate, confirmed=False)
    integration_state = Point(INTEGRATION, None, "START, STOP, RESET, TIMEUP or ERROR.", _state)

    def __init__(self, transport: VisaTransport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self._items_are_set = False

    def identify(self) -> Identity:
        """Ask `*IDN?`: maker, model, serial, firmware. Raises WrongDevice unless it is a WT310E, WT332E or WT333E."""
        raw = self.transport.query(IDENTIFY)
        fields = [field.strip() for field in raw.split(",")]
        if len(fields) != 4 or not fields[0].upper().startswith("YOKOGAWA") or not fields[1].upper().startswith("WT3"):
            what = "not a power meter of the WT300E series"
            raise WrongDevice(what, address=self.address, sent=IDENTIFY, received=raw)
        maker, model, serial, firmware = fields
        return Identity(maker, model, serial, firmware, f"{self.address} {IDENTIFY}", raw)

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Read the points, with the limits of error of the range in use on powers, voltages and currents.

        Raises DeviceRefused where the meter does not take the list of items.
        """
        if not self._items_are_set and any(point.query == VALUES for point in points):
            self._set_items()
        queries = dict.fromkeys(point.query for point in points)
        if any(point.unit in _QUANTITIES for point in points):
            queries |= dict.fromkeys((VOLTAGE_RANGE, CURRENT_RANGE, SCALING))
        replies = self.transport.ask(list(queries))
        at = self.clock.now()
        readings = [r for point in points for r in point.readings(replies[point.query], self.address, at)]
        self._items_are_set = _as_set_up(replies)
        ranges = _ranges(replies)
        return [_with_accuracy(reading, ranges) for reading in readings] if ranges else readings

    def integration_start(self) -> None:
        """Start the integration of energy. Raises DeviceRefused where the meter does."""
        self._do(":INTEG:STAR")

    def integration_stop(self) -> None:
        """Stop the integration. Raises DeviceRefused where the meter does."""
        self._do(":INTEG:STOP")

    def integration_reset(self) -> None:
        """Set energy and time to zero. Raises DeviceRefused where the meter does, as while integrating."""
        self._do(":INTEG:RES")

    def _set_items(self) -> None:
        commands = [":COMM:HEAD OFF", ":NUM:FORM ASC", f":NUM:NORM:NUM {len(ITEMS)}"]
        commands += [f":NUM:NORM:ITEM{place} {item}" for place, item in enumerate(ITEMS, 1)]
        self._do(*commands)

    def _do(self, *commands: str) -> None:
        """Send commands, then read the error queue until it is empty: a stale error is not ours to hide either."""
        for command in commands:
            self.transport.write(command)
        found = [self._error()]
        while found[-1][0] and len(found) < _MOST_ERRORS:
            found.append(self._error())
        number, text, raw = found[0]
        if number:
            what, sent = f"error {number} {text}".strip(), "; ".join(commands)
            raise DeviceRefused(what, address=self.address, sent=sent, received=raw)

    def _error(self) -> tuple[int, str, str]:
        raw = self.transport.query(ERRORS)
        try:
            return *scpi.error(raw), raw
        except Garbled as error:
            error.address, error.sent = self.address, ERRORS
            raise


def _as_set_up(replies: Mapping[str, Any]) -> bool:
    """Tell whether the list of items is ours still; somebody at the panel may have changed it."""
    reply = replies.get(VALUES)
    return reply is None or len(scpi.without_header(reply).split(",")) == len(ITEMS)


@dataclass(frozen=True, slots=True)
class _Ranges:
    voltage: float
    current: float
    ct_ratio: float


_QUANTITIES = {"W": "power", "V": "voltage", "A": "current"}


def _ranges(replies: Mapping[str, Any]) -> _Ranges | None:
    """Return the ranges in use, or None where they are unknown: then a reading carries no accuracy."""
    if not {VOLTAGE_RANGE, CURRENT_RANGE, SCALING} <= set(replies):
        return None
    try:
        voltage, current = (_positive(replies[query]).value for query in (VOLTAGE_RANGE, CURRENT_RANGE))
        ratio = _ct_ratio(replies[SCALING]).value
    except DriverError:
        return None
    return _Ranges(float(voltage or 0), float(current or 0), float(ratio or 0))


def _with_accuracy(reading: Reading, ranges: _Ranges) -> Reading:
    quantity = _QUANTITIES.get(reading.unit or "")
    if quantity is None or reading.value is None or reading.name.endswith("_range"):
        return reading
    return replace(reading, accuracy=_accuracy(quantity, _span(reading.name, quantity, ranges)))


def _span(name: str, quantity: str, ranges: _Ranges) -> float:
    """Return the range in primary terms; that of the total is the sum over the elements."""
    primary_current = ranges.current * ranges.ct_ratio
    spans = {"voltage": ranges.voltage, "current": primary_current, "power": ranges.voltage * primary_current}
    return spans[quantity] * (len(ELEMENTS) if name == "power" else 1)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("drivers.meters").joinpath("wt300e_accuracy.toml").read_text("utf-8"))


def _accuracy(quantity: Literal["power", "voltage", "current"] | str, span: float) -> Accuracy:
    row = _table()[quantity]
    return Accuracy(row["of_reading"], row["of_range"], span, row["source"])
