"""Wald's sequential probability ratio test of a share of failures: go on, accept or reject after every item.

Formulas as in the NIST/SEMATECH handbook, 6.2.6 (recalled; its numbers are in the tests).
"""

import math
from dataclasses import dataclass
from typing import Literal

from harness.distributions import within_unit

Stage = Literal["accept", "reject", "go_on"]


@dataclass(frozen=True, slots=True)
class Sprt:
    """A test of the share of failures `p0` (good) against `p1` (bad), with risks `alpha` (producer), `beta` (consumer).

    Raises ValueError where a share or risk is not strictly between 0 and 1, where `p0` is not below `p1`, or where the
    risks add up to 1 or more.
    """

    p0: float
    p1: float
    alpha: float
    beta: float

    def __post_init__(self) -> None:
        for name in ("p0", "p1", "alpha", "beta"):
            within_unit(getattr(self, name), name)
        if not self.p0 < self.p1:
            raise ValueError(f"p0 {self.p0} is not below p1 {self.p1}: there is nothing to tell apart")
        if self.alpha + self.beta >= 1:
            raise ValueError(f"risks {self.alpha} and {self.beta} add up to 1 or more: guessing does better")

    @property
    def _scale(self) -> float:
        return math.log(self.p1 / self.p0) + math.log((1 - self.p0) / (1 - self.p1))

    @property
    def slope(self) -> float:
        """Return s, the rise of both lines per item."""
        return math.log((1 - self.p0) / (1 - self.p1)) / self._scale

    @property
    def acceptance_intercept(self) -> float:
        """Return h1: accept at d ≤ s·n - h1 failures in n items."""
        return math.log((1 - self.alpha) / self.beta) / self._scale

    @property
    def rejection_intercept(self) -> float:
        """Return h2: reject at d ≥ s·n + h2 failures in n items."""
        return math.log((1 - self.beta) / self.alpha) / self._scale

    def acceptance_number(self, n: int) -> int | None:
        """Return the most failures in `n` items with which to accept; None where it is too early to."""
        most = math.floor(self.slope * n - self.acceptance_intercept)
        return most if most >= 0 else None

    def rejection_number(self, n: int) -> int | None:
        """Return the fewest failures in `n` items with which to reject; None where there cannot be as many yet.

        >>> [Sprt(0.01, 0.10, 0.05, 0.10).rejection_number(n) for n in (1, 2, 20)]
        [None, 2, 3]
        """
        fewest = math.ceil(self.slope * n + self.rejection_intercept)
        return fewest if fewest <= n else None

    def first_acceptance(self) -> int:
        """Return after how many items without a failure the test can accept for the first time.

        >>> Sprt(0.01, 0.10, 0.05, 0.10).first_acceptance()
        24
        """
        return math.ceil(self.acceptance_intercept / self.slope)

    def stage(self, n: int, failures: int) -> Stage:
        """Decide after `n` items with `failures` failures. Raises ValueError where there are more failures than items.

        >>> plan = Sprt(0.01, 0.10, 0.05, 0.10)
        >>> plan.stage(23, 0), plan.stage(24, 0), plan.stage(2, 2)
        ('go_on', 'accept', 'reject')
        """
        if not 0 <= failures <= n:
            raise ValueError(f"{failures} failures in {n} items: cannot be")
        most, fewest = self.acceptance_number(n), self.rejection_number(n)
        if most is not None and failures <= most:
            return "accept"
        return "reject" if fewest is not None and failures >= fewest else "go_on"
