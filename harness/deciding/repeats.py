"""Repeated runs as one result: median and spread, and the Olympic mean."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Repeats:
    """Several runs of one thing, in the unit of the values; `sd`, `cv` and the quartiles are None for a single run.

    Quartiles are of the inclusive kind: linear between the order statistics, the extremes being 0 % and 100 %.
    """

    count: int
    median: float
    mean: float
    least: float
    greatest: float
    sd: float | None
    lower_quartile: float | None
    upper_quartile: float | None

    @property
    def cv(self) -> float | None:
        """Return the coefficient of variation, s over mean; None of a single run or a mean of 0."""
        return None if self.sd is None or self.mean == 0 else self.sd / abs(self.mean)

    @property
    def spread(self) -> float | None:
        """Return greatest less least, as a share of the median; None where that is 0."""
        return None if self.median == 0 else (self.greatest - self.least) / abs(self.median)


def repeats(values: Sequence[float], warm_up: int = 0) -> Repeats:
    """Summarise runs in their order, without the first `warm_up`, a number that is fixed beforehand.

    Raises ValueError where nothing is left or a value is not finite.

    >>> repeats([90.0, 100.0, 101.0, 99.0], warm_up=1).median
    100.0
    """
    kept = _finite(values[warm_up:])
    several = len(kept) > 1
    lower, _, upper = statistics.quantiles(kept, n=4, method="inclusive") if several else (None, None, None)
    return Repeats(
        count=len(kept),
        median=statistics.median(kept),
        mean=math.fsum(kept) / len(kept),
        least=min(kept),
        greatest=max(kept),
        sd=statistics.stdev(kept) if several else None,
        lower_quartile=lower,
        upper_quartile=upper,
    )


def olympic_mean(values: Sequence[float], drop: int = 1) -> float:
    """Return the mean without the `drop` least and the `drop` greatest values.

    MLPerf Training scores so over runs sorted by time (training_policies, read). Raises ValueError where nothing is
    left or a value is not finite.

    >>> olympic_mean([10.0, 11.0, 12.0, 13.0, 30.0])
    12.0
    """
    if drop < 0:
        raise ValueError(f"drop {drop}: must not be negative")
    kept = sorted(_finite(values))[drop : len(values) - drop]
    if not kept:
        raise ValueError(f"{len(values)} values: nothing is left without the {drop} least and greatest")
    return math.fsum(kept) / len(kept)


def _finite(values: Sequence[float]) -> Sequence[float]:
    if not values:
        raise ValueError("no value")
    for value in values:
        if not math.isfinite(value):
            raise ValueError(f"value {value}: must be finite")
    return values
