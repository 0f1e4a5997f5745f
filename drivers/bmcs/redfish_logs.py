"""Event logs and clocks of a Redfish BMC (DMTF DSP0268, LogEntry and Manager). Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from drivers.bmcs.redfish_makers import Maker
from drivers.bmcs.redfish_whole import resource, whose
from drivers.errors import DriverError, Garbled, NoReading
from drivers.items import item
from drivers.points import Item
from drivers.redfish_survey import Found, Node
from drivers.redfish_values import entry, raised, text
from drivers.ssh import Timed

_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_OFFSET = re.compile(r"[+-]\d{2}:\d{2}")


def clock_offset(found: Found) -> Item:
    """Read the BMC's clock against ours, s. Raises NoReading where it states no zone, Garbled."""
    for node in found["clock"]:
        timed = node.body
        if not isinstance(timed, Timed):
            raise Garbled("not a manager", received=str(timed)[:200])
        body = raised(timed.reply)
        shown = manager_time(text(body, "DateTime"), text(body, "DateTimeLocalOffset"))
        return Item(timed.offset_of(shown), text(body, "DateTime"), query=f"{node.path}#/DateTime")
    raise NoReading("the service shows no manager with a clock")


def manager_time(said: str, offset: str) -> datetime:
    """Return the time that a manager shows; one that shows whole seconds is half a second further on the average.

    Raises NoReading where there is none, or none with a zone; Garbled.

    >>> manager_time("2015-03-13T04:14:33+06:00", "").isoformat()
    '2015-03-13T04:14:33.500000+06:00'
    """
    if not said:
        raise NoReading("the manager has no DateTime")
    found = _TIME.fullmatch(said)
    if not found:
        raise Garbled("not a time (ISO 8601)", received=said[:200])
    zone = found[4] or (offset if _OFFSET.fullmatch(offset) else "")
    if not zone:
        raise NoReading("the manager's DateTime states no zone", received=said)
    fraction = (found[3] or ".5")[:7]
    zone = "+00:00" if zone.upper() == "Z" else zone
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}") + timedelta(seconds=float(fraction))
    except (ValueError, OverflowError):
        raise Garbled("not a time", received=said[:200]) from None


def log_entries(found: Found) -> Item:
    """Count the entries of all event logs. Raises NoReading where there is no event log, and what a log raises."""
    _logs(found)
    nodes = [resource(node.body) for node in found["log_entry"]]
    return Item(len(nodes), str(len(nodes)))


def log_critical(found: Found) -> Item:
    """Count the entries that are critical and still stand. Raises as `log_entries` does."""
    _logs(found)
    severe = critical(found["log_entry"], whose(found))
    return Item(len(severe), "; ".join(message(node) for node in severe)[:2000])


def _logs(found: Found) -> Sequence[Node]:
    if not found["log"]:
        raise NoReading("the service has no event log")
    return found["log"]


def critical(nodes: Iterable[Node], whose_: Maker) -> list[Node]:
    """Return the entries that are critical, asserted and not settled. Raises what came instead of an entry."""
    return [node for node in nodes if is_critical(resource(node.body), whose_)]


def is_critical(body: Any, whose_: Maker) -> bool:
    """Tell whether an entry is critical (LogEntry.Severity), is no deassertion and has not been settled.

    >>> from drivers.bmcs.redfish_makers import ANY
    >>> is_critical({"Severity": "Critical"}, ANY), is_critical({"Severity": "Critical", "Resolved": True}, ANY)
    (True, False)
    """
    if text(body, "Severity").lower() not in {"critical", "fatal"}:
        return False
    if text(body, "EntryCode").lower() in {"deassert", "deasserted"}:
        return False
    return not any(entry(body, *pointer) is True for pointer in whose_.settled)


def message(node: Node) -> str:
    """Return what an entry says, as evidence."""
    return text(node.body, "Message") or text(node.body, "MessageId") or node.key


def each_log(found: Found) -> Iterator[Item]:
    """Count entries and critical entries of every event log; a log that cannot be read is null."""
    for log in found["log"]:
        own = [node for node in found["log_entry"] if node.key.rpartition("/")[0] == log.key]
        yield item(lambda n: len(_readable(n)), own, str(len(own)), key=log.key, unit="1", quantity="entries")
        yield item(
            lambda n: len(critical(_readable(n), whose(found))), own, "", key=log.key, unit="1", quantity="critical"
        )


def _readable(nodes: Sequence[Node]) -> Sequence[Node]:
    for node in nodes:
        try:
            resource(node.body)
        except DriverError as error:
            raise Garbled(f"the log cannot be read to its end: {error.what}", received=error.received) from error
    return nodes
