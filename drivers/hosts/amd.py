"""Hosts with AMD GPUs: what Linux tells, and amd-smi."""

from typing import Any, ClassVar

from drivers.errors import WrongDevice
from drivers.hosts.figure_point import FigurePoint
from drivers.hosts.linux import LinuxHost
from drivers.hosts.linux_tools import DMESG
from drivers.hosts.tools import amd_smi, kernel_log
from drivers.points import Identity, Point
from drivers.protocols import Kind
from drivers.ssh import Completed

METRIC, STATIC = "amd-smi metric --json", "amd-smi static --json"


def _gpu(query: str, quantity: str, unit: str | None, doc: str) -> Point:
    return FigurePoint(query, amd_smi.parse, unit, doc, name=f"gpu[].{quantity}")


_POINTS: tuple[Point, ...] = (
    FigurePoint(STATIC, amd_smi.parse, "1", "GPUs that the driver sees.", name="gpu_count"),
    _gpu(STATIC, "serial", None, "Serial number of the board."),
    _gpu(STATIC, "chip_serial", None, "Serial number of the chip."),
    _gpu(STATIC, "model", None, "Model."),
    _gpu(STATIC, "uuid", None, "Identifier of the GPU."),
    _gpu(STATIC, "bus_id", None, "Place on the PCI buses."),
    _gpu(STATIC, "firmware", None, "Version of the VBIOS."),
    _gpu(STATIC, "driver_version", None, "Version of the driver."),
    _gpu(STATIC, "power_limit", "W", "Power limit in force."),
    _gpu(STATIC, "max_power_limit", "W", "Highest power limit."),
    _gpu(METRIC, "temperature", "degC", "Temperature of the hottest spot of the core."),
    _gpu(METRIC, "memory_temperature", "degC", "Temperature of the memory."),
    _gpu(METRIC, "power", "W", "Power of the socket."),
    _gpu(METRIC, "sm_clock", "Hz", "Clock of the compute units."),
    _gpu(METRIC, "memory_total", "B", "Memory."),
    _gpu(METRIC, "memory_used", "B", "Memory in use."),
    _gpu(METRIC, "utilization", "%", "Share of time in which the GPU worked."),
    _gpu(METRIC, "ecc_corrected", "1", "Corrected errors since the driver was loaded."),
    _gpu(METRIC, "ecc_uncorrected", "1", "Uncorrected errors since the driver was loaded."),
    _gpu(METRIC, "throttle", None, "Reasons that slow the clock for protection."),
    _gpu(METRIC, "link_width", "1", "Lanes of PCIe in use."),
    _gpu(METRIC, "link_speed", "bit/s", "Speed of one lane of PCIe, before coding."),
    _gpu(METRIC, "link_replays", "1", "Replays on PCIe."),
    FigurePoint(
        DMESG,
        kernel_log.parse,
        "1",
        "Errors of amdgpu in the kernel's log.",
        name="accelerator_errors",
        figure="amdgpu_errors",
    ),
)


class AmdHost(LinuxHost):
    """A Linux host with AMD GPUs, read by amd-smi."""

    model: ClassVar[str] = "amd-host"
    kind: ClassVar[Kind] = "gpu_host"
    source: ClassVar[str] = "AMD SMI CLI tool of ROCm 5.7 to 7.1 (rocm.docs.amd.com/projects/amdsmi), proc(5)"

    @classmethod
    def points(cls) -> dict[str, Point]:
        """Return the points of a Linux host and of its GPUs, by name; no I/O."""
        return super().points() | {point.name: point for point in _POINTS}

    def identify(self) -> Identity:
        """Ask as a Linux host, and for amd-smi. Raises WrongDevice where it is not installed."""
        identity = super().identify()
        found: Completed = self._version()
        if found.status == 127:  # POSIX: the shell has not found the command
            raise WrongDevice("no amd-smi there", address=self.address, sent=found.command, received=found.stderr)
        return identity

    def _version(self) -> Any:
        return self.transport.ask(["amd-smi version"])["amd-smi version"]
