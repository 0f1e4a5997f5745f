"""What an evaluation comes to: the rule as it was written, retests in sight, nothing open taken for shown."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.datafile import DataError
from harness.evidence import campaign, dossier
from harness.evidence.campaign import Campaign
from harness.journal import Entry
from harness.records import (
    CaseEnd,
    CaseStart,
    DeviceSeen,
    Measurement,
    PlannedCase,
    PlanStated,
    Record,
    RequirementsStated,
    RunEnd,
    RunStart,
)
from harness.run import Run, fold
from reports import dossier as report

TODAY = date(2026, 11, 23)
RULE = {"least_racks": 2, "written": date(2026, 1, 1), "signer": "E. Valuator"}
AGREED = {"R-1": "It idles low.", "R-2": "It is fast."}


def run(serial: str, *, at: int = 0, failed: bool = False, open_: bool = False, generation: str = "g") -> Run:
    start = RunStart(
        run=f"{serial}-{at}", serial=serial, generation=generation, station="s", operator="", plan="p",
        plan_sha256="0", role="supplier", profile="g", profile_revision=1, profile_state="draft", profile_sha256="0",
        software={},
    )  # fmt: skip
    device = DeviceSeen(
        name="feed", model="m", role="power_meter", owner="station", slot=None, address="visa://x", maker="M",
        device_model="M", serial="1", firmware="1", emulated=True, raw="EMULATED",
    )  # fmt: skip
    cases = (_planned("A-1", "R-1"), _planned("A-2", "R-2"))
    records: list[Record] = [start, device, PlanStated(cases=cases, left_out=())]
    records.append(RequirementsStated(requirements=AGREED))
    records += [*_case("A-1", "R-1", 90.0, "fail" if failed else "pass")]
    records += [] if open_ else _case("A-2", "R-2", 50.0, "pass")
    records.append(RunEnd(safe=True))
    begun = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=at)
    return fold(Entry(n, begun, record) for n, record in enumerate(records))  # type: ignore[arg-type]


def _planned(case: str, requirement: str) -> PlannedCase:
    return PlannedCase(case=case, number=case, group="power", claim="c", requirements=(requirement,))


def _case(case: str, requirement: str, value: float, judged: Any) -> list[Record]:
    measured = Measurement(
        case=case, name="full_power", value=value, unit="W", judged=judged, high=100.0, margin=100.0 - value,
        rule="simple", limit_source="s", requirement=requirement,
    )  # fmt: skip
    return [CaseStart(case=case), measured, CaseEnd(case=case, status="complete", verdict=judged, seconds=1)]


def stated(**other: Any) -> Campaign:
    return Campaign.model_validate({"schema": 1, "name": "early access", "runs": ["*"], "rule": RULE} | other)


def built(*runs: Run, **other: Any) -> dossier.Dossier:
    return dossier.build(stated(**other), runs, TODAY)


def test_two_racks_that_show_everything_are_recommended() -> None:
    found = built(run("R1"), run("R2"))
    assert found.recommendation == "RECOMMENDED"
    assert [(r.id, r.shown) for r in found.requirements] == [("R-1", ("R1", "R2")), ("R-2", ("R1", "R2"))]
    # two of two at the first attempt: 0.1 ** (1 / 2) at 90 %
    assert found.requirements[0].reliability == pytest.approx(0.1**0.5)
    assert (found.requirements[0].least_at, found.figures[0].count) == ("R1", 4)


def test_a_requirement_that_failed_is_not_recommended() -> None:
    found = built(run("R1"), run("R2", failed=True))
    assert found.recommendation == "NOT RECOMMENDED"
    assert found.reasons == ["R-1 failed on R2", "rejected: R2"]


def test_a_retest_never_hides_the_first_result() -> None:
    again = (run("R1"), run("R2", failed=True), run("R2", at=5))
    found = built(*again)
    assert found.recommendation == "NOT RECOMMENDED"
    assert "50% of the racks were tested again" in found.reasons[0]
    rack = found.racks[1]
    assert (rack.first, rack.last.verdict, rack.retests) == ("REJECTED", "ACCEPTED", 1)
    assert found.requirements[0].first_failures == 1
    assert "REJECTED; " in report.text(found)
    allowed = built(*again, rule=RULE | {"most_retested": 0.5})
    assert allowed.recommendation == "RECOMMENDED"


def test_what_is_open_decides_nothing() -> None:
    found = built(run("R1"), run("R2", open_=True))
    assert found.recommendation == "NOT DECIDED"
    assert found.reasons == ["R-2 was not shown on R2", "1 racks were accepted, the rule wants 2"]


def test_a_requirement_without_a_case_is_open_until_it_is_conceded() -> None:
    wanted = {"R-9": "It hums."}
    found = built(run("R1"), run("R2"), requirements=wanted)
    assert found.recommendation == "NOT DECIDED"
    assert found.requirements[0].undecided == ("R1", "R2")
    deviation = {"requirement": "R-9", "reason": "not wanted any more", "signer": "C. Ustomer", "until": TODAY}
    assert built(run("R1"), run("R2"), requirements=wanted, deviation=[deviation]).recommendation == "RECOMMENDED"
    over = deviation | {"until": TODAY - timedelta(days=1)}
    assert built(run("R1"), run("R2"), requirements=wanted, deviation=[over]).recommendation == "NOT DECIDED"


def test_generations_stand_beside_each_other() -> None:
    found = built(run("R1"), run("R2", generation="h"))
    assert [(f.name, f.generation, f.count) for f in found.figures] == [("full_power", "g", 2), ("full_power", "h", 2)]


def test_page_pdf_and_json_say_the_same() -> None:
    found = built(run("R1"), run("R2<script>"))
    page = report.html(found)
    assert "RECOMMENDED" in page
    assert "<script>" not in page
    assert "EMULATED RACK" in page
    assert report.pdf(found).startswith(b"%PDF-")
    assert report.pdf(found) == report.pdf(found)
    assert json.loads(report.as_json(found))["recommendation"] == "RECOMMENDED"


def test_runs_that_are_not_there_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "campaign.toml"
    path.write_text(
        'schema = 1\nname = "n"\nruns = ["runs/*"]\n[rule]\nleast_racks = 1\nwritten = 2026-01-01\nsigner = "s"\n'
    )
    with pytest.raises(DataError, match=r"runs: 'runs/\*' names no run folder"):
        campaign.run_folders(path, campaign.load(path))
