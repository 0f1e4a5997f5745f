"""What a figure rests on, in the reports: its budget, its rule, and the calibration of its instrument."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from harness.columns import Column
from harness.records import BudgetLine, Calibration, Measurement, RunEnd
from harness.run import Run
from reports import html, json_report, junit, text
from reports.budgets import budget, summary
from tests.reports.journals import accepted_records, device, ended, planned
from tests.reports.test_html import Page

LINES = (
    BudgetLine(
        name="feed_a power: limits of error", type="B", distribution="rectangular", u=40.0, sensitivity=1.0,
        amount=40.0, group="manual 7.3", source="manual 7.3 <b>",
    ),
    BudgetLine(name="feed_a power: sampling", type="A", distribution="t", u=30.0, sensitivity=-1.0, amount=30.0, dof=9),
)  # fmt: skip
CALIBRATION = Calibration(
    certificate="K-7", laboratory="Lab 3", calibrated=date(2025, 11, 1), due=date(2026, 11, 1), drift_per_year=2e-4
)
Fold = Callable[..., Run]


def no_columns(_: str) -> list[Column]:
    return []


def figure(**other: Any) -> Measurement:
    (found,) = (r for r in accepted_records() if isinstance(r, Measurement))
    fields = {"uncertainty": 50.0, "k": 2.08, "dof": 69.4, "budget": LINES, "guard": 1.0}
    return found.model_copy(update=fields | other)


def run_of(make: Fold, found: Measurement, **of_device: Any) -> Run:
    """Fold a run of one case whose meter is the station's."""
    first = accepted_records()
    meter = device("feed1", "power_meter", "F1", owner="station", **of_device)
    case = planned("PWR-012", "power", "With no work, the rack draws no more than its idle budget.")
    stated = first[2].model_copy(update={"cases": (case,)})
    judged = "fail" if found.outcome == "fail" else "pass"
    end = ended("PWR-012", judged, attribution="rack" if judged == "fail" else None)
    return make(first[0], meter, stated, *first[3:5], found, end, RunEnd(safe=True))


def test_a_budget_has_a_row_for_every_contribution() -> None:
    said = Page(budget(figure())).text
    for part in ("limits of error (adds linearly)", "rectangular", "64.0%", "36.0%", "∞", "manual 7.3 <b>"):
        assert part in said
    assert "<b>" not in budget(figure())


def test_its_caption_says_how_u_becomes_the_expanded_uncertainty() -> None:
    assert summary(figure()) == "u = 50 W, effective degrees of freedom 69.4, k = 2.08, U = 104 W"


def test_shares_of_what_adds_linearly_add_up() -> None:
    """Two of 3 and 4 in one group, one of 24 by itself: 7² and 24² of 25²."""
    lines = [LINES[0].model_copy(update={"amount": a, "group": g}) for a, g in ((3.0, "m"), (4.0, "m"), (24.0, None))]
    drawn = budget(figure(budget=tuple(lines), uncertainty=25.0, dof=1e9))
    assert [f"{share:.1%}" in drawn for share in (21 / 625, 28 / 625, 576 / 625)] == [True] * 3
    assert "effective degrees of freedom over 1000" in drawn


def test_a_figure_without_a_budget_shows_none() -> None:
    assert budget(figure(budget=())) == ""


def test_the_page_shows_budget_rule_and_calibration(make: Fold) -> None:
    page = Page(html.render(run_of(make, figure(), calibration=CALIBRATION), no_columns)).text
    assert "1 uncertainty budget" in page
    assert "guarded, r = 1, w = 0.1 kW" in page
    assert "PAST DUE: K-7, Lab 3, 2025-11-01, due 2026-11-01; drift up to 0.0002 of reading a year" in page


def test_an_instrument_of_the_station_without_calibration_is_named(make: Fold) -> None:
    run = run_of(make, figure(sources=("redfish://10.0.3.5:443 /power",)))
    assert "none on record" in Page(html.render(run, no_columns)).text
    assert "No calibration is on record for feed1" in text.render(run)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"judged": "conditional_pass", "rule": "ilac4"}, "conditional pass"),
        ({"judged": "conditional_pass", "rule": "ilac4", "counts": "fail"}, "conditional pass, counts as fail"),
        ({"rule": "iso14253", "guard": -0.83}, "iso14253 as customer, r = -0.83"),
    ],
)
def test_rule_and_result_stand_beside_each_other(changed: dict[str, Any], said: str, make: Fold) -> None:
    run = run_of(make, figure(**changed))
    assert said in Page(html.render(run, no_columns)).text
    assert run.verdict == ("REJECTED" if changed.get("counts") else "ACCEPTED")


def test_a_conditional_pass_is_flagged_as_its_case_ends(make: Fold) -> None:
    run = run_of(make, figure(judged="conditional_pass", rule="ilac4"))
    assert "limit ≤ 38 kW by ilac4, r = 1: conditional pass" in text.case_line(run.cases["PWR-012"])


def test_text_and_junit_name_the_rule(make: Fold) -> None:
    run = run_of(make, figure(), calibration=CALIBRATION)
    assert "Decided by: guarded, r = 1 (1)" in text.render(run)
    assert "limit ≤ 38 kW by guarded, r = 1" in text.case_line(run.cases["PWR-012"])
    assert "pass by guarded, r = 1" in junit.render(run)


def test_the_role_stands_where_a_rule_knows_it(make: Fold) -> None:
    run = run_of(make, figure(rule="iso14253", guard=0.83))
    assert "Decided by: iso14253, r = 0.83 (1), role buyer" in text.render(run)


def test_json_has_the_budget_and_the_calibration(make: Fold) -> None:
    report = json.loads(json_report.render(run_of(make, figure(), calibration=CALIBRATION)), parse_constant=pytest.fail)
    (found,) = report["cases"][0]["measurements"]
    assert (found["k"], found["dof"], found["guard"], found["counts"]) == (2.08, 69.4, 1.0, None)
    assert [line["amount"] for line in found["budget"]] == [40.0, 30.0]
    assert report["devices"][0]["calibration"]["due"] == "2026-11-01"
