"""stress-ng on every processor, with its metrics in YAML (stress-ng(1), `--yaml`)."""

import re
import shlex
from dataclasses import dataclass

from drivers.errors import Garbled
from drivers.ssh import Shell
from drivers.ssh_jobs import Job

YAML = "/tmp/rackproof-stress-ng.yaml"  # noqa: S108 - on the host under test, as root, one run at a time
GRACE_S = 30.0
_LINE = re.compile(r"^\s+(?:- )?([a-z-]+): (.+?)\s*$")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,12})?", re.ASCII)


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
    head, mark, rest = text.partition("\nmetrics:")
    if not mark and not head.startswith("metrics:"):
        raise Garbled("no metrics of stress-ng", received=text)
    blocks: list[dict[str, str]] = []
    for line in (rest if mark else head).splitlines():
        if line[:1] not in ("", " "):
            break  # the next section
        found = _LINE.match(line)
        if found and found[1] == "stressor":
            blocks.append({})
        if found and blocks:
            blocks[-1].setdefault(found[1], found[2].strip("'\""))
    if not blocks:
        raise Garbled("no stressor in the metrics", received=text)
    return Result(tuple(map(_stressor, blocks)))


def _stressor(block: dict[str, str]) -> Stressor:
    keys = ("bogo-ops", "bogo-ops-per-second-real-time", "wall-clock-time")
    return Stressor(block["stressor"], *(_number(block, key) for key in keys))


def _number(block: dict[str, str], key: str) -> float:
    text = block.get(key, "")
    if not _NUMBER.fullmatch(text):
        raise Garbled(f"{key} is not a number", received=text)
    return float(text)
