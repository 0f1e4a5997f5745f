"""Strangers talk to a healthy rack over its sockets: net-snmp, OpenSSH, PyVISA, bare sockets, and vandals."""

import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

Served = Any
NAMES, VALUES, PRECISIONS = (f"1.3.6.1.2.1.{column}" for column in ("47.1.1.1.1.7", "99.1.1.1.4", "99.1.1.1.3"))
IF_NAMES, IF_SPEEDS = "1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.31.1.1.1.15"
LLDP_NAMES = "1.0.8802.1.1.2.1.4.1.1.9"
SYS_DESCR = "1.3.6.1.2.1.1.1.0"


def walk(rack: Served, device: str, column: str) -> dict[str, str]:
    """Return the values of a column by index."""
    done = rack.snmp("snmpbulkwalk", device, column)
    assert done.returncode == 0, done.stderr
    rows = (line.split(" ", 1) for line in done.stdout.splitlines())
    return {name.removeprefix(f".{column}."): value.strip('"') for name, value in rows}


def sensors(rack: Served, device: str) -> dict[str, float]:
    names, values, precisions = (walk(rack, device, column) for column in (NAMES, VALUES, PRECISIONS))
    return {names[n]: float(value) / 10 ** int(precisions[n]) for n, value in values.items()}


def test_the_inventory_lists_everything(healthy: Served) -> None:
    rack = healthy.rack
    assert Counter(device["model"] for device in rack["device"]) == {
        "wt300e": 2, "entity-shelf": 8, "entity-cdu": 1, "switch-mib": 2, "openbmc": 18, "ipmitool": 9,
        "nvidia-host": 18, "linux-host": 9,
    }  # fmt: skip
    assert len(rack["component"]) == 18 + 9 + 8 + 48 + 2 + 1
    assert len({part["serial"] for part in rack["component"]}) == len(rack["component"])
    assert {"a": "mgmt1:Ethernet1", "b": "tray01_bmc:eth0"} in rack["link"]
    assert (healthy.folder / "client_key").stat().st_mode & 0o077 == 0


def test_the_register_holds_the_meters_as_they_answer(healthy: Served) -> None:
    register = tomllib.loads((healthy.folder / healthy.rack["calibration"]).read_text(encoding="utf-8"))
    due = {entry["serial"]: date.fromisoformat(entry["due"]) for entry in register["instrument"]}
    assert set(due) == {"EMULATED-A", "EMULATED-B"}
    assert all(day > datetime.now(UTC).date() for day in due.values())


@pytest.mark.real
def test_net_snmp_reads_a_shelf(healthy: Served) -> None:
    found = sensors(healthy, "shelf1")
    assert found["Output Power"] / found["Input Power"] == pytest.approx(0.965, abs=0.01)
    assert sum(found[f"PSU {n} Output Power"] for n in range(1, 7)) == pytest.approx(found["Output Power"], rel=0.01)
    assert found["PSU 3 Input Voltage"] == pytest.approx(240, rel=0.01)
    assert found["Output Voltage"] == pytest.approx(50.87, abs=0.1)


@pytest.mark.real
def test_net_snmp_reads_the_coolant_unit(healthy: Served) -> None:
    found = sensors(healthy, "cdu")
    assert found["Secondary Flow"] == pytest.approx(190, rel=0.01)
    assert found["Secondary Return Temperature"] - found["Secondary Supply Temperature"] == pytest.approx(2.7, abs=0.2)
    assert found["Leak"] == 2


@pytest.mark.real
def test_net_snmp_walks_a_whole_switch_in_order(healthy: Served) -> None:
    done = healthy.snmp("snmpbulkwalk", "mgmt1", "-Cc", "1")
    assert done.returncode == 0
    names = [tuple(map(int, line.split()[0].strip(".").split("."))) for line in done.stdout.splitlines()]
    assert len(names) > 2000
    assert names == sorted(names)
    speeds, ports = walk(healthy, "mgmt1", IF_SPEEDS), walk(healthy, "mgmt1", IF_NAMES)
    assert {ports[n]: speeds[n] for n in ports}["Ethernet1"] == "1000"
    assert {ports[n]: speeds[n] for n in ports}["Ethernet55"] == "100000"


@pytest.mark.real
def test_lldp_agrees_with_the_inventory(healthy: Served) -> None:
    for switch in ("mgmt1", "mgmt2"):
        seen = {int(n.split(".")[1]): name for n, name in walk(healthy, switch, LLDP_NAMES).items()}
        cabled = {}
        for link in healthy.rack["link"]:
            here, far = (link["a"], link["b"]) if link["a"].startswith(switch) else (link["b"], link["a"])
            if here.startswith(switch):
                cabled[int(here.rpartition("Ethernet")[2])] = far.partition(":")[0]
        assert seen == cabled


def by_pyvisa(rack: Served, name: str, *lines: str) -> list[str]:
    """Read a meter with PyVISA-py, as anybody would use it, in a process of its own."""
    resource = str(rack.device(name)["address"]).removeprefix("visa://")
    script = (
        "import pyvisa, sys\n"
        "manager = pyvisa.ResourceManager('@py')\n"
        f"meter = manager.open_resource({resource!r}, read_termination='\\n', write_termination='\\n')\n"
        "for line in sys.argv[1:]:\n"
        "    print(meter.query(line)) if '?' in line else meter.write(line)\n"
        "meter.close()\n"
    )
    command = [sys.executable, "-c", script, *lines]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


@pytest.mark.parametrize("name", ["feed_a", "feed_b"])
def test_pyvisa_reads_the_meters(healthy: Served, name: str) -> None:
    identity, power = by_pyvisa(healthy, name, "*IDN?", ":NUM:NORM:ITEM1 P,SIGMA", ":NUM:NORM:VAL? 1")
    assert identity == f"YOKOGAWA,WT333E,EMULATED-{name[-1].upper()},F1.04"
    assert float(power) == pytest.approx(17_560, rel=0.01)


def test_the_generation_chooses_how_a_meter_is_reached(serve: Callable[..., Served]) -> None:
    rack = serve(faces=["vxi11", "hislip"])
    assert re.fullmatch(r"visa://TCPIP::127\.0\.0\.1,\d+::inst0::INSTR", rack.device("feed_a")["address"])
    assert re.fullmatch(r"visa://TCPIP::127\.0\.0\.1::hislip0,\d+::INSTR", rack.device("feed_b")["address"])
    assert by_pyvisa(rack, "feed_a", "*IDN?") == ["YOKOGAWA,WT333E,EMULATED-A,F1.04"]


@pytest.mark.real
def test_a_workload_loads_the_whole_rack(healthy: Served) -> None:
    """One tray burns: its GPUs clock up, the meter sees it, and idle comes back."""
    power = ":NUM:NORM:ITEM1 P,SIGMA;:NUM:NORM:VAL? 1"
    (before,) = healthy.scpi("feed_a", power)
    with burning(healthy, "tray02_host", 60) as burn:
        pid, text = first_reports(burn)
        assert re.search(r"proc'd: \d+ \(\d+ Gflop/s\) - ", text)
        rates = [float(rate) for rate in re.findall(r"\((\d+) Gflop/s\)", text)]
        assert len(rates) >= 4
        assert all(rate == pytest.approx(60_000, rel=0.02) for rate in rates)
        (during,) = healthy.scpi("feed_a", power)
        smi = healthy.ssh("tray02_host", "nvidia-smi --query-gpu=clocks.sm --format=csv,noheader,nounits").stdout
        assert smi.split() == ["1830"] * 4
        assert healthy.ssh("tray02_host", f"kill -TERM {pid}").returncode == 0
        assert burn.wait(timeout=20) not in {0, 124}
    assert float(during) - float(before) > 1_500
    assert healthy.ssh("tray02_host", f"kill -TERM {pid}").returncode == 1


def burning(rack: Served, device: str, limit: float) -> "subprocess.Popen[str]":
    line = f"sh -c 'echo $$; exec timeout {limit} gpu_burn 50'"
    pipe = subprocess.PIPE
    return subprocess.Popen(rack.ssh_command(device, line), stdout=pipe, stderr=subprocess.DEVNULL, text=True)


def first_reports(burn: "subprocess.Popen[str]") -> tuple[int, str]:
    """Return the pid and what comes until four progress reports are there."""
    assert burn.stdout is not None
    pid, text = int(burn.stdout.readline()), ""
    while text.count("temps:") < 4:
        text += burn.stdout.read(40)
    return pid, text


@pytest.mark.real
def test_gpu_burn_ends_with_a_verdict(healthy: Served) -> None:
    done = healthy.ssh("tray03_host", "sh -c 'echo $$; exec timeout 20 gpu_burn 1'")
    assert done.returncode == 0
    assert done.stdout.endswith("Tested 4 GPUs:\n\tGPU 0: OK\n\tGPU 1: OK\n\tGPU 2: OK\n\tGPU 3: OK\n")


@pytest.mark.real
def test_the_limit_strikes(healthy: Served) -> None:
    done = healthy.ssh("tray03_host", "sh -c 'echo $$; exec timeout 0.5 gpu_burn 50'")
    assert done.returncode == 124
    assert "Tested" not in done.stdout


@pytest.mark.real
def test_stress_ng_leaves_its_metrics(healthy: Served) -> None:
    run = "sh -c 'echo $$; exec timeout 20 stress-ng --cpu 0 --timeout 1s --metrics --yaml /tmp/x.yaml'"
    assert healthy.ssh("swtray4_host", run).returncode == 0
    text = healthy.ssh("swtray4_host", "cat /tmp/x.yaml").stdout
    rate = re.search(r"bogo-ops-per-second-real-time: ([\d.]+)", text)
    assert rate
    assert float(rate[1]) == pytest.approx(18_000, rel=0.02)


@pytest.mark.real
def test_a_workload_ends_with_its_listener(healthy: Served) -> None:
    """Who hangs up leaves no load behind."""
    ask = "nvidia-smi --query-gpu=clocks.sm --format=csv,noheader,nounits"
    with burning(healthy, "tray05_host", 60) as burn:
        first_reports(burn)
        burn.kill()
    clocks = ["1830"]
    for _ in range(50):
        clocks = healthy.ssh("tray05_host", ask).stdout.split()
        if clocks == ["345"] * 4:
            break
    assert clocks == ["345"] * 4


@pytest.mark.real
def test_a_stranger_may_not_log_in(healthy: Served, tmp_path: Path) -> None:
    keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")]
    subprocess.run(keygen, check=True, timeout=20)
    command = healthy.ssh_command("tray01_bmc", "obmcutil state")
    command[command.index("-i") + 1] = str(tmp_path / "key")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 255
    assert "Permission denied" in done.stderr


def test_vandals_do_no_harm(healthy: Served) -> None:
    """Garbage, half requests and hang-ups: everybody else is still served."""
    noise = bytes(range(256)) * 40
    for name in ("feed_a", "feed_b", "tray01_bmc", "tray01_host"):
        for data in (noise, b"SSH-2.0-x\r\n" + noise, b"*IDN?", b"\n" * 999):
            with healthy.connect(name) as vandal:
                vandal.sendall(data)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as vandal:
        for data in (b"", noise[:1400], b"\x30\x82\xff\xff", b"\x30\x80" * 20):
            vandal.sendto(data, ("127.0.0.1", healthy.port("shelf1")))
    assert healthy.scpi("feed_a", "*IDN?") == ["YOKOGAWA,WT333E,EMULATED-A,F1.04"]
    assert by_pyvisa(healthy, "feed_b", "*IDN?") == ["YOKOGAWA,WT333E,EMULATED-B,F1.04"]
    assert healthy.process.poll() is None


@pytest.mark.real
def test_after_vandals_snmp_and_ssh_still_answer(healthy: Served) -> None:
    test_vandals_do_no_harm(healthy)
    assert "EMULATED" in healthy.snmp("snmpget", "shelf1", SYS_DESCR).stdout
    assert healthy.ssh("tray01_bmc", "hostname").stdout == "tray01_bmc\n"


def test_only_loopback_is_served(healthy: Served) -> None:
    listening = [c.laddr.ip for c in psutil.Process(healthy.process.pid).net_connections() if c.laddr]
    assert len(listening) >= 67
    assert set(listening) == {"127.0.0.1"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(serve: Callable[..., Served], number: signal.Signals) -> None:
    rack = serve()
    with rack.connect("feed_a") as connected:
        os.kill(rack.process.pid, number)
        assert rack.process.wait(timeout=20) == 0
        with pytest.raises((ConnectionError, AssertionError)):
            assert connected.recv(1)
    with pytest.raises(ConnectionRefusedError):
        rack.connect("feed_a")


def test_the_end_of_input_ends_it(serve: Callable[..., Served]) -> None:
    rack = serve()
    rack.process.stdin.close()
    assert rack.process.wait(timeout=20) == 0
    rack.process.stdin = None
