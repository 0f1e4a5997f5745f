"""Keysight IntegraVision PA2203A, and PA2201A, over VISA.

No manual was at hand. `ANALyze:QUALity<n>:MEASure`, `:VOLTage:DC?`, `:CURRent:DC?`, windows and modes were read in a
public driver of the PA2201A; all else is recalled, and what the analyser refuses is null with its own reason.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from drivers import scpi
from drivers.errors import DriverError
from drivers.meters.item_list import TOTAL, ItemMeter, Plan, Slot, each, summed, total, wires_of
from drivers.points import Point
from drivers.protocols import Kind

VALUES = ":ANAL:QUAL"
SETTLE_S = 1.2
"""A measurement of the window of 1 s has its result after that time."""

_SURE = {"UDC": "VOLT:DC?", "IDC": "CURR:DC?"}
_RECALLED = {
    "U": "VOLT:RMS?",
    "I": "CURR:RMS?",
    "P": "POW:REAL?",
    "S": "POW:APP?",
    "Q": "POW:REAC?",
    "PF": "POW:FACT?",
    "FU": "VOLT:FREQ?",
    "UTHD": "VOLT:THD?",
    "ITHD": "CURR:THD?",
}
_CHANNELS = {"PA2201": ("1", "2"), "PA2203": ("1", "2", "3")}


class Pa2203a(ItemMeter):
    """Keysight PA2203A power analyser, 3 channels, or PA2201A, 2 channels.

    Total power is the sum over the channels. Ranges, scaling and energy need the manual: they are lacking.
    """

    model: ClassVar[str] = "pa2203a"
    kind: ClassVar[Kind] = "power_meter"
    lacks: ClassVar[frozenset[str]] = frozenset(
        {"apparent_power", "reactive_power", "power_factor", "energy", "ct_ratio", "voltage_range", "current_range"}
        | {"update_interval"}
    )
    source: ClassVar[str] = "Keysight PA2201A by way of a public driver; the programmer's guide was not at hand"
    identity: ClassVar[str] = r"(KEYSIGHT|AGILENT)[^,]*,\s*PA220[13]"
    values: ClassVar[str] = VALUES

    power = Point(VALUES, "W", "Sum of the active power of the channels.", total("P", "W"), confirmed=False)
    frequency = Point(VALUES, "Hz", "Frequency of the voltage of channel 1.", total("FU", "Hz"), confirmed=False)
    voltage = Point(VALUES, "V", "RMS voltage.", each("U", "V"), name="phase[].voltage", confirmed=False)
    current = Point(VALUES, "A", "RMS current.", each("I", "A"), name="phase[].current", confirmed=False)
    voltage_dc = Point(VALUES, "V", "DC voltage.", each("UDC", "V"), name="phase[].voltage_dc")
    current_dc = Point(VALUES, "A", "DC current.", each("IDC", "A"), name="phase[].current_dc")
    phase_power = Point(VALUES, "W", "Active power of a phase.", each("P", "W"), name="phase[].power", confirmed=False)
    phase_apparent = Point(
        VALUES, "VA", "Apparent power of a phase.", each("S", "VA"), name="phase[].apparent_power", confirmed=False
    )
    phase_reactive = Point(
        VALUES, "var", "Reactive power of a phase.", each("Q", "var"), name="phase[].reactive_power", confirmed=False
    )
    phase_power_factor = Point(
        VALUES, "1", "Power factor of a phase.", each("PF", "1"), name="phase[].power_factor", confirmed=False
    )
    voltage_thd = Point(
        VALUES, "%", "THD of the voltage.", each("UTHD", "%"), name="phase[].voltage_thd", confirmed=False
    )
    current_thd = Point(
        VALUES, "%", "THD of the current.", each("ITHD", "%"), name="phase[].current_thd", confirmed=False
    )

    def groups(self, plan: Plan) -> Iterator[list[Slot]]:
        """Yield DC values, whose commands are known, then the rest by function."""
        del plan
        model = self.identify().model.upper()
        channels = next((n for prefix, n in _CHANNELS.items() if model.startswith(prefix)), ("1", "2", "3"))
        self.do(":ANAL:ENAB ON", ":ANAL:WIND W_1S")
        yield [Slot(f, n, _wire(n, name)) for f, name in _SURE.items() for n in channels]
        for function, name in _RECALLED.items():
            if function == "FU":
                yield [Slot("FU", TOTAL, _wire("1", name))]
                continue
            phases = [Slot(function, n, _wire(n, name)) for n in channels]
            of_all = Slot(function, TOTAL, ";".join(slot.wire for slot in phases))
            yield [*phases, of_all] if function == "P" else phases

    def read_field(self, text: str, unit: str, wire: str) -> float:
        """Read a field; a total is the sum of its parts."""
        del wire
        return summed(text, unit)

    def admit(self, plan: Plan, group: list[Slot]) -> None:
        """Ask for the group alone: a command that the analyser does not have costs the rest of the message."""
        del plan
        try:
            self.fetch(group)
        except DriverError:
            self._forget()
            raise

    def fetch(self, slots: Sequence[Slot]) -> list[tuple[str, str]]:
        """Measure, then ask for all items in one message."""
        wires = wires_of(slots)
        for channel in dict.fromkeys(wire.removeprefix(VALUES)[0] for wire in wires):
            self.transport.write(f"{VALUES}{channel}:MEAS")
        self.clock.sleep(SETTLE_S)
        sent = ";".join(wires)
        reply = self.transport.query(sent)
        return self.dealt(scpi.fields(reply, ";"), slots, reply, sent)


def _wire(channel: str, name: str) -> str:
    return f"{VALUES}{channel}:{name}"
