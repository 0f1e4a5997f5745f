"""Requirement by requirement: what was shown, failed, is open, or was never covered by a case."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from harness.journal import Entry
from harness.profile import Profile
from harness.records import CaseEnd, CaseStart, Measurement, PlannedCase, PlanStated, Record, RequirementsStated, RunEnd
from harness.run import Run, fold
from harness.tracing import traced
from reports.requirements import requirements, rows
from tests.harness.journals import start

AGREED = {"R-1": "It idles low.", "R-2": "It is fast.", "R-3": "It never leaks."}


def run(*cases: tuple[str, str, str, str | None]) -> Run:
    """Fold a run of cases, each with requirement, what its measurement is judged, and its end (None: it did not)."""
    planned = tuple(
        PlannedCase(case=name, number=name.partition("[")[0], group="power", claim="c", requirements=(requirement,))
        for name, requirement, *_ in cases
    )
    records: list[Record] = [start(), PlanStated(cases=planned, left_out=()), RequirementsStated(requirements=AGREED)]
    for name, requirement, judged, end in cases:
        records += [CaseStart(case=name), measured(name, requirement, judged)]
        if end:
            status: Any = "error" if end == "error" else "complete"
            verdict: Any = "not-applicable" if end == "error" else end
            records.append(CaseEnd(case=name, status=status, verdict=verdict, seconds=1))
    records.append(RunEnd(safe=True))
    at = datetime(2026, 11, 23, tzinfo=UTC)
    return fold(Entry(n, at, record) for n, record in enumerate(records))  # type: ignore[arg-type]


def measured(case: str, requirement: str, judged: str) -> Measurement:
    fields: dict[str, Any] = {"value": 9.0, "unit": "W", "high": 10.0, "margin": 1.0, "rule": "simple"}
    return Measurement(
        case=case,
        name="p",
        judged=judged,
        limit_source="s",
        requirement=requirement,
        **fields,
    )


def shown(*cases: tuple[str, str, str, str | None]) -> dict[str, str]:
    return {each.id: each.shown for each in traced(run(*cases))}


def test_each_requirement_says_how_far_it_was_shown() -> None:
    assert shown(("A-1", "R-1", "pass", "pass"), ("A-2", "R-2", "fail", "fail")) == {
        "R-1": "shown",
        "R-2": "failed",
        "R-3": "not covered",
    }


@pytest.mark.parametrize("end", ["error", None])
def test_what_a_case_could_not_decide_is_not_shown(end: str | None) -> None:
    assert shown(("A-1[a]", "R-1", "pass", "pass"), ("A-1[b]", "R-1", "pass", end))["R-1"] == "not decided"


def test_one_device_that_fails_fails_the_requirement() -> None:
    assert shown(("A-1[a]", "R-1", "pass", "pass"), ("A-1[b]", "R-1", "fail", "fail"))["R-1"] == "failed"


def test_the_page_and_the_rows_name_what_is_not_covered() -> None:
    found = run(("A-1[a]", "R-1", "pass", "pass"), ("A-1[b]", "R-1", "pass", "pass"))
    assert rows(found)[0] == ["R-1", "It idles low.", "shown", "A-1 (2)", "9 W (≤ 10 W)"]
    assert rows(found)[2] == ["R-3", "It never leaks.", "not covered", "", ""]
    assert "not covered" in requirements(found)


def test_a_limit_for_an_unknown_requirement_is_refused() -> None:
    limit = {"unit": "W", "high": 1, "source": "s", "requirement": "R-9"}
    with pytest.raises(ValidationError, match="unknown requirement 'R-9'; did you mean 'R-1'"):
        Profile.model_validate(
            {"schema": 1, "generation": "g", "revision": 1, "limits": {"p": limit}, "requirements": {"R-1": "x"}}
        )
