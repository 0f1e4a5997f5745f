"""Long outputs of the tools that tell of a host: many GPUs, disks, sensors, ports, or one output after the other."""

import json
from typing import Any

from benchmarks.long_output import Long
from tests.drivers import gpu_outputs as gpus
from tests.drivers import host_outputs as made

_REST = "".join(
    f"\t{name}: {said}\n"
    for name, said in (
        ("Array Handle", "0x0010"),
        ("Error Information Handle", "Not Provided"),
        ("Total Width", "80 bits"),
        ("Data Width", "64 bits"),
        ("Form Factor", "DIMM"),
        ("Set", "None"),
        ("Type Detail", "Synchronous Registered (Buffered)"),
        ("Asset Tag", "DIMM_A0_AssetTag (date:26/01)"),
        ("Minimum Voltage", "1.1 V"),
        ("Maximum Voltage", "1.1 V"),
        ("Configured Voltage", "1.1 V"),
        ("Memory Technology", "DRAM"),
        ("Memory Operating Mode Capability", "Volatile memory"),
        ("Firmware Version", "Not Specified"),
        ("Module Manufacturer ID", "Bank 1, Hex 0xCE"),
        ("Module Product ID", "Unknown"),
        ("Memory Subsystem Controller Manufacturer ID", "Unknown"),
        ("Memory Subsystem Controller Product ID", "Unknown"),
        ("Non-Volatile Size", "None"),
        ("Volatile Size", "64 GB"),
        ("Cache Size", "None"),
        ("Logical Size", "None"),
    )
)
_DIMM = made.DMIDECODE.decode().partition("Handle 0x0011")[2].partition("\n\nHandle 0x0012")[0] + "\n" + _REST + "\n"
_PCI = made.LSPCI.decode().partition("0008:01:00.0")[2].partition("0001:00:00.0")[0]
_FLAGS = "".join(
    f"\t\tExtended capability {n}: PreCursor+ PostCursor- EqualizationComplete+ phase {n}\n" for n in range(12)
)


def _results() -> Any:
    return {
        "entity_group": "GPU",
        "entity_group_id": 1,
        "entity_id": 3,
        "info": "GPU 3 allocated 1 bytes",
        "status": "Pass",
    }


def _neighbor() -> Any:
    member = json.loads(made.LLDP)["lldp"]["interface"][0]
    kinds = [{"type": kind, "enabled": True} for kind in ("Bridge", "Router", "Wlan", "Station")]
    member["eth0"]["chassis"]["leaf1"]["capability"] = kinds
    modes = [{"type": f"{speed}Base-T", "hd": False, "fd": True} for speed in (10, 100, 1000)]
    port = {"mfs": "9236", "auto-negotiation": {"supported": False, "enabled": False, "advertised": modes}}
    member["eth0"]["port"] |= port
    return member


def _node() -> Any:
    peers = {str(n): {"host": "192.0.2.1", "status": "CONNECTED", "changed": True} for n in range(18)}
    return {"status": "READY", "host": "192.0.2.1", "hostName": "t", "version": "580.95.05", "connections": peers}


def _feature(stem: str) -> Any:
    zeros = {f"{stem}_{what}": 0.0 for what in ("alarm", "min", "beep", "offset", "max_hyst")}
    return {f"{stem}_input": 45.125, f"{stem}_max": 90.5, **zeros}


def _attribute() -> Any:
    flags = {"value": 50, "string": "PO--CK ", "prefailure": True, "updated_online": True, "performance": False,
             "error_rate": False, "event_count": True, "auto_keep": True}  # fmt: skip
    return {"id": 5, "name": "Reallocated_Sector_Ct", "value": 100, "worst": 100, "thresh": 10, "when_failed": "",
            "flags": flags, "raw": {"value": 0, "string": "0"}}  # fmt: skip


def _port() -> Any:
    plr = {"margin-threshold": 0, "mode": "cs-and-crc", "reject-mode": "rejection-based-on-crc-and-cs"}
    return {"link": {"auto-negotiate": "enabled", "diagnostics": {}, "lanes": "2X", "logical-state": "Initialize",
                     "low-power": {"state": "disabled"}, "maintenance-state": "Up", "mtu": 256,
                     "op-vls": "VL0-VL7", "phy": {}, "physical-state": "LinkUp", "plr": plr, "speed": "200G",
                     "state": {"up": {}}, "supported-lanes": "2X", "supported-speed": "400G"}}  # fmt: skip


def _smi() -> Long:
    head, _, gpu = gpus.NVIDIA_SMI.decode().partition("\t<gpu ")
    clocks = "".join(
        f"\t\t\t\t<supported_graphics_clock>{c} MHz</supported_graphics_clock>\n" for c in range(300, 2100, 7)
    )
    gpu = gpu.partition("\t<gpu ")[0].replace("</supported_mem_clock>", clocks + "</supported_mem_clock>")
    return Long(head, "\t<gpu " + gpu, "</nvidia_smi_log>\n")


def _listed(before: str, member: Any, after: str, *, named: bool = False) -> Long:
    """Return a document of many such members, each under a name of its own where they are named."""
    text = json.dumps(member, indent=2)
    unit, last = (f'"chip-{{n}}": {text}', f'"last": {text}') if named else (text, text)
    return Long(before, unit + ",\n", last + after)


def _behind(output: bytes) -> Long:
    """Return a JSON object with a long member of no interest."""
    return Long(output.decode().rstrip().removesuffix("}") + ', "x": "', "a" * 1000, '"}')


def _repeated(output: bytes) -> Long:
    return Long(output.decode(), output.decode(), "")


HOST_INPUTS: dict[str, Long] = {
    "amd-smi": _listed("[", json.loads(gpus.AMD_METRIC.partition(b"\n")[2])[0], "]"),
    "chrony": Long(made.CHRONY.decode(), "x{n} : y\n", ""),
    "dcgm-diag": _listed('{"DCGM Diagnostic": {"tests": [{"name": "memory", "results": [', _results(), "]}]}}"),
    "dcgmi-diag": _listed('{"DCGM Diagnostic": {"tests": [{"name": "memory", "results": [', _results(), "]}]}}"),
    "dmidecode": Long("# dmidecode 3.4\n", f"Handle 0x0011{_DIMM}", ""),
    "ethtool": _repeated(made.ETHTOOL),
    "ethtool-module": _repeated(made.MODULE_8636),
    "ethtool-stats": _repeated(made.ETHTOOL_STATS),
    "ibstat": _repeated(gpus.IBSTAT),
    "imex": _listed('{"status": "UP", "nodes": {', _node(), "}}", named=True),
    "kernel-log": _repeated(made.KERNEL_LOG),
    "lldpctl": _listed('{"lldp": {"interface": [', _neighbor(), "]}}"),
    "lspci": Long("", f"1000{{n}}:01:00.0{_PCI}{_FLAGS}", ""),
    "mlxlink": _behind(gpus.MLXLINK),
    "ntpq": Long(made.NTPQ.decode(), made.NTPQ.decode().splitlines(keepends=True)[-1], ""),
    "nvidia-smi": _smi(),
    "nvme-id": _behind(made.NVME_ID),
    "nvme-list": _listed('{"Devices": [', json.loads(made.NVME_LIST_2)["Devices"][0], "]}"),
    "nvme-smart": _behind(made.NVME_SMART),
    "nvos": _listed("{", _port(), "}", named=True),
    "perfquery": _repeated(gpus.PERFQUERY_X),
    "sensors": _listed("{", {"Adapter": "ISA", "Core 0": _feature("temp1"), "in0": _feature("in0")}, "}", named=True),
    "smartctl": _listed('{"smartctl": {"exit_status": 0}, "ata_smart_attributes": {"table": [', _attribute(), "]}}"),
    "timedatectl": Long(made.TIMEDATECTL.decode(), "x{n} : y\n", ""),
}
