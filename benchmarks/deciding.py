"""A million samples stored, reduced and decided: `benchmarks.million` in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, at_most

ROOT = Path(__file__).parents[1]


def figures(folder: Path) -> Iterator[Figure]:
    """Run it, and hold it to its goals; the goal for time is for a machine that does nothing else."""
    command = [sys.executable, "-m", "benchmarks.million", str(folder)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    what = "a million samples stored, hashed, reduced three ways and decided"
    yield at_most(f"{what}: processor time", found["processor_s"], 2, "s")
    yield Figure(f"{what}: wall time", f"{found['stored_s'] + found['judged_s']:.3g} s")
    yield at_most(f"{what}: peak memory of the process", found["peak_mb"], 300, "MB")
    yield Figure("their file", f"{found['file_mb']:.3g} MB")
