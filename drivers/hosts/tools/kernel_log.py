"""The kernel's log, from `dmesg` (plain, `-T`, `-x`, `--time-format iso`) or `journalctl -k` (short forms).

Source: the messages of Linux 5.4 to 6.x (mm/oom_kill.c, block/blk-core.c, drivers/edac, drivers/pci/pcie/aer.c,
arch/x86/kernel/cpu/mce, drivers/firmware/efi/cper.c), of NVIDIA's driver and of NVSwitch's (`NVRM: Xid`, `SXid`),
recalled but for those of NVIDIA. A log may have lost its oldest lines: none in it is not none ever.
"""

import re
from dataclasses import dataclass, field

from drivers.errors import Garbled
from drivers.hosts.tools.sheet import Sheet, key, lines
from drivers.hosts.tools.xids import meaning
from drivers.parsed import Figure, Parsed

XID = re.compile(r"NVRM: Xid \((?:PCI:)?([0-9A-Fa-f:.]+)\): (\d{1,6})\b(.*)", re.ASCII)
_SXID = re.compile(r"\bSXid \(PCI:([0-9A-Fa-f:.]+)\): (\d{1,6}), (.*)", re.ASCII)
_RECOVERED = re.compile(r"to 0x0 \(None\)")
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_STAMPED = re.compile(
    r"(?:<\d+>|\w+ *: *\w+ *: *)?"
    r"(?:\[ *\d+\.\d+\]|\[?\w{3} \w{3} +\d+ [\d:.]{8,15} \d{4}\]"
    r"|\w{3} +\d+ [\d:.]{8,15} |\[?\d{4}-\d\d-\d\d[T ][\d:.,]{8,15})"
)
_NAMED_KERNEL = re.compile(r"(?:\S+ ){0,6}\S* ?kernel: ")

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sxid", re.compile(r"\bSXid \(PCI:")),
    ("nvidia", re.compile(r"NVRM: (?:Xid|GPU .* has fallen off the bus|.*RmInitAdapter failed)")),
    (
        "amdgpu",
        re.compile(r"amdgpu.*(?:\*ERROR\*|GPU reset begin|ring \S+ timeout|uncorrectable hardware error|RAS.*poison)"),
    ),
    (
        "machine_check_uncorrected",
        re.compile(r"\[Hardware Error\]: (?:event severity: (?:fatal|recoverable)|.*\b(?:UC|Uncorrected|Deferred)\b)"),
    ),
    ("machine_check_uncorrected", re.compile(r"(?:Uncorrected hardware memory error|Machine check: .*[Ff]atal)")),
    ("machine_check", re.compile(r"Machine check events logged|mce: \[Hardware Error\]: CPU")),
    ("machine_check", re.compile(r"event severity: corrected|\[Hardware Error\]: Corrected")),
    ("memory_uncorrected", re.compile(r"\bEDAC\b.*(?:\b\d+ UE\b|\bUE (?:memory|row|page)|Uncorrected)")),
    ("memory_corrected", re.compile(r"\bEDAC\b.*(?:\b\d+ CE\b|\bCE (?:memory|row|page)|Corrected)")),
    ("pcie_uncorrected", re.compile(r"severity=Uncorrect|AER: (?:Multiple )?Uncorrect|Uncorrectable \(.*\) error")),
    ("pcie_corrected", re.compile(r"severity=Correct|AER: (?:Multiple )?Correct(?:ed|able)")),
    ("io", re.compile(r"(?:\bI/O error, dev |Buffer I/O error|critical (?:medium|target|space) error, dev )")),
    (
        "io",
        re.compile(r"nvme\d*.*(?:timeout, (?:aborting|reset|disable)|controller is down|Device not ready)|task abort:"),
    ),
    ("out_of_memory", re.compile(r"Out of memory:|oom-kill:|Memory cgroup out of memory")),
    ("panic", re.compile(r"Kernel panic|\bOops\b|\bBUG: |general protection fault")),
    ("hang", re.compile(r"soft lockup|hard LOCKUP|blocked for more than \d+ seconds|rcu.*detected stalls")),
    ("thermal", re.compile(r"(?:temperature above threshold, cpu clock throttled|critical temperature reached)")),
    ("link_down", re.compile(r"(?:\bLink (?:is )?[Dd]own\b|NIC Link is Down)")),
)
_HARMLESS = frozenset(("machine_check", "memory_corrected", "pcie_corrected", "link_down"))
"""Counted; a limit may judge them. The others are wrong by themselves."""

_RECOVERY = 154
"""Tells of every change of what the driver asks for, also back to nothing."""

COUNTED = ("xid", *dict.fromkeys(kind for kind, _ in _KINDS))


@dataclass
class _Kind:
    count: int = 0
    first: str = ""
    last: str = ""

    def note(self, line: str) -> None:
        self.count += 1
        self.first = self.first or line[:200]
        self.last = line[:200]


@dataclass
class _Log:
    """What the lines of a log came to: kinds of trouble, and the numbered events of GPUs and NVSwitches."""

    kinds: dict[str, _Kind] = field(default_factory=lambda: {kind: _Kind() for kind in COUNTED})
    events: dict[tuple[str, str, int], _Kind] = field(default_factory=dict)
    said: int = 0
    stamped: int = 0

    def take(self, raw: str) -> None:
        line = _COLOUR.sub("", raw) if "\x1b" in raw else raw
        self.said += 1
        self.stamped += bool(_STAMPED.match(line) or _NAMED_KERNEL.match(line))
        for name, pattern in (("xid", XID), ("sxid", _SXID)):
            if found := pattern.search(line):
                self.kinds[name].note(line)
                self.events.setdefault((name, found[1], int(found[2])), _Kind()).note(line)
                return
        kind = next((kind for kind, pattern in _KINDS if pattern.search(line)), None)
        if kind:
            self.kinds[kind].note(line)


def parse(output: bytes) -> Parsed:
    """Read a log. Raises Garbled where there is none, an empty one included. `bad` where it tells of failures.

    What is counted are lines: the kernel tells of some errors in several.
    """
    log = _Log()
    for line in lines(output):
        if line.strip():
            log.take(line)
    if not log.stamped or log.stamped * 2 < log.said:
        raise Garbled("no log of a kernel", received=output[:300].decode("utf-8", "replace"))
    return _told(log)


def _told(log: _Log) -> Parsed:
    sheet, reasons = Sheet(), list[str]()
    for name, kind in log.kinds.items():
        sheet.put(Figure(f"{name}_errors" if name != "link_down" else "link_downs", kind.count, "1", kind.first))
        if kind.count and name not in _HARMLESS | {"xid"}:
            reasons.append(f"{name}, {kind.count} times: {kind.first}")
    for (name, where, number), kind in log.events.items():
        what, gravity = _meaning(name, number, kind.last)
        scope = f"{name}[{key(where)} {number}]"
        sheet.put(Figure(f"{scope}.count", kind.count, "1", kind.first))
        sheet.put(Figure(f"{scope}.meaning", what, None, kind.first))
        sheet.put(Figure(f"{scope}.gravity", gravity, None, kind.last))
        if name == "xid":
            reasons.append(f"Xid {number} of {where}, {kind.count} times: {what} ({gravity})")
    return sheet.parsed("kernel-log", reasons)


def _meaning(name: str, number: int, line: str) -> tuple[str, str]:
    """Return what an event means and how grave it is; an NVSwitch says both itself."""
    if name == "xid":
        what, gravity = meaning(number)
        return what, "warning" if number == _RECOVERY and _RECOVERED.search(line) else gravity
    found = _SXID.search(line)
    grave, _, what = found[3].partition(", ") if found else ("", "", "")
    return what[:100] or "not told", {"Fatal": "fatal", "Non-fatal": "error"}.get(grave, "unknown")


def xid_lines(output: bytes) -> list[str]:
    """Return the lines that tell of an Xid. Raises Garbled as `parse` does."""
    parse(output)
    return [line for line in lines(output) if XID.search(line)]
