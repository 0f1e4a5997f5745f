"""How long the command line takes to say what it can, and the demonstration to accept a rack."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, at_most

HEAVY = ("pydantic", "pytest", "pysnmp", "paramiko", "pyvisa", "asyncssh", "sqlite3", "asyncio", "numpy")
LOADED = f"""
import contextlib, io, sys
from harness import cli
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    cli.main(["--help"])
print(", ".join(name for name in {HEAVY!r} if name in sys.modules) or "none")
"""


def figures(_: Path) -> Iterator[Figure]:
    """Time `rackproof --help` in a fresh process, best of seven."""
    command = [sys.executable, "-m", "harness.cli", "--help"]
    best = min(_timed(command) for _ in range(7))
    bare = min(_timed([sys.executable, "-c", "pass"]) for _ in range(7))
    yield at_most("rackproof --help", best, 0.3, "s")
    yield Figure("of which Python itself", f"{bare:.3g} s")
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    yield Figure("heavy modules that it imports", loaded.stdout.strip(), "none", loaded.stdout.strip() == "none")


def demo(folder: Path) -> Iterator[Figure]:
    """Run the demonstration once, set-up aside."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "harness.cli", "demo", "--json", "--runs", str(folder / "runs")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - begin
    yield at_most("rackproof demo, set-up aside", wall, 90, "s")
    verdict = json.loads(done.stdout)["verdict"] if done.stdout else done.stderr.strip().splitlines()[-1]
    yield Figure("its verdict", str(verdict), "ACCEPTED", verdict == "ACCEPTED")


def _timed(command: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin
