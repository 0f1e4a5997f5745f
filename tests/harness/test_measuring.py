import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from drivers.errors import NoReading
from drivers.points import Accuracy, Reading
from harness import figures, uncertainty
from harness.budget import Contribution, coverage_factor, repeated
from harness.deciding.rules import Role
from harness.measuring import CaseFailed, CaseMeasure, Fact, NotTrusted, TooUncertain, Undecided, UnitMismatch
from harness.profile import Profile
from harness.records import Measurement, Record
from harness.uncertainty import Quantity, Window

NOW = datetime(2026, 1, 1, tzinfo=UTC)
READING = Reading("power", 5.0, "W", "visa://m :POW?", "5.0E+00", NOW)
LIMITS = {
    "power": {"unit": "W", "high": 10, "source": "agreement 4.2", "requirement": "R-7"},
    "guarded": {"unit": "W", "high": 10, "rule": "guarded", "source": "agreement"},
    "disputed": {"unit": "W", "high": 10, "rule": "iso14253", "source": "agreement"},
    "four": {"unit": "W", "high": 10, "rule": "ilac4", "source": "agreement"},
    "band": {"unit": "W", "low": 4, "high": 6, "rule": "guarded", "source": "agreement"},
    "state": {"equals": "up", "source": "agreement"},
}
PROFILE = Profile.model_validate({"schema": 1, "generation": "g", "revision": 1, "limits": LIMITS})


@pytest.fixture
def written() -> list[Record]:
    return []


@pytest.fixture
def measure(written: list[Record]) -> CaseMeasure:
    return CaseMeasure("PWR-001", PROFILE, written.append, lambda _: None)


def only(written: list[Record]) -> Measurement:
    (record,) = written
    assert isinstance(record, Measurement)
    return record


def test_a_measurement_holds_its_evidence(measure: CaseMeasure, written: list[Record]) -> None:
    measure("power", READING, where="feed A")
    found = only(written)
    assert (found.value, found.unit, found.judged, found.margin) == (5.0, "W", "pass", 5.0)
    assert (found.sources, found.raw, found.where) == (("visa://m :POW?",), "5.0E+00", "feed A")
    assert (found.limit_source, found.requirement, found.high) == ("agreement 4.2", "R-7", 10)


def test_failures_are_kept_and_the_case_goes_on(measure: CaseMeasure, written: list[Record]) -> None:
    measure("power", replace(READING, value=11.0))
    measure("power", READING)
    measure("state", Fact("down"))
    assert [f.value for f in measure.failures] == [11.0, "down"]
    assert measure.count == len(written) == 3
    said = str(CaseFailed(measure.failures))
    assert said == "Power was 11 W, 1 W above its limit of 10 W (at 00:00:00 UTC)\nState was “down”, expected up"


def test_a_window_and_its_uncertainty_are_written(measure: CaseMeasure, written: list[Record]) -> None:
    measure("guarded", Quantity(9.0, "W", 0.4, ("a", "b"), Window("idle", NOW, NOW)))
    found = only(written)
    assert (found.state, found.begin, found.uncertainty, found.judged) == ("idle", NOW, 0.4, "pass")


def test_another_unit_is_refused_before_anything_is_judged(measure: CaseMeasure, written: list[Record]) -> None:
    with pytest.raises(UnitMismatch, match="power: the value is in kW, the limit in W"):
        measure("power", replace(READING, unit="kW"))
    assert written == []


def test_no_value_is_never_a_pass(measure: CaseMeasure, written: list[Record]) -> None:
    with pytest.raises(NoReading, match="over range") as caught:
        measure("power", replace(READING, value=None, reason="over range"))
    assert (caught.value.address, caught.value.sent) == ("visa://m", ":POW?")
    assert (only(written).judged, only(written).reason) == ("not_decided", "over range")


def test_a_rule_that_needs_an_uncertainty_decides_nothing_without(measure: CaseMeasure, written: list[Record]) -> None:
    with pytest.raises(Undecided, match="rule 'guarded' needs an uncertainty"):
        measure("guarded", Quantity(1.0, "W"))
    assert only(written).judged == "not_decided"
    assert only(written).reason == "rule 'guarded' needs an uncertainty, and none is known for this value"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("of", [Quantity(0.0, "W", 0.1), READING, Fact(0.0, unit="W")])
def test_a_number_that_is_none_decides_nothing_and_is_written_as_none(
    number: float, of: Any, measure: CaseMeasure, written: list[Record]
) -> None:
    with pytest.raises((Undecided, NoReading)):
        measure("power", replace(of, value=number))
    found = only(written)
    assert (found.value, found.judged, found.reason) == (None, "not_decided", f"the value is {number}")


def test_an_uncertainty_that_is_no_number_is_unknown(measure: CaseMeasure, written: list[Record]) -> None:
    with pytest.raises(Undecided):
        measure("guarded", Quantity(1.0, "W", math.nan))
    assert only(written).uncertainty is None


def test_many_sources_are_counted(measure: CaseMeasure, written: list[Record]) -> None:
    measure("power", Quantity(1.0, "W", None, tuple(f"m{n}" for n in range(67))))
    assert len(only(written).sources) == 13
    assert only(written).sources[-1] == "and 55 more of the same kind"


def accurate(value: float) -> Reading:
    return replace(READING, value=value, accuracy=Accuracy(0.001, 0.001, 100.0, "manual 7.3"))


def test_a_single_reading_has_the_uncertainty_of_its_instrument(measure: CaseMeasure, written: list[Record]) -> None:
    measure("guarded", accurate(9.0))
    found = only(written)
    assert found.uncertainty == pytest.approx(0.109 / math.sqrt(3))
    assert (found.k, found.dof, found.guard) == (None, None, 1.0)
    (line,) = found.budget
    assert (line.name, line.type, line.distribution, line.source) == (
        "power: limits of error", "B", "rectangular", "manual 7.3",
    )  # fmt: skip


def test_few_samples_widen_the_coverage_factor(measure: CaseMeasure, written: list[Record]) -> None:
    parts = (repeated("scatter", [9.0, 9.2, 9.1]), Contribution("limits", 0.01))
    measure("guarded", uncertainty.quantity(9.1, "W", parts))
    found = only(written)
    assert found.dof == pytest.approx(2.1, abs=0.1)
    assert found.k == pytest.approx(coverage_factor(2))
    assert [line.name for line in found.budget] == ["scatter", "limits"]
    assert figures.expanded(found) == pytest.approx(coverage_factor(2) * found.uncertainty if found.uncertainty else 0)


def test_many_contributions_are_written_as_the_largest_and_the_rest(
    measure: CaseMeasure, written: list[Record]
) -> None:
    parts = [Contribution(f"c{n}", 0.001 * n) for n in range(1, 41)]
    measure("power", uncertainty.quantity(5.0, "W", parts))
    found = only(written)
    assert len(found.budget) == 13
    assert found.budget[0].name == "c40"
    assert found.budget[-1].name == "28 smaller ones"
    assert math.hypot(*(line.amount for line in found.budget)) == pytest.approx(found.uncertainty)


@pytest.mark.parametrize(("role", "judged", "guard"), [("supplier", "fail", 0.83), ("customer", "pass", -0.83)])
def test_the_role_of_the_plan_decides_who_bears_the_uncertainty(
    role: Role, judged: str, guard: float, written: list[Record]
) -> None:
    measure = CaseMeasure("PWR-001", PROFILE, written.append, lambda _: None, role)
    measure("disputed", Quantity(10.3, "W", 0.2))
    assert (only(written).judged, only(written).guard) == (judged, guard)


@pytest.mark.parametrize(
    ("value", "says", "failed", "counts"),
    [
        (9.8, {}, 0, None),
        (10.2, {}, 1, None),
        (9.8, {"conditional_pass": "fail"}, 1, "fail"),
        (10.2, {"conditional_fail": "pass"}, 0, "pass"),
    ],
)
def test_the_profile_says_what_a_conditional_result_counts_as(
    value: float, says: dict[str, str], failed: int, counts: str | None, written: list[Record]
) -> None:
    profile = Profile.model_validate({"schema": 1, "generation": "g", "revision": 1, "limits": LIMITS, **says})
    measure = CaseMeasure("PWR-001", profile, written.append, lambda _: None)
    measure("four", Quantity(value, "W", 0.2))
    assert len(measure.failures) == failed
    assert only(written).counts == counts
    assert only(written).judged == ("conditional_pass" if value < 10 else "conditional_fail")


def test_a_conditional_result_that_decides_nothing_leaves_the_case_open(written: list[Record]) -> None:
    fields = {"schema": 1, "generation": "g", "revision": 1, "limits": LIMITS, "conditional_pass": "not_decided"}
    measure = CaseMeasure("PWR-001", Profile.model_validate(fields), written.append, lambda _: None)
    with pytest.raises(TooUncertain, match="conditional pass, and this profile decides nothing by that"):
        measure("four", Quantity(9.8, "W", 0.2))
    assert only(written).outcome == "not_decided"


def test_guard_bands_that_leave_nothing_say_so(measure: CaseMeasure) -> None:
    with pytest.raises(TooUncertain, match="its guard bands leave no value that could pass"):
        measure("band", Quantity(5.0, "W", 1.0))


def test_what_is_not_trusted_is_written_and_not_decided(written: list[Record]) -> None:
    asked: list[tuple[str, ...]] = []

    def distrust(devices: tuple[str, ...]) -> str:
        asked.append(devices)
        return "feed, serial C1: calibration expired"

    measure = CaseMeasure("PWR-001", PROFILE, written.append, lambda _: None, distrust=distrust)
    with pytest.raises(NotTrusted, match="calibration expired"):
        measure("power", Quantity(50.0, "W", 0.1, devices=("feed",)))
    assert (only(written).value, only(written).judged, measure.failures) == (50.0, "not_decided", [])
    measure("state", Fact("up"))
    assert asked == [("feed",)]
