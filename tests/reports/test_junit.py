"""JUnit XML as CI servers read it."""

from xml.etree import ElementTree as ET

import pytest

from harness.run import Run
from reports import junit


def parsed(run: Run) -> ET.Element:
    return ET.fromstring(junit.render(run).encode())


def suites(run: Run) -> dict[str, ET.Element]:
    return {suite.get("name", ""): suite for suite in parsed(run)}


def only(suite: ET.Element) -> ET.Element:
    (case,) = suite.findall("testcase")
    return case


def test_groups_are_suites_with_counts(rejected: Run) -> None:
    found = {
        name: tuple(int(s.get(a, "")) for a in ("tests", "failures", "errors", "skipped"))
        for name, s in suites(rejected).items()
    }
    assert found == {
        "verdict": (1, 1, 0, 0),
        "cooling": (1, 1, 0, 0),
        "inventory": (1, 1, 0, 0),
        "power": (2, 0, 1, 0),
        "left out": (1, 0, 0, 1),
    }


def test_a_failure_carries_the_sentence_the_value_and_the_evidence(rejected: Run) -> None:
    case = only(suites(rejected)["cooling"])
    failure, measured, out = case.find("failure"), case.find("properties/property"), case.findtext("system-out") or ""
    assert failure is not None
    assert failure.get("message", "").startswith("tray07 gpu[2]: gpu temperature was 81 °C, 6 K above")
    assert failure.get("type") == "rack"
    assert measured is not None
    assert (measured.get("name"), measured.get("value")) == (
        "tray07 gpu[2] gpu_temperature",
        "81 °C [≤ 75 °C] fail by simple",
    )
    assert "ssh://root@10.0.3.7:22 nvidia-smi" in out
    assert "received 2, 81" in out


def test_the_verdict_makes_a_job_red_exactly_when_the_rack_is_not_accepted(
    accepted: Run, rejected: Run, killed: Run
) -> None:
    results = [[child.tag for child in only(suites(run)["verdict"])] for run in (accepted, rejected, killed)]
    assert results == [[], ["failure"], ["error"]]


def test_what_never_ran_is_an_error_not_a_skip(killed: Run) -> None:
    cases = suites(killed)["power"].findall("testcase")
    assert [[child.tag for child in case if child.tag != "properties"] for case in cases] == [
        ["system-out"],
        ["error"],
        ["error"],
    ]


def test_an_emulated_rack_says_so(emulated: Run, accepted: Run) -> None:
    assert "EMULATED RACK" in junit.render(emulated)
    assert "EMULATED" not in junit.render(accepted)


def test_hostile_text_is_legal_xml_and_stays_text(hostile: Run) -> None:
    root = parsed(hostile)
    tags = {element.tag for element in root.iter()}
    assert tags <= {
        *("testsuites", "testsuite", "testcase", "properties", "property"),
        *("failure", "error", "skipped", "system-out"),
    }
    assert any("<script>alert('x')</script>" in (e.get("message") or "") for e in root.iter("failure"))


@pytest.mark.parametrize("name", ["accepted", "rejected", "killed", "hostile", "emulated"])
def test_the_same_run_gives_the_same_bytes(name: str, request: pytest.FixtureRequest) -> None:
    run: Run = request.getfixturevalue(name)
    assert junit.render(run) == junit.render(run)
