"""Moments as people and logs write them: ISO 8601, epoch numbers, a format's own; all to ns since 1970 UTC."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation

from harness.energy.trace import NS_PER_S

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PTD = re.compile(r"(\d\d)-(\d\d)-(\d{4}) (\d\d):(\d\d):(\d\d)\.(\d{3,6})")
"""`MM-DD-YYYY HH:MM:SS.mmm`, the time of SPEC PTDaemon and of loadgen's power markers."""

_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d\d)?")
_EPOCHS = ((Decimal(10) ** 17, 1), (Decimal(10) ** 14, 10**3), (Decimal(10) ** 11, 10**6), (Decimal(10) ** 8, 10**9))
"""From which size on a bare number is an epoch time, and its unit in ns: ns, µs, ms, s."""


def utc_offset(text: str) -> timedelta:
    """Return the offset that `text` names, `+HH:MM`. Raises ValueError.

    >>> utc_offset("-04:00")
    datetime.timedelta(days=-1, seconds=72000)
    """
    if text in ("Z", "0"):
        return timedelta(0)
    found = _OFFSET.fullmatch(text)
    if found is None or int(found[2]) > 14 or int(found[3] or 0) > 59:
        raise ValueError(f"not an offset from UTC: {text!r}; want +HH:MM")
    size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return -size if found[1] == "-" else size


def of_datetime(at: datetime) -> int:
    """Return ns since 1970 UTC of an aware `at`."""
    return (at - EPOCH) // timedelta(microseconds=1) * 1000


def of_iso(text: str, offset: timedelta) -> int:
    """Return ns since 1970 UTC of an ISO 8601 time; one without a zone is local, `offset` ahead of UTC.

    Raises ValueError.

    >>> of_iso("1970-01-01T01:00:00.5", utc_offset("+01:00"))
    500000000
    """
    if ":" not in text and "T" not in text:
        raise ValueError(f"a date without a time of day: {text!r}")
    at = datetime.fromisoformat(text)
    return of_datetime(at if at.tzinfo else at.replace(tzinfo=timezone(offset)))


def of_ptd(text: str, offset: timedelta) -> int:
    """Return ns since 1970 UTC of a PTDaemon time, local, `offset` ahead of UTC. Raises ValueError.

    >>> of_ptd("01-01-1970 00:00:01.250", timedelta(0))
    1250000000
    """
    found = PTD.fullmatch(text)
    if found is None:
        raise ValueError(f"not a time MM-DD-YYYY HH:MM:SS.mmm: {text!r}")
    month, day, year, hour, minute, second = map(int, found.groups()[:6])
    at = datetime(year, month, day, hour, minute, second, int(found[7].ljust(6, "0")), tzinfo=timezone(offset))
    return of_datetime(at)


def of_number(text: str, seconds_per_unit: float, *, absolute: bool) -> int:
    """Return ns of a bare number: an epoch time by its size, or in the file's own unit where that is relative.

    Raises ValueError.

    >>> of_number("1715257320.207", 1, absolute=True) == of_number("1715257320207", 1, absolute=True)
    True
    >>> of_number("2.5", 1, absolute=False)
    2500000000
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"not a time: {text!r}") from None
    if not value.is_finite():
        raise ValueError(f"not a time: {text!r}")
    for smallest, unit in _EPOCHS if absolute else ():
        if abs(value) >= smallest:
            return round(value * unit)
    return round(value * Decimal(seconds_per_unit) * NS_PER_S)


def of_anything(text: str, offset: timedelta, seconds_per_unit: float = 1.0, *, absolute: bool = True) -> int:
    """Return ns of a time in any of the ways above. Raises ValueError with what is understood."""
    try:
        if PTD.fullmatch(text):
            return of_ptd(text, offset)
        if re.fullmatch(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?", text):
            return of_number(text, seconds_per_unit, absolute=absolute)
        return of_iso(text, offset)
    except ValueError as error:
        known = "ISO 8601, epoch s or ms, MM-DD-YYYY HH:MM:SS.mmm, or the file's own number"
        raise ValueError(f"not a time: {text!r} ({error}); want {known}") from None


def shown(ns: int, *, absolute: bool) -> str | float:
    """Return ns as ISO 8601 in UTC, or as s where the file's clock is no clock of the day.

    >>> shown(1_500_000_000, absolute=True), shown(1_500_000_000, absolute=False)
    ('1970-01-01T00:00:01.500000+00:00', 1.5)
    """
    if not absolute:
        return ns / NS_PER_S
    return (EPOCH + timedelta(microseconds=ns // 1000)).isoformat(timespec="microseconds")
