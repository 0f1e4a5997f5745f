"""Energy over a quickly changing power: an emulated rack on a virtual clock, read by the sampler, for 100 seeds.

Every tray is put to work and rested at random, 3 s at a time on average, so that the rack's power steps by some kW six
times a second; two emulated meters are read ten times a second through the sampler and the store. What is true is what
the feeds carried by the physics' own count. Goals: an error below 0.1 % every time, and inside the stated uncertainty
(k = 2) in 90 to 99 of 100 seeds: more would mean that it is overstated.
"""

import random
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from benchmarks.figures import Figure, at_least, at_most
from drivers.points import Accuracy, Reading
from harness.dwell import Dwell, Place
from harness.emulator import generation, world
from harness.emulator.world import Workload, World
from harness.emulator.wt333e import Instrument
from harness.inventory import DeviceEntry
from harness.sampling import Rate, Sampler, Target
from harness.series import SeriesStore, Stay
from harness.uncertainty import Quantity, Window

SEEDS, WINDOW_S, PERIOD_S, STAY_S = 100, 200.0, 0.2, 6.0
BEGUN = datetime(2026, 11, 23, tzinfo=UTC)


def figures(_: Path) -> Iterator[Figure]:
    """Measure 100 racks, and compare with what is true."""
    errors, inside, stated = [], 0, []
    for seed in range(SEEDS):
        found, true = _measured(seed)
        error = found.value - true
        errors.append(abs(error) / true)
        stated.append(2 * (found.u or 0.0) / true)
        inside += abs(error) <= 2 * (found.u or 0.0)
    what = f"energy over {WINDOW_S:g} s of power that steps, {SEEDS} seeds"
    yield at_most(f"{what}: largest error", 100 * max(errors), 0.1, "%")
    yield Figure(f"{what}: stated U (k = 2), mean", f"{100 * sum(stated) / SEEDS:.3g} %")
    yield at_least(f"{what}: inside the stated U", inside, 0.90 * SEEDS, "seeds")
    yield at_most(f"{what}: inside the stated U, not overstated", inside, 0.99 * SEEDS, "seeds")


class VirtualClock:
    """Time goes on where the sampler waits, up to where the main thread sleeps; nothing takes time by itself."""

    speed = 1.0

    def __init__(self) -> None:
        self.seconds, self._until = 0.05, 0.05
        self._moved, self._resting = threading.Condition(), False

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return BEGUN + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return self.seconds

    def unix(self) -> float:
        """Return seconds since 1970, UTC."""
        return self.now().timestamp()

    def sleep(self, seconds: float) -> None:
        """Let the sampler go on for `seconds` s."""
        with self._moved:
            self._until += seconds
            self._resting = False
            self._moved.notify_all()
            self._moved.wait_for(lambda: self._resting)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Let `seconds` s pass, once the main thread lets them; tell whether `event` is set."""
        with self._moved:
            if self.seconds >= self._until:
                self._resting = True  # and what was to be read at that time has been read
                self._moved.notify_all()
                self._moved.wait_for(lambda: self.seconds < self._until, timeout=0.01)
            else:
                self.seconds += max(0.0, seconds)
                self._moved.notify_all()
            return event.is_set()


class Bench:
    """A rack whose trays work when they like, and its meters as one device."""

    entry = DeviceEntry(
        name="meters", model="wt300e", address="visa://TCPIP::127.0.0.1::9::SOCKET", owner="station", role="feed_meter"
    )
    name = "meters"

    def __init__(self, seed: int, clock: VirtualClock) -> None:
        self.world: World = world.build(generation.load("gen-a"), "BENCH", seed, clock)
        self._dice, self._clock = random.Random(seed), clock
        self._turns = sorted((self._stay(), slot) for slot in self.world.physics.trays)
        self._working: dict[str, Workload] = {}
        self._meters = {feed.name: Instrument(self.world, feed) for feed in self.world.physics.power.feeds}
        for instrument in self._meters.values():
            instrument.rate, instrument.count = PERIOD_S, 1
            instrument.choose(1, ["P", "SIGMA"])

    def _stay(self) -> float:
        return self._dice.expovariate(1 / STAY_S)

    def reach(self, seconds: float) -> float:
        """Let trays turn and physics go on until `seconds`, and return the energy that the feeds carried, Wh."""
        while self._turns[0][0] < seconds:
            at, slot = self._turns.pop(0)
            self.world.physics.step(at)
            self._turn(slot)
            self._turns = sorted([*self._turns, (at + self._stay(), slot)])
        self.world.physics.step(seconds)
        self.world.now = max(seconds, self.world.physics.time)
        feeds, lead = self.world.physics.power.feeds, self.world.lead  # beyond the last tick the power stays
        return sum(feed.energy + feed.power * lead / 3600.0 for feed in feeds)

    def _turn(self, slot: str) -> None:
        tray, load = self.world.physics.trays[slot], self._working.pop(slot, None)
        if load is None:
            self._working[slot] = Workload(slot, 1.0, 0.0)
        tray.gpu_load = 0.0 if load else 1.0

    def read(self, *_: str) -> list[Reading]:
        """Read both meters."""
        self.reach(self._clock.seconds)
        return [self._reading(name, float(instrument.values(1))) for name, instrument in self._meters.items()]

    def _reading(self, name: str, value: float) -> Reading:
        accuracy = Accuracy(self.world.generation.sensors["meter"].gain, 0.0, 0.0, "the emulated meter's own figures")
        return Reading(
            f"{name}.power",
            value,
            "W",
            "visa://TCPIP::127.0.0.1::9::SOCKET",
            str(value),
            self._clock.now(),
            accuracy=accuracy,
        )


def _measured(seed: int) -> tuple[Quantity, float]:
    """Return the energy as measured and as it was, both Wh."""
    clock = VirtualClock()
    bench = Bench(seed, clock)
    target = Target(cast("Any", bench), (Rate(("power",), PERIOD_S),))
    with tempfile.TemporaryDirectory(prefix="rackproof-bench-") as folder, SeriesStore(Path(folder)) as store:
        with Sampler("bench", [target], store, clock) as sampler:
            clock.sleep(1.0)
            begin, before = sampler.open_window(), bench.reach(clock.seconds)
            clock.sleep(WINDOW_S)
            end, after = sampler.close_window(), bench.reach(clock.seconds)
            clock.sleep(2 * PERIOD_S)
        window = Window("bench", begin, end)
        place = [Place("meters", "feed_meter", "meters", "station")]
        dwell = Dwell(window, place, Stay(store, "bench"), sampler.observed, ())
        return dwell.total("feed_meter.*.power").energy(), after - before
