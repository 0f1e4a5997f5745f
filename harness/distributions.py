"""Probabilities and quantiles that decisions and coverage factors rest on.

The normal distribution is computed here; what needs an inverse beta, gamma or t comes from scipy, imported when asked.
"""

import math
from functools import cache
from statistics import NormalDist
from typing import Any

_STANDARD = NormalDist()


def normal_cdf(z: float) -> float:
    """Return Φ(z), exact also far out in the lower tail.

    >>> round(normal_cdf(1.4), 4), normal_cdf(-20) > 0
    (0.9192, True)
    """
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def normal_density(z: float) -> float:
    """Return the density of the standard normal distribution at `z`."""
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def normal_quantile(probability: float) -> float:
    """Return z with Φ(z) = `probability`. Raises ValueError outside ]0, 1[.

    >>> round(normal_quantile(0.975), 4)
    1.96
    """
    return _STANDARD.inv_cdf(within_unit(probability, "probability"))


def t_quantile(probability: float, dof: float) -> float:
    """Return the quantile of Student's t with `dof` degrees of freedom, normal where they are infinite.

    Raises ValueError where `probability` is outside ]0, 1[ or `dof` is not positive.

    >>> round(t_quantile(0.995, 16), 2)
    2.92
    """
    within_unit(probability, "probability")
    if not dof > 0:
        raise ValueError(f"degrees of freedom {dof}: must be above 0")
    return normal_quantile(probability) if math.isinf(dof) else float(_special().stdtrit(dof, probability))


def gamma_quantile(probability: float, shape: float) -> float:
    """Return the quantile of the gamma distribution with `shape` and scale 1; half of χ²'s with twice the dof.

    >>> round(2 * gamma_quantile(0.9, 1), 4)
    4.6052
    """
    within_unit(probability, "probability")
    return -math.log1p(-probability) if shape == 1 else float(_special().gammaincinv(shape, probability))


def gamma_cdf(x: float, shape: float) -> float:
    """Return the probability of at most `x` under the gamma distribution with `shape` and scale 1."""
    return -math.expm1(-x) if shape == 1 else float(_special().gammainc(shape, x))


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return the quantile of the beta distribution.

    >>> round(beta_quantile(0.05, 59, 1), 4)
    0.9505
    """
    return float(_special().betaincinv(a, b, within_unit(probability, "probability")))


def binomial_cdf(most: int, n: int, share: float) -> float:
    """Return the probability of at most `most` events in `n` trials, each with probability `share`."""
    return float(_special().bdtr(most, n, share))


@cache
def legendre(n: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return nodes and weights of the Gauss-Legendre rule with `n` points on [-1, 1]."""
    from numpy.polynomial.legendre import leggauss  # noqa: PLC0415 - heavy, and most commands need none

    nodes, weights = leggauss(n)
    return tuple(map(float, nodes)), tuple(map(float, weights))


def within_unit(value: float, what: str) -> float:
    """Return `value`. Raises ValueError where it is not strictly between 0 and 1; NaN is not."""
    if not 0.0 < value < 1.0:
        raise ValueError(f"{what} {value}: must be between 0 and 1, both excluded")
    return value


def _special() -> Any:
    from scipy import special  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy, and most commands need none

    return special
