"""The kernel's log, from `dmesg` (plain, `-T`, `-x`, `--time-format iso`) or `journalctl -k` (short forms).

Source: the messages of Linux 5.4 to 6.x (mm/oom_kill.c, block/blk-core.c, drivers/edac, drivers/pci/pcie/aer.c,
arch/x86/kernel/cpu/mce, drivers/firmware/efi/cper.c), of NVIDIA's driver and of NVSwitch's (`NVRM: Xid`, `SXid`),
recalled but for those of NVIDIA. A log may have lost its oldest lines: none in it is not none ever.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from drivers.errors import Garbled
from drivers.hosts.tools.sheet import Sheet, key, lines
from drivers.hosts.tools.xids import meaning
from drivers.parsed import Figure, Parsed

XID = re.compile(r"NVRM: Xid \((?:PCI:)?([0-9A-Fa-f:.]+)\): (\d{1,6})\b(.*)", re.ASCII)
_SXID = re.compile(r"\bSXid \(PCI:([0-9A-Fa-f:.]+)\): (\d{1,6}), (.*)", re.ASCII)
_STAMPED = re.compile(
    r"(?:<\d+>|\w+ *: *\w+ *: *)?"
    r"(?:\[ *\d+\.\d+\]|\[?\w{3} \w{3} +\d+ [\d:.]{8,15} \d{4}\]"
    r"|\w{3} +\d+ [\d:.]{8,15} |\d{4}-\d\d-\d\d[T ][\d:.,]{8,15})"
)
_NAMED_KERNEL = re.compile(r"(?:\S+ ){0,6}\S* ?kernel: ")

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sxid", re.compile(r"\bSXid \(PCI:")),
    ("nvidia", re.compile(r"NVRM: (?:GPU .* has fallen off the bus|.*RmInitAdapter failed)")),
    (
        "amdgpu",
        re.compile(r"amdgpu.*(?:\*ERROR\*|GPU reset begin|ring \S+ timeout|uncorrectable hardware error|RAS.*poison)"),
    ),
    (
        "machine_check_uncorrected",
        re.compile(r"\[Hardware Error\]: (?:event severity: (?:fatal|recoverable)|.*\bUC\b)"),
    ),
    ("machine_check_uncorrected", re.compile(r"(?:Uncorrected hardware memory error|Machine check: .*[Ff]atal)")),
    (
        "machine_check",
        re.compile(r"(?:Machine check events logged|mce: \[Hardware Error\]: CPU|event severity: corrected)"),
    ),
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

COUNTED = ("xid", *dict.fromkeys(kind for kind, _ in _KINDS))


@dataclass
class _Kind:
    count: int = 0
    first: str = ""


def parse(output: bytes) -> Parsed:
    """Read a log. Raises Garbled where there is none, an empty one included. `bad` where it tells of failures."""
    kinds, xids, stamped, said = {kind: _Kind() for kind in COUNTED}, dict[tuple[str, int], _Kind](), 0, 0
    for line in lines(output):
        if not line.strip():
            continue
        said += 1
        stamped += bool(_STAMPED.match(line) or _NAMED_KERNEL.match(line))
        for kind in _of(line):
            _note(kinds[kind], line)
        if found := XID.search(line):
            _note(xids.setdefault((found[1], int(found[2])), _Kind()), line)
    if not stamped or stamped * 2 < said:
        raise Garbled("no log of a kernel", received=output[:300].decode("utf-8", "replace"))
    return _told(kinds, xids)


def _of(line: str) -> Iterator[str]:
    if "NVRM: Xid" in line and XID.search(line):
        yield "xid"
        return
    kind = next((kind for kind, pattern in _KINDS if pattern.search(line)), None)
    if kind:
        yield kind


def _note(kind: _Kind, line: str) -> None:
    kind.count += 1
    kind.first = kind.first or line[:200]


def _told(kinds: dict[str, _Kind], xids: dict[tuple[str, int], _Kind]) -> Parsed:
    sheet, reasons = Sheet(), list[str]()
    for name, kind in kinds.items():
        sheet.put(Figure(f"{name}_errors" if name != "link_down" else "link_downs", kind.count, "1", kind.first))
        if kind.count and name != "xid" and name not in _HARMLESS:
            reasons.append(f"{name}, {kind.count} times: {kind.first}")
    for (where, number), kind in xids.items():
        what, gravity = meaning(number)
        scope = f"xid[{key(where)} {number}]"
        sheet.put(Figure(f"{scope}.count", kind.count, "1", kind.first))
        sheet.put(Figure(f"{scope}.meaning", what, None, kind.first))
        sheet.put(Figure(f"{scope}.gravity", gravity, None, kind.first))
        reasons.append(f"Xid {number} of {where}, {kind.count} times: {what} ({gravity})")
    return sheet.parsed("kernel-log", reasons)


def xid_lines(output: bytes) -> list[str]:
    """Return the lines that tell of an Xid. Raises Garbled as `parse` does."""
    parse(output)
    return [line for line in lines(output) if XID.search(line)]


def fabric_faults(output: bytes) -> list[tuple[str, int, str]]:
    """Return switch, SXid number and text of every error of an NVSwitch in a log."""
    return [(f[1], int(f[2]), f[3]) for line in lines(output) if (f := _SXID.search(line))]
