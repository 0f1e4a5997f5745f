"""A transport that expects exactly these exchanges, and a clock that stands still."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from drivers.ssh import Completed

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@dataclass
class StillClock:
    """A clock that moves only when a test moves it."""

    time: datetime = NOON
    elapsed: float = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.elapsed += seconds


class WallClock(StillClock):
    """The machine's own time, for tests against its own programs."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Scripted:
    """Expects `(query, reply)` in this order, one question at a time."""

    script: list[tuple[str, Any]]
    address: str = "test://device"
    closed: bool = False

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        return {query: self.query(query) for query in queries}

    def query(self, command: str) -> Any:
        assert self.script, f"nothing more expected, got {command!r}"
        expected, reply = self.script.pop(0)
        assert command == expected
        if isinstance(reply, Exception) and getattr(reply, "whole_device", False):
            raise reply
        return reply

    def write(self, command: str) -> None:
        assert self.query(command) is None

    def close(self) -> None:
        self.closed = True

    def assert_done(self) -> None:
        assert self.script == []


@dataclass
class Agent:
    """Answers objects and columns from a table; anything else is an empty column. Remembers what was asked."""

    objects: dict[str, Any]
    address: str = "snmp://192.0.2.1:161"
    asked: list[list[str]] = field(default_factory=list)

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        self.asked.append(list(queries))
        return {
            query: self.objects.get(query, {}) if query.startswith("walk ") else self.objects[query]
            for query in queries
        }

    def close(self) -> None:
        pass


def said(command: str, stdout: str, status: int = 0, stderr: str = "") -> tuple[str, Completed]:
    """One exchange with a shell."""
    return command, Completed(command, stdout, stderr, status)
