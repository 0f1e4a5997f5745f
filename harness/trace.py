"""The samples of one point within a window, and the figures that are taken from them."""

import math
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import sub
from statistics import median_low

from drivers.errors import DriverError, NoReading
from drivers.points import Accuracy
from harness import budget, shapes, uncertainty
from harness.budget import Contribution
from harness.reasons import ReasonCode
from harness.shapes import Rule
from harness.uncertainty import Quantity, Window

INTERVALS_TO_SEE = 2
"""How many intervals between samples a stretch must hold before what happens in it counts as seen."""

Parts = tuple[Contribution, ...]
"""What the uncertainty of a figure is made of."""


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
        _, highest = shapes.highest_mean(self.times, self.values, seconds)
        return self._single(highest)

    def ramp(self, seconds: float) -> Quantity:
        """Return the greatest change within `seconds` s, up or down, in the unit of the point.

        What the instrument gets wrong throughout cancels out. Raises NotObservable as `peak` does.
        """
        self._demand_seen(f"a change within {seconds:g} s", seconds)
        return self._quantity(shapes.greatest_change(self.times, self.values, seconds), None)

    def _demand_seen(self, what: str, seconds: float) -> None:
        usual = self.step_s
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

    def something(self) -> "Trace":
        """Return the trace, which is not zero throughout: nothing relates to nothing. Raises InvalidWindow."""
        if not any(self.values):
            said = NoReading("zero throughout", address=self.source, received="0")
            what = f"{self.device}.{self.point} was zero throughout the window"
            raise InvalidWindow(self.device, "no_value", what, said)
        return self

    def energy(self, rule: Rule = "trapezoid") -> Quantity:
        """Return the energy of power (W) over the window by a named rule, Wh.

        Where the neighbours of the window are known it reaches from edge to edge, the edges interpolated; else from
        the first to the last sample. Uncertain by the instrument and by what happened between the samples.
        """
        closed = self._closed()
        joules = shapes.integral(closed.times, closed.values, rule)
        hours = (closed.times[-1] - closed.times[0]) / 1e9 / 3600
        mean = joules / 3600 / hours if hours else 0.0
        power = self._quantity(mean, self._with_sampling(mean))
        return replace(uncertainty.scaled(power, hours, "Wh"), value=joules / 3600)

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

        Both come from the same exchanges, so that what is uncertain is how far the first and the last are apart, and
        what the power did between its samples: the span is taken from the best known time in the first quarter to the
        best known in the last.
        """
        first, last = self._best_known()
        register, part = self.between(first, last), power.between(first, last)
        drawn, seconds = replace(part.energy(), u=None), (self.times[last] - self.times[first]) / 1e9
        unseen = shapes.sampling_u(part.values) * seconds / 3600 / drawn.value
        u = math.hypot(self._time_u(first) / seconds, self._time_u(last) / seconds, unseen)
        deviation = uncertainty.ratio(uncertainty.difference(register.increase(), drawn), drawn)
        return replace(deviation, u=u)

    @property
    def step_s(self) -> float:
        """Return the usual time between two samples, s."""
        return float(median_low(map(sub, self.times[1:], self.times))) / 1e9

    def blur(self, index: int) -> float:
        """Return to what a sample's time is known, ± s."""
        return self.blurs[index] if self.blurs else 0.0

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

    def _systematic(self, value: float) -> Parts | None:
        """Return what the instrument contributes to `value`; None where nobody states its accuracy."""
        name = f"{self.device} {self.point}"
        return None if self.accuracy is None else budget.of_instrument(name, self.accuracy, value)

    def _with_sampling(self, mean: float) -> Parts | None:
        systematic = self._systematic(mean)
        if systematic is None:
            return None
        u, dof = shapes.sampling_u(self.values), max(1.0, len(self.values) - 1.0)
        name, source = f"{self.device} {self.point}: sampling", "variogram of the samples"
        return (*systematic, Contribution(name, u, "A", "t", dof=dof, source=source))

    def _single(self, value: float) -> Quantity:
        return self._quantity(value, self._systematic(value))

    def _quantity(self, value: float, parts: Parts | None) -> Quantity:
        bare = Quantity(value, self.unit, None, (self.source,), self.window, (self.device,))
        return bare if parts is None else uncertainty.quantity(value, self.unit, parts, bare)


def _between(one: tuple[int, float], other: tuple[int, float], at: int) -> tuple[int, float]:
    """Return the point of the line from `one` to `other` at the time `at`."""
    share = (at - one[0]) / (other[0] - one[0])
    return at, one[1] + (other[1] - one[1]) * share


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
