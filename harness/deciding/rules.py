"""Decision rules: from a tolerance zone and an uncertainty to an acceptance zone, and from that to a verdict.

With U the expanded uncertainty, the acceptance zone is the tolerance zone drawn in by w = r·U at every bound; a
negative r widens it. Recalled, not re-read: JCGM 106:2012, 8.2 and 8.3 (simple acceptance, guard bands), the factor of
ISO 14253-1:2017 (r = 0.83, for a risk below 5 %) and the four results of ILAC-G8:09/2019.
"""

import math
from dataclasses import dataclass
from typing import Literal

Rule = Literal["simple", "guarded", "iso14253", "ilac4"]
Judged = Literal["pass", "conditional_pass", "conditional_fail", "fail", "not_decided"]
Role = Literal["supplier", "customer"]

GUARD: dict[Rule, float] = {"simple": 0.0, "guarded": 1.0, "iso14253": 0.83, "ilac4": 1.0}
"""Guard factor r of each rule, by which U is multiplied, as the supplier applies it."""

Counted = Literal["pass", "fail", "not_decided"]
"""What a result counts as in the verdict of a case."""

COUNTS: dict[Judged, Counted] = {
    "pass": "pass",
    "conditional_pass": "pass",
    "conditional_fail": "fail",
    "fail": "fail",
    "not_decided": "not_decided",
}
"""What each result counts as, unless a profile says otherwise of a conditional one."""

ACCEPTED: frozenset[Judged] = frozenset({"pass", "conditional_pass"})


@dataclass(frozen=True, slots=True)
class Zone:
    """An interval with both bounds included, in the unit of the value; a bound that is None is not there."""

    low: float | None = None
    high: float | None = None

    def holds(self, value: float) -> bool:
        """Tell whether `value` is inside; NaN, of the value or a bound, never is."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)

    def drawn_in(self, w: float) -> "Zone":
        """Return the zone with every bound moved inwards by `w`; outwards where `w` is negative.

        What is decimal stays decimal, so that a value on the acceptance limit is inside.

        >>> Zone(0.1, 10).drawn_in(0.2)
        Zone(low=0.3, high=9.8)
        """
        return Zone(
            None if self.low is None else _moved(self.low, w), None if self.high is None else _moved(self.high, -w)
        )

    @property
    def empty(self) -> bool:
        """Tell whether no value at all is inside."""
        return self.low is not None and self.high is not None and self.low > self.high


def _moved(bound: float, by: float) -> float:
    """Add, to 15 digits of the larger: the error of binary numbers never moves a bound the other way."""
    if by == 0 or not math.isfinite(bound) or not math.isfinite(by):
        return bound + by
    moved = round(bound + by, 14 - math.floor(math.log10(max(abs(bound), abs(by)))))
    return max(bound, moved) if by > 0 else min(bound, moved)


def guard_factor(rule: Rule, role: Role = "supplier", guard: float | None = None) -> float:
    """Return r, by which U is multiplied; `guard` replaces the size that the rule has by itself.

    `iso14253` takes the side of whoever has to prove something: the supplier proves conformance, so the zone shrinks;
    the customer proves non-conformance, so it grows (ISO 14253-1, recalled). The other rules know no role.

    >>> guard_factor("iso14253"), guard_factor("iso14253", "customer"), guard_factor("guarded", guard=1.5)
    (0.83, -0.83, 1.5)
    """
    if rule == "simple":
        return 0.0
    size = GUARD[rule] if guard is None else guard
    return -size if rule == "iso14253" and role == "customer" else size


def acceptance(tolerance: Zone, rule: Rule, r: float, expanded: float) -> Zone:
    """Return the zone in which a value is accepted; of `ilac4`, which also accepts conditionally, the tolerance."""
    return tolerance if rule == "ilac4" else tolerance.drawn_in(r * expanded)


def judge(value: float, tolerance: Zone, rule: Rule, r: float, expanded: float) -> Judged:
    """Decide on `value` with expanded uncertainty `expanded`, both in the unit of the zone; `r` as of `guard_factor`.

    Where the guard bands leave no value that could pass, the instrument is too poor for the tolerance: then nothing is
    decided unless the value lies outside by more than the guard band.

    >>> judge(99.5, Zone(high=100), "guarded", 1.0, 0.8), judge(99.5, Zone(high=100), "ilac4", 1.0, 0.8)
    ('fail', 'conditional_pass')
    >>> judge(5.0, Zone(4, 6), "guarded", 1.0, 1.5)
    'not_decided'
    """
    w = r * expanded
    inner = tolerance.drawn_in(w) if w else tolerance
    if inner.holds(value):
        return "pass"
    outer = tolerance.drawn_in(-w)
    if rule == "ilac4":
        return "conditional_pass" if tolerance.holds(value) else "conditional_fail" if outer.holds(value) else "fail"
    return "not_decided" if inner.empty and outer.holds(value) else "fail"


Proof = Literal["conformance proven", "non-conformance proven", "neither proven"]


def proven(value: float, tolerance: Zone, expanded: float) -> Proof:
    """Say what ISO 14253-1 (recalled) takes as proven by `value`: 0.83 U inside every bound, or 0.83 U outside one."""
    w = GUARD["iso14253"] * expanded
    if tolerance.drawn_in(w).holds(value):
        return "conformance proven"
    return "neither proven" if tolerance.drawn_in(-w).holds(value) else "non-conformance proven"
