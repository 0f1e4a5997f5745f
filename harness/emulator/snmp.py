"""An SNMP v2c agent over a sorted table of objects (RFC 1901, RFC 3416): get, get-next and get-bulk.

`answer` is pure: a datagram in, a datagram or nothing out. Nothing can be set.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from harness.emulator import ber
from harness.emulator.ber import Oid

GET, GET_NEXT, RESPONSE, SET, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5
V2C = 1
NOT_WRITABLE = 17
LARGEST = 8000
"""A response to get-bulk ends before it grows beyond this many bytes."""

Cell = bytes | Callable[[], bytes]
"""An encoded value, or what encodes the value of the moment."""

Rows = dict[Oid, Cell]


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was read."""

    community: bytes
    kind: int
    number: int
    first: int
    second: int
    names: list[Oid]


def parse(datagram: bytes) -> Request:
    """Read a request. Raises EncodingError where it is not one of version 2c."""
    message = ber.Reader(ber.Reader(datagram).content(ber.SEQUENCE))
    if message.integer() != V2C:
        text = "not SNMP version 2c"
        raise ber.EncodingError(text)
    community = message.content(ber.OCTETS)
    kind, content = message.any()
    pdu = ber.Reader(content)
    number, first, second = pdu.integer(), pdu.integer(), pdu.integer()
    bindings, names = ber.Reader(pdu.content(ber.SEQUENCE)), []
    while bindings.left:
        names.append(ber.Reader(bindings.content(ber.SEQUENCE)).oid())
    return Request(community, kind, number, first, second, names)


class Agent:
    """An agent: `build` makes the table of objects, and makes it anew when `version` has changed."""

    def __init__(self, community: bytes, build: Callable[[], Rows], version: Callable[[], object]) -> None:
        self.community, self._build, self._version = community, build, version
        self._built: object = None
        self._rows: Rows = {}
        self._names: list[Oid] = []

    def answer(self, datagram: bytes) -> bytes | None:
        """Answer a datagram; None where an agent says nothing (garbage, another version, a wrong community)."""
        try:
            request = parse(datagram)
        except ber.EncodingError:
            return None
        if request.community != self.community:
            return None
        self._refresh()
        return self._respond(request)

    def _refresh(self) -> None:
        version = self._version()
        if not self._names or version != self._built:
            self._built, self._rows = version, self._build()
            self._names = sorted(self._rows)

    def _respond(self, request: Request) -> bytes | None:
        if request.kind == GET:
            return _response(request, [self._get(name) for name in request.names])
        if request.kind == GET_NEXT:
            return _response(request, [self._next(name)[1] for name in request.names])
        if request.kind == GET_BULK:
            return _response(request, self._bulk(request))
        if request.kind == SET:
            refused = [_binding(name, ber.tlv(ber.NULL, b"")) for name in request.names]
            return _response(request, refused, status=NOT_WRITABLE)
        return None

    def _get(self, name: Oid) -> bytes:
        cell = self._rows.get(name)
        if cell is not None:
            return _binding(name, _encoded(cell))
        at = bisect_left(self._names, name[:-1])
        known = at < len(self._names) and self._names[at][: len(name) - 1] == name[:-1]
        return _binding(name, ber.tlv(ber.NO_SUCH_INSTANCE if known else ber.NO_SUCH_OBJECT, b""))

    def _next(self, name: Oid) -> tuple[Oid | None, bytes]:
        at = bisect_right(self._names, name)
        if at == len(self._names):
            return None, _binding(name, ber.tlv(ber.END_OF_MIB_VIEW, b""))
        found = self._names[at]
        return found, _binding(found, _encoded(self._rows[found]))

    def _bulk(self, request: Request) -> list[bytes]:
        once, repeats = max(0, request.first), max(0, request.second)
        bindings = [self._next(name)[1] for name in request.names[:once]]
        names = request.names[once:]
        size = sum(map(len, bindings))
        for _ in range(repeats):
            row = [self._next(name) for name in names]
            size += sum(len(binding) for _, binding in row)
            if size > LARGEST and bindings:
                break
            bindings += [binding for _, binding in row]
            # a column that has ended stays where it is and says so again
            names = [found or name for (found, _), name in zip(row, names, strict=True)]
            if all(found is None for found, _ in row):
                break
        return bindings


def _encoded(cell: Cell) -> bytes:
    return cell if isinstance(cell, bytes) else cell()


def _binding(name: Oid, value: bytes) -> bytes:
    return ber.tlv(ber.SEQUENCE, ber.oid(name) + value)


def _response(request: Request, bindings: list[bytes], status: int = 0) -> bytes:
    head = ber.integer(request.number) + ber.integer(status) + ber.integer(1 if status else 0)
    pdu = ber.tlv(RESPONSE, head + ber.tlv(ber.SEQUENCE, b"".join(bindings)))
    return ber.tlv(ber.SEQUENCE, ber.integer(V2C) + ber.tlv(ber.OCTETS, request.community) + pdu)
