"""Sensors of ENTITY-MIB (RFC 6933) and ENTITY-SENSOR-MIB (RFC 3433): what they are and what their numbers mean.

CISCO-ENTITY-SENSOR-MIB is the same table elsewhere, with dBm beside, and without the column that names the unit.
Pure: columns in, sensors and values out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from drivers.errors import Garbled, NoReading
from drivers.points import Value
from drivers.quantities import unique

_ENTITY = "1.3.6.1.2.1.47.1.1.1.1"
_SENSOR = "1.3.6.1.2.1.99.1.1.1"
DESCR, CONTAINED_IN, CLASS, PARENT_POS, NAME = (f"walk {_ENTITY}.{n}" for n in (2, 4, 5, 6, 7))
HARDWARE, FIRMWARE, SOFTWARE, SERIAL, MAKER, MODEL = (f"walk {_ENTITY}.{n}" for n in (8, 9, 10, 11, 12, 13))
REPLACEABLE = f"walk {_ENTITY}.16"
"""entPhysicalIsFRU."""

TYPE, SCALE, PRECISION, UNITS_DISPLAY = (f"walk {_SENSOR}.{n}" for n in (1, 2, 3, 6))
VALUE, OPER_STATUS = f"{_SENSOR}.4", f"{_SENSOR}.5"
CISCO = "1.3.6.1.4.1.9.9.91.1.1.1.1"
"""entSensorValueEntry of CISCO-ENTITY-SENSOR-MIB."""

CISCO_STRUCTURE = tuple(f"walk {CISCO}.{n}" for n in (1, 2, 3))
LAST_CHANGE = "1.3.6.1.2.1.47.1.4.1.0"
"""entLastChangeTime: the tables of entities are what they were while it stands still."""

STRUCTURE = (DESCR, CONTAINED_IN, CLASS, PARENT_POS, NAME, TYPE, SCALE, PRECISION, UNITS_DISPLAY)
"""Columns that say which sensors there are; the values are read on their own."""

CHASSIS, POWER_SUPPLY = 3, 6
"""entPhysicalClass."""

OTHER, UNKNOWN, TRUTH, DBM = 1, 2, 12, 14
"""EntitySensorDataType; dBm is Cisco's addition (CISCO-ENTITY-SENSOR-MIB, SensorDataType)."""

_OK = 1
_STATUS = {2: "unavailable", 3: "nonoperational"}
_OVERFLOW = 1_000_000_000
# The MIB's text swaps the names exa and peta; the exponents count.
_EXPONENTS = dict(zip(range(1, 18), (-24, -21, -18, -15, -12, -9, -6, -3, 0, 3, 6, 9, 12, 15, 18, 21, 24), strict=True))
_UNITS = {
    3: ("V", 1.0),
    4: ("V", 1.0),
    5: ("A", 1.0),
    6: ("W", 1.0),
    7: ("Hz", 1.0),
    8: ("degC", 1.0),
    9: ("%RH", 1.0),
    10: ("rpm", 1.0),
    11: ("l/min", 1000.0),  # cubic metres per minute
    DBM: ("dBm", 1.0),
}
_DISPLAYED = {
    "wh": ("Wh", 1.0),
    "kwh": ("Wh", 1000.0),
    "j": ("J", 1.0),
    "va": ("VA", 1.0),
    "w": ("W", 1.0),
    "l/min": ("l/min", 1.0),
    "lpm": ("l/min", 1.0),
    "pa": ("Pa", 1.0),
    "kpa": ("Pa", 1000.0),
    "bar": ("Pa", 100_000.0),
    "%": ("%", 1.0),
    "rpm": ("rpm", 1.0),
    "degc": ("degC", 1.0),
    "dbm": ("dBm", 1.0),
    "watts": ("W", 1.0),
    "volts": ("V", 1.0),
    "v": ("V", 1.0),
    "amperes": ("A", 1.0),
    "amps": ("A", 1.0),
    "a": ("A", 1.0),
    "celsius": ("degC", 1.0),
    "hz": ("Hz", 1.0),
}


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor as the agent describes it. `supply` is the position of the power supply that holds it, "" for none.

    `type`, `scale` and `precision` are 0, 0 and -9 where the agent does not state them; `table` is the table's number.
    """

    index: str
    name: str
    supply: str
    type: int
    scale: int
    precision: int
    display: str
    table: str = _SENSOR

    @property
    def value_oid(self) -> str:
        """The object with its value, entPhySensorValue."""
        return f"{self.table}.4.{self.index}"

    @property
    def status_oid(self) -> str:
        """The object with its status, entPhySensorOperStatus."""
        return f"{self.table}.5.{self.index}"

    @property
    def unit(self) -> str | None:
        """The unit of `value_of`, None for a truth value, "1" where the agent itself calls it unknown.

        Raises Garbled where the agent states one that we do not know.
        """
        return None if self.type == TRUTH else self._measure()[0]

    def value_of(self, raw: Any, status: Any) -> Value:
        """Turn entPhySensorValue and entPhySensorOperStatus into a value in `unit`.

        Raises NoReading where the agent says that it has none (RFC 3433: status, under- and overflow), Garbled where
        the row is no row of that table.
        """
        if isinstance(raw, Exception):
            raise raw
        if not isinstance(raw, int) or not isinstance(status, int):
            raise Garbled("not an integer, or no status beside it", received=f"{raw!r}, status {status!r}")
        if status != _OK:
            raise NoReading(f"sensor {_STATUS.get(status, f'status {status}')}", received=str(raw))
        if abs(raw) >= _OVERFLOW:
            raise NoReading("the value is beyond the agent's range", received=str(raw))
        if self.type == TRUTH:
            return _truth(raw)
        return scaled(raw, self.scale, self.precision) * self._measure()[1]

    def _measure(self) -> tuple[str, float]:
        displayed = self.display.strip().lower()
        found = _UNITS.get(self.type) or _DISPLAYED.get(displayed)
        if found is None and self.type in (OTHER, UNKNOWN) and not displayed:
            return "1", 1.0
        if found is None:
            raise Garbled(f"no unit that we know: type {self.type}, display {self.display!r}", received=self.display)
        return found


def scaled(raw: int, scale: int, precision: int) -> float:
    """Return raw · 10^scale / 10^precision (RFC 3433); a negative precision counts digits and shifts nothing.

    >>> scaled(2301, 9, 1), scaled(12, 10, 0)
    (230.1, 12000.0)
    """
    if scale not in _EXPONENTS or not -8 <= precision <= 9:
        raise Garbled("no scale or precision that the MIB knows", received=f"{scale}, {precision}")
    exponent = _EXPONENTS[scale] - max(0, precision)
    # Division by a power of ten is exact where multiplication by its inverse is not: 2301 / 10, not 2301 · 0.1.
    return raw / 10.0**-exponent if exponent < 0 else raw * 10.0**exponent


def _truth(raw: int) -> bool:
    if raw not in (1, 2):  # TruthValue, RFC 2579
        raise Garbled("neither true(1) nor false(2)", received=str(raw))
    return raw == 1


def sensors(columns: Mapping[str, Any]) -> list[Sensor]:
    """Read the columns of `STRUCTURE`, and of `CISCO_STRUCTURE` where they were asked for.

    A sensor without a name goes by its description. Names are made unique. A sensor of both tables is read once.
    """
    found = {index: _sensor(index, columns, CISCO) for index in _indices(columns, CISCO)}
    found |= {index: _sensor(index, columns, _SENSOR) for index in _indices(columns, _SENSOR)}
    names = unique([f"{sensor.supply}\0{sensor.name}" for sensor in found.values()])
    return [replace(s, name=name.partition("\0")[2]) for s, name in zip(found.values(), names, strict=True)]


def _indices(columns: Mapping[str, Any], table: str) -> list[str]:
    """Return the rows of a table: a row may have lost its type and still be there."""
    stated = [_rows(columns, f"walk {table}.{n}") for n in (1, 2, 3)]
    return list(dict.fromkeys(i for rows in stated for i in rows if any(isinstance(r.get(i), int) for r in stated)))


def _sensor(index: str, columns: Mapping[str, Any], table: str) -> Sensor:
    name = text(_rows(columns, NAME).get(index)) or text(_rows(columns, DESCR).get(index)) or index
    kind, scale, precision = (_rows(columns, f"walk {table}.{n}").get(index) for n in (1, 2, 3))
    return Sensor(
        index,
        name,
        _supply(index, columns),
        _integer(kind, 0),
        _integer(scale, 0),  # neither has a default: a guess would be wrong by powers of ten
        _integer(precision, -9),
        text(_rows(columns, UNITS_DISPLAY).get(index)) if table == _SENSOR else "",
        table,
    )


def _supply(index: str, columns: Mapping[str, Any]) -> str:
    """Go up from a sensor to the power supply that contains it, and return its position or ""."""
    classes, parents = _rows(columns, CLASS), _rows(columns, CONTAINED_IN)
    seen = {index}
    while (index := str(parents.get(index, 0))) not in seen and index != "0":
        seen.add(index)  # an agent may contain things in each other
        if classes.get(index) == POWER_SUPPLY:
            return str(_rows(columns, PARENT_POS).get(index, index))
    return ""


def _rows(columns: Mapping[str, Any], query: str) -> Mapping[str, Any]:
    rows = columns.get(query)
    return rows if isinstance(rows, Mapping) else {}


def _integer(value: Any, default: int) -> int:
    return value if isinstance(value, int) else default


_STATED_AS_NONE = frozenset(("", "n/a", "na", "none", "null", "unknown", "not available", "not applicable"))


def stated(value: Any) -> str:
    """Return a text that says something, "" for one that says that there is nothing.

    >>> stated(b"N/A"), stated(b"XMD1441CT0BG ")
    ('', 'XMD1441CT0BG')
    """
    found = text(value).strip()
    return "" if found.lower() in _STATED_AS_NONE else found


def text(value: Any) -> str:
    """Return a DisplayString or SnmpAdminString as text, "" for anything else; other bytes are shown, not lost."""
    return value.decode("utf-8", "backslashreplace").strip("\0 \r\n") if isinstance(value, bytes) else ""


def plain_name(name: str) -> str:
    """Return the name for comparison: without case and without the prefix of a supply.

    >>> plain_name("PSU 3 Output Power")
    'output power'
    """
    return re.sub(r"^psu\s*\d+\s+", "", " ".join(name.lower().split()))


@dataclass(frozen=True, slots=True)
class Unit:
    """What a device says about its whole: the chassis row of entPhysicalTable."""

    maker: str
    model: str
    serial: str
    firmware: str
    software: str = ""


IDENTITY = (CLASS, MAKER, MODEL, SERIAL, FIRMWARE, SOFTWARE)
"""Columns that `chassis` reads."""


def chassis(columns: Mapping[str, Any]) -> Unit | None:
    """Return the first chassis of entPhysicalTable, or None where the agent has none."""
    classes = _rows(columns, CLASS)
    for index in sorted(classes, key=_order):
        if classes[index] == CHASSIS:
            return Unit(*(stated(_rows(columns, column).get(index)) for column in IDENTITY[1:]))
    return None


def _order(index: str) -> tuple[int, ...]:
    return tuple(int(part) for part in index.split("."))


def named(found: Iterable[Sensor], name: str, *, in_supply: bool) -> list[Sensor]:
    """Return the sensors of that plain name, in supplies or outside of them."""
    return [s for s in found if bool(s.supply) == in_supply and plain_name(s.name) == name]
