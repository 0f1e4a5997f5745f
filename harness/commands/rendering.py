"""Reports of a run folder: read the journal, fold it, render."""

import json
import sys
from functools import partial
from pathlib import Path

from harness import journal, series
from harness.run import Run, fold
from reports import html, json_report, junit, text

DRAWN = 20_000
"""Samples of one series and state that a page is drawn from; longer ones are thinned to their extremes."""

FILES = {"html": "report.html", "junit": "junit.xml", "json": "report.json", "text": "report.txt"}


def load(folder: Path) -> Run:
    """Read a run back. Raises JournalError."""
    try:
        return fold(journal.Reader(folder).entries())
    except (ValueError, KeyError) as error:
        raise journal.JournalError(f"{folder}: the journal does not make a run: {error}") from error


def render(folder: Path, run: Run, kind: str) -> str:
    """Render one report."""
    match kind:
        case "html":
            return html.render(run, partial(series.read, folder / "series", most=DRAWN))
        case "junit":
            return junit.render(run)
        case "json":
            return json_report.render(run)
        case _:
            return text.render(run, report=str(folder / "reports" / FILES["html"]))


def write_all(folder: Path) -> Run:
    """Render every report into the run folder."""
    run = load(folder)
    for kind, name in FILES.items():
        write(folder / "reports" / name, render(folder, run, kind))
    return run


def write(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    partly = path.with_name(f".{path.name}.partly")
    partly.write_text(content, encoding="utf-8")
    partly.replace(path)


def show(folder: Path, run: Run, *, as_json: bool) -> None:
    """Print the first screen, or the same as one JSON object."""
    if not as_json:
        sys.stdout.write(render(folder, run, "text"))
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
