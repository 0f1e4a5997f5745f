"""SSH: 100 connections with one command each, cold and open, and one host from 16 threads, beside bare paramiko.

Run `python -m benchmarks ssh`. It needs OpenSSH's sshd, which it starts on loopback on a port of its own. All hosts are
that one: what is measured is the client, and sshd forks for each of them as 100 hosts would. Trust the ratios.
"""

import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import paramiko

from benchmarks.figures import Figure, at_least, at_most
from drivers.addresses import parse
from drivers.options import Options
from drivers.ssh import SshTransport

HOSTS, THREADS, WORKERS = 100, 16, 32
BARE, COMMANDS, ROUNDS = 40, 1600, 5
GOAL = 10.0
COMMAND, REPLY = "echo here", "here\n"
TRIES = 5


@dataclass(frozen=True)
class Server:
    """A running sshd: its keys lie in `folder`."""

    port: int
    folder: Path

    def open(self) -> SshTransport:
        """Connect as a session does."""
        address = f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}?key=file:client_key"
        return SshTransport.open(parse(address), Options(self.folder, Path("host_key.pub"), 60))

    def bare(self) -> paramiko.SSHClient:
        """Connect as paramiko's manual shows."""
        client = paramiko.SSHClient()
        client.load_host_keys(str(self.folder / "known_hosts"))
        key = str(self.folder / "client_key")
        client.connect("127.0.0.1", self.port, getpass.getuser(), key_filename=key, allow_agent=False)
        return client


def figures(folder: Path) -> Iterator[Figure]:
    """Measure commands per second, what was lost, and memory."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if program is None:
        yield Figure("SSH beside paramiko", "not measured: needs OpenSSH's sshd")
        return
    with sshd(program, folder) as server:
        yield _memory(server)  # first: what the others free would be used again, and not be seen
        bare = _bare(server)
        yield Figure("bare paramiko, one open transport", f"{bare:.3g} commands/s")
        yield from _one_host(server, bare)
        yield from _cold(server)
        yield from _many_hosts(server, bare)


def _bare(server: Server) -> float:
    client = server.bare()
    try:
        return BARE / _took(lambda: [client.exec_command(COMMAND)[1].read() for _ in range(BARE)])
    finally:
        client.close()


def _one_host(server: Server, bare: float) -> Iterator[Figure]:
    transport = server.open()
    try:
        yield _ratio("one host, one thread", 10 * BARE / _took(lambda: _ask(transport, 10 * BARE)), bare, None)
        with ThreadPoolExecutor(THREADS) as pool:
            lost = list[int]()
            share = COMMANDS // THREADS
            took = _took(lambda: lost.extend(pool.map(lambda _: share - _ask(transport, share), range(THREADS))))
        yield _ratio(f"one host, {THREADS} threads", COMMANDS / took, bare, GOAL)
        yield at_most(f"one host, {THREADS} threads: lost", sum(lost), 0, f"of {COMMANDS} commands")
    finally:
        transport.close()


def _cold(server: Server) -> Iterator[Figure]:
    def visit(_: int) -> int:
        transport = server.open()
        try:
            return _ask(transport, 1)
        finally:
            transport.close()

    def visit_bare() -> None:
        with server.bare() as client:
            client.exec_command(COMMAND)[1].read()

    def visits_bare() -> None:
        for _ in range(BARE):
            visit_bare()

    bare = BARE / _took(visits_bare)
    done = list[int]()
    with ThreadPoolExecutor(WORKERS) as pool:
        took = _took(lambda: done.extend(pool.map(visit, range(HOSTS))))
    name = f"{HOSTS} hosts, cold (connect, log in, one command): {HOSTS / took:.3g} hosts/s"
    yield Figure(name, f"{HOSTS / took / bare:.3g} times bare paramiko, one after the other")
    yield at_most(f"{HOSTS} hosts, cold: lost", HOSTS - sum(done), 0, f"of {HOSTS} commands")


def _memory(server: Server) -> Figure:
    with ExitStack() as stack:
        stack.callback(server.open().close)  # loads what every connection needs
        before = _resident()
        for _ in range(HOSTS):
            transport = server.open()
            stack.callback(transport.close)
            _ask(transport, 1)
        return Figure("memory per SSH transport", f"{(_resident() - before) / HOSTS / 1e3:.0f} kB")


def _many_hosts(server: Server, bare: float) -> Iterator[Figure]:
    total = ROUNDS * HOSTS
    with ExitStack() as stack, ThreadPoolExecutor(WORKERS) as pool:
        opened = list(pool.map(lambda _: server.open(), range(HOSTS)))
        for transport in opened:
            stack.callback(transport.close)
        done = list[int]()
        took = _took(lambda: done.extend(pool.map(lambda t: _ask(t, 1), opened * ROUNDS)))
        yield _ratio(f"{HOSTS} open transports, one command each", total / took, bare, GOAL)
        yield at_most(f"{HOSTS} open transports: lost", total - sum(done), 0, f"of {total} commands")


def _ask(transport: SshTransport, count: int) -> int:
    """Return how many of `count` commands came back whole."""
    return sum(transport.run(COMMAND).stdout == REPLY for _ in range(count))


def _ratio(what: str, rate: float, bare: float, goal: float | None) -> Figure:
    name = f"{what}: {rate:,.0f} commands/s"
    if goal is None:
        return Figure(name, f"{rate / bare:.3g} times bare paramiko")
    return at_least(name, rate / bare, goal, "times bare paramiko")


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def sshd(program: str, folder: Path) -> Iterator[Server]:
    """Run sshd on a free port; when somebody was faster, on another."""
    for name in ("host_key", "client_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", folder / name], check=True)
    (folder / "authorized_keys").write_text((folder / "client_key.pub").read_text())
    Path("/run/sshd").mkdir(exist_ok=True)
    for _ in range(TRIES):
        port = _free_port()
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host_key.pub').read_text()}")
        _configure(folder, port)
        process = subprocess.Popen([program, "-D", "-E", folder / "log", "-f", folder / "conf"])
        try:
            if _answers(process, port):
                yield Server(port, folder)
                return
        finally:
            process.terminate()
            process.wait()
    raise SystemExit(f"sshd does not start: {(folder / 'log').read_text()[-1000:]}")


def _configure(folder: Path, port: int) -> None:
    (folder / "conf").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host_key\nPidFile {folder}/pid\nUsePAM no\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nPermitRootLogin yes\n"
        f"MaxStartups 500:30:1000\nMaxSessions 1000\nSetEnv HOME={folder}\n"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(process: "subprocess.Popen[bytes]", port: int) -> bool:
    pause = threading.Event()
    for _ in range(200):
        with socket.socket() as probe:
            if process.poll() is None and probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        pause.wait(0.05)
    return False
