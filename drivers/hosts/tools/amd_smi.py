"""`amd-smi static`, `metric`, `monitor` and `list`, each with `--json`: every AMD GPU of a host.

Source: AMD SMI CLI tool of ROCm 5.7 to 7.1 (rocm.docs.amd.com/projects/amdsmi) and public captures. A figure is
`{"value": 142, "unit": "W"}`, in older versions `"142 W"`; one that there is not is "N/A", alone or as a value. From
ROCm 6.4 on the list stands in `gpu_data`. What the tool calls MB are MiB.
"""

from collections.abc import Callable, Iterator
from typing import Any

from drivers.errors import Garbled, NoReading
from drivers.hosts.tools.json_output import at, drained_tables, read, shown, tables
from drivers.hosts.tools.sheet import Sheet, count, key, number, present, quantity, words
from drivers.parsed import Figure, Parsed
from drivers.points import Value


def measured(**units: float) -> Callable[[Any], int | float]:
    """Return a reader of a figure with one of these units; the first is meant where none is written."""

    def read_one(raw: Any) -> int | float:
        value, unit = (raw.get("value"), raw.get("unit")) if isinstance(raw, dict) else (raw, None)
        if isinstance(value, str) and unit is None:
            value, _, unit = present(value).partition(" ")
        found = number(value)
        if unit and shown(unit) not in units:
            raise Garbled(f"not in {' or '.join(units)}", received=f"{value} {unit}"[:100])
        return found * (units[shown(unit)] if unit else next(iter(units.values())))

    return read_one


_WATTS, _CELSIUS, _PERCENT = measured(W=1), measured(C=1, **{"°C": 1}), measured(**{"%": 1})
_HERTZ, _BYTES = measured(MHz=1e6), measured(MB=2**20, MiB=2**20, GB=2**30, B=1)
_TRANSFERS = measured(**{"GT/s": 1e9, "MT/s": 1e6})
_VOLTS = measured(mV=1e-3, V=1)


def _whole(raw: Any) -> int:
    return count(raw.get("value") if isinstance(raw, dict) else raw)


_Path = tuple[str, ...]
_FIGURES: tuple[tuple[str, tuple[_Path, ...], Callable[[Any], Value], str | None], ...] = (
    ("model", (("asic", "market_name"), ("board", "product_name")), words, None),
    ("serial", (("board", "product_serial"), ("board", "serial_number")), words, None),
    ("part", (("board", "model_number"),), words, None),
    ("chip_serial", (("asic", "asic_serial"),), words, None),
    ("uuid", (("uuid",),), words, None),
    ("bus_id", (("bdf",), ("bus", "bdf")), words, None),
    ("firmware", (("ifwi", "version"), ("vbios", "version"), ("vbios", "part_number")), words, None),
    ("driver_version", (("driver", "version"), ("driver", "driver_version")), words, None),
    (
        "temperature",
        (("temperature", "hotspot"), ("temperature", "junction"), ("hotspot_temperature",)),
        _CELSIUS,
        "degC",
    ),
    ("edge_temperature", (("temperature", "edge"),), _CELSIUS, "degC"),
    (
        "memory_temperature",
        (("temperature", "mem"), ("temperature", "vram"), ("memory_temperature",)),
        _CELSIUS,
        "degC",
    ),
    (
        "power",
        (
            ("power", "socket_power"),
            ("power", "current_socket_power"),
            ("power", "average_socket_power"),
            ("power_usage",),
        ),
        _WATTS,
        "W",
    ),
    (
        "power_limit",
        (
            ("limit", "socket_power"),
            ("limit", "power_cap"),
            ("limit", "power_limit"),
            ("limit", "ppt0", "socket_power_limit"),
        ),
        _WATTS,
        "W",
    ),
    (
        "max_power_limit",
        (("limit", "max_power"), ("limit", "max_power_limit"), ("limit", "ppt0", "max_power_limit")),
        _WATTS,
        "W",
    ),
    (
        "sm_clock",
        (("clock", "gfx_0", "clk"), ("clock", "gfx", "clk"), ("clock", "gfx_0", "cur_clk"), ("gfx_clock",)),
        _HERTZ,
        "Hz",
    ),
    (
        "memory_clock",
        (("clock", "mem_0", "clk"), ("clock", "mem", "clk"), ("clock", "mem_0", "cur_clk"), ("mem_clock",)),
        _HERTZ,
        "Hz",
    ),
    ("utilization", (("usage", "gfx_activity"), ("usage", "gfx_usage"), ("gfx",)), _PERCENT, "%"),
    ("memory_utilization", (("usage", "umc_activity"), ("usage", "mem_usage")), _PERCENT, "%"),
    (
        "memory_total",
        (("mem_usage", "total_vram"), ("vram", "size"), ("vram", "vram_size_mb"), ("vram_total",)),
        _BYTES,
        "B",
    ),
    ("memory_used", (("mem_usage", "used_vram"), ("vram_used",)), _BYTES, "B"),
    ("memory_free", (("mem_usage", "free_vram"),), _BYTES, "B"),
    (
        "ecc_corrected",
        (("ecc", "total_correctable_count"), ("ecc", "total_correctable"), ("single_bit_ecc",)),
        _whole,
        "1",
    ),
    (
        "ecc_uncorrected",
        (("ecc", "total_uncorrectable_count"), ("ecc", "total_uncorrectable"), ("double_bit_ecc",)),
        _whole,
        "1",
    ),
    ("ecc_deferred", (("ecc", "total_deferred_count"),), _whole, "1"),
    ("link_width", (("pcie", "width"), ("pcie", "current_lanes")), _whole, "1"),
    ("link_speed", (("pcie", "speed"), ("pcie", "current_speed")), _TRANSFERS, "bit/s"),
    ("link_width_max", (("bus", "max_pcie_width"), ("bus", "max_pcie_lanes")), _whole, "1"),
    ("link_speed_max", (("bus", "max_pcie_speed"),), _TRANSFERS, "bit/s"),
    ("link_replays", (("pcie", "replay_count"), ("pcie_replay",)), _whole, "1"),
    ("core_voltage", (("voltage", "gfx"), ("power", "gfx_voltage")), _VOLTS, "V"),
)
_VIOLATIONS = {
    "prochot": "prochot",
    "socket_thermal": "socket_thermal",
    "vr_thermal": "vr_thermal",
    "hbm_thermal": "hbm_thermal",
}
"""What slows the clock for protection; `ppt`, the power limit, does not count as that."""

_KEEP = frozenset(
    (
        *(name for _, paths, _, _ in _FIGURES for path in paths for name in path),
        *(f"{stem}_violation_status" for stem in _VIOLATIONS.values()),
        *(
            "fw_list",
            "fw_id",
            "fw_name",
            "fw_version",
            "gpu",
            "gpu_data",
            "value",
            "unit",
            "throttle",
            "power",
            "throttle_status",
        ),
    )
)


def parse(output: bytes) -> Parsed:
    """Read GPUs. Raises Garbled. The tool lists and does not judge, but for GPUs that it cannot read."""
    document = read(output, _KEEP)
    wrapped = isinstance(document, dict) and "gpu_data" in document
    listed = document["gpu_data"] if wrapped else document
    gpus = tables(listed)
    if (not gpus and listed != []) or any("gpu" not in gpu for gpu in gpus):
        raise Garbled("no list of AMD GPUs", received=shown(document))
    sheet = Sheet()
    sheet.put(Figure("gpu_count", len({shown(gpu["gpu"]) for gpu in gpus}), "1", str(len(gpus))))
    del document, listed
    for gpu in drained_tables(gpus):
        _gpu(sheet, f"gpu[{key(shown(gpu['gpu']))}]", gpu)
    return sheet.parsed("amd-smi")


def _gpu(sheet: Sheet, scope: str, gpu: dict[str, Any]) -> None:
    for name, paths, reader, unit in _FIGURES:
        raws = [raw for path in paths if (raw := at(gpu, *path)) is not None]
        if raws:
            sheet.add(f"{scope}.{name}", next((raw for raw in raws if not _absent(raw)), raws[0]), reader, unit)
    for part in tables(gpu.get("fw_list", [])):
        sheet.add(f"{scope}.firmware_{quantity(shown(part.get('fw_id', part.get('fw_name'))))}", part.get("fw_version"))
    states, status = dict(_violations(gpu)), at(gpu, "power", "throttle_status") or gpu.get("throttle_status")
    if status is not None and all(_absent(state) for state in states.values()):
        sheet.add(f"{scope}.throttle", status, _status)
    elif states:
        sheet.add(f"{scope}.throttle", ", ".join(f"{n} {s}" for n, s in states.items())[:200], _active(states))


def _absent(raw: Any) -> bool:
    value = raw.get("value") if isinstance(raw, dict) else raw
    try:
        words(value)
    except NoReading:
        return True
    except Garbled:
        return False
    return False


def _violations(gpu: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, stem in _VIOLATIONS.items():
        raw = at(gpu, "throttle", f"{stem}_violation_status")
        if raw is not None:
            yield name, shown(raw)


def _active(states: dict[str, str]) -> Callable[[Any], str]:
    def read_all(_raw: Any) -> str:
        for said in states.values():
            if present(said) not in ("ACTIVE", "NOT ACTIVE"):
                raise Garbled("neither ACTIVE nor NOT ACTIVE", received=said)
        return ",".join(name for name, said in states.items() if said == "ACTIVE")

    return read_all


def _status(raw: Any) -> str:
    """Return what GPUs before the MI300 say: only whether they are throttled. Raises NoReading, Garbled."""
    said = present(raw)
    if said not in ("THROTTLED", "UNTHROTTLED"):
        raise Garbled("neither THROTTLED nor UNTHROTTLED", received=shown(raw))
    return "throttled" if said == "THROTTLED" else ""
