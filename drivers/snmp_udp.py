"""SNMP versions 1 and 2c over UDP: one socket per agent, in the caller's own thread.

A question that is asked again keeps its request-id, so that an answer to the first asking that comes late is still an
answer; any other datagram is left aside until the time is over. Version 2c is tried first; an agent that answers in
version 1 alone is asked in that from then on.
"""

import secrets
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from drivers import snmp_messages
from drivers.errors import Garbled, Silent, Unreachable
from drivers.snmp_messages import GET, V1, V2C, Answer, Oid
from drivers.snmp_walk import SYS_UP_TIME

TRIES = 3
_MOST_OCTETS = 65_535
_AFTER_REFUSAL_S = 0.1
_RECEIVE_BUFFER = 1 << 20
_SILENT_FIX = "check power, network and port; a wrong community or privacy key looks the same"


@dataclass(slots=True)
class _Waiting:
    """One question in the air."""

    id: int
    garbage: str | None = None
    tries: int = TRIES
    refusals: int = 0
    in_v1: Answer | None = field(default=None)


class UdpSession:
    """One agent behind a connected socket: what other hosts send never gets here. Opened with the first question.

    `timeout_s` is for one exchange with all its tries, `public` the address to print.
    """

    def __init__(self, host: str, port: int, community: str, timeout_s: float, public: str) -> None:
        self.timeout_s, self.bulk = timeout_s, True
        self.version: int | None = None
        self.answered = False
        self._where, self._community, self._public = (host, port), community.encode(), public
        self._socket: socket.socket | None = None

    @property
    def wide(self) -> bool:
        """Whether the agent can say 64 bits: not in version 1."""
        return self.version != V1

    def exchange(self, kind: int, oids: Sequence[Oid], repetitions: int = 0) -> Answer:
        """Ask once and return the answer. Raises Silent, Unreachable, or Garbled where nothing readable came back."""
        if self.version is None and kind != GET:
            self.exchange(GET, [SYS_UP_TIME])  # finds out the version: there is no GETBULK in version 1
        waiting = _Waiting(secrets.randbelow(2**31 - 1) + 1)
        began = time.monotonic()
        for attempt in range(1, TRIES + 1):
            for version in self._versions(attempt):
                self._send(
                    snmp_messages.request(version, self._community, kind, waiting.id, oids, repetitions), waiting
                )
            answer = self._wait(waiting, began + self.timeout_s * attempt / TRIES)
            if answer is not None:
                self.answered = True
                return answer
        raise self._complaint(waiting, oids)

    def put(self, oid: Oid, value: int) -> Answer:
        """Set one INTEGER; it goes out once, whatever becomes of it. Raises as `exchange` does."""
        if self.version is None:
            self.exchange(GET, [SYS_UP_TIME])
        waiting = _Waiting(secrets.randbelow(2**31 - 1) + 1, tries=1)
        self._send(snmp_messages.change(self.version or V1, self._community, waiting.id, oid, value), waiting)
        answer = self._wait(waiting, time.monotonic() + self.timeout_s)
        if answer is None:
            raise self._complaint(waiting, [oid])
        return answer

    def close(self) -> None:
        """Close the socket; closing twice does no harm."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _versions(self, attempt: int) -> tuple[int, ...]:
        if self.version is not None:
            return (self.version,)
        return (V2C,) if attempt == 1 else (V2C, V1)

    def _send(self, datagram: bytes, waiting: _Waiting) -> None:
        opened = self._socket or self._open()
        try:
            opened.send(datagram)
        except ConnectionRefusedError:  # what came back for the datagram before
            waiting.refusals += 1
        except OSError as error:
            raise Unreachable(f"cannot send: {error.strerror}", address=self._public) from error

    def _open(self) -> socket.socket:
        host, port = self._where
        try:
            family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, kind, protocol)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            self._socket.connect(where)
        except OSError as error:
            self.close()
            raise Unreachable(f"no way there: {error.strerror}", address=self._public) from error
        return self._socket

    def _wait(self, waiting: _Waiting, until: float) -> Answer | None:
        """Return the answer, or None when it has not come by then."""
        while (left := until - time.monotonic()) > 0:
            try:
                datagram = self._receive(left)
            except TimeoutError:
                break
            except ConnectionRefusedError:  # ICMP says that the port is closed: no need to wait long
                waiting.refusals += 1
                until = min(until, time.monotonic() + _AFTER_REFUSAL_S)
                continue
            answer = self._matched(datagram, waiting)
            if answer is not None:
                return answer
        if waiting.in_v1 is not None:
            self.version, self.bulk = V1, False
        return waiting.in_v1

    def _receive(self, seconds: float) -> bytes:
        if self._socket is None:
            raise Unreachable("this connection is closed", address=self._public)
        self._socket.settimeout(seconds)
        try:
            return self._socket.recv(_MOST_OCTETS)
        except (TimeoutError, ConnectionRefusedError):
            raise
        except OSError as error:
            raise Unreachable(f"cannot receive: {error.strerror}", address=self._public) from error

    def _matched(self, datagram: bytes, waiting: _Waiting) -> Answer | None:
        try:
            found = snmp_messages.response(datagram)
        except Garbled as error:
            waiting.garbage = f"{error.what}: {datagram[:60].hex()}"
            return None
        if found.request_id != waiting.id:
            waiting.garbage = f"the answer to another question: request-id {found.request_id}"
            return None
        if self.version is None and found.version == V1:
            waiting.in_v1 = found.answer  # wait on: an agent that knows both counts wider in 2c
            return None
        self.version = found.version if self.version is None else self.version
        return found.answer

    def _complaint(self, waiting: _Waiting, oids: Sequence[Oid]) -> Unreachable | Garbled:
        sent = ", ".join(".".join(map(str, oid)) for oid in oids)
        if waiting.garbage is not None:
            what = f"no answer to the question within {self.timeout_s:g} s, but something else"
            return Garbled(what, address=self._public, sent=sent, received=waiting.garbage)
        if waiting.refusals >= waiting.tries:
            return Unreachable("the port is closed", address=self._public, sent=sent, fix="is the agent running?")
        what = f"no reply within {self.timeout_s:g} s"
        return Silent(what, address=self._public, sent=sent, fix=_SILENT_FIX)
