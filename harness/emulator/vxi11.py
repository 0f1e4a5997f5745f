"""An instrument's VXI-11 face (TCP/IP Instrument Protocol, revision 1.0): core and abort channel.

Locks, service requests and the interrupt channel are refused as not supported. There is no port mapper: the address
names the port of the core channel.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count

from harness.emulator import oncrpc
from harness.emulator.exchange import Exchange
from harness.emulator.listener import Listener
from harness.emulator.scpi import Scpi
from harness.emulator.sockets import after, hang_up
from harness.emulator.tampering import cut
from harness.emulator.vxi11_link import INVALID_LINK, NOT_ACCESSIBLE, NOT_SUPPORTED, OK, PARAMETER, Link
from harness.emulator.world import World

CORE, ASYNC = 0x0607AF, 0x0607B0
VERSION = 1
DEVICE = b"inst0"
LARGEST = 1 << 20
"""The most data that one device_write takes, bytes."""

ABORT = 1
CREATE_LINK, WRITE, READ, READ_STATUS, TRIGGER, CLEAR, GO_REMOTE, GO_LOCAL = range(10, 18)
LOCK, UNLOCK, ENABLE_SRQ, DO_COMMAND, DESTROY_LINK, CREATE_INTERRUPT, DESTROY_INTERRUPT = 18, 19, 20, 22, 23, 25, 26

END, TERMINATOR_SET = 8, 128
"""Operation flags (B.5.3)."""


class Client:
    """One connection to the core channel, and the links that it holds; they go when it does."""

    def __init__(self, server: "Vxi11Server", writer: asyncio.StreamWriter) -> None:
        self.server, self.exchange, self.writer = server, server.exchange, writer
        self.mine: set[int] = set()

    async def answer(self, call: oncrpc.Call) -> bytes:
        """Return the reply to a call of the core program, marked as a record."""
        record = await _reply(call, CORE, partial(_core, self))
        return cut(self.exchange.wire, oncrpc.marked(record)) if call.procedure == READ else oncrpc.marked(record)

    def close(self) -> None:
        """Destroy the links that are left."""
        for number in self.mine:
            del self.server.links[number]
        self.mine.clear()

    # the procedures of the core channel (B.6): arguments in, results out

    async def create_link(self, data: oncrpc.Data) -> bytes:
        """Create a link: client, whether to lock, time-out, device."""
        _client, lock, _wait = data.unsigneds(3)
        if data.opaque() != DEVICE or lock:
            return oncrpc.unsigned(NOT_SUPPORTED if lock else NOT_ACCESSIBLE, 0, 0, 0)
        number = self.server.new_link()
        self.mine.add(number)
        return oncrpc.unsigned(OK, number, self.server.abort_port, LARGEST)

    async def write(self, data: oncrpc.Data) -> bytes:
        """Take a message or a part of one: link, two time-outs, flags, data."""
        number, _wait, _lock, flags = data.unsigneds(4)
        content = data.opaque()
        link = self._link(number)
        if link is None or len(content) > LARGEST:
            return oncrpc.unsigned(PARAMETER if link else INVALID_LINK, 0)
        self._pass()
        if link.waiting or link.answering:
            self.exchange.interrupt()
            link.forget()
        link.received += content
        if flags & END:
            self._respond(link)
        return oncrpc.unsigned(OK, len(content))

    def _respond(self, link: Link) -> None:
        message, link.received = link.received, b""
        response = self.exchange.respond(message)
        if response is not None:
            question = link.ask()
            after(self.exchange.wire.slow, lambda: link.deliver(question, response))

    async def read(self, data: oncrpc.Data) -> bytes:
        """Give a response or a part of one: link, most bytes, two time-outs in ms, flags, terminator."""
        number, most, wait_ms, _lock, flags, terminator = data.unsigneds(6)
        link = self._link(number)
        error = INVALID_LINK if link is None else await link.ready(wait_ms / 1000.0)
        self._pass()
        if link is None or error:
            return oncrpc.unsigned(error, 0) + oncrpc.opaque(b"")
        reason, content = link.take(most, terminator & 0xFF if flags & TERMINATOR_SET else None)
        return oncrpc.unsigned(OK, reason) + oncrpc.opaque(content)

    async def read_status(self, data: oncrpc.Data) -> bytes:
        """Tell the status byte."""
        link = self._link(data.unsigned())
        if link is None:
            return oncrpc.unsigned(INVALID_LINK, 0)
        return oncrpc.unsigned(OK, self.exchange.status(waiting=bool(link.waiting)))

    async def clear(self, data: oncrpc.Data) -> bytes:
        """Clear the device: what has come in and what waits to be read is dropped."""
        link = self._link(data.unsigned())
        if link is not None:
            link.forget()
        return oncrpc.unsigned(INVALID_LINK if link is None else OK)

    async def trigger(self, data: oncrpc.Data) -> bytes:
        """Take a trigger, which this instrument does not use."""
        return oncrpc.unsigned(INVALID_LINK if self._link(data.unsigned()) is None else OK)

    async def go(self, data: oncrpc.Data, *, remote: bool) -> bytes:
        """Become remote or local."""
        if self._link(data.unsigned()) is None:
            return oncrpc.unsigned(INVALID_LINK)
        self.exchange.scpi.remote = remote
        return oncrpc.unsigned(OK)

    async def destroy_link(self, data: oncrpc.Data) -> bytes:
        """Destroy a link."""
        number = data.unsigned()
        if self._link(number) is None:
            return oncrpc.unsigned(INVALID_LINK)
        del self.server.links[number]
        self.mine.discard(number)
        return oncrpc.unsigned(OK)

    async def refuse(self, _data: oncrpc.Data) -> bytes:
        """Refuse what this instrument does not have."""
        return oncrpc.unsigned(NOT_SUPPORTED)

    async def refuse_command(self, _data: oncrpc.Data) -> bytes:
        """Refuse device_docmd, whose results carry data."""
        return oncrpc.unsigned(NOT_SUPPORTED) + oncrpc.opaque(b"")

    def _link(self, number: int) -> Link | None:
        return self.server.links[number] if number in self.mine else None

    def _pass(self) -> None:
        """Reset the connection where the wire does. Raises ConnectionResetError then."""
        if self.exchange.wire.reset:
            hang_up(self.writer.transport)
            raise ConnectionResetError("reset by a fault")


Procedure = Callable[[Client, oncrpc.Data], Awaitable[bytes]]

_REFUSED: dict[int, Procedure] = dict.fromkeys(
    (LOCK, UNLOCK, ENABLE_SRQ, CREATE_INTERRUPT, DESTROY_INTERRUPT), Client.refuse
)
PROCEDURES: dict[int, Procedure] = _REFUSED | {
    CREATE_LINK: Client.create_link,
    WRITE: Client.write,
    READ: Client.read,
    READ_STATUS: Client.read_status,
    TRIGGER: Client.trigger,
    CLEAR: Client.clear,
    GO_REMOTE: partial(Client.go, remote=True),
    GO_LOCAL: partial(Client.go, remote=False),
    DESTROY_LINK: Client.destroy_link,
    DO_COMMAND: Client.refuse_command,
}


async def _core(client: Client, procedure: int, data: oncrpc.Data) -> bytes | None:
    return await PROCEDURES[procedure](client, data) if procedure in PROCEDURES else None


async def _reply(call: oncrpc.Call, program: int, run: Callable[[int, oncrpc.Data], Awaitable[bytes | None]]) -> bytes:
    """Return the reply to a call of the one program that a channel serves; procedure 0 does nothing, by custom."""
    if call.program != program:
        return oncrpc.accepted(call.number, oncrpc.PROGRAM_UNAVAILABLE)
    if call.version != VERSION:
        versions = oncrpc.unsigned(VERSION, VERSION)
        return oncrpc.accepted(call.number, oncrpc.PROGRAM_MISMATCH, versions)
    if call.procedure == 0:
        return oncrpc.accepted(call.number, oncrpc.SUCCESS)
    try:
        results = await run(call.procedure, call.arguments)
    except oncrpc.BadArguments:
        return oncrpc.accepted(call.number, oncrpc.GARBAGE_ARGUMENTS)
    if results is None:
        return oncrpc.accepted(call.number, oncrpc.PROCEDURE_UNAVAILABLE)
    return oncrpc.accepted(call.number, oncrpc.SUCCESS, results)


class Vxi11Server:
    """An instrument's core channel, whose port the address names, and its abort channel."""

    def __init__(self, world: World, device: str, scpi: Scpi) -> None:
        self.exchange = Exchange(world, device, scpi)
        self.port = self.abort_port = 0
        self.links: dict[int, Link] = {}
        self._numbers = count(1)
        self._core, self._abort = Listener(self._serve_core), Listener(self._serve_abort)

    async def open(self) -> None:
        """Listen; `port` is known afterwards."""
        self.abort_port = await self._abort.open()
        self.port = await self._core.open()

    def refuse(self) -> None:
        """Stop listening and drop whoever is connected."""
        self._core.refuse()
        self._abort.refuse()

    async def close(self) -> None:
        """Close both ports and every connection."""
        await self._core.close()
        await self._abort.close()

    def new_link(self) -> int:
        """Create a link and return its number."""
        number = next(self._numbers)
        self.links[number] = Link()
        return number

    async def _serve_core(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(self, writer)
        try:
            await _serve(reader, writer, client.answer)
        finally:
            client.close()

    async def _serve_abort(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def answer(call: oncrpc.Call) -> bytes:
            return oncrpc.marked(await _reply(call, ASYNC, self._device_abort))

        await _serve(reader, writer, answer)

    async def _device_abort(self, procedure: int, data: oncrpc.Data) -> bytes | None:
        if procedure != ABORT:
            return None
        link = self.links.get(data.unsigned())
        if link is not None:
            link.abort()
        return oncrpc.unsigned(INVALID_LINK if link is None else OK)


async def _serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Callable[[oncrpc.Call], Awaitable[bytes]]
) -> None:
    while True:
        found = oncrpc.call(await oncrpc.receive(reader))
        writer.write(oncrpc.marked(found) if isinstance(found, bytes) else await answer(found))
        await writer.drain()
