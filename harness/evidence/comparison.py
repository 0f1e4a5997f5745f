"""Two runs beside each other: differences with intervals, and what got worse beyond its uncertainty.

A quantity that was measured once in each run is compared by its own uncertainty (RSS, k = 2). One that was measured on
many devices is compared by its means, with an interval after Welch from the spread between devices, and by Cliff's
delta, the share of pairs that rose less that of pairs that fell. A difference inside its interval is none.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from statistics import fmean, variance
from typing import Literal

from harness.evidence.conditions import Condition, conditions, differing
from harness.figures import number
from harness.records import Measurement
from harness.run import Run

Change = Literal["worse", "better", "changed", "same", "undecided"]
_NO_RATIO = frozenset({"degC", "dBm"})
"""Units whose zero is a convention: a ratio of such values means nothing."""
_RANK = {"pass": 0, "conditional_pass": 1, "not_decided": 2, "conditional_fail": 3, "fail": 4}


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run says of a quantity: how many values, mean, its standard uncertainty, None where unknown."""

    count: int
    mean: float
    u: float | None
    worst: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A quantity in both runs. `interval` is U of `difference` (k = 2), `ratio` with its U where it may be given.

    `delta` is Cliff's, from -1 to 1, where there are at least five values on each side. `most` is the place that moved
    most, where several places were measured in both runs.
    """

    case: str
    name: str
    unit: str | None
    before: Sample
    after: Sample
    difference: float
    interval: float | None
    change: Change
    delta: float | None
    ratio: tuple[float, float] | None
    most: str


@dataclass(frozen=True, slots=True)
class Said:
    """A quantity of words, and how many places say what else now."""

    case: str
    name: str
    places: int
    examples: tuple[str, ...]
    change: Change


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside the baseline. `correction` is what was stated to make unlike conditions comparable."""

    before: Run
    after: Run
    conditions: list[Condition]
    differences: list[Difference]
    said: list[Said]
    missing: list[str]
    correction: str

    @property
    def worse(self) -> int:
        """How many quantities got worse beyond their uncertainty, or are judged worse."""
        return sum(d.change == "worse" for d in self.differences) + sum(s.change == "worse" for s in self.said)

    @property
    def comparable(self) -> bool:
        """Tell whether ratios may be given."""
        return not differing(self.conditions) or bool(self.correction)


Key = tuple[str, str, str]


def compare(before: Run, after: Run, correction: str = "") -> Comparison:
    """Compare a run with the baseline `before`; ratios only where conditions are alike, or a correction is stated."""
    found = conditions([before, after])
    one, other = _quantities(before), _quantities(after)
    ratios = not differing(found) or bool(correction)
    shared = [key for key in one if key in other]
    figures = [_difference(key, one[key], other[key], ratios=ratios) for key in shared if _numeric(one, other, key)]
    words = [said for key in shared if not _numeric(one, other, key) and (said := _said(key, one[key], other[key]))]
    missing = [
        f"{c} {n} only in {'the first' if (c, n, s) in one else 'the second'}" for c, n, s in one.keys() ^ other.keys()
    ]
    return Comparison(before, after, found, figures, words, sorted(missing), correction)


def _quantities(run: Run) -> dict[Key, list[Measurement]]:
    found: dict[Key, list[Measurement]] = {}
    for case in run.cases.values():
        for m in case.measurements:
            found.setdefault((case.planned.number, m.name, m.unit or ""), []).append(m)
    return found


def _numeric(one: dict[Key, list[Measurement]], other: dict[Key, list[Measurement]], key: Key) -> bool:
    return bool(key[2]) and all(any(number(m.value) is not None for m in side[key]) for side in (one, other))


def _difference(key: Key, before: list[Measurement], after: list[Measurement], *, ratios: bool) -> Difference:
    a, b = _sample(before), _sample(after)
    interval = None if a.u is None or b.u is None else 2 * math.hypot(a.u, b.u)
    apart = b.mean - a.mean
    ratio = _ratio(a, b) if ratios and key[2] not in _NO_RATIO else None
    change = _change(before, after, apart, interval)
    most = _most(before, after)
    return Difference(*key[:2], key[2], a, b, apart, interval, change, _delta(before, after), ratio, most)


def _most(before: list[Measurement], after: list[Measurement]) -> str:
    was = {m.where: number(m.value) for m in before}
    moved = [
        (value - old, m.where or "")
        for m in after
        if (value := number(m.value)) is not None and (old := was.get(m.where)) is not None
    ]
    if len(moved) < 2:
        return ""
    by, where = max(moved, key=lambda each: abs(each[0]))
    return f"{where} by {by:+.4g}" if by else ""


def _values(measured: list[Measurement]) -> list[float]:
    return [value for m in measured if (value := number(m.value)) is not None]


def _sample(measured: list[Measurement]) -> Sample:
    values = _values(measured)
    worst = max((m.judged for m in measured), key=_RANK.__getitem__)
    if len(values) > 1:
        return Sample(len(values), fmean(values), math.sqrt(variance(values) / len(values)), worst)
    return Sample(1, values[0], next(m.uncertainty for m in measured if number(m.value) is not None), worst)


def _ratio(a: Sample, b: Sample) -> tuple[float, float] | None:
    """Return b over a with its U (k = 2), relative uncertainties combined by RSS; None where it cannot be given."""
    if a.u is None or b.u is None or a.mean == 0 or b.mean == 0 or abs(a.mean) <= 2 * a.u:
        return None
    ratio = b.mean / a.mean
    return ratio, 2 * abs(ratio) * math.hypot(a.u / a.mean, b.u / b.mean)


def _change(before: list[Measurement], after: list[Measurement], apart: float, interval: float | None) -> Change:
    ranks = [max(_RANK[m.judged] for m in side) for side in (before, after)]
    if ranks[0] != ranks[1]:
        return "worse" if ranks[1] > ranks[0] else "better"
    if apart == 0:
        return "same"
    if interval is None:
        return "undecided"
    if abs(apart) <= interval:
        return "same"
    towards = _bad_way(after[0])
    return "changed" if towards == 0 else "worse" if apart * towards > 0 else "better"


def _bad_way(m: Measurement) -> int:
    """Return 1 where more is worse, -1 where less is, 0 where the limit has two sides or none."""
    if (m.low is None) == (m.high is None):
        return 0
    return 1 if m.low is None else -1


def _delta(before: list[Measurement], after: list[Measurement]) -> float | None:
    a, b = sorted(_values(before)), _values(after)
    if min(len(a), len(b)) < 5:
        return None
    return sum(bisect_left(a, y) - (len(a) - bisect_right(a, y)) for y in b) / (len(a) * len(b))


def _said(key: Key, before: list[Measurement], after: list[Measurement]) -> Said | None:
    """Compare what is said in words place by place; None where all is as it was."""
    was = {m.where: m for m in before}
    changed = [(was[m.where], m) for m in after if m.where in was and was[m.where].value != m.value]
    if not changed:
        return None
    said = Counter(f"{old.value!r} is now {new.value!r}" for old, new in changed)
    ranks = [max(_RANK[m.judged] for m in side) for side in zip(*changed, strict=True)]
    change: Change = "changed" if ranks[0] == ranks[1] else "worse" if ranks[1] > ranks[0] else "better"
    examples = tuple(f"{what} ({count}x)" for what, count in said.most_common(3))
    return Said(*key[:2], len(changed), examples, change)
