"""A serial console kept in a file: what a host says while it boots, over a terminal behind SSH.

A thread takes what comes and writes it to the file at once, so that a crash of ours loses nothing that was said. It
ends with `stop`, with the console, or at its limits of time and size; beyond the size it listens on and only counts.
"""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self

import paramiko

from drivers.errors import DeviceRefused, Silent, UsageError
from drivers.ssh import SshTransport

ESCAPE = b"~."
"""Ends a console of ipmitool and of obmc-console-client alike, at the beginning and after a new line only."""

READY = b"console-of-rackproof"
"""What the shell says before the password may be sent: echo is off by then."""

_CHUNK = 65536
_TICK_S = 0.2
_GOODBYE_S = 3.0

Ending = Literal["stopped", "ended", "time", "lost"]


@dataclass(frozen=True, slots=True)
class ConsoleLimits:
    """Where the console goes, and how much of it: bytes that are kept and s that it may last."""

    path: Path
    most_bytes: int = 64 * 2**20
    most_s: float = 86400.0


@dataclass(frozen=True, slots=True)
class ConsoleRecord:
    """What came of a console: the file, bytes kept and dropped, why it ended and the status of the tool."""

    path: Path
    kept: int
    dropped: int
    ending: Ending
    status: int | None


class Console:
    """A console that is being kept; `start` begins, `stop` ends it, and leaving a `with` block does too."""

    def __init__(self, channel: paramiko.Channel, command: str, address: str, limits: ConsoleLimits) -> None:
        self._channel, self._command, self._address, self._limits = channel, command, address, limits
        self._until = time.monotonic() + limits.most_s  # real time, whatever clock the session keeps
        self._stopping = threading.Event()
        self._kept = self._dropped = 0
        self._typed = b""
        self._ending: Ending | None = None
        self._file: BinaryIO | None = None
        self._thread = threading.Thread(target=self._keep, name=f"console {limits.path.name}", daemon=True)

    @classmethod
    def start(
        cls,
        transport: SshTransport,
        command: str,
        limits: ConsoleLimits,
        *,
        secret: str | None = None,
        greeting: bytes = b"",
        wait_s: float = 20.0,
    ) -> Self:
        """Start `command` on a terminal and keep what it says.

        `secret` is sent as a line, once the terminal does not echo any more; `greeting` is what a console that works
        says first, awaited for `wait_s` s. Raises UsageError where the file exists or cannot be made, DeviceRefused
        where the console ends before its greeting, Silent where it says nothing, Unreachable.
        """
        line = command if secret is None else f"stty -echo; echo {READY.decode()}; exec {command}"
        file = _create(limits.path)
        try:
            console = cls(transport.terminal(line), command, transport.address, limits)
        except BaseException:
            file.close()
            limits.path.unlink()
            raise
        console._file = file
        console._begin(secret, greeting, wait_s)
        return console

    @property
    def kept(self) -> int:
        """Bytes in the file so far; no exchange."""
        return self._kept

    @property
    def running(self) -> bool:
        """Tell whether it is still being kept."""
        return self._thread.is_alive()

    def send(self, data: bytes) -> None:
        """Type something on the console. Raises Unreachable's kin of paramiko where the connection is gone."""
        self._channel.sendall(data)
        self._typed = data or self._typed

    def stop(self) -> ConsoleRecord:
        """End the console, close the file and say what came; stopping twice does no harm."""
        self._say_goodbye()
        self._stopping.set()
        self._thread.join()
        status = self._channel.recv_exit_status() if self._channel.exit_status_ready() else None
        self._channel.close()
        return ConsoleRecord(self._limits.path, self._kept, self._dropped, self._ending or "stopped", status)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _begin(self, secret: str | None, greeting: bytes, wait_s: float) -> None:
        try:
            if secret is not None:
                self._expect(READY, wait_s)
                self._channel.sendall(f"{secret}\n".encode())
            if greeting:
                self._write(self._expect(greeting, wait_s))
        except BaseException:
            self._channel.close()
            self._close_file()
            raise
        self._thread.start()

    def _expect(self, mark: bytes, wait_s: float) -> bytes:
        """Take what comes up to the mark; return the mark and what came with it."""
        until, said = time.monotonic() + wait_s, b""
        while mark not in said:
            self._channel.settimeout(max(0.001, until - time.monotonic()))
            try:
                data = self._channel.recv(_CHUNK)
            except TimeoutError:
                raise self._complaint(Silent, f"no console within {wait_s:g} s", said) from None
            if not data:
                raise self._complaint(DeviceRefused, "the console ended before it began", said)
            said = (said + data)[-_CHUNK:]
        return said[said.index(mark) :]

    def _complaint(self, kind: type[Silent | DeviceRefused], what: str, said: bytes) -> Silent | DeviceRefused:
        shown = said.replace(READY, b"").decode("utf-8", "replace").strip()
        return kind(what, address=self._address, sent=self._command, received=shown)

    def _keep(self) -> None:
        try:
            while self._ending is None:
                self._take()
        finally:
            self._close_file()

    def _take(self) -> None:
        """Take one chunk, or notice why there will be no other."""
        if time.monotonic() > self._until:
            self._ending = "time"
            return
        self._channel.settimeout(_TICK_S)
        try:
            data = self._channel.recv(_CHUNK)
        except TimeoutError:
            self._ending = "stopped" if self._stopping.is_set() else None
            return
        if data:
            self._write(data)
        else:
            self._ending = self._why()

    def _why(self) -> Ending:
        if self._stopping.is_set():
            return "stopped"
        return "ended" if self._channel.get_transport().is_active() else "lost"

    def _write(self, data: bytes) -> None:
        if self._file is None:
            return
        room = max(0, self._limits.most_bytes - self._kept)
        self._file.write(data[:room])
        self._kept += len(data[:room])
        self._dropped += len(data) - len(data[:room])

    def _say_goodbye(self) -> None:
        """Let the tool end by itself, so that the BMC frees the console for the next one."""
        if not self._thread.is_alive() or self._channel.closed:
            return
        try:
            # Not without need: to the host a new line is a key that was pressed.
            new_line = b"\r" if self._typed and not self._typed.endswith((b"\r", b"\n")) else b""
            self._channel.sendall(new_line + ESCAPE)
        except (OSError, EOFError):
            return
        self._thread.join(_GOODBYE_S)

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


def _create(path: Path) -> BinaryIO:
    """Make the file; one that is there is evidence already and stays as it is."""
    try:
        return path.open("xb", buffering=0)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: the console cannot be kept there: {reason}; name a new file") from error
