"""The small picture beside a failure: the value with its uncertainty against its limits and their guard bands."""

from dataclasses import dataclass

from harness.records import Measurement
from reports import sentences
from reports.markup import esc
from reports.numbers import expanded, guard_band, number, scale_of

_WIDTH, _LINE = 300.0, 15.0


@dataclass(frozen=True, slots=True)
class _Ruler:
    low: float
    high: float

    def x(self, value: float) -> float:
        return 6 + (value - self.low) / (self.high - self.low) * (_WIDTH - 12)


def bar(m: Measurement) -> str:
    """Draw the value of `m` against its limits; "" where value or limits are no numbers."""
    value, bounds = number(m.value), [b for b in (m.low, m.high) if b is not None]
    if value is None or not bounds:
        return ""
    ruler = _ruler(m, value, bounds)
    label = esc(f"value {sentences.value(m)}, limit {sentences.limit(m)}")
    parts = [_zone(m, ruler), *(_bound(m, b, ruler) for b in bounds), _value(m, value, ruler)]
    return f'<svg class=bar role=img aria-label="{label}" viewBox="0 0 {_WIDTH:g} 44">{"".join(parts)}</svg>'


def _ruler(m: Measurement, value: float, bounds: list[float]) -> _Ruler:
    u = expanded(m) or 0.0
    least, most = min(value - u, *bounds), max(value + u, *bounds)
    around = (most - least) or abs(most) * 0.1 or 1.0
    below, above = (0.25 if m.low is not None else 0.9), (0.25 if m.high is not None else 0.9)
    return _Ruler(least - below * around, most + above * around)


def _zone(m: Measurement, ruler: _Ruler) -> str:
    left = 0.0 if m.low is None else ruler.x(m.low)
    right = _WIDTH if m.high is None else ruler.x(m.high)
    return f"<path class=rail d='M0 {_LINE:g}H{_WIDTH:g}'/><path class=zone d='M{left:.1f} {_LINE:g}H{right:.1f}'/>"


def _bound(m: Measurement, at: float, ruler: _Ruler) -> str:
    x, scale = ruler.x(at), scale_of(m)
    inward = -1 if at == m.high else 1
    w = ruler.x(at + inward * guard_band(m)) - x
    guard = f"<rect class=guard x={min(x, x + w):.1f} y=7 width={abs(w):.1f} height=16 />" if abs(w) > 0.5 else ""
    anchor = "start" if x < 60 else "end" if x > _WIDTH - 60 else "middle"
    text = f"<text x={x:.1f} y=38 text-anchor={anchor}>limit {esc(scale.bound(at))}</text>"
    return f"{guard}<path class=bound d='M{x:.1f} 4V26'/>{text}"


def _value(m: Measurement, value: float, ruler: _Ruler) -> str:
    x, u = ruler.x(value), expanded(m)
    whisker = f"<path class=whisker d='M{ruler.x(value - u):.1f} {_LINE:g}H{ruler.x(value + u):.1f}'/>" if u else ""
    tone = sentences.JUDGED_TONES[m.judged]
    return f"{whisker}<circle class=dot-{tone} cx={x:.1f} cy={_LINE:g} r=5 />"
