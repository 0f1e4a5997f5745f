"""A generation that cannot be is refused with file and key."""

import re
from pathlib import Path

import pytest

from harness.emulator import generation, layout, possible
from harness.emulator.physics import physics
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
        ("full_w = 1200.0", "full_w = -1200.0", "gpu.full_w"),
        ("gpus_per_tray = 4", "gpus_per_tray = 8", "counts.gpus_per_tray: 8 GPUs do not go into 4 slots; at most 4"),
        (
            "flow_lpm = 190.0",
            "flow_lpm = 20.0",
            "coolant.flow_lpm: 20 l/min would take 120 kW away 91 K warmer",
        ),
        (
            "psu_rated_w = 5500.0",
            "psu_rated_w = 1000.0",
            "counts.shelves: 8 give 48 kW, full load is 120 kW",
        ),
        ("shelves = 8", "shelves = 0", "shelf: counts.shelves is 0"),
        ("[bus]", "[air]\ninlet_degc = 20\nflow_m3_per_h = 9e3\nlag_s = 3\n[bus]", "coolant: a rack is cooled by"),
        (
            "resistance_k_per_w = 0.0222",
            "resistance_k_per_w = 0.05",
            "gpu.resistance_k_per_w: at full load",
        ),
        ("[sensors.flow]", "[sensors.flux]", "sensors.flow: missing"),
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


@pytest.mark.parametrize("name", ["gen-b", "gen-c"])
def test_every_shipped_one_carries_its_load_and_its_heat(name: str) -> None:
    built = generation.load(name)
    rack = physics(built, layout.lay_out(built, "X", 1), 1)
    for tray in rack.trays.values():
        tray.gpu_load = 1.0
    rack.step(60.0)
    assert rack.load == pytest.approx(possible.full_load(built), rel=0.01)
    assert rack.cooling.heat + rack.cooling.air == pytest.approx(rack.input, rel=1e-3)
    assert sum(feed.power for feed in rack.power.feeds) == pytest.approx(rack.input)
    assert rack.load < rack.input < 1.06 * rack.load


def test_pdus_feed_every_server_from_both_feeds() -> None:
    built = generation.load("gen-c")
    rack = physics(built, layout.lay_out(built, "X", 1), 1)
    fed = {(outlet.slot, pdu.feed) for pdu in rack.power.pdus for outlet in pdu.outlets}
    assert fed == {(slot, feed) for slot in [*rack.trays, "mgmt1", "mgmt2"] for feed in ("feed_a", "feed_b")}


def test_energy_storage_smooths_a_step_of_the_load() -> None:
    risen = {}
    for name, storage in (("with", 1.2), ("without", 0.0)):
        built = generation.load("gen-b")
        built = built.model_copy(update={"shelves": built.shelf.model_copy(update={"storage_s": storage})})
        rack = physics(built, layout.lay_out(built, "X", 1), 1)
        before = rack.input
        for tray in rack.trays.values():
            tray.gpu_load = 1.0
        rack.step(0.3)
        risen[name] = rack.input - before
    assert 0.1 < risen["with"] / risen["without"] < 0.4


def test_what_is_based_on_another_states_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "gen-x.toml"
    path.write_text('based_on = "gen-a"\nname = "gen-x"\n[gpu]\nfull_w = 1100\n')
    built = generation.load(str(path))
    assert (built.name, built.gpu.full_w, built.gpu.idle_w, built.counts.shelves) == ("gen-x", 1100.0, 220.0, 8)


def test_what_is_based_on_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gen-x.toml"
    path.write_text('based_on = "gen-z"\n')
    with pytest.raises(generation.GenerationError, match=r"gen-x.toml: based_on: no shipped generation 'gen-z'"):
        generation.load(str(path))
