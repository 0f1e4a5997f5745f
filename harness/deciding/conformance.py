"""Probability of conformance of one item, and the risks of deciding wrongly on it or on a whole production.

After JCGM 106:2012, clauses 7 (probability of conformance) and 9 (risks), for a normal distribution of what is known
of the true value. The numbers of its examples are in the tests; clause numbers are recalled, not re-read.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from harness.deciding.rules import Zone
from harness.distributions import legendre, normal_cdf, normal_density

_FAR = 12.0
"""Standard deviations beyond which a normal density is taken as nothing: its tail holds less than 1e-32."""
_PANEL = 0.5
"""Widest panel of the quadrature, in the standard deviation that shapes the integrand there."""
_NODES = 16


def probability(value: float, u: float, tolerance: Zone) -> float:
    """Return the probability that the true value lies in `tolerance`, for a `value` with standard uncertainty `u`.

    JCGM 106, 7.2 to 7.4. Without uncertainty it is 1 or 0. Raises ValueError where a number is not finite or `u` < 0.

    >>> round(probability(-5.47, 0.05, Zone(high=-5.40)), 4)
    0.9192
    """
    _demand(value, u)
    if u == 0:
        return float(tolerance.holds(value))
    below, above = _tails(value, u, tolerance)
    if below + above < 0.5:
        return 1.0 - below - above
    # far outside both tails are near 1 or 0: the difference of the small ones keeps its digits
    if above > below:
        return normal_cdf(_z(tolerance.high, value, u, math.inf)) - below
    return normal_cdf(-_z(tolerance.low, value, u, -math.inf)) - above


def non_conformance(value: float, u: float, tolerance: Zone) -> float:
    """Return the probability that the true value lies outside `tolerance`; exact also where it is tiny."""
    _demand(value, u)
    return float(not tolerance.holds(value)) if u == 0 else math.fsum(_tails(value, u, tolerance))


def _tails(value: float, u: float, tolerance: Zone) -> tuple[float, float]:
    return (
        normal_cdf(_z(tolerance.low, value, u, -math.inf)),
        normal_cdf(-_z(tolerance.high, value, u, math.inf)),
    )


def _z(bound: float | None, value: float, u: float, absent: float) -> float:
    return absent if bound is None else (bound - value) / u


def _demand(value: float, u: float) -> None:
    if not math.isfinite(value) or not math.isfinite(u) or u < 0:
        raise ValueError(f"value {value}, standard uncertainty {u}: must be finite, the uncertainty not negative")


def capability(u: float, tolerance: Zone) -> float | None:
    """Return the measurement capability index C = T/(4u) (JCGM 106, 7.6); None for one limit or no uncertainty.

    >>> capability(0.5, Zone(0, 8))
    4.0
    """
    if tolerance.low is None or tolerance.high is None or u == 0:
        return None
    return (tolerance.high - tolerance.low) / (4 * u)


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal distribution: what is known of an item before it is measured, or after."""

    mean: float
    sd: float

    def after(self, value: float, u: float) -> "Normal":
        """Return what is known after a measurement that gave `value` with standard uncertainty `u` (JCGM 106, 6.2).

        >>> Normal(0.0, 1.0).after(1.0, 1.0).mean
        0.5
        """
        poorer = u / self.sd
        weight = 1 / (1 + poorer * poorer)
        return Normal(self.mean + weight * (value - self.mean), self.sd * (u / math.hypot(self.sd, u)))


@dataclass(frozen=True, slots=True)
class Risks:
    """Global risks (JCGM 106, 9.5) as shares of all items: accepted without conforming, and the other way round.

    `conforming` and `accepted` are shares of all items; `false_accepts` is the share of the accepted that do not
    conform, `false_rejects` the share of the rejected that do; None where nothing is accepted or rejected.
    """

    consumer: float
    producer: float
    conforming: float
    accepted: float

    @property
    def false_accepts(self) -> float | None:
        """Return the share of the accepted items that do not conform."""
        return self.consumer / self.accepted if self.accepted > 0 else None

    @property
    def false_rejects(self) -> float | None:
        """Return the share of the rejected items that conform."""
        return self.producer / (1 - self.accepted) if self.accepted < 1 else None


def global_risks(prior: Normal, u: float, tolerance: Zone, acceptance: Zone) -> Risks:
    """Return the risks of accepting by `acceptance` what a process like `prior` makes, measured with `u`.

    Raises ValueError where a number is not finite, the spread of the prior not above 0, or `u` negative.

    >>> risks = global_risks(Normal(1500, 0.12), 0.04, Zone(1499.8, 1500.2), Zone(1499.8, 1500.2))
    >>> round(100 * risks.consumer, 2), round(100 * risks.producer, 2)
    (1.89, 3.72)
    """
    if not (0 < prior.sd < math.inf and 0 <= u < math.inf and math.isfinite(prior.mean)):
        raise ValueError(
            f"prior {prior.mean} ± {prior.sd}, standard uncertainty {u}: must be finite, the prior's spread above 0"
        )
    z = Zone(*(None if b is None else (b - prior.mean) / prior.sd for b in (tolerance.low, tolerance.high)))
    a = Zone(*(None if b is None else (b - prior.mean) / prior.sd for b in (acceptance.low, acceptance.high)))
    relative = u / prior.sd
    low, high = -math.inf if z.low is None else z.low, math.inf if z.high is None else z.high
    consumer = _joint(-math.inf, low, a, relative) + _joint(high, math.inf, a, relative)
    producer = _joint(low, high, a, relative, rejected=True)
    seen = math.hypot(prior.sd, u)
    accepted = 0.0 if acceptance.empty else probability(prior.mean, seen, acceptance)
    return Risks(consumer, producer, probability(prior.mean, prior.sd, tolerance), accepted)


def _joint(begin: float, end: float, accepts: Zone, relative: float, *, rejected: bool = False) -> float:
    """Return the probability of a true value between two bounds that is accepted, or rejected.

    All in standard deviations of the prior; `relative` is that of the measurement. By Gauss-Legendre quadrature in
    panels: none is wider than the steps that the integrand makes at the bounds of the zone.
    """
    begin, end = max(begin, -_FAR), min(end, _FAR)
    if begin >= end:
        return 0.0

    if accepts.empty:
        return normal_cdf(end) - normal_cdf(begin) if rejected else 0.0
    chance = non_conformance if rejected else probability

    def integrand(z: float) -> float:
        return normal_density(z) * chance(z, relative, accepts)

    edges = _edges(begin, end, accepts, relative)
    return math.fsum(_gauss(integrand, a, b) for a, b in pairwise(edges))


def _edges(begin: float, end: float, accepts: Zone, relative: float) -> list[float]:
    """Return the edges of the panels: even ones, and finer ones around the bounds of the zone."""
    even = [-_FAR + _PANEL * i for i in range(round(2 * _FAR / _PANEL) + 1)]
    steps = [_PANEL * i for i in range(-20, 21)] if relative < 1 else []
    fine = [bound + relative * step for bound in (accepts.low, accepts.high) if bound is not None for step in steps]
    return sorted({begin, end, *(edge for edge in even + fine if begin < edge < end)})


def _gauss(integrand: Callable[[float], float], begin: float, end: float) -> float:
    middle, half = (begin + end) / 2, (end - begin) / 2
    nodes, weights = legendre(_NODES)
    return half * math.fsum(w * integrand(middle + half * x) for x, w in zip(nodes, weights, strict=True))
