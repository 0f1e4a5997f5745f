"""An InRow unit that describes itself in rows: which row is which point, and states by the list beside them."""

from typing import Any, cast

import pytest

from drivers.catalogue import model
from drivers.snmp import SnmpTransport
from tests.drivers.pdu_agent import PduAgent, told, under
from tests.drivers.scripted import StillClock

ROOT = "1.3.6.1.4.1.318.1.1.27.1"
Row = tuple[Any, ...]
ROWS: dict[str, list[Row]] = {
    "4.1.2.1": [
        ("Supply Air Temperature", 746, "F", 10),
        ("Supply Air Temperature", 237, "C", 10),
        ("Unit Maximum Rack Inlet Temperature", 251, "C", 10),
        ("Cool Demand", 156, "kW", 10),
        ("Group Cool Output", 99, "kW", 1),
        ("Cool Output", 103, "kW", 10),
        ("Airflow", 2941, "CFM", 1),
        ("Fan Speed", 73, "%", 1),
        ("Unit Energy", 4312, "kWh", 1),
        ("Unit Power", 840, "W", 1),
        ("Minimum Rack Inlet Temperature", 190, "C", 10),
        ("Rack Inlet Temperature 1", 201, "C", 10),
    ],
    "6.1.2.1": [
        ("Chilled Water Valve Position", 100, "%", 1),
        ("Chilled Water Flow", 5, "L/s", 10),
        ("Entering Chilled Water Temperature", 161, "C", 10),
        ("Leaving Chilled Water Temperature", 214, "C", 10),
        ("Coil Chilled Water Temperature", 99, "C", 10),
        ("Filter Differential Pressure", 1245, "Pa", 100),
    ],
}
LEAK, MODE = "No Leak(0),Leak Detected(1)", "Standby(0),On(1),Idle(2),Maintenance(3)"


def rows(table: str, columns: tuple[int, ...], *found: tuple[Any, ...]) -> dict[str, Any]:
    objects: dict[str, Any] = {}
    for index, row in enumerate(found, 1):
        for column, value in zip(columns, row, strict=True):
            if value is not None:
                objects[f"{table}.{column}.1.{index}"] = value.encode() if isinstance(value, str) else value
    return objects


def read(objects: dict[str, Any]) -> dict[str, Any]:
    agent = cast("SnmpTransport", PduAgent(under(ROOT, objects)))
    return told(model("apc-inrow")(agent, StillClock()).read())


def test_rows_are_found_by_their_names() -> None:
    objects: dict[str, Any] = {}
    for table, listed in ROWS.items():
        objects |= rows(table, (2, 3, 4, 5), *listed)
    found = read(objects)
    assert (found["supply_temperature"], found["return_temperature"], found["flow"]) == (16.1, 21.4, 30.0)
    assert (found["heat"], found["demand"], found["valve"]) == (10_300, 15_600, 100)
    assert (found["supply_air_temperature"], found["rack_inlet_temperature"]) == (23.7, 25.1)
    assert found["air_flow"] == pytest.approx(83_279.8, abs=0.1)
    assert (found["fan_duty"], found["power"], found["energy"], found["filter_pressure"]) == (73, 840, 4_312_000, 12.45)


def test_the_coldest_rack_is_not_taken_for_the_warmest() -> None:
    named = [row for row in ROWS["4.1.2.1"] if "Maximum" not in row[0]]
    assert read(rows("4.1.2.1", (2, 3, 4, 5), *named))["rack_inlet_temperature"] == "- the agent has no such object"


def test_states_come_in_the_words_beside_them() -> None:
    found = read(rows("4.2.2.1", (2, 4, 5), ("Operating Mode", 2, MODE), ("Flow Control", 7, "Under(0),Okay(1)")))
    assert (found["mode"], found["status[Operating Mode].state"]) == ("idle", "idle")
    assert found["status[Flow Control].state"].startswith("- Garbled")


@pytest.mark.parametrize(
    ("detectors", "leak"),
    [
        ((0, 0), False),
        ((0, 1), True),
        ((None, 1), True),
        ((None, None), "- the agent has no such object"),
        ((0, 2), f"- Garbled: a state that {LEAK!r} does not have"),
    ],
)
def test_one_wet_detector_is_a_leak(detectors: tuple[int | None, int | None], leak: object) -> None:
    found = read(rows("6.2.2.1", (2, 4, 5), *((f"Leak Detector {n}", d, LEAK) for n, d in enumerate(detectors, 1))))
    assert found["leak"] == leak
