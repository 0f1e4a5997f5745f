"""What a rack can be: tables that its counts ask for, and figures that go together. Complaints name the key."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.emulator.generation import Generation

AIR_J_PER_M3_K = 1206.0
"""Heat that a cubic metre of air takes up per kelvin at 20 degC and sea level, J (recalled)."""

HOTTEST_AIR_DEGC = 80.0
SENSORS = frozenset({
    "meter", "fan", "gpu_temperature", "gpu_power", "bmc_temperature", "bmc_power", "bmc_voltage", "air_temperature",
    "optic",
})  # fmt: skip
SHELF_SENSORS = frozenset({"shelf_power", "shelf_voltage", "shelf_input_voltage", "shelf_current", "shelf_energy"})
COOLANT_SENSORS = frozenset({"coolant_temperature", "flow", "pressure"})
PDU_SENSORS = frozenset({"pdu_power", "pdu_current", "pdu_voltage", "pdu_energy"})


def full_load(g: "Generation") -> float:
    """Return what trays and switches draw at full load, W."""
    c, cpu = g.counts, g.cpu
    busy_cpu = cpu.idle_w + (cpu.full_w - cpu.idle_w) * cpu.host_share_of_burn
    tray = c.gpus_per_tray * g.gpu.full_w + c.cpus_per_tray * busy_cpu + g.tray.rest_full_w + g.tray.fan_full_w
    total = c.compute_trays * tray + c.switches * g.switch.power_w
    if s := g.switch_trays:
        total += c.switch_trays * (c.asics_per_switch_tray * s.asic_full_w + s.rest_w + s.fan_full_w + s.cpu_idle_w)
    return total


def complaint(g: "Generation") -> str:
    """Return what cannot be, with the key and what would be possible; "" where all can."""
    return next((said for check in _CHECKS for said in check(g)), "")


def _faces(g: "Generation") -> Iterator[str]:
    if g.feed.faces and len(g.feed.faces) != g.counts.feeds:
        yield f"feed.faces names {len(g.feed.faces)} for {g.counts.feeds} feeds"


def _tables(g: "Generation") -> Iterator[str]:
    c = g.counts
    for key, table, count, of in (
        ("switch_tray", g.switch_trays, c.switch_trays, "switch_trays"),
        ("shelf", g.shelves, c.shelves, "shelves"),
        ("pdu", g.pdus, c.pdus, "pdus"),
    ):
        if (table is not None) != (count > 0):
            yield f"{key}: counts.{of} is {count}; a table [{key}] goes with at least one, and only then"
    if (c.shelves > 0) == (c.pdus > 0):
        yield f"counts.shelves is {c.shelves} and counts.pdus {c.pdus}: a rack is fed by one of the two"
    if c.shelves and not c.psus_per_shelf:
        yield "counts.psus_per_shelf: a shelf has at least 1"
    if (g.liquid is None) == (g.air is None):
        yield "coolant: a rack is cooled by a table [coolant] or by a table [air], one of the two"


def _sensors(g: "Generation") -> Iterator[str]:
    wanted = set(SENSORS)
    for extra, table in ((SHELF_SENSORS, g.shelves), (COOLANT_SENSORS, g.liquid), (PDU_SENSORS, g.pdus)):
        wanted |= extra if table is not None else set()
    for kind in sorted(set(g.sensors) ^ wanted):
        told = "no such sensor in this rack" if kind in g.sensors else "missing"
        yield f"sensors.{kind}: {told}; it has {', '.join(sorted(wanted))}"


def _slots(g: "Generation") -> Iterator[str]:
    if g.counts.gpus_per_tray > g.tray.gpu_slots:
        what = f"{g.counts.gpus_per_tray} GPUs do not go into {g.tray.gpu_slots} slots"
        yield f"counts.gpus_per_tray: {what}; at most {g.tray.gpu_slots}, or raise tray.gpu_slots"


def _supply(g: "Generation") -> Iterator[str]:
    load, c = full_load(g), g.counts
    if g.shelves and load > (most := c.shelves * c.psus_per_shelf * g.shelf.psu_rated_w):
        needed = int(load / c.psus_per_shelf / g.shelf.psu_rated_w) + 1
        what = f"{c.shelves} give {most / 1e3:.0f} kW, full load is {load / 1e3:.0f} kW"
        yield f"counts.shelves: {what}; at least {needed}"
    if g.pdus and load > (most := c.pdus * c.feeds * g.pdu.rated_w):
        needed = int(load / c.feeds / g.pdu.rated_w) + 1
        yield f"counts.pdus: they give {most / 1e3:.0f} kW, full load is {load / 1e3:.0f} kW; at least {needed} a feed"


def _coolant(g: "Generation") -> Iterator[str]:
    if g.liquid is None:
        return
    f, load = g.coolant, full_load(g)
    per_lpm = f.heat_capacity_j_per_l_k / 60.0
    room = g.gpu.throttle_degc - f.supply_degc
    rise = load / (f.flow_lpm * per_lpm)
    if rise >= room:
        needed = f"at least {load / (room * per_lpm):.0f} l/min" if room > 0 else "supply it cooler"
        what = f"{f.flow_lpm:g} l/min would take {load / 1e3:.0f} kW away {rise:.0f} K warmer"
        yield f"coolant.flow_lpm: {what}; {needed}"


def _air(g: "Generation") -> Iterator[str]:
    if g.air is None:
        return
    per_flow, room = AIR_J_PER_M3_K / 3600.0, HOTTEST_AIR_DEGC - g.air.inlet_degc
    if full_load(g) / (g.air.flow_m3_per_h * per_flow) >= room:
        needed = full_load(g) / room / per_flow
        yield f"air.flow_m3_per_h: {g.air.flow_m3_per_h:g} m3/h cannot carry the heat; at least {needed:.0f}"


def _dies(g: "Generation") -> Iterator[str]:
    inlet = g.coolant.supply_degc if g.liquid else g.air.inlet_degc if g.air else 0.0
    hot, most = inlet + g.gpu.resistance_k_per_w * g.gpu.full_w, g.gpu.throttle_degc
    if hot >= most:
        needed = f"at most {(most - inlet) / g.gpu.full_w:.2g} K/W"
        what = f"at full load a GPU would be at {hot:.0f} degC and throttle at {most:g}"
        yield f"gpu.resistance_k_per_w: {what}; {needed}"


_CHECKS: tuple[Callable[["Generation"], Iterator[str]], ...] = (
    _faces, _tables, _sensors, _slots, _supply, _coolant, _air, _dies,
)  # fmt: skip
