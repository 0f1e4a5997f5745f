"""What faults do to the rack's power and cooling.

One function each, taking the world, the place and the size; what then answers differently follows from that.
"""

from harness.emulator.power import Shelf
from harness.emulator.trays import Gpu
from harness.emulator.world import World


def _all_gpus(world: World) -> list[Gpu]:
    return [gpu for tray in world.physics.trays.values() for gpu in tray.gpus]


def _shelf(world: World, place: str) -> Shelf:
    return next(shelf for shelf in world.physics.power.shelves if shelf.name == place)


def never_idle(world: World, place: str, size: float) -> None:
    """Keep the GPUs of a tray at the load `size`."""
    world.physics.trays[place].least_load = size


def unlock_boost(world: World, _place: str, size: float) -> None:
    """Let all GPUs exceed clock and power by the share `size`."""
    for gpu in _all_gpus(world):
        f = gpu.figures
        # the clock that takes (1 + size) of full power, and at the same supply does so much more work
        dynamic = (f.full_w * (1.0 + size) - f.idle_w) / (f.full_w - f.idle_w)
        gpu.boost = dynamic ** (1.0 / f.clock_exponent)
        gpu.cap_w = f.full_w * (1.0 + 2.0 * size)


def sag_psu(world: World, place: str, size: float) -> None:
    """Let PSU 4 carry the share `size` less than its peers."""
    _shelf(world, place).psus[3].share *= 1.0 - size


def lose_more(world: World, place: str, size: float) -> None:
    """Take `size` off the shelf's efficiency."""
    _shelf(world, place).lost = size


def lower_bus(world: World, _place: str, size: float) -> None:
    """Set every shelf to `size` V."""
    change = size - world.generation.bus.setpoint_v
    for shelf in world.physics.power.shelves:
        shelf.setpoint += change


def bias_shelf(world: World, place: str, size: float) -> None:
    """Let a shelf's or PDU's own input meters read the share `size` too much."""
    if place not in {shelf.name for shelf in world.physics.power.shelves}:
        for name in ("power", "energy", *(f"phase{n}/power" for n in (1, 2, 3))):
            world.sensors.scale(f"{place}/{name}", 1.0 + size)
        return
    psus = range(1, len(_shelf(world, place).psus) + 1)
    for name in ("input_power", "input_energy", *(f"psu{n}/input_power" for n in psus)):
        world.sensors.scale(f"{place}/{name}", 1.0 + size)


def bias_boards(world: World, _place: str, size: float) -> None:
    """Let every tray's own power sensor read the share `size` too much."""
    for slot in (*world.physics.trays, *world.physics.switch_trays):
        world.sensors.scale(f"{slot}_bmc/TOTAL_POWER", 1.0 + size)


def degrade_pfc(world: World, place: str, size: float) -> None:
    """Set the shelf's power factor to `size`."""
    _shelf(world, place).power_factor = size


def unbalance(world: World, place: str, size: float) -> None:
    """Let phase 1 carry the share `size` more; the total stays."""
    feed = next(feed for feed in world.physics.power.feeds if feed.name == place)
    first = feed.shares[0] * (1.0 + size)
    rest = (1.0 - first) / (1.0 - feed.shares[0])
    feed.shares = [first, feed.shares[1] * rest, feed.shares[2] * rest]


def slow_register(world: World, place: str, size: float) -> None:
    """Let the energy register count the share `size` too little."""
    _shelf(world, place).register_rate = 1.0 - size


def kill_psu(world: World, place: str, _size: float) -> None:
    """Let PSU 3 give nothing."""
    _shelf(world, place).psus[2].alive = False


def oscillate_psu(world: World, place: str, size: float) -> None:
    """Let the output of PSU 3 come and go by the share `size`; its peers make up for it."""
    _shelf(world, place).psus[2].ripple = size


def share_badly(world: World, place: str, size: float) -> None:
    """Set the shelf `size` V above the others: it takes more than its part."""
    _shelf(world, place).setpoint += size


def open_breaker(world: World, place: str, _size: float) -> None:
    """Take the mains off the shelf."""
    _shelf(world, place).alive = False


def open_breaker_on_surge(world: World, place: str, _size: float) -> None:
    """Let the surge of the first load be too much for the shelf's breaker."""
    world.surges.append(lambda: open_breaker(world, place, 0.0))


def lose_feed(world: World, place: str, _size: float) -> None:
    """Take the mains off everything on a feed."""
    for shelf in world.physics.power.shelves:
        shelf.alive = shelf.alive and shelf.feed != place
    next(feed for feed in world.physics.power.feeds if feed.name == place).alive = False


def reset_register(world: World, place: str, _size: float) -> None:
    """Set the energy register to zero."""
    _shelf(world, place).energy = 0.0


def wrap_register(world: World, place: str, size: float) -> None:
    """Let the energy register begin again at `size` Wh."""
    _shelf(world, place).energy %= size


# cooling


def warm_inlet(world: World, _place: str, size: float) -> None:
    """Supply coolant `size` K warmer."""
    world.physics.loop.supply += size


def weaken_pumps(world: World, _place: str, size: float) -> None:
    """Take the share `size` off the flow."""
    world.physics.loop.pumping *= 1.0 - size


def bias_flow(world: World, _place: str, size: float) -> None:
    """Let the flow sensor read the share `size` too much."""
    world.sensors.scale("cdu/flow", 1.0 + size)


def leak(world: World, _place: str, _size: float) -> None:
    """Let coolant out."""
    world.physics.loop.wet = True


def block_cold_plate(world: World, place: str, size: float) -> None:
    """Raise the thermal resistance of GPU 2 by the factor `size`."""
    world.physics.trays[place].gpus[2].blockage *= size


def freeze_return(world: World, _place: str, _size: float) -> None:
    """Let the return sensor keep its value."""
    world.sensors.freeze("cdu/return")


def swap_hoses(world: World, _place: str, size: float) -> None:
    """Connect supply and return the wrong way round: cold plates work `size` times as badly against the flow."""
    world.physics.loop.swapped = True
    for gpu in _all_gpus(world):
        gpu.blockage *= size


def let_air_in(world: World, _place: str, size: float) -> None:
    """Let bubbles make the flow come and go by the share `size`."""
    world.physics.loop.bubbles = size
