"""stress-ng on every processor: its metrics in YAML (stress-ng(1), `--yaml`), and what it prints beside them.

Versions 0.09 to 0.18: keys and lines of 0.15.06 read in its output; `passed`, `failed`, `skipped` of later ones are
recalled.
The YAML does not say whether the run succeeded: alone, it stays unverified.
"""

import re
import shlex
from dataclasses import dataclass

from drivers.errors import Garbled
from drivers.parsed import Parsed, lines
from drivers.ssh import Shell
from drivers.ssh_jobs import Job
from drivers.workloads.findings import Findings, no_output_of

YAML = "/tmp/rackproof-stress-ng.yaml"  # noqa: S108 - on the host under test, as root, one run at a time
GRACE_S = 30.0
_MEMBER = re.compile(r"\s+(?:- )?([a-z][a-z-]{0,80}): {1,8}(\S.{0,200}?)\s*", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,12})?", re.ASCII)
_SAID = re.compile(
    r"[^:]{0,80}?stress-ng: (\w{1,8}): +(?:\d\d:\d\d:\d\d\.\d+ )?(?:\[\d{1,10}\] )?(.{0,300}?)\s*", re.ASCII
)
_ROW = re.compile(r"([a-z][a-z0-9-]{0,40})((?: +-?\d{1,18}(?:\.\d{1,12})?){6,9})", re.ASCII)
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) ?(second|sec|s|min|hour|hr|day)s?\b", re.ASCII)
_UNITS = {"second": 1.0, "sec": 1.0, "s": 1.0, "min": 60.0, "hour": 3600.0, "hr": 3600.0, "day": 86400.0}
_EARLY = 0.9
"""The share of its time that a run must last: one that was interrupted calls itself successful."""
_COUNT = re.compile(r"(skipped|passed|failed|metrics untrustworthy): (\d{1,9})(?::.*)?", re.ASCII)
_KEYS = {
    "bogo-ops": ("operations", "1"),
    "bogo-ops-per-second-real-time": ("rate", "1/s"),
    "bogo-ops-per-second-usr-sys-time": ("rate_of_processor_time", "1/s"),
    "wall-clock-time": ("time", "s"),
    "user-time": ("user_time", "s"),
    "system-time": ("system_time", "s"),
}
_COLUMNS = ("bogo-ops", "wall-clock-time", "user-time", "system-time", "bogo-ops-per-second-real-time")
_NEEDED = ("bogo-ops", "bogo-ops-per-second-real-time", "wall-clock-time")


@dataclass(frozen=True, slots=True)
class Stressor:
    """One stressor's metrics: operations, operations per second of real time, real time in s."""

    name: str
    operations: float
    operations_per_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """The metrics of a run that has ended."""

    stressors: tuple[Stressor, ...]

    @property
    def passed(self) -> bool:
        """Tell whether every stressor has done something; whether it failed shows the exit status (0, or 2 to 7)."""
        return bool(self.stressors) and all(s.operations > 0 and s.operations_per_s > 0 for s in self.stressors)


def command(seconds: float) -> str:
    """Return the command line for a run of `seconds` s on every processor."""
    return f"stress-ng --cpu 0 --timeout {max(1, round(seconds))}s --metrics --yaml {YAML}"


def start(host: Shell, seconds: float) -> Job:
    """Start a run of `seconds` s; it is ended half a minute later at most. Raises as `host.start`."""
    return host.start(command(seconds), seconds + GRACE_S)


def result(host: Shell) -> Result:
    """Fetch and read the metrics of the run that has ended. Raises DeviceRefused without one, Garbled."""
    return parse(host.run(f"cat {shlex.quote(YAML)}").checked())


def parse(text: str) -> Result:
    """Read the `metrics` of stress-ng's YAML. Raises Garbled where there are none or a number is none."""
    reader = _Reader()
    for line in text.splitlines():
        reader.line(line)
    if not reader.blocks:
        raise Garbled("no metrics of stress-ng", received=text)
    return Result(tuple(map(_stressor, reader.blocks)))


def _stressor(block: dict[str, str]) -> Stressor:
    return Stressor(block["stressor"], *(_number(block, key) for key in _NEEDED))


def _number(block: dict[str, str], key: str) -> float:
    text = block.get(key, "")
    if not _NUMBER.fullmatch(text):
        raise Garbled(f"{key} is not a number", received=text)
    return float(text)


def read(output: bytes) -> Parsed:
    """Read a saved output: YAML, what was printed, or both in one file. Raises Garbled where there is neither."""
    reader = _Reader()
    for line in lines(output):
        reader.line(line)
    if not (reader.blocks or reader.rows or reader.said):
        raise no_output_of("stress-ng", output, "save it with --metrics and --yaml")
    return reader.parsed()


class _Reader:
    """Reads line by line; the section of the metrics is the one of which each stressor opens a block."""

    def __init__(self) -> None:
        self.found = Findings("stress-ng")
        self.blocks: list[dict[str, str]] = []
        self.rows: list[dict[str, str]] = []
        self.inside = self.closed = self.said = self.succeeded = False
        self.version: str | None = None
        self.wished: float | None = None

    def line(self, line: str) -> None:
        if said := _SAID.fullmatch(line):
            self._said(said[1], said[2])
        elif line[:1] not in {"", " ", "\t"}:
            self.inside, self.closed = line.startswith("metrics:"), self.closed or line.startswith("...")
        elif member := _MEMBER.fullmatch(line):
            self._member(member[1], member[2].strip("'\""))

    def _member(self, key: str, value: str) -> None:
        if key == "stress-ng-version":
            self.version = value
        elif self.inside and key == "stressor":
            self.blocks.append({key: value})
        elif self.inside and self.blocks and key in _KEYS:
            self.blocks[-1].setdefault(key, value)

    def _said(self, kind: str, words: str) -> None:
        self.said = True
        if kind in {"fail", "error"}:
            self.found.bad(words)
        elif row := _ROW.fullmatch(words):
            self.rows.append({"stressor": row[1], **dict(zip(_COLUMNS, row[2].split(), strict=False))})
        elif count := _COUNT.fullmatch(words):
            self._count(count[1], int(count[2]), words)
        elif words.startswith(("successful run", "unsuccessful run")):
            self._completed(words)
        elif words.startswith("setting to a"):
            self.wished = _duration(words)
        elif "skipp" in words or "aborted" in words or "untrustworthy" in words:
            self.found.unverified(words)

    def _completed(self, words: str) -> None:
        self.succeeded = words.startswith("successful")
        took = _duration(words)
        if not self.succeeded or (self.wished and took < _EARLY * self.wished):
            self.found.bad(words if not self.succeeded else f"it ended after {took:g} s of {self.wished:g} s")

    def _count(self, what: str, count: int, words: str) -> None:
        self.found.figure(f"stressors.{what.rpartition(' ')[2]}", str(count))
        if count and what == "failed":
            self.found.bad(words)
        elif count and what != "passed":
            self.found.unverified(words)

    def parsed(self) -> Parsed:
        blocks = self.blocks or self.rows
        for block in blocks:
            self._write(block)
        if not blocks:
            self.found.unverified("there are no metrics: run it with --metrics")
        if self.blocks and not self.closed:
            self.found.bad("the YAML does not end")
        if self.said and not self.succeeded:
            self.found.bad("it does not say that the run was successful")
        if not self.said:
            self.found.unverified("the metrics do not say whether the run succeeded: keep what it prints beside them")
        return self.found.parsed(self.version)

    def _write(self, block: dict[str, str]) -> None:
        scope = f"stressor[{block['stressor']}]"
        missing = [key for key in _NEEDED if key not in block]
        if missing:
            self.found.bad(f"{scope}: {missing[0]} is not there")
        for key, (name, unit) in _KEYS.items():
            if key in block:
                add = self.found.speed if key in _NEEDED else self.found.figure
                add(f"{scope}.{name}", block[key], unit, "1")


def _duration(words: str) -> float:
    """Return a duration as stress-ng tells it, "9 mins, 32.85 secs", in s."""
    return sum(float(count) * _UNITS[unit] for count, unit in _DURATION.findall(words))
