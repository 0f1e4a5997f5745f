"""Control of a rack that runs: a line of JSON each way over loopback, for who can read the token beside its file."""

import asyncio
import hmac
import json
import secrets
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.emulator import faults
from harness.emulator.listener import Listener
from harness.emulator.sockets import LOOPBACK
from harness.emulator.world import World

CONTROL_FILE = "control.json"
"""Beside the inventory, readable by its owner alone: port and token."""

LONGEST_LINE = 4096
ANSWER_S = 10.0


class ControlError(Exception):
    """A running rack that cannot be reached, or that refuses what it was told."""


class Control:
    """The listener; what it is told is `fault` (a specification, or none to ask) and `clear`."""

    def __init__(self, world: World) -> None:
        self.world, self._token = world, secrets.token_hex(16)
        self._listener = Listener(self._converse)

    async def open(self, folder: Path) -> None:
        """Listen, and write where and with which token."""
        port = await self._listener.open()
        path = folder / CONTROL_FILE
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"port": port, "token": self._token}), encoding="utf-8")

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ValueError):  # a line without end is not answered
            line = await reader.readline()
            writer.write(json.dumps(self.answer(line[:LONGEST_LINE])).encode() + b"\n")
            await writer.drain()

    def answer(self, line: bytes) -> dict[str, Any]:
        """Do what a line says, and return what is so then, or why not."""
        try:
            told = json.loads(line)
        except ValueError:
            return {"error": "not a line of JSON"}
        if not isinstance(told, dict) or not hmac.compare_digest(str(told.get("token")), self._token):
            return {"error": "the token is not this rack's"}
        try:
            self._do(told.get("fault"), clear=bool(told.get("clear")))
        except faults.FaultError as error:
            return {"error": str(error)}
        return {"active": sorted(self.world.active), "at": self.world.now}

    def _do(self, spec: object, *, clear: bool) -> None:
        self.world.advance()
        if clear:
            faults.clear(self.world, None if spec is None else str(spec))
        elif spec is not None:
            faults.afflict(self.world, [str(spec)])

    async def close(self) -> None:
        """Stop listening."""
        await self._listener.close()


def tell(rack: Path, spec: str | None, *, clear: bool) -> dict[str, Any]:
    """Tell the rack whose inventory `rack` is, and return its answer. Raises ControlError."""
    path = rack.parent / CONTROL_FILE
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        said = _exchange(int(known["port"]), {"token": known["token"], "fault": spec, "clear": clear})
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{path}: no emulated rack can be told anything there: {error}; begin one with `rackproof emulate`"
        raise ControlError(message) from error
    if "error" in said:
        raise ControlError(f"{rack}: {said['error']}")
    return said


def _exchange(port: int, told: dict[str, Any]) -> dict[str, Any]:
    with socket.create_connection((LOOPBACK, port), timeout=ANSWER_S) as connected:
        connected.sendall(json.dumps(told).encode() + b"\n")
        with connected.makefile("rb") as replied:
            said: dict[str, Any] = json.loads(replied.readline())
    return said
