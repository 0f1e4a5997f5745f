"""gpu_burn (github.com/wilicc/gpu-burn): matrix products on every GPU, each compared with the first.

Progress lines end in a carriage return; `Tested n GPUs:` and a line for each GPU stand at the end. Until a GPU has
reported, its progress shows 0 Gflop/s: that is no result.
"""

import re
from collections import deque
from dataclasses import dataclass

from drivers.errors import Garbled
from drivers.parsed import Parsed
from drivers.parsed import text as decoded
from drivers.ssh import Shell
from drivers.ssh_jobs import Job
from drivers.workloads.findings import Findings

_LINES = re.compile(r"[^\r\n]+")
_START = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)%\s{1,8}proc'd:", re.ASCII)
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
    progress: tuple[str, str, str, str] | None = None
    closing: list[str] = []
    for found in _LINES.finditer(text):
        line = found[0]
        if _TESTED.match(line):
            closing = [line]
        elif closing and _VERDICT.match(line):
            closing.append(line)
        progress = _progress(line) or progress
    if progress is None:
        raise Garbled("no progress of gpu_burn", received=text[-500:])
    percent, speeds, errors, temperatures = progress
    verdicts = _verdicts(closing)
    gpus = _gpus(speeds, errors, temperatures, verdicts or {})
    if verdicts is not None and len(verdicts) != len(gpus):
        raise Garbled(f"{len(verdicts)} verdicts for {len(gpus)} GPUs", received=text[-500:])
    return Result(float(percent), verdicts is not None, gpus)


def _progress(line: str) -> tuple[str, str, str, str] | None:
    """Return share, speeds, errors and temperatures of the last report in a line, None where there is none.

    Where a terminal ate the carriage returns, several reports stand in one line.
    """
    last = deque(_START.finditer(line), maxlen=1)
    if not last:
        return None
    start = last[0]
    speeds, errors_mark, rest = line[start.end() :].partition(" errors: ")
    errors, temperatures_mark, temperatures = rest.partition(" temps: ")
    if not (errors_mark and temperatures_mark):
        return None
    return start[1], speeds.strip(), errors.strip(), temperatures.strip()


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


def _verdicts(closing: list[str]) -> dict[int, bool] | None:
    """Return the verdict of each GPU, None where the run has not got that far."""
    tested = _TESTED.match(closing[0]) if closing else None
    if tested is None:
        return None
    verdicts = {int(f[1]): f[2] == "OK" for line in closing[1:] if (f := _VERDICT.match(line))}
    return verdicts if len(verdicts) == int(tested[1]) else None


def read(output: bytes) -> Parsed:
    """Read a saved output. Raises Garbled as `parse`."""
    result, found = parse(decoded(output)), Findings("gpu-burn")
    for gpu in result.gpus:
        _write(found, gpu)
    if not result.ended:
        found.bad(f"it ended at {result.progress:g} % without a verdict")
    if not result.gpus:
        found.bad("no GPU was tested")
    return found.parsed()


def _write(found: Findings, gpu: Gpu) -> None:
    scope = f"gpu[{gpu.index}]"
    if gpu.flops is None:
        found.missing(f"{scope}.speed", "FLOP/s", "0 Gflop/s", "it has not reported")
        found.bad(f"GPU {gpu.index} reported no speed")
    else:
        found.figure(f"{scope}.speed", f"{gpu.flops / 1e9:.0f}", "FLOP/s", "1e9")
    found.figure(f"{scope}.errors", str(gpu.errors))
    if gpu.temperature is None:
        found.missing(f"{scope}.temperature", "degC", "--", "it does not tell")
    else:
        found.figure(f"{scope}.temperature", f"{gpu.temperature:.0f}", "degC")
    if gpu.errors:
        found.bad(f"GPU {gpu.index}: " + ("its process died" if gpu.errors < 0 else f"{gpu.errors} errors"))
    if gpu.ok is not None:
        found.state(f"{scope}.verdict", "OK" if gpu.ok else "FAULTY")
    if gpu.ok is False:
        found.bad(f"GPU {gpu.index} is FAULTY")
