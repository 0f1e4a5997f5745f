"""Delta's DC power systems with an Orion controller, by ORION-BASE-MIB: rectifiers, busbar, battery, own measurements.

The MIB has no inputs of rectifiers: what the feed gives stands, where the system measures it, among `sensor[].*`.
"""

from typing import ClassVar

from drivers.column_device import ColumnDevice, Plate
from drivers.column_units import NamedPoint, spelled
from drivers.columns import Cell, ColumnPoint, Key, Read, Source, number, numbered, rows, text, whole, words
from drivers.errors import Garbled, NoReading
from drivers.points import Value
from drivers.protocols import Kind
from drivers.snmp_walk import WALK

_ROOT = "1.3.6.1.4.1.20246"
_BASE = f"{_ROOT}.2.3.1.1.1.2"
_SYSTEM, _COUNTS, _RECTIFIER = f"{_BASE}.3", f"{_BASE}.4", f"{_BASE}.4.4.1"
_MEASURED, _PANEL, _INVENTORY = f"{_BASE}.9.1.1", f"{_BASE}.10.2.1", f"{_BASE}.12.1.1"

_PLAIN, _TENTHS, _HUNDREDTHS = number(), number(per=10), number(per=100)
_EMPTY = {1: "no position", 2: "empty slot", 3: "lost"}
_STATES = words(
    numbered("on remote_off off temporary_internal_off latched_internal_off error not_authenticated", start=2),
    {1: "unknown"},
)
_CHARGE = words(numbered("float discharge equalize boost battery_test recharge separate_charge event_charge", start=1))
_WORDS = {
    2: "1",
    3: "VDC",
    4: "VAC",
    5: "A",
    6: "Ah",
    7: "degC",
    9: "W",
    10: "Wh",
    11: "s",
    12: "%",
    13: "Hz",
    14: "VA",
    15: "var",
}
_MOST_DIGITS = 12


def _share(cell: Cell) -> Value:
    powers = [p for p in rows(cell.columns.get(WALK + f"{_RECTIFIER}.7")).values() if isinstance(p, int)]
    total = sum(p for p in powers if 0 <= p < 2**31 - 1)
    power = _PLAIN(cell)
    if not isinstance(power, int) or not total:
        raise NoReading("no rectifier gives any power")
    return power / total


def _scaled(cell: Cell) -> Value:
    value, scale = number(signed=True)(cell), cell.look(f"{_MEASURED}.4")
    if not isinstance(scale, int) or not isinstance(value, int):
        raise NoReading("the device states no scale")
    if abs(scale) > _MOST_DIGITS:
        raise Garbled(f"a scale of 10^{scale}", received=str(scale))
    return value * 10.0**scale if scale >= 0 else value / 10.0**-scale


def _in_text(cell: Cell) -> Value:
    return spelled(str(text(cell)))[0]


def _failing(cell: Cell) -> Value:
    found = whole(cell.raw)
    if found not in {1, 2}:
        raise Garbled("neither inactive nor active", received=str(found))
    return found == 2


def _name(column: str) -> Key:
    def key(cell: Cell) -> str:
        name = cell.look(column)
        return (name.decode("utf-8", "replace").strip() if isinstance(name, bytes) else "") or cell.index

    return key


def _stated(cell: Cell) -> str:
    found = cell.look(f"{_MEASURED}.5")
    return _WORDS.get(found, "") if isinstance(found, int) else ""


def _printed(cell: Cell) -> str:
    found = cell.look(f"{_PANEL}.4")
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else ""


def _rectifier(column: int, read: Read) -> Source:
    return Source(f"{_RECTIFIER}.{column}", read).unless(f"{_RECTIFIER}.3", _EMPTY)


_OWN = Source(f"{_MEASURED}.3", _scaled, (f"{_MEASURED}.4", f"{_MEASURED}.5")).keyed(
    _name(f"{_MEASURED}.2"), f"{_MEASURED}.2"
)
_METERS = Source(f"{_PANEL}.3", _in_text, (f"{_PANEL}.4",)).keyed(_name(f"{_PANEL}.2"), f"{_PANEL}.2")


class Orion(ColumnDevice):
    """A DC power system with a Delta Orion controller; rectifiers are keyed by the controller's own number."""

    model: ClassVar[str] = "orion"
    kind: ClassVar[Kind] = "power_shelf"
    source: ClassVar[str] = "ORION-BASE-MIB 6.60"
    lacks: ClassVar[frozenset[str]] = frozenset(
        {"input_power", "energy"}
        | {f"psu[].{quantity}" for quantity in ("input_power", "input_voltage", "temperature", "fan_speed")}
    )
    roots: ClassVar[tuple[str, ...]] = (_ROOT,)
    proof: ClassVar[tuple[str, ...]] = (f"{_SYSTEM}.1", f"{_RECTIFIER}.4")
    plate: ClassVar[Plate] = Plate(
        "Delta", (f"{_INVENTORY}.2", f"{_BASE}.1.2"), (f"{_INVENTORY}.7",), (f"{_BASE}.1.4", f"{_INVENTORY}.4")
    )
    table: ClassVar[tuple[ColumnPoint, ...]] = (
        ColumnPoint("output_voltage", "V", "Voltage of the busbar.", Source(f"{_SYSTEM}.1", _HUNDREDTHS)),
        ColumnPoint("output_current", "A", "Current of all rectifiers.", Source(f"{_SYSTEM}.7", _TENTHS)),
        ColumnPoint("output_power", "W", "Power of the system.", Source(f"{_SYSTEM}.8", _PLAIN)),
        ColumnPoint("load_current", "A", "Current into the load.", Source(f"{_SYSTEM}.2", _TENTHS)),
        ColumnPoint(
            *("battery_current", "A", "Current of the battery, with its sign."),
            Source(f"{_SYSTEM}.3", number(per=10, signed=True)),
        ),
        ColumnPoint(
            *("battery_temperature", "degC", "Temperature of the battery, in °C unless the system is set to °F."),
            Source(f"{_SYSTEM}.4", number(per=10, signed=True)),
            confirmed=False,
        ),
        ColumnPoint("charge_state", None, "What is done with the battery.", Source(f"{_SYSTEM}.5", _CHARGE)),
        ColumnPoint("mains_failure", None, "True while the mains have failed.", Source(f"{_BASE}.2.5", _failing)),
        ColumnPoint("rectifiers", "1", "Rectifiers in the system.", Source(f"{_COUNTS}.1", _PLAIN)),
        ColumnPoint("rectifiers_failed", "1", "Rectifiers that have failed.", Source(f"{_COUNTS}.2", _PLAIN)),
        ColumnPoint("rectifiers_okay", "1", "Rectifiers without a fault.", Source(f"{_COUNTS}.3", _PLAIN)),
        ColumnPoint("psu[].output_power", "W", "Power given.", _rectifier(7, _PLAIN)),
        ColumnPoint("psu[].output_current", "A", "Current given.", _rectifier(6, _TENTHS)),
        ColumnPoint("psu[].share", "1", "Part of all rectifiers' output power.", _rectifier(7, _share)),
        ColumnPoint("psu[].state", None, "What the rectifier does.", _rectifier(4, _STATES)),
        ColumnPoint("psu[].name", None, "The rectifier's identifier.", Source(f"{_RECTIFIER}.2", text)),
        NamedPoint(
            *("sensor[].*", "Any measurement of the controller, by its name; temperatures as `battery_temperature`."),
            (_OWN, _stated),
            confirmed=False,
        ),
        NamedPoint(
            *("meter[].*", "Any value of the controller's panel of meters, by its name, in the unit printed there."),
            (_METERS, _printed),
        ),
    )
