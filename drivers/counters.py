"""What counters say between two readings: increases and rates, and when they say nothing (RFC 2863 3.1.6, 3.1.7).

Pure. A counter may have wrapped, jumped with the agent's restart or by itself (ifCounterDiscontinuityTime), or been
cleared; where that cannot be told from traffic there is no increase, and the NoReading says why.
"""

import math
from dataclasses import dataclass

from drivers.errors import Garbled, NoReading

UPTIME_WRAP_S = 2**32 / 100
"""sysUpTime counts hundredths of seconds in 32 bits: 497 days."""

_RESTART_S, _RESTART_SHARE = 5.0, 0.01
"""How far sysUpTime may fall behind our clock before the agent has been restarted: clocks drift, replies take time."""

_CACHED_S = 15.0
"""Agents refresh their counters every few seconds: so much older traffic may show up within an interval."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A counter as it was read, with what tells whether it can be compared.

    `at` is our time, s, on any clock that never goes back; `uptime` sysUpTime, s; `discontinuity` what sysUpTime was,
    s, when counters last jumped, None where the agent has no such object.
    """

    value: int
    at: float
    uptime: float
    discontinuity: float | None = None


def increase(before: Sample, after: Sample, *, bits: int = 64, most_per_s: float | None = None) -> int:
    """Return by how much a counter of `bits` bits went up between two readings, wraps included.

    `most_per_s` is the most that it can count in a second: a port's speed / 8 for octets. Without it no fall of a
    counter can be taken for a wrap.

    Raises NoReading where the two readings cannot be compared, Garbled where one is no counter of that width.

    >>> increase(Sample(2**32 - 10, 0.0, 100.0), Sample(20, 10.0, 110.0), bits=32, most_per_s=1000.0)
    30
    """
    _check_width(before, after, bits)
    seconds = after.at - before.at
    if not 0 < seconds < math.inf:
        raise NoReading("no time between the two readings")
    _check_continuity(before, after)
    found = (after.value - before.value) % (1 << bits)
    _check_plausible(found, seconds, bits, most_per_s, fell=after.value < before.value)
    return found


def rate(before: Sample, after: Sample, *, bits: int = 64, most_per_s: float | None = None) -> float:
    """Return the increase per second of our clock. Raises as `increase` does.

    >>> rate(Sample(0, 0.0, 100.0), Sample(500, 10.0, 110.0))
    50.0
    """
    return increase(before, after, bits=bits, most_per_s=most_per_s) / (after.at - before.at)


def restarted(before: Sample, after: Sample) -> bool:
    """Tell whether the agent was restarted between the readings: sysUpTime is behind what has passed, wraps aside.

    >>> restarted(Sample(0, 0.0, 500.0), Sample(0, 60.0, 12.0))
    True
    >>> restarted(Sample(0, 0.0, UPTIME_WRAP_S - 30), Sample(0, 60.0, 30.0))
    False
    """
    seconds = after.at - before.at
    allowed = _RESTART_S + _RESTART_SHARE * seconds
    behind = (before.uptime + seconds - after.uptime) % UPTIME_WRAP_S
    return allowed < behind < UPTIME_WRAP_S / 2 or (after.uptime < before.uptime and behind > allowed)


def flapped(before: float, after: float, uptime: float) -> bool:
    """Tell from two readings of ifLastChange, s, whether the port changed its state between them.

    `uptime` is sysUpTime of the second reading, s. Raises NoReading where the agent keeps no such time: it stays 0 on
    agents that never set it, and one later than sysUpTime is left from before a restart.

    >>> flapped(12.5, 12.5, 900.0), flapped(12.5, 880.0, 900.0)
    (False, True)
    """
    if before == after == 0:
        raise NoReading("ifLastChange is 0: the port has not changed since the start, or the agent keeps no such time")
    if after > uptime:
        raise NoReading("ifLastChange is later than sysUpTime")
    return before != after


def _check_width(before: Sample, after: Sample, bits: int) -> None:
    for sample in (before, after):
        if not 0 <= sample.value < 1 << bits:
            raise Garbled(f"no counter of {bits} bits", received=str(sample.value)[:40])


def _check_continuity(before: Sample, after: Sample) -> None:
    if restarted(before, after):
        raise NoReading("the agent was restarted between the two readings")
    if before.discontinuity != after.discontinuity:
        raise NoReading("the port's counters jumped between the two readings: ifCounterDiscontinuityTime changed")


def _check_plausible(found: int, seconds: float, bits: int, most_per_s: float | None, *, fell: bool) -> None:
    if most_per_s is not None and most_per_s * seconds > (1 << bits) / 2:
        raise NoReading(f"so fast a counter of {bits} bits may wrap more than once in {seconds:g} s")
    if not fell:
        return
    if most_per_s is None:
        raise NoReading("the counter fell, and nothing says how fast it can count: a wrap, or cleared")
    if found > most_per_s * (seconds + _CACHED_S):
        raise NoReading(f"the counter fell, and could not have wrapped in {seconds:g} s: it was cleared")
