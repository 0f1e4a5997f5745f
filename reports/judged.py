"""Which series a measurement is about: whose limit it puts, which one failed, and which sums were judged as one."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import fmean, median

from harness.columns import Column
from harness.figures import number
from harness.records import Measurement
from harness.run import Run
from harness.wording import words
from reports.charts import Kind, Series

_SUM = 0.02  # a total and the sum of the means of its parts differ by less, relative
_LATE = 3.0  # usual steps between a sample and the nearest of another series, beyond which they are not added


class Judged:
    """The series of a run by their sources."""

    def __init__(self, series: Iterable[Series]) -> None:
        self._of_source: dict[str, list[Series]] = {}
        for one in series:
            for source in {column.source for column in one.columns.values()}:
                self._of_source.setdefault(source, []).append(one)

    def find_limits(self, run: Run) -> None:
        """Give every series the limits that were put to it alone, to one of its own values."""
        for m in run.measurements:
            alone = self._about(m) if _bounded(m) and len(m.sources) == 1 else []
            if len(alone) == 1 and alone[0].unit == m.unit and _is_a_value_of(m, alone[0]):
                alone[0].limits.append(m)

    def find_failed(self, run: Run) -> None:
        """Mark the series of a failed measurement that rests on one device alone."""
        for case in run.of("fail"):
            for m in case.failures:
                about = self._about(m)
                if len({one.device for one in about}) == 1:
                    for one in about:
                        one.failed = True

    def totals(self, run: Run) -> list[Kind]:
        """Return a plot for every sum that was judged: its total over time, with the limits of that sum."""
        found: dict[tuple[str, ...], Kind] = {}
        for m in run.measurements:
            parts = [self._of_source.get(source, []) for source in m.sources]
            if len(parts) > 1 and _bounded(m) and all(len(p) == 1 and p[0].unit == m.unit for p in parts):
                series = [p[0] for p in parts]
                if _is_sum(m, series):
                    kind = found.setdefault(tuple(sorted(m.sources)), _total(series))
                    kind.series[0].limits.append(m)
        return list(found.values())

    def _about(self, m: Measurement) -> list[Series]:
        """Return the series that `m` rests on; where one query gives several, those that its words name."""
        found = []
        for source in m.sources:
            of_source = self._of_source.get(source, [])
            alike = [one for one in of_source if one.unit == m.unit] or of_source
            named = [one for one in alike if one.point.partition(".")[0] in (m.where or "").split()]
            found += named or alike
        return found


def _bounded(m: Measurement) -> bool:
    return m.low is not None or m.high is not None


def _is_a_value_of(m: Measurement, one: Series) -> bool:
    """Tell whether `m` judged a value that the series took in its state, rather than a rise or a difference."""
    value, column = number(m.value), one.columns.get(m.state or "")
    if value is None or column is None:
        return False
    least, most = min(column.values), max(column.values)
    around = 1e-6 * max(abs(least), abs(most))
    return least - around <= value <= most + around


def _is_sum(m: Measurement, series: Sequence[Series]) -> bool:
    value, columns = number(m.value), [one.columns.get(m.state or "") for one in series]
    if value is None or len({one.point for one in series}) != 1:
        return False
    means = [_mean(m, column) for column in columns if column is not None]
    total = sum(mean for mean in means if mean is not None)
    return None not in columns and None not in means and abs(value - total) <= _SUM * abs(total)


def _mean(m: Measurement, column: Column) -> float | None:
    """Return the mean over the window of `m`; None where there is no sample."""
    first, last = (None if at is None else at.timestamp() * 1e9 for at in (m.begin, m.end))
    samples = zip(column.times, column.values, strict=True)
    inside = [v for at, v in samples if (first is None or at >= first) and (last is None or at <= last)]
    return fmean(inside) if inside else None


def _total(series: Sequence[Series]) -> Kind:
    first = series[0]
    states = [state for state in first.columns if all(state in one.columns for one in series)]
    total = Series("total", first.point, first.unit)
    total.columns = {state: _added([one.columns[state] for one in series]) for state in states}
    names = " and ".join(one.device for one in series)
    return Kind("", first.point, first.unit, [total], title=words(f"{first.point}, sum of {names}").capitalize())


def _added(columns: Sequence[Column]) -> Column:
    """Add samples of the first series to those of the others nearest in time, where there are such."""
    first, *rest = columns
    limit = _LATE * median([b - a for a, b in pairwise(first.times)] or [0])
    times, values = list[int](), list[float]()
    for at, value in zip(first.times, first.values, strict=True):
        others = [_nearest(column, at) for column in rest]
        if all(abs(when - at) <= limit for when, _ in others):
            times.append(at)
            values.append(value + sum(v for _, v in others))
    return Column("total", first.point, first.unit, "", times, values)


def _nearest(column: Column, at: int) -> tuple[int, float]:
    i = bisect_left(column.times, at)
    around = range(max(0, i - 1), min(len(column.times), i + 1))
    best = min(around, key=lambda j: abs(column.times[j] - at))
    return column.times[best], column.values[best]
