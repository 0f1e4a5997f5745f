"""APC (Schneider Electric) rack PDUs: the rPDU2 tree of PowerNet-MIB, and the older rPDU and sPDU trees.

A PDU of today answers in the old trees as well, for old software's sake: `apc-rpdu2` reads what they say beside the
new one under names of its own (`rpdu`, `load`), and the outlets of whichever tree has them.
"""

from typing import ClassVar

from drivers.columns import Cell, ColumnPoint, Key, Source, number, numbered, text, words
from drivers.pdus.device import STATE, PduDevice, Plate, one_column

_ROOT = "1.3.6.1.4.1.318"
_NEW, _OLD, _SWITCHED = f"{_ROOT}.1.1.26", f"{_ROOT}.1.1.12", f"{_ROOT}.1.1.4"
_DEVICE, _PHASE, _BANK, _METERED = f"{_NEW}.4.3.1", f"{_NEW}.6.3.1", f"{_NEW}.8.3.1", f"{_NEW}.9.4.3.1"
_AIR, _LOAD = f"{_NEW}.10.2.2.1", f"{_OLD}.2.3.1.1"
_NEW_STATE, _OLD_STATE, _SWITCHED_STATE = f"{_NEW}.9.2.3.1.5", f"{_OLD}.3.5.1.1.4", f"{_SWITCHED}.4.2.1.3"

_PLAIN, _TENTHS, _HUNDREDTHS = number(), number(per=10), number(per=100)
_TENS, _HUNDREDS = number(times=10), number(times=100)
_NO_AIR = {1: "not installed", 3: "communication lost"}
_LOADS = words(numbered("low normal near_overload overload", start=1), {5: "not supported"})
# The older tree has the first two the other way round.
_OLD_LOADS = words(numbered("normal low near_overload overload", start=1))


_TEMPERATURE = Source(f"{_AIR}.8", _TENTHS).unless(f"{_AIR}.6", _NO_AIR)
_HUMIDITY = Source(f"{_AIR}.10", _PLAIN).unless(f"{_AIR}.6", _NO_AIR)


def _rows_of(kind: str) -> Key:
    """Return the key of the load rows that are phases, banks, or do not say which of them they are."""

    def key(cell: Cell) -> str | None:
        bank = cell.look(f"{_LOAD}.5")
        found = "load" if not isinstance(bank, int) else "bank" if bank > 0 else "phase"
        return cell.index if found == kind else None

    return key


def _load(kind: str, name: str, told: str) -> tuple[ColumnPoint, ColumnPoint]:
    current = Source(f"{_LOAD}.2", _TENTHS).keyed(_rows_of(kind), f"{_LOAD}.5")
    state = Source(f"{_LOAD}.3", _OLD_LOADS).keyed(_rows_of(kind), f"{_LOAD}.5")
    return (
        ColumnPoint(f"{name}[].current", "A", f"Current of {told}, in the rPDU tree.", current),
        ColumnPoint(f"{name}[].load_state", None, f"Load of {told} against its limits, in the rPDU tree.", state),
    )


_TOTALS = (
    ColumnPoint("rpdu[].power", "W", "Power of the whole PDU, in the rPDU tree.", Source(f"{_OLD}.1.16", _PLAIN)),
    ColumnPoint(
        "rpdu[].apparent_power", "VA", "Apparent power of the PDU, in the rPDU tree.", Source(f"{_OLD}.1.18", _PLAIN)
    ),
)
_NOT_TOLD = _load("load", "load", "a phase or bank, which of them the PDU does not say")
_RELAY = ColumnPoint(
    STATE,
    None,
    "Relay of an outlet.",
    Source(_NEW_STATE, words(numbered("off on", start=1))),
    Source(_OLD_STATE, words(numbered("on off", start=1))),
    Source(_SWITCHED_STATE, words(numbered("on off cycling", start=1), {4: "unknown"})),
)
_OLD_CONTROLS = {
    _OLD_STATE: one_column(f"{_OLD}.3.3.1.1.4", on=1, off=2, cycle=3),
    _SWITCHED_STATE: one_column(_SWITCHED_STATE, on=1, off=2, cycle=3),
}
_OLD_NAME = ColumnPoint(
    "outlet[].name",
    None,
    "The outlet's name on the PDU.",
    Source(f"{_OLD}.3.5.1.1.2", text),
    Source(f"{_SWITCHED}.4.2.1.4", text),
)
_NEW_NAMES = (f"{_NEW}.9.2.3.1.3", f"{_METERED}.3")
_OLD_PLATE = ((f"{_OLD}.1.5", f"{_SWITCHED}.1.4"), (f"{_OLD}.1.6", f"{_SWITCHED}.1.5"), (f"{_OLD}.1.3",))


class ApcRpdu2(PduDevice):
    """An APC AP8xxx or APDU9xxx and its like."""

    model: ClassVar[str] = "apc-rpdu2"
    source: ClassVar[str] = "PowerNet-MIB, rPDU2, rPDU and sPDU"
    roots: ClassVar[tuple[str, ...]] = (_ROOT,)
    proof: ClassVar[tuple[str, ...]] = (f"{_DEVICE}.5", f"{_PHASE}.5")
    plate: ClassVar[Plate] = Plate(
        "APC",
        (f"{_NEW}.2.1.8", *_OLD_PLATE[0]),
        (f"{_NEW}.2.1.9", *_OLD_PLATE[1]),
        (f"{_NEW}.2.1.6", *_OLD_PLATE[2]),
    )
    controls: ClassVar = {_NEW_STATE: one_column(f"{_NEW}.9.2.4.1.5", on=1, off=2, cycle=3), **_OLD_CONTROLS}
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        ColumnPoint("inlet[].power", "W", "Power of a PDU.", Source(f"{_DEVICE}.5", _TENS)),
        ColumnPoint("inlet[].peak_power", "W", "Greatest power of a PDU.", Source(f"{_DEVICE}.6", _TENS)),
        ColumnPoint("inlet[].energy", "Wh", "Energy of a PDU since its reset.", Source(f"{_DEVICE}.9", _HUNDREDS)),
        ColumnPoint("inlet[].apparent_power", "VA", "Apparent power of a PDU.", Source(f"{_DEVICE}.16", _TENS)),
        ColumnPoint("inlet[].power_factor", "1", "Power factor of a PDU.", Source(f"{_DEVICE}.17", _HUNDREDTHS)),
        ColumnPoint("inlet[].load_state", None, "Load of a PDU against its limits.", Source(f"{_DEVICE}.4", _LOADS)),
        ColumnPoint("phase[].current", "A", "Current of a phase.", Source(f"{_PHASE}.5", _TENTHS)),
        ColumnPoint("phase[].peak_current", "A", "Greatest current of a phase.", Source(f"{_PHASE}.10", _TENTHS)),
        ColumnPoint("phase[].voltage", "V", "Voltage of a phase.", Source(f"{_PHASE}.6", _PLAIN)),
        ColumnPoint("phase[].power", "W", "Power of a phase.", Source(f"{_PHASE}.7", _TENS)),
        ColumnPoint("phase[].apparent_power", "VA", "Apparent power of a phase.", Source(f"{_PHASE}.8", _TENS)),
        ColumnPoint("phase[].power_factor", "1", "Power factor of a phase.", Source(f"{_PHASE}.9", _HUNDREDTHS)),
        ColumnPoint("phase[].load_state", None, "Load of a phase against its limits.", Source(f"{_PHASE}.4", _LOADS)),
        ColumnPoint("bank[].current", "A", "Current of a bank.", Source(f"{_BANK}.5", _TENTHS)),
        ColumnPoint("bank[].peak_current", "A", "Greatest current of a bank.", Source(f"{_BANK}.6", _TENTHS)),
        ColumnPoint("bank[].load_state", None, "Load of a bank against its limits.", Source(f"{_BANK}.4", _LOADS)),
        _RELAY,
        ColumnPoint(
            "outlet[].name", None, _OLD_NAME.doc, *(Source(oid, text) for oid in _NEW_NAMES), *_OLD_NAME.sources
        ),
        ColumnPoint("outlet[].current", "A", "Current of an outlet.", Source(f"{_METERED}.6", _TENTHS)),
        ColumnPoint("outlet[].power", "W", "Power of an outlet.", Source(f"{_METERED}.7", _PLAIN)),
        ColumnPoint("outlet[].peak_power", "W", "Greatest power of an outlet.", Source(f"{_METERED}.8", _PLAIN)),
        ColumnPoint("outlet[].energy", "Wh", "Energy of an outlet.", Source(f"{_METERED}.11", _HUNDREDS)),
        ColumnPoint("sensor[].temperature", "degC", "Temperature at a sensor.", _TEMPERATURE),
        ColumnPoint("sensor[].humidity", "%RH", "Humidity at a sensor.", _HUMIDITY),
        *_TOTALS,
        *_NOT_TOLD,
    )


class ApcRpdu(PduDevice):
    """An APC AP7xxx: current of phases and banks, and switched outlets. Its power counts on a voltage typed in."""

    model: ClassVar[str] = "apc-rpdu"
    source: ClassVar[str] = "PowerNet-MIB, rPDU and sPDU; the current of an outlet (12.3.5.1.1.7) is recalled"
    lacks: ClassVar[frozenset[str]] = frozenset(
        {"inlet[].power", "inlet[].energy", "phase[].voltage", "outlet[].power"}
    )
    roots: ClassVar[tuple[str, ...]] = (_ROOT,)
    proof: ClassVar[tuple[str, ...]] = (f"{_LOAD}.2", _OLD_STATE, _SWITCHED_STATE)
    plate: ClassVar[Plate] = Plate("APC", *_OLD_PLATE)
    controls: ClassVar = _OLD_CONTROLS
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        *_load("phase", "phase", "a phase"),
        *_load("bank", "bank", "a bank"),
        *_NOT_TOLD,
        *_TOTALS,
        ColumnPoint(STATE, None, "Relay of an outlet.", *_RELAY.sources[1:]),
        _OLD_NAME,
        ColumnPoint(
            "outlet[].current", "A", "Current of an outlet.", Source(f"{_OLD}.3.5.1.1.7", _TENTHS), confirmed=False
        ),
    )
