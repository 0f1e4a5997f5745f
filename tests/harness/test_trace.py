import math
import random
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.points import Accuracy
from harness.sampling import nanoseconds
from harness.trace import InvalidWindow, NotObservable, Total, Trace
from harness.uncertainty import Window
from tests.harness.clocks import BEGUN

EXACT = Accuracy(0.0, 0.0, 1.0, "a perfect one")


def trace(values: list[float], at: list[float] | None = None, length: float | None = None, **other: object) -> Trace:
    seconds = at if at is not None else [float(n) for n in range(len(values))]
    end = seconds[-1] if length is None else length
    window = Window("idle", BEGUN, BEGUN + timedelta(seconds=end))
    times = [ns(s) for s in seconds]
    return Trace("m", "A", "power", "W", "visa://m", window, times, values, **other)  # type: ignore[arg-type]


def ns(seconds: float) -> int:
    return nanoseconds(BEGUN) + round(seconds * 1e9)


def test_energy_by_each_rule() -> None:
    ramp = trace([0.0, 100.0, 200.0])
    found = {rule: ramp.energy(rule).value * 3600 for rule in ("trapezoid", "step_left", "step_right")}
    assert found == pytest.approx({"trapezoid": 200, "step_left": 100, "step_right": 300})
    assert ramp.energy().unit == "Wh"


def test_edges_are_interpolated_from_the_neighbours_of_the_window() -> None:
    line = trace([100.0, 200.0], [1, 2], 3.0, before=(ns(-1), -100.0), after=(ns(4), 400.0))
    assert line.energy().value * 3600 == pytest.approx(450)  # the straight line from 0 W to 300 W over 3 s
    lone = trace([100.0, 200.0], [1, 2], 3.0)
    assert lone.energy().value * 3600 == pytest.approx(150)  # nothing is made up beyond the samples


def test_energy_is_as_uncertain_as_instrument_and_sampling_make_it() -> None:
    steady = trace([1000.0] * 11, accuracy=Accuracy(0.001, 0.001, 1000.0, "manual"))
    assert steady.energy().u == pytest.approx(2 / math.sqrt(3) * 10 / 3600)
    noisy = trace([0.0, 10.0] * 50, accuracy=EXACT).energy().u
    assert noisy is not None
    assert noisy > 0
    assert trace([1.0, 2.0]).energy().u is None


def test_percentiles_interpolate_between_order_statistics() -> None:
    four = trace([40.0, 10.0, 30.0, 20.0])
    assert [four.percentile(p).value for p in (0, 50, 95, 100)] == pytest.approx([10, 25, 38.5, 40])
    with pytest.raises(ValueError, match="between 0 and 100"):
        four.percentile(101)


def test_peaks_are_those_of_the_lines_between_samples() -> None:
    spike = trace([0.0, 0, 100, 0, 0])
    assert spike.peak(2.0).value == pytest.approx(50)
    assert trace([0.0, 10, 10, 10, 0, 0]).peak(2.0).value == pytest.approx(10)
    assert trace([5.0] * 61).peak(60.0).value == pytest.approx(5)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1000), min_size=8, max_size=30), st.integers(2, 6))
def test_a_peak_lies_between_the_mean_and_the_highest_sample(values: list[float], seconds: int) -> None:
    one = trace(values)
    mean = one.energy().value * 3600 / (len(values) - 1)
    assert mean - 1e-6 <= one.peak(len(values) - 1.0).value <= mean + 1e-6
    assert min(values) - 1e-6 <= one.peak(float(seconds)).value <= max(values) + 1e-6


def test_a_ramp_is_the_greatest_change_up_or_down() -> None:
    one = trace([0.0, 10, 30, 30, 0, 0])
    assert one.ramp(2.0).value == 30
    assert trace([0.0, 10, 20, 30, 40]).ramp(2.0).value == 20


@pytest.mark.parametrize("what", ["peak", "ramp"])
def test_what_cannot_be_seen_is_never_a_figure(what: str) -> None:
    with pytest.raises(NotObservable, match=r"m\.power cannot show .* it was read every 1 s \[not_observable\]"):
        getattr(trace([1.0] * 10), what)(0.1)
    with pytest.raises(NotObservable, match="its window is 9 s long"):
        getattr(trace([1.0] * 10), what)(60.0)


def test_a_total_peaks_when_its_sum_does() -> None:
    up, down = trace([0.0, 0, 100, 0, 0, 0]), trace([100.0, 100, 0, 100, 100, 100])
    both = Total((up, down))
    assert both.peak(2.0).value == pytest.approx(100)
    assert (both.span().value, both.ramp(2.0).value, both.percentile(99).value) == (0, 0, 100)
    assert both.energy().value * 3600 == pytest.approx(500)


def test_a_register_that_went_back_counts_nothing() -> None:
    with pytest.raises(InvalidWindow, match=r"went back from 3 to 1 within the window \[counter_reset\]"):
        trace([1.0, 3.0, 1.0]).increase()


def test_the_stated_uncertainty_of_energy_covers_a_random_square_wave() -> None:
    dice, inside = random.Random(3), 0
    for _ in range(200):
        wave = [0.0]
        while len(wave) < 40_000:
            wave += [dice.choice((1000.0, 3000.0))] * dice.randint(300, 2000)
        fine = wave[: 40_000 + 1]
        samples = fine[::100]
        truth = sum((a + b) / 2 for a, b in pairwise(fine)) / 100 / 3600
        found = trace(samples, [n / 1.0 for n in range(len(samples))], accuracy=EXACT).energy()
        assert found.u is not None
        inside += abs(found.value - truth) <= 2 * found.u
    assert 180 <= inside <= 199
