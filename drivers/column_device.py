"""Devices that are a table of points over the columns of a maker's MIB: rack PDUs, controllers, cooling units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from drivers import entity_sensor as es
from drivers.columns import ColumnPoint, rows
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID, object_id
from drivers.errors import WrongDevice
from drivers.points import Identity, Point, Reading
from drivers.snmp import SnmpDevice
from drivers.snmp_walk import WALK


@dataclass(frozen=True, slots=True)
class Plate:
    """Where a device says what it is: the maker's name, and columns, the first that has a text counts."""

    maker: str
    model: tuple[str, ...] = ()
    serial: tuple[str, ...] = ()
    firmware: tuple[str, ...] = ()

    def columns(self) -> list[str]:
        """Return the queries of all these columns."""
        return [WALK + oid for oid in (*self.model, *self.serial, *self.firmware)]


class ColumnDevice(SnmpDevice):
    """A device whose readings stand in columns; an object that is there once is a column of one row.

    Subclasses state their `table` of points, the `roots` under which their sysObjectID lies, in `proof` columns of
    which one must have rows, and the `plate`.
    """

    table: ClassVar[tuple[ColumnPoint, ...]] = ()
    roots: ClassVar[tuple[str, ...]]
    proof: ClassVar[tuple[str, ...]]
    plate: ClassVar[Plate]

    @classmethod
    def points(cls) -> dict[str, Point]:
        """Return the declared points by name; no I/O."""
        return {point.name: point for point in cls.table}

    def identify(self) -> Identity:
        """Ask for the system group, then for the tables and the name plate of this model.

        Raises WrongDevice where the agent is another maker's, or has none of the model's tables.
        """
        system = self.transport.ask([SYS_DESCR, SYS_OBJECT_ID])
        descr, root = es.text(system[SYS_DESCR]), object_id(system[SYS_OBJECT_ID])
        if not any(f"{root}.".startswith(f"{known}.") for known in self.roots):
            what = f"sysObjectID {root or '(none)'} is not a {self.plate.maker}'s"
            raise WrongDevice(what, address=self.address, sent=SYS_OBJECT_ID, received=descr)
        replies = self.transport.ask(list(dict.fromkeys([*(WALK + oid for oid in self.proof), *self.plate.columns()])))
        if not any(rows(replies[WALK + oid]) for oid in self.proof):
            what = f"none of the tables of {self.model}"
            raise WrongDevice(what, address=self.address, sent=self.proof[0], received=descr)
        return self._identity(replies, descr)

    def _identity(self, replies: Mapping[str, Any], descr: str) -> Identity:
        oid, model = first_text(replies, self.plate.model)
        serial, firmware = (first_text(replies, oids)[1] for oids in (self.plate.serial, self.plate.firmware))
        raw = "; ".join(part for part in (descr, model, serial, firmware) if part)
        return Identity(self.plate.maker, model or descr, serial, firmware, f"{self.address} {oid or SYS_DESCR}", raw)

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Read these points, each column once for all of them."""
        wanted = [point for point in points if isinstance(point, ColumnPoint)]
        replies = self.transport.ask(list(dict.fromkeys(query for point in wanted for query in point.columns)))
        at = self.clock.now()
        return [r for point in wanted for r in point.readings(point.reply(replies), self.address, at)]


def first_text(replies: Mapping[str, Any], oids: Sequence[str]) -> tuple[str, str]:
    """Return the object and the text of the first row that has one, of these columns; "" where none has."""
    for oid in oids:
        for index, raw in rows(replies[WALK + oid]).items():
            if isinstance(raw, bytes) and (text := es.text(raw)):
                return f"{oid}.{index}", text
    return "", ""
