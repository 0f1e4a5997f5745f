"""GPUs, CPUs, switch chips and the trays that hold them: load in, power, temperature, clock and rate out."""

from dataclasses import dataclass, field
from math import exp, pi, sin

from harness.emulator.figures import GpuFigures
from harness.emulator.generation import Generation
from harness.emulator.variation import around

SWING_S = 2.7
"""Period of synchronised swings of load, s."""


def lag(now: float, target: float, dt: float, tau: float) -> float:
    """Return where a first-order lag of `tau` s is after `dt` s on its way to `target`.

    >>> round(lag(0.0, 1.0, 2.0, 2.0), 3)
    0.632
    """
    return target + (now - target) * exp(-dt / tau)


def between(low: float, high: float, load: float) -> float:
    """Return the value at `load` (0 to 1) between `low` and `high`."""
    return low + (high - low) * load


@dataclass(slots=True)
class Gpu:
    """One GPU: power W, temperature degC, clock MHz, rate Gflop/s."""

    figures: GpuFigures
    serial: str
    skill: float = 1.0
    blockage: float = 1.0
    present: bool = True
    boost: float = 1.0
    cap_w: float = 0.0
    excess: float = 0.0
    swing: float = 0.0
    phase: float = 0.0
    work_per_clock: float = 1.0
    slow_clock: float = 1.0
    corrupts: bool = False
    slowdown_stuck: bool = False
    ecc_errors: int = 0
    load: float = 0.0
    power: float = 0.0
    temperature: float = 35.0
    clock: float = 0.0
    hot: bool = False

    @property
    def slowed(self) -> bool:
        """Tell whether the hardware slows the clock because of temperature."""
        return self.hot or (self.slowdown_stuck and self.load > 0)

    @property
    def rate(self) -> float:
        """Return what the GPU computes now, Gflop/s."""
        share = self.clock / self.figures.clock_full_mhz
        return self.figures.gflops * share * self.skill * self.work_per_clock * (self.load > 0)

    def step(self, dt: float, coolant: float, flow: float) -> None:
        """Advance by `dt` s with coolant of `coolant` degC and the share `flow` of the nominal flow."""
        f = self.figures
        if not self.present:
            self.power, self.clock, self.temperature = 0.0, 0.0, coolant
            return
        self.hot = self.temperature > (f.release_degc if self.hot else f.throttle_degc)
        static = f.idle_w * (1.0 + f.leakage_per_k * (self.temperature - f.reference_degc))
        dynamic = self._dynamic(static)
        self.phase = (self.phase + dt / SWING_S) % 1.0
        extra = self.excess + self.swing * sin(2.0 * pi * self.phase)
        self.power = (static + dynamic) * (1.0 + extra * self.load)
        resistance = f.resistance_k_per_w * self.blockage * max(flow, 0.05) ** -f.flow_exponent
        self.temperature = lag(self.temperature, coolant + resistance * self.power, dt, f.lag_s)

    def _dynamic(self, static: float) -> float:
        """Set the clock that load, cap and slowdown allow, and return the power that it costs, W."""
        f = self.figures
        if self.load <= 0:
            self.clock = f.clock_idle_mhz
            return 0.0
        span = (f.full_w - f.idle_w) * self.load
        share = self.boost * self.slow_clock * (f.throttled_clock if self.slowed else 1.0)
        room = max(0.05, (self.cap_w or f.cap_w) - static) / span
        share = min(share, float(room ** (1.0 / f.clock_exponent)))
        self.clock = f.clock_full_mhz * share
        return span * float(share**f.clock_exponent)


@dataclass(slots=True)
class Chip:
    """A CPU or switch chip: power W follows load, temperature degC follows power."""

    idle_w: float
    full_w: float
    resistance: float
    lag_s: float
    power: float = 0.0
    temperature: float = 35.0

    def step(self, dt: float, load: float, coolant: float) -> None:
        """Advance by `dt` s at `load` (0 to 1)."""
        self.power = between(self.idle_w, self.full_w, load)
        self.temperature = lag(self.temperature, coolant + self.resistance * self.power, dt, self.lag_s)


@dataclass(slots=True)
class ComputeTray:
    """A compute tray: loads 0 to 1 in, power W and fan speed rpm out."""

    slot: str
    generation: Generation
    gpus: list[Gpu]
    cpus: list[Chip]
    gpu_load: float = 0.0
    cpu_load: float = 0.0
    least_load: float = 0.0
    power: float = 0.0
    fan_rpm: float = 0.0
    stuck_fans: set[int] = field(default_factory=set)

    def fan(self, n: int) -> float:
        """Return the speed of fan `n`, rpm."""
        return 0.0 if n in self.stuck_fans else self.fan_rpm

    def step(self, dt: float, coolant: float, flow: float) -> None:
        """Advance by `dt` s with coolant of `coolant` degC at the share `flow` of nominal."""
        g, load = self.generation.tray, max(self.gpu_load, self.least_load)
        cpu_load = max(self.cpu_load, load * self.generation.cpu.host_share_of_burn)
        for gpu in self.gpus:
            gpu.load = load
            gpu.step(dt, coolant, flow)
        for cpu in self.cpus:
            cpu.step(dt, cpu_load, coolant)
        chips = sum(gpu.power for gpu in self.gpus) + sum(cpu.power for cpu in self.cpus)
        rest = between(g.rest_idle_w, g.rest_full_w, load) + between(g.fan_idle_w, g.fan_full_w, load)
        self.power, self.fan_rpm = chips + rest, between(g.fan_idle_rpm, g.fan_full_rpm, load)


@dataclass(slots=True)
class SwitchTray:
    """A switch tray: its chips follow the traffic of the GPUs, its host's CPU its own load."""

    slot: str
    generation: Generation
    asics: list[Chip]
    cpu_load: float = 0.0
    power: float = 0.0
    fan_rpm: float = 0.0
    gpu_load: float = field(default=0.0)

    def step(self, dt: float, coolant: float, traffic: float) -> None:
        """Advance by `dt` s while the GPUs of the rack send the share `traffic` (0 to 1)."""
        g = self.generation.switch_tray
        for asic in self.asics:
            asic.step(dt, traffic, coolant)
        host = between(g.cpu_idle_w, g.cpu_full_w, self.cpu_load)
        rest = g.rest_w + between(g.fan_idle_w, g.fan_full_w, traffic)
        self.power = sum(asic.power for asic in self.asics) + host + rest
        self.fan_rpm = between(g.fan_idle_rpm, g.fan_full_rpm, traffic)


def inlet_degc(generation: Generation) -> float:
    """Return how warm what cools the trays comes in, degC."""
    return generation.air.inlet_degc if generation.air else generation.coolant.supply_degc


def compute_tray(generation: Generation, slot: str, serials: list[str], seed: int) -> ComputeTray:
    """Build a compute tray with the part-to-part variation of the seed."""
    f, c = generation.gpu, generation.cpu
    gpus = [
        Gpu(
            f,
            serial,
            skill=around(seed, f.spread, slot, "gpu", n, "skill"),
            blockage=around(seed, 4 * f.spread, slot, "gpu", n, "heat"),
            temperature=inlet_degc(generation) + f.resistance_k_per_w * f.idle_w,
        )
        for n, serial in enumerate(serials)
    ]
    cpus = [
        Chip(c.idle_w, c.full_w, c.resistance_k_per_w * around(seed, 0.02, slot, "cpu", n), c.lag_s)
        for n in range(generation.counts.cpus_per_tray)
    ]
    return ComputeTray(slot, generation, gpus, cpus)


def switch_tray(generation: Generation, slot: str, seed: int) -> SwitchTray:
    """Build a switch tray with the part-to-part variation of the seed."""
    f = generation.switch_tray
    chips = range(generation.counts.asics_per_switch_tray)
    heat = [f.asic_resistance_k_per_w * around(seed, 0.02, slot, "asic", n) for n in chips]
    return SwitchTray(slot, generation, [Chip(f.asic_idle_w, f.asic_full_w, r, f.lag_s) for r in heat])
