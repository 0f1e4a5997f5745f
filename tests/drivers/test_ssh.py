import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh
import pytest

from drivers.addresses import parse
from drivers.errors import BadSecret, DeviceRefused, Garbled, LoginRefused, Silent, Unreachable, Untrusted
from drivers.options import Options
from drivers.ssh import SshTransport
from tests.drivers.shell_server import ShellServer, shell_server
from tests.servers import Sshd, keygen, sshd, wait_until

NUMBERED = "echo line; echo odd >&2; exit 3"


async def scenario(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Play the part that the command names."""
    match process.command:
        case "hostname":
            process.stdout.write(b"tray07\n")
            process.exit(0)
        case "fail":
            process.stderr.write(b"no such thing\n")
            process.exit(3)
        case "silent":
            await asyncio.sleep(3600)
        case "cut":
            process.stdout.write(b"half a li")
            await process.stdout.drain()
            process.channel.get_connection().abort()
        case "binary":
            process.stdout.write(b"\xff\xfe")
            process.exit(0)
        case "both":
            for _ in range(200):
                process.stdout.write(b"o" * 10_000)
                process.stderr.write(b"e" * 1000)
            process.exit(0)
        case "flood":
            for _ in range(300):
                process.stdout.write(b"x" * 65536)
                await process.stdout.drain()
            process.exit(0)
        case "echo":
            process.stdout.write(await process.stdin.read())
            process.exit(0)
        case "killed":
            process.exit_with_signal("TERM", False, "", "")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ShellServer]:
    with shell_server(tmp_path, scenario) as running:
        yield running


def options(server: ShellServer, timeout_s: float = 5.0) -> Options:
    return Options(server.host_key.parent, server.host_key, timeout_s)


@pytest.fixture
def transport(server: ShellServer) -> Iterator[SshTransport]:
    opened = SshTransport.open(parse(server.address()), options(server))
    yield opened
    opened.close()


def test_a_command_and_its_status(transport: SshTransport) -> None:
    done = transport.ask(["hostname", "fail"])
    assert (done["hostname"].stdout, done["hostname"].status) == ("tray07\n", 0)
    assert (done["fail"].stderr, done["fail"].status) == ("no such thing\n", 3)
    with pytest.raises(DeviceRefused, match="status 3: no such thing"):
        done["fail"].checked()


def test_both_streams_are_read_to_their_end(transport: SshTransport) -> None:
    done = transport.run("both")
    assert (len(done.stdout), len(done.stderr)) == (2_000_000, 200_000)


def test_standard_input_reaches_the_command(transport: SshTransport) -> None:
    assert transport.run("echo", stdin="a word\n").stdout == "a word\n"


def test_a_command_that_a_signal_ended(transport: SshTransport) -> None:
    assert transport.run("killed").status == -1


def test_a_command_that_says_nothing_is_silent(transport: SshTransport) -> None:
    with pytest.raises(Silent, match=r"no reply within 0\.3 s") as caught:
        transport.run("silent", timeout=0.3)
    assert caught.value.sent == "silent"
    assert transport.run("hostname").stdout == "tray07\n"


def test_a_cut_reply_is_unreachable_and_the_next_call_opens_anew(transport: SshTransport) -> None:
    with pytest.raises(Unreachable) as caught:
        transport.run("cut")
    assert not isinstance(caught.value, Silent)
    assert caught.value.sent == "cut"
    assert transport.run("hostname").stdout == "tray07\n"


def test_a_dropped_connection_is_opened_again(server: ShellServer, transport: SshTransport) -> None:
    transport.run("hostname")
    server.hang_up()
    wait_until(lambda: not transport._client.get_transport().is_active(), "the end of the connection")  # type: ignore[union-attr]
    assert transport.run("hostname").stdout == "tray07\n"


def test_a_reply_that_is_no_text(transport: SshTransport) -> None:
    with pytest.raises(Garbled, match="UTF-8"):
        transport.run("binary")


def test_output_is_bounded(transport: SshTransport) -> None:
    with pytest.raises(Garbled, match="more than"):
        transport.run("flood", timeout=60)


def test_threads_share_one_connection(server: ShellServer, transport: SshTransport) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: transport.run("hostname").stdout, range(60)))
    assert done == ["tray07\n"] * 60
    assert len(server.connections) == 1


def test_a_closed_connection_says_so(transport: SshTransport) -> None:
    transport.close()
    transport.close()
    with pytest.raises(Unreachable, match="closed"):
        transport.run("hostname")


def test_a_wrong_password_is_refused_unseen(server: ShellServer) -> None:
    (server.host_key.parent / "wrong").write_text("battery staple")
    with pytest.raises(LoginRefused) as caught:
        SshTransport.open(parse(server.address("file:wrong")), options(server))
    assert "battery" not in str(caught.value)


def test_another_host_key_is_never_accepted(server: ShellServer, tmp_path: Path) -> None:
    keygen(tmp_path / "other")
    with pytest.raises(Untrusted, match="another host key"):
        SshTransport.open(parse(server.address()), Options(tmp_path, tmp_path / "other.pub"))
    assert server.commands == []


@pytest.mark.parametrize("text", [None, "", "# nothing", "ssh-ed25519 !!!", "ssh-ed25519 AAAA"])
def test_without_a_host_key_nothing_is_sent(text: str | None, server: ShellServer, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "key.pub").write_text(text)
    with pytest.raises(Untrusted):
        SshTransport.open(parse(server.address()), Options(tmp_path, tmp_path / "key.pub"))
    with pytest.raises(Untrusted, match="no host key is given"):
        SshTransport.open(parse(server.address()), Options(tmp_path))


def test_a_key_that_is_none(server: ShellServer, tmp_path: Path) -> None:
    (tmp_path / "bad_key").write_text("-----BEGIN NONSENSE-----")
    address = f"ssh://root@127.0.0.1:{server.port}?key=file:bad_key"
    with pytest.raises(BadSecret, match="not a private key") as caught:
        SshTransport.open(parse(address), options(server))
    assert "NONSENSE" not in str(caught.value)


def test_a_refused_port_is_unreachable(server: ShellServer) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        address = f"ssh://root@127.0.0.1:{reserved.getsockname()[1]}?password=file:password"
        with pytest.raises(Unreachable, match="refused") as caught:
            SshTransport.open(parse(address), options(server))
    assert not isinstance(caught.value, Silent)


def test_a_port_that_says_nothing_is_silent(server: ShellServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"ssh://root@127.0.0.1:{mute.getsockname()[1]}?password=file:password"
        with pytest.raises(Silent):
            SshTransport.open(parse(address), options(server, 0.3))


def test_no_thread_is_left(server: ShellServer) -> None:
    before = set(threading.enumerate())
    transport = SshTransport.open(parse(server.address()), options(server))
    transport.run("hostname")
    transport.close()
    wait_until(lambda: set(threading.enumerate()) <= before, "the end of the connection's thread")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture
def real(daemon: Sshd) -> Iterator[SshTransport]:
    opened = SshTransport.open(parse(daemon.address), Options(daemon.folder, Path("host_key.pub"), 10))
    yield opened
    opened.close()


@pytest.mark.real
def test_openssh(real: SshTransport) -> None:
    done = real.run(NUMBERED)
    assert (done.stdout, done.stderr, done.status) == ("line\n", "odd\n", 3)


@pytest.mark.real
def test_openssh_refuses_a_strange_key(daemon: Sshd, tmp_path: Path) -> None:
    keygen(tmp_path / "client_key")
    with pytest.raises(LoginRefused):
        SshTransport.open(parse(daemon.address), Options(tmp_path, daemon.folder / "host_key.pub", 10))


@pytest.mark.real
def test_a_job_runs_to_its_end(real: SshTransport) -> None:
    job = real.start("echo working", 10)
    assert job.wait(10) == 0
    assert job.output == "working\n"
    assert job.poll() == 0
    job.close()


@pytest.mark.real
def test_a_job_is_stopped(real: SshTransport) -> None:
    job = real.start("sleep 3600", 3600)
    assert job.poll() is None
    assert real.run(f"kill -0 {job.pid}").status == 0
    with pytest.raises(Silent, match="still running"):
        job.wait(0.2)
    assert job.stop() != 0
    wait_until(lambda: real.run(f"kill -0 {job.pid}").status != 0, "the end of the process")


@pytest.mark.real
def test_a_job_ends_at_its_limit(real: SshTransport) -> None:
    job = real.start("sleep 3600", 0.5)
    assert job.wait(10) == 124
    job.close()


@pytest.mark.real
def test_a_job_whose_command_is_not_there(real: SshTransport) -> None:
    job = real.start("no-such-command", 5)
    assert job.wait(10) == 127
    assert "no-such-command" in job.output
    job.close()
