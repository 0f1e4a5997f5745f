"""Chroma 66205 digital power meter over VISA: one channel, items by `FETCh?`.

Commands as in the 66205's user manual by way of pymeasure 0.16 (`pymeasure/instruments/chroma/chroma66205.py`); the
stand-ins for no value are those of the 66203/66204 user's manual 1.0, section "FETCH & MEASURE".
"""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from drivers import scpi
from drivers.errors import Garbled, NoReading
from drivers.meters.item_list import TOTAL, ItemMeter, Plan, Slot, alone, total
from drivers.points import Item, Point
from drivers.protocols import Kind

VALUES = "FETC?"
MOST_ITEMS = 10
"""A query takes no more."""

VOLTAGE_RANGE, CURRENT_RANGE = "VOLT:RANG?", "CURR:RANG?"
CT = "CONF:INP:CT?;:CONF:INP:CT:RAT?"
STAND_INS = {
    "-1": "the integration is not complete",
    "-2": "the range changed while integrating",
    "-3": "over range or over current",
}
"""Integers where every value is written with a decimal point: -1 is one of them, -1.0 is a value."""

_RANGE = re.compile(r"([VA])(\d{1,4})", re.ASCII)
_FIXED = re.compile(r"[VAE]\d{1,4}", re.ASCII)
_STATES = {"STOP": "STOP", "RUNNING": "START", "FINISH": "TIMEUP"}


def range_word(reply: str) -> Item:
    """Read a range as V300, A20, A05 (0.5 A) or A0005 (5 mA). Raises NoReading for AUTO and for an external shunt.

    >>> range_word("A0005").value, range_word("V300").value
    (0.005, 300.0)
    """
    word = scpi.without_header(reply).upper()
    if word == "AUTO":
        raise NoReading("the range follows the signal (AUTO); the meter does not say which is in use", received=reply)
    if word.startswith("E"):
        raise NoReading("an external shunt is in use: its range is in volts", received=reply)
    found = _RANGE.fullmatch(word)
    if not found or not int(found[2]):
        raise Garbled("not a range", received=reply)
    digits = found[2]
    return Item(float(f"0.{digits[1:]}") if digits.startswith("0") else float(digits), reply)


def _ratio(reply: str) -> Item:
    state, _, value = reply.partition(";")
    on, ratio = scpi.boolean(state), scpi.number(value)
    if ratio <= 0:
        raise Garbled("a current ratio is above 0", received=reply)
    return Item(ratio if on else 1.0, reply)


def _auto(reply: str) -> Item:
    word = scpi.without_header(reply).upper()
    if word != "AUTO" and not _FIXED.fullmatch(word):
        raise Garbled("not a range", received=reply)
    return Item(word == "AUTO", reply)


def _seconds(reply: str) -> Item:
    value = scpi.number(scpi.without_header(reply), "s")
    if value <= 0:
        raise Garbled("an interval is above 0", received=reply)
    return Item(value, reply)


class Chroma66205(ItemMeter):
    """Chroma 66205 digital power meter (user manual; 66203/66204 user's manual 1.0 for what stands for no value)."""

    model: ClassVar[str] = "chroma66205"
    kind: ClassVar[Kind] = "power_meter"
    source: ClassVar[str] = "Chroma 66205 user manual, by way of pymeasure; 66203/66204 user's manual 1.0"
    identity: ClassVar[str] = r"CHROMA[^,]*,\s*66205"
    errors: ClassVar[str] = "SYST:ERR?"
    values: ClassVar[str] = VALUES

    power = Point(VALUES, "W", "Active power.", total("W", "W"))
    apparent_power = Point(VALUES, "VA", "Apparent power.", total("VA", "VA"))
    reactive_power = Point(VALUES, "var", "Reactive power.", total("VAR", "var"))
    power_factor = Point(VALUES, "1", "Power factor.", total("PF", "1"))
    frequency = Point(VALUES, "Hz", "Frequency.", total("FREQ", "Hz"))
    energy = Point(VALUES, "Wh", "Energy of the last or present integration.", total("WH", "Wh"))
    charge = Point(VALUES, "Ah", "Charge of the last or present integration.", total("AH", "Ah"))
    voltage = Point(VALUES, "V", "RMS voltage.", alone("V", "V"), name="phase[].voltage")
    current = Point(VALUES, "A", "RMS current.", alone("I", "A"), name="phase[].current")
    phase_power = Point(VALUES, "W", "Active power.", alone("W", "W"), name="phase[].power")
    phase_power_factor = Point(VALUES, "1", "Power factor.", alone("PF", "1"), name="phase[].power_factor")
    voltage_thd = Point(VALUES, "%", "THD of the voltage.", alone("THDV", "%"), name="phase[].voltage_thd")
    current_thd = Point(VALUES, "%", "THD of the current.", alone("THDI", "%"), name="phase[].current_thd")
    ct_ratio = Point(CT, "1", "Primary over secondary current in force.", _ratio)
    voltage_range = Point(VOLTAGE_RANGE, "V", "Voltage range, where it is fixed.", range_word)
    current_range = Point(CURRENT_RANGE, "A", "Current range, where it is fixed.", range_word)
    voltage_auto = Point(VOLTAGE_RANGE, None, "Whether the voltage range follows the signal.", _auto)
    current_auto = Point(CURRENT_RANGE, None, "Whether the current range follows the signal.", _auto)
    update_interval = Point("MEAS:UPD?", "s", "Data update interval.", _seconds)
    integration_state = Point(
        "TRIG?", None, "START, STOP or TIMEUP.", lambda reply: Item(scpi.choice(reply, _STATES), reply)
    )

    def groups(self, plan: Plan) -> Iterator[list[Slot]]:
        """Yield what the meter always measures, then distortion and what integration gives."""
        del plan
        for names in (("V", "I", "W", "VA", "VAR", "PF", "FREQ"), ("THDV", "THDI"), ("WH", "AH")):
            yield [Slot(name, TOTAL, name) for name in names]

    def read_field(self, text: str, unit: str, wire: str) -> float:
        """Read a field, or one of the stand-ins of Chroma."""
        return scpi.number(text, unit, name=wire, sentinels=STAND_INS)

    def admit(self, plan: Plan, group: list[Slot]) -> None:
        """Ask for the group alone: an item that the meter does not have costs the reply."""
        del plan
        self.fetch(group)

    def fetch(self, slots: Sequence[Slot]) -> list[tuple[str, str]]:
        """Ask for the items, ten to a query."""
        found: list[tuple[str, str]] = []
        for start in range(0, len(slots), MOST_ITEMS):
            some = slots[start : start + MOST_ITEMS]
            query = f"{VALUES} {','.join(slot.wire for slot in some)}"
            reply = self.transport.query(query)
            texts = self.counted(scpi.fields(reply), some, reply, query)
            found += [(text, f"{VALUES} {slot.wire}") for slot, text in zip(some, texts, strict=True)]
        return found

    def integration_start(self) -> None:
        """Start the integration of energy. Raises DeviceRefused where the meter does."""
        self.do("TRIG:MODE INTEGRATION", "TRIG ON")

    def integration_stop(self) -> None:
        """Stop the integration. Raises DeviceRefused where the meter does."""
        self.do("TRIG OFF")

    def integration_reset(self) -> None:
        """Set energy and charge to zero: on this meter that is the stop of a finished integration."""
        self.do("TRIG OFF")

    def set_voltage_range(self, volts: float | None) -> None:
        """Fix the voltage range at 15, 30, 60, 150, 300 or 600 V, or let it follow the signal (None).

        Raises DeviceRefused for any other.
        """
        self.do(f"VOLT:RANG {'AUTO' if volts is None else _word('V', volts)}")

    def set_current_range(self, amperes: float | None) -> None:
        """Fix the current range at one from 5 mA to 30 A, or let it follow the signal (None).

        Raises DeviceRefused for one that there is none of.
        """
        self.do(f"CURR:RANG {'AUTO' if amperes is None else _word('A', amperes)}")

    def set_update_interval(self, seconds: float) -> None:
        """Set the data update interval: 0.05 s to 10 s. Raises DeviceRefused for one that there is none of."""
        self.do(f"MEAS:UPD {seconds:g}")


def _word(letter: str, value: float) -> str:
    return f"{letter}{value:g}".replace(".", "")
