"""Records and journals that tests write."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from harness.journal import Journal, Reader
from harness.records import CaseEnd, CaseStart, DeviceSeen, Measurement, PlannedCase, PlanStated, Record, RunStart
from harness.run import Run, fold

BEGUN = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class Ticking:
    """A time of day that goes on by a second at every look."""

    def __init__(self) -> None:
        self.at = BEGUN

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def start(**other: Any) -> RunStart:
    fields: dict[str, Any] = {
        "run": "r",
        "serial": "S1",
        "generation": "g",
        "station": "bench",
        "operator": "",
        "plan": "p",
        "plan_sha256": "0" * 64,
        "role": "supplier",
        "profile": "g",
        "profile_revision": 1,
        "profile_state": "released",
        "profile_sha256": "1" * 64,
        "software": {"rackproof": "0"},
    }
    return RunStart(**(fields | other))


def stated(*cases: str, **other: Any) -> PlanStated:
    found = tuple(PlannedCase(case=c, number=c.partition("[")[0], group="power", claim="It is so.") for c in cases)
    return PlanStated(cases=found, **({"left_out": ()} | other))


def seen(name: str = "meter", **other: Any) -> DeviceSeen:
    fields: dict[str, Any] = {
        "name": name,
        "model": "wt300e",
        "role": "feed_meter",
        "owner": "rack",
        "slot": None,
        "address": f"visa://{name}",
        "maker": "YOKOGAWA",
        "device_model": "WT333E",
        "serial": "C1",
        "firmware": "1.0",
        "emulated": False,
        "raw": "YOKOGAWA,WT333E,C1,1.0",
    }
    return DeviceSeen(**(fields | other))


def measured(case: str, value: Any = 1.0, judged: str = "pass", **other: Any) -> Measurement:
    fields: dict[str, Any] = {
        "name": "power",
        "value": value,
        "unit": "W",
        "judged": judged,
        "high": 2.0,
        "rule": "simple",
        "limit_source": "agreement 4.2",
    }
    return Measurement(case=case, **(fields | other))


def ended(case: str, verdict: str = "pass", **other: Any) -> CaseEnd:
    complete = verdict in ("pass", "fail")
    fields: dict[str, Any] = {
        "status": "complete" if complete else verdict,
        "verdict": verdict if complete else "not-applicable",
        "seconds": 0.5,
    }
    return CaseEnd(case=case, **(fields | other))


def ran(case: str, verdict: str = "pass", **other: Any) -> list[Record]:
    judged = "fail" if verdict == "fail" else "pass"
    return [CaseStart(case=case), measured(case, judged=judged), ended(case, verdict, **other)]


def write(folder: Path, records: Iterable[Record]) -> Path:
    """Write the first journal file of a run."""
    journal = Journal(folder / "journal.jsonl", now=Ticking())
    for record in records:
        journal.append(record)
    journal.close()
    return folder


def read(folder: Path) -> Run:
    return fold(Reader(folder).entries())
