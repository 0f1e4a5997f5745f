"""Whether a window of samples can be judged, and if not, why: reason codes.

A *fatal* reason leaves no figure at all: one would have to be invented. The others leave figures that decide nothing.
A warning leaves the window valid.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from harness.energy.trace import NS_PER_S, Trace, Window

FATAL = {
    "no_samples": "there is no sample",
    "too_few_samples": "fewer samples in the window than the policy asks for",
    "window_not_covered": "no sample at or beyond an edge of the window",
    "window_empty": "the window ends where it begins, or before",
    "time_backwards": "a sample is older than the one before it",
    "equal_timestamps": "two samples carry one time",
    "not_finite": "a power is NaN or infinite",
    "not_a_number": "a field that should be a number is none",
    "missing_value": "a field is empty",
    "decimal_comma": "a number has a comma: a locale's decimal sign, or its thousands",
    "mixed_units": "values of one column are in different units",
    "time_format": "a time cannot be read",
    "mixed_time_zones": "some times name a zone and some do not",
    "field_count": "a line has more or fewer fields than the header",
    "truncated_line": "a line is cut",
    "unreadable_line": "a line is not in the format's grammar",
}
"""Reason codes that leave no figure."""

INVALID = {
    "gap_too_long": "two neighbouring samples are further apart than the policy allows",
    "negative_power": "a power is below zero: a clamp or a sign the wrong way round",
    "duplicate_channel": "two channels are equal in every sample: one is counted twice",
    "device_count_short": "an analyser did not answer and was left out of the sum",
    "sum_mismatch": "the total of a line is not the sum of its analysers",
}
"""Reason codes that leave figures which decide nothing."""

WARNINGS = {
    "stale_telemetry": "one value stands for long: a meter that holds its last reading looks like this",
    "no_final_newline": "the last line has no end: it may be cut",
    "time_unit_assumed": "the header names no unit of time",
    "unit_assumed": "the header names no unit of power",
    "local_time": "the times name no zone",
    "marks_mixed": "samples of several marks are in the window",
}
"""Codes that leave a window valid."""

CODES = FATAL | INVALID | WARNINGS


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and, in a sentence, what was found where."""

    code: str
    text: str

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unknown reason code {self.code!r}")

    @property
    def fatal(self) -> bool:
        """Tell whether no figure can be given."""
        return self.code in FATAL


@dataclass(frozen=True, slots=True)
class Policy:
    """What a window must be, fixed before it is looked at.

    `longest_gap_s` in s; where it is None, `gap_factor` times the median interval between samples. `stale_samples` is
    how many equal values in a row are worth a warning.
    """

    fewest_samples: int = 2
    longest_gap_s: float | None = None
    gap_factor: float = 3.0
    stale_samples: int = 60


@dataclass(frozen=True, slots=True)
class Validity:
    """What was found: reasons against the window, warnings beside it, the largest and the median interval in s."""

    reasons: tuple[Reason, ...] = ()
    warnings: tuple[Reason, ...] = ()
    largest_gap_s: float | None = None
    median_interval_s: float | None = None

    @property
    def valid(self) -> bool:
        """Tell whether the window may decide something."""
        return not self.reasons

    @property
    def countable(self) -> bool:
        """Tell whether figures can be given at all."""
        return not any(reason.fatal for reason in self.reasons)


@dataclass(slots=True)
class _Found:
    reasons: list[Reason] = field(default_factory=list)

    def add(self, code: str, text: str) -> None:
        self.reasons.append(Reason(code, text))


def examine(trace: Trace, window: Window, policy: Policy, known: Iterable[Reason] = ()) -> Validity:
    """Examine the samples that `window` touches, with what is `known` from reading them; see CODES.

    >>> from harness.energy.trace import of_seconds, whole
    >>> one = of_seconds([0, 1, 2, 9], [5, 5, 5, 5])
    >>> [reason.code for reason in examine(one, whole(one), Policy()).reasons]
    ['gap_too_long']
    """
    found = _Found(list(known))
    _examine_order(trace, found)
    if found.reasons and not {r.code for r in found.reasons}.isdisjoint(("time_backwards", "no_samples")):
        return _sorted(found, None, None)
    _examine_coverage(trace, window, policy, found)
    part = window.touched(trace)
    intervals = np.diff(trace.times_ns[part]) / NS_PER_S
    largest, median = (float(np.max(intervals)), float(np.median(intervals))) if len(intervals) else (None, None)
    _examine_gap(largest, median, policy, found)
    _examine_power(trace, part, policy, found)
    return _sorted(found, largest, median)


def _sorted(found: _Found, largest: float | None, median: float | None) -> Validity:
    reasons = _counted(r for r in found.reasons if r.code not in WARNINGS)
    warnings = _counted(r for r in found.reasons if r.code in WARNINGS)
    return Validity(reasons, warnings, largest, median)


def _counted(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return one reason a code, the first, and how many more there are: a broken file breaks in every line."""
    by_code: dict[str, list[str]] = {}
    for reason in dict.fromkeys(reasons):
        by_code.setdefault(reason.code, []).append(reason.text)
    more = {code: f"; and {len(texts) - 1} more" if len(texts) > 1 else "" for code, texts in by_code.items()}
    return tuple(Reason(code, texts[0] + more[code]) for code, texts in by_code.items())


def _examine_order(trace: Trace, found: _Found) -> None:
    if not len(trace):
        found.add("no_samples", "no sample was read")
        return
    steps = np.diff(trace.times_ns)
    if (back := np.flatnonzero(steps < 0)).size:
        at = int(back[0])
        found.add("time_backwards", f"sample {at + 2} is {-steps[at] / NS_PER_S:g} s older than the one before it")
    if (same := np.flatnonzero(steps == 0)).size:
        found.add("equal_timestamps", f"{same.size} pairs; the first are samples {same[0] + 1} and {same[0] + 2}")


def _examine_coverage(trace: Trace, window: Window, policy: Policy, found: _Found) -> None:
    if window.end_ns <= window.begin_ns:
        found.add("window_empty", f"the window is {window.seconds:g} s long")
    early, late = int(trace.times_ns[0]) - window.begin_ns, window.end_ns - int(trace.times_ns[-1])
    if early > 0:
        found.add("window_not_covered", f"the first sample comes {early / NS_PER_S:g} s after the window begins")
    if late > 0:
        found.add("window_not_covered", f"the last sample comes {late / NS_PER_S:g} s before the window ends")
    used = window.used(trace)
    count = used.stop - used.start
    if count < policy.fewest_samples:
        found.add("too_few_samples", f"{count} in the window, at least {policy.fewest_samples} are asked for")


def _examine_gap(largest: float | None, median: float | None, policy: Policy, found: _Found) -> None:
    if largest is None or median is None:
        return
    allowed = policy.gap_factor * median if policy.longest_gap_s is None else policy.longest_gap_s
    if largest > allowed * (1 + 1e-9):
        whence = "the policy's" if policy.longest_gap_s is not None else f"{policy.gap_factor:g} times the median"
        found.add("gap_too_long", f"the largest gap is {largest:.6g} s, {whence} {allowed:.6g} s are allowed")


def _examine_power(trace: Trace, part: slice, policy: Policy, found: _Found) -> None:
    power = trace.power_w[part]
    if (bad := np.flatnonzero(~np.isfinite(power))).size:
        found.add("not_finite", f"{bad.size} powers; the first is sample {part.start + bad[0] + 1}, {power[bad[0]]}")
    if (below := np.flatnonzero(power < 0)).size:
        first = below[0]
        found.add("negative_power", f"{below.size}; the first is sample {part.start + first + 1}, {power[first]:g} W")
    if (longest := longest_run(trace, part)) >= policy.stale_samples:
        found.add("stale_telemetry", f"one value stands for {longest} samples in a row")


def longest_run(trace: Trace, part: slice) -> int:
    """Return how many samples in a row carry one value at most.

    >>> from harness.energy.trace import of_seconds
    >>> longest_run(of_seconds([0, 1, 2, 3], [7, 5, 5, 6]), slice(0, 4))
    2
    """
    power = trace.power_w[part]
    if not len(power):
        return 0
    changes = np.flatnonzero(np.diff(power) != 0)
    return int(np.max(np.diff(np.concatenate(([-1], changes, [len(power) - 1])))))
