"""Efficiency with its uncertainty, load lines that were published, and what a cap does."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from harness import efficiency
from harness.efficiency import Undecided, compare
from harness.energy.shape import NotObservable
from harness.energy.trace import NS_PER_S, of_seconds
from harness.load_line import (
    TARGETS,
    Level,
    calibrated_maximum,
    level_ratios,
    missed_targets,
    overall_score,
    proportionality_gap,
    targets,
)
from harness.power_cap import CapResponse, response, retention
from harness.uncertainty import Quantity

XEON_8276L = (
    (4_864_136, 347), (4_389_196, 312), (3_905_724, 278), (3_418_737, 241), (2_925_811, 212), (2_439_017, 183),
    (1_951_394, 160), (1_461_411, 141), (974_045, 128), (485_973, 115), (0, 48),
)  # fmt: skip
"""SPECpower_ssj2008 of two Xeon Platinum 8276L, by level from 100 % to active idle: ssj_ops/s and W as displayed.

Recalled from a textbook's table, which prints sums of 26,815,444 and 2,165 and a score of 12,385.
"""
XEON_X5650 = (
    (865_618, 258), (786_688, 242), (698_051, 224), (607_826, 204), (521_391, 185), (436_757, 170), (345_919, 157),
    (262_071, 146), (176_061, 135), (86_784, 121), (0, 80),
)  # fmt: skip
"""The same of two Xeon X5650; recalled, with printed sums of 4,787,166 and 1,922 and a score of 2,490."""


def line(table: tuple[tuple[int, int], ...], u: float | None = None) -> list[Level]:
    shares = (*TARGETS, 0.0)
    return [
        Level(share, Quantity(float(ops), "ssj_ops/s"), Quantity(float(watts), "W", u))
        for share, (ops, watts) in zip(shares, table, strict=True)
    ]


@pytest.mark.parametrize(("table", "ops", "watts", "score"), [(XEON_8276L, 26_815_444, 2165, 12_385),
                                                               (XEON_X5650, 4_787_166, 1922, 2_490)])  # fmt: skip
def test_published_scores(table: tuple[tuple[int, int], ...], ops: int, watts: int, score: int) -> None:
    assert (sum(row[0] for row in table), sum(row[1] for row in table)) == (ops, watts)
    assert int(overall_score(line(table)).value) == score


def test_the_score_s_uncertainty_is_that_of_the_powers_which_err_together() -> None:
    levels = [
        Level(level.target, Quantity(level.rate.value, "ops/s", 0.0), level.power) for level in line(XEON_8276L, 1.0)
    ]
    found = overall_score(levels)
    assert found.u == pytest.approx(found.value * 11 / 2165)
    assert overall_score(line(XEON_8276L)).u is None


@pytest.mark.parametrize("missing", range(11))
def test_a_load_line_without_a_level_has_no_score(missing: int) -> None:
    levels = line(XEON_8276L)
    with pytest.raises(Undecided, match="active idle" if missing == 10 else f"{TARGETS[missing]:.0%}"):
        overall_score(levels[:missing] + levels[missing + 1 :])
    with pytest.raises(Undecided):
        overall_score([*levels, levels[missing]])


def test_levels_have_their_own_ratios() -> None:
    ratios = level_ratios(line(XEON_8276L))
    assert ratios[1.0].value == pytest.approx(4_864_136 / 347)
    assert ratios[0.0].value == 0


def test_calibration_takes_the_last_two_of_three_or_more() -> None:
    assert calibrated_maximum([1.0, 100.0, 110.0, 90.0]) == 100.0
    assert targets(200.0)[4] == pytest.approx(120.0)
    for wrong in ([], [100.0, 100.0], [100.0, 0.0, 100.0]):
        with pytest.raises(Undecided):
            calibrated_maximum(wrong)


def test_levels_that_missed_their_target_are_named() -> None:
    assert missed_targets(line(XEON_8276L), 4_873_000.0) == []
    missed = missed_targets(line(XEON_X5650), 950_000.0)
    assert [text.partition(":")[0] for text in missed] == [f"{share}%" for share in range(100, 20, -10)]


@given(idle=st.floats(0, 1), share=st.floats(0.01, 0.99))
def test_proportional_power_has_no_gap(idle: float, share: float) -> None:
    levels = [Level(t, Quantity(t, "op/s"), Quantity(100 * (idle + (1 - idle) * t), "W")) for t in (1.0, share, 0.0)]
    assert proportionality_gap(levels) == pytest.approx(idle * (2 - share) / 3, abs=1e-9)
    with pytest.raises(Undecided):
        proportionality_gap(levels[1:])


@given(x=st.floats(1, 1e9), y=st.floats(1, 1e9), a=st.floats(0, 0.1), b=st.floats(0, 0.1))
def test_relative_uncertainties_of_a_ratio_add_as_squares(x: float, y: float, a: float, b: float) -> None:
    found = efficiency.per_joule(Quantity(x, "op", x * a), Quantity(y, "J", y * b))
    assert found.u == pytest.approx(found.value * (a * a + b * b) ** 0.5, rel=1e-9, abs=1e-12)
    assert efficiency.per_joule(Quantity(x, "op"), Quantity(y, "J", y * b)).u is None


@pytest.mark.parametrize("energy", [0.0, -1.0, float("nan")])
def test_nothing_is_divided_by_no_energy(energy: float) -> None:
    with pytest.raises(Undecided):
        efficiency.per_joule(Quantity(1.0, "op"), Quantity(energy, "J"))


def test_like_is_compared_with_like() -> None:
    with pytest.raises(Undecided, match="kW to W"):
        efficiency.idle_to_peak(Quantity(1.0, "kW"), Quantity(2.0, "W"))


@pytest.mark.parametrize(
    ("u", "decided"), [(0.0, True), (0.2, True), (0.26, True), (0.28, False), (1.0, False), (None, False)]
)
def test_shelf_efficiency_is_decided_only_where_the_loss_can_be_seen(u: float | None, decided: bool) -> None:
    """U = 2 x sqrt(2) x u at about 97 %: a quarter of the loss of 3 % is 0.75 %, reached at u of 0.27 %."""
    dc, ac = Quantity(97.0, "kW", None if u is None else 0.97 * u), Quantity(100.0, "kW", u)
    if decided:
        assert efficiency.shelf_efficiency(dc, ac).value == 0.97
    else:
        with pytest.raises(Undecided):
            efficiency.shelf_efficiency(dc, ac)


@pytest.mark.parametrize(("dc", "ac"), [(101.0, 100.0), (100.0, 100.0), (0.0, 100.0), (-5.0, 100.0)])
def test_an_efficiency_that_cannot_be_is_refused(dc: float, ac: float) -> None:
    with pytest.raises(Undecided):
        efficiency.shelf_efficiency(Quantity(dc, "kW", 0.0), Quantity(ac, "kW", 0.0))


def test_overheads_and_their_bounds() -> None:
    whole = Quantity(130.0, "kW", 1.3)
    share = efficiency.overhead_fraction([Quantity(5.0, "kW", 0.05), Quantity(1.5, "kW", 0.015)], whole)
    assert share.value == pytest.approx(0.05)
    assert share.u == pytest.approx(0.05 * 2**0.5 * 0.01)
    with pytest.raises(Undecided):
        efficiency.overhead_fraction([Quantity(131.0, "kW")], whole)
    with pytest.raises(Undecided):
        efficiency.conversion_loss(Quantity(97.0, "kW"), Quantity(100.0, "kW"))


def test_pue_times_itue_is_tue() -> None:
    facility, it, compute = (Quantity(value, "kW") for value in (150.0, 120.0, 100.0))
    product = efficiency.pue(facility, it).value * efficiency.itue(it, compute).value
    assert efficiency.tue(facility, compute).value == pytest.approx(product)
    with pytest.raises(Undecided, match="PUE"):
        efficiency.pue(it, facility)


figure = st.tuples(st.floats(1, 1e3), st.floats(1e-4, 0.05))


@given(new=figure, old=figure)
def test_intervals_agree_where_uncertainty_is_small_and_log_inverts(
    new: tuple[float, float], old: tuple[float, float]
) -> None:
    a, b = (Quantity(x, "op/J", x * r) for x, r in (new, old))
    found = {rule: compare(a, b, rule=rule) for rule in efficiency.INTERVALS}
    for one in found.values():
        assert one.low <= one.ratio <= one.high
    assert found["rss"].low == pytest.approx(found["fieller"].low, rel=0.05)
    assert found["log"].high == pytest.approx(found["fieller"].high, rel=0.05)
    back = compare(b, a, rule="log")
    assert back.high == pytest.approx(1 / found["log"].low)


@given(new=figure, old=figure)
def test_fieller_s_limits_solve_their_equation(new: tuple[float, float], old: tuple[float, float]) -> None:
    (x, ux), (y, uy) = ((v, v * r) for v, r in (new, old))
    found = compare(Quantity(x, "op/J", ux), Quantity(y, "op/J", uy), rule="fieller")
    for limit in (found.low, found.high):
        assert (x - limit * y) ** 2 == pytest.approx(4 * (ux**2 + limit**2 * uy**2), rel=1e-6)


def test_a_generation_is_better_only_where_the_interval_says_so() -> None:
    old = Quantity(20.0, "tokens/J", 0.4)
    assert compare(Quantity(30.0, "tokens/J", 0.6), old).decided
    assert not compare(Quantity(20.5, "tokens/J", 0.4), old).decided
    with pytest.raises(Undecided, match="not known"):
        compare(Quantity(30.0, "tokens/J"), old)
    with pytest.raises(Undecided, match="Fieller"):
        compare(Quantity(30.0, "tokens/J", 1.0), Quantity(20.0, "tokens/J", 11.0), rule="fieller")
    with pytest.raises(ValueError, match="unknown rule"):
        compare(old, old, rule="best")


def capped(power: list[float], step_s: float = 0.1) -> CapResponse:
    found = response(of_seconds(np.arange(len(power)) * step_s, power), NS_PER_S, 100.0)
    assert isinstance(found, CapResponse)
    return found


def test_a_cap_that_holds_at_once() -> None:
    found = capped([150.0] * 10 + [100.0] * 40)
    assert (found.overshoot_w, found.above_s, found.settled_s) == (0.0, 0.0, 0.0)
    assert found.residual_w == pytest.approx(0.0)


def test_a_cap_that_is_overshot_settles_late() -> None:
    found = capped([150.0] * 10 + [150.0] * 5 + [90.0] * 5 + [110.0] * 5 + [100.0] * 30)
    assert found.overshoot_w == pytest.approx(10.0)
    assert found.settled_s is not None
    assert found.settled_s == pytest.approx(1.48)
    assert found.above_s == pytest.approx(0.4 + 0.05 + 0.1 + 0.1 * 2 / 60, abs=1e-6)


def test_a_cap_that_never_holds_is_never_settled() -> None:
    found = capped([150.0] * 50)
    assert found.settled_s is None
    assert found.residual_w is None
    assert found.overshoot_w == 50.0
    assert found.above_s == pytest.approx(3.9)


def test_without_samples_after_the_cap_there_is_no_answer() -> None:
    assert isinstance(response(of_seconds([0, 0.5], [1, 1]), NS_PER_S, 100.0), NotObservable)


def test_work_kept_under_a_cap() -> None:
    found = retention(Quantity(90.0, "tokens/s", 0.9), Quantity(100.0, "tokens/s", 1.0))
    assert found.value == 0.9
    assert found.u == pytest.approx(0.9 * 0.01 * 2**0.5)
