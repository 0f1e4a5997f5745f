"""Power samples of an MLPerf Inference run by its official rule: strictly in the window, above zero, plain mean."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path

from harness.energy import moments, ptdaemon
from harness.energy.power_log import LogError
from harness.energy.trace import Window
from harness.energy.validity import WARNINGS, Policy, examine
from harness.mlperf.findings import Findings

RULE = "arithmetic mean of samples with power_begin < t < power_end and watts > 0"
UTC = timedelta(0)


@dataclass(frozen=True, slots=True)
class Official:
    """The official power: mean in W of `used` samples, `dropped` ones in the window being at or below zero."""

    watts: float | None
    power_factor: float | None
    used: int
    dropped: int
    in_file: int
    mean_of_file: float | None


def first_moment(path: Path) -> int | None:
    """Return the time of the first readable sample, in ns as if it were UTC, or None."""
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", errors="replace") as lines:
        found = (_sample(line) for line in islice(lines, 100))
        return next((sample[0] for sample in found if sample is not None), None)


def official(path: Path, findings: Findings, begin_ns: int | None, end_ns: int | None) -> Official:
    """Return the official power of a window, added up in the order of the file so that the last digit agrees.

    The window is in the log's own time.
    """
    text = findings.text(path)
    lines = [] if text is None else [line for line in text.splitlines() if line.startswith("Time")]
    samples = [sample for line in lines if (sample := _sample(line)) is not None]
    if lines and len(samples) < len(lines):
        findings.error("unreadable_line", path, f"{len(lines) - len(samples)} of {len(lines)} lines are not readable")
    if begin_ns is None or end_ns is None:
        return Official(None, None, 0, 0, len(samples), _mean([watts for _, watts, _ in samples]))
    inside = [(watts, factor) for at, watts, factor in samples if begin_ns < at < end_ns]
    used = [watts for watts, _ in inside if watts > 0]
    factors = [factor for _, factor in inside if factor > 0]
    if len(used) < len(inside):
        text = f"{len(inside) - len(used)} of {len(inside)} samples at or below 0 W are dropped by the official rule"
        findings.error("negative_power", path, text)
    if text is not None and not used:
        findings.error("window", path, f"none of {len(samples)} samples lies in the power window")
    return Official(
        _mean(used), _mean(factors), len(used), len(inside) - len(used), len(samples), _mean([w for _, w, _ in samples])
    )


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _sample(line: str) -> tuple[int, float, float] | None:
    words = line.split(",")
    try:
        at, watts, factor = moments.of_ptd(words[1], UTC), float(words[3]), float(words[9])
    except (ValueError, IndexError):
        return None
    return (at, watts, factor) if abs(watts) < 1e15 and abs(factor) < 1e15 else None  # NaN is not below anything


def examine_samples(path: Path, findings: Findings, begin_ns: int, end_ns: int, mark: str | None) -> float | None:
    """Note what is wrong with the samples of a window; return the largest gap in s. Others tell of a missing file."""
    if not path.is_file() or (data := findings.read(path)) is None:
        return None
    try:
        log = ptdaemon.read(findings.named(path), data)
    except LogError as error:
        findings.error("unreadable_file", path, str(error))
        return None
    window = Window(begin_ns, end_ns, "strict")
    validity = examine(log.trace, window, Policy(), log.known(window))
    for reason in validity.reasons:
        if reason.code != "negative_power":  # told with what the official rule does to them
            findings.error("window" if reason.code.startswith("window") else reason.code, path, reason.text)
    for remark in validity.warnings:
        if remark.code not in ("local_time", "marks_mixed"):
            findings.warn(remark.code, path, f"{WARNINGS[remark.code]}: {remark.text}")
    _check_mark(path, data, findings, mark)
    return validity.largest_gap_s


def _check_mark(path: Path, data: bytes, findings: Findings, mark: str | None) -> None:
    marks = {line.split(b",")[11].strip() for line in data.splitlines() if line.count(b",") >= 11}
    if mark is not None and (other := marks - {mark.encode()}):
        shown = ", ".join(sorted(name.decode("utf-8", "replace") for name in other)[:3])
        findings.error("mark", path, f"samples are marked {shown!r}, the session's mark is {mark!r}")
