"""Eaton ePDU G3 and G4: EATON-EPDU-MIB. Volts and amperes in thousandths; a negative number means "not available".

A group is a breaker, a section of outlets or what the user put together: groups overlap, so they do not add up.
"""

from typing import ClassVar

from drivers.columns import Cell, ColumnPoint, Read, Source, first_part, number, numbered, only, words
from drivers.pdus.device import STATE, Control, PduDevice, Plate

_ROOT = "1.3.6.1.4.1.534.6.6.7"
_UNIT = f"{_ROOT}.1.2.1"
_INPUT, _VOLTAGE, _CURRENT, _POWER, _TOTAL = (f"{_ROOT}.3.{n}.1" for n in range(1, 6))
_GROUP, _OUTLET = f"{_ROOT}.5", f"{_ROOT}.6"
_CONTROL, _PROBES = f"{_ROOT}.6.6.1", f"{_ROOT}.7"

_PLAIN, _MILLI, _TENTHS = number(), number(per=1000), number(per=10)
_NO_PROBE = {-1: "bad", 0: "disconnected"}
_RELAY = words(numbered("off on on_to_off off_to_on"))
_BREAKER = words(numbered("on off", start=1), {0: "not applicable"})
_OPEN = words(numbered("open closed"), {-1: "bad"})

_SINGLE, _TO_NEUTRAL, _LINE_TO_LINE = 1, (2, 3, 4), (5, 6, 7)
_NEUTRAL, _PHASES = 2, (3, 4, 5)
_PHASE_POWERS, _ALL_PHASES = (1, 2, 3), 4


def _input(table: str, column: int, read: Read, *kinds: int) -> Source:
    """Return a column's rows of these kinds: the second column of an input's tables says what was measured."""
    return Source(f"{table}.{column}", read).keyed(only(f"{table}.2", *kinds), f"{table}.2")


def _total(total: int, column: int, read: Read = _PLAIN) -> tuple[Source, Source]:
    """Return the input's total, and where firmware has no such table the row of all phases together."""

    def key(cell: Cell) -> str | None:
        return cell.index.rpartition(".")[0] if cell.look(f"{_POWER}.2") == _ALL_PHASES else None

    return Source(f"{_TOTAL}.{total}", read), Source(f"{_POWER}.{column}", read).keyed(key, f"{_POWER}.2")


def _phase(column: int, read: Read = _PLAIN) -> Source:
    return _input(_POWER, column, read, *_PHASE_POWERS)


def _alike(scope: str, told: str, volts: str, amperes: str, power: str) -> tuple[ColumnPoint, ...]:
    """Return the points that groups and outlets have alike: the column of volts, the tables of the others."""
    return (
        ColumnPoint(f"{scope}[].voltage", "V", f"Voltage of {told}.", Source(volts, _MILLI)),
        ColumnPoint(f"{scope}[].current", "A", f"Current of {told}.", Source(f"{amperes}.3", _MILLI)),
        ColumnPoint(f"{scope}[].used", "%", f"Share of the rated current of {told}.", Source(f"{amperes}.10", _PLAIN)),
        ColumnPoint(f"{scope}[].apparent_power", "VA", f"Apparent power of {told}.", Source(f"{power}.2", _PLAIN)),
        ColumnPoint(f"{scope}[].power", "W", f"Active power of {told}.", Source(f"{power}.3", _PLAIN)),
        ColumnPoint(f"{scope}[].energy", "Wh", f"Energy of {told}.", Source(f"{power}.4", _PLAIN)),
        ColumnPoint(f"{scope}[].power_factor", "1", f"Power factor of {told}.", Source(f"{power}.6", _MILLI)),
        ColumnPoint(f"{scope}[].reactive_power", "var", f"Reactive power of {told}.", Source(f"{power}.7", _PLAIN)),
    )


_TEMPERATURE = (
    Source(f"{_PROBES}.1.1.4", number(per=10, signed=True))
    .unless(f"{_PROBES}.1.1.3", _NO_PROBE)
    .in_scale(f"{_UNIT}.9", 1, 0, first_part)
)


class EatonEpdu(PduDevice):
    """An Eaton ePDU of the third generation or later; outlets are counted per PDU of a daisy chain, from 0."""

    model: ClassVar[str] = "eaton-epdu"
    source: ClassVar[str] = "EATON-EPDU-MIB"
    roots: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.534",)
    proof: ClassVar[tuple[str, ...]] = (f"{_VOLTAGE}.3", f"{_CURRENT}.4")
    plate: ClassVar[Plate] = Plate("Eaton", (f"{_UNIT}.2", f"{_UNIT}.3"), (f"{_UNIT}.4",), (f"{_UNIT}.5",))
    controls: ClassVar = {
        # A column a command; what is written is the delay in seconds.
        f"{_CONTROL}.2": Control(on=(f"{_CONTROL}.4", 0), off=(f"{_CONTROL}.3", 0), cycle=(f"{_CONTROL}.5", 0))
    }
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        ColumnPoint("inlet[].power", "W", "Active power of an input.", *_total(4, 4)),
        ColumnPoint("inlet[].apparent_power", "VA", "Apparent power of an input.", *_total(3, 3)),
        ColumnPoint("inlet[].energy", "Wh", "Energy of an input.", *_total(5, 5)),
        ColumnPoint("inlet[].power_factor", "1", "Power factor of an input.", *_total(7, 7, _MILLI)),
        ColumnPoint("inlet[].reactive_power", "var", "Reactive power of an input.", *_total(8, 8, _PLAIN)),
        ColumnPoint("inlet[].frequency", "Hz", "Line frequency of an input.", Source(f"{_INPUT}.3", _TENTHS)),
        ColumnPoint("phase[].voltage", "V", "Voltage to neutral.", _input(_VOLTAGE, 3, _MILLI, _SINGLE, *_TO_NEUTRAL)),
        ColumnPoint("line_pair[].voltage", "V", "Voltage line to line.", _input(_VOLTAGE, 3, _MILLI, *_LINE_TO_LINE)),
        ColumnPoint("phase[].current", "A", "Current of a phase.", _input(_CURRENT, 4, _MILLI, _SINGLE, *_PHASES)),
        ColumnPoint("phase[].crest_factor", "1", "Crest factor.", _input(_CURRENT, 10, _MILLI, _SINGLE, *_PHASES)),
        ColumnPoint(
            "phase[].used", "%", "Share of the rated current.", _input(_CURRENT, 11, _PLAIN, _SINGLE, *_PHASES)
        ),
        ColumnPoint("neutral[].current", "A", "Current in the neutral.", _input(_CURRENT, 4, _MILLI, _NEUTRAL)),
        ColumnPoint("phase[].power", "W", "Active power of a phase.", _phase(4)),
        ColumnPoint("phase[].apparent_power", "VA", "Apparent power of a phase.", _phase(3)),
        ColumnPoint("phase[].energy", "Wh", "Energy of a phase.", _phase(5)),
        ColumnPoint("phase[].power_factor", "1", "Power factor of a phase.", _phase(7, _MILLI)),
        ColumnPoint("group[].breaker", None, "Breaker of a group.", Source(f"{_GROUP}.1.1.5", _BREAKER)),
        *_alike("group", "a group", f"{_GROUP}.3.1.3", f"{_GROUP}.4.1", f"{_GROUP}.5.1"),
        ColumnPoint(STATE, None, "Relay of an outlet.", Source(f"{_CONTROL}.2", _RELAY)),
        *_alike("outlet", "an outlet", f"{_OUTLET}.3.1.2", f"{_OUTLET}.4.1", f"{_OUTLET}.5.1"),
        ColumnPoint("sensor[].temperature", "degC", "Temperature at a probe.", _TEMPERATURE),
        ColumnPoint(
            "sensor[].humidity",
            "%RH",
            "Humidity at a probe.",
            Source(f"{_PROBES}.2.1.4", _TENTHS).unless(f"{_PROBES}.2.1.3", _NO_PROBE),
        ),
        ColumnPoint(
            "sensor[].contact",
            None,
            "Dry contact.",
            Source(f"{_PROBES}.3.1.4", _OPEN).unless(f"{_PROBES}.3.1.3", _NO_PROBE),
        ),
    )
