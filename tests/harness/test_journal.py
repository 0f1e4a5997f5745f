import hashlib
import json
import math
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness import journal, records
from harness.journal import FIRST, Journal, JournalError, Reader
from harness.records import CaseEnd, Checkpoint, Measurement, Note, Record, RunEnd, RunResumed
from tests.harness.journals import Ticking, ended, measured, ran, start, stated, write

WHOLE: list[Record] = [start(), stated("PWR-001"), *ran("PWR-001"), RunEnd(safe=True)]


def lines(folder: Path) -> list[bytes]:
    return (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    assert [entry.record for entry in Reader(tmp_path).entries()] == WHOLE


def test_lines_are_numbered_and_chained(tmp_path: Path) -> None:
    prev = FIRST
    for number, line in enumerate(lines(write(tmp_path, WHOLE))):
        fields = json.loads(line)
        assert list(fields)[:4] == ["seq", "prev", "at", "kind"]
        assert (fields["seq"], fields["prev"]) == (number, prev)
        prev = hashlib.sha256(line).hexdigest()


def test_a_record_is_with_the_operating_system_when_append_returns(tmp_path: Path) -> None:
    with_us = Journal(tmp_path / "journal.jsonl")
    with_us.append(start())
    assert len(lines(tmp_path)) == 1
    with_us.close()
    with_us.close()


@given(place=st.integers(0, len(WHOLE) - 2), data=st.data())
def test_any_line_changed_is_found(place: int, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = write(tmp_path_factory.mktemp("run"), WHOLE)
    all_lines = lines(folder)
    at = data.draw(st.integers(0, len(all_lines[place]) - 2))
    changed = bytearray(all_lines[place])
    changed[at] ^= 1
    all_lines[place] = bytes(changed)
    broken(folder, all_lines)


@pytest.mark.parametrize("place", range(len(WHOLE) - 1))
def test_any_line_removed_doubled_or_moved_is_found(place: int, tmp_path: Path) -> None:
    kept = lines(write(tmp_path, WHOLE))
    broken(tmp_path, kept[:place] + kept[place + 1 :])
    broken(tmp_path, kept[: place + 1] + kept[place:])
    swapped = kept[:]
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    broken(tmp_path, swapped)


def broken(folder: Path, all_lines: list[bytes]) -> None:
    path = folder / "journal.jsonl"
    path.write_bytes(b"".join(all_lines))
    with pytest.raises(JournalError, match=r"journal\.jsonl:\d+: ") as caught:
        list(Reader(folder).entries())
    assert str(path) in str(caught.value)


def test_cut_at_every_byte_it_is_readable(tmp_path: Path) -> None:
    whole = b"".join(lines(write(tmp_path, WHOLE)))
    path = tmp_path / "journal.jsonl"
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        reader = Reader(tmp_path)
        found = list(reader.entries())
        assert [entry.record for entry in found] == WHOLE[: whole[:cut].count(b"\n")]
        assert reader.torn_bytes == cut - (whole[:cut].rfind(b"\n") + 1)


@pytest.mark.parametrize("line", [b"[]\n", b"7\n", b"null\n", b"{\n", b"\xff\n", b'{"seq":0}\n', b'"text"\n'])
def test_what_is_no_journal_line_is_named(line: bytes, tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(line)
    with pytest.raises(JournalError, match=r"journal.jsonl:1: not a journal line"):
        list(Reader(tmp_path).entries())


def test_a_time_that_is_none_is_named(tmp_path: Path) -> None:
    line = (write(tmp_path, [start()]) / "journal.jsonl").read_text()
    (tmp_path / "journal.jsonl").write_text(line.replace("2026-11-23T", "yesterday"))
    with pytest.raises(JournalError, match="not a journal line"):
        list(Reader(tmp_path).entries())


def test_a_newer_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    write(tmp_path, [start(schema_version=records.SCHEMA + 1)])
    with pytest.raises(JournalError, match=r"written in schema 2, this rackproof knows up to 1; use the rackproof"):
        list(Reader(tmp_path).entries())


def test_no_nan_reaches_a_file() -> None:
    for bad in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValidationError):
            measured("PWR-001", value=bad)
        with pytest.raises(ValidationError):
            measured("PWR-001", margin=bad)
        with pytest.raises(ValidationError):
            ended("PWR-001", seconds=bad)


def test_a_nan_written_by_somebody_else_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [start(), stated("PWR-001"), measured("PWR-001", value=1.5)])
    text = (tmp_path / "journal.jsonl").read_text().replace('"value":1.5', '"value":NaN')
    (tmp_path / "journal.jsonl").write_text(text)
    with pytest.raises(JournalError, match=r"jsonl:3: measurement\.value"):
        list(Reader(tmp_path).entries())


@given(
    value=st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.booleans(), st.text()),
    raw=st.text(),
)
def test_any_value_survives(value: object, raw: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    record = measured("PWR-001", value=value, raw=raw)
    folder = write(tmp_path_factory.mktemp("run"), [start(), record])
    *_, entry = Reader(folder).entries()
    assert entry.record == record
    assert isinstance(entry.record, Measurement)
    assert type(entry.record.value) is type(value)


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Note.model_validate({"kind": "note", "text": "x", "colour": "red"})


def test_records_from_many_threads_make_one_chain(tmp_path: Path) -> None:
    shared = Journal(tmp_path / "journal.jsonl")
    shared.append(start())

    def write_some(who: int) -> None:
        for n in range(200):
            shared.append(Note(text=f"{who}.{n}"))

    threads = [threading.Thread(target=write_some, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shared.close()
    _, *notes = Reader(tmp_path).entries()
    said = [entry.record.text for entry in notes if isinstance(entry.record, Note)]
    assert len(said) == 1600
    for who in range(8):
        assert [s for s in said if s.startswith(f"{who}.")] == [f"{who}.{n}" for n in range(200)]


class Interrupted(Journal):
    """A journal whose process gets a signal right after, or in the middle of, a write."""

    kept: float = 1.0

    def _write(self, line: bytes) -> None:
        if b"unlucky" not in line:
            super()._write(line)
            return
        os.write(self._fd, line[: int(len(line) * self.kept)])
        raise KeyboardInterrupt


@pytest.mark.parametrize(("kept", "said"), [(1.0, ["unlucky", "after"]), (0.5, ["after"]), (0.0, ["after"])])
def test_a_signal_during_a_write_does_not_break_the_chain(kept: float, said: list[str], tmp_path: Path) -> None:
    journal_ = Interrupted(tmp_path / "journal.jsonl", now=Ticking())
    journal_.kept = kept
    journal_.append(start())
    with pytest.raises(KeyboardInterrupt):
        journal_.append(Note(text="unlucky"))
    journal_.append(Note(text="after"))
    journal_.close()
    _, *rest = Reader(tmp_path).entries()
    assert [e.record.text for e in rest if isinstance(e.record, Note)] == said


def test_resume_opens_the_next_file_and_chains_on(tmp_path: Path) -> None:
    write(tmp_path, WHOLE[:-1])
    with (tmp_path / "journal.jsonl").open("ab") as torn:
        torn.write(b'{"seq":5,"pr')
    further, entries = journal.resume(tmp_path, {"rackproof": "1"})
    further.append(RunEnd(safe=True))
    further.close()
    assert [e.record for e in entries] == WHOLE[:-1]
    *_, resumed, end = Reader(tmp_path).entries()
    assert resumed.record == RunResumed(part=2, torn_bytes=12, software={"rackproof": "1"})
    assert (resumed.seq, end.seq) == (5, 6)


def test_a_torn_end_that_was_cut_off_later_is_found(tmp_path: Path) -> None:
    write(tmp_path, WHOLE[:-1])
    first = tmp_path / "journal.jsonl"
    whole = first.read_bytes()
    first.write_bytes(whole + b'{"seq":5,"pr')
    further, _ = journal.resume(tmp_path, {"rackproof": "1"})
    further.close()
    first.write_bytes(whole)
    with pytest.raises(JournalError, match=r"journal-2\.jsonl:1: it tells of 12 torn bytes before it, there are 0"):
        list(Reader(tmp_path).entries())


def test_a_missing_part_is_found(tmp_path: Path) -> None:
    write(tmp_path, WHOLE[:-1])
    for _ in range(2):
        further, _entries = journal.resume(tmp_path, {})
        further.close()
    (tmp_path / "journal-2.jsonl").unlink()
    with pytest.raises(JournalError, match=r"journal-3.jsonl:1: number 6, due is 5"):
        list(Reader(tmp_path).entries())


def test_a_file_that_only_looks_like_a_part_is_named(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    (tmp_path / "journal-copy.jsonl").touch()
    with pytest.raises(JournalError, match=r"journal-copy.jsonl: not a part"):
        list(Reader(tmp_path).entries())


def test_two_writers_are_refused(tmp_path: Path) -> None:
    writing = journal.create(tmp_path, start())
    with pytest.raises(JournalError, match="another process is still writing this run"):
        journal.resume(tmp_path, {})
    with pytest.raises(JournalError, match="has just begun it"):
        journal.create(tmp_path, start())
    writing.close()
    assert not (tmp_path / "journal-2.jsonl").exists()


def test_a_refused_resume_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)

    def refuse(_: object) -> None:
        raise LookupError("another rack")

    with pytest.raises(LookupError):
        journal.resume(tmp_path, {}, refuse)
    assert [p.name for p in tmp_path.iterdir()] == ["journal.jsonl"]


@pytest.mark.parametrize("content", [b"", b'{"seq":0,"prev":"00'])
def test_a_run_that_never_began_cannot_go_on(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(content)
    with pytest.raises(JournalError, match="stopped before it began; begin a new one"):
        journal.resume(tmp_path, {})
    assert [p.name for p in tmp_path.iterdir()] == ["journal.jsonl"]


def test_a_folder_without_a_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"no journal\.jsonl there"):
        list(Reader(tmp_path).entries())


FULL_DISK = """
import resource, sys
from pathlib import Path
from harness.journal import Journal, JournalError
from harness.records import Note, RunEnd
from tests.harness.journals import start
journal = Journal(Path(sys.argv[1]) / "journal.jsonl")
journal.append(start())
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
try:
    for n in range(100):
        journal.append(Note(text="x" * 100))
except JournalError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append(RunEnd(safe=True))
journal.close()
"""


def test_a_full_disk_leaves_whole_lines_and_says_what_to_do(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"{tmp_path / 'journal.jsonl'}: cannot write record" in done.stdout
    assert "make room and use `rackproof resume`" in done.stdout
    reader = Reader(tmp_path)
    found = list(reader.entries())
    assert reader.torn_bytes == 0
    assert isinstance(found[-1].record, RunEnd)
    assert 5 < len(found) < 30


def test_ends_are_what_is_forced_to_disk() -> None:
    assert (CaseEnd, RunEnd, Checkpoint) == journal.SYNCED


class Counting(Journal):
    """A journal that remembers how often it forced the disk."""

    forced: int = 0

    def _sync(self) -> None:
        self.forced += 1
        super()._sync()


def test_the_end_of_a_case_is_on_disk_when_append_returns(tmp_path: Path) -> None:
    counting = Counting(tmp_path / "journal.jsonl")
    for record, forced in zip(WHOLE, [0, 0, 0, 0, 1, 2], strict=True):
        counting.append(record)
        assert counting.forced == forced, record
    counting.close()
