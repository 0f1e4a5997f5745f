"""`rackproof decide`, run in this process: verdicts, figures, exit statuses, and what it refuses."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import cli

RESISTOR = ["1500.1", "--uncertainty", "0.04", "--standard", "--low", "1499.8", "--high", "1500.2"]
PRIOR = ["--prior-mean", "1500", "--prior-sd", "0.12"]


def decided(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = cli.main(["decide", *arguments, "--json"])
    result: dict[str, Any] = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    return code, result


@pytest.mark.parametrize(
    ("value", "rule", "verdict", "code"),
    [
        ("98", "guarded", "pass", 0),
        ("99", "guarded", "fail", 1),
        ("99", "simple", "pass", 0),
        ("99", "iso14253", "fail", 1),
        ("98.3", "iso14253", "pass", 0),
        ("99", "ilac4", "conditional_pass", 0),
        ("101", "ilac4", "conditional_fail", 1),
        ("103", "ilac4", "fail", 1),
    ],
)
def test_verdict_and_status(value: str, rule: str, verdict: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = decided(capsys, value, "--uncertainty", "2", "--high", "100", "--rule", rule)
    assert (status, found["verdict"], found["schema"]) == (code, verdict, "rackproof-decide/1")


def test_the_customer_has_to_prove_non_conformance(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["101", "--uncertainty", "2", "--high", "100", "--rule", "iso14253"]
    assert decided(capsys, *given)[1]["verdict"] == "fail"
    status, found = decided(capsys, *given, "--role", "customer")
    assert (status, found["verdict"], found["acceptance"]) == (0, "pass", {"low": None, "high": 101.66})
    assert found["iso14253"] == "neither proven"


def test_figures_of_a_published_example(capsys: pytest.CaptureFixture[str]) -> None:
    _, found = decided(capsys, *RESISTOR, *PRIOR)
    assert (found["uncertainty"], found["guard_band"]) == ({"standard": 0.04, "expanded": 0.08, "k": 2.0}, 0.0)
    assert round(found["global_risk"]["consumer"], 4) == 0.0189
    assert round(found["global_risk"]["producer"], 4) == 0.0372
    assert round(found["probability_of_conformance"], 4) == 0.9938
    assert found["specific_risk"] == {"consumer": pytest.approx(1 - 0.99379, abs=1e-5), "producer": None}
    assert found["posterior"]["mean"] == pytest.approx(1500.09)


def test_k_turns_the_expanded_into_the_standard_uncertainty(capsys: pytest.CaptureFixture[str]) -> None:
    _, found = decided(capsys, "-5.47", "--uncertainty", "0.15", "--k", "3", "--high", "-5.40")
    assert round(found["probability_of_conformance"], 4) == 0.9192


def test_small_negative_numbers_are_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    status, found = decided(capsys, "-1e-3", "--low", "-2.5E-3", "--high", "-.5e-3")
    assert (status, found["tolerance"]) == (0, {"low": -0.0025, "high": -0.0005})


@pytest.mark.parametrize("arguments", [["5", "--low", "4", "--high", "6", "--uncertainty", "1.5", "--rule", "guarded"],
                                       ["5", "--low", "4", "--rule", "ilac4"]])  # fmt: skip
def test_what_cannot_be_decided_says_why(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    status, found = decided(capsys, *arguments)
    assert (status, found["verdict"]) == (3, "not_decided")
    assert "uncertainty" in found["reason"]
    assert found["specific_risk"] == {"consumer": None, "producer": None}


def test_without_an_uncertainty_the_simple_rule_decides_and_claims_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    status, found = decided(capsys, "5", "--low", "4")
    assert (status, found["verdict"], found["probability_of_conformance"]) == (0, "pass", None)


def test_the_text_says_verdict_rule_and_risks(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["decide", "99", "--uncertainty", "0.8", "--high", "100", "--rule", "guarded", "--unit", "W"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("PASS\n")
    for line in ("99 ± 0.8 W (k = 2)", "≤ 100 W", "guarded, r = 1, w = 0.8 W", "≤ 99.2 W", "99.38 %", "0.621 %"):
        assert line in said
    cli.main(["decide", *RESISTOR, *PRIOR])
    assert "global consumer's risk       1.894 %" in capsys.readouterr().out


def test_certainty_is_never_rounded_to(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["decide", "1", "--uncertainty", "0.2", "--high", "2"])
    assert "above 99.99 %" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nan", "--low", "1"], "VALUE is nan"),
        (["-inf", "--low", "1"], "VALUE is -inf"),
        (["3", "--low", "inf"], "--low is inf"),
        (["3", "--low", "1", "--uncertainty", "nan"], "--uncertainty is nan"),
        (["3", "--low", "1", "--uncertainty", "-1"], "cannot be negative"),
        (["3", "--low", "4", "--high", "2"], "nothing could pass"),
        (["3"], "at least one limit"),
        (["3", "--low", "1", "--k", "0"], "--k is 0"),
        (["3", "--low", "1", "--guard", "1"], "no meaning"),
        (["3", "--low", "1", "--rule", "ilac4", "--guard", "-1"], "only the rule guarded"),
        (["3", "--low", "1", "--uncertainty", "1", "--prior-mean", "1"], "go together"),
        (["3", "--low", "1", "--uncertainty", "1", "--prior-mean", "1", "--prior-sd", "0"], "--prior-sd is 0"),
        (["3", "--low", "1", "--prior-mean", "1", "--prior-sd", "1"], "a prior needs"),
    ],
)
def test_wrong_usage_is_named(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["decide", *arguments]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("arguments", [["3,5", "--low", "1"], ["3", "--low", "1", "--rule", "hopeful"], []])
def test_what_the_parser_refuses_is_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["decide", *arguments])
    assert caught.value.code == 2
    assert "usage: rackproof decide" in capsys.readouterr().err


NUMBERS = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([0.0, 5e-324, 1.8e308, -1.8e308]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=NUMBERS, u=NUMBERS, low=NUMBERS, high=NUMBERS, k=NUMBERS, sd=NUMBERS,
    rule=st.sampled_from(["simple", "guarded", "iso14253", "ilac4"]), prior=st.booleans(), as_json=st.booleans(),
)  # fmt: skip
def test_any_number_is_decided_on_or_refused_by_name(
    value: float, u: float, low: float, high: float, k: float, sd: float, rule: str, prior: bool, as_json: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    arguments = [f"{value!r}", f"--uncertainty={u!r}", f"--low={low!r}", f"--high={high!r}", f"--k={k!r}"]
    more = [f"--prior-mean={value!r}", f"--prior-sd={sd!r}"] if prior else []
    code = cli.main(["decide", *arguments, *more, "--rule", rule, *(["--json"] if as_json else [])])
    said = capsys.readouterr()
    assert code in {0, 1, 2, 3}
    assert bool(said.err) == (code == 2)
    assert "nan" not in said.out
    if as_json and code != 2:
        share = json.loads(said.out, parse_constant=pytest.fail)["probability_of_conformance"]
        assert share is None or 0 <= share <= 1
