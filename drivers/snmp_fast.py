"""A head start by gufo-snmp (the extra `fast`), which decodes in Rust.

It is believed in what it says plainly, and in nothing else: it does not tell an object that is absent from one that
the agent refuses, a table's end from an error in its middle, or an IpAddress from a short object identifier. What it
leaves open is asked the ordinary way, and so is the end of every column: the answers are the same, only sooner. One
thing it does not show: a value that breaks its type's rules (no octets, too many), which it cuts to one that fits.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gufo.snmp import Aes128Key, Aes192Key, Aes256Key, Sha1Key, Sha224Key, Sha256Key, Sha384Key, Sha512Key, SnmpError
from gufo.snmp import User as GufoUser
from gufo.snmp.sync import SnmpSession
from gufo.snmp.version import SnmpVersion

from drivers.snmp_keys import User
from drivers.snmp_walk import BINDINGS_PER_WALK, MOST_ROWS, Walked, parsed

_AUTH = {"SHA": Sha1Key, "SHA-224": Sha224Key, "SHA-256": Sha256Key, "SHA-384": Sha384Key, "SHA-512": Sha512Key}
_PRIV = {"AES": Aes128Key, "AES-192": Aes192Key, "AES-256": Aes256Key}
_MOST_FAILURES = 3
_TRIES = 3
_FRESH_S = 100.0
"""RFC 3414 2.2.3: after 150 s the clocks of both ends are compared anew."""

_DOTS_OF_AN_ADDRESS = 3


class HeadStart:
    """A fast session with one agent, opened at its first use; given up where it fails."""

    def __init__(self, host: str, port: int, shown: str | User, timeout_s: float) -> None:
        self._where, self._shown, self._timeout_s = (host, port), shown, timeout_s / _TRIES
        self._session: SnmpSession | None = None
        self._failures, self._used_at = 0, 0.0

    @property
    def useful(self) -> bool:
        """Tell whether it has not failed too often with this agent."""
        return self._failures < _MOST_FAILURES

    def objects(self, queries: Sequence[str]) -> dict[str, Any]:
        """Return what objects it got plainly."""
        found: dict[str, Any] = {}
        with self._given_up_on_failure():
            found = self._opened().get_many(queries)
        return {query: value for query, value in found.items() if query in queries and _plain(value)}

    def columns(self, walked: Sequence[Walked]) -> None:
        """Walk every column as far as it goes plainly; none is done by this."""
        with self._given_up_on_failure():
            for column in walked:
                self._walk(column)

    @contextmanager
    def _given_up_on_failure(self) -> Iterator[None]:
        """Whatever fails here is asked again where failures have names: silence, nonsense, a refused login."""
        try:
            yield
        except (SnmpError, OSError, RuntimeError, ValueError):  # TimeoutError is an OSError
            self._failed()
        except BaseException as error:
            # Its decoder panics at some nonsense, and says so by an exception that has no name to import.
            if type(error).__name__ != "PanicException":
                raise
            self._failed()

    def _failed(self) -> None:
        self._session = None  # a late answer must not meet the next question
        self._failures += 1

    def _walk(self, column: Walked) -> None:
        rows = self._opened().getbulk(column.query.removeprefix("walk "), BINDINGS_PER_WALK)
        for oid, value in rows:
            number = parsed(oid)
            if not _plain(value) or number <= column.last or column.taken >= MOST_ROWS:
                return
            column.take(number, value)

    def _opened(self) -> SnmpSession:
        now = time.monotonic()
        if self._session is None or now - self._used_at > _FRESH_S:
            self._session = self._open()
            self._session.refresh()
        self._used_at = now
        return self._session

    def _open(self) -> SnmpSession:
        host, port = self._where
        if isinstance(self._shown, str):
            return SnmpSession(
                host, port, community=self._shown, version=SnmpVersion.v2c, timeout=self._timeout_s, recv_buffer=1 << 20
            )
        user = GufoUser(
            self._shown.name,
            auth_key=_AUTH[self._shown.auth](self._shown.auth_key.encode()),
            priv_key=_PRIV[self._shown.priv](self._shown.priv_key.encode()),
        )
        return SnmpSession(host, port, user=user, timeout=self._timeout_s, recv_buffer=1 << 20)


def _plain(value: Any) -> bool:
    """Tell whether the value can mean one thing only."""
    if isinstance(value, str):
        return value.count(".") != _DOTS_OF_AN_ADDRESS
    return type(value) in (int, bytes)
