"""Server Technology PDUs before Sentry4: Sentry3-MIB, of towers, infeeds and outlets."""

from typing import ClassVar

from drivers.columns import ColumnPoint, Source, number, numbered, words
from drivers.pdus.device import STATE, PduDevice, Plate, one_column

_ROOT = "1.3.6.1.4.1.1718.3"
_TOWER, _INFEED, _OUTLET = f"{_ROOT}.2.1.1", f"{_ROOT}.2.2.1", f"{_ROOT}.2.3.1"
_WATER, _AIR, _BRANCH = f"{_ROOT}.2.4.1.6", f"{_ROOT}.2.5.1", f"{_ROOT}.2.7.1"

_NO_LOAD = {2: "reading", 6: "read error", 7: "no communication"}
_NO_AIR = {1: "not found", 2: "reading", 5: "read error", 6: "lost", 7: "no communication"}
_TOWER_LOST = {1: "no communication"}
_TOWERS = words({0: "normal", **numbered("fan_fail over_temperature memory_fail out_of_balance", start=2)}, _TOWER_LOST)
_RELAY = words(
    {**numbered("off on off_wait on_wait off_error on_error"), 8: "off_fuse", 9: "on_fuse"},
    {6: "no communication", 7: "reading"},
)


def _tower(column: int, per: int = 1, times: int = 1) -> Source:
    return Source(f"{_TOWER}.{column}", number(per=per, times=times)).unless(f"{_TOWER}.4", _TOWER_LOST)


def _infeed(column: int, per: int = 1, times: int = 1) -> Source:
    return Source(f"{_INFEED}.{column}", number(per=per, times=times)).unless(f"{_INFEED}.6", _NO_LOAD)


def _outlet(column: int, per: int = 1) -> Source:
    return Source(f"{_OUTLET}.{column}", number(per=per)).unless(f"{_OUTLET}.6", _NO_LOAD)


class Sentry3(PduDevice):
    """A Server Technology CDU, Switched, Smart or POPS, of firmware 5 to 7."""

    model: ClassVar[str] = "sentry3"
    source: ClassVar[str] = "Server Technology Sentry3-MIB; the firmware's place is recalled"
    roots: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.1718.3",)
    proof: ClassVar[tuple[str, ...]] = (f"{_INFEED}.7", f"{_OUTLET}.5")
    plate: ClassVar[Plate] = Plate("Server Technology", (f"{_TOWER}.7",), (f"{_TOWER}.6",), (f"{_ROOT}.1.1",))
    controls: ClassVar = {
        f"{_OUTLET}.5": one_column(f"{_OUTLET}.11", on=1, off=2, cycle=3),
    }
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        ColumnPoint("unit[].power", "W", "Active power of all towers.", Source(f"{_ROOT}.1.6", number())),
        ColumnPoint("inlet[].status", None, "What the PDU thinks of a tower.", Source(f"{_TOWER}.4", _TOWERS)),
        ColumnPoint("inlet[].used", "%", "Share of a tower's VA capacity in use.", _tower(10, per=10)),
        ColumnPoint("inlet[].power", "W", "Active power of a tower.", _tower(11)),
        ColumnPoint("inlet[].apparent_power", "VA", "Apparent power of a tower.", _tower(12)),
        ColumnPoint("inlet[].power_factor", "1", "Power factor of a tower.", _tower(13, per=100)),
        ColumnPoint("inlet[].energy", "Wh", "Energy of a tower, in whole kWh.", _tower(14, times=1000)),
        ColumnPoint("inlet[].frequency", "Hz", "Line frequency of a tower.", _tower(15)),
        ColumnPoint("infeed[].state", None, "State of an infeed.", Source(f"{_INFEED}.5", _RELAY)),
        ColumnPoint("infeed[].current", "A", "Current of an infeed's line.", _infeed(7, per=100)),
        ColumnPoint("infeed[].voltage", "V", "Voltage of an infeed, line to line.", _infeed(11, per=10)),
        ColumnPoint("infeed[].power", "W", "Active power of an infeed.", _infeed(12)),
        ColumnPoint("infeed[].apparent_power", "VA", "Apparent power of an infeed.", _infeed(13)),
        ColumnPoint("infeed[].power_factor", "1", "Power factor of an infeed.", _infeed(14, per=100)),
        ColumnPoint("infeed[].crest_factor", "1", "Crest factor of an infeed.", _infeed(15, per=10)),
        ColumnPoint("infeed[].energy", "Wh", "Energy of an infeed.", _infeed(16, times=100)),
        ColumnPoint("infeed[].used", "%", "Share of an infeed's capacity in use.", _infeed(20, per=10)),
        ColumnPoint("phase[].voltage", "V", "Voltage of an infeed's phase.", _infeed(18, per=10)),
        ColumnPoint("phase[].current", "A", "Current of an infeed's phase.", _infeed(19, per=100)),
        ColumnPoint(
            "branch[].current",
            "A",
            "Current of a branch.",
            Source(f"{_BRANCH}.7", number(per=100)).unless(f"{_BRANCH}.6", _NO_LOAD),
        ),
        ColumnPoint("branch[].state", None, "State of a branch.", Source(f"{_BRANCH}.5", _RELAY)),
        ColumnPoint(STATE, None, "Relay of an outlet.", Source(f"{_OUTLET}.5", _RELAY)),
        ColumnPoint("outlet[].current", "A", "Current of an outlet.", _outlet(7, per=100)),
        ColumnPoint("outlet[].voltage", "V", "Voltage of an outlet.", _outlet(13, per=10)),
        ColumnPoint("outlet[].power", "W", "Active power of an outlet.", _outlet(14)),
        ColumnPoint("outlet[].apparent_power", "VA", "Apparent power of an outlet.", _outlet(15)),
        ColumnPoint("outlet[].power_factor", "1", "Power factor of an outlet.", _outlet(16, per=100)),
        ColumnPoint("outlet[].crest_factor", "1", "Crest factor of an outlet.", _outlet(17, per=10)),
        ColumnPoint("outlet[].energy", "Wh", "Energy of an outlet.", _outlet(18)),
        ColumnPoint(
            "sensor[].temperature",
            "degC",
            "Temperature at a sensor.",
            # The scale is missing from early firmware, which knew °C only.
            Source(f"{_AIR}.6", number(per=10))
            .unless(f"{_AIR}.5", _NO_AIR)
            .in_scale(f"{_AIR}.13", 1, 0, lambda cell: cell.index, default=0),
        ),
        ColumnPoint(
            "sensor[].humidity",
            "%RH",
            "Humidity at a sensor.",
            Source(f"{_AIR}.10", number()).unless(f"{_AIR}.9", _NO_AIR),
        ),
        ColumnPoint(
            "sensor[].leak",
            None,
            'Water sensor: "dry" or "wet".',
            Source(_WATER, words(numbered("dry wet"), {2: "no communication"})),
        ),
    )
