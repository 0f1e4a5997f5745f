"""gpu_burn (github.com/wilicc/gpu-burn): matrix products on every GPU, each compared with the first.

Progress lines end in a carriage return; `Tested n GPUs:` and a line for each GPU stand at the end. Until a GPU has
reported, its progress shows 0 Gflop/s: that is no result.
"""

import re
from dataclasses import dataclass

from drivers.errors import Garbled
from drivers.ssh import Shell
from drivers.ssh_jobs import Job

_PROGRESS = re.compile(r"^\s*(\d{1,3}(?:\.\d+)?)%\s+proc'd: (.*?)\s+errors: (.*?)\s+temps: (.*?)\s*$", re.ASCII)
_SPEED = re.compile(r"(-?\d{1,15}) \((-?\d{1,12}) Gflop/s\)", re.ASCII)
_VERDICT = re.compile(r"^\s*GPU (\d{1,4}): (OK|FAULTY)\s*$", re.ASCII)
_TESTED = re.compile(r"^Tested (\d{1,4}) GPUs:\s*$", re.ASCII)
GRACE_S = 60.0
"""What a run may take beyond its seconds: start, allocation, comparison, end."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU's part. `flops` is None while it has not reported, FLOP/s; `ok` None while there is no verdict."""

    index: int
    flops: float | None
    errors: int
    temperature: float | None
    ok: bool | None


@dataclass(frozen=True, slots=True)
class Result:
    """What a run has said so far. `progress` in %, `ended` when it has given its verdicts."""

    progress: float
    ended: bool
    gpus: tuple[Gpu, ...]

    @property
    def passed(self) -> bool:
        """Tell whether it ended with every GPU reported, judged OK and without an error."""
        return self.ended and bool(self.gpus) and all(g.ok is True and g.errors == 0 and g.flops for g in self.gpus)


def command(seconds: float) -> str:
    """Return the command line for a run of `seconds` s."""
    return f"gpu_burn {max(1, round(seconds))}"


def start(host: Shell, seconds: float) -> Job:
    """Start a run of `seconds` s; it is ended a minute later should it not end by itself. Raises as `host.start`."""
    return host.start(command(seconds), seconds + GRACE_S)


def parse(text: str) -> Result:
    """Read what a run has said so far. Raises Garbled where there is neither progress nor verdict, or they disagree."""
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
    progress = [found for line in lines if (found := _PROGRESS.match(_last_report(line)))]
    if not progress:
        raise Garbled("no progress of gpu_burn", received=text[-500:])
    percent, speeds, errors, temperatures = progress[-1].groups()
    verdicts = _verdicts(lines)
    gpus = _gpus(speeds, errors, temperatures, verdicts or {})
    if verdicts is not None and len(verdicts) != len(gpus):
        raise Garbled(f"{len(verdicts)} verdicts for {len(gpus)} GPUs", received=text[-500:])
    return Result(float(percent), verdicts is not None, gpus)


def _last_report(line: str) -> str:
    """Return the last progress in a line: where a terminal ate the carriage returns, several stand in one."""
    starts = [found.start() for found in re.finditer(r"\d{1,3}(?:\.\d+)?%\s+proc'd:", line)]
    return line[starts[-1] :] if starts else line


def _gpus(speeds: str, errors: str, temperatures: str, verdicts: dict[int, bool]) -> tuple[Gpu, ...]:
    flops = [int(found[2]) * 1e9 for found in _SPEED.finditer(speeds)]
    counts = [_errors(part) for part in errors.split(" - ")]
    degrees = [_degrees(part) for part in temperatures.split(" - ")]
    if not flops or not len(flops) == len(counts) == len(degrees):
        raise Garbled("a progress line that does not fit together", received=f"{speeds} | {errors} | {temperatures}")
    rows = zip(flops, counts, degrees, strict=True)
    return tuple(Gpu(i, f if f > 0 else None, e, t, verdicts.get(i)) for i, (f, e, t) in enumerate(rows))


def _errors(text: str) -> int:
    # A count comes with a warning behind it: "12 (WARNING!)"; a GPU whose process died shows -1 (DIED!).
    found = re.match(r"\s*(-?\d{1,15})(?:\s*\([A-Z!]+\))?\s*$", text, re.ASCII)
    if not found:
        raise Garbled("not a count of errors", received=text)
    return int(found[1])


def _degrees(text: str) -> float | None:
    found = re.match(r"\s*(?:(-?\d{1,4}) C|-+)\s*$", text, re.ASCII)
    if not found:
        raise Garbled("not a temperature", received=text)
    return float(found[1]) if found[1] else None


def _verdicts(lines: list[str]) -> dict[int, bool] | None:
    """Return the verdict of each GPU, None where the run has not got that far."""
    tested = [(place, int(found[1])) for place, line in enumerate(lines) if (found := _TESTED.match(line))]
    if not tested:
        return None
    place, count = tested[-1]
    verdicts = {int(f[1]): f[2] == "OK" for line in lines[place:] if (f := _VERDICT.match(line))}
    return verdicts if len(verdicts) == count else None
