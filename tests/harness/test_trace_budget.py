"""Every figure of a trace tells what its uncertainty is made of."""

import math
from dataclasses import replace

import pytest

from drivers.points import Accuracy
from harness import shapes
from harness.trace import Total
from tests.harness.test_trace import trace

METER = Accuracy(0.001, 0.001, 15_000.0, "manual 7.3", resolution=0.1, drift=1e-4, drift_source="history")
NOISY = [1000.0, 1010.0, 990.0, 1005.0, 995.0, 1002.0]


def test_a_mean_names_instrument_resolution_drift_and_sampling() -> None:
    found = replace(trace(NOISY), accuracy=METER).mean()
    names = [c.name.partition(": ")[2] for c in found.budget]
    assert names == ["limits of error", "resolution", "drift since calibration", "sampling"]
    assert [c.kind for c in found.budget] == ["B", "B", "B", "A"]
    parts = (15.0 + found.value * 0.001, 0.05, found.value * 1e-4)
    expected = [p / math.sqrt(3) for p in parts] + [shapes.sampling_u(NOISY)]
    assert [c.u for c in found.budget] == pytest.approx(expected)
    assert found.u == pytest.approx(math.hypot(*expected))


def test_energy_carries_the_budget_of_its_power() -> None:
    power = replace(trace(NOISY), accuracy=METER)
    hours = power.energy().value / power.mean().value
    found = power.energy()
    assert found.unit == "Wh"
    assert len(found.budget) == 4
    assert found.budget[0].sensitivity == pytest.approx(hours, rel=0.02)


def test_without_a_stated_accuracy_there_is_no_budget() -> None:
    assert trace(NOISY).mean().budget == ()
    assert trace(NOISY).mean().u is None


def test_what_cancels_out_in_a_difference_has_no_budget() -> None:
    found = replace(trace(NOISY), accuracy=METER)
    assert (found.span().u, found.span().budget) == (None, ())


def test_two_meters_of_one_model_add_linearly_and_their_sampling_does_not() -> None:
    one = replace(trace(NOISY), accuracy=Accuracy(0.001, 0.0, 0.0, "manual 7.3"))
    other = replace(one, device="feed_b")
    found, alone = Total((one, other)).mean(), one.mean()
    stated, sampled = alone.budget[0].u, alone.budget[1].u
    assert found.u == pytest.approx(math.hypot(2 * stated, sampled, sampled))
