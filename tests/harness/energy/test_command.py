"""`rackproof energy` as its user meets it."""

import json
from pathlib import Path

import pytest

from harness import cli
from harness.energy.validity import CODES
from tests.harness.energy.test_files import GOOD


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = cli.main(["energy", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_command_prints_figures_with_units(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "power.csv"
    path.write_text(GOOD)
    status, out, _ = run(capsys, str(path), "--format", "csv", "--rule", "step")
    assert status == 0
    assert "energy       step_right 900 J  0.25 Wh *" in out
    status, out, _ = run(capsys, str(path), "--format", "csv", "--json")
    found = json.loads(out)
    assert (status, found["schema"]) == (0, "rackproof.energy/1")
    assert {**found["energy"], "u_sampling": None} == {
        "value": 750.0,
        "unit": "J",
        "rule": "trapezoid",
        "u_sampling": None,
    }
    assert found["energy"]["u_sampling"] >= 0


@pytest.mark.parametrize(
    ("status", "arguments", "said"),
    [
        (1, ["--end", "9"], "window_not_covered"),
        (1, ["--max-gap", "0.5"], "gap_too_long"),
        (1, ["--min-samples", "60"], "too_few_samples"),
        (2, ["--begin", "yesterday"], "not a time: 'yesterday'"),
        (2, ["--utc-offset", "Berlin"], "--utc-offset"),
        (2, ["--column", "volts"], "no column 'volts'"),
        (2, ["--mark", "x"], "--mark"),
    ],
)
def test_the_command_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], status: int, arguments: list[str], said: str
) -> None:
    path = tmp_path / "power.csv"
    path.write_text(GOOD)
    done, out, err = run(capsys, str(path), "--format", "csv", *arguments)
    assert done == status
    assert said in out + err


def test_the_command_shows_the_shape_and_what_it_cannot_see(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "power.csv"
    path.write_text("time_s,power_w\n" + "".join(f"{i},{300 if i < 150 else 900}\n" for i in range(300)))
    _, out, _ = run(capsys, str(path), "--format", "csv", "--shape", "--json")
    shape = json.loads(out)["shape"]
    peaks = {peak["over"]["value"]: peak for peak in shape["peaks"]}
    assert peaks[0.1]["value"] is None
    assert peaks[0.1]["reason"].startswith("not observable: samples every 1 s")
    assert peaks[60.0]["value"] == 900.0
    assert peaks[3600.0]["reason"] == "not observable: the record is 299 s long"
    assert (shape["ramp"]["rise"], shape["ramp"]["fall"]) == (600.0, 0.0)
    assert [p["mean_power"]["value"] for p in shape["plateaus"]] == [300.0, 900.0]
    _, out, _ = run(capsys, str(path), "--format", "csv", "--shape")
    assert "peak over 60 s: 900 W" in out
    path.write_text("time_s,power_w\n0,nan\n1,2\n")
    assert run(capsys, str(path), "--format", "csv", "--shape")[0] == 1


def test_every_reason_is_explained() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "judge-a-power-log.md").read_text(encoding="utf-8")
    assert [code for code in CODES if f"`{code}`" not in page] == []


def test_a_file_that_is_not_there_could_not_be_finished(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, str(tmp_path / "none.csv"), "--format", "csv")
    assert status == 3
    assert "none.csv" in err
