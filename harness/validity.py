"""Whether the samples of a window can decide anything; what is wrong with them is named by reason codes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice, pairwise
from operator import sub

from harness.columns import Column
from harness.reasons import ReasonCode

MOST_PERIODS_BETWEEN_SAMPLES = 3.0
"""A window with a larger gap, edges included, decides nothing."""

MOST_CLOCK_STEP_S = 0.4
"""How far the station's clock may be stepped while a window lasts, s: 400 ms, as in MLPerf Power's time_sync."""

DUPLICATES_FROM = 10
"""Samples from which two channels that are alike in all of them are one."""

_DRAWN = frozenset({"power", "input_power"})
"""Points that can only be drawn: negative, they are wrong."""

Calibrations = Callable[[str, datetime], str | None]
"""Says of a device and a time why its calibration does not hold then; None where it does or is not registered."""


def uncalibrated(_device: str, _at: datetime) -> str | None:
    """Stand in where there is no register of calibrations: nothing is past due."""
    return None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a window: its code, and in words what was found."""

    code: ReasonCode
    what: str


@dataclass(frozen=True, slots=True)
class Demands:
    """What the samples of one series must meet: window in ns, sampling period in s.

    `negative` is the error in W below zero that a power may have; `stale_after` how long, s, its value may rest (None
    for ever); `range_changes` the times in ns at which the instrument changed its range; `stall` how long, s, the
    station may stand still, where that is longer than the periods that are allowed: at least half of the readings must
    have come in spite of it.
    """

    begin: int
    end: int
    period: float
    negative: float = 0.0
    stale_after: float | None = None
    range_changes: Sequence[int] = ()
    stall: float = 0.0

    @property
    def longest_gap(self) -> float:
        """Return the longest time without a sample that is allowed, s."""
        return max(MOST_PERIODS_BETWEEN_SAMPLES * self.period, self.stall)

    @property
    def fewest(self) -> float:
        """Return how many samples there must be at least."""
        return max(2.0, (self.end - self.begin) / 1e9 / self.period / 2.0) if self.stall else 2.0


@dataclass(frozen=True, slots=True)
class Regularity:
    """How regular the samples of a window are: gaps over the allowed one, and values that repeat the one before.

    `largest_gap` and `unchanged` (the longest time for which a value rested) are in s.
    """

    gaps: int
    largest_gap: float
    repeated: int
    unchanged: float


def regularity(column: Column, demands: Demands) -> Regularity:
    """Return how regular the samples of a window are, its edges included."""
    edges = [demands.begin, *column.times, demands.end]
    apart = [(after - before) / 1e9 for before, after in pairwise(edges)]
    allowed = demands.longest_gap
    repeated = sum(after == before for before, after in pairwise(column.values))
    return Regularity(sum(gap > allowed for gap in apart), max(apart), repeated, _longest_rest(column))


def _longest_rest(column: Column) -> float:
    longest, first = 0, 0
    for _, run in groupby(column.values):
        last = first + sum(1 for _ in run) - 1
        longest = max(longest, column.times[last] - column.times[first])
        first = last + 1
    return longest / 1e9


def findings(column: Column, demands: Demands) -> list[Finding]:
    """Return everything that is wrong with the samples of a window, the cover first; nothing where it is valid."""
    found = [*_cover(column, demands), *_ranges(demands)]
    if not column.values:
        return found
    return [*found, *_stale(column, demands), *_negative(column, demands)]


def _cover(column: Column, demands: Demands) -> list[Finding]:
    allowed = demands.longest_gap
    said = f"allowed {allowed:.3g} s"
    if len(column.times) < demands.fewest:
        count = len(column.times)
        length = (demands.end - demands.begin) / 1e9
        return [Finding("too_few_samples", f"{count} sample{'' if count == 1 else 's'} in {length:.3g} s")]
    inner = max(map(sub, islice(column.times, 1, None), column.times)) / 1e9
    outer = max(column.times[0] - demands.begin, demands.end - column.times[-1]) / 1e9
    found = [Finding("gap_too_long", f"{inner:.3g} s between two samples ({said})")] if inner > allowed else []
    late = Finding("window_not_covered", f"{outer:.3g} s without a sample at an edge ({said})")
    return [*found, late] if outer > allowed else found


def _ranges(demands: Demands) -> list[Finding]:
    changes = [at for at in demands.range_changes if demands.begin < at <= demands.end]
    return [Finding("range_changed", f"the range changed {len(changes)} times within the window")] if changes else []


def _stale(column: Column, demands: Demands) -> list[Finding]:
    if demands.stale_after is None or (rested := _longest_rest(column)) <= demands.stale_after:
        return []
    return [Finding("stale_telemetry", f"unchanged for {rested:.3g} s (allowed {demands.stale_after:.3g} s)")]


def _negative(column: Column, demands: Demands) -> list[Finding]:
    if column.unit != "W" or column.point.rpartition(".")[2] not in _DRAWN:
        return []
    if min(column.values) >= -demands.negative:
        return []
    below = [value for value in column.values if value < -demands.negative]
    return [Finding("negative_power", f"{len(below)} of {len(column.values)} samples negative, least {min(below):g} W")]


def duplicates(columns: Sequence[Column]) -> list[tuple[Column, Column]]:
    """Return the pairs of channels whose values are alike in every sample, though they are many and not constant."""
    found: list[tuple[Column, Column]] = []
    seen: dict[tuple[float, ...], Column] = {}
    for column in columns:
        values = tuple(column.values)
        if len(values) < DUPLICATES_FROM or len(set(values)) == 1:
            continue
        if values in seen:
            found.append((seen[values], column))
        seen[values] = column
    return found
