"""Server Technology PDUs of today: Sentry4-MIB. Every number has a status beside it that may say there is none."""

from typing import ClassVar

from drivers.columns import ColumnPoint, Read, Source, number, numbered, scalar, words
from drivers.pdus.device import STATE, PduDevice, Plate, one_column

_ROOT = "1.3.6.1.4.1.1718.4.1"
_UNIT, _CORD, _LINE, _PHASE = f"{_ROOT}.2.2.1", f"{_ROOT}.3.3.1", f"{_ROOT}.4.3.1", f"{_ROOT}.5.3.1"
_BREAKER, _BRANCH, _OUTLET, _CONTROL = f"{_ROOT}.6.3.1", f"{_ROOT}.7.3.1", f"{_ROOT}.8.3.1", f"{_ROOT}.8.5.1.2"
_SCALE, _TEMPERATURE, _HUMIDITY = f"{_ROOT}.9.1.10", f"{_ROOT}.9.3.1", f"{_ROOT}.10.3.1"

_PLAIN, _TENTHS, _HUNDREDTHS = number(), number(per=10), number(per=100)
_HUNDREDS = number(times=100)

_NO_DATA = {
    1: "disabled",
    2: "purged",
    **numbered("reading settle not_found lost read_error no_communication", start=5),
}
_STATUS = words(
    {
        0: "normal",
        **numbered("power_error breaker_tripped fuse_blown low_alarm low_warning", start=11),
        **numbered("high_warning high_alarm alarm under_limit over_limit", start=16),
        **numbered("memory_fail profile_error conflict", start=21),
    },
    _NO_DATA,
)
_RELAY = words(numbered("on off", start=1), {0: "unknown"})
_COLD = -410
"""What a temperature says where there is none, in tenths of either scale."""


def _judged(table: str, column: int, status: int | None, read: Read) -> Source:
    source = Source(f"{table}.{column}", read)
    return source if status is None else source.unless(f"{table}.{status}", _NO_DATA)


def _points(scope: str, told: str, table: str, *rows: tuple[str, str, int, int | None, Read]) -> list[ColumnPoint]:
    """Return a table's points from rows of quantity, unit, column, the status' column and how to read it."""
    return [
        ColumnPoint(
            f"{scope}[].{name}",
            unit,
            f"{name.replace('_', ' ').capitalize()} of {told}.",
            _judged(table, column, status, read),
        )
        for name, unit, column, status, read in rows
    ]


def _celsius() -> Source:
    read = number(per=10, signed=True)
    source = Source(f"{_TEMPERATURE}.1", read).unless(f"{_TEMPERATURE}.2", _NO_DATA)
    return source.unless(f"{_TEMPERATURE}.1", {_COLD: "no temperature"}).in_scale(_SCALE, 1, 0, scalar)


class Sentry4(PduDevice):
    """A Server Technology PRO1, PRO2 or PRO3 of firmware 8."""

    model: ClassVar[str] = "sentry4"
    source: ClassVar[str] = "Server Technology Sentry4-MIB"
    roots: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.1718.4",)
    proof: ClassVar[tuple[str, ...]] = (f"{_CORD}.1", f"{_OUTLET}.1")
    plate: ClassVar[Plate] = Plate(
        "Server Technology", (f"{_UNIT}.5", f"{_ROOT}.1.1.1"), (f"{_UNIT}.4",), (f"{_ROOT}.1.1.3",)
    )
    controls: ClassVar = {f"{_OUTLET}.1": one_column(_CONTROL, on=1, off=2, cycle=3)}
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        *_points(
            "inlet",
            "a cord",
            _CORD,
            ("power", "W", 3, 4, _PLAIN),
            ("apparent_power", "VA", 5, 6, _PLAIN),
            ("used", "%", 7, 2, _TENTHS),
            ("power_factor", "1", 8, 9, _HUNDREDTHS),
            ("energy", "Wh", 10, 2, _HUNDREDS),
            ("frequency", "Hz", 11, 2, _TENTHS),
            ("unbalanced_current", "%", 12, 2, _TENTHS),
        ),
        ColumnPoint("inlet[].state", None, "State of a cord.", Source(f"{_CORD}.1", _RELAY)),
        ColumnPoint("inlet[].status", None, "What the PDU thinks of a cord.", Source(f"{_CORD}.2", _STATUS)),
        *_points("line", "a line", _LINE, ("current", "A", 3, 4, _HUNDREDTHS), ("used", "%", 5, 2, _TENTHS)),
        *_points(
            "phase",
            "a phase",
            _PHASE,
            ("voltage", "V", 3, 4, _TENTHS),
            ("current", "A", 6, 2, _HUNDREDTHS),
            ("crest_factor", "1", 7, 2, _TENTHS),
            ("power", "W", 8, 2, _PLAIN),
            ("apparent_power", "VA", 9, 2, _PLAIN),
            ("power_factor", "1", 10, 2, _HUNDREDTHS),
            ("energy", "Wh", 13, 2, _HUNDREDS),
        ),
        ColumnPoint("breaker[].status", None, "State of a breaker or fuse.", Source(f"{_BREAKER}.1", _STATUS)),
        *_points("branch", "a branch", _BRANCH, ("current", "A", 3, 4, _HUNDREDTHS), ("used", "%", 5, 2, _TENTHS)),
        ColumnPoint(
            STATE,
            None,
            "Relay of an outlet.",
            Source(f"{_OUTLET}.1", _RELAY).unless(f"{_OUTLET}.2", _NO_DATA),
        ),
        ColumnPoint("outlet[].status", None, "What the PDU thinks of an outlet.", Source(f"{_OUTLET}.2", _STATUS)),
        *_points(
            "outlet",
            "an outlet",
            _OUTLET,
            ("current", "A", 3, 4, _HUNDREDTHS),
            ("used", "%", 5, 2, _TENTHS),
            ("voltage", "V", 6, 2, _TENTHS),
            ("power", "W", 7, 8, _PLAIN),
            ("apparent_power", "VA", 9, 2, _PLAIN),
            ("power_factor", "1", 10, 11, _HUNDREDTHS),
            ("crest_factor", "1", 12, 2, _TENTHS),
            ("energy", "Wh", 14, 2, _PLAIN),
        ),
        ColumnPoint("sensor[].temperature", "degC", "Temperature at a sensor.", _celsius()),
        ColumnPoint(
            "sensor[].humidity",
            "%RH",
            "Humidity at a sensor.",
            Source(f"{_HUMIDITY}.1", _PLAIN).unless(f"{_HUMIDITY}.2", _NO_DATA),
        ),
    )
