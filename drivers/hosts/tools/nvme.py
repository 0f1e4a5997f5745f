"""`nvme list`, `nvme smart-log` and `nvme id-ctrl`, each with `-o json`; the second also as text.

Source: nvme-cli 1.x and 2.x, NVM Express Base Specification 2.0 (5.16.1.3 SMART / Health Information, 5.17.2.1 Identify
Controller). Temperatures are in kelvin, a data unit is a thousand times 512 bytes. nvme-cli 2.9 prints
`critical_warning` as an object, and lists subsystems where it listed devices before.
"""

import re
from collections.abc import Iterator
from typing import Any

from drivers.errors import Garbled, NoReading
from drivers.hosts.tools.json_output import at, read, shown, table, tables
from drivers.hosts.tools.named import named
from drivers.hosts.tools.sheet import Sheet, count, key, lines, number, quantity, times, words
from drivers.parsed import Figure, Parsed

DATA_UNIT = 512_000
_HOURS, _MINUTES = 3600, 60


def kelvin(raw: Any) -> float:
    """Return degC of a temperature in kelvin; 0 stands for no sensor. Raises NoReading, Garbled."""
    found = number(raw)
    if found == 0:
        raise NoReading("0 K: no sensor", received=shown(raw))
    if not 200 <= found <= 500:
        raise Garbled("no temperature in K", received=shown(raw))
    return round(found - 273.15, 2)


def whole(raw: Any) -> int:
    """Return a count that some versions print as 1.2e+06 or as text. Raises NoReading, Garbled."""
    found = number(raw)
    return count(int(found) if isinstance(found, float) and found.is_integer() else found)


def devices(output: bytes) -> Parsed:
    """Read `nvme list`. Raises Garbled. A host without NVMe devices says nothing, or lists none."""
    document = table(read(output))
    if document and "Devices" not in document:
        raise Garbled("no list of NVMe devices", received=", ".join(document)[:200])
    sheet, names = Sheet(), set[str]()
    for name, about in _disks(tables(document.get("Devices", []))):
        names.add(name)
        for name_, member, reader, unit in (
            ("model", "ModelNumber", words, None),
            ("serial", "SerialNumber", words, None),
            ("firmware", "Firmware", words, None),
            ("capacity", "PhysicalSize", whole, "B"),
            ("used", "UsedBytes", whole, "B"),
            ("sector_size", "SectorSize", whole, "B"),
            ("bus_id", "Address", words, None),
        ):
            if member in about:
                sheet.add(f"disk[{key(name)}].{name_}", about[member], reader, unit)
    sheet.put(Figure("disk_count", len(names), "1", ", ".join(sorted(names))[:200]))
    return sheet.parsed("nvme-list")


def _disks(listed: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for device in listed:
        if "DevicePath" in device:
            yield shown(device["DevicePath"]).removeprefix("/dev/"), device
        for subsystem in [device, *tables(device.get("Subsystems", []))]:
            shared = tables(subsystem.get("Namespaces", []))
            for controller in tables(subsystem.get("Controllers", [])):
                for namespace in [*tables(controller.get("Namespaces", [])), *shared]:
                    yield shown(namespace.get("NameSpace", controller.get("Controller"))), controller | namespace


def health(output: bytes) -> Parsed:
    """Read `nvme smart-log`. Raises Garbled. `bad` where a critical warning is set."""
    log, sheet = _of_text(output) if _HEAD in output[:200] else table(read(output)), Sheet()
    if "critical_warning" not in log or not {"percent_used", "avail_spare", "temperature"} & set(log):
        raise Garbled("no health log of NVMe", received=", ".join(log)[:200])
    _log(sheet, log)
    flags = sheet.value("critical_warning")
    return sheet.parsed("nvme-smart", [f"critical_warning: {flags}"] if flags else [])


def _of_text(output: bytes) -> dict[str, Any]:
    """Return the log as JSON would have it, from `Data Units Read : 5,068,041 (2.59 TB)` and `temperature : 38 C`."""
    found: dict[str, Any] = {}
    for line in lines(output):
        name, colon, said = line.partition(":")
        stem = _LONG.get(quantity(name), quantity(name))
        if colon and stem in _TEXT_NAMES:
            figure = _FIGURE.match(said.strip())
            found[stem] = _whole_text(figure[1]) if figure else said.strip()
            if figure and stem.startswith("temperature"):
                found[stem] = _to_kelvin(figure[1], said)
    return found


def _whole_text(figure: str) -> int:
    return int(figure, 16) if figure.startswith("0x") else int(figure.replace(",", ""))


def _to_kelvin(figure: str, said: str) -> Any:
    kelvins = re.search(r"\((\d{3}) K", said, re.ASCII)
    return int(kelvins[1]) if kelvins else int(figure) + 273 if re.search(r"\d\s?°?C\b", said) else said


def healths(output: bytes) -> Parsed:
    """Read an object that has the health log of each controller under its name. Raises Garbled."""
    return named(output, "disk", "nvme-smart", lambda sheet, log, scope: _log(sheet, log, f"{scope}."))


def _log(sheet: Sheet, log: dict[str, Any], scope: str = "") -> None:
    warning = log.get("critical_warning")
    sheet.add(f"{scope}critical_warning", at(warning, "value") if isinstance(warning, dict) else warning, whole, "1")
    for name, unit, factor in _COUNTS:
        if name in log:
            sheet.add(f"{scope}{_NAMES.get(name, name)}", log[name], times(factor, whole), unit)
    for name, raw in log.items():
        if name.startswith("temperature"):
            sheet.add(f"{scope}{name}", raw, kelvin, "degC")


_HEAD = b"Smart Log for NVME device"
_FIGURE = re.compile(r"(0x[0-9a-fA-F]{1,2}|\d{1,3}(?:,\d{3})+|\d{1,39})", re.ASCII)
_LONG = {
    "available_spare": "avail_spare",
    "available_spare_threshold": "spare_thresh",
    "percentage_used": "percent_used",
    "warning_temperature_time": "warning_temp_time",
    "critical_composite_temperature_time": "critical_comp_time",
    "host_reads": "host_read_commands",
    "host_writes": "host_write_commands",
}
_COUNTS = (
    *(("avail_spare", "%", 1), ("spare_thresh", "%", 1), ("percent_used", "%", 1)),
    *(("data_units_read", "B", DATA_UNIT), ("data_units_written", "B", DATA_UNIT)),
    *(("host_read_commands", "1", 1), ("host_write_commands", "1", 1), ("media_errors", "1", 1)),
    *(("num_err_log_entries", "1", 1), ("power_cycles", "1", 1), ("unsafe_shutdowns", "1", 1)),
    *(("controller_busy_time", "s", _MINUTES), ("power_on_hours", "s", _HOURS)),
    *(("warning_temp_time", "s", _MINUTES), ("critical_comp_time", "s", _MINUTES)),
)
_TEXT_NAMES = frozenset((*(row[0] for row in _COUNTS), "critical_warning", "temperature"))
_NAMES = {
    "avail_spare": "available_spare",
    "spare_thresh": "available_spare_threshold",
    "percent_used": "percentage_used",
    "data_units_read": "bytes_read",
    "data_units_written": "bytes_written",
    "num_err_log_entries": "error_log_entries",
    "power_on_hours": "power_on_time",
    "critical_comp_time": "critical_temp_time",
}


def controller(output: bytes) -> Parsed:
    """Read `nvme id-ctrl`. Raises Garbled."""
    identity = table(read(output))
    if not {"sn", "mn", "fr"} <= set(identity):
        raise Garbled("no identity of an NVMe controller", received=", ".join(identity)[:200])
    sheet = Sheet()
    for name, member in (("serial", "sn"), ("model", "mn"), ("firmware", "fr")):
        sheet.add(name, identity[member])
    for name, member, reader, unit in (
        ("capacity", "tnvmcap", whole, "B"),
        ("namespaces", "nn", whole, "1"),
        ("warning_temperature", "wctemp", kelvin, "degC"),
        ("critical_temperature", "cctemp", kelvin, "degC"),
    ):
        if member in identity:
            sheet.add(name, identity[member], reader, unit)
    return sheet.parsed("nvme-id")
