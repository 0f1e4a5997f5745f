"""Devices whose points are sensors of ENTITY-SENSOR-MIB: power shelves, cooling units, sensors of switches.

Which sensors there are is walked once and again when entLastChangeTime moves or a sensor has gone; a reading asks for
the value and status of its own sensors only, and for entLastChangeTime in the same exchange. An agent without that is
walked every minute, behind a reading: in front of it, the walk would make the time of the values uncertain.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from drivers import entity_sensor as es
from drivers.errors import DriverError, Garbled, NoReading, WrongDevice
from drivers.items import item
from drivers.points import Clock, Identity, Item, Point, Reading, Value
from drivers.quantities import quantity
from drivers.snmp import SnmpDevice, SnmpTransport
from drivers.snmp_table import TablePoint

SYS_DESCR, SYS_OBJECT_ID, SYS_UP_TIME = (f"1.3.6.1.2.1.1.{n}.0" for n in (1, 2, 3))
SYS_NAME = "1.3.6.1.2.1.1.5.0"
_LOOK_AGAIN_S = 60.0

Key = Callable[[es.Sensor], str | None]
"""The key under which a sensor belongs to a point, None where it does not."""


class SensorPoint(Point):
    """A point that is read from the sensors that `key` chooses."""

    def __init__(self, key: Key, unit: str | None, doc: str, *, name: str = "") -> None:
        super().__init__(f"walk {es.VALUE}", unit, doc, self._items, name=name)
        self.key = key

    def _items(self, found: Sequence[tuple[es.Sensor, Any, Any]]) -> list[Item]:
        items = [self._item(key, *row) for row in found if (key := self.key(row[0])) is not None]
        if not items and "[]" not in self.name:
            raise NoReading("the agent has no such sensor")
        return items

    def _item(self, key: str, sensor: es.Sensor, raw: Any, status: Any) -> Item:
        def read(_: es.Sensor) -> Value:
            if not self.name.endswith("*") and sensor.unit != self.unit:
                raise Garbled(f"in {sensor.unit or 'a truth value'}, not in {self.unit or 'a truth value'}")
            return sensor.value_of(raw, status)

        try:
            unit = sensor.unit
        except Garbled:
            unit = None  # said again, with its reason, by read
        return item(
            read, sensor, _shown(raw), key=key, query=sensor.value_oid, unit=unit or self.unit, quantity=quantity(unit)
        )


def _shown(raw: Any) -> str:
    return (raw.received or "") if isinstance(raw, DriverError) else str(raw)


def whole(name: str) -> Key:
    """Choose the sensor of that name outside of any power supply."""
    return lambda sensor: "" if not sensor.supply and es.plain_name(sensor.name) == name else None


def supply(name: str) -> Key:
    """Choose the sensors of that name in power supplies, by the supply's position."""
    return lambda sensor: sensor.supply if sensor.supply and es.plain_name(sensor.name) == name else None


def any_sensor(sensor: es.Sensor) -> str:
    """Choose every sensor, by its own name and, where it is in a supply, the supply's."""
    prefix = f"PSU {sensor.supply} " if sensor.supply and not sensor.name.lower().startswith("psu") else ""
    return prefix + sensor.name


def object_id(reply: Any) -> str:
    """Return the sysObjectID that an agent gave, "" where it has none."""
    return reply if isinstance(reply, str) else ""


class EntityDevice(SnmpDevice):
    """A device with ENTITY-MIB and ENTITY-SENSOR-MIB; `structure` are the columns that say which sensors it has."""

    structure: ClassVar[tuple[str, ...]] = es.STRUCTURE

    def __init__(self, transport: SnmpTransport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self._sensors: list[es.Sensor] | None = None
        self._changed_at: Any = None
        self._walked_at = 0.0

    def identify(self) -> Identity:
        """Ask for the system group, then for the chassis. Raises WrongDevice where the agent is of another kind."""
        system = self.transport.ask([SYS_DESCR, SYS_OBJECT_ID])
        descr, root = es.text(system[SYS_DESCR]), object_id(system[SYS_OBJECT_ID])
        self._check_kind(descr, root)
        unit = self._unit(descr)
        raw = "; ".join(part for part in (descr, unit.maker, unit.model, unit.serial, unit.firmware) if part)
        source = f"{self.address} {SYS_DESCR}"
        return Identity(unit.maker, unit.model or root, unit.serial, unit.firmware, source, raw)

    def _unit(self, descr: str) -> es.Unit:
        """Return what the device says about its whole; `descr` is sysDescr."""
        del descr
        return es.chassis(self.transport.ask(list(es.IDENTITY))) or es.Unit("", "", "", "")

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Read the sensors that the points choose, and the other points' queries, in as few exchanges as possible."""
        wanted, replies = self._asked(points)
        if es.LAST_CHANGE in replies and replies[es.LAST_CHANGE] != self._changed_at:
            self._sensors = None
            wanted, replies = self._asked(points)
        at = self.clock.now()
        found = [(s, replies[s.value_oid], replies[s.status_oid]) for s in wanted]
        readings = [r for point in points for r in point.readings(self._reply(point, replies, found), self.address, at)]
        if wanted and self._age_s() > _LOOK_AGAIN_S:
            self._walk()
        return readings

    def sensors(self) -> list[es.Sensor]:
        """Return the sensors that the agent has, walked anew where they have gone or are too old to be believed."""
        if self._sensors is None or self._age_s() > 2 * _LOOK_AGAIN_S:
            return self._walk()
        return self._sensors

    def _walk(self) -> list[es.Sensor]:
        replies = self.transport.ask([es.LAST_CHANGE, *self.structure])
        self._changed_at, self._walked_at = replies[es.LAST_CHANGE], self.clock.monotonic()
        self._sensors = es.sensors(replies)
        return self._sensors

    def _age_s(self) -> float:
        """Return how old the tables are; 0 where the agent tells when they change."""
        if self._sensors is None or not isinstance(self._changed_at, DriverError):
            return 0.0
        return self.clock.monotonic() - self._walked_at

    def _asked(self, points: Sequence[Point]) -> tuple[list[es.Sensor], Mapping[str, Any]]:
        """Return the sensors that the points choose, and the replies for all the points."""
        rows = self.sensors() if any(isinstance(point, SensorPoint) for point in points) else []
        wanted = [s for s in rows if any(isinstance(p, SensorPoint) and p.key(s) is not None for p in points)]
        return wanted, self._replies(points, wanted, told=bool(rows))

    def _replies(self, points: Sequence[Point], wanted: Sequence[es.Sensor], *, told: bool) -> Mapping[str, Any]:
        changes = [es.LAST_CHANGE] if told and not isinstance(self._changed_at, DriverError) else []
        queries = dict.fromkeys([*changes, *(query for s in wanted for query in (s.value_oid, s.status_oid))])
        queries |= dict.fromkeys(query for point in points for query in self._queries(point))
        replies = self.transport.ask(list(queries)) if queries else {}
        if any(isinstance(replies[s.value_oid], NoReading) for s in wanted):
            self._sensors = None  # one has gone: look again next time
        return replies

    def _queries(self, point: Point) -> Sequence[str]:
        """Return what must be asked for a point that is no sensor."""
        if isinstance(point, TablePoint):
            return point.columns
        return () if isinstance(point, SensorPoint) else (point.query,)

    def _reply(self, point: Point, replies: Mapping[str, Any], found: Sequence[Any]) -> Any:
        """Return what the point's `decode` gets."""
        if isinstance(point, TablePoint):
            return point.reply(replies)
        return found if isinstance(point, SensorPoint) else replies[point.query]

    def _check_kind(self, descr: str, object_id: str) -> None:
        del object_id
        needed = [p for p in type(self).points().values() if isinstance(p, SensorPoint) and "[]" not in p.name]
        if not any(p.key(sensor) is not None for p in needed for sensor in self.sensors()):
            what = f"none of the sensors that a {self.kind} has"
            raise WrongDevice(what, address=self.address, sent=es.NAME, received=descr)
