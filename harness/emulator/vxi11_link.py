"""A VXI-11 link: one client's exchange of messages with an instrument, and how a read of it ends."""

import asyncio
from dataclasses import dataclass, field

OK, NOT_ACCESSIBLE, INVALID_LINK, PARAMETER, NOT_SUPPORTED, TIMED_OUT, ABORTED = 0, 3, 4, 5, 8, 15, 23
"""Device error codes (B.5.2)."""

COUNT_REACHED, TERMINATOR_MET, END_MET = 1, 2, 4
"""Reasons for the end of a read (B.6.4)."""


@dataclass(slots=True)
class Link:
    """One client's link: what has come in, what waits to be read, and what a read waits for."""

    received: bytes = b""
    waiting: bytes = b""
    question: int = 0
    answering: bool = False
    aborted: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def forget(self) -> None:
        """Empty the input buffer and the output queue."""
        self.received, self.waiting, self.answering = b"", b"", False

    def ask(self) -> int:
        """Note that a response is to come, and return the number of its question."""
        self.question, self.answering = self.question + 1, True
        return self.question

    def deliver(self, question: int, response: bytes) -> None:
        """Lay a response ready, unless its question has been cleared or overtaken."""
        if self.answering and question == self.question:
            self.answering, self.waiting = False, response
            self.changed.set()

    def abort(self) -> None:
        """End the read that is in progress."""
        self.aborted = True
        self.changed.set()

    async def ready(self, seconds: float) -> int:
        """Wait for a response for `seconds` s; return an error code."""
        self.aborted = False
        try:
            async with asyncio.timeout(seconds):
                while not (self.waiting or self.aborted):
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            return TIMED_OUT
        return ABORTED if self.aborted else OK

    def take(self, most: int, terminator: int | None) -> tuple[int, bytes]:
        """Take at most `most` bytes of the response, up to a terminator; return reasons and data."""
        data = self.waiting[:most]
        reason = 0
        place = -1 if terminator is None else data.find(terminator)
        if place >= 0:
            data, reason = data[: place + 1], TERMINATOR_MET
        self.waiting = self.waiting[len(data) :]
        reason |= COUNT_REACHED if len(data) == most else 0
        return reason | (0 if self.waiting else END_MET), data
