"""The power path: bus, shelves with their PSUs, and the two feeds.

Shelves share the bus by droop, PSUs share within a shelf, input is output plus the loss of the curve, and a feed
carries what its shelves take.
"""

from dataclasses import dataclass
from math import hypot, sqrt

from harness.emulator.generation import FeedFigures, Generation, ShelfFigures
from harness.emulator.variation import around, dice


def efficiency(figures: ShelfFigures, output: float) -> float:
    """Return output over input of one PSU that gives `output` W.

    The loss relative to rated power is fixed + linear x + square x², x the load.
    """
    x = output / figures.psu_rated_w
    loss = figures.loss_fixed + figures.loss_linear * x + figures.loss_square * x * x
    return x / (x + loss) if x > 0 else 0.0


@dataclass(slots=True)
class Psu:
    """One PSU: output and input W, output A."""

    share: float
    output: float = 0.0
    input: float = 0.0
    current: float = 0.0

    def step(self, figures: ShelfFigures, output: float, bus: float, lost: float) -> None:
        """Give `output` W at `bus` V; `lost` is what the efficiency lacks of the curve."""
        self.output, self.current = output, output / bus
        x = output / figures.psu_rated_w
        idle_loss = figures.loss_fixed * figures.psu_rated_w
        self.input = output / max(0.05, efficiency(figures, output) - lost) if x > 0 else idle_loss


@dataclass(slots=True)
class Shelf:
    """A power shelf: powers W, current A, energy Wh since its register was last reset."""

    name: str
    feed: str
    figures: ShelfFigures
    setpoint: float
    psus: list[Psu]
    power_factor: float
    lost: float = 0.0
    register_rate: float = 1.0
    output: float = 0.0
    input: float = 0.0
    current: float = 0.0
    energy: float = 0.0

    def step(self, dt: float, bus: float) -> None:
        """Give the share of the bus's current that droop makes this shelf's, for `dt` s."""
        self.current = max(0.0, (self.setpoint - bus) / self.figures.droop_ohm)
        self.output = self.current * bus
        whole = sum(psu.share for psu in self.psus)
        for psu in self.psus:
            psu.step(self.figures, self.output * psu.share / whole, bus, self.lost)
        self.input = sum(psu.input for psu in self.psus)
        self.energy += self.input * dt / 3600.0 * self.register_rate


@dataclass(slots=True)
class Feed:
    """A three-phase feed: power W, reactive power var, energy Wh since start; shares of the phases sum to 1."""

    name: str
    figures: FeedFigures
    shares: list[float]
    voltages: list[float]
    power: float = 0.0
    reactive: float = 0.0
    energy: float = 0.0

    def step(self, dt: float, shelves: list[Shelf]) -> None:
        """Carry what the shelves of this feed take, for `dt` s."""
        mine = [shelf for shelf in shelves if shelf.feed == self.name]
        self.power = sum(shelf.input for shelf in mine)
        self.reactive = sum(shelf.input * sqrt(1.0 / shelf.power_factor**2 - 1.0) for shelf in mine)
        self.energy += self.power * dt / 3600.0

    def phase(self, n: int) -> tuple[float, float, float, float]:
        """Return voltage V, current A, active W and reactive power var of phase `n` (0 to 2)."""
        power, reactive = self.power * self.shares[n], self.reactive * self.shares[n]
        return self.voltages[n], hypot(power, reactive) / self.voltages[n], power, reactive


@dataclass(slots=True)
class PowerPath:
    """Bus, shelves and feeds."""

    shelves: list[Shelf]
    feeds: list[Feed]
    bus: float

    def step(self, dt: float, load: float) -> None:
        """Carry `load` W from the feeds to the bus for `dt` s."""
        conductance = sum(1.0 / shelf.figures.droop_ohm for shelf in self.shelves)
        pushed = sum(shelf.setpoint / shelf.figures.droop_ohm for shelf in self.shelves)
        # load = V (pushed - conductance V): the upper root is the stable working point
        self.bus = (pushed + sqrt(max(0.0, pushed**2 - 4.0 * conductance * load))) / (2.0 * conductance)
        for shelf in self.shelves:
            shelf.step(dt, self.bus)
        for feed in self.feeds:
            feed.step(dt, self.shelves)


def _shelf(generation: Generation, n: int, seed: int) -> Shelf:
    f, counts, name = generation.shelf, generation.counts, f"shelf{n + 1}"
    trim = (around(seed, 1.0, name, "setpoint") - 1.0) * f.setpoint_spread_v
    psus = [Psu(around(seed, f.share_spread, name, "psu", k)) for k in range(counts.psus_per_shelf)]
    feed = f"feed_{'ab'[n * counts.feeds // counts.shelves]}"
    energy = dice(seed, name, "energy").uniform(1e5, 5e5)
    return Shelf(name, feed, f, generation.bus.setpoint_v + trim, psus, f.power_factor, energy=energy)


def _feed(generation: Generation, letter: str, seed: int) -> Feed:
    f, name = generation.feed, f"feed_{letter}"
    raw = [around(seed, f.phase_spread, name, "share", n) for n in range(3)]
    voltages = [f.voltage_v * around(seed, 0.002, name, "voltage", n) for n in range(3)]
    return Feed(name, f, [share / sum(raw) for share in raw], voltages)


def power_path(generation: Generation, seed: int) -> PowerPath:
    """Build the power path with the part-to-part variation of the seed."""
    shelves = [_shelf(generation, n, seed) for n in range(generation.counts.shelves)]
    feeds = [_feed(generation, letter, seed) for letter in "ab"[: generation.counts.feeds]]
    return PowerPath(shelves, feeds, generation.bus.setpoint_v)
