"""Power into energy, by rules that have names.

`trapezoid` joins the samples by straight lines. `step_right` gives every sample the time since the one before: the rule
of MLPerf Training (mlcommons/training_policies, power_measurement.adoc, scoring). `step_left` holds a sample until the
next. None extrapolates.
"""

import numpy as np

from harness.energy.trace import NS_PER_S, Trace, Watts, Window

RULES = ("trapezoid", "step_right", "step_left")
ALIASES = {"step": "step_right", "hold": "step_left"}


class NotCovered(ValueError):
    """The samples do not reach from edge to edge of the window: no energy without inventing some."""


def rule_named(name: str) -> str:
    """Return the rule that `name` means. Raises ValueError with what is known.

    >>> rule_named("step"), rule_named("hold")
    ('step_right', 'step_left')
    """
    rule = ALIASES.get(name, name)
    if rule not in RULES:
        raise ValueError(f"unknown rule {name!r}; known: {', '.join((*RULES, *ALIASES))}")
    return rule


def energy(trace: Trace, window: Window, rule: str = "trapezoid") -> float:
    """Return the energy in J from edge to edge of `window`, by `rule`; the edges are closed by interpolation.

    Times must increase. Raises NotCovered where samples are missing at an edge, ValueError for an unknown rule.

    >>> from harness.energy.trace import of_seconds
    >>> ramp = of_seconds([0, 1, 2], [0, 100, 200])
    >>> [energy(ramp, Window(0, 2 * NS_PER_S), rule) for rule in RULES]
    [200.0, 300.0, 100.0]
    >>> energy(ramp, Window(NS_PER_S // 2, 3 * NS_PER_S // 2))
    100.0
    """
    name = rule_named(rule)
    _require_covered(trace, window)
    part = window.touched(trace)
    times, power = _relative(trace, window, part), trace.power_w[part]
    edge_to_edge = np.concatenate(([0.0], times[(times > 0) & (times < window.seconds)], [window.seconds]))
    return float(np.sum(_mean_power(times, power, edge_to_edge, name) * np.diff(edge_to_edge)))


def _require_covered(trace: Trace, window: Window) -> None:
    if window.end_ns < window.begin_ns:
        raise NotCovered("the window ends before it begins")
    if not len(trace) or window.begin_ns < trace.times_ns[0] or trace.times_ns[-1] < window.end_ns:
        raise NotCovered("the samples do not reach from edge to edge of the window")


def _relative(trace: Trace, window: Window, part: slice) -> Watts:
    """Return times in s from the window's begin: exact to a ns for 100 days, which epoch times in float64 are not."""
    return (trace.times_ns[part] - window.begin_ns) / NS_PER_S


def _mean_power(times: Watts, power: Watts, nodes: Watts, rule: str) -> Watts:
    """Return the mean power in W between neighbouring nodes, none of which has a sample between it and the next."""
    if rule == "trapezoid":
        at = np.interp(nodes, times, power)
        return np.asarray((at[1:] + at[:-1]) / 2, dtype=np.float64)
    if rule == "step_right":
        return power[np.searchsorted(times, nodes[1:], "left")]
    return power[np.searchsorted(times, nodes[:-1], "right") - 1]


def mean_power(trace: Trace, window: Window, rule: str = "trapezoid") -> float:
    """Return energy over time in W. Raises NotCovered, also for a window of no length."""
    if window.end_ns <= window.begin_ns:
        raise NotCovered("a window of no length has no mean power over time")
    return energy(trace, window, rule) / window.seconds


def wh(joules: float) -> float:
    """Turn J into Wh.

    >>> wh(3.6e6)
    1000.0
    """
    return joules / 3600.0
