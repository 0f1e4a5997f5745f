"""OpenBMC by its own shell: D-Bus through busctl.

Names as in github.com/openbmc/phosphor-dbus-interfaces; the object mapper says which services have sensors.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from drivers import busctl
from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading, WrongDevice
from drivers.items import item
from drivers.os_release import parse
from drivers.points import Clock, Identity, Item, Point, Reading, Value
from drivers.protocols import Kind
from drivers.quantities import quantity
from drivers.ssh import ClockPoint, Completed, SshDevice, SshTransport, Timed

_X = "xyz.openbmc_project"
_ROOT = "/xyz/openbmc_project"
_MANAGED = "org.freedesktop.DBus.ObjectManager GetManagedObjects"
OS_RELEASE = "cat /etc/os-release"
SUBTREE = (
    f"busctl --json=short call {_X}.ObjectMapper {_ROOT}/object_mapper {_X}.ObjectMapper "
    f"GetSubTree sias {_ROOT}/sensors 0 1 {_X}.Sensor.Value"
)
INVENTORY = f"busctl --json=short call {_X}.Inventory.Manager {_ROOT}/inventory {_MANAGED}"
LOG = f"busctl --json=short call {_X}.Logging {_ROOT}/logging {_MANAGED}"
POWER_STATE = f"busctl get-property {_X}.State.Chassis {_ROOT}/state/chassis0 {_X}.State.Chassis CurrentPowerState"
CLOCK = f"busctl get-property {_X}.Time.Manager {_ROOT}/time/bmc {_X}.Time.EpochTime Elapsed"

_UNITS = {
    "DegreesC": "degC",
    "Watts": "W",
    "Volts": "V",
    "Amperes": "A",
    "RPMS": "rpm",
    "Percent": "%",
    "PercentRH": "%RH",
    "Joules": "J",
    "Hertz": "Hz",
    "Pascals": "Pa",
}
_BY_FOLDER = {
    "temperature": "degC",
    "power": "W",
    "voltage": "V",
    "current": "A",
    "fan_tach": "rpm",
    "humidity": "%RH",
    "frequency": "Hz",
}
_CRITICAL = ("Emergency", "Alert", "Critical")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _get_sensors(service: str) -> str:
    return f"busctl --json=short call {shlex.quote(service)} {_ROOT}/sensors {_MANAGED}"


def _sensors(replies: Mapping[str, Any]) -> Iterator[tuple[str, str, str, dict[str, dict[str, Any]]]]:
    """Yield query, path, name and interfaces of every sensor."""
    for query, completed in replies.items():
        for path, interfaces in busctl.objects(_output(completed)).items():
            if f"{_X}.Sensor.Value" in interfaces:
                yield query, path, path.rpartition("/")[2], interfaces


def _output(reply: Any) -> str:
    if isinstance(reply, DriverError):
        raise reply
    return str(reply.checked()) if isinstance(reply, Completed) else str(reply)


def _unit(path: str, interfaces: dict[str, dict[str, Any]]) -> str | None:
    stated = str(interfaces[f"{_X}.Sensor.Value"].get("Unit", "")).rpartition(".")[2]
    return _UNITS.get(stated) or _BY_FOLDER.get(path.split("/")[-2])


def _value(interfaces: dict[str, dict[str, Any]]) -> float:
    available = interfaces.get(f"{_X}.State.Decorator.Availability", {}).get("Available", True)
    functional = interfaces.get(f"{_X}.State.Decorator.OperationalStatus", {}).get("Functional", True)
    if not available or not functional:
        raise NoReading("the BMC says that the sensor is not available" if not available else "not functional")
    value = busctl.finite(interfaces[f"{_X}.Sensor.Value"].get("Value"))
    if value is None:
        raise NoReading("the sensor has no value (NaN)")
    return value


def _every_sensor(replies: Mapping[str, Any]) -> Iterator[Item]:
    for query, path, name, interfaces in _sensors(replies):
        unit = _unit(path, interfaces)
        raw = repr(interfaces[f"{_X}.Sensor.Value"].get("Value"))
        read = _value if unit else _no_unit
        yield item(read, interfaces, raw, key=name, query=f"{query} {path}", unit=unit, quantity=quantity(unit))


def _no_unit(interfaces: dict[str, dict[str, Any]]) -> Value:
    raise Garbled("no unit that we know", received=str(interfaces.get(f"{_X}.Sensor.Value")))


def _total_power(replies: Mapping[str, Any]) -> Item:
    for query, path, name, interfaces in _sensors(replies):
        if name.upper() == "TOTAL_POWER":
            if _unit(path, interfaces) != "W":
                raise Garbled(f"in {_unit(path, interfaces)}, not in W", received=path)
            raw = repr(interfaces[f"{_X}.Sensor.Value"].get("Value"))
            return Item(_value(interfaces), raw, query=f"{query} {path}")
    raise NoReading("the BMC has no sensor TOTAL_POWER")


def _asset(objects: busctl.Objects) -> dict[str, Any]:
    """Return Decorator.Asset of the chassis: of the object that is one, else of the one named so."""
    assets = {path: i[f"{_X}.Inventory.Decorator.Asset"] for path, i in objects.items() if _has_asset(i)}
    for path, asset in assets.items():
        if f"{_X}.Inventory.Item.Chassis" in objects[path]:
            return asset
    for name in ("chassis", "system"):
        for path, asset in assets.items():
            if path.rpartition("/")[2].startswith(name):
                return asset
    raise NoReading("the inventory has no chassis with an asset")


def _has_asset(interfaces: dict[str, dict[str, Any]]) -> bool:
    return f"{_X}.Inventory.Decorator.Asset" in interfaces


def _of_asset(name: str) -> Any:
    def decode(completed: Completed) -> Item:
        value = _asset(busctl.objects(completed.checked())).get(name)
        if not isinstance(value, str) or not value.strip():
            raise NoReading(f"the chassis has no {name}")
        return Item(value.strip(), value)

    return decode


def _firmware(completed: Completed) -> Item:
    version = parse(completed.checked()).get("VERSION_ID")
    if not version:
        raise Garbled("no VERSION_ID", received=completed.stdout)
    return Item(version, version)


def _power_state(completed: Completed) -> Item:
    word = busctl.string_property(completed.checked())
    states = {"On": "on", "Off": "off", "TransitioningToOn": "off", "TransitioningToOff": "on"}
    last = word.rpartition(".")[2]
    if last not in states:
        raise Garbled("not a state of power", received=completed.stdout)
    return Item(states[last], word)


def _clock(timed: Timed) -> Item:
    completed: Completed = timed.reply
    elapsed = busctl.unsigned_property(completed.checked())
    try:
        device_time = _EPOCH + timedelta(microseconds=elapsed)
    except OverflowError:
        raise Garbled("not a time", received=completed.stdout) from None
    return Item(timed.offset_of(device_time), completed.stdout.strip())


def _entries(completed: Completed) -> list[dict[str, Any]]:
    found = busctl.objects(completed.checked()).values()
    return [i[f"{_X}.Logging.Entry"] for i in found if f"{_X}.Logging.Entry" in i]


def _count(completed: Completed) -> Item:
    count = len(_entries(completed))
    return Item(count, str(count))


def _critical(completed: Completed) -> Item:
    """Count unresolved entries that are critical or worse (Logging.Entry.Level)."""
    severe = [e for e in _entries(completed) if str(e.get("Severity")).rpartition(".")[2] in _CRITICAL]
    standing = [str(e.get("Message")) for e in severe if e.get("Resolved") is not True]
    return Item(len(standing), "; ".join(standing))


class OpenBmc(SshDevice):
    """A BMC that runs OpenBMC, reached by SSH to its shell."""

    model: ClassVar[str] = "openbmc"
    kind: ClassVar[Kind] = "bmc"
    source: ClassVar[str] = "github.com/openbmc/phosphor-dbus-interfaces, busctl(1)"

    serial = Point(INVENTORY, None, "Serial number of the chassis.", _of_asset("SerialNumber"))
    part = Point(INVENTORY, None, "Part number of the chassis.", _of_asset("PartNumber"))
    firmware = Point(OS_RELEASE, None, "Version of the BMC's firmware.", _firmware)
    power_state = Point(POWER_STATE, None, "on or off.", _power_state)
    power = Point(SUBTREE, "W", "Power of the whole, sensor TOTAL_POWER.", _total_power)
    clock_offset = ClockPoint(CLOCK, "The BMC's clock minus ours.", _clock)
    sensor = Point(SUBTREE, None, "Any sensor.", _every_sensor, name="sensor[].*")
    log_entries = Point(LOG, "1", "Entries of the event log.", _count)
    log_critical = Point(LOG, "1", "Unresolved entries that are critical or worse.", _critical)

    def __init__(self, transport: SshTransport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self._services: list[str] | None = None

    def identify(self) -> Identity:
        """Ask for os-release and the chassis' asset. Raises WrongDevice where the system is not OpenBMC."""
        replies = self.transport.ask([OS_RELEASE, INVENTORY])
        release: Completed = replies[OS_RELEASE]
        fields = parse(release.stdout)
        if "openbmc" not in fields.get("ID", ""):
            raise WrongDevice("not OpenBMC", address=self.address, sent=OS_RELEASE, received=release.stdout)
        asset = self._asset_or_nothing(replies[INVENTORY])
        maker, model, serial = (str(asset.get(name, "")) for name in ("Manufacturer", "Model", "SerialNumber"))
        firmware = fields.get("VERSION_ID", "")
        return Identity(maker, model, serial, firmware, f"{self.address} {OS_RELEASE}", release.stdout.strip())

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Read the points; sensors service by service, as the object mapper names them."""
        by_service = [point for point in points if point.query == SUBTREE]
        rest = super().read_points([point for point in points if point.query != SUBTREE])
        if not by_service:
            return rest
        replies = self._sensor_replies()
        at = self.clock.now()
        return [r for point in by_service for r in point.readings(replies, self.address, at)] + rest

    def _sensor_replies(self) -> Mapping[str, Any] | DriverError:
        try:
            if self._services is None:
                self._services = busctl.services(self.transport.ask([SUBTREE])[SUBTREE].checked())
        except DriverError as error:
            return error
        replies = self.transport.ask([_get_sensors(service) for service in self._services])
        if any(isinstance(reply, Completed) and reply.status for reply in replies.values()):
            self._services = None  # one has gone: ask the mapper again next time
        return replies

    def _asset_or_nothing(self, completed: Completed) -> dict[str, Any]:
        try:
            return _asset(busctl.objects(completed.checked()))
        except (NoReading, Garbled, DeviceRefused):
            return {}
