"""Hosts that run Linux, by commands that every distribution has."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from drivers.errors import Garbled, NoReading, WrongDevice
from drivers.hosts import linux_tools
from drivers.points import Identity, Item, Point, Value
from drivers.protocols import Kind
from drivers.ssh import ClockPoint, Completed, SshDevice, Timed

PRODUCT = "cat /sys/class/dmi/id/product_name"
SERIAL = "cat /sys/class/dmi/id/product_serial"
HOSTNAME, KERNEL, CPUS = "hostname", "uname -r", "nproc"
MEMORY, UPTIME = "cat /proc/meminfo", "cat /proc/uptime"
CLOCK = "date -u +%s.%N"


def line(completed: Completed) -> Item:
    """Read one line of text. Raises DeviceRefused, NoReading where it is empty."""
    text = completed.checked().strip()
    if not text:
        raise NoReading("an empty reply", received=completed.stdout)
    if "\n" in text:
        raise Garbled("more than one line", received=completed.stdout)
    return Item(text, text)


def matched(pattern: str, read: Callable[[str], Value]) -> Callable[[Completed], Item]:
    """Return a decoder that reads the first group of a pattern. Raises DeviceRefused, Garbled."""
    compiled = re.compile(pattern, re.ASCII | re.MULTILINE)

    def decode(completed: Completed) -> Item:
        text = completed.checked()
        found = compiled.search(text)
        if not found:
            raise Garbled("not what this command prints", received=text)
        return Item(read(found[1]), found[0].strip())

    return decode


def _kibibytes(text: str) -> int:
    return int(text) * 1024


def _clock(timed: Timed) -> Item:
    completed: Completed = timed.reply
    text = completed.checked().strip()
    found = re.fullmatch(r"(\d{1,11})\.(\d{1,9})", text, re.ASCII)
    if not found:
        raise Garbled("not seconds since 1970", received=text)
    device_time = datetime.fromtimestamp(int(found[1]), UTC)
    return Item(timed.offset_of(device_time.replace(microsecond=int(found[2].ljust(6, "0")[:6]))), text)


class LinuxHost(SshDevice):
    """A host with Linux behind SSH."""

    model: ClassVar[str] = "linux-host"
    kind: ClassVar[Kind] = "host"
    source: ClassVar[str] = "proc(5), sysfs dmi, coreutils; of each tool what drivers/hosts/tools says"

    hostname = Point(HOSTNAME, None, "Name of the host.", line)
    serial = Point(SERIAL, None, "Serial number as the firmware states it.", line)
    kernel = Point(KERNEL, None, "Release of the kernel.", line)
    cpu_count = Point(CPUS, "1", "Processors that may be used.", matched(r"\A\s*(\d{1,6})\s*\Z", int))
    memory_total = Point(MEMORY, "B", "Usable memory.", matched(r"^MemTotal:\s+(\d{1,15}) kB$", _kibibytes))
    uptime = Point(UPTIME, "s", "Time since the boot.", matched(r"\A(\d{1,12}\.\d{1,6}) \d+\.\d+\s*\Z", float))
    clock_offset = ClockPoint(CLOCK, "The host's clock minus ours.", _clock)

    @classmethod
    def points(cls) -> dict[str, Point]:
        """Return the declared points, and those of the tools that a host has, by name; no I/O."""
        return super().points() | {point.name: point for point in linux_tools.POINTS}

    def identify(self) -> Identity:
        """Ask for product, serial and kernel. Raises WrongDevice where there is no Linux."""
        replies = self.transport.ask([PRODUCT, SERIAL, KERNEL, UPTIME])
        kernel: Completed = replies[KERNEL]
        if kernel.status != 0 or replies[UPTIME].status != 0:
            said = kernel.stderr or kernel.stdout
            raise WrongDevice("no Linux behind this shell", address=self.address, sent=KERNEL, received=said)
        product, serial = (_stripped(replies[query]) for query in (PRODUCT, SERIAL))
        raw = "; ".join(part for part in (product, serial, kernel.stdout.strip()) if part)
        return Identity("", product, serial, kernel.stdout.strip(), f"{self.address} {PRODUCT}", raw)


def _stripped(reply: Any) -> str:
    return reply.stdout.strip() if reply.status == 0 else ""
