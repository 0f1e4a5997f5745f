"""`measure`: a value meets its limit, the verdict goes to the journal, and failures are raised together at the end."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from drivers.errors import NoReading
from drivers.points import Reading
from harness.budget import Contribution, combined, effective_dof, of_instrument
from harness.deciding.rules import COUNTS, Role
from harness.limits import NORMAL_K, Limit, Scalar
from harness.profile import Profile
from harness.records import BudgetLine, Measurement, Record
from harness.uncertainty import Quantity, Window, instant, quantity
from harness.wording import sentence

LINES_KEPT = 12
"""Lines of a budget written with one measurement: the largest, and the rest as one."""
SOURCES_KEPT = 12
"""Sources written with one measurement; a figure over a rack names the first and says how many there are."""


class UnitMismatch(Exception):
    """A value in another unit than its limit's: a case or a driver is wrong, never the rack."""


class Undecided(Exception):
    """A value that cannot be decided on by the rule of its limit."""


class TooUncertain(Undecided):
    """A value whose uncertainty is unknown, or larger than that with which its limit decides."""


class NotTrusted(Undecided):
    """A value from an instrument that may not be trusted now: its calibration is past due, or none is on record."""


class CaseFailed(Exception):
    """What a case measured is outside its limits: all of it, in the order measured."""

    def __init__(self, failures: list[Measurement]) -> None:
        super().__init__("\n".join(sentence(failure) for failure in failures))
        self.failures = failures


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is so or not, or a text, with where it was read and, in words, why."""

    value: Scalar
    sources: tuple[str, ...] = ()
    raw: str | None = None
    reason: str | None = None
    window: Window | None = None
    unit: str | None = None


class Measure(Protocol):
    """What a case gets as `measure`."""

    def __call__(self, name: str, value: Reading | Quantity | Fact, *, where: str | None = None) -> None:
        """Judge `value` by the profile's limit `name`; `where` says in words which part of the rack it is about."""
        ...


@dataclass(slots=True)
class CaseMeasure:
    """The `measure` of one case.

    `role` is the plan's: who proves what. `distrust` says why instruments among these devices may not be trusted; asked
    without a device, among all that the case rests on.
    """

    case: str
    profile: Profile
    record: Callable[[Record], None]
    seen: Callable[[Measurement], None]
    role: Role = "supplier"
    distrust: Callable[[tuple[str, ...]], str | None] = lambda _: None
    failures: list[Measurement] = field(default_factory=list)
    count: int = 0

    def __call__(self, name: str, value: Reading | Quantity | Fact, *, where: str | None = None) -> None:
        """Judge, write down, and go on: a failure is raised when the case is over.

        Raises UnitMismatch, Undecided, or NoReading where there is no value.
        """
        limit = self.profile.limits[name]
        if value.unit != limit.unit:
            raise UnitMismatch(f"{name}: the value is in {value.unit}, the limit in {limit.unit}")
        doubt = self._doubt(value)
        measurement = self._judged(_measured(self.case, name, value, limit, where), limit, doubt)
        self.record(measurement)
        self.seen(measurement)
        self.count += 1
        if doubt is not None:
            raise NotTrusted(f"{name}: {doubt}")
        self._draw_conclusion(measurement, value)

    def _doubt(self, value: Reading | Quantity | Fact) -> str | None:
        """Say why a number may not be trusted; a state or text does not rest on a calibration."""
        if value.unit is None:
            return None
        return self.distrust(value.devices if isinstance(value, Quantity) else ())

    def _judged(self, m: Measurement, limit: Limit, doubt: str | None) -> Measurement:
        """Decide, unless the instrument may not be trusted; what the profile takes a result for is noted if unusual."""
        if doubt is not None:
            return m.model_copy(update={"reason": doubt})
        judged = limit.judge(m.value, m.uncertainty, k=m.k or NORMAL_K, role=self.role)
        counts = self.profile.taken_for(judged)
        guard = None if limit.rule == "simple" else limit.factor(self.role)
        unusual = counts if counts != COUNTS[judged] else None
        reason = _why_undecided(m, limit) if judged == "not_decided" and m.value is not None else m.reason
        return m.model_copy(update={"judged": judged, "counts": unusual, "guard": guard, "reason": reason})

    def _draw_conclusion(self, measurement: Measurement, value: Reading | Quantity | Fact) -> None:
        if measurement.outcome == "fail":
            self.failures.append(measurement)
        if measurement.outcome != "not_decided":
            return
        if measurement.judged != "not_decided":
            judged = measurement.judged.replace("_", " ")
            raise TooUncertain(f"{measurement.name}: {judged}, and this profile decides nothing by that")
        if isinstance(value, Reading) and value.value is None:
            address, _, sent = value.source.partition(" ")
            raise NoReading(value.reason or "no reading", address=address, sent=sent, received=value.raw)
        if measurement.value is None:
            raise Undecided(f"{measurement.name}: {measurement.reason or 'no value'}")
        raise TooUncertain(f"{measurement.name}: {measurement.reason}")


def _why_undecided(m: Measurement, limit: Limit) -> str:
    if m.uncertainty is None:
        return f"rule {m.rule!r} needs an uncertainty, and none is known for this value"
    k = m.k or NORMAL_K
    allowed = "its guard bands leave no value that could pass"
    if limit.too_uncertain(m.uncertainty, k):
        allowed = f"the limit decides up to ±{limit.largest_uncertainty:g}"
    return f"{m.value:.3g} with an uncertainty of ±{k * m.uncertainty:.3g} {m.unit}; {allowed}"


def _measured(case: str, name: str, value: Reading | Quantity | Fact, limit: Limit, where: str | None) -> Measurement:
    """Return the measurement with all that is known of it, not yet decided."""
    number, reason = _finite(value)
    window = instant(value.at) if isinstance(value, Reading) else value.window
    sources = (value.source,) if isinstance(value, Reading) else value.sources
    return Measurement(
        case=case,
        name=name,
        value=number,
        unit=value.unit,
        judged="not_decided",
        **_uncertainty(value),
        low=limit.low,
        high=limit.high,
        expected=_expected(limit),
        rule=limit.rule,
        margin=limit.margin(number),
        limit_source=limit.source,
        requirement=limit.requirement,
        where=where,
        state=window.state or None if window else None,
        begin=window.begin if window else None,
        end=window.end if window else None,
        sources=_kept(sources),
        raw=None if isinstance(value, Quantity) else value.raw,
        reason=reason,
    )


def _uncertainty(value: Reading | Quantity | Fact) -> dict[str, Any]:
    """Return the fields that tell of the uncertainty; none where it is unknown."""
    known = _quantified(value) if isinstance(value, Reading) else value
    if not isinstance(known, Quantity) or known.u is None or not math.isfinite(known.u):
        return {}
    found: dict[str, Any] = {"uncertainty": known.u, "budget": _lines(known.budget)}
    return found | ({} if math.isinf(known.dof) else {"k": known.k, "dof": known.dof})


def _quantified(reading: Reading) -> Quantity | None:
    """Return a single reading with the uncertainty that its instrument's accuracy gives it; None without one."""
    number, accuracy = reading.value, reading.accuracy
    if accuracy is None or reading.unit is None or isinstance(number, bool | str) or number is None:
        return None
    if not math.isfinite(number):
        return None
    return quantity(number, reading.unit, of_instrument(reading.name, accuracy, number))


def _lines(budget: tuple[Contribution, ...]) -> tuple[BudgetLine, ...]:
    """Return the contributions as lines, the largest first; many small ones as one line."""
    ordered = sorted(budget, key=lambda c: -abs(c.amount))
    kept, rest = ordered[:LINES_KEPT], ordered[LINES_KEPT:]
    if rest:
        u = combined(rest)
        kept.append(Contribution(f"{len(rest)} smaller ones", u, dof=effective_dof(rest)))
    return tuple(_line(c) for c in kept)


def _line(c: Contribution) -> BudgetLine:
    return BudgetLine(
        name=c.name,
        type=c.kind,
        distribution=c.distribution,
        u=c.u,
        sensitivity=c.sensitivity,
        amount=abs(c.amount),
        dof=None if math.isinf(c.dof) else c.dof,
        group=c.group,
        source=c.source,
    )


def _finite(value: Reading | Quantity | Fact) -> tuple[Scalar | None, str | None]:
    """Return the value and the reason given with it; a number that is none is no value: nothing is proven by it."""
    if isinstance(value.value, float) and not math.isfinite(value.value):
        return None, f"the value is {value.value}"
    return value.value, None if isinstance(value, Quantity) else value.reason


def _expected(limit: Limit) -> str | None:
    if limit.equals is not None:
        return str(limit.equals)
    if limit.one_of is not None:
        return "one of " + ", ".join(map(str, limit.one_of))
    return None if limit.matches is None else f"matching {limit.matches}"


def _kept(sources: tuple[str, ...]) -> tuple[str, ...]:
    if len(sources) <= SOURCES_KEPT:
        return sources
    return (*sources[:SOURCES_KEPT], f"and {len(sources) - SOURCES_KEPT} more of the same kind")
