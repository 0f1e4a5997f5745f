"""`ethtool DEV`, `ethtool -i DEV` and `ethtool --show-fec DEV`: link, driver and error correction of interfaces.

Source: ethtool(8), 5.x to 6.x. Outputs may stand one behind the other, as a loop over the interfaces prints them: the
first two forms name their interface, `-i` does not, and stands behind a line `NAME:`.
"""

import re
from collections.abc import Callable
from typing import Any

from drivers.errors import Garbled, NoReading
from drivers.hosts.tools.interfaces import Section, sections
from drivers.hosts.tools.sheet import Sheet, count, present, words, yes_or_no
from drivers.parsed import Parsed
from drivers.points import Value

_UNKNOWN = frozenset((65535, 4294967295))
"""SPEED_UNKNOWN as older kernels and older versions of the tool print it."""


def _speed(raw: Any) -> float:
    """Return the bits per second of `100000Mb/s`. Raises NoReading where it is unknown, Garbled."""
    said = present(raw)
    if said.lower().startswith("unknown"):
        raise NoReading(said, received=raw)
    found = re.fullmatch(r"(\d{1,12})Mb/s", said, re.ASCII)
    if not found:
        raise Garbled("not a speed", received=raw)
    if int(found[1]) in _UNKNOWN:
        raise NoReading(f"{said}: unknown", received=raw)
    return int(found[1]) * 1e6


def _duplex(raw: Any) -> str:
    said = present(raw)
    if said not in ("Full", "Half"):
        raise NoReading(said, received=raw)
    return said


def _linked(raw: Any) -> bool:
    """Return whether there is a link: newer kernels say why not, `no (No cable)`."""
    return yes_or_no(present(raw).partition(" ")[0])


_LINES: dict[str, tuple[str, Callable[[Any], Value], str | None]] = {
    "Speed": ("speed", _speed, "bit/s"),
    "Lanes": ("lanes", count, "1"),
    "Duplex": ("duplex", _duplex, None),
    "Auto-negotiation": ("auto_negotiation", yes_or_no, None),
    "Port": ("port_type", words, None),
    "Link detected": ("link", _linked, None),
    "SQI": ("sqi", words, None),
    "Link Down Events": ("link_down_events", count, "1"),
    "Configured FEC encodings": ("fec_configured", words, None),
    "Supported/Configured FEC encodings": ("fec_configured", words, None),
    "Active FEC encoding": ("fec", words, None),
    "Active FEC encodings": ("fec", words, None),
    "driver": ("driver", words, None),
    "version": ("driver_version", words, None),
    "firmware-version": ("firmware", words, None),
    "bus-info": ("bus_id", words, None),
}


def parse(output: bytes) -> Parsed:
    """Read link, driver or error correction of one interface or several. Raises Garbled where there is none of them."""
    sheet, known = Sheet(), False
    for section in sections(output):
        known = known or section.is_known
        _section(sheet, section)
    if not known and not len(sheet):
        raise Garbled("not what ethtool prints", received=output[:300].decode("utf-8", "replace"))
    return sheet.parsed("ethtool")


def _section(sheet: Sheet, section: Section) -> None:
    scope = section.scope("interface")
    for name, said in section.pairs:
        if name in _LINES:
            quantity, read, unit = _LINES[name]
            sheet.add(f"{scope}.{quantity}", said, read, unit)
            if quantity == "link" and "(" in said:
                sheet.add(f"{scope}.link_reason", said.partition("(")[2].rstrip(")"))
