import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from drivers.errors import NoReading
from drivers.points import Reading
from harness.measuring import CaseFailed, CaseMeasure, Fact, Undecided, UnitMismatch
from harness.profile import Profile
from harness.records import Measurement, Record
from harness.uncertainty import Quantity, Window

NOW = datetime(2026, 1, 1, tzinfo=UTC)
READING = Reading("power", 5.0, "W", "visa://m :POW?", "5.0E+00", NOW)
LIMITS = {
    "power": {"unit": "W", "high": 10, "source": "agreement 4.2", "requirement": "R-7"},
    "guarded": {"unit": "W", "high": 10, "rule": "guarded", "source": "agreement"},
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
