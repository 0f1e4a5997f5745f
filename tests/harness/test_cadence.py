import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.cadence import Beat, Lateness, Refresh


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=300), st.floats(0.01, 1))
def test_quantiles_are_those_of_the_sorted_list_to_two_per_cent(seconds: list[float], q: float) -> None:
    late = Lateness()
    for one in seconds:
        late.add(one)
    ranked = sorted(seconds)
    exact = next(v for n, v in enumerate(ranked, 1) if n >= q * len(ranked) - 1e-9)
    assert exact * 0.999 <= late.quantile(q) + 1e-6
    assert late.quantile(q) <= exact * 1.021 + 2e-6
    assert late.worst == ranked[-1]


def test_no_deadline_was_late() -> None:
    assert Lateness().quantile(0.5) == 0.0


def test_deadlines_do_not_drift_over_days() -> None:
    beat = Beat(0.0, 0.1)
    for _ in range(2_592_000):
        beat.advance(0.0)
    assert beat.due == pytest.approx(259_200.0, abs=1e-9)


def test_missed_deadlines_are_skipped_and_counted() -> None:
    beat = Beat(10.0, 1.0)
    assert [beat.advance(10.2), beat.due] == [0, 11.0]
    assert [beat.advance(14.5), beat.due] == [2, 14.0]


def test_what_repeats_regularly_shows_how_often_it_is_new() -> None:
    refresh = Refresh()
    for n in range(60):
        refresh.note(n * 0.1, [float(n // 5)])
    assert refresh.learnt(0.1) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "values",
    [
        [0.0] * 100,  # rests
        [float(n) for n in range(100)],  # new every time
        [float(n // 5) for n in range(30)],  # too few changes to tell
        [float(sum(k < n for k in (3, 5, 20, 21, 40, 44, 45, 70, 90))) for n in range(100)],  # changes when it likes
    ],
)
def test_what_rests_or_moves_irregularly_teaches_nothing(values: list[float]) -> None:
    refresh = Refresh()
    for n, value in enumerate(values):
        refresh.note(n * 0.1, [value])
    assert refresh.learnt(0.1) is None
