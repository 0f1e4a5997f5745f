"""Series in other containers: Parquet for the archive, CSV for a spreadsheet. The hash of a series stays what it is.

A Parquet file holds a row group for each series, so that one is read without the others; times are stored as
differences, values by planes of bytes. pyarrow is imported when it is needed.
"""

import csv
from array import array
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from harness.columns import Column

State = str
HEADS = ("state", "device", "point", "unit", "source", "at_ns", "value")
_NAMES = HEADS[:5]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ArchiveError(Exception):
    """A file that is no archive of series, or a container that cannot be written here."""


def _pyarrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise ArchiveError(f"Parquet needs pyarrow: {error}; install it, or take --format csv") from error


def write_parquet(path: Path, series: Iterable[tuple[State, Column]]) -> int:
    """Write series to a Parquet file and return how many they were. Raises ArchiveError without pyarrow, OSError."""
    pyarrow, parquet = _pyarrow()
    types = [pyarrow.string()] * len(_NAMES) + [pyarrow.int64(), pyarrow.float64()]
    schema, count = pyarrow.schema(list(zip(HEADS, types, strict=True))), 0
    encoding = {"at_ns": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"}
    options = {"compression": "zstd", "use_dictionary": list(_NAMES), "column_encoding": encoding}
    with parquet.ParquetWriter(path, schema, **options) as writer:
        for state, column in series:
            table = _table(pyarrow, schema, state, column)
            writer.write_table(table, row_group_size=max(1, len(column.times)))
            count += 1
    return count


def _table(pyarrow: Any, schema: Any, state: State, column: Column) -> Any:
    length = len(column.times)
    names = (state, column.device, column.point, column.unit, column.source)
    told = [pyarrow.array([name] * length, pyarrow.string()) for name in names]
    times = pyarrow.array(memoryview(array("q", column.times)), pyarrow.int64())
    values = pyarrow.array(memoryview(array("d", column.values)), pyarrow.float64())
    return pyarrow.Table.from_arrays([*told, times, values], schema=schema)


def read_parquet(path: Path) -> Iterator[tuple[State, Column]]:
    """Yield the series of a Parquet file, one at a time. Raises ArchiveError where it is none of ours, OSError."""
    pyarrow, parquet = _pyarrow()
    try:
        file = parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid as error:
        raise ArchiveError(f"{path}: not a Parquet file: {error}") from error
    with file:
        if tuple(file.schema_arrow.names) != HEADS:
            raise ArchiveError(f"{path}: columns {file.schema_arrow.names}, expected {list(HEADS)}")
        for group in range(file.num_row_groups):
            yield _series(file.read_row_group(group))


def _series(table: Any) -> tuple[State, Column]:
    state, device, point, unit, source = (table[name][0].as_py() for name in _NAMES)
    times, values = array("q", table["at_ns"].to_pylist()), array("d", table["value"].to_pylist())
    return state, Column(device, point, unit, source, times, values)


def write_csv(file: TextIO, series: Iterable[tuple[State, Column]]) -> int:
    """Write series as CSV (RFC 4180), a line a sample, times in ns since 1970 and in ISO 8601; return how many."""
    writer, count = csv.writer(file, lineterminator="\r\n"), 0
    writer.writerow([*HEADS, "at"])
    for state, column in series:
        names = (state, column.device, column.point, column.unit or "", column.source)
        for at, value in zip(column.times, column.values, strict=True):
            writer.writerow([*names, at, repr(value), _iso(at)])
        count += 1
    return count


def _iso(at_ns: int) -> str:
    """Return a time in ns as ISO 8601, UTC, to the µs."""
    return (_EPOCH + timedelta(microseconds=at_ns // 1000)).isoformat(timespec="microseconds")
