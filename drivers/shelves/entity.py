"""Power shelves that describe themselves by ENTITY-MIB and ENTITY-SENSOR-MIB."""

from collections.abc import Sequence
from typing import Any, ClassVar

from drivers.entity_device import EntityDevice, SensorPoint, supply, whole
from drivers.entity_sensor import Sensor
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item, Value
from drivers.protocols import Kind

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


class EntityShelf(EntityDevice):
    """A power shelf: totals are sensors of the chassis, the rest of its power supplies, keyed by their position."""

    model: ClassVar[str] = "entity-shelf"
    kind: ClassVar[Kind] = "power_shelf"
    source: ClassVar[str] = "RFC 6933 ENTITY-MIB, RFC 3433 ENTITY-SENSOR-MIB"

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
