"""A device that is described in data: a TOML file, asked for values of a type; what is wrong is told with its place."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Self

from drivers.errors import UsageError


class DescriptionFile:
    """A TOML file that is asked for values of a type, and says where one is missing or wrong."""

    def __init__(self, where: str, data: Mapping[str, Any]) -> None:
        self.where, self.data = where, data

    @classmethod
    def of(cls, text: str, where: str, keys: set[str] | frozenset[str]) -> Self:
        """Read a file of schema 1 that has no other keys than these. Raises UsageError with `where` and the key."""
        try:
            data = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise UsageError(f"{where}: {error}") from None
        file = cls(where, data)
        file.known(data, keys, "")
        if file.get(data, "schema", int) != 1:
            raise file.wrong("schema", "only schema 1 is known")
        return file

    def wrong(self, path: str, what: str) -> UsageError:
        """Return the error that something is wrong at `path`, to be raised."""
        return UsageError(f"{self.where}: {path}: {what}")

    def get(self, table: Mapping[str, Any], path: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """Return the value of the last part of `path`; the default where there is none, unless that is None."""
        key = path.rpartition(".")[2]
        if key not in table and default is not None:
            return default
        value = table.get(key)
        names = kind.__name__ if isinstance(kind, type) else "number"
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(path, f"missing, or not a {names}")
        return value

    def texts(self, table: Mapping[str, Any], path: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts, none of them empty."""
        values = self.get(table, path, list, default)
        if not all(isinstance(value, str) and value for value in values):
            raise self.wrong(path, "not a list of texts")
        return tuple(values)

    def known(self, table: Mapping[str, Any], keys: set[str] | frozenset[str], path: str) -> None:
        """Refuse a table that has keys beside these."""
        if unknown := sorted(set(table) - keys):
            raise self.wrong(f"{path}{unknown[0]}", f"unknown; known: {', '.join(sorted(keys))}")
