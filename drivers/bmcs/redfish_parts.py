"""Values of the parts behind a Redfish BMC: what one resource says about itself. Pure."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from drivers.bmcs.redfish_whole import absent, consumed_path, filled, present, resource, why_not
from drivers.errors import DriverError, Garbled, NoReading
from drivers.items import failed, item
from drivers.points import Item, Value
from drivers.quantities import quantity
from drivers.redfish_survey import Found, Node, NodePoint, each
from drivers.redfish_values import entry, finite, number, raised, sensor, text, unit_of
from drivers.shelves import redfish_psu

MEBI, GIBI, MEGA = float(2**20), float(2**30), 1e6

_ROW_SENSORS = {
    # Array of an older resource: the properties that may hold the reading, and its unit (Thermal, Power 1.0 on).
    "Temperatures": (("ReadingCelsius", "CurrentReading"), "degC"),
    "Voltages": (("ReadingVolts",), "V"),
}
_THRESHOLDS = {
    # Name of ours: property under Thresholds of a Sensor, property of a row of Thermal or Power.
    "lower_non_recoverable": ("LowerFatal", "LowerThresholdFatal"),
    "lower_critical": ("LowerCritical", "LowerThresholdCritical"),
    "lower_non_critical": ("LowerCaution", "LowerThresholdNonCritical"),
    "upper_non_critical": ("UpperCaution", "UpperThresholdNonCritical"),
    "upper_critical": ("UpperCritical", "UpperThresholdCritical"),
    "upper_non_recoverable": ("UpperFatal", "UpperThresholdFatal"),
}
_MOST_OF_CAPACITY = 1.08
"""A supply takes in hardly more than it gives; what says much more shows what it may take in, not what it does."""


def said(kind: str, query: str, name: str, doc: str, *path: str) -> NodePoint:
    """Return the point of a text of every resource of a kind."""

    def read(node: Node, found: Found) -> Value:
        del found
        body = raised(node.body)
        if path[0] != "Status" and absent(node):
            raise NoReading("the service says that it is Absent")
        words = entry(body, *path)
        if not isinstance(words, str) or not filled(words.strip()):
            raise NoReading(f"the service has no {path[-1]}", received=str(words)[:200])
        return words.strip()

    return NodePoint(query, None, doc, each(kind, read, path), (kind,), name=f"{kind}[].{name}")


def measured(kind: str, query: str, name: str, unit: str, doc: str, *path: str, factor: float = 1.0) -> NodePoint:
    """Return the point of a number of every resource of a kind, times `factor`."""

    def read(node: Node, found: Found) -> Value:
        del found
        why_not(node.body)
        value = number(node.body, *path)
        return value * factor if factor != 1.0 else value

    return NodePoint(query, unit, doc, each(kind, read, path), (kind,), name=f"{kind}[].{name}")


def consumed(query: str) -> NodePoint:
    """Return the point of what every row of PowerControl says that is drawn."""

    def read(node: Node, found: Found) -> Value:
        del found
        path = consumed_path(raised(node.body))
        if path is None:
            raise NoReading("the service has no PowerConsumedWatts")
        return number(node.body, *path)

    decode = each("power_control", read, ("PowerConsumedWatts",))
    doc = "Power that is drawn, as this row of PowerControl says."
    return NodePoint(query, "W", doc, decode, ("power_control",), name="power_control[].power")


def supply(query: str, quantity_: str, unit: str, doc: str) -> NodePoint:
    """Return the point of a quantity of every power supply: from its metrics, else from its own resource."""

    def decode(found: Found) -> Iterator[Item]:
        for node in found["psu"]:
            try:
                seen = redfish_psu.seen(node, found, quantity_)
                if quantity_ == "input_power" and "#" in node.path:
                    _believe(node, seen.value, _MOST_OF_CAPACITY)
            except DriverError as error:
                yield failed(error, node.key, node.path)
            else:
                yield Item(seen.value, seen.raw, key=node.key, query=seen.path)

    return NodePoint(query, unit, doc, decode, ("psu", "metrics", "psu_sensor"), name=f"psu[].{quantity_}")


def _believe(node: Node, value: float, most: float) -> None:
    """Refuse a power in a row of Power that is the supply's rating: Dell's older services show that there."""
    capacity = entry(node.body, "PowerCapacityWatts")
    if isinstance(capacity, int | float) and 0 < capacity * most <= value:
        what = f"{value:g} W at a supply of {capacity:g} W: what it is made for, not what it does"
        raise Garbled(what, received=str(value))


def last_output(query: str) -> NodePoint:
    """Return the point of the output power that an older service last saw, as an average (Power.PowerSupply)."""

    def read(node: Node, found: Found) -> Value:
        del found
        why_not(node.body)
        value = number(node.body, "LastPowerOutputWatts")
        _believe(node, value, 1.0)
        return value

    doc = "Mean power out of a supply, as its service last saw it."
    decode = each("psu", read, ("LastPowerOutputWatts",))
    return NodePoint(query, "W", doc, decode, ("psu",), name="psu[].last_output_power")


class Read(NamedTuple):
    """One sensor: its value, its unit, and what was shown."""

    value: float
    unit: str


def every_sensor(found: Found) -> Iterator[Item]:
    """Read every Sensor, and every row of the older resources, in the unit that it states."""
    for node in found["sensor"]:
        unit = _unit_or_none(node)
        yield item(
            lambda n: read_sensor(n).value,
            node,
            _shown(node),
            key=node.key,
            unit=unit,
            query=node.path,
            quantity=quantity(unit) if unit else "value",
        )


def read_sensor(node: Node) -> Read:
    """Read one. Raises NoReading where it has no value now or no unit, Garbled."""
    body, array = raised(node.body), _array(node)
    if not array:
        return Read(*sensor(body))
    why_not(body)
    if array in _ROW_SENSORS:
        names, unit = _ROW_SENSORS[array]
        return Read(number(body, _first_of(body, names)), unit)
    return _fan(body)


def _fan(body: Any) -> Read:
    """Read a row of Fans: rpm or a share, as it says (Thermal.Fan, ReadingUnits; Units before there was that)."""
    said_ = text(body, "ReadingUnits") or text(body, "Units")
    value = number(body, _first_of(body, ("Reading", "CurrentReading")))
    unit, factor = unit_of({"ReadingUnits": said_})
    return Read(value * factor, unit)


def _first_of(body: Any, names: Sequence[str]) -> str:
    return next((name for name in names if entry(body, name) is not None), names[0])


def _array(node: Node) -> str:
    """Return in which array of an older resource a node stands, "" where it is a resource of its own."""
    parts = node.path.partition("#")[2].strip("/").split("/")
    return parts[0] if parts[0] in {"Temperatures", "Fans", "Voltages"} else ""


def _unit_or_none(node: Node) -> str | None:
    with suppress(DriverError):  # said again, with its reason, by the item
        body, array = raised(node.body), _array(node)
        if array in _ROW_SENSORS:
            return _ROW_SENSORS[array][1]
        named = {"ReadingUnits": text(body, "ReadingUnits") or text(body, "Units")} if array else body
        return unit_of(named)[0]
    return None


def _shown(node: Node) -> str:
    body = node.body
    found = next((n for n in ("Reading", "ReadingCelsius", "ReadingVolts", "CurrentReading") if entry(body, n)), "")
    return str(entry(body, found or "Reading"))[:200] if entry(body, found or "Reading") is not None else "null"


def every_threshold(found: Found) -> Iterator[Item]:
    """Read the limits that the BMC itself watches, of every sensor that has any."""
    for node in found["sensor"]:
        unit = _unit_or_none(node)
        for name, (modern, older) in _THRESHOLDS.items():
            value = entry(node.body, "Thresholds", modern, "Reading")
            value = entry(node.body, older) if value is None and _array(node) else value
            if value is not None and unit is not None:
                yield item(finite, value, str(value)[:200], key=node.key, unit=unit, query=node.path, quantity=name)


def fan(query: str, name: str, unit: str, doc: str, modern: Sequence[str], own: str) -> NodePoint:
    """Return the point of a speed of every fan: of ThermalSubsystem, else of a row of Thermal in that unit."""

    def read(node: Node, found: Found) -> Value:
        del found
        why_not(node.body)
        if not _array(node):
            return number(node.body, *modern)
        row = _fan(node.body)
        if row.unit != own:
            raise NoReading(f"the service states it in {row.unit}")
        return row.value

    return NodePoint(query, unit, doc, each("fan", read, ("Reading",)), ("fan",), name=f"fan[].{name}")


def energy(query: str) -> NodePoint:
    """Return the point of the energy that every part has drawn: EnergykWh, else EnergyJoules."""

    def read(node: Node, found: Found) -> Value:
        del found
        body = raised(node.body)
        if entry(body, "EnergykWh") is not None or entry(body, "EnergyJoules") is None:
            return number(body, "EnergykWh") * 1000.0
        return number(body, "EnergyJoules") / 3600.0

    doc = "Energy that it drew since the register was last reset."
    decode = each("environment", read, ("EnergykWh",))
    return NodePoint(query, "Wh", doc, decode, ("environment",), name="environment[].energy")


def count(kind: str, *types: str) -> Callable[[Found], Item]:
    """Return a decoder that counts the parts that are there, of these ProcessorTypes where any are named."""

    def decode(found: Found) -> Item:
        if not found[kind]:
            raise NoReading(f"the service lists no {kind}")
        nodes = [n for n in present(found[kind]) if not types or text(n.body, "ProcessorType") in types]
        return Item(len(nodes), ", ".join(node.key for node in nodes)[:200])

    return decode


def memory_total(found: Found) -> Item:
    """Sum the capacities of the modules that are there, B; what the system sums up itself where it lists none."""
    nodes = present(found["memory"])
    if nodes:
        values = [number(node.body, "CapacityMiB") for node in nodes]
        return Item(sum(values) * MEBI, " + ".join(f"{value:g} MiB" for value in values)[:200])
    for node in found["system"]:
        if (stated := entry(node.body, "MemorySummary", "TotalSystemMemoryGiB")) is not None:
            return Item(finite(stated) * GIBI, str(stated)[:200], query=node.path)
    raise NoReading("the service lists no memory")


def sessions(found: Found) -> Item:
    """Count the sessions that are open, ours among them. Raises NoReading for none, what came instead of one."""
    if not found["session"]:
        raise NoReading("the service lists no session")
    nodes = [resource(node.body) for node in found["session"]]
    return Item(len(nodes), str(len(nodes)))
