"""Energy from a meter's own register: differences of a counter that wraps, and that somebody may have reset."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


class RegisterReset(ValueError):
    """A register fell and no wrap explains it: what it counted before is lost."""


@dataclass(frozen=True, slots=True)
class Register:
    """What is known of a register: at `wraps_at_wh` it begins again at 0; more than `highest_w` cannot have flowed.

    `highest_w` is the rating of what is measured: without it a reset cannot be told from a wrap.
    """

    wraps_at_wh: float
    highest_w: float


def consumed_wh(times_s: Sequence[float], readings_wh: Sequence[float], register: Register) -> float:
    """Return the energy in Wh from the first reading to the last, over wraps. Times in s must increase.

    Raises RegisterReset where a fall is no wrap; ValueError for fewer than two readings, times that do not increase, or
    a reading that is none of the register's. Geist's register wraps at 9,999,000 Wh by its MIB (21239.5.2.3.1.1.12).

    >>> geist = Register(wraps_at_wh=9_999_000, highest_w=20_000)
    >>> consumed_wh([0, 3600, 7200], [9_990_000, 9_998_000, 7_000], geist)
    16000
    >>> consumed_wh([0, 3600], [9_000_000, 7_000], geist)
    Traceback (most recent call last):
    harness.energy.register.RegisterReset: fell from 9e+06 to 7000 Wh in 3600 s: a wrap would mean 1.006e+06 W
    """
    if len(times_s) != len(readings_wh) or len(times_s) < 2:
        raise ValueError(f"{len(readings_wh)} readings at {len(times_s)} times: want two or more of each")
    if wrong := [reading for reading in readings_wh if not 0 <= reading < register.wraps_at_wh]:
        raise ValueError(f"{wrong[0]:g} Wh is no reading of a register that wraps at {register.wraps_at_wh:g} Wh")
    readings = list(zip(times_s, readings_wh, strict=True))
    return sum(_step(before, after, register) for before, after in pairwise(readings))


def _step(before: tuple[float, float], after: tuple[float, float], register: Register) -> float:
    seconds, difference = after[0] - before[0], after[1] - before[1]
    if not seconds > 0:
        raise ValueError(f"a reading at {after[0]:g} s follows one at {before[0]:g} s")
    if difference >= 0:
        return difference
    power = (difference + register.wraps_at_wh) * 3600 / seconds
    if power > register.highest_w:
        fell = f"fell from {before[1]:g} to {after[1]:g} Wh in {seconds:g} s"
        raise RegisterReset(f"{fell}: a wrap would mean {power:.4g} W")
    return difference + register.wraps_at_wh
