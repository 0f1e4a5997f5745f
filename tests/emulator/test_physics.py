"""The physics hangs together: what goes in comes out, the same seed gives the same rack."""

from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.emulator import generation
from harness.emulator.layout import lay_out
from harness.emulator.physics import Physics, physics
from harness.emulator.power import efficiency

GENERATION = generation.load("gen-a")
Bench = Callable[..., Any]


def rack(seed: int = 1) -> Physics:
    return physics(GENERATION, lay_out(GENERATION, "GA-000123", seed), seed)


def state(built: Physics) -> dict[str, Any]:
    return {
        "feeds": [asdict(feed) for feed in built.power.feeds],
        "shelves": [(s.input, s.output, s.energy, [p.output for p in s.psus]) for s in built.power.shelves],
        "gpus": [(g.power, g.temperature, g.rate) for t in built.trays.values() for g in t.gpus],
        "loop": asdict(built.loop),
    }


@pytest.fixture(scope="module")
def loaded(bench: Bench) -> Physics:
    built: Physics = bench().load(30.0).world.physics
    return built


def test_a_feed_carries_its_shelves(loaded: Physics) -> None:
    for feed in loaded.power.feeds:
        mine = [shelf.input for shelf in loaded.power.shelves if shelf.feed == feed.name]
        assert len(mine) == 4
        assert feed.power == pytest.approx(sum(mine))
        assert feed.power == pytest.approx(sum(feed.phase(n)[2] for n in range(3)))


def test_the_shelves_give_what_the_trays_draw(loaded: Physics) -> None:
    trays = sum(t.power for t in loaded.trays.values()) + sum(t.power for t in loaded.switch_trays.values())
    given = sum(shelf.output for shelf in loaded.power.shelves)
    assert trays + 300.0 < given < (trays + 300.0) * 1.002
    tray = loaded.trays["tray01"]
    assert loaded.power.bus - loaded.volts(tray.power) == pytest.approx(tray.power / loaded.power.bus * 0.0004)


def test_what_is_drawn_leaves_as_heat(loaded: Physics) -> None:
    assert loaded.loop.heat + loaded.loop.air == pytest.approx(loaded.input, rel=1e-3)
    assert loaded.loop.heat / loaded.input == pytest.approx(0.97, abs=1e-3)
    carried = loaded.loop.flow / 60 * 3940.0 * (loaded.loop.returned - loaded.loop.supply)
    assert carried == pytest.approx(loaded.loop.heat)


def test_full_load_is_that_of_the_generation(loaded: Physics) -> None:
    assert loaded.load == pytest.approx(120_000, rel=0.01)
    assert 122_000 < loaded.input < 125_000
    assert loaded.power.bus == pytest.approx(50.5, abs=0.05)
    gpus = [gpu for tray in loaded.trays.values() for gpu in tray.gpus]
    assert len(gpus) == 72
    assert all(59 < gpu.temperature < 66 for gpu in gpus)
    assert all(gpu.rate == pytest.approx(60_000, rel=0.012) for gpu in gpus)


def test_idle_is_29_percent_of_it(loaded: Physics) -> None:
    assert rack().input / loaded.input == pytest.approx(0.29, abs=0.01)


def test_registers_integrate_power(bench: Bench) -> None:
    built = bench().load(30.0)
    before = [shelf.energy for shelf in built.world.physics.power.shelves]
    built.wait(60.0)
    for shelf, then in zip(built.world.physics.power.shelves, before, strict=True):
        assert shelf.energy - then == pytest.approx(shelf.input / 60.0, rel=1e-3)


def test_both_ends_of_an_uplink_count_the_same(loaded: Physics) -> None:
    one, other = (loaded.switches[name].ports["Ethernet55"] for name in ("mgmt1", "mgmt2"))
    assert one.sent == other.received > 1e9


def test_a_loaded_host_sends_more(bench: Bench) -> None:
    built = bench()
    built.wait(10.0)
    idle = built.world.physics.switches["mgmt2"].ports["Ethernet1"].received
    built.load(10.0)
    assert built.world.physics.switches["mgmt2"].ports["Ethernet1"].received > 10 * idle


def test_time_does_not_go_back(loaded: Physics) -> None:
    before = loaded.time
    loaded.step(before - 5.0)
    assert loaded.time == before


@pytest.mark.parametrize("output", [50.0, 500.0, 2750.0, 5500.0])
def test_a_psu_loses_something(output: float) -> None:
    assert 0.5 < efficiency(GENERATION.shelf, output) <= 0.9775


def test_efficiency_peaks_at_half_load() -> None:
    assert efficiency(GENERATION.shelf, 2750.0) == pytest.approx(0.977, abs=5e-4)
    assert efficiency(GENERATION.shelf, 2750.0) > efficiency(GENERATION.shelf, 5500.0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), times=st.lists(st.floats(0.01, 2.0), min_size=1, max_size=4))
def test_the_same_seed_and_steps_give_the_same_rack(seed: int, times: list[float]) -> None:
    one, other = rack(seed), rack(seed)
    for built in (one, other):
        built.trays["tray01"].gpu_load = 1.0
        for time in times:
            built.step(built.time + time)
    assert state(one) == state(other)


def test_another_seed_gives_another_rack() -> None:
    assert state(rack(1)) != state(rack(2))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(loads=st.lists(st.floats(0, 1), min_size=18, max_size=18))
def test_energy_is_kept_at_any_load(loads: list[float]) -> None:
    built = rack()
    for tray, load in zip(built.trays.values(), loads, strict=True):
        tray.gpu_load = load
    built.step(40.0)
    assert sum(shelf.output for shelf in built.power.shelves) == pytest.approx(built.load, rel=1e-6)
    assert sum(feed.power for feed in built.power.feeds) == pytest.approx(built.input)
    assert built.load < built.input < 1.06 * built.load
    assert built.loop.heat + built.loop.air == pytest.approx(built.input, rel=2e-3)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=st.lists(st.floats(0.02, 0.9), min_size=1, max_size=20))
def test_how_often_one_looks_changes_nothing(cuts: list[float]) -> None:
    one, other = rack(), rack()
    one.trays["tray01"].gpu_load = other.trays["tray01"].gpu_load = 1.0
    at = 0.0
    for cut in cuts:
        at += cut
        one.step(at)
    other.step(at)
    assert state(one) == state(other)


def test_a_register_counts_between_ticks(bench: Bench) -> None:
    built = bench().load(30.0)
    shelf = built.world.physics.power.shelves[0]
    seen = []
    for _ in range(3):
        built.wait(0.03)
        seen.append(shelf.energy_after(built.world.lead))
    steps = [later - before for before, later in pairwise(seen)]
    assert steps == pytest.approx([shelf.input * 0.03 / 3600.0] * 2, rel=0.02)
