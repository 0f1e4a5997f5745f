"""Switching the power behind a BMC: the order, and the proof that it was followed.

A BMC that accepts an order has done nothing yet. The state is read until it is the one that the order leads to; a
cycle is an off that was seen and an on that was seen, because one whose dark half nobody saw proves nothing.
"""

from abc import ABC, abstractmethod
from typing import Literal, Protocol

from drivers.errors import DeviceRefused, DriverError, UsageError
from drivers.points import BoundPoint, Clock, Point, Reading
from drivers.protocols import PowerOrder

Step = Literal["on", "off", "soft"]

LOOK_EVERY_S = 2.0
DARK_S = 5.0
"""How long a cycle stays off: longer than the second that IPMI 2.0 28.3 asks for, so that supplies discharge."""

_STEPS: dict[PowerOrder, tuple[Step, ...]] = {"on": ("on",), "off": ("off",), "soft": ("soft",), "cycle": ("off", "on")}


class Switchable(Protocol):
    """What the switching needs of a device."""

    power_state: Point
    clock: Clock


class PowerSwitch(ABC):
    """Adds `switch_power` to a BMC that says how an order is given."""

    clock: Clock
    address: str

    @abstractmethod
    def order_power(self, step: Step) -> None:
        """Give one order, without waiting for what comes of it. Raises DeviceRefused where the BMC refuses."""

    @abstractmethod
    def read_power_state(self) -> Reading:
        """Read the state of power now."""

    def switch_power(self, order: PowerOrder, within_s: float) -> Reading:
        """Give an order and wait until the state of power is what it leads to, at most `within_s` s for each step.

        Returns the reading of the last state. Raises UsageError for an unknown order, DeviceRefused where the BMC
        refuses or the state does not come, and what the transport raises.
        """
        if order not in _STEPS:
            raise UsageError(f"no such order {order!r}; known: {', '.join(_STEPS)}")
        for place, step in enumerate(_STEPS[order]):
            if place:
                self.clock.sleep(DARK_S)
            self.order_power(step)
            reading = self._await("on" if step == "on" else "off", step, within_s)
        return reading

    def _await(self, wanted: str, step: Step, within_s: float) -> Reading:
        until = self.clock.monotonic() + within_s
        while True:
            reading = self.read_power_state()
            if reading.value == wanted:
                return reading
            if self.clock.monotonic() >= until:
                raise self._not_followed(reading, step, within_s)
            self.clock.sleep(min(LOOK_EVERY_S, max(0.01, until - self.clock.monotonic())))

    def _not_followed(self, reading: Reading, step: Step, within_s: float) -> DriverError:
        seen = reading.value if reading.value is not None else f"unknown ({reading.reason})"
        what = f"{within_s:g} s after the order {step!r} the power is {seen}"
        fix = "a soft off needs an operating system that listens; look at the BMC's log, or allow more time"
        return DeviceRefused(what, address=self.address, sent=reading.source, received=reading.raw, fix=fix)


def first(bound: BoundPoint) -> Reading:
    """Return the one reading of a point, null with its reason where there is no value."""
    return bound.read_all()[0]
