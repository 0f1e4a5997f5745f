"""Measurements in words, as a person at the line would say them: the one way of saying it, in journal and reports.

Whatever text of others is in a measurement is printed with `clean`, so that a sentence is one line and steers nothing.
"""

from datetime import UTC, datetime

from harness.figures import (
    clean,
    clock,
    coverage_factor,
    day_and_time,
    duration,
    expanded,
    guard_band,
    guard_factor,
    number,
    scale_of,
    shown,
)
from harness.records import Attribution, Measurement

_BECAUSE = "because "
_STATES = {"full": "full load"}
_WHOSE: dict[Attribution, str] = {
    "rack": "the rack",
    "instrument": "the instrument",
    "station": "the station",
    "network": "the network",
    "software": "the test software",
}


def words(name: str) -> str:
    """Return an identifier as words.

    >>> words("idle_power")
    'idle power'
    """
    return clean(name.replace("_", " "))


def subject(m: Measurement) -> str:
    """Say what was measured, and where."""
    return f"{clean(m.where)}: {words(m.name)}" if m.where else words(m.name).capitalize()


def limit(m: Measurement) -> str:
    """Say the limit of `m`: "≤ 75 °C", "18 °C … 27 °C", "= 18", or what was expected."""
    scale = scale_of(m)
    if m.low is not None and m.low == m.high:
        return f"= {scale.bound(m.low)}"
    if m.low is not None and m.high is not None:
        return f"{scale.bound(m.low)} … {scale.bound(m.high)}"
    if m.high is not None:
        return f"≤ {scale.bound(m.high)}"
    return f"≥ {scale.bound(m.low)}" if m.low is not None else _expected(m)


def _expected(m: Measurement) -> str:
    """Say a truth as values are said, and nothing as a word."""
    if m.expected in ("True", "False"):
        return m.expected.lower()
    return "empty" if m.expected == "" else clean(m.expected or "")


def value(m: Measurement) -> str:
    """Say the value of `m` with its unit, and its uncertainty where that is known."""
    figure = number(m.value)
    if figure is None:
        return shown(m.value)
    scale, u = scale_of(m), expanded(m)
    return f"{scale.figure(figure)} ± {scale.exact(u)}" if u else scale.value(figure)


def margin(m: Measurement) -> str:
    """Say the distance to the nearer bound, negative outside; "" where there is none."""
    return "" if m.margin is None else scale_of(m).step(m.margin)


def uncertainty(m: Measurement) -> str:
    """Say U = k·u; "" where it is unknown."""
    u = expanded(m)
    return "" if u is None else scale_of(m).step(u)


def coverage(m: Measurement) -> str:
    """Say the coverage factor of U."""
    return f"k = {coverage_factor(m):.3g}"


def rule(m: Measurement) -> str:
    """Say the rule and the guard band that it drew the limit in by."""
    if m.rule == "simple":
        return "simple"
    said = f"{ruling(m)}, uncertainty unknown"
    return said if m.uncertainty is None else f"{ruling(m)}, w = {scale_of(m).step(guard_band(m))}"


def ruling(m: Measurement) -> str:
    """Say the rule with its factor, and for whom it was drawn out.

    >>> ruling(Measurement(case="c", name="n", value=1.0, unit="W", high=2, judged="pass", rule="iso14253",
    ...                    guard=-0.83, limit_source="x"))
    'iso14253 as customer, r = -0.83'
    """
    if m.rule == "simple":
        return "simple"
    who = " as customer" if guard_factor(m) < 0 else ""
    return f"{m.rule}{who}, r = {guard_factor(m):g}"


def judged(m: Measurement) -> str:
    """Say what the rule made of `m`, and what the profile takes that for where it is not the usual.

    >>> judged(Measurement(case="c", name="n", value=1.0, unit="W", high=2, judged="conditional_pass", rule="ilac4",
    ...                    counts="fail", limit_source="x"))
    'conditional pass, counts as fail'
    """
    taken = "" if m.counts is None else f", counts as {m.counts.replace('_', ' ')}"
    return f"{m.judged.replace('_', ' ')}{taken}"


def window(m: Measurement) -> str:
    """Say the state, its window in UTC and the length, or when it was read; "" where the value is of no window."""
    parts = [state(m.state)] if m.state else []
    if m.begin and m.end:
        parts.append(stretch(m.begin, m.end))
    return ", ".join(parts)


def stretch(begin: datetime, end: datetime) -> str:
    """Say from when to when, UTC, and how long; the one time where it is one.

    >>> stretch(datetime(2026, 11, 23, 14, 2, tzinfo=UTC), datetime(2026, 11, 23, 14, 3, tzinfo=UTC))
    '14:02:00–14:03:00 UTC, 1 min'
    """
    if begin == end:
        return f"at {clock(begin)} UTC"
    said = clock if begin.astimezone(UTC).date() == end.astimezone(UTC).date() else day_and_time
    return f"{said(begin)}–{said(end)} UTC, {duration((end - begin).total_seconds())}"


def state(name: str) -> str:
    """Return the name of a state in words."""
    return _STATES.get(name, words(name))


def sentence(m: Measurement) -> str:
    """Say in one line what is wrong with `m`, as a person would: value, limit, by how much, where and when.

    >>> sentence(Measurement(case="PWR-001", name="idle_power", value=39_500.0, unit="W", high=38_000, judged="fail",
    ...                      rule="simple", limit_source="x", where="rack", margin=-1500.0))
    'rack: idle power was 39.5 kW, 1.5 kW above its limit of 38 kW'
    """
    when = window(m)
    return f"{subject(m)} {_wrong(m)}{f' ({when})' if when else ''}"


def _wrong(m: Measurement) -> str:
    figure = number(m.value)
    if m.value is None:
        return f"has no value: {clean(m.reason or 'no reason given')}"
    if figure is None or (m.low is None and m.high is None):
        return f"was {value(m)}, expected {limit(m)}{f': {clean(m.reason)}' if m.reason else ''}"
    scale = scale_of(m)
    said = f"was {value(m)}, "
    if m.high is not None and figure > m.high:
        return f"{said}{scale.step(figure - m.high)} above its limit of {scale.bound(m.high)}{_conditional(m)}"
    if m.low is not None and figure < m.low:
        return f"{said}{scale.step(m.low - figure)} below its limit of {scale.bound(m.low)}{_conditional(m)}"
    band = f"{scale.step(guard_band(m))} that its uncertainty demands"
    return f"{said}inside its limit ({limit(m)}) by {margin(m)}, less than the guard band of {band}"


def _conditional(m: Measurement) -> str:
    return ", by less than its uncertainty (conditional fail)" if m.judged == "conditional_fail" else ""


def first_line(text: str) -> str:
    """Return the first line that says something, safe to print."""
    return next((clean(line.strip()) for line in text.splitlines() if line.strip()), "")


def whose(attribution: Attribution) -> str:
    """Say to what an error is attributed."""
    return _WHOSE[attribution]


def blame(message: str, attribution: Attribution | None) -> str:
    r"""Say why a case has no verdict, and whose doing that is, from the message with which it ended; "" where neither.

    >>> blame("feed_a is out: no reply in 2 s\n  because  feed_a is the station's own", "instrument")
    "feed_a is out: no reply in 2 s; blamed on the instrument: feed_a is the station's own"
    """
    lines = [clean(line.strip()) for line in message.splitlines() if line.strip()]
    proof = next((line.removeprefix(_BECAUSE).strip() for line in lines if line.startswith(_BECAUSE)), "")
    doing = f"blamed on {whose(attribution)}{f': {proof}' if proof else ''}" if attribution else ""
    return "; ".join(part for part in (first_line(message), doing) if part)
