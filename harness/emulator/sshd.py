"""The SSH face of a BMC or host: one listener each, its own host key, one key that may log in."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncssh

from harness.emulator.shell import Launch, Reply
from harness.emulator.sockets import LOOPBACK, hang_up
from harness.emulator.tampering import tampered
from harness.emulator.workloads import Exit, Machine
from harness.emulator.world import World

USER = "root"


class Gate(asyncssh.SSHServer):
    """Who may log in: root with the key of the rack, and with a password where somebody left one."""

    def __init__(self, server: "SshServer") -> None:
        self.server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remember the connection, so that it can be dropped."""
        self.connection = conn
        self.server.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        """Forget the connection."""
        self.server.connections.discard(self.connection)

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002 - asyncssh's signature
        """Ask everybody for a proof; nobody but root has one that is accepted."""
        return True

    def password_auth_supported(self) -> bool:
        """Offer passwords only where one is set."""
        return self.server.device in self.server.world.passwords

    def validate_password(self, username: str, password: str) -> bool:
        """Check user and password."""
        return self.server.world.passwords.get(self.server.device) == (username, password)

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Check user and key."""
        return username == USER and key.public_data == self.server.client_key.public_data

    def public_key_auth_supported(self) -> bool:
        """Offer keys."""
        return True


class SshServer:
    """The listener of one device."""

    def __init__(self, world: World, machine: Machine, client_key: asyncssh.SSHKey) -> None:
        self.world, self.machine, self.device, self.client_key = world, machine, machine.device, client_key
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.port = 0
        self._acceptor: asyncssh.SSHAcceptor | None = None

    async def open(self) -> None:
        """Listen; `port` is known afterwards, and the same again after it was refused."""
        self._acceptor = await asyncssh.listen(
            LOOPBACK, self.port, server_factory=lambda: Gate(self), server_host_keys=[self.host_key],
            process_factory=self._serve, encoding=None, server_version="OpenSSH_9.2", login_timeout=30,
            gss_host=None, compression_algs=["none"],
        )  # fmt: skip
        self.port = self._acceptor.get_port()

    async def _serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        try:
            await self._command(process)
        except (BrokenPipeError, ConnectionError, asyncssh.Error):
            process.channel.abort()

    async def _command(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        wire = self.world.wires[self.device]
        if wire.reset:
            self._drop(process.channel.get_connection())
            return
        if wire.slow:
            await asyncio.sleep(wire.slow)
        self.world.advance()
        answer = self.machine.shell.answer(process.command or "")
        if wire.silent:
            await process.channel.wait_closed()
        elif isinstance(answer, Launch):
            await self._launch(process, answer)
        else:
            await self._reply(process, answer)

    async def _reply(self, process: "asyncssh.SSHServerProcess[bytes]", reply: Reply) -> None:
        wire = self.world.wires[self.device]
        process.stdout.write(tampered(wire, reply.out.encode(), b"\n"))
        process.stderr.write(reply.err.encode())
        if wire.truncated:
            await process.channel.wait_closed()
        else:
            process.exit(reply.status)

    async def _launch(self, process: "asyncssh.SSHServerProcess[bytes]", launch: Launch) -> None:
        running = self.machine.start()
        watch = asyncio.ensure_future(_when_closed(process, running.over.set))
        try:
            end = await self.machine.run(
                running, launch, _writer(self, process, "stdout"), _writer(self, process, "stderr")
            )
        finally:
            watch.cancel()
        _end(process, end)

    def _drop(self, connection: Any) -> None:
        hang_up(connection._transport)  # noqa: SLF001 - asyncssh has no public way to reset a connection

    def refuse(self) -> None:
        """Stop listening and drop whoever is connected."""
        if self._acceptor is not None:
            self._acceptor.close()
        for connection in list(self.connections):
            connection.abort()

    async def close(self) -> None:
        """Close the listener and every connection, and wait until they are gone."""
        connections = list(self.connections)
        self.refuse()
        for connection in connections:
            await connection.wait_closed()


def _writer(server: SshServer, process: "asyncssh.SSHServerProcess[bytes]", stream: str) -> Callable[[str], None]:
    def write(text: str) -> None:
        if process.is_closing():
            return
        data = tampered(server.world.wires[server.device], text.encode(), text[-1:].encode())
        getattr(process, stream).write(data)

    return write


async def _when_closed(process: "asyncssh.SSHServerProcess[bytes]", action: Callable[[], object]) -> None:
    await process.channel.wait_closed()
    action()


def _end(process: "asyncssh.SSHServerProcess[bytes]", end: Exit) -> None:
    if process.is_closing():
        return
    if end.signal:
        process.exit_with_signal(end.signal)
    else:
        process.exit(end.status)
