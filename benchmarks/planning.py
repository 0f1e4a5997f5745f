"""A plan of one-measurement cases beside plain pytest."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, at_most

CASES = 1_000
ROUNDS = 3
HEAD = "from harness.plan import Fact, case\n"
CASE = '''
@case("PWR-{n:03d}")
def test_{n}(measure):
    """It is so."""
    measure("good", Fact(True))
'''
PLAIN = '''
def test_{n}():
    """It is so."""
    assert True
'''
RACK = 'schema = 1\nserial = "S1"\ngeneration = "g"\nstation = "bench"\n'
PLAN = 'schema = 1\nname = "bench"\norder = ["*"]\n'
PROFILE = 'schema = 1\ngeneration = "g"\nrevision = 1\n[limits.good]\nequals = true\nsource = "bench"\n'


def figures(folder: Path) -> Iterator[Figure]:
    """Time both in turn, and take the best of each."""
    ours, plain = _written(folder / "ours", HEAD, CASE), _written(folder / "plain", "", PLAIN)
    times = [(_timed(ours, folder, n), _timed(plain, None, n)) for n in range(ROUNDS)]
    with_us, without = min(t for t, _ in times), min(t for _, t in times)
    sync = _sync_ms(folder)
    yield Figure(f"plain pytest, {CASES} trivial tests", f"{without:.2f} s")
    yield Figure(f"a plan of {CASES} one-measurement cases", f"{with_us:.2f} s")
    yield at_most("a case above plain pytest, its end forced to disk", (with_us - without) / CASES * 1e3, 1.5, "ms")
    yield Figure("of which one fsync takes here", f"{sync:.3g} ms")


def _written(folder: Path, head: str, one: str) -> Path:
    folder.mkdir()
    (folder / "test_bench.py").write_text(head + "".join(one.format(n=n) for n in range(CASES)), encoding="utf-8")
    for name, text in (("rack.toml", RACK), ("plan.toml", PLAN), ("profile.toml", PROFILE)):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _timed(cases: Path, runs: Path | None, turn: int) -> float:
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "--import-mode=importlib", "-c", os.devnull]
    extra = []
    if runs is not None:
        (runs / f"run{turn}" / "series").mkdir(parents=True)
        files = [f"--{name}={cases / name}.toml" for name in ("rack", "plan", "profile")]
        extra = ["-p", "harness.plugin", *files, f"--run-folder={runs / f'run{turn}'}"]
    command = [sys.executable, "-m", "pytest", *options, "--rootdir", str(cases), *extra, str(cases)]
    begin = time.perf_counter()
    subprocess.run(
        command, check=True, env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - begin


def _sync_ms(folder: Path) -> float:
    with (folder / "sync").open("wb", buffering=0) as file:
        times = []
        for _ in range(50):
            file.write(b"x" * 300)
            begin = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    return sorted(times)[len(times) // 2] * 1e3
