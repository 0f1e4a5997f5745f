"""What a test with few or no failures shows: reliability, time between failures, bit error ratio; and how long to test.

Binomial for items, Poisson for hours and bits. The formulas are textbook ones; the tests hold them to published tables
and to the distributions that they come from.
"""

import math

from harness.distributions import beta_quantile, binomial_cdf, gamma_cdf, gamma_quantile, normal_quantile, within_unit

_ROUNDING = 1e-9
"""Relative slack before a count is rounded up: so that 45.0000000001 items are 45."""


def success_run(reliability: float, confidence: float, failures: int = 0) -> int:
    """Return how many items, with at most `failures` failing, show `reliability` with `confidence`.

    Raises ValueError where a share is not strictly between 0 and 1 or `failures` is negative.

    >>> success_run(0.95, 0.90), success_run(0.99, 0.95), success_run(0.95, 0.95, failures=1)
    (45, 299, 93)
    """
    within_unit(reliability, "reliability")
    within_unit(confidence, "confidence")
    _demand_count(failures)
    if failures == 0:
        return _rounded_up(math.log1p(-confidence) / math.log(reliability))
    few, many = failures, failures + 1
    while not _shows(many, failures, reliability, confidence):
        few, many = many, 2 * many
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if _shows(middle, failures, reliability, confidence) else (middle, many)
    return many


def _shows(n: int, failures: int, reliability: float, confidence: float) -> bool:
    return binomial_cdf(failures, n, 1 - reliability) <= (1 - confidence) * (1 + _ROUNDING)


def reliability_shown(n: int, failures: int, confidence: float) -> float:
    """Return the lower bound of the reliability that `n` items with `failures` failures show (Clopper-Pearson).

    >>> round(reliability_shown(45, 0, 0.90), 4)
    0.9501
    """
    _demand_count(failures)
    if n < max(1, failures):
        raise ValueError(f"{failures} failures in {n} items: cannot be")
    within_unit(confidence, "confidence")
    return 0.0 if failures == n else beta_quantile(1 - confidence, n - failures, failures + 1)


def mtbf_shown(hours: float, confidence: float, failures: int = 0) -> float:
    """Return the lower bound of the mean time between failures, in the unit of `hours`: 2T / χ²(C; 2·failures + 2).

    `hours` is the time of all units together, of a test that ended at a time fixed beforehand.

    >>> round(mtbf_shown(72 * 72, 0.90))
    2251
    """
    _demand_count(failures)
    _demand_positive(hours, "time")
    return hours / gamma_quantile(confidence, failures + 1)


def time_needed(mtbf: float, confidence: float, failures: int = 0) -> float:
    """Return the time of all units together that shows `mtbf` with `confidence` if at most `failures` occur.

    >>> round(time_needed(1000, 0.90), 1)
    2302.6
    """
    _demand_count(failures)
    return _demand_positive(mtbf, "MTBF") * gamma_quantile(confidence, failures + 1)


def bits_needed(ratio: float, confidence: float, errors: int = 0) -> float:
    """Return how many bits, with at most `errors` wrong, show a bit error ratio below `ratio`: -ln(1 - C)/BER for none.

    >>> f"{bits_needed(1e-12, 0.95):.4g}", round(bits_needed(1e-12, 0.95) / 106.25e9, 1)
    ('2.996e+12', 28.2)
    """
    _demand_count(errors)
    return gamma_quantile(confidence, errors + 1) / within_unit(ratio, "bit error ratio")


def ratio_shown(bits: float, confidence: float, errors: int = 0) -> float:
    """Return the upper bound of the bit error ratio that `bits` bits with `errors` wrong ones show.

    >>> f"{ratio_shown(3e12, 0.95):.3g}"
    '9.99e-13'
    """
    _demand_count(errors)
    return gamma_quantile(confidence, errors + 1) / _demand_positive(bits, "bits")


def ratio_confidence(bits: float, ratio: float, errors: int = 0) -> float:
    """Return the confidence with which `bits` bits with `errors` wrong ones show a bit error ratio below `ratio`.

    >>> round(ratio_confidence(3e12, 1e-12), 4)
    0.9502
    """
    _demand_count(errors)
    return gamma_cdf(_demand_positive(bits, "bits") * within_unit(ratio, "bit error ratio"), errors + 1)


def sample_size(sd: float, half_width: float, confidence: float = 0.95) -> int:
    """Return how many values give a mean known to ±`half_width`, of values that scatter with `sd`: (z·s/d)².

    >>> sample_size(10, 2)
    97
    """
    _demand_positive(sd, "standard deviation")
    z = normal_quantile((1 + within_unit(confidence, "confidence")) / 2)
    return max(1, _rounded_up((z * sd / _demand_positive(half_width, "half width")) ** 2))


def _rounded_up(count: float) -> int:
    return math.ceil(count * (1 - _ROUNDING))


def _demand_count(count: int) -> None:
    if count < 0:
        raise ValueError(f"count {count}: must not be negative")


def _demand_positive(value: float, what: str) -> float:
    if not 0 < value < math.inf:
        raise ValueError(f"{what} {value}: must be finite and above 0")
    return value
