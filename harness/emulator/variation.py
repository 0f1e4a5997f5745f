"""Part-to-part variation and noise: the same for the same seed, whatever is read in which order."""

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
