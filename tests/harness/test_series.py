import hashlib
import struct
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness import series
from harness.series import Column, Sample, SeriesStore

SAMPLES: list[Sample] = [
    ("m1", "power", "W", "visa://m1 P?", 1_000, 1.5),
    ("m1", "power", "W", "visa://m1 P?", 2_000, 2.5),
    ("m2", "power", "W", "visa://m2 P?", 1_500, -0.0),
]
TIMES = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False)


def test_round_trip(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", SAMPLES)
        store.write("full", SAMPLES[:1])
        one, other = store.columns("idle")
    assert (one.device, one.point, one.unit, one.source) == ("m1", "power", "W", "visa://m1 P?")
    assert (one.times, one.values) == ([1_000, 2_000], [1.5, 2.5])
    assert other.times == [1_500]
    assert [c.times for c in series.read(tmp_path, "idle")] == [[1_000, 2_000], [1_500]]
    assert [c.times for c in series.read(tmp_path, "full")] == [[1_000]]


def test_bounds_are_included(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", SAMPLES)
        (one, other) = store.columns("idle", 1_500, 2_000)
    assert (one.times, other.times) == ([2_000], [1_500])


def test_samples_come_back_in_order_of_time(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", SAMPLES[::-1])
        assert [c.times for c in store.columns("idle") if c.device == "m1"] == [[1_000, 2_000]]


def test_a_second_value_for_an_instant_is_dropped(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", [SAMPLES[0], (*SAMPLES[0][:5], 99.0)])
        assert store.columns("idle")[0].values == [1.5]


def test_an_interrupted_dwell_leaves_nothing_behind(tmp_path: Path) -> None:
    with SeriesStore(tmp_path) as store:
        store.write("idle", SAMPLES)
        store.write("full", SAMPLES)
        store.clear("idle")
        assert store.columns("idle") == []
        moved = ("m1", "power", "W", "visa://elsewhere P?", 5_000, 1.0)
        store.write("idle", [moved])
        assert store.columns("idle") == [Column("m1", "power", "W", "visa://elsewhere P?", [5_000], [1.0])]
        assert len(store.columns("full")) == 2


def test_no_samples_where_there_is_no_file(tmp_path: Path) -> None:
    assert series.read(tmp_path, "idle") == []
    assert list(tmp_path.iterdir()) == []


@given(st.lists(st.tuples(TIMES, FLOATS), max_size=20))
def test_hash_is_over_the_content_alone(pairs: list[tuple[int, float]]) -> None:
    """int64 ns and float64, little-endian, interleaved: computed here by hand, with no container."""
    column = Column("a", "b", "W", "c", [t for t, _ in pairs], [v for _, v in pairs])
    by_hand = b"".join(t.to_bytes(8, "little", signed=True) + struct.pack("<d", v) for t, v in pairs)
    assert column.sha256() == hashlib.sha256(by_hand).hexdigest()


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
for n in range(50):
    store.write("idle", [("m1", "power", "W", "visa://m1 P?", n, float(n))])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_written_before_a_kill_is_there(tmp_path: Path) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False).returncode == -9
    (column,) = series.read(tmp_path, "idle")
    assert column.times == list(range(50))
