"""OCP Test & Validation output v2.0: held to the schema's own checker where it is at hand, and to what the run says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.records import Measurement
from harness.run import Run
from reports import ocp, ocp_measured
from tests.reports.conftest import Rack

CHECKER = Path(__file__).parents[2].parent / "shared" / "ocp"


def output(run: Run) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ocp.lines(run, lambda _: [])]


def payloads(run: Run, kind: str) -> list[dict[str, Any]]:
    """Every payload of one kind, of the run and of its steps."""
    bodies = [line.get("testStepArtifact") or line.get("testRunArtifact") or {} for line in output(run)]
    return [body[kind] for body in bodies if kind in body]


@pytest.mark.captures
@pytest.mark.skipif(not CHECKER.is_dir(), reason="the schema of the format is not here")
@pytest.mark.parametrize("which", ["accepted", "emulated", "rejected", "killed", "hostile"])
def test_every_run_passes_the_checker_of_the_format(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    check("".join(ocp.lines(request.getfixturevalue(which), lambda _: [])), tmp_path)


@pytest.mark.captures
@pytest.mark.skipif(not CHECKER.is_dir(), reason="the schema of the format is not here")
def test_a_rack_with_all_its_series_passes_the_checker(rack: Rack, tmp_path: Path) -> None:
    run, columns = rack
    few = lambda state: columns(state)[:40]  # noqa: E731
    text = "".join(ocp.lines(run, few))
    assert '"measurementSeriesElement"' in text
    check(text, tmp_path)


def check(text: str, folder: Path) -> None:
    path = folder / "run.jsonl"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, str(CHECKER / "check_ocptv.py"), str(CHECKER / "schema"), str(path), "--strict-schema"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_sequence_numbers_have_no_gap_and_the_version_comes_first(rejected: Run) -> None:
    found = output(rejected)
    assert [line["sequenceNumber"] for line in found] == list(range(len(found)))
    assert found[0]["schemaVersion"] == {"major": 2, "minor": 0}


@pytest.mark.parametrize(
    ("which", "end"),
    [
        ("accepted", {"status": "COMPLETE", "result": "PASS"}),
        ("rejected", {"status": "COMPLETE", "result": "FAIL"}),
        ("killed", {"status": "ERROR", "result": "NOT_APPLICABLE"}),
    ],
)
def test_the_verdict_is_the_end_of_the_run(which: str, end: dict[str, str], request: pytest.FixtureRequest) -> None:
    assert payloads(request.getfixturevalue(which), "testRunEnd") == [end]


def test_a_failure_is_a_diagnosis_with_its_sentence(rejected: Run) -> None:
    found = [d for d in payloads(rejected, "diagnosis") if d["type"] == "FAIL"]
    assert {d["verdict"].rpartition("-")[2] for d in found} == {"fail"}
    assert any("6 K above" in d["message"] for d in found)


def test_an_emulated_rack_says_so(emulated: Run) -> None:
    assert any("EMULATED" in log["message"] for log in payloads(emulated, "log"))


def measured(**fields: Any) -> Measurement:
    given: dict[str, Any] = {"case": "A-1", "name": "n", "unit": None, "rule": "simple", "limit_source": "s"} | fields
    return Measurement(**given)


def test_a_guarded_limit_is_the_acceptance_limit() -> None:
    m = measured(value=99.5, unit="W", judged="fail", high=100, uncertainty=0.5, rule="guarded")
    (validator,) = ocp_measured.measurement(m, None)["validators"]
    assert (validator["type"], validator["value"]) == ("LESS_THAN_OR_EQUAL", 99.0)


@pytest.mark.parametrize(
    ("fields", "validator"),
    [
        ({"value": "1.2", "expected": "1.2", "judged": "pass"}, ("EQUAL", "1.2")),
        ({"value": False, "expected": "True", "judged": "fail"}, ("EQUAL", True)),
        ({"value": 17, "expected": "18", "judged": "fail"}, ("EQUAL", 18)),
        ({"value": "a.b", "expected": "one of a.b, c", "judged": "pass"}, ("REGEX_MATCH", r"^(?:a\.b|c)$")),
        ({"value": "axb", "expected": "one of a.b, c", "judged": "fail"}, ("REGEX_MATCH", r"^(?:a\.b|c)$")),
        ({"value": "v12", "expected": r"matching v\d+", "judged": "pass"}, ("REGEX_MATCH", r"^(?:v\d+)$")),
    ],
)
def test_what_was_expected_is_a_validator_that_decides_the_same(
    fields: dict[str, Any], validator: tuple[str, object]
) -> None:
    (found,) = ocp_measured.measurement(measured(**fields), None)["validators"]
    assert (found["type"], found["value"]) == validator


def test_a_text_that_no_validator_can_decide_has_none() -> None:
    m = measured(value="a, b", expected="one of a, b, c", judged="pass")
    assert "validators" not in ocp_measured.measurement(m, None)
    assert ocp_measured.measurement(m, None)["metadata"]["expected"] == "one of a, b, c"
