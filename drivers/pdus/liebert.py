"""Vertiv Liebert MPH, MPH2 and MPX: LIEBERT-GP-PDU-MIB. Fine columns where there are some, else the coarse ones."""

from typing import ClassVar

from drivers.columns import ColumnPoint, Read, Source, number, numbered, only, words
from drivers.pdus.device import STATE, PduDevice, Plate, one_column

_ROOT = "1.3.6.1.4.1.476.1.42.3.8"
_PDU, _INPUT, _LINE, _BRANCH = f"{_ROOT}.20.1", f"{_ROOT}.30.20.1", f"{_ROOT}.30.40.1", f"{_ROOT}.40.20.1"
_OUTLET, _PROBE, _OLD_PROBE = f"{_ROOT}.50.20.1", f"{_ROOT}.60.15.1", f"{_ROOT}.60.10.1"

_TENTHS, _DEGREES = number(per=10), number(per=10, signed=True)
_UNMETERED = {1: "no capability", 4: "switched, not measured"}
_RELAY = words(numbered("off on off_waiting_for_on", start=1), {0: "unknown"})
_TEMPERATURE, _HUMIDITY, _DOOR, _CONTACT, _PRESSURE, _LEAK = range(1, 7)
_OPEN = words(numbered("open closed", start=1), {0: "not specified"})
_WET = words(numbered("no_leak leak pending cable_fault", start=1), {0: "not specified"})


def _input(column: int, per: int = 1, times: int = 1) -> Source:
    return Source(f"{_INPUT}.{column}", number(per=per, times=times))


def _line(column: int, per: int = 1) -> Source:
    return Source(f"{_LINE}.{column}", number(per=per))


def _branch(column: int, per: int = 1, times: int = 1) -> Source:
    return Source(f"{_BRANCH}.{column}", number(per=per, times=times))


def _outlet(column: int, per: int = 1, times: int = 1) -> Source:
    source = Source(f"{_OUTLET}.{column}", number(per=per, times=times))
    return source.unless(f"{_OUTLET}.50", _UNMETERED)


def _probe(column: int, kind: int, read: Read) -> Source:
    return Source(f"{_PROBE}.{column}", read).keyed(only(f"{_PROBE}.10", kind), f"{_PROBE}.10")


def _old_probe(column: int, kind: int, read: Read) -> Source:
    return Source(f"{_OLD_PROBE}.{column}", read).keyed(only(f"{_OLD_PROBE}.5", kind), f"{_OLD_PROBE}.5")


class LiebertPdu(PduDevice):
    """A Vertiv Liebert MPH, MPH2 or MPX rack PDU."""

    model: ClassVar[str] = "liebert-pdu"
    source: ClassVar[str] = "LIEBERT-GP-PDU-MIB; the older probes' table (60.10) is recalled in part"
    roots: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.476.1.42",)
    proof: ClassVar[tuple[str, ...]] = (f"{_INPUT}.65", f"{_LINE}.22", f"{_BRANCH}.115")
    plate: ClassVar[Plate] = Plate(
        "Vertiv Liebert", (f"{_INPUT}.20",), (f"{_PDU}.45", f"{_INPUT}.55"), (f"{_INPUT}.60",)
    )
    controls: ClassVar = {f"{_OUTLET}.95": one_column(f"{_OUTLET}.100", on=1, off=0, cycle=2)}
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        ColumnPoint("inlet[].power", "W", "Active power of a power source.", _input(65)),
        ColumnPoint("inlet[].apparent_power", "VA", "Apparent power of a power source.", _input(90)),
        ColumnPoint("inlet[].power_factor", "1", "Power factor of a power source.", _input(95, per=100)),
        ColumnPoint("inlet[].energy", "Wh", "Energy of a power source.", _input(50, times=100)),
        ColumnPoint("inlet[].neutral_current", "A", "Current in the neutral.", _input(70, per=10)),
        ColumnPoint("inlet[].residual_current", "A", "Residual current of a power source.", _input(100, per=1000)),
        ColumnPoint("phase[].voltage", "V", "Voltage of a line to neutral.", _line(19, per=10), _line(20)),
        ColumnPoint("phase[].line_voltage", "V", "Voltage of a line to the next.", _line(61, per=10), _line(60)),
        ColumnPoint("phase[].current", "A", "Current of a line.", _line(22, per=100), _line(21, per=10)),
        ColumnPoint("phase[].power", "W", "Active power, line to neutral.", _line(63)),
        ColumnPoint("phase[].line_power", "W", "Active power, line to line.", _line(64)),
        ColumnPoint("phase[].apparent_power", "VA", "Apparent power, line to neutral.", _line(65)),
        ColumnPoint("phase[].line_apparent_power", "VA", "Apparent power, line to line.", _line(66)),
        ColumnPoint("phase[].power_factor", "1", "Power factor, line to neutral.", _line(67, per=100)),
        ColumnPoint("phase[].line_power_factor", "1", "Power factor, line to line.", _line(68, per=100)),
        ColumnPoint("branch[].voltage", "V", "Voltage of a branch, line to neutral.", _branch(100, per=10)),
        ColumnPoint("branch[].line_voltage", "V", "Voltage of a branch, line to line.", _branch(170, per=10)),
        ColumnPoint("branch[].current", "A", "Current of a branch.", _branch(130, per=100)),
        ColumnPoint("branch[].power", "W", "Active power of a branch.", _branch(115)),
        ColumnPoint("branch[].apparent_power", "VA", "Apparent power of a branch.", _branch(120)),
        ColumnPoint("branch[].power_factor", "1", "Power factor of a branch.", _branch(125, per=100)),
        ColumnPoint("branch[].energy", "Wh", "Energy of a branch.", _branch(85, times=100)),
        ColumnPoint(STATE, None, "Relay of an outlet.", Source(f"{_OUTLET}.95", _RELAY)),
        ColumnPoint("outlet[].voltage", "V", "Voltage of an outlet.", _outlet(56, per=10), _outlet(55)),
        ColumnPoint("outlet[].current", "A", "Current of an outlet.", _outlet(61, per=100), _outlet(60, per=10)),
        ColumnPoint("outlet[].power", "W", "Active power of an outlet.", _outlet(65)),
        ColumnPoint("outlet[].apparent_power", "VA", "Apparent power of an outlet.", _outlet(70)),
        ColumnPoint("outlet[].power_factor", "1", "Power factor of an outlet.", _outlet(75, per=100)),
        ColumnPoint("outlet[].frequency", "Hz", "Line frequency at an outlet.", _outlet(80, per=10)),
        ColumnPoint("outlet[].energy", "Wh", "Energy of an outlet.", _outlet(85, times=100)),
        ColumnPoint("outlet[].crest_factor", "1", "Crest factor of an outlet's current.", _outlet(162, per=100)),
        ColumnPoint("sensor[].temperature", "degC", "Temperature at a probe.", _probe(70, _TEMPERATURE, _DEGREES)),
        ColumnPoint("sensor[].humidity", "%RH", "Humidity at a probe.", _probe(95, _HUMIDITY, _TENTHS)),
        ColumnPoint(
            "sensor[].differential_pressure", "Pa", "Pressure across a probe.", _probe(140, _PRESSURE, _DEGREES)
        ),
        ColumnPoint("sensor[].door", None, "Door contact.", _probe(120, _DOOR, _OPEN)),
        ColumnPoint("sensor[].contact", None, "Dry contact.", _probe(130, _CONTACT, _OPEN)),
        ColumnPoint("sensor[].leak", None, "Leak sensor.", _probe(165, _LEAK, _WET)),
        ColumnPoint(
            "old_sensor[].temperature",
            "degC",
            "Temperature at a probe, in the older table.",
            _old_probe(75, _TEMPERATURE, _DEGREES),
            confirmed=False,
        ),
        ColumnPoint(
            "old_sensor[].humidity",
            "%RH",
            "Humidity at a probe, in the older table.",
            _old_probe(100, _HUMIDITY, _TENTHS),
            confirmed=False,
        ),
    )
