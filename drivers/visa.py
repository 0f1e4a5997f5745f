"""VISA: text commands over a raw socket, HiSLIP, VXI-11 or a serial line, by way of pyvisa and pyvisa-py.

What the layers below do not say by themselves is settled here: opening a refused port succeeds in pyvisa-py, so a
connection counts as open when the device has said who it is (IEEE 488.2 `*IDN?`); a reply that comes after its
time-out would answer the next question, so a connection that missed one is closed and opened anew. pyvisa-py gives the
opening of HiSLIP and the creation of a VXI-11 link 5 s of its own, and a VXI-11 reply 1 s more than the time-out.
"""

import select
import socket
import struct
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from traceback import walk_tb
from typing import Any, Self

import pyvisa
from pyvisa.constants import StatusCode

from drivers.addresses import Address
from drivers.errors import BadAddress, DriverError, Garbled, Silent, Unreachable
from drivers.options import Options
from drivers.points import Clock, Device

IDENTIFY = "*IDN?"
"""IEEE 488.2 clause 10.14: maker, model, serial, firmware."""

_LINE_END = b"\n"
_CHUNK = 4096
_CLOSED = "the connection was closed before the reply was complete"
_NOT_INSTALLED, _NO_MESSAGES = "Please install", "is not a valid attribute"
_LIBRARIES = {"PyUSB": "pyusb", "gpib": "gpib-ctypes or linux-gpib", "PySerial": "pyserial"}
"""Optional libraries of pyvisa-py, as it names them where one is missing, and what is to be installed."""

_DROPPED = "Connection was dropped by server"
_FATAL = "received 'FatalError"
_NOT_THE_PROTOCOL = (RuntimeError, AssertionError, EOFError, MemoryError, OverflowError, struct.error)
"""What pyvisa-py's HiSLIP and VXI-11 raise on bytes that are neither, besides the errors of their own modules."""

_UNREACHABLE_FIX = "check that the instrument is on, its network setting and the port"
_SILENT_FIX = "check that the instrument is not in a menu or local-locked, and that the query is spelt right"


class VisaTransport:
    """One instrument: one question at a time, whichever thread asks."""

    def __init__(self, address: Address, options: Options) -> None:
        self._address, self._options = address, options
        self._lock = threading.Lock()
        self._resource: Any = None
        self._stream: tuple[Any, select.poll] | None = None

    @classmethod
    def open(cls, address: Address, options: Options) -> Self:
        """Connect and ask the instrument who it is.

        Raises Unreachable where nobody answers, Silent where somebody takes the question and says nothing.
        """
        transport = cls(address, options)
        try:
            transport.query(IDENTIFY)
        except DriverError:
            transport.close()
            raise
        return transport

    @property
    def address(self) -> str:
        """The address: a VISA resource holds no secret."""
        return self._address.public

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        """Put each query and return the replies without their line ends.

        Raises Unreachable, Silent, or Garbled where a reply is not text.
        """
        return {query: self.query(query) for query in queries}

    def query(self, command: str) -> str:
        """Put one query and return its reply without the line end. Raises as `ask` does."""
        with self._lock, self._told(command):
            resource = self._opened()
            resource.write(command)
            raw = resource.read_raw() if self._stream is None else self._line(*self._stream)
        return self._text(raw, command)

    def _line(self, session: Any, waiting: select.poll) -> bytes:
        """Read a line from a raw socket, by way of pyvisa-py's own buffer; what comes behind it stays there.

        pyvisa-py takes the end of the stream for silence and asks for more, at full speed, until the time-out; and its
        select() cannot take descriptors from 1024 on.
        """
        pending: bytearray = session._pending_buffer  # noqa: SLF001 - there is no other way in
        until = time.monotonic() + self._options.timeout_s
        while (end := pending.find(_LINE_END)) < 0:
            if not waiting.poll(max(0.0, until - time.monotonic()) * 1000):
                raise TimeoutError
            received = session.interface.recv(_CHUNK)
            if not received:
                raise ConnectionResetError(_CLOSED)
            pending.extend(received)
        line = bytes(pending[: end + 1])
        del pending[: end + 1]
        return line

    def write(self, command: str) -> None:
        """Send a command that has no reply. Raises Unreachable or Silent."""
        with self._lock, self._told(command):
            self._opened().write(command)

    def close(self) -> None:
        """Hang up; closing twice does no harm."""
        with self._lock:
            self._drop()

    def _text(self, raw: bytes, command: str) -> str:
        try:
            return raw.decode("ascii").rstrip("\r\n")
        except UnicodeDecodeError:
            shown = raw.decode("latin-1")
            raise Garbled("not ASCII text", address=self.address, sent=command, received=shown) from None

    def _opened(self) -> Any:
        if self._resource is None:
            wait_ms = round(self._options.timeout_s * 1000)
            # Both terminations: without the one for reading, a raw socket waits for the end of a time-out.
            self._resource = _resources().open_resource(
                self._address.resource,
                open_timeout=wait_ms,
                timeout=wait_ms,
                read_termination="\n",
                write_termination="\n",
            )
            self._stream = _stream(self._resource)
        return self._resource

    def _drop(self, *, lost: bool = False) -> None:
        resource, self._resource, self._stream = self._resource, None, None
        if resource is None:
            return
        if lost or _peer_closed(resource):
            # to a peer that is gone, pyvisa-py would say good-bye over VXI-11 and wait 5 s for the reply
            for each in _sockets(resource):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        with suppress(*_NOT_THE_PROTOCOL):
            resource.close()

    @contextmanager
    def _told(self, command: str) -> Iterator[None]:
        """Turn whatever the layers below raise into one of ours, and leave no connection with a reply pending."""
        try:
            yield
        except Exception as error:
            told = self._translated(error, command)
            if self._resource is None:
                _close_half_open(error)
            self._drop(lost=not _timed_out(error))
            raise told from error
        except BaseException:
            self._drop(lost=True)
            raise

    def _translated(self, error: Exception, command: str) -> DriverError:
        cause = _chain(error)[-1]
        if isinstance(cause, TimeoutError) or _without_reply(error):
            return self._no_reply(command)
        if _DROPPED in str(cause) or str(cause) == _CLOSED:
            return self._unreachable(_CLOSED, command)
        if _FATAL in str(cause):
            return self._unreachable(f"the instrument refused the session: {cause}", command)
        if isinstance(cause, _NOT_THE_PROTOCOL) or type(error).__module__.startswith("pyvisa_py.protocols"):
            return Garbled(f"not the protocol of the address: {_reason(cause)}", address=self.address, sent=command)
        if self._resource is None and (refused := self._refused(cause)):
            return refused
        return self._unreachable(_reason(cause), command)

    def _refused(self, cause: BaseException) -> BadAddress | None:
        """Return the error where the resource itself is at fault, None where the path to it is."""
        if misfit := _misfit(cause):
            return BadAddress(misfit[0], address=self.address, fix=misfit[1])
        if isinstance(cause, OSError | ValueError) or self._address.host:
            return None
        return BadAddress(f"the resource cannot be opened: {_reason(cause)}", address=self.address)

    def _no_reply(self, command: str) -> DriverError:
        if self._resource is not None and _peer_closed(self._resource):
            return self._unreachable(_CLOSED, command)
        what = f"no reply within {self._options.timeout_s:g} s"
        return Silent(what, address=self.address, sent=command, fix=_SILENT_FIX)

    def _unreachable(self, what: str, command: str) -> Unreachable:
        return Unreachable(what, address=self.address, sent=command, fix=_UNREACHABLE_FIX)


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) if type(error) is Exception else f"{type(error).__name__}: {error}"


def _misfit(cause: BaseException) -> tuple[str, str] | None:
    """Return why no resource of this kind can be opened here, and what to do; None where that is not what is wrong."""
    for library, needed in _LIBRARIES.items():
        if _NOT_INSTALLED in str(cause) and library in str(cause):
            return f"this kind of resource needs {needed}, which is not installed", f"install {needed}"
    if _NO_MESSAGES in str(cause):
        return "no instrument that takes text commands", "give a SOCKET or INSTR resource of TCPIP, USB, GPIB or ASRL"
    return None


def _chain(error: BaseException) -> list[BaseException]:
    """Return an error and, first cause last, what it came from: of a failed opening pyvisa says only that it failed."""
    found, opening = [error], error.__context__
    if isinstance(error, pyvisa.errors.VisaIOError) and type(opening).__name__ == "OpenError" and opening is not None:
        found.append(opening)
        found.extend(filter(None, [opening.__cause__ or opening.__context__]))
    return found


def _timed_out(error: Exception) -> bool:
    return bool(getattr(error, "error_code", None) == StatusCode.error_timeout)


def _without_reply(error: Exception) -> bool:
    """Tell whether a reply did not come; over VXI-11, pyvisa-py calls silence of the server an I/O error."""
    return _timed_out(error) or getattr(error, "error_code", None) == StatusCode.error_io


@cache
def _resources() -> Any:
    """Return the one resource manager of the process; pyvisa shares it between threads."""
    return pyvisa.ResourceManager("@py")


def _stream(resource: Any) -> tuple[Any, select.poll] | None:
    """Return the session of a raw socket and what waits for it, None for any other resource."""
    session = resource.visalib.sessions.get(resource.session)
    if not hasattr(session, "_pending_buffer") or not isinstance(session.interface, socket.socket):
        return None
    waiting = select.poll()
    waiting.register(session.interface, select.POLLIN)
    return session, waiting


def _sockets(resource: Any) -> list[socket.socket]:
    """Return the sockets of a resource that is open."""
    return _sockets_of(resource.visalib.sessions.get(resource.session))


def _sockets_of(session: Any) -> list[socket.socket]:
    """Return what a session of pyvisa-py, or a client within it, is connected by; HiSLIP has two sockets."""
    interface = getattr(session, "interface", session)
    found = [interface, *(getattr(interface, name, None) for name in ("sock", "_sync", "_async"))]
    return [each for each in found if isinstance(each, socket.socket)]


def _close_half_open(error: BaseException) -> None:
    """Close the sockets of a session that did not come about: pyvisa-py leaves them to the garbage collector.

    Only the frames that the error came through know of them; an instrument may take no more than one connection.
    """
    for each in _chain(error):
        for frame, _ in walk_tb(each.__traceback__):
            for left in _sockets_of(frame.f_locals.get("self")):
                left.close()


def _peer_closed(resource: Any) -> bool:
    """Tell whether the far end has hung up; pyvisa-py reports that as a time-out."""
    return any(map(_at_end, _sockets(resource)))


def _at_end(connected: socket.socket) -> bool:
    # asked first, because a socket with a time-out waits for it, whatever flags recv is given
    waiting = select.poll()
    waiting.register(connected, select.POLLIN)
    try:
        return bool(waiting.poll(0)) and connected.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


class VisaDevice(Device[VisaTransport]):
    """An instrument that takes text commands over VISA."""

    @classmethod
    def connect(cls, address: Address, options: Options, clock: Clock) -> Self:
        """Open the instrument. Raises BadAddress for another protocol, and as `VisaTransport.open` does."""
        if address.scheme != "visa":
            raise BadAddress(f"{cls.model} is reached by visa://, not {address.scheme}://", address=address.public)
        return cls(VisaTransport.open(address, options), clock)
