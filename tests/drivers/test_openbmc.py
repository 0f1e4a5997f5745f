import json
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import busctl
from drivers.bmcs import openbmc
from drivers.bmcs.openbmc import OpenBmc
from drivers.errors import DeviceRefused, DriverError, WrongDevice
from drivers.ssh import Completed, SshTransport
from tests.drivers.scripted import NOON, Scripted, StillClock, said

X, ROOT = "xyz.openbmc_project", "/xyz/openbmc_project"
SERVICE = f"{X}.HwmonTempSensor"
SENSORS = f"busctl --json=short call {SERVICE} {ROOT}/sensors org.freedesktop.DBus.ObjectManager GetManagedObjects"
SUBTREE = json.dumps(
    {"type": "a{sa{sas}}", "data": [{f"{ROOT}/sensors/temperature/GPU_0_TEMP": {SERVICE: [f"{X}.Sensor.Value"]}}]}
)
OS_RELEASE = 'ID=openbmc-phosphor\nVERSION_ID="2.18.0"\nPRETTY_NAME="OpenBMC EMULATED"\n'


def managed(objects: dict[str, dict[str, dict[str, Any]]]) -> str:
    data = {
        path: {i: {n: {"type": "v", "data": v} for n, v in p.items()} for i, p in interfaces.items()}
        for path, interfaces in objects.items()
    }
    return json.dumps({"type": "a{oa{sa{sv}}}", "data": [data]})


def sensor(value: Any, unit: str, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"{X}.Sensor.Value": {"Value": value, "Unit": f"{X}.Sensor.Value.Unit.{unit}"}} | more


FOUND = {
    f"{ROOT}/sensors/temperature/GPU_0_TEMP": sensor(47.5, "DegreesC"),
    f"{ROOT}/sensors/temperature/CPU_0_TEMP": sensor(None, "DegreesC"),
    f"{ROOT}/sensors/fan_tach/FAN_0": sensor(9000, "RPMS"),
    f"{ROOT}/sensors/power/TOTAL_POWER": sensor(5321.0, "Watts"),
    f"{ROOT}/sensors/voltage/BUS_VOLTAGE": sensor(
        50.1, "Volts", **{f"{X}.State.Decorator.Availability": {"Available": False}}
    ),
}
LOG = {
    f"{ROOT}/logging/entry/{n}": {
        f"{X}.Logging.Entry": {"Severity": f"{X}.Logging.Entry.Level.{s}", "Message": f"m{n}", "Resolved": r}
    }
    for n, (s, r) in enumerate([("Informational", False), ("Critical", False), ("Critical", True), ("Alert", False)])
}
INVENTORY = {
    f"{ROOT}/inventory/system/chassis/board": {f"{X}.Inventory.Decorator.Asset": {"SerialNumber": "BOARD-9"}},
    f"{ROOT}/inventory/system/chassis": {
        f"{X}.Inventory.Decorator.Asset": {
            "SerialNumber": "SN-7",
            "PartNumber": "PN-7",
            "Manufacturer": "M",
            "Model": "T7",
        },
        f"{X}.Inventory.Item.Chassis": {},
    },
}


def bmc(*script: tuple[str, Completed]) -> tuple[OpenBmc, Scripted]:
    transport = Scripted(list(script))
    return OpenBmc(cast("SshTransport", transport), StillClock()), transport


def test_sensors_service_by_service() -> None:
    device, transport = bmc(said(openbmc.SUBTREE, SUBTREE), said(SENSORS, managed(FOUND)))
    found = {reading.name: reading for reading in device.read("sensor[*].*", "power")}
    transport.assert_done()
    assert found["sensor[GPU_0_TEMP].temperature"].value == 47.5
    assert found["sensor[FAN_0].speed"].unit == "rpm"
    assert found["power"].value == 5321.0
    assert found["sensor[CPU_0_TEMP].temperature"].reason == "the sensor has no value (NaN)"
    assert "not available" in (found["sensor[BUS_VOLTAGE].voltage"].reason or "")
    assert found["power"].source == f"test://device {SENSORS} {ROOT}/sensors/power/TOTAL_POWER"


def test_the_mapper_is_asked_once_and_again_when_a_service_has_gone() -> None:
    gone = said(SENSORS, "", 1, "Call failed")
    device, transport = bmc(
        said(openbmc.SUBTREE, SUBTREE), said(SENSORS, managed(FOUND)), gone, said(openbmc.SUBTREE, SUBTREE), gone
    )
    assert device.read("power")[0].value == 5321.0
    assert "status 1" in (device.read("power")[0].reason or "")
    with pytest.raises(DriverError):
        device.power.read()
    transport.assert_done()


def test_nan_as_some_versions_print_it() -> None:
    assert busctl.reply('{"type":"d","data":[nan]}') is None
    assert busctl.reply('{"type":"ad","data":[[1.5,-inf,nan]]}') == [1.5, None, None]
    assert busctl.reply('{"type":"s","data":["nan, inf"]}') == "nan, inf"


def test_the_chassis_and_the_log() -> None:
    device, _ = bmc(said(openbmc.INVENTORY, managed(INVENTORY)), said(openbmc.LOG, managed(LOG)))
    found = {reading.name: reading.value for reading in device.read("serial", "part", "log_entries", "log_critical")}
    assert found == {"serial": "SN-7", "part": "PN-7", "log_entries": 4, "log_critical": 2}


@pytest.mark.parametrize(("state", "value"), [("On", "on"), ("Off", "off"), ("Weird", None)])
def test_power_state(state: str, value: str | None) -> None:
    device, _ = bmc(said(openbmc.POWER_STATE, f's "{X}.State.Chassis.PowerState.{state}"\n'))
    assert device.read("power_state")[0].value == value


def test_the_clock_is_compared_at_the_middle_of_the_exchange() -> None:
    clock = StillClock()

    class Slow(Scripted):
        def query(self, command: str) -> Any:
            clock.advance(2.0)
            return super().query(command)

    elapsed = int(NOON.timestamp() * 1e6) + 1_500_000
    device = OpenBmc(cast("SshTransport", Slow([said(openbmc.CLOCK, f"t {elapsed}\n")])), clock)
    assert device.clock_offset.read().value == pytest.approx(0.5)


def test_identity() -> None:
    device, _ = bmc(said(openbmc.OS_RELEASE, OS_RELEASE), said(openbmc.INVENTORY, managed(INVENTORY)))
    identity = device.identify()
    assert (identity.maker, identity.model, identity.serial, identity.firmware) == ("M", "T7", "SN-7", "2.18.0")
    assert identity.emulated


def test_a_debian_is_no_openbmc() -> None:
    device, _ = bmc(said(openbmc.OS_RELEASE, "ID=debian\n"), said(openbmc.INVENTORY, "", 127, "busctl: not found"))
    with pytest.raises(WrongDevice, match="not OpenBMC"):
        device.identify()


def test_a_failed_command_is_the_devices_refusal() -> None:
    device, _ = bmc(said(openbmc.POWER_STATE, "", 1, "Failed to get property"))
    reading = device.power_state.read_all()[0]
    assert reading.reason == "DeviceRefused: status 1: Failed to get property"
    with pytest.raises(DeviceRefused):
        Completed("x", "", "Failed", 1).checked()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
values = json_values.map(lambda v: json.dumps({"type": "v", "data": [v]}))
objects = st.dictionaries(
    st.sampled_from([*FOUND, *LOG, *INVENTORY]),
    st.dictionaries(
        st.sampled_from([f"{X}.Sensor.Value", f"{X}.Logging.Entry", f"{X}.Inventory.Decorator.Asset"]),
        st.dictionaries(st.sampled_from(["Value", "Unit", "Severity", "SerialNumber"]), json_values, max_size=3),
        max_size=2,
    ),
    max_size=4,
).map(managed)


@given(text=st.one_of(st.text(), values, objects))
def test_any_output_is_readings_or_an_error(text: str) -> None:
    done = Completed("x", text, "", 0)
    for point in OpenBmc.points().values():
        reply: Any = {"x": done} if point.query == openbmc.SUBTREE else done
        if point.name != "clock_offset":
            assert all(r.value is not None or r.reason for r in point.readings(reply, "", NOON))
    with suppress(DriverError):
        busctl.unsigned_property(text)
