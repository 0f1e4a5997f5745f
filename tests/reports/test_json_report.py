"""The JSON report and its published schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import reports
from harness.run import Run
from reports import json_report

SCHEMA: dict[str, Any] = json.loads((Path(reports.__path__[0]) / "report.schema.json").read_text())


def loaded(run: Run) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(json_report.render(run), parse_constant=pytest.fail)
    return report


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["accepted", "rejected", "killed", "hostile", "emulated"])
def test_a_report_is_as_the_schema_says(name: str, request: pytest.FixtureRequest) -> None:
    report = loaded(request.getfixturevalue(name))
    jsonschema.Draft202012Validator(SCHEMA).validate(report)


def test_the_schema_refuses_what_it_does_not_know(accepted: Run) -> None:
    report = loaded(accepted)
    report["cases"][0]["measurements"][0]["colour"] = "red"
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        jsonschema.Draft202012Validator(SCHEMA).validate(report)


def test_it_says_what_the_run_says(rejected: Run) -> None:
    report = loaded(rejected)
    assert (report["schema"], report["verdict"], report["exit_code"]) == ("rackproof-report/1", "REJECTED", 1)
    assert report["counts"] == {"planned": 4, "left_out": 1, "fail": 2, "error": 1, "pass": 1}
    assert report["open_points"] == rejected.open_points()
    first = report["cases"][0]["measurements"][0]
    assert (first["value"], first["unit"], first["high"], first["judged"]) == (81.0, "degC", 75.0, "fail")
    assert [d["name"] for d in report["missing"]] == ["meter2"]


def test_a_killed_run_has_no_end_and_its_resumption(killed: Run) -> None:
    report = loaded(killed)
    assert report["end"] is None
    assert report["resumed"][0]["torn_bytes"] == 117
    assert [case["outcome"] for case in report["cases"]] == ["pass", "interrupted", "not_run"]


def test_evidence_comes_back_as_it_was_said(hostile: Run) -> None:
    said = json_report.render(hostile)
    assert said.isascii()
    assert json.loads(said)["devices"][0]["raw"] == next(iter(hostile.seen.values())).raw
