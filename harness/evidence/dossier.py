"""What an evaluation comes to: requirement by requirement over racks and generations, retests in sight, by a rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean
from typing import Literal

from harness.deciding.demonstrations import reliability_shown
from harness.evidence.campaign import Campaign, Deviation
from harness.figures import number
from harness.records import Measurement
from harness.run import Run, RunVerdict
from harness.tracing import Traced, traced

Recommendation = Literal["RECOMMENDED", "NOT RECOMMENDED", "NOT DECIDED"]
FIGURES = ("full_power", "idle_power", "work_per_joule", "idle_to_peak", "coolant_heat_share")
"""Figures that generations are compared by, where they were measured."""


@dataclass(frozen=True, slots=True)
class Rack:
    """A rack with all its runs, the first first: what it was the first time is never hidden by what it was later."""

    serial: str
    generation: str
    runs: tuple[Run, ...]

    @property
    def first(self) -> RunVerdict:
        """The verdict of the first run."""
        return self.runs[0].verdict

    @property
    def last(self) -> Run:
        """The run that counts."""
        return self.runs[-1]

    @property
    def retests(self) -> int:
        """How often it was tested again."""
        return len(self.runs) - 1


@dataclass(frozen=True, slots=True)
class Shown:
    """A requirement over all racks: serials by what their last run says, and what the first runs are worth.

    `reliability` is the lower bound, at the rule's confidence, of the share of racks that would show it at the first
    attempt (Clopper-Pearson); None where no first run decided it. `least` is the measurement closest to its limit.
    """

    id: str
    text: str
    shown: tuple[str, ...]
    failed: tuple[str, ...]
    undecided: tuple[str, ...]
    first_failures: int
    reliability: float | None
    least: Measurement | None
    least_at: str
    deviation: Deviation | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of one generation: how many racks, mean, least and greatest, in `unit`."""

    generation: str
    name: str
    unit: str | None
    count: int
    mean: float
    least: float
    greatest: float


@dataclass(frozen=True, slots=True)
class Dossier:
    """The whole."""

    campaign: Campaign
    racks: list[Rack]
    requirements: list[Shown]
    figures: list[Figure]
    recommendation: Recommendation
    reasons: list[str]

    @property
    def emulated(self) -> bool:
        """Tell whether any run was of an emulated rack."""
        return any(run.emulated for rack in self.racks for run in rack.runs)


def build(campaign: Campaign, runs: Sequence[Run], today: date) -> Dossier:
    """Work the dossier out from the runs; a deviation counts until its day."""
    racks = _racks(runs)
    requirements = _requirements(campaign, racks, today)
    recommendation, reasons = _recommend(campaign, racks, requirements)
    return Dossier(campaign, racks, requirements, _figures(racks), recommendation, reasons)


def _racks(runs: Sequence[Run]) -> list[Rack]:
    by_serial: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda each: each.begun):
        by_serial.setdefault(run.start.serial, []).append(run)
    return [Rack(serial, found[-1].start.generation, tuple(found)) for serial, found in by_serial.items()]


def _requirements(campaign: Campaign, racks: list[Rack], today: date) -> list[Shown]:
    last = {rack.serial: {each.id: each for each in traced(rack.last)} for rack in racks}
    first = {rack.serial: {each.id: each for each in traced(rack.runs[0])} for rack in racks}
    ids = [*campaign.requirements, *(i for found in last.values() for i in found)]
    signed = {deviation.requirement: deviation for deviation in campaign.deviation if deviation.until >= today}
    return [_shown(campaign, i, last, first, signed.get(i)) for i in dict.fromkeys(ids)]


Traces = dict[str, dict[str, Traced]]


def _shown(campaign: Campaign, i: str, last: Traces, first: Traces, deviation: Deviation | None) -> Shown:
    results = {serial: found[i].shown if i in found else "not covered" for serial, found in last.items()}
    decided = [found[i].shown for found in first.values() if i in found and found[i].shown in ("shown", "failed")]
    failures = decided.count("failed")
    bound = reliability_shown(len(decided), failures, campaign.rule.confidence) if decided else None
    text = campaign.requirements.get(i) or next((f[i].text for f in last.values() if i in f), "")
    closest = [(f[i].closest, serial) for serial, f in last.items() if i in f and f[i].closest is not None]
    least, at = min(closest, key=lambda pair: _relative(pair[0]), default=(None, ""))
    return Shown(
        i,
        text,
        tuple(s for s, r in results.items() if r == "shown"),
        tuple(s for s, r in results.items() if r == "failed"),
        tuple(s for s, r in results.items() if r not in ("shown", "failed")),
        failures,
        bound,
        least,
        at,
        deviation,
    )


def _relative(m: Measurement | None) -> float:
    """Return a margin in shares of its limit, so that limits of several units can be put in order."""
    if m is None or m.margin is None:
        return float("inf")
    size = max(abs(m.low or 0.0), abs(m.high or 0.0))
    return m.margin / size if size else m.margin


def _figures(racks: list[Rack]) -> list[Figure]:
    found: dict[tuple[str, str, str | None], list[float]] = {}
    for rack in racks:
        for m in rack.last.measurements:
            value = number(m.value)
            if m.name in FIGURES and value is not None:
                found.setdefault((rack.generation, m.name, m.unit), []).append(value)
    ordered = sorted(found.items(), key=lambda item: (FIGURES.index(item[0][1]), item[0][0]))
    return [Figure(*key, len(values), fmean(values), min(values), max(values)) for key, values in ordered]


def _recommend(campaign: Campaign, racks: list[Rack], requirements: list[Shown]) -> tuple[Recommendation, list[str]]:
    """Apply the rule as it was written; every reason that stands against a recommendation is said."""
    against = [f"{r.id} failed on {', '.join(r.failed)}" for r in requirements if r.failed and r.deviation is None]
    rejected = [rack.serial for rack in racks if rack.last.verdict == "REJECTED"]
    against += [f"rejected: {', '.join(rejected)}"] if rejected else []
    retested = sum(rack.retests > 0 for rack in racks) / max(1, len(racks))
    if retested > campaign.rule.most_retested:
        against.append(
            f"{retested:.0%} of the racks were tested again, the rule allows {campaign.rule.most_retested:.0%}"
        )
    if against:
        return "NOT RECOMMENDED", against
    open_points = [f"{r.id} was not shown on {', '.join(r.undecided)}" for r in requirements if _is_open(r)]
    accepted = sum(rack.last.verdict == "ACCEPTED" for rack in racks)
    if accepted < campaign.rule.least_racks:
        open_points.append(f"{accepted} racks were accepted, the rule wants {campaign.rule.least_racks}")
    return ("NOT DECIDED", open_points) if open_points else ("RECOMMENDED", [f"{accepted} racks were accepted"])


def _is_open(requirement: Shown) -> bool:
    return bool(requirement.undecided) and requirement.deviation is None
