from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harness.limits import ILLUSTRATIVE
from harness.records import Calibration, CaseInvalidated, CaseStart, Record, RunEnd, RunResumed, UnplannedCase
from harness.run import EXIT_CODES, Run, RunVerdict, fold
from tests.harness.journals import ended, measured, ran, read, seen, start, stated, write

OVER = RunEnd(safe=True)


def left_out(why: Any) -> UnplannedCase:
    return UnplannedCase(case="PWR-009", why=why, reason="because")


def story(*middle: Record | list[Record], cases: tuple[str, ...] = ("PWR-001",), **other: Any) -> list[Record]:
    flat = [r for part in middle for r in (part if isinstance(part, list) else [part])]
    return [start(), stated(*cases, **other), seen(), *flat]


RESUMED = RunResumed(part=2, torn_bytes=0, software={})


@pytest.mark.parametrize(
    ("records", "verdict", "said"),
    [
        (story(ran("PWR-001"), OVER), "ACCEPTED", None),
        (story(ran("PWR-001", "fail"), OVER), "REJECTED", None),
        (story(ran("PWR-001", "fail")), "REJECTED", "did not end"),
        (
            story(ran("PWR-001", "error", message="no reply\n more"), OVER),
            "INCOMPLETE",
            "could not be decided: no reply",
        ),
        (story(ran("PWR-001", "skip"), OVER), "INCOMPLETE", "was skipped"),
        (story(ran("PWR-001")), "INCOMPLETE", "The run did not end"),
        (story(CaseStart(case="PWR-001"), OVER), "INCOMPLETE", "was interrupted"),
        (story(OVER), "INCOMPLETE", "PWR-001 did not run"),
        (story(ran("PWR-001"), RunEnd(safe=False, message="tray03")), "INCOMPLETE", "not brought to its safe state"),
        (story(OVER, cases=()), "INCOMPLETE", "No case was planned"),
        (story(ran("PWR-001"), OVER, left_out=(left_out("deselected"),)), "INCOMPLETE", "PWR-009 was left out"),
        (story(ran("PWR-001"), OVER, left_out=(left_out("not_observable"),)), "INCOMPLETE", "not observable"),
        (story(ran("PWR-001"), OVER, left_out=(left_out("not_applicable"),)), "ACCEPTED", None),
        (story(ran("PWR-001"), OVER, left_out=(left_out("waived"),)), "ACCEPTED", None),
        (story(ran("PWR-001"), OVER, RESUMED), "INCOMPLETE", "The run did not end"),
        (story(ran("PWR-001"), RESUMED, OVER), "ACCEPTED", None),
        (
            story(ran("PWR-001"), RESUMED, CaseInvalidated(case="PWR-001", reason="serial changed"), OVER),
            "INCOMPLETE",
            "no longer counts: serial changed",
        ),
        (
            story(ran("PWR-001", "fail"), CaseInvalidated(case="PWR-001", reason="new"), ran("PWR-001"), OVER),
            "ACCEPTED",
            None,
        ),
    ],
)
def test_verdict(records: list[Record], verdict: RunVerdict, said: str | None, tmp_path: Path) -> None:
    run = read(write(tmp_path, records))
    assert run.verdict == verdict
    points = "\n".join(run.open_points())
    assert (said in points) if said else (points == ""), points


def on(*devices: Record, limit_source: str = "agreement", **profile: Any) -> list[Record]:
    measurement = measured("PWR-001", limit_source=limit_source)
    case = [CaseStart(case="PWR-001"), measurement, ended("PWR-001")]
    return [start(**profile), stated("PWR-001"), *devices, *case, OVER]


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        (on(seen()), "ACCEPTED"),
        (on(seen(), limit_source=ILLUSTRATIVE), "INCOMPLETE"),
        (on(limit_source=ILLUSTRATIVE), "INCOMPLETE"),
        (on(seen(emulated=True), limit_source=ILLUSTRATIVE), "ACCEPTED"),
        (on(seen(), profile_state="draft"), "INCOMPLETE"),
        (on(seen(emulated=True), profile_state="draft"), "ACCEPTED"),
        (on(seen("a"), seen("b", emulated=True)), "INCOMPLETE"),
    ],
)
def test_what_cannot_accept_a_real_rack(records: list[Record], verdict: RunVerdict, tmp_path: Path) -> None:
    assert read(write(tmp_path, records)).verdict == verdict


def test_one_emulated_device_makes_the_run_say_so(tmp_path: Path) -> None:
    assert read(write(tmp_path, on(seen("a"), seen("b", emulated=True)))).emulated


def test_a_case_begun_again_keeps_in_sight_what_it_found_before(tmp_path: Path) -> None:
    interrupted: list[Record] = [CaseStart(case="PWR-001"), measured("PWR-001", value=9.0, judged="fail")]
    run = read(write(tmp_path, story(interrupted, RESUMED, ran("PWR-001"), OVER)))
    (case,) = run.cases.values()
    assert case.outcome == "pass"
    assert len(case.measurements) == 1
    assert case.notes == ["an earlier attempt, interrupted, found: Power was 9 W, 7 W above its limit of 2 W"]


def test_resume_that_plans_what_was_deselected_clears_it(tmp_path: Path) -> None:
    first = stated("PWR-001", left_out=(left_out("deselected"),))
    records = [start(), first, *ran("PWR-001"), RESUMED, stated("PWR-001", "PWR-009"), *ran("PWR-009"), OVER]
    assert read(write(tmp_path, [*records])).verdict == "ACCEPTED"


@pytest.mark.parametrize(
    ("verdict", "finished"), [("pass", True), ("fail", True), ("error", False), ("skip", False), (None, False)]
)
def test_what_need_not_be_repeated(verdict: str | None, finished: bool, tmp_path: Path) -> None:
    middle: list[Record] = ran("PWR-001", verdict) if verdict else [CaseStart(case="PWR-001")]
    (case,) = read(write(tmp_path, story(middle))).cases.values()
    assert case.finished is finished


def test_a_journal_that_does_not_begin_is_refused(tmp_path: Path) -> None:
    write(tmp_path, [OVER])
    with pytest.raises(ValueError, match="does not begin with the start of a run"):
        read(tmp_path)
    with pytest.raises(ValueError, match="does not begin"):
        fold([])


def test_exit_codes() -> None:
    assert EXIT_CODES == {"ACCEPTED": 0, "REJECTED": 1, "INCOMPLETE": 3, "REHEARSAL": 0}


def test_of_keeps_the_order_of_the_plan(tmp_path: Path) -> None:
    cases = ("PWR-002", "PWR-001", "CLG-001")
    run: Run = read(write(tmp_path, story(ran("CLG-001"), ran("PWR-002"), cases=cases)))
    assert [c.planned.case for c in run.of("pass")] == ["PWR-002", "CLG-001"]


def test_a_case_tried_again_keeps_in_sight_that_it_could_not_be_decided(tmp_path: Path) -> None:
    records = story([*ran("PWR-001", "error"), RESUMED, *ran("PWR-001")])
    (case,) = read(write(tmp_path, records)).cases.values()
    assert (case.outcome, len(case.notes)) == ("pass", 1)
    assert case.notes[0].startswith("an earlier attempt could not be decided: ")


CALIBRATION = Calibration(certificate="K-7", laboratory="Lab", calibrated=date(2026, 1, 1), due=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("owner", "calibration", "unit", "verdict"),
    [
        ("station", None, "W", "INCOMPLETE"),
        ("station", CALIBRATION, "W", "ACCEPTED"),
        ("rack", None, "W", "ACCEPTED"),
        ("station", None, None, "ACCEPTED"),
    ],
)
def test_a_real_rack_is_accepted_by_calibrated_instruments(
    owner: str, calibration: Calibration | None, unit: str | None, verdict: str, tmp_path: Path
) -> None:
    rest = [seen(owner=owner, calibration=calibration), stated("PWR-001"), CaseStart(case="PWR-001")]
    found = measured("PWR-001", unit=unit, sources=("visa://meter :NUM?",))
    run = read(write(tmp_path, [start(), *rest, found, ended("PWR-001"), RunEnd(safe=True)]))
    assert run.verdict == verdict
    if verdict == "INCOMPLETE":
        said = "No calibration is on record for meter, by which figures were measured"
        assert run.open_points() == [f"{said}: name a calibration register in the inventory."]
