"""Where `nvidia-smi -q -x` says what: figure, paths below `gpu` from the newest driver to the oldest, reader, unit."""

import re
from collections.abc import Callable
from typing import Any

from drivers.errors import Garbled, NoReading
from drivers.hosts.tools.sheet import count, literal, number, present, with_unit, words, yes_or_no
from drivers.points import Value

MEBIBYTES = with_unit(MiB=2.0**20, MB=2.0**20)
"""Drivers before 300 wrote MB and meant the same."""
WATTS, CELSIUS, PERCENT = with_unit(W=1), with_unit(C=1), with_unit(**{"%": 1})
HERTZ = with_unit(MHz=1e6)
MICROSECONDS = with_unit(us=1e-6)


def serial(raw: Any) -> str:
    """Return a serial number. Raises NoReading where the board has none: consumer boards and some modules say 0."""
    said = present(raw)
    if not said.strip("0"):
        raise NoReading(f"{said}: no serial number", received=raw)
    return said


def width(raw: Any) -> int:
    """Return the lanes of `16x`. Raises NoReading, Garbled."""
    found = re.fullmatch(r"(\d{1,3})x?", present(raw), re.ASCII)
    if not found:
        raise Garbled("not a width", received=raw)
    return int(found[1])


_POWER = ("power_draw", "average_power_draw", "instant_power_draw")
_LIMIT = ("current_power_limit", "power_limit", "enforced_power_limit")


def _under(groups: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{group}/{name}" for group in groups for name in names)


_BOARD = ("gpu_power_readings", "power_readings")
_PCIE = "pci/pci_gpu_link_info"
_TIMES = "clocks_event_reasons_counters/clocks_event_reasons_counters"

FIGURES: tuple[tuple[str, tuple[str, ...], Callable[[Any], Value], str | None], ...] = (
    ("model", ("product_name",), words, None),
    ("architecture", ("product_architecture",), words, None),
    ("serial", ("serial",), serial, None),
    ("uuid", ("uuid",), words, None),
    ("bus_id", ("pci/pci_bus_id",), words, None),
    ("part", ("board_part_number",), words, None),
    ("firmware", ("vbios_version",), words, None),
    ("gsp_firmware", ("gsp_firmware_version",), words, None),
    ("inforom", ("inforom_version/img_version",), words, None),
    ("persistence_mode", ("persistence_mode",), yes_or_no, None),
    ("mig_mode", ("mig_mode/current_mig",), yes_or_no, None),
    ("mig_count", ("mig_count",), count, "1"),
    ("compute_mode", ("compute_mode",), words, None),
    ("c2c_mode", ("c2c_mode",), yes_or_no, None),
    ("ecc_mode", ("ecc_mode/current_ecc",), yes_or_no, None),
    ("ecc_mode_pending", ("ecc_mode/pending_ecc",), yes_or_no, None),
    ("recovery_action", ("gpu_recovery_action",), literal, None),
    ("performance_state", ("performance_state",), words, None),
    ("temperature", ("temperature/gpu_temp",), CELSIUS, "degC"),
    ("memory_temperature", ("temperature/memory_temp",), CELSIUS, "degC"),
    ("temperature_margin", ("temperature/gpu_temp_tlimit",), CELSIUS, "K"),
    ("slowdown_temperature", ("temperature/gpu_temp_slow_threshold",), CELSIUS, "degC"),
    ("shutdown_temperature", ("temperature/gpu_temp_max_threshold",), CELSIUS, "degC"),
    ("fan_speed", ("fan_speed",), PERCENT, "%"),
    ("power", _under(_BOARD, _POWER), WATTS, "W"),
    ("instant_power", _under(_BOARD, ("instant_power_draw",)), WATTS, "W"),
    ("memory_power", _under(("gpu_memory_power_readings",), _POWER[1:]), WATTS, "W"),
    ("module_power", _under(("module_power_readings",), _POWER), WATTS, "W"),
    ("power_limit", _under(_BOARD, _LIMIT), WATTS, "W"),
    ("default_power_limit", _under(_BOARD, ("default_power_limit",)), WATTS, "W"),
    ("max_power_limit", _under(_BOARD, ("max_power_limit",)), WATTS, "W"),
    ("module_power_limit", _under(("module_power_readings",), _LIMIT), WATTS, "W"),
    ("sm_clock", ("clocks/sm_clock",), HERTZ, "Hz"),
    ("memory_clock", ("clocks/mem_clock",), HERTZ, "Hz"),
    ("graphics_clock", ("clocks/graphics_clock",), HERTZ, "Hz"),
    ("max_sm_clock", ("max_clocks/sm_clock",), HERTZ, "Hz"),
    ("utilization", ("utilization/gpu_util",), PERCENT, "%"),
    ("memory_utilization", ("utilization/memory_util",), PERCENT, "%"),
    ("memory_total", ("fb_memory_usage/total", "memory_usage/total"), MEBIBYTES, "B"),
    ("memory_used", ("fb_memory_usage/used", "memory_usage/used"), MEBIBYTES, "B"),
    ("memory_reserved", ("fb_memory_usage/reserved",), MEBIBYTES, "B"),
    ("memory_free", ("fb_memory_usage/free", "memory_usage/free"), MEBIBYTES, "B"),
    ("bar1_total", ("bar1_memory_usage/total",), MEBIBYTES, "B"),
    ("bar1_used", ("bar1_memory_usage/used",), MEBIBYTES, "B"),
    ("link_generation", (f"{_PCIE}/pcie_gen/current_link_gen",), count, "1"),
    ("link_generation_max", (f"{_PCIE}/pcie_gen/max_link_gen",), count, "1"),
    ("link_width", (f"{_PCIE}/link_widths/current_link_width",), width, "1"),
    ("link_width_max", (f"{_PCIE}/link_widths/max_link_width",), width, "1"),
    ("link_replays", ("pci/replay_counter",), count, "1"),
    ("retired_pages_single_bit", ("retired_pages/multiple_single_bit_retirement/retired_count",), count, "1"),
    ("retired_pages_double_bit", ("retired_pages/double_bit_retirement/retired_count",), count, "1"),
    ("retired_pages_pending", _under(("retired_pages",), ("pending_retirement", "pending_blacklist")), yes_or_no, None),
    ("remapped_rows_corrected", ("remapped_rows/remapped_row_corr", "remapped_rows"), count, "1"),
    ("remapped_rows_uncorrected", ("remapped_rows/remapped_row_unc", "remapped_rows"), count, "1"),
    ("row_remap_pending", ("remapped_rows/remapped_row_pending", "remapped_rows"), yes_or_no, None),
    ("row_remap_failure", ("remapped_rows/remapped_row_failure", "remapped_rows"), yes_or_no, None),
    ("sram_threshold_exceeded", ("ecc_errors/aggregate/sram_threshold_exceeded",), yes_or_no, None),
    ("channel_repair_pending", ("ecc_errors/channel_repair_pending",), yes_or_no, None),
    ("tpc_repair_pending", ("ecc_errors/tpc_repair_pending",), yes_or_no, None),
    ("unrepairable_memory", ("ecc_errors/unrepairable_memory",), yes_or_no, None),
    ("fabric_state", ("fabric/state",), words, None),
    ("fabric_status", ("fabric/status",), words, None),
    ("fabric_clique", ("fabric/cliqueId", "fabric/clique_id"), number, "1"),
    ("fabric_cluster", ("fabric/clusterUuid", "fabric/cluster_uuid"), words, None),
    ("fabric_health", ("fabric/health/summary",), words, None),
    ("fabric_bandwidth", ("fabric/health/bandwidth",), words, None),
    ("chassis_serial", ("platformInfo/chassis_serial_number",), words, None),
    ("slot", ("platformInfo/slot_number",), count, "1"),
    ("tray", ("platformInfo/tray_index",), count, "1"),
    ("module", ("platformInfo/module_id",), count, "1"),
    ("peer_type", ("platformInfo/peer_type",), words, None),
    ("power_cap_time", (f"{_TIMES}_sw_power_cap",), MICROSECONDS, "s"),
    ("sw_thermal_slowdown_time", (f"{_TIMES}_sw_therm_slowdown",), MICROSECONDS, "s"),
    ("hw_thermal_slowdown_time", (f"{_TIMES}_hw_therm_slowdown",), MICROSECONDS, "s"),
    ("power_brake_time", (f"{_TIMES}_hw_power_brake",), MICROSECONDS, "s"),
)

COUNTERS: dict[str, tuple[str, ...]] = {
    "corrected": ("sram_correctable", "dram_correctable", "single_bit/total"),
    "uncorrected": (
        *("sram_uncorrectable", "sram_uncorrectable_parity", "sram_uncorrectable_secded", "dram_uncorrectable"),
        "double_bit/total",
    ),
}
"""The parts of a count of memory errors: Ampere and later by kind of memory, before that a total."""

PARTS = (
    *("sram_correctable", "sram_uncorrectable", "sram_uncorrectable_parity", "sram_uncorrectable_secded"),
    *("dram_correctable", "dram_uncorrectable"),
)
"""What Ampere and later tell apart."""

PROTECTIVE = frozenset(("hw_slowdown", "hw_thermal_slowdown", "sw_thermal_slowdown", "hw_power_brake_slowdown"))
"""Reasons that slow the clock for protection; the others are a setting, a power cap, or nothing to do."""
