"""Points whose reply is a tool's output: the same parser reads it here and in `rackproof parse`."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from drivers.errors import Garbled, NoReading
from drivers.parsed import Figure, Parsed, Parser
from drivers.points import Item, Point
from drivers.ssh import Completed


@lru_cache(maxsize=4)
def _parsed(parse: Parser, output: str) -> Parsed:
    """Read an output once for all the points that it serves."""
    return parse(output.encode())


def read(parse: Parser, completed: Any, *, judges: bool = False) -> Parsed:
    """Read what a command printed. Raises Garbled, DeviceRefused where it failed.

    A tool that `judges` ends with a status that tells its verdict: then only 126 and 127 (POSIX: not to be run, not
    found) and a status without output are failures.
    """
    if not isinstance(completed, Completed):
        raise Garbled("not the end of a command", received=str(completed)[:200])
    if not judges or completed.status in (126, 127) or not completed.stdout.strip():
        completed.checked()
    return _parsed(parse, completed.stdout)


class FigurePoint(Point):
    """A point that reads figures out of a tool's output.

    `figure` is the figure's name with `[]` for any key, the point's own name by default; a last part `*` takes every
    quantity of that scope. Where the tool lists none, there is none; where it says why, that is the reason.
    """

    def __init__(
        self,
        query: str,
        parse: Parser,
        unit: str | None,
        doc: str,
        *,
        name: str,
        figure: str = "",
        judges: bool = False,
        confirmed: bool = True,
    ) -> None:
        super().__init__(query, unit, doc, self._items, name=name, confirmed=confirmed)
        self._parse, self._judges = parse, judges
        self._scope, _, self._quantity = (figure or name).rpartition(".")
        if (figure or name).endswith("[]"):
            self._scope, self._quantity = figure or name, ""

    def _items(self, completed: Any) -> Iterator[Item]:
        parsed = read(self._parse, completed, judges=self._judges)
        found = [item for figure in parsed.figures if (item := self._item(figure)) is not None]
        if not found and (parsed.reasons or "[]" not in self.name):
            raise NoReading(parsed.reasons[0] if parsed.reasons else "the tool does not list it")
        yield from found

    def _item(self, figure: Figure) -> Item | None:
        stem, bracket, rest = figure.name.partition("[")
        place, closing, quantity = rest.rpartition("]")
        if not bracket:
            stem, _, quantity = figure.name.rpartition(".")
        if f"{stem}{'[]' if closing else ''}" != self._scope:
            return None
        quantity = quantity.removeprefix(".")
        if self._quantity not in (quantity, "*"):
            return None
        named = quantity if self._quantity == "*" else None
        return Item(figure.value, figure.raw, place, figure.unit, figure.reason, quantity=named)
