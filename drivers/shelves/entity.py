"""Power shelves that describe themselves by ENTITY-MIB and ENTITY-SENSOR-MIB."""

from typing import ClassVar

from drivers.entity_device import EntityDevice, SensorPoint, supply, whole
from drivers.protocols import Kind


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
    psu_output_power = SensorPoint(supply("output power"), "W", "Power given.", name="psu[].output_power")
    psu_output_current = SensorPoint(supply("output current"), "A", "Current given.", name="psu[].output_current")
    psu_temperature = SensorPoint(supply("temperature"), "degC", "Temperature.", name="psu[].temperature")
    psu_fan_speed = SensorPoint(supply("fan"), "rpm", "Speed of the fan.", name="psu[].fan_speed")
