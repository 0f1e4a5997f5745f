"""What goes wrong on the wire, seen by strangers: one rack with a fault on each of many devices."""

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

Served = Any
SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SUPPLY, FLOW = "1.3.6.1.2.1.99.1.1.1.4.11", "1.3.6.1.2.1.99.1.1.1.4.13"
SPECS = (
    "feed_a.truncated", "feed_b.reset", "shelf1.silent", "shelf2.garbled", "shelf3.truncated", "shelf4.slow=0.4",
    "shelf5.wrong_model", "cdu.wrong_unit", "tray01_bmc.reset", "tray02_bmc.silent", "tray03_bmc.garbled",
    "tray04_bmc.truncated", "tray05.bmc_silent", "tray06.default_password", "tray07_host.slow=0.4",
    "tray08.load_drops_out", "tray09.bmc_dies@+1s", "tray10_bmc.wrong_model", "mgmt1.cables_swapped",
    "mgmt1.port_down",
)  # fmt: skip


@pytest.fixture(scope="module")
def sick(serve: Callable[..., Served]) -> Served:
    return serve(*SPECS, faces=["socket", "socket"])


def test_a_truncated_line_never_ends(sick: Served) -> None:
    with sick.connect("feed_a") as connected:
        connected.sendall(b"*IDN?\n")
        connected.settimeout(1.0)
        received = connected.recv(100)
        with pytest.raises(TimeoutError):
            connected.recv(100)
    assert received == b"YOKOGAWA,WT333E,"


def test_a_reset_resets(sick: Served) -> None:
    with sick.connect("feed_b") as connected:
        connected.sendall(b"*IDN?\n")
        with pytest.raises(ConnectionResetError):
            connected.recv(100)


def test_a_silent_meter_takes_requests(serve: Callable[..., Served]) -> None:
    rack = serve("feed_a.silent", "feed_b.garbled", faces=["socket", "socket"])
    with rack.connect("feed_a") as connected:
        connected.sendall(b"*IDN?\n")
        connected.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connected.recv(100)
    (garbled,) = rack.scpi("feed_b", "*IDN?")
    assert len(garbled) == len("YOKOGAWA,WT333E,EMULATED-B,F1.04")
    assert "YOKOGAWA" not in garbled


@pytest.mark.real
@pytest.mark.parametrize("name", ["shelf1", "shelf2", "shelf3"])
def test_a_bad_agent_gives_nothing_to_read(sick: Served, name: str) -> None:
    done = sick.snmp("snmpget", name, SYS_DESCR)
    assert done.returncode != 0
    assert "EMULATED" not in done.stdout


@pytest.mark.real
def test_a_slow_agent_answers_late(sick: Served) -> None:
    began = time.monotonic()
    assert "EMULATED" in sick.snmp("snmpget", "shelf4", SYS_DESCR).stdout
    assert time.monotonic() - began > 0.4


@pytest.mark.real
def test_another_model_answers(sick: Served) -> None:
    assert "PDU-1" in sick.snmp("snmpget", "shelf5", SYS_DESCR).stdout
    assert "ID=vendor-bmc" in sick.ssh("tray10_bmc", "cat /etc/os-release").stdout


@pytest.mark.real
def test_a_wrong_unit_is_a_thousand_times_off(sick: Served) -> None:
    values = [int(sick.snmp("snmpget", "cdu", oid).stdout.split()[1]) for oid in (SUPPLY, FLOW)]
    assert values[0] == pytest.approx(3_500_000, rel=0.01)
    assert values[1] == pytest.approx(1_900_000, rel=0.02)


@pytest.mark.real
def test_swapped_cables_and_a_dead_link_show_in_lldp(sick: Served) -> None:
    done = sick.snmp("snmpbulkwalk", "mgmt1", "1.0.8802.1.1.2.1.4.1.1.9")
    seen = {line.split()[0].split(".")[-2]: line.split()[1].strip('"') for line in done.stdout.splitlines()}
    assert (seen["1"], seen["2"]) == ("tray02_bmc", "tray01_bmc")
    assert "56" not in seen
    assert seen["55"] == "mgmt2"


@pytest.mark.real
def test_a_reset_session_is_an_error(sick: Served) -> None:
    assert sick.ssh("tray01_bmc", "hostname").returncode == 255


@pytest.mark.real
@pytest.mark.parametrize(("name", "received"), [("tray02_bmc", ""), ("tray04_bmc", "tray0")])
def test_a_session_without_an_end(sick: Served, name: str, received: str) -> None:
    command = sick.ssh_command(name, "hostname")
    with pytest.raises(subprocess.TimeoutExpired) as caught:
        subprocess.run(command, capture_output=True, check=False, timeout=2, stdin=subprocess.DEVNULL)
    assert (caught.value.output or b"").decode() == received


@pytest.mark.real
def test_garbled_output_keeps_its_length(sick: Served) -> None:
    done = sick.ssh("tray03_bmc", "hostname")
    assert done.returncode == 0
    assert len(done.stdout) == len("tray03_bmc\n")
    assert done.stdout != "tray03_bmc\n"


@pytest.mark.real
def test_a_slow_host_answers_late(sick: Served) -> None:
    began = time.monotonic()
    assert sick.ssh("tray07_host", "hostname").stdout == "tray07_host\n"
    assert time.monotonic() - began > 0.4


def test_a_silent_bmc_refuses(sick: Served) -> None:
    with pytest.raises(ConnectionRefusedError):
        sick.connect("tray05_bmc")


def test_a_bmc_that_died_refuses(sick: Served) -> None:
    deadline = time.monotonic() + 10
    refused = False
    while not refused and time.monotonic() < deadline:
        try:
            sick.connect("tray09_bmc").close()
        except ConnectionRefusedError:
            refused = True
    assert refused


def test_the_default_password_lets_in(sick: Served) -> None:
    assert login(sick, "tray06_bmc", "0penBmc") == "tray06_bmc"
    assert login(sick, "tray06_bmc", "other") == "refused"
    assert login(sick, "tray11_bmc", "0penBmc") == "refused"


def login(rack: Served, name: str, password: str) -> str:
    """Log in with a password by asyncssh's own client, in a process of its own."""
    script = (
        "import asyncio, asyncssh, sys\n"
        "async def main():\n"
        "    try:\n"
        f"        async with asyncssh.connect('127.0.0.1', {rack.port(name)}, username='root', password={password!r},\n"
        "                known_hosts=None, client_keys=None, agent_path=None, config=None) as connected:\n"
        "            print((await connected.run('hostname')).stdout.strip())\n"
        "    except asyncssh.PermissionDenied:\n"
        "        print('refused')\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip()


@pytest.mark.real
def test_a_load_that_drops_out_reports_no_ok(sick: Served) -> None:
    done = sick.ssh("tray08_host", "sh -c 'echo $$; exec timeout 20 gpu_burn 10'")
    assert done.returncode == 123
    assert "OK" not in done.stdout
    assert "No clients are alive" in done.stderr
