"""Power shelves that describe themselves by ENTITY-MIB and ENTITY-SENSOR-MIB.

The states of their supplies come from ENTITY-STATE-MIB, or from Cisco's own table.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

from drivers import entity_sensor as es
from drivers.columns import numbered
from drivers.entity_device import EntityDevice, SensorPoint, supply, whole
from drivers.entity_sensor import Sensor
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item, Value
from drivers.protocols import Kind
from drivers.snmp_fixed import Columns
from drivers.snmp_table import TablePoint

STATE = "walk 1.3.6.1.2.1.131.1.1.1.3"
"""entStateOper (RFC 4268)."""

CISCO_STATE = "walk 1.3.6.1.4.1.9.9.117.1.1.2.1.2"
"""cefcFRUPowerOperStatus of CISCO-ENTITY-FRU-CONTROL-MIB."""

_UNKNOWN = 1
_WORDS = {
    STATE: numbered("disabled enabled testing", start=2),
    CISCO_STATE: numbered(
        "off_environment on off_admin off_denied off_power off_temperature off_fan failed on_but_fan_failed "
        "off_cooling off_connector on_but_inline_power_failed",
        start=1,
    ),
}

Row = tuple[Sensor, Any, Any]
"""A sensor with the raw value and the raw status that were read."""


def _number(row: Row) -> float:
    sensor, raw, status = row
    value = sensor.value_of(raw, status)
    if sensor.unit != "W" or isinstance(value, bool | str) or value is None:
        raise Garbled(f"in {sensor.unit or 'a truth value'}, not in W", received=str(raw)[:60])
    return value


class SharePoint(SensorPoint):
    """What part of the shelf's output each supply gives; none where one of them does not tell its own."""

    def _items(self, found: Sequence[Row]) -> list[Item]:
        rows = [(key, row) for row in found if (key := self.key(row[0])) is not None]

        def read(row: Row) -> Value:
            total = sum(_number(other) for _, other in rows)
            if not total > 0:
                raise NoReading("the shelf gives no power to share")
            return _number(row) / total

        return [item(read, row, str(row[1])[:60], key=key, query=row[0].value_oid) for key, row in rows]


def _states(columns: Columns) -> Iterator[Item]:
    """Yield the state of every supply, keyed by its position; one that tells none is null."""
    for index, kind in columns.get(es.CLASS, {}).items():
        if kind == es.POWER_SUPPLY:
            key = str(columns.get(es.PARENT_POS, {}).get(index, index))
            told = next((c for c in _WORDS if index in columns.get(c, {})), STATE)
            raw = columns.get(told, {}).get(index)
            query = f"{told.removeprefix('walk ')}.{index}"
            yield item(partial(_state, column=told), raw, str(raw), key=key, query=query)


def _state(raw: Any, column: str) -> str:
    if raw is None:
        raise NoReading("the agent tells no state of this supply")
    if column == STATE and raw == _UNKNOWN:
        raise NoReading("the agent says: unknown", received=str(raw))
    if raw not in _WORDS[column]:
        raise Garbled("a state that the MIB does not have", received=str(raw)[:60])
    return _WORDS[column][raw]


class EntityShelf(EntityDevice):
    """A power shelf: totals are sensors of the chassis, the rest of its power supplies, keyed by their position."""

    model: ClassVar[str] = "entity-shelf"
    kind: ClassVar[Kind] = "power_shelf"
    source: ClassVar[str] = (
        "RFC 6933 ENTITY-MIB, RFC 3433 ENTITY-SENSOR-MIB, RFC 4268 ENTITY-STATE-MIB; "
        "CISCO-ENTITY-FRU-CONTROL-MIB recalled"
    )

    input_power = SensorPoint(whole("input power"), "W", "Power drawn from the feed.")
    output_power = SensorPoint(whole("output power"), "W", "Power given to the busbar.")
    output_voltage = SensorPoint(whole("output voltage"), "V", "Voltage of the busbar.")
    output_current = SensorPoint(whole("output current"), "A", "Current into the busbar.")
    energy = SensorPoint(whole("input energy"), "Wh", "Input energy since the register was last reset.")
    psu_input_power = SensorPoint(supply("input power"), "W", "Power drawn.", name="psu[].input_power")
    psu_input_voltage = SensorPoint(supply("input voltage"), "V", "Voltage of the feed.", name="psu[].input_voltage")
    psu_input_current = SensorPoint(supply("input current"), "A", "Current drawn.", name="psu[].input_current")
    psu_output_power = SensorPoint(supply("output power"), "W", "Power given.", name="psu[].output_power")
    psu_output_voltage = SensorPoint(supply("output voltage"), "V", "Voltage given.", name="psu[].output_voltage")
    psu_output_current = SensorPoint(supply("output current"), "A", "Current given.", name="psu[].output_current")
    psu_temperature = SensorPoint(supply("temperature"), "degC", "Temperature.", name="psu[].temperature")
    psu_fan_speed = SensorPoint(supply("fan"), "rpm", "Speed of the fan.", name="psu[].fan_speed")
    psu_share = SharePoint(supply("output power"), "1", "Part of the shelf's output power.", name="psu[].share")
    psu_state = TablePoint(
        es.CLASS,
        None,
        "Whether the supply works, in the words of the MIB that tells it.",
        _states,
        name="psu[].state",
        beside=(es.PARENT_POS, STATE, CISCO_STATE),
        confirmed=False,
    )
