"""The way to a Redfish service: TCP, TLS with proof, or both behind an SSH server; with an end to time and size.

`http.client` speaks HTTP/1.1 (RFC 9112) over a `Stream`, which counts the seconds and the octets of one exchange: a
service that sends an octet now and then, or for ever, is cut off.
"""

import hashlib
import io
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, Protocol

from drivers.addresses import Address, redfish_target
from drivers.errors import Garbled, Untrusted
from drivers.options import Options
from drivers.ssh import SshTransport

MOST_BYTES = 16 * 1024 * 1024
"""One answer with its head; the largest resource seen is below 1 MiB."""

_CHUNK = 65536
_PROOF = "state ca, the certificate file, in the inventory, or ?pin=sha256:… in the address"


class Wire(Protocol):
    """What carries octets: a socket, TLS on one, or a channel of SSH."""

    def settimeout(self, value: float) -> None:
        """Let the next call last no longer than `value` s."""
        ...

    def sendall(self, data: bytes) -> Any:
        """Send all of `data`."""
        ...

    def recv(self, n: int) -> bytes:
        """Receive up to `n` octets, b"" at the end."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class Stream:
    """A wire in the form in which `http.client` wants a socket, limited in time and size for each exchange."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._until, self._left, self._readers, self._closing = wire, 0.0, 0, 0, False

    def begin(self, timeout_s: float) -> None:
        """Start the seconds and octets of one exchange."""
        # A time-out is real time, whatever clock the session keeps.
        self._until, self._left = time.monotonic() + timeout_s, MOST_BYTES

    def sendall(self, data: bytes) -> None:
        """Send all of `data`. Raises TimeoutError."""
        self._await()
        self._wire.sendall(data)

    def receive(self, size: int) -> bytes:
        """Receive some octets. Raises TimeoutError, Garbled beyond 16 MiB."""
        self._await()
        data = self._wire.recv(min(size, _CHUNK))
        self._left -= len(data)
        if self._left < 0:
            raise Garbled(f"more than {MOST_BYTES} octets")
        return data

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return the stream as a file, as `socket.makefile` does; the wire stays open as long as the file."""
        del mode
        self._readers += 1
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Hang up once no file of `makefile` is open any more."""
        self._closing = True
        self.release(0)

    def release(self, count: int) -> None:
        """Count files out."""
        self._readers -= count
        if self._closing and self._readers <= 0:
            self._wire.close()

    def _await(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._wire.settimeout(left)


class _Reader(io.RawIOBase):
    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.receive(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._stream.release(1)


class _TlsOnChannel:
    """TLS over something that is no socket of the system: OpenSSL's memory buffers, filled and emptied by hand."""

    def __init__(self, channel: Wire, context: ssl.SSLContext, host: str) -> None:
        self._channel, self._in, self._out = channel, ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=host)
        self.getpeercert = self._tls.getpeercert
        self._pump(self._tls.do_handshake)

    def _pump(self, step: Callable[[], Any]) -> Any:
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            else:
                self._flush()
                return done

    def _flush(self) -> None:
        if data := self._out.read():
            self._channel.sendall(data)

    def _fill(self) -> None:
        data = self._channel.recv(_CHUNK)
        self._in.write(data) if data else self._in.write_eof()

    def settimeout(self, value: float) -> None:
        self._channel.settimeout(value)

    def sendall(self, data: bytes) -> None:
        self._pump(lambda: self._tls.write(data))

    def recv(self, n: int) -> bytes:
        try:
            received: bytes = self._pump(lambda: self._tls.read(n))
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""
        return received

    def close(self) -> None:
        self._channel.close()


class Link:
    """Opens wires to one service, directly or through an SSH server that stays connected."""

    def __init__(self, address: Address, options: Options) -> None:
        self._address, self._options = address, options
        self.scheme, self.host, self.port = redfish_target(address)
        self._context = _context(address, options) if self.scheme == "https" else None
        self._jump: SshTransport | None = None
        if address.scheme == "redfish+ssh":
            there = Address("ssh", address.host, address.port, address.user, "", address.query)
            self._jump = SshTransport.open(there, options)

    def open(self) -> Stream:
        """Connect and let the service prove itself. Raises OSError, Untrusted, what SSH does."""
        wire = self._connect()
        try:
            wire = self._secured(wire)
        except BaseException:
            wire.close()
            raise
        return Stream(wire)

    def close(self) -> None:
        """Hang up on the SSH server, where there is one."""
        if self._jump is not None:
            self._jump.close()

    def _connect(self) -> Any:
        if self._jump is not None:
            return self._jump.tunnel(self.host, self.port)
        sock = socket.create_connection((self.host, self.port), self._options.timeout_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def _secured(self, wire: Any) -> Any:
        if self._context is None:
            return wire
        wire.settimeout(self._options.timeout_s)
        if self._jump is not None:
            secured: Any = _TlsOnChannel(wire, self._context, self.host)
        else:
            secured = self._context.wrap_socket(wire, server_hostname=self.host)
        try:
            _compare(secured.getpeercert(binary_form=True), self._address)
        except BaseException:
            secured.close()
            raise
        return secured


def _context(address: Address, options: Options) -> ssl.SSLContext:
    if "pin" in address.query:
        # The digest is compared before anything is sent: stricter than any chain of certificates.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context
    if options.ca is None:
        what = "no certificate is given, and an unknown one is never accepted"
        raise Untrusted(what, address=address.public, fix=_PROOF)
    path = options.folder / options.ca
    try:
        return ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError) as error:
        raise Untrusted(f"cannot read the certificates {path}: {error}", address=address.public, fix=_PROOF) from error


def _compare(certificate: bytes | None, address: Address) -> None:
    if (pin := address.query.get("pin")) is None:
        return
    shown = f"sha256:{hashlib.sha256(certificate or b'').hexdigest()}"
    if shown != pin.lower():
        fix = "somebody else may answer there; where the certificate was renewed, renew pin"
        what = "the service shows another certificate than expected"
        raise Untrusted(what, address=address.public, received=shown, fix=fix)
