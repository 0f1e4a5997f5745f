"""Messages of SNMP versions 1 and 2c by pysnmp's message layer (RFC 1157, 1901, 3416): octets in, plain values out.

Read leniently where agents are known to be sloppy and the meaning is beyond doubt (an unsigned number whose top bit
looks like a sign); a value that cannot be read spoils itself, not its neighbours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import constraint, namedtype, tag, univ
from pysnmp.proto import api
from pysnmp.proto.error import ProtocolError

from drivers.errors import DriverError, Garbled, NoReading

Oid = tuple[int, ...]

GET, GET_NEXT, GET_BULK, SET = 0xA0, 0xA1, 0xA5, 0xA3
V1, V2C = 0, 1
TOO_BIG, NO_SUCH_NAME = 1, 2
"""Error statuses that change what is asked next."""

_PDU = {GET: "GetRequestPDU", GET_NEXT: "GetNextRequestPDU", GET_BULK: "GetBulkRequestPDU", SET: "SetRequestPDU"}
_MOST_ARCS, _HIGHEST_ARC = 128, 2**32 - 1
"""Of an object identifier (RFC 2578 3.5)."""

_UNREADABLE = (PyAsn1Error, ProtocolError, OverflowError, LookupError, TypeError)  # what pyasn1 lets through


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
    module = api.PROTOCOL_MODULES[version]
    return _message(module, community, kind, request_id, [(oid, module.null) for oid in oids], repetitions)


def change(version: int, community: bytes, request_id: int, oid: Oid, value: int) -> bytes:
    """Encode a SET of one INTEGER."""
    module = api.PROTOCOL_MODULES[version]
    return _message(module, community, SET, request_id, [(oid, module.Integer(value))], 0)


def _message(module: Any, community: bytes, kind: int, request_id: int, pairs: Any, repetitions: int) -> bytes:
    pdu, message = getattr(module, _PDU[kind])(), module.Message()
    pdu_api = module.apiBulkPDU if kind == GET_BULK else module.apiPDU
    pdu_api.set_defaults(pdu)
    pdu_api.set_request_id(pdu, request_id)
    if kind == GET_BULK:
        pdu_api.set_max_repetitions(pdu, repetitions)
    pdu_api.set_varbinds(pdu, pairs)
    module.apiMessage.set_defaults(message)
    module.apiMessage.set_community(message, community)
    module.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


class _IntegerDecoder(decoder.IntegerPayloadDecoder):  # type: ignore[misc]  # pyasn1 has no types
    """Reads an unsigned number as one, even where the agent forgot the leading zero; no octets are no number."""

    def valueDecoder(  # noqa: N802 - pyasn1's name
        self, octets: Any, spec: Any, tags: Any = None, length: Any = None, *rest: Any, **options: Any
    ) -> Iterator[Any]:
        """Yield the number. Raises PyAsn1Error where there is none."""
        if not length:
            raise PyAsn1Error("an integer without octets")
        if spec.tagSet == univ.Integer.tagSet:
            yield from super().valueDecoder(octets, spec, tags, length, *rest, **options)
        else:
            content = octets.read(length)
            if len(content) < length:
                raise PyAsn1Error("cut short")
            yield self._createComponent(spec, tags, int.from_bytes(content, "big"), **options)


_TYPES = decoder.TYPE_MAP | {univ.Integer.typeId: _IntegerDecoder()}


def _decoded(octets: bytes, spec: Any) -> Any:
    """Decode what the octets begin with; the rest is left aside."""
    return decoder.decode(octets, asn1Spec=spec, typeMap=_TYPES)[0]


def response(datagram: bytes) -> Response:
    """Decode a response; octets behind the message are left aside.

    Raises Garbled where it is no SNMPv1 or v2c response; a single value that cannot be read is a Garbled in its place.
    """
    try:
        version = int(api.decodeMessageVersion(datagram))
        if version not in api.PROTOCOL_MODULES:
            raise Garbled(f"message version {version}, neither 1 nor 2c")
        return _response(datagram, version)
    except _UNREADABLE as error:
        raise Garbled(f"no SNMP message: {str(error)[:80] or type(error).__name__}") from error


def _response(datagram: bytes, version: int) -> Response:
    module: Any = api.PROTOCOL_MODULES[version]
    try:
        pdu = module.apiMessage.get_pdu(_decoded(datagram, module.Message()))
        bindings = [(name, plain(value)) for name, value in module.apiPDU.get_varbinds(pdu)]
    except _UNREADABLE:
        pdu = _decoded(datagram, _LENIENT)[2]
        bindings = [(binding[0], _value(bytes(binding[1]))) for binding in pdu[3]]
    if pdu.tagSet != module.GetResponsePDU.tagSet:
        raise Garbled("a request where a response belongs")
    status, index = int(pdu[1]), int(pdu[2])
    return Response(version, int(pdu[0]), Answer(status, index, [(_arcs(name), value) for name, value in bindings]))


_BINDING = univ.Sequence(
    componentType=namedtype.NamedTypes(
        namedtype.NamedType("name", univ.ObjectIdentifier()),
        namedtype.NamedType("value", univ.Any()),
    )
)
_LENIENT = univ.Sequence(
    componentType=namedtype.NamedTypes(
        namedtype.NamedType("version", univ.Integer()),
        namedtype.NamedType("community", univ.OctetString()),
        namedtype.NamedType(
            "data",
            univ.Sequence(
                tagSet=api.v2c.ResponsePDU.tagSet,
                componentType=namedtype.NamedTypes(
                    namedtype.NamedType("request-id", univ.Integer()),
                    namedtype.NamedType("error-status", univ.Integer()),
                    namedtype.NamedType("error-index", univ.Integer()),
                    namedtype.NamedType("variable-bindings", univ.SequenceOf(componentType=_BINDING)),
                ),
            ),
        ),
    )
)
"""A response whose values stay octets: what is read where one of them cannot be."""


def _within(low: int, high: int) -> Any:
    return constraint.ValueRangeConstraint(low, high)


_VALUES = (
    api.v2c.VarBind.componentType.getTypeByPosition(1),
    univ.Integer(subtypeSpec=_within(-(2**63), 2**63 - 1)),
    univ.Integer(
        tagSet=univ.Integer.tagSet.tagImplicitly(tag.Tag(tag.tagClassApplication, tag.tagFormatSimple, 7)),
        subtypeSpec=_within(0, 2**32 - 1),
    ),
    univ.OctetString(tagSet=api.v2c.IpAddress.tagSet),
)
"""What a value may be: one that SNMP has, a wide INTEGER, the UInteger32 of RFC 1442, an IpAddress of any length."""


def _value(octets: bytes) -> int | bytes | str | EndOfView | DriverError:
    """Decode one value; what cannot be read becomes a Garbled, not an exception."""
    for spec in _VALUES:
        try:
            found = _decoded(octets, spec)
            return plain(found.getComponent(1) if isinstance(found, univ.Choice) else found)
        except _UNREADABLE:
            continue
    return Garbled("a value that SNMP does not have", received=f"tag {octets[0]:#04x}: {octets[1:18].hex()}")


def plain(value: Any) -> int | bytes | str | EndOfView | DriverError:
    """Turn a value of pysnmp into a plain one; see `Answer`."""
    if isinstance(value, univ.Integer):
        return int(value)
    if isinstance(value, univ.Null):
        return _nothing(value)
    if isinstance(value, univ.OctetString):  # as is Null, in pyasn1
        return bytes(value)
    if isinstance(value, univ.ObjectIdentifier):
        return _identifier(value)
    return Garbled("a value of no known type", received=type(value).__name__)


_NO_SUCH = {api.v2c.NoSuchObject.tagSet: "noSuchObject", api.v2c.NoSuchInstance.tagSet: "noSuchInstance"}


def _nothing(value: Any) -> EndOfView | NoReading:
    if isinstance(value, api.v2c.EndOfMibView):
        return END
    if value.tagSet in _NO_SUCH:
        return NoReading("the agent has no such object", received=_NO_SUCH[value.tagSet])
    return NoReading("the agent has the object without a value", received="NULL")


def _identifier(value: Any) -> str | Garbled:
    try:
        return ".".join(map(str, _arcs(value)))
    except Garbled as error:
        return Garbled(error.what, received=str(value)[:60])


def _arcs(value: Any) -> Oid:
    arcs: Oid = value.asTuple()
    if len(arcs) > _MOST_ARCS or max(arcs) > _HIGHEST_ARC:
        raise Garbled("an object identifier that SNMP does not have")
    return arcs
