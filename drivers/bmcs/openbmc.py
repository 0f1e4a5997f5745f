"""OpenBMC by its own shell: D-Bus through busctl.

Names as in github.com/openbmc/phosphor-dbus-interfaces; the object mapper says which services have sensors.
"""

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from drivers import busctl
from drivers.bmcs import dbus_objects, obmcutil
from drivers.bmcs.power_switch import PowerSwitch, Step, first
from drivers.busctl import Objects
from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading, WrongDevice
from drivers.os_release import parse
from drivers.points import Clock, Identity, Item, Point, Reading
from drivers.protocols import Kind
from drivers.ssh import ClockPoint, Completed, SshDevice, SshTransport, Timed
from drivers.ssh_console import Console, ConsoleLimits

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
DUMPS = f"busctl --json=short call {_X}.Dump.Manager {_ROOT}/dump {_MANAGED}"
POWER_STATE = f"busctl get-property {_X}.State.Chassis {_ROOT}/state/chassis0 {_X}.State.Chassis CurrentPowerState"
CLOCK = f"busctl get-property {_X}.Time.Manager {_ROOT}/time/bmc {_X}.Time.EpochTime Elapsed"
OBMCUTIL = "obmcutil state"
CONSOLE = "obmc-console-client"

_SET = "busctl set-property"
_CHASSIS = f"{_SET} {_X}.State.Chassis {_ROOT}/state/chassis0 {_X}.State.Chassis RequestedPowerTransition s"
_HOST = f"{_SET} {_X}.State.Host {_ROOT}/state/host0 {_X}.State.Host RequestedHostTransition s"
ORDERS: Mapping[Step, str] = {
    # As obmcutil gives them (github.com/openbmc/phosphor-state-manager): poweron, chassisoff, poweroff.
    "on": f"{_HOST} {_X}.State.Host.Transition.On",
    "off": f"{_CHASSIS} {_X}.State.Chassis.Transition.Off",
    "soft": f"{_HOST} {_X}.State.Host.Transition.Off",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _get_sensors(service: str) -> str:
    return f"busctl --json=short call {shlex.quote(service)} {_ROOT}/sensors {_MANAGED}"


def _output(reply: Any) -> str:
    if isinstance(reply, DriverError):
        raise reply
    return str(reply.checked()) if isinstance(reply, Completed) else str(reply)


def _every_sensor(replies: Mapping[str, Any]) -> Iterator[Item]:
    for query, completed in replies.items():
        yield from dbus_objects.sensors(busctl.objects(_output(completed)), query)


def _total_power(replies: Mapping[str, Any]) -> Item:
    for query, completed in replies.items():
        found = dbus_objects.total_power(busctl.objects(_output(completed)), query)
        if found is not None:
            return found
    raise NoReading("the BMC has no sensor TOTAL_POWER")


def _of_asset(name: str) -> Callable[[Completed], Item]:
    def decode(completed: Completed) -> Item:
        value = dbus_objects.chassis_asset(_objects(completed)).get(name)
        if not isinstance(value, str) or not value.strip():
            raise NoReading(f"the chassis has no {name}")
        return Item(value.strip(), value)

    return decode


def _objects(completed: Completed) -> Objects:
    return busctl.objects(completed.checked())


def _every(read: Callable[[Objects], Iterable[Item]]) -> Callable[[Completed], Iterable[Item]]:
    return lambda completed: read(_objects(completed))


def _firmware(completed: Completed) -> Item:
    version = parse(completed.checked()).get("VERSION_ID")
    if not version:
        raise Garbled("no VERSION_ID", received=completed.stdout)
    return Item(version, version)


def _power_state(completed: Completed) -> Item:
    word = busctl.string_property(completed.checked())
    return Item(obmcutil.power_state(word), word)


def _state(name: str) -> Callable[[Completed], Item]:
    return lambda completed: obmcutil.state(completed.checked(), name)


def _clock(timed: Timed) -> Item:
    completed: Completed = timed.reply
    elapsed = busctl.unsigned_property(completed.checked())
    try:
        device_time = _EPOCH + timedelta(microseconds=elapsed)
    except OverflowError:
        raise Garbled("not a time", received=completed.stdout) from None
    return Item(timed.offset_of(device_time), completed.stdout.strip())


def _count(completed: Completed) -> Item:
    count = len(dbus_objects.entries(_objects(completed)))
    return Item(count, str(count))


def _critical(completed: Completed) -> Item:
    standing = dbus_objects.standing(dbus_objects.entries(_objects(completed)))
    return Item(len(standing), "; ".join(standing))


def _dumps(completed: Completed) -> Item:
    found = dbus_objects.dumps(_objects(completed))
    return Item(len(found), "; ".join(found)[:200])


class OpenBmc(PowerSwitch, SshDevice):
    """A BMC that runs OpenBMC, reached by SSH to its shell."""

    model: ClassVar[str] = "openbmc"
    kind: ClassVar[Kind] = "bmc"
    source: ClassVar[str] = "github.com/openbmc/phosphor-dbus-interfaces, phosphor-state-manager; busctl(1)"

    serial = Point(INVENTORY, None, "Serial number of the chassis.", _of_asset("SerialNumber"))
    part = Point(INVENTORY, None, "Part number of the chassis.", _of_asset("PartNumber"))
    firmware = Point(OS_RELEASE, None, "Version of the BMC's firmware.", _firmware)
    power_state = Point(POWER_STATE, None, "on or off.", _power_state)
    power = Point(SUBTREE, "W", "Power of the whole, sensor TOTAL_POWER.", _total_power)
    clock_offset = ClockPoint(CLOCK, "The BMC's clock minus ours.", _clock)
    sensor = Point(SUBTREE, None, "Any sensor.", _every_sensor, name="sensor[].*")
    log_entries = Point(LOG, "1", "Entries of the event log.", _count)
    log_critical = Point(LOG, "1", "Unresolved entries that are critical or worse.", _critical)
    component = Point(
        INVENTORY, None, "What each part says about itself.", _every(dbus_objects.components), name="component[].*"
    )
    dumps = Point(DUMPS, "1", "Dumps that the BMC keeps: of a crash, as a rule.", _dumps)
    bmc_state = Point(OBMCUTIL, None, "What the BMC does: Ready, NotReady, ...", _state("CurrentBMCState"))
    host_state = Point(OBMCUTIL, None, "What the host does: Running, Off, ...", _state("CurrentHostState"))
    boot_progress = Point(OBMCUTIL, None, "How far the host's firmware has come.", _state("BootProgress"))
    os_state = Point(OBMCUTIL, None, "How far the operating system has come.", _state("OperatingSystemState"))

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

    def order_power(self, step: Step) -> None:
        """Ask for a transition of the host or the chassis. Raises DeviceRefused."""
        self.run(ORDERS[step]).checked()

    def read_power_state(self) -> Reading:
        """Read CurrentPowerState now."""
        return first(self.power_state)

    def console(self, limits: ConsoleLimits) -> Console:
        """Start to keep what the host's serial console says. Raises as `Console.start` does."""
        return Console.start(self.transport, CONSOLE, limits)

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
            return dbus_objects.chassis_asset(_objects(completed))
        except (NoReading, Garbled, DeviceRefused):
            return {}
