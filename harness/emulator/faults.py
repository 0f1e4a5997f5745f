"""Faults of the emulated rack: where each fits, how large it is by default, and what it does to physics or wire."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harness.emulator import afflictions as do
from harness.emulator.world import Pending, World

Strike = Callable[[World, str, float], None]

_SPEC = re.compile(
    r"(?P<place>\w+)\.(?P<name>\w+)(?:=(?P<size>[-+]?[\d.]+(?:[eE][-+]?\d+)?))?"
    r"(?:@(?P<load>load)?\+(?P<delay>\d+(?:\.\d+)?)s)?"
)
SSH, SNMP = frozenset({"bmc", "host"}), frozenset({"shelf", "cdu", "switch", "pdu"})
TRAYS = frozenset({"tray", "swtray"})
EVERY = SSH | SNMP | {"feed"}


class FaultError(ValueError):
    """A fault that cannot be: says what is possible."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: the kinds of place that it fits, what it does physically, its size by default and what that means."""

    places: frozenset[str]
    text: str
    strike: Strike
    size: float = 0.0
    meaning: str = ""


def _at(*places: str) -> frozenset[str]:
    return frozenset(places)


FAULTS: Mapping[str, Fault] = MappingProxyType({
    # inventory
    "bmc_silent": Fault(TRAYS, "The BMC's SSH server refuses every connection.", do.refuse_bmc),
    "wrong_serial": Fault(TRAYS, "Another tray than the listed one sits in the slot.", do.change_serial),
    "wrong_firmware": Fault(TRAYS, "The BMC runs another firmware version.", do.change_firmware),
    "gpu_missing": Fault(_at("tray"), "A GPU is not found and draws nothing.", do.remove_gpu, 3, "place of the GPU"),
    # power
    "never_idles": Fault(_at("tray"), "The GPUs burn though nothing runs.", do.never_idle, 0.7, "load"),
    "boost_unlocked": Fault(_at("rack"), "All GPUs clock and draw more at full load.", do.unlock_boost, 0.10, "share"),
    "psu_sagging": Fault(_at("shelf"), "PSU 4 carries less than its peers.", do.sag_psu, 0.25, "share"),
    "rectifier_lossy": Fault(_at("shelf"), "The rectifiers lose more; input rises.", do.lose_more, 0.03, "points"),
    "bus_low": Fault(_at("rack"), "The bus setpoint of every shelf is low.", do.lower_bus, 47.0, "V"),
    "meter_biased": Fault(_at("shelf", "pdu"), "Shelf or PDU reports too much input power and energy.", do.bias_shelf,
                          0.05, "share"),
    "pfc_degraded": Fault(_at("shelf"), "The shelf takes reactive power.", do.degrade_pfc, 0.90, "power factor"),
    "phase_unbalanced": Fault(_at("feed"), "Phase 1 carries more, the others less.", do.unbalance, 0.12, "share"),
    "energy_register_slow": Fault(_at("shelf"), "The input energy register counts slow.", do.slow_register,
                                  0.05, "share"),
    # cooling
    "inlet_too_warm": Fault(_at("cdu"), "The coolant is supplied too warm.", do.warm_inlet, 8.0, "K"),
    "pump_weak": Fault(_at("cdu"), "The pumps give less flow.", do.weaken_pumps, 0.25, "share"),
    "flow_sensor_biased": Fault(_at("cdu"), "The flow sensor reads too much.", do.bias_flow, 0.15, "share"),
    "leak": Fault(_at("cdu"), "Coolant leaks: the rope is wet, pressure falls.", do.leak),
    "cold_plate_blocked": Fault(_at("tray"), "Heat leaves GPU 2 badly.", do.block_cold_plate, 1.6, "factor"),
    "return_sensor_frozen": Fault(_at("cdu"), "The return temperature sensor keeps its value.", do.freeze_return),
    # network
    "cables_swapped": Fault(_at("switch"), "The cables of a port and the next are swapped.", do.swap_cables, 1, "port"),
    "port_down": Fault(_at("switch"), "A link is down at both ends.", do.break_port, 56, "port"),
    "wrong_speed": Fault(_at("switch"), "A link came up at 100 Mb/s.", do.slow_port, 5, "port"),
    "bit_errors": Fault(_at("switch"), "A link damages frames in proportion to its traffic.", do.damage_frames,
                        55, "port"),
    "optic_dirty": Fault(_at("switch"), "The first uplink's optic receives little light.", do.dirty_optic,
                         -14.0, "dBm"),
    # compute
    "gpu_slow": Fault(_at("tray"), "GPU 1 computes less at the same power.", do.slow_gpu, 0.85, "factor"),
    "gpu_throttling": Fault(_at("tray"), "GPU 3 slows down under load as if it were hot.", do.throttle_gpu),
    "ecc_errors": Fault(_at("tray"), "GPU 0 counted uncorrected memory errors.", do.spoil_memory, 2, "errors"),
    "xid": Fault(_at("tray"), "The kernel logs Xid 79: a GPU fell off the bus.", do.log_xid, 79, "Xid"),
    "leakage_high": Fault(_at("rack"), "All GPUs draw more at load for the same work.", do.raise_leakage,
                          0.07, "share"),
    "power_swings": Fault(_at("rack"), "All GPUs work in step, and their power swings.", do.swing_power,
                          0.012, "share"),
    "cap_stuck": Fault(_at("rack"), "All GPUs are held at a power cap.", do.stick_cap, 0.75, "share of full power"),
    "load_drops_out": Fault(_at("tray"), "The workload that runs dies.", do.drop_load),
    # management
    "clock_off": Fault(TRAYS, "The BMC's clock is wrong.", do.shift_clock, 90.0, "s"),
    "sensor_missing": Fault(_at("tray"), "The BMC's CPU_1_TEMP has no value.", do.lose_sensor),
    "sensor_frozen": Fault(_at("tray"), "The BMC's GPU_0_TEMP keeps its value.", do.freeze_sensor),
    "log_critical": Fault(TRAYS, "The BMC logs a critical event.", do.log_critical),
    "firmware_changes": Fault(TRAYS, "The BMC's firmware version is another one from now on.", do.change_firmware),
    "bmc_dies": Fault(TRAYS, "The BMC goes away.", do.refuse_bmc),
    "default_password": Fault(TRAYS, "The BMC lets root in with 0penBmc.", do.leave_password),
    # wire and instrument
    "silent": Fault(EVERY, "Requests are taken and never answered.", do.silence),
    "slow": Fault(EVERY, "Replies come late.", do.delay, 3.0, "s"),
    "garbled": Fault(EVERY, "Replies have the right length and wrong bytes.", do.garble),
    "truncated": Fault(EVERY, "Half a reply comes, then nothing.", do.truncate),
    "reset": Fault(SSH | {"feed"}, "Every request resets the connection.", do.reset),
    "wrong_model": Fault(EVERY, "Another model answers.", do.change_model),
    "wrong_unit": Fault(SNMP - {"pdu"}, "Sensor values are off by their scale.", do.change_unit, 1000.0, "factor"),
    "wrong_ratio": Fault(_at("feed"), "The meter is set to another current transformer.", do.change_ratio,
                         60.0, "ratio"),
    "overrange": Fault(_at("feed"), "The meter's inputs overrange.", do.overrange),
})  # fmt: skip
"""Every fault by name."""


def places(world: World) -> dict[str, str]:
    """Return the kind of every place of a rack: slots, devices and the rack itself."""
    found = {"rack": "rack"}
    roles = {"feed_meter": "feed", "power_shelf": "shelf", "pdu": "pdu", "cdu": "cdu", "switch": "switch"}
    for device in world.layout.devices:
        kind = roles.get(device.role)
        found[device.name] = kind or device.name.rpartition("_")[2]
        if kind is None:
            found[device.slot] = "tray" if device.slot.startswith("tray") else "swtray"
    return found


def afflict(world: World, specs: Iterable[str]) -> None:
    """Let the faults strike, now or later: `PLACE.NAME[=SIZE][@+Ns|@load+Ns]`.

    Raises FaultError, which says what is possible, before any fault has struck.
    """
    for strike, delay, after_load in [_parse(world, spec) for spec in specs]:
        if delay is None:
            strike()
        else:
            world.pending.append(Pending(delay, after_load, strike))


def _parse(world: World, spec: str) -> tuple[Callable[[], None], float | None, bool]:
    match = _SPEC.fullmatch(spec)
    if match is None:
        message = f"{spec!r} is no fault; write PLACE.NAME[=SIZE][@+Ns|@load+Ns], such as tray07.gpu_slow=0.8@load+5s"
        raise FaultError(message)
    place, fault = match["place"], _find(world, match["place"], match["name"])
    size = float(match["size"]) if match["size"] else fault.size
    delay = float(match["delay"]) if match["delay"] else None
    return lambda: fault.strike(world, place, size), delay, match["load"] is not None


def _find(world: World, place: str, name: str) -> Fault:
    known = places(world)
    if place not in known:
        message = f"the rack has no place {place!r}; it has {', '.join(known)}"
        raise FaultError(message)
    fault = FAULTS.get(name)
    if fault is None or known[place] not in fault.places:
        possible = sorted(n for n, f in FAULTS.items() if known[place] in f.places)
        message = f"no fault {name!r} at {place}; possible there: {', '.join(possible)}"
        raise FaultError(message)
    return fault
