"""What a journal amounts to: `fold(entries)` gives the run, its cases and its verdict. Every report is a view of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from harness.journal import Entry
from harness.limits import ILLUSTRATIVE
from harness.reasons import ReasonCode
from harness.records import (
    Attribution,
    CaseEnd,
    CaseInvalidated,
    CaseStart,
    Checkpoint,
    DeviceMissing,
    DeviceSampled,
    DeviceSeen,
    Measurement,
    Note,
    PlannedCase,
    PlanStated,
    RangesSet,
    RegisterSet,
    RunEnd,
    RunResumed,
    RunStart,
    SeriesRecorded,
    StateReached,
    UnplannedCase,
    WorkloadRan,
)
from harness.wording import sentence

RunVerdict = Literal["ACCEPTED", "REJECTED", "INCOMPLETE", "REHEARSAL"]
Outcome = Literal["pass", "fail", "error", "skip", "interrupted", "not_run", "invalidated"]

EXIT_CODES: dict[RunVerdict, int] = {"ACCEPTED": 0, "REJECTED": 1, "INCOMPLETE": 3, "REHEARSAL": 0}


@dataclass(slots=True)
class Case:
    """One planned case and what became of it."""

    planned: PlannedCase
    outcome: Outcome = "not_run"
    message: str = ""
    attribution: Attribution | None = None
    seconds: float | None = None
    ended: datetime | None = None
    measurements: list[Measurement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    devices: tuple[str, ...] = ()
    codes: tuple[ReasonCode, ...] = ()

    @property
    def failures(self) -> list[Measurement]:
        """Return the measurements that failed, conditionally or not."""
        return [m for m in self.measurements if m.outcome == "fail"]

    @property
    def finished(self) -> bool:
        """Tell whether this case is decided: what is not may be tried again by a resume, what is never."""
        return self.outcome in ("pass", "fail")


@dataclass(slots=True)
class Run:
    """One execution of a plan against one rack, as its journal tells it."""

    start: RunStart
    begun: datetime
    last: datetime
    cases: dict[str, Case] = field(default_factory=dict)
    left_out: dict[str, UnplannedCase] = field(default_factory=dict)
    seen: dict[str, DeviceSeen] = field(default_factory=dict)
    missing: dict[str, DeviceMissing] = field(default_factory=dict)
    states: list[StateReached] = field(default_factory=list)
    series: list[SeriesRecorded] = field(default_factory=list)
    sampled: list[DeviceSampled] = field(default_factory=list)
    ranges: list[RangesSet] = field(default_factory=list)
    registers: list[RegisterSet] = field(default_factory=list)
    workloads: list[WorkloadRan] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    resumed: list[RunResumed] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    end: RunEnd | None = None

    @property
    def emulated(self) -> bool:
        """Tell whether any device said on the wire that it is emulated."""
        return any(device.emulated for device in self.seen.values())

    @property
    def rehearsed(self) -> bool:
        """Tell whether the rack's time ran faster than the station's."""
        return self.start.speed != 1.0

    @property
    def measurements(self) -> list[Measurement]:
        """Return every measurement of every case that counts."""
        return [m for case in self.cases.values() for m in case.measurements]

    def of(self, *outcomes: Outcome) -> list[Case]:
        """Return the cases with one of these outcomes, in the order of the plan."""
        return [case for case in self.cases.values() if case.outcome in outcomes]

    @property
    def verdict(self) -> RunVerdict:
        """Decide: any fail rejects; only a run that ended with every planned case passed, and nothing open, accepts.

        What would be accepted in a rack's faster time is a rehearsal that went well.
        """
        if self.of("fail"):
            return "REJECTED"
        if self.open_points():
            return "INCOMPLETE"
        return "REHEARSAL" if self.rehearsed else "ACCEPTED"

    def open_points(self) -> list[str]:
        """Say, a sentence each, what stands between this run and ACCEPTED apart from failed cases."""
        points = [] if self.end else ["The run did not end: its process stopped; `rackproof resume` goes on."]
        if self.end and not self.end.safe:
            points.append(f"The rack was not brought to its safe state: {self.end.message}")
        if not self.cases:
            points.append("No case was planned.")
        points += [_undecided(case) for case in self.cases.values() if case.outcome not in ("pass", "fail")]
        points += [f"{u.case} was left out ({u.why.replace('_', ' ')}): {u.reason}" for u in self._blocking()]
        return points + self._not_for_real_racks()

    def _blocking(self) -> list[UnplannedCase]:
        return [u for u in self.left_out.values() if u.why in ("deselected", "not_observable")]

    def _not_for_real_racks(self) -> list[str]:
        real = [device.name for device in self.seen.values() if not device.emulated]
        if self.seen and not real:
            return []
        points = self._uncalibrated()
        points += ["Time ran faster than time does: that is no test of a real device."] if self.rehearsed else []
        if self.emulated:
            points.append(f"Real and emulated devices are mixed: real are {', '.join(real[:3])}, others are not.")
        if any(m.limit_source == ILLUSTRATIVE for m in self.measurements):
            points.append('A limit with source "illustrative" cannot accept a real rack: the profile must name one.')
        if self.start.profile_state != "released":
            points.append("A draft profile cannot accept a real rack: have it released.")
        return points

    def _uncalibrated(self) -> list[str]:
        """Say which instruments of the station gave figures and have no calibration on record."""
        used = {source.partition(" ")[0] for m in self.measurements if m.unit is not None for source in m.sources}
        own = [d for d in self.seen.values() if d.owner == "station" and d.address in used]
        names = ", ".join(d.name for d in own if d.calibration is None)
        fix = "name a calibration register in the inventory"
        return [f"No calibration is on record for {names}, by which figures were measured: {fix}."] if names else []


_UNDECIDED: dict[Outcome, str] = {
    "error": "could not be decided",
    "skip": "was skipped",
    "interrupted": "was interrupted",
    "not_run": "did not run",
    "invalidated": "no longer counts",
}


def _undecided(case: Case) -> str:
    sentence = f"{case.planned.case} {_UNDECIDED[case.outcome]}"
    return f"{sentence}: {case.message.splitlines()[0]}" if case.message else sentence


def fold(entries: Iterable[Entry]) -> Run:
    """Turn the entries of a journal into the run that they tell.

    Raises ValueError where the first is not the start of a run.
    """
    iterator = iter(entries)
    first = next(iterator, None)
    if first is None or not isinstance(first.record, RunStart):
        raise ValueError("the journal does not begin with the start of a run")
    run = Run(first.record, first.at, first.at)
    for entry in iterator:
        _take(run, entry)
        run.last = entry.at
    return run


def _take(run: Run, entry: Entry) -> None:  # noqa: PLR0912 - one arm a record
    match entry.record:
        case PlanStated() as stated:
            _plan(run, stated)
        case DeviceSeen() as device:
            run.seen[device.name] = device
            run.missing.pop(device.name, None)
        case DeviceMissing() as device:
            run.missing[device.name] = device
        case CaseStart(case=name):
            run.cases[name] = _again(run.cases[name], "interrupted")
        case Measurement() as measurement:
            run.cases[measurement.case].measurements.append(measurement)
        case CaseEnd() as end:
            _end(run.cases[end.case], end, entry.at)
        case CaseInvalidated() as gone:
            run.cases[gone.case] = _again(run.cases[gone.case], "invalidated", gone.reason)
        case StateReached() as state:
            run.states.append(state)
        case SeriesRecorded() as series:
            run.series.append(series)
        case DeviceSampled() as sampled:
            run.sampled.append(sampled)
        case RangesSet() as ranges:
            run.ranges.append(ranges)
        case RegisterSet() as register:
            run.registers.append(register)
        case WorkloadRan() as workload:
            run.workloads.append(workload)
        case Note() as note:
            (run.cases[note.case].notes if note.case in run.cases else run.notes).append(note.text)
        case RunResumed() as resumed:
            run.resumed.append(resumed)
            run.end = None
        case Checkpoint() as checkpoint:
            run.checkpoints.append(checkpoint)
        case RunEnd() as end_of_run:
            run.end = end_of_run


def _plan(run: Run, stated: PlanStated) -> None:
    for planned in stated.cases:
        run.cases.setdefault(planned.case, Case(planned))
        run.left_out.pop(planned.case, None)
    run.left_out.update({u.case: u for u in stated.left_out})


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _again(before: Case, outcome: Outcome, message: str = "") -> Case:
    """Begin anew; what an earlier attempt found outside its limits stays in sight."""
    said = [f"an earlier attempt, {before.outcome}, found: {sentence(m)}" for m in before.failures]
    if before.outcome in ("error", "skip"):
        said.append(f"an earlier attempt {_UNDECIDED[before.outcome]}: {_first_line(before.message)}")
    return Case(before.planned, outcome, message, notes=before.notes + said)


_OUTCOMES: dict[tuple[str, str], Outcome] = {
    ("complete", "pass"): "pass",
    ("complete", "fail"): "fail",
    ("error", "not-applicable"): "error",
    ("skip", "not-applicable"): "skip",
}


def _end(case: Case, end: CaseEnd, at: datetime) -> None:
    case.outcome = _OUTCOMES[end.status, end.verdict]
    case.message, case.attribution, case.seconds, case.ended = end.message, end.attribution, end.seconds, at
    case.devices, case.codes = end.devices, end.codes
