"""`nvidia-smi --query-gpu=FIELDS --format=csv`: a table of any fields, with or without units, under its heading.

Source: nvidia-smi --help-query-gpu. The units stand in the heading, or with `nounits` there alone.
"""

import csv
import re
from collections.abc import Callable
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.nvidia_smi_paths import serial
from drivers.hosts.tools.sheet import Sheet, count, lines, literal, number, scaled, words, yes_or_no
from drivers.parsed import Figure, Parsed
from drivers.points import Value

_HEADING = re.compile(r"([\w.]+)(?: \[(MHz|MiB|W|%|us)\])?", re.ASCII)
_UNITS = {"MHz": ("Hz", 1e6), "MiB": ("B", 2.0**20), "W": ("W", 1.0), "%": ("%", 1.0), "us": ("s", 1e-6)}
_TEXTS = frozenset(("name", "uuid", "gpu_uuid", "pci.bus_id", "driver_version", "vbios_version", "pstate", "timestamp"))
_NAMES: dict[str, str] = {
    "name": "model",
    "gpu_uuid": "uuid",
    "vbios_version": "firmware",
    "pci.bus_id": "bus_id",
    "temperature.gpu": "temperature",
    "temperature.memory": "memory_temperature",
    "power.draw": "power",
    "power.draw.instant": "instant_power",
    "power.limit": "power_limit",
    "clocks.sm": "sm_clock",
    "clocks.current.sm": "sm_clock",
    "clocks.mem": "memory_clock",
    "clocks.current.memory": "memory_clock",
    "utilization.gpu": "utilization",
    "memory.total": "memory_total",
    "memory.used": "memory_used",
    "ecc.errors.uncorrected.volatile.total": "ecc_uncorrected",
    "ecc.errors.corrected.volatile.total": "ecc_corrected",
    "pcie.link.gen.current": "link_generation",
    "pcie.link.width.current": "link_width",
    "pstate": "performance_state",
}


def parse(output: bytes) -> Parsed:
    """Read a table with its heading. Raises Garbled where there is none, or a row has more or fewer cells."""
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines(output), strict=True) if row]
    except csv.Error as error:
        raise Garbled(f"not CSV: {error}", received=output[:300].decode("utf-8", "replace")) from None
    heads = [_HEADING.fullmatch(cell) for cell in rows[0]] if rows else []
    if len(heads) < 2 or not all(heads) or any(len(row) != len(heads) for row in rows):
        raise Garbled("no table of nvidia-smi", received=output[:300].decode("utf-8", "replace"))
    columns = [(found[1], found[2]) for found in heads if found]
    fields = [field for field, _ in columns]
    sheet = Sheet()
    sheet.put(Figure("gpu_count", len(rows) - 1, "1", str(len(rows) - 1)))
    for place, row in enumerate(rows[1:]):
        index = row[fields.index("index")] if "index" in fields else str(place)
        _row(sheet, f"gpu[{count(index)}]", columns, row)
    return sheet.parsed("nvidia-smi")


def _row(sheet: Sheet, scope: str, columns: list[tuple[str, str | None]], row: list[str]) -> None:
    for (field, unit), cell in zip(columns, row, strict=True):
        name = _NAMES.get(field, field.replace(".", "_"))
        read, wanted = _reader(field, unit)
        sheet.add(f"{scope}.{name}", cell, read, wanted)


def _reader(field: str, unit: str | None) -> tuple[Callable[[Any], Value], str | None]:
    if unit:
        wanted, factor = _UNITS[unit]
        return (lambda raw: scaled(number(str(raw).removesuffix(f" {unit}")), factor)), wanted
    if field.startswith("temperature."):
        return number, "degC"
    if field in _TEXTS or field == "serial":
        return serial if field == "serial" else words, None
    if field.endswith((".pending", ".failure", "mode.current", "mode.pending")):
        return yes_or_no, None
    if field.startswith(("ecc.", "pcie.", "retired_pages.", "remapped_rows.", "index", "count")):
        return count, "1"
    return literal, None
