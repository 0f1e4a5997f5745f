"""Reports of a run folder: read the journal, fold it, render."""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from harness import journal, series
from harness.columns import Column
from harness.run import Run, fold
from reports import csv_report, html, json_report, junit, ocp, pdf, text

Columns = Callable[[str], list[Column]]

FILES = {"html": "report.html", "junit": "junit.xml", "json": "report.json", "text": "report.txt", "pdf": "report.pdf"}
DRAWN = 20_000
"""Samples of one series and state that a page is drawn from; longer ones are thinned to their extremes."""


def load(folder: Path) -> Run:
    """Read a run back. Raises JournalError."""
    try:
        return fold(journal.Reader(folder).entries())
    except (ValueError, KeyError) as error:
        raise journal.JournalError(f"{folder}: the journal does not make a run: {error}") from error


def render(folder: Path, run: Run, kind: str) -> bytes:
    """Render one report, as it stands in its file."""
    drawn = partial(series.read, folder / "series", most=DRAWN)
    return pdf.render(run, drawn) if kind == "pdf" else _text(folder, run, kind, drawn).encode()


def _text(folder: Path, run: Run, kind: str, drawn: Columns) -> str:
    match kind:
        case "html":
            return html.render(run, drawn)
        case "junit":
            return junit.render(run)
        case "json":
            return json_report.render(run)
        case "csv":
            return "".join(csv_report.lines(run))
        case "ocp":
            return "".join(ocp.lines(run, partial(series.read, folder / "series")))
        case _:
            return text.render(run, report=FILES["html"])  # beside it: what a report says does not hang on the machine


def write_all(folder: Path) -> Run:
    """Render every report into the run folder."""
    run = load(folder)
    for kind, name in FILES.items():
        write(folder / "reports" / name, render(folder, run, kind))
    return run


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    partly = path.with_name(f".{path.name}.partly")
    partly.write_bytes(content)
    partly.replace(path)


def show(folder: Path, run: Run, *, as_json: bool) -> None:
    """Print the first screen, or the same as one JSON object."""
    if not as_json:
        sys.stdout.write(text.render(run, report=str(folder / "reports" / FILES["html"])))
        return
    result = {
        "schema": "rackproof-run/1",
        "verdict": run.verdict,
        "emulated": run.emulated,
        "run": str(folder),
        "report": str(folder / "reports" / FILES["html"]),
        "failed": [case.planned.case for case in run.of("fail")],
        "open": run.open_points(),
    }
    sys.stdout.write(json.dumps(result, allow_nan=False) + "\n")
