"""`rackproof decide`: a value, its uncertainty and a rule come to a verdict, with probability and risks."""

import json
import math
import sys
from argparse import Namespace
from dataclasses import asdict, dataclass
from typing import Any

from drivers.errors import UsageError
from harness.deciding import conformance
from harness.deciding.conformance import Normal, Risks
from harness.deciding.rules import ACCEPTED, Judged, Role, Rule, Zone, acceptance, guard_factor, judge, proven
from harness.figures import clean

SCHEMA = "rackproof-decide/1"
EXITS: dict[Judged, int] = {"pass": 0, "conditional_pass": 0, "fail": 1, "conditional_fail": 1, "not_decided": 3}


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be decided; `expanded` is U with coverage factor `k`, None where no uncertainty is stated."""

    value: float
    tolerance: Zone
    rule: Rule
    role: Role
    guard: float | None
    expanded: float | None
    k: float
    prior: Normal | None
    unit: str

    @property
    def u(self) -> float | None:
        """Return the standard uncertainty."""
        return None if self.expanded is None else self.expanded / self.k

    @property
    def r(self) -> float:
        """Return the guard factor, negative where the rule widens the tolerance zone."""
        return guard_factor(self.rule, self.role, self.guard)


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict and what is known of its reliability; None where that needs an uncertainty or a prior."""

    verdict: Judged
    reason: str | None
    acceptance: Zone | None
    probability: float | None
    consumer: float | None
    producer: float | None
    capability: float | None
    posterior: Normal | None
    risks: Risks | None


def main(arguments: Namespace) -> int:
    """Decide, print, and return 0 for a pass, 1 for a fail, 3 where nothing is decided. Raises UsageError."""
    question = _question(arguments)
    try:
        answer = decide(question)
        said = _as_json(question, answer) if arguments.json else _as_text(question, answer)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"the numbers are too large or too small to reckon with: {error}") from error
    sys.stdout.write(said)
    return EXITS[answer.verdict]


def _question(a: Namespace) -> Question:
    named = {"VALUE": a.value, "--uncertainty": a.uncertainty, "--low": a.low, "--high": a.high, "--guard": a.guard}
    named |= {"--k": a.k, "--prior-mean": a.prior_mean, "--prior-sd": a.prior_sd}
    for name, number in named.items():
        if number is not None and not math.isfinite(number):
            raise UsageError(f"{name} is {number}: it must be a finite number")
    _demand_sense(a)
    k = a.k or 2.0
    expanded = None if a.uncertainty is None else a.uncertainty * k if a.standard else a.uncertainty
    prior = None if a.prior_sd is None else Normal(a.prior_mean, a.prior_sd)
    return Question(a.value, Zone(a.low, a.high), a.rule, a.role, a.guard, expanded, k, prior, clean(a.unit))


def _demand_sense(a: Namespace) -> None:
    wrong = {
        "neither --low nor --high is given: give at least one limit": a.low is None and a.high is None,
        f"--low {a.low} is above --high {a.high}: nothing could pass": None not in (a.low, a.high) and a.low > a.high,
        f"--uncertainty is {a.uncertainty}: it cannot be negative": a.uncertainty is not None and a.uncertainty < 0,
        f"--k is {a.k}: a coverage factor is above 0": a.k is not None and a.k <= 0,
        "--guard has no meaning for the rule simple: use --rule guarded": a.guard is not None and a.rule == "simple",
        f"--guard is {a.guard}: only the rule guarded may widen a limit": (a.guard or 0) < 0 and a.rule != "guarded",
        "--prior-mean and --prior-sd go together": (a.prior_mean is None) != (a.prior_sd is None),
        f"--prior-sd is {a.prior_sd}: it must be above 0": a.prior_sd is not None and a.prior_sd <= 0,
        "a prior needs --uncertainty": a.prior_sd is not None and a.uncertainty is None,
    }
    for what, is_so in wrong.items():
        if is_so:
            raise UsageError(what)


def decide(q: Question) -> Answer:
    """Answer the question; without a stated uncertainty only a rule without a guard band decides."""
    if q.u is None or q.expanded is None:
        return _without_uncertainty(q)
    accepts = acceptance(q.tolerance, q.rule, q.r, q.expanded)
    verdict = judge(q.value, q.tolerance, q.rule, q.r, q.expanded)
    accepted = None if verdict == "not_decided" else verdict in ACCEPTED
    chance = conformance.probability(q.value, q.u, q.tolerance)
    return Answer(
        verdict,
        None
        if accepted is not None
        else "the guard bands leave no value that could pass: the uncertainty is too large",
        accepts,
        chance,
        conformance.non_conformance(q.value, q.u, q.tolerance) if accepted is True else None,
        chance if accepted is False else None,
        conformance.capability(q.u, q.tolerance),
        q.prior.after(q.value, q.u) if q.prior else None,
        conformance.global_risks(q.prior, q.u, q.tolerance, accepts) if q.prior else None,
    )


def _without_uncertainty(q: Question) -> Answer:
    decided = q.rule == "simple"
    verdict: Judged = judge(q.value, q.tolerance, q.rule, q.r, 0.0) if decided else "not_decided"
    reason = None if decided else f"the rule {q.rule} needs an uncertainty: give --uncertainty"
    return Answer(verdict, reason, q.tolerance if decided else None, None, None, None, None, None, None)


def _as_json(q: Question, a: Answer) -> str:
    known = {"standard": q.u, "expanded": q.expanded, "k": q.k}
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "verdict": a.verdict,
        "reason": a.reason,
        "value": q.value,
        "unit": q.unit or None,
        "uncertainty": known if q.u is not None else None,
        "tolerance": asdict(q.tolerance),
        "rule": q.rule,
        "role": q.role,
        "guard_factor": q.r,
        "guard_band": None if q.expanded is None else q.r * q.expanded,
        "acceptance": asdict(a.acceptance) if a.acceptance else None,
        "probability_of_conformance": a.probability,
        "specific_risk": {"consumer": a.consumer, "producer": a.producer},
        "iso14253": None if q.expanded is None else proven(q.value, q.tolerance, q.expanded),
        "capability_index": a.capability,
        "prior": asdict(q.prior) if q.prior else None,
        "posterior": _posterior(q, a.posterior),
        "global_risk": _risks(a.risks),
    }
    return json.dumps(result, allow_nan=False) + "\n"


def _posterior(q: Question, after: Normal | None) -> dict[str, float] | None:
    if after is None:
        return None
    return {**asdict(after), "probability_of_conformance": conformance.probability(after.mean, after.sd, q.tolerance)}


def _risks(risks: Risks | None) -> dict[str, float | None] | None:
    if risks is None:
        return None
    return {**asdict(risks), "false_accepts": risks.false_accepts, "false_rejects": risks.false_rejects}


def _as_text(q: Question, a: Answer) -> str:
    lines = [a.verdict.replace("_", " ").upper() + (f": {a.reason}" if a.reason else "")]
    lines += [_row("value", f"{q.value:.12g}{_uncertainty(q)}"), _row("limits", _zone(q, q.tolerance))]
    lines += [_row("rule", _rule(q))]
    lines += [_row("accepted", _zone(q, a.acceptance))] if a.acceptance else []
    shares = [("probability of conformance", a.probability), ("risk that this pass is wrong", a.consumer)]
    shares += [("risk that this fail is wrong", a.producer)]
    lines += [_row(what, _percent(share, q)) for what, share in shares if share is not None]
    lines += [_row("capability index", f"{a.capability:.3g}")] if a.capability is not None else []
    return "\n".join([*lines, *_with_prior(q, a)]) + "\n"


def _with_prior(q: Question, a: Answer) -> list[str]:
    after = _posterior(q, a.posterior)
    if q.prior is None or a.risks is None or after is None:
        return []
    shares = [
        ("with the prior", after["probability_of_conformance"]),
        ("global consumer's risk", a.risks.consumer),
        ("global producer's risk", a.risks.producer),
    ]
    return [_row("prior", f"{q.prior.mean:.12g}, standard deviation {q.prior.sd:.12g}{_spaced(q.unit)}")] + [
        _row(what, _percent(share, q)) for what, share in shares
    ]


def _percent(share: float, q: Question) -> str:
    """Say a share in per cent; where there is an uncertainty, nothing is rounded to certain."""
    said = f"{100 * share:.4g} %"
    return "above 99.99 %" if said == "100 %" and q.u else said


def _row(what: str, said: str) -> str:
    return f"  {what:29}{said}"


def _spaced(unit: str) -> str:
    return f" {unit}" if unit else ""


def _uncertainty(q: Question) -> str:
    known = "" if q.expanded is None else f" ± {q.expanded:.6g}"
    return f"{known}{_spaced(q.unit)}" + (f" (k = {q.k:g})" if known else ", uncertainty not stated")


def _rule(q: Question) -> str:
    if q.rule == "simple":
        return "simple"
    who = f" as {q.role}" if q.rule == "iso14253" else ""
    band = "" if q.expanded is None else f", w = {q.r * q.expanded:.6g}{_spaced(q.unit)}"
    return f"{q.rule}{who}, r = {q.r:g}{band}"


def _zone(q: Question, zone: Zone) -> str:
    if zone.empty:
        return "no value"
    low, high = (None if b is None else f"{b:.12g}" for b in (zone.low, zone.high))
    said = f"≥ {low}" if high is None else f"≤ {high}" if low is None else f"{low} … {high}"
    return f"{said}{_spaced(q.unit)}"
