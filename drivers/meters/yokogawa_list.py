"""What all Yokogawa WT meters have in common on the wire: the numeric list, the integrator, ranges, wiring, registers.

Commands as in IM WT310E-17EN, IM 760201-17E (WT500), IM WT1801E-17EN and IM WT5000-17EN (communication interface).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from drivers import scpi
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.meters.item_list import ItemMeter, Plan, Slot
from drivers.points import Item

VALUES = ":NUM:NORM:VAL?"
RATE = ":RATE?"
INTEGRATION = ":INTEG:STAT?"
WIRING = ":INP:WIR?"
SETUP = (":COMM:HEAD OFF", ":NUM:FORM ASC")

UNITS_WIRED = {"P1W2": 1, "P1W3": 2, "P3W3": 2, "P3W4": 3, "V3A3": 3, "NONE": 0}
"""How many elements a wiring unit takes."""

_STATES = {"START": "START", "STAR": "START", "STOP": "STOP", "RESET": "RESET", "RES": "RESET"}
_STATES |= {"TIMEUP": "TIMEUP", "TIM": "TIMEUP", "ERROR": "ERROR", "ERR": "ERROR", "READY": "READY", "READ": "READY"}


def positive(reply: str) -> Item:
    """Read a range, a ratio or an interval. Raises Garbled where it is not above 0."""
    value = scpi.number(scpi.without_header(reply))
    if value <= 0:
        raise Garbled("a range, a ratio or an interval is above 0", received=reply)
    return Item(value, reply)


def rate(reply: str) -> Item:
    """Read the update interval in s. Raises NoReading where it follows the signal."""
    if scpi.without_header(reply).upper() == "AUTO":
        raise NoReading("the update interval follows the signal (AUTO)", received=reply)
    return positive(reply)


def state(reply: str) -> Item:
    """Read the state of the integrator."""
    return Item(scpi.choice(reply, _STATES), reply)


def switch(reply: str) -> Item:
    """Read a setting that is on or off, alike for all elements. Raises NoReading where they differ."""
    return Item(_alike([scpi.boolean(unit) for unit in reply.split(";")], reply), reply)


def _alike(values: Sequence[bool] | Sequence[float], reply: str) -> bool | float:
    if not values:
        raise Garbled("no value of any element", received=reply)
    if len(set(values)) != 1:
        raise NoReading("the elements differ", received=reply)
    return values[0]


def range_in_use(text: str) -> float:
    """Read a range in V or A. Raises NoReading for an external sensor, whose range is in V of the sensor."""
    if scpi.without_header(text).upper().startswith("EXT"):
        raise NoReading("an external current sensor is in use: its range is in volts", received=text)
    return float(positive(text).value or 0.0)


def alike(read: Callable[[str], float]) -> Callable[[str], Item]:
    """Return the decoder of a value per element (`a;b;c`) that is one where all elements are set alike."""

    def decode(reply: str) -> Item:
        return Item(_alike([read(unit) for unit in reply.split(";")], reply), reply)

    return decode


def per_element(read: Callable[[str], float]) -> Callable[[str], Iterator[Item]]:
    """Return the decoder of a value per element: `a;b;c`, the key being the number of the element."""

    def decode(reply: str) -> Iterator[Item]:
        for number, unit in enumerate(reply.split(";"), 1):
            yield item(read, unit, unit, key=str(number))

    return decode


def ratio_in_force(states: Sequence[str], ratios: Sequence[str], reply: str) -> float:
    """Return the ratio of a transformer: 1 with scaling off, when the meter shows what its terminals carry.

    Raises Garbled, or NoReading where the elements differ.
    """
    on = _alike([scpi.boolean(unit) for unit in states], reply)
    ratio = _alike([float(positive(unit).value or 0.0) for unit in ratios], reply)
    return float(ratio) if on else 1.0


def ratio(reply: str) -> Item:
    """Read scaling states and ratios, as many of one as of the other: `1;1;1;80.0;80.0;80.0`."""
    units = [scpi.without_header(unit) for unit in reply.split(";")]
    half, odd = divmod(len(units), 2)
    if odd:
        raise Garbled("not as many ratios as states of scaling", received=reply)
    return Item(ratio_in_force(units[:half], units[half:], reply), reply)


def wiring(reply: str) -> list[str]:
    """Read the wiring units, as `P3W4,P1W2` or `(P1W2),(NONE)`. Raises Garbled for one that is not known.

    >>> wiring(":INPUT:WIRING P3W4,P1W2")
    ['P3W4', 'P1W2']
    """
    units = [unit.strip(" ()").upper() for unit in scpi.without_header(reply).split(",")]
    if unknown := [unit for unit in units if unit not in UNITS_WIRED]:
        raise Garbled(f"unknown wiring {unknown[0]!r}", received=reply)
    return units


def wiring_text(reply: str) -> Item:
    """Read the wiring as text: the units, joined by commas."""
    return Item(",".join(wiring(reply)), reply)


class YokogawaMeter(ItemMeter):
    """A WT meter: items by `:NUMeric:NORMal`, integration, errors by `:STATus:ERRor?`."""

    values: ClassVar[str] = VALUES
    errors: ClassVar[str] = ":STAT:ERR?"

    def admit(self, plan: Plan, group: list[Slot]) -> None:
        """Set further items of the numeric list. Raises DeviceRefused where the meter does not take them."""
        first = len(plan.slots) + 1
        places = [f":NUM:NORM:ITEM{place} {slot.wire}" for place, slot in enumerate(group, first)]
        size = f":NUM:NORM:NUM {first - 1 + len(group)}"
        if plan.slots:
            self.do(*places)
            self.do(size)
        else:
            self.do(*SETUP, size, *places)

    def fetch(self, slots: Sequence[Slot]) -> list[tuple[str, str]]:
        """Ask for all items in one query."""
        reply = self.transport.query(VALUES)
        fields = self.counted(scpi.fields(reply), slots, reply, VALUES)
        return [(text, f"{VALUES} {place}") for place, text in enumerate(fields, 1)]

    def integration_start(self) -> None:
        """Start the integration of energy. Raises DeviceRefused where the meter does."""
        self.do(":INTEG:STAR")

    def integration_stop(self) -> None:
        """Stop the integration. Raises DeviceRefused where the meter does."""
        self.do(":INTEG:STOP")

    def integration_reset(self) -> None:
        """Set energy and time to zero. Raises DeviceRefused where the meter does, as while integrating."""
        self.do(":INTEG:RES")

    def set_voltage_range(self, volts: float | None) -> None:
        """Fix the voltage range of all elements at `volts` V, or let it follow the signal (None).

        Raises DeviceRefused for a range that there is none of.
        """
        self._set_range("VOLT", volts, "V")

    def set_current_range(self, amperes: float | None) -> None:
        """Fix the current range of all elements at `amperes` A, or let it follow the signal (None).

        Raises DeviceRefused for a range that there is none of.
        """
        self._set_range("CURR", amperes, "A")

    def set_update_interval(self, seconds: float) -> None:
        """Set the data update interval in s. Raises DeviceRefused for one that there is none of."""
        self.do(f":RATE {seconds:g}")

    every: ClassVar[str] = ":ALL"
    """What addresses all elements at once."""

    def _set_range(self, which: str, value: float | None, unit: str) -> None:
        node = f":INP:{which}"
        if value is None:
            self.do(f"{node}:AUTO{self.every} ON")
        else:
            self.do(f"{node}:AUTO{self.every} OFF", f"{node}:RANG{self.every} {value:g}{unit}")
