"""Hosts with NVIDIA GPUs: what Linux tells, and nvidia-smi's query interface."""

import csv
import re
from collections.abc import Callable, Iterator
from typing import ClassVar

from drivers.errors import Garbled, NoReading, WrongDevice
from drivers.hosts import nvidia_tools
from drivers.hosts.linux import LinuxHost
from drivers.hosts.tools import kernel_log
from drivers.items import item
from drivers.points import Identity, Item, Point, Value
from drivers.protocols import Kind
from drivers.ssh import Completed

FIELDS = (
    "index",
    "serial",
    "name",
    "temperature.gpu",
    "power.draw",
    "clocks.sm",
    "memory.total",
    "ecc.errors.uncorrected.volatile.total",
)
THROTTLE = ("hw_slowdown", "hw_thermal_slowdown", "sw_thermal_slowdown", "hw_power_brake_slowdown")
"""Reasons that slow the clock for protection, without the prefix `clocks_throttle_reasons.`."""

_QUERIED = (*FIELDS, *(f"clocks_throttle_reasons.{reason}" for reason in THROTTLE))
SMI = f"nvidia-smi --query-gpu={','.join(_QUERIED)} --format=csv,nounits"
DMESG = "dmesg"
_HEADER_UNITS = {"power.draw": "W", "clocks.sm": "MHz", "memory.total": "MiB"}
_NONE = frozenset(
    {"[N/A]", "N/A", "[Not Supported]", "[Unknown Error]", "[GPU requires reset]", "[Insufficient Permissions]"}
)


def gpus(completed: Completed) -> list[dict[str, str]]:
    """Read the table: one dict of field and text for each GPU. Raises DeviceRefused, Garbled.

    "No devices were found" is a table without rows, whatever the status.
    """
    if "no devices were found" in f"{completed.stdout}{completed.stderr}".lower():
        return []
    try:
        rows = [[c.strip() for c in row] for row in csv.reader(completed.checked().splitlines(), strict=True) if row]
    except csv.Error as error:
        raise Garbled(f"not CSV: {error}", received=completed.stdout) from None
    if not rows or any(len(row) != len(_QUERIED) for row in rows):
        raise Garbled(f"not a table of {len(_QUERIED)} columns", received=completed.stdout)
    _check_header(rows[0])
    return [dict(zip(_QUERIED, row, strict=True)) for row in rows[1:]]


def _check_header(row: list[str]) -> None:
    if row[0] != "index":
        raise Garbled("no header", received=", ".join(row))
    for name, unit in _HEADER_UNITS.items():
        stated = re.search(r"\[(\w+)\]$", row[_QUERIED.index(name)])
        if stated and stated[1] != unit:
            raise Garbled(f"{name} in {stated[1]}, not in {unit}", received=", ".join(row))


def _each(field: str, read: Callable[[str], Value]) -> Callable[[Completed], Iterator[Item]]:
    def decode(completed: Completed) -> Iterator[Item]:
        for gpu in gpus(completed):
            yield item(lambda raw: read(_present(raw)), gpu[field], gpu[field], key=gpu["index"])

    return decode


def _present(raw: str) -> str:
    if raw in _NONE or not raw:
        raise NoReading(raw or "an empty field", received=raw)
    return raw


def _number(factor: float = 1.0) -> Callable[[str], float]:
    def read(raw: str) -> float:
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", raw, re.ASCII):
            raise Garbled("not a number", received=raw)
        return float(raw) * factor

    return read


def _throttle(completed: Completed) -> Iterator[Item]:
    for gpu in gpus(completed):
        states = {reason: gpu[f"clocks_throttle_reasons.{reason}"] for reason in THROTTLE}
        yield item(_reasons, states, ", ".join(states.values()), key=gpu["index"])


def _reasons(states: dict[str, str]) -> str:
    for state in states.values():
        if _present(state) not in ("Active", "Not Active"):
            raise Garbled("neither Active nor Not Active", received=state)
    return ",".join(reason for reason, state in states.items() if state == "Active")


def _gpu_count(completed: Completed) -> Item:
    count = len(gpus(completed))
    return Item(count, completed.stdout.strip() if count == 0 else str(count))


def _xids(completed: Completed) -> Item:
    """Count the Xid errors that the kernel still remembers; `raw` has their lines."""
    lines = kernel_log.xid_lines(completed.checked().encode())
    return Item(len(lines), "\n".join(lines))


class NvidiaHost(LinuxHost):
    """A Linux host with NVIDIA GPUs, read by nvidia-smi."""

    model: ClassVar[str] = "nvidia-host"
    kind: ClassVar[Kind] = "gpu_host"
    source: ClassVar[str] = "nvidia-smi --help-query-gpu, NVIDIA Xid errors r580, proc(5)"

    gpu_count = Point(SMI, "1", "GPUs that the driver sees.", _gpu_count)
    gpu_serial = Point(SMI, None, "Serial number of the board.", _each("serial", str), name="gpu[].serial")
    gpu_model = Point(SMI, None, "Model.", _each("name", str), name="gpu[].model")
    gpu_temperature = Point(
        SMI, "degC", "Temperature of the core.", _each("temperature.gpu", _number()), name="gpu[].temperature"
    )
    gpu_power = Point(SMI, "W", "Power of the board.", _each("power.draw", _number()), name="gpu[].power")
    gpu_sm_clock = Point(
        SMI, "Hz", "Clock of the multiprocessors.", _each("clocks.sm", _number(1e6)), name="gpu[].sm_clock"
    )
    gpu_memory = Point(SMI, "B", "Memory.", _each("memory.total", _number(2.0**20)), name="gpu[].memory_total")
    gpu_ecc = Point(
        SMI,
        "1",
        "Uncorrected memory errors since the driver was loaded.",
        _each("ecc.errors.uncorrected.volatile.total", _number()),
        name="gpu[].ecc_uncorrected",
    )
    gpu_throttle = Point(SMI, None, "Reasons that slow the clock for protection.", _throttle, name="gpu[].throttle")
    xid_errors = Point(DMESG, "1", "Xid errors in the kernel's log.", _xids)
    accelerator_errors = Point(DMESG, "1", "Xid errors in the kernel's log, by the name of any maker.", _xids)

    @classmethod
    def points(cls) -> dict[str, Point]:
        """Return the points of a Linux host and of its GPUs, by name; no I/O."""
        return super().points() | {point.name: point for point in nvidia_tools.POINTS}

    def identify(self) -> Identity:
        """Ask as a Linux host, and for nvidia-smi. Raises WrongDevice where it is not installed."""
        identity = super().identify()
        found: Completed = self.transport.ask([SMI])[SMI]
        if found.status == 127:  # POSIX: the shell has not found the command
            raise WrongDevice("no nvidia-smi there", address=self.address, sent=SMI, received=found.stderr)
        return identity
