"""The messages of HiSLIP as bytes (IVI-6.1 revision 1.1, clauses 2 and 6)."""

import asyncio
import struct
from dataclasses import dataclass
from enum import IntEnum

_HEADER = struct.Struct("!2sBBIQ")
PROLOGUE = b"HS"
LARGEST = 1 << 20
"""The largest message that the server takes, bytes, header included."""


class Kind(IntEnum):
    """Types of message."""

    INITIALIZE = 0
    INITIALIZE_RESPONSE = 1
    FATAL_ERROR = 2
    ERROR = 3
    ASYNC_LOCK = 4
    ASYNC_LOCK_RESPONSE = 5
    DATA = 6
    DATA_END = 7
    DEVICE_CLEAR_COMPLETE = 8
    DEVICE_CLEAR_ACKNOWLEDGE = 9
    ASYNC_REMOTE_LOCAL_CONTROL = 10
    ASYNC_REMOTE_LOCAL_RESPONSE = 11
    TRIGGER = 12
    INTERRUPTED = 13
    ASYNC_INTERRUPTED = 14
    ASYNC_MAXIMUM_MESSAGE_SIZE = 15
    ASYNC_MAXIMUM_MESSAGE_SIZE_RESPONSE = 16
    ASYNC_INITIALIZE = 17
    ASYNC_INITIALIZE_RESPONSE = 18
    ASYNC_DEVICE_CLEAR = 19
    ASYNC_SERVICE_REQUEST = 20
    ASYNC_STATUS_QUERY = 21
    ASYNC_STATUS_RESPONSE = 22
    ASYNC_DEVICE_CLEAR_ACKNOWLEDGE = 23
    ASYNC_LOCK_INFO = 24
    ASYNC_LOCK_INFO_RESPONSE = 25


class Fatal(Exception):
    """What ends both channels: a fatal error code and a text."""

    POOR_HEADER, NOT_ESTABLISHED, BAD_INITIALIZATION = 1, 2, 3

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class Refusal(Exception):
    """What the server does not take and goes on after: an error code and a text."""

    UNIDENTIFIED, UNKNOWN_TYPE, UNKNOWN_CONTROL, UNKNOWN_VENDOR_TYPE, TOO_LARGE = range(5)

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True, slots=True)
class Frame:
    """One message; `kind` stays a number, because a peer may send any."""

    kind: int
    control: int = 0
    parameter: int = 0
    payload: bytes = b""

    def encoded(self) -> bytes:
        """Return the bytes of the message.

        >>> Frame(Kind.DATA_END, 1, 0xFFFFFF00, b"x").encoded().hex(" ", 4)
        '48530701 ffffff00 00000000 00000001 78'
        """
        header = _HEADER.pack(PROLOGUE, self.kind, self.control, self.parameter, len(self.payload))
        return header + self.payload


async def receive(reader: asyncio.StreamReader) -> Frame:
    """Read one message.

    Raises Fatal where it is none, Refusal where it is too large (it has been read over then), IncompleteReadError where
    the peer hangs up.
    """
    # the first two bytes alone: who speaks another protocol may never send sixteen
    start = await reader.readexactly(len(PROLOGUE))
    if start != PROLOGUE:
        raise Fatal(Fatal.POOR_HEADER, "Poorly formed message header")
    rest = await reader.readexactly(_HEADER.size - len(PROLOGUE))
    _, kind, control, parameter, size = _HEADER.unpack(start + rest)
    if size > LARGEST - _HEADER.size:
        await _read_over(reader, size)
        raise Refusal(Refusal.TOO_LARGE, "Message too large")
    return Frame(kind, control, parameter, await reader.readexactly(size))


async def _read_over(reader: asyncio.StreamReader, size: int) -> None:
    while size:
        size -= len(await reader.readexactly(min(size, LARGEST)))


def in_frames(response: bytes, number: int, largest: int) -> bytes:
    """Return a response as messages of at most `largest` bytes, all with the MessageID `number`.

    >>> [in_frames(b"abc", 2, 18)[n] for n in (2, 20)]
    [6, 7]
    """
    size = max(1, largest - _HEADER.size)
    parts = [response[start : start + size] for start in range(0, len(response), size)]
    frames = [Frame(Kind.DATA, 0, number, part) for part in parts[:-1]]
    return b"".join(frame.encoded() for frame in [*frames, Frame(Kind.DATA_END, 0, number, parts[-1])])
