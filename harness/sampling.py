"""Readings on a clock: one thread a device, deadlines that do not drift, samples on disk as they come.

Every sample has a time of its own: the middle of its exchange, by the monotonic clock from where the sampling began.
How long each exchange took is kept as a series beside them, `exchange_time`: a sample's time is known to half of it.
One more thread writes, so that a disk that is slow delays no meter.
"""

import math
import threading
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import SimpleQueue
from typing import Literal

from drivers.errors import DriverError
from drivers.points import Accuracy, Reading
from harness.cadence import Beat, Lateness, Refresh
from harness.clock import Clock
from harness.series import Sample, SeriesStore
from harness.session import Handle
from harness.turns import Turns

Key = tuple[str, str]
"""Device and point."""

AT_ONCE = 3
"""How many devices are read at a time where time runs fast, besides those that are read most often."""

EXCHANGE = "exchange_time"
"""The series of a device that says how long each exchange took, s."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Points of one device that are read together, and how often (s)."""

    patterns: tuple[str, ...]
    period: float


@dataclass(frozen=True, slots=True)
class Target:
    """What is read from one device, and how often.

    `refresh` is how often the device has new values, s, where that is known: it is not read faster than that.
    """

    handle: Handle
    rates: tuple[Rate, ...]
    refresh: float | None = None

    @property
    def period(self) -> float:
        """Return the shortest period, s."""
        return max(min(rate.period for rate in self.rates), self.refresh or 0.0)


@dataclass(slots=True)
class Timing:
    """How the deadlines of one device were met since its window opened; `slowest` is its longest exchange, s."""

    period: float
    refresh: float | None = None
    refresh_from: Literal["declared", "learnt"] | None = None
    late: Lateness = field(default_factory=Lateness)
    missed: int = 0
    failed: int = 0
    slowest: float = 0.0


@dataclass(slots=True)
class Observed:
    """What one dwell's sampling knows beyond the numbers: texts, accuracies, what was missed and why.

    `clock_step` is how far the station's clock was stepped against the monotonic one while the window lasted, s.
    """

    timings: dict[str, Timing] = field(default_factory=dict)
    texts: dict[Key, dict[str, Reading]] = field(default_factory=lambda: defaultdict(dict))
    accuracies: dict[Key, list[tuple[int, Accuracy]]] = field(default_factory=lambda: defaultdict(list))
    missed: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    reasons: dict[Key, Reading] = field(default_factory=dict)
    errors: dict[str, DriverError] = field(default_factory=dict)
    latest: dict[Key, Reading] = field(default_factory=dict)
    periods: dict[Key, float] = field(default_factory=dict)
    clock_step: float = 0.0

    def period(self, key: Key) -> float:
        """Return how often a point was read, s."""
        return self.periods.get(key, self.timings[key[0]].period)

    def accuracy(self, key: Key, begin_ns: int, end_ns: int) -> Accuracy | None:
        """Return the widest accuracy in force in a window: what changed its range is as good as on the widest."""
        known = self.accuracies.get(key, [])
        before = [one for at, one in known if at <= begin_ns][-1:]
        within = [one for at, one in known if begin_ns < at <= end_ns]
        return max(before + within, key=lambda one: one.of_range * one.range, default=None)

    def range_changes(self, key: Key) -> list[int]:
        """Return the times in ns at which the range of a point became another."""
        return [at for at, _ in self.accuracies.get(key, [])[1:]]


def nanoseconds(at: datetime) -> int:
    """Return the time since 1970 UTC in ns, exact to the µs."""
    return int(at.timestamp() * 1_000_000) * 1_000


class _Asked:
    """Points of one device on their beat."""

    def __init__(self, rate: Rate, begun: float, refresh: float | None) -> None:
        self.patterns, self.learning = rate.patterns, Refresh()
        self.beat = Beat(begun, max(rate.period, refresh or 0.0))


class Sampler:
    """Samples the targets while its block runs; leaving it raises what broke the sampling itself.

    A reading that takes longer than its period makes the next one start late, never early: missed deadlines are
    skipped and counted. A device that fails is asked again at its next deadline. What the rack owns is asked spread
    over its period, so that many devices do not come at once; the station's instruments are read together.
    """

    def __init__(self, dwell: str, targets: Sequence[Target], store: SeriesStore, clock: Clock) -> None:
        timings = {t.handle.name: Timing(t.period, t.refresh, "declared" if t.refresh else None) for t in targets}
        self.observed = Observed(timings=timings)
        self._dwell, self._store, self._clock = dwell, store, clock
        self._anchor, self._zero = clock.now(), clock.monotonic()
        self._turns = _turns(targets, fast=clock.speed != 1.0)
        self._over = threading.Event()
        self._opened, self._stepped = False, 0.0
        self._lock = threading.Lock()
        self._broken: BaseException | None = None
        self._kept: SimpleQueue[list[Sample] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._guard, args=(t, offset), name=f"sample {t.handle.name}")
            for t, offset in zip(targets, _offsets(targets), strict=True)
        ]
        self._writer = threading.Thread(target=self._write, name="write samples")

    def __enter__(self) -> "Sampler":
        try:
            for thread in (self._writer, *self._threads):
                thread.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._end()
        if kind is None:  # what ended the block otherwise goes first
            self.check()

    def check(self) -> None:
        """Raise what broke the sampling itself, if anything did."""
        if self._broken is not None:
            raise self._broken

    def open_window(self) -> datetime:
        """Begin what is to be judged: count deadlines from here, and ask no faster than what was learnt meanwhile."""
        with self._lock:
            self._opened = True
            for timing in self.observed.timings.values():
                timing.late, timing.missed, timing.failed, timing.slowest = Lateness(), 0, 0, 0.0
            self.observed.missed.clear()
            self._stepped = self._step()
            return self.now()

    def close_window(self) -> datetime:
        """Return the end of what is to be judged."""
        with self._lock:
            self.observed.clock_step = self._step() - self._stepped
            return self.now()

    def now(self) -> datetime:
        """Return the time by which samples are dated: that of the day as sampling began, and the monotonic clock."""
        return self._anchor + timedelta(seconds=self._clock.monotonic() - self._zero)

    def _step(self) -> float:
        return (self._clock.now() - self.now()).total_seconds()

    def _end(self) -> None:
        self._over.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._kept.put(None)
        if self._writer.is_alive():
            self._writer.join()

    def _write(self) -> None:
        """Write what is there at once, until nothing more will come."""
        samples: list[Sample] | None = []
        while samples is not None:
            batch = []
            while (samples := self._kept.get()) is not None:
                batch += samples
                if self._kept.empty():
                    break
            try:
                if batch:
                    self._store.write(self._dwell, batch)
            except BaseException as error:  # noqa: BLE001 - kept for the main thread, which raises it
                if self._broken is None:
                    self._broken = error

    def _guard(self, target: Target, offset: float) -> None:
        try:
            self._run(target, offset)
        except BaseException as error:  # noqa: BLE001 - kept for the main thread, which raises it
            if self._broken is None:
                self._broken = error

    def _run(self, target: Target, offset: float) -> None:
        asked = [_Asked(rate, self._zero + offset, target.refresh) for rate in target.rates]
        timing, learning = self.observed.timings[target.handle.name], target.refresh is None
        while not self._clock.wait(self._over, min(a.beat.due for a in asked) - self._clock.monotonic()):
            if learning and self._opened:
                learning = False
                self._learn(asked, timing)
            now = self._clock.monotonic()
            if due := [a for a in asked if a.beat.due <= now + _TOGETHER_S]:
                timing.late.add(now - min(a.beat.due for a in due))
                with self._turns[target.handle.name]:
                    self._sample(target, due, timing)
                now = self._clock.monotonic()
                timing.missed += sum(a.beat.advance(now) for a in due)

    def _learn(self, asked: Sequence[_Asked], timing: Timing) -> None:
        """Ask no faster from now on than the device has new values, as far as settling has shown that."""
        for one in asked:
            learnt = one.learning.learnt(one.beat.period)
            if learnt is not None:
                timing.refresh, timing.refresh_from = learnt, "learnt"
                one.beat.slow_down(learnt, self._clock.monotonic())
        timing.period = min(one.beat.period for one in asked)

    def _sample(self, target: Target, due: Sequence[_Asked], timing: Timing) -> None:
        name, begun = target.handle.name, self._clock.monotonic()
        try:
            readings = target.handle.read(*(p for a in due for p in a.patterns))
        except DriverError as error:
            with self._lock:
                self.observed.errors[name] = error
                timing.failed += 1
            return
        ended = self._clock.monotonic()
        period = min(a.beat.period for a in due)
        with self._lock:
            timing.slowest = max(timing.slowest, ended - begun)
            samples = self._taken(name, readings, begun, ended, period)
        for one in due:
            one.learning.note(ended, [value for _, point, *_, value in samples if point != EXCHANGE])
        self._kept.put(samples)

    def _taken(
        self, device: str, readings: Sequence[Reading], begun: float, ended: float, period: float
    ) -> list[Sample]:
        at = nanoseconds(self._anchor) + round(((begun + ended) / 2 - self._zero) * 1e9)
        samples = [s for r in readings if (s := self._sample_of(device, r, at, period)) is not None]
        if samples:
            address = samples[0][3].partition(" ")[0]
            samples.append((device, EXCHANGE, "s", address, at, ended - begun))
        return samples

    def _sample_of(self, device: str, reading: Reading, at: int, period: float) -> Sample | None:
        key, observed = (device, reading.name), self.observed
        observed.periods[key] = period
        value = reading.value
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            observed.missed[key] += 1
            observed.reasons[key] = reading
            return None
        observed.latest[key] = reading
        if isinstance(value, str):
            observed.texts[key].setdefault(value, reading)
            return None
        known = observed.accuracies[key]
        if reading.accuracy is not None and (not known or known[-1][1] != reading.accuracy):
            known.append((at, reading.accuracy))
        return (device, reading.name, reading.unit, reading.source, at, float(value))


_TOGETHER_S = 1e-6
"""Deadlines that are no further apart than this are met by one exchange, s."""


def _turns(targets: Sequence[Target], *, fast: bool) -> dict[str, AbstractContextManager[None]]:
    """Return for each device the turn that it waits for.

    Where time runs fast a machine's few cores are asked for much more. All devices at once would then keep those
    waiting that are read most often: the others wait for a turn.
    """
    most_often = min((t.period for t in targets), default=0.0)
    turns = Turns(AT_ONCE)
    at_will = {t.handle.name for t in targets if not fast or t.period == most_often}
    return {t.handle.name: nullcontext() if t.handle.name in at_will else turns for t in targets}


def _offsets(targets: Sequence[Target]) -> list[float]:
    """Return when each target is read first, s: the rack's own one after the other, instruments all at once."""
    spread = [t for t in targets if t.handle.entry.owner != "station"]
    places = {id(t): n / len(spread) for n, t in enumerate(spread)}
    return [places.get(id(t), 0.0) * t.period for t in targets]
