"""`rackproof series`: the samples of a run: listed with their hashes, or written to another container."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from drivers.errors import UsageError
from harness import archive, series
from harness.archive import ArchiveError
from harness.columns import Column
from harness.commands import rendering
from harness.journal import JournalError
from harness.run import Run

SCHEMA = "rackproof.series/1"
_IN_JOURNAL = {True: "as recorded", False: "NOT as recorded", None: "not in a journal"}

Found = Iterable[tuple[str, Column]]


def main(arguments: Namespace) -> int:
    """List or write the series; 1 where one is not what the journal says."""
    run = None if arguments.run.is_file() else rendering.load(arguments.run)
    found = _chosen(arguments, archive.read_parquet(arguments.run) if run is None else _of_run(arguments.run, run))
    try:
        return _written(arguments, found) if arguments.format else _listed(arguments, found, run)
    except ArchiveError as error:
        raise JournalError(str(error)) from error


def _of_run(folder: Path, run: Run) -> Iterator[tuple[str, Column]]:
    """Yield the series of every window of a run, one at a time."""
    for state in run.states:
        begin, end = (round(at.timestamp() * 1e6) * 1_000 for at in (state.begin, state.end))
        for column in series.walk(folder / "series", state.state, begin, end):
            yield state.state, column


def _chosen(arguments: Namespace, found: Found) -> Iterator[tuple[str, Column]]:
    for state, column in found:
        name = f"{column.device}.{column.point}"
        if fnmatchcase(state, arguments.state) and fnmatchcase(name, arguments.series.replace("[", "[[]")):
            yield state, column


def _written(arguments: Namespace, found: Found) -> int:
    if arguments.format == "csv" and arguments.output is None:
        archive.write_csv(sys.stdout, found)
        return 0
    if arguments.output is None:
        raise UsageError("Parquet is no text", fix="name a file with --output")
    partly = arguments.output.with_name(f".{arguments.output.name}.partly")
    if arguments.format == "csv":
        with partly.open("w", encoding="utf-8", newline="") as file:
            count = archive.write_csv(file, found)
    else:
        count = archive.write_parquet(partly, found)
    partly.replace(arguments.output)
    sys.stderr.write(f"{count} series written to {arguments.output}\n")
    return 0


def _listed(arguments: Namespace, found: Found, run: Run | None) -> int:
    hashes = {(s.state, s.device, s.point): s.sha256 for s in run.series} if run else {}
    wrong = 0
    for state, column in found:
        known, sha256 = hashes.get((state, column.device, column.point)), column.sha256()
        as_recorded = None if known is None else known == sha256
        wrong += as_recorded is False
        sys.stdout.write(_line(state, column, sha256, as_recorded, as_json=arguments.json) + "\n")
    return 1 if wrong else 0


def _line(state: str, column: Column, sha256: str, as_recorded: bool | None, *, as_json: bool) -> str:
    if not as_json:
        name = f"{column.device}.{column.point}"
        return f"{state:10} {name:44} {len(column.times):8} {column.unit or '-':6} {sha256}  {_IN_JOURNAL[as_recorded]}"
    plain = {
        "schema": SCHEMA,
        "state": state,
        "device": column.device,
        "point": column.point,
        "unit": column.unit,
        "source": column.source,
        "count": len(column.times),
        "sha256": sha256,
        "as_recorded": as_recorded,
    }
    return json.dumps(plain, allow_nan=False)
