"""One measurement in the words of OCP Test & Validation output v2.0: its value and the validators that decided it."""

import re
from typing import Any

from harness.figures import guard_band, guard_factor
from harness.records import Measurement

Payload = dict[str, Any]


def measurement(m: Measurement, hardware: str | None) -> Payload:
    """Return the payload of a `measurement`; `m` has a value."""
    payload: Payload = {"name": f"{m.where} {m.name}" if m.where else m.name, "value": m.value}
    if m.unit is not None:
        payload["unit"] = m.unit
    if found := _validators(m):
        payload["validators"] = found
    if hardware is not None:
        payload["hardwareInfoId"] = hardware
    return payload | {"metadata": _metadata(m)}


def _metadata(m: Measurement) -> Payload:
    """Return what a validator cannot say: uncertainty, rule, source of the limit, window, evidence."""
    facts: Payload = {
        "judged": m.judged,
        "countsAs": m.outcome,
        "coverageFactor": m.k,
        "rule": m.rule,
        "limitSource": m.limit_source,
        "limitLow": m.low,
        "limitHigh": m.high,
        "expected": m.expected,
        "standardUncertainty": m.uncertainty,
        "margin": m.margin,
        "requirement": m.requirement,
        "state": m.state,
        "windowBegin": None if m.begin is None else m.begin.isoformat(),
        "windowEnd": None if m.end is None else m.end.isoformat(),
        "sources": list(m.sources),
        "raw": m.raw,
        "reason": m.reason,
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}


def _validators(m: Measurement) -> list[Payload]:
    """Return the acceptance limits: what the value was really held to, the limit drawn in by the guard band.

    Conditional verdicts lie between limit and acceptance limit, where no validator of the format decides as the rule
    does; they have the limit itself.
    """
    if m.low is None and m.high is None:
        return _expected(m)
    band = 0.0 if m.judged.startswith("conditional") else guard_band(m)
    bounds = [
        ("lower", "GREATER_THAN_OR_EQUAL", None if m.low is None else m.low + band),
        ("upper", "LESS_THAN_OR_EQUAL", None if m.high is None else m.high - band),
    ]
    said = {"rule": m.rule, "guardFactor": guard_factor(m), "guardBand": band}
    return [
        {"name": f"{which} acceptance limit", "type": kind, "value": bound, "metadata": said}
        for which, kind, bound in bounds
        if bound is not None
    ]


def _expected(m: Measurement) -> list[Payload]:
    """Return one validator for a text, truth or number expected; a set as a pattern, the form that every reader takes.

    The journal holds what was expected as text: where that cannot be turned back into a test that decides as the run
    did, there is none.
    """
    if m.expected is None or m.value is None:
        return []
    pattern = _pattern(m.expected)
    if pattern is not None and isinstance(m.value, str):
        agrees = re.search(pattern, m.value) is not None
        validator: Payload = {"type": "REGEX_MATCH", "value": pattern}
    else:
        agrees = str(m.value) == m.expected
        validator = {"type": "EQUAL", "value": m.value if agrees else _typed(m.expected, m.value)}
    return [{"name": "expected"} | validator] if agrees == (m.outcome == "pass") else []


def _pattern(expected: str) -> str | None:
    if expected.startswith("matching "):
        return f"^(?:{expected.removeprefix('matching ')})$"
    if expected.startswith("one of "):
        return f"^(?:{'|'.join(map(re.escape, expected.removeprefix('one of ').split(', ')))})$"
    return None


def _typed(expected: str, value: object) -> bool | float | str:
    """Return what was expected in the type of the value, so that the two can be compared."""
    if isinstance(value, bool) and expected in ("True", "False"):
        return expected == "True"
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(expected)
        except ValueError:
            return expected
    return expected
