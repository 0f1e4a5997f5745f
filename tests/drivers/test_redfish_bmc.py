from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.addresses import parse
from drivers.bmcs.redfish import RedfishBmc
from drivers.catalogue import propose
from drivers.errors import DriverError, WrongDevice
from drivers.options import Options
from drivers.points import Reading
from drivers.redfish_survey import Node, NodePoint
from tests.drivers import bmc_trees as trees
from tests.drivers.redfish_server import Service, redfish_server
from tests.drivers.scripted import NOON, StillClock

Tree = trees.Tree


@contextmanager
def opened(tree: Tree, **how: Any) -> Iterator[tuple[RedfishBmc, Service]]:
    with redfish_server(tree, **how) as server:
        device = RedfishBmc.connect(parse(f"redfish+http://127.0.0.1:{server.port}"), Options(), StillClock())
        try:
            yield device, server
        finally:
            device.close()


def read(tree: Tree, *patterns: str) -> dict[str, Reading]:
    with opened(tree) as (device, _):
        return {reading.name: reading for reading in device.read(*patterns)}


WHOLE = ("serial", "part", "firmware", "power_state", "power", "clock_offset", "log_entries", "log_critical")

EXPECTED: list[tuple[Callable[[], Tree], tuple[Any, ...]]] = [
    (trees.dell, ("CNFCP0016700AB", "0J8KGXA05", "6.10.80.00", "on", 429, 3.5, 2, 1)),
    (trees.hpe, ("MXQ93906XL", "867959-B21", "iLO 5 v2.72", "on", 187, 0.5, 2, 1)),
    (trees.lenovo, ("J30A", "7D9FCTO1WW", "AFBT20B 3.10", "on", 314, 0.25, None, None)),
    (trees.supermicro, ("C829", None, "01.74.09", "on", 512.0, 0.5, None, None)),
    (trees.gb300, ("S9645", "ARS-121GL", "70.01.00.09", "on", 1551.7, -0.5, 1, 0)),
    (trees.openbmc, ("SN1", "PN1", "2.14.0", "off", 0, 0.5, None, None)),
]


@pytest.mark.parametrize(("tree", "values"), EXPECTED, ids=lambda v: getattr(v, "__name__", ""))
def test_the_whole_of_every_maker(tree: Callable[[], Tree], values: tuple[Any, ...]) -> None:
    found = read(tree(), *WHOLE)
    assert tuple(found[name].value for name in WHOLE) == values
    assert all(reading.value is not None or reading.reason for reading in found.values())


@pytest.mark.parametrize("tree", [tree for tree, _ in EXPECTED], ids=lambda t: t.__name__)
def test_a_probe_proposes_it(tree: Callable[[], Tree]) -> None:
    with redfish_server(tree()) as server:
        assert propose(f"redfish+http://127.0.0.1:{server.port}", Options(), StillClock()).model == "redfish-bmc"


def test_ratings_are_not_what_is_drawn() -> None:
    found = read(trees.dell())
    assert found["power_control[System Power Control].capacity"].value == 900
    assert (found["psu[PS1 Status].input_power"].value, found["psu[PS1 Status].last_output_power"].value) == (
        None,
        None,
    )
    assert "made for" in (found["psu[PS1 Status].input_power"].reason or "")
    assert (found["psu[PS2 Status].input_power"].value, found["psu[PS2 Status].last_output_power"].value) == (215, 198)


def test_parts() -> None:
    found = read(trees.dell())
    assert (found["cpu_count"].value, found["gpu_count"].value, found["memory_count"].value) == (1, 1, 1)
    assert (found["memory_total"].value, found["memory_total"].unit) == (32 * trees.GIB, "B")
    assert (found["processor[CPU.Socket.1].cores"].value, found["processor[Video.Slot.7-1].model"].value) == (
        32,
        "A100",
    )
    assert found["memory[DIMM.Socket.A2].type"].reason == "the service says that it is Absent"
    assert found["system[System.Embedded.1].sku"].value == "7XK4T93"


def test_older_resources_are_sensors_too() -> None:
    found = read(trees.dell(), "sensor[*].*", "threshold[*].*", "fan[*].*")
    assert found["sensor[System Board Inlet Temp].temperature"].value == 22
    assert (found["sensor[System Board Fan1A].speed"].value, found["sensor[PS1 Voltage 1].voltage"].value) == (
        5880,
        206,
    )
    assert found["threshold[System Board Inlet Temp].upper_critical"].value == 47
    assert found["fan[System Board Fan1A].speed"].value == 5880


def test_what_stands_in_both_is_read_once() -> None:
    found = read(trees.lenovo(), "sensor[*].*")
    assert {name for name in found if "Ambient" in name} == {"sensor[Ambient_Temp].temperature"}
    assert found["sensor[CMOS Battery].voltage"].value == 3.03
    assert found["sensor[Fan_1_Tach].speed"].value == 5950.0


def test_a_sensor_that_contradicts_itself_or_was_never_filled_is_null() -> None:
    found = read(trees.lenovo(), "sensor[*].*")
    assert "contradict" in (found["sensor[Odd].value"].reason or "")
    assert "all bits set" in (found["sensor[Unfilled].power"].reason or "")


def test_absent_and_off() -> None:
    assert read(trees.hpe())["sensor[15-P/S 2 Inlet].temperature"].reason == "the service says that it is Absent"
    found = read(trees.openbmc(), "sensor[*].*")
    assert "UnavailableOffline" in (found["sensor[temperature_CPU_Temp].temperature"].reason or "")
    assert read(trees.hpe())["sensor[Fan 1].share"].value == 14
    assert read(trees.hpe())["memory_total"].value == 384 * trees.GIB


def test_supplies_of_one_name_are_told_apart() -> None:
    found = read(trees.hpe(), "psu[*].*")
    values = [found[f"psu[HpeServerPowerSupply {n}].last_output_power"].value for n in range(2)]
    assert values == [90, 91]


def test_a_tray_and_its_boards() -> None:
    found = read(trees.gb300())
    assert (found["cpu_count"].value, found["gpu_count"].value) == (1, 1)
    assert found["processor[HGX_Baseboard_0/CPU_0].cores"].value == 72
    assert (found["environment[GPU_0].power"].value, found["environment[GPU_0].power_limit"].value) == (312.5, 1400)
    assert (found["environment[GPU_0].energy"].value, found["environment[GPU_0].energy"].unit) == (1000.0, "Wh")
    assert (found["leak"].value, found["leak_detector[Manifold].state"].value) == (True, "Warning")
    assert found["system[System_0].asset_tag"].value is None
    assert found["sensor[TotalHSC_Power_0].power"].value == 1698.9
    assert "no such resource" in (found["sensor[Nothing].value"].reason or "")


def test_nothing_drawn_while_on_is_no_reading() -> None:
    tree = trees.openbmc()
    tree[f"{trees.ROOT}/Systems/system"]["PowerState"] = "On"
    assert "does not fill" in (read(tree, "power")["power"].reason or "")


def test_power_of_a_board_that_is_related_to_the_host() -> None:
    tree = trees.dell()
    chassis, system = f"{trees.ROOT}/Chassis/System.Embedded.1", f"{trees.ROOT}/Systems/System.Embedded.1"
    power = tree.pop(f"{chassis}/Power")
    power["PowerControl"][0]["RelatedItem"] = [trees.ref(system)]
    tree |= {
        f"{chassis}/Board/Power": power,
        f"{chassis}/Board": {"Id": "Board", "Power": trees.ref(f"{chassis}/Board/Power")},
    }
    tree[f"{chassis}/Board"]["Links"] = {"ContainedBy": trees.ref(chassis)}
    tree[f"{trees.ROOT}/Chassis"]["Members"].append(trees.ref(f"{chassis}/Board"))
    assert read(tree, "power")["power"].value == 429
    power["PowerControl"][0]["RelatedItem"] = []
    assert read(tree, "power")["power"].value is None


def test_a_board_is_never_the_whole() -> None:
    tree = trees.gb300()
    del tree[f"{trees.ROOT}/Chassis/Chassis_0/EnvironmentMetrics"]
    assert read(tree, "power")["power"].value is None


def test_a_baseboard_alone_is_the_whole() -> None:
    tree = trees.gb300()
    board = f"{trees.ROOT}/Systems/HGX_Baseboard_0"
    tree[f"{trees.ROOT}/Systems"]["Members"] = [trees.ref(board)]
    tree[board] |= {"SerialNumber": "B1", "PowerState": "On"}
    tree[f"{trees.ROOT}/Chassis/HGX_Chassis_0"]["Links"] = {"ComputerSystems": [trees.ref(board)]}
    found = read(tree, "serial", "power")
    assert (found["serial"].value, found["power"].value) == ("B1", 900.0)


def test_what_the_root_does_not_link_is_where_the_schema_has_it() -> None:
    tree = trees.dell()
    tree[trees.ROOT] = {"Id": "RootService"}
    tree |= {
        f"{trees.ROOT}/UpdateService": {"FirmwareInventory": trees.ref(f"{trees.ROOT}/UpdateService/FirmwareInventory")}
    }
    tree |= trees.listing(f"{trees.ROOT}/UpdateService/FirmwareInventory", {"BIOS": {"Version": "1.9"}})
    found = read(tree, "serial", "firmware[*].version")
    assert (found["serial"].value, found["firmware[BIOS].version"].value) == ("CNFCP0016700AB", "1.9")


def test_a_clock_without_a_zone_says_nothing() -> None:
    tree = trees.supermicro()
    del tree[f"{trees.ROOT}/Managers/1"]["DateTimeLocalOffset"]
    assert "no zone" in (read(tree, "clock_offset")["clock_offset"].reason or "")


@pytest.mark.parametrize("missing", ["page", "entries"])
def test_a_log_that_is_cut_short_is_not_counted(missing: str) -> None:
    tree = trees.dell()
    path = f"{trees.ROOT}/Managers/iDRAC.Embedded.1/LogServices/Sel/Entries"
    if missing == "page":
        tree[path] |= {"Members@odata.nextLink": f"{path}?$skip=2", "Members@odata.count": 40}
    else:
        del tree[path]
    found = read(tree, "log_entries", "log_critical", "log[*].*")
    assert {reading.value for reading in found.values()} == {None}
    assert all(reading.reason for reading in found.values())


def test_all_pages_of_a_log_are_read() -> None:
    tree = trees.dell()
    path = f"{trees.ROOT}/Managers/iDRAC.Embedded.1/LogServices/Sel/Entries"
    for page in range(1, 31):
        members = [{"@odata.id": f"{path}/{page}.{n}", "Id": f"{page}.{n}", "Severity": "Critical"} for n in range(50)]
        tree[f"{path}?$skip={page}"] = {"Members": members, "Members@odata.nextLink": f"{path}?$skip={page + 1}"}
    tree[path]["Members@odata.nextLink"] = f"{path}?$skip=1"
    tree[f"{path}?$skip=30"]["Members@odata.nextLink"] = path  # and back to the beginning
    found = read(tree, "log_entries", "log_critical")
    assert (found["log_entries"].value, found["log_critical"].value) == (1502, 1501)


def test_rows_that_move_keep_their_names() -> None:
    with opened(trees.dell()) as (device, server):
        device.read("sensor[*].*")
        thermal = server.tree[f"{trees.ROOT}/Chassis/System.Embedded.1/Thermal"]
        thermal["Temperatures"].insert(0, {"Name": "CPU1 Temp", "ReadingCelsius": 61})
        found = {reading.name: reading.value for reading in device.read("sensor[*].*")}
    assert (found["sensor[System Board Inlet Temp].temperature"], found["sensor[CPU1 Temp].temperature"]) == (22, 61)


def test_members_that_the_service_embeds_are_asked_for_once() -> None:
    tree = trees.lenovo()
    tree[trees.ROOT]["ProtocolFeaturesSupported"] = {"ExpandQuery": {"NoLinks": True, "Levels": True}}
    with opened(tree, expands=True) as (device, server):
        found = {reading.name: reading.value for reading in device.read("sensor[*].*")}
    assert found["sensor[Fan_1_Tach].speed"] == 5950.0
    assert f"{trees.ROOT}/Chassis/1/Sensors?$expand=.($levels=1)" in server.asked
    assert f"{trees.ROOT}/Chassis/1/Sensors/Fan_1_Tach" not in server.asked


def test_a_service_that_says_it_embeds_and_does_not_is_read_all_the_same() -> None:
    tree = trees.lenovo()
    tree[trees.ROOT]["ProtocolFeaturesSupported"] = {"ExpandQuery": {"NoLinks": True, "Levels": True}}
    with opened(tree) as (device, server):
        found = {reading.name: reading.value for reading in device.read("sensor[*].*")}
    assert found["sensor[Fan_1_Tach].speed"] == 5950.0
    assert sum("$expand" in asked for asked in server.asked) == 1


def test_no_computer_system_is_another_device() -> None:
    tree = trees.dell()
    tree[f"{trees.ROOT}/Systems"]["Members"] = []
    with opened(tree) as (device, _), pytest.raises(WrongDevice, match="no computer system"):
        device.identify()


def test_identity() -> None:
    with opened(trees.hpe()) as (device, _):
        identity = device.identify()
    assert (identity.maker, identity.model, identity.firmware) == ("HPE", "ProLiant DL360 Gen10", "iLO 5 v2.72")
    assert "867959-B21" in identity.raw


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        *("Id", "Name", "Reading", "ReadingUnits", "ReadingType", "PowerState", "Status", "Links", "DateTime"),
        *("PowerConsumedWatts", "ProcessorType", "CapacityMiB", "PowerWatts", "SerialNumber", "Thresholds"),
        *("@odata.id", "Members", "Sensors", "Entries", "Severity"),
    ]
)


@given(body=st.one_of(JSON, st.dictionaries(NAMES, JSON, max_size=6)), where=st.sampled_from(["", "#/Fans/0"]))
def test_any_resource_is_readings(body: Any, where: str) -> None:
    for point in RedfishBmc.points().values():
        assert isinstance(point, NodePoint)
        found = {kind: [Node(kind, "1", f"{trees.ROOT}/x{where}", body)] for kind in point.needs}
        for reading in point.readings(found, "test://device", NOON):
            assert reading.value is not None or reading.reason
            assert not isinstance(reading.value, float) or abs(reading.value) < 1e300


@settings(max_examples=60, deadline=None)
@given(body=st.one_of(JSON, st.dictionaries(NAMES, JSON, max_size=6)), key=st.sampled_from(sorted(trees.gb300())))
def test_any_resource_in_the_place_of_another_is_survived(body: Any, key: str) -> None:
    with opened(trees.gb300() | {key: body}) as (device, _):
        assert all(reading.value is not None or reading.reason for reading in device.read())
        with suppress(DriverError):
            device.identify()
