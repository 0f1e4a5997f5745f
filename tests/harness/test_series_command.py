"""`rackproof series`: what is listed, what is written, and what it says of samples that are not as recorded."""

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from harness import cli
from harness.records import SeriesRecorded, StateReached
from harness.sampling import nanoseconds
from harness.series import FILE, SeriesStore
from tests.harness.journals import BEGUN, start, write

Run = tuple[Path, Callable[..., tuple[int, str, str]]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A run of one series of ten samples, the first and the last of which lie outside of the window."""
    (tmp_path / "series").mkdir()
    times = [nanoseconds(BEGUN + timedelta(seconds=n)) for n in range(10)]
    with SeriesStore(tmp_path / "series") as store:
        store.write("idle", [("m1", "power", "W", "visa://m1 P?", at, 100.0 + at % 7) for at in times])
        column = store.column("idle", "m1", "power", times[1], times[8])
    recorded = SeriesRecorded(
        state="idle", device="m1", point="power", unit="W", source="visa://m1 P?", count=8, missed=0, minimum=None,
        mean=None, maximum=None, sha256=column.sha256(),
    )  # fmt: skip
    window = [BEGUN + timedelta(seconds=s) for s in (0.5, 8.5)]
    write(tmp_path, [start(), StateReached(state="idle", settle_s=0, begin=window[0], end=window[1]), recorded])

    def call(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["series", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return tmp_path, call


def test_series_are_held_to_the_journal(run: Run) -> None:
    folder, call = run
    status, out, _ = call(str(folder), "--json")
    (line,) = [json.loads(text) for text in out.splitlines()]
    assert (status, line["count"], line["as_recorded"]) == (0, 8, True)
    with sqlite3.connect(folder / "series" / FILE) as db:
        db.execute("delete from chunk")
    db.close()
    status, out, _ = call(str(folder))
    assert status == 1
    assert "NOT as recorded" in out


def test_the_hash_is_the_same_in_every_container(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    folder, call = run
    archive = tmp_path / "archive.parquet"
    status, _, said = call(str(folder), "--format", "parquet", "--output", str(archive))
    assert (status, said) == (0, f"1 series written to {archive}\n")
    listed = [json.loads(call(str(place), "--json")[1]) for place in (folder, archive)]
    assert listed[0]["sha256"] == listed[1]["sha256"]
    assert listed[1]["as_recorded"] is None


def test_csv_goes_to_standard_output_or_a_file(run: Run, tmp_path: Path) -> None:
    folder, call = run
    status, out, _ = call(str(folder), "--format", "csv", "--series", "m?.pow*")
    assert (status, len(out.splitlines())) == (0, 9)
    assert call(str(folder), "--format", "csv", "--state", "full")[1].count("\n") == 1
    assert call(str(folder), "--format", "csv", "--output", str(tmp_path / "a.csv"))[0] == 0
    assert (tmp_path / "a.csv").read_bytes().decode() == out.replace("\r\n", "\n").replace("\n", "\r\n")


def test_what_cannot_be_is_told(run: Run) -> None:
    folder, call = run
    status, _, said = call(str(folder), "--format", "parquet")
    assert status == 2
    assert "--output" in said
    (folder / "text.parquet").write_text("no")
    status, _, said = call(str(folder / "text.parquet"))
    assert status == 3
    assert "not a Parquet file" in said
