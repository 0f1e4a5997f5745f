"""Every generation is accepted by the plan: those that are shipped, and one that the how-to adds without Python."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import test_plans

ROOT = Path(__file__).parents[2]
PROFILES = Path(test_plans.__path__[0]) / "profiles"
HOW_TO = ROOT / "docs" / "how-to" / "add-a-generation.md"


def block(name: str) -> str:
    """Return the file that the how-to shows."""
    found = re.search(rf"^```toml {re.escape(name)}\n(.*?)^```$", HOW_TO.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def accepted(tmp_path: Path, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "harness.cli", "demo", "--plan", "rehearsal", "--json"]
    done = subprocess.run(
        [*command, "--runs", str(tmp_path / "runs"), *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["verdict"] == "ACCEPTED"
    report: dict[str, Any] = json.loads((Path(result["run"]) / "reports" / "report.json").read_text())
    return report


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("gen-b", {"PWR-010"}),
        (
            "gen-c",
            {"PWR-003", "PWR-004", "PWR-005", "PWR-006", "PWR-009", "PWR-013"} | {f"CLG-00{n}" for n in (1, 2, 3, 4)},
        ),
    ],
)
def test_a_shipped_generation_is_accepted(name: str, left_out: set[str], tmp_path: Path) -> None:
    report = accepted(tmp_path, "--generation", name)
    assert {u["case"] for u in report["left_out"]} >= left_out
    assert {u["why"] for u in report["left_out"]} == {"not_applicable"}


@pytest.mark.matrix
def test_the_how_to_adds_one_without_python(tmp_path: Path) -> None:
    """gen-d: 800 V of direct current from a side-car."""
    (tmp_path / "gen-d.toml").write_text(block("gen-d.toml"))
    profile = tmp_path / "gen-d-profile.toml"
    profile.write_text(_profile((PROFILES / "gen-a.toml").read_text(), tomllib.loads(block("gen-d-limits.toml"))))
    report = accepted(tmp_path, "--generation", str(tmp_path / "gen-d.toml"), "--profile", str(profile))
    volts = [m["value"] for c in report["cases"] for m in c["measurements"] if m["name"] == "bus_voltage"]
    assert volts
    assert all(780 < v < 810 for v in volts)


def _replaced(value: Any) -> Callable[[re.Match[str]], str]:
    return lambda match: match[1] + json.dumps(value)


def _profile(text: str, limits: dict[str, dict[str, Any]]) -> str:
    """Change limits in the text of a profile as a person would."""
    text = text.replace('generation = "gen-a"', 'generation = "gen-d"')
    for name, changes in limits.items():
        for key, value in changes.items():
            table = name if name == "counts" else rf"limits\.{name}"
            pattern = rf"(?ms)(^\[{table}\]\n(?:(?!^\[).)*?^{key} = )[^\n]+"
            text, count = re.subn(pattern, rf"\g<1>{json.dumps(value)}", text)
            assert count == 1, (name, key)
    return text
