"""An emulated rack and runs against it, each a process that a test can kill at a moment of its choice."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.journal import Entry, Reader
from harness.records import AnyRecord, CaseEnd, CaseStart
from harness.run import Run, fold

PLAN = """schema = 1
name = "short"
order = ["INV-002", "INV-003", "PWR-001", "PWR-002", "CMP-004"]
default_period_s = 1.0
[durations]
idle = { settle_s = 0.5, window_s = 3 }
full = { settle_s = 2, window_s = FULL }
[sampling]
feed_meter = 0.5
"""


@contextmanager
def rack(folder: Path, *faults: str) -> Iterator[Path]:
    """Serve a rack of gen-a from `folder` and give its inventory; begun anew there, it is the same rack."""
    command = [sys.executable, "-m", "harness.emulator", "gen-a", "--out", str(folder), "--until-eof"]
    for fault in faults:
        command += ["--fault", fault]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            assert serving.stdout.readline().startswith("ready ")
            yield folder / "rack.toml"
        finally:
            serving.terminate()


@dataclass
class Station:
    """A working folder with a plan, where runs are begun, killed and gone on with."""

    folder: Path
    full_s: float = 3
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "short.toml").write_text(PLAN.replace("FULL", str(self.full_s)))

    @property
    def runs(self) -> list[Path]:
        return sorted((self.folder / "runs").glob("[!.]*"))

    @property
    def run_folder(self) -> Path:
        (found,) = self.runs
        return found

    def begin(self, rack: Path) -> list[str]:
        """The arguments of a new run."""
        return ["run", str(self.folder / "short.toml"), "--rack", str(rack), "--runs", str(self.folder / "runs")]

    def call(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        done = subprocess.run(self._command(arguments), capture_output=True, text=True, check=False, timeout=120)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def stop_at(self, moment: str, signal: int, *arguments: str) -> int:
        """Begin a command, signal it when a line that it tells has `moment` in it, and return its status."""
        with subprocess.Popen(
            self._command(arguments), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as it:
            assert it.stderr is not None
            self.told = []
            for line in it.stderr:
                self.told.append(line)
                if moment in line:
                    it.send_signal(signal)
                    break
            it.stderr.read()
        assert moment in "".join(self.told), self.told
        return it.returncode

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-u", "-m", "harness.cli", *arguments]

    @property
    def entries(self) -> list[Entry]:
        """The journal over all its files, its chain checked."""
        return list(Reader(self.run_folder).entries())

    @property
    def records(self) -> list[AnyRecord]:
        return [entry.record for entry in self.entries]

    @property
    def result(self) -> Run:
        return fold(self.entries)

    def begun(self) -> Counter[str]:
        """How often each case began."""
        return Counter(r.case for r in self.records if isinstance(r, CaseStart))

    def ended(self) -> Counter[str]:
        """How often each case ended."""
        return Counter(r.case for r in self.records if isinstance(r, CaseEnd))
