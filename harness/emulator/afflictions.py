"""What each fault does to the rack: one function each, taking the world, the place and the size.

Each changes the physics or the wire; what then answers differently follows from that.
"""

from harness.emulator.network import Port
from harness.emulator.power import Shelf
from harness.emulator.trays import ComputeTray, Gpu
from harness.emulator.world import LogEntry, World

OTHER_VERSION = "0.0.0-other"
DEFAULT_LOGIN = ("root", "0penBmc")
"""OpenBMC's published default user and password."""


def _tray(world: World, place: str) -> ComputeTray:
    return world.physics.trays[place]


def _all_gpus(world: World) -> list[Gpu]:
    return [gpu for tray in world.physics.trays.values() for gpu in tray.gpus]


def _shelf(world: World, place: str) -> Shelf:
    return next(shelf for shelf in world.physics.power.shelves if shelf.name == place)


def _port(world: World, place: str, number: float) -> Port:
    return world.physics.switches[place].ports[f"Ethernet{number:.0f}"]


# inventory and management


def refuse_bmc(world: World, place: str, _size: float) -> None:
    """Close the BMC's listener."""
    world.wires[f"{place}_bmc"].refused = True


def change_serial(world: World, place: str, _size: float) -> None:
    """Put another tray into the slot."""
    world.serials[place] = f"{world.serials[place][:2]}99999999"


def change_firmware(world: World, place: str, _size: float) -> None:
    """Let the BMC report another version; a switch tray's is of two numbers, as IPMI has it."""
    world.firmware[f"{place}_bmc"] = OTHER_VERSION if place in world.physics.trays else "9.99"


def remove_gpu(world: World, place: str, size: float) -> None:
    """Let a GPU fall off the bus."""
    _tray(world, place).gpus[int(size)].present = False


def shift_clock(world: World, place: str, size: float) -> None:
    """Set the BMC's clock wrong by `size` s."""
    world.clock_errors[f"{place}_bmc"] = size


def lose_sensor(world: World, place: str, _size: float) -> None:
    """Let a temperature sensor have no value."""
    world.sensors.lose(f"{place}_bmc/CPU_1_TEMP")


def freeze_sensor(world: World, place: str, _size: float) -> None:
    """Let a temperature sensor keep its value."""
    world.sensors.freeze(f"{place}_bmc/GPU_0_TEMP")


def log_critical(world: World, place: str, _size: float) -> None:
    """Let the BMC log a critical event, in the words of its kind."""
    device = f"{place}_bmc"
    compute = place in world.physics.trays
    severity = "Critical" if compute else "Upper Critical going high"
    message = "xyz.openbmc_project.Sensor.Threshold.Error.CriticalHigh" if compute else "Temperature ASIC_0_TEMP"
    world.logs.setdefault(device, []).append(LogEntry(world.unix(device), severity, message))


def leave_password(world: World, place: str, _size: float) -> None:
    """Let the BMC accept the default password."""
    world.passwords[f"{place}_bmc"] = DEFAULT_LOGIN


# power


def never_idle(world: World, place: str, size: float) -> None:
    """Keep the GPUs of a tray at the load `size`."""
    _tray(world, place).least_load = size


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
    _tray(world, place).gpus[2].blockage *= size


def freeze_return(world: World, _place: str, _size: float) -> None:
    """Let the return sensor keep its value."""
    world.sensors.freeze("cdu/return")


# network


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


# compute


def slow_gpu(world: World, place: str, size: float) -> None:
    """Let GPU 1 do the share `size` of the work per clock."""
    _tray(world, place).gpus[1].work_per_clock = size


def throttle_gpu(world: World, place: str, _size: float) -> None:
    """Let the thermal slowdown of GPU 3 act whenever it works."""
    _tray(world, place).gpus[3].slowdown_stuck = True


def spoil_memory(world: World, place: str, size: float) -> None:
    """Let GPU 0 count `size` uncorrected errors."""
    _tray(world, place).gpus[0].ecc_errors += int(size)


def log_xid(world: World, place: str, size: float) -> None:
    """Let the kernel log an Xid."""
    text = f"NVRM: Xid (PCI:0009:01:00): {size:.0f}, pid=4201, name=gpu_burn, GPU has fallen off the bus."
    world.kernel_logs.setdefault(f"{place}_host", []).append((world.now, text))


def raise_leakage(world: World, _place: str, size: float) -> None:
    """Let all GPUs draw the share `size` more at load."""
    for gpu in _all_gpus(world):
        gpu.excess = size


def swing_power(world: World, _place: str, size: float) -> None:
    """Let the power of all GPUs swing in step by the share `size` either way."""
    for gpu in _all_gpus(world):
        gpu.swing = size


def stick_cap(world: World, _place: str, size: float) -> None:
    """Hold all GPUs at the share `size` of full power."""
    for gpu in _all_gpus(world):
        gpu.cap_w = gpu.figures.full_w * size


def drop_load(world: World, place: str, _size: float) -> None:
    """Let the workload that runs on the tray, or the next one, die."""
    world.doomed.add(place)


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
