"""Hioki power analysers PW3390 and PW8001 over VISA: items by `:MEASure?`, one query for all of them.

Read: PW3390A975-01 (syntax, `*ESR?`, `:HEADer`, voltage ranges, TCP port 3390), PW8001A964-03 (syntax, voltage ranges,
TCP port 23), item names and over-range value in a public driver of the PW3390. Recalled, and so marked: wiring,
scaling, integration, items of distortion and integration. There is no error queue: `*ESR?` tells that something was
refused, not what.
"""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from drivers import scpi
from drivers.errors import DriverError, Garbled, NoReading
from drivers.items import item
from drivers.meters.item_list import TOTAL, ItemMeter, Plan, Slot, each, total
from drivers.points import Item, Point
from drivers.protocols import Kind

VALUES = ":MEAS?"
WIRING = ":WIR?"
CT, VT = ":SCAL1:CT?", ":SCAL1:VT?"

_STAND_IN = re.compile(r"[+-]?([6789])(?:\1)*\.?(?:\1)*E\+99")
_MEANINGS = {"9": scpi.OVER, "8": "scaling error", "7": "scaling error", "6": scpi.NOTHING}
"""Over range, scaling error and blank display are sent as 9999.9E+99, 7777.7E+99 and 6666.6E+99."""

_TYPES = {"TYPE1": (1, 1, 1, 1), "TYPE2": (2, 1, 1), "TYPE3": (2, 1, 1), "TYPE4": (2, 2), "TYPE5": (2, 2)}
_TYPES |= {"TYPE6": (2, 2), "TYPE7": (3, 1), "TYPE8": (3, 1)}
"""Channels that each wiring mode of the PW3390 puts together."""

_WIRED = {"1P2W": 1, "1P3W": 2, "3P3W": 2, "3P3W2M": 2, "3P3W3M": 3, "3V3A": 3, "3P4W": 3}
_STATES = {"START": "START", "STOP": "STOP", "RESET": "RESET", "WAIT": "READY"}


def wired(reply: str) -> tuple[int, ...]:
    """Read the wiring mode: how many channels each system takes. Raises Garbled for one that is not known.

    >>> wired("TYPE8"), wired(":WIRING 3P4W,1P2W")
    ((3, 1), (3, 1))
    """
    text = scpi.without_header(reply).upper()
    if text in _TYPES:
        return _TYPES[text]
    words = [word.strip() for word in re.split("[,;]", text)]
    if not all(word in _WIRED for word in words):
        raise Garbled("unknown wiring", received=reply)
    return tuple(_WIRED[word] for word in words)


def _wiring(reply: str) -> Item:
    wired(reply)
    return Item(scpi.without_header(reply).upper(), reply)


def _range(reply: str) -> Item:
    value = scpi.number(scpi.without_header(reply))
    if value <= 0:
        raise Garbled("a range or a ratio is above 0", received=reply)
    return Item(value, reply)


def _ratio(reply: str) -> Item:
    return Item(1.0, reply) if scpi.without_header(reply).upper() == "OFF" else _range(reply)


def _ranges(reply: str) -> Iterator[Item]:
    for channel, unit in enumerate(reply.split(";"), 1):
        yield item(lambda text: _range(text).value, unit, unit, key=str(channel))


def _on(reply: str) -> Item:
    return Item(scpi.boolean(reply), reply)


def _state(reply: str) -> Item:
    return Item(scpi.choice(reply, _STATES), reply)


class HiokiAnalyzer(ItemMeter):
    """What PW3390 and PW8001 share.

    The total is that of the first wiring system (P123, P12); a ratio of a transformer is that of channel 1.
    """

    kind: ClassVar[Kind] = "power_meter"
    lacks: ClassVar[frozenset[str]] = frozenset({"update_interval"})
    errors: ClassVar[str] = ""
    values: ClassVar[str] = VALUES

    power = Point(VALUES, "W", "Active power of the first wiring system.", total("P", "W"))
    apparent_power = Point(VALUES, "VA", "Apparent power of the first wiring system.", total("S", "VA"))
    reactive_power = Point(VALUES, "var", "Reactive power of the first wiring system.", total("Q", "var"))
    power_factor = Point(VALUES, "1", "Power factor of the first wiring system.", total("PF", "1"))
    frequency = Point(VALUES, "Hz", "Frequency of channel 1.", total("FREQ", "Hz"))
    energy = Point(VALUES, "Wh", "Energy since the integration was reset.", total("WP", "Wh"), confirmed=False)
    voltage = Point(VALUES, "V", "RMS voltage.", each("Urms", "V"), name="phase[].voltage")
    current = Point(VALUES, "A", "RMS current.", each("Irms", "A"), name="phase[].current")
    phase_power = Point(VALUES, "W", "Active power of a phase.", each("P", "W"), name="phase[].power")
    phase_apparent = Point(VALUES, "VA", "Apparent power of a phase.", each("S", "VA"), name="phase[].apparent_power")
    phase_reactive = Point(VALUES, "var", "Reactive power of a phase.", each("Q", "var"), name="phase[].reactive_power")
    phase_power_factor = Point(VALUES, "1", "Power factor of a phase.", each("PF", "1"), name="phase[].power_factor")
    voltage_thd = Point(
        VALUES, "%", "THD of the voltage.", each("Uthd", "%"), name="phase[].voltage_thd", confirmed=False
    )
    current_thd = Point(
        VALUES, "%", "THD of the current.", each("Ithd", "%"), name="phase[].current_thd", confirmed=False
    )
    phase_energy = Point(VALUES, "Wh", "Energy of a phase.", each("WP", "Wh"), name="phase[].energy", confirmed=False)
    phase_charge = Point(VALUES, "Ah", "Charge of a phase.", each("IH", "Ah"), name="phase[].charge", confirmed=False)
    ct_ratio = Point(CT, "1", "Primary over secondary current, channel 1.", _ratio, confirmed=False)
    vt_ratio = Point(VT, "1", "Primary over secondary voltage, channel 1.", _ratio, confirmed=False)
    voltage_range = Point(":VOLT1:RANG?", "V", "Voltage range of channel 1.", _range)
    current_range = Point(":CURR1:RANG?", "A", "Current range of channel 1.", _range)
    voltage_auto = Point(
        ":VOLT1:AUTO?", None, "Whether the range of channel 1 follows the signal.", _on, confirmed=False
    )
    current_auto = Point(
        ":CURR1:AUTO?", None, "Whether the range of channel 1 follows the signal.", _on, confirmed=False
    )
    wiring = Point(WIRING, None, "Wiring mode, in the instrument's own word.", _wiring, confirmed=False)
    integration_state = Point(":INTEG:STAT?", None, "START, STOP, RESET or READY.", _state, confirmed=False)

    fallback: ClassVar[tuple[int, ...]] = (3,)
    """What is taken for the wiring where the instrument does not say it in a known word."""

    def groups(self, plan: Plan) -> Iterator[list[Slot]]:
        """Yield RMS values and powers of the channels, then totals, then what is recalled."""
        self.do(":HEAD OFF")
        systems = self._systems()
        channels = [str(n) for n in range(1, sum(systems) + 1)]
        of_all = "".join(channels[: systems[0]])
        yield [*_of(("Urms", "Irms", "P", "S", "Q", "PF"), channels), Slot("FREQ", TOTAL, "FREQ1")]
        totals = [Slot(name, TOTAL, f"{name}{of_all}") for name in ("P", "S", "Q", "PF", "WP")]
        if systems[0] == 1 and len(channels) > 1:
            plan.leave_out(totals, "the channels are wired one by one: nothing says which of them are one feed")
        else:
            yield totals[:4]
            yield totals[4:]
        for name in ("Uthd", "Ithd", "WP", "IH"):
            yield _of((name,), channels)

    def _systems(self) -> tuple[int, ...]:
        reply = self.ask_doubtful(WIRING)
        if isinstance(reply, DriverError):
            return self.fallback
        try:
            return wired(reply)
        except Garbled:
            return self.fallback

    def read_field(self, text: str, unit: str, wire: str) -> float:
        """Read a field, or one of the stand-ins of Hioki; a header before it must be the item's own name."""
        word = text.strip().rpartition(" ")[2].upper()
        if found := _STAND_IN.fullmatch(word):
            raise NoReading(_MEANINGS[found[1]], received=text)
        return scpi.number(text, unit, name=wire)

    def admit(self, plan: Plan, group: list[Slot]) -> None:
        """Ask for the group alone: an item that the instrument does not have costs the reply."""
        del plan
        try:
            self.fetch(group)
        except DriverError:
            self._forget()
            raise

    def fetch(self, slots: Sequence[Slot]) -> list[tuple[str, str]]:
        """Ask for all items in one query."""
        query = f"{VALUES} {','.join(slot.wire for slot in slots)}"
        reply = self.transport.query(query)
        separator = ";" if ";" in reply else ","
        texts = self.counted(scpi.fields(reply, separator), slots, reply, query)
        return [(text, f"{VALUES} {slot.wire}") for slot, text in zip(slots, texts, strict=True)]

    def integration_start(self) -> None:
        """Start the integration of energy. Raises DeviceRefused where the instrument does. Recalled."""
        self.do(":INTEG:STAT START")

    def integration_stop(self) -> None:
        """Stop the integration. Raises DeviceRefused where the instrument does. Recalled."""
        self.do(":INTEG:STAT STOP")

    def integration_reset(self) -> None:
        """Set energy and time to zero. Raises DeviceRefused where the instrument does. Recalled."""
        self.do(":INTEG:STAT RESET")

    def set_voltage_range(self, volts: float | None) -> None:
        """Fix the voltage range of every channel at `volts` V, or let it follow the signal (None).

        Raises DeviceRefused for a range that there is none of.
        """
        self._set_range("VOLT", volts)

    def set_current_range(self, amperes: float | None) -> None:
        """Fix the current range of every channel at `amperes` A, or let it follow the signal (None).

        Raises DeviceRefused for a range that there is none of: that depends on the sensor.
        """
        self._set_range("CURR", amperes)

    def _set_range(self, which: str, value: float | None) -> None:
        channels = range(1, sum(self._systems()) + 1)
        if value is None:
            self.do(*(f":{which}{n}:AUTO ON" for n in channels))
        else:
            self.do(*(f":{which}{n}:RANG {value:g}" for n in channels))


def _of(names: Sequence[str], channels: Sequence[str]) -> list[Slot]:
    return [Slot(name, channel, f"{name}{channel}") for name in names for channel in channels]


class Pw3390(HiokiAnalyzer):
    """Hioki PW3390 power analyser, 4 channels, TCP port 3390 (PW3390A975-01)."""

    model: ClassVar[str] = "pw3390"
    source: ClassVar[str] = "Hioki PW3390A975-01, communication commands"
    identity: ClassVar[str] = r"HIOKI[^,]*,\s*PW3390"
    fallback: ClassVar[tuple[int, ...]] = (3, 1)

    phase_voltage_range = Point(
        ";".join(f":VOLT{n}:RANG?" for n in range(1, 5)),
        "V",
        "Voltage range of a channel.",
        _ranges,
        name="phase[].voltage_range",
        confirmed=False,
    )
    phase_current_range = Point(
        ";".join(f":CURR{n}:RANG?" for n in range(1, 5)),
        "A",
        "Current range of a channel.",
        _ranges,
        name="phase[].current_range",
        confirmed=False,
    )


class Pw8001(HiokiAnalyzer):
    """Hioki PW8001 power analyser, up to 8 channels, TCP port 23 (PW8001A964-03)."""

    model: ClassVar[str] = "pw8001"
    source: ClassVar[str] = "Hioki PW8001A964-03, communication commands"
    identity: ClassVar[str] = r"HIOKI[^,]*,\s*PW8001"
