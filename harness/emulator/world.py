"""The rack as the faces see it: physics on a clock, sensors, identities, workloads, and what goes wrong on the wire."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any, Protocol

from harness.emulator.generation import Generation
from harness.emulator.layout import Layout, lay_out
from harness.emulator.physics import TICK_S, Physics, physics
from harness.emulator.sensors import Sensors

LONGEST_TICK_S = 0.5
"""The longest tick of the physics in a rack whose time runs fast, s: well below the lags of what it steps."""


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
    """What is wrong on the wire of one device; `refused` closes its listener, `slow` is in seconds.

    `booted` is when the device came up anew, s since the rack was ready.
    """

    silent: bool = False
    refused: bool = False
    slow: float = 0.0
    garbled: bool = False
    truncated: bool = False
    reset: bool = False
    wrong_model: bool = False
    booted: float | None = None
    unit_factor: float = 1.0

    @property
    def healthy(self) -> bool:
        """Tell whether replies go out unchanged and at once."""
        return not (self.silent or self.refused or self.slow or self.garbled or self.truncated or self.reset)


@dataclass(slots=True)
class Meter:
    """A meter of the station: the transformer ratio set for each element, and whether its inputs overrange.

    `current_range` is one that somebody has left set, A.
    """

    ct_ratios: list[float]
    overrange: bool = False
    current_range: float | None = None


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


@dataclass(slots=True)
class World:
    """One rack on a clock; `now` is seconds since it was ready.

    Its clock may run `speed` times faster than the machine's; at `epoch` (Unix time, s) both showed the same.
    """

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
    active: dict[str, Any] = field(default_factory=dict)
    surges: list[Callable[[], None]] = field(default_factory=list)
    first_load: float | None = None
    now: float = 0.0
    speed: float = 1.0
    epoch: float = 0.0

    @property
    def lead(self) -> float:
        """Return how long ago the last tick of the physics was, s."""
        return self.now - self.physics.time

    def advance(self) -> float:
        """Let the physics catch up with the clock, strike what is due, and return the time in s."""
        elapsed = self.clock.monotonic() - self.started
        self._strike(elapsed)
        self.physics.step(elapsed)
        self.now = max(elapsed, self.physics.time)
        return self.now

    def run_fast(self, speed: float, epoch: float) -> None:
        """Note that the clock runs fast: the physics then takes longer ticks, still well below its lags."""
        self.speed, self.epoch = speed, epoch
        self.physics.tick_s = min(LONGEST_TICK_S, TICK_S * speed)

    def ready(self) -> None:
        """Let time count from now."""
        self.started = self.clock.monotonic() - self.physics.time

    def sense(self, name: str, kind: str, true: Callable[[], float]) -> float:
        """Return what a sensor shows now, in its unit; NaN where it has no value."""
        return self.sensors.read(name, kind, self.now, true)

    def unix(self, device: str) -> float:
        """Return what the clock of a device says, Unix time in s."""
        return self.clock.unix() + self.clock_errors.get(device, 0.0)

    def version(self, device: str, healthy: str) -> str:
        """Return the firmware version that a device reports."""
        return self.firmware.get(device, healthy)

    def later(self, delay: float, strike: Callable[[], None]) -> None:
        """Let something happen `delay` s from now."""
        self.pending.append(Pending(self.now + delay, False, strike))

    def begin(self, workload: Workload) -> None:
        """Put a workload on its tray."""
        self.advance()
        self.workloads.append(workload)
        if self.first_load is None:
            self.first_load = self.now
            while self.surges:
                self.surges.pop()()
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
        """Let what is due until `elapsed` strike, each at its time."""
        while due := [(at, n) for n, f in enumerate(self.pending) if (at := self._due(f)) <= elapsed]:
            at, n = min(due)
            self.physics.step(at)
            self.now = max(self.now, at)
            self.pending.pop(n).strike()

    def _due(self, fault: Pending) -> float:
        start = self.first_load if fault.after_load else 0.0
        return inf if start is None else start + fault.delay


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
