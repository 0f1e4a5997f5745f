"""Journals as a run leaves them, read back and folded: the only input that a report has."""

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

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
    RunResumed,
    RunStart,
    SeriesRecorded,
    StateReached,
    UnplannedCase,
    WorkloadRan,
)
from harness.run import Run, fold
from harness.series import Column

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


Fold = Callable[..., Run]


@pytest.fixture
def make(tmp_path: Path) -> Fold:
    """Return a function that folds the records handed to it."""
    return lambda *records: folded(tmp_path / "run", records)


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


@pytest.fixture
def accepted(make: Fold) -> Run:
    return make(*accepted_records())


@pytest.fixture
def emulated(make: Fold) -> Run:
    return make(*accepted_records(emulated=True, raw="EMULATED Maker M-100"))


def rejected_records() -> list[Record]:
    """A failing temperature, a failing text, a silent meter, and a case that nobody can observe."""
    return [
        start(),
        device("tray07", "compute_tray", "T07"),
        DeviceMissing(
            name="meter2",
            model="wt300e",
            role="power_meter",
            owner="station",
            slot=None,
            address="visa://TCPIP::10.0.3.15::5025::SOCKET",
            error="Silent: visa://TCPIP::10.0.3.15::5025::SOCKET: no reply in 2 s\n  sent     '*IDN?'",
            attribution="instrument",
            proof="meter1 on the same path answers",
        ),
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


@pytest.fixture
def rejected(make: Fold) -> Run:
    return make(*rejected_records())


@pytest.fixture
def killed(make: Fold) -> Run:
    """A run whose process died in its second case, after it had been resumed once."""
    return make(
        *accepted_records()[:2],
        PlanStated(cases=tuple(planned(f"PWR-01{i}", "power") for i in (2, 3, 4)), left_out=()),
        *accepted_records()[3:7],
        RunResumed(part=2, torn_bytes=117, software={"rackproof": "0.1.1"}),
        CaseStart(case="PWR-013"),
    )


HOSTILE = (
    "<script>alert('x')</script><img src=x onerror=alert(1)></style>]]>--><a href=javascript:1>\x1b[2J\x00\u202egnp.exe"
    "\u2028&amp;\"' 👩\u200d🔧 \u200f\u05e2\u05d1\u05e8\u05d9\u05ea\ufffe"
)


@pytest.fixture
def hostile(make: Fold) -> Run:
    """A run in which every text that others give tries to be more than text."""
    bad = HOSTILE
    case = f"PWR-012[{bad}]"
    begin, end = window("idle")
    return make(
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
            cases=(planned(case, bad, bad, device=bad), planned("X-1", bad, bad)),
            left_out=(UnplannedCase(case=bad, why="deselected", reason=bad),),
        ),
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
        CaseStart(case=case),
        measured(case, bad, bad, None, "fail", where=bad, state=bad, expected=bad, sources=(bad,), raw=bad, reason=bad),
        measured(case, bad, 1.0, bad, "fail", where=bad, high=0.5, margin=-0.5, sources=(bad,), limit_source=bad),
        Note(text=bad, case=case),
        ended(case, "fail", message=bad, devices=(bad,), attribution="rack"),
        CaseStart(case="X-1"),
        ended("X-1", "error", message=bad),
        Note(text=bad),
        RunEnd(safe=False, message=bad),
    )


Rack = tuple[Run, Callable[[str], list[Column]]]


@pytest.fixture(scope="session")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Rack:
    """Return a large run with its samples: 67 devices, 60 cases, 522 series of 60 samples in three states."""
    series = {state: _series_of(state) for state in STATES}
    return folded(tmp_path_factory.mktemp("rack"), _rack_records()), series.__getitem__


def _devices() -> list[DeviceSeen]:
    seen = [device(f"feed{i}", "power_meter", f"F{i}", owner="station", emulated=True) for i in (1, 2)]
    seen += [device(f"shelf{i}", "power_shelf", f"S{i:02}", emulated=True) for i in range(1, 9)]
    seen += [device(f"tray{i:02}", "compute_tray", f"T{i:02}", emulated=True) for i in range(1, 19)]
    seen += [device(f"bmc{i:02}", "bmc", f"T{i:02}", emulated=True) for i in range(1, 19)]
    seen += [device(f"switch{i}", "switch", f"W{i:02}", emulated=True) for i in range(1, 10)]
    seen += [device(f"pdu{i:02}", "pdu", f"P{i:02}", emulated=True) for i in range(1, 12)]
    return [*seen, device("cdu", "cooling", "C1", emulated=True)]


_LEVEL = {"standby": 0.04, "idle": 0.29, "full_load": 1.0}
_POINTS = [
    ("feed", 2, "power", "W", 66_000.0),
    ("shelf", 8, "output_power", "W", 16_000.0),
    ("shelf", 8, "psu[1].temperature", "degC", 30.0),
    ("tray{:02}", 18, "gpu[0].temperature", "degC", 45.0),
    ("tray{:02}", 18, "gpu[1].temperature", "degC", 45.0),
    ("tray{:02}", 18, "gpu[2].temperature", "degC", 45.0),
    ("tray{:02}", 18, "gpu[3].temperature", "degC", 45.0),
    ("tray{:02}", 18, "gpu[0].power", "W", 1_000.0),
    ("tray{:02}", 18, "gpu[1].power", "W", 1_000.0),
    ("bmc{:02}", 18, "sensor[Inlet].reading", "degC", 4.0),
    ("bmc{:02}", 18, "sensor[Coolant].flow", "l/min", 5.0),
    ("switch", 9, "sensor[ASIC].reading", "degC", 30.0),
]


def source_of(name: str, point: str) -> str:
    return f"redfish://10.0.3.{sum(map(ord, name)) % 250}:443 /{name}/{point}"


def _series_of(state: str) -> list[Column]:
    columns = []
    for stem, count, point, unit, full in _POINTS:
        for i in range(1, count + 1):
            name = stem.format(i) if "{" in stem else f"{stem}{i}"
            columns.append(_column(name, point, unit, full, state))
    cooling = (("supply_temperature", "degC", 0.5), ("return_temperature", "degC", 12.0), ("flow", "l/min", 90.0))
    return columns + [_column("cdu", point, unit, full, state) for point, unit, full in cooling]


def _column(name: str, point: str, unit: str, full: float, state: str) -> Column:
    random_ = random.Random(f"{name} {point} {state}")
    begin, end = window(state)
    times = [int(begin.timestamp()) * 10**9 + i * int((end - begin).total_seconds() / 59 * 1e9) for i in range(60)]
    level = full * _LEVEL[state] if unit != "l/min" else full
    base = 28.0 if unit == "degC" else 0.0
    if name == "tray07" and point == "gpu[2].temperature" and state == "full_load":
        level += 7
    if name == "bmc07" and unit == "l/min":
        level = 3.1
    values = [base + level * (1 + 0.01 * math.sin(i / 5) + random_.gauss(0, 0.006)) for i in range(60)]
    keep = [i for i in range(60) if not (name == "feed2" and 30 < i < 38)]
    return Column(name, point, unit, source_of(name, point), [times[i] for i in keep], [values[i] for i in keep])


def _rack_records() -> list[Record]:
    groups = {
        "inventory": 6,
        "power": 14,
        "cooling": 10,
        "network": 10,
        "compute": 10,
        "efficiency": 5,
        "reliability": 5,
    }
    cases = [planned(f"{g[:3].upper()}-{i:03}", g, _claim(g, i)) for g, n in groups.items() for i in range(1, n + 1)]
    left_out = (
        UnplannedCase(case="POW-024", why="not_observable", reason="no instrument here can see inrush"),
        UnplannedCase(case="NET-031", why="not_applicable", reason="this generation has no optical uplink"),
        UnplannedCase(case="REL-009", why="waived", reason="burn-in done by the maker, waived by J. Doe"),
    )
    records: list[Record] = [start(), *_devices(), PlanStated(cases=tuple(cases), left_out=left_out)]
    for state in STATES:
        begin, end = window(state)
        records.append(StateReached(state=state, settle_s=300, begin=begin, end=end))
        records += [_recorded(state, column) for column in _series_of(state)]
    for case in cases:
        records += [CaseStart(case=case.case), *_judged(case)]
    return [*records, RunEnd(safe=True)]


def _claim(group: str, i: int) -> str:
    return {
        "power": f"With the load of step {i}, the rack draws no more than its budget.",
        "cooling": f"At full load every part of loop {i} stays within its thermal limit.",
    }.get(group, f"Item {i} of the {group} is as the profile says.")


def _recorded(state: str, c: Column) -> SeriesRecorded:
    mean = sum(c.values) / len(c.values)
    fields: dict[str, Any] = {"minimum": min(c.values), "mean": mean, "maximum": max(c.values), "sha256": c.sha256()}
    return SeriesRecorded(
        state=state,
        device=c.device,
        point=c.point,
        unit=c.unit,
        source=c.source,
        count=len(c.times),
        missed=0,
        **fields,
    )


def _judged(case: PlannedCase) -> list[Record]:
    name = case.case
    if name == "COO-004":
        return [*_temperatures(name), ended(name, "fail", attribution="rack", devices=("tray07",), message="1 failed")]
    if name == "POW-012":
        return [_power(name), ended(name, "fail", attribution="rack", devices=("feed1", "feed2"))]
    if name == "NET-007":
        message = "Silent: snmp://10.0.3.9:161: no reply in 2 s\n  sent     'get 1.3.6.1.2.1.1.3.0'"
        return [ended(name, "error", attribution="network", message=message)]
    if case.group == "power":
        return [_share(name, i) for i in range(1, 9)] + [ended(name)]
    return [measured(name, "count", 18, "1", "pass", low=18, high=18, margin=0.0), ended(name)]


def _temperatures(case: str) -> list[Record]:
    found: list[Record] = []
    for column in _series_of("full_load"):
        if column.point.startswith("gpu[") and column.unit == "degC":
            value = max(column.values)
            where = f"{column.device} {column.point.partition('.')[0]}"
            judged = "pass" if value <= 77 else "fail"
            found.append(
                measured(
                    case,
                    "gpu_temperature",
                    value,
                    "degC",
                    judged,
                    high=77,
                    margin=77 - value,
                    uncertainty=0.25,
                    rule="simple",
                    where=where,
                    state="full_load",
                    sources=(column.source,),
                    raw=f"{value:.0f}",
                )
            )
    return found


def _power(case: str) -> Measurement:
    sources = tuple(source_of(f"feed{i}", "power") for i in (1, 2))
    return measured(
        case,
        "full_load_power",
        131_920.0,
        "W",
        "fail",
        high=132_000,
        margin=80.0,
        uncertainty=132.0,
        rule="guarded",
        state="full_load",
        sources=sources,
    )


def _share(case: str, shelf: int) -> Measurement:
    return measured(
        case,
        "psu_share",
        12.5 + 0.1 * shelf,
        "%",
        "pass",
        low=10,
        high=15,
        margin=min(2.5 + 0.1 * shelf, 2.5 - 0.1 * shelf),
        uncertainty=0.05,
        where=f"shelf{shelf}",
        state="idle",
        sources=tuple(source_of(f"shelf{i}", "output_power") for i in range(1, 9)),
    )
