"""The run as one JSON object, for programs; `report.schema.json` beside this module describes it.

Text is as the devices said it: JSON escapes what needs it, and evidence is not rewritten.
"""

import json
from collections import Counter
from typing import Any

from harness.records import Record
from harness.run import EXIT_CODES, Case, Run
from reports.requirements import plain

SCHEMA = "rackproof-report/1"


def render(run: Run) -> str:
    """Return the run as JSON on one line, in ASCII, ending with a line feed. Holds no NaN."""
    return json.dumps(_report(run), separators=(",", ":"), allow_nan=False) + "\n"


def _report(run: Run) -> dict[str, Any]:
    outcomes = Counter(case.outcome for case in run.cases.values())
    return {
        "schema": SCHEMA,
        "verdict": run.verdict,
        "exit_code": EXIT_CODES[run.verdict],
        "emulated": run.emulated,
        "begun": run.begun.isoformat(),
        "last": run.last.isoformat(),
        "open_points": run.open_points(),
        "counts": {"planned": len(run.cases), "left_out": len(run.left_out), **outcomes},
        "start": _plain(run.start),
        "end": None if run.end is None else _plain(run.end),
        "resumed": [_plain(r) for r in run.resumed],
        "requirements": plain(run),
        "cases": [_case(case) for case in run.cases.values()],
        "left_out": [_plain(u) for u in run.left_out.values()],
        "devices": [_plain(d) for d in run.seen.values()],
        "missing": [_plain(d) for d in run.missing.values()],
        "states": [_plain(s) for s in run.states],
        "series": [_plain(s) for s in run.series],
        "sampled": [_plain(s) for s in run.sampled],
        "ranges": [_plain(r) for r in run.ranges],
        "workloads": [_plain(w) for w in run.workloads],
        "notes": run.notes,
    }


def _plain(record: Record | Any) -> dict[str, Any]:
    plain: dict[str, Any] = record.model_dump(mode="json", exclude={"kind"})
    return plain


def _case(case: Case) -> dict[str, Any]:
    return {
        **_plain(case.planned),
        "outcome": case.outcome,
        "message": case.message,
        "attribution": case.attribution,
        "seconds": case.seconds,
        "ended": None if case.ended is None else case.ended.isoformat(),
        "devices": list(case.devices),
        "codes": list(case.codes),
        "notes": case.notes,
        "measurements": [m.model_dump(mode="json", exclude={"kind", "case"}) for m in case.measurements],
    }
