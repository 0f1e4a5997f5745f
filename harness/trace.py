"""The samples of one point within a window, and the figures that are taken from them."""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, pairwise
from typing import Literal

from drivers.errors import DriverError, NoReading
from drivers.points import Accuracy
from harness import uncertainty, variogram
from harness.reasons import ReasonCode
from harness.uncertainty import Quantity, Window

Rule = Literal["trapezoid", "step_left", "step_right"]
"""How power between samples is reckoned: along the straight line; as the sample before; as the sample after."""

INTERVALS_TO_SEE = 2
"""How many intervals between samples a stretch must hold before what happens in it counts as seen."""


class InvalidWindow(Exception):
    """A window that decides nothing: says why, at which device, and what that said (None where it never failed).

    `codes` are all that is wrong with it, the one that it is attributed by first.
    """

    def __init__(
        self,
        device: str,
        code: ReasonCode,
        reason: str,
        error: DriverError | None = None,
        further: Sequence[ReasonCode] = (),
    ) -> None:
        self.device, self.error, self.codes = device, error, (code, *further)
        self.reason = f"{reason} [{', '.join(self.codes)}]"
        super().__init__(self.reason)


class NotObservable(InvalidWindow):
    """Something that this instrument, read as it is, cannot see: never a pass."""

    def __init__(self, device: str, reason: str) -> None:
        super().__init__(device, "not_observable", reason)


@dataclass(frozen=True, slots=True)
class Trace:
    """The samples of one point of one device within a window.

    The time of each is known to ± its place in `blurs`, s; all exactly where there are none. `before` and `after` are
    the neighbours of the window, time in ns and value, where they are known: they close its edges.
    """

    device: str
    slot: str
    point: str
    unit: str
    source: str
    window: Window
    times: Sequence[int]
    values: Sequence[float]
    accuracy: Accuracy | None = None
    blurs: Sequence[float] = ()
    before: tuple[int, float] | None = None
    after: tuple[int, float] | None = None

    def mean(self) -> Quantity:
        """Return the arithmetic mean over the window, with the instrument's and the sampling's uncertainty."""
        mean = math.fsum(self.values) / len(self.values)
        return self._quantity(mean, self._with_sampling(mean))

    def maximum(self) -> Quantity:
        """Return the highest sample."""
        return self._single(max(self.values))

    def minimum(self) -> Quantity:
        """Return the lowest sample."""
        return self._single(min(self.values))

    def percentile(self, percent: float) -> Quantity:
        """Return a percentile of the samples, interpolated linearly between order statistics.

        Raises ValueError outside 0 to 100.
        """
        if not 0 <= percent <= 100:
            raise ValueError(f"a percentile lies between 0 and 100, not at {percent:g}")
        ranked = sorted(self.values)
        place = (len(ranked) - 1) * percent / 100
        low = ranked[math.floor(place)]
        return self._single(low + (ranked[math.ceil(place)] - low) * (place - math.floor(place)))

    def peak(self, seconds: float) -> Quantity:
        """Return the highest mean over any stretch of `seconds` s, with straight lines between the samples.

        Raises NotObservable where the samples are too few for such a stretch, or the window is shorter.
        """
        self._demand_seen(f"the highest mean over {seconds:g} s", seconds)
        length = round(seconds * 1e9)
        areas = _Areas(self.times, self.values)
        starts = chain(self.times, (at - length for at in self.times))
        inside = (at for at in starts if self.times[0] <= at <= self.times[-1] - length)
        return self._single(max(areas.between(at, at + length) for at in inside) / seconds)

    def ramp(self, seconds: float) -> Quantity:
        """Return the greatest change within `seconds` s, up or down, in the unit of the point.

        What the instrument gets wrong throughout cancels out. Raises NotObservable as `peak` does.
        """
        self._demand_seen(f"a change within {seconds:g} s", seconds)
        length = round(seconds * 1e9)
        firsts = (bisect_left(self.times, at - length) for at in self.times)
        changes = (max(abs(self.values[last] - v) for v in self.values[i : last + 1]) for last, i in enumerate(firsts))
        return self._quantity(max(changes), None)

    def _demand_seen(self, what: str, seconds: float) -> None:
        usual = sorted(after - before for before, after in pairwise(self.times))[len(self.times) // 2 - 1] / 1e9
        said = f"{self.device}.{self.point} cannot show {what}"
        if usual * INTERVALS_TO_SEE > seconds:
            raise NotObservable(self.device, f"{said}: it was read every {usual:.3g} s")
        if self.times[-1] - self.times[0] < seconds * 1e9:
            raise NotObservable(self.device, f"{said}: its window is {self.window.seconds:.3g} s long")

    def span(self) -> Quantity:
        """Return the highest less the lowest sample; what the instrument gets wrong throughout cancels out."""
        return self._quantity(max(self.values) - min(self.values), None)

    def increase(self) -> Quantity:
        """Return the last less the first sample of a counter or register.

        Raises InvalidWindow where it went back: it was reset, or wrapped round, and what it counted is not known.
        """
        for before, after in pairwise(self.values):
            if after < before:
                went = f"{self.device}.{self.point} went back from {before:g} to {after:g} within the window"
                lost = NoReading("a counter that was reset", address=self.source)
                raise InvalidWindow(self.device, "counter_reset", went, lost)
        return self._quantity(self.values[-1] - self.values[0], None)

    def energy(self, rule: Rule = "trapezoid") -> Quantity:
        """Return the energy of power (W) over the window by a named rule, Wh.

        Where the neighbours of the window are known it reaches from edge to edge, the edges interpolated; else from
        the first to the last sample. Uncertain by the instrument and by what happened between the samples.
        """
        closed = self._closed()
        joules = _integral(closed.times, closed.values, rule)
        hours = (closed.times[-1] - closed.times[0]) / 1e9 / 3600
        mean = joules / 3600 / hours if hours else 0.0
        u = self._with_sampling(mean)
        return replace(self._quantity(joules / 3600, None if u is None else u * hours), unit="Wh")

    def _closed(self) -> "Trace":
        """Return the trace with a sample at either edge of the window, between it and its neighbour."""
        begin, end = (round(at.timestamp() * 1e6) * 1_000 for at in (self.window.begin, self.window.end))
        first, last = (self.times[0], self.values[0]), (self.times[-1], self.values[-1])
        head = [_between(self.before, first, begin)] if self.before and self.before[0] <= begin < first[0] else []
        tail = [_between(last, self.after, end)] if self.after and last[0] < end <= self.after[0] else []
        times = array("q", [*(at for at, _ in head), *self.times, *(at for at, _ in tail)])
        return replace(self, times=times, values=[*(v for _, v in head), *self.values, *(v for _, v in tail)], blurs=())

    def deviation(self, power: "Trace") -> Quantity:
        """Return by which share an energy register (Wh) counted more than its device's own `power` (W) adds up to.

        Both come from the same exchanges, so that what is uncertain is how far the first and the last are apart: the
        span is taken from the best known time in the first quarter to the best known in the last.
        """
        first, last = self._best_known()
        register, drawn = self.between(first, last), replace(power.between(first, last).energy(), u=None)
        u = math.hypot(self._time_u(first), self._time_u(last)) / ((self.times[last] - self.times[first]) / 1e9)
        deviation = uncertainty.ratio(uncertainty.difference(register.increase(), drawn), drawn)
        return replace(deviation, u=u)

    def _best_known(self) -> tuple[int, int]:
        count = len(self.times)
        edge = max(1, count // 4)
        return min(range(edge), key=self._time_u), min(range(count - 1, count - 1 - edge, -1), key=self._time_u)

    def _time_u(self, index: int) -> float:
        return uncertainty.rectangular(self.blurs[index]) if self.blurs else 0.0

    def between(self, first: int, last: int) -> "Trace":
        """Return the trace from its sample `first` to its sample `last`, both included."""
        kept = slice(first, last + 1)
        times, values, blurs = self.times[kept], self.values[kept], self.blurs[kept]
        return replace(self, times=times, values=values, blurs=blurs, before=None, after=None)

    def _systematic(self, value: float) -> float | None:
        if self.accuracy is None:
            return None
        return uncertainty.rectangular(
            self.accuracy.of_reading * abs(value) + self.accuracy.of_range * self.accuracy.range
        )

    def _with_sampling(self, mean: float) -> float | None:
        systematic = self._systematic(mean)
        return None if systematic is None else math.hypot(systematic, variogram.of_mean(self.values))

    def _single(self, value: float) -> Quantity:
        return self._quantity(value, self._systematic(value))

    def _quantity(self, value: float, u: float | None) -> Quantity:
        return Quantity(value, self.unit, u, (self.source,), self.window, (self.device,))


def _between(one: tuple[int, float], other: tuple[int, float], at: int) -> tuple[int, float]:
    """Return the point of the line from `one` to `other` at the time `at`."""
    share = (at - one[0]) / (other[0] - one[0])
    return at, one[1] + (other[1] - one[1]) * share


_WEIGHED: dict[Rule, Callable[[float, float], float]] = {
    "trapezoid": lambda before, after: (before + after) / 2,
    "step_left": lambda before, _: before,
    "step_right": lambda _, after: after,
}


def _integral(times: Sequence[int], values: Sequence[float], rule: Rule) -> float:
    weigh = _WEIGHED[rule]
    steps = zip(pairwise(times), pairwise(values), strict=True)
    return math.fsum(weigh(*pair) * (later - at) for (at, later), pair in steps) / 1e9


class _Areas:
    """The area under straight lines between samples, from the first on, in units of value times s."""

    def __init__(self, times: Sequence[int], values: Sequence[float]) -> None:
        self._times, self._values = times, values
        steps = zip(pairwise(times), pairwise(values), strict=True)
        self._sums = list(accumulate(((p + q) / 2 * (b - a) / 1e9 for (a, b), (p, q) in steps), initial=0.0))

    def between(self, begin: int, end: int) -> float:
        """Return the area from `begin` to `end` ns, both within the samples."""
        return self._until(end) - self._until(begin)

    def _until(self, at: int) -> float:
        i = min(bisect_right(self._times, at) - 1, len(self._times) - 2)
        low = (self._times[i], self._values[i])
        _, value = _between(low, (self._times[i + 1], self._values[i + 1]), at)
        return self._sums[i] + (low[1] + value) / 2 * (at - low[0]) / 1e9


@dataclass(frozen=True, slots=True)
class Total:
    """Several traces of one unit, added: figures are sums of the figures of each, for their clocks differ."""

    traces: tuple[Trace, ...]

    def mean(self) -> Quantity:
        """Return the sum of the means; uncertainties add linearly."""
        return uncertainty.total(trace.mean() for trace in self.traces)

    def energy(self, rule: Rule = "trapezoid") -> Quantity:
        """Return the sum of the energies, Wh; uncertainties add linearly."""
        return uncertainty.total(trace.energy(rule) for trace in self.traces)

    def increase(self) -> Quantity:
        """Return the sum of what counters or registers counted. Raises InvalidWindow where one went back."""
        return uncertainty.total(trace.increase() for trace in self.traces)

    def percentile(self, percent: float) -> Quantity:
        """Return a percentile of the sum at one time."""
        return self._summed().percentile(percent)

    def peak(self, seconds: float) -> Quantity:
        """Return the highest mean of the sum over any stretch of `seconds` s. Raises NotObservable."""
        return self._summed().peak(seconds)

    def ramp(self, seconds: float) -> Quantity:
        """Return the greatest change of the sum within `seconds` s. Raises NotObservable."""
        return self._summed().ramp(seconds)

    def span(self) -> Quantity:
        """Return the highest less the lowest sum."""
        return self._summed().span()

    def _summed(self) -> "_Sum":
        """Add samples of the first trace and those of the rest nearest in time."""
        first, *rest = self.traces
        sums = [v + sum(_nearest(t, at) for t in rest) for at, v in zip(first.times, first.values, strict=True)]
        return _Sum(self.traces, replace(first, values=sums, accuracy=None, before=None, after=None))


@dataclass(frozen=True, slots=True)
class _Sum:
    """The sum of traces at the times of the first; its figures come from all of them."""

    traces: tuple[Trace, ...]
    at_once: Trace

    def percentile(self, percent: float) -> Quantity:
        return self._of_all(self.at_once.percentile(percent), systematic=True)

    def peak(self, seconds: float) -> Quantity:
        return self._of_all(self.at_once.peak(seconds), systematic=True)

    def ramp(self, seconds: float) -> Quantity:
        return self._of_all(self.at_once.ramp(seconds), systematic=False)

    def span(self) -> Quantity:
        return self._of_all(self.at_once.span(), systematic=False)

    def _of_all(self, found: Quantity, *, systematic: bool) -> Quantity:
        means = uncertainty.total(trace.mean() for trace in self.traces)
        return replace(means, value=found.value, u=means.u if systematic else None)


def _nearest(trace: Trace, at: int) -> float:
    after = min(bisect_left(trace.times, at), len(trace.times) - 1)
    before = max(after - 1, 0)
    return trace.values[before if at - trace.times[before] <= abs(trace.times[after] - at) else after]
