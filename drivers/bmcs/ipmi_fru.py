"""Field replaceable units as `ipmitool fru print` shows them. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from drivers.bmcs.ipmi_rows import Names, filled, lines, slug
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item

_HEAD = "FRU Device Description"
_TROUBLE = re.compile(
    r"not present|fail|error|unknown|invalid|unable|corrupt|checksum|timeout|refus|denied|exceed", re.IGNORECASE
)
_MESSAGE = re.compile(r"SDRR? |Err in |Error|(?:Get|Set) .*fail|Unable |Could not ")
"""How messages of the tool about something else begin, at the margin; the lines of a unit are indented."""

_NO_DATE = "Jan  1 00:00:00 1996"
MOST_VALUE = 1024
"""Characters of one field with the lines that it goes on over; an area holds 2 kB at most."""


@dataclass(slots=True)
class Unit:
    """One unit: `name` as ipmitool heads it ("" without a head), its fields in order, and what went wrong with it."""

    name: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def go_on(self, line: str) -> None:
        """Take a line without a colon: trouble by its words, else more of the field before."""
        if _MESSAGE.match(line):
            return
        if not self.fields or _TROUBLE.search(line):
            self.trouble.append(line.strip())
            return
        name, value = self.fields[-1]
        self.fields[-1] = (name, f"{value} {line.strip()}"[:MOST_VALUE])


def units(output: str | Iterable[str]) -> Iterator[Unit]:
    """Read unit by unit. Raises Garbled where there is no field and no unit."""
    unit, found = Unit(""), False
    for line in lines(output):
        name, colon, value = line.partition(":")
        if colon and name.strip() == _HEAD:
            if found:
                yield unit
            unit, found = Unit(value.strip()), True
        elif colon and name.strip() and not (_TROUBLE.search(name) and not unit.fields):
            unit.fields.append((name.strip(), value.strip()))
            found = True
        else:
            unit.go_on(line)
    if not found:
        raise Garbled("no line of `ipmitool fru print`", received="\n".join(unit.trouble))
    yield unit


def fru_items(output: str | Iterable[str]) -> Iterator[Item]:
    """Read every field of every unit; what went wrong with a unit is a null under the unit's name. Raises Garbled."""
    keys = Names()
    for unit in units(output):
        key, names = keys.unique(unit.name), Names()
        for name, value in unit.fields:
            yield item(_said, value, value, key=key, quantity=names.unique(slug(name)))
        if unit.trouble or not unit.fields:
            reason = "; ".join(unit.trouble) or "ipmitool shows no field of this unit"
            yield Item(None, reason[:200], key, reason=reason[:200], quantity="contents")


def _said(value: str) -> str:
    if not filled(value):
        raise NoReading("not filled in", received=value)
    if _NO_DATE in value:
        raise NoReading("date 0: not filled in (FRU Information Storage Definition 11)", received=value)
    return value
