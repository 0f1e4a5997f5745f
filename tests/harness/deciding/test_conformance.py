"""Against JCGM 106:2012: its worked examples, and what follows from its formulas by another way."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.deciding.conformance import Normal, capability, global_risks, non_conformance, probability
from harness.deciding.rules import Zone

RESISTORS = Zone(1499.8, 1500.2)
LINE = Normal(1500.0, 0.12)


@pytest.mark.parametrize(
    ("value", "u", "zone", "published"),
    [
        (-5.47, 0.05, Zone(high=-5.40), 0.92),  # breakdown of a Zener diode, 7.3
        (509.7, 8.6, Zone(low=490.0), 0.99),  # burst pressure of a container, 7.3
        (13.6, 1.8, Zone(12.5, 16.3), 0.66),  # viscosity of an oil, 7.4
    ],
)
def test_published_probabilities(value: float, u: float, zone: Zone, published: float) -> None:
    assert round(probability(value, u, zone), 2) == published


def test_probabilities_with_more_digits() -> None:
    assert round(probability(-5.47, 0.05, Zone(high=-5.40)), 4) == 0.9192
    assert round(probability(509.7, 8.6, Zone(low=490.0)), 4) == 0.9890


@pytest.mark.parametrize(("z", "published"), [(0.84, 0.80), (1.28, 0.90), (1.64, 0.95), (2.33, 0.99), (3.09, 0.999)])
def test_the_table_for_one_limit(z: float, published: float) -> None:
    """JCGM 106, table 1: (limit - estimate)/u for a wanted probability."""
    assert probability(0.0, 1.0, Zone(high=z)) == pytest.approx(published, abs=6e-4)


@pytest.mark.parametrize(
    ("w", "consumer", "producer"), [(0.0, 0.0189, 0.0372), (0.08, 0.0005, 0.248), (-0.08, 0.0694, 0.0007)]
)
def test_published_global_risks(w: float, consumer: float, producer: float) -> None:
    """Resistors of 1500 Ω ± 0.2 Ω, made with s = 0.12 Ω, measured with u = 0.04 Ω."""
    risks = global_risks(LINE, 0.04, RESISTORS, RESISTORS.drawn_in(w))
    assert risks.consumer == pytest.approx(consumer, abs=5e-5)
    assert risks.producer == pytest.approx(producer, abs=5e-4)


def test_global_risks_against_a_simulation() -> None:
    rng = np.random.default_rng(106)
    made = rng.normal(LINE.mean, LINE.sd, 2_000_000)
    seen = made + rng.normal(0, 0.04, made.size)
    good, accepted = abs(made - 1500) <= 0.2, abs(seen - 1500) <= 0.15
    risks = global_risks(LINE, 0.04, RESISTORS, RESISTORS.drawn_in(0.05))
    assert risks.consumer == pytest.approx(np.mean(accepted & ~good), abs=2e-4)
    assert risks.producer == pytest.approx(np.mean(good & ~accepted), abs=1e-3)
    assert risks.false_accepts == pytest.approx(np.mean(~good[accepted]), abs=3e-4)
    assert risks.false_rejects == pytest.approx(np.mean(good[~accepted]), abs=3e-3)


@settings(max_examples=60, deadline=None)
@given(
    mean=st.floats(-3, 3), sd=st.floats(0.01, 10), u=st.floats(1e-6, 10),
    low=st.floats(-3, 0), high=st.floats(0.01, 3), w=st.floats(-0.5, 1),
)  # fmt: skip
def test_the_four_outcomes_add_up(mean: float, sd: float, u: float, low: float, high: float, w: float) -> None:
    """Accepted = conforming and accepted + consumer's; the quadrature against the distribution of what is seen."""
    zone = Zone(low, high)
    risks = global_risks(Normal(mean, sd), u, zone, zone.drawn_in(w))
    assert risks.accepted == pytest.approx(risks.conforming - risks.producer + risks.consumer, abs=1e-9)
    assert min(risks.consumer, risks.producer) >= 0


def test_a_perfect_measurement_has_no_risk_and_an_empty_zone_rejects_all() -> None:
    perfect = global_risks(LINE, 0.0, RESISTORS, RESISTORS)
    assert (perfect.consumer, perfect.producer) == (0.0, 0.0)
    none = global_risks(LINE, 0.04, RESISTORS, RESISTORS.drawn_in(1))
    assert (none.consumer, none.accepted, none.false_accepts) == (0.0, 0.0, None)
    assert none.producer == pytest.approx(none.conforming)


def test_a_prior_draws_the_estimate_to_itself() -> None:
    after = LINE.after(1500.1, 0.04)
    assert after.mean == pytest.approx(1500.09)
    assert after.sd == pytest.approx(1 / math.sqrt(1 / 0.12**2 + 1 / 0.04**2))


@given(value=st.floats(-50, 50), u=st.floats(1e-3, 10), low=st.floats(-10, 0), span=st.floats(0, 10))
def test_probability_against_the_library_s_normal_distribution(value: float, u: float, low: float, span: float) -> None:
    known = NormalDist(value, u)
    expected = known.cdf(low + span) - known.cdf(low)
    assert probability(value, u, Zone(low, low + span)) == pytest.approx(expected, abs=1e-12)


def test_tails_keep_their_digits() -> None:
    assert non_conformance(0.0, 1.0, Zone(high=10.0)) == pytest.approx(7.619853024160527e-24, rel=1e-12)
    assert probability(20.0, 1.0, Zone(0.0, 10.0)) == pytest.approx(7.619853024160527e-24, rel=1e-12)


def test_capability_is_of_two_limits() -> None:
    assert capability(0.04, RESISTORS) == pytest.approx(2.5)
    assert capability(0.04, Zone(high=1.0)) is None


@pytest.mark.parametrize("u", [-1.0, math.nan, math.inf])
def test_an_uncertainty_that_is_none_is_refused(u: float) -> None:
    with pytest.raises(ValueError, match="standard uncertainty"):
        probability(0.0, u, Zone(high=1.0))
    with pytest.raises(ValueError, match="standard uncertainty"):
        global_risks(LINE, u, RESISTORS, RESISTORS)


def test_a_prior_without_spread_is_refused() -> None:
    with pytest.raises(ValueError, match="prior"):
        global_risks(Normal(0.0, 0.0), 1.0, RESISTORS, RESISTORS)
