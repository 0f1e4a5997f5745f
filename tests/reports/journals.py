"""Records as runs leave them, written to a journal, read back and folded: the only input that a report has."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from harness.journal import Journal, Reader
from harness.records import (
    CaseEnd,
    CaseStart,
    DeviceMissing,
    DeviceSeen,
    Measurement,
    Note,
    PlannedCase,
    PlanStated,
    Record,
    RunEnd,
    RunStart,
    SeriesRecorded,
    StateReached,
    UnplannedCase,
    WorkloadRan,
)
from harness.run import Run, fold

BEGUN = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
SHA = "5f2a" * 16

STATES = {"standby": (5, 4), "idle": (15, 10), "full_load": (35, 40)}
"""Minutes after the start at which a state is observed, and for how many."""


def window(state: str) -> tuple[datetime, datetime]:
    begin = BEGUN + timedelta(minutes=STATES[state][0])
    return begin, begin + timedelta(minutes=STATES[state][1])


def start(**other: Any) -> RunStart:
    fields: dict[str, Any] = {
        "run": "20261123T140200Z-GA-000123",
        "serial": "GA-000123",
        "generation": "gen-a",
        "station": "W1-03",
        "operator": "4711",
        "plan": "acceptance",
        "plan_sha256": SHA,
        "role": "buyer",
        "profile": "gen-a",
        "profile_revision": 4,
        "profile_state": "released",
        "profile_sha256": SHA,
        "software": {"rackproof": "0.1.0", "python": "3.11.2"},
    }
    return RunStart(**{**fields, **other})


def device(name: str, role: str, slot: str | None = None, **other: Any) -> DeviceSeen:
    fields: dict[str, Any] = {
        "name": name,
        "model": role,
        "role": role,
        "owner": "rack",
        "slot": slot,
        "address": f"redfish://10.0.3.{len(name)}:443",
        "maker": "Maker",
        "device_model": "M-100",
        "serial": f"SN-{name}",
        "firmware": "1.2.3",
        "emulated": False,
        "raw": "Maker M-100",
    }
    return DeviceSeen(**{**fields, **other})


def planned(case: str, group: str, claim: str = "The rack is as it should be.", **other: Any) -> PlannedCase:
    return PlannedCase(case=case, number=case.partition("[")[0], group=group, claim=claim, **other)


def measured(case: str, name: str, value: Any, unit: str | None, judged: str, **other: Any) -> Measurement:
    fields: dict[str, Any] = {"rule": "simple", "limit_source": "GA agreement 4.2", "requirement": "R-12"}
    if "state" in other and other["state"] in STATES:
        fields["begin"], fields["end"] = window(other["state"])
    return Measurement(case=case, name=name, value=value, unit=unit, judged=judged, **{**fields, **other})


def ended(case: str, outcome: str = "pass", **other: Any) -> CaseEnd:
    status = "complete" if outcome in ("pass", "fail") else outcome
    verdict = outcome if status == "complete" else "not-applicable"
    return CaseEnd(case=case, status=status, verdict=verdict, **{"seconds": 1.5, **other})


@dataclass
class Ticking:
    """A clock that goes on by a second at every look."""

    at: datetime = BEGUN
    step: timedelta = field(default=timedelta(seconds=1))

    def __call__(self) -> datetime:
        now, self.at = self.at, self.at + self.step
        return now


def folded(folder: Path, records: Iterable[Record]) -> Run:
    """Write the records to a journal, read it back and fold it."""
    folder.mkdir(exist_ok=True)
    (folder / "journal.jsonl").unlink(missing_ok=True)
    journal = Journal(folder / "journal.jsonl", now=Ticking())
    for record in records:
        journal.append(record)
    journal.close()
    return fold(Reader(folder).entries())


def accepted_records(**devices: Any) -> list[Record]:
    begin, end = window("idle")
    return [
        start(),
        device("feed1", "power_meter", "F1", **devices),
        PlanStated(
            cases=(planned("PWR-012", "power", "With no work, the rack draws no more than its idle budget."),),
            left_out=(UnplannedCase(case="CMP-090", why="not_applicable", reason="no optical links"),),
        ),
        CaseStart(case="PWR-012"),
        StateReached(state="idle", settle_s=60, begin=begin, end=end),
        measured(
            "PWR-012",
            "idle_power",
            37_402.7,
            "W",
            "pass",
            high=38_000,
            margin=597.3,
            uncertainty=40.5,
            rule="guarded",
            state="idle",
            sources=("visa://TCPIP::10.0.3.14::5025::SOCKET :NUM:NORM:VAL? 1",),
        ),
        ended("PWR-012", seconds=3.2),
        RunEnd(safe=True),
    ]


SILENT_METER = DeviceMissing(
    name="meter2",
    model="wt300e",
    role="power_meter",
    owner="station",
    slot=None,
    address="visa://TCPIP::10.0.3.15::5025::SOCKET",
    error="Silent: visa://TCPIP::10.0.3.15::5025::SOCKET: no reply in 2 s\n  sent     '*IDN?'",
    attribution="instrument",
    proof="meter1 on the same path answers",
)


def rejected_records() -> list[Record]:
    """A failing temperature, a failing text, a silent meter, and a case that nobody can observe."""
    return [
        start(),
        device("tray07", "compute_tray", "T07"),
        SILENT_METER,
        PlanStated(
            cases=(
                planned("CMP-034", "cooling", "Every GPU stays below its limit.", device="tray07"),
                planned("INV-002", "inventory", "Every device runs the released firmware."),
                planned("PWR-018", "power", "Both feeds carry their share."),
                planned("PWR-019", "power", "The feeds are in balance."),
            ),
            left_out=(UnplannedCase(case="PWR-024", why="not_observable", reason="no instrument here can see inrush"),),
        ),
        CaseStart(case="CMP-034"),
        measured(
            "CMP-034",
            "gpu_temperature",
            81.0,
            "degC",
            "fail",
            high=75,
            margin=-6.0,
            where="tray07 gpu[2]",
            state="full_load",
            sources=("ssh://root@10.0.3.7:22 nvidia-smi --query-gpu=temperature.gpu",),
            raw="2, 81",
        ),
        ended("CMP-034", "fail", attribution="rack", devices=("tray07",), message="1 of 1 measurements failed"),
        CaseStart(case="INV-002"),
        measured(
            "INV-002", "firmware", "1.2.2", None, "fail", expected="one of 1.2.3, 1.2.4", where="tray07", raw="1.2.2"
        ),
        ended("INV-002", "fail", attribution="rack"),
        CaseStart(case="PWR-018"),
        ended("PWR-018", "error", attribution="instrument", message="Silent: meter2: no reply in 2 s\n  sent '*IDN?'"),
        CaseStart(case="PWR-019"),
        measured("PWR-019", "feed_share", 50.2, "%", "pass", low=45, high=55, margin=4.8),
        ended("PWR-019"),
        RunEnd(safe=True),
    ]


HOSTILE = (
    "<script>alert('x')</script><img src=x onerror=alert(1)></style>]]>--><a href=javascript:1>\x1b[2J\x00\u202egnp.exe"
    "\u2028&amp;\"' 👩\u200d🔧 \u200f\u05e2\u05d1\u05e8\u05d9\u05ea\ufffe"
)


def hostile_records() -> list[Record]:
    """Return a run in which every text that others give tries to be more than text."""
    return [
        *_hostile_rack(HOSTILE),
        *_hostile_state(HOSTILE),
        *_hostile_cases(HOSTILE),
        RunEnd(safe=False, message=HOSTILE),
    ]


def _hostile_rack(bad: str) -> list[Record]:
    return [
        start(
            serial=bad, station=bad, operator=bad, plan=bad, profile=bad, generation=bad, run=bad, software={bad: bad}
        ),
        device(bad, bad, bad, serial=bad, firmware=bad, maker=bad, device_model=bad, address=bad, raw=bad),
        DeviceMissing(
            name=bad + "2",
            model=bad,
            role=bad,
            owner="rack",
            slot=bad,
            address=bad,
            error=bad,
            attribution="network",
            proof=bad,
        ),
        PlanStated(
            cases=(planned(f"PWR-012[{bad}]", bad, bad, device=bad), planned("X-1", bad, bad)),
            left_out=(UnplannedCase(case=bad, why="deselected", reason=bad),),
        ),
    ]


def _hostile_state(bad: str) -> list[Record]:
    begin, end = window("idle")
    return [
        StateReached(state=bad, settle_s=1, begin=begin, end=end),
        SeriesRecorded(
            state=bad,
            device=bad,
            point=bad,
            unit="W",
            source=bad,
            count=3,
            missed=0,
            minimum=1,
            mean=1,
            maximum=1,
            sha256=SHA,
        ),
        WorkloadRan(
            state=bad,
            device=bad,
            workload=bad,
            command=bad,
            verified=False,
            values={bad: 1.0},
            unit=bad,
            attachment=bad,
            reason=bad,
        ),
    ]


def _hostile_cases(bad: str) -> list[Record]:
    case = f"PWR-012[{bad}]"
    return [
        CaseStart(case=case),
        measured(case, bad, bad, None, "fail", where=bad, state=bad, expected=bad, sources=(bad,), raw=bad, reason=bad),
        measured(case, bad, 1.0, bad, "fail", where=bad, high=0.5, margin=-0.5, sources=(bad,), limit_source=bad),
        Note(text=bad, case=case),
        ended(case, "fail", message=bad, devices=(bad,), attribution="rack"),
        CaseStart(case="X-1"),
        ended("X-1", "error", message=bad),
        Note(text=bad),
    ]
