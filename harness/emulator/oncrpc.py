"""ONC remote procedure calls over TCP as far as a server needs them (RFC 5531; data as in RFC 4506)."""

import asyncio
import struct
from dataclasses import dataclass

LAST_FRAGMENT = 0x80000000
LONGEST_RECORD = 1 << 21
VERSION = 2
_CALL, _REPLY = 0, 1
_ACCEPTED, _DENIED = 0, 1
_RPC_MISMATCH = 0
SUCCESS, PROGRAM_UNAVAILABLE, PROGRAM_MISMATCH, PROCEDURE_UNAVAILABLE, GARBAGE_ARGUMENTS = range(5)


class BadRecord(ConnectionError):
    """Bytes that are no record of calls: nothing that follows on the connection can be understood."""


class BadArguments(ValueError):
    """Arguments that end too early."""


class Data:
    """Take one value after the other off some bytes; every method raises BadArguments where they end too early."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def unsigned(self) -> int:
        """Take an unsigned integer."""
        return int.from_bytes(self._bytes(4), "big")

    def unsigneds(self, count: int) -> list[int]:
        """Take `count` unsigned integers; enumerations and booleans are encoded alike."""
        return [self.unsigned() for _ in range(count)]

    def opaque(self) -> bytes:
        """Take opaque data or a string of variable length."""
        size = self.unsigned()
        content = self._bytes(size)
        self._bytes(-size % 4)
        return content

    def _bytes(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            raise BadArguments("the arguments end too early")
        self._at += count
        return self._data[self._at - count : self._at]


def unsigned(*values: int) -> bytes:
    """Encode unsigned integers."""
    return struct.pack(f"!{len(values)}I", *values)


def opaque(data: bytes) -> bytes:
    """Encode opaque data of variable length.

    >>> opaque(b"12345").hex(" ", 4)
    '00000005 31323334 35000000'
    """
    return unsigned(len(data)) + data + bytes(-len(data) % 4)


@dataclass(frozen=True, slots=True)
class Call:
    """A call; `arguments` are still encoded."""

    number: int
    program: int
    version: int
    procedure: int
    arguments: Data


def call(record: bytes) -> Call | bytes:
    """Read a call, or return the reply that denies it. Raises BadRecord where the record is no call."""
    data = Data(record)
    try:
        number, kind, version = data.unsigneds(3)
        if kind != _CALL:
            raise BadRecord("a reply where a call belongs")
        if version != VERSION:
            return unsigned(number, _REPLY, _DENIED, _RPC_MISMATCH, VERSION, VERSION)
        program, program_version, procedure = data.unsigneds(3)
        for _ in ("credentials", "verifier"):
            data.unsigned()
            data.opaque()
    except BadArguments as error:
        raise BadRecord("a record that is no call") from error
    return Call(number, program, program_version, procedure, data)


def accepted(number: int, status: int, results: bytes = b"") -> bytes:
    """Encode the reply to a call that was accepted, with an empty verifier."""
    return unsigned(number, _REPLY, _ACCEPTED, 0, 0, status) + results


def marked(record: bytes) -> bytes:
    """Return a record as one fragment, its last (record marking, RFC 5531 section 11).

    >>> marked(b"1234").hex(" ", 4)
    '80000004 31323334'
    """
    return unsigned(LAST_FRAGMENT | len(record)) + record


async def receive(reader: asyncio.StreamReader) -> bytes:
    """Read a record of one or more fragments. Raises BadRecord where it is too long to be one of ours."""
    record, last = b"", False
    while not last:
        mark = int.from_bytes(await reader.readexactly(4), "big")
        last, size = bool(mark & LAST_FRAGMENT), mark & ~LAST_FRAGMENT
        if len(record) + size > LONGEST_RECORD or not (size or last):
            raise BadRecord("a record that is too long or has an empty fragment")
        record += await reader.readexactly(size)
    return record
