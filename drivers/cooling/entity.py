"""Coolant distribution units that describe themselves by ENTITY-MIB and ENTITY-SENSOR-MIB."""

import re
from typing import ClassVar

from drivers.entity_device import EntityDevice, SensorPoint, whole
from drivers.entity_sensor import Sensor, plain_name
from drivers.protocols import Kind


def _pump(sensor: Sensor) -> str | None:
    found = re.fullmatch(r"pump (\d+) speed", plain_name(sensor.name))
    return found[1] if found else None


def _heat(sensor: Sensor) -> str | None:
    named = re.fullmatch(r"(secondary )?heat( removed| carried| load| output)?", plain_name(sensor.name))
    return "" if named and not sensor.supply else None


class EntityCdu(EntityDevice):
    """A coolant distribution unit; temperatures, flow and pressures are those of the loop through the rack."""

    model: ClassVar[str] = "entity-cdu"
    kind: ClassVar[Kind] = "cooling"
    source: ClassVar[str] = "RFC 6933 ENTITY-MIB, RFC 3433 ENTITY-SENSOR-MIB"

    supply_temperature = SensorPoint(whole("secondary supply temperature"), "degC", "Coolant towards the rack.")
    return_temperature = SensorPoint(whole("secondary return temperature"), "degC", "Coolant from the rack.")
    flow = SensorPoint(whole("secondary flow"), "l/min", "Flow through the rack.")
    supply_pressure = SensorPoint(whole("secondary supply pressure"), "Pa", "Pressure towards the rack.")
    return_pressure = SensorPoint(whole("secondary return pressure"), "Pa", "Pressure from the rack.")
    heat = SensorPoint(_heat, "W", "Heat carried from the rack, where the unit itself reckons it.")
    pump_speed = SensorPoint(_pump, "rpm", "Speed of a pump.", name="pump[].speed")
    leak = SensorPoint(whole("leak"), None, "True when the leak detector is wet.")
