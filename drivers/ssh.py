"""SSH: commands on hosts and BMCs, one connection each, by way of paramiko.

Every command is a session of its own on the connection (RFC 4254 6.5), opened raw: `SSHClient.exec_command` loses the
connection when several threads use it. A query is a command line; its reply is what the command said and its status.
"""

import math
import shlex
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self, TypeVar

import paramiko

from drivers.addresses import Address
from drivers.errors import BadAddress, DeviceRefused, DriverError, Garbled, Refused, Unreachable
from drivers.options import Options
from drivers.points import Clock, Decode, Device, Point, Reading
from drivers.ssh_jobs import MOST_OUTPUT, WINDOW, Job
from drivers.ssh_login import login, translated

_CHUNK = 65536
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Completed:
    """A command that has ended. `status` is -1 where a signal ended it."""

    command: str
    stdout: str
    stderr: str
    status: int

    def checked(self) -> str:
        """Return what it wrote to standard output. Raises DeviceRefused where its status is not 0."""
        if self.status != 0:
            said = (self.stderr or self.stdout).strip()
            raise DeviceRefused(f"status {self.status}: {said}", sent=self.command, received=said)
        return self.stdout


class Shell(Protocol):
    """Where a workload runs: a host, or its transport."""

    def run(self, command: str, stdin: str | None = None, timeout: float | None = None) -> Completed:
        """Run one command line to its end."""
        ...

    def start(self, command: str, limit_s: float) -> Job:
        """Start a command that runs on."""
        ...


class SshTransport:
    """One host: any number of threads may run commands; a lost connection is opened again by the next one."""

    def __init__(self, address: Address, options: Options) -> None:
        self._address, self._options = address, options
        self._lock = threading.Lock()
        self._client: paramiko.SSHClient | None = None
        self._closed = False

    @classmethod
    def open(cls, address: Address, options: Options) -> Self:
        """Connect and log in. Raises Untrusted, LoginRefused, Unreachable, Silent, BadSecret."""
        transport = cls(address, options)
        transport._connected()
        return transport

    @property
    def address(self) -> str:
        """The address without keys and passwords."""
        return self._address.public

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        """Run each command line and return a `Completed` for each. Raises as `run` does."""
        return {query: self.run(query) for query in queries}

    def run(self, command: str, stdin: str | None = None, timeout: float | None = None) -> Completed:
        """Run one command line to its end, within `timeout` s (the connection's time-out by default).

        Raises Silent where it does not end in time, Unreachable, Garbled where it says more than 16 MiB or no text.
        """
        wait_s = timeout or self._options.timeout_s
        channel = self._session(wait_s)
        try:
            return self._translating(command, wait_s, lambda: self._talk(channel, command, stdin, wait_s))
        finally:
            channel.close()

    def start(self, command: str, limit_s: float) -> Job:
        """Start a command that ends by itself or is ended after `limit_s` s, even when we are gone by then.

        Raises Unreachable, Silent; DeviceRefused where there is no such command shows when the job has ended.
        """
        # To `timeout`, 0 would mean no limit.
        script = f"echo $$; exec timeout {max(1, math.ceil(limit_s))} {command}"
        line = f"sh -c {shlex.quote(script)}"
        wait_s = self._options.timeout_s
        channel = self._session(wait_s, WINDOW)
        channel.set_combine_stderr(True)
        self._translating(line, wait_s, lambda: channel.exec_command(line))
        return Job(channel, line, self.address, wait_s, lambda pid: self.run(f"kill -TERM {pid}"))

    def terminal(self, command: str) -> paramiko.Channel:
        """Start a command on a terminal of its own (RFC 4254 6.2); the caller reads it and closes the channel.

        Raises Unreachable, Silent.
        """
        wait_s = self._options.timeout_s
        channel = self._session(wait_s)
        try:
            self._translating(command, wait_s, lambda: channel.get_pty("dumb", 200, 50))
            self._translating(command, wait_s, lambda: channel.exec_command(command))
        except BaseException:
            channel.close()
            raise
        return channel

    def tunnel(self, host: str, port: int) -> paramiko.Channel:
        """Open a connection from there to `host`:`port` (RFC 4254 7.2); the caller closes the channel.

        Raises Unreachable where the host cannot reach it or does not forward, Silent.
        """
        wait_s = self._options.timeout_s
        transport = self._connected()
        try:
            channel = transport.open_channel("direct-tcpip", (host, port), ("127.0.0.1", 0), timeout=wait_s)
        except paramiko.ChannelException as error:
            fix = "check the address behind the jump host, and AllowTcpForwarding of its sshd"
            what = f"the jump host gives no connection to {host}:{port}: {error.text}"
            raise Unreachable(what, address=self.address, fix=fix) from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise translated(error, self.address, f"a tunnel to {host}:{port}", wait_s) from error
        channel.settimeout(wait_s)
        return channel

    def close(self) -> None:
        """Hang up; closing twice does no harm."""
        with self._lock:
            self._closed = True
            self._drop()

    def _session(self, wait_s: float, window: int | None = None) -> paramiko.Channel:
        """Open a session; a connection that turns out to be dead is opened once more: nothing was sent yet."""
        for last in (False, True):
            transport = self._connected()
            try:
                channel = transport.open_session(window_size=window, timeout=wait_s)
            except paramiko.ChannelException as error:
                raise Refused(
                    f"no session: {error.text}", address=self.address, fix="see MaxSessions of sshd"
                ) from error
            except (OSError, EOFError, paramiko.SSHException) as error:
                if last or transport.is_active():
                    raise translated(error, self.address, "the opening of a session", wait_s) from error
            else:
                channel.settimeout(wait_s)
                return channel
        raise AssertionError("the second round returns or raises")

    def _connected(self) -> paramiko.Transport:
        with self._lock:
            if self._closed:
                raise Unreachable("this connection is closed", address=self.address)
            transport = None if self._client is None else self._client.get_transport()
            if transport is None or not transport.is_active():
                self._drop()
                self._client = login(self._address, self._options)
                transport = self._client.get_transport()
            if transport is None:
                raise Unreachable("the connection was lost at once", address=self.address)
            return transport

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _translating(self, command: str, wait_s: float, work: Callable[[], T]) -> T:
        try:
            return work()
        except DriverError as error:
            error.address, error.sent = self.address, command
            raise
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise translated(error, self.address, command, wait_s) from error

    def _talk(self, channel: paramiko.Channel, command: str, stdin: str | None, wait_s: float) -> Completed:
        # A time-out is real time, whatever clock the session keeps.
        until = time.monotonic() + wait_s
        channel.exec_command(command)
        if stdin is not None:
            channel.sendall(stdin.encode())
            channel.shutdown_write()
        out, err = _receive(channel, until)
        if not channel.exit_status_ready() and not _ended(channel, until):
            raise TimeoutError
        status = channel.recv_exit_status()
        if status == -1 and not channel.get_transport().is_active():
            raise EOFError("the connection was closed before the command had ended")
        return Completed(command, _text(out), _text(err), status)


def _receive(channel: paramiko.Channel, until: float) -> tuple[bytes, bytes]:
    """Receive both streams to their end. Raises TimeoutError, or Garbled beyond 16 MiB."""
    out, err = bytearray(), bytearray()
    while data := _next(channel.recv, channel, until):
        out += data
        while channel.recv_stderr_ready():
            err += channel.recv_stderr(_CHUNK)
        if len(out) + len(err) > MOST_OUTPUT:
            raise Garbled(f"more than {MOST_OUTPUT} bytes")
    while len(err) <= MOST_OUTPUT and (data := _next(channel.recv_stderr, channel, until)):
        err += data
    return bytes(out), bytes(err)


def _next(receive: Callable[[int], bytes], channel: paramiko.Channel, until: float) -> bytes:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    channel.settimeout(left)
    return receive(_CHUNK)


def _ended(channel: paramiko.Channel, until: float) -> bool:
    return channel.status_event.wait(max(0.0, until - time.monotonic()))


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Garbled("not UTF-8 text", received=data[:200].decode("latin-1")) from None


@dataclass(frozen=True, slots=True)
class Timed:
    """A reply, and the UTC times at which its question left and its answer was complete."""

    reply: Any
    sent: datetime
    received: datetime

    def offset_of(self, device_time: datetime) -> float:
        """Return device minus us at the middle of the exchange, s."""
        return (device_time - self.sent - (self.received - self.sent) / 2).total_seconds()


class ClockPoint(Point):
    """The device's clock against ours; `decode` gets a `Timed`."""

    def __init__(self, query: str, doc: str, decode: Decode) -> None:
        super().__init__(query, "s", doc, decode)


class SshDevice(Device[SshTransport]):
    """Something with a shell behind SSH."""

    @classmethod
    def connect(cls, address: Address, options: Options, clock: Clock) -> Self:
        """Connect and log in. Raises BadAddress for another protocol, and as `SshTransport.open` does."""
        if address.scheme != "ssh":
            raise BadAddress(f"{cls.model} is reached by ssh://, not {address.scheme}://", address=address.public)
        return cls(SshTransport.open(address, options), clock)

    def run(self, command: str, stdin: str | None = None, timeout: float | None = None) -> Completed:
        """Run one command line to its end. Raises as `SshTransport.run` does."""
        return self.transport.run(command, stdin, timeout)

    def start(self, command: str, limit_s: float) -> Job:
        """Start a command that runs on. Raises as `SshTransport.start` does."""
        return self.transport.start(command, limit_s)

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Run each command once; the clock's command alone, between two looks at our own clock."""
        timed = {p.query for p in points if isinstance(p, ClockPoint)}
        rest = [query for query in dict.fromkeys(p.query for p in points) if query not in timed]
        replies = dict(self.transport.ask(rest)) if rest else {}
        replies |= {query: self._timed(query) for query in timed}
        at = self.clock.now()
        return [r for point in points for r in point.readings(replies[point.query], self.address, at)]

    def _timed(self, query: str) -> Timed:
        sent = self.clock.now()
        reply = self.transport.ask([query])[query]
        return Timed(reply, sent, self.clock.now())
