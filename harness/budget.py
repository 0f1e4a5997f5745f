"""Uncertainty budgets after the GUM (JCGM 100:2008): contributions, how they combine, and the coverage factor.

A contribution is the standard uncertainty of one input with its sensitivity c = ∂y/∂x. What may be wrong in the same
direction, as the channels of one meter or the instruments of one model, shares a `group`: contributions of one sign
then add linearly, and no credit is taken where opposite signs could cancel. A correlation that is known is given with
its coefficient. Clause numbers of the GUM are recalled, its worked examples are in the tests.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal, Protocol

from harness.distributions import t_quantile

Kind = Literal["A", "B"]
Distribution = Literal["normal", "rectangular", "triangular", "u-shaped", "t"]
DIVISORS: Mapping[str, float] = {
    "rectangular": math.sqrt(3.0),
    "triangular": math.sqrt(6.0),
    "u-shaped": math.sqrt(2.0),
}
"""Limits of error over standard uncertainty (GUM 4.3.7 and 4.3.9; u-shaped, arc sine: of a cyclic influence)."""
TWO_SIGMA = math.erf(math.sqrt(2.0))
"""Probability of ±2 standard deviations of a normal distribution, 95.45 %: for it, k = 2 at infinite dof."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One line of a budget: `u` of the input in its own unit, `sensitivity` to the result, degrees of freedom."""

    name: str
    u: float
    kind: Kind = "B"
    distribution: Distribution = "normal"
    sensitivity: float = 1.0
    dof: float = math.inf
    source: str = ""
    group: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.u < math.inf or not math.isfinite(self.sensitivity) or not self.dof > 0:
            numbers = f"u {self.u}, sensitivity {self.sensitivity}, dof {self.dof}"
            raise ValueError(f"{self.name}: {numbers}: u and sensitivity must be finite, u not negative, dof above 0")

    @property
    def amount(self) -> float:
        """Return c·u, in the unit of the result, with the sign of c."""
        return self.sensitivity * self.u

    def seen_through(self, sensitivity: float) -> "Contribution":
        """Return this contribution to a result that depends on the present one with `sensitivity`."""
        return replace(self, sensitivity=self.sensitivity * sensitivity)


class Stated(Protocol):
    """What an instrument's maker states: ±(of_reading · |value| + of_range · range), and the clause that says so.

    `resolution` is one step of what it shows, `drift` the share of the reading by which it may have drifted since its
    calibration; 0 where there is none to add.
    """

    @property
    def of_reading(self) -> float:
        """Share of the reading."""
        ...

    @property
    def of_range(self) -> float:
        """Share of the range."""
        ...

    @property
    def range(self) -> float:
        """Range in use, in the unit of the value."""
        ...

    @property
    def source(self) -> str:
        """Manual and clause."""
        ...

    @property
    def resolution(self) -> float:
        """One step of the display, in the unit of the value."""
        ...

    @property
    def drift(self) -> float:
        """Share of the reading."""
        ...

    @property
    def drift_source(self) -> str:
        """Where the drift is stated."""
        ...


def limits_of_error(
    name: str, a: float, distribution: Distribution = "rectangular", *, source: str = "", group: str | None = None
) -> Contribution:
    """Return the contribution of an error that is known to lie within ±`a`, by the shape of its distribution.

    Raises KeyError for a distribution that has no limits.

    >>> round(limits_of_error("meter", 24.011).u, 3)
    13.863
    """
    return Contribution(name, a / DIVISORS[distribution], "B", distribution, source=source, group=group)


def certified(name: str, expanded: float, k: float = 2.0, *, source: str = "", dof: float = math.inf) -> Contribution:
    """Return the contribution of a certificate that states an expanded uncertainty with its coverage factor `k`."""
    return Contribution(name, expanded / k, "B", "normal", source=source, dof=dof)


def repeated(name: str, samples: Sequence[float], *, source: str = "") -> Contribution:
    """Return the contribution of the scatter of `samples` to their mean, s/√n (GUM 4.2.3).

    Raises ValueError where there are fewer than two, for one sample tells nothing of its scatter.

    >>> repeated("power", [9.0, 10.0, 11.0]).dof
    2.0
    """
    n = len(samples)
    if n < 2:
        raise ValueError(f"{name}: {n} samples: scatter needs two")
    mean = math.fsum(samples) / n
    variance = math.fsum((s - mean) ** 2 for s in samples) / (n - 1)
    return Contribution(name, math.sqrt(variance / n), "A", "t", dof=float(n - 1), source=source)


def of_instrument(name: str, stated: Stated, value: float) -> tuple[Contribution, ...]:
    """Return what the instrument contributes to `value`: limits of error, resolution, drift since its calibration.

    Instruments of one clause of one manual share a group: they may all be wrong in the same direction.
    """
    a = stated.of_reading * abs(value) + stated.of_range * stated.range
    found = [limits_of_error(f"{name}: limits of error", a, source=stated.source, group=stated.source)]
    if stated.resolution > 0:
        step = stated.resolution / 2
        found.append(limits_of_error(f"{name}: resolution", step, source=stated.source))
    if stated.drift > 0:
        drifted = stated.drift * abs(value)
        found.append(limits_of_error(f"{name}: drift since calibration", drifted, source=stated.drift_source))
    return tuple(found)


def combined(contributions: Iterable[Contribution]) -> float:
    """Return u of the result: groups first, then by root sum of squares.

    >>> combined([Contribution("a", 3, group="meter"), Contribution("b", 4, group="meter")])
    7.0
    >>> combined([Contribution("a", 3), Contribution("b", 4)])
    5.0
    """
    return math.hypot(*(amount for amounts, _ in _independent(contributions) for amount in amounts))


def _independent(contributions: Iterable[Contribution]) -> list[tuple[tuple[float, float], float]]:
    """Return, for each group or lone contribution, its positive and negative sum and its degrees of freedom."""
    ordered = sorted(contributions, key=lambda c: (c.group is not None, c.group or ""))
    found = []
    for group, members in groupby(ordered, key=lambda c: c.group):
        together = list(members)
        sets = [together] if group is not None else [[c] for c in together]
        found += [(_signed(one), min(c.dof for c in one)) for one in sets]
    return found


def _signed(contributions: Sequence[Contribution]) -> tuple[float, float]:
    amounts = [c.amount for c in contributions]
    return math.fsum(a for a in amounts if a > 0), math.fsum(a for a in amounts if a < 0)


def effective_dof(contributions: Iterable[Contribution]) -> float:
    """Return them by Welch and Satterthwaite (GUM G.4.1); infinite where nothing scatters.

    A group counts as one contribution with the fewest degrees of freedom of its members: the formula is for independent
    contributions only.
    """
    parts = [(math.hypot(*amounts), dof) for amounts, dof in _independent(contributions)]
    total = math.hypot(*(amount for amount, _ in parts))
    # as shares of the total, for a fourth power soon leaves the range of a float
    spread = math.fsum((amount / total) ** 4 / dof for amount, dof in parts) if total > 0 else 0.0
    return 1 / spread if spread > 0 else math.inf


def coverage_factor(dof: float, probability: float = TWO_SIGMA) -> float:
    """Return k by Student's t, dof cut to a whole number (GUM G.4.1 note 1, G.6.4); 2 at infinite dof by default.

    >>> round(coverage_factor(16.9, 0.99), 2), round(coverage_factor(math.inf), 9)
    (2.92, 2.0)
    """
    if math.isinf(dof) and probability == TWO_SIGMA:
        return 2.0
    return t_quantile((1 + probability) / 2, dof if math.isinf(dof) else max(1.0, math.floor(dof * (1 + 1e-12))))


@dataclass(frozen=True, slots=True)
class Budget:
    """A whole budget: its contributions, and correlation coefficients by pairs of names where they are known.

    >>> budget = Budget((Contribution("a", 3.0), Contribution("b", 4.0)), {("a", "b"): 0.5})
    >>> round(budget.u ** 2, 9)
    37.0
    """

    contributions: tuple[Contribution, ...]
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {c.name for c in self.contributions}
        for pair, r in self.correlations.items():
            if not set(pair) <= known or pair[0] == pair[1] or not -1 <= r <= 1:
                raise ValueError(f"correlation {r} of {pair}: must be from -1 to 1, of two contributions of the budget")

    @property
    def u(self) -> float:
        """Return the combined standard uncertainty (GUM 5.2.2). Raises ValueError where coefficients contradict."""
        amounts = {c.name: c.amount for c in self.contributions}
        shared = math.fsum(2 * r * amounts[a] * amounts[b] for (a, b), r in self.correlations.items())
        variance = combined(self.contributions) ** 2 + shared
        if variance < 0:
            raise ValueError(f"the correlation coefficients contradict each other: variance {variance}")
        return math.sqrt(variance) if shared else combined(self.contributions)

    @property
    def dof(self) -> float:
        """Return the effective degrees of freedom, correlations left out."""
        return effective_dof(self.contributions)

    def expanded(self, probability: float = TWO_SIGMA) -> float:
        """Return U = k·u for a coverage `probability`."""
        return coverage_factor(self.dof, probability) * self.u
