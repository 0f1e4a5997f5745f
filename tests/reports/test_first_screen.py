"""The pictures of the first screen: bars and the rack."""

import re

import pytest

from harness.records import CaseStart, PlanStated, RunEnd
from harness.run import Run
from reports.bars import bar
from reports.elevation import elevation
from tests.reports.conftest import Fold
from tests.reports.journals import device, ended, measured, planned, start


def texts(drawn: str) -> dict[str, float]:
    return {name: float(x) for x, name in re.findall(r"<text[^>]* x=([\d.]+)[^>]*>([^<]*)</text>", drawn)}


def test_limits_that_lie_apart_are_named_apart_and_the_value_too() -> None:
    drawn = bar(measured("P", "psu_share", 0.06, "1", "fail", low=-0.05, high=0.05, margin=-0.01))
    assert list(texts(drawn)) == ["limit -5 %", "limit 5 %", "6 %"]
    assert texts(drawn)["limit 5 %"] - texts(drawn)["limit -5 %"] > 80


def test_limits_that_would_touch_share_a_name() -> None:
    drawn = bar(measured("P", "psu_share", 0.9, "1", "fail", low=-0.01, high=0.01, margin=-0.89))
    assert list(texts(drawn)) == ["limits -1 % and 1 %", "90 %"]


@pytest.mark.parametrize("value", [-1e6, 0.0, 1e6])
def test_names_stay_inside_the_picture(value: float) -> None:
    drawn = bar(measured("P", "idle_power", value, "W", "fail", low=-4, high=5, margin=-1.0))
    for name, x in texts(drawn).items():
        assert x - 3.1 * len(name) >= 0
        assert x + 3.1 * len(name) <= 300


@pytest.fixture
def run(make: Fold) -> Run:
    shelves = [device(f"shelf{i}", "power_shelf", f"shelf{i}") for i in (10, 2, 1)]
    trays = [device("tray07_host", "compute_host", "tray07"), device("tray07_bmc", "compute_bmc", "tray07")]
    cases = (planned("PWR-006", "power"), planned("CMP-001[tray07_host]", "compute", device="tray07_host"))
    return make(
        start(),
        *shelves,
        *trays,
        device("cdu", "cdu", "cdu"),
        PlanStated(cases=cases, left_out=()),
        CaseStart(case="PWR-006"),
        measured("PWR-006", "meter_agreement", 0.5, "1", "fail", high=0.01, margin=-0.49, where="rack"),
        measured("PWR-006", "shelf_share", 0.5, "1", "fail", high=0.01, margin=-0.49, where="shelf1 psu[2]"),
        ended("PWR-006", "fail", devices=("shelf1", "shelf2", "shelf10")),
        CaseStart(case="CMP-001[tray07_host]"),
        ended("CMP-001[tray07_host]"),
        RunEnd(safe=True),
    )


def test_the_rack_is_drawn_in_groups_in_natural_order(run: Run) -> None:
    drawn = elevation(run)
    assert re.findall(r"<p>(.*?)</p>", drawn) == ["Power shelves", "Compute trays", "Coolant"]
    assert re.findall(r"<span aria-hidden=true>(.*?)</span>", drawn) == ["S1", "S2", "S10", "T07", "CDU"]


def test_a_case_about_the_rack_does_not_colour_what_it_merely_used(run: Run) -> None:
    drawn = elevation(run)
    assert re.findall(r"slot-(\w+)", drawn) == ["fail", "none", "none", "pass", "none"]
    assert "shelf1: failed (PWR-006); shelf1" in drawn
    assert "tray07: passed; tray07_host, tray07_bmc" in drawn
