"""Readings on a clock: one thread a device, deadlines that do not drift, samples on disk as they come."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from drivers.errors import DriverError
from drivers.points import Accuracy, Reading
from harness.clock import Clock
from harness.series import Sample, SeriesStore
from harness.session import Handle

Key = tuple[str, str]
"""Device and point."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is read from one device, and how often (s)."""

    handle: Handle
    patterns: tuple[str, ...]
    period: float


@dataclass(slots=True)
class Observed:
    """What one dwell's sampling knows beyond the numbers: texts, accuracies, what was missed and why.

    `took` tells how long each exchange of a device was, s, by the time of its samples in ns, and `slowest` the longest.
    A sample's time is the middle of its exchange, known to half of its length.
    """

    texts: dict[Key, dict[str, Reading]] = field(default_factory=lambda: defaultdict(dict))
    accuracies: dict[Key, Accuracy] = field(default_factory=dict)
    missed: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    reasons: dict[Key, Reading] = field(default_factory=dict)
    errors: dict[str, DriverError] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    late: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    latest: dict[Key, Reading] = field(default_factory=dict)
    periods: dict[str, float] = field(default_factory=dict)
    slowest: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    took: dict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))


def nanoseconds(at: datetime) -> int:
    """Return the time since 1970 UTC in ns, exact to the µs."""
    return int(at.timestamp() * 1_000_000) * 1_000


class Sampler:
    """Samples the targets while its block runs; leaving it raises what broke the sampling itself.

    A reading that takes longer than its period makes the next one start late, never early: missed deadlines are
    skipped and the worst lateness is kept. A device that fails is asked again at its next deadline.
    """

    def __init__(self, dwell: str, targets: Sequence[Target], store: SeriesStore, clock: Clock) -> None:
        self.observed = Observed(periods={t.handle.name: t.period for t in targets})
        self._dwell, self._store, self._clock = dwell, store, clock
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._broken: BaseException | None = None
        self._threads = [
            threading.Thread(target=self._guard, args=(t,), name=f"sample {t.handle.name}") for t in targets
        ]

    def __enter__(self) -> "Sampler":
        try:
            for thread in self._threads:
                thread.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._end()
        if self._broken is not None and kind is None:  # what ended the block otherwise goes first
            raise self._broken

    def _end(self) -> None:
        self._over.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _guard(self, target: Target) -> None:
        try:
            self._run(target)
        except BaseException as error:  # noqa: BLE001 - kept for the main thread, which raises it
            self._broken = error

    def _run(self, target: Target) -> None:
        due = self._clock.monotonic()
        while not self._over.is_set():
            self._note_lateness(target, self._clock.monotonic() - due)
            self._sample(target)
            due += target.period
            behind = self._clock.monotonic() - due
            if behind > 0:
                due += target.period * int(behind / target.period)
            self._clock.wait(self._over, due - self._clock.monotonic())

    def _note_lateness(self, target: Target, lateness: float) -> None:
        name = target.handle.name
        self.observed.late[name] = max(self.observed.late[name], lateness)

    def _sample(self, target: Target) -> None:
        name = target.handle.name
        begun = self._clock.monotonic()
        try:
            readings = target.handle.read(*target.patterns)
        except DriverError as error:
            with self._lock:
                self.observed.errors[name] = error
                self.observed.failed[name] += 1
            return
        ended, now = self._clock.monotonic(), self._clock.now()
        with self._lock:
            self.observed.slowest[name] = max(self.observed.slowest[name], ended - begun)
            # what a driver does behind the reading, such as looking for new sensors, does not blur its time
            samples = [s for r in readings if (s := self._kept(name, r, _until(r, now, ended - begun))) is not None]
        self._store.write(self._dwell, samples)

    def _kept(self, device: str, reading: Reading, took: float) -> Sample | None:
        key = (device, reading.name)
        if reading.value is None:
            self.observed.missed[key] += 1
            self.observed.reasons[key] = reading
            return None
        self.observed.latest[key] = reading
        if isinstance(reading.value, str):
            self.observed.texts[key].setdefault(reading.value, reading)
            return None
        if reading.accuracy is not None:
            self.observed.accuracies[key] = _wider(reading.accuracy, self.observed.accuracies.get(key))
        at = nanoseconds(reading.at) - round(took * 500_000) * 1_000
        self.observed.took[device][at] = took
        return (device, reading.name, reading.unit, reading.source, at, float(reading.value))


def _until(reading: Reading, now: datetime, took: float) -> float:
    """Return how much of the `took` s up to `now` went by until the reading was complete, s."""
    return min(took, max(0.0, took - (now - reading.at).total_seconds()))


def _wider(one: Accuracy, other: Accuracy | None) -> Accuracy:
    """Return the one that promises less: an instrument that changed its range is as good as on the widest."""
    return one if other is None or one.of_range * one.range >= other.of_range * other.range else other
