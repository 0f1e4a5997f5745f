"""The journal: one line a record, numbered, chained by hash, and with the operating system before anyone goes on.

A line is `{"seq": n, "prev": sha256 of the line before, "at": UTC, "kind": ..., ...}`. Nothing is ever edited. A run
that goes on after a crash opens a further file, `journal-2.jsonl`, whose first line carries the last good hash.
"""

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from harness import records
from harness.records import AnyRecord, CaseEnd, Checkpoint, Record, RunEnd, RunResumed, RunStart

FIRST = "0" * 64
"""`prev` of the first line of a run."""

SYNCED = (CaseEnd, RunEnd, Checkpoint)
"""Records that are forced to disk: what a finished case says is never lost, not even to a power cut."""


class JournalError(Exception):
    """A journal that cannot be written or does not hold together; says which file and line, and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with its place in the journal; `at` is UTC."""

    seq: int
    at: datetime
    record: AnyRecord


class _Mark(NamedTuple):
    """Where a journal file stands: number and `prev` of the record that comes next, bytes before it."""

    seq: int
    prev: str
    size: int


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """An open journal file. Records may come from several threads."""

    def __init__(self, path: Path, *, prev: str = FIRST, seq: int = 0, now: Callable[[], datetime] = _utc_now) -> None:
        self.path = path
        self._now = now
        self._here = self._next = _Mark(seq, prev, 0)
        self._lock = threading.Lock()
        self._fd = _opened(path)
        _sync_folder(path.parent)

    def append(self, record: Record) -> None:
        """Write `record` and return when the operating system has it; ends of cases and runs also reach the disk.

        Raises JournalError where it cannot be written whole; then nothing of it is left in the file.
        """
        self.append_with(lambda _seq, _prev: record)

    def append_with(self, make: Callable[[int, str], Record]) -> None:
        """Write the record that `make` returns for its own `seq` and `prev`; else as `append`."""
        with self._lock:
            if self._next is not self._here:
                self._settle()
            here = self._here
            record = make(here.seq, here.prev)
            body = record.__pydantic_serializer__.to_json(record)
            at = self._now().isoformat().encode()
            line = b'{"seq":%d,"prev":"%s","at":"%s",%s\n' % (here.seq, here.prev.encode(), at, body[1:])
            self._next = _Mark(here.seq + 1, hashlib.sha256(line).hexdigest(), here.size + len(line))
            self._write(line)
            self._here = self._next
        if isinstance(record, SYNCED):
            self._sync()

    @property
    def prev(self) -> str:
        """The hash of the last line, which the next one carries."""
        return self._here.prev

    def _settle(self) -> None:
        """Find out whether the record that a signal or a full disk interrupted is in the file; a part of it goes."""
        if os.fstat(self._fd).st_size == self._next.size:
            self._here = self._next
        else:
            os.ftruncate(self._fd, self._here.size)
            self._next = self._here

    def _write(self, line: bytes) -> None:
        failure: OSError | None = None
        try:
            written = os.write(self._fd, line)
        except OSError as error:
            written, failure = 0, error
        if written != len(line):
            os.ftruncate(self._fd, self._here.size)
            raise self._full(failure or f"only {written} of {len(line)} bytes were taken") from failure

    def _sync(self) -> None:
        try:
            os.fsync(self._fd)
        except OSError as error:
            raise self._full(error) from error

    def _full(self, why: object) -> JournalError:
        return JournalError(
            f"{self.path}: cannot write record {self._here.seq}: {why}; make room and use `rackproof resume`"
        )

    def close(self) -> None:
        """Force everything to disk and close; closing twice does no harm."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            try:
                os.fsync(fd)
            finally:
                os.close(fd)


def _opened(path: Path) -> int:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
    except FileExistsError as error:
        raise JournalError(f"{path}: another process has just begun it; wait for it, or stop it") from error
    except OSError as error:
        raise JournalError(f"{path}: cannot be made: {error.strerror}; make room and try again") from error
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return fd


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def files(run: Path) -> list[Path]:
    """Return the journal files of a run folder, in order. Raises JournalError where there is none."""
    first = run / "journal.jsonl"
    if not first.is_file():
        raise JournalError(f"{run}: no journal.jsonl there; name a run folder, as `runs/<time>-<serial>`")
    return [first, *sorted(run.glob("journal-*.jsonl"), key=_part)]


def _part(path: Path) -> int:
    number = path.stem.removeprefix("journal-")
    if not number.isdigit():
        raise JournalError(f"{path}: not a part of a journal, which are journal-2.jsonl and so on; move it elsewhere")
    return int(number)


@dataclass(slots=True)
class Reader:
    """Reads the journal of a run back and checks it: `prev`, `seq` and `torn_bytes` tell where it stops being good."""

    run: Path
    prev: str = FIRST
    seq: int = 0
    torn_bytes: int = 0

    def entries(self) -> Iterator[Entry]:
        """Yield every record in order.

        The last line of a file may be torn: a process was killed while it wrote. Everything else that does not hold
        together raises JournalError with file, line and what is wrong.
        """
        for path in files(self.run):
            yield from self._entries_of(path)

    def _entries_of(self, path: Path) -> Iterator[Entry]:
        torn_before, self.torn_bytes = self.torn_bytes, 0
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    self.torn_bytes = len(line)
                    return
                entry = self._entry(line, f"{path}:{number}")
                if number == 1 and isinstance(entry.record, RunResumed) and entry.record.torn_bytes != torn_before:
                    told = f"{entry.record.torn_bytes} torn bytes before it, there are {torn_before}"
                    raise JournalError(f"{path}:{number}: it tells of {told}; the file before it was changed")
                yield entry
                self.prev = hashlib.sha256(line).hexdigest()
                self.seq += 1

    def _entry(self, line: bytes, place: str) -> Entry:
        try:
            fields = json.loads(line)
            seq, prev, at = fields.pop("seq"), fields.pop("prev"), datetime.fromisoformat(fields.pop("at"))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise JournalError(f"{place}: not a journal line ({error}); the file was changed or damaged") from error
        if prev != self.prev or seq != self.seq:
            wrong = "it does not chain to the line before" if seq == self.seq else f"number {seq}, due is {self.seq}"
            raise JournalError(f"{place}: {wrong}; a line before it was changed, removed, added or moved")
        return Entry(seq, at, _record(fields, place))


def _record(fields: dict[str, object], place: str) -> AnyRecord:
    version = fields.get("schema_version", records.SCHEMA)
    if isinstance(version, int) and version > records.SCHEMA:
        known = f"this rackproof knows up to {records.SCHEMA}"
        raise JournalError(f"{place}: written in schema {version}, {known}; use the rackproof that wrote it")
    try:
        return records.parse(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise JournalError(f"{place}: {where}: {first['msg']}; the file was changed or is not ours") from error


def create(run: Path, start: RunStart) -> Journal:
    """Begin the journal of a new run in the folder `run`."""
    journal = Journal(run / "journal.jsonl")
    journal.append(start)
    return journal


def resume(
    run: Path, software: dict[str, str], check: Callable[[list[Entry]], None] = lambda _: None
) -> tuple[Journal, list[Entry]]:
    """Go on with a run: read and check what is there, then open the next file, chained to the last good line.

    `check` may refuse by raising, before anything is written. Raises JournalError where the journal is broken, never
    began, or is still written by another process.
    """
    present = files(run)
    _refuse_if_written(present[-1])
    reader = Reader(run)
    entries = list(reader.entries())
    if not entries:
        raise JournalError(f"{present[0]}: the run was stopped before it began; begin a new one with `rackproof run`")
    check(entries)
    part = len(present) + 1
    journal = Journal(run / f"journal-{part}.jsonl", prev=reader.prev, seq=reader.seq)
    journal.append(RunResumed(part=part, torn_bytes=reader.torn_bytes, software=software))
    return journal, entries


def _refuse_if_written(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise JournalError(f"{path}: another process is still writing this run; wait for it, or stop it") from error
    finally:
        os.close(fd)
