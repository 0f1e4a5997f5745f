"""Part-to-part variation and noise: the same for the same seed, whatever is read in which order."""

from hashlib import blake2b
from math import cos, log, pi, sqrt
from random import Random


def dice(seed: int, *name: object) -> Random:
    """Return the random numbers that belong to a seed and a name.

    >>> dice(1, "psu", 3).random() == dice(1, "psu", 3).random()
    True
    """
    return Random(f"{seed}/{'/'.join(map(str, name))}")  # noqa: S311 - noise, not secrets


def around(seed: int, spread: float, *name: object) -> float:
    """Return a factor near 1: normal with the relative deviation `spread`, cut at 2.5 of them."""
    drawn = dice(seed, *name).gauss(0.0, 1.0)
    return 1.0 + spread * max(-2.5, min(2.5, drawn))


def noise(seed: int, name: str, epoch: int) -> float:
    """Return a normal deviate that belongs to a seed, a name and a number: what `dice` gives, at a tenth of its cost.

    >>> noise(1, "cdu/flow", 7) == noise(1, "cdu/flow", 7) != noise(1, "cdu/flow", 8)
    True
    """
    digest = blake2b(f"{seed}/{name}/{epoch}".encode(), digest_size=16).digest()
    one, other = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")
    # Box and Muller; the half keeps the logarithm from zero
    return sqrt(-2.0 * log((one + 0.5) / 2.0**64)) * cos(2.0 * pi * other / 2.0**64)
