"""Faults of the emulated rack: where each fits, how large it is by default, and what it does to physics or wire."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harness.emulator import rack_faults as rack
from harness.emulator import tray_faults as tray
from harness.emulator import wire_faults as wire
from harness.emulator.undo import changes
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
    "bmc_silent": Fault(TRAYS, "The BMC's SSH server refuses every connection.", tray.refuse_bmc),
    "wrong_serial": Fault(TRAYS, "Another tray than the listed one sits in the slot.", tray.change_serial),
    "wrong_firmware": Fault(TRAYS, "The BMC runs another firmware version.", tray.change_firmware),
    "gpu_missing": Fault(_at("tray"), "A GPU is not found and draws nothing.", tray.remove_gpu, 3, "place of the GPU"),
    "mixed_firmware": Fault(_at("rack"), "Every second tray's BMC runs another firmware version.",
                            tray.mix_firmware),
    # power
    "never_idles": Fault(_at("tray"), "The GPUs burn though nothing runs.", rack.never_idle, 0.7, "load"),
    "boost_unlocked": Fault(_at("rack"), "All GPUs clock and draw more at load.", rack.unlock_boost, 0.10, "share"),
    "psu_sagging": Fault(_at("shelf"), "PSU 4 carries less than its peers.", rack.sag_psu, 0.25, "share"),
    "rectifier_lossy": Fault(_at("shelf"), "The rectifiers lose more; input rises.", rack.lose_more, 0.03, "points"),
    "bus_low": Fault(_at("rack"), "The bus setpoint of every shelf is low.", rack.lower_bus, 47.0, "V"),
    "meter_biased": Fault(_at("shelf", "pdu"), "Shelf or PDU reports too much input power and energy.", rack.bias_shelf,
                          0.05, "share"),
    "boards_biased": Fault(_at("rack"), "Every tray's own power sensor reads too much.", rack.bias_boards,
                           0.15, "share"),
    "pfc_degraded": Fault(_at("shelf"), "The shelf takes reactive power.", rack.degrade_pfc, 0.90, "power factor"),
    "phase_unbalanced": Fault(_at("feed"), "Phase 1 carries more, the others less.", rack.unbalance, 0.12, "share"),
    "energy_register_slow": Fault(_at("shelf"), "The input energy register counts slow.", rack.slow_register,
                                  0.05, "share"),
    "psu_dead": Fault(_at("shelf"), "PSU 3 gives nothing; its peers carry the load.", rack.kill_psu),
    "psu_oscillating": Fault(_at("shelf"), "The output of PSU 3 comes and goes.", rack.oscillate_psu, 0.10, "share"),
    "shelf_sharing_badly": Fault(_at("shelf"), "The shelf is set above the others and takes more than its part.",
                                 rack.share_badly, 0.15, "V"),
    "feed_lost": Fault(_at("feed"), "The mains of a feed are gone; the other feed carries all.", rack.lose_feed),
    "breaker_open": Fault(_at("shelf"), "The shelf has no mains and gives nothing.", rack.open_breaker),
    "inrush_too_high": Fault(_at("shelf"), "The surge of the first load opens the shelf's breaker.",
                             rack.open_breaker_on_surge),
    "energy_register_reset": Fault(_at("shelf"), "The input energy register is set to zero.", rack.reset_register),
    "energy_register_wraps": Fault(_at("shelf"), "The input energy register begins again.", rack.wrap_register,
                                   1000.0, "Wh"),
    # cooling
    "fan_stuck": Fault(_at("tray"), "A fan stands still.", tray.stick_fan, 1, "place of the fan"),
    "hoses_swapped": Fault(_at("cdu"), "Supply and return are connected the wrong way round.", rack.swap_hoses,
                           1.1, "factor"),
    "air_in_loop": Fault(_at("cdu"), "Bubbles make the flow come and go.", rack.let_air_in, 0.06, "share"),
    "inlet_too_warm": Fault(_at("cdu"), "The coolant is supplied too warm.", rack.warm_inlet, 8.0, "K"),
    "pump_weak": Fault(_at("cdu"), "The pumps give less flow.", rack.weaken_pumps, 0.25, "share"),
    "flow_sensor_biased": Fault(_at("cdu"), "The flow sensor reads too much.", rack.bias_flow, 0.15, "share"),
    "leak": Fault(_at("cdu"), "Coolant leaks: the rope is wet, pressure falls.", rack.leak),
    "cold_plate_blocked": Fault(_at("tray"), "Heat leaves GPU 2 badly.", rack.block_cold_plate, 1.6, "factor"),
    "return_sensor_frozen": Fault(_at("cdu"), "The return temperature sensor keeps its value.", rack.freeze_return),
    # network
    "cables_swapped": Fault(_at("switch"), "A port's cable and the next one are swapped.", wire.swap_cables, 1, "port"),
    "port_down": Fault(_at("switch"), "A link is down at both ends.", wire.break_port, 56, "port"),
    "wrong_speed": Fault(_at("switch"), "A link came up at 100 Mb/s.", wire.slow_port, 5, "port"),
    "bit_errors": Fault(_at("switch"), "A link damages frames in proportion to its traffic.", wire.damage_frames,
                        55, "port"),
    "optic_dirty": Fault(_at("switch"), "The first uplink's optic receives little light.", wire.dirty_optic,
                         -14.0, "dBm"),
    "port_flapping": Fault(_at("switch"), "A link goes down and comes up again and again.", wire.flap_port,
                           12, "port"),
    "lldp_silent": Fault(_at("switch"), "What is plugged in does not announce itself.", wire.silence_lldp, 7, "port"),
    # compute
    "gpu_slow": Fault(_at("tray"), "GPU 1 computes less at the same power.", tray.slow_gpu, 0.85, "factor"),
    "gpu_throttling": Fault(_at("tray"), "GPU 3 slows down under load as if it were hot.", tray.throttle_gpu),
    "ecc_errors": Fault(_at("tray"), "GPU 0 counted uncorrected memory errors.", tray.spoil_memory, 2, "errors"),
    "xid": Fault(_at("tray"), "The kernel logs Xid 79: a GPU fell off the bus.", tray.log_xid, 79, "Xid"),
    "leakage_high": Fault(_at("rack"), "All GPUs draw more at load for the same work.", tray.raise_leakage,
                          0.07, "share"),
    "power_swings": Fault(_at("rack"), "All GPUs work in step, and their power swings.", tray.swing_power,
                          0.012, "share"),
    "cap_stuck": Fault(_at("rack"), "All GPUs are held at a power cap.", tray.stick_cap, 0.75, "share of full power"),
    "load_drops_out": Fault(_at("tray"), "The workload that runs dies.", tray.drop_load),
    "gpu_clock_low": Fault(_at("tray"), "GPU 1 runs at a lower clock.", tray.lower_clock, 0.85, "share"),
    "silent_corruption": Fault(_at("tray"), "A GPU computes wrong results without a word.", tray.corrupt_results,
                               2, "place of the GPU"),
    "cap_ignored": Fault(_at("tray"), "The GPUs of a tray draw more than their cap allows.", tray.ignore_cap,
                         1.25, "share of full power"),
    # management
    "clock_off": Fault(TRAYS, "The BMC's clock is wrong.", tray.shift_clock, 90.0, "s"),
    "sensor_missing": Fault(_at("tray"), "The BMC's CPU_1_TEMP has no value.", tray.lose_sensor),
    "sensor_frozen": Fault(_at("tray"), "The BMC's GPU_0_TEMP keeps its value.", tray.freeze_sensor),
    "log_critical": Fault(TRAYS, "The BMC logs a critical event.", tray.log_critical),
    "firmware_changes": Fault(TRAYS, "The BMC's firmware version is another one from now on.", tray.change_firmware),
    "bmc_dies": Fault(TRAYS, "The BMC goes away.", tray.refuse_bmc),
    "bmc_reboots": Fault(TRAYS, "The BMC goes away and comes back.", tray.reboot_bmc, 9.0, "s"),
    "log_full": Fault(_at("tray"), "The BMC's log is full of harmless events.", tray.fill_log,
                      tray.LOG_ROOM, "entries"),
    "default_password": Fault(TRAYS, "The BMC lets root in with 0penBmc.", tray.leave_password),
    # wire and instrument
    "silent": Fault(EVERY, "Requests are taken and never answered.", wire.silence),
    "slow": Fault(EVERY, "Replies come late.", wire.delay, 3.0, "s"),
    "garbled": Fault(EVERY, "Replies have the right length and wrong bytes.", wire.garble),
    "truncated": Fault(EVERY, "Half a reply comes, then nothing.", wire.truncate),
    "reset": Fault(SSH | {"feed"}, "Every request resets the connection.", wire.reset),
    "wrong_model": Fault(EVERY, "Another model answers.", wire.change_model),
    "wrong_unit": Fault(SNMP - {"pdu"}, "Sensor values are off by their scale.", wire.change_unit, 1000.0, "factor"),
    "wrong_ratio": Fault(_at("feed"), "The meter is set to another current transformer.", wire.change_ratio,
                         60.0, "ratio"),
    "late": Fault(_at("feed"), "Replies come when nobody waits for them any more.", wire.delay, 6.0, "s"),
    "wrong_range": Fault(_at("feed"), "The meter is set to a current range far too large.", wire.choose_range,
                         20.0, "A"),
    "out_of_calibration": Fault(_at("feed"), "The meter's power reads too much, within what the rack's figures hide.",
                                wire.lose_calibration, 0.004, "share"),
    "agent_reboots": Fault(SNMP, "The agent is silent for a while, then counts from zero.", wire.reboot_agent,
                           20.0, "s"),
    "overrange": Fault(_at("feed"), "The meter's inputs overrange.", wire.overrange),
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
    """Let the faults strike, now or later: `PLACE.NAME[=SIZE][@+Ns|@load+Ns]`, N s from now or after the first load.

    Raises FaultError, which says what is possible, before any fault has struck.
    """
    for strike, delay, after_load in [_parse(world, spec) for spec in specs]:
        if delay is None:
            strike()
        else:
            world.pending.append(Pending(delay if after_load else world.now + delay, after_load, strike))


def clear(world: World, name: str | None) -> None:
    """Take a fault back, by `PLACE.NAME`, or all that are at work. Raises FaultError where it is not at work."""
    known = list(world.active)
    wanted = known if name is None else [name.partition("=")[0].partition("@")[0]]
    if missing := [one for one in wanted if one not in known]:
        message = f"{missing[0]} is not at work; at work: {', '.join(sorted(known)) or 'none'}"
        raise FaultError(message)
    for one in reversed(wanted):
        for change in reversed(world.active.pop(one)):
            change.take_back()


def _strike(world: World, fault: Fault, place: str, name: str, size: float) -> None:
    struck = changes(world, lambda: fault.strike(world, place, size))
    world.active.setdefault(f"{place}.{name}", []).extend(struck)


def _parse(world: World, spec: str) -> tuple[Callable[[], None], float | None, bool]:
    match = _SPEC.fullmatch(spec)
    if match is None:
        message = f"{spec!r} is no fault; write PLACE.NAME[=SIZE][@+Ns|@load+Ns], such as tray07.gpu_slow=0.8@load+5s"
        raise FaultError(message)
    place, fault = match["place"], _find(world, match["place"], match["name"])
    size = float(match["size"]) if match["size"] else fault.size
    delay = float(match["delay"]) if match["delay"] else None
    return lambda: _strike(world, fault, place, match["name"], size), delay, match["load"] is not None


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
