import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import shapes


def spread(true: float, estimates: list[float]) -> float:
    return math.sqrt(sum((e - true) ** 2 for e in estimates) / len(estimates))


def test_noise_counts_in_full() -> None:
    dice = random.Random(1)
    runs = [[dice.gauss(100, 5) for _ in range(400)] for _ in range(200)]
    stated = sum(map(shapes.sampling_u, runs)) / len(runs)
    assert stated == pytest.approx(5 / math.sqrt(400), rel=0.03)
    assert 0.8 < stated / spread(100, [sum(r) / len(r) for r in runs]) < 1.2


def test_steps_count_a_sixth() -> None:
    """A square wave of random phase and period, far slower than the samples: systematic sampling errs far less."""
    dice = random.Random(2)
    errors, stated = [], []
    for _ in range(400):
        length, phase = dice.uniform(17, 41), dice.uniform(0, 41)
        values = [10.0 * (int((n + phase) / length) % 2) for n in range(400)]
        truth = sum(10.0 * (int((n / 64 - 0.5 + phase) / length) % 2) for n in range(400 * 64)) / (400 * 64)
        errors.append(sum(values) / 400 - truth)
        stated.append(shapes.sampling_u(values))
    assert 0.8 < math.sqrt(sum(s * s for s in stated) / 400) / spread(0, errors) < 1.25


def test_what_is_smooth_between_samples_counts_nothing() -> None:
    values = [math.sin(n / 50) for n in range(1000)]
    assert shapes.sampling_u(values) < 1e-3


@given(st.lists(st.floats(-1e6, 1e6), max_size=50))
def test_it_is_never_negative_and_never_fails(values: list[float]) -> None:
    assert shapes.sampling_u(values) >= 0
