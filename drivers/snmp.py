"""SNMP: version 2c, and version 3 with authentication and privacy (RFC 3416, 3414, 3826, 7860), by way of pysnmp.

A query is the number of one object, "1.3.6.1.2.1.1.3.0", or "walk 1.3.6.1.2.1.2.2.1.10" for a column. Columns that
are asked for together travel side by side. Values are plain: int, bytes, str for an OID; a column is a dict from the
index (what follows the column's number) to the value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch.asyncio import auth as usm
from pysnmp.proto import errind
from pysnmp.proto.rfc1905 import EndOfMibView, NoSuchInstance, NoSuchObject

from drivers import snmp_engine
from drivers.addresses import Address
from drivers.errors import (
    BadAddress,
    DeviceRefused,
    DriverError,
    Garbled,
    LoginRefused,
    NoReading,
    Silent,
    Unreachable,
)
from drivers.options import Options
from drivers.points import Clock, Device
from drivers.secrets import resolve
from drivers.snmp_engine import Answer, Oid

WALK = "walk "
OIDS_PER_GET = 20
COLUMNS_PER_WALK = 24
BINDINGS_PER_WALK = 150
MOST_ROWS = 20_000
"""A column with more rows is an agent gone astray."""

_TOO_BIG = 1
_STATUS = (
    *("noError", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength"),
    *("wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed"),
    *("undoFailed", "authorizationError", "notWritable", "inconsistentName"),
)
_AUTH = {
    "SHA": usm.USM_AUTH_HMAC96_SHA,
    "SHA-224": usm.USM_AUTH_HMAC128_SHA224,
    "SHA-256": usm.USM_AUTH_HMAC192_SHA256,
    "SHA-384": usm.USM_AUTH_HMAC256_SHA384,
    "SHA-512": usm.USM_AUTH_HMAC384_SHA512,
}
_PRIV = {"AES": usm.USM_PRIV_CFB128_AES, "AES-192": usm.USM_PRIV_CFB192_AES, "AES-256": usm.USM_PRIV_CFB256_AES}
_LOGIN = (
    errind.WrongDigest,
    errind.UnknownUserName,
    errind.UnknownSecurityName,
    errind.AuthenticationFailure,
    errind.AuthenticationError,
    errind.DecryptionError,
    errind.UnsupportedSecurityLevel,
    errind.UnknownCommunityName,
)
_SILENT_FIX = "check power, network and port; a wrong community or privacy key looks the same"

Column = dict[str, Any]


class SnmpTransport:
    """One agent. Nothing is sent on opening: SNMP has no connection."""

    def __init__(self, address: Address, options: Options) -> None:
        self._address, self._timeout_s = address, options.timeout_s
        self._credentials = _credentials(address, options)
        self._target: Any = None
        self._thread: snmp_engine.EngineThread | None = snmp_engine.acquire(self)

    @property
    def address(self) -> str:
        """The address without community or keys."""
        return self._address.public

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        """Put all single objects, 20 to a GET, then all columns, side by side in GETBULKs.

        An object that the agent lacks is a NoReading in the reply, one that it refuses a DeviceRefused.
        Raises Silent, LoginRefused, Unreachable, Garbled for an agent that goes in circles.
        """
        if self._thread is None:
            raise Unreachable("this connection is closed", address=self.address)
        try:
            return self._thread.run(self._ask(self._thread, queries))
        except PySnmpError as error:
            raise Unreachable(str(error), address=self.address) from error

    def put(self, oid: str, value: int) -> None:
        """Write one INTEGER, the only request that changes anything; it goes out once, whatever becomes of it.

        Raises DeviceRefused with the agent's error status, and as `ask` does; after Silent it may have been done.
        """
        if self._thread is None:
            raise Unreachable("this connection is closed", address=self.address)
        try:
            self._thread.run(self._put(self._thread, oid, value))
        except PySnmpError as error:
            raise Unreachable(str(error), address=self.address) from error

    def close(self) -> None:
        """Hang up; the last one to do so ends the engine's thread."""
        if self._thread is not None:
            self._thread = None
            snmp_engine.release(self)

    async def _ask(self, thread: snmp_engine.EngineThread, queries: Sequence[str]) -> dict[str, Any]:
        if self._target is None:
            self._target = await thread.target(self._address.host, self._address.port or 161, self._timeout_s)
        replies: dict[str, Any] = {}
        for batch in _batches([q for q in queries if not q.startswith(WALK)], OIDS_PER_GET):
            replies |= await self._get(thread, batch)
        for batch in _batches([q for q in queries if q.startswith(WALK)], COLUMNS_PER_WALK):
            replies |= await self._walk(thread, batch)
        return replies

    async def _get(self, thread: snmp_engine.EngineThread, queries: Sequence[str]) -> dict[str, Any]:
        answer = await thread.get(self._target, self._credentials, [_oid(query) for query in queries])
        self._complain(answer, queries)
        if answer.status == 0:
            return self._paired(answer, queries)
        if len(queries) == 1:
            return {queries[0]: self._refusal(answer, queries[0])}
        # Too big for one message, or one object spoils the others: halve until it is alone.
        half = len(queries) // 2
        return await self._get(thread, queries[:half]) | await self._get(thread, queries[half:])

    async def _put(self, thread: snmp_engine.EngineThread, oid: str, value: int) -> None:
        host, port = self._address.host, self._address.port or 161
        target = await thread.target(host, port, self._timeout_s, retries=0)
        answer = await thread.set(target, self._credentials, _oid(oid), value)
        self._complain(answer, [f"{oid} = {value}"])
        if answer.status:
            raise self._refusal(answer, f"{oid} = {value}")

    def _paired(self, answer: Answer, queries: Sequence[str]) -> dict[str, Any]:
        names = [_dotted(oid) for oid, _ in answer.bindings]
        if names != list(queries):
            raise Garbled("other objects than asked", address=self.address, sent=_told(queries), received=_told(names))
        return {query: _plain(value) for query, (_, value) in zip(queries, answer.bindings, strict=True)}

    async def _walk(self, thread: snmp_engine.EngineThread, queries: Sequence[str]) -> dict[str, Any]:
        columns = [_Column(query, _oid(query.removeprefix(WALK))) for query in queries]
        repetitions = BINDINGS_PER_WALK
        while open_columns := [column for column in columns if not column.done]:
            wanted = max(1, min(repetitions, BINDINGS_PER_WALK // len(open_columns)))
            starts = [column.last for column in open_columns]
            answer = await thread.get_bulk(self._target, self._credentials, starts, wanted)
            self._complain(answer, [column.query for column in open_columns])
            if answer.status == _TOO_BIG and wanted > 1:
                repetitions = wanted // 2
                continue
            self._take(answer, open_columns)
        return {column.query: column.refusal or column.rows for column in columns}

    def _take(self, answer: Answer, columns: "Sequence[_Column]") -> None:
        """Deal the bindings of a GETBULK out to its columns: they come row by row and may be cut anywhere."""
        if answer.status or not answer.bindings:
            for column in columns:
                column.refusal, column.done = self._refusal(answer, column.query), True
        for place, (oid, value) in enumerate(answer.bindings):
            try:
                columns[place % len(columns)].take(oid, value)
            except Garbled as error:
                error.address = self.address
                raise

    def _refusal(self, answer: Answer, query: str) -> DeviceRefused:
        name = _STATUS[answer.status] if answer.status < len(_STATUS) else f"error status {answer.status}"
        what = name if answer.status else "an empty reply"
        return DeviceRefused(what, address=self.address, sent=query)

    def _complain(self, answer: Answer, queries: Sequence[str]) -> None:
        if answer.indication is None:
            return
        sent = _told(queries)
        if isinstance(answer.indication, errind.RequestTimedOut):
            what = f"no reply within {self._timeout_s:g} s"
            raise Silent(what, address=self.address, sent=sent, fix=_SILENT_FIX)
        if isinstance(answer.indication, _LOGIN):
            fix = "check the user's name, its keys and their algorithms"
            raise LoginRefused(str(answer.indication), address=self.address, sent=sent, fix=fix)
        raise Garbled(str(answer.indication), address=self.address, sent=sent)


@dataclass(slots=True)
class _Column:
    """One column while it is walked."""

    query: str
    root: Oid
    rows: Column = field(default_factory=dict)
    last: Oid = ()
    done: bool = False
    refusal: DeviceRefused | None = None

    def __post_init__(self) -> None:
        self.last = self.root

    def take(self, oid: Oid, value: Any) -> None:
        """Take the next object, until one lies outside. Raises Garbled where the agent goes back or never ends."""
        if self.done:
            return
        if isinstance(value, EndOfMibView) or oid[: len(self.root)] != self.root:
            # A smaller object outside of the column would be just as wrong, but ends the walk all the same.
            self.done = True
            return
        if oid <= self.last or len(self.rows) >= MOST_ROWS:
            what = "the agent goes in circles" if oid <= self.last else f"more than {MOST_ROWS} rows"
            raise Garbled(what, sent=self.query, received=_dotted(oid))
        self.last = oid
        self.rows[_dotted(oid[len(self.root) :])] = _plain(value)


def _credentials(address: Address, options: Options) -> Any:
    query = address.query
    if "community" in query:
        community = resolve(query["community"], options.folder).reveal()
        return usm.CommunityData(community, mpModel=1)  # noqa: S508 - the inventory states the version
    auth_key, priv_key = (resolve(query[name], options.folder) for name in ("auth_key", "priv_key"))
    for name, key in (("auth_key", auth_key), ("priv_key", priv_key)):
        if len(key.reveal()) < 8:
            raise BadAddress(f"{name} is shorter than 8 characters (RFC 3414 11.2)", address=address.public)
    return usm.UsmUserData(
        address.user,
        authKey=auth_key.reveal(),
        privKey=priv_key.reveal(),
        authProtocol=_AUTH[query["auth"]],
        privProtocol=_PRIV[query["priv"]],
    )


def _batches(queries: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(queries), size):
        yield queries[start : start + size]


def _oid(text: str) -> Oid:
    return tuple(int(part) for part in text.split("."))


def _dotted(oid: Sequence[int]) -> str:
    return ".".join(map(str, oid))


def _told(queries: Sequence[str]) -> str:
    return ", ".join(queries)


def _plain(value: Any) -> int | bytes | str | DriverError:
    """Turn a value of pysnmp into a plain one; what the agent lacks becomes the reason why there is none."""
    if isinstance(value, NoSuchObject | NoSuchInstance | EndOfMibView):
        return NoReading("the agent has no such object", received=type(value).__name__)
    # Named by what they are made of: integers, strings of octets (IpAddress and Opaque too), object identifiers.
    if hasattr(value, "asOctets"):
        return bytes(value.asOctets())
    if hasattr(value, "asTuple"):
        return _dotted(value.asTuple())
    try:
        return int(value)
    except (TypeError, ValueError, PySnmpError):
        return Garbled("a value of no known type", received=repr(value))


class SnmpDevice(Device[SnmpTransport]):
    """Something with an SNMP agent."""

    @classmethod
    def connect(cls, address: Address, options: Options, clock: Clock) -> Self:
        """Prepare to ask the agent; nothing is sent yet. Raises BadAddress or BadSecret."""
        if address.scheme != "snmp":
            raise BadAddress(f"{cls.model} is reached by snmp://, not {address.scheme}://", address=address.public)
        return cls(SnmpTransport(address, options), clock)
