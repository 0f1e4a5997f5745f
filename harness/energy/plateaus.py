"""Where power stands still: plateaus, and which of them is idle, by a rule that is fixed before the data are seen."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harness.energy.trace import NS_PER_S, Times, Trace, Watts


@dataclass(frozen=True, slots=True)
class PlateauRule:
    """Blocks of `block_s` whose samples span at most the band are steady; neighbours that stay in it are one plateau.

    The band is the larger of `band_w` in W and `band_share` of the block's mean; a plateau lasts `shortest_s` or more.
    """

    block_s: float = 10.0
    band_w: float = 0.0
    band_share: float = 0.02
    shortest_s: float = 60.0

    def band(self, mean_w: float) -> float:
        """Return the band in W around a mean in W."""
        return max(self.band_w, self.band_share * abs(mean_w))


@dataclass(frozen=True, slots=True)
class Plateau:
    """A stretch of steady power: from when to when, how many samples, their arithmetic mean in W."""

    begin_ns: int
    end_ns: int
    samples: int
    mean_w: float

    @property
    def lasts_s(self) -> float:
        """Return the length in s: every sample stands for one mean interval."""
        return (self.end_ns - self.begin_ns) / NS_PER_S * self.samples / max(1, self.samples - 1)


def plateaus(trace: Trace, rule: PlateauRule) -> list[Plateau]:
    """Return the plateaus in order of time; times must increase. A block with one sample is not steady.

    >>> from harness.energy.trace import of_seconds
    >>> steps = of_seconds(range(240), [100.0] * 120 + [900.0] * 120)
    >>> [(p.mean_w, p.samples) for p in plateaus(steps, PlateauRule())]
    [(100.0, 120), (900.0, 120)]
    """
    if len(trace) < 2:
        return []
    blocks = (trace.times_ns - trace.times_ns[0]) // round(rule.block_s * NS_PER_S)
    starts = np.concatenate(([0], np.flatnonzero(np.diff(blocks)) + 1))
    found = (_plateau(trace, first, last) for first, last in _steady(trace.power_w, starts, rule))
    return [p for p in found if p.lasts_s >= rule.shortest_s * (1 - 1e-9)]


def _steady(power: Watts, starts: Times, rule: PlateauRule) -> Iterator[tuple[int, int]]:
    """Yield the first sample of each plateau and the first beyond it."""
    low, high = np.minimum.reduceat(power, starts), np.maximum.reduceat(power, starts)
    ends, sums = np.concatenate((starts[1:], [len(power)])), np.concatenate(([0.0], np.cumsum(power)))
    begin = None
    for i, (first, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        steady = end - first > 1 and high[i] - low[i] <= rule.band((high[i] + low[i]) / 2)
        if begin is not None and not (
            steady and _joins(float(sums[first] - sums[begin]) / (first - begin), low[i], high[i], rule)
        ):
            yield begin, first
            begin = None
        if steady and begin is None:
            begin = first
    if begin is not None:
        yield begin, len(power)


def _joins(mean: float, low: float, high: float, rule: PlateauRule) -> bool:
    return high - mean <= rule.band(mean) and mean - low <= rule.band(mean)


def _plateau(trace: Trace, first: int, end: int) -> Plateau:
    times, power = trace.times_ns[first:end], trace.power_w[first:end]
    return Plateau(int(times[0]), int(times[-1]), end - first, float(np.mean(power)))


def idle(found: list[Plateau], below_w: float) -> Plateau | None:
    """Return the longest plateau whose mean is at most `below_w`, or None: no plateau is idle because it is lowest."""
    return max((p for p in found if p.mean_w <= below_w), key=lambda p: p.lasts_s, default=None)
