from typing import get_args

import pytest

from harness import validity
from harness.columns import Column
from harness.reasons import ATTRIBUTED, MEANINGS, ReasonCode
from harness.validity import Demands

S = 10**9


def column(values: list[float], at: list[float] | None = None, point: str = "power", unit: str = "W") -> Column:
    seconds = at if at is not None else [float(n) for n in range(len(values))]
    return Column("m", point, unit, "visa://m", [round(s * S) for s in seconds], values)


def codes(one: Column, **other: object) -> list[str]:
    demands = Demands(0, 10 * S, 1.0, **other)  # type: ignore[arg-type]
    return [found.code for found in validity.findings(one, demands)]


def test_every_code_has_a_meaning_and_an_attribution() -> None:
    assert set(ATTRIBUTED) == set(MEANINGS) == set(get_args(ReasonCode))


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        ([0, 3, 6, 9, 10], []),
        ([0, 1, 4.5, 7, 10], ["gap_too_long"]),
        ([3.5, 5, 7, 10], ["window_not_covered"]),
        ([0, 2, 4, 6], ["window_not_covered"]),
        ([0, 9, 10], ["gap_too_long"]),
        ([4, 8.5], ["gap_too_long", "window_not_covered"]),
        ([5], ["too_few_samples"]),
        ([], ["too_few_samples"]),
    ],
)
def test_cover(at: list[float], wanted: list[str]) -> None:
    assert codes(column([1.0] * len(at), at)) == wanted


def test_a_value_that_rests_is_stale_only_where_the_plan_says_so() -> None:
    frozen = column([1.0, 2.0, *[3.0] * 7, 4.0, 5.0])
    assert codes(frozen) == []
    assert codes(frozen, stale_after=6.0) == []
    assert codes(frozen, stale_after=5.9) == ["stale_telemetry"]


def test_power_that_can_only_be_drawn_is_not_negative() -> None:
    assert codes(column([1.0, -2.0, *[1.0] * 9])) == ["negative_power"]
    assert codes(column([1.0, -2.0, *[1.0] * 9]), negative=2.0) == []
    assert codes(column([1.0, -2.0, *[1.0] * 9], point="reactive_power", unit="var")) == []
    assert codes(column([1.0, -2.0, *[1.0] * 9], point="psu[1].input_power")) == ["negative_power"]


def test_a_range_that_changed_before_the_window_is_no_matter() -> None:
    flat = column([1.0] * 11)
    assert codes(flat, range_changes=[0, 11 * S]) == []
    assert codes(flat, range_changes=[5 * S]) == ["range_changed"]


def test_channels_alike_in_every_sample_are_one() -> None:
    moving, same = column([float(n % 7) for n in range(20)]), column([float(n % 7) for n in range(20)])
    assert validity.duplicates([moving, same]) == [(moving, same)]
    assert validity.duplicates([moving, column([float(n % 6) for n in range(20)])]) == []
    assert validity.duplicates([column([5.0] * 20), column([5.0] * 20)]) == []
    assert validity.duplicates([column([1.0, 2.0]), column([1.0, 2.0])]) == []


def test_regularity_counts_gaps_and_repeats() -> None:
    found = validity.regularity(column([1, 1, 1, 2, 2, 3], [0, 1, 2, 3, 8, 9]), Demands(0, 13 * S, 1.0))
    assert (found.gaps, found.largest_gap, found.repeated, found.unchanged) == (2, 5.0, 3, 5.0)
    assert validity.regularity(column([]), Demands(0, 13 * S, 1.0)).unchanged == 0
