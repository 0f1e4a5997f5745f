"""Points that are read from several columns of an agent side by side, with rows that belong together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from drivers.errors import DriverError
from drivers.points import Point


class TablePoint(Point):
    """A point that is read from several columns side by side: `query` and `beside`.

    `essential` are the columns without which there is no reading at all: a refusal of one of them is the point's.
    """

    def __init__(
        self,
        query: str,
        unit: str | None,
        doc: str,
        decode: Callable[[Any], Any],
        *,
        name: str,
        beside: Sequence[str] = (),
        essential: Sequence[str] = (),
        confirmed: bool = True,
    ) -> None:
        super().__init__(query, unit, doc, decode, name=name, confirmed=confirmed)
        self.columns = tuple(dict.fromkeys((query, *beside)))
        self._essential = (query, *essential)

    def reply(self, replies: Mapping[str, Any]) -> Any:
        """Return what `decode` gets: all columns, one that was refused being empty, or the refusal that counts."""
        for column in self._essential:
            if isinstance(replies[column], DriverError):
                return replies[column]
        return {column: _rows(replies[column]) for column in self.columns}


def _rows(column: Any) -> Mapping[str, Any]:
    return column if isinstance(column, Mapping) else {}
