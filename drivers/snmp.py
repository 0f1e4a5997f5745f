"""SNMP: versions 1, 2c, and 3 with authentication and privacy (RFC 1157, 3416, 3414, 3826, 7860).

A query is the number of one object, "1.3.6.1.2.1.1.3.0", or "walk 1.3.6.1.2.1.2.2.1.10" for a column. Columns that
are asked for together travel side by side. Values are plain: int, bytes, str for an OID; a column is a dict from the
index (what follows the column's number) to the value.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from drivers import snmp_walk
from drivers.addresses import Address
from drivers.errors import BadAddress, DriverError, Unreachable
from drivers.options import Options
from drivers.points import Clock, Device
from drivers.snmp_keys import User, credentials
from drivers.snmp_udp import UdpSession
from drivers.snmp_walk import COLUMNS_PER_WALK, OIDS_PER_GET, WALK, Session, batches

if TYPE_CHECKING:
    from drivers.snmp_fast import HeadStart

_PORT = 161


class SnmpTransport:
    """One agent. Nothing is sent on opening: SNMP has no connection.

    `fast` says whether gufo-snmp reads ahead (the extra `fast`). None: for version 3, where it is installed; where
    nothing vouches for the octets, a number too wide for its type must not come out as another.
    """

    def __init__(self, address: Address, options: Options, *, fast: bool | None = None) -> None:
        self._address, self._timeout_s = address, options.timeout_s
        self._lock = Lock()
        self._shown = credentials(address, options)
        self._session: Session | None = self._open(self._shown)
        self._fast = isinstance(self._shown, User) and find_spec("gufo") is not None if fast is None else fast
        self._ahead: HeadStart | None = None

    @property
    def address(self) -> str:
        """The address without community or keys."""
        return self._address.public

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        """Put all single objects, 20 to a GET, then all columns, side by side in GETBULKs.

        An object that the agent lacks is a NoReading in the reply, one that it refuses a DeviceRefused, a column in
        which it goes in circles or never ends a Garbled.
        Raises Silent, LoginRefused, Unreachable, Garbled where nothing but nonsense comes back.
        """
        with self._lock:
            if self._session is None:
                raise Unreachable("this connection is closed", address=self.address)
            replies: dict[str, Any] = {}
            for batch in batches([q for q in queries if not q.startswith(WALK)], OIDS_PER_GET):
                replies |= self._objects(self._session, batch)
            for batch in batches([q for q in queries if q.startswith(WALK)], COLUMNS_PER_WALK):
                replies |= self._columns(self._session, batch)
        for reply in replies.values():
            if isinstance(reply, DriverError):
                reply.address = reply.address or self.address
        return replies

    def put(self, oid: str, value: int) -> None:
        """Write one INTEGER, the only request that changes anything; it goes out once, whatever becomes of it.

        Raises DeviceRefused with the agent's error status, and as `ask` does; after Silent it may have been done.
        """
        with self._lock:
            if self._session is None:
                raise Unreachable("this connection is closed", address=self.address)
            answer = self._session.put(snmp_walk.parsed(oid), value)
        if answer.status:
            refusal = snmp_walk.refused(answer, f"{oid} = {value}")
            refusal.address = self.address
            raise refusal

    def close(self) -> None:
        """Hang up; closing twice does no harm."""
        with self._lock:
            if self._session is not None:
                self._session.close()
            self._session = self._ahead = None

    def _objects(self, session: Session, queries: Sequence[str]) -> dict[str, Any]:
        ahead = self._head_start(session)
        found = ahead.objects(queries) if ahead else {}
        missing = [query for query in queries if query not in found]
        return found | (snmp_walk.objects(session, missing) if missing else {})

    def _columns(self, session: Session, queries: Sequence[str]) -> dict[str, Any]:
        walked = snmp_walk.started(queries)
        ahead = self._head_start(session)
        if ahead:
            ahead.columns(walked)
        return snmp_walk.columns(session, walked)

    def _head_start(self, session: Session) -> "HeadStart | None":
        """Return the fast reader once an ordinary exchange has shown that the agent answers, and answers GETBULK."""
        if not (self._fast and session.answered and session.bulk):
            return None
        if self._ahead is None:
            from drivers.snmp_fast import HeadStart  # noqa: PLC0415 - an extra, not always there

            self._ahead = HeadStart(self._address.host, self._address.port or _PORT, self._shown, self._timeout_s)
        return self._ahead if self._ahead.useful else None

    def _open(self, shown: str | User) -> Session:
        host, port = self._address.host, self._address.port or _PORT
        if isinstance(shown, str):
            return UdpSession(host, port, shown, self._timeout_s, self.address)
        from drivers.snmp_usm import UsmSession  # noqa: PLC0415 - pysnmp takes half a second to import

        return UsmSession(host, port, shown, self._timeout_s, self.address)


class SnmpDevice(Device[SnmpTransport]):
    """Something with an SNMP agent."""

    @classmethod
    def connect(cls, address: Address, options: Options, clock: Clock) -> Self:
        """Prepare to ask the agent; nothing is sent yet. Raises BadAddress or BadSecret."""
        if address.scheme != "snmp":
            raise BadAddress(f"{cls.model} is reached by snmp://, not {address.scheme}://", address=address.public)
        return cls(SnmpTransport(address, options), clock)
