"""The management switches: ports, what is plugged into them, and counters that follow the traffic."""

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.emulator.figures import TrafficFigures
from harness.emulator.generation import Generation
from harness.emulator.layout import Layout

RJ45_MBPS = 1_000
UPLINK_MBPS = 100_000
TRUNK = "trunk"
"""What the traffic of an uplink is told by: it carries what all trays send."""


@dataclass(slots=True)
class Port:
    """A port: speed Mb/s, byte, frame and error counts since start, and its neighbour as (device, port).

    A port that flaps is down for `flaps_s` s, then up as long.
    """

    name: str
    number: int
    speed: int
    far: tuple[str, str] | None
    uplink: bool
    up: bool = True
    enabled: bool = True
    announced: bool = True
    flaps_s: float = 0.0
    flapped: float = 0.0
    bit_error_ratio: float = 0.0
    rx_dbm: float = 0.0
    tx_dbm: float = 0.0
    received: float = 0.0
    sent: float = 0.0
    damaged: float = 0.0

    def step(self, dt: float, rate_in: float, rate_out: float) -> None:
        """Carry `rate_in` and `rate_out` bytes per second for `dt` s."""
        if self.flaps_s:
            self.flapped = (self.flapped + dt) % (2.0 * self.flaps_s)
            self.up = self.flapped >= self.flaps_s
        if not self.up:
            return
        self.received += rate_in * dt
        self.sent += rate_out * dt
        self.damaged += rate_in * 8.0 * self.bit_error_ratio * dt


@dataclass(slots=True)
class Switch:
    """A management switch with its ports by name."""

    name: str
    traffic: TrafficFigures
    ports: dict[str, Port] = field(default_factory=dict)

    def step(self, dt: float, load_of: Callable[[str], float]) -> None:
        """Carry the traffic for `dt` s; `load_of` tells the load (0 to 1) of a device, or of `TRUNK`."""
        f = self.traffic
        trunk = f.uplink_idle_bps + f.uplink_load_bps * load_of(TRUNK)
        for port in self.ports.values():
            if port.far is None:
                continue
            rate = trunk if port.uplink else f.idle_bps + f.host_load_bps * load_of(port.far[0])
            port.step(dt, rate, rate if port.uplink else 0.4 * rate)

    def swap(self, one: str, other: str) -> None:
        """Plug the cables of two ports into each other's place."""
        a, b = self.ports[one], self.ports[other]
        a.far, b.far = b.far, a.far
        a.up, b.up = a.far is not None, b.far is not None

    def break_port(self, name: str) -> None:
        """Let the link of a port go down."""
        self.ports[name].up = False


def switch(generation: Generation, layout: Layout, name: str) -> Switch:
    """Build a switch with the cables of the layout; a port without one is shut."""
    counts, built = generation.counts, Switch(name, generation.traffic)
    for n in range(1, counts.ports_per_switch + counts.uplinks + 1):
        uplink, port = n > counts.ports_per_switch, f"Ethernet{n}"
        far = layout.far_end(name, port)
        built.ports[port] = Port(
            port, n, UPLINK_MBPS if uplink else RJ45_MBPS, far, uplink, up=far is not None, enabled=far is not None,
            rx_dbm=generation.traffic.rx_dbm, tx_dbm=generation.traffic.tx_dbm,
        )  # fmt: skip
    return built
