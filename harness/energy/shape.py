"""What a power does over time: percentiles, peaks, ramps, plateaus; and what its samples cannot show.

Peaks and ramps are those of the straight lines between the samples, exactly: also where they lie between two samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness import shapes
from harness.energy.integration import NotCovered
from harness.energy.trace import NS_PER_S, Trace, Watts, Window

PERCENTILE = "linear interpolation between order statistics (method linear of numpy, definition 7 of Hyndman and Fan)"
"""The definition of a percentile that is used, by name."""

SAMPLES_IN_A_WINDOW = 2
"""How many intervals between samples a window must hold before its mean is said to be seen."""

INRUSH_INTERVAL_S = 1e-3
"""The longest interval, s, at which inrush is said to be seen: 20 samples in a cycle of 50 Hz (a choice of ours)."""


@dataclass(frozen=True, slots=True)
class NotObservable:
    """No figure, because the samples cannot show it: why."""

    quantity: str
    reason: str


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest mean power in W over `seconds`, and when that window begins."""

    seconds: float
    power_w: float
    begin_ns: int


def arithmetic_mean(trace: Trace, window: Window) -> float:
    """Return the mean of the samples used, in W: MLPerf Inference's power. Raises NotCovered without any."""
    return float(np.mean(_used(trace, window)))


def percentiles(trace: Trace, window: Window, of: Sequence[float] = (1, 5, 50, 95, 99)) -> dict[float, float]:
    """Return percentiles in W of the samples used, each by its percentage; see PERCENTILE. Raises NotCovered.

    >>> from harness.energy.trace import of_seconds, whole
    >>> trace = of_seconds([0, 1, 2, 3], [10, 20, 30, 40])
    >>> percentiles(trace, whole(trace), [50, 95])
    {50: 25.0, 95: 38.5}
    """
    values = np.percentile(_used(trace, window), list(of), method="linear")
    return dict(zip(of, map(float, values), strict=True))


def _used(trace: Trace, window: Window) -> Watts:
    samples = trace.power_w[window.used(trace)]
    if not len(samples):
        raise NotCovered("no sample in the window")
    return samples


def _interval_s(trace: Trace) -> float:
    return float(np.median(np.diff(trace.times_ns))) / NS_PER_S if len(trace) > 1 else float("inf")


def cut(trace: Trace, window: Window) -> Trace:
    """Return the part of `trace` in `window`, its edges closed by interpolation. Raises NotCovered."""
    first, last = (int(trace.times_ns[0]), int(trace.times_ns[-1])) if len(trace) else (0, -1)
    if not first <= window.begin_ns <= window.end_ns <= last:
        raise NotCovered("the samples do not reach from edge to edge of the window")
    inside = trace.times_ns[(trace.times_ns > window.begin_ns) & (trace.times_ns < window.end_ns)]
    times = np.unique(np.concatenate(([window.begin_ns], inside, [window.end_ns])).astype(np.int64))
    power = np.interp((times - first).astype(np.float64), (trace.times_ns - first).astype(np.float64), trace.power_w)
    return Trace(times, power)


def peak(trace: Trace, seconds: float) -> Peak | NotObservable:
    """Return the highest mean power over any window of `seconds`, or why the samples cannot show it.

    >>> from harness.energy.trace import of_seconds
    >>> peak(of_seconds([0, 1, 2, 3, 4], [0, 0, 100, 0, 0]), 2.0)
    Peak(seconds=2.0, power_w=50.0, begin_ns=1000000000)
    >>> peak(of_seconds([0, 1, 2], [0, 0, 100]), 0.1).reason
    'samples every 1 s, a window of 0.1 s needs one every 0.05 s'
    """
    quantity = f"peak over {seconds:g} s"
    if (blind := _too_coarse(trace, quantity, seconds)) is not None:
        return blind
    length = (int(trace.times_ns[-1]) - int(trace.times_ns[0])) / NS_PER_S
    if length < seconds:
        return NotObservable(quantity, f"the record is {length:g} s long")
    begin, mean = shapes.highest_mean(trace.times_ns, trace.power_w, seconds)
    return Peak(seconds, mean, int(trace.times_ns[0]) + round(begin * NS_PER_S))


def edp_peak(trace: Trace, seconds: float, design_power_w: float) -> float | NotObservable:
    """Return EDPp: the highest mean power over `seconds` as a multiple of the design power. Raises ValueError."""
    if not design_power_w > 0:
        raise ValueError(f"a design power of {design_power_w:g} W")
    found = peak(trace, seconds)
    return found if isinstance(found, NotObservable) else found.power_w / design_power_w


def inrush(trace: Trace) -> float | NotObservable:
    """Return the highest sample in W where the samples are dense enough to show inrush, or why they are not."""
    interval = _interval_s(trace)
    if interval > INRUSH_INTERVAL_S:
        return NotObservable("inrush", f"samples every {interval:g} s, inrush needs one every {INRUSH_INTERVAL_S:g} s")
    return float(np.max(trace.power_w))


def _too_coarse(trace: Trace, quantity: str, seconds: float) -> NotObservable | None:
    interval, needed = _interval_s(trace), seconds / SAMPLES_IN_A_WINDOW
    if len(trace) < 2:
        return NotObservable(quantity, f"{len(trace)} samples")
    if interval > needed * (1 + 1e-9):
        reason = f"samples every {interval:g} s, a window of {seconds:g} s needs one every {needed:g} s"
        return NotObservable(quantity, reason)
    return None


@dataclass(frozen=True, slots=True)
class Ramp:
    """The steepest rise and fall in W/s over `seconds`; a fall is negative, or zero where power never falls."""

    seconds: float
    rise_w_per_s: float
    fall_w_per_s: float


def ramp(trace: Trace, seconds: float = 1.0) -> Ramp | NotObservable:
    """Return how fast the power changes over `seconds`, or why the samples cannot show it.

    >>> from harness.energy.trace import of_seconds
    >>> ramp(of_seconds([0, 1, 2, 3], [0, 100, 100, 40]), 1.0)
    Ramp(seconds=1.0, rise_w_per_s=100.0, fall_w_per_s=-60.0)
    """
    quantity = f"ramp over {seconds:g} s"
    if len(trace) < 2 or _interval_s(trace) > seconds * (1 + 1e-9):
        return NotObservable(quantity, f"samples every {_interval_s(trace):g} s")
    times, power = (trace.times_ns - trace.times_ns[0]) / NS_PER_S, trace.power_w
    last = times[-1] - seconds
    if last < 0:
        return NotObservable(quantity, f"the record is {times[-1]:g} s long")
    begins = np.concatenate((times, times - seconds))
    begins = begins[(begins >= 0) & (begins <= last)]
    change = (np.interp(begins + seconds, times, power) - np.interp(begins, times, power)) / seconds
    return Ramp(seconds, max(0.0, float(np.max(change))), min(0.0, float(np.min(change))))
