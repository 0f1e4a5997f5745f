"""One run of a plan under way: journal, session, states; what a case may touch, and how it ended."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from platform import python_version
from typing import Any

from drivers.errors import DriverError, WrongDevice
from harness import datafile, efficiency, journal, run, runfolder
from harness.calibration import Register
from harness.calibration import load as load_register
from harness.clock import Clock
from harness.datafile import DataError
from harness.dwell import LONGEST_STALL_S, Dwell, Expected, InvalidWindow
from harness.evidence.checkpoints import Sealing
from harness.integrating import left_counting
from harness.inventory import Inventory
from harness.inventory import load as load_inventory
from harness.journal import JournalError
from harness.measuring import CaseFailed, NotTrusted, TooUncertain, Undecided, UnitMismatch
from harness.planfile import Plan
from harness.planfile import load as load_plan
from harness.profile import Profile
from harness.profile import load as load_profile
from harness.ranging import left_to_do
from harness.reasons import ATTRIBUTED, ReasonCode
from harness.records import (
    Attribution,
    CaseEnd,
    CaseInvalidated,
    CaseStart,
    Measurement,
    Note,
    PlanStated,
    RequirementsStated,
    RunEnd,
    RunStart,
)
from harness.run import Run
from harness.runfolder import Inputs
from harness.sampling import Target
from harness.series import SeriesStore
from harness.session import Blame, DeviceOut, Session
from harness.states import States
from harness.wording import sentence


@dataclass(frozen=True, slots=True)
class Files:
    """The inputs, read and checked."""

    inputs: Inputs
    inventory: Inventory
    plan: Plan
    profile: Profile
    register: Register | None = None

    @classmethod
    def load(cls, inputs: Inputs) -> "Files":
        """Read all three, and the calibration register that the inventory names. Raises DataError.

        A rack whose time runs faster is tested by the plan's rehearsal.
        """
        inventory, plan = load_inventory(inputs.rack), load_plan(inputs.plan)
        plan = plan if inventory.speed == 1.0 else plan.rehearsed()
        register = None if inventory.calibration is None else load_register(inventory.folder / inventory.calibration)
        return cls(inputs, inventory, plan, load_profile(inputs.profile), register)


def software() -> dict[str, str]:
    """Return the versions that a run is made with."""
    names = ("rackproof", "pytest", "pyvisa", "pyvisa-py", "pysnmp", "paramiko", "pydantic")
    found = {name: _version(name) for name in names}
    return {"python": python_version(), **{name: version for name, version in found.items() if version}}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _start(files: Files, folder: Path, operator: str) -> RunStart:
    return RunStart(
        run=folder.name,
        serial=files.inventory.serial,
        generation=files.inventory.generation,
        station=files.inventory.station,
        operator=operator,
        plan=files.plan.name,
        plan_sha256=datafile.sha256(files.inputs.plan),
        role=files.plan.role,
        profile=files.profile.generation,
        profile_revision=files.profile.revision,
        profile_state=files.profile.state,
        profile_sha256=datafile.sha256(files.inputs.profile),
        software=software(),
        speed=files.inventory.speed,
        epoch=files.inventory.epoch,
    )


@dataclass(slots=True)
class CaseRun:
    """A case under way: what it touched, and what went wrong first."""

    case: str
    begun: float
    devices: dict[str, None] = field(default_factory=dict)
    failures: list[Measurement] = field(default_factory=list)
    error: BaseException | None = None
    skipped: str | None = None
    measured: int = 0

    def touch(self, device: str) -> None:
        """Remember that this case rests on a device."""
        self.devices[device] = None

    def fail_with(self, error: BaseException) -> None:
        """Keep the first error."""
        self.error = self.error or error


class Execution:
    """The run of one plan against one rack. Opened before the first case, closed after the last, whatever happens."""

    def __init__(
        self, files: Files, folder: Path, clock: Clock, operator: str, progress: Callable[[str], None]
    ) -> None:
        self.files, self.folder, self._clock, self._operator, self.progress = files, folder, clock, operator, progress
        self.earlier: Run | None = None
        self.current: CaseRun | None = None

    def open(self) -> None:
        """Open the journal, new or to go on with. Raises JournalError, DataError."""
        if (self.folder / "journal.jsonl").exists():
            self.journal, entries = journal.resume(self.folder, software(), self._refuse_other)
            self.earlier = run.fold(entries)
        else:
            if not (self.folder / "inputs" / "origin.json").exists():
                runfolder.fill(self.folder, self.files.inputs)
            self.journal = journal.create(self.folder, _start(self.files, self.folder, self._operator))
        self._sealing = Sealing(self.journal, self.folder, self._clock.now)
        self.session = Session(self.files.inventory, self._clock, self.journal.append, self.files.register)
        self.store = SeriesStore(self.folder / "series")
        attachments = self.folder / "attachments"
        arguments = (self.session, self.files.plan, self.store, self._clock, self.journal.append, attachments)
        earlier = [stay.state for stay in self.earlier.states] if self.earlier else []
        fast = self._clock.speed != 1.0
        stall = LONGEST_STALL_S * self._clock.speed if fast else 0.0
        counts, stale = self.files.profile.counts, self.files.plan.stale_after
        expected = Expected(counts, stale, self.session.doubt, stall)
        left = (left_to_do(self.earlier.ranges), left_counting(self.earlier.registers)) if self.earlier else ()
        self.states = States(*arguments, self.progress, earlier, expected, *left)

    def _refuse_other(self, entries: Sequence[journal.Entry]) -> None:
        before, now = run.fold(entries).start, _start(self.files, self.folder, self._operator)
        for what, fix in _MUST_MATCH.items():
            was, is_ = getattr(before, what), getattr(now, what)
            if was != is_:
                raise DataError(f"{what}: this run began with {was!r}, now it is {is_!r}; {fix}")
        _refuse_other_places(load_inventory(self.folder / "inputs" / "rack.toml"), self.files.inventory)

    def state_plan(self, plan: PlanStated) -> None:
        """Write down what will and what will not run, then connect to the rack and let it identify itself."""
        self.journal.append(plan)
        if self.files.profile.requirements:
            self.journal.append(RequirementsStated(requirements=self.files.profile.requirements))
        self.session.open(self.progress)
        if self.earlier is not None:
            self._invalidate(self.earlier)

    def _invalidate(self, earlier: Run) -> None:
        changed = self._changed(earlier)
        for case in earlier.cases.values():
            touched = [device for device in case.devices if device in changed]
            if case.finished and touched:
                reason = "; ".join(changed[device] for device in touched)
                self.journal.append(CaseInvalidated(case=case.planned.case, reason=reason))

    def _changed(self, earlier: Run) -> dict[str, str]:
        changed = {}
        for name, before in earlier.seen.items():
            handle = self.session.handles.get(name)
            now = handle.identity if handle else None
            if now is None:
                if isinstance(error := self.session.out.get(name), WrongDevice):
                    changed[name] = f"{name}: {error.what}"
                continue
            for what in ("maker", "model", "serial", "firmware"):
                old = getattr(before, "device_model" if what == "model" else what)
                if getattr(now, what) != old:
                    changed[name] = f"{name}: {what} was {old!r}, is {getattr(now, what)!r}"
        return changed

    def finished(self) -> set[str]:
        """Return the cases with a result that still counts."""
        if self.earlier is None:
            return set()
        now = run.fold(journal.Reader(self.folder).entries())
        return {name for name, case in now.cases.items() if case.finished}

    def begin(self, case: str) -> CaseRun:
        """Begin a case."""
        self.journal.append(CaseStart(case=case))
        self.current = CaseRun(case, self._clock.monotonic())
        return self.current

    def end(self, case: CaseRun) -> CaseEnd:
        """End a case: write down status, verdict, and whose doing it was."""
        end = self._case_end(case)
        self.journal.append(end)
        self._sealing.case_ended()
        self.current = None
        return end

    def _case_end(self, case: CaseRun) -> CaseEnd:
        seconds, devices = round(self._clock.monotonic() - case.begun, 6), tuple(case.devices)
        if case.error is None and case.skipped is None and case.measured == 0:
            case.fail_with(Undecided("the case measured nothing"))
        common = {"case": case.case, "seconds": seconds, "devices": devices}
        if case.failures:
            message = _failure(case.failures, case.error)
            return CaseEnd(status="complete", verdict="fail", attribution="rack", message=message, **common)
        if case.error is not None:
            blame, message = self._blame(case.error)
            told = {"attribution": blame, "message": message, "codes": _codes(case.error)}
            return CaseEnd(status="error", verdict="not-applicable", **told, **common)
        if case.skipped is not None:
            return CaseEnd(status="skip", verdict="not-applicable", message=case.skipped, **common)
        return CaseEnd(status="complete", verdict="pass", **common)

    def _blame(self, error: BaseException) -> tuple[Attribution, str]:
        if isinstance(error, DeviceOut):
            return error.attribution, str(error)
        if isinstance(error, NotTrusted):
            return "instrument", str(error)
        if isinstance(error, InvalidWindow | DriverError):
            return self._blame_device(error)
        own = OSError | sqlite3.Error | JournalError | TooUncertain | efficiency.Undecided
        owner: Attribution = "station" if isinstance(error, own) else "software"
        known = isinstance(error, UnitMismatch | Undecided | JournalError | efficiency.Undecided)
        return owner, str(error) if known else f"{type(error).__name__}: {error}"

    def _blame_device(self, error: InvalidWindow | DriverError) -> tuple[Attribution, str]:
        if isinstance(error, DriverError):
            blame = self.session.blame_address(error)
            return blame.attribution, f"{error}\n  because  {blame.proof}"
        said = f"{error.reason}\n{error.error}" if error.error else error.reason
        blame = self._blame_window(error)
        return blame.attribution, f"{said}\n  because  {blame.proof}" if blame.proof else said

    def _blame_window(self, error: InvalidWindow) -> Blame:
        """Say whose doing an invalid window is: that follows from its reason code."""
        match ATTRIBUTED[error.codes[0]]:
            case "cause":
                return self._blame_cause(error)
            case "owner":
                own = self.session.handles[error.device].entry.owner == "station"
                whose = "station's own" if own else "rack's own"
                return Blame("instrument" if own else "rack", f"{error.device} is the {whose}")
            case doing:
                return Blame(doing, "")

    def _blame_cause(self, error: InvalidWindow) -> Blame:
        if not error.device:
            return Blame("software", "")
        if error.error is None:
            return Blame("station", f"{error.device} never failed: it was not asked in time")
        return self.session.blame(error.device, error.error)

    def note(self, text: str) -> None:
        """Write down a note, with the case under way where there is one."""
        self.journal.append(Note(text=text, case=self.current.case if self.current else None))

    def dwell(self, state: str, targets: Sequence[Target]) -> Dwell:
        """Return the stay in `state`, observed now unless it was before."""
        return self.states.dwell(state, targets, self.touch)

    def touch(self, device: str) -> None:
        """Remember that the case under way rests on a device."""
        if self.current is not None:
            self.current.touch(device)

    def distrust(self, devices: Sequence[str]) -> str | None:
        """Say why an instrument among `devices`, or all that the case rests on, decides nothing; None where all may."""
        resting = self.current.devices if self.current else {}
        return self.session.distrust(devices or tuple(resting))

    def close(self, message: str = "") -> None:
        """Bring the rack to its safe state, hang up, and end the journal."""
        with ExitStack() as closing:
            closing.callback(self.journal.close)
            closing.callback(self.store.close)
            closing.callback(self._sealing.end)
            closing.callback(self.session.close)
            closing.callback(self._end, message)
            for failed in self.states.restore():
                self.journal.append(Note(text=failed))

    def _end(self, message: str) -> None:
        try:
            self.states.safe()
        except DriverError as error:
            self.journal.append(RunEnd(safe=False, message=str(error)))
        else:
            self.journal.append(RunEnd(safe=True, message=message))


def _codes(error: BaseException) -> tuple[ReasonCode, ...]:
    if isinstance(error, NotTrusted):
        return ("calibration_expired",)
    if isinstance(error, TooUncertain | efficiency.Undecided):
        return ("uncertainty_above_limit",)
    return error.codes if isinstance(error, InvalidWindow) else ()


def _failure(failures: list[Measurement], error: BaseException | None) -> str:
    """Tell what failed, and what else went wrong after it: a failure that was measured stays one."""
    said = [sentence(failure) for failure in failures]
    further = [] if error is None or isinstance(error, CaseFailed) else [f"and then: {error}"]
    return "\n".join(said + further)


def _refuse_other_places(before: Inventory, now: Inventory) -> None:
    """Hold the inventory to what it was, addresses apart: what was decided rests on its devices, owners and parts."""
    was, is_ = before.model_dump(exclude=_MAY_MOVE), now.model_dump(exclude=_MAY_MOVE)
    changed = [key for key in was if was[key] != is_[key]]
    if changed:
        what = f"the inventory's {', '.join(changed)} are not what this run began with"
        raise DataError(f"{now.folder}: {what}; only addresses may change on the way: begin a new run")


_MAY_MOVE: dict[str, Any] = {"epoch": True, "device": {"__all__": {"address", "host_key", "ca"}}}

_MUST_MATCH = {
    "serial": "another rack is another run",
    "generation": "another generation is another run",
    "plan_sha256": "what was decided by another plan does not count: begin a new run",
    "speed": "what was decided in another time does not count: begin a new run",
    "profile_sha256": "what was decided by other limits does not count: begin a new run",
}
