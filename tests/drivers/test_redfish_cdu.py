from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.addresses import parse
from drivers.catalogue import propose
from drivers.cooling.redfish import RedfishCdu
from drivers.errors import WrongDevice
from drivers.options import Options
from drivers.points import Reading
from drivers.redfish_survey import Node, NodePoint
from tests.drivers.redfish_server import collection, redfish_server
from tests.drivers.scripted import NOON, StillClock

ROOT = "/redfish/v1"
CDUS = f"{ROOT}/ThermalEquipment/CDUs"
CDU = f"{CDUS}/1"


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": path}


def excerpt(value: Any, **more: Any) -> dict[str, Any]:
    return {"DataSourceUri": f"{ROOT}/Chassis/1/Sensors/x", "Reading": value, **more}


def cdu_tree() -> dict[str, Any]:
    secondary, primary = f"{CDU}/SecondaryCoolantConnectors", f"{CDU}/PrimaryCoolantConnectors"
    leaks = f"{CDU}/LeakDetection/LeakDetectors"
    return {
        ROOT: {"Name": "CDU", "ThermalEquipment": ref(f"{ROOT}/ThermalEquipment")},
        f"{ROOT}/ThermalEquipment": {"CDUs": ref(CDUS)},
        CDUS: collection(CDUS, CDU),
        CDU: {
            "Id": "1",
            "Manufacturer": "Contoso",
            "Model": "CDU-1350",
            "SerialNumber": "29347ZT536",
            "FirmwareVersion": "3.1",
            "PrimaryCoolantConnectors": ref(primary),
            "SecondaryCoolantConnectors": ref(secondary),
            "Pumps": ref(f"{CDU}/Pumps"),
            "LeakDetection": ref(f"{CDU}/LeakDetection"),
            "EnvironmentMetrics": ref(f"{CDU}/EnvironmentMetrics"),
        },
        secondary: collection(secondary, f"{secondary}/1"),
        f"{secondary}/1": {
            "Id": "1",
            "Status": {"State": "Enabled"},
            "CoolantConnectorType": "Pair",
            "FlowLitersPerMinute": excerpt(190.5),
            "SupplyTemperatureCelsius": excerpt(32.1),
            "ReturnTemperatureCelsius": excerpt("42.0"),
            "DeltaTemperatureCelsius": excerpt(9.9),
            "SupplyPressurekPa": excerpt(220.0),
            "ReturnPressurekPa": excerpt("Null"),
            "HeatRemovedkW": excerpt(131.2),
        },
        primary: collection(primary, f"{primary}/1"),
        f"{primary}/1": {"Id": "1", "FlowLitersPerMinute": excerpt(260), "SupplyTemperatureCelsius": excerpt(25.5)},
        f"{CDU}/Pumps": collection("", f"{CDU}/Pumps/1", f"{CDU}/Pumps/2"),
        f"{CDU}/Pumps/1": {
            "Id": "1",
            "Status": {"State": "Enabled", "Health": "OK"},
            "PumpSpeedPercent": excerpt(62, SpeedRPM=3100),
        },
        f"{CDU}/Pumps/2": {"Id": "2", "Status": {"State": "Absent"}, "PumpSpeedPercent": excerpt(0, SpeedRPM=0)},
        f"{CDU}/LeakDetection": {"LeakDetectors": ref(leaks)},
        leaks: collection(leaks, f"{leaks}/Tray", f"{leaks}/Rope"),
        f"{leaks}/Tray": {"Id": "Tray", "DetectorState": "OK", "Status": {"State": "Enabled"}},
        f"{leaks}/Rope": {"Id": "Rope", "DetectorState": "OK"},
        f"{CDU}/EnvironmentMetrics": {"PowerWatts": excerpt(4820), "EnergykWh": excerpt(36166)},
    }


@contextmanager
def opened(tree: dict[str, Any]) -> Iterator[RedfishCdu]:
    with redfish_server(tree) as server:
        device = RedfishCdu.connect(parse(f"redfish+http://127.0.0.1:{server.port}"), Options(), StillClock())
        try:
            yield device
        finally:
            device.close()


def by_name(readings: list[Reading]) -> dict[str, Any]:
    return {reading.name: reading.value for reading in readings}


def test_a_unit() -> None:
    with opened(cdu_tree()) as device:
        found = device.read()
    values = by_name(found)
    assert (values["supply_temperature"], values["return_temperature"]) == (32.1, 42.0)
    assert (values["flow"], values["heat"]) == (190.5, 131_200.0)
    assert (values["supply_pressure"], values["return_pressure"]) == (220_000.0, None)
    assert values["secondary[1].delta_temperature"] == 9.9
    assert (values["primary[1].flow"], values["primary[1].return_temperature"]) == (260, None)
    assert (values["pump[1].speed"], values["pump[1].duty"], values["pump[1].health"]) == (3100, 62, "OK")
    assert values["pump[2].speed"] is None
    assert (values["leak"], values["leak_detector[Tray].state"]) == (False, "OK")
    assert (values["power"], values["energy"]) == (4820, 36_166_000.0)
    null = next(r for r in found if r.name == "return_pressure")
    assert null.reason == "the service says 'Null'"


@pytest.mark.parametrize(
    ("states", "leak"),
    [
        (("OK", "Critical"), True),
        (("Warning", None), True),
        (("OK", None), None),
        (("Unavailable", "OK"), None),
        (("OK", "OK"), False),
    ],
)
def test_dry_is_only_what_every_detector_calls_dry(states: tuple[Any, Any], leak: bool | None) -> None:
    tree = cdu_tree()
    for name, state in zip(("Tray", "Rope"), states, strict=True):
        tree[f"{CDU}/LeakDetection/LeakDetectors/{name}"]["DetectorState"] = state
    with opened(tree) as device:
        (reading,) = device.read("leak")
    assert reading.value is leak
    assert reading.reason is None if leak is not None else reading.reason == "a leak detector does not tell"


def test_detectors_that_stand_in_a_group() -> None:
    tree = cdu_tree()
    detectors = [{"DeviceName": "Floor", "DetectorState": "Critical"}, {"DetectorState": "OK", "DataSourceUri": "/x"}]
    tree[f"{CDU}/LeakDetection"] = {"LeakDetectorGroups": [{"Detectors": detectors}]}
    with opened(tree) as device:
        first, again = by_name(device.read("leak", "leak_detector[*].*")), by_name(device.read("leak"))
    assert first == {"leak": True, "leak_detector[Floor].state": "Critical"}
    assert again == {"leak": True}


def test_several_connectors_add_up_only_where_that_makes_sense() -> None:
    tree = cdu_tree()
    secondary = f"{CDU}/SecondaryCoolantConnectors"
    tree[secondary] = collection(secondary, f"{secondary}/1", f"{secondary}/2")
    tree[f"{secondary}/2"] = {"Id": "2", "FlowLitersPerMinute": excerpt(9.5), "SupplyTemperatureCelsius": excerpt(31)}
    with opened(tree) as device:
        found = {r.name: r for r in device.read("flow", "supply_temperature", "return_temperature")}
    assert found["flow"].value == 200.0
    assert found["supply_temperature"].reason == (
        "2 secondary connectors have SupplyTemperatureCelsius: see secondary[*].supply_temperature"
    )
    assert found["return_temperature"].value == 42.0


def test_identity_and_recognition() -> None:
    with redfish_server(cdu_tree()) as server:
        address = f"redfish+http://127.0.0.1:{server.port}"
        proposal = propose(address, Options(), StillClock())
    assert proposal.model == "redfish-cdu"
    with opened(cdu_tree()) as device:
        identity = device.identify()
    assert (identity.model, identity.serial, identity.firmware) == ("CDU-1350", "29347ZT536", "3.1")
    with opened({ROOT: {}}) as device, pytest.raises(WrongDevice):
        device.identify()


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=4),
        lambda inner: st.dictionaries(
            st.sampled_from(["Status", "State", "Reading", "FlowLitersPerMinute", "PumpSpeedPercent", "DetectorState"]),
            inner,
        ),
        max_leaves=8,
    )
)
def test_any_service_is_readings(body: Any) -> None:
    for point in RedfishCdu.points().values():
        assert isinstance(point, NodePoint)
        found = {kind: [Node(kind, "1", "/x", body), Node(kind, "2", "/y", {})] for kind in point.needs}
        for reading in point.readings(found, "test://cdu", NOON):
            assert reading.value is not None or reading.reason
