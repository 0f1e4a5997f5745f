"""Yokogawa power meters of the WT300E series over VISA.

Commands as in IM WT310E-17EN (communication interface). All items of a read travel in one `:NUM:NORM:VAL?`: they
belong to one update of the instrument.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

from drivers import scpi
from drivers.errors import DriverError, Garbled
from drivers.meters.item_list import TOTAL, Plan, Slot, each, total
from drivers.meters.yokogawa_list import (
    INTEGRATION,
    RATE,
    VALUES,
    WIRING,
    YokogawaMeter,
    positive,
    rate,
    ratio_in_force,
    state,
    switch,
    wiring_text,
)
from drivers.points import Accuracy, Clock, Identity, Item, Point, Reading, Value
from drivers.protocols import Kind
from drivers.visa import IDENTIFY, VisaTransport

_PER_ELEMENT = ("U", "I", "P", "LAMB")
_OF_ALL = ("P", "S", "Q", "LAMB", "WH")
ELEMENTS = {"WT31": ("1",), "WT332": ("1", "3"), "WT333": ("1", "2", "3")}
"""The elements of each model of the series: the two of a WT332E are 1 and 3."""

VOLTAGE_RANGE = ":INP:VOLT:RANG?"
CURRENT_RANGE = ":INP:CURR:RANG?"
CT_SCALING = ":INP:SCAL:STAT?;:INP:SCAL:CT:ELEM1?"
VT_SCALING = ":INP:SCAL:STAT?;:INP:SCAL:VT:ELEM1?"
CREST_AND_VT = ":INP:CFAC?;:INP:SCAL:VT:ELEM1?"
"""What the limits of error need beside the ranges, in one exchange."""

CONDITION = ":STAT:COND?"
_OVER = {
    6: "1",
    7: "U1 peak",
    8: "I1 peak",
    9: "2",
    10: "U2 peak",
    11: "I2 peak",
    12: "3",
    13: "U3 peak",
    14: "I3 peak",
}
"""Bits of the condition register, and the inputs that they say to be over range."""


def _scaled(reply: str) -> Item:
    *states, ratio = reply.split(";")
    return Item(ratio_in_force(states, [ratio], reply), reply)


_CREST_FACTORS = {"3": 3, "6": 6, "6A": 6, "A6": 6}


def _crest_factor(reply: str) -> Item:
    word = scpi.without_header(reply.partition(";")[0]).upper()
    if word not in _CREST_FACTORS:
        raise Garbled("no crest factor that this meter has", received=reply)
    return Item(_CREST_FACTORS[word], reply)


def _over_range(reply: str) -> Item:
    bits = scpi.register(reply)
    return Item(",".join(name for bit, name in _OVER.items() if bits >> bit & 1), reply)


class Wt300e(YokogawaMeter):
    """Yokogawa WT310E, WT332E, WT333E digital power meter (IM WT310E-17EN).

    Values are primary ones where scaling by a current transformer is on; the ranges are those at the input terminals.
    Harmonics and THD (option /G5) are not read: no manual at hand gives their commands.
    """

    model: ClassVar[str] = "wt300e"
    kind: ClassVar[Kind] = "power_meter"
    source: ClassVar[str] = "Yokogawa IM WT310E-17EN"
    identity: ClassVar[str] = r"YOKOGAWA[^,]*,\s*WT3[13]\d"
    every: ClassVar[str] = ""
    accurate: ClassVar[frozenset[str]] = frozenset({"power", "phase[].power", "phase[].voltage", "phase[].current"})

    power = Point(VALUES, "W", "Total active power.", total("P", "W"))
    apparent_power = Point(VALUES, "VA", "Total apparent power.", total("S", "VA"))
    reactive_power = Point(VALUES, "var", "Total reactive power.", total("Q", "var"))
    power_factor = Point(VALUES, "1", "Total power factor.", total("LAMB", "1"))
    frequency = Point(VALUES, "Hz", "Frequency of the voltage of element 1.", total("FU", "Hz"))
    energy = Point(VALUES, "Wh", "Active energy since the integration was reset.", total("WH", "Wh"))
    charge = Point(VALUES, "Ah", "Charge since the integration was reset.", total("AH", "Ah"))
    integration_time = Point(VALUES, "s", "Elapsed time of the integration.", total("TIME", "s"))
    voltage = Point(VALUES, "V", "RMS voltage to neutral.", each("U", "V"), name="phase[].voltage")
    current = Point(VALUES, "A", "RMS current.", each("I", "A"), name="phase[].current")
    phase_power = Point(VALUES, "W", "Active power of a phase.", each("P", "W"), name="phase[].power")
    phase_power_factor = Point(VALUES, "1", "Power factor of a phase.", each("LAMB", "1"), name="phase[].power_factor")
    phase_apparent = Point(VALUES, "VA", "Apparent power of a phase.", each("S", "VA"), name="phase[].apparent_power")
    phase_reactive = Point(VALUES, "var", "Reactive power of a phase.", each("Q", "var"), name="phase[].reactive_power")
    ct_ratio = Point(CT_SCALING, "1", "Primary over secondary current in force.", _scaled)
    vt_ratio = Point(VT_SCALING, "1", "Primary over secondary voltage in force.", _scaled)
    voltage_range = Point(VOLTAGE_RANGE, "V", "Voltage range in use, at the terminals.", positive)
    current_range = Point(CURRENT_RANGE, "A", "Current range in use, at the terminals.", positive)
    crest_factor = Point(CREST_AND_VT, "1", "Crest factor at rated input: at 6 the ranges are half.", _crest_factor)
    voltage_auto = Point(":INP:VOLT:AUTO?", None, "Whether the voltage range follows the signal.", switch)
    current_auto = Point(":INP:CURR:AUTO?", None, "Whether the current range follows the signal.", switch)
    over_range = Point(
        CONDITION, None, "Inputs that are over their range or peak, by comma; empty for none.", _over_range
    )
    wiring = Point(WIRING, None, "Wiring of the elements.", wiring_text)
    update_interval = Point(RATE, "s", "Data update interval.", rate, confirmed=False)
    integration_state = Point(INTEGRATION, None, "START, STOP, RESET, TIMEUP or ERROR.", state)

    def __init__(self, transport: VisaTransport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self._elements: tuple[str, ...] = ()

    def identify(self) -> Identity:
        """Ask `*IDN?`: maker, model, serial, firmware. Raises WrongDevice unless it is a WT310E, WT332E or WT333E."""
        identity = super().identify()
        self._elements = _elements(identity.model)
        return identity

    def groups(self, plan: Plan) -> Iterator[list[Slot]]:
        """Yield what a rack is judged by, then powers of a phase, then the charge."""
        if not self._elements:
            self.identify()
        del plan
        all_of_them = "SIGMA" if len(self._elements) > 1 else "1"
        slots = [Slot(function, TOTAL, f"{function},{all_of_them}") for function in _OF_ALL]
        slots += [Slot("FU", TOTAL, "FU,1"), Slot("TIME", TOTAL, "TIME,1")]
        slots += [Slot(function, n, f"{function},{n}") for function in _PER_ELEMENT for n in self._elements]
        yield slots
        yield [Slot(function, n, f"{function},{n}") for function in ("S", "Q") for n in self._elements]
        yield [Slot("AH", TOTAL, f"AH,{all_of_them}")]

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Read the points, with the limits of error of the range in use on powers, voltages and currents.

        Raises DeviceRefused where the meter does not take the list of items.
        """
        wanted = list(points)
        if any(point.unit in _QUANTITIES for point in points):
            wanted += [type(self).voltage_range, type(self).current_range, type(self).ct_ratio, type(self).crest_factor]
        replies = self._replies(wanted)
        at = self.clock.now()
        readings = [r for point in points for r in point.readings(replies[point.query], self.address, at)]
        ranges = _ranges(replies, len(self._elements))
        if ranges is None:
            return readings
        angles = self._angles(replies, at) if any(reading.unit == "W" for reading in readings) else {}
        return [_with_accuracy(reading, ranges, angles) for reading in readings]

    def _angles(self, replies: Mapping[str, Any], at: datetime) -> dict[str, float]:
        """Return tan φ by the name of the power reading that it belongs to, of one update with it."""
        cls = type(self)
        told = [(cls.power_factor, "power_factor", "power"), (cls.phase_power_factor, "].power_factor", "].power")]
        factors = [(r, old, new) for p, old, new in told for r in p.readings(replies[p.query], self.address, at)]
        found = {r.name.replace(old, new): _tangent(r.value) for r, old, new in factors}
        return {name: tangent for name, tangent in found.items() if tangent is not None}


def _elements(model: str) -> tuple[str, ...]:
    for prefix, elements in ELEMENTS.items():
        if model.upper().startswith(prefix):
            return elements
    raise Garbled(f"a WT300E of unknown elements: {model}", sent=IDENTIFY, received=model)


@dataclass(frozen=True, slots=True)
class _Ranges:
    voltage: float
    current: float
    ct_ratio: float
    vt_ratio: float
    elements: int
    crest_factor: float


_QUANTITIES = {"W": "power", "V": "voltage", "A": "current"}


def _ranges(replies: Mapping[str, Any], elements: int) -> _Ranges | None:
    """Return the ranges in use, or None where they are unknown: then a reading carries no accuracy."""
    needed = (VOLTAGE_RANGE, CURRENT_RANGE, CT_SCALING, CREST_AND_VT)
    if not all(isinstance(replies.get(query), str) for query in needed):
        return None
    *states, _ = replies[CT_SCALING].split(";")
    try:
        found = (
            positive(replies[VOLTAGE_RANGE]),
            positive(replies[CURRENT_RANGE]),
            _scaled(replies[CT_SCALING]),
            _scaled(";".join([*states, replies[CREST_AND_VT].partition(";")[2]])),
            _crest_factor(replies[CREST_AND_VT]),
        )
    except DriverError:
        return None
    voltage, current, ct_ratio, vt_ratio, crest = (float(each.value or 0) for each in found)
    return _Ranges(voltage, current, ct_ratio, vt_ratio, elements, crest)


def _tangent(power_factor: Value) -> float | None:
    """Return tan φ; None where the power factor is missing or 0, for then the influence on power has no bound."""
    if not isinstance(power_factor, float | int) or not 0 < abs(power_factor) <= 1:
        return None
    return math.sqrt(1 / power_factor**2 - 1)


def _with_accuracy(reading: Reading, ranges: _Ranges, angles: Mapping[str, float]) -> Reading:
    """Return the reading with its limits of error; power without a known power factor has none that hold."""
    quantity = _QUANTITIES.get(reading.unit or "")
    if quantity is None or reading.value is None or reading.name.endswith("_range"):
        return reading
    if quantity == "power" and reading.name not in angles:
        return reading
    tangent = angles.get(reading.name, 0.0)
    accuracy = _accuracy(quantity, _span(reading.name, quantity, ranges), tangent)
    # IM WT310E-02EN 7.3: at a crest factor of 6 the error of the range is twice that at 3.
    of_range, resolution = accuracy.of_range * (ranges.crest_factor / 3), scpi.step(reading.raw)
    return replace(reading, accuracy=replace(accuracy, of_range=of_range, resolution=resolution))


def _span(name: str, quantity: str, ranges: _Ranges) -> float:
    """Return the range in primary terms; that of the total is the sum over the elements."""
    voltage, current = ranges.voltage * ranges.vt_ratio, ranges.current * ranges.ct_ratio
    spans = {"voltage": voltage, "current": current, "power": voltage * current}
    return spans[quantity] * (ranges.elements if name == "power" else 1)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("drivers.meters").joinpath("wt300e_accuracy.toml").read_text("utf-8"))


def _accuracy(quantity: str, span: float, tangent: float) -> Accuracy:
    row = _table()[quantity]
    of_reading = row["of_reading"] + tangent * row.get("of_reactive", 0.0)
    return Accuracy(of_reading, row["of_range"], span, row["source"])
