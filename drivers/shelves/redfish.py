"""Power shelves with a Redfish service: ORv3 shelves of Delta, LITE-ON and others (DMTF DSP0268).

Supplies are members of a chassis' PowerSubsystem, of a PowerEquipment/PowerShelves resource, or, with older services,
rows of a chassis' Power. Their values come from PowerSupplyMetrics; where a supply has none, from the sensors that
name it as related. Totals of the shelf are sums over its supplies, and only where none is missing.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from drivers.errors import DriverError, NoReading, WrongDevice
from drivers.items import failed
from drivers.points import Identity, Item, Value
from drivers.protocols import Kind
from drivers.redfish import ROOT
from drivers.redfish_survey import Found, Node, NodePoint, Reader, SurveyedDevice, each, sensors
from drivers.redfish_values import away, entry, finite, link, listed, number, raised, text, words
from drivers.shelves import redfish_psu as psu

CHASSIS, POWER_SHELVES = "/redfish/v1/Chassis", "/redfish/v1/PowerEquipment"
_SUPPLIES = "/redfish/v1/Chassis/*/PowerSubsystem/PowerSupplies/*"
_METRICS = f"{_SUPPLIES}/Metrics"
_NEEDS = ("psu", "metrics", "psu_sensor")


def _psu(quantity: str, unit: str, doc: str) -> NodePoint:
    def decode(found: Found) -> Iterator[Item]:
        for node in found["psu"]:
            try:
                seen = psu.seen(node, found, quantity)
            except DriverError as error:
                yield failed(error, node.key, node.path)
            else:
                yield Item(seen.value, seen.raw, key=node.key, query=seen.path)

    return NodePoint(_METRICS, unit, doc, decode, _NEEDS, name=f"psu[].{quantity}")


def _said(name: str, doc: str, *path: str) -> NodePoint:
    def read(node: Node, found: Found) -> Value:
        del found
        said = text(raised(node.body), *path)
        if not said:
            raise NoReading(f"the service has no {path[-1]}")
        return said

    return NodePoint(_SUPPLIES, None, doc, each("psu", read, path), ("psu",), name=f"psu[].{name}")


def _working(found: Found) -> list[Node]:
    """Return the supplies that are there. Raises NoReading where there is none, or one that cannot be read."""
    working = [node for node in found["psu"] if away(raised(node.body)) is None]
    if not working:
        raise NoReading("the service shows no power supply that works")
    return working


def _values(found: Found, quantity: str) -> list[float]:
    return [psu.seen(node, found, quantity).value for node in _working(found)]


def _whole(quantity: str, of: Callable[[Sequence[float]], float] = psu.total, own: str = "") -> Callable[[Found], Item]:
    """Return a decoder of a total over the supplies, or of what the shelf itself says where they do not."""

    def decode(found: Found) -> Item:
        try:
            values = _values(found, quantity)
        except NoReading:
            if not own:
                raise
            return _own(found, own)
        shown = ", ".join(map(str, values))
        return Item(of(values), f"{of.__name__} of {shown}"[:200], query=f"{_METRICS} {quantity}")

    return decode


def _own(found: Found, name: str) -> Item:
    """Read the shelf's own total out of PowerDistributionMetrics."""
    nodes = list(found.get("shelf_metrics", ()))
    if len(nodes) != 1:
        raise NoReading(f"{len(nodes)} shelves have metrics of their own")
    value = number(raised(nodes[0].body), name)
    return Item(value * 1000.0 if name.endswith("kWh") else value, str(entry(nodes[0].body, name)), query=nodes[0].path)


def _share(found: Found) -> Iterator[Item]:
    """Read how much of the shelf's output each supply gives, 1."""
    whole = math.fsum(_values(found, "output_power"))
    if not whole > 0:
        raise NoReading("the shelf gives no power to share")
    for node in _working(found):
        seen = psu.seen(node, found, "output_power")
        yield Item(finite(seen.value / whole), f"{seen.value} of {whole}", key=node.key, query=seen.path)


class RedfishShelf(SurveyedDevice):
    """A power shelf; `psu` goes by the service's own Id, its bus voltage is the mean of its supplies' rails."""

    model: ClassVar[str] = "redfish-shelf"
    kind: ClassVar[Kind] = "power_shelf"
    source: ClassVar[str] = "DMTF DSP0268: PowerSupply, PowerSupplyMetrics, PowerDistributionMetrics, Sensor, Power"

    input_power = NodePoint(
        _METRICS,
        "W",
        "Power drawn from the feed.",
        _whole("input_power", own="PowerWatts"),
        (*_NEEDS, "shelf_metrics"),
    )
    output_power = NodePoint(_METRICS, "W", "Power given to the busbar.", _whole("output_power"), _NEEDS)
    output_voltage = NodePoint(_METRICS, "V", "Voltage of the busbar.", _whole("output_voltage", psu.mean), _NEEDS)
    output_current = NodePoint(_METRICS, "A", "Current into the busbar.", _whole("output_current"), _NEEDS)
    energy = NodePoint(
        _METRICS,
        "Wh",
        "Input energy since the registers were last reset.",
        _whole("energy", own="EnergykWh"),
        (*_NEEDS, "shelf_metrics"),
    )
    psu_input_power = _psu("input_power", "W", "Power drawn.")
    psu_input_voltage = _psu("input_voltage", "V", "Voltage of the feed.")
    psu_input_current = _psu("input_current", "A", "Current drawn.")
    psu_frequency = _psu("frequency", "Hz", "Frequency of the feed.")
    psu_output_power = _psu("output_power", "W", "Power given.")
    psu_output_voltage = _psu("output_voltage", "V", "Voltage of the rail.")
    psu_output_current = _psu("output_current", "A", "Current given.")
    psu_temperature = _psu("temperature", "degC", "Temperature.")
    psu_fan_speed = _psu("fan_speed", "rpm", "Speed of the fan, of the slowest where there are several.")
    psu_fan_duty = _psu("fan_duty", "%", "Speed of the fan as a share of its highest.")
    psu_energy = _psu("energy", "Wh", "Input energy since the register was last reset.")
    psu_share = NodePoint(_METRICS, "1", "Part of the shelf's output power.", _share, _NEEDS, name="psu[].share")
    psu_state = _said("state", "What the supply is: Enabled, Absent, ...", "Status", "State")
    psu_health = _said("health", "How the supply is: OK, Warning, Critical.", "Status", "Health")
    psu_serial = _said("serial", "Serial number.", "SerialNumber")
    sensor = NodePoint(f"{CHASSIS}/*/Sensors/*", None, "Any sensor.", sensors, ("sensor",), name="sensor[].*")

    def find(self, kind: str, reader: Reader) -> Iterable[Node]:
        """Walk to the chassis, the shelves, their supplies, metrics or sensors."""
        walks: dict[str, Callable[[Reader], Iterable[Node]]] = {
            "chassis": lambda r: r.members("chassis", CHASSIS),
            "shelf": _shelves,
            "shelf_metrics": lambda r: _linked("shelf_metrics", _shelves(r), r),
            "psu": _supplies,
            "metrics": lambda r: _linked("metrics", _supplies(r), r),
            "sensor": _all_sensors,
            "psu_sensor": _fallback_sensors,
        }
        return walks[kind](reader)

    def identify(self) -> Identity:
        """Ask the service root and the shelf. Raises WrongDevice where there is a computer, or no power supply."""
        root = raised(self.transport.ask([ROOT])[ROOT])
        found = self.survey(["shelf", "psu", "chassis"])
        holders = [node.body for node in (*found["shelf"], *found["chassis"])]
        shelf: Any = next((body for body in holders if text(body, "Model")), {})
        raw = "; ".join(
            words(root, "Vendor", "Product", "Name") + words(shelf, "Manufacturer", "Model", "SerialNumber")
        )
        systems = link(root, "Systems")
        if not found["psu"] or (not found["shelf"] and systems and list(self.transport.members(systems))):
            what = "a service without a shelf of power supplies"
            raise WrongDevice(what, address=self.address, sent=f"GET {ROOT}", received=raw)
        maker = text(shelf, "Manufacturer") or text(root, "Vendor")
        firmware = text(shelf, "FirmwareVersion") or self.manager_firmware(root)
        source = f"{self.address} {ROOT}"
        return Identity(maker, text(shelf, "Model"), text(shelf, "SerialNumber"), firmware, source, raw)


def _shelves(reader: Reader) -> Iterator[Node]:
    return reader.members("shelf", link(reader.get(POWER_SHELVES), "PowerShelves"))


def _supplies(reader: Reader) -> Iterator[Node]:
    for shelf in _shelves(reader):
        yield from reader.members("psu", link(shelf.body, "PowerSupplies"))
    for chassis in reader.members("chassis", CHASSIS):
        subsystem = reader.get(link(chassis.body, "PowerSubsystem"))
        modern = list(reader.members("psu", link(subsystem, "PowerSupplies")))
        yield from modern or _rows(reader, link(chassis.body, "Power"))


def _rows(reader: Reader, path: str | None) -> Iterator[Node]:
    """Yield the supplies that an older service lists in its Power resource."""
    for place, row in enumerate(listed(entry(reader.get(path), "PowerSupplies"))):
        if isinstance(row, dict):
            yield Node("psu", text(row, "MemberId") or str(place), f"{path}#/PowerSupplies/{place}", row)


def _linked(kind: str, nodes: Iterable[Node], reader: Reader) -> Iterator[Node]:
    for node in nodes:
        if (path := link(node.body, "Metrics")) is not None:
            yield Node(kind, node.key, path, reader.get(path))


def _all_sensors(reader: Reader) -> Iterator[Node]:
    for holder in (*_shelves(reader), *reader.members("chassis", CHASSIS)):
        yield from reader.members("sensor", link(holder.body, "Sensors"))


def _fallback_sensors(reader: Reader) -> Iterator[Node]:
    """Yield the sensors, but only where a supply has no metrics: they cost a request each."""
    if any(link(node.body, "Metrics") is None and "#" not in node.path for node in _supplies(reader)):
        yield from _all_sensors(reader)
