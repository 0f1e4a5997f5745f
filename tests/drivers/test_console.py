"""A serial console kept in a file: over a scripted shell, and over serial-over-LAN of ipmi_sim behind OpenSSH."""

import asyncio
import contextlib
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.addresses import parse
from drivers.bmcs.ipmitool import Ipmitool
from drivers.errors import DeviceRefused, Silent, UsageError
from drivers.options import Options
from drivers.ssh import SshTransport
from drivers.ssh_console import READY, Console, ConsoleLimits
from tests.drivers.ipmi_station import ipmi_sim
from tests.drivers.scripted import StillClock
from tests.drivers.shell_server import ShellServer, shell_server
from tests.servers import need, sshd, wait_until


@contextmanager
def opened(server: ShellServer, folder: Path, timeout_s: float = 5.0) -> Iterator[SshTransport]:
    transport = SshTransport.open(parse(server.address()), Options(folder, server.host_key, timeout_s))
    try:
        yield transport
    finally:
        transport.close()


async def boots(process: Any) -> None:
    """Say something and go on until `~.` comes."""
    process.stdout.write(b"[SOL Session operational]\r\nGRUB\r\n")
    with contextlib.suppress(asyncio.IncompleteReadError):
        await process.stdin.readuntil(b"~.")
    process.stdout.write(b"goodbye")
    process.exit(0)


def test_what_is_said_is_in_the_file(tmp_path: Path) -> None:
    limits = ConsoleLimits(tmp_path / "tray01.console")
    with shell_server(tmp_path, boots) as server, opened(server, tmp_path) as transport:
        console = Console.start(transport, "console", limits, greeting=b"operational")
        wait_until(lambda: b"GRUB" in limits.path.read_bytes(), "the console to be kept")
        assert console.running
        record = console.stop()
        assert console.stop() == record
    assert limits.path.read_bytes() == b"operational]\r\nGRUB\r\ngoodbye"
    assert (record.kept, record.dropped, record.status) == (limits.path.stat().st_size, 0, 0)
    assert record.ending in {"ended", "stopped"}


def test_nothing_is_typed_on_a_host_that_was_left_alone(tmp_path: Path) -> None:
    typed = list[bytes]()

    async def listens(process: Any) -> None:
        process.stdout.write(b"up\r\n")
        typed.append(await process.stdin.readuntil(b"~."))
        process.exit(0)

    limits = ConsoleLimits(tmp_path / "log")
    with shell_server(tmp_path, listens) as server, opened(server, tmp_path) as transport:
        Console.start(transport, "console", limits, greeting=b"up").stop()
        with Console.start(transport, "console", ConsoleLimits(tmp_path / "log2"), greeting=b"up") as console:
            console.send(b"root")
    assert typed == [b"~.", b"root\r~."]


def test_beyond_its_size_it_only_counts(tmp_path: Path) -> None:
    async def chatters(process: Any) -> None:
        process.stdout.write(b"x" * 100_000)
        process.exit(3)

    limits = ConsoleLimits(tmp_path / "log", most_bytes=1000)
    with shell_server(tmp_path, chatters) as server, opened(server, tmp_path) as transport:
        console = Console.start(transport, "console", limits)
        wait_until(lambda: not console.running, "the end of the console")
        record = console.stop()
    assert (record.kept, record.dropped, record.ending, record.status) == (1000, 99_000, "ended", 3)
    assert limits.path.stat().st_size == 1000


def test_beyond_its_time_it_ends(tmp_path: Path) -> None:
    limits = ConsoleLimits(tmp_path / "log", most_s=0.3)
    with shell_server(tmp_path, boots) as server, opened(server, tmp_path) as transport:
        console = Console.start(transport, "console", limits)
        wait_until(lambda: not console.running, "the end of the console's time")
        assert console.stop().ending == "time"


def test_a_connection_that_is_lost_is_told(tmp_path: Path) -> None:
    with shell_server(tmp_path, boots) as server, opened(server, tmp_path) as transport:
        console = Console.start(transport, "console", ConsoleLimits(tmp_path / "log"), greeting=b"GRUB")
        server.hang_up()
        wait_until(lambda: not console.running, "the end of the connection")
        assert console.stop().ending == "lost"


def test_a_console_that_does_not_begin_is_told(tmp_path: Path) -> None:
    async def fails(process: Any) -> None:
        process.stdout.write(b"Error: No response activating SOL payload\r\n")
        process.exit(1)

    async def waits(process: Any) -> None:
        await process.stdin.read()

    limits = ConsoleLimits(tmp_path / "log")
    with shell_server(tmp_path, fails) as server, opened(server, tmp_path) as transport:
        with pytest.raises(DeviceRefused, match="No response activating SOL"):
            Console.start(transport, "console", limits, greeting=b"operational")
        with pytest.raises(UsageError, match="file exists; name a new file"):
            Console.start(transport, "console", limits)
    limits = ConsoleLimits(tmp_path / "log2")
    silent = pytest.raises(Silent, match=r"no console within 0\.2 s")
    with shell_server(tmp_path, waits) as server, opened(server, tmp_path) as transport, silent:
        Console.start(transport, "console", limits, greeting=b"operational", wait_s=0.2)


def test_the_secret_is_sent_when_nothing_echoes_and_is_not_kept(tmp_path: Path) -> None:
    async def asks(process: Any) -> None:
        process.stdout.write(READY + b"\r\n")
        secret = await process.stdin.readline()
        process.stdout.write(b"operational for " + str(len(secret)).encode())
        process.exit(0)

    limits = ConsoleLimits(tmp_path / "log")
    with shell_server(tmp_path, asks) as server, opened(server, tmp_path) as transport:
        console = Console.start(transport, "tool", limits, secret="open sesame", greeting=b"operational")
        wait_until(lambda: not console.running, "the end of the console")
        console.stop()
        assert server.commands == [f"stty -echo; echo {READY.decode()}; exec tool"]
    assert limits.path.read_bytes() == b"operational for 12"


class _Serial(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: Any = self.server
        server.connected.set()
        while not server.ended.wait(0.05):
            with contextlib.suppress(OSError):
                self.request.sendall(b"[    0.000000] Linux version 6.8\r\n")


@contextmanager
def serial_port() -> Iterator[int]:
    """A host's serial port on TCP, that says the same line again and again."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Serial) as server:
        server.connected, server.ended = threading.Event(), threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.ended.set()  # type: ignore[attr-defined]
            server.shutdown()
            thread.join()


@pytest.mark.real
def test_serial_over_lan_of_ipmi_sim_behind_openssh(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ipmitool").symlink_to(need("ipmitool"))
    limits = ConsoleLimits(tmp_path / "tray01.console")
    with ExitStack() as stack:
        serial = stack.enter_context(serial_port())
        port = stack.enter_context(ipmi_sim(tmp_path, sol=f"tcp:127.0.0.1:{serial}"))
        jump = stack.enter_context(sshd(tmp_path, tmp_path / "bin"))
        address = parse(f"{jump.address}&ipmi=admin@127.0.0.1:{port}&ipmi_password=file:password")
        device = Ipmitool.connect(address, Options(tmp_path, Path("host_key.pub"), 20), StillClock())
        stack.callback(device.close)
        with device.console(limits) as console:
            wait_until(lambda: b"Linux version" in limits.path.read_bytes(), "the host's console")
        record = console.stop()
    said = limits.path.read_bytes()
    assert said.startswith(b"SOL Session operational")
    assert said.count(b"Linux version 6.8\r\n") >= 1
    assert b"sesame" not in said
    assert record.kept == len(said)
