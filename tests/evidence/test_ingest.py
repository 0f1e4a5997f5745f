"""Results of others: taken in, judged by the same limits, never better than they say."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.datafile import DataError
from harness.evidence import foreign, ingesting, keys, verifying
from harness.evidence.foreign import Foreign, NotForeign
from harness.run import Run
from reports import html, junit
from tests.evidence import runs
from tests.evidence.test_evidence import bundled, station

LIMIT = '[limits.foreign_result]\nequals = true\nsource = "agreement 9"\n'


def line(**body: Any) -> bytes:
    return json.dumps({"sequenceNumber": 1, "timestamp": "2026-11-23T14:02:00Z"} | body).encode() + b"\n"


def step(name: str, **body: Any) -> bytes:
    return line(testStepArtifact={"testStepId": name} | body)


def ocp(*steps: bytes, ended: bool = True) -> bytes:
    end = line(testRunArtifact={"testRunEnd": {"status": "COMPLETE", "result": "PASS"}})
    return line(schemaVersion={"major": 2, "minor": 0}) + b"".join(steps) + (end if ended else b"")


def diagnosed(name: str, kind: str, *more: bytes) -> bytes:
    said = step(name, diagnosis={"verdict": f"{name}-{kind}", "type": kind})
    return (
        step(name, testStepStart={"name": name})
        + b"".join(more)
        + said
        + step(name, testStepEnd={"status": "COMPLETE"})
    )


JUNIT = b"""<?xml version="1.0"?><testsuites><testsuite name="s">
<testcase classname="a" name="good"/><testcase classname="a" name="bad"><failure message="too hot"/></testcase>
<testcase name="odd"><error/></testcase><testcase name="left"><skipped/></testcase></testsuite></testsuites>"""


def results(content: bytes) -> dict[str, str]:
    return {each.name: each.result for each in foreign.read(foreign.guess(content), content)}


def test_what_ocp_output_says_is_taken_step_by_step() -> None:
    error = step("c", testStepStart={"name": "c"}) + step("c", error={"symptom": "no-meter"})
    found = results(ocp(diagnosed("a", "PASS"), diagnosed("b", "FAIL"), error, diagnosed("d", "UNKNOWN")))
    assert found == {"a": "pass", "b": "fail", "c": "undecided", "d": "undecided"}


def test_what_junit_says_is_taken_case_by_case() -> None:
    assert results(JUNIT) == {"a.good": "pass", "a.bad": "fail", "odd": "undecided", "left": "undecided"}


def test_a_pass_after_a_failure_changes_nothing() -> None:
    both = ocp(diagnosed("a", "FAIL", step("a", diagnosis={"verdict": "x", "type": "PASS"})))
    assert results(both) == {"a": "fail"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (ocp(diagnosed("a", "PASS"), ended=False), "cut short"),
        (ocp(), "no result in it"),
        (b'{"schemaVersion": 1}\n{"cut', "line 2: not JSON"),
        (b"<html></html>", "not JUnit"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><testsuites>&a;</testsuites>", "document type"),
        (b'{"DCGM Diagnostic": ', "not a DCGM diagnostic"),
        (b"hello", "say which with --format"),
    ],
)
def test_what_is_none_of_these_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(NotForeign, match=why):
        foreign.read(foreign.guess(content), content)


@given(st.binary(max_size=400), st.sampled_from(["ocp", "junit", "dcgm"]))
def test_noise_is_refused(noise: bytes, kind: Any) -> None:
    with pytest.raises(NotForeign):
        foreign.read(kind, noise)


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    return runs.run_folder(tmp_path / "runs", profile=runs.PROFILE + LIMIT)


def take(run: Path, content: bytes, name: str = "vendor.jsonl") -> Run:
    kind = foreign.guess(content)
    return ingesting.ingest(run, name, content, kind, foreign.read(kind, content), {})


def test_good_results_leave_a_run_accepted_and_signed(ended: Path, tmp_path: Path) -> None:
    found = take(ended, ocp(diagnosed("burn-in", "PASS")))
    assert found.verdict == "ACCEPTED"
    assert found.cases["EXT-001[1 burn-in]"].outcome == "pass"
    (tmp_path / "w").mkdir()
    findings, _ = verifying.verify(bundled(ended), keys.public(station(ended) / keys.PUBLIC), tmp_path / "w")
    assert [f.check for f in findings if f.holds is not True] == []


def test_a_failure_of_others_rejects_and_says_whose_word_that_is(ended: Path) -> None:
    found = take(ended, ocp(diagnosed("burn-in", "FAIL")))
    assert found.verdict == "REJECTED"
    (failure,) = found.cases["EXT-001[1 burn-in]"].failures
    assert (failure.raw, failure.limit_source) == ("burn-in-FAIL", "agreement 9")
    assert failure.sources[0].startswith("attachments/ingested-")


def test_what_others_left_open_is_open_here(ended: Path) -> None:
    assert take(ended, ocp(diagnosed("burn-in", "UNKNOWN"))).verdict == "INCOMPLETE"


def test_a_value_is_judged_by_the_limit_of_its_name_and_unit(ended: Path) -> None:
    hot = step("p", measurement={"name": "Idle Power", "value": 120.0, "unit": "W"})
    other = step("p", measurement={"name": "Idle Power", "value": 120.0, "unit": "kW"})
    found = take(ended, ocp(diagnosed("p", "PASS", hot, other)))
    assert [(m.name, m.judged) for m in found.cases["EXT-001[1 p]"].measurements] == [
        ("foreign_result", "pass"),
        ("idle_power", "fail"),
    ]
    assert found.verdict == "REJECTED"


def test_the_same_file_twice_is_refused(ended: Path) -> None:
    content = ocp(diagnosed("a", "PASS"))
    take(ended, content)
    before = sorted(p.name for p in ended.iterdir())
    with pytest.raises(DataError, match="taken into this run before"):
        take(ended, content)
    assert take(ended, JUNIT, "more.xml").cases["EXT-001[2 a.good]"].outcome == "pass"
    assert "journal-2.jsonl" in before


def test_a_run_that_has_not_ended_or_whose_profile_takes_none_is_refused(tmp_path: Path) -> None:
    content = ocp(diagnosed("a", "PASS"))
    open_ = runs.run_folder(tmp_path / "open", ends=False, profile=runs.PROFILE + LIMIT)
    with pytest.raises(DataError, match="has not ended"):
        take(open_, content)
    silent = runs.run_folder(tmp_path / "silent")
    with pytest.raises(DataError, match=r"no \[limits.foreign_result\]"):
        take(silent, content)
    assert not (silent / "journal-2.jsonl").exists()


def test_what_others_write_becomes_no_markup(ended: Path) -> None:
    found = take(ended, ocp(diagnosed("<script>alert(1)</script>\u202e", "FAIL")))
    assert "<script>alert" not in html.render(found, lambda _: [])
    assert "<script>" not in junit.render(found)


def test_a_result_is_what_its_worst_part_is() -> None:
    result = Foreign("x")
    for part in ("pass", "undecided", "pass"):
        result.take(part, part)
    assert result.result == "undecided"
