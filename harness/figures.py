"""Numbers as people read them: prefixes, enough digits to see the margin, and the unit always beside them."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.limits import GUARD, NORMAL_K
from harness.records import Measurement, Scalar

_PREFIXED = frozenset({"W", "VA", "var", "Wh", "J", "Hz", "bit/s", "B", "B/s", "Pa", "FLOP/s", "FLOP/J"})
_DIVIDED = frozenset({"W", "s"})
_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k"))
_SMALL = ((1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))
_FACTORS = {"P": 1e15, "T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3}
_SHARES = frozenset({"share", "efficiency", "agreement", "unbalance", "span", "register", "to"})
"""Words in the name of a ratio that make it one of per cent: a share, a relative difference, one figure to another."""
_SYMBOLS = {"degC": "°C", "%RH": "% RH", "1": ""}
_DIFFERENCES = {"degC": "K", "%": "points", "%RH": "points"}
_KEPT = "\u200d"  # joins emoji; every other format character could reorder or hide text


def clean(text: str) -> str:
    r"""Return `text` with every control, format and line-separating character as a visible escape.

    >>> clean("ok\x1b[2J\u202egnp")
    'ok\\x1b[2J\\u202egnp'
    """
    if text.isprintable():
        return text
    return "".join(_escaped(c) if _is_unsafe(c) else c for c in text)


def _is_unsafe(character: str) -> bool:
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return character not in _KEPT
    return ord(character) & 0xFFFE == 0xFFFE  # never a character; XML refuses it


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


@dataclass(frozen=True, slots=True)
class Scale:
    """How values of one quantity are printed: divided by `factor`, with `decimals`, followed by `symbol`."""

    factor: float
    symbol: str
    difference: str
    decimals: int

    def figure(self, value: float) -> str:
        """Return the figure alone, with all its decimals."""
        return f"{value / self.factor:.{self.decimals}f}"

    def value(self, value: float) -> str:
        """Return figure and unit, without zeros that say nothing."""
        return _joined(_short(self.figure(value)), self.symbol)

    def exact(self, value: float) -> str:
        """Return figure and unit, with all decimals."""
        return _joined(self.figure(value), self.symbol)

    def step(self, value: float) -> str:
        """Return a difference of two values with its unit: K between two °C."""
        return _joined(_short(self.figure(value)), self.difference)

    def bound(self, value: float) -> str:
        """Return a limit with its unit, exactly as the profile has it."""
        return _joined(f"{value / self.factor:.12g}", self.symbol)


def _short(figure: str) -> str:
    return figure.rstrip("0").rstrip(".") if "." in figure else figure


def _joined(figure: str, symbol: str) -> str:
    return f"{figure} {symbol}" if symbol else figure


def prefix(unit: str | None, magnitude: float) -> tuple[float, str, str]:
    """Return factor, symbol, and symbol of differences for values of `unit` up to `magnitude`.

    >>> prefix("W", 38000.0), prefix("W", 0.0001)
    ((1000.0, 'kW', 'kW'), (1e-06, 'µW', 'µW'))
    """
    symbol = _SYMBOLS.get(unit or "", unit or "")
    for threshold, letter in _PREFIXES if unit in _PREFIXED else ():
        if magnitude >= threshold:
            return _FACTORS[letter], letter + symbol, letter + symbol
    for factor, letter in _SMALL if unit in _DIVIDED and 0 < magnitude < 1 else ():
        if magnitude >= factor:
            return factor, letter + symbol, letter + symbol
    return 1.0, clean(symbol), clean(_DIFFERENCES.get(unit or "", symbol))


def scale_of(m: Measurement) -> Scale:
    """Choose prefix and decimals so that value, limits, uncertainty and margin of `m` can be told apart."""
    numbers = [abs(x) for x in (number(m.value), m.low, m.high) if x is not None]
    factor, symbol, difference = prefix(m.unit, max(numbers, default=0.0))
    if is_share(m):
        factor, symbol, difference = 0.01, "%", "points"
    return Scale(factor, symbol, difference, _decimals(m, factor))


def is_share(m: Measurement) -> bool:
    """Tell whether `m` is a ratio that people give in per cent, by its name; a power factor is none, nor is a count."""
    return m.unit == "1" and not isinstance(m.value, int) and not _SHARES.isdisjoint(m.name.split("_"))


def _decimals(m: Measurement, factor: float) -> int:
    value, u = number(m.value) or 0.0, expanded(m)
    whole = isinstance(m.value, int) and factor == 1
    places = _places(u / factor, 2) if u else 0 if whole else _places(value / factor, 4)
    if m.margin:
        places = max(places, _places(m.margin / factor, 1))
    return min(places, 12)


def _places(value: float, significant: int) -> int:
    if not value:
        return 0
    return max(0, significant - 1 - math.floor(math.log10(abs(value))))


def number(value: Scalar | None) -> float | None:
    """Return `value` where it is a number; a boolean is none."""
    return None if value is None or isinstance(value, bool | str) else float(value)


def expanded(m: Measurement) -> float | None:
    """Return U = k·u, in the unit of `m`."""
    return None if m.uncertainty is None else coverage_factor(m) * m.uncertainty


def coverage_factor(m: Measurement) -> float:
    """Return k: that of the effective degrees of freedom where they are known, else 2."""
    return NORMAL_K if m.k is None else m.k


def guard_band(m: Measurement) -> float:
    """Return w = r·U, by which the rule draws each limit in, in the unit of `m`; 0 where U is unknown."""
    return guard_factor(m) * (expanded(m) or 0.0)


def guard_factor(m: Measurement) -> float:
    """Return the factor r that the rule of `m` puts on U."""
    return GUARD[m.rule] if m.guard is None or m.rule == "simple" else m.guard


def shown(value: Scalar | None) -> str:
    """Return text, boolean or number as it is; text in quotation marks."""
    if value is None:
        return "no value"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"“{clean(value)}”" if isinstance(value, str) else f"{value:.12g}"


def duration(seconds: float) -> str:
    """Return a length of time in the two units that matter.

    >>> duration(40), duration(300), duration(17100)
    ('40 s', '5 min', '4 h 45 min')
    """
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def clock(at: datetime) -> str:
    """Return the time of day, UTC, to the second."""
    return f"{at.astimezone(UTC):%H:%M:%S}"


def day_and_time(at: datetime) -> str:
    """Return day and time of day, UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def span(begin: datetime, end: datetime) -> str:
    """Return from when to when, UTC, the day once where it is one day.

    >>> span(datetime(2026, 11, 23, 14, 2, tzinfo=UTC), datetime(2026, 11, 23, 18, 47, tzinfo=UTC))
    '2026-11-23 14:02–18:47 UTC'
    """
    first, last = begin.astimezone(UTC), end.astimezone(UTC)
    until = f"{last:%H:%M}" if first.date() == last.date() else f" {last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M}–{until} UTC"


def natural(text: str) -> list[tuple[bool, int, str]]:
    """Return the key by which names are sorted as people count.

    >>> sorted(["shelf10", "shelf2", "shelf1"], key=natural)
    ['shelf1', 'shelf2', 'shelf10']
    """
    parts = re.findall(r"[0-9]+|[^0-9]+", text)
    return [(p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in parts]


_PREFIXABLE = r"[nµmkMGTP]?(?:W|VA|Wh|J|Hz|Pa|B|bit/s|FLOP/s|FLOP/J)"
_JOINS = re.compile(rf"(?<=\d) (?=(?:{_PREFIXABLE}|°C|K|l/min|min|s|h|A|V|rpm)\b|[%±])|(?<=[±≤≥]) ")


def unbroken(text: str) -> str:
    """Return a sentence in which no line may end between a figure and its unit."""
    return _JOINS.sub("\N{NO-BREAK SPACE}", text)
