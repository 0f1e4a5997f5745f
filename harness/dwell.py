"""One stay of the rack in one state, and the figures that cases take from its window."""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import pairwise

from drivers.errors import DriverError, NoReading, Silent
from drivers.points import Accuracy, Reading
from harness import uncertainty
from harness.measuring import Fact
from harness.records import Owner, WorkloadRan
from harness.sampling import Key, Observed
from harness.series import Column
from harness.uncertainty import Quantity, Window

MOST_PERIODS_BETWEEN_SAMPLES = 3.0
"""A window with a larger gap, edges included, decides nothing."""

LONGEST_STALL_S = 0.5
"""How long the station may stand still where the rack's time runs faster than its own, s of the station: what it misses
then is many periods. At least half of the readings must have come in spite of it."""


class InvalidWindow(Exception):
    """A window that decides nothing: says why, at which device, and what that said (None where it never failed)."""

    def __init__(self, device: str, reason: str, error: DriverError | None) -> None:
        super().__init__(reason)
        self.device, self.reason, self.error = device, reason, error


@dataclass(frozen=True, slots=True)
class Trace:
    """The samples of one point of one device within a window.

    The time of each is known to ± its place in `blurs`, s; all exactly where there are none.
    """

    device: str
    slot: str
    point: str
    unit: str
    source: str
    window: Window
    times: tuple[int, ...]
    values: tuple[float, ...]
    accuracy: Accuracy | None = None
    blurs: tuple[float, ...] = ()

    def mean(self) -> Quantity:
        """Return the arithmetic mean over the window."""
        mean = sum(self.values) / len(self.values)
        return self._quantity(mean, uncertainty.of_mean(self.values, self._systematic(mean)))

    def maximum(self) -> Quantity:
        """Return the highest sample."""
        return self._single(max(self.values))

    def minimum(self) -> Quantity:
        """Return the lowest sample."""
        return self._single(min(self.values))

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
                raise InvalidWindow(self.device, went, NoReading("a counter that was reset", address=self.source))
        return self._quantity(self.values[-1] - self.values[0], None)

    def something(self) -> "Trace":
        """Return the trace, which is not zero throughout: nothing relates to nothing. Raises InvalidWindow."""
        if not any(self.values):
            said = NoReading("zero throughout", address=self.source, received="0")
            raise InvalidWindow(self.device, f"{self.device}.{self.point} was zero throughout the window", said)
        return self

    def energy(self) -> Quantity:
        """Return the integral of power (W) over the samples by the trapezoid rule, Wh."""
        pairs = zip(self.times, self.values, strict=True)
        at, power = next(pairs)
        joules = 0.0
        for later, next_power in pairs:
            joules += (power + next_power) / 2 * (later - at) / 1e9
            at, power = later, next_power
        return replace(self._quantity(joules / 3600, None), unit="Wh")

    def deviation(self, power: "Trace") -> Quantity:
        """Return by which share an energy register (Wh) counted more than its device's own `power` (W) adds up to.

        Both come from the same exchanges, so that what is uncertain is how far the first and the last are apart: the
        span is taken from the best known time in the first quarter to the best known in the last.
        """
        first, last = self._best_known()
        register, drawn = self.between(first, last), power.between(first, last).energy()
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
        return replace(self, times=self.times[kept], values=self.values[kept], blurs=self.blurs[kept])

    def _systematic(self, value: float) -> float | None:
        if self.accuracy is None:
            return None
        return uncertainty.rectangular(
            self.accuracy.of_reading * abs(value) + self.accuracy.of_range * self.accuracy.range
        )

    def _single(self, value: float) -> Quantity:
        return self._quantity(value, self._systematic(value))

    def _quantity(self, value: float, u: float | None) -> Quantity:
        return Quantity(value, self.unit, u, (self.source,), self.window, (self.device,))


@dataclass(frozen=True, slots=True)
class Total:
    """Several traces of one unit, added: figures are sums of the figures of each, for their clocks differ."""

    traces: tuple[Trace, ...]

    def mean(self) -> Quantity:
        """Return the sum of the means; uncertainties add linearly."""
        return uncertainty.total(trace.mean() for trace in self.traces)

    def span(self) -> Quantity:
        """Return the highest less the lowest sum: samples of the first trace with those of the rest nearest in time."""
        first, *rest = self.traces
        sums = [v + sum(_nearest(t, at) for t in rest) for at, v in zip(first.times, first.values, strict=True)]
        return replace(uncertainty.total(t.mean() for t in self.traces), value=max(sums) - min(sums), u=None)


def _nearest(trace: Trace, at: int) -> float:
    after = min(bisect_left(trace.times, at), len(trace.times) - 1)
    before = max(after - 1, 0)
    return trace.values[before if at - trace.times[before] <= abs(trace.times[after] - at) else after]


@dataclass(frozen=True, slots=True)
class Place:
    """A device as a dwell knows it."""

    name: str
    role: str
    slot: str
    owner: Owner = "rack"


class Dwell:
    """A stay in one state. Patterns are `role.point` or `device.point`: `*` is anything, brackets are themselves."""

    def __init__(
        self,
        window: Window,
        places: Sequence[Place],
        columns: Sequence[Column],
        observed: Observed,
        workloads: Sequence[WorkloadRan],
        used: Callable[[str], None] = lambda _: None,
        speed: float = 1.0,
    ) -> None:
        self.window = window
        self._places = {place.name: place for place in places}
        self._columns = {(c.device, c.point): c for c in columns}
        self._observed, self._workloads, self._used, self._speed = observed, workloads, used, speed

    def each(self, pattern: str) -> list[Trace]:
        """Return the trace of every point that the pattern names, in the order of the inventory.

        Raises InvalidWindow where a device gave too little, or nothing, to decide on.
        """
        devices, point = self._chosen(pattern)
        found = [trace for place in devices for trace in self._traces_of(place, point)]
        if not found:
            raise InvalidWindow("", f"nothing was sampled for {pattern!r}", None)
        return found

    def total(self, pattern: str) -> Total:
        """Return the sum over every point that the pattern names. Raises InvalidWindow."""
        return Total(tuple(self.each(pattern)))

    def one(self, pattern: str) -> Trace:
        """Return the only trace that the pattern names. Raises InvalidWindow, ValueError where there are several."""
        (trace,) = self.each(pattern)
        return trace

    def texts(self, pattern: str) -> list[tuple[str, Fact]]:
        """Return every different text that the points of a pattern gave in this dwell, each with slot and point.

        Raises InvalidWindow where a device gave none, or none any more at the end.
        """
        devices, point = self._chosen(pattern)
        found = []
        for place in devices:
            self._demand_answers(place)
            keys = [k for k in self._observed.texts if k[0] == place.name and fnmatchcase(k[1], _globbed(point))]
            self._demand_fresh(place, keys)
            said = [reading for key in keys for reading in self._observed.texts[key].values()]
            found += [(f"{place.slot} {r.name.partition('.')[0]}", _fact(r, self.window)) for r in said]
        return found

    def missed(self, pattern: str) -> list[tuple[Place, Reading]]:
        """Return the points of a pattern that had no value at least once, with the last reading that says why."""
        devices, point = self._chosen(pattern)
        reasons = self._observed.reasons
        wanted = _globbed(point)
        return [(p, r) for p in devices for (d, n), r in reasons.items() if d == p.name and fnmatchcase(n, wanted)]

    def workload(self, device: str) -> WorkloadRan:
        """Return what the workload of this state came to on a host. Raises InvalidWindow where it did not run there."""
        self._used(device)
        for ran in self._workloads:
            if ran.device == device:
                return ran
        raise InvalidWindow("", f"no workload ran on {device}", None)

    @property
    def workloads(self) -> list[WorkloadRan]:
        """What the workloads of this state came to, host by host."""
        for ran in self._workloads:
            self._used(ran.device)
        return list(self._workloads)

    def _chosen(self, pattern: str) -> tuple[list[Place], str]:
        device, _, point = pattern.partition(".")
        chosen = [p for p in self._places.values() if fnmatchcase(p.role, device) or fnmatchcase(p.name, device)]
        # what the station measures of the rack rests on everything that works in it
        whole = any(place.owner == "station" for place in chosen)
        for place in self._places.values() if whole else chosen:
            self._used(place.name)
        return chosen, point

    def _traces_of(self, place: Place, point: str) -> list[Trace]:
        self._demand_answers(place)
        keys = [k for k in self._columns if k[0] == place.name and fnmatchcase(k[1], _globbed(point))]
        lacking = [k for k in self._observed.reasons if k[0] == place.name and fnmatchcase(k[1], _globbed(point))]
        for key in lacking:
            if key not in self._columns:
                reading = self._observed.reasons[key]
                raise InvalidWindow(
                    place.name, f"{place.name}.{key[1]} gave no value: {reading.reason}", self._lacking(reading)
                )
        return [self._trace(place, key) for key in keys]

    def _lacking(self, reading: Reading) -> DriverError:
        address, _, sent = reading.source.partition(" ")
        return NoReading(reading.reason or "no reading", address=address, sent=sent, received=reading.raw)

    def _demand_answers(self, place: Place) -> None:
        known = any(device == place.name for device, _ in self._observed.latest)
        if not known and place.name in self._observed.errors:
            raise InvalidWindow(place.name, f"{place.name} did not answer in this window", self._error(place.name))

    def _demand_fresh(self, place: Place, keys: Sequence[Key]) -> None:
        """Refuse texts that stopped coming: a device that fell silent would be judged by what it once said."""
        allowed = self._allowed(place)
        for key in keys:
            age = (self.window.end - self._observed.latest[key].at).total_seconds()
            if age > allowed:
                reason = f"the window is not covered: {place.name}.{key[1]}: last text {age:.1f} s before its end"
                raise InvalidWindow(place.name, f"{reason} (allowed {allowed:.1f} s)", self._error(place.name))

    def _trace(self, place: Place, key: Key) -> Trace:
        column = self._columns[key]
        self._demand_cover(place, column)
        accuracy = self._observed.accuracies.get(key)
        times, values = tuple(column.times), tuple(column.values)
        unit = column.unit or "1"
        took = self._observed.took[place.name]
        blurs = tuple(took.get(at, 0.0) / 2 for at in times)
        return Trace(place.name, place.slot, key[1], unit, column.source, self.window, times, values, accuracy, blurs)

    def _demand_cover(self, place: Place, column: Column) -> None:
        edges = [_ns(self.window.begin), *column.times, _ns(self.window.end)]
        gap = max(later - at for at, later in pairwise(edges)) / 1e9
        allowed = self._allowed(place)
        if len(column.times) < self._fewest(place) or gap > allowed:
            what = f"{len(column.times)} samples, gap of {gap:.1f} s (allowed {allowed:.1f} s)"
            reason = f"the window is not covered: {place.name}.{column.point}: {what}"
            raise InvalidWindow(place.name, reason, self._error(place.name) or self._slowness(place.name))

    def _allowed(self, place: Place) -> float:
        """Return the longest gap that may be between two readings of a device, s."""
        periods = MOST_PERIODS_BETWEEN_SAMPLES * self._observed.periods[place.name]
        return periods if self._speed == 1.0 else max(periods, LONGEST_STALL_S * self._speed)

    def _fewest(self, place: Place) -> float:
        """Return how many readings there must be at least."""
        length = (self.window.end - self.window.begin).total_seconds()
        return 2 if self._speed == 1.0 else max(2.0, length / self._observed.periods[place.name] / 2.0)

    def _slowness(self, device: str) -> DriverError | None:
        """Return the error that a device is when it takes longer to answer than it is asked; else it is the station."""
        slowest, period = self._observed.slowest[device], self._observed.periods[device]
        latest = next((r for (name, _), r in self._observed.latest.items() if name == device), None)
        if slowest < period or latest is None:
            return None
        address, _, sent = latest.source.partition(" ")
        return Silent(f"took {slowest:.1f} s to answer, asked every {period:g} s", address=address, sent=sent)

    def _error(self, device: str) -> DriverError | None:
        return self._observed.errors.get(device)


def _fact(reading: Reading, window: Window) -> Fact:
    return Fact(reading.value or "", (reading.source,), reading.raw, window=window)


def _globbed(pattern: str) -> str:
    return pattern.replace("[", "[[]")


def _ns(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() * 1e9)
