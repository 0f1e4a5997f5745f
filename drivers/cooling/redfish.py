"""Coolant distribution units with a Redfish service: ThermalEquipment (DMTF DSP0268, DSP2064).

The primary side is the facility's loop, the secondary side the loop through the racks. Points of the unit are those
of its one secondary connector; where there are several, only what may be added is, and each is read under its name.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from drivers import redfish_leaks
from drivers.errors import NoReading, WrongDevice
from drivers.points import Identity, Item, Value
from drivers.protocols import Kind
from drivers.redfish import ROOT
from drivers.redfish_survey import Found, Node, NodePoint, Reader, SurveyedDevice, each, sensors
from drivers.redfish_values import away, entry, link, listed, number, raised, text, words

THERMAL_EQUIPMENT = "/redfish/v1/ThermalEquipment"
_CDU = f"{THERMAL_EQUIPMENT}/CDUs/*"
_SECONDARY, _PRIMARY = f"{_CDU}/SecondaryCoolantConnectors/*", f"{_CDU}/PrimaryCoolantConnectors/*"
_PUMPS, _LEAKS = f"{_CDU}/Pumps/*", f"{_CDU}/LeakDetection/LeakDetectors/*"

_QUANTITIES: dict[str, tuple[str, str, float, str]] = {
    "flow": ("FlowLitersPerMinute", "l/min", 1.0, "Flow."),
    "supply_temperature": ("SupplyTemperatureCelsius", "degC", 1.0, "Temperature of the coolant on its way in."),
    "return_temperature": ("ReturnTemperatureCelsius", "degC", 1.0, "Temperature of the coolant on its way back."),
    "delta_temperature": ("DeltaTemperatureCelsius", "K", 1.0, "Difference of the temperatures."),
    "supply_pressure": ("SupplyPressurekPa", "Pa", 1000.0, "Pressure of the coolant on its way in."),
    "return_pressure": ("ReturnPressurekPa", "Pa", 1000.0, "Pressure of the coolant on its way back."),
    "delta_pressure": ("DeltaPressurekPa", "Pa", 1000.0, "Difference of the pressures."),
    "heat": ("HeatRemovedkW", "W", 1000.0, "Heat carried."),
}
_ADDED = frozenset({"flow", "heat"})


def _value(node: Node, quantity: str) -> float:
    body = raised(node.body)
    if (reason := away(body)) is not None:
        raise NoReading(reason)
    name, _, factor, _ = _QUANTITIES[quantity]
    value = number(body, name)
    return value * factor if factor != 1.0 else value


def _connector(side: str, quantity: str) -> NodePoint:
    """Return the point of a quantity at every connector of a side."""
    prop, unit, _, doc = _QUANTITIES[quantity]
    decode = each(side, lambda node, _: _value(node, quantity), (prop,))
    query = _SECONDARY if side == "secondary" else _PRIMARY
    return NodePoint(query, unit, doc, decode, (side,), name=f"{side}[].{quantity}")


def _unit(quantity: str, doc: str) -> NodePoint:
    """Return the point of a quantity of the whole unit: its secondary side."""
    prop, unit, _, _ = _QUANTITIES[quantity]

    def decode(found: Found) -> Item:
        nodes = [n for n in found["secondary"] if away(raised(n.body)) is None]
        having = [node for node in nodes if entry(node.body, prop) is not None]
        if not having:
            raise NoReading(f"no secondary connector has {prop}")
        if len(having) > 1 and quantity not in _ADDED:
            raise NoReading(f"{len(having)} secondary connectors have {prop}: see secondary[*].{quantity}")
        values = [_value(node, quantity) for node in having]
        shown = " + ".join(str(entry(node.body, prop)) for node in having)
        return Item(math.fsum(values) if len(values) > 1 else values[0], shown[:200], query=having[0].path)

    return NodePoint(_SECONDARY, unit, doc, decode, ("secondary",))


def _pump(unit: str, doc: str, name: str, *path: str) -> NodePoint:
    def read(node: Node, found: Found) -> Value:
        del found
        body = raised(node.body)
        if (reason := away(body)) is not None:
            raise NoReading(reason)
        return number(body, *path)

    return NodePoint(_PUMPS, unit, doc, each("pump", read, path), ("pump",), name=f"pump[].{name}")


def _said(kind: str, query: str, name: str, doc: str, *path: str) -> NodePoint:
    def read(node: Node, found: Found) -> Value:
        del found
        if not (said := text(raised(node.body), *path)):
            raise NoReading(f"the service has no {path[-1]}")
        return said

    return NodePoint(query, None, doc, each(kind, read, path), (kind,), name=f"{kind}[].{name}")


def _environment(unit: str, doc: str, prop: str, factor: float = 1.0) -> NodePoint:
    def decode(found: Found) -> Item:
        nodes = list(found["environment"])
        if len(nodes) != 1:
            raise NoReading(f"{len(nodes)} resources of environment metrics")
        value = number(raised(nodes[0].body), prop)
        return Item(value * factor, str(entry(nodes[0].body, prop))[:200], query=nodes[0].path)

    return NodePoint(f"{_CDU}/EnvironmentMetrics", unit, doc, decode, ("environment",))


class RedfishCdu(SurveyedDevice):
    """A coolant distribution unit; connectors, pumps and leak detectors go by the service's own Ids."""

    model: ClassVar[str] = "redfish-cdu"
    kind: ClassVar[Kind] = "cooling"
    source: ClassVar[str] = "DMTF DSP0268: ThermalEquipment, CoolingUnit, CoolantConnector, Pump, LeakDetector"

    supply_temperature = _unit("supply_temperature", "Coolant towards the racks.")
    return_temperature = _unit("return_temperature", "Coolant from the racks.")
    flow = _unit("flow", "Flow through the racks.")
    supply_pressure = _unit("supply_pressure", "Pressure towards the racks.")
    return_pressure = _unit("return_pressure", "Pressure from the racks.")
    heat = _unit("heat", "Heat carried from the racks.")
    secondary_flow = _connector("secondary", "flow")
    secondary_supply_temperature = _connector("secondary", "supply_temperature")
    secondary_return_temperature = _connector("secondary", "return_temperature")
    secondary_delta_temperature = _connector("secondary", "delta_temperature")
    secondary_supply_pressure = _connector("secondary", "supply_pressure")
    secondary_return_pressure = _connector("secondary", "return_pressure")
    secondary_delta_pressure = _connector("secondary", "delta_pressure")
    secondary_heat = _connector("secondary", "heat")
    primary_flow = _connector("primary", "flow")
    primary_supply_temperature = _connector("primary", "supply_temperature")
    primary_return_temperature = _connector("primary", "return_temperature")
    primary_delta_temperature = _connector("primary", "delta_temperature")
    primary_supply_pressure = _connector("primary", "supply_pressure")
    primary_return_pressure = _connector("primary", "return_pressure")
    primary_delta_pressure = _connector("primary", "delta_pressure")
    primary_heat = _connector("primary", "heat")
    pump_speed = _pump("rpm", "Speed of a pump.", "speed", "PumpSpeedPercent", "SpeedRPM")
    pump_duty = _pump("%", "Speed of a pump as a share of its highest.", "duty", "PumpSpeedPercent")
    pump_state = _said("pump", _PUMPS, "state", "What the pump is: Enabled, Absent, ...", "Status", "State")
    pump_health = _said("pump", _PUMPS, "health", "How the pump is: OK, Warning, Critical.", "Status", "Health")
    leak = NodePoint(_LEAKS, None, "True when a leak detector is wet.", redfish_leaks.leak, ("leak_detector",))
    leak_detector = _said("leak_detector", _LEAKS, "state", "OK, Warning, Critical, Unavailable.", "DetectorState")
    power = _environment("W", "Power that the unit draws.", "PowerWatts")
    energy = _environment("Wh", "Energy that the unit drew since the register was last reset.", "EnergykWh", 1000.0)
    sensor = NodePoint("/redfish/v1/Chassis/*/Sensors/*", None, "Any sensor.", sensors, ("sensor",), name="sensor[].*")

    def find(self, kind: str, reader: Reader) -> Iterable[Node]:
        """Walk to the units, their connectors, pumps, leak detectors, environment or the sensors."""
        walks: dict[str, Callable[[Reader], Iterable[Node]]] = {
            "cdu": _units,
            "secondary": lambda r: _below(r, "secondary", "SecondaryCoolantConnectors"),
            "primary": lambda r: _below(r, "primary", "PrimaryCoolantConnectors"),
            "pump": lambda r: _below(r, "pump", "Pumps"),
            "leak_detector": _detectors,
            "environment": _environments,
            "sensor": _sensors,
        }
        return walks[kind](reader)

    def identify(self) -> Identity:
        """Ask the service root and the unit. Raises WrongDevice where there is no coolant distribution unit."""
        root = raised(self.transport.ask([ROOT])[ROOT])
        units = self.survey(["cdu"])["cdu"]
        unit: Any = units[0].body if units else {}
        raw = "; ".join(words(root, "Vendor", "Product", "Name") + words(unit, "Manufacturer", "Model", "SerialNumber"))
        if not units:
            what = "a service without a coolant distribution unit"
            raise WrongDevice(what, address=self.address, sent=f"GET {ROOT}", received=raw)
        maker = text(unit, "Manufacturer") or text(root, "Vendor")
        firmware = text(unit, "FirmwareVersion") or self.manager_firmware(root)
        return Identity(maker, text(unit, "Model"), text(unit, "SerialNumber"), firmware, f"{self.address} {ROOT}", raw)


def _units(reader: Reader) -> Iterator[Node]:
    return reader.members("cdu", link(reader.get(THERMAL_EQUIPMENT), "CDUs"))


def _below(reader: Reader, kind: str, name: str) -> Iterator[Node]:
    for unit in _units(reader):
        yield from reader.members(kind, link(unit.body, name))


def _environments(reader: Reader) -> Iterator[Node]:
    for unit in _units(reader):
        if (path := link(unit.body, "EnvironmentMetrics")) is not None:
            yield Node("environment", unit.key, path, reader.get(path))


def _detectors(reader: Reader) -> Iterator[Node]:
    """Yield the leak detectors of the units and of the chassis that hold them."""
    for unit in _units(reader):
        chassis = [reader.get(link(c)) for c in listed(entry(unit.body, "Links", "Chassis"))]
        yield from redfish_leaks.detectors(reader, [unit.body, *chassis])


def _sensors(reader: Reader) -> Iterator[Node]:
    for chassis in reader.members("chassis", "/redfish/v1/Chassis"):
        yield from reader.members("sensor", link(chassis.body, "Sensors"))
