"""`smartctl -j`: health of one ATA, SCSI or NVMe disk (`-a`, `-x`, `-H`), or the disks that there are (`--scan`).

Source: smartctl(8) 7.x, section "EXIT STATUS" (a bit for each kind of trouble, repeated in the JSON) and json.txt.
Attributes whose raw value packs several numbers are left out: only those that every maker counts plainly are read.
"""

from collections.abc import Callable, Iterator
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.json_output import at, read, shown, table, tables
from drivers.hosts.tools.named import named
from drivers.hosts.tools.nvme import DATA_UNIT, whole
from drivers.hosts.tools.sheet import Sheet, key, number, words, yes_or_no
from drivers.parsed import Figure, Parsed, Verdict
from drivers.points import Value

_BITS = (
    "the command line was not understood",
    "the device could not be opened",
    "a command to the disk failed",
    "the disk says that it is failing",
    "a prefailure attribute is at or below its threshold",
    "an attribute was at or below its threshold in the past",
    "the log of errors has entries",
    "the log of self-tests has failures",
)
_UNSURE = 0b111
_COUNTED = frozenset((5, 184, 187, 196, 197, 198, 199))
_NVME = "nvme_smart_health_information_log"


def _hours(raw: Any) -> int:
    return whole(raw) * 3600


_FIGURES: tuple[tuple[tuple[str, ...], str, Callable[[Any], Value], str | None], ...] = (
    (("model_name",), "model", words, None),
    (("scsi_product",), "model", words, None),
    (("serial_number",), "serial", words, None),
    (("firmware_version",), "firmware", words, None),
    (("scsi_revision",), "firmware", words, None),
    (("device", "name"), "device", words, None),
    (("device", "protocol"), "protocol", words, None),
    (("user_capacity", "bytes"), "capacity", whole, "B"),
    (("smart_status", "passed"), "healthy", yes_or_no, None),
    (("temperature", "current"), "temperature", number, "degC"),
    (("power_on_time", "hours"), "power_on_time", _hours, "s"),
    (("power_cycle_count",), "power_cycles", whole, "1"),
    ((_NVME, "critical_warning"), "critical_warning", whole, "1"),
    ((_NVME, "available_spare"), "available_spare", whole, "%"),
    ((_NVME, "available_spare_threshold"), "available_spare_threshold", whole, "%"),
    ((_NVME, "percentage_used"), "percentage_used", whole, "%"),
    ((_NVME, "data_units_read"), "bytes_read", lambda raw: whole(raw) * DATA_UNIT, "B"),
    ((_NVME, "data_units_written"), "bytes_written", lambda raw: whole(raw) * DATA_UNIT, "B"),
    ((_NVME, "media_errors"), "media_errors", whole, "1"),
    ((_NVME, "num_err_log_entries"), "error_log_entries", whole, "1"),
    ((_NVME, "unsafe_shutdowns"), "unsafe_shutdowns", whole, "1"),
    (("ata_smart_error_log", "summary", "count"), "error_log_entries", whole, "1"),
    (("ata_smart_error_log", "extended", "count"), "error_log_entries", whole, "1"),
    (("scsi_grown_defect_list",), "grown_defects", whole, "1"),
    (("scsi_percentage_used_endurance_indicator",), "percentage_used", whole, "%"),
    *(
        (("scsi_error_counter_log", way, "total_uncorrected_errors"), f"{way}_errors_uncorrected", whole, "1")
        for way in ("read", "write", "verify")
    ),
)


def parse(output: bytes) -> Parsed:
    """Read one disk, or the list of disks. Raises Garbled. `good` where the disk says so and every bit is 0."""
    report = table(read(output))
    about = table(report.get("smartctl"), "output of smartctl")
    sheet = Sheet()
    if isinstance(report.get("devices"), list) or "--scan" in str(about.get("argv")):
        return _scanned(sheet, report, about)
    _disk(sheet, report)
    return sheet.parsed("smartctl", *_judged(sheet, report, about), _version(about))


def disks(output: bytes) -> Parsed:
    """Read an object that has the report of each disk under its name, null where there was none. Raises Garbled."""
    return named(output, "disk", "smartctl", lambda sheet, report, scope: _disk(sheet, report, f"{scope}."))


def _disk(sheet: Sheet, report: dict[str, Any], scope: str = "") -> None:
    for path, name, reader, unit in _FIGURES:
        raw = at(report, *path)
        if raw is not None and sheet.value(f"{scope}{name}") is None:
            sheet.add(f"{scope}{name}", raw, reader, unit)
    if not scope:
        _attributes(sheet, report)


def _scanned(sheet: Sheet, report: dict[str, Any], about: dict[str, Any]) -> Parsed:
    found = tables(report.get("devices", []))
    for device in found:
        name = key(shown(device.get("name")).removeprefix("/dev/"))
        sheet.add(f"disk[{name}].type", device.get("type"))
    sheet.put(Figure("disk_count", len(found), "1", str(len(found))))
    reasons = list(_bits(about))
    return sheet.parsed("smartctl", reasons, version=_version(about))


def _version(about: dict[str, Any]) -> str | None:
    parts = about.get("version")
    return ".".join(map(shown, parts)) if isinstance(parts, list) else None


def _attributes(sheet: Sheet, report: dict[str, Any]) -> None:
    for row in tables(at(report, "ata_smart_attributes", "table") or []):
        number_, name = row.get("id"), shown(row.get("name"))
        if isinstance(number_, int) and number_ in _COUNTED:
            sheet.add(f"attribute[{number_} {key(name)}].count", at(row, "raw", "value"), whole, "1")


def _bits(about: dict[str, Any]) -> Iterator[str]:
    status = about.get("exit_status", 0)
    if isinstance(status, bool) or not isinstance(status, int) or not 0 <= status < 256:
        raise Garbled("not an exit status", received=shown(status))
    yield from (what for bit, what in enumerate(_BITS) if status & 1 << bit)


def _judged(sheet: Sheet, report: dict[str, Any], about: dict[str, Any]) -> tuple[list[str], Verdict]:
    reasons = [*_bits(about), *_complaints(report), *_said(about)]
    healthy, warning = sheet.value("healthy"), sheet.value("critical_warning")
    if healthy is False:
        reasons.append("smart_status.passed: false")
    if warning:
        reasons.append(f"critical_warning: {warning}")
    if healthy is False or warning or about.get("exit_status", 0) & ~_UNSURE or any(_complaints(report)):
        return reasons, "bad"
    if about.get("exit_status", 0) & _UNSURE & ~4:
        return reasons, "bad"
    if healthy is None or about.get("exit_status", 0):
        return [*reasons, "the disk did not say whether it is healthy"] if healthy is None else reasons, "unverified"
    return reasons, "unverified" if reasons else "good"


def _complaints(report: dict[str, Any]) -> Iterator[str]:
    for row in tables(at(report, "ata_smart_attributes", "table") or []):
        if row.get("when_failed") not in (None, "", "-"):
            yield f"attribute {shown(row.get('id'))} {shown(row.get('name'))}: failed {shown(row['when_failed'])}"
    for test in tables(at(report, "ata_smart_self_test_log", "standard", "table") or []):
        if at(test, "status", "passed") is False:
            yield f"self-test: {shown(at(test, 'status', 'string'))}"


def _said(about: dict[str, Any]) -> Iterator[str]:
    for message in tables(about.get("messages", [])):
        if message.get("severity") == "error":
            yield shown(message.get("string"))
