"""Switches with OcNOS (IP Infusion)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

from drivers import entity_sensor as es
from drivers.errors import Garbled
from drivers.items import item
from drivers.points import Item
from drivers.quantities import quantity
from drivers.snmp_fixed import Columns, level, number
from drivers.snmp_table import TablePoint
from drivers.switches.mib import SwitchMib

_STACK, _TRANSCEIVER = "walk 1.3.6.1.4.1.36673.100.1.2.1.1", "walk 1.3.6.1.4.1.36673.100.1.2.3.1"
_IPMI = "walk 1.3.6.1.4.1.36673.100.1.5.1.1"
STACK_MODEL, STACK_SERIAL = f"{_STACK}.2", f"{_STACK}.3"
TX_POWER, RX_POWER = f"{_TRANSCEIVER}.17", f"{_TRANSCEIVER}.22"
SENSOR_NAME, SENSOR_VALUE, SENSOR_UNITS = (f"{_IPMI}.{n}" for n in (2, 3, 4))
_NOTHING = frozenset((-100_001, -100_002, -10_001, -10_002))
_UNITS = {"amps": "A", "volts": "V", "watts": "W", "rpm": "rpm", "degrees c": "degC"}


def _place(columns: Columns, index: str) -> str:
    """Return stack unit, slot of the transceiver and lane: the index says no more."""
    del columns
    return index


def _light(unit: str, name: str) -> TablePoint:
    decode = level({RX_POWER: " RX", TX_POWER: " TX"}, unit, _place, divisor=1000, nothing=_NOTHING)
    doc = "Power of light received or sent, by stack unit, slot and lane."
    return TablePoint(RX_POWER, unit, doc, decode, name=name, beside=(TX_POWER,))


def _sensors(columns: Columns) -> Iterator[Item]:
    for index, value in columns.get(SENSOR_VALUE, {}).items():
        displayed = es.text(columns.get(SENSOR_UNITS, {}).get(index))
        unit = _UNITS.get(displayed.strip().lower())

        def read(at: Any, unit: str | None = unit, displayed: str = displayed) -> float:
            found = number(at, 1000, _NOTHING)
            if unit is None:
                raise Garbled(f"no unit that we know: {displayed!r}", received=displayed)
            return found

        yield item(
            read,
            value,
            str(value)[:60],
            key=es.text(columns.get(SENSOR_NAME, {}).get(index)) or index,
            query=f"{SENSOR_VALUE.removeprefix('walk ')}.{index}",
            unit=unit,
            quantity=quantity(unit),
        )


class OcNos(SwitchMib):
    """A switch with OcNOS: sensors and optics in the maker's own MIBs, in thousandths; numbers below mean none."""

    model: ClassVar[str] = "ocnos"
    source: ClassVar[str] = f"{SwitchMib.source}; IPI-CMM-CHASSIS-MIB and IPI-CMM-IPMI-MIB read"
    object_ids: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.36673.",)
    described: ClassVar[re.Pattern[str] | None] = re.compile(
        r"Hardware Model:(?P<model>[^,\s]+), Software version: OcNOS,(?P<version>\S+)"
    )

    light = _light("W", "optic[].power")
    light_level = _light("dBm", "optic[].level")
    sensor = TablePoint(
        SENSOR_VALUE,
        None,
        "Any sensor of the board's controller.",
        _sensors,
        name="sensor[].*",
        beside=(SENSOR_NAME, SENSOR_UNITS),
    )

    def _unit(self, descr: str) -> es.Unit:
        unit, stack = super()._unit(descr), self.transport.ask([STACK_MODEL, STACK_SERIAL])
        return replace(
            unit, model=unit.model or _first(stack[STACK_MODEL]), serial=unit.serial or _first(stack[STACK_SERIAL])
        )


def _first(column: Any) -> str:
    return next((es.stated(value) for value in column.values()), "") if isinstance(column, dict) else ""
