"""Items out of replies that hold many values: one that cannot be read does not hide the others."""

from collections.abc import Callable
from typing import TypedDict, TypeVar, Unpack

from drivers.errors import DriverError, Garbled, NoReading
from drivers.points import Item, Value

T = TypeVar("T")


class Evidence(TypedDict, total=False):
    """What narrows an item down; see `Item`."""

    key: str
    unit: str | None
    query: str | None
    quantity: str | None


def item(read: Callable[[T], Value], source: T, raw: str, **evidence: Unpack[Evidence]) -> Item:
    """Read one value out of `source`; where there is none, or none in the grammar, the item is null with the reason.

    >>> item(float, "1.5", "1.5", key="3").value
    1.5
    """
    try:
        return Item(read(source), raw, **evidence)
    except (NoReading, Garbled) as error:
        return Item(None, raw, reason=reason(error), **evidence)


def failed(error: DriverError, key: str, query: str) -> Item:
    """Return the item that is null because of `error`."""
    return Item(None, error.received or "", key=key, reason=reason(error), query=query)


def reason(error: DriverError) -> str:
    """Return why a value is null: what the device says itself, or the kind of error before what is wrong."""
    return error.what if isinstance(error, NoReading) else f"{type(error).__name__}: {error.what}"
