"""The wording that all reports share."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness import wording
from harness.figures import clean, duration
from harness.records import Measurement


def measurement(value: Any, unit: str | None = "W", judged: str = "fail", **other: Any) -> Measurement:
    fields: dict[str, Any] = {"name": "idle_power", "rule": "simple", "limit_source": "data sheet", **other}
    return Measurement.model_validate({"case": "PWR-001", "value": value, "unit": unit, "judged": judged, **fields})


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (
            measurement(81.0, "degC", high=75, margin=-6, where="tray07 gpu[2]"),
            "tray07 gpu[2]: idle power was 81 °C, 6 K above its limit of 75 °C",
        ),
        (
            measurement(3.1, "l/min", low=4, high=6, margin=-0.9),
            "Idle power was 3.1 l/min, 0.9 l/min below its limit of 4 l/min",
        ),
        (
            measurement(38_000.4, high=38_000, margin=-0.4),
            "Idle power was 38.0004 kW, 0.0004 kW above its limit of 38 kW",
        ),
        (
            measurement(37_990.0, high=38_000, margin=10.0, rule="guarded", uncertainty=25.0),
            (
                "Idle power was 37.990 ± 0.050 kW, inside its limit (≤ 38 kW) by 0.01 kW, "
                "less than the guard band of 0.05 kW that its uncertainty demands"
            ),
        ),
        (
            measurement(100.5, judged="conditional_fail", high=100, margin=-0.5, rule="ilac4", uncertainty=0.4),
            (
                "Idle power was 100.50 ± 0.80 W, 0.5 W above its limit of 100 W, "
                "by less than its uncertainty (conditional fail)"
            ),
        ),
        (measurement("1.2.2", None, expected="1.2.3"), "Idle power was “1.2.2”, expected 1.2.3"),
        (measurement(True, None, expected="false"), "Idle power was true, expected false"),
        (measurement(17, "1", expected="18"), "Idle power was 17, expected 18"),
        (measurement(None, reason="the meter was silent"), "Idle power has no value: the meter was silent"),
    ],
)
def test_a_failure_is_a_sentence(measured: Measurement, said: str) -> None:
    assert wording.sentence(measured) == said


def test_value_and_limit_are_never_printed_alike_when_they_differ() -> None:
    measured = measurement(75.000_04, "degC", high=75, margin=-0.000_04)
    assert wording.value(measured) == "75.00004 °C"


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (measurement(60.172e12, "FLOP/s", low=54e12), "60.17 TFLOP/s"),
        (measurement(35.17e9, "FLOP/J", low=33.5e9), "35.17 GFLOP/J"),
        (measurement(0.0005, "W", low=0.0001), "500 µW"),
        (measurement(0.0002, "s", high=2.0), "0.0002 s"),
        (measurement(12_000.0, "rpm", high=15_000), "12000 rpm"),
        (measurement(0.12553, "1", name="energy_register", high=0.03), "12.55 %"),
        (measurement(0.99, "1", name="power_factor", low=0.98), "0.99"),
        (measurement(0, "1", name="share_count", high=0), "0"),
    ],
)
def test_a_unit_has_the_prefix_that_people_use(measured: Measurement, said: str) -> None:
    assert wording.value(measured) == said


def test_a_value_says_when_it_was_read() -> None:
    at = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
    assert wording.window(measurement(1.0, begin=at, end=at)) == "at 14:02:00 UTC"
    said = wording.window(measurement(1.0, state="full", begin=at, end=at + timedelta(hours=24)))
    assert said == "full load, 2026-11-23 14:02:00–2026-11-24 14:02:00 UTC, 24 h"


def test_a_truth_is_said_with_its_reason() -> None:
    measured = measurement(False, None, name="cabling", expected="True", where="mgmt1", reason="leads to mgmt2")
    assert wording.sentence(measured) == "mgmt1: cabling was false, expected true: leads to mgmt2"


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"low": 18, "high": 27}, "18 °C … 27 °C"),
        ({"low": 18, "high": 18}, "= 18 °C"),
        ({"high": 27.25}, "≤ 27.25 °C"),
        ({"low": -4}, "≥ -4 °C"),
        ({"expected": "up"}, "up"),
        ({}, ""),
    ],
)
def test_a_limit_is_printed_as_the_profile_has_it(bounds: dict[str, Any], said: str) -> None:
    assert wording.limit(measurement(20.0, "degC", **bounds)) == said


def test_a_guard_factor_of_the_limit_replaces_that_of_the_rule() -> None:
    measured = measurement(99.0, high=100, rule="iso14253", guard=0.5, uncertainty=1.0)
    assert wording.rule(measured) == "iso14253, r = 0.5, w = 1 W"


def test_a_guarded_rule_without_uncertainty_says_so() -> None:
    assert wording.rule(measurement(99.0, high=100, rule="guarded")) == "guarded, r = 1, uncertainty unknown"


@pytest.mark.parametrize("value", [0.0, 1e-9, -1e-9, 1e300, -1e300, 5, 10**20])
def test_any_finite_number_can_be_printed(value: float) -> None:
    measured = measurement(value, high=1.0, margin=math.copysign(1e-300, value), uncertainty=1e-200)
    assert wording.sentence(measured)
    assert wording.value(measured).endswith("W")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b]0;x\x07", r"\x1b]0;x\x07"),
        ("\u202eabc", r"\u202eabc"),
        ("\u2028", r"\u2028"),
        ("\ufeff\ufffe", r"\ufeff\ufffe"),
        ("\ud800", r"\ud800"),
        ("👩\u200d🔧 é", "👩\u200d🔧 é"),
    ],
)
def test_what_could_hide_or_steer_is_escaped(text: str, said: str) -> None:
    assert clean(text) == said


def test_lengths_keep_the_two_units_that_matter() -> None:
    assert [duration(s) for s in (0, 0.25, 59.7, 60, 61, 3600, 3660, 90_000)] == [
        *("0 s", "0.25 s", "59.7 s", "1 min", "1 min 1 s", "1 h", "1 h 1 min", "25 h")
    ]
