from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.addresses import parse
from drivers.catalogue import propose
from drivers.errors import NoReading, WrongDevice
from drivers.options import Options
from drivers.points import Reading
from drivers.redfish_survey import Node, NodePoint
from drivers.shelves.redfish import RedfishShelf
from tests.drivers.redfish_server import Service, collection, redfish_server
from tests.drivers.scripted import NOON, StillClock

ROOT = "/redfish/v1"
SHELF = f"{ROOT}/Chassis/powershelf"
SUPPLIES = f"{SHELF}/PowerSubsystem/PowerSupplies"


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": path}


def excerpt(value: Any, **more: Any) -> dict[str, Any]:
    return {"DataSourceUri": f"{SHELF}/Sensors/x", "Reading": value, **more}


def supply(name: str, state: str = "Enabled", *, metrics: bool = True) -> dict[str, Any]:
    body = {"Id": name, "Status": {"State": state, "Health": "OK"}, "SerialNumber": f"S-{name}"}
    return {**body, "Metrics": ref(f"{SUPPLIES}/{name}/Metrics")} if metrics else body


def metrics(power: float) -> dict[str, Any]:
    return {
        "InputVoltage": excerpt(231.5),
        "InputCurrentAmps": excerpt(power / 231.5),
        "InputPowerWatts": excerpt(power),
        "EnergykWh": excerpt(12.5),
        "FrequencyHz": excerpt("50.0"),
        "OutputPowerWatts": excerpt(power - 100),
        "RailVoltage": [excerpt(50.4)],
        "RailCurrentAmps": [excerpt(40.0)],
        "TemperatureCelsius": excerpt(41),
        "FanSpeedsPercent": [excerpt(60, SpeedRPM=9000), excerpt(58, SpeedRPM=8700)],
    }


def shelf_tree() -> dict[str, Any]:
    """A shelf of three slots: two work, one is empty."""
    return {
        ROOT: {
            "Name": "PMC",
            "Vendor": "Delta",
            "Managers": ref(f"{ROOT}/Managers"),
            "Chassis": ref(f"{ROOT}/Chassis"),
        },
        f"{ROOT}/Managers": collection("", f"{ROOT}/Managers/bmc"),
        f"{ROOT}/Managers/bmc": {"FirmwareVersion": "1.0.7"},
        f"{ROOT}/Chassis": collection("", SHELF, count=9),
        SHELF: {
            "Id": "powershelf",
            "Manufacturer": "Delta",
            "Model": "ECD90000099",
            "SerialNumber": "X1",
            "PowerSubsystem": ref(f"{SHELF}/PowerSubsystem"),
            "Sensors": ref(f"{SHELF}/Sensors"),
        },
        f"{SHELF}/PowerSubsystem": {"PowerSupplies": ref(SUPPLIES)},
        SUPPLIES: collection("", *(f"{SUPPLIES}/{name}" for name in ("0", "1", "2"))),
        f"{SUPPLIES}/0": supply("0"),
        f"{SUPPLIES}/1": supply("1"),
        f"{SUPPLIES}/2": supply("2", "Absent"),
        f"{SUPPLIES}/0/Metrics": metrics(2500.0),
        f"{SUPPLIES}/1/Metrics": metrics(2300.0),
        f"{SUPPLIES}/2/Metrics": metrics(0.0),
        f"{SHELF}/Sensors": collection("", f"{SHELF}/Sensors/bus", f"{SHELF}/Sensors/odd"),
        f"{SHELF}/Sensors/bus": {"Id": "bus", "Reading": 50.3, "ReadingUnits": "V", "ReadingType": "Voltage"},
        f"{SHELF}/Sensors/odd": {"Id": "odd", "Reading": None, "ReadingUnits": "W"},
    }


@contextmanager
def opened(tree: dict[str, Any]) -> Iterator[tuple[RedfishShelf, Service]]:
    with redfish_server(tree) as server:
        address = parse(f"redfish+http://127.0.0.1:{server.port}")
        device = RedfishShelf.connect(address, Options(), StillClock())
        try:
            yield device, server
        finally:
            device.close()


def by_name(readings: list[Reading]) -> dict[str, Any]:
    return {reading.name: reading.value for reading in readings}


def test_a_shelf_and_its_supplies() -> None:
    with opened(shelf_tree()) as (device, _):
        found = device.read()
    values = by_name(found)
    assert values["input_power"] == 4800.0
    assert values["output_power"] == 4600.0
    assert values["output_voltage"] == pytest.approx(50.4)
    assert values["output_current"] == 80.0
    assert values["energy"] == 25_000.0
    psu0 = {name.partition(".")[2]: value for name, value in values.items() if name.startswith("psu[0].")}
    assert psu0 == {
        "input_power": 2500.0,
        "input_voltage": 231.5,
        "input_current": pytest.approx(10.799, abs=1e-3),
        "frequency": 50.0,
        "output_power": 2400.0,
        "output_voltage": 50.4,
        "output_current": 40.0,
        "temperature": 41,
        "fan_speed": 8700,
        "fan_duty": 58,
        "energy": 12_500.0,
        "share": pytest.approx(2400 / 4600),
        "state": "Enabled",
        "health": "OK",
        "serial": "S-0",
    }
    empty = next(r for r in found if r.name == "psu[2].output_power")
    assert (empty.value, empty.reason) == (None, "the service says that it is Absent")
    one = next(r for r in found if r.name == "psu[1].input_power")
    assert one.source.endswith(f" {SUPPLIES}/1/Metrics")
    assert "2300.0" in one.raw
    assert (values["sensor[bus].voltage"], values["sensor[odd].power"]) == (50.3, None)


def test_sensors_cost_nothing_where_nobody_asks_for_them() -> None:
    with opened(shelf_tree()) as (device, server):
        device.read("psu[*].output_power")
        first = len(server.asked)
        device.read("psu[*].output_power")
    assert not any("/Sensors" in path for path in server.asked)
    assert len(server.asked) - first == 6  # three supplies and their metrics: where they are is known


def test_a_supply_that_is_pulled_and_pushed_is_seen() -> None:
    tree = shelf_tree()
    with opened(tree) as (device, _):
        device.read("psu[*].state")
        del tree[f"{SUPPLIES}/1"]
        gone = by_name(device.read("psu[*].state", "output_power"))
        tree[f"{SUPPLIES}/1"], tree[f"{SUPPLIES}/2"] = supply("1"), supply("2")
        back = by_name(device.read("psu[*].state", "output_power"))
    assert (gone["psu[1].state"], gone["output_power"]) == (None, None)
    assert back["output_power"] == 2400 + 2200 - 100
    assert back["psu[2].state"] == "Enabled"


def test_a_total_is_none_where_a_part_is_missing() -> None:
    tree = shelf_tree()
    tree[f"{SUPPLIES}/1/Metrics"]["OutputPowerWatts"] = excerpt(None)
    with opened(tree) as (device, _):
        found = {r.name: r for r in device.read("output_power", "psu[*].share")}
    assert found["output_power"].reason == "OutputPowerWatts has no reading now"
    assert found["psu[].share"].value is None


def test_the_shelfs_own_totals_where_its_supplies_have_none() -> None:
    tree = shelf_tree()
    tree[ROOT]["PowerEquipment"] = ref(f"{ROOT}/PowerEquipment")
    tree[f"{ROOT}/PowerEquipment"] = {"PowerShelves": ref(f"{ROOT}/PowerEquipment/PowerShelves")}
    tree[f"{ROOT}/PowerEquipment/PowerShelves"] = collection("", f"{ROOT}/PowerEquipment/PowerShelves/1")
    tree[f"{ROOT}/PowerEquipment/PowerShelves/1"] = {
        "Id": "1",
        "PowerSupplies": ref(SUPPLIES),
        "Metrics": ref(f"{ROOT}/PowerEquipment/PowerShelves/1/Metrics"),
    }
    tree[f"{ROOT}/PowerEquipment/PowerShelves/1/Metrics"] = {"PowerWatts": excerpt(4810), "EnergykWh": excerpt(7)}
    for name in ("0", "1"):
        del tree[f"{SUPPLIES}/{name}/Metrics"]["EnergykWh"]
    with opened(tree) as (device, _):
        values = by_name(device.read("input_power", "energy", "psu[*].serial"))
    assert values["input_power"] == 4800.0
    assert values["energy"] == 7000.0
    assert len([name for name in values if name.startswith("psu")]) == 3  # not twice


def test_supplies_without_metrics_are_read_by_their_sensors() -> None:
    tree = shelf_tree()
    tree[f"{SUPPLIES}/2"] = supply("ps2", metrics=False)
    related = [ref(f"{SUPPLIES}/2")]
    rows: dict[str, dict[str, Any]] = {
        "ps2_pin": {"Reading": 1200, "ReadingUnits": "W", "RelatedItem": related, "Name": "ps2 input power"},
        "ps2_pout": {"Reading": 1150, "ReadingType": "Power", "Name": "PS2_output_power"},
        "ps2_vout": {"Reading": 50.1, "ReadingUnits": "V", "PhysicalSubContext": "Output", "RelatedItem": related},
        "ps2_t1": {"Reading": 30, "ReadingUnits": "Cel", "RelatedItem": related},
        "ps2_t2": {"Reading": 50, "ReadingUnits": "Cel", "RelatedItem": related},
        "ps0_pin": {"Reading": 1, "ReadingUnits": "W", "Name": "ps0 input power"},
    }
    tree[f"{SHELF}/Sensors"] = collection("", *(f"{SHELF}/Sensors/{name}" for name in rows))
    tree |= {f"{SHELF}/Sensors/{name}": {"Id": name, **row} for name, row in rows.items()}
    with opened(tree) as (device, _):
        found = {r.name: r for r in device.read("psu[*].*")}
    assert found["psu[ps2].input_power"].value == 1200
    assert found["psu[ps2].input_power"].source.endswith("/Sensors/ps2_pin")
    assert found["psu[ps2].output_power"].value == 1150
    assert found["psu[ps2].output_voltage"].value == 50.1
    assert found["psu[ps2].temperature"].value is None  # two of them: neither is the temperature
    assert found["psu[0].input_power"].value == 2500.0


def test_an_older_service_lists_its_supplies_in_power() -> None:
    tree = shelf_tree()
    tree[SHELF] = {"Id": "powershelf", "Power": ref(f"{SHELF}/Power")}
    rows = [
        {"MemberId": "0", "PowerInputWatts": 1000, "PowerOutputWatts": 950, "LineInputVoltage": 230},
        {"MemberId": "1", "LastPowerOutputWatts": 700, "PowerCapacityWatts": 3000, "LineInputVoltage": None},
    ]
    tree[f"{SHELF}/Power"] = {"PowerSupplies": rows}
    with opened(tree) as (device, _):
        values = by_name(device.read())
    assert (values["psu[0].input_power"], values["psu[0].input_voltage"]) == (1000, 230)
    assert values["psu[1].output_power"] is None  # an average since some time is not the power now
    assert values["output_power"] is None


def test_identity_and_recognition() -> None:
    tree = shelf_tree()
    with opened(tree) as (device, server):
        identity = device.identify()
        proposal = propose(f"redfish+http://127.0.0.1:{server.port}", Options(), StillClock())
    assert (identity.maker, identity.model, identity.serial) == ("Delta", "ECD90000099", "X1")
    assert identity.firmware == "1.0.7"
    assert proposal.model == "redfish-shelf"


def test_a_computer_is_no_shelf() -> None:
    tree = shelf_tree()
    tree[ROOT]["Systems"] = ref(f"{ROOT}/Systems")
    tree[f"{ROOT}/Systems"] = collection("", f"{ROOT}/Systems/1")
    with opened(tree) as (device, _), pytest.raises(WrongDevice):
        device.identify()
    tree[f"{ROOT}/Systems"] = collection("")
    with opened(tree) as (device, _):
        assert device.identify()


bodies = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Status", "State", "Reading", "SpeedRPM", "RailVoltage", "InputPowerWatts", "FanSpeedsPercent", "Name"]
            ),
            inner,
        )
    ),
    max_leaves=10,
)


@given(st.lists(bodies, max_size=3), st.lists(bodies, max_size=3))
def test_any_service_is_readings(supplies: list[Any], others: list[Any]) -> None:
    found = {kind: [Node(kind, str(n), "/x", body) for n, body in enumerate(others)] for kind in ("metrics", "sensor")}
    found |= {
        "psu": [Node("psu", str(n), "/y", body) for n, body in enumerate(supplies)],
        "psu_sensor": found["sensor"],
    }
    found["shelf_metrics"] = found["metrics"]
    for point in RedfishShelf.points().values():
        assert isinstance(point, NodePoint)
        for reading in point.readings(found, "test://shelf", NOON):
            assert reading.value is not None or reading.reason


def test_what_failed_is_said_for_each_supply() -> None:
    found = {kind: [Node(kind, "1", "/x", NoReading("gone"))] for kind in ("psu", "metrics", "psu_sensor")}
    (reading,) = RedfishShelf.psu_temperature.readings(found, "test://shelf", NOON)
    assert (reading.name, reading.reason) == ("psu[1].temperature", "gone")
