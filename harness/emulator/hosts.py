"""The hosts of the trays: a Linux with its usual files and programs, and nvidia-smi where there are GPUs."""

from collections.abc import Callable

from harness.emulator.generation import Generation
from harness.emulator.shell import Program, Reply, Shell
from harness.emulator.trays import ComputeTray, Gpu, SwitchTray
from harness.emulator.world import World

HOST_BOOT_S = 7200.0
"""How long every host had been up when the rack was ready, s."""

DMI = "/sys/class/dmi/id"


def gpus(tray: ComputeTray) -> list[tuple[int, Gpu]]:
    """Return the GPUs that the driver finds, with their place on the tray."""
    return [(place, gpu) for place, gpu in enumerate(tray.gpus) if gpu.present]


class Host:
    """What the programs of a host print."""

    def __init__(self, world: World, device: str, slot: str) -> None:
        self.world, self.device, self.slot = world, device, slot

    def product(self) -> str:
        """Return the product's name."""
        wrong = self.world.wires[self.device].wrong_model
        return "EMULATED NX-1\n" if wrong else f"EMULATED {'CT-4' if self.slot.startswith('tray') else 'ST-2'}\n"

    def uptime(self) -> str:
        """Return /proc/uptime."""
        up = HOST_BOOT_S + self.world.now
        return f"{up:.2f} {up * 60:.2f}\n"

    def meminfo(self, total: int) -> str:
        """Return /proc/meminfo of a host with `total` KiB."""
        lines = (("MemTotal", total), ("MemFree", total * 9 // 10), ("MemAvailable", total * 19 // 20))
        return "".join(f"{name + ':':<16}{value:>12} kB\n" for name, value in lines)

    def kernel_log(self, _words: list[str]) -> Reply:
        """Print the kernel's log."""
        boot = [(0.0, f"Linux version {self.world.generation.versions.host_kernel} (emulated)")]
        later = [(HOST_BOOT_S + at, text) for at, text in self.world.kernel_logs.get(self.device, [])]
        return Reply("".join(f"[{at:12.6f}] {text}\n" for at, text in boot + later))

    def date(self, words: list[str]) -> Reply:
        """Print `date -u +%s.%N`."""
        if words != ["-u", "+%s.%N"]:
            return Reply(err="date: invalid option\n", status=1)
        nanoseconds = int(self.world.unix(self.device) * 1e9)
        return Reply(f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09}\n")

    def uname(self, words: list[str]) -> Reply:
        """Print the kernel's release."""
        return Reply(f"{self.world.generation.versions.host_kernel if words == ['-r'] else 'Linux'}\n")

    def files(self, total: int) -> dict[str, Callable[[], str]]:
        """Return the files that can be read."""
        return {
            f"{DMI}/product_name": self.product,
            f"{DMI}/product_serial": lambda: f"{self.world.serials[self.slot]}\n",
            "/proc/meminfo": lambda: self.meminfo(total),
            "/proc/uptime": self.uptime,
            "/etc/os-release": lambda: 'ID=ubuntu\nVERSION_ID="24.04"\nPRETTY_NAME="EMULATED Ubuntu 24.04 LTS"\n',
        }

    def programs(self, cores: int) -> dict[str, Program]:
        """Return the programs that every host has."""
        return {
            "hostname": lambda _: Reply(f"{self.device}\n"),
            "uname": self.uname,
            "nproc": lambda _: Reply(f"{cores}\n"),
            "date": self.date,
            "dmesg": self.kernel_log,
        }


def _active(is_active: bool) -> str:
    return "Active" if is_active else "Not Active"


class NvidiaSmi:
    """nvidia-smi: the query of single fields (`nvidia-smi --help-query-gpu`)."""

    def __init__(self, host: Host, tray: ComputeTray) -> None:
        self.host, self.tray = host, tray

    def __call__(self, words: list[str]) -> Reply:
        """Print `--query-gpu=... --format=csv,nounits`, or the list of GPUs for `-L`."""
        found = gpus(self.tray)
        if not found:
            return Reply("No devices were found\n", status=6)
        if words == ["-L"]:
            return Reply("".join(self._listed(n, gpu) for n, (_, gpu) in enumerate(found)))
        options = dict(word.removeprefix("--").partition("=")[::2] for word in words)
        fields, shape = options.get("query-gpu", "").split(","), options.get("format", "").split(",")
        unknown = [field for field in fields if field not in HEADINGS]
        if unknown or "csv" not in shape:
            return Reply(f'Field "{(unknown or ["format"])[0]}" is not a valid field to query.\n\n', status=2)
        rows = [", ".join(self._field(field, n, place, gpu, shape) for field in fields)
                for n, (place, gpu) in enumerate(found)]  # fmt: skip
        head = [] if "noheader" in shape else [", ".join(HEADINGS[field] for field in fields)]
        return Reply("\n".join(head + rows) + "\n")

    def _listed(self, n: int, gpu: Gpu) -> str:
        return f"GPU {n}: {gpu.figures.name} (UUID: GPU-{gpu.serial}-emulated)\n"

    def _field(self, field: str, n: int, place: int, gpu: Gpu, shape: list[str]) -> str:
        value = self._values(n, place, gpu)[field]
        unit = HEADINGS[field].partition(" [")[2].removesuffix("]")
        return value if "nounits" in shape or not unit else f"{value} {unit}"

    def _values(self, n: int, place: int, gpu: Gpu) -> dict[str, str]:
        sense, key = self.host.world.sense, f"{self.host.device}/gpu{place}"
        temperature = sense(f"{key}/temperature", "gpu_temperature", lambda: gpu.temperature)
        power = sense(f"{key}/power", "gpu_power", lambda: gpu.power)
        return {
            "index": str(n),
            "serial": gpu.serial,
            "name": gpu.figures.name,
            "uuid": f"GPU-{gpu.serial}-emulated",
            "temperature.gpu": f"{temperature:.0f}",
            "power.draw": f"{power:.2f}",
            "clocks.sm": f"{round(gpu.clock / 15) * 15:.0f}",
            "memory.total": str(gpu.figures.memory_mib),
            "ecc.errors.uncorrected.volatile.total": str(gpu.ecc_errors),
            "utilization.gpu": f"{100 * gpu.load:.0f}",
            "clocks_throttle_reasons.hw_slowdown": _active(gpu.slowed),
            "clocks_throttle_reasons.hw_thermal_slowdown": _active(gpu.slowed),
            "clocks_throttle_reasons.sw_thermal_slowdown": _active(False),
            "clocks_throttle_reasons.hw_power_brake_slowdown": _active(False),
        }


HEADINGS = {
    name: name
    for name in (
        "index", "serial", "name", "uuid", "temperature.gpu", "ecc.errors.uncorrected.volatile.total",
        "clocks_throttle_reasons.hw_slowdown", "clocks_throttle_reasons.hw_thermal_slowdown",
        "clocks_throttle_reasons.sw_thermal_slowdown", "clocks_throttle_reasons.hw_power_brake_slowdown",
    )
} | {
    "power.draw": "power.draw [W]",
    "clocks.sm": "clocks.current.sm [MHz]",
    "memory.total": "memory.total [MiB]",
    "utilization.gpu": "utilization.gpu [%]",
}  # fmt: skip
"""The fields that can be asked for, with their heading in the first line."""


def compute_shell(world: World, device: str, tray: ComputeTray) -> Shell:
    """Return the shell of a compute tray's host."""
    host, generation = Host(world, device, tray.slot), world.generation
    programs = host.programs(compute_cores(generation)) | {"nvidia-smi": NvidiaSmi(host, tray)}
    return Shell(programs, host.files(generation.tray.memory_kib), frozenset({"gpu_burn", "stress-ng"}))


def switch_shell(world: World, device: str, tray: SwitchTray) -> Shell:
    """Return the shell of a switch tray's host."""
    host, figures = Host(world, device, tray.slot), world.generation.switch_tray
    return Shell(host.programs(figures.cores), host.files(figures.memory_kib), frozenset({"stress-ng"}))


def compute_cores(generation: Generation) -> int:
    """Return the number of cores that the host of a compute tray sees."""
    return generation.counts.cpus_per_tray * generation.cpu.cores
