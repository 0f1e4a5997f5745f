"""Switches by the standard MIBs: IF-MIB, EtherLike-MIB, LLDP-MIB, ENTITY-SENSOR-MIB."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from drivers import if_table, lldp
from drivers.entity_device import SYS_UP_TIME, EntityDevice, SensorPoint, any_sensor
from drivers.errors import DriverError, Garbled, WrongDevice
from drivers.points import Item, Point
from drivers.protocols import Kind


class TablePoint(Point):
    """A point that is read from several columns side by side: `query` and `beside`."""

    def __init__(
        self,
        query: str,
        unit: str | None,
        doc: str,
        decode: Callable[[Any], Any],
        *,
        name: str,
        beside: Sequence[str],
    ) -> None:
        super().__init__(query, unit, doc, decode, name=name)
        self.columns = tuple(dict.fromkeys((query, *beside)))


def _port(column: str, unit: str | None, doc: str, read: if_table.Read, name: str, *others: str) -> TablePoint:
    beside = (*if_table.NAMES, *others)
    return TablePoint(column, unit, doc, if_table.ports(column, read), name=f"port[].{name}", beside=beside)


def _counter(column: str, unit: str, doc: str, name: str) -> TablePoint:
    return _port(column, unit, doc, if_table.counter(column), name)


def _port_names(columns: if_table.Columns) -> frozenset[str]:
    return frozenset(if_table.names(columns).values())


def _neighbor(column: str, doc: str, read: Callable[[lldp.Columns, str], str], name: str) -> TablePoint:
    decode = lldp.neighbors(column, read, _port_names)
    beside = (*lldp.REMOTE, *lldp.LOCAL, *if_table.NAMES)
    return TablePoint(column, None, doc, decode, name=f"neighbor[].{name}", beside=beside)


def _uptime(reply: Any) -> Item:
    if not isinstance(reply, int):
        raise Garbled("not TimeTicks", received=repr(reply))
    return Item(reply / 100, str(reply))


class SwitchMib(EntityDevice):
    """A switch that speaks the standard MIBs; octets are counted by the 64-bit counters only.

    A 32-bit octet counter wraps within a second at today's speeds: a port without the wide one has no reading.
    """

    model: ClassVar[str] = "switch-mib"
    kind: ClassVar[Kind] = "switch"
    source: ClassVar[str] = "RFC 2863 IF-MIB, RFC 3635 EtherLike-MIB, IEEE 802.1AB LLDP-MIB, RFC 3433 ENTITY-SENSOR-MIB"

    uptime = Point(SYS_UP_TIME, "s", "Time since the agent started.", _uptime)
    admin_state = _port(if_table.ADMIN, None, "What the port shall be.", if_table.state(if_table.ADMIN), "admin_state")
    oper_state = _port(if_table.OPER, None, "What the port is.", if_table.state(if_table.OPER), "oper_state")
    speed = _port(if_table.HIGH_SPEED, "bit/s", "Speed.", if_table.speed, "speed", if_table.SPEED)
    in_bytes = _counter(if_table.HC_IN, "B", "Octets received.", "in_bytes")
    out_bytes = _counter(if_table.HC_OUT, "B", "Octets sent.", "out_bytes")
    in_errors = _counter(if_table.IN_ERRORS, "1", "Frames received with errors.", "in_errors")
    out_errors = _counter(if_table.OUT_ERRORS, "1", "Frames not sent because of errors.", "out_errors")
    in_discards = _counter(if_table.IN_DISCARDS, "1", "Good frames received and dropped.", "in_discards")
    out_discards = _counter(if_table.OUT_DISCARDS, "1", "Frames dropped before sending.", "out_discards")
    fcs_errors = _port(
        if_table.FCS,
        "1",
        "Frames received with a wrong check sequence.",
        if_table.counter(if_table.HC_FCS, if_table.FCS),
        "fcs_errors",
        if_table.HC_FCS,
    )
    neighbor_system = _neighbor(lldp.REM_SYS_NAME, "System name of the neighbour.", lldp.system, "system")
    neighbor_port = _neighbor(lldp.REM_PORT_ID, "Port of the neighbour.", lldp.port, "port")
    sensor = SensorPoint(any_sensor, None, "Any sensor.", name="sensor[].*")

    def _queries(self, point: Point) -> Sequence[str]:
        return point.columns if isinstance(point, TablePoint) else super()._queries(point)

    def _reply(self, point: Point, replies: Mapping[str, Any], found: Sequence[Any]) -> Any:
        if not isinstance(point, TablePoint):
            return super()._reply(point, replies, found)
        wanted = replies[point.query]
        if isinstance(wanted, DriverError):
            return wanted
        return {column: _rows(replies[column]) for column in point.columns}

    def _check_kind(self, descr: str) -> None:
        if not self.transport.ask([if_table.DESCR])[if_table.DESCR]:
            what = "no table of interfaces"
            raise WrongDevice(what, address=self.address, sent=if_table.DESCR, received=descr)


def _rows(column: Any) -> Mapping[str, Any]:
    return column if isinstance(column, Mapping) else {}
