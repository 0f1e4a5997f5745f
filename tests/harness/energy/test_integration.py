"""What holds for every power over time, whatever it is."""

import doctest
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from harness import efficiency, load_line, power_cap
from harness.energy import headers, integration, moments, numbers, plateaus, register, shape, trace, validity
from harness.energy.integration import RULES, NotCovered, energy, mean_power
from harness.energy.register import Register, RegisterReset, consumed_wh
from harness.energy.trace import NS_PER_S, Trace, Window, of_seconds, whole

MODULES = (
    efficiency,
    load_line,
    power_cap,
    headers,
    integration,
    moments,
    numbers,
    plateaus,
    register,
    shape,
    trace,
    validity,
)

steps = st.lists(st.integers(1, 5 * NS_PER_S), min_size=1, max_size=30)
watts = st.floats(0, 1e5)


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Samples at increasing times that begin anywhere, also at today's epoch."""
    times = np.cumsum([draw(st.sampled_from([0, 1_715_257_320_207_000_000])), *draw(steps)])
    return Trace(times, np.asarray([draw(watts) for _ in times]))


@st.composite
def windowed(draw: st.DrawFn, edges: int = 2) -> tuple[Trace, list[int]]:
    """A trace and moments within it, in order."""
    found = draw(traces())
    span = int(found.times_ns[-1] - found.times_ns[0])
    moments_in = sorted(draw(st.integers(0, span)) for _ in range(edges))
    return found, [int(found.times_ns[0]) + moment for moment in moments_in]


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_of_the_docstrings_hold(module: object) -> None:
    done = doctest.testmod(module)  # type: ignore[arg-type]
    assert done.attempted
    assert not done.failed


@pytest.mark.parametrize("rule", RULES)
@given(given=windowed(edges=3))
def test_energy_adds_up_over_adjoining_windows(rule: str, given: tuple[Trace, list[int]]) -> None:
    found, (a, b, c) = given
    parts = energy(found, Window(a, b), rule) + energy(found, Window(b, c), rule)
    assert close(parts, energy(found, Window(a, c), rule))


@given(given=windowed(), slope=st.floats(-100, 100), start=st.floats(0, 1e4))
def test_the_trapezoid_is_exact_for_linear_power(given: tuple[Trace, list[int]], slope: float, start: float) -> None:
    found, (a, b) = given
    at = (found.times_ns - found.times_ns[0]) / NS_PER_S
    linear = Trace(found.times_ns, start + slope * at)
    first, last = ((x - int(found.times_ns[0])) / NS_PER_S for x in (a, b))
    exact = start * (last - first) + slope * (last**2 - first**2) / 2
    assert math.isclose(energy(linear, Window(a, b)), exact, rel_tol=1e-9, abs_tol=1e-4)


@given(given=traces())
def test_the_trapezoid_of_all_is_the_mean_of_both_steps(given: Trace) -> None:
    window = whole(given)
    steps_mean = (energy(given, window, "step_left") + energy(given, window, "step_right")) / 2
    assert close(energy(given, window), steps_mean)


@pytest.mark.parametrize("rule", RULES)
@given(given=windowed())
def test_energy_lies_between_the_lowest_and_the_highest_power(rule: str, given: tuple[Trace, list[int]]) -> None:
    found, (a, b) = given
    window = Window(a, b)
    power = found.power_w[window.touched(found)]
    joules = energy(found, window, rule)
    slack = 1e-6 + 1e-9 * abs(joules)
    assert power.min() * window.seconds - slack <= joules <= power.max() * window.seconds + slack


@given(given=windowed())
def test_rising_power_orders_the_rules(given: tuple[Trace, list[int]]) -> None:
    found, (a, b) = given
    rising = Trace(found.times_ns, np.sort(found.power_w))
    left, middle, right = (energy(rising, Window(a, b), rule) for rule in ("step_left", "trapezoid", "step_right"))
    slack = 1e-6 + 1e-9 * abs(right)
    assert left <= middle + slack
    assert middle <= right + slack


@pytest.mark.parametrize("rule", RULES)
@given(given=windowed(), shift=st.integers(-(10**18), 10**18))
def test_the_clock_s_zero_does_not_matter(rule: str, given: tuple[Trace, list[int]], shift: int) -> None:
    found, (a, b) = given
    moved = Trace(found.times_ns + shift, found.power_w)
    assert energy(moved, Window(a + shift, b + shift), rule) == energy(found, Window(a, b), rule)


@given(given=windowed(), other=watts)
def test_powers_add(given: tuple[Trace, list[int]], other: float) -> None:
    found, (a, b) = given
    more = Trace(found.times_ns, found.power_w + other)
    added = energy(found, Window(a, b)) + other * (b - a) / NS_PER_S
    assert close(energy(more, Window(a, b)), added)


@given(given=windowed())
def test_a_sample_on_the_line_changes_nothing_for_the_trapezoid(given: tuple[Trace, list[int]]) -> None:
    found, (a, b) = given
    if a in found.times_ns:
        return
    times = np.sort(np.append(found.times_ns, a))
    relative = (found.times_ns - found.times_ns[0]).astype(float)
    power = np.interp((times - found.times_ns[0]).astype(float), relative, found.power_w)
    assert close(energy(Trace(times, power), Window(a, b)), energy(found, Window(a, b)))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("edges", [(-1, 5), (5, 31), (-5, -1), (31, 32), (6, 5)])
def test_nothing_is_extrapolated(rule: str, edges: tuple[int, int]) -> None:
    found = of_seconds(range(31), np.ones(31))
    with pytest.raises(NotCovered):
        energy(found, Window(edges[0] * NS_PER_S, edges[1] * NS_PER_S), rule)


@given(steps=st.lists(st.integers(0, 9_000), min_size=2, max_size=20), start=st.integers(0, 9_999))
def test_a_register_counts_over_its_wraps(steps: list[int], start: int) -> None:
    readings = np.cumsum([start, *steps]) % 10_000
    found = consumed_wh(range(len(readings)), readings.tolist(), Register(10_000, highest_w=9_000 * 3600))
    assert found == sum(steps)


def test_a_register_that_was_reset_has_no_energy() -> None:
    with pytest.raises(RegisterReset, match="fell from 5000 to 10 Wh"):
        consumed_wh([0, 60], [5000, 10], Register(1e6, highest_w=20_000))
    for times, readings in (
        ([0], [1]),
        ([0, 0], [1, 2]),
        ([0, 1], [1, 1e7]),
        ([0, 1], [float("nan"), 1]),
        ([0, 1], [-1, 1]),
    ):
        with pytest.raises(ValueError):  # noqa: PT011 - each says something of its own
            consumed_wh(times, readings, Register(1e6, highest_w=20_000))


def test_a_window_of_no_length_holds_no_energy_and_has_no_mean() -> None:
    found = of_seconds([0, 1, 2], [5, 6, 7])
    assert energy(found, Window(NS_PER_S, NS_PER_S)) == 0
    with pytest.raises(NotCovered):
        mean_power(found, Window(NS_PER_S, NS_PER_S))


def test_unknown_names_are_refused() -> None:
    found = of_seconds([0, 1], [5, 6])
    with pytest.raises(ValueError, match="unknown rule 'simpson'; known: trapezoid"):
        energy(found, whole(found), "simpson")
    with pytest.raises(ValueError, match="unknown window 'open'"):
        Window(0, 1, "open")


@pytest.mark.parametrize(("kind", "count"), [("inclusive", 3), ("strict", 1)])
def test_the_window_s_kind_says_whether_edges_count(kind: str, count: int) -> None:
    found = of_seconds([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])
    window = Window(NS_PER_S, 3 * NS_PER_S, kind)
    used = window.used(found)
    assert used.stop - used.start == count
    assert energy(found, window) == 6.0


def test_a_million_samples_are_summed_in_far_less_than_a_second() -> None:
    """By the count of what is touched, not by the clock: the window touches no sample beyond its edges."""
    times = np.arange(1_000_000, dtype=np.int64) * 100_000_000
    found = Trace(times, np.full(1_000_000, 1000.0))
    window = Window(int(times[10]) + 1, int(times[20]) - 1)
    assert window.touched(found) == slice(10, 21)
    assert energy(found, whole(found)) == pytest.approx(1000.0 * 99_999.9, rel=1e-12)
