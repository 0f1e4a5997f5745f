"""`ethtool -S DEV`: the counters of an interface, under the driver's own names.

Source: ethtool(8). Names are the driver's; one that the tool cut so that it stands twice with two values is null.
Counters of single queues are added up under the name with `*` for their number.
A loop over interfaces may print a line `NAME:` before each.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from drivers.errors import Garbled, NoReading
from drivers.hosts.tools.interfaces import sections
from drivers.hosts.tools.sheet import Sheet, count, key, lines
from drivers.parsed import Figure, Parsed

_QUEUE = re.compile(r"((?:[rt]x[_-]?)?(?:queue|ring|channel)[_-]?|[rt]x-?|ch|q|)\d{1,4}([_.][a-z]\w*)", re.ASCII)
"""A counter of one of many queues: rx_queue_3_packets, tx3_bytes, ch3_poll, and 3.rx_drops of `[3]: rx_drops`.

Not rx_64_bytes, which counts frames of that length.
"""
_NOTHING = ("no stats available", "No data available")


class _Queues:
    """Counters of queues, added up: there are thousands, and what is told of a port is their sum."""

    def __init__(self) -> None:
        self._sums: dict[str, tuple[int, int, str | None]] = {}

    def add(self, name: str, said: str, wire: str) -> None:
        total, number, wrong = self._sums.get(name, (0, 0, None))
        try:
            total += count(said)
        except (Garbled, NoReading) as error:
            wrong = f"{wire}: {error.what}"
        self._sums[name] = (total, number + 1, wrong)

    def figures(self) -> Iterator[Figure]:
        for name, (total, number, wrong) in self._sums.items():
            yield Figure(name, None if wrong else total, _unit(name.rstrip("]")), f"the sum of {number} queues", wrong)


def parse(output: bytes) -> Parsed:
    """Read the counters. Raises Garbled where this is no statistics; an interface without counters has no figures."""
    sheet, queues, known = Sheet(), _Queues(), False
    for section in sections(output):
        known = known or section.is_known
        if not section.is_known:
            continue
        for name, said in section.pairs:
            owner = f"{key(section.name)}." if section.name else ""
            if queue := _QUEUE.fullmatch(name):
                queues.add(f"counter[{owner}{queue[1]}*{queue[2]}]", said, name)
            else:
                sheet.add(f"counter[{owner}{key(name)}]", said, count, _unit(name))
    for figure in queues.figures():
        sheet.put(figure)
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
