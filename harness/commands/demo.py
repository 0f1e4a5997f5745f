"""`rackproof demo`: an emulated rack in a process of its own, and an acceptance run against it."""

import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.commands import run, shipped
from harness.datafile import DataError


def main(arguments: Namespace) -> int:
    """Emulate, run, report; return the verdict as exit status."""
    with tempfile.TemporaryDirectory(prefix="rackproof-demo-") as folder:
        out = Path(folder) / "rack"
        with emulated(arguments.generation, out, arguments.fault, arguments.seed, arguments.speed) as rack:
            inputs = shipped.inputs(arguments.plan, rack, arguments.profile)
            return run.new_run(inputs, arguments.runs, arguments.operator, [], as_json=arguments.json)


@contextmanager
def emulated(generation: str, out: Path, faults: list[str], seed: int, speed: float = 1.0) -> Iterator[Path]:
    """Serve an emulated rack and give its inventory file; the rack ends with the block, or with this process.

    Raises DataError where it does not start, with what it said.
    """
    sys.stderr.write(f"emulating a rack of generation {generation}\n")
    command = [sys.executable, "-m", "harness.emulator", generation, "--out", str(out), "--seed", str(seed)]
    command += ["--speed", str(speed)]
    for fault in faults:
        command += ["--fault", fault]
    command.append("--until-eof")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as rack:  # noqa: S603 - ours
        try:
            ready = rack.stdout.readline() if rack.stdout else ""
            if not ready.startswith("ready "):
                rack.wait()
                raise DataError("the emulated rack did not start; it says why above")
            yield Path(ready.removeprefix("ready ").strip())
        finally:
            rack.terminate()
