"""A command that runs on: a workload on a host, watched and stopped from here."""

import contextlib
import time
from collections.abc import Callable

import paramiko

from drivers.errors import DriverError, Garbled, Silent, Unreachable

MOST_OUTPUT = 16 * 2**20
"""Bytes that are kept of what a command says; of a job's output the oldest are dropped."""

WINDOW = 2**30
"""A job may say this much before anybody reads it; with paramiko's 2 MiB it would stop at a full window."""

_CHUNK = 65536
_STOP_S = 10.0


class Job:
    """A started command, `sh -c 'echo $$; exec timeout …'`: its first line is its process id.

    Reading does not wait except where it says so. Standard error is part of the output.
    """

    def __init__(
        self, channel: paramiko.Channel, command: str, address: str, wait_s: float, kill: Callable[[int], object]
    ) -> None:
        self.command = command
        self._channel, self._address, self._kill = channel, address, kill
        self._data = bytearray()
        self.dropped = 0
        self.pid = self._first_line(wait_s)

    @property
    def raw(self) -> bytes:
        """What has come so far, as it came; of more than 16 MiB the end, and `dropped` counts the bytes before."""
        return bytes(self._data)

    @property
    def output(self) -> str:
        """What has come so far, without the line of the process id; no exchange."""
        return self._data.decode("utf-8", "replace")

    def poll(self) -> int | None:
        """Return the exit status, -1 where a signal ended it, or None while it runs.

        Raises Unreachable where the connection was lost before it had ended.
        """
        while self._channel.recv_ready():
            self._keep(self._channel.recv(_CHUNK))
        if not self._channel.exit_status_ready():
            return None
        return self._status()

    def wait(self, timeout: float) -> int:
        """Wait for the end, at most `timeout` s, and return the exit status.

        Raises Silent where it still runs then, Unreachable where the connection was lost.
        """
        until = time.monotonic() + timeout  # real time, whatever clock the session keeps
        try:
            while data := self._receive(until):
                self._keep(data)
        except TimeoutError:
            raise self._silent(f"still running after {timeout:g} s") from None
        if not self._channel.status_event.wait(max(0.0, until - time.monotonic())):
            raise self._silent(f"output ended, but no status within {timeout:g} s")
        return self._status()

    def stop(self) -> int:
        """End it with SIGTERM if it still runs, wait for its end and return the status.

        Raises Silent where it does not end within 10 s, Unreachable where the connection was lost.
        """
        try:
            if self.poll() is None:
                self._kill(self.pid)
            return self.wait(_STOP_S)
        finally:
            self._channel.close()

    def close(self) -> None:
        """Stop listening; the command runs on to its end or limit."""
        self._channel.close()

    def _first_line(self, wait_s: float) -> int:
        until = time.monotonic() + wait_s
        with contextlib.suppress(TimeoutError):
            while b"\n" not in self._data and (data := self._receive(until)):
                self._data += data
        line, end, rest = bytes(self._data).partition(b"\n")
        if not end or not line.strip().isdigit():
            self._channel.close()
            raise self._no_pid(line)
        self._data[:] = rest
        return int(line)

    def _no_pid(self, line: bytes) -> DriverError:
        said = line.decode("utf-8", "replace")
        return Garbled("no process id in the first line", address=self._address, sent=self.command, received=said)

    def _receive(self, until: float) -> bytes:
        self._channel.settimeout(max(0.001, until - time.monotonic()))
        return self._channel.recv(_CHUNK)

    def _keep(self, data: bytes) -> None:
        self._data += data
        if len(self._data) > MOST_OUTPUT:
            self.dropped += len(self._data) - MOST_OUTPUT
            del self._data[: len(self._data) - MOST_OUTPUT]

    def _status(self) -> int:
        while data := self._channel.recv(_CHUNK):
            self._keep(data)
        status = self._channel.recv_exit_status()
        if status == -1 and not self._channel.get_transport().is_active():
            what = "the connection was lost while the command ran"
            raise Unreachable(what, address=self._address, sent=self.command)
        return status

    def _silent(self, what: str) -> Silent:
        return Silent(what, address=self._address, sent=self.command)
