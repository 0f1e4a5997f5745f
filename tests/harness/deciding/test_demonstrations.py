import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.deciding import demonstrations as shown
from harness.deciding.repeats import olympic_mean, repeats


@pytest.mark.parametrize(
    ("reliability", "confidence", "n"),
    [(0.80, 0.90, 11), (0.90, 0.90, 22), (0.95, 0.90, 45), (0.95, 0.95, 59), (0.99, 0.90, 230), (0.99, 0.95, 299),
     (0.90, 0.95, 29), (0.999, 0.95, 2995)],
)  # fmt: skip
def test_success_run_table(reliability: float, confidence: float, n: int) -> None:
    assert shown.success_run(reliability, confidence) == n


@pytest.mark.parametrize(("failures", "n"), [(0, 59), (1, 93), (2, 124), (3, 153)])
def test_items_for_95_95_with_failures(failures: int, n: int) -> None:
    assert shown.success_run(0.95, 0.95, failures) == n


@settings(max_examples=60, deadline=None)
@given(reliability=st.floats(0.5, 0.999), confidence=st.floats(0.5, 0.99), failures=st.integers(0, 5))
def test_the_fewest_items_that_show_it(reliability: float, confidence: float, failures: int) -> None:
    n = shown.success_run(reliability, confidence, failures)
    assert shown.reliability_shown(n, failures, confidence) >= reliability * (1 - 1e-6)
    if n - 1 > failures:
        assert shown.reliability_shown(n - 1, failures, confidence) < reliability * (1 + 1e-6)


def test_nothing_is_shown_where_all_fail() -> None:
    assert shown.reliability_shown(3, 3, 0.9) == 0.0
    with pytest.raises(ValueError, match="cannot be"):
        shown.reliability_shown(0, 0, 0.9)


def test_mean_time_between_failures() -> None:
    """72 racks for 72 h without a failure: 2251 h at 90 %; one failure needs χ²(0.9; 4) = 7.7794."""
    assert round(shown.mtbf_shown(72 * 72, 0.90)) == 2251
    assert shown.mtbf_shown(1000, 0.90, 1) == pytest.approx(2000 / 7.77944, rel=1e-6)
    assert shown.time_needed(shown.mtbf_shown(5184, 0.9, 2), 0.9, 2) == pytest.approx(5184)


@pytest.mark.parametrize(("errors", "factor"), [(0, 2.9957), (1, 4.7439), (2, 6.2958), (3, 7.7537), (4, 9.1535)])
def test_bits_for_a_bit_error_ratio(errors: int, factor: float) -> None:
    """Factors N·BER at 95 % as tables of bit error tests have them."""
    assert shown.bits_needed(1e-12, 0.95, errors) == pytest.approx(factor * 1e12, rel=2e-5)


def test_bits_with_the_digits_of_the_formula() -> None:
    assert f"{shown.bits_needed(1e-12, 0.95):.3e}" == "2.996e+12"
    assert shown.bits_needed(1e-12, 0.95) / 106.25e9 == pytest.approx(28.2, abs=0.05)


@given(bits=st.floats(1e3, 1e15), confidence=st.floats(0.01, 0.999), errors=st.integers(0, 20))
def test_ratio_and_confidence_are_each_other_s_inverse(bits: float, confidence: float, errors: int) -> None:
    ratio = shown.ratio_shown(bits, confidence, errors)
    assert shown.ratio_confidence(bits, ratio, errors) == pytest.approx(confidence, rel=1e-9)


def test_sample_size() -> None:
    assert shown.sample_size(10, 2, 0.95) == math.ceil((1.959963985 * 5) ** 2) == 97
    assert shown.sample_size(1e-9, 1) == 1


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.1, math.nan, math.inf])
def test_shares_outside_their_range_are_refused(wrong: float) -> None:
    for call in (lambda: shown.success_run(wrong, 0.9), lambda: shown.mtbf_shown(1, wrong),
                 lambda: shown.bits_needed(wrong, 0.9), lambda: shown.sample_size(1, 1, wrong)):  # fmt: skip
        with pytest.raises(ValueError, match="must be between"):
            call()


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan, math.inf])
def test_times_and_counts_that_are_none_are_refused(wrong: float) -> None:
    for call in (lambda: shown.mtbf_shown(wrong, 0.9), lambda: shown.ratio_shown(wrong, 0.9),
                 lambda: shown.sample_size(wrong, 1), lambda: shown.time_needed(wrong, 0.9)):  # fmt: skip
        with pytest.raises(ValueError, match="must be finite"):
            call()
    with pytest.raises(ValueError, match="not be negative"):
        shown.success_run(0.9, 0.9, -1)


def test_repeats_by_hand() -> None:
    found = repeats([90.0, 100.0, 101.0, 99.0, 104.0], warm_up=1)
    assert (found.count, found.median, found.mean, found.least, found.greatest) == (4, 100.5, 101.0, 99.0, 104.0)
    assert found.sd == pytest.approx(math.sqrt((1 + 0 + 4 + 9) / 3))
    assert found.cv == pytest.approx(found.sd / 101) if found.sd else pytest.fail("no sd")
    assert found.spread == pytest.approx(5 / 100.5)
    assert (found.lower_quartile, found.upper_quartile) == (99.75, 101.75)


def test_one_run_has_no_spread_that_is_known() -> None:
    found = repeats([5.0])
    assert (found.median, found.sd, found.cv, found.lower_quartile) == (5.0, None, None, None)


def test_olympic_mean() -> None:
    assert olympic_mean([10.0, 11.0, 12.0, 13.0, 30.0]) == 12.0
    assert olympic_mean([1.0, 2.0, 3.0, 4.0, 5.0, 100.0], drop=2) == 3.5
    assert olympic_mean([1.0, 2.0], drop=0) == 1.5


@pytest.mark.parametrize("values", [[], [1.0, 2.0], [1.0, math.nan, 2.0], [1.0, math.inf, 2.0]])
def test_what_has_no_olympic_mean_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="value"):
        olympic_mean(values)


def test_warm_up_may_not_eat_all_runs() -> None:
    with pytest.raises(ValueError, match="no value"):
        repeats([1.0], warm_up=1)
