"""The tables and the lists of `name : value` that ipmitool prints: lines, cells, fields, units. Pure."""

import re
from collections.abc import Iterable, Iterator
from types import MappingProxyType

from drivers.errors import Garbled, NoReading
from drivers.points import Item

MOST_LINE = 4096
"""Characters of one line that are looked at; ipmitool's longest are far below."""

UNITS = MappingProxyType(
    {
        # As ipmitool names the unit codes of IPMI 2.0 table 43-15, and the factor to the unit of ours.
        "degrees C": ("degC", 1.0),
        "degrees K": ("K", 1.0),
        "RPM": ("rpm", 1.0),
        "Amps": ("A", 1.0),
        "Volts": ("V", 1.0),
        "Watts": ("W", 1.0),
        "VA": ("VA", 1.0),
        "percent": ("%", 1.0),
        "Hz": ("Hz", 1.0),
        "Joules": ("J", 1.0),
        "Pascals": ("Pa", 1.0),
        "kPa": ("Pa", 1000.0),
        "CFM": ("l/min", 28.316846592),
        "second": ("s", 1.0),
        "millisecond": ("s", 0.001),
        "byte": ("B", 1.0),
    }
)

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,10})?", re.ASCII)
_SLUG = re.compile(r"[^a-z0-9]+")


def lines(output: str | Iterable[str]) -> Iterator[str]:
    """Yield the lines that say something, without what ends them."""
    for line in output.split("\n") if isinstance(output, str) else output:
        if line := line[:MOST_LINE].rstrip():
            yield line


def cells(line: str, most: int = -1) -> list[str]:
    """Split a row of a table.

    >>> cells("Fan1 | 30h | ok ")
    ['Fan1', '30h', 'ok']
    """
    return [cell.strip() for cell in line.split("|", most)]


def number(text: str) -> float:
    """Read a number as ipmitool prints it. Raises Garbled."""
    if not _NUMBER.fullmatch(text):
        raise Garbled("not a number", received=text)
    return float(text)


def scaled(text: str, unit: str) -> float:
    """Read a number in a unit of ipmitool's, in ours. Raises Garbled for a unit that we do not know."""
    if unit not in UNITS:
        raise Garbled(f"no unit that we know: {unit!r}", received=f"{text} {unit}")
    value, factor = number(text), UNITS[unit][1]
    return value if factor == 1.0 else value * factor


def slug(name: str) -> str:
    """Return a name as part of a reading's name.

    >>> slug("Cooling/Fan Fault")
    'cooling_fan_fault'
    """
    return _SLUG.sub("_", name.lower()).strip("_")


class Names:
    """Makes names unique as they come: the second of the same name gets "#2"."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """Return the name, numbered where it was there before.

        >>> names = Names()
        >>> names.unique("a"), names.unique("a")
        ('a', 'a#2')
        """
        self._seen[name] = self._seen.get(name, 0) + 1
        return name if self._seen[name] == 1 else f"{name}#{self._seen[name]}"


def pairs(output: str | Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield `name : value`; a line that only goes on (`: value`, or indented without a colon) adds to the one before.

    A line that is neither is a warning of the tool and left out.
    """
    name, values = "", list[str]()
    for line in lines(output):
        head, colon, value = line.partition(":")
        if name and (not head.strip() or (not colon and line[0] in " \t")):
            values.append(value.strip() if colon else line.strip())
            continue
        if not colon or not head.strip():
            continue
        if name:
            yield name, _joined(values)
        name, values = head.strip(), [value.strip()]
    if name:
        yield name, _joined(values)


def _joined(values: list[str]) -> str:
    return ", ".join(value for value in values if value)


def fields(text: str) -> dict[str, str]:
    """Read lines of `name : value` (`mc info`, `fru print`, `sel info`); the first of a name counts."""
    found: dict[str, str] = {}
    for line in lines(text):
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found.setdefault(name.strip(), value.strip())
    return found


def first_field(text: str, *names: str) -> Item:
    """Return the first of these fields that is filled in. Raises NoReading."""
    found = fields(text)
    for name in names:
        if filled(found.get(name, "")):
            return Item(found[name], found[name])
    raise NoReading(f"no {' nor '.join(names)}", received=text)


_ZEROS = re.compile(r"(0x)?0{4,}")
_NOT_FILLED = frozenset({"", "n/a", "na", "none", "null", "not specified", "to be filled by o.e.m.", "unspecified"})


def filled(text: str) -> bool:
    """Tell whether a field says something; makers leave words and rows of signs that say nothing.

    >>> filled("CN7792"), filled("To be filled by O.E.M."), filled("........"), filled("0000"), filled("0.00")
    (True, False, False, False, True)
    """
    said = text.strip()
    return said.lower() not in _NOT_FILLED and bool(set(said) - set(" .-_xX")) and not _ZEROS.fullmatch(said)
