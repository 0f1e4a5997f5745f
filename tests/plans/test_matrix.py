"""Every fault, one at a time, on an emulated rack of its own: exactly the declared cases fail. `make matrix`."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.plans.faults import MATRIX, Expected


@pytest.mark.matrix
@pytest.mark.parametrize("expected", MATRIX, ids=lambda e: e.spec)
def test_fault(expected: Expected, tmp_path: Path) -> None:
    """The plan finds the fault, blames the right one, and nothing else fails."""
    result = _demo(expected, tmp_path)
    ends = _case_ends(Path(result["run"]))
    failed = {case for case, end in ends.items() if "fail" in end}
    undecided = {case for case, end in ends.items() if "error" in end}
    assert (failed, undecided) == (expected.failed, set(expected.undecided)), _messages(Path(result["run"]))
    assert result["verdict"] == expected.verdict
    assert result["emulated"]
    blamed = {blame for end in ends.values() for blame in end.get("error", ())}
    assert blamed == expected.blame


def _demo(expected: Expected, runs: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "harness.cli", "demo", "--plan", "rehearsal", "--runs", str(runs), "--json"]
    done = subprocess.run(
        [*command, "--fault", expected.spec, "--generation", expected.generation],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    assert done.stdout, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == {"ACCEPTED": 0, "REJECTED": 1, "INCOMPLETE": 3}[result["verdict"]]
    return result


def _records(run: Path) -> list[dict[str, Any]]:
    lines = (run / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for line in lines if (record := json.loads(line))["kind"] == "case_end"]


def _case_ends(run: Path) -> dict[str, dict[str, set[str]]]:
    """Return by case number what became of it, with who was blamed; passes are left out."""
    ends: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for record in _records(run):
        if record["verdict"] == "fail":
            ends[record["case"].partition("[")[0]]["fail"].add(record["attribution"])
        if record["status"] == "error":
            ends[record["case"].partition("[")[0]]["error"].add(record["attribution"])
    return ends


def _messages(run: Path) -> str:
    return "\n".join(
        f"{r['case']} {r['status']}: {r['message'][:300]}" for r in _records(run) if r["verdict"] != "pass"
    )
