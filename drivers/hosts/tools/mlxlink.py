"""`mlxlink -d DEV --json` with any of `-m -c -e --show_fec`: one link of an NVIDIA network device.

Source: mlxlink(1) and the user manual of MFT 4.2x; values are texts, lists of lanes stand in a member `values` or
between commas, limits in brackets behind a value. Lanes count from 0. "15E-255" is how the tool writes a rate of no
errors.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.json_output import at, read, shown, table
from drivers.hosts.tools.named import named
from drivers.hosts.tools.sheet import Sheet, count, number, present, times, words
from drivers.parsed import Parsed, Verdict
from drivers.points import Value

_SPEED = re.compile(r"(?:(\d{1,4})G(?:b?E?)?(?:_\d+X|_KR\d*|_CR\d*)?|(?:IB|NVLink)-(\w+))", re.ASCII | re.IGNORECASE)
_LANES = re.compile(r"(\d{1,2})x", re.ASCII)
_IB_LANE = {"SDR": 2.5e9, "DDR": 5e9, "QDR": 1e10, "FDR": 1.4e10, "EDR": 2.5e10, "HDR": 5e10, "NDR": 1e11, "XDR": 2e11}
"""Data rate of a lane, bit/s, as the names of IBTA are rounded."""


def _width(raw: Any) -> int:
    found = _LANES.fullmatch(present(raw))
    if not found:
        raise Garbled("not a width", received=shown(raw))
    return int(found[1])


def _rate(raw: Any) -> float:
    """Return a bit error rate, between 0 and 1. Raises NoReading, Garbled."""
    found = float(number(raw))
    if not 0 <= found <= 1:
        raise Garbled("not an error rate", received=shown(raw))
    return found


_Row = tuple[str, Callable[[Any], Value], str | None]
_FIELDS: dict[str, _Row] = {
    "State": ("state", words, None),
    "Physical state": ("physical_state", words, None),
    "Width": ("lanes", _width, "1"),
    "FEC": ("fec", words, None),
    "Loopback Mode": ("loopback", words, None),
    "Auto Negotiation": ("auto_negotiation", words, None),
    "Status Opcode": ("status_opcode", number, "1"),
    "Group Opcode": ("status_group", words, None),
    "Recommendation": ("recommendation", words, None),
    "Firmware Version": ("firmware", words, None),
    "Time Since Last Clear [Min]": ("counted_for", times(60), "s"),
    "Effective Physical Errors": ("effective_errors", count, "1"),
    "Effective Physical BER": ("effective_ber", _rate, "1"),
    "Raw Physical BER": ("raw_ber", _rate, "1"),
    "Symbol Errors": ("symbol_errors", count, "1"),
    "Symbol BER": ("symbol_ber", _rate, "1"),
    "RS-FEC Corrected Blocks": ("fec_corrected_blocks", count, "1"),
    "RS-FEC Uncorrectable Blocks": ("fec_uncorrectable_blocks", count, "1"),
    "Link Down Counter": ("link_downs", count, "1"),
    "Link Error Recovery Counter": ("link_error_recoveries", count, "1"),
    "Identifier": ("module_identifier", words, None),
    "Compliance": ("module_compliance", words, None),
    "Cable Technology": ("cable_technology", words, None),
    "Cable Type": ("cable_type", words, None),
    "Vendor Name": ("module_maker", words, None),
    "Vendor Part Number": ("module_part", words, None),
    "Vendor Serial Number": ("module_serial", words, None),
    "FW Version": ("module_firmware", words, None),
    "Temperature [C]": ("module_temperature", number, "degC"),
    "Voltage [mV]": ("module_voltage", times(1e-3), "V"),
}
_LANE_FIELDS: dict[str, _Row] = {
    "Raw Physical Errors Per Lane": ("raw_errors", count, "1"),
    "Raw Physical BER Per Lane": ("raw_ber", _rate, "1"),
    "Bias Current [mA]": ("bias_current", times(1e-3), "A"),
    "Rx Power Current [dBm]": ("rx_power", number, "dBm"),
    "Tx Power Current [dBm]": ("tx_power", number, "dBm"),
    "Physical Grade": ("eye_grade", number, "1"),
    "Initial FOM": ("eye_initial_fom", number, "1"),
    "Last FOM": ("eye_last_fom", number, "1"),
    "Upper Grades": ("eye_upper_grade", number, "1"),
    "Mid Grades": ("eye_mid_grade", number, "1"),
    "Lower Grades": ("eye_lower_grade", number, "1"),
    "Height Eye Opening [mV]": ("eye_height", times(1e-3), "V"),
    "Phase Eye Opening [psec]": ("eye_width", times(1e-12), "s"),
}
_TITLES = ("Operational Info", "Troubleshooting Info", "Physical Counters and BER Info", "Module Info")


def parse(output: bytes) -> Parsed:
    """Read one link. Raises Garbled. `good` where the tool found nothing to complain of and the link is active."""
    document = table(read(output))
    status, groups = at(document, "status", "code"), _groups(document)
    if status is None and not any(title in groups for title in _TITLES):
        raise Garbled("no link of mlxlink", received=", ".join(document)[:200])
    sheet = Sheet()
    _link(sheet, document)
    return sheet.parsed("mlxlink", *_judged(sheet, document, status), version=_version(groups))


def links(output: bytes) -> Parsed:
    """Read an object that has the output for each device under its name. Raises Garbled."""
    return named(output, "link", "mlxlink", _link)


def _groups(document: dict[str, Any]) -> dict[str, Any]:
    shells = (at(document, "result", "output"), at(document, "output"), document)
    return next((shell for shell in shells if isinstance(shell, dict) and shell), {})


def _link(sheet: Sheet, document: dict[str, Any], scope: str = "") -> None:
    for group in _groups(document).values():
        if isinstance(group, dict):
            _group(sheet, group, scope)


def _version(groups: dict[str, Any]) -> str | None:
    said = at(groups, "Tool Information", "MFT Version")
    return said if isinstance(said, str) else None


def _group(sheet: Sheet, group: dict[str, Any], scope: str) -> None:
    owner = f"{scope}." if scope else ""
    device = scope.partition("[")[2].removesuffix("]")
    for name, said in group.items():
        if name == "Speed":
            sheet.add(f"{owner}speed", said, _speed(group.get("Width")), "bit/s")
            sheet.add(f"{owner}speed_name", said)
        elif name in _FIELDS:
            figure, reader, unit = _FIELDS[name]
            sheet.add(f"{owner}{figure}", _bare(said), reader, unit)
        elif name in _LANE_FIELDS:
            figure, reader, unit = _LANE_FIELDS[name]
            for lane, value in enumerate(_lanes(said)):
                sheet.add(f"lane[{device}{'.' if device else ''}{lane}].{figure}", value, reader, unit)


def _bare(said: Any) -> Any:
    """Return a value without the limits in brackets behind it."""
    if isinstance(said, dict) and set(said) == {"values"}:
        values = said["values"]
        return values[0] if isinstance(values, list) and len(values) == 1 else said
    return re.sub(r"\s*\[[^\]]*\]\s*$", "", said) if isinstance(said, str) else said


def _lanes(said: Any) -> Iterator[Any]:
    values = said.get("values") if isinstance(said, dict) else said
    if isinstance(values, list):
        yield from values
    elif isinstance(bare := _bare(values), str):
        yield from (part.strip() for part in bare.split(","))
    else:
        yield values


def _speed(width: Any) -> Callable[[Any], float]:
    """Return a reader of `400G_4X`, `100GbE` or `IB-NDR`, which is the speed of one lane."""

    def to_bits(raw: Any) -> float:
        found = _SPEED.fullmatch(present(raw))
        if found and found[1]:
            return float(found[1]) * 1e9
        if not found or found[2].upper() not in _IB_LANE:
            raise Garbled("not a speed", received=shown(raw))
        return _IB_LANE[found[2].upper()] * _width(width)

    return to_bits


def _judged(sheet: Sheet, document: dict[str, Any], status: Any) -> tuple[list[str], Verdict]:
    opcode, state = sheet.value("status_opcode"), sheet.value("state")
    reasons = []
    if status not in (None, 0, "0"):
        reasons.append(f"status {shown(status)}: {shown(at(document, 'status', 'message'))}")
    if opcode:
        reasons.append(f"opcode {opcode}: {sheet.value('recommendation') or sheet.value('status_group')}")
    if state is not None and state != "Active":
        reasons.append(f"state: {state}")
    if reasons:
        return reasons, "bad"
    if not len(sheet):
        return ["nothing is told of the link"], "unverified"
    return [], "good" if opcode == 0 and state == "Active" else "none"
