"""A plan of its own with small cases, run by pytest in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.journal import Reader
from harness.records import AnyRecord
from harness.run import Run, fold
from tests.harness import racks

HEAD = """
import pytest
from harness.plan import Fact, case, needs
"""
LIMITS = """
[limits.power]
unit = "W"
high = 150
source = "agreement"

[limits.good]
equals = true
source = "agreement"
"""
PLAN = """schema = 1
name = "mini"
order = {order}
default_period_s = 0.05
[durations]
idle = {{ settle_s = 0.1, window_s = 0.5 }}
soak = {{ settle_s = 0.1, window_s = 0.3 }}
"""


@dataclass(frozen=True)
class Result:
    """How pytest ended, and what the journal says."""

    code: int
    said: str
    folder: Path

    @property
    def records(self) -> list[AnyRecord]:
        return [entry.record for entry in Reader(self.folder).entries()]

    @property
    def run(self) -> Run:
        return fold(Reader(self.folder).entries())

    def outcomes(self) -> dict[str, str]:
        return {name: case.outcome for name, case in self.run.cases.items()}


@dataclass(frozen=True)
class Mini:
    """A folder with inventory, plan, profile and cases."""

    folder: Path

    def write(
        self, cases: str, *devices: Mapping[str, Any], order: str = '["*"]', limits: str = LIMITS, plan: str = ""
    ) -> "Mini":
        (self.folder / "cases").mkdir(exist_ok=True)
        (self.folder / "cases" / "test_mini.py").write_text(HEAD + cases)
        (self.folder / "plan.toml").write_text(PLAN.format(order=order) + plan)
        (self.folder / "profile.toml").write_text('schema = 1\ngeneration = "g"\nrevision = 1\n' + limits)
        racks.write_toml(self.folder / "rack.toml", *(dict(d) for d in devices))
        return self

    def run(self, *extra: str) -> Result:
        """Run the cases; a second time goes on with the run."""
        run = self.folder / "run"
        for name in ("series", "attachments", "inputs"):
            (run / name).mkdir(parents=True, exist_ok=True)
        if not (run / "inputs" / "rack.toml").exists():
            (run / "inputs" / "rack.toml").write_bytes((self.folder / "rack.toml").read_bytes())
        done = subprocess.run(self.command(*extra), capture_output=True, text=True, check=False, env=environment())
        return Result(done.returncode, done.stdout + done.stderr, run)

    def command(self, *extra: str) -> list[str]:
        """The command line that runs the cases into the folder `run`."""
        where = self.folder
        options = ["-p", "harness.plugin", "-p", "no:cacheprovider", "--import-mode=importlib", "-c", os.devnull]
        files = ["--rack", "rack.toml", "--plan", "plan.toml", "--profile", "profile.toml", "--run-folder", "run"]
        paths = [str(where / f) if not f.startswith("--") else f for f in files]
        return [sys.executable, "-m", "pytest", *options, "--rootdir", str(where), *paths, *extra, str(where / "cases")]


def environment() -> dict[str, str]:
    """Our environment, less what would change a run."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")} | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
