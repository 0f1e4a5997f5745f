# mypy: disable-error-code="name-defined, no-redef, valid-type, no-untyped-call"
"""OpenBMC's objects on a private D-Bus, for the real busctl; in a thread of its own."""

import asyncio
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbus_fast.aio import MessageBus
from dbus_fast.constants import PropertyAccess
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property

from tests.servers import need, program, wait_until

X, ROOT = "xyz.openbmc_project", "/xyz/openbmc_project"
SENSORS = {"temperature/GPU_0_TEMP": ("DegreesC", 47.5), "temperature/CPU_0_TEMP": ("DegreesC", math.nan)}
SENSORS |= {"power/TOTAL_POWER": ("Watts", 1551.7), "fan_tach/FAN_0": ("RPMS", 14894.0)}


class Chassis(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(f"{X}.State.Chassis")
        self.state = "On"

    @dbus_property(PropertyAccess.READ)
    def CurrentPowerState(self) -> "s":  # noqa: F821, N802
        return f"{X}.State.Chassis.PowerState.{self.state}"

    @dbus_property()
    def RequestedPowerTransition(self) -> "s":  # noqa: F821, N802
        return f"{X}.State.Chassis.Transition.{self.state}"

    @RequestedPowerTransition.setter
    def RequestedPowerTransition(self, word: "s") -> None:  # noqa: F821, N802
        self.state = word.rpartition(".")[2]


class Host(ServiceInterface):
    def __init__(self, chassis: Chassis) -> None:
        super().__init__(f"{X}.State.Host")
        self.chassis = chassis

    @dbus_property()
    def RequestedHostTransition(self) -> "s":  # noqa: F821, N802
        return f"{X}.State.Host.Transition.{self.chassis.state}"

    @RequestedHostTransition.setter
    def RequestedHostTransition(self, word: "s") -> None:  # noqa: F821, N802
        self.chassis.state = word.rpartition(".")[2]


class Mapper(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(f"{X}.ObjectMapper")

    @dbus_method()
    def GetSubTree(self, path: "s", depth: "i", interfaces: "as") -> "a{sa{sas}}":  # noqa: F821, F722, N802
        return {f"{ROOT}/sensors/{name}": {f"{X}.HwmonTempSensor": [f"{X}.Sensor.Value"]} for name in SENSORS}


class Value(ServiceInterface):
    def __init__(self, unit: str, value: float) -> None:
        super().__init__(f"{X}.Sensor.Value")
        self.unit, self.value = unit, value

    @dbus_property(PropertyAccess.READ)
    def Value(self) -> "d":  # noqa: F821, N802
        return self.value

    @dbus_property(PropertyAccess.READ)
    def Unit(self) -> "s":  # noqa: F821, N802
        return f"{X}.Sensor.Value.Unit.{self.unit}"


class Asset(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(f"{X}.Inventory.Decorator.Asset")

    @dbus_property(PropertyAccess.READ)
    def SerialNumber(self) -> "s":  # noqa: F821, N802
        return "SN-7"

    @dbus_property(PropertyAccess.READ)
    def PartNumber(self) -> "s":  # noqa: F821, N802
        return "PN-7"


class Entry(ServiceInterface):
    def __init__(self, number: int, severity: str) -> None:
        super().__init__(f"{X}.Logging.Entry")
        self.number, self.severity = number, severity

    @dbus_property(PropertyAccess.READ)
    def Id(self) -> "u":  # noqa: F821, N802
        return self.number

    @dbus_property(PropertyAccess.READ)
    def Severity(self) -> "s":  # noqa: F821, N802
        return f"{X}.Logging.Entry.Level.{self.severity}"

    @dbus_property(PropertyAccess.READ)
    def Message(self) -> "s":  # noqa: F821, N802
        return f"{X}.Event{self.number}"

    @dbus_property(PropertyAccess.READ)
    def Resolved(self) -> "b":  # noqa: F821, N802
        return False


class Time(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(f"{X}.Time.EpochTime")

    @dbus_property(PropertyAccess.READ)
    def Elapsed(self) -> "t":  # noqa: F821, N802
        return 1_795_435_203_250_000  # 2026-11-23 12:00:03.25


def _export(bus: MessageBus) -> Chassis:
    chassis = Chassis()
    for name, (unit, value) in SENSORS.items():
        bus.export(f"{ROOT}/sensors/{name}", Value(unit, value))
    for number, severity in enumerate(("Critical", "Informational"), 1):
        bus.export(f"{ROOT}/logging/entry/{number}", Entry(number, severity))
    bus.export(f"{ROOT}/inventory/system/chassis", Asset())
    bus.export(f"{ROOT}/object_mapper", Mapper())
    bus.export(f"{ROOT}/state/chassis0", chassis)
    bus.export(f"{ROOT}/state/host0", Host(chassis))
    bus.export(f"{ROOT}/time/bmc", Time())
    return chassis


NAMES = (
    "ObjectMapper",
    "HwmonTempSensor",
    "Inventory.Manager",
    "Logging",
    "State.Chassis",
    "State.Host",
    "Time.Manager",
)


@contextmanager
def openbmc_bus(folder: Path) -> Iterator[str]:
    """Run a private bus with OpenBMC's objects on it and return its address."""
    socket = folder / "bus"
    address = f"unix:path={socket}"
    command = [need("dbus-daemon"), "--session", f"--address={address}", "--nofork", "--nopidfile"]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="openbmc")

    async def begin() -> MessageBus:
        bus = await MessageBus(bus_address=address).connect()
        _export(bus)
        for name in NAMES:
            await bus.request_name(f"{X}.{name}")
        return bus

    async def end(bus: MessageBus) -> None:
        bus.disconnect()
        await bus.wait_for_disconnect()

    with program(command, folder / "bus.log"):
        wait_until(socket.exists, "the bus")
        thread.start()
        bus = asyncio.run_coroutine_threadsafe(begin(), loop).result()
        try:
            yield address
        finally:
            asyncio.run_coroutine_threadsafe(end(bus), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
