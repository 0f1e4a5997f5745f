"""Hosts over a real sshd: this machine's own tools, and hosts whose accelerators' tools are small programs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drivers.addresses import parse
from drivers.catalogue import open_device, propose
from drivers.errors import UsageError, WrongDevice
from drivers.hosts import amd, linux_tools, nvidia_tools
from drivers.hosts.accelerator_host import AcceleratorHost, described_by
from drivers.hosts.figure_point import FigurePoint
from drivers.hosts.linux import LinuxHost
from drivers.hosts.tools import smartctl
from drivers.hosts.tools.named import each
from drivers.options import Options
from drivers.points import Reading
from drivers.protocols import CONTRACTS
from drivers.ssh import Completed
from tests.drivers import gpu_outputs as gpus
from tests.drivers import host_outputs as made
from tests.drivers.scripted import NOON, WallClock
from tests.servers import need, sshd

Programs = dict[str, str]


@contextmanager
def host(folder: Path, programs: Programs) -> Iterator[tuple[str, Options]]:
    """Serve this machine with these programs found first."""
    tools = folder / "tools"
    tools.mkdir()
    for name, script in programs.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}")
        (tools / name).chmod(0o755)
    with sshd(folder, tools) as server:
        yield server.address, Options(folder, Path("host_key.pub"), 15)


def prints(output: bytes) -> str:
    return f"cat <<'END'\n{output.decode()}\nEND\n"


def by_name(readings: list[Reading]) -> dict[str, Reading]:
    return {reading.name: reading for reading in readings}


@pytest.mark.real
def test_this_machine_by_its_tools(tmp_path: Path) -> None:
    for tool in ("lspci", "ethtool", "dmidecode", "nvme", "smartctl", "sensors", "lldpctl"):
        need(tool)
    with host(tmp_path, {}) as (address, options):
        device = LinuxHost.connect(parse(address), options, WallClock())
        found = device.read()
        device.close()
    readings = by_name(found)
    assert readings["interface[lo].link"].value is True
    assert all(reading.value is not None or reading.reason for reading in found)
    for name in ("disk_count", "dimm_count", "reference_offset"):
        assert isinstance(readings[name].value, int | float) or readings[name].reason


@pytest.mark.real
def test_a_tool_that_is_missing_is_told(tmp_path: Path) -> None:
    missing = FigurePoint(
        each("/sys/class/net/*", "no-such-tool $n"), smartctl.disks, None, "X.", name="disk[].healthy"
    )
    with host(tmp_path, {}) as (address, options):
        device = LinuxHost.connect(parse(address), options, WallClock())
        reading = device.read_points([missing])[0]
        device.close()
    assert (reading.value, reading.reason) == (None, "DeviceRefused: status 127: no-such-tool: not found")


@pytest.mark.real
def test_one_report_for_each_device(tmp_path: Path) -> None:
    script = f'case "$3" in */lo) {prints(made.SMARTCTL_NVME)};; esac'
    query = each("/sys/class/net/*", "smartctl -j -a/$n")
    points = [
        FigurePoint(query, smartctl.disks, None, "X.", name=f"disk[].{q}", judges=True) for q in ("healthy", "serial")
    ]
    with host(tmp_path, {"smartctl": script.replace('"$3"', '"$2"')}) as (address, options):
        device = LinuxHost.connect(parse(address), options, WallClock())
        found = by_name(device.read_points(points))
        device.close()
    assert (found["disk[lo].healthy"].value, found["disk[lo].serial"].value) == (True, "S1")


@pytest.mark.real
def test_a_host_with_amd_gpus(tmp_path: Path) -> None:
    script = f'case "$1" in\nmetric) {prints(gpus.AMD_METRIC)};;\nstatic) {prints(gpus.AMD_STATIC)};;\nesac\n'
    with host(tmp_path, {"amd-smi": script}) as (address, options):
        assert propose(address, options, WallClock()).model == "amd-host"
        device = open_device("amd-host", address, options, WallClock())
        found = by_name(device.read("gpu[*].*", "gpu_count"))
        device.close()
    assert (found["gpu_count"].value, found["gpu[0].model"].value, found["gpu[0].power"].value) == (1, "MI300X", 542)
    assert (found["gpu[0].serial"].value, found["gpu[0].serial"].reason) == (None, "N/A")
    assert found["gpu[0].power"].source.endswith(amd.METRIC)


NV = f"""\
case "$*" in
"show platform -o json") echo '{{"product-name": "N5110_LD", "serial-number": "MT1"}}';;
"show system version -o json") echo '{{"image": "nvos-25.02.2141", "kernel": "6.1"}}';;
"show interface -o json") {prints(gpus.NVOS_INTERFACE)};;
"show platform environment -o json") {prints(gpus.NVOS_ENVIRONMENT)};;
*) echo "Error: unknown" >&2; exit 1;;
esac
"""


@pytest.mark.real
def test_a_switch_tray_with_nvos(tmp_path: Path) -> None:
    with host(tmp_path, {"nv": NV}) as (address, options):
        proposal = propose(address, options, WallClock())
        device = open_device("nvos", address, options, WallClock())
        found = by_name(device.read("port[*].*", "sensor[*].*", "psu[*].state", "health", "uptime"))
        device.close()
    assert proposal == ("nvos", "N5110_LD; MT1; nvos-25.02.2141")
    assert (found["port[sw1p1s1].speed"].value, found["port[acp1].oper_state"].value) == (400e9, "down")
    assert found["sensor[ASIC1].temperature"].value == 45
    assert found["psu[PSU2].state"].value == "absent"
    assert found["health"].reason == "DeviceRefused: status 1: Error: unknown"


HL_SMI = """\
case "$1" in
--version) echo hl-smi 1.22;;
*) echo "0, HL-325L, AN1, uuid-0, 1.22.0, 41, 221, 12, 131072, 672, 1600, 0, 3, 16"
   echo "1, HL-325L, N/A, uuid-1, 1.22.0, 44, 230, 0, 131072, 672, 1600, 1, 0, 16";;
esac
"""


@pytest.mark.real
def test_a_third_maker_by_its_description(tmp_path: Path) -> None:
    with host(tmp_path, {"hl-smi": HL_SMI}) as (address, options):
        assert propose(address, options, WallClock()).model == "accelerator-host"
        device = open_device("accelerator-host", address, options, WallClock())
        found = by_name(device.read("gpu[*].*", "gpu_count"))
        device.close()
    assert (found["gpu_count"].value, found["gpu[1].power"].value, found["gpu[1].ecc_uncorrected"].value) == (2, 230, 1)
    assert found["gpu[0].memory_total"].value == 131072 * 2**20
    assert found["gpu[1].serial"].reason == "N/A"
    assert "gpu[].throttle" in AcceleratorHost.lacks


OWN = """
schema = 1
source = "the maker's own tool, manual of 2026"
identity = "npu --version"
absent = ["void"]
[listing.all]
command = "npu list --json"
format = "json"
path = "npus.list"
key = "slot"
[listing.log]
command = "cat events"
format = "lines"
pattern = '^npu(?P<unit>\\d+): (?P<state>\\w+)$'
key = "unit"
[[point]]
name = "gpu_count"
listing = "all"
decode = "count"
unit = "1"
doc = "Units."
[[point]]
name = "gpu[].power"
listing = "all"
value = "sense.power_mw"
decode = "number"
factor = 0.001
unit = "W"
doc = "Power."
[[point]]
name = "gpu[].throttle"
listing = "log"
value = "state"
decode = "choice"
choices = { calm = "", hot = "thermal" }
doc = "What slows it."
"""


def read_own(name: str, output: str) -> list[tuple[str, object, str | None]]:
    point = described_by(OWN, "own.toml").points()[name]
    done = Completed(point.query, output, "", 0)
    return [(r.name, r.value, r.reason) for r in point.readings(done, "", NOON)]


def test_custom_silicon_in_json_and_in_lines() -> None:
    listed = json.dumps(
        {"npus": {"list": [{"slot": 4, "sense": {"power_mw": 1500}}, {"slot": 5, "sense": {"power_mw": "void"}}]}}
    )
    assert read_own("gpu[].power", listed) == [("gpu[4].power", 1.5, None), ("gpu[5].power", None, "void")]
    assert read_own("gpu_count", listed) == [("gpu_count", 2, None)]
    states = "npu4: calm\nnpu5: hot\nnpu6: odd\n"
    assert [value for _, value, _ in read_own("gpu[].throttle", states)] == ["", "thermal", None]
    assert read_own("gpu[].power", "{}")[0][2] == "Garbled: no list of objects at npus.list"


def test_what_a_description_lacks_is_said() -> None:
    own = described_by(OWN, "own.toml")
    assert set(CONTRACTS["gpu_host"]) - set(own.points()) == own.lacks
    assert "gpu[].serial" in own.lacks


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('format = "json"', 'format = "xml"', "listing.all.format: one of csv, json, lines"),
        ('unit = "W"', 'unit = "mW"', "numbers have a unit of the closed list"),
        ('unit = "W"', 'unit = "V"', "gpu[].power is in W"),
        ("factor = 0.001", "factor = 0", "not a factor"),
        ('listing = "log"', 'listing = "logs"', "none of all, log"),
        ("(?P<unit>", "(?P<unit", "not a pattern"),
        ("schema = 1", "schema = 2", "only schema 1 is known"),
        ('doc = "Units."', 'doc = "Units."\nvalue = "x"', "a count is one figure"),
        ('doc = "Units."', 'doc = "Units."\ncolour = "x"', "colour: unknown"),
    ],
)
def test_what_is_wrong_in_a_description_is_told_with_its_place(old: str, new: str, told: str) -> None:
    assert old in OWN
    with pytest.raises(UsageError) as caught:
        described_by(OWN.replace(old, new, 1), "own.toml")
    assert told in str(caught.value)
    assert "own.toml" in str(caught.value)


def test_a_host_without_the_tool_is_another(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    with host(tmp_path, {}) as (address, options):
        device = open_device("accelerator-host:own.toml", address, options, WallClock())
        with pytest.raises(WrongDevice, match="no npu there"):
            device.identify()
        device.close()


def test_a_verdict_in_the_status_does_not_hide_the_report() -> None:
    point = next(p for p in nvidia_tools.POINTS if p.name == "gpu[].uuid")
    done = Completed(point.query, gpus.NVIDIA_SMI.decode(), "", 14)
    assert point.readings(done, "", NOON)[0].value == "GPU-00000000-1111-2222-3333-444444444444"
    lost = Completed(point.query, "", "Unable to determine the device handle", 15)
    assert "status 15" in (point.readings(lost, "", NOON)[0].reason or "")


def test_a_failed_tool_is_not_an_empty_list() -> None:
    points = {p.name: p for p in linux_tools.POINTS}
    for name, query in (("neighbor[].port", linux_tools.LLDPCTL), ("sensor[].*", linux_tools.SENSORS)):
        failed = points[name].readings(Completed(query, "", "no socket", 1), "", NOON)
        assert [(r.value, r.reason) for r in failed] == [(None, "DeviceRefused: status 1: no socket")]
    assert points["ib_port[].state"].readings(Completed(linux_tools.INFINIBAND, "", "", 0), "", NOON) == []
    dimms = points["dimm[].size"].readings(Completed(linux_tools.DMIDECODE, "# dmidecode 3.4\n", "", 0), "", NOON)
    assert [(r.value, r.reason) for r in dimms] == [(None, "the firmware shows no tables")]


def test_counters_that_tell_of_something_wrong() -> None:
    point = next(p for p in linux_tools.POINTS if p.name == "counter[]")
    done = Completed(point.query, "eth0:\nNIC statistics:\n     rx_packets: 1\n     rx_crc_errors: 2\n", "", 0)
    assert [(r.name, r.value) for r in point.readings(done, "", NOON)] == [("counter[eth0.rx_crc_errors]", 2)]
