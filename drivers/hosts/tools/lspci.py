"""`lspci`: devices and their links, from the plain list, `-vvv`, `-mm` and `-vmm` (also with `-nn`, `-D`, `-k`).

Source: lspci(8), pciutils 3.x. `LnkCap` is what the device can, `LnkSta` what it does; without root both are
"<access denied>".
"""

import re
import shlex
from collections.abc import Iterator

from drivers.errors import Garbled, NoReading
from drivers.hosts.tools.sheet import Sheet, key, lines, present
from drivers.parsed import Figure, Parsed

_SLOT = r"(?:[0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[01][0-9a-fA-F]\.[0-7]"
_DEVICE = re.compile(rf"({_SLOT}) (.+)")
_NAMED = re.compile(r"([^:]+?(?: \[[0-9a-f]{4}\])?): (.*)")
_PAIR = re.compile(r"(\w+):\t(.*)")
_LINK = re.compile(r"\s+(LnkCap|LnkSta):\s(?:.*?\b)?Speed (\S+?)(?: \([\w ]+\))?, Width (x\d{1,2}|\S+)")
_STATUS = re.compile(r"\s+DevSta:\s(.*)")
_SET = re.compile(r"\b(CorrErr|NonFatalErr|FatalErr|UnsupReq)\+")
"""Errors that the device has noted since they were last cleared."""
_DOWNGRADED = re.compile(r"\s+LnkSta:.*\(downgraded\)")
_DETAIL = re.compile(r"\s+(Kernel driver in use|NUMA node|Subsystem): (.+)")
_SPEED = re.compile(r"(\d{1,3}(?:\.\d)?)GT/s", re.ASCII)
_QUANTITIES = {"Kernel driver in use": "driver", "NUMA node": "numa_node", "Subsystem": "subsystem"}
_RECORD = {"Class": "class", "Vendor": "vendor", "Device": "device", "SVendor": "subsystem_vendor",
           "SDevice": "subsystem", "Rev": "revision", "Driver": "driver", "NUMANode": "numa_node"}  # fmt: skip


def parse(output: bytes) -> Parsed:
    """Read a list of PCI devices. Raises Garbled where there is none."""
    sheet, devices, slot = Sheet(), 0, ""
    for line in lines(output):
        if found := _head(line):
            slot, devices = found[0], devices + 1
            for quantity, said in found[1].items():
                sheet.add(f"pci[{key(slot)}].{quantity}", said)
        elif slot:
            _detail(sheet, f"pci[{key(slot)}]", line)
        elif line.strip() and not _is_remark(line):
            raise Garbled("no list of PCI devices", received=line)
    if not devices:
        _check_empty(output)
    sheet.put(Figure("pci_count", devices, "1", str(devices)))
    return sheet.parsed("lspci")


def _is_remark(line: str) -> bool:
    return line.startswith(("pcilib:", "lspci:"))


def _check_empty(output: bytes) -> None:
    """A machine without PCI says nothing or that there is none; anything else is another output."""
    if output.strip() and not all(_is_remark(line) or not line.strip() for line in lines(output)):
        raise Garbled("no list of PCI devices", received=output[:300].decode("utf-8", "replace"))


def _head(line: str) -> tuple[str, dict[str, str]] | None:
    """Return slot and description where a device begins, in any of the three forms."""
    if pair := _PAIR.fullmatch(line):
        return (pair[2].strip(), {}) if pair[1] == "Slot" else None
    found = _DEVICE.fullmatch(line)
    if not found:
        return None
    return found[1], _quoted(found[2]) if found[2].startswith('"') else _plain(found[2])


def _plain(text: str) -> dict[str, str]:
    named = _NAMED.fullmatch(text)
    if not named:
        raise Garbled("a device without class", received=text)
    return {"class": named[1], "device": named[2]}


def _quoted(text: str) -> dict[str, str]:
    try:
        fields = [word for word in shlex.split(text) if not word.startswith(("-r", "-p"))]
    except ValueError as error:
        raise Garbled(f"not what lspci -mm prints: {error}", received=text) from None
    return dict(zip(("class", "vendor", "device"), fields, strict=False))


def _detail(sheet: Sheet, scope: str, line: str) -> None:
    for quantity, said, unit in _details(line):
        if unit is None:
            sheet.add(f"{scope}.{quantity}", said)
        else:
            sheet.add(f"{scope}.{quantity}", said, _speed if quantity.startswith("link_speed") else _width, unit)


def _details(line: str) -> Iterator[tuple[str, str, str | None]]:
    if pair := _PAIR.fullmatch(line):
        if pair[1] in _RECORD:
            yield _RECORD[pair[1]], pair[2], None
    elif link := _LINK.match(line):
        able = "_max" if link[1] == "LnkCap" else ""
        yield f"link_speed{able}", link[2].rstrip(","), "bit/s"
        yield f"link_width{able}", link[3], "1"
        if _DOWNGRADED.match(line):
            yield "link_state", "downgraded", None
    elif status := _STATUS.match(line):
        yield "errors", ",".join(_SET.findall(status[1])) or "no error", None
    elif detail := _DETAIL.fullmatch(line):
        yield _QUANTITIES[detail[1]], detail[2], None


def _speed(raw: str) -> float:
    """Return the bits per second of one lane, before coding, of `32GT/s` (the specification counts bits from gen 6 on).

    Raises Garbled, NoReading where it is unknown.
    """
    present(raw)
    found = _SPEED.fullmatch(raw)
    if not found:
        raise Garbled("not a speed", received=raw)
    return float(found[1]) * 1e9


def _width(raw: str) -> int:
    found = re.fullmatch(r"x(\d{1,2})", raw, re.ASCII)
    if not found:
        raise Garbled("not a width", received=raw)
    if found[1] == "0":
        raise NoReading("x0: no link", received=raw)
    return int(found[1])
