"""VISA: text commands over a raw socket, HiSLIP, VXI-11 or a serial line, by way of pyvisa and pyvisa-py.

What the layers below do not say by themselves is settled here: opening a refused port succeeds in pyvisa-py, so a
connection counts as open when the device has said who it is (IEEE 488.2 `*IDN?`); a reply that comes after its
time-out would answer the next question, so a connection that missed one is closed and opened anew.
"""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Self

import pyvisa
from pyvisa.constants import StatusCode

from drivers.addresses import Address
from drivers.errors import BadAddress, DriverError, Garbled, Silent, Unreachable
from drivers.options import Options
from drivers.points import Clock, Device

IDENTIFY = "*IDN?"
"""IEEE 488.2 clause 10.14: maker, model, serial, firmware."""

_UNREACHABLE_FIX = "check that the instrument is on, its network setting and the port"
_SILENT_FIX = "check that the instrument is not in a menu or local-locked, and that the query is spelt right"


class VisaTransport:
    """One instrument: one question at a time, whichever thread asks."""

    def __init__(self, address: Address, options: Options) -> None:
        self._address, self._options = address, options
        self._lock = threading.Lock()
        self._resource: Any = None

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
            raw: bytes = resource.read_raw()
        return self._text(raw, command)

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
        return self._resource

    def _drop(self) -> None:
        resource, self._resource = self._resource, None
        if resource is not None:
            resource.close()

    @contextmanager
    def _told(self, command: str) -> Iterator[None]:
        """Turn whatever the layers below raise into one of ours, and leave no connection with a reply pending."""
        try:
            yield
        except Exception as error:
            told = self._translated(error, command)
            self._drop()
            raise told from error
        except BaseException:
            self._drop()
            raise

    def _translated(self, error: Exception, command: str) -> DriverError:
        if getattr(error, "error_code", None) == StatusCode.error_timeout:
            if _peer_closed(self._resource):
                return self._unreachable("the connection was closed before the reply was complete", command)
            what = f"no reply within {self._options.timeout_s:g} s"
            return Silent(what, address=self.address, sent=command, fix=_SILENT_FIX)
        if isinstance(error, pyvisa.errors.InvalidSession | OSError | ValueError):
            return self._unreachable(_reason(error), command)
        if self._resource is None and "::" in self._address.resource and not self._address.host:
            return BadAddress(f"the resource cannot be opened: {_reason(error)}", address=self.address)
        return self._unreachable(_reason(error), command)

    def _unreachable(self, what: str, command: str) -> Unreachable:
        return Unreachable(what, address=self.address, sent=command, fix=_UNREACHABLE_FIX)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"{type(error).__name__}: {error}"


@cache
def _resources() -> Any:
    """Return the one resource manager of the process; pyvisa shares it between threads."""
    return pyvisa.ResourceManager("@py")


def _peer_closed(resource: Any) -> bool:
    """Tell whether the far end has hung up; pyvisa-py reports that as a time-out."""
    if resource is None:
        return False
    session = resource.visalib.sessions.get(resource.session)
    interface = getattr(session, "interface", None)
    if not isinstance(interface, socket.socket):
        return False
    try:
        return interface.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
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
