"""Real servers for tests: each on a port of its own on loopback, each gone when its block ends."""

import os
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

TRIES = 5
READY_S = 20.0
_POLL_S = 0.02


def wait_until(condition: Callable[[], bool], what: str, seconds: float = READY_S) -> None:
    """Wait for a condition; fail with `what` when it does not come."""
    pause = threading.Event()
    for _ in range(int(seconds / _POLL_S)):
        if condition():
            return
        pause.wait(_POLL_S)
    pytest.fail(f"waited {seconds:g} s for {what}")


def need(program: str) -> str:
    """Return the path of a program, or skip the test by its name."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return a port that is free now, for programs that cannot be given port 0."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether something accepts TCP connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def program(
    command: Sequence[str], log: Path, env: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program in the background, its output in `log`, and end it with the block."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **(env or {})}
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _settled(process: "subprocess.Popen[bytes]", ready: Callable[[int], bool], port: int) -> bool:
    return process.poll() is not None or ready(port)


@contextmanager
def on_free_port(
    command: Callable[[int], Sequence[str]],
    log: Path,
    *,
    ready: Callable[[int], bool],
    kind: socket.SocketKind = socket.SOCK_STREAM,
    env: dict[str, str] | None = None,
) -> Iterator[int]:
    """Run a program that cannot bind port 0 on a free one; when somebody was faster, on another."""
    for _ in range(TRIES):
        port = free_port(kind)
        with program(command(port), log, env) as process:
            settled = partial(_settled, process, ready, port)
            wait_until(settled, f"{process.args!r}; see {log}")
            if process.poll() is None:
                yield port
                return
    pytest.fail(f"did not start in {TRIES} tries: {log.read_text(errors='replace')[-2000:]}")


class _Scpi(socketserver.StreamRequestHandler):
    server: "ScpiServer"

    def handle(self) -> None:
        for line in self.rfile:
            self.server.heard.append(line.decode().strip())
            reply = self.server.reply(line.decode().strip())
            if reply is None:
                continue
            self.wfile.write(reply)
            if not reply.endswith(b"\n"):
                return


class ScpiServer(socketserver.ThreadingTCPServer):
    """An instrument on a raw socket. A reply without a line end is followed by hanging up, None by silence."""

    daemon_threads = False
    allow_reuse_address = True

    def __init__(self, replies: dict[str, bytes | None]) -> None:
        super().__init__(("127.0.0.1", 0), _Scpi)
        self.replies, self.heard = replies, list[str]()

    def reply(self, line: str) -> bytes | None:
        return self.replies.get(line)

    @property
    def address(self) -> str:
        return f"visa://TCPIP::127.0.0.1::{self.server_address[1]}::SOCKET"


@contextmanager
def scpi_server(replies: dict[str, bytes | None]) -> Iterator[ScpiServer]:
    """Serve an instrument on loopback."""
    with ScpiServer(replies) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _POLL_S})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _snmp_answers(port: int, *login: str) -> bool:
    command = ["snmpget", "-r0", "-t1", *login, "-Oqv", f"127.0.0.1:{port}", "1.3.6.1.2.1.1.3.0"]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, "MIBS": ""}).returncode == 0


@contextmanager
def snmpd(folder: Path) -> Iterator[int]:
    """Run net-snmp's agent: community `public`, user `probe` with SHA-256 and AES."""
    path = need("snmpd")
    need("snmpget")

    def command(port: int) -> list[str]:
        (folder / "snmpd.conf").write_text(
            f"agentaddress udp:127.0.0.1:{port}\nrocommunity public 127.0.0.1\nsysDescr an agent\n"
            'createUser probe SHA-256 "authentic-words" AES "private-words"\nrouser probe authPriv\n'
        )
        return [path, "-f", "-Lo", "-C", "-c", str(folder / "snmpd.conf"), "-I", "-smux,mteTrigger,mteTriggerConf"]

    env = {"SNMP_PERSISTENT_DIR": str(folder / "persistent"), "MIBS": ""}
    ready = lambda port: _snmp_answers(port, "-v2c", "-c", "public")  # noqa: E731
    with on_free_port(command, folder / "snmpd.log", ready=ready, kind=socket.SOCK_DGRAM, env=env) as port:
        yield port


@contextmanager
def snmpsim(data: Path, community: str, folder: Path) -> Iterator[int]:
    """Serve recorded agents; the community is the name of a recording."""
    need("snmpget")
    responder = Path(sys.executable).parent / "snmpsim-command-responder"
    if not responder.exists():
        pytest.skip("snmpsim is not installed")

    def command(port: int) -> list[str]:
        return [
            str(responder),
            f"--data-dir={data}",
            f"--cache-dir={folder / 'cache'}",
            f"--agent-udpv4-endpoint=127.0.0.1:{port}",
            "--log-level=error",
        ]

    (folder / "cache").mkdir(exist_ok=True)
    ready = lambda port: _snmp_answers(port, "-v2c", "-c", community)  # noqa: E731
    env = {"SNMPSIM_ALLOW_ROOT": "true"}
    with on_free_port(command, folder / "snmpsim.log", ready=ready, kind=socket.SOCK_DGRAM, env=env) as port:
        yield port


@dataclass(frozen=True)
class Sshd:
    """A running OpenSSH server; key and host key lie in `folder`."""

    port: int
    folder: Path

    @property
    def address(self) -> str:
        return f"ssh://{user()}@127.0.0.1:{self.port}?key=file:client_key"


def user() -> str:
    """Return who we are: the one whom a test's sshd lets in."""
    import getpass  # noqa: PLC0415

    return getpass.getuser()


def keygen(path: Path) -> None:
    """Make an ed25519 key pair at `path` and `path`.pub."""
    command = [need("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(command, check=True)


@contextmanager
def sshd(folder: Path, path_in_front: Path | None = None) -> Iterator[Sshd]:
    """Run OpenSSH's server for the present user."""
    path = need("sshd")
    for name in ("host_key", "client_key"):
        keygen(folder / name)
    (folder / "authorized_keys").write_text((folder / "client_key.pub").read_text())
    Path("/run/sshd").mkdir(exist_ok=True)
    search = f"{path_in_front}:{os.environ['PATH']}" if path_in_front else os.environ["PATH"]

    def command(port: int) -> list[str]:
        (folder / "sshd.conf").write_text(
            f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host_key\nPidFile {folder}/pid\n"
            f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
            f"PermitRootLogin yes\nMaxStartups 500:30:1000\nMaxSessions 1000\nSetEnv HOME={folder} PATH={search}\n"
        )
        return [path, "-D", "-e", "-f", str(folder / "sshd.conf")]

    with on_free_port(command, folder / "sshd.log", ready=listens) as port:
        yield Sshd(port, folder)
