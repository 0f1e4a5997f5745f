"""The variables of a Rittal CMC III agent (RITTAL-CMC-III-MIB): named rows, each with its unit, scale and quality.

Which there are is a table that moves seldom; a value, its quality and the state beside it are read anew each time.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from drivers import entity_sensor as es
from drivers.column_units import Unit, distinct, quantity_of, spelled, unit_of
from drivers.columns import UNKNOWN, rows, shown, whole
from drivers.errors import DriverError, Garbled, NoReading
from drivers.items import Evidence, item
from drivers.points import Item, Point, Value
from drivers.snmp_walk import WALK

ROOT = "1.3.6.1.4.1.2606.7"
LAST_CHANGE = f"{ROOT}.4.2.1.2.0"
_TABLE = f"{ROOT}.4.2.2.1"
NAME, _TYPE, _UNIT, _SCALE = (f"{WALK}{_TABLE}.{column}" for column in (3, 4, 5, 7))
STRUCTURE = (NAME, _TYPE, _UNIT, _SCALE)
_TEXT, _INTEGER, _QUALITY = (f"{_TABLE}.{column}" for column in (10, 11, 14))
_VALUE_TYPE, _STATUS_TYPE = 2, 7
_NO_VALUE = 21
"""Qualities from here on mean that there is no value."""

STATES: Mapping[int, str] = MappingProxyType(
    {
        2: "config_changed",
        3: "error",
        4: "ok",
        5: "alarm",
        6: "high_warning",
        7: "low_alarm",
        8: "high_alarm",
        9: "low_warning",
        10: "set_off",
        11: "set_on",
        21: "lost",
        22: "detected",
        24: "probe_open",
        25: "probe_short",
        27: "inactive",
        28: "active",
    }
)
_AWAY: Mapping[int, str] = MappingProxyType(
    {1: "not available", 3: "error", 21: "lost", 24: "probe open", 25: "probe short", 27: "inactive"}
)


class Variable(NamedTuple):
    """One row of the table; `status` is the row with its state, "" where there is none."""

    row: str
    name: str
    kind: int
    unit: str
    scale: int | None
    status: str

    @property
    def label(self) -> str:
        """Return the name without its last part, that says only which of a sensor's variables it is."""
        return self.name.removesuffix(".Value").removesuffix(".Status")

    @property
    def is_value(self) -> bool:
        """Tell whether it measures something."""
        return self.kind == _VALUE_TYPE and bool(self.unit)

    @property
    def is_status(self) -> bool:
        """Tell whether it is the state of something."""
        return self.kind == _STATUS_TYPE

    @property
    def queries(self) -> tuple[str, ...]:
        """Return the objects that make a reading: integer, text, quality, and the state beside it."""
        own = tuple(f"{column}.{self.row}" for column in (_INTEGER, _TEXT, _QUALITY))
        return (*own, f"{_INTEGER}.{self.status}") if self.status else own


class Seen(NamedTuple):
    """A variable that a point chose, under its key, with what the agent says of it now."""

    key: str
    variable: Variable
    integer: Any
    text: Any
    quality: Any
    status: Any


Choose = Callable[[Variable], str | None]
"""The key under which a variable belongs to a point, None where it does not."""


class VariablePoint(Point):
    """A point that is read from the variables that `choose` takes; of several under one key the best."""

    def __init__(self, choose: Choose, unit: str | None, doc: str, *, name: str, confirmed: bool = False) -> None:
        super().__init__(f"{WALK}{_INTEGER}", unit, doc, self._items, name=name, confirmed=confirmed)
        self.choose = choose

    def _items(self, found: Sequence[Seen]) -> list[Item]:
        if self.name.endswith("*"):
            return _named(found)
        items: dict[str, Item] = {}
        for seen in found:
            told = item(self._read, seen, shown(seen.text), key=seen.key, query=f"{_INTEGER}.{seen.variable.row}")
            before = items.get(seen.key)
            if before is None or _rank(told, self.unit) > _rank(before, self.unit):
                items[seen.key] = told
        if not items and "[]" not in self.name:
            raise NoReading("the agent has no such variable")
        return list(items.values())

    def _read(self, seen: Seen) -> Value:
        if self.unit is not None:
            return measured(seen, self.unit)
        state = stated(seen)
        return _wet(state) if self.name == "leak" else state


def variables(replies: Mapping[str, Any]) -> list[Variable]:
    """Return the rows of the table out of the replies to `STRUCTURE`, those in °C before those in °F."""
    kinds, units, scales = (rows(replies[query]) for query in (_TYPE, _UNIT, _SCALE))
    names = {index: es.text(name) for index, name in rows(replies[NAME]).items()}
    places = {(index.partition(".")[0], name): index for index, name in names.items()}
    found = []
    for index, name in names.items():
        kind, scale = kinds.get(index), scales.get(index)
        if not name or not isinstance(kind, int):
            continue
        beside = (index.partition(".")[0], f"{name.removesuffix('.Value')}.Status")
        found.append(
            Variable(
                index,
                name,
                kind,
                " ".join(es.text(units.get(index)).split()),
                scale if isinstance(scale, int) else None,
                places.get(beside, "") if kind == _VALUE_TYPE else "",
            )
        )
    return sorted(found, key=lambda variable: variable.unit.lower().endswith(" f"))


def measured(seen: Seen, unit: str | None) -> float:
    """Return the value of a variable in `unit`. Raises NoReading, Garbled."""
    _there(seen)
    number, of = _integer(seen) if seen.variable.scale is not None else _spelled(seen)
    if of.unit != unit:
        raise Garbled(f"in {of.unit}, not in {unit}", received=shown(seen.text))
    return number * of.factor + of.added


def stated(seen: Seen) -> str:
    """Return the state that a variable of the type status has. Raises NoReading, Garbled."""
    state = whole(seen.integer)
    if state == 1:
        raise NoReading("the device says: not available")
    if state not in STATES:
        raise Garbled("a state that the MIB does not have", received=str(state))
    return STATES[state]


def _rank(told: Item, unit: str | None) -> int:
    """Order what several variables say: a value before none; but of leak detectors a wet one, then a silent one."""
    if unit is None:
        return 1 if told.value is None else 2 if told.value is True else 0
    return 0 if told.value is None else 1


def _wet(state: str) -> bool:
    if state == "ok":
        return False
    if state in {"alarm", "detected", "high_alarm"}:
        return True
    raise NoReading(f"the device says: {state}")


def _there(seen: Seen) -> None:
    if isinstance(seen.status, int) and seen.status in _AWAY:
        raise NoReading(f"the device says: {_AWAY[seen.status]}")
    if isinstance(seen.quality, int) and seen.quality >= _NO_VALUE:
        raise NoReading(f"the device has no value: quality {seen.quality}")


def _integer(seen: Seen) -> tuple[float, Unit]:
    """Scale the integer: -100 divides by 100, 100 multiplies, 0 leaves it."""
    value, scale = whole(seen.integer), seen.variable.scale or 1
    if value in UNKNOWN:
        raise NoReading(f"the device has no value: {value}")
    return value / -scale if scale < 0 else float(value * scale), unit_of(seen.variable.unit)


def _spelled(seen: Seen) -> tuple[float, Unit]:
    if isinstance(seen.text, DriverError):
        raise seen.text
    number, word = spelled(es.text(seen.text))
    return number, unit_of(word or seen.variable.unit)


def _named(found: Sequence[Seen]) -> list[Item]:
    """Read each variable under its own name; the same in °F is left out where it is there in °C."""
    items: dict[str, Item] = {}
    celsius = {(s.variable.row.partition(".")[0], s.key) for s in found if not s.variable.unit.lower().endswith("f")}
    for seen in found:
        device = seen.variable.row.partition(".")[0]
        if seen.variable.unit.lower().endswith("f") and (device, seen.key) in celsius:
            continue
        unit = _unit(seen.variable.unit)
        key, query = distinct(seen.key, unit, items), f"{_INTEGER}.{seen.variable.row}"
        evidence = Evidence(key=key, query=query, unit=unit, quantity=quantity_of(unit))
        items[f"{key}.{quantity_of(unit)}"] = item(_read_in(unit), seen, shown(seen.text), **evidence)
    return list(items.values())


def _read_in(unit: str | None) -> Callable[[Seen], Value]:
    def read(seen: Seen) -> Value:
        return measured(seen, unit)

    return read


def _unit(word: str) -> str | None:
    try:
        return unit_of(word).unit
    except (NoReading, Garbled):
        return None
