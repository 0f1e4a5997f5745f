"""Two real switches, as they were recorded, read by their makers' models: every field of what is expected."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.addresses import parse
from drivers.catalogue import model, propose
from drivers.options import Options
from drivers.points import Reading
from drivers.switches.mib import SwitchMib
from tests.drivers.scripted import StillClock
from tests.servers import snmpsim

MODELS = {"arista_eos_vrf": "arista-eos", "dell-sonic": "sonic"}
NONE = {"N/A", "NA", ""}
"""What agents write where there is no serial number."""


def by_name(readings: list[Reading]) -> dict[str, Any]:
    return {reading.name: reading.value for reading in readings}


@pytest.fixture(scope="module")
def simulator(captures: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = captures / "recordings" / "recordings"
    with snmpsim(folder, "arista_eos_vrf", tmp_path_factory.mktemp("snmpsim")) as port:
        yield port


@pytest.fixture(params=MODELS)
def recorded(
    request: pytest.FixtureRequest, simulator: int, captures: Path, tmp_path: Path
) -> Iterator[tuple[SwitchMib, dict[str, Any]]]:
    (tmp_path / "community").write_text(request.param)
    address = parse(f"snmp://127.0.0.1:{simulator}?community=file:community")
    device = model(MODELS[request.param]).connect(address, Options(folder=tmp_path, timeout_s=15), StillClock())
    assert isinstance(device, SwitchMib)
    expected = json.loads((captures / "recordings" / "expected" / f"{request.param}.expected.json").read_text("utf-8"))
    yield device, expected
    device.close()


@pytest.mark.captures
def test_recorded_system(recorded: tuple[SwitchMib, dict[str, Any]]) -> None:
    device, expected = recorded
    system, found = (
        expected["system"],
        by_name(device.read("uptime", "description", "object_id", "system_name", "location")),
    )
    assert found == {
        "description": system["sysDescr"],
        "object_id": system["sysObjectID"],
        "uptime": system["sysUpTime_ticks"] / 100,
        "system_name": system["sysName"],
        "location": system["sysLocation"],
    }


@pytest.mark.captures
def test_recorded_interfaces(recorded: tuple[SwitchMib, dict[str, Any]]) -> None:
    device, expected = recorded
    interfaces, readings = expected["interfaces"], device.read("port[*].*")

    def of(quantity: str) -> list[Any]:
        return [r.value for r in readings if r.name.endswith(f"].{quantity}") and r.value is not None]

    assert len(of("index")) == interfaces["ifTable_rows"]
    assert Counter(of("oper_state"))["up"] == interfaces["oper_up"]
    assert Counter(of("admin_state"))["up"] == interfaces["admin_up"]
    assert sum(of("in_bytes")) == interfaces["sum_ifHCInOctets"]
    assert sum(of("out_bytes")) == interfaces["sum_ifHCOutOctets"]
    assert sum(of("in_errors")) == interfaces["sum_ifInErrors"]
    assert sum(of("speed")) == interfaces["ifHighSpeed_sum_mbps"] * 1_000_000
    numbers = [int(index) for index in of("index")]
    assert (min(numbers), max(numbers)) == (interfaces["ifIndex_min"], interfaces["ifIndex_max"])


FIELDS = {
    "ifDescr": "description",
    "ifAlias": "alias",
    "ifType": "type",
    "ifMtu": "mtu",
    "ifHCInOctets": "in_bytes",
    "ifHCOutOctets": "out_bytes",
    "ifInErrors": "in_errors",
    "ifOutErrors": "out_errors",
    "ifPhysAddress": "address",
}


@pytest.mark.captures
def test_recorded_ports_field_by_field(recorded: tuple[SwitchMib, dict[str, Any]]) -> None:
    device, expected = recorded
    found = by_name(device.read("port[*].*"))
    for port in expected["interfaces"]["sample_interfaces"]:
        key = f"port[{port['ifName']}]"
        assert found[f"{key}.index"] == str(port["ifIndex"])
        assert found[f"{key}.speed"] == port["ifHighSpeed_mbps"] * 1_000_000
        for field, quantity in FIELDS.items():
            assert found[f"{key}.{quantity}"] == port[field], field
        states = ["", "up", "down"]
        assert found[f"{key}.oper_state"] == states[port["ifOperStatus"]]
        assert found[f"{key}.admin_state"] == states[port["ifAdminStatus"]]


@pytest.mark.captures
def test_recorded_neighbours(recorded: tuple[SwitchMib, dict[str, Any]]) -> None:
    device, expected = recorded
    readings = device.read("neighbor[*].*")
    found = by_name(readings)
    wanted = {f"neighbor[{n['local_port_id']}]": n for n in expected["lldp"]["neighbours"]}
    assert len(wanted) == expected["lldp"]["distinct_local_ports_with_neighbour"]
    assert {name.rpartition(".")[0] for name in found} == set(wanted)
    for name, neighbour in wanted.items():
        assert found[f"{name}.port"] == neighbour["port_id"]
        assert found[f"{name}.chassis"] == neighbour["chassis_id"]
        assert found[f"{name}.system"] == (neighbour["sys_name"] or None)
        assert found[f"{name}.port_description"] == (neighbour["port_desc"] or None)
    rows = {reading.source.partition(".4.1.1.9.")[2] for reading in readings if reading.name.endswith(".system")}
    assert rows == {neighbour["index"] for neighbour in wanted.values()}


@pytest.mark.captures
def test_recorded_components(recorded: tuple[SwitchMib, dict[str, Any]]) -> None:
    device, expected = recorded
    readings = device.read("component[*].serial", "component[*].class")
    serials = {reading.value for reading in readings if reading.name.endswith(".serial")} - {None}
    assert serials == set(expected["entity"]["serials"]) - NONE
    classes = [reading for reading in readings if reading.name.endswith(".class")]
    assert len(classes) == expected["entity"]["entPhysicalName_rows"] - expected["entity_sensors"]["rows"]


@pytest.mark.captures
def test_recorded_sensors(recorded: tuple[SwitchMib, dict[str, Any]]) -> None:
    device, expected = recorded
    found = {reading.source.rpartition(" ")[2]: reading for reading in device.read("sensor[*].*")}
    rows = expected["entity_sensors"]["sensors"]
    assert set(found) == {row["oid"] for row in rows}
    for row in rows:
        reading = found[row["oid"]]
        if row["value"] is None:
            assert (reading.value, bool(reading.reason)) == (None, True)
        else:
            assert reading.value == pytest.approx(row["value"], rel=1e-12)
            assert reading.unit == (row["unit"] or "1")  # type unknown(2): the agent itself knows no unit
    assert sum(reading.value is not None for reading in found.values()) == expected["entity_sensors"]["with_value"]


@pytest.mark.captures
def test_recorded_light_in_watts_and_in_dbm(recorded: tuple[SwitchMib, dict[str, Any]]) -> None:
    device, expected = recorded
    readings = device.read("optic[*].*")
    watts = {r.source.rpartition(" ")[2]: r for r in readings if r.unit == "W"}
    levels = {r.source.rpartition(" ")[2]: r for r in readings if r.unit == "dBm"}
    rows = {row["oid"]: row for row in expected["entity_sensors"]["sensors"] if "DOM" in row["entPhysicalDescr"]}
    rows = {oid: row for oid, row in rows.items() if row["type"] == 6}
    assert set(watts) == set(levels) == set(rows)
    for oid, row in rows.items():
        assert watts[oid].value == (None if row["value"] is None else pytest.approx(row["value"], rel=1e-12))
        level = None if row["value"] is None else pytest.approx(10 * math.log10(row["value"] * 1000), rel=1e-9)
        assert levels[oid].value == level


@pytest.mark.captures
@pytest.mark.parametrize(
    ("recording", "wanted"),
    [
        ("arista_eos_vrf", ("Arista Networks", "DCS-7150S-24", "serial", "4.20.12.1M")),
        ("dell-sonic", ("DNT00", "DELL-E3248P", "TW0CCN8DDNT0032E0450", "4.4.1-Lite")),
    ],
)
def test_a_recorded_switch_is_recognised(
    recording: str, wanted: tuple[str, ...], simulator: int, tmp_path: Path
) -> None:
    (tmp_path / "community").write_text(recording)
    address = f"snmp://127.0.0.1:{simulator}?community=file:community"
    proposal = propose(address, Options(folder=tmp_path, timeout_s=15), StillClock())
    assert proposal.model == MODELS[recording]
    device = model(MODELS[recording]).connect(parse(address), Options(folder=tmp_path, timeout_s=15), StillClock())
    try:
        found = device.identify()
    finally:
        device.close()
    assert (found.maker, found.model, found.serial, found.firmware) == wanted
