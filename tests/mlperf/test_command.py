"""`rackproof mlperf-power` as a user meets it."""

import json
from pathlib import Path

import pytest

from harness import cli
from tests.mlperf.submission import Measurement


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = cli.main(["mlperf-power", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_clean_folder_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Measurement().write(tmp_path / "resnet50" / "Offline" / "performance")
    status, out, _ = run(capsys, str(tmp_path))
    assert status == 0
    assert "inference resnet50 Offline" in out
    assert "no anomaly" in out
    assert "samples/J" in out
    status, out, _ = run(capsys, str(tmp_path), "--json")
    found = json.loads(out)
    assert (status, found["schema"], found["clean"]) == (0, "rackproof.mlperf-power/1", True)
    assert found["submissions"][0]["metric"]["unit"] == "W"


def test_an_anomaly_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Measurement().write(tmp_path / "Offline")
    (folder / "run_1" / "spl.txt").unlink()
    status, out, _ = run(capsys, str(folder))
    assert status == 1
    assert "error   missing_file" in out
    assert "mean power         -" in out


def test_a_folder_without_logs_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, str(tmp_path))
    assert status == 2
    assert "no power log of MLPerf" in err


def test_a_folder_that_is_not_there_could_not_be_finished(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = run(capsys, str(tmp_path / "none"))
    assert status == 3
    assert "none: is no folder" in err


@pytest.mark.parametrize(("text", "status"), [('[{"client.py": "33ca"}]', 0), ("[]", 1), ("{}", 2), ("nothing", 2)])
def test_known_sources_can_be_given(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, status: int) -> None:
    folder = Measurement().write(tmp_path / "Offline")
    (tmp_path / "sources.json").write_text(text)
    assert run(capsys, str(folder), "--sources", str(tmp_path / "sources.json"))[0] == status
