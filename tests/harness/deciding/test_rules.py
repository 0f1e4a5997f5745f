import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.deciding.rules import GUARD, Judged, Role, Rule, Zone, acceptance, guard_factor, judge, proven

NUMBERS = st.floats(-1e6, 1e6)
US = st.floats(0, 1e3)
UPPER = Zone(high=100.0)


@pytest.mark.parametrize(
    ("rule", "role", "value", "judged"),
    [
        ("simple", "supplier", 100.0, "pass"),
        ("simple", "customer", 100.1, "fail"),
        ("guarded", "supplier", 98.0, "pass"),
        ("guarded", "customer", 98.1, "fail"),
        ("iso14253", "supplier", 98.34, "pass"),
        ("iso14253", "supplier", 98.35, "fail"),
        ("iso14253", "customer", 101.66, "pass"),
        ("iso14253", "customer", 101.67, "fail"),
        ("ilac4", "supplier", 98.0, "pass"),
        ("ilac4", "supplier", 99.0, "conditional_pass"),
        ("ilac4", "supplier", 101.0, "conditional_fail"),
        ("ilac4", "supplier", 102.1, "fail"),
    ],
)
def test_rules_at_an_upper_limit_with_an_uncertainty_of_two(rule: Rule, role: Role, value: float, judged: str) -> None:
    assert judge(value, UPPER, rule, guard_factor(rule, role), 2.0) == judged


def test_a_guard_band_by_factor_also_widens() -> None:
    """Relaxed acceptance, JCGM 106, 8.3: r below 0."""
    assert acceptance(UPPER, "guarded", guard_factor("guarded", guard=-1), 2.0) == Zone(high=102.0)
    assert judge(101.9, UPPER, "guarded", -1.0, 2.0) == "pass"


@pytest.mark.parametrize(("value", "said"), [(5.0, "conformance"), (9.9, "neither"), (10.9, "non-conformance")])
def test_what_iso_14253_takes_as_proven(value: float, said: str) -> None:
    assert proven(value, Zone(0, 10), 1.0).startswith(said)


@pytest.mark.parametrize(
    ("value", "judged"), [(5.0, "not_decided"), (3.5, "not_decided"), (2.4, "fail"), (7.6, "fail")]
)
def test_an_instrument_too_poor_for_the_tolerance_decides_only_what_is_far_outside(value: float, judged: str) -> None:
    assert judge(value, Zone(4, 6), "guarded", 1.0, 1.5) == judged


@pytest.mark.parametrize("rule", GUARD)
@pytest.mark.parametrize("role", ["supplier", "customer"])
def test_nan_never_passes(rule: Rule, role: Role) -> None:
    zone = Zone(-1e300, 1e300)
    assert judge(math.nan, zone, rule, guard_factor(rule, role), 1.0) == "fail"


@given(value=NUMBERS, low=NUMBERS, span=US, expanded=US)
def test_the_supplier_never_passes_what_the_customer_would_refuse(
    value: float, low: float, span: float, expanded: float
) -> None:
    found = {role: judge(value, Zone(low, low + span), "iso14253", guard_factor("iso14253", role), expanded)
             for role in _ROLES}  # fmt: skip
    assert not (found["supplier"] == "pass" and found["customer"] != "pass")


_ROLES: tuple[Role, ...] = ("supplier", "customer")


@given(value=NUMBERS, low=NUMBERS, span=US, expanded=US)
def test_four_results_refine_simple_acceptance(value: float, low: float, span: float, expanded: float) -> None:
    zone = Zone(low, low + span)
    four: Judged = judge(value, zone, "ilac4", 1.0, expanded)
    assert (four in {"pass", "conditional_pass"}) == (judge(value, zone, "simple", 0.0, expanded) == "pass")


@given(value=NUMBERS, low=NUMBERS, span=US, expanded=US, shift=st.integers(-1000, 1000))
def test_a_rule_looks_at_differences_only(value: float, low: float, span: float, expanded: float, shift: int) -> None:
    scale = 2.0**-4  # exact in binary and in few digits, so that shifting rounds nothing
    a, b, c, w = (round(x) * scale for x in (value, low, span, expanded))
    moved = Zone(b + shift, b + c + shift)
    assert judge(a, Zone(b, b + c), "guarded", 1.0, w) == judge(a + shift, moved, "guarded", 1.0, w)


@given(low=st.integers(-10_000, 10_000), expanded=st.integers(1, 10_000), r=st.integers(1, 300))
def test_a_value_on_the_acceptance_limit_is_inside_in_decimal(low: int, expanded: int, r: int) -> None:
    """Limit, U and r have two or three decimals, as people write them; their sum is worked out in whole numbers."""
    at = (low * 1000 + r * expanded) / 100_000
    band = (r / 100) * (expanded / 1000)
    assert Zone(low=low / 100).drawn_in(band).holds(at)
    assert not Zone(low=low / 100).drawn_in(band).holds(at - 1e-6)
    assert Zone(high=-low / 100).drawn_in(band).holds(-at)


@given(low=NUMBERS, w=st.floats(0, 1e6))
def test_drawing_in_never_widens_and_drawing_out_never_narrows(low: float, w: float) -> None:
    inner, outer = Zone(low=low).drawn_in(w).low, Zone(low=low).drawn_in(-w).low
    assert inner is not None
    assert outer is not None
    assert outer <= low <= inner
