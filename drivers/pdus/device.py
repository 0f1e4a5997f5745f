"""What all rack PDUs have in common: a table of points over columns, a name plate, outlets that can be switched."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from drivers import entity_sensor as es
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID
from drivers.errors import DeviceRefused, NoReading, UsageError, WrongDevice
from drivers.pdus.columns import ColumnPoint, rows
from drivers.points import Identity, Point, Reading
from drivers.protocols import Kind
from drivers.snmp import WALK, SnmpDevice

Action = Literal["on", "off", "cycle"]

STATE = "outlet[].state"
SWITCH_WITHIN_S = 30.0
"""Relays close one after the other, and a cycle waits some seconds between off and on."""

_POLL_S = 1.0
_KEY = re.compile(r"[0-9]+(\.[0-9]+)*")


@dataclass(frozen=True, slots=True)
class Plate:
    """Where a PDU says what it is: the maker's name, and columns, the first that has a text counts."""

    maker: str
    model: tuple[str, ...]
    serial: tuple[str, ...]
    firmware: tuple[str, ...]

    def columns(self) -> list[str]:
        """Return the queries of all these columns."""
        return [WALK + oid for oid in (*self.model, *self.serial, *self.firmware)]


@dataclass(frozen=True, slots=True)
class Control:
    """How an outlet is switched: for each action the column and the number that is written there."""

    on: tuple[str, int]
    off: tuple[str, int]
    cycle: tuple[str, int]


def one_column(oid: str, on: int, off: int, cycle: int) -> Control:
    """Return the control of a PDU that takes all actions in one column."""
    return Control((oid, on), (oid, off), (oid, cycle))


class PduDevice(SnmpDevice):
    """A rack PDU with an SNMP agent.

    Subclasses state their `table` of points, the `roots` under which their sysObjectID lies, in `proof` columns of
    which one must have rows, the `plate`, and in `controls` how outlets are switched, by the column that tells their
    state. All numbers are integers of the MIB's own step; an agent's own index is the key of a reading.
    """

    kind: ClassVar[Kind] = "pdu"
    table: ClassVar[tuple[ColumnPoint, ...]] = ()
    roots: ClassVar[tuple[str, ...]]
    proof: ClassVar[tuple[str, ...]]
    plate: ClassVar[Plate]
    controls: ClassVar[Mapping[str, Control]] = {}

    @classmethod
    def points(cls) -> dict[str, Point]:
        """Return the declared points by name; no I/O."""
        return {point.name: point for point in cls.table}

    def identify(self) -> Identity:
        """Ask for the system group, then for the tables and the name plate of this model.

        Raises WrongDevice where the agent is another maker's, or has none of the model's tables.
        """
        system = self.transport.ask([SYS_DESCR, SYS_OBJECT_ID])
        descr, root = es.text(system[SYS_DESCR]), str(system[SYS_OBJECT_ID])
        if not any(f"{root}.".startswith(f"{known}.") for known in self.roots):
            what = f"sysObjectID {root} is not a {self.plate.maker}'s"
            raise WrongDevice(what, address=self.address, sent=SYS_OBJECT_ID, received=descr)
        replies = self.transport.ask(list(dict.fromkeys([*(WALK + oid for oid in self.proof), *self.plate.columns()])))
        if not any(rows(replies[WALK + oid]) for oid in self.proof):
            what = f"none of the tables of {self.model}"
            raise WrongDevice(what, address=self.address, sent=self.proof[0], received=descr)
        return self._identity(replies, descr)

    def _identity(self, replies: Mapping[str, Any], descr: str) -> Identity:
        oid, model = _first(replies, self.plate.model)
        serial, firmware = (_first(replies, oids)[1] for oids in (self.plate.serial, self.plate.firmware))
        raw = "; ".join(part for part in (descr, model, serial, firmware) if part)
        return Identity(self.plate.maker, model or descr, serial, firmware, f"{self.address} {oid or SYS_DESCR}", raw)

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Read these points, each column once for all of them."""
        wanted = [point for point in points if isinstance(point, ColumnPoint)]
        replies = self.transport.ask(list(dict.fromkeys(query for point in wanted for query in point.columns)))
        at = self.clock.now()
        return [r for point in wanted for r in point.readings(point.reply(replies), self.address, at)]

    def switch_outlet(self, key: str, action: Action, within_s: float = SWITCH_WITHIN_S) -> Reading:
        """Switch the outlet `key` and wait until the PDU says that it has; return the reading that says so.

        "cycle" is off and on again, of an outlet that is on. No reading ever calls this. The request goes out once:
        where it stays without an answer, Silent, the outlet may have been switched or not.

        Raises before anything is written UsageError for an outlet that there is not, or that is off and shall be
        cycled, and NoReading for one of no known state; DeviceRefused where the PDU refuses or its outlet does not
        follow in time.
        """
        before = self._outlet(key)
        if before.value is None:
            raise NoReading(f"{before.name}: {before.reason}", address=self.address, sent=before.source)
        if action == "cycle" and before.value != "on":
            raise UsageError(f"outlet {key} is {before.value}: nothing to cycle", address=self.address)
        control = self.controls[before.source.rpartition(" ")[2].removesuffix(f".{key}")]
        oid, value = {"on": control.on, "off": control.off, "cycle": control.cycle}[action]
        self.transport.put(f"{oid}.{key}", value)
        return self._followed(key, action, within_s)

    def _outlet(self, key: str) -> Reading:
        if STATE not in self.points() or not self.controls:
            raise UsageError(f"{self.model} has no outlets that can be switched", address=self.address)
        name = STATE.replace("[]", f"[{key}]")
        found = {r.name: r for r in self.read_points([self.points()[STATE]])} if _KEY.fullmatch(key) else {}
        if name not in found:
            raise UsageError(f"no outlet {key!r}; there are {', '.join(found) or 'none'}", address=self.address)
        return found[name]

    def _followed(self, key: str, action: Action, within_s: float) -> Reading:
        """Read the outlet until it is what it was told to be; a cycled one must have been off in between."""
        until = self.clock.monotonic() + within_s
        awaited = ["off", "on"] if action == "cycle" else [action]
        while True:
            state = self._outlet(key)
            if state.value == awaited[0]:
                awaited.pop(0)
            if not awaited:
                return state
            if self.clock.monotonic() >= until:
                what = f"told {action}, outlet {key} is {state.value or 'unknown'} after {within_s:g} s"
                raise DeviceRefused(what, address=self.address, sent=state.source, received=state.raw)
            self.clock.sleep(_POLL_S)


def _first(replies: Mapping[str, Any], oids: Sequence[str]) -> tuple[str, str]:
    """Return the object and the text of the first row that has one."""
    for oid in oids:
        for index, raw in rows(replies[WALK + oid]).items():
            if isinstance(raw, bytes) and (text := es.text(raw)):
                return f"{oid}.{index}", text
    return "", ""
