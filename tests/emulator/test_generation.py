"""A generation that cannot be is refused with file and key."""

import re
from pathlib import Path

import pytest

from harness.emulator import generation, layout
from harness.emulator.program import main

TEXT = (generation.SHIPPED / "gen-a.toml").read_text()


def test_the_shipped_one_has_72_gpus() -> None:
    counts = generation.load("gen-a").counts
    assert counts.compute_trays * counts.gpus_per_tray == 72


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("compute_trays = 18", "compute_trays = 0", "counts.compute_trays"),
        ("compute_trays = 18", "compute_trays = 60", "counts: "),
        ("full_w = 1200.0", "full_w = 100.0", "gpu: "),
        ("captured = 0.97", "captured = 1.2", "coolant.captured"),
        ("release_degc = 84.0", "release_degc = 90.0", "gpu: "),
        ("[bus]", "[bus]\ncolour = 1", "bus.colour"),
        ("schema = 1", "schema = 2", "schema"),
        ("power_factor = 0.99", "power_factor = nan", "shelf.power_factor"),
        ("[bus]", "[bus", "line"),
        ('["socket", "hislip"]', '["socket"]', "feed.faces names 1 for 2 feeds"),
        ('["socket", "hislip"]', '["socket", "gpib"]', "feed.faces.1"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, old: str, new: str, key: str) -> None:
    path = tmp_path / "gen.toml"
    path.write_text(TEXT.replace(old, new, 1))
    with pytest.raises(generation.GenerationError) as caught:
        generation.load(str(path))
    assert str(path) in str(caught.value)
    assert key in str(caught.value)


def test_every_meter_has_a_socket_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "gen.toml"
    path.write_text(re.sub(r"(?m)^faces = .*$", "", TEXT))
    assert [device.face for device in layout.lay_out(generation.load(str(path)), "X", 1).devices[:3]] == [
        "socket", "socket", "",
    ]  # fmt: skip


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(generation.GenerationError, match="there are gen-a"):
        generation.load("gen-z")


def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["gen-a", "--out", str(tmp_path / "file" / "rack")]) == 2
    assert str(tmp_path / "file") in capsys.readouterr().err


@pytest.mark.parametrize("words", [["gen-z"], ["gen-a", "--fault", "cdu.leek"]])
def test_the_program_ends_with_a_usage_error(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--out", str(tmp_path / "rack")]) == 2
    assert "gen-" in capsys.readouterr().err or words[0] == "gen-a"
    assert not (tmp_path / "rack").exists()
