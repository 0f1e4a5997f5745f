"""The rack as a case sees it: devices by role, expectations from the inventory, and no address."""

from collections.abc import Callable
from dataclasses import dataclass

from drivers import addresses
from drivers.errors import DriverError, NoReading, UsageError
from drivers.points import Reading
from harness.inventory import Component, DeviceEntry, Inventory
from harness.limits import Scalar
from harness.measuring import Fact
from harness.profile import Profile
from harness.session import DeviceOut, Handle, Session
from harness.uncertainty import Quantity, Window, instant


class RackDevice:
    """One device, for a case. What fails is raised as DeviceOut, with whose doing it is."""

    def __init__(self, handle: Handle, session: Session, touch: Callable[[str], None]) -> None:
        self._handle, self._session, self._touch = handle, session, touch

    @property
    def entry(self) -> DeviceEntry:
        """The inventory's entry."""
        return self._handle.entry

    @property
    def name(self) -> str:
        """The name in the inventory."""
        return self.entry.name

    @property
    def slot(self) -> str:
        """The place in the rack, or the name where there is none."""
        return self._handle.slot

    @property
    def address(self) -> str:
        """The address without its query, for evidence."""
        return addresses.parse(self.entry.address).public

    def read(self, *patterns: str) -> list[Reading]:
        """Read points now, as `Device.read` does. Raises DeviceOut."""
        self._touch(self.name)
        try:
            return self._handle.read(*patterns)
        except DriverError as error:
            raise self._out(error) from error

    def one(self, name: str) -> Reading:
        """Read the one point `name`, which must have a value. Raises DeviceOut."""
        readings = [reading for reading in self.read(name) if reading.name == name]
        if not readings:
            raise self._out(NoReading(f"no {name} there", address=self._handle.device().address, sent=name))
        (reading,) = readings
        if reading.value is None:
            address, _, sent = reading.source.partition(" ")
            raise self._out(NoReading(reading.reason or "", address=address, sent=sent, received=reading.raw))
        return reading

    def answers(self) -> Fact:
        """Ask the device what it is, and say whether it answers as itself.

        False only where a neighbour proves the path and it is the rack's; raises DeviceOut where nothing is proven.
        """
        self._touch(self.name)
        try:
            identity = self._handle.identify()
        except DriverError as error:
            out = self._out(error)
            if out.attribution != "rack":
                raise out from error
            return Fact(False, (error.address,), error.received, f"{error.what}; {out.proof}", self._now())
        return Fact(True, (identity.source,), identity.raw, window=self._now())

    def _now(self) -> Window:
        return instant(self._session.now())

    def identity_unchanged(self) -> Fact:
        """Ask again what the device is, and say whether it is what it was when the run began."""
        before = self._handle.first
        fact = self.answers()
        now = self._handle.identity
        if not fact.value or before is None or now is None:
            return fact
        names = ("maker", "model", "serial", "firmware")
        changed = [
            f"{n} was {getattr(before, n)!r}, is {getattr(now, n)!r}"
            for n in names
            if getattr(before, n) != getattr(now, n)
        ]
        return Fact(not changed, fact.sources, fact.raw, "; ".join(changed) or None, fact.window)

    def _out(self, error: DriverError) -> DeviceOut:
        blame = self._session.blame(self.name, error)
        return DeviceOut(self.name, error, blame.attribution, blame.proof)


@dataclass(frozen=True, slots=True)
class Rack:
    """The rack under test."""

    inventory: Inventory
    profile: Profile
    session: Session
    touch: Callable[[str], None]

    def device(self, name: str) -> RackDevice:
        """Return a device by its name. Raises KeyError."""
        return RackDevice(self.session.handles[name], self.session, self.touch)

    def of_role(self, *roles: str) -> list[RackDevice]:
        """Return the devices of these roles, in the order of the inventory."""
        return [RackDevice(handle, self.session, self.touch) for handle in self.session.of_roles(roles)]

    def constant(self, name: str) -> Quantity:
        """Return a constant of the profile, taken as exact. Raises UsageError where the profile does not state it."""
        constant = self.profile.constants.get(name)
        if constant is None:
            raise UsageError(f"profile {self.profile.generation} states no [constants.{name}]", fix="add it")
        return Quantity(constant.value, constant.unit, 0.0, (f"profile constants.{name}: {constant.source}",))

    def component(self, slot: str) -> Component:
        """Return the component that the inventory says is in `slot`. Raises UsageError where it says none."""
        for component in self.inventory.component:
            if component.slot == slot:
                return component
        raise UsageError(f"the inventory names no component in slot {slot!r}", fix="add a [[component]] with this slot")

    def links_of(self, device: str) -> dict[str, tuple[str, str]]:
        """Return what should be plugged into each port of `device`: far device and port by local port."""
        found = {}
        for link in self.inventory.link:
            near, _, port = link.a.partition(":")
            far, _, far_port = link.b.partition(":")
            if near == device:
                found[port] = (far, far_port)
        return found


def agrees(reading: Reading, expected: object) -> Fact:
    """Say whether a reading is what the inventory expects."""
    same = reading.value == expected
    return told(reading, same, None if same else f"it says {reading.value!r}, the inventory {expected!r}")


def told(reading: Reading, value: Scalar, reason: str | None = None) -> Fact:
    """Return what follows from a reading, with where and when it was read."""
    return Fact(value, (reading.source,), reading.raw, reason, instant(reading.at))
