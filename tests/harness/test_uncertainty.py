import math
import statistics
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import uncertainty
from harness.budget import Contribution, repeated
from harness.uncertainty import Quantity, Window

POSITIVE = st.floats(1e-3, 1e6)
US = st.floats(0, 1e3)


def watts(value: float, u: float | None = 0.0, device: str = "m") -> Quantity:
    return Quantity(value, "W", u, (f"visa://{device} P?",), None, (device,))


def test_worked_example() -> None:
    """9011.07 W on a 15 kW range at 0.1 % + 0.1 %: a = 24.011, u = 13.863, U = 27.73 W."""
    a = 0.001 * 9011.07 + 0.001 * 15_000
    assert a == pytest.approx(24.011, abs=5e-4)
    assert uncertainty.rectangular(a) == pytest.approx(13.863, abs=5e-4)
    assert 2 * uncertainty.rectangular(a) == pytest.approx(27.73, abs=5e-3)


def test_mean_combines_instrument_and_scatter() -> None:
    samples = [99.0, 100.0, 101.0, 100.0]
    type_a = statistics.stdev(samples) / 2
    assert uncertainty.of_mean(samples, 0.5) == pytest.approx(math.hypot(0.5, type_a))


def test_mean_of_unknown_instrument_is_unknown() -> None:
    assert uncertainty.of_mean([1.0, 2.0], None) is None


def test_mean_of_one_sample_is_the_instruments() -> None:
    assert uncertainty.of_mean([1.0], 0.5) == 0.5


def test_total_adds_linearly() -> None:
    summed = uncertainty.total([watts(10, 3, "a"), watts(20, 4, "b")])
    assert (summed.value, summed.u) == (30, 7)
    assert summed.devices == ("a", "b")


def test_one_unknown_part_makes_the_total_unknown() -> None:
    assert uncertainty.total([watts(1, 1), watts(1, None)]).u is None


def test_units_are_not_mixed() -> None:
    with pytest.raises(ValueError, match="cannot add"):
        uncertainty.total([watts(1), Quantity(1, "kW")])
    with pytest.raises(ValueError, match="cannot subtract"):
        uncertainty.difference(watts(1), Quantity(1, "A"))
    with pytest.raises(ValueError, match="nothing"):
        uncertainty.total([])


def test_ratio_by_hand() -> None:
    """η = 950/1000 with u = 1 W and 2 W: u(η) = η·√((1/950)² + (2/1000)²)."""
    eta = uncertainty.ratio(watts(950, 1), watts(1000, 2))
    assert eta.value == 0.95
    assert eta.u == pytest.approx(0.95 * math.sqrt((1 / 950) ** 2 + (2 / 1000) ** 2))
    assert eta.unit == "1"


def test_difference_is_by_root_sum_of_squares() -> None:
    assert uncertainty.difference(watts(5, 3), watts(1, 4)) == Quantity(4, "W", 5.0, ("visa://m P?",), None, ("m",))


@given(over=POSITIVE, under=POSITIVE, u=US, v=US)
def test_ratio_of_relative_uncertainties(over: float, under: float, u: float, v: float) -> None:
    found = uncertainty.ratio(watts(over, u), watts(under, v))
    assert found.u is not None
    assert found.u / found.value == pytest.approx(math.hypot(u / over, v / under))


@given(st.lists(st.tuples(POSITIVE, US), min_size=1, max_size=20))
def test_total_is_never_more_certain_than_a_part(parts: list[tuple[float, float]]) -> None:
    summed = uncertainty.total(watts(v, u) for v, u in parts)
    assert summed.u is not None
    assert summed.u >= max(u for _, u in parts)


@given(value=POSITIVE, u=US, factor=st.floats(-100, 100))
def test_scaling_keeps_uncertainty_positive(value: float, u: float, factor: float) -> None:
    scaled = uncertainty.scaled(watts(value, u), factor, "kW")
    assert scaled.u == abs(factor) * u
    assert scaled.unit == "kW"


def test_window_lasts() -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    assert Window("idle", begin, begin + timedelta(seconds=90)).seconds == 90


def test_a_quantity_brings_its_contributions_along() -> None:
    one = uncertainty.quantity(100.0, "W", [Contribution("limits", 3.0, group="manual"), Contribution("scatter", 1.0)])
    other = uncertainty.quantity(50.0, "W", [Contribution("limits", 1.0, group="manual"), Contribution("scatter", 2.0)])
    summed = uncertainty.total([one, other])
    assert summed.u == pytest.approx(math.hypot(3 + 1, 1, 2))
    assert len(summed.budget) == 4
    share = uncertainty.ratio(other, summed)
    assert [c.sensitivity for c in share.budget[:2]] == pytest.approx([1 / 150, 1 / 150])
    assert [c.sensitivity for c in share.budget[2:]] == pytest.approx([-50 / 150**2] * 4)


def test_what_is_not_broken_down_is_one_contribution() -> None:
    (whole,) = watts(5, 3, "a").budget
    assert (whole.name, whole.u, whole.source) == ("a: as given", 3, "visa://a P?")
    assert watts(5, None).budget == watts(5, 0.0).budget == ()


def test_product_by_hand() -> None:
    found = uncertainty.product(Quantity(10.0, "l/min", 0.3), Quantity(5.0, "K", 0.2), "1")
    assert (found.value, found.unit) == (50.0, "1")
    assert found.u == pytest.approx(0.3 * 5 + 0.2 * 10)  # neither is broken down: they may err together


def test_scaling_scales_every_contribution() -> None:
    found = uncertainty.scaled(uncertainty.quantity(2.0, "W", [Contribution("a", 3.0)]), -2.0, "W")
    assert (found.value, found.u) == (-4.0, 6.0)
    assert [c.amount for c in found.budget] == [-6.0]


def test_few_samples_have_few_degrees_of_freedom() -> None:
    found = uncertainty.quantity(1.0, "W", [repeated("scatter", [1.0, 2.0, 3.0])])
    assert found.dof == pytest.approx(2)
    assert found.k == pytest.approx(4.53, abs=5e-3)
    assert watts(1, 1).k == 2.0


INPUT = st.tuples(st.floats(50, 1000), st.floats(0.001, 0.01))


@settings(max_examples=25, deadline=None)
@given(a=INPUT, b=INPUT, c=INPUT, seed=st.integers(0, 2**32 - 1))
def test_monte_carlo_agrees_with_what_is_computed_from_quantities(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], seed: int
) -> None:
    """JCGM 101: (a + b)·c/b of independent inputs; a share of at most 1 % keeps it near its first order."""
    rng = np.random.default_rng(seed)
    values, us = zip(*((value, value * share) for value, share in (a, b, c)), strict=True)
    inputs = zip("abc", values, us, strict=True)
    one, two, three = (uncertainty.quantity(v, "W", [Contribution(name, u)]) for name, v, u in inputs)
    x, y, z = (rng.normal(v, u, 100_000) for v, u in zip(values, us, strict=True))
    analytic = uncertainty.product(uncertainty.total([one, two]), three, "1")
    assert analytic.u == pytest.approx(((x + y) * z).std(), rel=0.02)
    assert uncertainty.difference(one, three).u == pytest.approx((x - z).std(), rel=0.02)
    assert uncertainty.ratio(one, three).u == pytest.approx((x / z).std(), rel=0.02)


def test_an_uncertainty_that_was_set_by_other_means_is_not_what_its_contributions_were() -> None:
    found = uncertainty.quantity(1.0, "W", [repeated("scatter", [1.0, 2.0, 3.0])])
    (whole,) = replace(found, u=5.0).budget
    assert (whole.name, whole.u) == ("the value: as given", 5.0)
    assert replace(found, u=5.0).k == 2.0
    assert replace(found, u=None).budget == ()
    assert uncertainty.total([replace(found, u=5.0), watts(1, 1)]).u == 6.0


def test_repeated_runs_keep_what_they_share_and_add_their_scatter() -> None:
    meter = Contribution("limits", 3.0, group="manual")
    found = uncertainty.mean_of(uncertainty.quantity(v, "W", [meter]) for v in (99.0, 100.0, 101.0))
    assert found.value == pytest.approx(100)
    assert found.u == pytest.approx(math.hypot(3.0, 1 / math.sqrt(3)))
    assert [c.name for c in found.budget].count("repeatability") == 1
    assert uncertainty.mean_of([watts(5, 3)]).u == 3
    assert uncertainty.mean_of([watts(5, 3), watts(6, None)]).u is None
    with pytest.raises(ValueError, match="nothing"):
        uncertainty.mean_of([])
