"""The system event log as ipmitool lists it: `sel elist` and `sel list`. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from drivers.bmcs.ipmi_rows import cells, lines
from drivers.errors import Garbled, NoReading
from drivers.points import Item

MOST_ENTRIES = 65536
"""Record ids have 16 bits (IPMI 2.0 table 31-1): a list with more entries is no event log."""

MOST_SHOWN = 100
"""Entries that are shown as evidence of a count."""

_CRITICAL = re.compile(
    r"critical|non-?recoverable|uncorrectable|thermal trip|ierr|bus fatal|fatal nmi|power supply.*failure|fault",
    re.IGNORECASE,
)
_LESS = re.compile(r"non-?critical", re.IGNORECASE)
_CLEARED = re.compile(r"log area (reset|cleared)", re.IGNORECASE)
_ID = re.compile(r"[0-9a-fA-F]{1,4}", re.ASCII)
_DATES = ("%m/%d/%Y", "%m/%d/%y")
_TIMES = ("%H:%M:%S", "%I:%M:%S %p")
_OEM = "OEM record"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry: `at` as the list has it (it states no zone, or names one in `zone`), None where it has no time."""

    id: str
    at: datetime | None
    zone: str
    sensor: str
    event: str
    direction: str
    detail: str
    raw: str

    @property
    def asserted(self) -> bool:
        """Tell whether this is an event that came, not one that went."""
        return self.direction.lower() != "deasserted"

    @property
    def critical(self) -> bool:
        """Tell whether it is critical or worse by what it is called.

        IPMI gives events no severity: meant are thresholds called critical or non-recoverable (not those called
        non-critical), uncorrectable errors, fatal bus errors and interrupts, thermal trips, failures and faults.
        """
        return bool(_CRITICAL.search(_LESS.sub("", f"{self.sensor} | {self.event}")))

    def time(self) -> str:
        """Return the time as the list has it, ISO 8601 and the zone that it names. Raises NoReading."""
        if self.at is None:
            raise NoReading("an entry without a time: the BMC's clock was not set", received=self.raw)
        return f"{self.at.isoformat()} {self.zone}".strip()


def events(output: str | Iterable[str]) -> Iterator[Event]:
    """Read every entry; none of an empty log. Raises Garbled."""
    for count, line in enumerate(lines(output)):
        if count >= MOST_ENTRIES:
            raise Garbled(f"more than {MOST_ENTRIES} entries", received=line)
        if "|" in line:  # what has none is a message of the tool: it writes them to standard output too
            yield _event(line)


def _event(line: str) -> Event:
    row = cells(line)
    if len(row) < 3 or not _ID.fullmatch(row[0]):
        raise Garbled("not a line of `sel elist`", received=line)
    if row[1].startswith(_OEM):  # without a time: record types E0h to FFh
        return Event(row[0], None, "", row[1], " ".join(row[2:]), "", "", line)
    rest = row[2:] if row[1].startswith("Pre-Init") and not row[2].isdigit() and len(row) < 6 else row[3:]
    if not rest:
        raise Garbled("not a line of `sel elist`", received=line)
    at, zone = _time(row[1], row[2])
    sensor, event, direction, *more = [*rest, "", ""] if len(rest) < 3 else rest
    return Event(row[0], at, zone, sensor, event, direction, " ".join(more).strip(), line)


def _time(date: str, time: str) -> tuple[datetime | None, str]:
    """Read date and time; Pre-Init is a count of seconds from when the BMC started: no time of day."""
    bare = re.match(r"(\d{1,2}:\d{2}:\d{2}(?: [AP]M)?)(?: (\S+))?$", time)
    if not bare:
        return None, ""
    for form in (f"{date_form} {time_form}" for date_form in _DATES for time_form in _TIMES):
        try:
            return datetime.strptime(f"{date} {bare[1]}", form), bare[2] or ""  # noqa: DTZ007 - the list has no zone
        except ValueError:
            continue
    return None, ""


@dataclass(slots=True)
class Summary:
    """What a log comes to: entries, critical ones (the first in `severe`), those that still stand, their order."""

    entries: int = 0
    critical: int = 0
    severe: list[str] = field(default_factory=list)
    standing: dict[tuple[str, str], str] = field(default_factory=dict)
    in_order: bool = True
    timeless: int = 0
    cleared: str = ""
    _latest: datetime | None = None

    def add(self, event: Event) -> None:
        """Take in one entry, in the order of the list."""
        self.entries += 1
        if _CLEARED.search(event.event):
            self.cleared = event.id
        if event.critical:
            self._weigh(event)
        self._order(event)

    def _weigh(self, event: Event) -> None:
        if not event.asserted:
            self.standing.pop((event.sensor, event.event), None)
            return
        self.critical += 1
        self.standing[event.sensor, event.event] = event.raw
        if len(self.severe) < MOST_SHOWN:
            self.severe.append(event.raw)

    def _order(self, event: Event) -> None:
        if event.at is None:
            self.timeless += 1
            return
        if self._latest is not None and event.at < self._latest:
            self.in_order = False
        self._latest = event.at


def summary(output: str | Iterable[str]) -> Summary:
    """Sum a log up. Raises Garbled."""
    found = Summary()
    for event in events(output):
        found.add(event)
    return found


def log_critical(text: str) -> Item:
    """Count asserted events that are critical or worse. Raises Garbled."""
    found = summary(text)
    return Item(found.critical, "\n".join(found.severe))


def log_standing(text: str) -> Item:
    """Count critical events that were asserted and not deasserted since. Raises Garbled."""
    standing = list(summary(text).standing.values())
    return Item(len(standing), "\n".join(standing[:MOST_SHOWN]))


def log_in_order(text: str) -> Item:
    """Tell whether the times of the entries go forward. Raises Garbled, NoReading for a log without times."""
    found = summary(text)
    if found.entries == found.timeless:
        raise NoReading("no entry with a time", received=text)
    return Item(found.in_order, f"{found.entries} entries, {found.timeless} without a time")
