"""Runs beside each other: what got worse beyond its uncertainty, and when a ratio may be given."""

import json
from typing import Any

import pytest

from harness.evidence.comparison import Comparison, compare
from harness.journal import Entry
from harness.records import CaseEnd, CaseStart, Measurement, PlannedCase, PlanStated, Record, RunEnd, RunStart
from harness.run import Run, fold
from reports import compare as report
from tests.evidence.runs import BEGUN


def measured(name: str, value: Any, unit: str | None = "W", **other: Any) -> Measurement:
    fields: dict[str, Any] = {"case": "A-1", "rule": "simple", "limit_source": "s", "judged": "pass"} | other
    return Measurement(name=name, value=value, unit=unit, **fields)


def run(*found: Measurement, name: str = "r", verdict: str = "pass") -> Run:
    start = RunStart(
        run=name, serial="GA-1", generation="g", station="s", operator="", plan="p", plan_sha256="0", role="buyer",
        profile="g", profile_revision=1, profile_state="draft", profile_sha256="0", software={},
    )  # fmt: skip
    planned = PlannedCase(case="A-1", number="A-1", group="power", claim="It is.")
    end = CaseEnd(case="A-1", status="complete", verdict="pass" if verdict == "pass" else "fail", seconds=1)
    records: list[Record] = [start, PlanStated(cases=(planned,), left_out=()), CaseStart(case="A-1"), *found, end]
    records.append(RunEnd(safe=True))
    return fold(Entry(n, BEGUN, record) for n, record in enumerate(records))  # type: ignore[arg-type]


def change(before: Measurement | list[Measurement], after: Measurement | list[Measurement]) -> str:
    sides = [side if isinstance(side, list) else [side] for side in (before, after)]
    (found,) = compare(run(*sides[0]), run(*sides[1])).differences
    return found.change


@pytest.mark.parametrize(
    ("limits", "after", "is_"),
    [
        ({"high": 200.0}, 103.0, "worse"),
        ({"high": 200.0}, 97.0, "better"),
        ({"low": 50.0}, 103.0, "better"),
        ({"low": 50.0}, 97.0, "worse"),
        ({"low": 50.0, "high": 200.0}, 103.0, "changed"),
        ({"high": 200.0}, 102.0, "same"),
        ({"high": 200.0}, 100.0, "same"),
    ],
)
def test_a_difference_counts_beyond_its_uncertainty_and_by_the_side_of_the_limit(
    limits: dict[str, Any], after: float, is_: str
) -> None:
    # u = 0.8 on each side: U of the difference is 2 sqrt(2) 0.8 = 2.26
    one, other = (measured("p", value, uncertainty=0.8, **limits) for value in (100.0, after))
    assert change(one, other) == is_


def test_without_an_uncertainty_nothing_is_claimed() -> None:
    assert change(measured("p", 100.0, high=200.0), measured("p", 150.0, high=200.0)) == "undecided"


def test_what_is_judged_worse_is_worse_however_small_the_difference() -> None:
    one, other = measured("p", 100.0, high=100.0), measured("p", 100.1, high=100.0, judged="fail")
    assert change(one, other) == "worse"
    assert change(other, one) == "better"


def test_many_devices_are_compared_by_their_means_and_the_one_that_moved_is_named() -> None:
    before = [measured("t", 60.0 + n % 3, "degC", where=f"tray{n}", high=90.0) for n in range(18)]
    after = [measured("t", 64.0 + n % 3 + 9 * (n == 7), "degC", where=f"tray{n}", high=90.0) for n in range(18)]
    (found,) = compare(run(*before), run(*after)).differences
    assert found.change == "worse"
    assert found.most == "tray7 by +13"
    assert found.delta == 1.0
    assert found.ratio is None  # degrees Celsius
    assert found.difference == pytest.approx(4.5)
    # Welch: standard errors of the means, k = 2
    assert found.interval == pytest.approx(
        2 * (found.before.u or 0) * (1 + ((found.after.u or 0) / (found.before.u or 1)) ** 2) ** 0.5
    )


def test_a_ratio_has_an_interval_of_relative_uncertainties() -> None:
    one, other = measured("p", 100.0, uncertainty=3.0), measured("p", 200.0, uncertainty=8.0)
    (found,) = compare(run(one), run(other)).differences
    assert found.ratio is not None
    assert found.ratio == pytest.approx((2.0, 2 * 2.0 * 0.05))


def with_coolant(celsius: float) -> Run:
    return run(measured("supply_temperature", celsius, "degC"), measured("p", celsius, uncertainty=0.1))


def test_no_ratio_where_conditions_differ_unless_a_correction_is_stated() -> None:
    apart = compare(with_coolant(30.0), with_coolant(45.0))
    assert not apart.comparable
    assert all(d.ratio is None for d in apart.differences)
    assert "No ratio is given: coolant supply differ" in report.text(apart)
    corrected = compare(with_coolant(30.0), with_coolant(45.0), "power x 1.01")
    assert any(d.ratio for d in corrected.differences)
    assert "power x 1.01" in report.text(corrected)
    assert compare(with_coolant(30.0), with_coolant(30.4)).comparable


def test_words_are_compared_place_by_place() -> None:
    before = [measured("firmware", "1.0", None, where=f"tray{n}") for n in range(3)]
    after = [measured("firmware", "1.1", None, where=f"tray{n}", judged="fail") for n in range(3)]
    (said,) = compare(run(*before), run(*after)).said
    assert (said.places, said.change) == (3, "worse")
    assert said.examples == ("'1.0' is now '1.1' (3x)",)


def test_what_only_one_run_measured_is_named() -> None:
    found = compare(run(measured("p", 1.0)), run(measured("q", 1.0)))
    assert found.missing == ["A-1 p only in the first", "A-1 q only in the second"]


@pytest.fixture
def hostile() -> Comparison:
    one, other = (measured("p<script>", f"{n}<img src=x>", None, where="<b>\u202e") for n in (1, 2))
    return compare(run(one, name="<i>"), run(other, name="</style>"))


def test_what_devices_say_becomes_no_markup(hostile: Comparison) -> None:
    page = report.html(hostile)
    assert not [tag for tag in ("<img", "<script", "<i>", "<b>") if tag in page.partition("</style>")[2]]
    assert json.loads(report.line(hostile))["schema"] == "rackproof-compare/1"
    assert "\u202e" not in report.text(hostile)
