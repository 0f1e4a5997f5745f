"""The physics of one rack: no sockets, no clock; `step` advances it tick by tick, everything else looks at it.

The meter shows the sum of the shelves of its feed, the shelves give what the trays draw over their efficiency, what is
drawn leaves as heat, and counters count what the load sends. Ticks are all of one length: the same seed and the same
loads give the same rack to the bit, however often somebody looks.
"""

from dataclasses import dataclass, field
from math import floor

from harness.emulator.coolant import Air, Loop
from harness.emulator.generation import Generation
from harness.emulator.layout import Layout, gpu_serial
from harness.emulator.network import TRUNK, Switch, switch
from harness.emulator.power import PowerPath, power_path
from harness.emulator.trays import ComputeTray, SwitchTray, compute_tray, inlet_degc, switch_tray

ROUNDING = 1e-6
"""Share of a tick by which a time may fall short of it."""

SETTLE_S = 30.0
"""How long a rack is let to come to rest before it is ready, s."""

TICK_S = 0.1
"""How long a tick is, s, unless told otherwise."""


@dataclass(slots=True)
class Physics:
    """One rack: `ticks` of `tick_s` s since it was ready."""

    generation: Generation
    trays: dict[str, ComputeTray]
    switch_trays: dict[str, SwitchTray]
    power: PowerPath
    cooling: Loop | Air
    switches: dict[str, Switch]
    ticks: int = 0
    tick_s: float = TICK_S
    _loads: dict[str, float] = field(default_factory=dict)

    @property
    def time(self) -> float:
        """Return how far the rack has come, s since it was ready."""
        return self.ticks * self.tick_s

    def step(self, to_time: float) -> None:
        """Advance to the last tick until `to_time` s; a time that has passed changes nothing."""
        until = floor(to_time / self.tick_s + ROUNDING)
        while self.ticks < until:
            self.ticks += 1
            self._step(self.tick_s)

    def _step(self, dt: float) -> None:
        supply, flow = self.cooling.supply, self.cooling.pumping
        for tray in self.trays.values():
            tray.step(dt, supply, flow)
        traffic = self.busy
        for with_switch in self.switch_trays.values():
            with_switch.step(dt, supply, traffic)
        self.power.step(dt, self.draws)
        self.cooling.step(dt, self.input)
        self._loads = self._host_loads(traffic)
        for box in self.switches.values():
            box.step(dt, self._load_of)

    def _host_loads(self, traffic: float) -> dict[str, float]:
        loads = {f"{slot}_host": max(tray.gpu_load, tray.cpu_load) for slot, tray in self.trays.items()}
        loads |= {f"{slot}_host": tray.cpu_load for slot, tray in self.switch_trays.items()}
        return loads | {TRUNK: traffic}

    def _load_of(self, device: str) -> float:
        return self._loads.get(device, 0.0)

    @property
    def busy(self) -> float:
        """Return the mean load of all GPUs, 0 to 1."""
        loads = [gpu.load for tray in self.trays.values() for gpu in tray.gpus]
        return sum(loads) / len(loads)

    @property
    def draws(self) -> dict[str, float]:
        """Return what each slot draws, with what is lost on its way from the bus, W."""
        found = {slot: self._with_drop(tray.power) for slot, tray in self.trays.items()}
        found |= {slot: self._with_drop(tray.power) for slot, tray in self.switch_trays.items()}
        return found | dict.fromkeys(self.switches, self.generation.switch.power_w)

    def _with_drop(self, power: float) -> float:
        return power + (power / self.power.bus) ** 2 * self.generation.bus.tray_ohm

    def volts(self, power: float) -> float:
        """Return the voltage at a tray that draws `power` W, V."""
        return self.power.bus - power / self.power.bus * self.generation.bus.tray_ohm

    @property
    def load(self) -> float:
        """Return what trays and switches draw, with what is lost on the way, W."""
        return sum(self.draws.values())

    @property
    def input(self) -> float:
        """Return what the shelves or PDUs draw from the feeds, W."""
        return sum(one.input for one in self.power.fed)

    @property
    def loop(self) -> Loop:
        """Return the coolant loop. Raises LookupError where the rack is cooled by air."""
        if not isinstance(self.cooling, Loop):
            message = "this rack has no coolant loop"
            raise LookupError(message)  # noqa: TRY004 - it is not there
        return self.cooling

    def outlet(self, slot: str) -> float:
        """Return the temperature of the coolant or air that leaves a tray, degC."""
        if self.generation.air:
            return self.cooling.outlet(self.trays[slot].power, 1.0 / len(self.trays))
        share, compute = self.generation.coolant.compute_share, slot in self.trays
        count = len(self.trays) if compute else len(self.switch_trays)
        power = self.trays[slot].power if compute else self.switch_trays[slot].power
        return self.cooling.outlet(power, (share if compute else 1.0 - share) / count)


def physics(generation: Generation, layout: Layout, seed: int) -> Physics:
    """Build the rack of a layout and let it come to rest, idle."""
    gpus = range(generation.counts.gpus_per_tray)
    serials = {slot: [gpu_serial(layout.serial, slot, n, seed) for n in gpus] for slot in layout.parts}
    drawing = [slot for slot in layout.parts if slot.startswith(("tray", "swtray", "mgmt"))]
    built = Physics(
        generation,
        {s: compute_tray(generation, s, serials[s], seed) for s in layout.parts if s.startswith("tray")},
        {s: switch_tray(generation, s, seed) for s in layout.parts if s.startswith("swtray")},
        power_path(generation, drawing, seed),
        _cooling(generation),
        {s: switch(generation, layout, s) for s in layout.parts if s.startswith("mgmt")},
    )
    settle(built)
    return built


def _cooling(generation: Generation) -> Loop | Air:
    inlet = inlet_degc(generation)
    return Air(generation.air, inlet) if generation.air else Loop(generation.coolant, inlet)


def settle(rack: Physics) -> None:
    """Let temperatures come to rest without letting time or registers run."""
    energies = [one.energy for one in rack.power.fed]
    rack.step(rack.time + SETTLE_S)
    rack.ticks = 0
    for one, energy in zip(rack.power.fed, energies, strict=True):
        one.energy = energy
    for feed in rack.power.feeds:
        feed.energy = 0.0
