"""Sensors as ipmitool lists them: `sdr elist`, `sdr` (also `sdr list full`), and `sensor` with its thresholds. Pure.

A row that is none of the table is null by its number and does not hide the others, a message of the tool is left out;
an output without any line of the table is refused.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from drivers.bmcs.ipmi_rows import UNITS, Names, cells, lines, number, scaled
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item, Value
from drivers.quantities import quantity

THRESHOLDS = (
    "lower_non_recoverable",
    "lower_critical",
    "lower_non_critical",
    "upper_non_critical",
    "upper_critical",
    "upper_non_recoverable",
)
"""The last six columns of `sensor`, in their order (ipmitool(1))."""

MOST_BEFORE = 100
"""Rows of something else that may stand before the table."""

_VALUE = re.compile(r"([+-]?\d{1,15}(?:\.\d{1,10})?) ([A-Za-z%][A-Za-z% /.*]*?)(?:,.*)?", re.ASCII)
_BARE = re.compile(r"[+-]?\d+(\.\d*)?", re.ASCII)
_NO_READING = frozenset({"no reading", "disabled", "not readable", "unknown", "na", "reading unavailable"})
_STATUS = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class SensorLine:
    """One sensor: name, status (ok, ns, nc, cr, nr, lcr, ...) and what it reads."""

    name: str
    status: str
    text: str

    @property
    def unit(self) -> str | None:
        """The unit of ours of a number in this line, None for a state or a unit that we do not know."""
        found = _VALUE.fullmatch(self.text)
        return UNITS.get(found[2].strip(), (None, 1.0))[0] if found else None

    def value(self) -> Value:
        """Return the number, or the states as they stand. Raises NoReading; Garbled for a number without a unit."""
        if self.status == "ns" or self.text.lower() in _NO_READING:
            raise NoReading(self.text or "no reading", received=self.text)
        found = _VALUE.fullmatch(self.text)
        if found:
            return scaled(found[1], found[2].strip())
        if _BARE.fullmatch(self.text):
            raise Garbled("a number without a unit", received=self.text)
        return self.text


def sensor_items(output: str | Iterable[str]) -> Iterator[Item]:
    """Read every sensor of `sdr elist` or `sdr`. Raises Garbled where there is no line of either."""
    yield from _table(output, _sdr_row, "`ipmitool sdr elist`")


def _sdr_row(line: str, names: Names) -> Iterator[Item]:
    row = cells(line, 4)
    if len(row) == 5 and _STATUS.fullmatch(row[2]):
        found = SensorLine(names.unique(row[0]), row[2], row[4])
    elif len(row) == 3 and _STATUS.fullmatch(row[2]):
        found = SensorLine(names.unique(row[0]), row[2], row[1])
    else:
        raise Garbled("not a line of `sdr elist` nor of `sdr`", received=line)
    unit = found.unit
    yield item(SensorLine.value, found, found.text, key=found.name, unit=unit, quantity=quantity(unit))


def _table(output: str | Iterable[str], read: Callable[[str, Names], Iterator[Item]], what: str) -> Iterator[Item]:
    """Read line by line; where no line at all is of the table, raise."""
    names, good, bad = Names(), False, list[Item]()
    for place, line in enumerate(lines(output), 1):
        if "|" not in line:
            continue  # a message of the tool: it writes them to standard output too
        try:
            found = list(read(line, names))
        except Garbled as error:
            null = Item(None, line[:200], f"line {place}", reason=f"Garbled: {error.what}", quantity="value")
            if good:
                yield null
            elif len(bad) >= MOST_BEFORE:
                break
            else:
                bad.append(null)
            continue
        if not good:
            good = True
            yield from bad
        yield from found
    if not good:
        raise Garbled(f"no line of {what}", received=bad[0].raw if bad else "")


def threshold_items(output: str | Iterable[str]) -> Iterator[Item]:
    """Read value, state and thresholds of every sensor of `ipmitool sensor`. Raises Garbled where there is none."""
    yield from _table(output, _sensor_row, "`ipmitool sensor`")


def _sensor_row(line: str, names: Names) -> Iterator[Item]:
    row = cells(line)
    if len(row) != 4 + len(THRESHOLDS):
        raise Garbled("not a line of `sensor`: not ten columns", received=line)
    key = names.unique(row[0])
    if row[2] == "discrete":
        yield item(_states, row[3], row[3], key=key, quantity="state")
        return
    unit = UNITS.get(row[2], (None, 1.0))[0]
    yield item(lambda r: _cell(r[1], r[2]), row, row[1], key=key, unit=unit, quantity=quantity(unit))
    for name, cell in zip(THRESHOLDS, row[4:], strict=True):
        if cell != "na":  # a threshold that the sensor does not have is no reading that is missing
            yield item(lambda c: _cell(c, row[2]), cell, cell, key=key, unit=unit, quantity=name)


def _cell(text: str, unit: str) -> float:
    if text.lower() in _NO_READING:
        raise NoReading(f"{text}: no reading", received=text)
    number(text)
    return scaled(text, unit)


def _states(text: str) -> str:
    """Return the states of a discrete sensor: two octets in hexadecimal, states 0-7 first (IPMI 2.0, 35.14)."""
    if text.lower() in _NO_READING:
        raise NoReading(f"{text}: no reading", received=text)
    if not re.fullmatch(r"0x[0-9a-fA-F]{4}", text):
        raise Garbled("not the states of a discrete sensor", received=text)
    return text
