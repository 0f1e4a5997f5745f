"""Deadlines that do not drift, how late they were met, and how often what is read is new."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

_FINEST_S = 1e-6
_STEP = math.log(1.02)
_CHANGES_TO_LEARN = 8
_MOST_CHANGES = 64


@dataclass(slots=True)
class Lateness:
    """How late deadlines were met: a histogram in steps of 2 %, whatever their number; `worst` in s is exact."""

    worst: float = 0.0
    count: int = 0
    _bins: Counter[int] = field(default_factory=Counter)

    def add(self, seconds: float) -> None:
        """Count one deadline, met `seconds` s late."""
        self.worst = max(self.worst, seconds)
        self.count += 1
        self._bins[math.ceil(math.log(max(seconds, _FINEST_S) / _FINEST_S) / _STEP)] += 1

    def quantile(self, q: float) -> float:
        """Return the lateness in s that the share `q` of the deadlines did not exceed, to 2 %; 0 where there is none.

        >>> late = Lateness()
        >>> for ms in range(1, 101):
        ...     late.add(ms / 1000)
        >>> round(late.quantile(0.5), 3), late.quantile(1.0)
        (0.05, 0.1)
        """
        wanted, seen = math.ceil(q * self.count), 0
        for index in sorted(self._bins):
            seen += self._bins[index]
            if seen >= wanted:
                return min(self.worst, _FINEST_S * math.exp(index * _STEP))
        return 0.0


@dataclass(slots=True)
class Beat:
    """Deadlines at `begun`, `begun` + `period`, ... by the monotonic clock, s."""

    begun: float
    period: float
    _turn: int = 0

    @property
    def due(self) -> float:
        """Return the next deadline, s; multiplied, not summed up, so that it does not drift."""
        return self.begun + self._turn * self.period

    def advance(self, now: float) -> int:
        """Go on to the last deadline before `now`, or the next after it; return how many were missed on the way."""
        self._turn += 1
        missed = max(0, int((now - self.due) / self.period))
        self._turn += missed
        return missed

    def slow_down(self, period: float, now: float) -> None:
        """Go on with another period from the next deadline."""
        self.begun, self.period, self._turn = max(self.due, now), period, 0


@dataclass(slots=True)
class Refresh:
    """Learns from repeated values how often a device has new ones."""

    _last: Sequence[float] | None = None
    _changed_at: float | None = None
    _between: list[float] = field(default_factory=list)

    def note(self, at: float, values: Sequence[float]) -> None:
        """Take note of what was read at `at` s: all values that are read together."""
        if values == self._last:
            return
        if self._changed_at is not None and self._last is not None and len(self._between) < _MOST_CHANGES:
            self._between.append(at - self._changed_at)
        self._last, self._changed_at = values, at

    def learnt(self, period: float) -> float | None:
        """Return the refresh period in s where readings every `period` s show one that is longer.

        None where the changes are few or irregular: a value that rests is no sensor that is slow.
        """
        if len(self._between) < _CHANGES_TO_LEARN:
            return None
        mean = fmean(self._between)
        regular = max(self._between) - min(self._between) <= 1.5 * period
        return mean if regular and mean >= 1.5 * period else None
