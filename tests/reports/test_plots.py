"""What is drawn: extremes kept, gaps left, the odd one found, limits only where they belong."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness.columns import Column
from harness.records import Measurement
from harness.run import Run
from reports import plots
from reports.svg import Stretch, axis, line, stretches

BEGIN = int(datetime(2026, 11, 23, 14, 17, tzinfo=UTC).timestamp()) * 10**9
SECOND = 10**9


def column(values: Sequence[float], device: str = "feed1", point: str = "power", unit: str = "W") -> Column:
    times = [BEGIN + i * SECOND for i in range(len(values))]
    return Column(device, point, unit, f"visa://{device} {point}", times, list(values))


def render(run: Run, *columns: Column) -> str:
    drawn = plots.render(run, lambda state: list(columns) if state == "idle" else [])
    return drawn.totals + drawn.rest


def judge(run: Run, value: float, *sources: str) -> None:
    limit = {"high": 110.0, "rule": "simple", "limit_source": "data sheet", "state": "idle", "sources": sources}
    fields = {"case": "PWR-012", "name": "the_limit", "value": value, "unit": "W", "judged": "pass", **limit}
    run.cases["PWR-012"].measurements.append(Measurement.model_validate(fields))


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", path)]


def test_a_spike_between_pixels_is_drawn() -> None:
    values = [1.0] * 10_000
    values[5_003] = 9.0
    stretch = Stretch("idle", BEGIN, BEGIN + 10_000 * SECOND, 0, 100)
    on, _ = axis(0, 10, 100, 0)
    drawn = points(line(column(values), stretch, on))
    assert min(y for _, y in drawn) == pytest.approx(on.y(9.0))
    assert len(drawn) < 5 * 101


def test_missing_samples_are_a_gap() -> None:
    whole = column([1.0, 2.0] * 30)
    kept = [*range(20), *range(40, 60)]
    torn = replace(whole, times=[whole.times[i] for i in kept], values=[whole.values[i] for i in kept])
    stretch = Stretch("idle", whole.times[0], whole.times[-1], 0, 600)
    on, _ = axis(1, 2, 100, 0)
    assert [line(c, stretch, on).count("M") for c in (whole, torn)] == [1, 2]


def test_a_lone_sample_is_a_dot() -> None:
    stretch = Stretch("idle", BEGIN - SECOND, BEGIN + SECOND, 0, 100)
    on, _ = axis(0, 2, 100, 0)
    assert line(column([1.0]), stretch, on) == "M50.0 50.0h.01"


def test_a_sample_outside_a_stretch_is_not_drawn_in_it() -> None:
    stretch = Stretch("idle", BEGIN + 10 * SECOND, BEGIN + 12 * SECOND, 0, 100)
    on, _ = axis(0, 2, 100, 0)
    assert line(column([1.0] * 5), stretch, on) == ""


def test_short_states_stay_legible_beside_long_ones() -> None:
    hour = 3600 * SECOND
    laid = stretches([("load", 10 * hour, 34 * hour), ("idle", 0, hour // 60)], 0, 1000)
    assert [s.state for s in laid] == ["idle", "load"]
    assert laid[0].right - laid[0].left > 100
    assert laid[0].left == 0
    assert laid[1].right == pytest.approx(1000)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (-5, -5), (20, 81), (0.001, 0.002), (1e9, 3e9), (-3, 7)])
def test_ticks_are_round_and_hold_all_values(low: float, high: float) -> None:
    on, ticks = axis(low, high, 100, 0)
    assert on.low <= low <= high <= on.high
    assert 2 <= len(ticks) <= 8
    assert (on.y(on.low), on.y(on.high)) == (100, 0)


def test_no_samples_no_plots(accepted: Run) -> None:
    assert render(accepted) == ""
    assert render(accepted, column([], "feed1"), column([1.0], unit="rpm")) == ""


def test_few_series_are_one_plot_with_a_name_at_every_line(accepted: Run) -> None:
    drawn = render(accepted, column([100.0] * 5), column([90.0] * 5, "feed2"))
    assert drawn.count("<figure>") == 2  # feed2 has no role: it never identified itself
    assert "idle" in drawn
    assert "14:17:00" in drawn
    assert "14:27:00 UTC" in drawn
    assert ">feed1</text>" in drawn


def test_many_series_are_panels_and_the_odd_one_is_heavy(accepted: Run) -> None:
    usual = [column([50.0 + 0.01 * i, 50.0], point=f"gpu[{i}].power") for i in range(11)]
    drawn = render(accepted, *usual, column([58.0, 58.0], point="gpu[11].power"))
    assert drawn.count("class=panel") == 12
    assert drawn.count("series odd") == 1
    assert "drawn heavy: feed1 11" in drawn


def test_none_is_odd_where_all_scatter(accepted: Run) -> None:
    drawn = render(accepted, *(column([10.0 * i, 10.0 * i], point=f"gpu[{i}].power") for i in range(12)))
    assert "series odd" not in drawn


def test_a_limit_of_the_series_itself_is_drawn_and_one_of_their_sum_is_not(accepted: Run) -> None:
    one, other = column([100.0, 101.0], point="phase[1].power"), column([99.0, 98.0], point="phase[2].power")
    judge(accepted, 199.5, one.source, other.source)
    assert "class=limit" not in render(accepted, one, other)
    judge(accepted, 101.0, one.source)
    assert "limit: the limit" in render(accepted, one, other)


def test_a_sum_is_drawn_with_its_limit_and_natural_order_is_kept(accepted: Run) -> None:
    one, other = column([40.0, 41.0]), column([60.0, 59.0], "feed2")
    judge(accepted, 100.0, one.source, other.source)
    drawn = plots.render(accepted, lambda state: [one, other] if state == "idle" else [])
    assert "Power, sum of feed1 and feed2" in drawn.totals
    assert "limit: the limit 110 W" in drawn.totals
    assert "class=limit" not in drawn.rest
    shelves = [column([5.0, 5.0], f"shelf{i}", "psu[1].power") for i in (10, 2, 1)]
    named = re.findall(r">(shelf\d+) psu\[1\].power: 5", render(accepted, *shelves))
    assert named == ["shelf1", "shelf2", "shelf10"]


def test_one_query_that_gives_several_series_limits_the_one_that_is_named(accepted: Run) -> None:
    hot, cool = column([105.0, 106.0], point="gpu[0].power"), column([50.0, 51.0], point="gpu[1].power")
    hot, cool = replace(hot, source="ssh://h smi"), replace(cool, source="ssh://h smi")
    judge(accepted, 106.0, "ssh://h smi")
    last = accepted.cases["PWR-012"].measurements
    last[-1] = last[-1].model_copy(update={"where": "tray01 gpu[0]", "judged": "fail"})
    accepted.cases["PWR-012"].outcome = "fail"
    drawn = render(accepted, hot, cool)
    assert drawn.count("series failed") == 1
    assert "limit: the limit 110 W" in drawn


def test_a_rise_is_no_limit_of_the_values_that_it_was_taken_from(accepted: Run) -> None:
    one = column([150.0, 160.0])
    judge(accepted, 100.0, one.source)
    assert "class=limit" not in render(accepted, one)


def test_what_was_observed_is_shaded_and_the_way_there_is_not(accepted: Run) -> None:
    early = column([1.0] * 600)
    early = replace(early, times=[at - 300 * SECOND for at in early.times])
    left, wide = re.findall(r"<rect class=state0 x=([\d.]+) y=\S+ width=([\d.]+)", render(accepted, early))[0]
    assert float(left) > 56 + 100
    assert float(left) + float(wide) == pytest.approx(960 - 150, abs=0.2)


def test_a_limit_far_away_does_not_squeeze_the_values(accepted: Run) -> None:
    judge(accepted, 1.0, column([1.0]).source)
    assert "class=limit" not in render(accepted, column([1.0, 1.5]))


def test_the_failing_series_is_marked(rack: tuple[Run, Callable[[str], list[Column]]]) -> None:
    drawn = plots.render(*rack).rest
    assert drawn.count("series failed") == 1
    assert "drawn heavy: tray07" in drawn
    assert "drawn heavy: bmc07" in drawn
