"""Sensors of a Redfish service that belong to a power supply, where the supply itself has no metrics."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from drivers.errors import DriverError, NoReading
from drivers.redfish_survey import Node
from drivers.redfish_values import listed, raised, sensor, text, unit_of

_OWNER = re.compile(r"(?:psu?|rect(?:ifier)?|power ?supply)[ _-]?(\d+)[ _-]", re.IGNORECASE)
_INPUT = re.compile(r"(?<![a-z])(in|input|[viap]in|ac)(?![a-z])", re.IGNORECASE)
_OUTPUT = re.compile(r"(?<![a-z])(out|output|[viap]out|dc|bus)(?![a-z])", re.IGNORECASE)

_SIDED: Mapping[str, str] = MappingProxyType({"W": "power", "V": "voltage", "A": "current"})
_PLAIN: Mapping[str, str] = MappingProxyType(
    {"degC": "temperature", "rpm": "fan_speed", "%": "fan_duty", "Wh": "energy", "Hz": "frequency"}
)


def of_supply(supply: Node, quantity: str, nodes: Sequence[Node]) -> tuple[float, str, str]:
    """Return value, raw reading and path of the one sensor of this supply that measures `quantity`.

    Raises NoReading where there is none, or several.
    """
    owned = [n for n in nodes if isinstance(n.body, dict) and _belongs(n.body, supply)]
    fitting = [node for node in owned if _measures(node.body) == quantity]
    if len(fitting) != 1:
        raise NoReading(f"{len(fitting)} sensors of this supply measure {quantity}")
    body = raised(fitting[0].body)
    return sensor(body)[0], str(body.get("Reading"))[:200], fitting[0].path


def _belongs(body: Any, supply: Node) -> bool:
    related = [text(one, "@odata.id") for one in listed(body.get("RelatedItem"))]
    if any("PowerSupplies/" in path for path in related):
        return supply.path in related
    named = _OWNER.match(text(body, "Name")) or _OWNER.match(text(body, "Id"))
    numbers = re.findall(r"\d+", supply.key)
    return bool(named and numbers and int(named[1]) == int(numbers[-1]))


def _measures(body: Any) -> str:
    """Return the quantity that a sensor of a supply measures, "" where it does not say so."""
    try:
        unit = unit_of(body)[0]
    except DriverError:
        return ""
    if unit in _PLAIN:
        return _PLAIN[unit]
    said = f"{text(body, 'PhysicalSubContext')} {text(body, 'Name').replace('_', ' ')}"
    sides = [side for side, words in (("input", _INPUT), ("output", _OUTPUT)) if words.search(said)]
    return f"{sides[0]}_{_SIDED[unit]}" if len(sides) == 1 and unit in _SIDED else ""
