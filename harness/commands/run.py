"""`rackproof run`: test a rack by a plan, decide, write the reports."""

import signal
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import pytest

from harness import runfolder
from harness.commands import pytesting, rendering, shipped
from harness.commands.console import Console
from harness.commands.failures import UNFINISHED, USAGE
from harness.run import EXIT_CODES
from harness.runfolder import Inputs


def main(arguments: Namespace) -> int:
    """Make the run folder, run the plan, report; return the verdict as exit status."""
    inputs = shipped.inputs(arguments.plan, arguments.rack, arguments.profile)
    extra = ["-k", arguments.keyword] if arguments.keyword else []
    extra += ["--speed", str(arguments.speed)]
    return new_run(inputs, arguments.runs, arguments.operator, extra, as_json=arguments.json)


def new_run(inputs: Inputs, runs: Path, operator: str, extra: list[str], *, as_json: bool) -> int:
    """Run `inputs` in a fresh folder below `runs`. Raises DataError."""
    serial = shipped.load(inputs).inventory.serial
    folder = runfolder.create(runs, inputs, serial, datetime.now(UTC))
    return execute(folder, inputs, operator, extra, as_json=as_json)


def execute(folder: Path, inputs: Inputs, operator: str, extra: list[str], *, as_json: bool) -> int:
    """Run the cases into `folder`, render its reports, print the first screen."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    console = Console()
    code = pytesting.call(inputs, [console], ["--run-folder", str(folder), "--operator", operator, *extra])
    console.close()
    if code == pytest.ExitCode.USAGE_ERROR:
        return USAGE
    if not (folder / "journal.jsonl").exists():
        return UNFINISHED
    run = rendering.write_all(folder)
    rendering.show(folder, run, as_json=as_json)
    return EXIT_CODES[run.verdict]


def _stop(number: int, _frame: FrameType | None) -> None:
    """End the run in order; a second signal must not end the bringing of the rack to its safe state."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
