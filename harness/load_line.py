"""A load line: work and power at target loads from a calibrated maximum down to active idle, and its overall score.

The procedure is SPECpower_ssj2008's as recalled, not as printed there: three or more calibration intervals, the mean of
the last two is 100 %; levels of 100 % down to 10 % in steps of 10; active idle. The score, sum of work over sum of
power with active idle in it, is what published results show.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.efficiency import Undecided, per_second_per_watt
from harness.uncertainty import Quantity, total

TARGETS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
"""Target loads as shares of the calibrated maximum, in the order in which they are run."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level: the share of the maximum aimed at (0 is active idle), the work per s done, the power in W."""

    target: float
    rate: Quantity
    power: Quantity


def calibrated_maximum(rates: Sequence[float]) -> float:
    """Return the mean of the last two of three or more calibration intervals, in their unit. Raises Undecided.

    >>> calibrated_maximum([900.0, 1010.0, 990.0])
    1000.0
    """
    if len(rates) < 3:
        raise Undecided(f"{len(rates)} calibration intervals; three are the fewest")
    if not all(rate > 0 for rate in rates):
        raise Undecided("a calibration interval without work")
    return (rates[-2] + rates[-1]) / 2


def targets(maximum: float) -> list[float]:
    """Return the work per s to aim at, level by level, active idle last.

    >>> targets(1000.0)[:2], targets(1000.0)[-2:]
    ([1000.0, 900.0], [100.0, 0.0])
    """
    return [maximum * share for share in TARGETS] + [0.0]


def overall_score(levels: Sequence[Level]) -> Quantity:
    """Return sum of work per s over sum of W, active idle in the power. Raises Undecided where a level is missing.

    Powers of one meter err together: their uncertainties add.

    >>> line = [Level(t, Quantity(100 * t, "ops/s"), Quantity(50 + 50 * t, "W")) for t in (*TARGETS, 0.0)]
    >>> round(overall_score(line).value, 6)
    0.666667
    """
    _require_whole([level.target for level in levels])
    work = total(level.rate for level in levels if level.target)
    return per_second_per_watt(work, total(level.power for level in levels))


def _require_whole(found: Sequence[float]) -> None:
    wanted = (*TARGETS, 0.0)
    missing = [f"{share:.0%}" if share else "active idle" for share in wanted if _count(found, share) != 1]
    if missing or len(found) != len(wanted):
        raise Undecided(f"the load line has not once and only once: {', '.join(missing) or 'a level more than these'}")


def _count(found: Sequence[float], share: float) -> int:
    return sum(abs(target - share) < 1e-9 for target in found)


def level_ratios(levels: Sequence[Level]) -> dict[float, Quantity]:
    """Return work per s per W of each level, by its target; 0 at active idle. Raises Undecided."""
    return {level.target: per_second_per_watt(level.rate, level.power) for level in levels}


def missed_targets(levels: Sequence[Level], maximum: float, tolerance: float = 0.02) -> list[str]:
    """Return the levels whose work is further from the target than `tolerance` of the maximum, in words."""
    return [
        f"{level.target:.0%}: {level.rate.value:g} {level.rate.unit}, aimed at {level.target * maximum:g}"
        for level in levels
        if abs(level.rate.value - level.target * maximum) > tolerance * maximum
    ]


def proportionality_gap(levels: Sequence[Level]) -> float:
    """Return the mean over the levels of P(u)/P(100 %) - u: 0 where power follows load, with active idle at u = 0.

    Raises Undecided without a level at 100 %.

    >>> round(proportionality_gap([Level(t, Quantity(t, "op/s"), Quantity(40 + 60 * t, "W")) for t in (1, 0.5, 0)]), 6)
    0.2
    """
    full = [level.power.value for level in levels if abs(level.target - 1) < 1e-9]
    if len(full) != 1 or not full[0] > 0:
        raise Undecided("no level at 100 %")
    return sum(level.power.value / full[0] - level.target for level in levels) / len(levels)
