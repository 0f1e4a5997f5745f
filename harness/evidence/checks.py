"""What can be checked of a run by anybody, offline: chain, signatures, ledger, series, decisions, verdict.

Each check is a finding: it holds, it does not, or it could not be made, and why. Nothing that the run says of itself is
taken for granted where it can be worked out anew.
"""

import hashlib
import math
import sqlite3
import struct
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from harness import profile, series
from harness.columns import Column
from harness.datafile import DataError
from harness.deciding.rules import Role
from harness.evidence import checkpoints, ledger
from harness.evidence.keys import PublicKey
from harness.journal import Entry, Reader, files
from harness.limits import NORMAL_K
from harness.profile import Profile
from harness.records import Checkpoint, Measurement, SeriesRecorded, StateReached
from harness.run import Run

_SHOWN = 5
_UNREADABLE = (sqlite3.Error, OSError, ArithmeticError, LookupError, TypeError, ValueError, struct.error, zlib.error)
"""What a container of samples that somebody damaged makes its readers raise."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `holds` is None where it could not be made."""

    check: str
    holds: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Place:
    """An entry with the hash of the line before it."""

    entry: Entry
    prev: str


def places(run: Path) -> list[Place]:
    """Read the journal of a run folder and its chain. Raises JournalError."""
    reader = Reader(run)
    return [Place(entry, reader.prev) for entry in reader.entries()]


def _verdict(check: str, problems: list[str], good: str) -> Finding:
    if not problems:
        return Finding(check, holds=True, detail=good)
    more = f" (and {len(problems) - _SHOWN} more)" if len(problems) > _SHOWN else ""
    return Finding(check, holds=False, detail="; ".join(problems[:_SHOWN]) + more)


def signatures(entries: list[Place], run: Run, key: PublicKey | None) -> Finding:
    """Check the station's signatures within the journal, and that nothing stands behind the last."""
    signed = [place for place in entries if isinstance(place.entry.record, Checkpoint)]
    if not signed:
        return Finding("checkpoints", holds=False, detail="the journal has no signature of a station")
    if key is None:
        return Finding("checkpoints", holds=None, detail=f"{len(signed)} signatures not checked: no key was named")
    problems = [f"the one at record {p.entry.seq} is not of this key" for p in signed if not _is_signed(p, run, key)]
    behind = entries[-1].entry.seq - signed[-1].entry.seq
    if behind:
        problems.append(f"the last {behind} records are not signed: the run was killed, or they were added later")
    if run.end is None:
        problems.append("the run did not end: a signed part of it, whose rest is missing")
    return _verdict("checkpoints", problems, f"{len(signed)} signatures, the last over the whole journal")


def _is_signed(place: Place, run: Run, key: PublicKey) -> bool:
    record = place.entry.record
    return isinstance(record, Checkpoint) and checkpoints.signed_by(
        record, run.start.run, place.entry.seq, place.prev, key
    )


def in_ledger(path: Path, folder: Path, run: Run, key: PublicKey | None) -> Finding:
    """Check this run's lines of the station's ledger: signed, and of this journal's first and last line."""
    try:
        lines = [ledger.line_of(text) for text in path.read_bytes().splitlines(keepends=True)]
    except (OSError, DataError) as error:
        return Finding("ledger", holds=False, detail=f"the run's lines of the ledger cannot be read: {error}")
    if not lines:
        return Finding("ledger", holds=False, detail="the run stands in no ledger")
    problems = _wrong_lines(lines, folder, run)
    if key is None:
        good = f"run number {lines[0].number} of its station; signatures not checked: no key was named"
        return _verdict("ledger", problems, good) if problems else Finding("ledger", holds=None, detail=good)
    problems += [f"its {line.event} is not signed by this key" for line in lines if not ledger.signed_by(line, key)]
    return _verdict("ledger", problems, f"run number {lines[0].number} of its station")


def _wrong_lines(lines: list[ledger.Line], folder: Path, run: Run) -> list[str]:
    first, last = checkpoints.first_line(folder), _last_line(folder)
    begun = [line for line in lines if line.event == "begin"]
    problems = [] if begun and begun[0].journal == first else ["it begins another journal"]
    if not run.checkpoints or not begun or run.checkpoints[-1].ledger != begun[0].sha256:
        problems.append("the journal was signed for another line of a ledger")
    ended = [line for line in lines if line.event == "end"]
    if not ended or ended[-1].journal != last:
        problems.append("the ledger does not say that the run ended with this journal's last line")
    return problems


def _last_line(run: Path) -> str:
    last = b""
    for path in files(run):
        for line in path.read_bytes().splitlines(keepends=True):
            last = line if line.endswith(b"\n") else last
    return hashlib.sha256(last).hexdigest()


def statistics(folder: Path, run: Run) -> Finding:
    """Work out count, least, mean, greatest and hash of every series anew from its samples."""
    if not run.series:
        return Finding("series", holds=True, detail="the run recorded none")
    try:
        problems = _wrong_series(folder, run)
    except _UNREADABLE as error:
        return Finding("series", holds=False, detail=f"the samples cannot be read: {type(error).__name__}: {error}")
    return _verdict("series", problems, f"{len(run.series)} series worked out anew from their samples")


def _wrong_series(folder: Path, run: Run) -> list[str]:
    problems: list[str] = []
    for state in dict.fromkeys(record.state for record in run.series):
        window = next((stay for stay in run.states if stay.state == state), None)
        columns = {(c.device, c.point): _within(c, window) for c in series.read(folder / "series", state)}
        for record in (r for r in run.series if r.state == state):
            column = columns.get((record.device, record.point))
            if column is None or not _same(record, column):
                problems.append(f"{record.device} {record.point} in {state} is not what its samples say")
    return problems


def _within(column: Column, window: StateReached | None) -> Column:
    """Return the samples of the observed window alone: those of the settling before it are kept, and not counted."""
    if window is None:
        return column
    first = bisect_left(column.times, _nanoseconds(window.begin))
    last = bisect_right(column.times, _nanoseconds(window.end))
    return replace(column, times=column.times[first:last], values=column.values[first:last])


def _nanoseconds(at: datetime) -> int:
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000


def _same(record: SeriesRecorded, column: Column) -> bool:
    if record.count != len(column.values) or record.sha256 != column.sha256():
        return False
    if not column.values:
        return record.minimum is None and record.mean is None and record.maximum is None
    worked_out = (min(column.values), fmean(column.values), max(column.values))
    told = (record.minimum, record.mean, record.maximum)
    pairs = zip(told, worked_out, strict=True)
    return all(t is not None and math.isclose(t, w, rel_tol=1e-9, abs_tol=1e-12) for t, w in pairs)


def inputs(folder: Path, run: Run) -> Finding:
    """Check that plan and profile in the folder are those that the run began with."""
    problems = []
    for name, told in (("plan", run.start.plan_sha256), ("profile", run.start.profile_sha256)):
        path = folder / "inputs" / f"{name}.toml"
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != told:
            problems.append(f"{name}.toml is not the one that the run began with")
    return _verdict("inputs", problems, "plan and profile are those that the run began with")


def decisions(folder: Path, run: Run) -> Finding:
    """Decide every measurement anew, by the limits of the profile that came with the run."""
    try:
        limits = profile.load(folder / "inputs" / "profile.toml")
    except DataError as error:
        return Finding("decisions", holds=False, detail=f"the profile cannot be read: {error}")
    measured = run.measurements
    role: Role = "customer" if run.start.role == "customer" else "supplier"
    problems = [f"{m.case} {m.name}: {why}" for m in measured if (why := _wrong(m, limits, role))]
    return _verdict("decisions", problems, f"{len(measured)} measurements decided anew as the run decided them")


def _wrong(m: Measurement, rules: Profile, role: Role) -> str:
    limit = rules.limits.get(m.name)
    if limit is None:
        return "the profile has no such limit"
    told = (m.low, m.high, m.unit, m.rule, m.guard)
    guard = None if limit.rule == "simple" or m.judged == "not_decided" else limit.factor(role)
    if told != (limit.low, limit.high, limit.unit, limit.rule, guard):
        return "it was decided by another limit than the profile's"
    if m.judged == "not_decided":
        return ""  # what was not decided speaks for nobody
    again = limit.judge(m.value, m.uncertainty, k=m.k or NORMAL_K, role=role)
    if m.outcome != rules.taken_for(again):
        return f"counts as {m.outcome}, by the profile as {rules.taken_for(again)}"
    return "" if again == m.judged else f"says {m.judged}, is {again}"


def verdict(run: Run, told: object) -> Finding:
    """Work out the verdict anew from the cases, and compare it with what the manifest says."""
    problems = [] if run.verdict == told else [f"the manifest says {told}, the journal comes to {run.verdict}"]
    problems += _cases(run)
    return _verdict("verdict", problems, f"{run.verdict}, worked out anew from {len(run.cases)} cases")


def _cases(run: Run) -> Iterable[str]:
    """Yield the cases that end otherwise than their measurements say."""
    for name, case in run.cases.items():
        if case.outcome == "pass" and (case.failures or not case.measurements):
            yield f"{name} passed with {len(case.failures)} failures in {len(case.measurements)} measurements"
        if case.outcome == "fail" and not case.failures and case.measurements:
            yield f"{name} failed without a failure among its measurements"
