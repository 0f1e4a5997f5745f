"""Yokogawa power analysers WT500, WT1800E and WT5000 over VISA.

Numeric list, element nodes, scaling, wiring and integrator as in IM 760201-17E, IM WT1801E-17EN and IM WT5000-17EN.
Read: the syntax of IM WT5000-17EN and IM WT1801-17EN, formats and stand-ins of IM WT3001E-17EN, the names of functions
in IM 04L51B01-17EN, nodes in public drivers of WT1600 to WT5000. Recalled: what has `confirmed` False.
"""

from collections.abc import Iterator
from typing import ClassVar

from drivers import scpi
from drivers.errors import Garbled
from drivers.meters.item_list import TOTAL, Plan, Slot, each, total
from drivers.meters.yokogawa_list import (
    INTEGRATION,
    RATE,
    UNITS_WIRED,
    VALUES,
    WIRING,
    YokogawaMeter,
    alike,
    per_element,
    range_in_use,
    rate,
    ratio,
    state,
    switch,
    wiring,
    wiring_text,
)
from drivers.points import Item, Point
from drivers.protocols import Kind

VOLTAGE_RANGE = ":INP:VOLT:RANG?"
CURRENT_RANGE = ":INP:CURR:RANG?"
CT_SCALING = ":INP:SCAL:STAT?;:INP:SCAL:CT?"
VT_SCALING = ":INP:SCAL:STAT?;:INP:SCAL:VT?"
PEAK_OVER = ":INP:POV?"

_CORE = ("URMS", "IRMS", "P", "S", "Q", "LAMB")
_OF_ALL = ("P", "S", "Q", "LAMB")
_OPTIONAL = ("WH", "AH", "UTHD", "ITHD")
ORDERS = (3, 5, 7, 9, 11, 13)
"""The odd harmonics that a rectifier load shows; the list of items is not endless."""


_INPUTS = tuple(f"{quantity}{element}" for element in range(1, 8) for quantity in "UI")


def _peak_over(reply: str) -> Item:
    """Read the peak-over register: bit 0 U1, bit 1 I1, bit 2 U2 and so on."""
    bits = scpi.register(reply)
    return Item(",".join(name for bit, name in enumerate(_INPUTS) if bits >> bit & 1), reply)


class WtAnalyzer(YokogawaMeter):
    """What WT500, WT1800E and WT5000 share. Values are primary ones where scaling is on, ranges those at the terminals.

    The total is that of the first wiring unit (ΣA). Where the first unit is a single element and others are fitted,
    nothing says which of them are one feed: then there is no total.
    """

    kind: ClassVar[Kind] = "power_meter"

    power = Point(VALUES, "W", "Active power of the first wiring unit.", total("P", "W"))
    apparent_power = Point(VALUES, "VA", "Apparent power of the first wiring unit.", total("S", "VA"))
    reactive_power = Point(VALUES, "var", "Reactive power of the first wiring unit.", total("Q", "var"))
    power_factor = Point(VALUES, "1", "Power factor of the first wiring unit.", total("LAMB", "1"))
    frequency = Point(VALUES, "Hz", "Frequency of the voltage of element 1.", total("FU", "Hz"))
    energy = Point(VALUES, "Wh", "Active energy since the integration was reset.", total("WH", "Wh"))
    charge = Point(VALUES, "Ah", "Charge since the integration was reset.", total("AH", "Ah"))
    integration_time = Point(VALUES, "s", "Elapsed time of the integration.", total("TIME", "s"))
    voltage = Point(VALUES, "V", "RMS voltage.", each("URMS", "V"), name="phase[].voltage")
    current = Point(VALUES, "A", "RMS current.", each("IRMS", "A"), name="phase[].current")
    phase_power = Point(VALUES, "W", "Active power of a phase.", each("P", "W"), name="phase[].power")
    phase_apparent = Point(VALUES, "VA", "Apparent power of a phase.", each("S", "VA"), name="phase[].apparent_power")
    phase_reactive = Point(VALUES, "var", "Reactive power of a phase.", each("Q", "var"), name="phase[].reactive_power")
    phase_power_factor = Point(VALUES, "1", "Power factor of a phase.", each("LAMB", "1"), name="phase[].power_factor")
    phase_energy = Point(VALUES, "Wh", "Active energy of a phase.", each("WH", "Wh"), name="phase[].energy")
    phase_charge = Point(VALUES, "Ah", "Charge of a phase.", each("AH", "Ah"), name="phase[].charge")
    voltage_thd = Point(VALUES, "%", "THD of the voltage.", each("UTHD", "%"), name="phase[].voltage_thd")
    current_thd = Point(VALUES, "%", "THD of the current.", each("ITHD", "%"), name="phase[].current_thd")
    harmonic_voltage = Point(
        VALUES,
        "V",
        "RMS voltage of one order; key element.order.",
        each("UK", "V"),
        name="harmonic[].voltage",
        confirmed=False,
    )
    harmonic_current = Point(
        VALUES,
        "A",
        "RMS current of one order; key element.order.",
        each("IK", "A"),
        name="harmonic[].current",
        confirmed=False,
    )
    ct_ratio = Point(CT_SCALING, "1", "Primary over secondary current in force.", ratio)
    vt_ratio = Point(VT_SCALING, "1", "Primary over secondary voltage in force.", ratio)
    voltage_range = Point(VOLTAGE_RANGE, "V", "Voltage range in use, at the terminals.", alike(range_in_use))
    current_range = Point(CURRENT_RANGE, "A", "Current range in use, at the terminals.", alike(range_in_use))
    phase_voltage_range = Point(
        VOLTAGE_RANGE, "V", "Voltage range of an element.", per_element(range_in_use), name="phase[].voltage_range"
    )
    phase_current_range = Point(
        CURRENT_RANGE, "A", "Current range of an element.", per_element(range_in_use), name="phase[].current_range"
    )
    voltage_auto = Point(":INP:VOLT:AUTO?", None, "Whether the voltage ranges follow the signal.", switch)
    current_auto = Point(":INP:CURR:AUTO?", None, "Whether the current ranges follow the signal.", switch)
    over_range = Point(
        PEAK_OVER, None, "Inputs whose peak is over range, by comma; empty for none.", _peak_over, confirmed=False
    )
    wiring = Point(WIRING, None, "Wiring units, in the order of the elements.", wiring_text)
    update_interval = Point(RATE, "s", "Data update interval.", rate)
    integration_state = Point(INTEGRATION, None, "START, STOP, RESET, TIMEUP, READY or ERROR.", state)

    def groups(self, plan: Plan) -> Iterator[list[Slot]]:
        """Yield what every model measures, then what needs an option or a mode."""
        reply = self.transport.query(WIRING)
        units = self._located(wiring, reply, WIRING)
        elements = [str(n) for n in range(1, sum(UNITS_WIRED[unit] for unit in units) + 1)]
        if not elements:
            raise Garbled("no element is wired", address=self.address, sent=WIRING, received=reply)
        of_all = _sigma(units, len(elements))
        core = [Slot(f, n, f"{f},{n}") for f in _CORE for n in elements] + [Slot("FU", TOTAL, "FU,1")]
        yield core + self._totals(plan, _OF_ALL, of_all)
        yield [Slot("TIME", TOTAL, "TIME,1")]
        for function in _OPTIONAL:
            totals = self._totals(plan, (function,), of_all) if function in ("WH", "AH") else []
            yield [*totals, *(Slot(function, n, f"{function},{n}") for n in elements)]
        for function in ("UK", "IK"):
            yield [Slot(function, f"{n}.{k}", f"{function},{n},{k}") for n in elements for k in ORDERS]

    def _totals(self, plan: Plan, functions: tuple[str, ...], of_all: str | None) -> list[Slot]:
        slots = [Slot(function, TOTAL, f"{function},{of_all}") for function in functions]
        if of_all is None:
            plan.leave_out(slots, "the elements are wired one by one: nothing says which of them are one feed")
            return []
        return slots


def _sigma(units: list[str], elements: int) -> str | None:
    if UNITS_WIRED[units[0]] > 1:
        return "SIGMA"
    return "1" if elements == 1 else None


class Wt500(WtAnalyzer):
    """Yokogawa WT500 power analyser, 1 to 3 elements (IM 760201-17E)."""

    model: ClassVar[str] = "wt500"
    source: ClassVar[str] = "Yokogawa IM 760201-17E"
    identity: ClassVar[str] = r"YOKOGAWA[^,]*,\s*(WT50\d|76020[123])\b"


class Wt1800e(WtAnalyzer):
    """Yokogawa WT1800E, and WT1800, precision power analyser, 1 to 6 elements (IM WT1801E-17EN)."""

    model: ClassVar[str] = "wt1800e"
    source: ClassVar[str] = "Yokogawa IM WT1801E-17EN"
    identity: ClassVar[str] = r"YOKOGAWA[^,]*,\s*WT180\d"


class Wt5000(WtAnalyzer):
    """Yokogawa WT5000 precision power analyser, 1 to 7 elements (IM WT5000-17EN)."""

    model: ClassVar[str] = "wt5000"
    source: ClassVar[str] = "Yokogawa IM WT5000-17EN"
    identity: ClassVar[str] = r"YOKOGAWA[^,]*,\s*WT5000"
