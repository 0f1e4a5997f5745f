"""Inventory of ENTITY-MIB (RFC 6933): what a device is made of. Pure: columns in, items out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from drivers import entity_sensor as es
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item
from drivers.quantities import unique

CLASSES = (
    *("other", "unknown", "chassis", "backplane", "container", "powerSupply", "fan", "sensor", "module", "port"),
    *("stack", "cpu", "energyObject", "battery", "storageDrive"),
)
"""entPhysicalClass, from 1 (IANA-ENTITY-MIB)."""

BESIDE = (es.NAME, es.DESCR, es.CLASS, es.REPLACEABLE)
"""Columns that name a component and say whether it is one."""

_SENSOR = 8
_TRUE = 1

Columns = Mapping[str, Mapping[str, Any]]


def names(columns: Columns) -> dict[str, str]:
    """Return the key of each component by entPhysicalIndex: its name, its description, its index; made unique."""
    named, described, classes = (columns.get(column, {}) for column in (es.NAME, es.DESCR, es.CLASS))
    indices = [i for i in dict.fromkeys([*classes, *named, *described]) if classes.get(i) != _SENSOR]
    found = [es.text(named.get(i)) or es.text(described.get(i)) or i for i in indices]
    return dict(zip(indices, unique(found), strict=True))


def components(column: str) -> Callable[[Columns], Iterator[Item]]:
    """Return a decoder that reads one text of each component.

    Chassis and what can be replaced in the field are there with the value None where the agent states nothing; of
    everything else only what it states.
    """

    def decode(columns: Columns) -> Iterator[Item]:
        cells = columns.get(column, {})
        for index, name in names(columns).items():
            if not es.stated(cells.get(index)) and not _counts(columns, index):
                continue
            query = f"{column.removeprefix('walk ')}.{index}"
            yield item(_text, cells.get(index), _shown(cells.get(index)), key=name, query=query)

    return decode


def classes(columns: Columns) -> Iterator[Item]:
    """Decode the class of each component as the MIB's word."""
    for index, name in names(columns).items():
        value = columns.get(es.CLASS, {}).get(index)
        yield item(_class, value, str(value), key=name, query=f"{es.CLASS.removeprefix('walk ')}.{index}")


def _counts(columns: Columns, index: str) -> bool:
    replaceable = columns.get(es.REPLACEABLE, {}).get(index)
    return replaceable == _TRUE or columns.get(es.CLASS, {}).get(index) == es.CHASSIS


def _text(value: Any) -> str:
    if value is not None and not isinstance(value, bytes):
        raise Garbled("not a text", received=str(value)[:60])
    found = es.stated(value)
    if not found:
        raise NoReading("the agent states none")
    return found


def _class(value: Any) -> str:
    if value is None:
        raise NoReading("the agent states none")
    if not isinstance(value, int) or not 1 <= value <= len(CLASSES):
        raise Garbled("a class that the MIB does not have", received=str(value)[:60])
    return CLASSES[value - 1]


def _shown(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)[:60]
