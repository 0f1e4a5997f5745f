"""Emulated racks for tests, and runs against them, each a process of its own."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its exit status, its result as printed, its records, and what it said."""

    status: int
    result: dict[str, Any]
    said: str

    @property
    def records(self) -> list[dict[str, Any]]:
        """Return every record of every journal file."""
        files = sorted(Path(self.result["run"]).glob("journal*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]

    def ends(self) -> dict[str, dict[str, Any]]:
        """Return the end of every case by its name."""
        return {record["case"]: record for record in self.records if record["kind"] == "case_end"}


def run(rack: Path, runs: Path, *extra: str) -> Ended:
    """Run the rehearsal plan against a rack, with `--json`."""
    return command("run", "rehearsal", "--rack", str(rack), "--runs", str(runs), "--json", *extra)


def command(*arguments: str) -> Ended:
    """Call the command line."""
    done = subprocess.run(
        [sys.executable, "-m", "harness.cli", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Ended(done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else {}, done.stderr)
