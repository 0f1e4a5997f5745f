"""Samples on disk: one SQLite file a run, written as they come, read back as columns.

A series is one point of one device in one dwell. Times are int64 ns since 1970 UTC, values float64. The hash of a
series is over its content, little-endian and interleaved, so that another container keeps it.
"""

import hashlib
import sqlite3
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

FILE = "samples.sqlite"

_SCHEMA = """
create table if not exists series (
    id integer primary key, dwell text not null, device text not null, point text not null,
    unit text, source text not null, unique (dwell, device, point));
create table if not exists sample (
    series integer not null references series, at_ns integer not null, value real not null,
    primary key (series, at_ns)) without rowid;
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One series: `times` in ns since 1970 UTC, `values` in `unit`, both in order of time."""

    device: str
    point: str
    unit: str | None
    source: str
    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def sha256(self) -> str:
        """Return the hash over the content."""
        pairs = (part for pair in zip(self.times, self.values, strict=True) for part in pair)
        return hashlib.sha256(struct.pack("<" + "qd" * len(self.times), *pairs)).hexdigest()


Sample = tuple[str, str, str | None, str, int, float]
"""Device, point, unit, source, time in ns, value."""


class SeriesStore:
    """The samples of one run. Writing and reading may come from several threads."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._ids: dict[tuple[str, str, str], int] = {}
        self._db = sqlite3.connect(folder / FILE, check_same_thread=False)
        self._db.executescript("pragma journal_mode = wal; pragma synchronous = off;" + _SCHEMA)

    def write(self, dwell: str, samples: Iterable[Sample]) -> None:
        """Store samples of `dwell`; a second value for one instant is dropped."""
        with self._lock, self._db:
            rows = [(self._id(dwell, d, p, unit, source), at, value) for d, p, unit, source, at, value in samples]
            self._db.executemany("insert or ignore into sample values (?, ?, ?)", rows)

    def _id(self, dwell: str, device: str, point: str, unit: str | None, source: str) -> int:
        key = (dwell, device, point)
        if key not in self._ids:
            sql = "insert or ignore into series (dwell, device, point, unit, source) values (?, ?, ?, ?, ?)"
            self._db.execute(sql, (*key, unit, source))
            found = self._db.execute("select id from series where dwell = ? and device = ? and point = ?", key)
            self._ids[key] = found.fetchone()[0]
        return self._ids[key]

    def clear(self, dwell: str) -> None:
        """Forget an interrupted dwell: it starts again."""
        with self._lock, self._db:
            self._db.execute("delete from sample where series in (select id from series where dwell = ?)", (dwell,))
            self._db.execute("delete from series where dwell = ?", (dwell,))
            self._ids = {key: id_ for key, id_ in self._ids.items() if key[0] != dwell}

    def columns(self, dwell: str, begin_ns: int = 0, end_ns: int = 2**63 - 1) -> list[Column]:
        """Return every series of `dwell` with its samples from `begin_ns` to `end_ns`, both included."""
        return _columns(self._db, self._lock, dwell, begin_ns, end_ns)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _columns(db: sqlite3.Connection, lock: threading.Lock, dwell: str, begin: int, end: int) -> list[Column]:
    with lock:
        found = db.execute("select id, device, point, unit, source from series where dwell = ? order by id", (dwell,))
        columns = {id_: Column(*rest) for id_, *rest in found.fetchall()}
        sql = (
            "select series, at_ns, value from sample join series on series.id = series"
            " where dwell = ? and at_ns between ? and ? order by series, at_ns"
        )
        for id_, at, value in db.execute(sql, (dwell, begin, end)):
            columns[id_].times.append(at)
            columns[id_].values.append(value)
    return list(columns.values())


def read(folder: Path, dwell: str) -> list[Column]:
    """Return every series of `dwell` from the samples in `folder`; none where there are no samples."""
    path = folder / FILE
    if not path.is_file():
        return []
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return _columns(db, threading.Lock(), dwell, 0, 2**63 - 1)
    finally:
        db.close()
