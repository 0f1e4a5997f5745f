"""What samples amount to: areas under them, the highest stretch, the greatest change, and how far their mean may err.

Straight lines join the samples. Arithmetic over whole columns, in numpy, so that a soak of days is reduced in seconds.

Samples at regular times are a systematic sample: how far their mean may lie from the mean of what was sampled follows
from how fast neighbours become unlike, the variogram (Matheron's transitive theory; Gy's sampling theory; the factors
after Gundersen and Jensen, 1987, recalled). What is unlike at once (noise, or change faster than the samples) counts in
full; what steps counts 1/6; what is smooth between samples counts nothing.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

Rule = Literal["trapezoid", "step_left", "step_right"]
"""How power between samples is reckoned: along the straight line; as the sample before; as the sample after."""

Floats = npt.NDArray[np.float64]
Times = Sequence[int] | npt.NDArray[np.int64]
Values = Sequence[float] | Floats


def sampling_u(values: Values) -> float:
    """Return the standard uncertainty of the mean that comes from sampling, in the unit of `values`.

    Fewer than three samples say nothing about it: 0.

    >>> sampling_u([1.0, 1.0, 1.0, 1.0])
    0.0
    >>> round(sampling_u([0.0] * 50 + [6.0] * 50), 4)  # one step, anywhere between two samples: 6/√12 of one of 100
    0.0173
    """
    n = len(values)
    if n < 3:
        return 0.0
    v = _floats(values)
    one, two = (float(np.sum((v[lag:] - v[:-lag]) ** 2)) / (2 * n) for lag in (1, 2))
    noise = max(0.0, 2 * one - two)
    steps = max(0.0, min(two - one, (4 * one - two) / 2))
    return math.sqrt((noise + steps / 6) / n)


def _floats(values: Values) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _seconds(times: Times) -> Floats:
    """Return times in s from the first: exact to a ns for 100 days, which times since 1970 in float64 are not."""
    at = np.asarray(times, dtype=np.int64)
    return np.asarray((at - at[0]) / 1e9, dtype=np.float64)


def integral(times: Times, values: Values, rule: Rule = "trapezoid") -> float:
    """Return the area under the samples by a rule, in their unit times s; times in ns.

    >>> [integral([0, 10**9, 2 * 10**9], [0.0, 100.0, 200.0], r) for r in ("trapezoid", "step_left", "step_right")]
    [200.0, 100.0, 300.0]
    """
    return math.fsum(_areas(_seconds(times), _floats(values), rule).tolist())


def _areas(at: Floats, v: Floats, rule: Rule) -> Floats:
    heights = {"trapezoid": (v[1:] + v[:-1]) / 2, "step_left": v[:-1], "step_right": v[1:]}[rule]
    return np.asarray(heights * np.diff(at), dtype=np.float64)


def highest_mean(times: Times, values: Values, seconds: float) -> tuple[float, float]:
    """Return where the highest mean over a stretch of `seconds` s begins, s after the first sample, and that mean.

    Exact for straight lines between samples, which must reach over `seconds`.

    >>> highest_mean([n * 10**9 for n in range(5)], [0, 0, 100, 0, 0], 2.0)
    (1.0, 50.0)
    """
    at, v = _seconds(times), _floats(values)
    sums = np.concatenate(([0.0], np.cumsum(_areas(at, v, "trapezoid"))))
    begins = _candidates(at, v, seconds)
    areas = _until(begins + seconds, at, v, sums) - _until(begins, at, v, sums)
    best = int(np.argmax(areas))
    return float(begins[best]), float(areas[best]) / seconds


def _candidates(at: Floats, v: Floats, seconds: float) -> Floats:
    """Return where the mean over `seconds` may be highest.

    The mean's slope is v(t + seconds) - v(t), linear between breakpoints: the highest mean begins at a breakpoint or
    where that difference falls through zero.
    """
    last = max(0.0, float(at[-1]) - seconds)
    breaks = np.concatenate((at, at - seconds, [0.0, last]))
    breaks = np.unique(breaks[(breaks >= 0) & (breaks <= last)])
    slope = np.interp(breaks + seconds, at, v) - np.interp(breaks, at, v)
    falls = np.flatnonzero((slope[:-1] > 0) & (slope[1:] < 0))
    zeros = breaks[falls] + (breaks[falls + 1] - breaks[falls]) * slope[falls] / (slope[falls] - slope[falls + 1])
    return np.concatenate((breaks, zeros))


def _until(where: Floats, at: Floats, v: Floats, sums: Floats) -> Floats:
    """Return the area from the first sample to each place, s."""
    i = np.clip(np.searchsorted(at, where, "right") - 1, 0, len(at) - 2)
    beyond = np.clip(where, at[0], at[-1]) - at[i]
    slope = (v[i + 1] - v[i]) / (at[i + 1] - at[i])
    return np.asarray(sums[i] + v[i] * beyond + slope * beyond**2 / 2, dtype=np.float64)


def greatest_change(times: Times, values: Values, seconds: float) -> float:
    """Return the greatest difference between two samples no more than `seconds` s apart, in the values' unit.

    >>> greatest_change([n * 10**9 for n in range(6)], [0, 10, 30, 30, 0, 0], 2.0)
    30.0
    """
    at, v = np.asarray(times, dtype=np.int64), _floats(values)
    length, most = round(seconds * 1e9), 0.0
    for lag in range(1, len(at)):
        near = at[lag:] - at[:-lag] <= length
        if not near.any():
            break
        most = max(most, float(np.max(np.abs(v[lag:] - v[:-lag])[near])))
    return most
