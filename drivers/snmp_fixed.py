"""Makers' tables of sensors whose columns have a fixed unit, or name it in words. Pure: columns in, items out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from drivers import optics
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item, Value
from drivers.quantities import quantity

Columns = Mapping[str, Mapping[str, Any]]
Name = Callable[[Columns, str], str]
"""The key of a row, by its index."""


def number(value: Any, divisor: int, nothing: frozenset[int] = frozenset()) -> float:
    """Return a scaled number. Raises NoReading for what the table means by no value, Garbled for what is none."""
    if not isinstance(value, int):
        raise Garbled("not an integer", received=repr(value)[:60])
    if value in nothing:
        raise NoReading("the agent has no value", received=str(value))
    return value / divisor


def fixed(
    column: str, unit: str, name: Name, *, divisor: int = 1, nothing: frozenset[int] = frozenset()
) -> Callable[[Columns], Iterator[Item]]:
    """Return a decoder of a column in one unit; `nothing` are the numbers by which the table means no value."""

    def decode(columns: Columns) -> Iterator[Item]:
        for index, value in columns.get(column, {}).items():
            yield item(
                lambda at: number(at, divisor, nothing),
                value,
                str(value)[:60],
                key=name(columns, index),
                query=f"{column.removeprefix('walk ')}.{index}",
                unit=unit,
                quantity=quantity(unit),
            )

    return decode


def level(
    columns_of_level: Mapping[str, str], wanted: str, name: Name, *, divisor: int, nothing: frozenset[int] = frozenset()
) -> Callable[[Columns], Iterator[Item]]:
    """Return a decoder of columns in parts of a dBm, handed out in dBm or W; their words end the key, " RX"."""

    def decode(columns: Columns) -> Iterator[Item]:
        for column, word in columns_of_level.items():
            for index, value in columns.get(column, {}).items():
                key, query = f"{name(columns, index)}{word}", f"{column.removeprefix('walk ')}.{index}"

                def read(at: Any) -> Value:
                    return optics.converted(number(at, divisor, nothing), "dBm", wanted)

                yield item(read, value, str(value)[:60], key=key, query=query)

    return decode
