"""Peaks, ramps, percentiles and plateaus; and what the samples cannot show."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from harness.energy.integration import mean_power
from harness.energy.plateaus import PlateauRule, idle, plateaus
from harness.energy.shape import NotObservable, Peak, edp_peak, inrush, peak, percentiles, ramp
from harness.energy.trace import NS_PER_S, Trace, Window, of_seconds, whole

powers = st.lists(st.floats(0, 1e4), min_size=12, max_size=40)


@given(power=powers, start=st.floats(0, 1))
def test_no_window_has_more_than_the_peak(power: list[float], start: float) -> None:
    found = of_seconds(range(len(power)), power)
    top = peak(found, 3.0)
    assert isinstance(top, Peak)
    begin = round(start * (len(power) - 4) * NS_PER_S)
    assert mean_power(found, Window(begin, begin + 3 * NS_PER_S)) <= top.power_w * (1 + 1e-9) + 1e-6
    assert mean_power(found, Window(top.begin_ns, top.begin_ns + 3 * NS_PER_S)) == pytest.approx(top.power_w, abs=1e-3)


@given(power=powers)
def test_peaks_fall_with_longer_windows(power: list[float]) -> None:
    found = of_seconds(range(len(power)), power)
    tops = [peak(found, 3.0 * factor) for factor in (1, 3)]
    assert all(isinstance(top, Peak) for top in tops)
    first, second = (top.power_w for top in tops if isinstance(top, Peak))
    assert second <= first * (1 + 1e-9) + 1e-6


@pytest.mark.parametrize(("rate", "seconds"), [(1.0, 0.1), (1.0, 1.0), (10.0, 0.1), (1.0, 1.9)])
def test_a_window_shorter_than_two_intervals_is_not_observable(rate: float, seconds: float) -> None:
    found = of_seconds(np.arange(100) / rate, np.ones(100))
    assert isinstance(peak(found, seconds), NotObservable)
    assert isinstance(edp_peak(found, seconds, 1.0), NotObservable)


def test_a_window_longer_than_the_record_is_not_observable() -> None:
    assert isinstance(peak(of_seconds(range(100), np.ones(100)), 3600.0), NotObservable)
    assert isinstance(ramp(of_seconds(range(2), np.ones(2)), 5.0), NotObservable)


def test_inrush_cannot_be_seen_by_a_power_meter() -> None:
    seen = inrush(of_seconds(range(100), np.ones(100)))
    assert isinstance(seen, NotObservable)
    assert "every 1 s" in seen.reason
    assert inrush(of_seconds(np.arange(100) / 5000, np.arange(100.0))) == 99.0


def test_edp_is_the_peak_over_the_design_power() -> None:
    found = of_seconds(np.arange(0, 10, 0.1), np.where(np.arange(100) == 50, 300.0, 100.0))
    seen = edp_peak(found, 0.2, 100.0)
    assert isinstance(seen, float)
    assert seen == pytest.approx(2.0)
    with pytest.raises(ValueError, match="design power"):
        edp_peak(found, 0.2, 0.0)


def test_percentiles_are_those_of_the_definition_named() -> None:
    found = of_seconds(range(5), [15, 20, 35, 40, 50])
    assert percentiles(found, whole(found), [40]) == {40: 29.0}


@given(power=powers)
def test_ramps_bound_every_change(power: list[float]) -> None:
    found = of_seconds(range(len(power)), power)
    seen = ramp(found, 1.0)
    assert not isinstance(seen, NotObservable)
    changes = np.diff(power)
    assert seen.rise_w_per_s == pytest.approx(max(0.0, float(changes.max())), abs=1e-6)
    assert seen.fall_w_per_s == pytest.approx(min(0.0, float(changes.min())), abs=1e-6)


def steps() -> Trace:
    """Two minutes of idle, a minute of ramp, two minutes of load, ten seconds of idle."""
    power = np.concatenate((np.full(120, 300.0), np.linspace(300, 900, 60), np.full(120, 900.0), np.full(10, 300.0)))
    return of_seconds(np.arange(len(power)), power + np.tile([0.5, -0.5], len(power) // 2))


def test_plateaus_are_found_and_ramps_are_none() -> None:
    found = plateaus(steps(), PlateauRule())
    assert [round(p.mean_w) for p in found] == [300, 900]
    assert [round(p.lasts_s) for p in found] == [120, 120]


def test_idle_is_what_lies_below_a_threshold_not_what_is_lowest() -> None:
    found = plateaus(steps(), PlateauRule())
    low = idle(found, below_w=400.0)
    assert low is not None
    assert round(low.mean_w) == 300
    assert idle(found, below_w=200.0) is None
    assert plateaus(of_seconds([0], [1]), PlateauRule()) == []


def test_a_drift_within_each_block_is_no_plateau() -> None:
    found = plateaus(of_seconds(np.arange(600), 1000.0 + np.arange(600)), PlateauRule(shortest_s=120.0))
    assert found == []
