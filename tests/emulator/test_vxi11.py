"""The VXI-11 face, call by call, as a client sees it (VXI-11 revision 1.0 over RFC 5531)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from harness.emulator import oncrpc
from harness.emulator.oncrpc import opaque, unsigned
from harness.emulator.scpi import Scpi
from harness.emulator.vxi11 import ABORT, ASYNC, CLEAR, CORE, CREATE_LINK, DESTROY_LINK, LOCK, READ, WRITE, Vxi11Server
from harness.emulator.wt333e import Instrument

IDENTITY = b"YOKOGAWA,WT333E,EMULATED-A,F1.04\n"
CREDENTIALS = unsigned(0, 0, 0, 0)
END = 8


class Channel:
    """One TCP connection to a program."""

    def __init__(self, program: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.program, self.reader, self.writer = program, reader, writer
        self.numbers = count(1)

    @classmethod
    async def to(cls, program: int, port: int) -> "Channel":
        return cls(program, *await asyncio.open_connection("127.0.0.1", port))

    async def raw(self, record: bytes) -> oncrpc.Data:
        self.writer.write(record)
        async with asyncio.timeout(5):
            return oncrpc.Data(await oncrpc.receive(self.reader))

    async def ask(self, procedure: int, *arguments: bytes) -> oncrpc.Data:
        """Call a procedure and return its results."""
        number = next(self.numbers)
        head = unsigned(number, 0, 2, self.program, 1, procedure) + CREDENTIALS
        reply = await self.raw(oncrpc.marked(head + b"".join(arguments)))
        assert reply.unsigneds(6) == [number, 1, 0, 0, 0, 0]
        return reply

    async def link(self) -> int:
        error, number, _abort_port, largest = (
            await self.ask(CREATE_LINK, unsigned(1, 0, 0), opaque(b"inst0"))
        ).unsigneds(4)
        assert (error, largest) == (0, 1 << 20)
        return number

    async def write(self, link: int, words: bytes, flags: int = END) -> list[int]:
        return (await self.ask(WRITE, unsigned(link, 1000, 0, flags), opaque(words))).unsigneds(2)

    async def read(
        self, link: int, most: int = 1000, wait_ms: int = 2000, terminator: int | None = None
    ) -> tuple[int, int, bytes]:
        flags = (0, 0) if terminator is None else (128, terminator)
        reply = await self.ask(READ, unsigned(link, most, wait_ms, 0, *flags))
        return reply.unsigned(), reply.unsigned(), reply.opaque()


@dataclass
class Client:
    """A server and a connection to its core channel."""

    server: Vxi11Server
    core: Channel


Talk = Callable[[Client], Awaitable[None]]


@pytest.fixture
def served(bench: Callable[..., Any]) -> Callable[[Talk], None]:
    """Serve a meter and let a client talk to it; both are closed afterwards."""

    def run(talk: Talk) -> None:
        asyncio.run(_served(bench(), talk))

    return run


async def _served(bench: Any, talk: Talk) -> None:
    world = bench.world
    scpi = Scpi(Instrument(world, world.physics.power.feeds[0]), lambda: IDENTITY.decode().strip())
    server = Vxi11Server(world, "feed_a", scpi)
    await server.open()
    core = await Channel.to(CORE, server.port)
    try:
        await talk(Client(server, core))
    finally:
        await server.close()
        core.writer.close()


def test_reads_end_for_the_reasons_that_there_are(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        core, link = client.core, await client.core.link()
        assert await core.write(link, b"*IDN?\n") == [0, 6]
        assert await core.read(link, most=4) == (0, 1, b"YOKO")
        assert await core.read(link, terminator=ord(",")) == (0, 2, b"GAWA,")
        assert await core.read(link, terminator=ord("\n")) == (0, 2 | 4, IDENTITY[9:])
        await core.write(link, b"*IDN?")
        assert await core.read(link, most=len(IDENTITY)) == (0, 1 | 4, IDENTITY)

    served(talk)


def test_a_message_may_come_in_parts_and_a_call_in_fragments(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        core, link = client.core, await client.core.link()
        await core.write(link, b"*ID", flags=0)
        call = unsigned(99, 0, 2, CORE, 1, WRITE) + CREDENTIALS + unsigned(link, 0, 0, END) + opaque(b"N?")
        reply = await core.raw(unsigned(12) + call[:12] + oncrpc.marked(call[12:]))
        assert reply.unsigneds(8) == [99, 1, 0, 0, 0, 0, 0, 2]
        assert (await core.read(link))[2] == IDENTITY

    served(talk)


def test_a_read_without_a_question_ends_in_time(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        assert await client.core.read(await client.core.link(), wait_ms=20) == (15, 0, b"")

    served(talk)


def test_a_read_is_aborted_by_the_other_channel(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        link = await client.core.link()
        reading = asyncio.ensure_future(client.core.read(link, wait_ms=4_000_000))
        aborting = await Channel.to(ASYNC, client.server.abort_port)
        while not reading.done():  # an abort before the read has begun is nobody's
            assert (await aborting.ask(ABORT, unsigned(link))).unsigned() == 0
            await asyncio.wait([reading], timeout=0.01)
        assert reading.result() == (23, 0, b"")
        assert (await aborting.ask(ABORT, unsigned(link + 1))).unsigned() == 4
        aborting.writer.close()

    served(talk)


def test_what_there_is_not(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        core = client.core
        assert (await core.ask(CREATE_LINK, unsigned(1, 0, 0), opaque(b"gpib0,7"))).unsigned() == 3
        assert await core.write(77, b"*IDN?") == [4, 0]
        assert await core.read(77) == (4, 0, b"")
        assert (await core.ask(LOCK, unsigned(77, 0, 0))).unsigned() == 8
        assert (await core.ask(DESTROY_LINK, unsigned(77))).unsigned() == 4

    served(talk)


def test_a_clear_drops_the_response(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        core, link = client.core, await client.core.link()
        await core.write(link, b"*IDN?")
        assert (await core.ask(CLEAR, unsigned(link, 0, 0, 0))).unsigned() == 0
        assert (await core.read(link, wait_ms=20))[0] == 15
        await core.write(link, b":STAT:ERR?")
        assert (await core.read(link))[2] == b'0,"No error"\n'

    served(talk)


def test_links_go_with_their_connection(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        other = await Channel.to(CORE, client.server.port)
        mine, theirs = await client.core.link(), await other.link()
        assert await client.core.write(theirs, b"*IDN?") == [4, 0]
        other.writer.close()
        async with asyncio.timeout(5):
            while theirs in client.server.links:
                await client.core.ask(0)
        assert list(client.server.links) == [mine]

    served(talk)


@pytest.mark.parametrize(
    ("call", "reply"),
    [
        ((2, CORE, 1, 0), [1, 0, 0, 0, 0]),
        ((3, CORE, 1, 0), [1, 1, 0, 2, 2]),
        ((2, ASYNC, 1, 1), [1, 0, 0, 0, 1]),
        ((2, CORE, 7, 10), [1, 0, 0, 0, 2, 1, 1]),
        ((2, CORE, 1, 99), [1, 0, 0, 0, 3]),
        ((2, CORE, 1, READ), [1, 0, 0, 0, 4]),
    ],
)
def test_calls_are_taken_or_denied_as_the_rfc_says(
    served: Callable[[Talk], None], call: tuple[int, ...], reply: list[int]
) -> None:
    async def talk(client: Client) -> None:
        heard = await client.core.raw(oncrpc.marked(unsigned(5, 0, *call) + CREDENTIALS))
        assert heard.unsigneds(1 + len(reply)) == [5, *reply]

    served(talk)


@pytest.mark.parametrize("words", [b"*IDN?\n*IDN?\n", b"\x80\x00\x00\x04abcd", b"\x00\x00\x00\x00\x80\x00\x00\x00"])
def test_rubbish_is_hung_up_on(served: Callable[[Talk], None], words: bytes) -> None:
    async def talk(client: Client) -> None:
        client.core.writer.write(words)
        async with asyncio.timeout(5):
            assert await client.core.reader.read(1) == b""

    served(talk)
