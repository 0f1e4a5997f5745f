"""Drawing primitives: an axis of time that shows the states, scales of values, lines with extremes kept per pixel."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from harness.columns import Column

GAP = 3.0
"""Samples further apart than this many usual steps are not joined: what was not seen is not drawn."""

_LEAST_SHARE = 0.14  # of the axis, for a short state to be legible beside a long one
_BETWEEN = 4.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A state on the axis of time: from `begin` to `end` in ns, drawn from `left` to `right`."""

    state: str
    begin: int
    end: int
    left: float
    right: float

    def x(self, at: int) -> float:
        """Return where the time `at`, in ns, lies."""
        return self.left + (at - self.begin) / max(1, self.end - self.begin) * (self.right - self.left)


def stretches(windows: Sequence[tuple[str, int, int]], left: float, right: float) -> list[Stretch]:
    """Lay out the windows (state, begin and end in ns) in order of time, with what lies between them cut out."""
    ordered = sorted(windows, key=lambda w: w[1])
    room = right - left - _BETWEEN * (len(ordered) - 1)
    least = min(_LEAST_SHARE, 1 / max(1, len(ordered)))
    total = sum(end - begin for _, begin, end in ordered) or 1
    shares = [max(least, (end - begin) / total) for _, begin, end in ordered]
    found, x = [], left
    for (state, begin, end), share in zip(ordered, shares, strict=True):
        width = room * share / sum(shares)
        found.append(Stretch(state, begin, end, x, x + width))
        x += width + _BETWEEN
    return found


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale of values: `low` is drawn at `bottom`, `high` at `top`."""

    low: float
    high: float
    bottom: float
    top: float

    def y(self, value: float) -> float:
        """Return where `value` lies, kept inside."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.bottom - share * (self.bottom - self.top)


def axis(low: float, high: float, bottom: float, top: float) -> tuple[Axis, list[float]]:
    """Return a scale that holds `low` to `high` with round ends, and its ticks."""
    if high - low < 1e-9 * max(abs(high), abs(low), 1e-9):
        low, high = low - max(1.0, abs(low) * 0.05), high + max(1.0, abs(high) * 0.05)
    step = _round_step((high - low) / 4)
    first, last = math.floor(low / step), math.ceil(high / step)
    return Axis(first * step, last * step, bottom, top), [i * step for i in range(first, last + 1)]


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= step * 0.999)


def line(column: Column, stretch: Stretch, on: Axis) -> str:
    """Return the path of a series in one state; the pen is raised where samples are missing.

    Straight between samples; where several share a pixel, through the first, least, greatest and last of them.
    """
    first, last = bisect_left(column.times, stretch.begin), bisect_right(column.times, stretch.end)
    times, values = column.times[first:last], column.values[first:last]
    pieces, pen, previous = [], "M", 0
    limit = GAP * _usual_step(times)
    for pixel in _pixels(times, values, stretch, limit):
        if pixel[0][0] - previous > limit:
            pen = "M"
        pieces.append(_strokes(pixel, pen, stretch, on))
        pen, previous = "L", pixel[-1][0]
    return "".join(pieces)


def _usual_step(times: Sequence[int]) -> float:
    steps = sorted(b - a for a, b in pairwise(times))
    return steps[len(steps) // 2] if steps else math.inf


Samples = list[tuple[int, float]]


def _pixels(times: Sequence[int], values: Sequence[float], stretch: Stretch, limit: float) -> list[Samples]:
    found: list[Samples] = []
    last_x, last_at = -1, 0
    for at, value in zip(times, values, strict=True):
        x = int(stretch.x(at))
        if x != last_x or at - last_at > limit:
            found.append([])
        found[-1].append((at, value))
        last_x, last_at = x, at
    return found


def _strokes(pixel: Samples, pen: str, stretch: Stretch, on: Axis) -> str:
    if len(pixel) <= 2:
        marks = pixel
    else:
        lowest, highest = min(pixel, key=lambda s: s[1]), max(pixel, key=lambda s: s[1])
        marks = sorted({pixel[0], lowest, highest, pixel[-1]})
    points = [f"{stretch.x(at):.1f} {on.y(value):.1f}" for at, value in marks]
    start = f"{pen}{points[0]}" + ("h.01" if pen == "M" else "")  # a lone sample is a dot
    return start + "".join(f"L{point}" for point in points[1:])
