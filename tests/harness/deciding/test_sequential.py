from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.deciding.sequential import Sprt

HANDBOOK = Sprt(0.01, 0.10, 0.05, 0.10)


def test_lines_of_the_published_example() -> None:
    """NIST/SEMATECH handbook 6.2.6: accept line -0.939 + 0.0397 n, reject line 1.205 + 0.0397 n."""
    assert HANDBOOK.slope == pytest.approx(0.03975, abs=5e-6)
    assert HANDBOOK.acceptance_intercept == pytest.approx(0.9389, abs=5e-5)
    assert HANDBOOK.rejection_intercept == pytest.approx(1.2054, abs=5e-5)


@pytest.mark.parametrize(
    ("n", "accept", "reject"),
    [(1, None, None), (2, None, 2), (13, None, 2), (14, None, 2), (19, None, 2), (20, None, 3), (23, None, 3),
     (24, 0, 3), (26, 0, 3)],
)  # fmt: skip
def test_table_of_the_published_example(n: int, accept: int | None, reject: int | None) -> None:
    assert (HANDBOOK.acceptance_number(n), HANDBOOK.rejection_number(n)) == (accept, reject)


def test_first_acceptance_without_a_failure() -> None:
    assert HANDBOOK.first_acceptance() == 24
    assert (HANDBOOK.stage(23, 0), HANDBOOK.stage(24, 0)) == ("go_on", "accept")


@given(n=st.integers(1, 10_000), failures=st.integers(0, 10_000))
def test_the_ratio_itself_decides_alike(n: int, failures: int) -> None:
    """Wald's ratio, against beta/(1-alpha) and (1-beta)/alpha, by its own formula."""
    failures = min(failures, n)
    ratio = failures * log(0.10 / 0.01) + (n - failures) * log(0.90 / 0.99)
    low, high = log(0.10 / 0.95), log(0.90 / 0.05)
    if min(abs(ratio - low), abs(ratio - high)) > 1e-9:
        expected = "accept" if ratio <= low else "reject" if ratio >= high else "go_on"
        assert HANDBOOK.stage(n, failures) == expected


@pytest.mark.parametrize("wrong", [(0.1, 0.1, 0.05, 0.1), (0.2, 0.1, 0.05, 0.1), (0.0, 0.1, 0.05, 0.1),
                                   (0.01, 0.1, 0.5, 0.5), (0.01, float("nan"), 0.05, 0.1)])  # fmt: skip
def test_a_test_that_tells_nothing_apart_is_refused(wrong: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"p0|p1|risks"):
        Sprt(*wrong)


def test_more_failures_than_items_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        HANDBOOK.stage(2, 3)
