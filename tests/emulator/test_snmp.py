"""The SNMP agent, without a socket."""

from hypothesis import given
from hypothesis import strategies as st

from harness.emulator import ber, snmp
from harness.emulator.ber import Oid, Reader

FIRST, SECOND, OTHER = (1, 3, 6, 1, 1, 0), (1, 3, 6, 1, 2, 0), (1, 3, 6, 2, 0)
TABLE: snmp.Rows = {
    FIRST: ber.integer(7),
    SECOND: lambda: ber.integer(2**64 - 1, ber.COUNTER64),
    OTHER: ber.tlv(ber.OCTETS, b"x"),
}
AGENT = snmp.Agent(b"public", lambda: TABLE, lambda: 0)

Answer = tuple[int, int, list[tuple[Oid, int, bytes]]]


def request(kind: int, *names: Oid, community: bytes = b"public", version: int = 1, repeats: int = 0) -> bytes:
    bindings = b"".join(ber.tlv(ber.SEQUENCE, ber.oid(name) + ber.tlv(ber.NULL, b"")) for name in names)
    body = ber.integer(99) + ber.integer(0) + ber.integer(repeats) + ber.tlv(ber.SEQUENCE, bindings)
    return ber.tlv(ber.SEQUENCE, ber.integer(version) + ber.tlv(ber.OCTETS, community) + ber.tlv(kind, body))


def answer(datagram: bytes) -> Answer:
    """Return request number, error status and bindings of the answer."""
    reply = AGENT.answer(datagram)
    assert reply is not None
    message = Reader(Reader(reply).content(ber.SEQUENCE))
    assert (message.integer(), message.content(ber.OCTETS)) == (1, b"public")
    pdu = Reader(message.content(snmp.RESPONSE))
    number, status, _ = pdu.integer(), pdu.integer(), pdu.integer()
    bindings, found = Reader(pdu.content(ber.SEQUENCE)), []
    while bindings.left:
        binding = Reader(bindings.content(ber.SEQUENCE))
        found.append((binding.oid(), *binding.any()))
    return number, status, found


def test_get() -> None:
    assert answer(request(snmp.GET, FIRST)) == (99, 0, [(FIRST, ber.INTEGER, b"\x07")])


def test_a_counter_of_64_bits_keeps_its_sign_clear() -> None:
    assert answer(request(snmp.GET, SECOND))[2][0][2] == b"\x00" + b"\xff" * 8


def test_what_is_not_there() -> None:
    _, _, found = answer(request(snmp.GET, (1, 3, 6, 1, 1, 5), (1, 3, 9, 0)))
    assert [tag for _, tag, _ in found] == [ber.NO_SUCH_INSTANCE, ber.NO_SUCH_OBJECT]


def test_get_next_walks_in_order() -> None:
    assert [name for name, _, _ in answer(request(snmp.GET_NEXT, (1, 3), FIRST, SECOND))[2]] == [FIRST, SECOND, OTHER]


def test_get_bulk_ends_at_the_end() -> None:
    _, _, found = answer(request(snmp.GET_BULK, (1, 3), repeats=20))
    assert [name for name, _, _ in found] == [FIRST, SECOND, OTHER, OTHER]
    assert found[-1][1] == ber.END_OF_MIB_VIEW


def test_nothing_can_be_set() -> None:
    assert answer(request(snmp.SET, FIRST))[1] == snmp.NOT_WRITABLE


def test_strangers_get_no_answer() -> None:
    assert AGENT.answer(request(snmp.GET, FIRST, community=b"private")) is None
    assert AGENT.answer(request(snmp.GET, FIRST, version=0)) is None


@given(st.binary(max_size=80))
def test_garbage_gets_no_answer_and_harms_nothing(data: bytes) -> None:
    AGENT.answer(data)
    assert AGENT.answer(request(snmp.GET, FIRST)) is not None


@given(st.integers(0, 60), st.integers(0, 255))
def test_a_damaged_request_harms_nothing(at: int, byte: int) -> None:
    data = bytearray(request(snmp.GET_BULK, (1, 3), FIRST, repeats=5))
    data[at % len(data)] = byte
    AGENT.answer(bytes(data))
    assert AGENT.answer(request(snmp.GET, FIRST)) is not None


@given(st.lists(st.integers(0, 2**32 - 1), max_size=12))
def test_object_identifiers_survive(arcs: list[int]) -> None:
    name = (1, 3, *arcs)
    assert Reader(ber.oid(name)).oid() == name


@given(st.integers(-(2**63), 2**63 - 1))
def test_numbers_survive(number: int) -> None:
    assert Reader(ber.integer(number)).integer() == number
