"""The small picture beside a failure: the value with its uncertainty against its limits and their guard bands."""

from dataclasses import dataclass

from harness import wording
from harness.figures import Scale, expanded, guard_band, number, scale_of
from harness.records import Measurement
from reports import sentences
from reports.markup import esc

_WIDTH, _HIGH, _LINE = 300.0, 58.0, 28.0
_LETTER = 6.2  # width of a character at 11 px, on the safe side
_APART = 8.0


@dataclass(frozen=True, slots=True)
class _Ruler:
    low: float
    high: float

    def x(self, value: float) -> float:
        return 6 + (value - self.low) / (self.high - self.low) * (_WIDTH - 12)


def bar(m: Measurement) -> str:
    """Draw the value of `m` against its limits; "" where value or limits are no numbers."""
    value, bounds = number(m.value), list(dict.fromkeys(b for b in (m.low, m.high) if b is not None))
    if value is None or not bounds:
        return ""
    ruler = _ruler(m, value, bounds)
    label = esc(f"value {wording.value(m)}, limit {wording.limit(m)}")
    parts = [_zone(m, ruler), *(_bound(m, b, ruler) for b in bounds), _names(bounds, ruler, scale_of(m))]
    drawn = "".join([*parts, _value(m, value, ruler)])
    return f'<svg class=bar role=img aria-label="{label}" viewBox="0 0 {_WIDTH:g} {_HIGH:g}">{drawn}</svg>'


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
    x, top = ruler.x(at), _LINE - 8
    inward = -1 if at == m.high else 1
    w = ruler.x(at + inward * guard_band(m)) - x  # outwards where the rule draws the limit out
    band = f"<rect class=guard x={min(x, x + w):.1f} y={top:g} width={abs(w):.1f} height=16 />"
    return f"{band if abs(w) > 0.5 else ''}<path class=bound d='M{x:.1f} {top - 2:g}V{_LINE + 10:g}'/>"


def _names(bounds: list[float], ruler: _Ruler, scale: Scale) -> str:
    """Name the limits below their lines; two that would touch share one name between them."""
    named = [(_inside(f"limit {scale.bound(b)}", ruler.x(b)), f"limit {scale.bound(b)}") for b in bounds]
    if len(named) == 2 and named[1][0] - named[0][0] < (_wide(named[0][1]) + _wide(named[1][1])) / 2 + _APART:
        both = f"limits {scale.bound(bounds[0])} and {scale.bound(bounds[1])}"
        named = [(_inside(both, (ruler.x(bounds[0]) + ruler.x(bounds[1])) / 2), both)]
    return "".join(f"<text x={x:.1f} y={_HIGH - 6:g} text-anchor=middle>{esc(name)}</text>" for x, name in named)


def _wide(text: str) -> float:
    return len(text) * _LETTER


def _inside(text: str, x: float) -> float:
    """Return the middle of a text that stands at `x`, moved so that it stays in the picture."""
    half = min(_wide(text), _WIDTH) / 2
    return min(max(x, half), _WIDTH - half)


def _value(m: Measurement, value: float, ruler: _Ruler) -> str:
    x, u, said = ruler.x(value), expanded(m), scale_of(m).value(value)
    whisker = f"<path class=whisker d='M{ruler.x(value - u):.1f} {_LINE:g}H{ruler.x(value + u):.1f}'/>" if u else ""
    tone = sentences.OUTCOME_TONES[m.outcome]
    name = f"<text class=figure x={_inside(said, x):.1f} y=12 text-anchor=middle>{esc(said)}</text>"
    return f"{whisker}<circle class=dot-{tone} cx={x:.1f} cy={_LINE:g} r=5 />{name}"
