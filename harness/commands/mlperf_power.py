"""`rackproof mlperf-power`: the official power metric of MLPerf submissions, and every anomaly in their logs."""

import json
import sys
from argparse import Namespace
from collections import Counter
from pathlib import Path
from typing import Any

from harness.datafile import DataError
from harness.figures import clean
from harness.mlperf import inference, training
from harness.mlperf.findings import Findings
from harness.mlperf.folders import NotASubmission, Submission, submissions

SCHEMA = "rackproof.mlperf-power/1"
SHOWN = 3
"""How many findings of one kind are shown to people."""


def main(arguments: Namespace) -> int:
    """Check every submission in or below the folder; 1 where one has an anomaly."""
    sources = None if arguments.sources is None else _sources(arguments.sources)
    try:
        found = [checked(one, sources) for one in submissions(Path(arguments.folder))]
    except NotASubmission as error:
        raise DataError(str(error)) from None
    whole = all(one["clean"] for one in found)
    result = {"schema": SCHEMA, "folder": str(arguments.folder), "clean": whole, "submissions": found}
    text = json.dumps(result, allow_nan=False, indent=1) + "\n" if arguments.json else "\n".join(map(as_text, found))
    sys.stdout.write(text)
    return 0 if whole else 1


def _sources(path: Path) -> list[Any]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise DataError(f"{path}: not JSON: {error}") from None
    if not isinstance(found, list):
        raise DataError(f"{path}: want a list of hashes, as sources_checksums.json of mlcommons/inference is")
    return found


def checked(submission: Submission, sources: list[Any] | None = None) -> dict[str, Any]:
    """Return everything that is known of one submission."""
    findings = Findings(submission.folder)
    if submission.kind == "training":
        result = training.check(submission.folder, findings)
    else:
        result = inference.check(submission.folder, findings, sources)
    head = {"kind": submission.kind, "folder": str(submission.folder), "clean": findings.clean}
    counts = dict(Counter(finding.code for finding in findings.found))
    listed = [finding.as_json() for finding in findings.found]
    return {**head, **result, "findings_by_code": counts, "findings": listed}


def as_text(result: dict[str, Any]) -> str:
    """Return one submission for people."""
    what = " ".join(str(result[key]) for key in ("benchmark", "scenario") if result.get(key))
    lines = [f"{result['folder']}: {result['kind']} {what}"]
    for name in ("metric", "efficiency", "mean_power", "olympic_time"):
        if (figure := result.get(name)) is not None:
            value = "-" if figure["value"] is None else f"{figure['value']:.12g} {figure['unit']}"
            lines.append(f"  {figure.get('name', name).replace('_', ' '):18} {value}")
    lines += [_run(run) for run in result.get("runs", [])]
    lines.append("  no anomaly" if result["clean"] else "  ANOMALIES")
    return "\n".join([*lines, *_findings(result["findings"])]) + "\n"


def _findings(found: list[dict[str, str]]) -> list[str]:
    """Return a line each, of one kind a few: sixty-four nodes in ten runs have one fault many times."""
    lines: list[str] = []
    seen: Counter[tuple[str, str]] = Counter()
    for finding in found:
        kind = (finding["severity"], finding["code"])
        seen[kind] += 1
        if seen[kind] <= SHOWN:
            lines.append(f"    {kind[0]:7} {kind[1]:22} {clean(finding['where'])}: {clean(finding['text'])}")
    more = [(severity, code, count - SHOWN) for (severity, code), count in seen.items() if count > SHOWN]
    return lines + [f"    {severity:7} {code:22} {count} more; --json shows all" for severity, code, count in more]


def _run(run: dict[str, Any]) -> str:
    time, energy = run["time_to_train"]["value"], run["total_energy"]["value"]
    figures = f"{'-' if time is None else f'{time / 1000:.3f} s'}  {'-' if energy is None else f'{energy:.12g} J'}"
    return f"    {clean(run['run'])}  {figures}  {run['nodes']} nodes{'' if run['counted'] else ', not counted'}"
