"""Bad input for every parser of a host tool: it says Garbled or reads what is there, soon, in little memory."""

import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.errors import Garbled
from drivers.hosts.outputs import HOST_OUTPUTS
from tests.drivers import gpu_outputs as gpus
from tests.drivers import host_outputs as made
from tests.drivers.output_samples import SAMPLES
from tests.drivers.test_host_outputs import assert_sound

LONG = 300_000
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def tried(tool: str, output: bytes) -> None:
    try:
        parsed = HOST_OUTPUTS[tool](output)
    except Garbled:
        return
    assert_sound(parsed)


@pytest.mark.parametrize("tool", sorted(HOST_OUTPUTS))
@slow
@given(output=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_bytes(tool: str, output: bytes) -> None:
    tried(tool, output)


@pytest.mark.parametrize(("tool", "output"), SAMPLES)
def test_cut_off_at_every_place(tool: str, output: bytes) -> None:
    step = max(1, len(output) // 400)
    for end in range(0, len(output), step):
        tried(tool, output[:end])
        tried(tool, output[end:])


@pytest.mark.parametrize(("tool", "output"), SAMPLES)
@slow
@given(data=st.data())
def test_what_is_changed_somewhere(tool: str, output: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(output)))
    end = data.draw(st.integers(start, min(len(output), start + 40)))
    middle = data.draw(
        st.sampled_from(
            [
                b"",
                b"N/A",
                b"NaN",
                b"-1",
                b"1e999",
                b"9" * 5000,
                b"\xff\xfe",
                b"\x00",
                b"null",
                b"[]",
                b"{}",
                b'"',
                b"\n",
                b"-",
            ]
        )
    )
    tried(tool, output[:start] + middle + output[end:])


def json_samples() -> list[tuple[str, Any]]:
    found = []
    for tool, output in SAMPLES:
        try:
            found.append((tool, json.loads(output)))
        except ValueError:
            continue
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, inner in members for place in places(inner, (*path, name)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(copy[path[0]], path[1:], new)
    return copy


WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    1e300,
    10**40,
    "",
    "N/A",
    "nonsense",
    "\ufffd",
    [],
    {},
    [1],
    {"a": 1},
    [[]],
    "NaN",
)


@pytest.mark.parametrize(("tool", "document"), json_samples())
def test_every_member_of_every_type(tool: str, document: Any) -> None:
    for place in places(document):
        for wrong in WRONG:
            tried(tool, json.dumps(replaced(document, place, wrong)).encode())


@pytest.mark.parametrize("tool", sorted(HOST_OUTPUTS))
@pytest.mark.parametrize(
    "output", [b"[" * 100_000, b'{"a":' * 100_000, b"<a>" * 100_000, b"\t" * 100_000, b"a: " * 50_000]
)
def test_what_is_nested_without_end(tool: str, output: bytes) -> None:
    started = time.monotonic()
    tried(tool, output)
    assert time.monotonic() - started < 5


def test_entities_are_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE nvidia_smi_log [<!ENTITY a "aaaa">]><nvidia_smi_log>&a;</nvidia_smi_log>'
    with pytest.raises(Garbled, match="entities"):
        HOST_OUTPUTS["nvidia-smi"](bomb)


def test_a_repeated_key_is_refused() -> None:
    with pytest.raises(Garbled, match="twice"):
        HOST_OUTPUTS["nvme-smart"](b'{"critical_warning": 4, "critical_warning": 0, "temperature": 300}')


def _many(unit: str, count: int, joint: str = "") -> str:
    return joint.join(unit.replace("@", f"{n:04x}") for n in range(count))


def _smi(size: int) -> bytes:
    head, gpu, tail = gpus.NVIDIA_SMI.decode().partition("\t<gpu ")[0], "", "</nvidia_smi_log>\n"
    gpu = "\t<gpu " + gpus.NVIDIA_SMI.decode().split("\t<gpu ")[1]
    clocks = "".join(
        f"\t\t\t\t<supported_graphics_clock>{c} MHz</supported_graphics_clock>\n" for c in range(300, 2100, 7)
    )
    gpu = gpu.replace("</supported_mem_clock>", clocks + "</supported_mem_clock>")
    return (head + gpu * (size // len(gpu)) + tail).encode()


def _repeated(text: bytes) -> Callable[[int], bytes]:
    return lambda size: text * (size // len(text))


REST = "".join(
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
DIMM = made.DMIDECODE.decode().partition("Handle 0x0011")[2].partition("\n\nHandle 0x0012")[0] + "\n" + REST + "\n"
PCI = made.LSPCI.decode().partition("0008:01:00.0")[2].partition("0001:00:00.0")[0]
FLAGS = "".join(
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


def _node() -> Any:
    peers = {str(n): {"host": "192.0.2.1", "status": "CONNECTED", "changed": True} for n in range(18)}
    return {"status": "READY", "host": "192.0.2.1", "hostName": "t", "version": "580.95.05", "connections": peers}


def _feature(stem: str) -> Any:
    return {f"{stem}_input": 45.125, f"{stem}_max": 90.5, f"{stem}_crit": 100.5, f"{stem}_crit_alarm": 0.0}


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


def _listed(before: str, member: Any, after: str, *, named: bool = False) -> Callable[[int], bytes]:
    """Return a document of many such members, each under a name of its own where they are named."""
    text = ('"chip-@": ' if named else "") + json.dumps(member, indent=2)
    return lambda size: (before + _many(text, size // len(text), ",\n") + after).encode()


LARGE: dict[str, Callable[[int], bytes]] = {
    "nvidia-smi": _smi,
    "dcgm-diag": _listed('{"DCGM Diagnostic": {"tests": [{"name": "memory", "results": [', _results(), "]}]}}"),
    "lspci": lambda size: _many(f"@:01:00.0{PCI}{FLAGS}", size // len(PCI + FLAGS)).encode(),
    "dmidecode": lambda size: ("# dmidecode 3.4\n" + _many(f"Handle 0x0011{DIMM}", size // len(DIMM))).encode(),
    "ethtool": _repeated(made.ETHTOOL),
    "ethtool-stats": _repeated(made.ETHTOOL_STATS),
    "ethtool-module": _repeated(made.MODULE_8636),
    "lldpctl": _listed('{"lldp": {"interface": [', json.loads(made.LLDP)["lldp"]["interface"][0], "]}}"),
    "nvme-list": _listed('{"Devices": [', json.loads(made.NVME_LIST_2)["Devices"][0], "]}"),
    "nvme-smart": lambda size: made.NVME_SMART.rstrip(b"}\n") + b',"x": "' + b"a" * size + b'"}',
    "nvme-id": lambda size: made.NVME_ID.rstrip(b"}\n") + b',"x": "' + b"a" * size + b'"}',
    "smartctl": _listed('{"smartctl": {"exit_status": 0}, "ata_smart_attributes": {"table": [', _attribute(), "]}}"),
    "sensors": _listed("{", {"Adapter": "ISA", "Core 0": _feature("temp1"), "in0": _feature("in0")}, "}", named=True),
    "perfquery": _repeated(gpus.PERFQUERY_X),
    "ibstat": _repeated(gpus.IBSTAT),
    "mlxlink": lambda size: gpus.MLXLINK.rstrip(b"}\n") + b'}, "x": "' + b"a" * size + b'"}',
    "nvos": _listed("{", _port(), "}", named=True),
    "imex": _listed('{"status": "UP", "nodes": {', _node(), "}}", named=True),
    "amd-smi": _listed("[", json.loads(gpus.AMD_METRIC.partition(b"\n")[2])[0], "]"),
    "kernel-log": _repeated(made.KERNEL_LOG),
    "chrony": lambda size: made.CHRONY + b"x : y\n" * (size // 6),
    "timedatectl": lambda size: made.TIMEDATECTL + b"x : y\n" * (size // 6),
    "ntpq": lambda size: made.NTPQ + made.NTPQ.splitlines(keepends=True)[-1] * (size // 80),
}


@pytest.mark.parametrize("tool", sorted(HOST_OUTPUTS))
def test_a_long_output_takes_less_than_five_times_its_size(tool: str) -> None:
    """A third of a megabyte here; `benchmarks` shows ten megabytes of each."""
    output = LARGE[tool](LONG)
    assert len(output) > 0.8 * LONG
    tracemalloc.start()
    tried(tool, output)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * len(output), f"{peak / len(output):.1f} times"
