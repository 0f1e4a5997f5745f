"""Light in and out of transceivers: which sensors measure it, and its power in watts and in dBm. Pure."""

import math
import re

from drivers.entity_sensor import Sensor
from drivers.errors import Garbled, NoReading
from drivers.points import Value

_LIGHT = re.compile(
    r"\b(rx|tx|receive|transmit|optical|laser)\b.*\bpower\b|\bpower\b.*\b(rx|tx|receive|transmit)\b", re.IGNORECASE
)


def dbm(watts: float) -> float:
    """Return the level, dBm, of a power in W. Raises NoReading for none at all, Garbled for a negative one.

    >>> round(dbm(0.000221), 3), dbm(0.001)
    (-6.556, 0.0)
    """
    if watts == 0:
        raise NoReading("no light: 0 W has no level in dBm")
    if not 0 < watts < math.inf:
        raise Garbled("not a power of light", received=str(watts))
    return 10 * math.log10(watts / 0.001)


def watts(level: float) -> float:
    """Return the power, W, of a level in dBm. Raises Garbled where no transceiver could have it.

    >>> watts(0.0), round(watts(-6.556), 6)
    (0.001, 0.000221)
    """
    if not -200 < level < 100:
        raise Garbled("not a level of light", received=str(level))
    return float(0.001 * 10 ** (level / 10))


def converted(value: Value, unit: str | None, wanted: str) -> Value:
    """Return what was read in W or dBm as the one that is wanted."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Garbled("not a number", received=str(value))
    if unit == wanted:
        return value
    return dbm(value) if wanted == "dBm" else watts(value)


def light(sensor: Sensor) -> str | None:
    """Return the sensor's name where it measures light: anything in dBm, and watts of something received or sent."""
    try:
        unit = sensor.unit
    except Garbled:
        return None
    if unit == "dBm" or (unit == "W" and not sensor.supply and _LIGHT.search(sensor.name)):
        return sensor.name
    return None
