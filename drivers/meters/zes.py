"""ZES Zimmer LMG600 series (LMG610, LMG640, LMG670, LMG671) over VISA: short commands, all in one message.

The short language (`*zlang short`), the items, `actn`, `ctyp`, ranges and cycle time were read in public drivers of
the LMG640 and LMG670; `isca`, `usca`, `ep` and the integrator are recalled from the LMG600 user manual.
"""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from drivers import scpi
from drivers.errors import Garbled
from drivers.meters.item_list import TOTAL, ItemMeter, Plan, Slot, common, each, summed, total, wires_of
from drivers.points import Clock, Identity, Item, Point
from drivers.protocols import Kind
from drivers.visa import VisaTransport

VALUES = "actn"
"""`actn` takes the values of the latest cycle: whatever follows in the message belongs to one update."""

SHORT = "*zlang short"
CHANNELS = {"LMG61": 1, "LMG64": 4, "LMG67": 7}
"""Slots for channels by model."""

_CORE = {"U": "utrms", "I": "itrms", "P": "p", "S": "s", "Q": "q", "PF": "pf"}
_OPTIONAL = {"UTHD": "huhd", "ITHD": "hihd", "URNG": "urng", "IRNG": "irng", "UAUTO": "uauto", "IAUTO": "iauto"}
_RECALLED = {"ISCA": "isca", "USCA": "usca", "WH": "ep", "AH": "iq"}
_MOST_SUMMED = 3


def _seconds(reply: str) -> Item:
    value = scpi.number(scpi.without_header(reply), "s")
    if value <= 0:
        raise Garbled("a cycle is longer than 0 s", received=reply)
    return Item(value, reply)


class Lmg600(ItemMeter):
    """ZES Zimmer LMG600 power analyser, 1 to 7 channels.

    Total power and energy are the sums over the fitted channels, where these are at most three: with more, nothing
    says which of them are one feed. Apparent and reactive power have no such sum.
    """

    model: ClassVar[str] = "lmg600"
    kind: ClassVar[Kind] = "power_meter"
    lacks: ClassVar[frozenset[str]] = frozenset({"apparent_power", "reactive_power", "power_factor"})
    source: ClassVar[str] = "ZES Zimmer LMG600 user manual, by way of public drivers"
    identity: ClassVar[str] = r"ZES[ _-]*ZIMMER.*LMG6[147]\d"
    errors: ClassVar[str] = ""
    values: ClassVar[str] = VALUES

    power = Point(VALUES, "W", "Sum of the active power of the fitted channels.", total("P", "W"))
    frequency = Point(VALUES, "Hz", "Cycle frequency of channel 1.", total("FCYC", "Hz"))
    energy = Point(VALUES, "Wh", "Sum of the energy of the fitted channels.", total("WH", "Wh"), confirmed=False)
    voltage = Point(VALUES, "V", "RMS voltage.", each("U", "V"), name="phase[].voltage")
    current = Point(VALUES, "A", "RMS current.", each("I", "A"), name="phase[].current")
    phase_power = Point(VALUES, "W", "Active power of a phase.", each("P", "W"), name="phase[].power")
    phase_apparent = Point(VALUES, "VA", "Apparent power of a phase.", each("S", "VA"), name="phase[].apparent_power")
    phase_reactive = Point(VALUES, "var", "Reactive power of a phase.", each("Q", "var"), name="phase[].reactive_power")
    phase_power_factor = Point(VALUES, "1", "Power factor of a phase.", each("PF", "1"), name="phase[].power_factor")
    voltage_thd = Point(VALUES, "%", "THD of the voltage.", each("UTHD", "%"), name="phase[].voltage_thd")
    current_thd = Point(VALUES, "%", "THD of the current.", each("ITHD", "%"), name="phase[].current_thd")
    phase_energy = Point(VALUES, "Wh", "Energy of a phase.", each("WH", "Wh"), name="phase[].energy", confirmed=False)
    phase_charge = Point(VALUES, "Ah", "Charge of a phase.", each("AH", "Ah"), name="phase[].charge", confirmed=False)
    ct_ratio = Point(VALUES, "1", "Scaling of the current, all channels alike.", common("ISCA", "1"), confirmed=False)
    vt_ratio = Point(VALUES, "1", "Scaling of the voltage, all channels alike.", common("USCA", "1"), confirmed=False)
    voltage_range = Point(VALUES, "V", "Voltage range in use, all channels alike.", common("URNG", "V"))
    current_range = Point(VALUES, "A", "Current range in use, all channels alike.", common("IRNG", "A"))
    phase_voltage_range = Point(VALUES, "V", "Voltage range in use.", each("URNG", "V"), name="phase[].voltage_range")
    phase_current_range = Point(VALUES, "A", "Current range in use.", each("IRNG", "A"), name="phase[].current_range")
    update_interval = Point("cycl?", "s", "Cycle time.", _seconds)

    def __init__(self, transport: VisaTransport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self._slots = 0

    def identify(self) -> Identity:
        """Ask `*IDN?`. Raises WrongDevice unless it is an LMG600."""
        identity = super().identify()
        found = re.search(r"LMG6[147]", identity.raw, re.IGNORECASE)
        self._slots = CHANNELS[found[0].upper()] if found else 0
        return identity

    def groups(self, plan: Plan) -> Iterator[list[Slot]]:
        """Yield RMS values and powers of the fitted channels, then the rest by function."""
        if not self._slots:
            self.identify()
        self.transport.write(SHORT)
        channels = self._fitted()
        frequency = Slot("FCYC", TOTAL, f"fcyc{channels[0]}?")
        yield [*_of(_CORE, channels), frequency, *self._sum(plan, "P", "p", channels)]
        for function, name in (_OPTIONAL | _RECALLED).items():
            energy = self._sum(plan, function, name, channels) if function == "WH" else []
            yield _of({function: name}, channels) + energy

    def _fitted(self) -> list[str]:
        """Return the numbers of the fitted channels: the type of an empty slot is an empty string."""
        query = ";".join(f"ctyp{n}?" for n in range(1, self._slots + 1))
        reply = self.transport.query(query)
        types = [kind.strip().strip('"').strip() for kind in reply.split(";")]
        fitted = [str(n) for n, kind in enumerate(types, 1) if kind]
        if len(types) != self._slots or not fitted:
            what = f"{len(types)} types of {self._slots} channels"
            raise Garbled(what, address=self.address, sent=query, received=reply)
        return fitted

    def _sum(self, plan: Plan, function: str, name: str, channels: list[str]) -> list[Slot]:
        slot = Slot(function, TOTAL, ";".join(f"{name}{n}?" for n in channels))
        if len(channels) <= _MOST_SUMMED:
            return [slot]
        plan.leave_out([slot], f"{len(channels)} channels are fitted: nothing says which of them are one feed")
        return []

    def read_field(self, text: str, unit: str, wire: str) -> float:
        """Read a field; a total is the sum of its parts."""
        del wire
        return summed(text, unit)

    def admit(self, plan: Plan, group: list[Slot]) -> None:
        """Ask for the group alone: a command that the instrument does not have costs its part of the reply."""
        del plan
        self.fetch(group)

    def fetch(self, slots: Sequence[Slot]) -> list[tuple[str, str]]:
        """Ask for all items in one message; a total is made of fields that are there already."""
        sent = ";".join((VALUES, *wires_of(slots)))
        reply = self.transport.query(sent)
        return self.dealt(scpi.fields(reply, ";"), slots, reply, sent)

    def integration_start(self) -> None:
        """Start the integration of energy. Raises DeviceRefused where the instrument does. Recalled."""
        self._short("inton")

    def integration_stop(self) -> None:
        """Stop the integration. Raises DeviceRefused where the instrument does. Recalled."""
        self._short("intoff")

    def integration_reset(self) -> None:
        """Set energy to zero. Raises DeviceRefused where the instrument does. Recalled."""
        self._short("intrst")

    def set_voltage_range(self, volts: float | None) -> None:
        """Fix the voltage range of the fitted channels at `volts` V, or let it follow the signal (None).

        Raises DeviceRefused for a range that there is none of.
        """
        self._set_range("u", volts)

    def set_current_range(self, amperes: float | None) -> None:
        """Fix the current range of the fitted channels at `amperes` A, or let it follow the signal (None).

        Raises DeviceRefused for a range that there is none of.
        """
        self._set_range("i", amperes)

    def set_update_interval(self, seconds: float) -> None:
        """Set the cycle time in s. Raises DeviceRefused for one that there is none of."""
        self._short(f"cycl {seconds:g}")

    def _set_range(self, quantity: str, value: float | None) -> None:
        channels = dict.fromkeys(slot.element for slot in self._prepared().slots if slot.element)
        if value is None:
            self._short(*(f"{quantity}auto{n} 1" for n in channels))
        else:
            self._short(*(f"{quantity}auto{n} 0;{quantity}rng{n} {value:g}" for n in channels))

    def _short(self, *commands: str) -> None:
        self.do(SHORT, *commands)


def _of(functions: dict[str, str], channels: Sequence[str]) -> list[Slot]:
    return [Slot(function, n, f"{name}{n}?") for function, name in functions.items() for n in channels]
