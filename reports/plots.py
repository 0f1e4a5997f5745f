"""Which series are drawn together, which limits belong to them, and which one is odd; `reports.charts` draws them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median

from harness.columns import Column
from harness.figures import natural
from harness.run import Run
from reports.charts import Kind, Series, Times, few, many
from reports.judged import Judged
from reports.markup import esc

UNITS = {"W": "Power", "degC": "Temperature", "l/min": "Flow"}
"""Units that are drawn, with the title of their plots."""

LEGEND = (
    "Shaded: what the rack was observed in, state by state; before it the state settles, and what lies between is cut "
    "out. Lines keep the least and greatest sample of every pixel and break where samples are missing. Dashed: a limit "
    "in its state. Heavy: the odd one of its kind, in vermilion where a case failed on it."
)

_FEW = 4
_ODD = 6.0  # robust deviations from the median of the group
_LEAST = 0.01  # of what the group spans: differences smaller than this are not odd

_KEY = re.compile(r"\[[^]]*\]")


@dataclass(frozen=True, slots=True)
class Drawn:
    """The plots of a run as markup: the totals that were judged, for the first screen, and all others."""

    totals: str
    rest: str


def render(run: Run, columns: Callable[[str], list[Column]]) -> Drawn:
    """Draw power, temperature and flow; "" where there are no samples."""
    series, times = _gather(run, columns)
    judged = Judged(series)
    judged.find_limits(run)
    judged.find_failed(run)
    totals = "".join(few(kind, times) for kind in judged.totals(run))
    kinds, parts = _kinds(run, series), []
    for unit, title in UNITS.items():
        drawn = [_draw(kind, times) for kind in kinds if kind.unit == unit]
        parts += [f"<h3>{esc(title)}</h3>", *drawn] if drawn else []
    return Drawn(totals, "".join(parts))


Windows = list[tuple[str, int, int]]


def _ns(at: datetime) -> int:
    return int(at.timestamp() * 1e9)


def _gather(run: Run, columns: Callable[[str], list[Column]]) -> tuple[list[Series], Times]:
    found: dict[tuple[str, str], Series] = {}
    windows: Windows = []
    for state in dict.fromkeys([s.state for s in run.states] + [s.state for s in run.series]):
        drawn = [c for c in columns(state) if c.unit in UNITS and c.times]
        for column in drawn:
            key = (column.device, column.point)
            found.setdefault(key, Series(*key, column.unit or "")).columns[state] = column
        if drawn:
            windows += _windows(run, state, drawn)
    observed = [(s.state, _ns(s.begin), _ns(s.end)) for s in run.states]
    told = {state for state, _, _ in observed}
    return list(found.values()), Times(windows, observed + [w for w in windows if w[0] not in told])


def _windows(run: Run, state: str, drawn: list[Column]) -> Windows:
    begin, end = min(c.times[0] for c in drawn), max(c.times[-1] for c in drawn)
    known = [(_ns(s.begin), _ns(s.end)) for s in run.states if s.state == state]
    if len(known) > 1:
        return [(state, *window) for window in known]
    return [(state, min([begin, *(b for b, _ in known)]), max([end, *(e for _, e in known)]))]


def _kinds(run: Run, series: list[Series]) -> list[Kind]:
    found: dict[tuple[str, str, str], Kind] = {}
    for one in sorted(series, key=lambda s: (natural(s.device), natural(s.point))):
        device = run.seen.get(one.device)
        key = (device.role if device else one.device, _KEY.sub("[]", one.point), one.unit)
        found.setdefault(key, Kind(*key)).series.append(one)
    return sorted(_merged(list(found.values())), key=lambda k: len(k.series))


def _merged(kinds: list[Kind]) -> list[Kind]:
    """Put kinds of one role and unit into one plot where all their series together are few, as inlet and outlet."""
    together: dict[tuple[str, str], list[Kind]] = {}
    for kind in kinds:
        together.setdefault((kind.role, kind.unit), []).append(kind)
    found: list[Kind] = []
    for (role, unit), group in together.items():
        series = [s for kind in group for s in kind.series]
        few_enough = len(series) <= _FEW
        found += [Kind(role, " and ".join(k.point for k in group), unit, series)] if few_enough else group
    return found


def _draw(kind: Kind, times: Times) -> str:
    if len(kind.series) <= _FEW:
        return few(kind, times)
    _find_odd(kind, times)
    return many(kind, times)


def _find_odd(kind: Kind, times: Times) -> None:
    """Mark the series whose mean in some state lies far from what is usual there; none where many would be odd."""
    odd = [one for window in times.observed for one in _odd_in(kind, window)]
    if len({id(one) for one in odd}) <= max(1, len(kind.series) // 6):
        for one in odd:
            one.odd = True


def _odd_in(kind: Kind, window: tuple[str, int, int]) -> list[Series]:
    found = {id(one): mean for one in kind.series if (mean := _mean(one, *window)) is not None}
    if not found:
        return []
    middle = median(found.values())
    spread = 1.4826 * median(abs(mean - middle) for mean in found.values())
    least = max(_ODD * spread, _LEAST * (kind.high - kind.low))
    return [one for one in kind.series if id(one) in found and abs(found[id(one)] - middle) > least]


def _mean(one: Series, state: str, begin: int, end: int) -> float | None:
    """Return the mean over what was observed: on the way into a state and out of it, none is like another."""
    column = one.columns.get(state)
    if column is None:
        return None
    inside = column.values[bisect_left(column.times, begin) : bisect_right(column.times, end)]
    return fmean(inside) if inside else None
