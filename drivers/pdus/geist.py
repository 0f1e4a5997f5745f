"""Vertiv Geist PDUs with an IMD of firmware 4 or 5 (GU1, GU2, rPDU, Upgradeable): GEIST-V5-MIB and VERTIV-V5-MIB."""

from collections.abc import Iterator
from typing import ClassVar

from drivers.columns import ColumnPoint, Read, Source, number, numbered, scalar, words
from drivers.pdus.device import STATE, PduDevice, Plate, one_column

_ROOT = "1.3.6.1.4.1.21239.5.2"
_MAIN, _PHASE, _BREAKER, _LINE = f"{_ROOT}.3.1.1", f"{_ROOT}.3.2.1", f"{_ROOT}.3.3.1", f"{_ROOT}.3.4.1"
_SWITCH, _METER = f"{_ROOT}.3.5.1", f"{_ROOT}.3.6.1"
_SCALE = f"{_ROOT}.1.7"

_PLAIN, _TENTHS, _HUNDREDTHS, _SIGNED = number(), number(per=10), number(per=100), number(per=10, signed=True)
_GONE = {0: "not available"}
_RELAY = words(numbered("on off on_to_off off_to_on reboot_on reboot_off", start=1), {7: "not available"})

_Row = tuple[str, str, int, Read]
_METERED: tuple[_Row, ...] = (
    ("voltage", "V", 4, _TENTHS),
    ("current", "A", 8, _HUNDREDTHS),
    ("power", "W", 12, _PLAIN),
    ("apparent_power", "VA", 13, _PLAIN),
    ("power_factor", "1", 14, _HUNDREDTHS),
    ("energy", "Wh", 15, _PLAIN),
)
_CREST: _Row = ("crest_factor", "1", 19, _HUNDREDTHS)
_BALANCE: _Row = ("balance", "%", 17, _PLAIN)
_TOTALS: tuple[_Row, ...] = (
    ("power", "W", 9, _PLAIN),
    ("apparent_power", "VA", 10, _PLAIN),
    ("power_factor", "1", 11, _HUNDREDTHS),
    ("energy", "Wh", 12, _PLAIN),
)
_BREAKERS: tuple[_Row, ...] = (("current", "A", 4, _HUNDREDTHS), ("voltage", "V", 8, _TENTHS), *_METERED[2:])

_PROBES = (
    ("sensor_rt", f"{_ROOT}.4.1", 4, {"temperature": 5}),
    ("sensor_afht", f"{_ROOT}.5.1", 4, {"temperature": 5, "humidity": 7, "dew_point": 8}),
    ("sensor_t3hd", f"{_ROOT}.8.1", 4, {"temperature": 6, "humidity": 7, "dew_point": 8}),
    ("sensor_t3hd_a", f"{_ROOT}.8.1", 9, {"temperature": 11}),
    ("sensor_t3hd_b", f"{_ROOT}.8.1", 12, {"temperature": 14}),
    ("sensor_thd", f"{_ROOT}.9.1", 4, {"temperature": 5, "humidity": 6, "dew_point": 7}),
    ("sensor_h", f"{_ROOT}.12.1", 4, {"humidity": 5}),
)
"""Kinds of probe: the scope of their readings, the table, the column that says whether it is there, the quantities.

Every kind has a table of its own and counts from 1, so the kind is in the name.
"""


def _points(
    scope: str, told: str, table: str, measured: tuple[_Row, ...], there: int | None = None
) -> list[ColumnPoint]:
    points = []
    for name, unit, column, read in measured:
        source = Source(f"{table}.{column}", read)
        source = source if there is None else source.unless(f"{table}.{there}", _GONE)
        points.append(ColumnPoint(f"{scope}[].{name}", unit, f"{_sentence(name)} of {told}.", source))
    return points


def _sentence(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _probes() -> Iterator[ColumnPoint]:
    for scope, table, there, columns in _PROBES:
        for name, column in columns.items():
            source = Source(f"{table}.{column}", _PLAIN if name == "humidity" else _SIGNED)
            source = source.unless(f"{table}.{there}", _GONE)
            doc = f"{_sentence(name)} at a probe of this kind."
            if name == "humidity":
                yield ColumnPoint(f"{scope}[].{name}", "%RH", doc, source)
            else:
                yield ColumnPoint(f"{scope}[].{name}", "degC", doc, source.in_scale(_SCALE, 0, 1, scalar))


class Geist(PduDevice):
    """A Vertiv Geist rack PDU."""

    model: ClassVar[str] = "geist"
    source: ClassVar[str] = "GEIST-V5-MIB (VERTIV-V5-MIB); GEIST-IMD-MIB of firmware 4 has the same numbers"
    roots: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.21239",)
    proof: ClassVar[tuple[str, ...]] = (f"{_MAIN}.9", f"{_PHASE}.8")
    plate: ClassVar[Plate] = Plate(
        "Vertiv Geist", (f"{_ROOT}.1.8",), (f"{_ROOT}.1.10", f"{_MAIN}.2"), (f"{_ROOT}.1.2",)
    )
    controls: ClassVar = {f"{_SWITCH}.4": one_column(f"{_SWITCH}.6", on=2, off=4, cycle=6)}
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        *_points("inlet", "a PDU", _MAIN, _TOTALS, there=5),
        *_points("phase", "a phase", _PHASE, (*_METERED, _CREST, _BALANCE)),
        *_points("breaker", "a breaker", _BREAKER, _BREAKERS),
        *_points("line", "a line", _LINE, (("current", "A", 4, _HUNDREDTHS),)),
        ColumnPoint(STATE, None, "Relay of an outlet.", Source(f"{_SWITCH}.4", _RELAY)),
        *_points("outlet", "an outlet", _METER, (*_METERED, _CREST)),
        *_probes(),
    )
