"""Plots of one kind of point: one large plot with labels at the lines, or small multiples on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from harness import wording
from harness.columns import Column
from harness.figures import prefix, scale_of
from harness.records import Measurement
from reports.markup import esc
from reports.svg import Axis, Stretch, axis, line, stretches

_WIDE, _HIGH = 960.0, 250.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 150.0, 26.0, 26.0
_PANEL_WIDE, _PANEL_HIGH, _PANEL_LEFT = 168.0, 92.0, 30.0
_MOST_PANELS = 120
_LABEL = 22

Windows = Sequence[tuple[str, int, int]]
"""Stretches of time: state, begin and end in ns since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class Times:
    """Stretches that are drawn, and those within them that the rack was observed in: these are shaded."""

    drawn: Windows
    observed: Windows


@dataclass
class Series:
    """One point of one device over the whole run: a column for each state."""

    device: str
    point: str
    unit: str
    columns: dict[str, Column] = field(default_factory=dict)
    failed: bool = False
    odd: bool = False
    limits: list[Measurement] = field(default_factory=list)

    @cached_property
    def low(self) -> float:
        """Return the least value."""
        return min(min(c.values) for c in self.columns.values())

    @cached_property
    def high(self) -> float:
        """Return the greatest value."""
        return max(max(c.values) for c in self.columns.values())

    @property
    def tone(self) -> str:
        """Return the class that it is drawn with."""
        return "failed" if self.failed else "odd" if self.odd else "usual"


@dataclass
class Kind:
    """All series of one kind of point of devices with one role, each with the limits that were put to it."""

    role: str
    point: str
    unit: str
    series: list[Series] = field(default_factory=list)
    title: str = ""

    @property
    def low(self) -> float:
        """Return the least value of all."""
        return min(s.low for s in self.series)

    @property
    def high(self) -> float:
        """Return the greatest value of all."""
        return max(s.high for s in self.series)

    @property
    def name(self) -> str:
        """Say what is plotted."""
        point = wording.words(self.point.replace("[].", " "))
        return self.title or f"{wording.words(self.role)} · {point}"

    def bounds(self, series: Sequence[Series]) -> dict[tuple[str | None, float], str]:
        """Return every limit of `series` that lies near the values: its state and bound, and the name that it has."""
        reach = max(2 * (self.high - self.low), 0.5 * max(abs(self.low), abs(self.high)))
        limits = [m for one in series for m in one.limits]
        pairs = [(m, b) for m in limits for b in (m.low, m.high) if b is not None]
        found = {(m.state, b): f"{m.name} {scale_of(m).bound(b)}" for m, b in pairs}
        return {key: name for key, name in found.items() if self.low - reach <= key[1] <= self.high + reach}

    def axis(self, bottom: float, top: float) -> tuple[Axis, list[float]]:
        """Return the scale that holds all values and the limits near them."""
        bounds = [bound for _, bound in self.bounds(self.series)]
        return axis(min([self.low, *bounds]), max([self.high, *bounds]), bottom, top)

    def scale(self) -> tuple[float, str]:
        """Return the factor and symbol of the figures on the axis."""
        factor, symbol, _ = prefix(self.unit, max(abs(self.low), abs(self.high)))
        return factor, symbol


def few(kind: Kind, times: Times) -> str:
    """Draw up to a handful of series large, with states, limits, axes and a label at each line."""
    factor, symbol = kind.scale()
    on, ticks = kind.axis(_HIGH - _BOTTOM, _TOP)
    along = stretches(times.drawn, _LEFT, _WIDE - _RIGHT)
    lines = [_titled(_path(s, along, on, f" n{i}"), _extent(s, factor, symbol)) for i, s in enumerate(kind.series)]
    limits = _bounds(kind, along, on, kind.series)
    parts = [_states(along, times), _grid(on, ticks, kind), limits, *lines, _labels(kind, along, on)]
    said = "; ".join(_extent(s, factor, symbol) for s in kind.series)
    drawn = _svg("plot", f"{kind.name} over time: {said}", (_WIDE, _HIGH), "".join(parts))
    caption = f"<figcaption><b>{esc(kind.name)}</b></figcaption>"
    region = f'<div class=scroll role=region tabindex=0 aria-label="{esc(kind.name)}">{drawn}</div>'
    return f"<figure>{caption}{region}</figure>"


def _path(one: Series, along: Sequence[Stretch], on: Axis, also: str = "") -> str:
    return f"<path class='series {one.tone}{also}' d='{_line(one, along, on)}'"


def _titled(path: str, title: str) -> str:
    return f"{path}><title>{esc(title)}</title></path>"


def _svg(kind: str, label: str, size: tuple[float, float], body: str) -> str:
    return f'<svg class={kind} role=img aria-label="{esc(label)}" viewBox="0 0 {size[0]:g} {size[1]:g}">{body}</svg>'


def _extent(one: Series, factor: float, symbol: str) -> str:
    return f"{one.device} {one.point}: {one.low / factor:.4g} to {one.high / factor:.4g} {symbol}"


def _line(one: Series, along: Sequence[Stretch], on: Axis) -> str:
    return "".join(line(one.columns[s.state], s, on) for s in along if s.state in one.columns)


def _states(along: Sequence[Stretch], times: Times) -> str:
    parts = [_shades(along, times, (_TOP, _HIGH - _TOP - _BOTTOM))]
    for s in along:
        begin = datetime.fromtimestamp(s.begin // 10**9, tz=UTC)
        parts.append(f"<text class=name x={s.left + 2:.1f} y=18>{esc(wording.state(s.state))}</text>")
        parts.append(f"<text x={s.left + 2:.1f} y={_HIGH - 8:g}>{begin:%H:%M:%S}</text>")
    last = datetime.fromtimestamp(along[-1].end // 10**9, tz=UTC)
    return "".join(parts) + f"<text x={_WIDE - _RIGHT:g} y={_HIGH - 8:g}>{last:%H:%M:%S} UTC</text>"


def _shades(along: Sequence[Stretch], times: Times, span: tuple[float, float]) -> str:
    """Shade what was observed, two shades in turn, from the height `span[0]` down by `span[1]`."""
    parts = []
    for i, s in enumerate(along):
        inside = [(b, e) for state, b, e in times.observed if state == s.state and b < s.end and e > s.begin]
        for begin, end in inside:
            left, right = s.x(max(begin, s.begin)), s.x(min(end, s.end))
            box = f"x={left:.1f} y={span[0]:g} width={right - left:.1f} height={span[1]:g}"
            parts.append(f"<rect class=state{i % 2} {box} />")
    return "".join(parts)


def _grid(on: Axis, ticks: Sequence[float], kind: Kind) -> str:
    factor, symbol = kind.scale()
    lines = "".join(f"M{_LEFT:g} {on.y(t):.1f}H{_WIDE - _RIGHT:g}" for t in ticks)
    figures = [f"<text x={_LEFT - 6:g} y={on.y(t) + 4:.1f} text-anchor=end>{t / factor:.6g}</text>" for t in ticks]
    unit = f"<text x={_LEFT - 6:g} y=14 text-anchor=end>{esc(symbol)}</text>"
    return f"<path class=grid d='{lines}'/>{''.join(figures)}{unit}"


def _bounds(kind: Kind, along: Sequence[Stretch], on: Axis, series: Sequence[Series], *, named: bool = True) -> str:
    parts = []
    for (state, bound), name in kind.bounds(series).items():
        y = on.y(bound)
        for s in (s for s in along if state in (None, s.state)):
            parts.append(f"<path class=limit d='M{s.left:.1f} {y:.1f}H{s.right:.1f}'/>")
            text = f"<text class=limit-name x={s.left + 4:.1f} y={y - 4:.1f}>limit: {esc(wording.words(name))}</text>"
            parts.append(text if named else "")
    return "".join(parts)


def _labels(kind: Kind, along: Sequence[Stretch], on: Axis) -> str:
    """Name each line at its end, lowest first, pushed apart where they would overlap."""
    ends = sorted(((_last(s, along, on), s, i) for i, s in enumerate(kind.series)), key=lambda e: -e[0])
    parts, floor, x = [], _HIGH - _BOTTOM + 14, _WIDE - _RIGHT
    for y, one, i in ends:
        floor = min(y, floor - 14)
        name = esc(_cut(_named(one, kind)))
        parts.append(f"<path class='series lead {one.tone} n{i}' d='M{x + 2:g} {y:.1f}L{x + 12:g} {floor:.1f}'/>")
        parts.append(f"<text class=label x={x + 16:g} y={floor + 4:.1f}>{name}</text>")
    return "".join(parts)


def _last(one: Series, along: Sequence[Stretch], on: Axis) -> float:
    state = next(s.state for s in reversed(along) if s.state in one.columns)
    return on.y(one.columns[state].values[-1])


def _named(one: Series, kind: Kind) -> str:
    devices, points = {s.device for s in kind.series}, {s.point for s in kind.series}
    if len(devices) == len(kind.series):
        return one.device
    return wording.words(one.point) if len(points) == len(kind.series) else f"{one.device} {one.point}"


def _cut(name: str) -> str:
    return name if len(name) <= _LABEL else f"{name[: _LABEL - 1]}…"


def many(kind: Kind, times: Times) -> str:
    """Draw many series as small multiples on one scale: a panel for each device, or for each series of few devices."""
    panels = _panels(kind)
    shown = dict(list(panels.items())[:_MOST_PANELS])
    _, symbol = kind.scale()
    odd = [name for name, series in panels.items() if any(s.odd or s.failed for s in series)]
    said = f" in {symbol}, one scale" + (f"; drawn heavy: {', '.join(odd[:6])}" if odd else "")
    if len(panels) > len(shown):
        said += f"; the first {len(shown)} of {len(panels)}"
    drawn = "".join(f"<li>{_panel(kind, name, series, times)}</li>" for name, series in shown.items())
    return f"<figure><figcaption><b>{esc(kind.name)}</b>{esc(said)}</figcaption><ul class=small>{drawn}</ul></figure>"


def _panels(kind: Kind) -> dict[str, list[Series]]:
    few_devices = len({s.device for s in kind.series}) <= 3
    found: dict[str, list[Series]] = {}
    for one in kind.series:
        found.setdefault(f"{one.device} {_key(one.point)}" if few_devices else one.device, []).append(one)
    return found


def _key(point: str) -> str:
    return point[point.find("[") + 1 : point.find("]")] if "[" in point and "]" in point else point


def _panel(kind: Kind, name: str, series: Sequence[Series], times: Times) -> str:
    factor, symbol = kind.scale()
    on, ticks = kind.axis(_PANEL_HIGH - 4, 20)
    along = stretches(times.drawn, _PANEL_LEFT, _PANEL_WIDE)
    ends = "".join(_end(t / factor, on.y(t)) for t in (ticks[0], ticks[-1]))
    paths = "".join(f"{_path(s, along, on)}/>" for s in series)
    heavy = " heavy" if any(s.failed or s.odd for s in series) else ""
    title = f"<text class='name{heavy}' x={_PANEL_LEFT:g} y=13>{esc(_cut(name))}</text>"
    label = "; ".join(_extent(s, factor, symbol) for s in series)
    limits = _bounds(kind, along, on, series, named=False)
    shades = _shades(along, times, (20, _PANEL_HIGH - 24))
    body = f"<title>{esc(label)}</title>{shades}{ends}{limits}{paths}{title}"
    return _svg("panel", label, (_PANEL_WIDE, _PANEL_HIGH), body)


def _end(figure: float, y: float) -> str:
    return f"<text x={_PANEL_LEFT - 3:g} y={y + 3:.1f} text-anchor=end>{figure:.5g}</text>"
