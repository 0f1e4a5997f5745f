"""Make a large run, or render it and say what that took.

`python -m benchmarks.evidence_run FOLDER COUNT make|render`
"""

import json
import math
import resource
import sys
import time
from functools import partial
from pathlib import Path

from harness import series
from harness.commands import rendering
from harness.journal import Journal
from harness.records import CaseEnd, CaseStart, PlannedCase, PlanStated, RunEnd, StateReached
from harness.series import SeriesStore
from reports import html, pdf
from tests.evidence.runs import BEGUN
from tests.reports.journals import device, measured, start, window

SERIES, SAMPLES = 500, 10_000
PER_CASE = 10


def make(folder: Path, count: int) -> None:
    """Write the journal and the series of a run."""
    run = folder / "run"
    (run / "series").mkdir(parents=True)
    (run / "reports").mkdir()
    names = [f"CMP-{n % 60:03}[tray{n // 60:04}]" for n in range(count // PER_CASE)]
    cases = tuple(
        PlannedCase(case=n, number=n[:7], group="compute", claim="It computes.", device=n[8:-1]) for n in names
    )
    begin, end = window("idle")
    journal = Journal(run / "journal.jsonl", now=lambda: BEGUN)
    for record in (start(), device("feed1", "power_meter", "F1"), PlanStated(cases=cases, left_out=())):
        journal.append(record)
    journal.append(StateReached(state="idle", settle_s=1, begin=begin, end=end))
    for name in names:
        _case(journal, name)
    journal.append(RunEnd(safe=True))
    journal.close()
    _series(run, int(begin.timestamp() * 1e9), int(end.timestamp() * 1e9))


def _case(journal: Journal, name: str) -> None:
    journal.append(CaseStart(case=name))
    for k in range(PER_CASE):
        more = {"high": 75.0, "margin": 10.0, "uncertainty": 0.3, "where": f"{name[8:-1]} gpu[{k}]", "state": "idle"}
        value = 50 + (hash((name, k)) % 1000) / 70
        journal.append(
            measured(name, f"quantity_{k}", value, "degC", "pass", sources=(f"ssh://{name} smi {k}",), **more)
        )
    journal.append(CaseEnd(case=name, status="complete", verdict="pass", seconds=1.0))


def _series(run: Path, begin: int, end: int) -> None:
    step = (end - begin) // SAMPLES
    with SeriesStore(run / "series") as store:
        for n in range(SERIES):
            name, source = f"tray{n:03}", f"ssh://tray{n:03} smi"
            store.write(
                "idle",
                [
                    (name, "power", "W", source, begin + i * step, 1000 + 50 * math.sin(i / 99 + n))
                    for i in range(SAMPLES)
                ],
            )


def render(folder: Path) -> None:
    """Render page and PDF, and print what it took."""
    run = rendering.load(folder / "run")
    columns = partial(series.read, folder / "run" / "series", most=rendering.DRAWN)
    began = time.perf_counter()
    page = html.render(run, columns)
    html_s = time.perf_counter() - began
    began = time.perf_counter()
    paper = pdf.render(run, columns)
    found = {"html_s": html_s, "html_mb": len(page.encode()) / 1e6, "pdf_s": time.perf_counter() - began}
    found |= {"pdf_mb": len(paper) / 1e6, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    print(json.dumps(found))


if __name__ == "__main__":
    where, many, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    make(where, many) if what == "make" else render(where)
