"""The HiSLIP face, message by message, as a client sees it (IVI-6.1)."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from harness.emulator.hislip import HislipServer
from harness.emulator.hislip_frames import Frame, Kind, receive
from harness.emulator.scpi import Scpi
from harness.emulator.wt333e import Instrument

IDENTITY = "YOKOGAWA,WT333E,EMULATED-A,F1.04"
FIRST = 0xFFFFFF00


class Channel:
    """One TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, server: HislipServer) -> "Channel":
        return cls(*await asyncio.open_connection("127.0.0.1", server.port))

    def say(self, kind: int, control: int = 0, parameter: int = 0, payload: bytes = b"") -> None:
        self.writer.write(Frame(kind, control, parameter, payload).encoded())

    async def hear(self) -> Frame:
        async with asyncio.timeout(5):
            return await receive(self.reader)

    async def ask(self, kind: int, control: int = 0, parameter: int = 0, payload: bytes = b"") -> Frame:
        self.say(kind, control, parameter, payload)
        return await self.hear()

    async def ended(self) -> bool:
        async with asyncio.timeout(5):
            return await self.reader.read(1) == b""


@dataclass
class Client:
    """Both channels of an established session."""

    server: HislipServer
    main: Channel
    aside: Channel


Talk = Callable[[Client], Awaitable[None]]


@pytest.fixture
def served(bench: Callable[..., Any]) -> Callable[[Talk], None]:
    """Serve a meter and let a client talk to it; both are closed afterwards."""

    def run(talk: Talk) -> None:
        asyncio.run(_served(bench(), talk))

    return run


async def _served(bench: Any, talk: Talk) -> None:
    world = bench.world
    server = HislipServer(world, "feed_a", Scpi(Instrument(world, world.physics.power.feeds[0]), lambda: IDENTITY))
    await server.open()
    main, aside = await Channel.to(server), await Channel.to(server)
    try:
        await talk(Client(server, main, aside))
    finally:
        await server.close()
        for channel in (main, aside):
            channel.writer.close()


async def established(client: Client) -> None:
    first = await client.main.ask(Kind.INITIALIZE, 0, 0x01007878, b"hislip0")
    assert (first.kind, first.control, first.parameter >> 16) == (Kind.INITIALIZE_RESPONSE, 0, 0x0100)
    second = await client.aside.ask(Kind.ASYNC_INITIALIZE, 0, first.parameter & 0xFFFF)
    assert second.kind == Kind.ASYNC_INITIALIZE_RESPONSE


def test_a_response_carries_the_number_of_its_question(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        await established(client)
        client.main.say(Kind.DATA, 0, FIRST, b"*ID")
        reply = await client.main.ask(Kind.DATA_END, 0, FIRST + 2, b"N?\n")
        assert reply == Frame(Kind.DATA_END, 0, FIRST + 2, f"{IDENTITY}\n".encode())

    served(talk)


def test_sizes_are_agreed_on_and_kept(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        await established(client)
        agreed = await client.aside.ask(Kind.ASYNC_MAXIMUM_MESSAGE_SIZE, payload=struct.pack("!Q", 36))
        assert (agreed.kind, len(agreed.payload)) == (Kind.ASYNC_MAXIMUM_MESSAGE_SIZE_RESPONSE, 8)
        parts = [await client.main.ask(Kind.DATA_END, 0, FIRST, b"*IDN?"), await client.main.hear()]
        assert [part.kind for part in parts] == [Kind.DATA, Kind.DATA_END]
        assert [len(part.payload) for part in parts] == [20, 13]

    served(talk)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (b"*IDN?\n", 1),
        (Frame(Kind.DATA_END, 0, FIRST, b"*IDN?").encoded(), 3),
        (Frame(Kind.INITIALIZE, 0, 0x01007878, b"hislip7").encoded(), 3),
        (Frame(Kind.ASYNC_INITIALIZE, 0, 77).encoded(), 3),
        (Frame(Kind.INITIALIZE, 0, 0x01007878, b"x" * (1 << 20)).encoded(), 3),
    ],
)
def test_who_does_not_begin_properly_is_sent_away(served: Callable[[Talk], None], words: bytes, code: int) -> None:
    async def talk(client: Client) -> None:
        client.main.writer.write(words)
        reply = await client.main.hear()
        assert (reply.kind, reply.control) == (Kind.FATAL_ERROR, code)
        assert await client.main.ended()

    served(talk)


def test_one_channel_is_no_session(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        await client.main.ask(Kind.INITIALIZE, 0, 0x01007878, b"hislip0")
        reply = await client.main.ask(Kind.DATA_END, 0, FIRST, b"*IDN?")
        assert (reply.kind, reply.control) == (Kind.FATAL_ERROR, 2)

    served(talk)


def test_no_channel_is_established_twice(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        await established(client)
        reply = await client.main.ask(Kind.INITIALIZE, 0, 0x01007878, b"hislip0")
        assert (reply.kind, reply.control) == (Kind.FATAL_ERROR, 3)
        assert await client.aside.ended()

    served(talk)


def test_a_bad_header_ends_both_channels(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        await established(client)
        client.main.writer.write(b"rubbish")
        reply = await client.main.hear()
        assert (reply.kind, reply.control) == (Kind.FATAL_ERROR, 1)
        assert await client.main.ended()
        assert await client.aside.ended()

    served(talk)


@pytest.mark.parametrize(
    ("kind", "payload", "code"),
    [(27, b"", 1), (200, b"x", 3), (Kind.ASYNC_STATUS_QUERY, b"", 1), (Kind.DATA_END, b"x" * (1 << 20), 4)],
)
def test_what_is_not_understood_is_an_error_and_no_more(
    served: Callable[[Talk], None], kind: int, payload: bytes, code: int
) -> None:
    async def talk(client: Client) -> None:
        await established(client)
        reply = await client.main.ask(kind, 0, FIRST, payload)
        assert (reply.kind, reply.control) == (Kind.ERROR, code)
        assert (await client.main.ask(Kind.DATA_END, 0, FIRST, b"*IDN?")).kind == Kind.DATA_END

    served(talk)


def test_an_unread_response_is_interrupted(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        await established(client)
        assert (await client.main.ask(Kind.DATA_END, 0, FIRST, b"*IDN?")).kind == Kind.DATA_END
        reply = await client.main.ask(Kind.DATA_END, 0, FIRST + 2, b":STAT:ERR?")
        assert (reply.kind, reply.parameter) == (Kind.INTERRUPTED, FIRST + 2)
        assert (await client.aside.hear()).kind == Kind.ASYNC_INTERRUPTED
        assert (await client.main.hear()).payload.startswith(b"410,")

    served(talk)


def test_the_status_byte_tells_of_a_response_until_it_is_read(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        await established(client)
        await client.main.ask(Kind.DATA_END, 0, FIRST, b"*IDN?")
        seen = [(await client.aside.ask(Kind.ASYNC_STATUS_QUERY, control, FIRST)).control for control in (0, 1, 0)]
        assert seen == [0x10, 0, 0]
        assert (await client.main.ask(Kind.DATA_END, 0, FIRST + 2, b":STAT:ERR?")).payload == b'0,"No error"\n'

    served(talk)


def test_a_device_clear_drops_what_was_on_its_way(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        await established(client)
        client.main.say(Kind.DATA, 0, FIRST, b":UNFINI")
        cleared = await client.aside.ask(Kind.ASYNC_DEVICE_CLEAR)
        assert cleared.kind == Kind.ASYNC_DEVICE_CLEAR_ACKNOWLEDGE
        client.main.say(Kind.DATA_END, 0, FIRST + 2, b"*IDN?")
        assert (await client.main.ask(Kind.DEVICE_CLEAR_COMPLETE)).kind == Kind.DEVICE_CLEAR_ACKNOWLEDGE
        assert (await client.main.ask(Kind.DATA_END, 0, FIRST, b":STAT:ERR?")).payload == b'0,"No error"\n'

    served(talk)


def test_remote_and_locks(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        await established(client)
        ask = client.aside.ask
        assert (await ask(Kind.ASYNC_REMOTE_LOCAL_CONTROL, 1)).kind == Kind.ASYNC_REMOTE_LOCAL_RESPONSE
        assert client.server.exchange.scpi.remote
        assert (await ask(Kind.ASYNC_REMOTE_LOCAL_CONTROL, 9)).kind == Kind.ERROR
        assert (await ask(Kind.ASYNC_LOCK, 1)).control == 3
        assert (await ask(Kind.ASYNC_LOCK_INFO)).control == 0

    served(talk)


def test_a_channel_that_ends_takes_the_other_along(served: Callable[[Talk], None]) -> None:
    async def talk(client: Client) -> None:
        await established(client)
        client.aside.writer.close()
        assert await client.main.ended()

    served(talk)
