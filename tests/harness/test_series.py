import hashlib
import sqlite3
import struct
import subprocess
import sys
from array import array
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import series
from harness.columns import Column, ordered, packed, unpacked
from harness.series import CHUNK, Sample, SeriesStore

SAMPLES: list[Sample] = [
    ("m1", "power", "W", "visa://m1 P?", 1_000, 1.5),
    ("m1", "power", "W", "visa://m1 P?", 2_000, 2.5),
    ("m2", "power", "W", "visa://m2 P?", 1_500, -0.0),
]
TIMES = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False)


def times(columns: object) -> list[list[int]]:
    return [list(c.times) for c in columns]  # type: ignore[attr-defined]


def one_of(n: int) -> Sample:
    return ("m1", "power", "W", "visa://m1 P?", n, float(n))


def test_round_trip(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", SAMPLES)
        store.write("full", SAMPLES[:1])
        one, other = store.columns("idle")
    assert (one.device, one.point, one.unit, one.source) == ("m1", "power", "W", "visa://m1 P?")
    assert (list(one.times), list(one.values)) == ([1_000, 2_000], [1.5, 2.5])
    assert list(other.times) == [1_500]
    assert times(series.read(tmp_path, "idle")) == [[1_000, 2_000], [1_500]]
    assert times(series.read(tmp_path, "full")) == [[1_000]]
    assert series.stays(tmp_path) == ["idle", "full"]


@pytest.mark.parametrize("count", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_chunks_and_tail_are_one_series(count: int, tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        for n in range(count):
            store.write("idle", [one_of(n)])
        assert times(store.columns("idle")) == [list(range(count))]
        assert times(series.read(tmp_path, "idle")) == [list(range(count))]
        assert list(store.column("idle", "m1", "power", 3, CHUNK + 1).times) == list(range(count))[3 : CHUNK + 2]
    assert times(series.read(tmp_path, "idle")) == [list(range(count))]


def test_bounds_are_included(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", SAMPLES)
        (one, other) = store.columns("idle", 1_500, 2_000)
    assert (list(one.times), list(other.times)) == ([2_000], [1_500])


def test_one_series_is_read_without_the_others(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", SAMPLES)
        assert list(store.column("idle", "m2", "power").values) == [0.0]
        with pytest.raises(KeyError, match=r"idle: m3\.power"):
            store.column("idle", "m3", "power")


def test_samples_come_back_in_order_of_time(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", SAMPLES[::-1])
        assert [list(c.times) for c in store.columns("idle") if c.device == "m1"] == [[1_000, 2_000]]


def test_a_second_value_for_an_instant_is_dropped(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", [SAMPLES[0], (*SAMPLES[0][:5], 99.0)])
        (column,) = store.columns("idle")
        assert list(column.values) == [1.5]


def test_an_interrupted_dwell_leaves_nothing_behind(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", [one_of(n) for n in range(CHUNK)])
        store.write("idle", SAMPLES)
        store.write("full", SAMPLES)
        store.clear("idle")
        assert list(store.columns("idle")) == []
        store.write("idle", [("m1", "power", "W", "visa://elsewhere P?", 5_000, 1.0)])
        (moved,) = store.columns("idle")
        assert (moved.source, list(moved.times), list(moved.values)) == ("visa://elsewhere P?", [5_000], [1.0])
        assert len(list(store.columns("full"))) == 2


def test_no_samples_where_there_is_no_file(tmp_path: Path) -> None:
    assert series.read(tmp_path, "idle") == []
    assert list(tmp_path.iterdir()) == []


def test_a_later_process_goes_on_where_one_was_killed(tmp_path: Path) -> None:
    assert killed(tmp_path, 50) == -9
    with SeriesStore(tmp_path) as store:
        store.write("idle", [one_of(n) for n in range(50, 50 + CHUNK)])
    assert times(series.read(tmp_path, "idle")) == [list(range(50 + CHUNK))]


def test_chunks_take_a_fraction_of_the_room(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write(
            "idle", [("m1", "power", "W", "s", n * 100_000_000, round(61_234 + n % 7, 1)) for n in range(50_000)]
        )
    with sqlite3.connect(tmp_path / series.FILE) as db:
        (stored,) = db.execute("select sum(length(packed)) from chunk").fetchone()
    db.close()
    assert stored < 16 * 50_000 / 4


@settings(deadline=None)
@given(st.lists(st.tuples(TIMES, FLOATS), max_size=20))
def test_hash_is_over_the_content_alone(pairs: list[tuple[int, float]]) -> None:
    """int64 ns and float64, little-endian, interleaved: computed here by hand, with no container."""
    column = Column("a", "b", "W", "c", [t for t, _ in pairs], [v for _, v in pairs])
    by_hand = b"".join(t.to_bytes(8, "little", signed=True) + struct.pack("<d", v) for t, v in pairs)
    assert column.sha256() == hashlib.sha256(by_hand).hexdigest()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2**62), FLOATS), min_size=1, max_size=40))
def test_a_chunk_is_what_was_packed(pairs: list[tuple[int, float]]) -> None:
    at, values = ordered(array("q", [t for t, _ in pairs]), array("d", [v for _, v in pairs]))
    again = unpacked(packed(at, values))
    assert (again[0], again[1].tobytes()) == (at, values.tobytes())


def test_thinned_keeps_the_extremes_in_order() -> None:
    values = [0.0] * 1000
    values[500], values[501] = 9.0, -9.0
    thin = Column("a", "b", "W", "c", list(range(1000)), values).thinned(100)
    assert len(thin.times) <= 100
    assert (max(thin.values), min(thin.values)) == (9.0, -9.0)
    assert list(thin.times) == sorted(thin.times)
    assert thin.times[0] == 0


def test_hash_survives_the_file(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", SAMPLES)
        before = [c.sha256() for c in store.columns("idle")]
    assert [c.sha256() for c in series.read(tmp_path, "idle")] == before
    assert before[0] == Column("", "", None, "", [1_000, 2_000], [1.5, 2.5]).sha256()


KILLED = """
import os, signal, sys
from pathlib import Path
from harness.series import SeriesStore
store = SeriesStore(Path(sys.argv[1]))
for n in range(int(sys.argv[2])):
    store.write("idle", [("m1", "power", "W", "visa://m1 P?", n, float(n))])
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(folder: Path, count: int) -> int:
    return subprocess.run([sys.executable, "-c", KILLED, str(folder), str(count)], check=False).returncode


@pytest.mark.parametrize("count", [50, CHUNK + 50])
def test_what_was_written_before_a_kill_is_there(count: int, tmp_path: Path) -> None:
    assert killed(tmp_path, count) == -9
    assert times(series.read(tmp_path, "idle")) == [list(range(count))]
