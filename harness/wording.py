"""Measurements in words, as a person at the line would say them."""

from harness.limits import Scalar
from harness.records import Measurement


def sentence(m: Measurement) -> str:
    """Say a measurement in words.

    >>> sentence(Measurement(case="PWR-001", name="idle_power", value=39.5, unit="kW", high=38.0, judged="fail",
    ...                      rule="simple", limit_source="x", where="rack"))
    'rack: idle_power is 39.5 kW, must be at most 38.0 kW'
    """
    place = f"{m.where}: " if m.where else ""
    unit = "" if m.unit in (None, "1") else f" {m.unit}"
    text = f"{place}{m.name} is {_shown(m.value)}{unit}, must be {_bounds(m, unit)}"
    return f"{text} ({m.reason})" if m.reason else text


def _bounds(m: Measurement, unit: str) -> str:
    if m.expected is not None:
        return m.expected
    if m.low is None:
        return f"at most {m.high}{unit}"
    return f"at least {m.low}{unit}" if m.high is None else f"{m.low} to {m.high}{unit}"


def _shown(value: Scalar | None) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
