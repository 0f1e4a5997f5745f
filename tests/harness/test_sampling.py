import sqlite3
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest

from drivers.errors import Silent
from drivers.points import Accuracy, Reading
from harness.inventory import DeviceEntry
from harness.sampling import EXCHANGE, Rate, Sampler, Target, nanoseconds
from harness.series import SeriesStore
from harness.session import Handle
from tests.harness.clocks import BEGUN, HandClock
from tests.harness.racks import entry

Script = Callable[[int], Any]


class Device:
    """A device that answers as it is told, and takes the time that it is told."""

    def __init__(
        self, name: str, clock: HandClock, answer: Script, takes: Callable[[int], float] = lambda _: 0.0
    ) -> None:
        self.name, self.entry, self.asked = name, entry(name), list[float]()
        self._clock, self._answer, self._takes = clock, answer, takes

    entry: DeviceEntry

    def read(self, *_: str) -> list[Reading]:
        turn = len(self.asked)
        self.asked.append(self._clock.monotonic())
        self._clock.advance(self._takes(turn))
        value = self._answer(turn)
        if isinstance(value, Exception):
            raise value
        found = value if isinstance(value, Reading) else self.reading(value)
        return [found]

    def reading(self, value: Any, **other: Any) -> Reading:
        unit = "W" if isinstance(value, float) else None
        return Reading("power", value, unit, f"visa://{self.name} P?", str(value), self._clock.now(), **other)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with SeriesStore(tmp_path) as opened:
        yield opened


def target(device: Device, period: float) -> Target:
    return Target(cast("Handle", device), (Rate(("power",), period),))


def sample(
    clock: HandClock, store: SeriesStore, devices: list[Device], period: float, steps: int, step: float
) -> Sampler:
    """Let the sampler run for `steps` steps of the clock."""
    sampler = Sampler("idle", [target(d, period) for d in devices], store, clock)
    before = threading.active_count()
    with sampler:
        try:
            for _ in range(steps):
                clock.until_all_wait(len(devices))
                clock.advance(step)
            clock.until_all_wait(len(devices))
        finally:
            sampler._over.set()
            clock.wake()
    assert threading.active_count() == before
    return sampler


def test_deadlines_do_not_drift(clock: HandClock, store: SeriesStore) -> None:
    device = Device("m", clock, float, takes=lambda _: 0.3)
    sample(clock, store, [device], 1.0, steps=5, step=0.7)
    assert device.asked == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    column = store.column("idle", "m", "power")
    assert list(column.times) == [nanoseconds(BEGUN) + round((n + 0.15) * 1e9) for n in range(6)]
    assert list(column.values) == [0, 1, 2, 3, 4, 5]


def test_missed_deadlines_are_skipped_and_lateness_is_kept(clock: HandClock, store: SeriesStore) -> None:
    device = Device("m", clock, float, takes=lambda turn: 2.5 if turn == 1 else 0.0)
    sampler = sample(clock, store, [device], 1.0, steps=6, step=0.5)
    # the second reading takes until 3.5; what was due at 2.0 and 3.0 is made up for once, and then the grid holds
    assert device.asked == [0.0, 1.0, 3.5, 4.0, 5.0]
    assert (sampler.observed.timings["m"].late.worst, sampler.observed.timings["m"].missed) == (0.5, 1)


def test_a_slow_device_does_not_delay_another(clock: HandClock, store: SeriesStore) -> None:
    free, asked = threading.Event(), threading.Event()

    def stuck(_: int) -> float:
        asked.set()
        assert free.wait(20)
        return 0.0

    slow, quick = Device("slow", clock, stuck), Device("quick", clock, float)
    sampler = Sampler("idle", [target(quick, 1.0), target(slow, 1.0)], store, clock)
    with sampler:
        try:
            clock.until_all_wait(2)
            clock.advance(1.0)
            assert asked.wait(20)
            for _ in range(3):
                clock.until_all_wait(1)
                clock.advance(1.0)
            clock.until_all_wait(1)
        finally:
            free.set()
            sampler._over.set()
            clock.wake()
    assert quick.asked == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert slow.asked == [1.0]  # due at 0.5: the rack's own devices are asked one after the other


def test_a_failing_device_is_counted_and_asked_again(clock: HandClock, store: SeriesStore) -> None:
    device = Device("m", clock, lambda turn: Silent("no reply") if turn in (1, 2) else float(turn))
    observed = sample(clock, store, [device], 1.0, steps=4, step=1.0).observed
    assert len(device.asked) == 5
    assert observed.timings["m"].failed == 2
    assert isinstance(observed.errors["m"], Silent)
    assert list(store.column("idle", "m", "power").values) == [0, 3, 4]


def test_no_value_and_texts_are_no_samples(clock: HandClock, store: SeriesStore) -> None:
    device = Device("m", clock, lambda turn: [None, "up", "down", "up", True][turn])
    observed = sample(clock, store, [device], 1.0, steps=4, step=1.0).observed
    assert observed.missed[("m", "power")] == 1
    assert list(observed.texts[("m", "power")]) == ["up", "down"]
    assert list(store.column("idle", "m", "power").values) == [1.0]


def test_accuracy_is_that_of_the_widest_range(clock: HandClock, store: SeriesStore) -> None:
    ranges = [10.0, 300.0, 30.0]
    device = Device("m", clock, float)
    device._answer = lambda turn: device.reading(1.0, accuracy=Accuracy(0.001, 0.001, ranges[turn], "manual"))
    observed = sample(clock, store, [device], 1.0, steps=2, step=1.0).observed
    widest = observed.accuracy(("m", "power"), 0, 2**62)
    assert widest is not None
    assert widest.range == 300.0
    assert len(observed.range_changes(("m", "power"))) == 2


def test_what_breaks_sampling_itself_is_raised(clock: HandClock, store: SeriesStore) -> None:
    device = Device("m", clock, lambda _: ZeroDivisionError("a mistake of ours"))
    with pytest.raises(ZeroDivisionError), Sampler("idle", [target(device, 1.0)], store, clock):
        pass


def test_what_ends_the_block_goes_before_what_broke_sampling(clock: HandClock, store: SeriesStore) -> None:
    device = Device("m", clock, lambda _: ZeroDivisionError("a mistake of ours"))
    with pytest.raises(KeyboardInterrupt), Sampler("idle", [target(device, 1.0)], store, clock):
        raise KeyboardInterrupt


def rates(device: Device, *wanted: tuple[str, float], refresh: float | None = None) -> Target:
    return Target(cast("Handle", device), tuple(Rate((p,), s) for p, s in wanted), refresh)


def run(clock: HandClock, store: SeriesStore, one: Target, steps: int, step: float, opened: int = 0) -> Sampler:
    """Let the sampler run for `steps` steps; the window opens after `opened` of them."""
    sampler = Sampler("idle", [one], store, clock)
    with sampler:
        try:
            for n in range(steps):
                clock.until_all_wait(1)
                if n == opened:
                    sampler.open_window()
                clock.advance(step)
            clock.until_all_wait(1)
            sampler.close_window()
        finally:
            sampler._over.set()
            clock.wake()
    return sampler


class Several(Device):
    """A device with several points, each of which is read when it is asked for."""

    def read(self, *patterns: str) -> list[Reading]:
        self.together = [*getattr(self, "together", []), patterns]
        self.asked.append(self._clock.monotonic())
        return [Reading(p, 1.0, "W", "visa://m P?", "1", self._clock.now()) for p in patterns]


def test_points_of_one_device_are_read_at_rates_of_their_own(clock: HandClock, store: SeriesStore) -> None:
    device = Several("m", clock, float)
    run(clock, store, rates(device, ("power", 0.5), ("energy", 2.0)), steps=8, step=0.5)
    assert [len(store.column("idle", "m", p).times) for p in ("power", "energy")] == [9, 3]
    assert device.asked == [n * 0.5 for n in range(9)]
    assert device.together[:2] == [("power", "energy"), ("power",)]  # one exchange where both are due


def test_nothing_is_read_faster_than_it_is_new(clock: HandClock, store: SeriesStore) -> None:
    device = Several("m", clock, float)
    timing = run(clock, store, rates(device, ("power", 0.1), refresh=0.5), 8, 0.25).observed.timings["m"]
    assert device.asked == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert (timing.period, timing.refresh_from) == (0.5, "declared")


def test_how_often_values_are_new_is_learnt_while_settling(clock: HandClock, store: SeriesStore) -> None:
    device = Device("m", clock, lambda turn: float(turn // 4))
    sampler = run(clock, store, rates(device, ("power", 0.25)), steps=80, step=0.25, opened=60)
    timing = sampler.observed.timings["m"]
    assert timing.refresh == pytest.approx(1.0)
    assert timing.refresh_from == "learnt"
    assert [b - a for a, b in pairwise(device.asked)][-3:] == pytest.approx([1.0] * 3)
    assert timing.missed == 0


def test_each_exchange_leaves_how_long_it_took(clock: HandClock, store: SeriesStore) -> None:
    device = Device("m", clock, float, takes=lambda turn: 0.1 * turn)
    run(clock, store, rates(device, ("power", 1.0)), steps=3, step=1.0)
    took = store.column("idle", "m", EXCHANGE)
    assert list(took.values) == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert list(took.times) == list(store.column("idle", "m", "power").times)
    assert (took.unit, took.source) == ("s", "visa://m")


def test_a_clock_that_is_stepped_is_noticed_and_moves_no_sample(clock: HandClock, store: SeriesStore) -> None:
    def answer(turn: int) -> float:
        clock.stepped = 3600.0 if turn >= 3 else 0.0
        return float(turn)

    device = Device("m", clock, answer)
    sampler = run(clock, store, rates(device, ("power", 1.0)), steps=5, step=1.0)
    assert sampler.observed.clock_step == pytest.approx(3600)
    assert [t - nanoseconds(BEGUN) for t in store.column("idle", "m", "power").times] == [n * 10**9 for n in range(6)]


def test_a_number_that_is_none_is_no_sample(clock: HandClock, store: SeriesStore) -> None:
    device = Device("m", clock, lambda turn: [1.0, float("nan"), float("inf"), 2.0][turn])
    observed = run(clock, store, rates(device, ("power", 1.0)), steps=3, step=1.0).observed
    assert list(store.column("idle", "m", "power").values) == [1.0, 2.0]
    assert observed.missed["m", "power"] == 2


def left(clock: HandClock, sampler: Sampler) -> None:
    """Sample once, and leave the block."""
    with sampler:
        clock.until_all_wait(1)
        sampler._over.set()
        clock.wake()


def test_a_store_that_fails_is_told(clock: HandClock, store: SeriesStore) -> None:
    store.close()
    sampler = Sampler("idle", [target(Device("m", clock, float), 1.0)], store, clock)
    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        left(clock, sampler)
    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        sampler.check()
