"""The tables behind the findings, on paper: devices, states, workloads, what was left out, rules, what it rests on."""

from collections.abc import Iterable
from typing import Any

from harness import wording
from harness.figures import clean, clock, day_and_time, duration
from harness.run import Run
from reports import sentences
from reports.requirements import HEADS
from reports.requirements import rows as rows_of

Data = dict[str, Any]


def data(run: Run) -> Data:
    """Return the tables, the rules and the facts of a run."""
    tables = [
        _requirements(run),
        _devices(run),
        _missing(run),
        _workloads(run),
        _states(run),
        _left_out(run),
        _notes(run),
    ]
    return {
        "tables": [each for each in tables if each["rows"]],
        "rules": [sentences.VERDICT_RULE, *_rules(run)],
        "rests_on": _rests_on(run),
    }


def _table(title: str, heads: list[str], widths: list[int], rows: Iterable[Iterable[str]], said: str = "") -> Data:
    """Return a table; a width of 0 is as wide as its content, others share what is left."""
    cells = [[clean(cell) for cell in row] for row in rows]
    return {"title": title, "heads": heads, "widths": widths, "rows": cells, "said": said}


def _requirements(run: Run) -> Data:
    return _table("What was agreed, and what was shown", list(HEADS), [0, 1, 0, 0, 0], rows_of(run))


def _devices(run: Run) -> Data:
    rows = (
        (d.name, f"{d.owner}'s {d.role}", d.slot or "", f"{d.maker} {d.device_model}", d.serial, d.firmware)
        for d in run.seen.values()
    )
    heads = ["Device", "Role", "Slot", "Maker and model", "Serial", "Firmware"]
    return _table("Devices", heads, [0, 0, 0, 1, 0, 0], rows, "As they identified themselves.")


def _missing(run: Run) -> Data:
    rows = (
        (d.name, d.role, d.error.partition("\n")[0], f"{wording.whose(d.attribution)}: {d.proof}")
        for d in run.missing.values()
    )
    return _table("Devices that did not answer", ["Device", "Role", "Error", "Attributed to"], [0, 0, 1, 1], rows)


def _workloads(run: Run) -> Data:
    rows = (
        (
            w.workload,
            w.device,
            wording.state(w.state),
            ", ".join(f"{name} {value:.5g} {w.unit}" for name, value in w.values.items()),
            "verified" if w.verified else f"not verified: {w.reason or 'no reason given'}",
        )
        for w in run.workloads
    )
    return _table("Workloads", ["Workload", "Device", "State", "Result", "Verified"], [0, 0, 0, 1, 0], rows)


def _states(run: Run) -> Data:
    rows = (
        (
            wording.state(s.state),
            day_and_time(s.begin),
            clock(s.end),
            duration((s.end - s.begin).total_seconds()),
            duration(s.settle_s),
        )
        for s in run.states
    )
    heads = ["State", "Begin, UTC", "End, UTC", "Length", "Settled for"]
    return _table("States", heads, [1, 0, 0, 0, 0], rows, f"{len(run.series)} series were recorded in them.")


def _left_out(run: Run) -> Data:
    points = [sentences.Open(sentences.why_left_out(u), (clean(u.case),)) for u in run.left_out.values()]
    rows = ((p.title or "The run", p.where, p.what) for p in sentences.grouped(points))
    return _table("Left out, and why", ["Case", "Devices", "Why"], [0, 0, 1], rows)


def _notes(run: Run) -> Data:
    return _table("Notes", ["Note"], [1], ((note,) for note in run.notes))


def _rules(run: Run) -> list[str]:
    used = [said for rule, said in sentences.RULES.items() if any(m.rule == rule for m in run.measurements)]
    made_up = "Limits with the source “illustrative” were made up; they cannot accept a real rack."
    return [*used, *([made_up] if sentences.illustrative(run) else [])]


def _rests_on(run: Run) -> list[list[str]]:
    start = run.start
    resumed = f"resumed {len(run.resumed)} times" if run.resumed else "written in one go"
    return [
        ["Run", clean(start.run)],
        ["Rack", clean(f"{start.serial}, generation {start.generation}")],
        ["Plan", clean(f"{start.plan}, role {start.role}, SHA-256 {start.plan_sha256}")],
        ["Profile", clean(f"{start.profile} revision {start.profile_revision}, {start.profile_state}")],
        ["", f"SHA-256 {clean(start.profile_sha256)}"],
        ["Software", clean(", ".join(f"{name} {version}" for name, version in start.software.items()))],
        ["Journal", f"{day_and_time(run.begun)} to {day_and_time(run.last)} UTC, {resumed}"],
    ]
