"""The rack as the faces see it: physics on a clock, sensors, identities, workloads, and what goes wrong on the wire."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from harness.emulator.generation import Generation
from harness.emulator.layout import Layout, lay_out
from harness.emulator.physics import Physics, physics
from harness.emulator.sensors import Sensors

FINEST = 0.02
"""Requests that come closer together than this many seconds see the same moment."""


class Clock(Protocol):
    """What the emulator needs of a clock: seconds that never go back, and Unix time."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def unix(self) -> float:
        """Return seconds since 1970, UTC."""
        ...


@dataclass(slots=True)
class Wire:
    """What is wrong on the wire of one device; `refused` closes its listener, `slow` is in seconds."""

    silent: bool = False
    refused: bool = False
    slow: float = 0.0
    garbled: bool = False
    truncated: bool = False
    reset: bool = False
    wrong_model: bool = False
    unit_factor: float = 1.0

    @property
    def healthy(self) -> bool:
        """Tell whether replies go out unchanged and at once."""
        return not (self.silent or self.refused or self.slow or self.garbled or self.truncated or self.reset)


@dataclass(slots=True)
class Meter:
    """A meter of the station: the transformer ratio set for each element, and whether its inputs overrange."""

    ct_ratios: list[float]
    overrange: bool = False


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An entry of a BMC's log; `at` is Unix time in seconds."""

    at: float
    severity: str
    message: str


@dataclass(slots=True)
class Workload:
    """A running workload: `gpu` and `cpu` are the loads (0 to 1) that it puts on its tray."""

    slot: str
    gpu: float
    cpu: float


@dataclass(slots=True)
class Pending:
    """A fault that strikes later: `delay` s after ready or after the first workload began."""

    delay: float
    after_load: bool
    strike: Callable[[], None]
    done: bool = False


@dataclass(slots=True)
class World:
    """One rack on a clock; `now` is seconds since it was ready."""

    generation: Generation
    layout: Layout
    physics: Physics
    sensors: Sensors
    clock: Clock
    seed: int
    started: float
    wires: dict[str, Wire]
    meters: dict[str, Meter]
    serials: dict[str, str]
    firmware: dict[str, str] = field(default_factory=dict)
    logs: dict[str, list[LogEntry]] = field(default_factory=dict)
    kernel_logs: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    clock_errors: dict[str, float] = field(default_factory=dict)
    passwords: dict[str, tuple[str, str]] = field(default_factory=dict)
    workloads: list[Workload] = field(default_factory=list)
    doomed: set[str] = field(default_factory=set)
    pending: list[Pending] = field(default_factory=list)
    first_load: float | None = None

    @property
    def now(self) -> float:
        """Return the physics' time, s."""
        return self.physics.time

    def advance(self) -> float:
        """Let the physics catch up with the clock, strike what is due, and return the time in s."""
        elapsed = self.clock.monotonic() - self.started
        if elapsed - self.physics.time >= FINEST:
            self.physics.step(elapsed)
            self._strike(elapsed)
        return self.physics.time

    def ready(self) -> None:
        """Let time count from now."""
        self.started = self.clock.monotonic() - self.physics.time

    def sense(self, name: str, kind: str, true: Callable[[], float]) -> float:
        """Return what a sensor shows now, in its unit; NaN where it has no value."""
        return self.sensors.read(name, kind, self.physics.time, true)

    def unix(self, device: str) -> float:
        """Return what the clock of a device says, Unix time in s."""
        return self.clock.unix() + self.clock_errors.get(device, 0.0)

    def version(self, device: str, healthy: str) -> str:
        """Return the firmware version that a device reports."""
        return self.firmware.get(device, healthy)

    def begin(self, workload: Workload) -> None:
        """Put a workload on its tray."""
        self.advance()
        self.workloads.append(workload)
        if self.first_load is None:
            self.first_load = self.now
        self._load(workload.slot)

    def end(self, workload: Workload) -> None:
        """Take a workload off its tray."""
        self.advance()
        self.workloads.remove(workload)
        self._load(workload.slot)

    def _load(self, slot: str) -> None:
        mine = [workload for workload in self.workloads if workload.slot == slot]
        tray = self.physics.trays.get(slot) or self.physics.switch_trays[slot]
        tray.gpu_load = max((workload.gpu for workload in mine), default=0.0)
        tray.cpu_load = max((workload.cpu for workload in mine), default=0.0)

    def _strike(self, elapsed: float) -> None:
        for fault in self.pending:
            start = self.first_load if fault.after_load else 0.0
            if not fault.done and start is not None and elapsed >= start + fault.delay:
                fault.done = True
                fault.strike()


def build(generation: Generation, serial: str, seed: int, clock: Clock) -> World:
    """Build a healthy rack; `serial` is the rack's."""
    layout = lay_out(generation, serial, seed)
    return World(
        generation,
        layout,
        physics(generation, layout, seed),
        Sensors(generation.sensors, seed),
        clock,
        seed,
        clock.monotonic(),
        wires={device.name: Wire() for device in layout.devices},
        meters={d.name: Meter([generation.feed.ct_ratio] * 3) for d in layout.devices if d.role == "feed_meter"},
        serials={slot: part.serial for slot, part in layout.parts.items()},
    )
