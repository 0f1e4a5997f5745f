from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pyasn1.type.univ import Null, ObjectIdentifier
from pysnmp.proto import rfc1905
from pysnmp.proto.api import v1, v2c
from pysnmp.proto.rfc1902 import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    ObjectName,
    OctetString,
    Opaque,
    TimeTicks,
)

from drivers import snmp_messages as messages
from drivers.errors import Garbled, NoReading

arc = st.integers(0, 2**32 - 1)
oids = st.tuples(st.just(1), st.integers(0, 39)).flatmap(
    lambda first: st.lists(arc, max_size=20).map(lambda rest: (*first, *rest))
)
VALUES: list[tuple[Any, Any]] = [
    (Integer32(-1), -1),
    (Integer32(2**31 - 1), 2**31 - 1),
    (Counter32(2**32 - 1), 2**32 - 1),
    (Gauge32(2**31), 2**31),
    (TimeTicks(0), 0),
    (Counter64(2**64 - 1), 2**64 - 1),
    (OctetString(b"\xff\x00"), b"\xff\x00"),
    (IpAddress("10.0.0.1"), b"\x0a\x00\x00\x01"),
    (Opaque(b"\x9f\x78\x04\x42\xf6\x00\x00"), b"\x9f\x78\x04\x42\xf6\x00\x00"),
    (ObjectIdentifier((1, 3, 6, 1)), "1.3.6.1"),
    (ObjectIdentifier((0, 0)), "0.0"),
    (ObjectIdentifier((2, 999, 3)), "2.999.3"),
    (rfc1905.endOfMibView, messages.END),
]


def encoded(bindings: list[tuple[tuple[int, ...], Any]], request_id: int = 7) -> bytes:
    pdu, message = v2c.ResponsePDU(), v2c.Message()
    v2c.apiPDU.set_defaults(pdu)
    v2c.apiPDU.set_request_id(pdu, request_id)
    v2c.apiPDU.set_varbinds(pdu, [(ObjectName(oid), value) for oid, value in bindings])
    v2c.apiMessage.set_defaults(message)
    v2c.apiMessage.set_pdu(message, pdu)
    return bytes(encoder.encode(message))


def raw(tag: int, content: bytes) -> bytes:
    """A response with one value, given as tag and content."""

    def tlv(tag: int, content: bytes) -> bytes:
        return bytes((tag, len(content))) + content

    binding = tlv(0x30, b"\x06\x03\x2b\x06\x01" + tlv(tag, content))
    pdu = tlv(0xA2, b"\x02\x01\x07\x02\x01\x00\x02\x01\x00" + tlv(0x30, binding))
    return tlv(0x30, b"\x02\x01\x01\x04\x01c" + pdu)


def value_of(datagram: bytes) -> Any:
    return messages.response(datagram).answer.bindings[0][1]


@pytest.mark.parametrize(("given_", "expected"), VALUES)
def test_values_as_pysnmp_encodes_them(given_: Any, expected: Any) -> None:
    assert value_of(encoded([((1, 3, 6, 1), given_)])) == expected


@pytest.mark.parametrize("value", [rfc1905.noSuchObject, rfc1905.noSuchInstance, Null("")])
def test_what_is_not_there_is_no_reading(value: Any) -> None:
    assert isinstance(value_of(encoded([((1, 3, 6, 1), value)])), NoReading)


@given(st.integers(1, 2**31 - 1), st.lists(oids, max_size=30), st.binary(max_size=200))
def test_requests_as_pysnmp_decodes_them(request_id: int, asked: list[tuple[int, ...]], community: bytes) -> None:
    message, rest = decoder.decode(
        messages.request(messages.V2C, community, messages.GET_BULK, request_id, asked, 25), asn1Spec=v2c.Message()
    )
    pdu = v2c.apiMessage.get_pdu(message)
    assert (rest, bytes(v2c.apiMessage.get_community(message))) == (b"", community)
    assert (int(v2c.apiBulkPDU.get_request_id(pdu)), int(v2c.apiBulkPDU.get_max_repetitions(pdu))) == (request_id, 25)
    assert [tuple(oid) for oid, _ in v2c.apiBulkPDU.get_varbinds(pdu)] == asked


@given(st.lists(st.tuples(oids, st.sampled_from(VALUES)), max_size=20))
def test_responses_as_pysnmp_encodes_them(found: list[tuple[tuple[int, ...], tuple[Any, Any]]]) -> None:
    read = messages.response(encoded([(oid, value) for oid, (value, _) in found]))
    assert read.request_id == 7
    assert read.answer.bindings == [(oid, expected) for oid, (_, expected) in found]


@pytest.mark.parametrize(
    ("tag", "content", "expected"),
    [
        (0x41, b"\xff\xff\xff\xfe", 2**32 - 2),  # the leading zero forgotten
        (0x43, b"\x00\x80\x00\x00\x00", 2**31),
        (0x46, b"\xff" * 8, 2**64 - 1),
        (0x02, b"\x00\x00\x00\x00\x05", 5),
    ],
)
def test_sloppy_numbers_whose_meaning_is_clear(tag: int, content: bytes, expected: int) -> None:
    assert value_of(raw(tag, content)) == expected


@pytest.mark.parametrize(
    ("tag", "content"),
    [(0x41, b""), (0x41, b"\x01" * 5), (0x46, b"\x01" * 9), (0x02, b""), (0x02, b"\x7f" * 40), (0x06, b"\x2b\x86")],
)
def test_a_value_that_cannot_be_read_spoils_itself_only(tag: int, content: bytes) -> None:
    assert isinstance(value_of(raw(tag, content)), Garbled)


def test_every_truncation_is_garbled() -> None:
    whole = encoded([((1, 3, 6, 1, 2, n), value) for n, (value, _) in enumerate(VALUES)])
    for length in range(len(whole)):
        with pytest.raises(Garbled):
            messages.response(whole[:length])


@given(st.binary(max_size=300))
def test_any_octets_are_a_response_or_garbled(octets: bytes) -> None:
    with suppress(Garbled):
        messages.response(octets)


@given(st.data())
def test_any_change_is_a_response_or_garbled(data: st.DataObject) -> None:
    whole = bytearray(encoded([((1, 3, 6, 1, 2, n), value) for n, (value, _) in enumerate(VALUES)]))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Garbled):
        messages.response(bytes(whole))


def test_of_many_values_the_bad_one_alone_is_garbled() -> None:
    good = encoded([((1, 3, 6, 1, 2, n), value) for n, (value, _) in enumerate(VALUES)])
    wide = bytes(encoder.encode(Counter32(2**32 - 1)))  # 41 05 00 ff ff ff ff
    assert good.count(wide) == 1
    read = messages.response(good.replace(wide, b"\x41\x05\x01" + wide[3:])).answer.bindings
    expected = [value for _, value in VALUES]
    bad = expected.index(2**32 - 1)
    assert isinstance(read[bad][1], Garbled)
    assert [value for _, value in read[:bad] + read[bad + 1 :]] == expected[:bad] + expected[bad + 1 :]


@pytest.mark.parametrize(
    ("tag", "content", "expected"),
    [(0x02, b"\x01\x00\x00\x00\x00", 2**32), (0x47, b"\x07", 7), (0x40, b"\x0a\x00\x00", b"\x0a\x00\x00")],
)
def test_what_pysnmp_refuses_and_agents_send(tag: int, content: bytes, expected: Any) -> None:
    assert value_of(raw(tag, content)) == expected


def test_a_request_is_no_response() -> None:
    with pytest.raises(Garbled):
        messages.response(messages.request(messages.V2C, b"c", messages.GET, 1, [(1, 3, 6)], 0))


def test_version_1_says_which_object_it_lacks() -> None:
    pdu, message = v1.GetResponsePDU(), v1.Message()
    v1.apiPDU.set_defaults(pdu)
    v1.apiPDU.set_request_id(pdu, 9)
    v1.apiPDU.set_error_status(pdu, messages.NO_SUCH_NAME)
    v1.apiPDU.set_error_index(pdu, 2)
    v1.apiPDU.set_varbinds(pdu, [((1, 3, 6, 1), v1.IpAddress("10.0.0.1")), ((1, 3, 6, 2), v1.null)])
    v1.apiMessage.set_defaults(message)
    v1.apiMessage.set_pdu(message, pdu)
    read = messages.response(bytes(encoder.encode(message)))
    assert (read.version, read.request_id) == (messages.V1, 9)
    assert (read.answer.status, read.answer.index) == (messages.NO_SUCH_NAME, 2)
    assert read.answer.bindings[0] == ((1, 3, 6, 1), b"\x0a\x00\x00\x01")


def test_any_depth_and_length_end_at_once() -> None:
    for nested in (b"\x30\x80", b"\x24\x80", b"\x30\x84\x7f\xff\xff\xff", b"\x30\xfe" + b"\xff" * 126):
        with pytest.raises(Garbled):
            messages.response(nested * (60_000 // len(nested)))
