"""An agent made of objects, which may change after something was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from drivers.catalogue import model
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID
from drivers.errors import DeviceRefused
from drivers.pdus.device import PduDevice
from drivers.points import Reading
from drivers.snmp import SnmpTransport
from drivers.snmp_walk import WALK
from tests.drivers.scripted import StillClock


@dataclass
class PduAgent:
    """Answers from `objects` by number. What is written takes effect in steps, one at each later question.

    `reactions` lists the steps by what was written; anything else is refused.
    """

    objects: dict[str, Any]
    reactions: dict[tuple[str, int], list[dict[str, Any]]] = field(default_factory=dict)
    address: str = "snmp://192.0.2.7:161"
    asked: list[list[str]] = field(default_factory=list)
    written: list[tuple[str, int]] = field(default_factory=list)
    _steps: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        self.asked.append(list(queries))
        if self._steps:
            self.objects |= self._steps.pop(0)
        return {query: self._answer(query) for query in queries}

    def _answer(self, query: str) -> Any:
        if not query.startswith(WALK):
            return self.objects[query]
        column = query.removeprefix(WALK) + "."
        return {oid.removeprefix(column): value for oid, value in self.objects.items() if oid.startswith(column)}

    def put(self, oid: str, value: int) -> None:
        self.written.append((oid, value))
        if (oid, value) not in self.reactions:
            raise DeviceRefused("notWritable", address=self.address, sent=oid)
        self._steps = list(self.reactions[oid, value])

    def close(self) -> None:
        pass


def under(root: str, objects: Mapping[str, Any]) -> dict[str, Any]:
    """Write a MIB's common beginning once."""
    return {f"{root}.{rest}": value for rest, value in objects.items()}


def device(name: str, agent: PduAgent) -> PduDevice:
    return cast("PduDevice", model(name)(cast("SnmpTransport", agent), StillClock()))


def pdu(name: str, objects: Mapping[str, Any], root: str = "") -> PduDevice:
    system = {SYS_DESCR: b"a PDU", SYS_OBJECT_ID: root}
    return device(name, PduAgent({**system, **objects}))


def told(readings: Sequence[Reading]) -> dict[str, Any]:
    """Return values, and the reason where there is none, by name."""
    return {r.name: r.value if r.value is not None else f"- {r.reason}" for r in readings}
