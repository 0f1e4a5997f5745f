"""Samples on disk: one SQLite file a run, readable while it is written and after a kill, read back as columns.

A series is one point of one device in one dwell. What a device said goes into the tail at once, as one row for each
exchange; when a series of the device is long enough, its tail becomes a compressed chunk for each series. Every write
is a transaction that the operating system has: `kill -9` loses nothing that was written, a power cut may lose the tail.
"""

import sqlite3
import struct
import threading
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Self

from harness.columns import Column, ordered, packed, unpacked

FILE = "samples.sqlite"
CHUNK = 512
"""Samples of one series that become a chunk."""

_SCHEMA = """
create table if not exists series (
    id integer primary key, dwell text not null, device text not null, point text not null,
    unit text, source text not null, unique (dwell, device, point));
create table if not exists chunk (
    series integer not null references series, first_ns integer not null, last_ns integer not null,
    packed blob not null);
create index if not exists chunk_of on chunk (series, first_ns);
create table if not exists tail (
    seq integer primary key, dwell text not null, device text not null, samples blob not null);
create index if not exists tail_of on tail (dwell, device);
"""
_ROW = struct.Struct("<qqd")
_EARLIEST, _LATEST = -(2**63), 2**63 - 1

Sample = tuple[str, str, str | None, str, int, float]
"""Device, point, unit, source, time in ns, value."""

_Samples = tuple["array[int]", "array[float]"]


def _nothing() -> _Samples:
    return array("q"), array("d")


@dataclass(slots=True)
class _Open:
    """What is in the tail of one device: rows of series, time and value as they are on disk, and how many."""

    rows: bytearray = field(default_factory=bytearray)
    count: int = 0
    series: set[int] = field(default_factory=set)

    @property
    def full(self) -> bool:
        """Tell whether there is a chunk for each series, were they all as long."""
        return self.count >= CHUNK * len(self.series)

    def by_series(self) -> dict[int, _Samples]:
        """Return the samples of each series."""
        found: dict[int, _Samples] = defaultdict(_nothing)
        for series, at, value in _ROW.iter_unpack(self.rows):
            times, values = found[series]
            times.append(at)
            values.append(value)
        return found

    def of(self, series: int) -> _Samples:
        """Return the samples of one series."""
        times, values = _nothing()
        for one, at, value in _ROW.iter_unpack(self.rows):
            if one == series:
                times.append(at)
                values.append(value)
        return times, values

    def add(self, rows: bytes, series: Iterable[int]) -> None:
        """Take further rows of these series."""
        self.rows += rows
        self.count += len(rows) // _ROW.size
        self.series.update(series)


@dataclass(frozen=True, slots=True)
class Named:
    """A series without its samples."""

    id: int
    device: str
    point: str
    unit: str | None
    source: str


class SeriesStore:
    """The samples of one run. Writing and reading may come from several threads."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._ids: dict[tuple[str, str, str], int] = {}
        self._open: dict[tuple[str, str], _Open] = defaultdict(_Open)
        self._db = sqlite3.connect(folder / FILE, check_same_thread=False)
        self._db.executescript("pragma journal_mode = wal; pragma synchronous = off;" + _SCHEMA)
        self._adopt()

    def _adopt(self) -> None:
        """Take over the tail that a process before left behind."""
        for dwell, device, blob in self._db.execute("select dwell, device, samples from tail order by seq"):
            self._open[dwell, device].add(blob, (series for series, _, _ in _ROW.iter_unpack(blob)))

    def write(self, dwell: str, samples: Iterable[Sample]) -> None:
        """Store samples of `dwell`; of several for one instant of a series the first counts."""
        by_device: dict[str, list[Any]] = defaultdict(list)
        ids = self._ids
        with self._lock, self._db:
            for device, point, unit, source, at, value in samples:
                series = ids.get((dwell, device, point)) or self._id(dwell, device, point, unit, source)
                by_device[device] += (series, at, value)
            for device, flat in by_device.items():
                self._append(dwell, device, flat)

    def _append(self, dwell: str, device: str, flat: list[Any]) -> None:
        """Take rows of series, time and value, one after the other."""
        rows = struct.pack("<" + "qqd" * (len(flat) // 3), *flat)
        opened = self._open[dwell, device]
        opened.add(rows, flat[0::3])
        if opened.full:
            self._seal(dwell, device)
        else:
            self._db.execute("insert into tail (dwell, device, samples) values (?, ?, ?)", (dwell, device, rows))

    def _seal(self, dwell: str, device: str) -> None:
        rows = []
        for series, samples in self._open.pop((dwell, device)).by_series().items():
            times, values = ordered(*samples)
            rows.append((series, times[0], times[-1], packed(times, values)))
        self._db.executemany("insert into chunk values (?, ?, ?, ?)", rows)
        self._db.execute("delete from tail where dwell = ? and device = ?", (dwell, device))

    def _id(self, dwell: str, device: str, point: str, unit: str | None, source: str) -> int:
        key = (dwell, device, point)
        sql = "insert or ignore into series (dwell, device, point, unit, source) values (?, ?, ?, ?, ?)"
        self._db.execute(sql, (*key, unit, source))
        found = self._db.execute("select id from series where dwell = ? and device = ? and point = ?", key)
        self._ids[key] = int(found.fetchone()[0])
        return self._ids[key]

    def clear(self, dwell: str) -> None:
        """Forget an interrupted dwell: it starts again."""
        with self._lock, self._db:
            of_dwell = "(select id from series where dwell = ?)"
            self._db.execute(f"delete from chunk where series in {of_dwell}", (dwell,))  # noqa: S608 - a constant
            self._db.execute("delete from tail where dwell = ?", (dwell,))
            self._db.execute("delete from series where dwell = ?", (dwell,))
            self._ids = {key: id_ for key, id_ in self._ids.items() if key[0] != dwell}
            for key in [key for key in self._open if key[0] == dwell]:
                del self._open[key]

    def named(self, dwell: str) -> list[Named]:
        """Return every series of `dwell`, without samples, in the order in which they began."""
        with self._lock:
            return _named(self._db, dwell)

    def column(self, dwell: str, device: str, point: str, begin_ns: int = _EARLIEST, end_ns: int = _LATEST) -> Column:
        """Return one series of `dwell` from `begin_ns` to `end_ns`, both included.

        Raises KeyError where there is no such series.
        """
        found = [one for one in self.named(dwell) if (one.device, one.point) == (device, point)]
        if not found:
            raise KeyError(f"{dwell}: {device}.{point}")
        return self.loaded(found[0], begin_ns, end_ns)

    def columns(self, dwell: str, begin_ns: int = _EARLIEST, end_ns: int = _LATEST) -> Iterator[Column]:
        """Yield every series of `dwell` with its samples from `begin_ns` to `end_ns`, one at a time."""
        for one in self.named(dwell):
            yield self.loaded(one, begin_ns, end_ns)

    def loaded(self, one: Named, begin: int = _EARLIEST, end: int = _LATEST) -> Column:
        """Return the samples of a series from `begin` to `end` ns, both included."""
        with self._lock:
            opened = [o.of(one.id) for (_, d), o in self._open.items() if d == one.device and one.id in o.series]
            return _column(self._db, one, opened, begin, end)

    def close(self) -> None:
        """Turn what is left of the tails into chunks, and close the file; closing twice does no harm."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            with closing(self._db):
                with self._db:
                    for key in list(self._open):
                        self._seal(*key)
                with suppress(sqlite3.OperationalError):  # somebody reads: then the log stays beside the file
                    self._db.execute("pragma journal_mode = delete")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Stay(Mapping[tuple[str, str], Column]):
    """The series of one dwell by device and point, from `begin_ns` to `end_ns`; each is loaded when it is asked for."""

    def __init__(self, store: SeriesStore, dwell: str, begin_ns: int = _EARLIEST, end_ns: int = _LATEST) -> None:
        self._store, self._span = store, (begin_ns, end_ns)
        self._named = {(one.device, one.point): one for one in store.named(dwell)}

    def __getitem__(self, key: tuple[str, str]) -> Column:
        return self._store.loaded(self._named[key], *self._span)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)


def _named(db: sqlite3.Connection, dwell: str) -> list[Named]:
    sql = "select id, device, point, unit, source from series where dwell = ? order by id"
    return [Named(*row) for row in db.execute(sql, (dwell,))]


def _column(db: sqlite3.Connection, one: Named, tails: Iterable[_Samples], begin: int, end: int) -> Column:
    sql = "select packed from chunk where series = ? and last_ns >= ? and first_ns <= ? order by first_ns"
    times, values = _nothing()
    for more_times, more_values in chain((unpacked(c) for (c,) in db.execute(sql, (one.id, begin, end))), tails):
        times.extend(more_times)
        values.extend(more_values)
    whole = Column(one.device, one.point, one.unit, one.source, *ordered(times, values))
    return whole.between(begin, end)


def stays(folder: Path) -> list[str]:
    """Return the dwells of which there are samples in `folder`, in the order in which they began."""
    with closing(_opened(folder)) as db:
        return [dwell for (dwell,) in db.execute("select dwell from series group by dwell order by min(id)")]


def _opened(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)


def walk(folder: Path, dwell: str, begin_ns: int = _EARLIEST, end_ns: int = _LATEST) -> Iterator[Column]:
    """Yield every series of `dwell` in `folder`, one at a time; none where there are no samples."""
    if not (folder / FILE).is_file():
        return
    with closing(_opened(folder)) as db:
        for one in _named(db, dwell):
            yield _column(db, one, [_tail(db, dwell, one)], begin_ns, end_ns)


def _tail(db: sqlite3.Connection, dwell: str, one: Named) -> _Samples:
    sql = "select samples from tail where dwell = ? and device = ? order by seq"
    rows = b"".join(blob for (blob,) in db.execute(sql, (dwell, one.device)))
    return _Open(bytearray(rows)).of(one.id)


def read(folder: Path, dwell: str, most: int | None = None) -> list[Column]:
    """Return every series of `dwell` from the samples in `folder`; none where there are no samples.

    With `most`, series of more samples come thinned, for drawing.
    """
    return [column if most is None else column.thinned(most) for column in walk(folder, dwell)]
