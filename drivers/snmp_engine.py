"""SNMP version 3 by way of pysnmp, which is asyncio only: one thread in which all of it happens.

The thread starts with the first user and ends with the last. Every set of credentials has an engine of its own,
because pysnmp keeps keys by user name alone and two agents may give the same name different keys.
"""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pysnmp.carrier.asyncio.dispatch import AsyncioDispatcher
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdgen
from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch.asyncio import Udp6TransportTarget, UdpTransportTarget
from pysnmp.hlapi.v3arch.asyncio.lcd import CommandGeneratorLcdConfigurator
from pysnmp.proto.rfc1902 import Integer32, ObjectName
from pysnmp.proto.rfc1905 import unSpecified

from drivers.snmp_messages import GET, GET_BULK, Oid

MOST_IN_FLIGHT = 32
"""More requests at once overflow the engine's one socket: replies are lost and asked for again."""

RETRIES = 2
_TICK_S = 0.1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: an error of the engine or the agent, or pairs of OID and value as pysnmp decodes them."""

    indication: Any
    status: int
    index: int
    bindings: list[tuple[Oid, Any]]


class EngineThread:
    """A loop in a thread of its own, with an engine for each set of credentials."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="snmp", daemon=True)
        self._engines: dict[object, Any] = {}
        self._configure = CommandGeneratorLcdConfigurator().configure
        self._slots = asyncio.Semaphore(MOST_IN_FLIGHT)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` in the loop and wait for it; an interrupt of the waiter cancels it.

        Raises PySnmpError after `stop`.
        """
        if self._loop.is_closed():
            work.close()
            raise PySnmpError("the SNMP engine was shut down")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        finally:
            future.cancel()

    def stop(self) -> None:
        """Close the sockets, end the loop and the thread."""
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def target(self, host: str, port: int, timeout_s: float, retries: int = RETRIES) -> Any:
        """Resolve an agent's address; `timeout_s` is for one exchange with its retries."""
        kind = Udp6TransportTarget if ":" in host else UdpTransportTarget
        return await kind.create((host, port), timeout=timeout_s / (retries + 1), retries=retries)

    async def exchange(
        self, target: Any, credentials: Any, kind: int, oids: Sequence[Oid], repetitions: int
    ) -> Outcome:
        """Send one GET, GETNEXT or GETBULK (without non-repeaters) and return what comes of it."""
        bindings = [(ObjectName(oid), unSpecified) for oid in oids]
        bulk = (0, repetitions) if kind == GET_BULK else ()
        return await self._send(_sender(kind), target, credentials, bulk, bindings)

    async def set(self, target: Any, credentials: Any, oid: Oid, value: int) -> Outcome:
        """Send one SET of one INTEGER and return what comes of it."""
        binding = (ObjectName(oid), Integer32(value))
        return await self._send(cmdgen.SetCommandGenerator(), target, credentials, (), [binding])

    async def _send(
        self, sender: Any, target: Any, credentials: Any, bulk: tuple[int, ...], bindings: Sequence[Any]
    ) -> Outcome:
        done: asyncio.Future[Outcome] = self._loop.create_future()
        async with self._slots:
            engine = self._engine(credentials)
            name, _ = self._configure(engine, credentials, target)
            sender.send_varbinds(engine, name, None, b"", *bulk, bindings, _settle, done)
            return await done

    def _engine(self, credentials: Any) -> Any:
        key = _key(credentials)
        if key not in self._engines:
            engine = self._engines[key] = SnmpEngine()
            engine.register_transport_dispatcher(AsyncioDispatcher(loop=self._loop, timeout=_TICK_S))
        return self._engines[key]

    async def _close(self) -> None:
        for engine in self._engines.values():
            engine.close_dispatcher()
        self._engines.clear()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._loop.shutdown_default_executor()  # its threads resolved names


def _sender(kind: int) -> Any:
    if kind == GET_BULK:
        return cmdgen.BulkCommandGeneratorSingleRun()
    return cmdgen.GetCommandGenerator() if kind == GET else cmdgen.NextCommandGeneratorSingleRun()


def _key(credentials: Any) -> object:
    return (
        credentials.userName,
        credentials.authentication_protocol,
        credentials.authentication_key,
        credentials.privacy_protocol,
        credentials.privacy_key,
    )


def _settle(
    engine: Any, handle: Any, indication: Any, status: Any, index: Any, bindings: Any, done: "asyncio.Future[Outcome]"
) -> None:
    del engine, handle
    if not done.done():
        pairs = [(tuple(name), value) for name, value in bindings or ()]
        done.set_result(Outcome(indication, int(status or 0), int(index or 0), pairs))


_lock = threading.Lock()
_users: set[int] = set()
_thread: EngineThread | None = None


def acquire(user: object) -> EngineThread:
    """Return the process's engine thread, started if need be, and count `user` among its users."""
    global _thread  # noqa: PLW0603 - one per process is the point: one socket, one limit of requests in flight
    with _lock:
        _thread = _thread or EngineThread()
        _users.add(id(user))
        return _thread


def release(user: object) -> None:
    """Count `user` out; the last one ends the thread. Releasing twice does no harm."""
    with _lock:
        _users.discard(id(user))
        if not _users:
            _end()


def shutdown() -> None:
    """End the thread whoever uses it; transports still open fail from now on."""
    with _lock:
        _users.clear()
        _end()


def _end() -> None:
    global _thread
    thread, _thread = _thread, None
    if thread is not None:
        thread.stop()
