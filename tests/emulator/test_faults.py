"""Each fault does to the rack what its text says, and only where it fits."""

from collections.abc import Callable
from typing import Any

import pytest

from harness.emulator import faults
from harness.emulator.faults import FAULTS
from harness.emulator.trays import Gpu
from harness.emulator.world import World

Bench = Callable[..., Any]
Seen = Callable[[World], float]


def gpu(world: World, place: int) -> Gpu:
    return world.physics.trays["tray07"].gpus[place]


def shelf(world: World) -> Any:
    return world.physics.power.shelves[1]


def power_factor(world: World) -> float:
    feed = world.physics.power.feeds[0]
    return float(feed.power / (feed.power**2 + feed.reactive**2) ** 0.5)


def shown(world: World, name: str, kind: str, true: Callable[[], float]) -> float:
    return world.sense(name, kind, true)


def all_gpus(world: World) -> list[Gpu]:
    return [found for tray in world.physics.trays.values() for found in tray.gpus]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


RATIOS: list[tuple[str, Seen, float]] = [
    ("tray07.gpu_missing", lambda w: w.physics.trays["tray07"].power, 0.79),
    ("tray07.gpu_missing", lambda w: gpu(w, 3).power, 0.0),
    ("rack.boost_unlocked", lambda w: mean([g.power for g in all_gpus(w)]), 1.10),
    ("rack.boost_unlocked", lambda w: mean([g.rate for g in all_gpus(w)]), 1.10),
    ("shelf2.psu_sagging", lambda w: shelf(w).psus[3].output, 0.783),
    ("shelf2.psu_sagging", lambda w: shelf(w).output, 1.0),
    ("shelf2.rectifier_lossy", lambda w: shelf(w).input, 1.032),
    ("shelf2.rectifier_lossy", lambda w: w.physics.power.feeds[0].power, 1.008),
    ("rack.bus_low", lambda w: w.physics.power.bus, 0.920),
    ("shelf2.meter_biased", lambda w: w.physics.input, 1.0),
    ("shelf2.meter_biased", lambda w: shown(w, "shelf2/input_power", "shelf_power", lambda: 15_000.0), 1.05),
    ("shelf2.meter_biased", lambda w: shown(w, "shelf2/psu1/input_power", "shelf_power", lambda: 2_500.0), 1.05),
    ("shelf2.pfc_degraded", power_factor, 0.985),
    ("feed_a.phase_unbalanced", lambda w: w.physics.power.feeds[0].phase(0)[2], 1.12),
    ("feed_a.phase_unbalanced", lambda w: w.physics.power.feeds[0].power, 1.0),
    ("cdu.inlet_too_warm", lambda w: w.physics.loop.supply, 43 / 35),
    ("cdu.pump_weak", lambda w: w.physics.loop.flow, 0.75),
    ("cdu.flow_sensor_biased", lambda w: w.physics.loop.flow, 1.0),
    ("cdu.flow_sensor_biased", lambda w: shown(w, "cdu/flow", "flow", lambda: w.physics.loop.flow), 1.15),
    ("cdu.leak", lambda w: w.physics.loop.supply_kpa, 0.94),
    ("mgmt1.wrong_speed", lambda w: w.physics.switches["mgmt1"].ports["Ethernet5"].speed, 0.1),
    ("tray07.gpu_slow", lambda w: gpu(w, 1).rate, 0.85),
    ("tray07.gpu_slow", lambda w: gpu(w, 1).power, 1.0),
    ("tray07.gpu_throttling", lambda w: gpu(w, 3).clock, 0.80),
    ("tray07.gpu_throttling", lambda w: gpu(w, 3).power, 0.80),
    ("rack.leakage_high", lambda w: mean([g.power for g in all_gpus(w)]), 1.07),
    ("rack.leakage_high", lambda w: mean([g.rate for g in all_gpus(w)]), 1.0),
    ("rack.cap_stuck", lambda w: mean([g.power for g in all_gpus(w)]), 0.75),
    ("rack.cap_stuck", lambda w: mean([g.rate for g in all_gpus(w)]), 0.74),
    ("shelf2.shelf_sharing_badly", lambda w: shelf(w).output, 1.26),
    ("shelf2.psu_dead", lambda w: shelf(w).psus[0].output, 1.2),
    ("tray07.gpu_clock_low", lambda w: gpu(w, 1).rate, 0.85),
    ("tray07.cap_ignored", lambda w: gpu(w, 1).power, 1.25),
    ("feed_a.out_of_calibration", lambda w: shown(w, "feed_a/1/p", "meter", lambda: 1.0), 1.004),
    ("feed_a.wrong_ratio", lambda w: w.meters["feed_a"].ct_ratios[2], 0.75),
]
"""Fault, what is looked at under full load, and its ratio to that of the healthy rack."""


@pytest.fixture(scope="module")
def well(bench: Bench) -> World:
    """A healthy rack under full load."""
    built: World = bench().load().world
    return built


@pytest.mark.parametrize(("spec", "look", "ratio"), RATIOS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_fault_changes_the_physics_by_its_size(
    bench: Bench, well: World, spec: str, look: Seen, ratio: float
) -> None:
    assert look(bench(spec).load().world) / look(well) == pytest.approx(ratio, abs=0.012)


STATES: list[tuple[str, Callable[[World], object]]] = [
    ("tray07.bmc_silent", lambda w: w.wires["tray07_bmc"].refused),
    ("tray07.bmc_dies", lambda w: w.wires["tray07_bmc"].refused),
    ("tray07.wrong_serial", lambda w: w.serials["tray07"] != w.layout.parts["tray07"].serial),
    ("swtray3.wrong_serial", lambda w: w.serials["swtray3"] != w.layout.parts["swtray3"].serial),
    ("tray07.wrong_firmware", lambda w: w.version("tray07_bmc", "healthy") != "healthy"),
    ("swtray3.firmware_changes", lambda w: w.version("swtray3_bmc", "healthy") != "healthy"),
    ("cdu.leak", lambda w: w.physics.loop.wet),
    ("mgmt1.port_down", lambda w: not w.physics.switches["mgmt1"].ports["Ethernet56"].up),
    ("mgmt1.port_down", lambda w: not w.physics.switches["mgmt2"].ports["Ethernet56"].up),
    ("mgmt1.cables_swapped", lambda w: w.physics.switches["mgmt1"].ports["Ethernet1"].far == ("tray02_bmc", "eth0")),
    ("mgmt1.bit_errors", lambda w: w.physics.switches["mgmt1"].ports["Ethernet55"].damaged > 100),
    ("mgmt1.optic_dirty", lambda w: w.physics.switches["mgmt1"].ports["Ethernet55"].rx_dbm == -14.0),
    ("tray07.gpu_throttling", lambda w: gpu(w, 3).slowed),
    ("tray07.ecc_errors", lambda w: gpu(w, 0).ecc_errors == 2),
    ("tray07.xid", lambda w: "Xid (PCI:0009:01:00): 79" in w.kernel_logs["tray07_host"][0][1]),
    ("tray07.load_drops_out", lambda w: "tray07" in w.doomed),
    ("tray07.clock_off", lambda w: w.unix("tray07_bmc") - w.clock.unix() == 90.0),
    ("tray07.log_critical", lambda w: w.logs["tray07_bmc"][0].severity == "Critical"),
    ("swtray3.log_critical", lambda w: "Critical" in w.logs["swtray3_bmc"][0].severity),
    ("tray07.default_password", lambda w: w.passwords["tray07_bmc"] == ("root", "0penBmc")),
    ("feed_a.overrange", lambda w: w.meters["feed_a"].overrange),
    ("tray07.cold_plate_blocked", lambda w: 75.0 < gpu(w, 2).temperature < 87.0 and not gpu(w, 2).slowed),
    ("cdu.inlet_too_warm", lambda w: 66.0 < max(g.temperature for g in all_gpus(w)) < 75.0),
    ("rack.mixed_firmware", lambda w: w.version("tray03_bmc", "a") != w.version("tray04_bmc", "a")),
    ("shelf2.psu_dead", lambda w: shelf(w).psus[2].output == shelf(w).psus[2].input == 0.0),
    ("shelf2.breaker_open", lambda w: shelf(w).output == shelf(w).input == 0.0),
    ("shelf2.inrush_too_high", lambda w: shelf(w).output == 0.0),
    ("feed_b.feed_lost", lambda w: w.physics.power.feeds[1].power == 0.0 < w.physics.power.feeds[0].power),
    ("shelf2.energy_register_reset", lambda w: shelf(w).energy < 1000.0),
    ("shelf2.energy_register_wraps", lambda w: shelf(w).energy < 2000.0),
    ("tray07.fan_stuck", lambda w: w.physics.trays["tray07"].fan(1) == 0.0 < w.physics.trays["tray07"].fan(0)),
    ("cdu.hoses_swapped", lambda w: w.physics.loop.felt[0] > w.physics.loop.felt[1]),
    ("mgmt1.lldp_silent", lambda w: not w.physics.switches["mgmt1"].ports["Ethernet7"].announced),
    ("tray07.silent_corruption", lambda w: gpu(w, 2).corrupts),
    ("tray07.bmc_reboots=90", lambda w: w.wires["tray07_bmc"].refused),
    ("tray07.bmc_reboots=5", lambda w: w.wires["tray07_bmc"].booted == 5.0 and not w.wires["tray07_bmc"].refused),
    ("tray07.log_full", lambda w: len(w.logs.get("tray07_bmc", [])) == 200),
    ("feed_a.late", lambda w: w.wires["feed_a"].slow == 6.0),
    ("feed_a.wrong_range", lambda w: w.meters["feed_a"].current_range == 20.0),
    ("mgmt1.agent_reboots=5", lambda w: w.wires["mgmt1"].booted == 5.0 and not w.wires["mgmt1"].silent),
    ("feed_a.silent", lambda w: w.wires["feed_a"].silent),
    ("cdu.slow", lambda w: w.wires["cdu"].slow == 3.0),
    ("mgmt1.garbled", lambda w: w.wires["mgmt1"].garbled),
    ("tray07_host.truncated", lambda w: w.wires["tray07_host"].truncated),
    ("tray07_bmc.reset", lambda w: w.wires["tray07_bmc"].reset),
    ("shelf2.wrong_model", lambda w: w.wires["shelf2"].wrong_model),
    ("shelf2.wrong_unit", lambda w: w.wires["shelf2"].unit_factor == 1000.0),
]
"""Fault, and what is so under full load with it and not without it."""


@pytest.mark.parametrize(("spec", "look"), STATES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_fault_changes_a_state(bench: Bench, well: World, spec: str, look: Callable[[World], object]) -> None:
    assert look(bench(spec).load().world)
    # what these look at is not there at all on a healthy rack
    if spec.partition(".")[2] not in {"xid", "log_critical", "default_password"}:
        assert not look(well)


def test_never_idles(bench: Bench) -> None:
    sick, well = (b.world.physics.trays["tray07"].power for b in (bench("tray07.never_idles"), bench()))
    assert sick > 2.0 * well


def test_a_slow_register_counts_less_than_it_should(bench: Bench) -> None:
    counted = []
    for built in (bench("shelf2.energy_register_slow").load(), bench().load()):
        before = shelf(built.world).energy
        built.wait(60.0)
        counted.append(shelf(built.world).energy - before)
    assert counted[0] / counted[1] == pytest.approx(0.95, abs=1e-3)


@pytest.mark.parametrize(
    ("spec", "name", "kind"),
    [
        ("cdu.return_sensor_frozen", "cdu/return", "coolant_temperature"),
        ("tray07.sensor_frozen", "tray07_bmc/GPU_0_TEMP", "bmc_temperature"),
    ],
)
def test_a_frozen_sensor_keeps_its_first_value(bench: Bench, spec: str, name: str, kind: str) -> None:
    built = bench(spec)
    first = built.world.sense(name, kind, lambda: 37.0)
    built.wait(10.0)
    assert built.world.sense(name, kind, lambda: 60.0) == first
    well = bench()
    assert well.world.sense(name, kind, lambda: 37.0) != well.load().world.sense(name, kind, lambda: 60.0)


def test_swinging_power_swings_about_its_mean(bench: Bench) -> None:
    spans, means = [], []
    for built in (bench("rack.power_swings").load(), bench().load()):
        seen = []
        for _ in range(27):
            built.wait(0.1)
            seen.append(built.world.physics.input)
        spans.append((max(seen) - min(seen)) / mean(seen))
        means.append(mean(seen))
    assert spans[0] > 0.012 > 0.001 > spans[1]
    assert means[0] / means[1] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("spec", "look", "size"),
    [
        ("shelf2.psu_oscillating", lambda w: shelf(w).psus[2].output, 0.10),
        ("cdu.air_in_loop", lambda w: w.physics.loop.flow, 0.06),
    ],
)
def test_what_comes_and_goes_does_so_about_its_mean(bench: Bench, spec: str, look: Seen, size: float) -> None:
    built, seen = bench(spec).load(), []
    for _ in range(62):
        built.wait(0.1)
        seen.append(look(built.world))
    assert (max(seen) - min(seen)) / mean(seen) == pytest.approx(2.0 * size, rel=0.25)


def test_a_flapping_link_goes_down_and_comes_up_again(bench: Bench) -> None:
    built, seen = bench("mgmt1.port_flapping"), []
    for _ in range(60):
        built.wait(0.1)
        seen.append(built.world.physics.switches["mgmt1"].ports["Ethernet12"].up)
    assert 0.3 < mean([float(up) for up in seen]) < 0.7


def test_a_missing_sensor_has_no_value(bench: Bench) -> None:
    value = bench("tray07.sensor_missing").world.sense("tray07_bmc/CPU_1_TEMP", "bmc_temperature", lambda: 37.0)
    assert value != value


def test_every_fault_is_held_to_something() -> None:
    specs = [spec for spec, _, _ in RATIOS] + [spec for spec, _ in STATES]
    held = {spec.partition(".")[2].partition("=")[0] for spec in specs}
    held |= {
        "never_idles",
        "energy_register_slow",
        "return_sensor_frozen",
        "sensor_frozen",
        "sensor_missing",
        "power_swings",
        "psu_oscillating",
        "air_in_loop",
        "port_flapping",
    }
    assert held == set(FAULTS)


def test_a_fault_waits_for_its_time(bench: Bench) -> None:
    built = bench("cdu.leak@+5s")
    built.wait(4.9)
    assert not built.world.physics.loop.wet
    built.wait(0.2)
    assert built.world.physics.loop.wet


def test_a_fault_waits_for_the_first_load(bench: Bench) -> None:
    built = bench("cdu.leak@load+2s")
    built.wait(30.0)
    assert not built.world.physics.loop.wet
    built.load(1.9)
    assert not built.world.physics.loop.wet
    built.wait(0.2)
    assert built.world.physics.loop.wet


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        ("leak", "PLACE.NAME"),
        ("cdu.leek", "possible there: agent_reboots, air_in_loop"),
        ("tray99.gpu_slow", "no place 'tray99'; it has rack, feed_a"),
        ("cdu.gpu_slow", "no fault 'gpu_slow' at cdu"),
        ("shelf2.reset", "possible there"),
        ("cdu.leak@5", "PLACE.NAME"),
    ],
)
def test_an_unknown_fault_is_refused_with_what_is_possible(bench: Bench, spec: str, part: str) -> None:
    with pytest.raises(faults.FaultError, match=part.replace("(", r"\(")):
        bench(spec)


def test_a_size_can_be_given(bench: Bench) -> None:
    assert bench("cdu.inlet_too_warm=2.5").world.physics.loop.supply == 37.5
    assert bench("mgmt2.port_down=3").world.physics.switches["mgmt2"].ports["Ethernet3"].up is False
