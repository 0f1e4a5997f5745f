"""Budgets against the worked examples of the GUM (JCGM 100:2008, annex H) and against Monte Carlo (JCGM 101)."""

import doctest
import math
from dataclasses import dataclass
from itertools import starmap
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import budget
from harness.budget import (
    DIVISORS,
    Budget,
    Contribution,
    combined,
    coverage_factor,
    effective_dof,
    limits_of_error,
    of_instrument,
    repeated,
)


def gauge() -> Budget:
    """GUM H.1, end gauge of 50 mm: contributions in nm, with degrees of freedom; the difference in three parts."""
    return Budget(
        (
            Contribution("standard", 25.0, dof=18),
            Contribution("repeated observations", 5.8, "A", "t", dof=24),
            Contribution("comparator, random", 3.9, dof=5),
            Contribution("comparator, systematic", 6.7, dof=8),
            Contribution("difference of expansion", 0.58e-6, sensitivity=50e6 * 0.1, dof=50),
            Contribution("difference of temperature", 0.029, sensitivity=50e6 * 11.5e-6, dof=2),
        )
    )


def test_the_end_gauge_of_the_guide() -> None:
    """u = 32 nm, 16 degrees of freedom, k = 2.92 and U = 93 nm at 99 %."""
    found = gauge()
    assert round(found.u) == 32
    assert math.floor(found.dof) == 16
    assert round(coverage_factor(found.dof, 0.99), 2) == 2.92
    assert round(found.expanded(0.99)) == 93


def test_the_length_difference_of_the_guide() -> None:
    """GUM H.1.3.2 and H.1.6: u(d) = 9.7 nm with 25.6 degrees of freedom."""
    parts = gauge().contributions[1:4]
    assert round(combined(parts), 1) == 9.7
    assert effective_dof(parts) == pytest.approx(25.6, abs=0.3)


VOLTS = (5.007, 4.994, 5.005, 4.990, 4.999)
AMPERES = (19.663e-3, 19.639e-3, 19.640e-3, 19.685e-3, 19.678e-3)
RADIANS = (1.0456, 1.0438, 1.0468, 1.0428, 1.0433)


def test_resistance_and_reactance_of_the_guide() -> None:
    """GUM H.2, correlated inputs: R = 127.732(71) Ω, X = 219.847(295) Ω, Z = 254.260(236) Ω."""
    v, i, phi = (math.fsum(x) / 5 for x in (VOLTS, AMPERES, RADIANS))
    z, c, s = v / i, math.cos(phi), math.sin(phi)
    r, x = z * c, z * s
    assert (round(r, 3), round(x, 3), round(z, 3)) == (127.732, 219.847, 254.260)
    assert _u(r / v, -r / i, -x) == pytest.approx(0.071, abs=5e-4)
    assert _u(x / v, -x / i, r) == pytest.approx(0.295, abs=1e-3)  # from rounded coefficients there
    assert _u(z / v, -z / i, 0.0) == pytest.approx(0.236, abs=5e-4)


def _u(*sensitivities: float) -> float:
    observed = {"V": VOLTS, "I": AMPERES, "phi": RADIANS}
    parts = [repeated(name, samples).seen_through(c) for (name, samples), c in
             zip(observed.items(), sensitivities, strict=True)]  # fmt: skip
    matrix = np.corrcoef([VOLTS, AMPERES, RADIANS])
    pairs = {("V", "I"): matrix[0, 1], ("V", "phi"): matrix[0, 2], ("I", "phi"): matrix[1, 2]}
    return Budget(tuple(parts), {pair: float(r) for pair, r in pairs.items()}).u


@pytest.mark.parametrize(
    ("dof", "p95", "p9545", "p99"),
    [(1, 12.71, 13.97, 63.66), (2, 4.30, 4.53, 9.92), (5, 2.57, 2.65, 4.03), (10, 2.23, 2.28, 3.17),
     (16, 2.12, 2.17, 2.92), (50, 2.01, 2.05, 2.68), (math.inf, 1.960, 2.000, 2.576)],
)  # fmt: skip
def test_coverage_factors_of_the_guide(dof: float, p95: float, p9545: float, p99: float) -> None:
    """GUM, table G.2."""
    assert coverage_factor(dof, 0.95) == pytest.approx(p95, abs=5e-3)
    assert coverage_factor(dof) == pytest.approx(p9545, abs=5e-3)
    assert coverage_factor(dof, 0.99) == pytest.approx(p99, abs=5e-3)


def test_degrees_of_freedom_are_cut_never_rounded_up() -> None:
    assert coverage_factor(5.99) == coverage_factor(5)
    assert coverage_factor(0.4) == coverage_factor(1)


def test_distributions_of_limits() -> None:
    assert limits_of_error("x", 3.0).u == pytest.approx(3 / math.sqrt(3))
    assert limits_of_error("x", 3.0, "triangular").u == pytest.approx(3 / math.sqrt(6))
    assert limits_of_error("x", 3.0, "u-shaped").u == pytest.approx(3 / math.sqrt(2))


@pytest.mark.parametrize("shape", DIVISORS)
def test_divisors_against_their_distributions(shape: str) -> None:
    rng = np.random.default_rng(1)
    assert _draw(rng, shape, 1.0, 400_000).std() == pytest.approx(1.0, rel=0.01)


@dataclass(frozen=True)
class Meter:
    of_reading: float = 0.001
    of_range: float = 0.001
    range: float = 15_000.0
    source: str = "manual 7.3"
    resolution: float = 0.0
    drift: float = 0.0
    drift_source: str = ""


def test_an_instrument_contributes_what_is_stated() -> None:
    (alone,) = of_instrument("feed_a power", Meter(), 9011.07)
    assert (round(alone.u, 3), alone.source, alone.group) == (13.863, "manual 7.3", "manual 7.3")
    found = of_instrument("feed_a power", Meter(resolution=0.1, drift=0.0002, drift_source="certificate 7"), -1000.0)
    assert [c.name.partition(": ")[2] for c in found] == ["limits of error", "resolution", "drift since calibration"]
    assert found[1].u == pytest.approx(0.1 / math.sqrt(12))
    assert found[2].u == pytest.approx(0.2 / math.sqrt(3))
    assert found[2].source == "certificate 7"


def test_channels_of_one_meter_add_linearly_and_never_cancel() -> None:
    one, other = Contribution("a", 3.0, group="meter"), Contribution("b", 4.0, group="meter")
    assert combined([one, other]) == 7.0
    assert combined([one, other.seen_through(-1.0)]) == 5.0
    assert combined([one, other, Contribution("scatter", 24.0)]) == 25.0


def test_nothing_that_scatters_has_infinite_degrees_of_freedom() -> None:
    assert effective_dof([Contribution("a", 1.0)]) == math.inf
    assert effective_dof([]) == math.inf
    assert combined([]) == 0.0


@pytest.mark.parametrize("wrong", [{"u": -1.0}, {"u": math.nan}, {"u": math.inf}, {"u": 1.0, "sensitivity": math.nan},
                                   {"u": 1.0, "dof": 0.0}])  # fmt: skip
def test_a_contribution_that_is_no_number_is_refused(wrong: dict[str, float]) -> None:
    given: dict[str, Any] = wrong
    with pytest.raises(ValueError, match="x: u"):
        Contribution("x", **given)


@pytest.mark.parametrize("wrong", [{("a", "c"): 0.1}, {("a", "a"): 1.0}, {("a", "b"): 1.1}])
def test_correlations_that_cannot_be_are_refused(wrong: dict[tuple[str, str], float]) -> None:
    with pytest.raises(ValueError, match="correlation"):
        Budget((Contribution("a", 1.0), Contribution("b", 1.0)), wrong)


def test_scatter_of_one_sample_is_unknown() -> None:
    with pytest.raises(ValueError, match="scatter needs two"):
        repeated("x", [1.0])


def _draw(rng: np.random.Generator, shape: str, u: float, n: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    if shape == "rectangular":
        return rng.uniform(-1, 1, n) * u * math.sqrt(3)
    if shape == "triangular":
        return rng.triangular(-1, 0, 1, n) * u * math.sqrt(6)
    if shape == "u-shaped":
        return np.sin(rng.uniform(-math.pi, math.pi, n)) * u * math.sqrt(2)
    return rng.normal(0, abs(u), n)


SHAPES = st.sampled_from(["normal", "rectangular", "triangular", "u-shaped"])
PARTS = st.tuples(st.floats(0.01, 10), st.floats(-3, 3), SHAPES, st.sampled_from([None, "m", "n"]))


@settings(max_examples=25, deadline=None)
@given(parts=st.lists(PARTS, min_size=1, max_size=6), seed=st.integers(0, 2**32 - 1))
def test_monte_carlo_finds_the_same_uncertainty(parts: list[tuple[float, float, str, str | None]], seed: int) -> None:
    """Members of a group and sign share one draw; all others have their own."""
    rng, n = np.random.default_rng(seed), 100_000
    lines = [Contribution(str(i), u, distribution=shape, sensitivity=c, group=group)  # type: ignore[arg-type]
             for i, (u, c, shape, group) in enumerate(parts)]  # fmt: skip
    shared: dict[tuple[str, bool], float] = {}
    total = np.zeros(n)
    for line in lines:
        if line.group is None:
            total += _draw(rng, line.distribution, line.amount, n)
        else:
            key = (line.group, line.amount > 0)
            shared[key] = shared.get(key, 0.0) + line.amount
    for amount in shared.values():
        total += _draw(rng, "rectangular", amount, n)
    assert total.std() == pytest.approx(combined(lines), rel=0.02, abs=1e-12)


@given(parts=st.lists(PARTS, min_size=1, max_size=8))
def test_bounds_of_the_combination(parts: list[tuple[float, float, str, str | None]]) -> None:
    lines = [Contribution(str(i), u, sensitivity=c, group=group) for i, (u, c, _, group) in enumerate(parts)]
    apart = math.hypot(*(line.amount for line in lines))
    assert apart * (1 - 1e-9) <= combined(lines) <= math.fsum(abs(line.amount) for line in lines) * (1 + 1e-9)


@given(st.lists(st.tuples(st.floats(0.1, 10), st.integers(1, 100)), min_size=1, max_size=6))
def test_effective_degrees_of_freedom_lie_between_the_fewest_and_the_sum(parts: list[tuple[float, int]]) -> None:
    lines = list(starmap(_scattering, parts))
    assert min(c.dof for c in lines) * (1 - 1e-9) <= effective_dof(lines) <= sum(c.dof for c in lines) * (1 + 1e-9)


def _scattering(u: float, dof: int) -> Contribution:
    return Contribution("x", u, "A", "t", dof=float(dof))


def test_the_examples_of_the_module() -> None:
    assert doctest.testmod(budget).failed == 0
