"""What faults do to the network, to the wires of devices, and to the station's meters.

One function each, taking the world, the place and the size; what then answers differently follows from that.
"""

from harness.emulator.network import Port
from harness.emulator.world import World

FLAP_S = 1.5
"""How long a flapping link is down, and then up, s."""


def _port(world: World, place: str, number: float) -> Port:
    return world.physics.switches[place].ports[f"Ethernet{number:.0f}"]


def swap_cables(world: World, place: str, size: float) -> None:
    """Swap the cables of port `size` and the next one."""
    world.physics.switches[place].swap(f"Ethernet{size:.0f}", f"Ethernet{size + 1:.0f}")


def break_port(world: World, place: str, size: float) -> None:
    """Take the link of port `size` down, at both ends where the far one is a switch."""
    port = _port(world, place, size)
    port.up = False
    if port.far and port.far[0] in world.physics.switches:
        world.physics.switches[port.far[0]].break_port(port.far[1])


def slow_port(world: World, place: str, size: float) -> None:
    """Let port `size` come up at 100 Mb/s."""
    _port(world, place, size).speed = 100


def damage_frames(world: World, place: str, size: float) -> None:
    """Damage one bit in 10^8 on what port `size` receives."""
    _port(world, place, size).bit_error_ratio = 1e-8


def dirty_optic(world: World, place: str, size: float) -> None:
    """Let the first uplink receive `size` dBm."""
    next(port for port in world.physics.switches[place].ports.values() if port.uplink).rx_dbm = size


def flap_port(world: World, place: str, size: float) -> None:
    """Let the link of port `size` go down and come up again and again."""
    _port(world, place, size).flaps_s = FLAP_S


def silence_lldp(world: World, place: str, size: float) -> None:
    """Let what is plugged into port `size` not announce itself."""
    _port(world, place, size).announced = False


# wire and instrument


def silence(world: World, place: str, _size: float) -> None:
    """Answer nothing."""
    world.wires[place].silent = True


def delay(world: World, place: str, size: float) -> None:
    """Answer `size` s late."""
    world.wires[place].slow = size


def garble(world: World, place: str, _size: float) -> None:
    """Answer rubbish."""
    world.wires[place].garbled = True


def truncate(world: World, place: str, _size: float) -> None:
    """Answer half."""
    world.wires[place].truncated = True


def reset(world: World, place: str, _size: float) -> None:
    """Reset the connection on each request."""
    world.wires[place].reset = True


def change_model(world: World, place: str, _size: float) -> None:
    """Answer as another model."""
    world.wires[place].wrong_model = True


def change_unit(world: World, place: str, size: float) -> None:
    """Send sensor values `size` times too large."""
    world.wires[place].unit_factor = size


def change_ratio(world: World, place: str, size: float) -> None:
    """Set the meter to a transformer of ratio `size`; the one that is clamped on stays what it is."""
    world.meters[place].ct_ratios[:] = [size] * 3


def overrange(world: World, place: str, _size: float) -> None:
    """Overrange the meter's inputs."""
    world.meters[place].overrange = True


def reboot_agent(world: World, place: str, size: float) -> None:
    """Let the agent be silent for `size` s, then count from zero."""
    wire = world.wires[place]
    wire.silent = True

    def back() -> None:
        wire.silent, wire.booted = False, world.now
        for port in world.physics.switches[place].ports.values() if place in world.physics.switches else ():
            port.received = port.sent = port.damaged = 0.0

    world.later(size, back)


def choose_range(world: World, place: str, size: float) -> None:
    """Set the meter to the current range `size` A: far larger than what it measures."""
    world.meters[place].current_range = size


def lose_calibration(world: World, place: str, size: float) -> None:
    """Let the meter's power read the share `size` too much, which nothing but a calibration can tell."""
    for n in (1, 2, 3):
        world.sensors.scale(f"{place}/{n}/p", 1.0 + size)
