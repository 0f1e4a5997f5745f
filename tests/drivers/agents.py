"""Small SNMP agents on real UDP sockets, each with a vice of its own."""

import bisect
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import rfc1905
from pysnmp.proto.api import v1, v2c
from pysnmp.proto.rfc1902 import Counter64, Integer32, ObjectName, OctetString

Oid = tuple[int, ...]
Reply = list[tuple[Oid, Any]]


def walkable(rows: int = 20, columns: int = 3) -> dict[Oid, Any]:
    """Objects of a small table, 1.3.6.1.9.1.{column}.{row}, and what tells how long the agent runs."""
    table: dict[Oid, Any] = {(1, 3, 6, 1, 2, 1, 1, 3, 0): Integer32(4711)}
    for column in range(1, columns + 1):
        for row in range(1, rows + 1):
            table[1, 3, 6, 1, 9, 1, column, row] = Integer32(100 * column + row)
    table[1, 3, 6, 1, 9, 2, 1] = OctetString(b"behind")
    return table


@dataclass
class NastyAgent:
    """An agent that decodes with pysnmp, and does as `send` and `next_of` say."""

    objects: Mapping[Oid, Any] = field(default_factory=walkable)
    next_of: Callable[["NastyAgent", Oid], Oid | None] | None = None
    send: Callable[["NastyAgent", bytes, Any], None] | None = None
    answers_bulk: bool = True
    versions: tuple[int, ...] = (0, 1)
    asked: list[str] = field(default_factory=list)
    mute: bool = False

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.keys = sorted(self.objects)

    @property
    def address(self) -> str:
        return f"snmp://127.0.0.1:{self.socket.getsockname()[1]}?community=public"

    def serve(self) -> None:
        while True:
            datagram, where = self.socket.recvfrom(65535)
            if datagram == b"stop":
                return
            reply = self.answer(datagram)
            self.mute, muted = False, self.mute
            if reply is not None and not muted:
                (self.send or NastyAgent.plainly)(self, reply, where)

    def plainly(self, reply: bytes, where: Any) -> None:
        self.socket.sendto(reply, where)

    def following(self, oid: Oid) -> Oid | None:
        place = bisect.bisect_right(self.keys, oid)
        return self.keys[place] if place < len(self.keys) else None

    def answer(self, datagram: bytes) -> bytes | None:
        version = datagram[4]
        if version not in self.versions:
            return None
        module: Any = (v1, v2c)[version]
        message, _ = decoder.decode(datagram, asn1Spec=module.Message())
        pdu = module.apiMessage.get_pdu(message)
        self.asked.append(f"v{version + 1} {type(pdu).__name__}")
        bulk = isinstance(pdu, v2c.GetBulkRequestPDU)
        if bulk and not self.answers_bulk:
            return None
        api = v2c.apiBulkPDU if bulk else module.apiPDU
        oids = [tuple(oid) for oid, _ in api.get_varbinds(pdu)]
        repetitions = int(v2c.apiBulkPDU.get_max_repetitions(pdu)) if bulk else 1
        walking = bulk or "Next" in type(pdu).__name__
        found = self.walked(oids, repetitions) if walking else [(oid, self.objects.get(oid)) for oid in oids]
        if version == 0:  # there are no wide counters in version 1
            found = [(oid, None if isinstance(value, Counter64) else value) for oid, value in found]
        return self.encoded(module, message, pdu, oids, found)

    def walked(self, oids: list[Oid], repetitions: int) -> Reply:
        found: Reply = []
        for _ in range(repetitions):
            for place, oid in enumerate(oids):
                key = self.next_of(self, oid) if self.next_of else self.following(oid)
                found.append((key or oid, self.objects.get(key, Integer32(7)) if key else None))
                oids[place] = key or oid
        return found

    def encoded(self, module: Any, message: Any, pdu: Any, oids: list[Oid], found: Reply) -> bytes:
        response = module.GetResponsePDU() if module is v1 else module.ResponsePDU()
        module.apiPDU.set_defaults(response)
        module.apiPDU.set_request_id(response, module.apiPDU.get_request_id(pdu))
        missing = next((n for n, (_, value) in enumerate(found, 1) if value is None), 0)
        if module is v1 and missing:
            module.apiPDU.set_error_status(response, 2)
            module.apiPDU.set_error_index(response, missing)
            found = [(oid, module.null) for oid in oids]
        walking = not isinstance(pdu, v2c.GetRequestPDU)
        absent = rfc1905.endOfMibView if walking else rfc1905.noSuchInstance
        bindings = [(ObjectName(oid), absent if value is None else value) for oid, value in found]
        module.apiPDU.set_varbinds(response, bindings)
        module.apiMessage.set_pdu(message, response)
        return bytes(encoder.encode(message))


@contextmanager
def serving(agent: NastyAgent) -> Iterator[NastyAgent]:
    """Serve an agent on loopback until the block ends."""
    thread = threading.Thread(target=agent.serve, name="agent")
    thread.start()
    try:
        yield agent
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stopper:
            stopper.sendto(b"stop", agent.socket.getsockname())
        thread.join()
        agent.socket.close()
