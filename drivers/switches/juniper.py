"""Juniper switches with Junos: components, temperatures and optics are in Juniper's own MIBs."""

import re
from collections.abc import Iterator
from typing import Any, ClassVar

from drivers import entity_sensor as es
from drivers import if_table
from drivers.items import item
from drivers.points import Item
from drivers.snmp_fixed import Columns, fixed, level
from drivers.snmp_table import TablePoint
from drivers.switches.mib import SwitchMib

BOX_DESCR, BOX_SERIAL = "1.3.6.1.4.1.2636.3.1.2.0", "1.3.6.1.4.1.2636.3.1.3.0"
_CONTENTS, _OPERATING = "walk 1.3.6.1.4.1.2636.3.1.8.1", "walk 1.3.6.1.4.1.2636.3.1.13.1"
CONTENT_DESCR, CONTENT_SERIAL, CONTENT_REVISION, CONTENT_PART = (f"{_CONTENTS}.{n}" for n in (6, 7, 8, 10))
OPERATING_DESCR, OPERATING_TEMPERATURE = f"{_OPERATING}.5", f"{_OPERATING}.7"
_DOM, _LANE = "walk 1.3.6.1.4.1.2636.3.60.1.1.1.1", "walk 1.3.6.1.4.1.2636.3.60.1.2.1.1"
DOM_RX, DOM_TX, LANE_RX, LANE_TX = f"{_DOM}.5", f"{_DOM}.7", f"{_LANE}.6", f"{_LANE}.8"
_LEVELS = {DOM_RX: " RX", DOM_TX: " TX", LANE_RX: " RX", LANE_TX: " TX"}
_BUILT_IN = "BUILTIN"


def _port(columns: Columns, index: str) -> str:
    """Return the port's name, and the lane for an index of two parts."""
    number, _, lane = index.partition(".")
    name = if_table.names(columns).get(number, number)
    return f"{name} lane {lane}" if lane else name


def _described(columns: Columns, index: str) -> str:
    return es.text(columns.get(OPERATING_DESCR, {}).get(index)) or index


def _light(unit: str, name: str) -> TablePoint:
    """Declare the light of all transceivers; one with lanes is read by its lanes, its sum would be another thing."""
    decode_all = level(_LEVELS, unit, _port, divisor=100)

    def decode(columns: Columns) -> Iterator[Item]:
        lanes = {index.partition(".")[0] for column in (LANE_RX, LANE_TX) for index in columns.get(column, {})}
        whole = {
            column: {i: v for i, v in rows.items() if column not in (DOM_RX, DOM_TX) or i not in lanes}
            for column, rows in columns.items()
        }
        return decode_all(whole)

    doc = "Power of light received or sent, per lane where there are several."
    return TablePoint(DOM_RX, unit, doc, decode, name=name, beside=(*_LEVELS, *if_table.NAMES), confirmed=False)


def _content(column: str, doc: str, name: str) -> TablePoint:
    def decode(columns: Columns) -> Iterator[Item]:
        for index, value in columns.get(column, {}).items():
            key = f"{es.text(columns.get(CONTENT_DESCR, {}).get(index))} {index}".strip()
            if es.stated(value) and es.text(value) != _BUILT_IN:
                query = f"{column.removeprefix('walk ')}.{index}"
                yield item(es.stated, value, es.text(value), key=key, query=query)

    return TablePoint(column, None, doc, decode, name=f"component[].{name}", beside=(CONTENT_DESCR,), confirmed=False)


class JuniperJunos(SwitchMib):
    """A Juniper switch. LLDP calls its ports by ifIndex; a temperature of 0 means that there is none."""

    model: ClassVar[str] = "juniper-junos"
    source: ClassVar[str] = f"{SwitchMib.source}; JUNIPER-MIB, JUNIPER-DOM-MIB, recalled and seen in public readers"
    object_ids: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.2636.1.",)
    described: ClassVar[re.Pattern[str] | None] = re.compile(
        r"Juniper Networks, Inc\. (?P<model>\S+) .*?kernel JUNOS (?P<version>[^\s,]+)", re.DOTALL
    )
    maker: ClassVar[str] = "Juniper Networks"

    light = _light("W", "optic[].power")
    light_level = _light("dBm", "optic[].level")
    sensor = TablePoint(
        OPERATING_TEMPERATURE,
        None,
        "Temperature of a component.",
        fixed(OPERATING_TEMPERATURE, "degC", _described, nothing=frozenset((0,))),
        name="sensor[].*",
        beside=(OPERATING_DESCR,),
        confirmed=False,
    )
    component_serial = _content(CONTENT_SERIAL, "Serial number.", "serial")
    component_model = _content(CONTENT_PART, "The maker's part.", "model")
    component_hardware = _content(CONTENT_REVISION, "Revision of the hardware.", "hardware")

    def _unit(self, descr: str) -> es.Unit:
        unit = super()._unit(descr)
        box: Any = self.transport.ask([BOX_DESCR, BOX_SERIAL])
        serial = unit.serial or es.stated(box[BOX_SERIAL])
        return es.Unit(unit.maker, unit.model or es.stated(box[BOX_DESCR]), serial, unit.firmware)
