import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness.limits import GUARD, Judged, Limit, Role, Rule

VALUES = st.floats(-1e6, 1e6, allow_nan=False)
US = st.floats(0, 1e3, allow_nan=False)
RANK: dict[Judged, int] = {"fail": 0, "conditional_fail": 1, "conditional_pass": 2, "pass": 3}


def at_most(high: float, rule: Rule = "simple", guard: float | None = None) -> Limit:
    return Limit(unit="W", high=high, rule=rule, guard=guard, source="test")


@pytest.mark.parametrize(
    ("rule", "value", "u", "judged"),
    [
        ("simple", 100.0, None, "pass"),
        ("simple", 100.1, None, "fail"),
        ("simple", 100.0, 50.0, "pass"),
        ("guarded", 98.0, 1.0, "pass"),
        ("guarded", 98.1, 1.0, "fail"),
        ("guarded", 98.0, None, "not_decided"),
        ("iso14253", 98.34, 1.0, "pass"),
        ("iso14253", 98.35, 1.0, "fail"),
        ("ilac4", 98.0, 1.0, "pass"),
        ("ilac4", 98.1, 1.0, "conditional_pass"),
        ("ilac4", 100.1, 1.0, "conditional_fail"),
        ("ilac4", 102.1, 1.0, "fail"),
        ("ilac4", 50.0, None, "not_decided"),
    ],
)
def test_rules(rule: Rule, value: float, u: float | None, judged: Judged) -> None:
    assert at_most(100, rule).judge(value, u) == judged


def test_guard_replaces_the_factor_of_the_rule() -> None:
    assert at_most(100, "guarded", guard=1.5).judge(97.5, 1.0) == "fail"
    assert at_most(100, "guarded", guard=0.5).judge(99.0, 1.0) == "pass"
    assert at_most(100, "simple", guard=1.5).judge(100.0, 1.0) == "pass"


@pytest.mark.parametrize("rule", GUARD)
def test_nan_never_passes(rule: Rule) -> None:
    limit = Limit(unit="W", low=-1e300, high=1e300, rule=rule, source="test")
    assert limit.judge(math.nan, 1.0) == "fail"
    assert limit.judge(0.0, math.nan) in ("fail", "conditional_pass")


@pytest.mark.parametrize("rule", GUARD)
def test_no_value_is_not_decided(rule: Rule) -> None:
    assert at_most(1, rule).judge(None, 1.0) == "not_decided"


def test_text_or_state_where_a_number_is_due_fails() -> None:
    assert at_most(5).judge("3") == "fail"
    assert at_most(5).judge(True) == "fail"


def test_exact_limits() -> None:
    assert Limit(equals="up", source="test").judge("up") == "pass"
    assert Limit(equals="up", source="test").judge("down") == "fail"
    assert Limit(one_of=("a", "b"), source="test").judge("b") == "pass"
    assert Limit(one_of=("a", "b"), source="test").judge("c") == "fail"
    assert Limit(matches=r"2\.1[0-9]", source="test").judge("2.18") == "pass"
    assert Limit(matches=r"2\.1[0-9]", source="test").judge("2.18-dirty") == "fail"


def test_true_is_not_one() -> None:
    assert Limit(equals=True, source="test").judge(1) == "fail"
    assert Limit(equals=1, unit="1", source="test").judge(True) == "fail"


@given(value=VALUES, low=VALUES, span=US, u=US, more=US, rule=st.sampled_from(["guarded", "iso14253", "ilac4"]))
def test_less_certain_is_never_better(value: float, low: float, span: float, u: float, more: float, rule: Rule) -> None:
    limit = Limit(unit="W", low=low, high=low + span, rule=rule, source="test")
    before, after = limit.judge(value, u), limit.judge(value, u + more)
    if rule != "ilac4" and "not_decided" not in (before, after):
        assert RANK[after] <= RANK[before]
    assert not (before != "pass" and after == "pass")


@given(value=VALUES, high=VALUES, u=US)
def test_guarded_passes_only_what_simple_passes(value: float, high: float, u: float) -> None:
    if at_most(high, "guarded").judge(value, u) == "pass":
        assert at_most(high).judge(value, u) == "pass"


@given(value=VALUES, high=VALUES)
def test_margin_tells_which_side(value: float, high: float) -> None:
    margin = at_most(high).margin(value)
    assert margin is not None
    assert (margin >= 0) == (at_most(high).judge(value) == "pass")


def test_margin_is_to_the_nearer_bound() -> None:
    limit = Limit(unit="V", low=48, high=54, source="test")
    assert limit.margin(53) == 1
    assert limit.margin(47) == -1
    assert limit.margin("x") is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "give low and/or high, or exactly one of"),
        ({"unit": "W", "high": 1, "equals": 1}, "give low and/or high, or exactly one of"),
        ({"unit": "W", "low": 2, "high": 1}, "nothing could pass"),
        ({"high": 1}, "need a unit"),
        ({"equals": 1, "rule": "guarded"}, "needs low or high"),
        ({"matches": "("}, "not a regular expression"),
        ({"unit": "W", "high": math.nan}, "finite"),
        ({"unit": "W", "high": 1, "guard": -1}, "greater than or equal to 0"),
        ({"unit": "W", "high": 1, "source": ""}, "at least 1 character"),
    ],
)
def test_a_limit_without_one_meaning_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Limit.model_validate({"source": "test"} | fields)


def test_a_limit_without_a_source_is_refused() -> None:
    with pytest.raises(ValidationError, match="source"):
        Limit.model_validate({"unit": "W", "high": 1})


@pytest.mark.parametrize(("u", "judged"), [(0.4, "pass"), (0.6, "not_decided"), (None, "not_decided")])
def test_what_is_too_uncertain_is_not_decided(u: float | None, judged: Judged) -> None:
    limit = Limit(unit="W", high=10.0, largest_uncertainty=1.0, source="test")
    assert limit.judge(5.0, u) == judged


@pytest.mark.parametrize(
    ("role", "value", "judged"),
    [
        ("supplier", 98.35, "fail"),
        ("supplier", 98.34, "pass"),
        ("customer", 101.66, "pass"),
        ("customer", 101.67, "fail"),
    ],
)
def test_the_role_of_the_plan_says_who_bears_the_uncertainty(role: Role, value: float, judged: Judged) -> None:
    assert at_most(100, "iso14253").judge(value, 1.0, role=role) == judged


@pytest.mark.parametrize("rule", ["simple", "guarded", "ilac4"])
@given(value=VALUES, u=US)
def test_other_rules_know_no_role(rule: Rule, value: float, u: float) -> None:
    limit = at_most(100, rule)
    assert limit.judge(value, u, role="customer") == limit.judge(value, u, role="supplier")


def test_the_coverage_factor_widens_the_guard_band() -> None:
    assert at_most(100, "guarded").judge(97.9, 1.0, k=2.0) == "pass"
    assert at_most(100, "guarded").judge(97.9, 1.0, k=2.2) == "fail"
    limit = Limit(unit="W", high=10.0, largest_uncertainty=1.0, source="test")
    assert limit.judge(5.0, 0.48, k=2.2) == "not_decided"


def test_guard_bands_that_leave_nothing_decide_nothing() -> None:
    limit = Limit(unit="V", low=48, high=54, rule="guarded", source="test")
    assert limit.judge(51.0, 2.0) == "not_decided"
    assert limit.judge(60.0, 2.0) == "fail"
