"""The journal's vocabulary: what can be written down about a run, and the version of that language.

Every record is frozen, refuses unknown keys, and holds no NaN. `seq`, `prev` and `at` belong to the journal's line
around it (`harness.journal`).
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter

from harness.deciding.rules import COUNTS, Counted, Judged, Rule
from harness.reasons import ReasonCode

SCHEMA = 1
"""Version of this vocabulary. A journal of a newer one is refused."""

Status = Literal["complete", "error", "skip"]
Verdict = Literal["pass", "fail", "not-applicable"]
Attribution = Literal["rack", "instrument", "station", "network", "software"]
Owner = Literal["rack", "station"]
Scalar = bool | int | FiniteFloat | str


class Record(BaseModel):
    """One thing that happened."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RunStart(Record):
    """Who tests which rack with what.

    `speed` seconds of the rack pass in one of the station's: windows, series and the seconds of cases are the rack's
    time, the `at` of every line is the station's; at `epoch` (Unix time, s) both were the same.
    """

    kind: Literal["run_start"] = "run_start"
    schema_version: int = SCHEMA
    run: str
    serial: str
    generation: str
    station: str
    operator: str
    plan: str
    plan_sha256: str
    role: str
    profile: str
    profile_revision: int
    profile_state: Literal["draft", "released"]
    profile_sha256: str
    software: dict[str, str]
    speed: FiniteFloat = 1.0
    epoch: FiniteFloat = 0.0


class RunResumed(Record):
    """A later process goes on: first record of a further journal file."""

    kind: Literal["run_resumed"] = "run_resumed"
    schema_version: int = SCHEMA
    part: int
    torn_bytes: int
    software: dict[str, str]


class Calibration(Record):
    """What the calibration register says of an instrument: valid from `calibrated` to `due`, both included."""

    certificate: str
    laboratory: str
    calibrated: date
    due: date
    drift_per_year: FiniteFloat | None = None
    drift_source: str = ""


class DeviceSeen(Record):
    """A device as it identified itself, with its calibration where the register holds it."""

    kind: Literal["device_seen"] = "device_seen"
    name: str
    model: str
    role: str
    owner: Owner
    slot: str | None
    address: str
    maker: str
    device_model: str
    serial: str
    firmware: str
    emulated: bool
    raw: str
    calibration: Calibration | None = None


class DeviceMissing(Record):
    """A device that did not answer, or not as itself, and whose doing that is as far as it is proven."""

    kind: Literal["device_missing"] = "device_missing"
    name: str
    model: str
    role: str
    owner: Owner
    slot: str | None
    address: str
    error: str
    attribution: Attribution
    proof: str


class PlannedCase(Record):
    """A case as it stands in the plan: `case` is its number, with the device in brackets where it is one per device."""

    case: str
    number: str
    group: str
    claim: str
    device: str | None = None
    state: str | None = None


class UnplannedCase(Record):
    """A case that will not run, and why."""

    case: str
    why: Literal["deselected", "not_applicable", "not_observable", "waived"]
    reason: str


class PlanStated(Record):
    """Every case that will run, and every one that will not."""

    kind: Literal["plan_stated"] = "plan_stated"
    cases: tuple[PlannedCase, ...]
    left_out: tuple[UnplannedCase, ...]


class CaseStart(Record):
    """A case begins."""

    kind: Literal["case_start"] = "case_start"
    case: str


class BudgetLine(Record):
    """One contribution to an uncertainty: `u` (standard) of the input in its own unit, its sensitivity, and |c·u|.

    `amount` is in the unit of the measurement; `dof` is null where infinite. What shares a `group` may be wrong in the
    same direction and adds linearly. `source` is the manual's clause, the certificate or the query.
    """

    name: str
    type: Literal["A", "B"]
    distribution: str
    u: FiniteFloat
    sensitivity: FiniteFloat
    amount: FiniteFloat
    dof: FiniteFloat | None = None
    group: str | None = None
    source: str = ""


class Measurement(Record):
    """A value judged by a limit of the profile.

    `value` and `uncertainty` (standard, k = 1) are in `unit`; U is `k` times the uncertainty, 2 where `k` is null;
    `dof` are its effective degrees of freedom, null where infinite; `budget` says what it is made of. `guard` is the
    factor r that was used, negative where the limit was drawn out, null for the rule's own. `counts` says what the
    profile takes the result for, where that is not the usual. `margin` is the distance to the nearer bound, negative
    outside; `begin` and `end` bound the window that the value was taken from; `sources` are addresses with the queries
    that were put to them, `raw` what came back where it was one reply.
    """

    kind: Literal["measurement"] = "measurement"
    case: str
    name: str
    value: Scalar | None
    unit: str | None
    judged: Judged
    counts: Counted | None = None
    uncertainty: FiniteFloat | None = None
    k: FiniteFloat | None = None
    dof: FiniteFloat | None = None
    budget: tuple[BudgetLine, ...] = ()
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None
    expected: str | None = None
    rule: Rule
    guard: FiniteFloat | None = None
    margin: FiniteFloat | None = None
    limit_source: str
    requirement: str | None = None
    where: str | None = None
    state: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    sources: tuple[str, ...] = ()
    raw: str | None = None
    reason: str | None = None

    @property
    def outcome(self) -> Counted:
        """What this result counts as: a conditional one as its name says, unless the profile says otherwise."""
        return self.counts or COUNTS[self.judged]


class StateReached(Record):
    """The rack is in a state, and was observed there from `begin` to `end`."""

    kind: Literal["state_reached"] = "state_reached"
    state: str
    settle_s: FiniteFloat
    begin: datetime
    end: datetime


class SeriesRecorded(Record):
    """Samples of one point over one window; the hash is over int64 ns and float64, little-endian, interleaved.

    `missed` counts the deadlines that gave no value, `gaps` the stretches without a sample of more than three periods,
    `repeated` the values that are the one before; `largest_gap_s` and `unchanged_s`, the longest time for which a value
    rested, are in s. A series with `codes` decides nothing.
    """

    kind: Literal["series_recorded"] = "series_recorded"
    state: str
    device: str
    point: str
    unit: str | None
    source: str
    count: int
    missed: int
    minimum: FiniteFloat | None
    mean: FiniteFloat | None
    maximum: FiniteFloat | None
    sha256: str
    period_s: FiniteFloat | None = None
    gaps: int = 0
    largest_gap_s: FiniteFloat | None = None
    repeated: int = 0
    unchanged_s: FiniteFloat | None = None
    codes: tuple[ReasonCode, ...] = ()


class DeviceSampled(Record):
    """How the deadlines of one device were met in one window; all times in s.

    `refresh_s` is how often it has new values, declared by itself or the plan, or learnt: it is not read faster.
    """

    kind: Literal["device_sampled"] = "device_sampled"
    state: str
    device: str
    period_s: FiniteFloat
    refresh_s: FiniteFloat | None = None
    refresh_from: Literal["declared", "learnt"] | None = None
    deadlines: int
    missed_deadlines: int
    failed: int
    late_median_s: FiniteFloat
    late_p99_s: FiniteFloat
    late_worst_s: FiniteFloat
    slowest_s: FiniteFloat


class RangesSet(Record):
    """The ranges of a meter, V and A at its terminals: as found, as fixed after a ranging run, and as left."""

    kind: Literal["ranges_set"] = "ranges_set"
    device: str
    step: Literal["found", "fixed", "restored", "not_restored"]
    voltage_range: FiniteFloat
    current_range: FiniteFloat
    voltage_auto: bool
    current_auto: bool
    reason: str | None = None


class RegisterSet(Record):
    """The energy register of a meter, set going for the run or put back to its reset."""

    kind: Literal["register_set"] = "register_set"
    device: str
    step: Literal["started", "reset"]


class WorkloadRan(Record):
    """A workload's outcome on one host: performance in `unit`, whether it verified, and the file of its raw output."""

    kind: Literal["workload_ran"] = "workload_ran"
    state: str
    device: str
    workload: str
    command: str
    verified: bool
    values: dict[str, FiniteFloat]
    unit: str
    attachment: str
    reason: str | None = None


class Note(Record):
    """Something worth knowing that is no measurement."""

    kind: Literal["note"] = "note"
    text: str
    case: str | None = None


class CaseEnd(Record):
    """How a case ended, in the pairs that the OCP Test & Validation specification allows.

    `codes` name why its window decided nothing.
    """

    kind: Literal["case_end"] = "case_end"
    case: str
    status: Status
    verdict: Verdict
    attribution: Attribution | None = None
    message: str = ""
    devices: tuple[str, ...] = ()
    seconds: FiniteFloat
    codes: tuple[ReasonCode, ...] = ()


class CaseInvalidated(Record):
    """A finished case no longer counts, because something that it rested on has changed."""

    kind: Literal["case_invalidated"] = "case_invalidated"
    case: str
    reason: str


class Checkpoint(Record):
    """The station's signature, base64 Ed25519, over all lines before this one (`harness.evidence.checkpoints`).

    `number` is the run's in the station's ledger, `ledger` the hash of the line there, `key` the key's fingerprint.
    """

    kind: Literal["checkpoint"] = "checkpoint"
    number: int
    ledger: str
    key: str
    signature: str


class RunEnd(Record):
    """The process came to its end in order, with the rack left in its safe state or not."""

    kind: Literal["run_end"] = "run_end"
    safe: bool
    message: str = ""


AnyRecord = Annotated[
    RunStart
    | RunResumed
    | DeviceSeen
    | DeviceMissing
    | PlanStated
    | CaseStart
    | Measurement
    | StateReached
    | SeriesRecorded
    | DeviceSampled
    | RangesSet
    | RegisterSet
    | WorkloadRan
    | Note
    | CaseEnd
    | CaseInvalidated
    | Checkpoint
    | RunEnd,
    Field(discriminator="kind"),
]
_ADAPTER: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)


def parse(fields: dict[str, Any]) -> AnyRecord:
    """Turn the fields of a journal line, less those of the line itself, into a record.

    Raises pydantic.ValidationError.
    """
    return _ADAPTER.validate_python(fields, strict=False)
