"""An SSH server that says what a test wants it to say, in a thread of its own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

Handler = Callable[["asyncssh.SSHServerProcess[bytes]"], Awaitable[None]]


class _Server(asyncssh.SSHServer):
    def __init__(self, connections: list[asyncssh.SSHServerConnection]) -> None:
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return password == "correct horse"


@dataclass
class ShellServer:
    """A running server: `host_key` is a file with its public key, `commands` what it was asked."""

    port: int
    host_key: Path
    loop: asyncio.AbstractEventLoop
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def address(self, ref: str = "file:password") -> str:
        return f"ssh://root@127.0.0.1:{self.port}?password={ref}"

    def hang_up(self) -> None:
        """Cut every connection."""

        def cut() -> None:
            for connection in self.connections:
                connection.abort()
            self.connections.clear()

        self.loop.call_soon_threadsafe(cut)


@contextmanager
def shell_server(folder: Path, handler: Handler) -> Iterator[ShellServer]:
    """Serve `handler` for every command."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    (folder / "host.pub").write_bytes(key.export_public_key())
    (folder / "password").write_text("correct horse\n")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="ssh-server")
    thread.start()
    server = ShellServer(0, folder / "host.pub", loop)

    async def process(asked: "asyncssh.SSHServerProcess[bytes]") -> None:
        server.commands.append(asked.command or "")
        await handler(asked)

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: _Server(server.connections),
            server_host_keys=[key],
            process_factory=process,
            encoding=None,
        )

    listener = asyncio.run_coroutine_threadsafe(start(), loop).result()
    server.port = listener.get_port()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_stop(listener, server.connections), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(listener: asyncssh.SSHAcceptor, connections: list[asyncssh.SSHServerConnection]) -> None:
    listener.close()
    for connection in connections:
        connection.abort()
        await connection.wait_closed()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await listener.wait_closed()
