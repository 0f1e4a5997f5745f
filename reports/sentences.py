"""What every report says in the same words: verdicts, failures, limits, windows, and what is open."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from harness.limits import ILLUSTRATIVE
from harness.records import Measurement, UnplannedCase
from harness.run import Case, Outcome, Run
from reports.numbers import (
    clean,
    clock,
    duration,
    expanded,
    guard_band,
    guard_factor,
    number,
    scale_of,
    shown,
    span,
)

EMULATED = "EMULATED RACK: this run did not touch hardware"

Tone = Literal["pass", "fail", "open", "none"]

TONES: dict[Outcome, Tone] = {
    "pass": "pass",
    "fail": "fail",
    "error": "open",
    "skip": "open",
    "interrupted": "open",
    "not_run": "open",
    "invalidated": "open",
}
MARKS: dict[Tone, str] = {"pass": "●", "fail": "✕", "open": "◐", "none": "–"}
VERDICT_TONES: dict[str, Tone] = {"ACCEPTED": "pass", "REJECTED": "fail", "INCOMPLETE": "open"}
JUDGED_TONES: dict[str, Tone] = {
    "pass": "pass",
    "conditional_pass": "pass",
    "conditional_fail": "fail",
    "fail": "fail",
    "not_decided": "open",
}
WHY_LEFT_OUT = {
    "deselected": "deselected",
    "not_applicable": "does not apply",
    "not_observable": "not observable",
    "waived": "waived",
}
RULES = {
    "simple": "simple: the value decides, its uncertainty is not counted (r = 0)",
    "guarded": "guarded: the limit is drawn in by r·U, r = 1 unless the limit says otherwise (ILAC-G8)",
    "iso14253": "iso14253: the limit is drawn in by 0.83·U (ISO 14253-1)",
    "ilac4": "ilac4: what lies within U of the limit passes or fails conditionally (ILAC-G8, four ways)",
}
VERDICT_RULE = (
    "ACCEPTED: the run ended, the rack was left safe, every planned case passed and nothing is open. "
    "REJECTED: at least one case failed. INCOMPLETE: everything else."
)


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
    return f"≥ {scale.bound(m.low)}" if m.low is not None else clean(m.expected or "")


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
    """Say U = 2u; "" where it is unknown."""
    u = expanded(m)
    return "" if u is None else scale_of(m).step(u)


def rule(m: Measurement) -> str:
    """Say the rule and the guard band that it drew the limit in by."""
    if m.rule == "simple":
        return "simple"
    if m.uncertainty is None:
        return f"{m.rule}, r = {guard_factor(m):g}, uncertainty unknown"
    return f"{m.rule}, r = {guard_factor(m):g}, w = {scale_of(m).step(guard_band(m))}"


def window(m: Measurement) -> str:
    """Say the state, its window in UTC and the length; "" where the value is of no window."""
    parts = [words(m.state)] if m.state else []
    if m.begin and m.end:
        parts.append(f"{clock(m.begin)}–{clock(m.end)} UTC, {duration((m.end - m.begin).total_seconds())}")
    return ", ".join(parts)


def failure(m: Measurement) -> str:
    """Say what is wrong with `m` as a person would: value, limit, by how much, where and when."""
    when = window(m)
    return f"{subject(m)} {_wrong(m)}{f' ({when})' if when else ''}"


def _wrong(m: Measurement) -> str:
    figure = number(m.value)
    if m.value is None:
        return f"has no value: {clean(m.reason or 'no reason given')}"
    if figure is None or (m.low is None and m.high is None):
        return f"was {shown(m.value) if figure is None else scale_of(m).value(figure)}, expected {limit(m)}"
    scale = scale_of(m)
    said = f"was {value(m)}, "
    if m.high is not None and figure > m.high:
        return f"{said}{scale.step(figure - m.high)} above its limit of {scale.bound(m.high)}{_conditional(m)}"
    if m.low is not None and figure < m.low:
        return f"{said}{scale.step(m.low - figure)} below its limit of {scale.bound(m.low)}{_conditional(m)}"
    inside = f"inside its limit ({limit(m)}) by {margin(m)}"
    return f"{said}{inside}, less than the guard band of {scale.step(guard_band(m))}"


def _conditional(m: Measurement) -> str:
    return ", by less than its uncertainty (conditional fail)" if m.judged == "conditional_fail" else ""


def reasons(case: Case) -> list[str]:
    """Say why a failed case failed, a sentence for each measurement; its message where no measurement failed."""
    return [failure(m) for m in case.failures] or [first_line(case.message) or clean(case.planned.claim)]


def first_line(text: str) -> str:
    """Return the first line that says something, safe to print."""
    return next((clean(line.strip()) for line in text.splitlines() if line.strip()), "")


@dataclass(frozen=True, slots=True)
class Open:
    """Something that stands between the run and a decision: the case, where it is one, and why."""

    case: str
    what: str


_UNDECIDED: dict[Outcome, str] = {
    "error": "could not be decided",
    "skip": "was skipped",
    "interrupted": "was interrupted",
    "not_run": "did not run",
    "invalidated": "no longer counts",
}


def open_points(run: Run) -> list[Open]:
    """Say what is not decided, those of the run as a whole first."""
    cases = [c for c in run.cases.values() if TONES[c.outcome] == "open"]
    left_out = blocking(run)
    named = tuple(f"{name} " for name in [*(c.planned.case for c in cases), *(u.case for u in left_out)])
    points = [Open("", clean(p)) for p in run.open_points() if not p.startswith(named)]
    points += [Open(clean(c.planned.case), undecided(c)) for c in cases]
    return points + [Open(clean(u.case), f"{WHY_LEFT_OUT[u.why]}: {clean(u.reason)}") for u in left_out]


def undecided(case: Case) -> str:
    """Say in a line why a case has no verdict, and whose doing that is."""
    whose = f" [{case.attribution}]" if case.attribution else ""
    why = first_line(case.message)
    return f"{_UNDECIDED[case.outcome]}{f': {why}' if why else ''}{whose}"


def blocking(run: Run) -> list[UnplannedCase]:
    """Return what was left out although the generation has it."""
    return [u for u in run.left_out.values() if u.why in ("deselected", "not_observable")]


def counts(run: Run) -> str:
    """Say how many cases came to what.

    A sentence such as "2 of 143 cases failed, 1 could not be decided, 3 do not apply".
    """
    tones = Counter(TONES[c.outcome] for c in run.cases.values())
    why = Counter(u.why for u in run.left_out.values())
    undecided_ = tones["open"] + len(blocking(run))
    failed = f"{tones['fail']} of {len(run.cases)} cases failed"
    parts = [failed if tones["fail"] else f"{tones['pass']} of {len(run.cases)} cases passed"]
    flagged = sum(c.outcome == "pass" and _conditionally(c) for c in run.cases.values())
    parts += [f"{flagged} passed conditionally"] if flagged else []
    parts += [f"{undecided_} could not be decided"] if undecided_ else []
    apart = why["not_applicable"]
    parts += [f"{apart} {'does' if apart == 1 else 'do'} not apply"] if apart else []
    return ", ".join(parts + ([f"{why['waived']} waived"] if why["waived"] else []))


def _conditionally(case: Case) -> bool:
    return any(m.judged == "conditional_pass" for m in case.measurements)


def groups(run: Run) -> dict[str, Counter[Tone]]:
    """Count the cases of every group by tone, in the order of the plan."""
    found: dict[str, Counter[Tone]] = {}
    for case in run.cases.values():
        found.setdefault(case.planned.group, Counter())[TONES[case.outcome]] += 1
    return found


def rack(run: Run) -> str:
    """Say which rack was tested against what, and when."""
    start = run.start
    revision = f"{clean(start.generation)} rev {start.profile_revision}"
    return f"rack {clean(start.serial)} · {revision} · plan {clean(start.plan)} · {span(run.begun, run.last)}"


def place(run: Run) -> str:
    """Say where and by whom."""
    return f"station {clean(run.start.station)} · operator {clean(run.start.operator)}"


def illustrative(run: Run) -> bool:
    """Tell whether a limit of this run was made up."""
    return any(m.limit_source == ILLUSTRATIVE for m in run.measurements)


def key_figures(run: Run, most: int = 4) -> list[Measurement]:
    """Return figures of the rack as a whole with known uncertainty, one of each unit and state."""
    found: dict[tuple[str | None, str | None], Measurement] = {}
    for m in run.measurements:
        if m.where is None and m.uncertainty and number(m.value) is not None:
            found.setdefault((m.unit, m.state), m)
    return list(found.values())[:most]
