"""A large run: 67 devices, 60 cases, 522 series of 60 samples in three states; a hot GPU and a guarded failure."""

import math
import random
from typing import Any

from harness.columns import Column
from harness.records import (
    CaseStart,
    DeviceSeen,
    Measurement,
    PlannedCase,
    PlanStated,
    Record,
    RunEnd,
    SeriesRecorded,
    StateReached,
    UnplannedCase,
)
from tests.reports.journals import STATES, device, ended, measured, planned, start, window


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


def series_of(state: str) -> list[Column]:
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


def rack_records() -> list[Record]:
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
        records += [_recorded(state, column) for column in series_of(state)]
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
    for column in series_of("full_load"):
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
