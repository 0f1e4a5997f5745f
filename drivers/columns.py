"""Readings out of the columns of an SNMP table: which cell, how it is scaled, and when it is no reading.

A MIB spreads what one reading needs over several columns: the number, its status, its scale. A `Source` names the
column of the number and the others beside it. A point may have several sources, best first: firmware that lacks the
fine column still has the coarse one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from drivers.entity_sensor import text as decoded
from drivers.errors import DriverError, Garbled, NoReading
from drivers.items import item
from drivers.points import Accuracy, Item, Point, Value
from drivers.snmp_walk import WALK

UNKNOWN = frozenset({-(2**31), 2**31 - 1, 2**32 - 1})
"""What an agent says in 32 bits where it means "not known"; no PDU measures as much."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One object of a column, with the columns that were asked for together with it."""

    raw: Any
    index: str
    columns: Mapping[str, Any]

    def look(self, oid: str, index: str | None = None) -> Any:
        """Return the object of another column at `index`, this cell's own unless told; None where there is none."""
        found = rows(self.columns.get(WALK + oid)).get(self.index if index is None else index)
        return None if isinstance(found, DriverError) else found


Read = Callable[[Cell], Value]
Key = Callable[[Cell], str | None]


def _own_index(cell: Cell) -> str | None:
    return cell.index


def _not_told(cell: Cell) -> Accuracy | None:
    del cell
    return None


@dataclass(frozen=True, slots=True)
class Source:
    """A column whose cells are read by `read`.

    `key` gives the name of a row's reading, or None for a row that is none of this point's.
    """

    oid: str
    read: Read
    beside: tuple[str, ...] = ()
    key: Key = _own_index
    accuracy: Callable[[Cell], Accuracy | None] = _not_told

    def keyed(self, key: Key, *beside: str) -> "Source":
        """Take the names of the readings from `key`, which looks into the columns `beside`."""
        return replace(self, key=key, beside=self.beside + beside)

    def unless(self, status: str, refused: Mapping[int, str]) -> "Source":
        """Give no reading where the column `status` has one of these numbers; a missing status refuses nothing."""

        def read(cell: Cell) -> Value:
            said = cell.look(status)
            if said in refused:
                raise NoReading(f"the device says: {refused[said]}")
            return self.read(cell)

        return replace(self, read=read, beside=(*self.beside, status))

    def in_scale(self, scale: str, fahrenheit: int, celsius: int, where: Key, default: int | None = None) -> "Source":
        """Read degrees of the scale that another object states, into °C; `where` is that object's index."""

        def read(cell: Cell) -> Value:
            said = cell.look(scale, where(cell))
            said = default if said is None else said
            degrees = self.read(cell)
            if said not in {fahrenheit, celsius} or not isinstance(degrees, int | float):
                raise NoReading("the device does not say in which scale it measures")
            return degrees if said == celsius else (degrees - 32) / 1.8

        return replace(self, read=read, beside=(*self.beside, scale))

    def items(self, columns: Mapping[str, Any]) -> Iterable[tuple[str, Item]]:
        """Read every row that is of this point, under its key."""
        for index, raw in rows(columns.get(WALK + self.oid)).items():
            cell = Cell(raw, index, columns)
            key = self.key(cell)
            if key is not None:
                told = item(self.read, cell, shown(raw), key=key, query=f"{self.oid}.{index}")
                accuracy = None if told.value is None else self.accuracy(cell)
                yield key, replace(told, accuracy=accuracy)


class ColumnPoint(Point):
    """A point that is read from columns side by side; of several sources the first that has a value counts."""

    def __init__(self, name: str, unit: str | None, doc: str, *sources: Source, confirmed: bool = True) -> None:
        super().__init__(WALK + sources[0].oid, unit, doc, self._items, name=name, confirmed=confirmed)
        self.sources = sources
        wanted = [oid for source in sources for oid in (source.oid, *source.beside)]
        self.columns = tuple(dict.fromkeys(WALK + oid for oid in wanted))

    def reply(self, replies: Mapping[str, Any]) -> Any:
        """Pick this point's columns out of all replies; an error where no source could be asked."""
        found = [replies[WALK + source.oid] for source in self.sources]
        if all(isinstance(column, DriverError) for column in found):
            return found[0]
        return {query: rows(replies[query]) for query in self.columns}

    def _items(self, columns: Mapping[str, Any]) -> list[Item]:
        found: dict[str, Item] = {}
        for source in self.sources:
            for key, told in source.items(columns):
                if key not in found or (found[key].value is None and told.value is not None):
                    found[key] = told
        if not found and "[]" not in self.name:
            raise NoReading("the agent has no such object")
        return list(found.values())


def rows(column: Any) -> Mapping[str, Any]:
    """Return the rows of a column, none where it was refused."""
    return column if isinstance(column, Mapping) else {}


def shown(raw: Any) -> str:
    """Return a cell as evidence."""
    return decoded(raw) if isinstance(raw, bytes) else str(raw)


def whole(raw: Any) -> int:
    """Return the integer that a cell must be. Raises what the transport left in its place, Garbled or NoReading."""
    if isinstance(raw, NoReading | Garbled):
        raise raw
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise Garbled("not an integer", received=repr(raw))
    return raw


def number(*, per: int = 1, times: int = 1, signed: bool = False) -> Read:
    """Read an integer in steps of `times`/`per` of the unit; unless `signed`, a negative one means "not there"."""

    def read(cell: Cell) -> Value:
        value = whole(cell.raw)
        if value in UNKNOWN or (value < 0 and not signed):
            raise NoReading(f"the device has no value: {value}")
        return value * times if per == 1 else value * times / per

    return read


def words(meanings: Mapping[int, str], absent: Mapping[int, str] | None = None) -> Read:
    """Read a state; a number in `absent` says why there is none, one in neither is Garbled."""

    def read(cell: Cell) -> Value:
        value = whole(cell.raw)
        if absent and value in absent:
            raise NoReading(f"the device says: {absent[value]}")
        if value not in meanings:
            raise Garbled("a state that the MIB does not have", received=str(value))
        return meanings[value]

    return read


def numbered(names: str, start: int = 0) -> dict[int, str]:
    """Return the meanings of consecutive numbers.

    >>> numbered("off on", start=1)
    {1: 'off', 2: 'on'}
    """
    return dict(enumerate(names.split(), start))


def text(cell: Cell) -> Value:
    """Read a text. Raises NoReading where it is empty."""
    if isinstance(cell.raw, NoReading | Garbled):
        raise cell.raw
    if not isinstance(cell.raw, bytes):
        raise Garbled("not a text", received=repr(cell.raw))
    if not (found := decoded(cell.raw)):
        raise NoReading("the device leaves it empty")
    return found


def first_part(cell: Cell) -> str:
    """Return the first number of the index: the unit that a row belongs to."""
    return cell.index.partition(".")[0]


def only(column: str, *numbers: int) -> Key:
    """Return a key that takes the rows whose `column` has one of these numbers."""
    return lambda cell: cell.index if cell.look(column) in numbers else None


def scalar(cell: Cell) -> str:
    """Return the index of an object that is there once."""
    del cell
    return "0"
