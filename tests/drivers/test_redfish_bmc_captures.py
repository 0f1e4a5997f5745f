"""What a correct reader finds in a mock-up of DMTF's, by its own list of expected values."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.addresses import parse
from drivers.bmcs.redfish import RedfishBmc
from drivers.options import Options
from drivers.points import Reading
from tests.drivers.redfish_server import archive, redfish_server
from tests.drivers.scripted import StillClock

pytestmark = pytest.mark.captures

UNITS = {"Cel": 1, "W": 1, "V": 1, "A": 1, "Hz": 1, "%": 1, "kW.h": 1000}


@pytest.fixture(scope="module")
def expected(captures: Path) -> Any:
    return json.loads((captures / "redfish" / "expected-dmtf_rackmount1.json").read_text())


@pytest.fixture(scope="module")
def found(captures: Path) -> Iterator[dict[str, Reading]]:
    with redfish_server(archive(captures / "redfish" / "dmtf_rackmount1.tar.gz")) as server:
        device = RedfishBmc.connect(parse(f"redfish+http://127.0.0.1:{server.port}"), Options(), StillClock())
        yield {reading.name: reading for reading in device.read()}
        device.close()


def test_the_machine(found: dict[str, Reading], expected: Any) -> None:
    system, manager = expected["systems"][0], expected["managers"][0]
    assert found["serial"].value == system["SerialNumber"]
    assert found["part"].value == system["PartNumber"]
    assert found["firmware"].value == manager["FirmwareVersion"]
    assert found[f"system[{system['Id']}].bios"].value == system["BiosVersion"]
    assert found["manager[BMC].time"].value == manager["DateTime"]
    assert found["power_state"].value == system["PowerState"].lower()


def test_power_is_that_of_power_control(found: dict[str, Reading], expected: Any) -> None:
    control, environment = expected["power_control"][0], expected["environment_metrics"][0]
    scope = f"power_control[{control['Name']}]"
    assert found["power"].value == found[f"{scope}.power"].value == control["PowerConsumedWatts"]
    assert found["environment[1U].power"].value == environment["PowerWatts"] != found["power"].value
    assert found[f"{scope}.capacity"].value == control["PowerCapacityWatts"]
    read = [found[f"{scope}.{name}"].value for name in ("average", "max", "min", "limit")]
    assert read == [control[name] for name in ("Average", "Max", "Min", "LimitInWatts")]


def test_every_sensor(found: dict[str, Reading], expected: Any) -> None:
    named = {n.partition("]")[0].partition("[")[2]: r for n, r in found.items() if n.startswith("sensor[")}
    assert set(named) >= {sensor["Id"] for sensor in expected["sensors"]}
    for sensor in expected["sensors"]:
        reading, said = named[sensor["Id"]], sensor["Reading"]
        assert reading.value == (None if said is None else said * UNITS[sensor["ReadingUnits"]])
    assert sum(named[sensor["Id"]].value is None for sensor in expected["sensors"]) == 11


@pytest.mark.parametrize(
    ("rows", "quantity", "prop"),
    [
        ("temperatures", "temperature", "ReadingCelsius"),
        ("voltages", "voltage", "ReadingVolts"),
    ],
)
def test_older_rows(found: dict[str, Reading], expected: Any, rows: str, quantity: str, prop: str) -> None:
    assert expected[rows]
    for row in expected[rows]:
        assert found[f"sensor[{row['Name']}].{quantity}"].value == row[prop]


def test_parts(found: dict[str, Reading], expected: Any) -> None:
    system = expected["systems"][0]
    for processor in system["processors"]:
        scope = f"processor[{processor['Id']}]"
        assert found[f"{scope}.state"].value == processor["State"]
        assert found[f"{scope}.cores"].value == processor.get("TotalCores")
    assert found["memory_count"].value == system["memory"]["populated"]
    assert found["memory_total"].value == system["memory"]["sum_CapacityMiB"] * 2**20


def test_firmware_of_which_one_is_missing(found: dict[str, Reading], expected: Any) -> None:
    for item in expected["firmware_inventory"]["items"]:
        key = item["Id"] or item["url"].rpartition("/")[2]
        assert found[f"firmware[{key}].version"].value == item["Version"]
    assert "no such resource" in (found["firmware[BIOS].version"].reason or "")


def test_logs(found: dict[str, Reading], expected: Any) -> None:
    for log in expected["log_services"]:
        assert found[f"log[{log['Id']}].entries"].value == log["readable"]
        assert found[f"log[{log['Id']}].critical"].value == log["severities"]["Critical"]
    assert found["log_entries"].value == sum(log["readable"] for log in expected["log_services"])


def test_fans(found: dict[str, Reading], expected: Any) -> None:
    keys = {fan["Name"]: fan.get("url", f"/{fan['Name']}").rpartition("/")[2] for fan in expected["fans"]}
    for fan in expected["fans"]:
        speed = fan["Reading"] if "Reading" in fan else fan["SpeedRPM"]
        assert found[f"fan[{keys[fan['Name']]}].speed"].value == speed
