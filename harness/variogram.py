"""How far the mean of regular samples may lie from the mean of what was sampled.

Samples at regular times are a systematic sample, whose variance follows from how fast neighbours become unlike: the
variogram (Matheron's transitive theory; Gy's sampling theory; the factors after Gundersen and Jensen, 1987, recalled).
What is unlike at once (noise, or change faster than the samples) counts in full; what steps counts 1/6; what is smooth
between samples counts nothing.
"""

import math
from collections.abc import Sequence
from itertools import pairwise


def of_mean(values: Sequence[float]) -> float:
    """Return the standard uncertainty of the mean that comes from sampling, in the unit of `values`.

    Fewer than three samples say nothing about it: 0.

    >>> of_mean([1.0, 1.0, 1.0, 1.0])
    0.0
    >>> round(of_mean([0.0] * 50 + [6.0] * 50), 4)  # one step, anywhere between two samples: 6/√12 of one of 100
    0.0173
    """
    n = len(values)
    if n < 3:
        return 0.0
    one = math.fsum((b - a) ** 2 for a, b in pairwise(values)) / (2 * n)
    two = math.fsum((b - a) ** 2 for a, b in zip(values, values[2:], strict=False)) / (2 * n)
    noise = max(0.0, 2 * one - two)
    steps = max(0.0, min(two - one, (4 * one - two) / 2))
    return math.sqrt((noise + steps / 6) / n)
