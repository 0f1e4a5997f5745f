import csv
import io
import math
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import archive
from harness.archive import ArchiveError
from harness.columns import Column

pyarrow = pytest.importorskip("pyarrow")
SAMPLES = st.dictionaries(st.integers(0, 2**62), st.floats(allow_nan=False, allow_infinity=False), min_size=1)


def column(values: list[float], device: str = "m1", unit: str | None = "W") -> Column:
    return Column(device, "power", unit, "visa://m1 P?", [n * 10**8 for n in range(len(values))], values)


@settings(deadline=None, max_examples=20)
@given(SAMPLES)
def test_parquet_keeps_content_and_hash(tmp_path_factory: pytest.TempPathFactory, samples: dict[int, float]) -> None:
    path = tmp_path_factory.mktemp("archive") / "a.parquet"
    one = Column("m1", "power", None, "visa://m1 P?", sorted(samples), [samples[at] for at in sorted(samples)])
    assert archive.write_parquet(path, [("idle", one), ("full", column([1.0, -0.0]))]) == 2
    (state, again), (_, other) = archive.read_parquet(path)
    assert (state, again.device, again.unit, again.source) == ("idle", "m1", None, "visa://m1 P?")
    assert again.sha256() == one.sha256()
    assert math.copysign(1, other.values[1]) == -1


def test_the_archive_is_small(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    archive.write_parquet(path, [("soak", column([61_000.0 + n % 13 for n in range(100_000)]))])
    assert path.stat().st_size < 100_000 * 16 / 6


def test_csv_is_a_line_a_sample_exactly() -> None:
    file = io.StringIO(newline="")
    archive.write_csv(file, [("idle", column([0.1, 2.0], device='m,"1"'))])
    rows = list(csv.reader(io.StringIO(file.getvalue(), newline="")))
    assert rows[0] == [*archive.HEADS, "at"]
    assert rows[1] == ["idle", 'm,"1"', "power", "W", "visa://m1 P?", "0", "0.1", "1970-01-01T00:00:00.000000+00:00"]
    assert float(rows[2][6]) == 2.0


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no")
    with pytest.raises(ArchiveError, match="not a Parquet file"):
        list(archive.read_parquet(tmp_path / "text.parquet"))
    import_module("pyarrow.parquet").write_table(pyarrow.table({"a": [1]}), tmp_path / "other.parquet")
    with pytest.raises(ArchiveError, match=r"columns \['a'\], expected"):
        list(archive.read_parquet(tmp_path / "other.parquet"))
