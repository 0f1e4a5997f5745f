"""What the output of a tool says, read from a file or from a host: figures, and whether the tool itself calls it good.

A parser is a pure function of the bytes that the tool wrote. It raises Garbled where they are not that tool's output.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, overload

from drivers.points import Item, Value

Verdict = Literal["good", "bad", "unverified", "none"]
"""`good`: it ended, and checked itself. `bad`: it says that something is wrong, or did not end. `unverified`: it ended,
and a check that it can make was off or skipped. `none`: the tool lists and does not judge."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One value by name, as a reading's: `raw` is the text that it was read from, `reason` why it is null."""

    name: str
    value: Value
    unit: str | None
    raw: str
    reason: str | None = None

    @classmethod
    def of(cls, scope: str, item: Item) -> "Figure":
        """Name an item `scope[key].quantity`, or by its scope alone where it has neither."""
        name = f"{scope}[{item.key}]" if item.key else scope
        return cls(f"{name}.{item.quantity}" if item.quantity else name, item.value, item.unit, item.raw, item.reason)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What one output says. `reasons` are there, in words, unless the verdict is good or none."""

    tool: str
    verdict: Verdict
    figures: Sequence[Figure]
    reasons: tuple[str, ...] = ()
    version: str | None = field(default=None)


class Reread(Sequence[Figure]):
    """Figures that are read out of the output whenever they are asked for, so that a long one takes no more memory.

    The output is read through once at the start: what it raises, it raises then.
    """

    def __init__(self, output: bytes, read: Callable[[bytes], Iterator[Figure]]) -> None:
        self._output, self._read = output, read
        self._count = sum(1 for _ in read(output))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Figure]:
        return self._read(self._output)

    @overload
    def __getitem__(self, place: int) -> Figure: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Figure]: ...
    def __getitem__(self, place: int | slice) -> Figure | Sequence[Figure]:
        if isinstance(place, slice):
            return tuple(self)[place]
        if not -self._count <= place < self._count:
            raise IndexError(place)
        return next(islice(iter(self), place % self._count, None))


Parser = Callable[[bytes], Parsed]


def text(output: bytes) -> str:
    """Decode an output as UTF-8; what is not UTF-8 becomes U+FFFD and matches no grammar."""
    return output.decode("utf-8-sig", errors="replace")


_LINE = re.compile(rb"([^\r\n]+)([\r\n]?)")


MOST_LINE = 16384
"""Bytes of a line that are looked at: a row of 72 columns has 800, and no expression takes long over so few."""


def lines(output: bytes) -> Iterator[str]:
    """Yield the lines of an output that have an end, decoded one by one; empty ones are left out.

    A last line without an end is not yielded: an output that was cut may stop within a number.
    """
    for found in _LINE.finditer(output):
        if found[2]:
            yield text(found[1][:MOST_LINE])
