"""`ethtool -S DEV`: the counters of an interface, under the driver's own names.

Source: ethtool(8). Names are the driver's; one that the tool cut so that it stands twice with two values is null.
A loop over interfaces may print a line `NAME:` before each.
"""

import re
from dataclasses import replace

from drivers.errors import Garbled
from drivers.hosts.tools.interfaces import sections
from drivers.hosts.tools.sheet import Sheet, count, key, lines
from drivers.parsed import Parsed

_NOTHING = ("no stats available", "No data available")


def parse(output: bytes) -> Parsed:
    """Read the counters. Raises Garbled where this is no statistics; an interface without counters has no figures."""
    sheet, known = Sheet(), False
    for section in sections(output):
        known = known or section.is_known
        if not section.is_known:
            continue
        for name, said in section.pairs:
            owner = f"{key(section.name)}." if section.name else ""
            sheet.add(f"counter[{owner}{key(name)}]", said, count, _unit(name))
    if not known and not any(line.strip() in _NOTHING for line in lines(output)):
        raise Garbled("no statistics of ethtool", received=output[:300].decode("utf-8", "replace"))
    return sheet.parsed("ethtool-stats")


_ERRORS = re.compile(r"err|drop|discard|crc|fec|symbol|bad|fail|timeout|missed|uncorrect|down", re.IGNORECASE)


def errors(output: bytes) -> Parsed:
    """Read those counters alone whose name tells of something wrong. Raises as `parse`."""
    found = parse(output)
    return replace(found, figures=tuple(figure for figure in found.figures if _ERRORS.search(figure.name)))


def _unit(name: str) -> str:
    return "B" if name.lower().endswith(("bytes", "octets", "bytes_nic", "bytes_phy")) else "1"
