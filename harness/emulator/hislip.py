"""An instrument's HiSLIP face (IVI-6.1 revision 1.1): synchronized mode, no locks, no service requests.

A client is a pair of TCP connections to the one port: the synchronous channel carries commands and responses, the
asynchronous one what must not wait behind them.
"""

import asyncio
import struct
from collections.abc import Callable, Mapping
from itertools import count

from harness.emulator.exchange import Exchange
from harness.emulator.hislip_frames import LARGEST, Fatal, Frame, Kind, Refusal, in_frames, receive
from harness.emulator.listener import Listener
from harness.emulator.scpi import Scpi
from harness.emulator.sockets import after, hang_up
from harness.emulator.tampering import cut
from harness.emulator.world import World

SUB_ADDRESS = b"hislip0"
VERSION = 0x0100
VENDOR = int.from_bytes(b"XX", "big")
RMT_DELIVERED = 1
"""Bit 0 of a client's control code: the last response was read to its end (clause 3.1.1)."""

UNNEGOTIATED = 272
"""The largest message before its size is agreed on: 256 bytes behind a header."""

LOCK_ERROR = 3
REMOTE = {0: False, 1: True, 2: False, 3: True, 4: True, 5: True, 6: False}
"""Control codes of AsyncRemoteLocalControl and whether the instrument is remote afterwards."""


class Session:
    """One client: its channels, and how far its exchange of messages is.

    `answering` is the MessageID of the question whose response is still to go out, `unread` tells whether the last
    response that went out has not been read yet.
    """

    def __init__(self, number: int, exchange: Exchange, synchronous: asyncio.StreamWriter) -> None:
        self.number, self.exchange, self.synchronous = number, exchange, synchronous
        self.asynchronous: asyncio.StreamWriter | None = None
        self.largest = UNNEGOTIATED
        self.clearing = False
        self.forget()

    @property
    def channels(self) -> list[asyncio.StreamWriter]:
        """The channels that are established."""
        return [writer for writer in (self.synchronous, self.asynchronous) if writer is not None]

    def forget(self) -> None:
        """Empty the input buffer and the output queue."""
        self.received, self.unread = b"", False
        self.answering: int | None = None

    def close(self) -> None:
        """Close both channels: neither lives without the other."""
        self.forget()
        for writer in self.channels:
            writer.close()

    # the synchronous channel

    def data(self, frame: Frame) -> None:
        """Take a part of a message. Raises Refusal where the parts become too many."""
        if not self._passes(frame):
            return
        self.received += frame.payload
        if len(self.received) > LARGEST:
            self.forget()
            raise Refusal(Refusal.TOO_LARGE, "Message too large")

    def data_end(self, frame: Frame) -> None:
        """Take the end of a message and see to its response."""
        if not self._passes(frame):
            return
        message, self.received = self.received + frame.payload, b""
        response = self.exchange.respond(message)
        if response is not None:
            self.answering = frame.parameter
            after(self.exchange.wire.slow, lambda: self._reply(frame.parameter, response))

    def trigger(self, frame: Frame) -> None:
        """Take a trigger, which this instrument does not use."""
        self._passes(frame)

    def clear_complete(self, _frame: Frame) -> None:
        """End a device clear (clause 6.12)."""
        self.clearing = False
        self._say(Frame(Kind.DEVICE_CLEAR_ACKNOWLEDGE))

    def _passes(self, frame: Frame) -> bool:
        """Tell whether a message reaches the instrument, and note where it interrupts a response (clause 3.1.1)."""
        if self.exchange.wire.reset:
            for writer in self.channels:
                hang_up(writer.transport)
            return False
        if self.clearing:
            return False
        if self.answering is not None or (self.unread and not frame.control & RMT_DELIVERED):
            self.exchange.interrupt()
            self._say(Frame(Kind.INTERRUPTED, 0, frame.parameter))
            self._say_aside(Frame(Kind.ASYNC_INTERRUPTED, 0, frame.parameter))
        self.unread, self.answering = False, None
        return True

    def _reply(self, number: int, response: bytes) -> None:
        """Send a response unless its question has been cleared or overtaken."""
        if self.answering == number:
            self.answering, self.unread = None, True
            self.synchronous.write(cut(self.exchange.wire, in_frames(response, number, self.largest)))

    def _say(self, frame: Frame) -> None:
        self.synchronous.write(frame.encoded())

    # the asynchronous channel

    def clear(self, _frame: Frame) -> None:
        """Begin a device clear: what comes on the synchronous channel is dropped until it is complete."""
        self.forget()
        self.clearing = True
        self._say_aside(Frame(Kind.ASYNC_DEVICE_CLEAR_ACKNOWLEDGE))

    def agree_on_size(self, frame: Frame) -> None:
        """Learn the client's largest message and tell ours."""
        if len(frame.payload) != 8:
            raise Refusal(Refusal.UNIDENTIFIED, "AsyncMaximumMessageSize carries eight bytes")
        self.largest = min(LARGEST, *struct.unpack("!Q", frame.payload))
        size = struct.pack("!Q", LARGEST)
        self._say_aside(Frame(Kind.ASYNC_MAXIMUM_MESSAGE_SIZE_RESPONSE, 0, 0, size))

    def status(self, frame: Frame) -> None:
        """Tell the status byte."""
        if frame.control & RMT_DELIVERED:
            self.unread = False
        self._say_aside(Frame(Kind.ASYNC_STATUS_RESPONSE, self.exchange.status(waiting=self.unread)))

    def remote(self, frame: Frame) -> None:
        """Become remote or local. Raises Refusal for a control code that there is not."""
        if frame.control not in REMOTE:
            raise Refusal(Refusal.UNKNOWN_CONTROL, "Unrecognized control code")
        self.exchange.scpi.remote = REMOTE[frame.control]
        self._say_aside(Frame(Kind.ASYNC_REMOTE_LOCAL_RESPONSE))

    def lock(self, _frame: Frame) -> None:
        """Refuse a lock: this instrument has none."""
        self._say_aside(Frame(Kind.ASYNC_LOCK_RESPONSE, LOCK_ERROR))

    def lock_info(self, _frame: Frame) -> None:
        """Tell that nobody holds a lock."""
        self._say_aside(Frame(Kind.ASYNC_LOCK_INFO_RESPONSE))

    def _say_aside(self, frame: Frame) -> None:
        if self.asynchronous is not None:
            self.asynchronous.write(frame.encoded())


Handlers = Mapping[int, Callable[[Session, Frame], None]]

SYNCHRONOUS: Handlers = {
    Kind.DATA: Session.data,
    Kind.DATA_END: Session.data_end,
    Kind.TRIGGER: Session.trigger,
    Kind.DEVICE_CLEAR_COMPLETE: Session.clear_complete,
}
ASYNCHRONOUS: Handlers = {
    Kind.ASYNC_DEVICE_CLEAR: Session.clear,
    Kind.ASYNC_MAXIMUM_MESSAGE_SIZE: Session.agree_on_size,
    Kind.ASYNC_STATUS_QUERY: Session.status,
    Kind.ASYNC_REMOTE_LOCAL_CONTROL: Session.remote,
    Kind.ASYNC_LOCK: Session.lock,
    Kind.ASYNC_LOCK_INFO: Session.lock_info,
}


def handle(session: Session, handlers: Handlers, frame: Frame) -> None:
    """Do what a message asks for on a channel. Raises Fatal or Refusal, ConnectionError where the client gives up."""
    if frame.kind in {Kind.INITIALIZE, Kind.ASYNC_INITIALIZE}:
        raise Fatal(Fatal.BAD_INITIALIZATION, "Invalid initialization sequence")
    if frame.kind == Kind.FATAL_ERROR:
        raise ConnectionAbortedError("the client gave up")
    if session.asynchronous is None:
        raise Fatal(Fatal.NOT_ESTABLISHED, "Attempt to use connection without both channels established")
    if frame.kind in handlers:
        handlers[frame.kind](session, frame)
    elif frame.kind != Kind.ERROR:
        vendor = frame.kind >= 128
        code = Refusal.UNKNOWN_VENDOR_TYPE if vendor else Refusal.UNKNOWN_TYPE
        raise Refusal(code, "Unrecognized vendor defined message" if vendor else "Unrecognized message type")


class HislipServer:
    """An instrument's HiSLIP port."""

    def __init__(self, world: World, device: str, scpi: Scpi) -> None:
        self.exchange = Exchange(world, device, scpi)
        self.port = 0
        self._listener = Listener(self._converse)
        self._sessions: dict[int, Session] = {}
        self._numbers = count(1)

    async def open(self) -> None:
        """Listen; `port` is known afterwards."""
        self.port = await self._listener.open()

    def refuse(self) -> None:
        """Stop listening and drop whoever is connected."""
        self._listener.refuse()

    async def close(self) -> None:
        """Close the port and every connection."""
        await self._listener.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            session, handlers = self._begin(await receive(reader), writer)
        except (Fatal, Refusal) as fault:
            code = fault.code if isinstance(fault, Fatal) else Fatal.BAD_INITIALIZATION
            writer.write(Frame(Kind.FATAL_ERROR, code, 0, fault.text.encode()).encoded())
            return
        try:
            while True:
                await writer.drain()
                await _take(session, handlers, reader, writer)
        except Fatal as fault:
            writer.write(Frame(Kind.FATAL_ERROR, fault.code, 0, fault.text.encode()).encoded())
        finally:
            self._sessions.pop(session.number, None)
            session.close()

    def _begin(self, first: Frame, writer: asyncio.StreamWriter) -> tuple[Session, Handlers]:
        """Establish the channel that the first message asks for (clause 6.1). Raises Fatal where it asks for none."""
        if first.kind == Kind.INITIALIZE and first.payload in {SUB_ADDRESS, b""}:
            session = self._new_session(writer)
            writer.write(Frame(Kind.INITIALIZE_RESPONSE, 0, VERSION << 16 | session.number).encoded())
            return session, SYNCHRONOUS
        known = self._sessions.get(first.parameter) if first.kind == Kind.ASYNC_INITIALIZE else None
        if known is None or known.asynchronous is not None:
            raise Fatal(Fatal.BAD_INITIALIZATION, "Invalid initialization sequence")
        known.asynchronous = writer
        writer.write(Frame(Kind.ASYNC_INITIALIZE_RESPONSE, 0, VENDOR).encoded())
        return known, ASYNCHRONOUS

    def _new_session(self, writer: asyncio.StreamWriter) -> Session:
        number = next(number & 0xFFFF for number in self._numbers if number & 0xFFFF not in self._sessions)
        self._sessions[number] = Session(number, self.exchange, writer)
        return self._sessions[number]


async def _take(
    session: Session, handlers: Handlers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        handle(session, handlers, await receive(reader))
    except Refusal as refusal:
        writer.write(Frame(Kind.ERROR, refusal.code, 0, refusal.text.encode()).encoded())
