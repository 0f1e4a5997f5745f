"""Take what others tested into a run that has ended: as cases of their own, judged by the limits of its profile.

The file is kept as it came, its hash is in the journal, and the run's verdict follows from everything in it.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness import journal, profile
from harness.clock import SystemClock
from harness.datafile import DataError
from harness.evidence.checkpoints import Sealing
from harness.evidence.foreign import Foreign, Kind, Value, as_name
from harness.limits import NORMAL_K
from harness.profile import Profile
from harness.records import (
    CaseEnd,
    CaseStart,
    Measurement,
    Note,
    PlannedCase,
    PlanStated,
    Record,
    RunEnd,
)
from harness.run import Run, fold

RESULT = "foreign_result"
"""The limit that says what results of others have to be; a profile without it takes none."""
NUMBER, GROUP = "EXT-001", "external"


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    path: str
    sha256: str
    kind: Kind

    @property
    def source(self) -> str:
        return f"{self.path} SHA-256 {self.sha256}"


def ingest(run: Path, name: str, content: bytes, kind: Kind, results: list[Foreign], software: dict[str, str]) -> Run:
    """Add the results to the run folder and return the run as it then is. Raises DataError, JournalError."""
    limits = profile.load(run / "inputs" / "profile.toml")
    if RESULT not in limits.limits:
        raise DataError(f"{run}: its profile has no [limits.{RESULT}]: it says nothing about results of others")
    file = _named(run, name, content, kind)
    opened, entries = journal.resume(run, software, _refuse_unended)
    earlier = fold(entries)
    try:
        _keep(run / file.path, content)
        sealing = Sealing(opened, run, SystemClock().now)
        for record in _records(file, results, limits, earlier):
            opened.append(record)
        sealing.end()
    finally:
        opened.close()
    return fold(journal.Reader(run).entries())


def _refuse_unended(entries: list[journal.Entry]) -> None:
    if fold(entries).end is None:
        raise DataError("the run has not ended: `rackproof resume` it first, then take in what others tested")


def _named(run: Path, name: str, content: bytes, kind: Kind) -> _File:
    """Return where the file is to be kept. Raises DataError where it was taken into this run before."""
    digest = hashlib.sha256(content).hexdigest()
    plain = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)[-80:]
    path = f"attachments/ingested-{digest[:12]}-{plain}"
    if (run / path).exists():
        raise DataError(f"{name}: taken into this run before, as {path}")
    return _File(name, path, digest, kind)


def _keep(path: Path, content: bytes) -> None:
    partly = path.with_name(f".{path.name}.partly")
    partly.write_bytes(content)
    partly.replace(path)


def _records(file: _File, results: list[Foreign], limits: Profile, earlier: Run) -> Iterator[Record]:
    taken = sum(case.planned.number == NUMBER for case in earlier.cases.values())
    names = [f"{NUMBER}[{n} {result.name}]" for n, result in enumerate(results, taken + 1)]
    claims = [f"What others tested is good: {result.name}, in {file.name}." for result in results]
    planned = tuple(
        PlannedCase(case=case, number=NUMBER, group=GROUP, claim=claim)
        for case, claim in zip(names, claims, strict=True)
    )
    yield PlanStated(cases=planned, left_out=tuple(earlier.left_out.values()))
    for case, result in zip(names, results, strict=True):
        yield from _case(case, result, file, limits)
    safe = earlier.end is not None and earlier.end.safe
    yield RunEnd(safe=safe, message=earlier.end.message if earlier.end else "")


def _case(case: str, result: Foreign, file: _File, limits: Profile) -> Iterator[Record]:
    yield CaseStart(case=case)
    yield Note(text=f"{file.kind}: {'; '.join(filter(None, result.why))}"[:2000], case=case)
    measured = [m for value in result.values if (m := _value(case, value, file, limits)) is not None]
    if result.result != "undecided":
        measured.insert(0, _said(case, result, file, limits))
    yield from measured
    yield _end(case, result, measured)


def _end(case: str, result: Foreign, measured: list[Measurement]) -> CaseEnd:
    failed = [m.name for m in measured if m.outcome == "fail"]
    if failed:
        message = f"outside its limit: {', '.join(failed)}"
        return CaseEnd(case=case, status="complete", verdict="fail", attribution="rack", message=message, seconds=0.0)
    if result.result == "undecided" or any(m.outcome == "not_decided" for m in measured):
        why = "; ".join(filter(None, result.why)) or "it does not say what it came to"
        error = {"status": "error", "verdict": "not-applicable", "attribution": "software"}
        return CaseEnd.model_validate({"case": case, "message": why, "seconds": 0.0} | error)
    return CaseEnd(case=case, status="complete", verdict="pass", seconds=0.0)


def _said(case: str, result: Foreign, file: _File, limits: Profile) -> Measurement:
    """Judge what the file says of itself, as a truth."""
    limit, good = limits.limits[RESULT], result.result == "pass"
    return Measurement(
        case=case,
        name=RESULT,
        value=good,
        unit=None,
        judged=limit.judge(good),
        expected=str(limit.equals),
        rule=limit.rule,
        limit_source=limit.source,
        requirement=limit.requirement,
        sources=(file.source,),
        raw="; ".join(filter(None, result.why))[:2000],
    )


def _value(case: str, value: Value, file: _File, limits: Profile) -> Measurement | None:
    """Judge a value that a limit of the profile is for, by name and unit; others stay in the file."""
    name = as_name(value.name)
    limit = limits.limits.get(name)
    if limit is None or not limit.bounded or limit.unit != value.unit or not math.isfinite(value.value):
        return None
    judged = limit.judge(value.value, None, k=NORMAL_K)
    return Measurement(
        case=case,
        name=name,
        value=value.value,
        unit=value.unit,
        judged=judged,
        low=limit.low,
        high=limit.high,
        rule=limit.rule,
        guard=None if limit.rule == "simple" or judged == "not_decided" else limit.factor(),
        margin=limit.margin(value.value),
        limit_source=limit.source,
        requirement=limit.requirement,
        sources=(file.source,),
    )
