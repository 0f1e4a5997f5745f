"""What was agreed, and what of it was shown: requirement by requirement, from the cases of a run."""

from dataclasses import dataclass
from typing import Literal

from harness.records import Measurement
from harness.run import Case, Run

Shown = Literal["shown", "failed", "not decided", "not covered"]


@dataclass(frozen=True, slots=True)
class Traced:
    """A requirement with the cases that show it, what they came to, and the measurement that came closest to its limit.

    `not covered`: no case that was planned shows it.
    """

    id: str
    text: str
    shown: Shown
    cases: tuple[str, ...]
    closest: Measurement | None


def traced(run: Run) -> list[Traced]:
    """Return every requirement that the profile or a limit names, in that order."""
    ids = [*run.requirements, *(r for case in run.cases.values() for r in case.planned.requirements)]
    return [_traced(run, each) for each in dict.fromkeys(ids)]


def _traced(run: Run, requirement: str) -> Traced:
    cases = [case for case in run.cases.values() if requirement in case.planned.requirements]
    measured = [m for case in cases for m in case.measurements if m.requirement == requirement]
    margins = [m for m in measured if m.margin is not None]
    closest = min(margins, key=lambda m: m.margin or 0.0, default=None)
    names = tuple(case.planned.case for case in cases)
    return Traced(requirement, run.requirements.get(requirement, ""), _shown(cases, measured), names, closest)


def _shown(cases: list[Case], measured: list[Measurement]) -> Shown:
    """A requirement fails by its own measurements; a case that fails by another one leaves it as its own say."""
    if not cases:
        return "not covered"
    if any(m.outcome == "fail" for m in measured):
        return "failed"
    decided = all(case.outcome in ("pass", "fail") for case in cases)
    return "shown" if decided and measured and all(m.outcome == "pass" for m in measured) else "not decided"
