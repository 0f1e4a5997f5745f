"""What ipmitool prints: sensors, field replaceable units, the event log, DCMI power. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item, Value
from drivers.quantities import quantity, unique

_UNITS = {
    "degrees C": "degC",
    "RPM": "rpm",
    "Amps": "A",
    "Volts": "V",
    "Watts": "W",
    "percent": "%",
    "Hz": "Hz",
    "Joules": "J",
    "Pascals": "Pa",
}
_NUMBER = re.compile(r"([+-]?\d{1,15}(?:\.\d{1,10})?) ([A-Za-z][A-Za-z /.]*?)(?:,.*)?", re.ASCII)
_NO_READING = frozenset({"No Reading", "Disabled", "Not Readable", "Unknown"})
_CRITICAL = re.compile(
    r"critical|non-?recoverable|uncorrectable|thermal trip|ierr|bus fatal|fatal nmi|power supply.*failure|fault",
    re.IGNORECASE,
)
_LESS = re.compile(r"non-?critical", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SensorLine:
    """One line of `sdr elist`: name, status (ok, ns, nc, cr, nr ...) and what stands last."""

    name: str
    status: str
    text: str

    @property
    def unit(self) -> str | None:
        """The unit of a number in this line, None for a state or a unit that we do not know."""
        found = _NUMBER.fullmatch(self.text)
        return _UNITS.get(found[2].strip()) if found else None

    def value(self) -> Value:
        """Return the number, or the states as they stand. Raises NoReading, or Garbled for an unknown unit."""
        if self.status == "ns" or self.text in _NO_READING:
            raise NoReading(self.text or "no reading", received=self.text)
        found = _NUMBER.fullmatch(self.text)
        if found is None:
            return self.text
        if self.unit is None:
            raise Garbled(f"no unit that we know: {found[2]!r}", received=self.text)
        return float(found[1])


def sensor_lines(text: str) -> list[SensorLine]:
    """Read `sdr elist`. Raises Garbled for a line with other than five columns."""
    rows = [[cell.strip() for cell in line.split("|", 4)] for line in text.splitlines() if line.strip()]
    for row in rows:
        if len(row) != 5:
            raise Garbled("not a line of `sdr elist`", received=" | ".join(row))
    names = unique([row[0] for row in rows])
    return [SensorLine(name, row[2], row[4]) for name, row in zip(names, rows, strict=True)]


def sensor_items(text: str) -> Iterator[Item]:
    """Read every sensor of `sdr elist`. Raises Garbled."""
    for line in sensor_lines(text):
        unit = line.unit
        yield item(SensorLine.value, line, line.text, key=line.name, unit=unit, quantity=quantity(unit))


def fields(text: str) -> dict[str, str]:
    """Read lines of `name : value` (`mc info`, `fru print`, `sel info`); the first of a name counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found.setdefault(name.strip(), value.strip())
    return found


def first_field(text: str, *names: str) -> Item:
    """Return the first of these fields that is filled in. Raises NoReading."""
    found = fields(text)
    for name in names:
        if found.get(name):
            return Item(found[name], found[name])
    raise NoReading(f"no {' nor '.join(names)}", received=text)


def log_entries(text: str) -> Item:
    """Read the number of entries from `sel info`. Raises Garbled."""
    count = fields(text).get("Entries", "")
    if not re.fullmatch(r"\d{1,9}", count, re.ASCII):
        raise Garbled("no number of entries", received=text)
    return Item(int(count), count)


def log_critical(text: str) -> Item:
    """Count asserted events that are critical or worse in `sel elist`. Raises Garbled.

    IPMI gives events no severity: counted are thresholds called critical or non-recoverable (not those called
    non-critical), uncorrectable errors, fatal bus errors and interrupts, thermal trips, failures and faults.
    """
    lines = [line for line in text.splitlines() if line.strip() and "no entries" not in line.lower()]
    for line in lines:
        if line.count("|") < 4:
            raise Garbled("not a line of `sel elist`", received=line)
    severe = [line for line in lines if _asserted(line) and _CRITICAL.search(_LESS.sub("", line))]
    return Item(len(severe), "\n".join(severe))


def _asserted(line: str) -> bool:
    return "deasserted" not in line.lower()


def clock(text: str) -> datetime:
    """Read `sel time get`, a time of the BMC's clock in UTC to the second. Raises Garbled."""
    for form in ("%m/%d/%Y %H:%M:%S", "%m/%d/%y %H:%M:%S", "%m/%d/%Y %H:%M:%S %Z"):
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Garbled("not a time", received=text)


def power_state(text: str) -> Item:
    """Read `chassis power status`. Raises Garbled."""
    found = re.fullmatch(r"Chassis Power is (on|off)", text.strip())
    if not found:
        raise Garbled("not a state of power", received=text)
    return Item(found[1], text.strip())


def dcmi_power(text: str) -> Item:
    """Read `dcmi power reading`, W. Raises NoReading where it is not activated or 0 W, Garbled.

    0 W is what boards answer that advertise DCMI and do not fill it.
    """
    found = fields(text)
    watts = re.fullmatch(r"(\d{1,9}) Watts", found.get("Instantaneous power reading", ""), re.ASCII)
    if not watts:
        raise Garbled("no instantaneous power", received=text)
    if found.get("Power reading state is") != "activated":
        raise NoReading("power reading is not activated", received=text)
    if int(watts[1]) == 0:
        raise NoReading("0 W: the board does not fill its DCMI reading", received=text)
    return Item(int(watts[1]), watts[0])
