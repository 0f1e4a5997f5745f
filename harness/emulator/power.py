"""The power path: bus and shelves with their PSUs, or rack PDUs with servers plugged in, and the feeds.

Shelves share the bus by droop, PSUs share within a shelf, input is output plus the loss of the curve, and a feed
carries what its shelves or PDUs take. Energy storage in a shelf lets its input follow its output with a lag.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import hypot, pi, sin, sqrt

from harness.emulator.figures import ConversionFigures, FeedFigures, PduFigures, ShelfFigures
from harness.emulator.generation import Generation
from harness.emulator.trays import lag
from harness.emulator.variation import around, dice

RIPPLE_S = 3.1
"""Period of an output that comes and goes, s."""


def efficiency(figures: ConversionFigures, output: float) -> float:
    """Return output over input of one PSU that gives `output` W.

    The loss relative to rated power is fixed + linear x + square x², x the load.
    """
    x = output / figures.psu_rated_w
    loss = figures.loss_fixed + figures.loss_linear * x + figures.loss_square * x * x
    return x / (x + loss) if x > 0 else 0.0


@dataclass(slots=True)
class Psu:
    """One PSU: output and input W, output A; a share of its output, `ripple`, comes and goes."""

    share: float
    alive: bool = True
    ripple: float = 0.0
    output: float = 0.0
    input: float = 0.0
    current: float = 0.0

    def step(self, figures: ShelfFigures, output: float, bus: float, lost: float, *, fed: bool) -> None:
        """Give `output` W at `bus` V; `lost` is what the efficiency lacks of the curve."""
        self.output, self.current = output, output / bus
        x = output / figures.psu_rated_w
        idle_loss = figures.loss_fixed * figures.psu_rated_w
        idle_loss *= self.alive and fed
        self.input = output / max(0.05, efficiency(figures, output) - lost) if x > 0 else idle_loss

    def weight(self, phase: float) -> float:
        """Return its part in the load of the shelf at a `phase` (0 to 1) of what comes and goes."""
        return self.share * self.alive * (1.0 + self.ripple * sin(2.0 * pi * phase))


@dataclass(slots=True)
class Shelf:
    """A power shelf: powers W, current A, energy Wh since its register was last reset; `alive` while it is fed."""

    name: str
    feed: str
    figures: ShelfFigures
    setpoint: float
    psus: list[Psu]
    power_factor: float
    lost: float = 0.0
    register_rate: float = 1.0
    alive: bool = True
    phase: float = 0.0
    output: float = 0.0
    input: float = 0.0
    current: float = 0.0
    energy: float = 0.0

    def step(self, dt: float, bus: float) -> None:
        """Give the share of the bus's current that droop makes this shelf's, for `dt` s."""
        self.current = max(0.0, (self.setpoint - bus) / self.figures.droop_ohm) * self.alive
        self.output = self.current * bus
        self.phase = (self.phase + dt / RIPPLE_S) % 1.0
        weights = [psu.weight(self.phase) for psu in self.psus]
        whole = sum(weights)
        for psu, weight in zip(self.psus, weights, strict=True):
            psu.step(self.figures, self.output * weight / whole if whole else 0.0, bus, self.lost, fed=self.alive)
        self._store(dt)
        self.energy += self.input * dt / 3600.0 * self.register_rate

    def energy_after(self, lead: float) -> float:
        """Return what the register shows `lead` s after the last tick, Wh."""
        return self.energy + self.input * lead / 3600.0 * self.register_rate

    def _store(self, dt: float) -> None:
        """Let the storage give or take what the input does not yet follow; a shelf at rest begins at its output."""
        drawn, tau = sum(psu.input for psu in self.psus), self.figures.storage_s
        self.input = lag(self.input, drawn, dt, tau) if tau and self.input else drawn
        for psu in self.psus:
            psu.input *= self.input / drawn if drawn else 1.0


@dataclass(slots=True)
class Outlet:
    """An outlet of a PDU with one power supply of what stands in `slot`: input W, energy Wh since its reset."""

    slot: str
    power: float = 0.0
    energy: float = 0.0


@dataclass(slots=True)
class Pdu:
    """A rack PDU: input W, energy Wh since its register was last reset."""

    name: str
    feed: str
    figures: PduFigures
    outlets: list[Outlet]
    power_factor: float
    input: float = 0.0
    energy: float = 0.0

    def step(self, dt: float, draws: Mapping[str, float], plugs: Mapping[str, int]) -> None:
        """Feed what is plugged in for `dt` s: `draws` W and the number of `plugs` in all by slot."""
        for outlet in self.outlets:
            output = draws.get(outlet.slot, 0.0) / plugs[outlet.slot]
            outlet.power = output / efficiency(self.figures, output) if output > 0 else 0.0
            outlet.energy += outlet.power * dt / 3600.0
        self.input = sum(outlet.power for outlet in self.outlets)
        self.energy += self.input * dt / 3600.0


@dataclass(slots=True)
class Feed:
    """A three-phase feed: power W, reactive power var, energy Wh since start; shares of the phases sum to 1."""

    name: str
    figures: FeedFigures
    shares: list[float]
    voltages: list[float]
    alive: bool = True
    power: float = 0.0
    reactive: float = 0.0
    energy: float = 0.0

    def step(self, dt: float, fed: "Sequence[Shelf | Pdu]") -> None:
        """Carry what the shelves and PDUs of this feed take, for `dt` s."""
        mine = [one for one in fed if one.feed == self.name]
        self.power = sum(one.input for one in mine)
        self.reactive = sum(one.input * sqrt(1.0 / one.power_factor**2 - 1.0) for one in mine)
        self.energy += self.power * dt / 3600.0

    def phase(self, n: int) -> tuple[float, float, float, float]:
        """Return voltage V, current A, active W and reactive power var of phase `n` (0 to 2)."""
        power, reactive = self.power * self.shares[n], self.reactive * self.shares[n]
        return self.voltages[n] * self.alive, hypot(power, reactive) / self.voltages[n], power, reactive


@dataclass(slots=True)
class PowerPath:
    """Bus and shelves, or PDUs, and the feeds; `plugs` is the number of plugs by slot."""

    shelves: list[Shelf]
    feeds: list[Feed]
    bus: float
    pdus: list[Pdu] = field(default_factory=list)
    plugs: dict[str, int] = field(default_factory=dict)

    @property
    def fed(self) -> "list[Shelf | Pdu]":
        """Return what hangs on the feeds."""
        return [*self.shelves, *self.pdus]

    def step(self, dt: float, draws: Mapping[str, float]) -> None:
        """Carry what each slot draws, W, from the feeds to the slots for `dt` s."""
        if self.shelves:
            self._share(dt, sum(draws.values()))
        for pdu in self.pdus:
            pdu.step(dt, draws, self.plugs)
        fed = self.fed
        for feed in self.feeds:
            feed.step(dt, fed)

    def _share(self, dt: float, load: float) -> None:
        alive = [shelf for shelf in self.shelves if shelf.alive]
        conductance = sum(1.0 / shelf.figures.droop_ohm for shelf in alive)
        pushed = sum(shelf.setpoint / shelf.figures.droop_ohm for shelf in alive)
        # load = V (pushed - conductance V): the upper root is the stable working point
        self.bus = (pushed + sqrt(max(0.0, pushed**2 - 4.0 * conductance * load))) / (2.0 * conductance)
        for shelf in self.shelves:
            shelf.step(dt, self.bus)


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


def plugged(generation: Generation, slots: Sequence[str]) -> dict[str, list[str]]:
    """Return what is plugged into each PDU, by its name: the supplies of every slot are dealt out to all feeds."""
    counts = generation.counts
    found: dict[str, list[str]] = {f"pdu_{x}{n + 1}": [] for n in range(counts.pdus) for x in "ab"[: counts.feeds]}
    names = list(found)
    for place, slot in enumerate(slots):
        plugs = generation.pdu.psus_per_tray if slot.startswith("tray") else counts.feeds
        for k in range(plugs):
            found[names[place % counts.pdus * counts.feeds + k % counts.feeds]].append(slot)
    return found


def _pdus(generation: Generation, slots: Sequence[str], seed: int) -> list[Pdu]:
    built = []
    for name, plugs in plugged(generation, slots).items() if generation.pdus else ():
        outlets = [Outlet(slot, energy=dice(seed, name, n).uniform(1e4, 5e4)) for n, slot in enumerate(plugs)]
        energy = sum(outlet.energy for outlet in outlets)
        f = generation.pdu
        built.append(Pdu(name, f"feed_{name[4]}", f, outlets, f.power_factor, energy=energy))
    return built


def power_path(generation: Generation, slots: Sequence[str], seed: int) -> PowerPath:
    """Build the power path of what stands in `slots`, with the part-to-part variation of the seed."""
    shelves = [_shelf(generation, n, seed) for n in range(generation.counts.shelves)]
    feeds = [_feed(generation, letter, seed) for letter in "ab"[: generation.counts.feeds]]
    pdus = _pdus(generation, slots, seed)
    plugs = {slot: sum(outlet.slot == slot for pdu in pdus for outlet in pdu.outlets) for slot in slots}
    return PowerPath(shelves, feeds, generation.bus.setpoint_v, pdus, plugs)
