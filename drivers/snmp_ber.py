"""Messages of SNMP versions 1 and 2c as octets (RFC 1157, 1901, 3416; BER, X.690). Pure: octets in, plain values out.

Read leniently where agents are known to be sloppy and the meaning is beyond doubt (an unsigned number whose top bit
looks like a sign); a value that cannot be read spoils itself, not its neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from drivers.errors import DriverError, Garbled, NoReading

Oid = tuple[int, ...]

GET, GET_NEXT, GET_BULK, SET = 0xA0, 0xA1, 0xA5, 0xA3
V1, V2C = 0, 1
TOO_BIG, NO_SUCH_NAME = 1, 2
"""Error statuses that change what is asked next."""

_RESPONSE = 0xA2
_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
_IP_ADDRESS, _OPAQUE, _COUNTER64 = 0x40, 0x44, 0x46
_UNSIGNED32 = frozenset((0x41, 0x42, 0x43, 0x47))  # Counter32, Gauge32, TimeTicks, the UInteger32 of RFC 1442
_NO_SUCH = {0x80: "noSuchObject", 0x81: "noSuchInstance"}
_END_OF_VIEW = 0x82
_MOST_ARCS = 128
"""Arcs of an object identifier (RFC 2578 3.5)."""


class EndOfView:
    """What a walk gets behind the last object."""


END = EndOfView()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent answered: its error status and index, or pairs of object and plain value.

    A value is int, bytes (OCTET STRING, IpAddress, Opaque), str (OBJECT IDENTIFIER), `END`, a NoReading where the
    agent has no such object, or a Garbled where the value cannot be read.
    """

    status: int
    index: int
    bindings: list[tuple[Oid, Any]]


@dataclass(frozen=True, slots=True)
class Response:
    """One response: protocol version, request-id, and the answer."""

    version: int
    request_id: int
    answer: Answer


def request(version: int, community: bytes, kind: int, request_id: int, oids: Sequence[Oid], repetitions: int) -> bytes:
    """Encode a request; `repetitions` counts for GETBULK alone.

    >>> request(V1, b"c", GET, 1, [(1, 3, 6)], 0).hex()
    '301b020100040163a0130201010201000201003008300606022b060500'
    """
    bindings = b"".join(_tlv(_SEQUENCE, _encoded(oid) + b"\x05\x00") for oid in oids)
    return _message(version, community, kind, (request_id, 0, repetitions if kind == GET_BULK else 0), bindings)


def change(version: int, community: bytes, request_id: int, oid: Oid, value: int) -> bytes:
    """Encode a SET of one INTEGER."""
    return _message(version, community, SET, (request_id, 0, 0), _tlv(_SEQUENCE, _encoded(oid) + _integer(value)))


def _message(version: int, community: bytes, kind: int, head: tuple[int, int, int], bindings: bytes) -> bytes:
    pdu = _tlv(kind, b"".join(map(_integer, head)) + _tlv(_SEQUENCE, bindings))
    return _tlv(_SEQUENCE, _integer(version) + _tlv(_OCTETS, community) + pdu)


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _integer(value: int) -> bytes:
    return _tlv(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


@lru_cache(maxsize=8192)
def _encoded(oid: Oid) -> bytes:
    # X.690 8.19.4: the first two arcs travel as one.
    arcs = (oid[0] * 40 + (oid[1] if len(oid) > 1 else 0), *oid[2:])
    return _tlv(_OID, b"".join(map(_arc, arcs)))


def _arc(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(0x80 | number & 0x7F)
    return bytes(reversed(groups))


def response(datagram: bytes) -> Response:
    """Decode a response; octets behind the message are left aside.

    Raises Garbled where it is no SNMPv1 or v2c response; a single value that cannot be read is a Garbled in its place.
    """
    at, end = _expect(datagram, 0, len(datagram), _SEQUENCE)
    version, at = _number(datagram, at, end)
    if version not in (V1, V2C):
        raise Garbled(f"message version {version}, neither 1 nor 2c")
    _, at = _expect(datagram, at, end, _OCTETS, skip=True)
    at, end = _expect(datagram, at, end, _RESPONSE)
    request_id, at = _number(datagram, at, end)
    status, at = _number(datagram, at, end)
    index, at = _number(datagram, at, end)
    at, end = _expect(datagram, at, end, _SEQUENCE)
    return Response(version, request_id, Answer(status, index, _bindings(datagram, at, end)))


def _bindings(data: bytes, at: int, end: int) -> list[tuple[Oid, Any]]:
    found = []
    while at < end:
        inner, at = _expect(data, at, end, _SEQUENCE)
        start, stop = _expect(data, inner, at, _OID)
        tag, start_of_value, end_of_value = _head(data, stop, at)
        found.append((_arcs(data[start:stop]), _value(tag, data[start_of_value:end_of_value])))
    return found


def _head(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """Return tag, start and end of the content that begins at `at`; nothing reaches beyond `end`."""
    if at + 2 > end:
        raise Garbled("cut short")
    tag, size, start = data[at], data[at + 1], at + 2
    if size & 0x80:
        octets = size & 0x7F
        if not 1 <= octets <= 4 or start + octets > end:
            raise Garbled("a length that SNMP does not have, or cut short")
        size = int.from_bytes(data[start : start + octets], "big")
        start += octets
    if start + size > end:
        raise Garbled("cut short")
    return tag, start, start + size


def _expect(data: bytes, at: int, end: int, wanted: int, *, skip: bool = False) -> tuple[int, int]:
    """Return start and end of the content, which must have that tag; with `skip` both are its end."""
    tag, start, stop = _head(data, at, end)
    if tag != wanted:
        raise Garbled(f"tag {tag:#04x} where {wanted:#04x} belongs")
    return (stop, stop) if skip else (start, stop)


def _number(data: bytes, at: int, end: int) -> tuple[int, int]:
    start, stop = _expect(data, at, end, _INTEGER)
    if not 1 <= stop - start <= 8:
        raise Garbled("an integer that SNMP does not have")
    return int.from_bytes(data[start:stop], "big", signed=True), stop


@lru_cache(maxsize=65536)
def _arcs(content: bytes) -> Oid:
    arcs: list[int] = []
    number = 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if octet & 0x80:
            continue
        if number > 0xFFFFFFFF or len(arcs) >= _MOST_ARCS:
            raise Garbled("an object identifier that SNMP does not have")
        arcs.append(number)
        number = 0
    if not arcs or content[-1] & 0x80:
        raise Garbled("an object identifier cut short")
    first = min(arcs[0] // 40, 2)
    return (first, arcs[0] - 40 * first, *arcs[1:])


def _value(tag: int, content: bytes) -> int | bytes | str | EndOfView | DriverError:
    """Decode one value; what cannot be read becomes a Garbled, not an exception."""
    if tag in (_OCTETS, _IP_ADDRESS, _OPAQUE):
        return content
    if tag == _COUNTER64 or tag in _UNSIGNED32:
        return _unsigned(content, 64 if tag == _COUNTER64 else 32)
    if tag == _INTEGER and 1 <= len(content) <= 8:
        return int.from_bytes(content, "big", signed=True)
    if tag == _OID:
        return _identifier(content)
    return _nothing(tag) or Garbled("a value of no known type", received=_shown(tag, content))


def _nothing(tag: int) -> EndOfView | NoReading | None:
    if tag == _END_OF_VIEW:
        return END
    if tag == _NULL:
        return NoReading("the agent has the object without a value", received="NULL")
    return NoReading("the agent has no such object", received=_NO_SUCH[tag]) if tag in _NO_SUCH else None


def _unsigned(content: bytes, bits: int) -> int | Garbled:
    # Agents that forget the leading zero send what looks negative: the type has no sign, so the octets count.
    value = int.from_bytes(content, "big")
    if not content or len(content) > bits // 8 + 1 or value >> bits:
        return Garbled(f"no unsigned number of {bits} bits", received=content[:16].hex())
    return value


def _identifier(content: bytes) -> str | Garbled:
    try:
        return ".".join(map(str, _arcs(content)))
    except Garbled as error:
        return Garbled(error.what, received=_shown(_OID, content))


def _shown(tag: int, content: bytes) -> str:
    return f"tag {tag:#04x}: {content[:16].hex()}"
