"""A TCP port on loopback, chosen by the kernel, where every connection is a conversation of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from harness.emulator.sockets import LOOPBACK, hang_up

Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listener:
    """Accepts connections; a conversation ends when the peer hangs up, cut short or not."""

    def __init__(self, converse: Converse) -> None:
        self._converse = converse
        self._talks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen, and return the port."""
        self._server = await asyncio.start_server(self._talk, LOOPBACK, 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a conversation outside of a task")
        self._talks[task] = writer
        try:
            # the end of a cancelled conversation is nobody's error; up to Python 3.12 asyncio would log it as one
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await self._converse(reader, writer)
        finally:
            del self._talks[task]
            writer.close()

    def refuse(self) -> None:
        """Stop listening and drop whoever is connected."""
        if self._server is not None:
            self._server.close()
        for task, writer in list(self._talks.items()):
            hang_up(writer.transport)
            task.cancel()

    async def close(self) -> None:
        """Stop listening, drop whoever is connected and wait until their conversations are over."""
        talks = list(self._talks)
        self.refuse()
        await asyncio.gather(*talks, return_exceptions=True)
