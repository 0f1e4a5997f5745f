"""What faults do to trays: their parts, what manages them, and how their GPUs compute.

One function each, taking the world, the place and the size; what then answers differently follows from that.
"""

from harness.emulator.trays import ComputeTray, Gpu
from harness.emulator.world import LogEntry, World

OTHER_VERSION = "0.0.0-other"
DEFAULT_LOGIN = ("root", "0penBmc")
"""OpenBMC's published default user and password."""

LOG_ROOM = 200
"""Entries that phosphor-logging keeps of what is not an error (ERROR_INFO_CAP, recalled as 200 with errors)."""


def _tray(world: World, place: str) -> ComputeTray:
    return world.physics.trays[place]


def _all_gpus(world: World) -> list[Gpu]:
    return [gpu for tray in world.physics.trays.values() for gpu in tray.gpus]


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


def mix_firmware(world: World, _place: str, _size: float) -> None:
    """Let every second tray's BMC report another version."""
    for place in list(world.physics.trays)[::2]:
        change_firmware(world, place, 0.0)


def fill_log(world: World, place: str, size: float) -> None:
    """Let the BMC have logged `size` harmless events: there is no room for one that matters."""
    device = f"{place}_bmc"
    entry = LogEntry(world.unix(device), "Informational", "xyz.openbmc_project.State.Info.PowerOnEvent")
    world.logs.setdefault(device, []).extend([entry] * int(size))


def reboot_bmc(world: World, place: str, size: float) -> None:
    """Let the BMC be away for `size` s."""
    wire = world.wires[f"{place}_bmc"]
    wire.refused = True

    def back() -> None:
        wire.refused, wire.booted = False, world.now

    world.later(size, back)


def stick_fan(world: World, place: str, size: float) -> None:
    """Let a fan stand still."""
    _tray(world, place).stuck_fans.add(int(size))


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


def lower_clock(world: World, place: str, size: float) -> None:
    """Let GPU 1 run at the share `size` of its clock."""
    _tray(world, place).gpus[1].slow_clock = size


def corrupt_results(world: World, place: str, size: float) -> None:
    """Let a GPU compute wrong results without a word."""
    _tray(world, place).gpus[int(size)].corrupts = True


def ignore_cap(world: World, place: str, size: float) -> None:
    """Let the GPUs of a tray draw `size` times their full power, whatever their cap is."""
    for gpu in _tray(world, place).gpus:
        gpu.cap_w, gpu.excess = 2.0 * gpu.figures.cap_w, size - 1.0
