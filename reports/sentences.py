"""What every report says in the same words: verdicts, failures, limits, windows, and what is open."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from harness.deciding.rules import Counted
from harness.figures import clean, number, span
from harness.limits import ILLUSTRATIVE
from harness.records import Measurement, UnplannedCase
from harness.run import Case, Outcome, Run
from harness.wording import blame, first_line, ruling, sentence, value

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
OUTCOME_TONES: dict[Counted, Tone] = {"pass": "pass", "fail": "fail", "not_decided": "open"}
VERDICT_TONES: dict[str, Tone] = {"ACCEPTED": "pass", "REJECTED": "fail", "INCOMPLETE": "open", "REHEARSAL": "open"}
WHY_LEFT_OUT = {
    "deselected": "deselected",
    "not_applicable": "does not apply",
    "not_observable": "not observable",
    "waived": "waived",
}
RULES = {
    "simple": "simple: the value decides, its uncertainty is not counted (r = 0)",
    "guarded": "guarded: the limit is drawn in by r·U, r = 1 unless the limit says otherwise (ILAC-G8)",
    "iso14253": "iso14253: the limit is drawn in by 0.83·U where the plan's role is the supplier, who proves "
    "conformance, and drawn out by it where it is the customer, who proves non-conformance (ISO 14253-1)",
    "ilac4": "ilac4: what lies within U of the limit passes or fails conditionally (ILAC-G8, four ways); a conditional "
    "pass counts as pass and is marked, a conditional fail as fail, unless the profile says otherwise",
}
VERDICT_RULE = (
    "ACCEPTED: the run ended, the rack was left safe, every planned case passed and nothing is open. "
    "REJECTED: at least one case failed. INCOMPLETE: everything else. "
    "REHEARSAL: what would be ACCEPTED, of an emulated rack whose time ran faster than time does."
)


def banner(run: Run) -> str:
    """Say that a run did not touch hardware, and how fast its time ran; "" for a run that did."""
    said = EMULATED if run.emulated else ""
    if not run.rehearsed:
        return said
    return "; ".join(part for part in (said, f"its time ran {run.start.speed:g} times faster") if part)


def reasons(case: Case) -> list[str]:
    """Say why a failed case failed, a sentence for each measurement; its message where no measurement failed."""
    return [sentence(m) for m in case.failures] or [first_line(case.message) or clean(case.planned.claim)]


def beyond(case: Case) -> str:
    """Return what the message of a case says that the sentences of its failures do not."""
    said = {sentence(m) for m in case.failures}
    return "\n".join(line for line in case.message.splitlines() if line not in said)


@dataclass(frozen=True, slots=True)
class Open:
    """Something that stands between the run and a decision: why, and the cases that it concerns, of one number."""

    what: str
    cases: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Return the number that the cases share, or how many numbers there are; "" where it is the run as a whole."""
        numbers = dict.fromkeys(map(number_of, self.cases))
        return f"{len(numbers)} numbers" if len(numbers) > 1 else "".join(numbers)

    @property
    def where(self) -> str:
        """Say the one device, or on how many, or how many cases of several numbers; "" where no device is named."""
        if len(self.cases) > 1:
            alike = len(set(map(number_of, self.cases))) == 1
            return f"on {len(self.cases)} devices" if alike else f"{len(self.cases)} cases"
        return "".join(devices_of(self.cases))

    @property
    def label(self) -> str:
        """Return what a line about it begins with; "" where it is the run as a whole."""
        if len(self.cases) <= 1:
            return "".join(self.cases)
        return f"{self.title}{' ' if self.where.startswith('on ') else ', '}{self.where}"


def number_of(case: str) -> str:
    """Return the number of a case, without the device in brackets.

    >>> number_of("PWR-009[shelf7]"), devices_of(["PWR-009[shelf7]", "PWR-001"])
    ('PWR-009', ['shelf7'])
    """
    return case.partition("[")[0]


def devices_of(cases: Iterable[str]) -> list[str]:
    """Return the devices that stand in brackets behind the numbers of cases."""
    return [device.removesuffix("]") for _, _, device in (case.partition("[") for case in cases) if device]


_FEW_NUMBERS = 3

_KEY_FIGURES = {
    "full_power": "full-load power",
    "idle_power": "idle power",
    "work_per_joule": "work per joule",
    "idle_to_peak": "idle share",
    "coolant_heat_share": "heat in the coolant",
}

_UNDECIDED: dict[Outcome, str] = {
    "error": "could not be decided",
    "skip": "was skipped",
    "interrupted": "was interrupted",
    "not_run": "did not run",
    "invalidated": "no longer counts",
}


def open_points(run: Run) -> list[Open]:
    """Say what is not decided, one point a case, those of the run as a whole first."""
    cases = [c for c in run.cases.values() if TONES[c.outcome] == "open"]
    left_out = blocking(run)
    named = tuple(f"{name} " for name in [*(c.planned.case for c in cases), *(u.case for u in left_out)])
    points = [Open(clean(p)) for p in run.open_points() if not p.startswith(named)]
    points += [Open(undecided(c), (clean(c.planned.case),)) for c in cases]
    return points + [Open(why_left_out(u), (clean(u.case),)) for u in left_out]


def grouped(points: Iterable[Open]) -> list[Open]:
    """Put points of one number and reason together: a reason is said once, not once a device."""
    found: dict[tuple[str, str], Open] = {}
    for point in points:
        key = (point.title, point.what)
        found[key] = replace(point, cases=found[key].cases + point.cases) if key in found else point
    return list(found.values())


def briefly(points: Iterable[Open]) -> list[Open]:
    """Group, and put numbers together as well where more than a few share a reason: for the first screen."""
    points = grouped(points)
    shared = Counter(point.what for point in points)
    found: dict[object, Open] = {}
    for point in points:
        key = point.what if shared[point.what] > _FEW_NUMBERS else point
        found[key] = replace(point, cases=found[key].cases + point.cases) if key in found else point
    return list(found.values())


def undecided(case: Case) -> str:
    """Say in a line why a case has no verdict, and whose doing that is."""
    why = blame(case.message, case.attribution)
    return f"{_UNDECIDED[case.outcome]}{f': {why}' if why else ''}"


def why_left_out(left: UnplannedCase) -> str:
    """Say why a case was left out; the kind is not repeated where the reason begins with it."""
    kind, reason = WHY_LEFT_OUT[left.why], clean(left.reason)
    return reason if reason.startswith(kind) else f"{kind}: {reason}"


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


def decided_by(run: Run) -> str:
    """Say by which rules the numbers of this run were judged, and how many by each; "" where there are none."""
    rules = Counter(ruling(m) for m in run.measurements if m.low is not None or m.high is not None)
    role = f", role {clean(run.start.role)}" if any(m.rule == "iso14253" for m in run.measurements) else ""
    return f"{'; '.join(f'{rule} ({count})' for rule, count in rules.items())}{role}"


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
    return f"station {clean(run.start.station)} · {operator(run)}"


def operator(run: Run) -> str:
    """Say who was at the station."""
    return f"operator {clean(run.start.operator)}" if run.start.operator else "operator not named"


def illustrative(run: Run) -> bool:
    """Tell whether a limit of this run was made up."""
    return any(m.limit_source == ILLUSTRATIVE for m in run.measurements)


def key_figures(run: Run) -> list[tuple[str, str]]:
    """Return the figures that people ask for first, where they were measured: what, and figure with unit."""
    of_name = {m.name: m for m in reversed(run.measurements) if number(m.value) is not None}
    return [(what, _figure(of_name[name])) for name, what in _KEY_FIGURES.items() if name in of_name]


def _figure(m: Measurement) -> str:
    return value(m).replace("FLOP/J", "FLOP/s per W")
