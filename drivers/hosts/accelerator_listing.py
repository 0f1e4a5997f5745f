"""What the tool of a described accelerator prints, as one table: a row of texts for each accelerator. Pure.

Three forms: `csv`, with the columns that the description names; `json`, with a list of objects, or an object of them,
at a path of members; `lines`, with a pattern whose named groups are the columns.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.json_output import at, read, shown
from drivers.hosts.tools.sheet import lines

Rows = list[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Listing:
    """A command and the form of what it prints.

    `key` is the column that holds the accelerator's own number, "" where the place in the list is meant. `path` leads
    to the list in JSON; `proof` is a pattern that a `lines` output must match somewhere, so that silence is no table.
    """

    command: str
    form: str
    key: str = ""
    columns: tuple[str, ...] = ()
    path: str = ""
    pattern: str = ""
    proof: str = ""

    def rows(self, output: bytes) -> Rows:
        """Return the table. Raises Garbled where it is not in this form."""
        members = {"csv": self._csv, "json": self._json, "lines": self._lines}[self.form](output)
        return [(shown(value(row, self.key)) if self.key else name, row) for name, row in members]

    def _csv(self, output: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
        try:
            rows = [[cell.strip() for cell in row] for row in csv.reader(lines(output), strict=True) if row]
        except csv.Error as error:
            raise Garbled(f"not CSV: {error}", received=_start(output)) from None
        for place, row in enumerate(rows):
            if len(row) != len(self.columns):
                raise Garbled(f"{len(row)} columns where {len(self.columns)} are described", received=", ".join(row))
            yield str(place), dict(zip(self.columns, row, strict=True))

    def _json(self, output: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
        found = value(read(output), self.path) if self.path else read(output)
        members = list(found.items()) if isinstance(found, dict) else None
        if isinstance(found, list):
            members = [(str(place), row) for place, row in enumerate(found)]
        if members is None or not all(isinstance(row, dict) for _, row in members):
            raise Garbled(f"no list of objects at {self.path or 'the top'}", received=_start(output))
        yield from members

    def _lines(self, output: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
        said = output.decode("utf-8", "replace")
        if self.proof and not re.search(self.proof, said, re.MULTILINE):
            raise Garbled("not what this command prints", received=_start(output))
        for place, found in enumerate(re.finditer(self.pattern, said, re.MULTILINE)):
            yield str(place), {"line": found[0].strip(), **found.groupdict()}


def _start(output: bytes) -> str:
    return output[:300].decode("utf-8", "replace")


def value(row: Any, path: str) -> Any:
    """Return what stands at a path of members with dots between them, None where there is nothing."""
    return row[path] if isinstance(row, dict) and path in row else at(row, *path.split("."))
