"""The thin servers: SCPI lines over TCP and SNMP datagrams over UDP, on ports that the kernel chooses."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import cast

from harness.emulator.scpi import Scpi
from harness.emulator.snmp import Agent
from harness.emulator.tampering import tampered
from harness.emulator.world import World

LOOPBACK = "127.0.0.1"
LONGEST_LINE = 65_536
RECEIVE_BUFFER = 1 << 20


def hang_up(transport: asyncio.BaseTransport) -> None:
    """Reset a TCP connection: what is on its way is lost, and the peer sees a reset."""
    bare = transport.get_extra_info("socket")
    if bare is not None:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    cast("asyncio.Transport", transport).abort()


class _Lines(asyncio.Protocol):
    """One connection to an instrument."""

    def __init__(self, server: "ScpiServer") -> None:
        self.server, self.buffer = server, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.server.connections.add(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.server.connections.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        if len(self.buffer) > LONGEST_LINE:
            self.buffer = b""
        for line in lines:
            self.server.handle(self.transport, line.decode("latin-1").rstrip("\r"))


class ScpiServer:
    """An instrument's socket."""

    def __init__(self, world: World, device: str, scpi: Scpi) -> None:
        self.world, self.device, self.scpi = world, device, scpi
        self.connections: set[asyncio.Transport] = set()
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen; `port` is known afterwards."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Lines(self), LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def handle(self, transport: asyncio.Transport, line: str) -> None:
        """Answer one line as far as the wire lets it through."""
        wire = self.world.wires[self.device]
        if wire.reset:
            hang_up(transport)
            return
        self.world.advance()
        reply = self.scpi.answer(line)
        if reply is None or wire.silent:
            return
        data = tampered(wire, reply.encode("latin-1") + b"\n", b"\n")
        after(wire.slow, lambda: None if transport.is_closing() else transport.write(data))

    def refuse(self) -> None:
        """Stop listening and drop whoever is connected."""
        if self._server is not None:
            self._server.close()
        for transport in list(self.connections):
            hang_up(transport)

    async def close(self) -> None:
        """Close the socket and every connection."""
        self.refuse()


class SnmpServer(asyncio.DatagramProtocol):
    """An agent's socket."""

    def __init__(self, world: World, device: str, agent: Agent) -> None:
        self.world, self.device, self.agent = world, device, agent
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> None:
        """Listen; `port` is known afterwards."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, (LOOPBACK, 0))
        bare = transport.get_extra_info("socket")
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._transport, self.port = transport, bare.getsockname()[1]

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        """Answer one datagram as far as the wire lets it through."""
        wire = self.world.wires[self.device]
        self.world.advance()
        reply = self.agent.answer(data)
        if reply is not None and not wire.silent:
            after(wire.slow, lambda: self._send(tampered(wire, reply), addr))

    def _send(self, data: bytes, addr: tuple[str | object, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, addr)

    def refuse(self) -> None:
        """Close the socket: whoever asks is told by the kernel that nobody is there."""
        if self._transport is not None:
            self._transport.close()

    async def close(self) -> None:
        """Close the socket."""
        self.refuse()


def after(seconds: float, action: Callable[[], None]) -> None:
    """Do something `seconds` s later; at once where that is 0."""
    if seconds:
        asyncio.get_running_loop().call_later(seconds, action)
    else:
        action()
