"""The Basic Encoding Rules as far as SNMP needs them (ITU-T X.690, RFC 3417 section 8)."""

from functools import lru_cache

Oid = tuple[int, ...]

INTEGER, OCTETS, NULL, OBJECT_ID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIME_TICKS, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 0x80, 0x81, 0x82


class EncodingError(ValueError):
    """Bytes that are not the encoding that SNMP asks for."""


def tlv(tag: int, content: bytes) -> bytes:
    """Encode tag, length and content.

    >>> tlv(0x04, b"public").hex()
    '04067075626c6963'
    """
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Encode a whole number; unsigned types get their leading zero byte.

    >>> integer(-1).hex(), integer(200, GAUGE32).hex()
    ('0201ff', '420200c8')
    """
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


@lru_cache(maxsize=65536)
def oid(value: Oid) -> bytes:
    """Encode an object identifier.

    >>> oid((1, 3, 6, 1, 2, 1, 1, 5, 0)).hex()
    '06082b06010201010500'
    """
    return tlv(OBJECT_ID, b"".join(_base128(arc) for arc in (value[0] * 40 + value[1], *value[2:])))


def _base128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(0x80 | (arc & 0x7F))
    return bytes(reversed(digits))


class Reader:
    """Take one encoding after the other off some bytes.

    Every method raises EncodingError where the bytes are something else.
    """

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    @property
    def left(self) -> bool:
        """Tell whether bytes are left."""
        return self.at < len(self.data)

    def any(self) -> tuple[int, bytes]:
        """Take tag and content."""
        tag, size = self._byte(), self._byte()
        if size & 0x80:
            size = int.from_bytes(self._bytes(size & 0x7F), "big")
        return tag, self._bytes(size)

    def content(self, tag: int) -> bytes:
        """Take the content of what must have this tag."""
        found, content = self.any()
        if found != tag:
            message = f"tag {found:#x} where {tag:#x} belongs"
            raise EncodingError(message)
        return content

    def integer(self) -> int:
        """Take a whole number."""
        return int.from_bytes(self.content(INTEGER), "big", signed=True)

    def oid(self) -> Oid:
        """Take an object identifier."""
        arcs, arc = [], 0
        for byte in self.content(OBJECT_ID):
            arc = arc << 7 | byte & 0x7F
            if not byte & 0x80:
                arcs.append(arc)
                arc = 0
        if not arcs:
            message = "an object identifier without an arc"
            raise EncodingError(message)
        first = min(2, arcs[0] // 40)
        return (first, arcs[0] - 40 * first, *arcs[1:])

    def _byte(self) -> int:
        return self._bytes(1)[0]

    def _bytes(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            message = "the bytes end too early"
            raise EncodingError(message)
        self.at += count
        return self.data[self.at - count : self.at]
