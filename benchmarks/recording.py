"""Recording a judged measurement, beside OpenHTF in one run."""

import importlib.util
import json
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, at_least, at_most

HERE = Path(__file__).parent
ROOT = HERE.parent
BENCH = ROOT / ".venv-bench"
AS_IN_A_PLAN = "3"
"""The acceptance plan records 3.3 measurements a case; OpenHTF's case is the phase."""


def figures(folder: Path) -> Iterator[Figure]:
    """Measure both, ours before and after the other, and compare the better of ours."""
    first = _ours(folder / "first")
    theirs = _openhtf(folder)
    second = _ours(folder / "second")
    ours = min(first, second, key=lambda found: float(found["best"]))
    yield at_most("recording a judged measurement, with the operating system", ours["best"], 15, "µs")
    yield Figure("floor: bare json.dumps and flushed write", f"{ours['floor']:.3g} µs")
    yield Figure("ratio to the floor", f"{ours['best'] / ours['floor']:.2g} x")
    yield at_most(
        "100,000 of them: processor time of the second half over the first", ours["last"] / ours["first"], 1.2, "x"
    )
    yield Figure("100,000 of them", f"{ours['all_s']:.2f} s")
    yield at_most("100,000 of them: peak memory of the process", ours["peak_mb"], 200, "MB")
    if isinstance(theirs, str):
        yield Figure("OpenHTF", f"skipped: {theirs}")
        return
    yield from _compared(ours["best"], theirs)


def _compared(ours: float, theirs: dict[str, Any]) -> Iterator[Figure]:
    for count, microseconds in theirs["us"].items():
        said = f"OpenHTF {theirs['version']}, {count} measurements a phase, JSON at the end of the test"
        yield Figure(said, f"{microseconds:.3g} µs")
        what = f"faster than OpenHTF with {count} measurements a phase"
        ratio = microseconds / ours
        yield at_least(what, ratio, 5, "x") if count == AS_IN_A_PLAN else Figure(what, f"{ratio:.2g} x")


def _ours(folder: Path) -> dict[str, float]:
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.recording_ours", str(folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _openhtf(folder: Path) -> dict[str, Any] | str:
    python = _python_with_openhtf()
    if python is None:
        return f"it could not be installed from requirements/bench.lock into {BENCH.name}"
    command = [python, "-W", "ignore", str(HERE / "recording_openhtf.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stderr.strip().splitlines()
    if done.returncode or not said:
        return f"it did not run: {said[-1] if said else 'no output'}"
    found: dict[str, Any] = json.loads(said[-1])
    return found


def _python_with_openhtf() -> str | None:
    if importlib.util.find_spec("openhtf"):
        return sys.executable
    python = BENCH / "bin" / "python"
    if not python.exists():
        sys.stderr.write(f"installing OpenHTF into {BENCH.name}\n")
        venv.create(BENCH, with_pip=True)
        lock = ["--require-hashes", "--requirement", str(ROOT / "requirements" / "bench.lock")]
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *lock], check=False)
    probe = subprocess.run([str(python), "-c", "import openhtf"], capture_output=True, check=False)
    return str(python) if probe.returncode == 0 else None
