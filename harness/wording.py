"""Measurements in words, as a person at the line would say them."""

from harness.limits import GUARD, Scalar
from harness.records import Measurement


def sentence(m: Measurement) -> str:
    """Say a measurement in words.

    >>> sentence(Measurement(case="PWR-001", name="idle_power", value=39.5, unit="kW", high=38.0, judged="fail",
    ...                      rule="simple", limit_source="x", where="rack"))
    'rack: idle_power is 39.5 kW, must be at most 38 kW'
    """
    place = f"{m.where}: " if m.where else ""
    text = f"{place}{m.name} is {_shown(m.value)}{unit_of(m)}, must be {bounds(m)}{_guard(m)}"
    return f"{text} ({m.reason})" if m.reason else text


def unit_of(m: Measurement) -> str:
    """Return the unit behind a space, nothing for ratios, counts and states."""
    return "" if m.unit in (None, "1") else f" {m.unit}"


def bounds(m: Measurement) -> str:
    """Return what the limit demands: "at most 38 kW", "0.96 to 1", "4", "one of a, b"."""
    unit = unit_of(m)
    if m.expected is not None:
        return m.expected or "empty"
    if m.low is None:
        return f"at most {_shown(m.high)}{unit}"
    if m.high is None:
        return f"at least {_shown(m.low)}{unit}"
    if m.low == m.high:
        return f"{_shown(m.low)}{unit}"
    return f"{_shown(m.low)} to {_shown(m.high)}{unit}"


def guard_band(m: Measurement) -> float | None:
    """Return w = r·2u, by which every bound is drawn in, in the measurement's unit; None where there is none."""
    factor = GUARD[m.rule] if m.guard is None or m.rule == "simple" else m.guard
    return None if not factor or m.uncertainty is None else factor * 2 * m.uncertainty


def _guard(m: Measurement) -> str:
    band = guard_band(m)
    return "" if band is None else f" with {_shown(band)}{unit_of(m)} to spare for its uncertainty"


def _shown(value: Scalar | None) -> str:
    if isinstance(value, str):
        return repr(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)
