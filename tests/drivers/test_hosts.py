import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.addresses import parse
from drivers.catalogue import propose
from drivers.errors import DriverError, Garbled, NoReading, WrongDevice
from drivers.hosts import linux, nvidia
from drivers.hosts.linux import LinuxHost
from drivers.hosts.nvidia import NvidiaHost
from drivers.hosts.nvidia_tools import LOG
from drivers.options import Options
from drivers.ssh import Completed, SshTransport, Timed
from drivers.workloads import stress_ng
from tests.drivers.scripted import NOON, Scripted, StillClock, WallClock, said
from tests.servers import need, sshd

HEADER = (
    "index, serial, name, temperature.gpu, power.draw [W], clocks.current.sm [MHz], memory.total [MiB], "
    "ecc.errors.uncorrected.volatile.total, clocks_throttle_reasons.hw_slowdown, "
    "clocks_throttle_reasons.hw_thermal_slowdown, clocks_throttle_reasons.sw_thermal_slowdown, "
    "clocks_throttle_reasons.hw_power_brake_slowdown\n"
)
GPU_0 = "0, 1650000001, GB200, 61, 1180.52, 1965, 189471, 0, Not Active, Not Active, Not Active, Not Active\n"
GPU_1 = "1, [N/A], GB200, 88, [Unknown Error], 900, 189471, 2, Active, Active, Not Active, Not Active\n"
DMESG = """\
[   12.1] NVRM: loading NVIDIA UNIX Open Kernel Module
[  912.4] NVRM: Xid (PCI:0008:01:00): 79, pid=1234, GPU has fallen off the bus.
[  913.0] NVRM: Xid (PCI:0008:01:00): 154, GPU recovery action changed
"""


NO_LOG = said(LOG, "", 127, "nvidia-smi: not found")


def host(*script: tuple[str, Completed]) -> NvidiaHost:
    return NvidiaHost(cast("SshTransport", Scripted(list(script))), StillClock())


def test_gpus_from_one_table() -> None:
    device = host(said(nvidia.SMI, HEADER + GPU_0 + GPU_1), NO_LOG)
    found = {r.name: r for r in device.read("gpu[*].*", "gpu_count")}
    assert found["gpu_count"].value == 2
    assert found["gpu[0].power"].value == 1180.52
    assert found["gpu[0].sm_clock"].value == 1.965e9
    assert found["gpu[0].memory_total"].value == 189471 * 2**20
    assert (found["gpu[0].throttle"].value, found["gpu[1].throttle"].value) == ("", "hw_slowdown,hw_thermal_slowdown")
    assert found["gpu[1].serial"].reason == "[N/A]"
    assert found["gpu[1].power"].reason == "[Unknown Error]"
    assert found["gpu[1].ecc_uncorrected"].value == 2


def test_no_devices_is_a_count_of_zero() -> None:
    device = host(said(nvidia.SMI, "No devices were found\n", 6), said(LOG, "No devices were found\n", 6))
    assert [(r.name, r.value) for r in device.read("gpu[*].*", "gpu_count")] == [("gpu_count", 0)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        GPU_0,
        HEADER + "0, 1650000001, GB200\n",
        HEADER.replace("[W]", "[mW]") + GPU_0,
        HEADER + GPU_0.replace("Not Active", "Sometimes"),
        HEADER + GPU_0.replace("1180.52", "1180.52 W"),
    ],
)
def test_a_table_that_is_none(text: str) -> None:
    readings = host(said(nvidia.SMI, text)).read("gpu[*].power", "gpu[*].throttle")
    assert any(r.value is None and (r.reason or "").startswith("Garbled") for r in readings)


def test_a_driver_that_fails_is_told() -> None:
    reading = host(said(nvidia.SMI, "", 9, "NVIDIA-SMI has failed")).read("gpu_count")[0]
    assert reading.reason == "DeviceRefused: status 9: NVIDIA-SMI has failed"


def test_xid_errors_with_their_lines() -> None:
    reading = host(said(nvidia.DMESG, DMESG)).xid_errors.read()
    assert reading.value == 2
    assert "fallen off the bus" in reading.raw


def test_a_log_that_may_not_be_read_is_not_zero_errors() -> None:
    with pytest.raises(NoReading):
        host(said(nvidia.DMESG, "", 1, "dmesg: read kernel buffer failed: Operation not permitted")).xid_errors.read()


def test_what_linux_tells() -> None:
    device = host(
        said(linux.HOSTNAME, "tray07\n"),
        said(linux.SERIAL, "", 1, "cat: Permission denied"),
        said(linux.CPUS, "144\n"),
        said(linux.MEMORY, "MemTotal:       16384 kB\nMemFree: 1 kB\n"),
        said(linux.UPTIME, "3600.25 100.00\n"),
        said(linux.CLOCK, f"{int(NOON.timestamp())}.250000000\n"),
    )
    found = {
        r.name: r for r in device.read("hostname", "serial", "cpu_count", "memory_total", "uptime", "clock_offset")
    }
    assert (found["hostname"].value, found["cpu_count"].value) == ("tray07", 144)
    assert (found["memory_total"].value, found["uptime"].value) == (16384 * 1024, 3600.25)
    assert found["clock_offset"].value == 0.25
    assert "Permission denied" in (found["serial"].reason or "")


def test_identity_of_a_gpu_host_needs_nvidia_smi() -> None:
    about = [said(linux.PRODUCT, "GB200 EMULATED\n"), said(linux.SERIAL, "S7\n"), said(linux.KERNEL, "6.8\n")]
    about.append(said(linux.UPTIME, "1.0 1.0\n"))
    assert host(*about, said(nvidia.SMI, HEADER + GPU_0)).identify().emulated
    with pytest.raises(WrongDevice, match="no nvidia-smi"):
        host(*about, said(nvidia.SMI, "", 127, "not found")).identify()


@given(text=st.one_of(st.text(), st.text("0123456789.,[]/ANot ctive\n", max_size=300).map(lambda t: HEADER + t)))
def test_any_output_is_readings_or_an_error(text: str) -> None:
    done = Completed("x", text, "", 0)
    for point in NvidiaHost.points().values():
        reply: Any = Timed(done, NOON, NOON) if point.name == "clock_offset" else done
        with suppress(DriverError):
            assert all(r.value is not None or r.reason for r in point.readings(reply, "", NOON))


@pytest.fixture
def this_machine(tmp_path: Path) -> Iterator[LinuxHost]:
    with sshd(tmp_path) as server:
        device = LinuxHost.connect(parse(server.address), Options(tmp_path, Path("host_key.pub"), 15), WallClock())
        yield device
        device.close()


@pytest.mark.real
def test_this_machine(this_machine: LinuxHost) -> None:
    found = {r.name: r.value for r in this_machine.read()}
    assert found["kernel"] == platform.release()
    assert found["cpu_count"] == len(os.sched_getaffinity(0))
    assert abs(cast("float", found["clock_offset"])) < 1.0
    assert cast("int", found["memory_total"]) > 2**28
    assert not this_machine.identify().emulated


@pytest.mark.real
def test_stress_ng_on_this_machine(this_machine: LinuxHost) -> None:
    need("stress-ng")
    job = stress_ng.start(this_machine, 1)
    assert job.wait(60) == 0
    job.close()
    result = stress_ng.result(this_machine)
    Path(stress_ng.YAML).unlink()
    assert result.passed
    assert result.stressors[0].name == "cpu"
    assert result.stressors[0].seconds == pytest.approx(1.0, abs=0.5)


@pytest.mark.real
def test_this_machine_is_recognised(this_machine: LinuxHost, tmp_path: Path) -> None:
    transport = this_machine.transport
    address = f"{transport.address}?key=file:client_key"
    proposal = propose(address, Options(tmp_path, Path("host_key.pub"), 15), StillClock())
    assert proposal.model in {"linux-host", "nvidia-host"}
    assert platform.release() in proposal.description


def test_garbled_names_what_came() -> None:
    with pytest.raises(Garbled) as caught:
        linux.line(Completed("hostname", "a\nb\n", "", 0))
    assert caught.value.received == "a\nb\n"
