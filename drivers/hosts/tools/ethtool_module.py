"""`ethtool -m DEV`: what a transceiver says of itself, after SFF-8472, SFF-8636 or CMIS; text, or JSON from 6.10 on.

Source: ethtool(8) and the three memory maps. Lanes count as the tool does, from 1. No light is "-inf dBm": a null
level, never a number.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools import json_output
from drivers.hosts.tools.interfaces import Section, sections
from drivers.hosts.tools.sheet import Sheet, number, present, quantity, times, with_unit, words
from drivers.optics import dbm
from drivers.parsed import Figure, Parsed
from drivers.points import Value

_LANE = re.compile(r"(.*?)\s*\((?:Channel|Chan|Lane|lane) (\d{1,2})\)", re.ASCII)
_FLAG = re.compile(r".+ (?:high|low) (alarm|warning)")
_THRESHOLD = re.compile(r"(.+?) (high|low) (alarm|warning) threshold")
_SUBJECTS = {
    "Laser rx power": "rx_power",
    "Laser output power": "tx_power",
    "Laser tx power": "tx_power",
    "Laser bias current": "bias_current",
    "Laser tx bias current": "bias_current",
    "Laser output power ": "tx_power",
    "Module temperature": "temperature",
    "Module voltage": "voltage",
}


def _level(raw: Any) -> int | float:
    """Return the dBm of `0.5000 mW / -3.01 dBm`, or of `0.5000 mW`. Raises NoReading where there is no light."""
    said = present(raw)
    milliwatts, _, level = said.partition(" / ")
    if level:
        return with_unit(dBm=1)(level)
    return dbm(float(with_unit(mW=1e-3)(milliwatts)))


def _celsius(raw: Any) -> int | float:
    return with_unit(**{"degrees C": 1, "C": 1})(present(raw).partition(" / ")[0])


_AMPERES, _VOLTS = with_unit(mA=1e-3), with_unit(V=1, mV=1e-3)
_MEASURED: dict[str, tuple[str, Callable[[Any], Value], str | None]] = {
    "Laser output power": ("tx_power", _level, "dBm"),
    "Transmit avg optical power": ("tx_power", _level, "dBm"),
    "Receiver signal average optical power": ("rx_power", _level, "dBm"),
    "Rcvr signal avg optical power": ("rx_power", _level, "dBm"),
    "Receiver signal OMA": ("rx_oma", _level, "dBm"),
    "Laser bias current": ("bias_current", _AMPERES, "A"),
    "Laser tx bias current": ("bias_current", _AMPERES, "A"),
    "Module temperature": ("temperature", _celsius, "degC"),
    "Module voltage": ("voltage", _VOLTS, "V"),
    "Identifier": ("identifier", words, None),
    "Connector": ("connector", words, None),
    "Vendor name": ("maker", words, None),
    "Vendor PN": ("part", words, None),
    "Vendor SN": ("serial", words, None),
    "Vendor rev": ("revision", words, None),
    "Date code": ("date", words, None),
    "Module State": ("state", words, None),
    "Revision Compliance": ("revision_compliance", words, None),
    "Active firmware version": ("firmware", words, None),
    "Transceiver type": ("type", words, None),
}
_OF_SUBJECT = {name: (read, unit) for name, read, unit in _MEASURED.values()}


def parse(output: bytes) -> Parsed:
    """Read one transceiver or several. Raises Garbled where it is no module's memory; `bad` where an alarm is on."""
    if output[:100].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"[", b"{"):
        return _of_json(output)
    sheet, reasons = Sheet(), list[str]()
    for section in sections(output):
        if any(name == "Identifier" for name, _ in section.pairs):
            reasons += _module(sheet, section)
    if not len(sheet):
        raise Garbled("no module's memory", received=output[:300].decode("utf-8", "replace"))
    return sheet.parsed("ethtool-module", reasons)


def _module(sheet: Sheet, section: Section) -> list[str]:
    flags: dict[str, list[str]] = {"alarm": [], "warning": []}
    flagged = False
    for name, said in section.pairs:
        if found := _flag(name):
            flagged = True
            if said != "Off":
                flags[found].append(re.sub(r"\s+", " ", name) + ("" if said == "On" else f" {said}"))
        else:
            _line(sheet, section, name, said)
    if flagged:
        for kind, names in flags.items():
            sheet.put(
                Figure(f"{section.scope('module')}.{kind}s", ",".join(map(quantity, names)), None, "; ".join(names))
            )
    return [f"{section.scope('module')}: {name}" for name in flags["alarm"]]


def _flag(name: str) -> str | None:
    lane = _LANE.fullmatch(name)
    found = _FLAG.fullmatch(re.sub(r"\s+", " ", lane[1] if lane else name))
    return found[1] if found else None


def _line(sheet: Sheet, section: Section, name: str, said: str) -> None:
    if threshold := _THRESHOLD.fullmatch(name):
        subject = _SUBJECTS.get(threshold[1])
        if subject:
            read, unit = _OF_SUBJECT[subject]
            limit = f"{subject}_{threshold[2]}_{threshold[3]}"
            sheet.add(f"{section.scope('module')}.{limit}", said, read, unit)
        return
    lane = _LANE.fullmatch(name)
    measured = _MEASURED.get(lane[1].strip() if lane else name)
    if measured:
        scope = _lane_scope(section.name, lane[2]) if lane else section.scope("module")
        sheet.add(f"{scope}.{measured[0]}", said, measured[1], measured[2])


def _lane_scope(interface: str, lane: str) -> str:
    return f"lane[{interface}.{lane}]" if interface else f"lane[{lane}]"


_JSON = {quantity(heading): row for heading, row in _MEASURED.items()} | {
    "vendor_name": ("maker", words, None),
    "vendor_pn": ("part", words, None),
    "vendor_sn": ("serial", words, None),
    "module_temperature": ("temperature", number, "degC"),
    "module_voltage": ("voltage", number, "V"),
    "identifier_description": ("identifier", words, None),
    "connector_description": ("connector", words, None),
    "module_state_description": ("state", words, None),
}
_NUMBERED = frozenset(("identifier", "connector", "module_state"))
"""Members that JSON gives as numbers, and as words under another name."""


def _of_json(output: bytes) -> Parsed:
    sheet, reasons = Sheet(), list[str]()
    for module in json_output.tables(json_output.read(output)):
        for name, said in module.items():
            _member(sheet, name, said)
        reasons += [f"module: {name}" for name, said in module.items() if name.endswith("_alarm") and _on(said)]
    if not len(sheet):
        raise Garbled("no module's memory", received=output[:300].decode("utf-8", "replace"))
    return sheet.parsed("ethtool-module", reasons)


def _on(said: Any) -> bool:
    return any(member is True or member == "Yes" for member in (said if isinstance(said, list) else [said]))


def _member(sheet: Sheet, name: str, said: Any) -> None:
    if name == "rx_power" and isinstance(said, dict):
        name = "receiver_signal_oma" if "OMA" in str(said.get("type")) else "rcvr_signal_avg_optical_power"
        said = said.get("values")
    if name not in _JSON or name in _NUMBERED:
        return
    figure, read, unit = _JSON[name]
    for scope, value in _lanes(said):
        sheet.add(f"{scope}.{figure}", value, _in_json(read, unit), unit)


def _lanes(said: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(said, list):
        yield "module", said
        return
    yield from ((f"lane[{lane}]", value) for lane, value in enumerate(said, 1))


def _in_json(read: Callable[[Any], Value], unit: str | None) -> Callable[[Any], Value]:
    """Return the reader of a JSON member: numbers without unit, of mW and mA."""
    if unit == "dBm":
        return lambda raw: dbm(float(number(raw)) * 1e-3)
    return times(1e-3) if unit == "A" else read
