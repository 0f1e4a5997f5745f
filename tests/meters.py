"""An emulated meter on one face, served by a thread of its own: a neighbour that is reached by address."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from harness.clock import SystemClock
from harness.emulator import generation, world
from harness.emulator.physics import settle
from harness.emulator.rack import FACES, Server
from harness.emulator.rack_file import RESOURCES
from harness.emulator.scpi import Scpi
from harness.emulator.sockets import LOOPBACK
from harness.emulator.world import Wire, World
from harness.emulator.wt333e import Instrument

FEED = "feed_a"
IDENTITY = "YOKOGAWA,WT333E,EMULATED-A,F1.04"
_WAIT_S = 10.0
T = TypeVar("T")


class Clock(SystemClock):
    """The clock of this machine."""

    def unix(self) -> float:
        return self.now().timestamp()


def rack() -> World:
    """Build a rack whose feed the meter measures."""
    built = world.build(generation.load("gen-a"), "GA-000123", 1, Clock())
    settle(built.physics)
    built.ready()
    return built


def interpreter(built: World) -> Scpi:
    """Return a new meter on the feed."""
    feed = next(feed for feed in built.physics.power.feeds if feed.name == FEED)
    return Scpi(Instrument(built, feed), lambda: IDENTITY)


@dataclass
class Meter:
    """A meter that is served; `wire` may be spoilt while it is."""

    face: str
    world: World
    scpi: Scpi
    loop: asyncio.AbstractEventLoop
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.server = FACES[self.face](self.world, FEED, self.scpi)

    @property
    def wire(self) -> Wire:
        return self.world.wires[FEED]

    @property
    def resource(self) -> str:
        return RESOURCES[self.face].format(host=LOOPBACK, port=self.server.port)

    @property
    def address(self) -> str:
        return f"visa://{self.resource}"

    def run(self, coroutine: Coroutine[None, None, T]) -> T:
        """Run something in the meter's own thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(_WAIT_S)

    def leave(self) -> None:
        """Close the port and every connection."""
        self.run(self.server.close())


@contextmanager
def loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    """Run an event loop until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def meter(face: str, built: World, loop: asyncio.AbstractEventLoop) -> Iterator[Meter]:
    """Serve a new meter on the rack's feed, on a healthy wire."""
    served = Meter(face, built, interpreter(built), loop)
    served.run(served.server.open())
    try:
        yield served
    finally:
        served.leave()
        built.wires[FEED] = Wire()
