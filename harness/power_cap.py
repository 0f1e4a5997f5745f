"""What a power cap does: work retained, power above it, for how long, and how soon it holds."""

from dataclasses import dataclass

import numpy as np

from harness.efficiency import of_same_unit
from harness.energy.integration import mean_power
from harness.energy.shape import NotObservable
from harness.energy.trace import NS_PER_S, Trace, Window
from harness.uncertainty import Quantity


@dataclass(frozen=True, slots=True)
class CapResponse:
    """How power answered a cap set at one moment; times in s, powers in W, for straight lines between samples.

    `settled_s` is how long it took to enter the band around the cap, or to come below it, for good; None where it never
    did. `residual_w` is the mean power after that less the cap.
    """

    overshoot_w: float
    above_s: float
    settled_s: float | None
    residual_w: float | None


def retention(capped: Quantity, free: Quantity) -> Quantity:
    """Return work under a cap as a share of the work without. Raises Undecided.

    >>> retention(Quantity(90.0, "tokens/s"), Quantity(120.0, "tokens/s")).value
    0.75
    """
    return of_same_unit(capped, free)


def response(trace: Trace, set_ns: int, cap_w: float, band: float = 0.02) -> CapResponse | NotObservable:
    """Return what happened from `set_ns` on; `band` is the share of the cap within which power counts as settled.

    Overshoot and time above the cap are counted from the moment that power first came into the band: before that it is
    the way down from where it was, which `settled_s` tells.

    >>> from harness.energy.trace import of_seconds
    >>> found = response(of_seconds([0, 1, 2, 3, 4, 5], [100, 100, 78, 84, 80, 80]), 10**9, 80.0)
    >>> found.overshoot_w, round(found.above_s, 3), round(found.settled_s, 3), round(found.residual_w, 3)
    (4.0, 1.739, 2.6, 0.229)
    """
    after = trace.times_ns >= set_ns
    if np.count_nonzero(after) < 2:
        return NotObservable("cap response", f"{np.count_nonzero(after)} samples after the cap was set")
    times, power = (trace.times_ns[after] - set_ns) / NS_PER_S, trace.power_w[after]
    reached = _first_below(times, power, cap_w * (1 + band))
    settled = _settled(times, power, cap_w * (1 + band))
    if reached is None:
        return CapResponse(float(np.max(power)) - cap_w, _above(times, power, cap_w), None, None)
    later = times >= reached
    overshoot = max(0.0, float(np.max(power[later], initial=0.0)) - cap_w)
    return CapResponse(
        overshoot, _above(times, power, cap_w, reached), settled, _residual(trace, set_ns, settled, cap_w)
    )


def _first_below(times: np.ndarray, power: np.ndarray, level: float) -> float | None:
    below = np.flatnonzero(power <= level)
    return None if not below.size else _crossing(times, power, int(below[0]), level)


def _settled(times: np.ndarray, power: np.ndarray, level: float) -> float | None:
    above = np.flatnonzero(power > level)
    if not above.size:
        return float(times[0])
    last = int(above[-1])
    return None if last == len(power) - 1 else _crossing(times, power, last + 1, level)


def _crossing(times: np.ndarray, power: np.ndarray, index: int, level: float) -> float:
    """Return when the line that ends at sample `index` came down to `level`."""
    if index == 0:
        return float(times[0])
    before, here = power[index - 1], power[index]
    share = (before - level) / (before - here)
    return float(times[index - 1] + share * (times[index] - times[index - 1]))


def _above(times: np.ndarray, power: np.ndarray, cap: float, since: float = 0.0) -> float:
    """Return how long the lines between the samples lie above the cap, from `since` on, in s."""
    start = np.concatenate(([max(since, times[0])], times[times > since]))
    nodes = np.unique(start)
    over = np.interp(nodes, times, power) - cap
    a, b, dt = over[:-1], over[1:], np.diff(nodes)
    high, low = np.maximum(a, b), np.minimum(a, b)
    span = np.where(high - low > 0, high - low, 1.0)
    share = np.where(low >= 0, (high > 0).astype(float), np.where(high <= 0, 0.0, high / span))
    return float(np.sum(share * dt))


def _residual(trace: Trace, set_ns: int, settled: float | None, cap: float) -> float | None:
    begin = None if settled is None else set_ns + round(settled * NS_PER_S)
    if begin is None or begin >= trace.times_ns[-1]:
        return None
    return mean_power(trace, Window(begin, int(trace.times_ns[-1]))) - cap
