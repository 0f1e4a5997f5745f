"""Switches by the standard MIBs: IF-MIB, EtherLike-MIB, LLDP-MIB, ENTITY-MIB, ENTITY-SENSOR-MIB."""

import re
from dataclasses import replace
from typing import Any, ClassVar

from drivers import entity_sensor as es
from drivers import entity_table, if_table, lldp, optics
from drivers.entity_device import SYS_DESCR, SYS_NAME, SYS_OBJECT_ID, SYS_UP_TIME, EntityDevice, SensorPoint, any_sensor
from drivers.errors import Garbled, WrongDevice
from drivers.items import item
from drivers.points import Item, Point, Value
from drivers.protocols import Kind
from drivers.snmp_table import TablePoint

SYS_LOCATION = "1.3.6.1.2.1.1.6.0"


def _port(column: str, unit: str | None, doc: str, read: if_table.Read, name: str, *others: str) -> TablePoint:
    beside = (*if_table.NAMES, *others)
    return TablePoint(column, unit, doc, if_table.ports(column, read), name=f"port[].{name}", beside=beside)


def _counter(column: str, unit: str, doc: str, name: str) -> TablePoint:
    return _port(column, unit, doc, if_table.counter(column), name)


def _ether(wide: str, narrow: str, doc: str, name: str) -> TablePoint:
    return _port(narrow, "1", doc, if_table.counter(wide, narrow), name, wide)


def _neighbor(column: str, doc: str, read: lldp.Read, name: str) -> TablePoint:
    decode = lldp.neighbors(column, read)
    return TablePoint(column, None, doc, decode, name=f"neighbor[].{name}", beside=lldp.BESIDE)


def _component(column: str, doc: str, name: str) -> TablePoint:
    decode = entity_table.components(column)
    return TablePoint(column, None, doc, decode, name=f"component[].{name}", beside=entity_table.BESIDE)


def _uptime(reply: Any) -> Item:
    if not isinstance(reply, int) or reply < 0:
        raise Garbled("not TimeTicks", received=repr(reply)[:60])
    return Item(reply / 100, str(reply))


def _text(reply: Any) -> Item:
    if not isinstance(reply, bytes):
        raise Garbled("not a text", received=repr(reply)[:60])
    return Item(es.text(reply), es.text(reply))


def _identifier(reply: Any) -> Item:
    if not isinstance(reply, str):
        raise Garbled("not an object identifier", received=repr(reply)[:60])
    return Item(reply, reply)


class LightPoint(SensorPoint):
    """Power of light by sensors in W or dBm, handed out in the one that is wanted."""

    def _item(self, key: str, sensor: es.Sensor, raw: Any, status: Any) -> Item:
        def read(_: es.Sensor) -> Value:
            return optics.converted(sensor.value_of(raw, status), sensor.unit, self.unit or "")

        return item(read, sensor, str(raw), key=key, query=sensor.value_oid)


class SwitchMib(EntityDevice):
    """A switch that speaks the standard MIBs; octets are counted by the 64-bit counters only.

    A 32-bit octet counter wraps within a second at today's speeds: a port without the wide one has no reading.
    `object_ids` and `described` tell a maker's switches: by sysObjectID (with a final dot: all below), by sysDescr;
    `described` may name the groups `maker`, `model` and `version` for agents that have no chassis to ask.
    """

    model: ClassVar[str] = "switch-mib"
    kind: ClassVar[Kind] = "switch"
    source: ClassVar[str] = (
        "RFC 2863 IF-MIB, RFC 3635 EtherLike-MIB, IEEE 802.1AB LLDP-MIB and LLDP-V2-MIB, RFC 6933 ENTITY-MIB, "
        "RFC 3433 ENTITY-SENSOR-MIB, CISCO-ENTITY-SENSOR-MIB"
    )
    structure: ClassVar[tuple[str, ...]] = (*es.STRUCTURE, *es.CISCO_STRUCTURE)
    object_ids: ClassVar[tuple[str, ...]] = ()
    described: ClassVar[re.Pattern[str] | None] = None
    maker: ClassVar[str] = ""

    description = Point(SYS_DESCR, None, "What the agent says that it is.", _text)
    object_id = Point(SYS_OBJECT_ID, None, "The maker's number of this kind of device.", _identifier)
    uptime = Point(SYS_UP_TIME, "s", "Time since the agent started.", _uptime)
    system_name = Point(SYS_NAME, None, "Name given to the device.", _text)
    location = Point(SYS_LOCATION, None, "Place given to the device.", _text)

    index = _port(if_table.DESCR, None, "Number of the port, ifIndex.", if_table.index_of, "index")
    descr = _port(if_table.DESCR, None, "Description by the agent.", if_table.words(if_table.DESCR), "description")
    alias = _port(if_table.ALIAS, None, "Description by the operator.", if_table.words(if_table.ALIAS), "alias")
    type = _port(if_table.TYPE, "1", "Kind of port, IANAifType.", if_table.counter(if_table.TYPE), "type")
    mtu = _port(if_table.MTU, "B", "Longest packet.", if_table.counter(if_table.MTU), "mtu")
    port_address = _port(if_table.PHYS_ADDRESS, None, "Physical address.", if_table.address, "address")
    admin_state = _port(if_table.ADMIN, None, "What the port shall be.", if_table.state(if_table.ADMIN), "admin_state")
    oper_state = _port(if_table.OPER, None, "What the port is.", if_table.state(if_table.OPER), "oper_state")
    last_change = _port(
        if_table.LAST_CHANGE,
        "s",
        "What `uptime` was when the port came into its state.",
        if_table.ticks(if_table.LAST_CHANGE),
        "last_change",
    )
    speed = _port(if_table.HIGH_SPEED, "bit/s", "Speed.", if_table.speed, "speed", if_table.SPEED)
    duplex = _port(if_table.DUPLEX, None, "Duplex mode.", if_table.state(if_table.DUPLEX, if_table.DUPLEXES), "duplex")
    connector = _port(if_table.CONNECTOR, None, "True where there is a socket.", if_table.connector, "connector")
    in_bytes = _counter(if_table.HC_IN, "B", "Octets received.", "in_bytes")
    out_bytes = _counter(if_table.HC_OUT, "B", "Octets sent.", "out_bytes")
    in_unicast = _counter(if_table.IN_UNICAST, "1", "Packets received for this port alone.", "in_unicast")
    in_multicast = _counter(if_table.IN_MULTICAST, "1", "Packets received for many.", "in_multicast")
    in_broadcast = _counter(if_table.IN_BROADCAST, "1", "Packets received for all.", "in_broadcast")
    out_unicast = _counter(if_table.OUT_UNICAST, "1", "Packets sent to one.", "out_unicast")
    out_multicast = _counter(if_table.OUT_MULTICAST, "1", "Packets sent to many.", "out_multicast")
    out_broadcast = _counter(if_table.OUT_BROADCAST, "1", "Packets sent to all.", "out_broadcast")
    in_errors = _counter(if_table.IN_ERRORS, "1", "Frames received with errors.", "in_errors")
    out_errors = _counter(if_table.OUT_ERRORS, "1", "Frames not sent because of errors.", "out_errors")
    in_discards = _counter(if_table.IN_DISCARDS, "1", "Good frames received and dropped.", "in_discards")
    out_discards = _counter(if_table.OUT_DISCARDS, "1", "Frames dropped before sending.", "out_discards")
    discontinuity = _port(
        if_table.DISCONTINUITY,
        "s",
        "What `uptime` was when counters of the port last jumped, 0 for never.",
        if_table.ticks(if_table.DISCONTINUITY),
        "discontinuity",
    )
    fcs_errors = _ether(if_table.HC_FCS, if_table.FCS, "Frames received with a wrong check sequence.", "fcs_errors")
    alignment_errors = _ether(
        if_table.HC_ALIGNMENT, if_table.ALIGNMENT, "Frames received that were no whole octets.", "alignment_errors"
    )
    symbol_errors = _ether(if_table.HC_SYMBOL, if_table.SYMBOL, "Times that a symbol was invalid.", "symbol_errors")
    in_mac_errors = _ether(
        if_table.HC_MAC_RECEIVE, if_table.MAC_RECEIVE, "Frames lost inside on receiving.", "in_mac_errors"
    )
    out_mac_errors = _ether(
        if_table.HC_MAC_TRANSMIT, if_table.MAC_TRANSMIT, "Frames lost inside on sending.", "out_mac_errors"
    )

    neighbor_system = _neighbor(
        lldp.REM_SYS_NAME, "System name of the neighbour.", lldp.told(lldp.REM_SYS_NAME, "system name"), "system"
    )
    neighbor_port = _neighbor(lldp.REM_PORT_ID, "Port of the neighbour.", lldp.port, "port")
    neighbor_port_description = _neighbor(
        lldp.REM_PORT_DESCR,
        "What the neighbour calls its port.",
        lldp.told(lldp.REM_PORT_DESCR, "description of its port"),
        "port_description",
    )
    neighbor_chassis = _neighbor(lldp.REM_CHASSIS_ID, "Chassis of the neighbour.", lldp.chassis, "chassis")

    component_class = TablePoint(
        es.CLASS, None, "Kind of component.", entity_table.classes, name="component[].class", beside=entity_table.BESIDE
    )
    component_description = _component(es.DESCR, "Description of the component.", "description")
    component_serial = _component(es.SERIAL, "Serial number.", "serial")
    component_model = _component(es.MODEL, "The maker's part or model.", "model")
    component_maker = _component(es.MAKER, "Maker.", "maker")
    component_hardware = _component(es.HARDWARE, "Revision of the hardware.", "hardware")
    component_firmware = _component(es.FIRMWARE, "Revision of the firmware.", "firmware")
    component_software = _component(es.SOFTWARE, "Revision of the software.", "software")

    light = LightPoint(optics.light, "W", "Power of light received or sent.", name="optic[].power")
    light_level = LightPoint(optics.light, "dBm", "Power of light received or sent.", name="optic[].level")
    sensor = SensorPoint(any_sensor, None, "Any sensor.", name="sensor[].*")

    @classmethod
    def recognises(cls, descr: str, object_id: str) -> bool:
        """Tell whether sysDescr and sysObjectID are those of this model; the general one takes any."""
        if not cls.object_ids and cls.described is None:
            return True
        by_id = any(f"{object_id}.".startswith(known) for known in cls.object_ids)
        return by_id or bool(cls.described and cls.described.search(descr))

    def _check_kind(self, descr: str, object_id: str) -> None:
        if not self.recognises(descr, object_id):
            what = f"no {self.model}: sysObjectID {object_id or '(none)'}"
            raise WrongDevice(what, address=self.address, sent=SYS_OBJECT_ID, received=descr)
        if not self.transport.ask([if_table.DESCR])[if_table.DESCR]:
            what = "no table of interfaces"
            raise WrongDevice(what, address=self.address, sent=if_table.DESCR, received=descr)

    def _unit(self, descr: str) -> es.Unit:
        """Return maker, model, serial and system software: of the chassis, else what sysDescr says."""
        unit, said = super()._unit(descr), self.described.search(descr) if self.described else None
        groups = said.groupdict() if said else {}
        return replace(
            unit,
            maker=unit.maker or groups.get("maker") or self.maker,
            model=unit.model or groups.get("model") or "",
            firmware=groups.get("version") or unit.software or unit.firmware,
        )
