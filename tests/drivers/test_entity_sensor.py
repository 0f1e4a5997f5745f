import math
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import entity_sensor as es
from drivers.catalogue import model
from drivers.cooling.entity import EntityCdu
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID
from drivers.errors import DriverError, Garbled, NoReading, WrongDevice
from drivers.shelves.entity import CISCO_STATE, STATE, EntityShelf
from drivers.snmp import SnmpTransport
from tests.drivers.scripted import Agent, StillClock

WATTS, AMPERES, CELSIUS, RPM, TRUTH, OTHER = 6, 5, 8, 10, 12, 1
UNITS, KILO, MILLI = 9, 10, 8


def agent(*rows: tuple[Any, ...], changed: Any = 100) -> Agent:
    """Rows of `parent, name, type, scale, precision, value, display`; 1 is the chassis, 2 a supply at position 4."""
    columns: dict[str, dict[str, Any]] = {query: {} for query in (*es.STRUCTURE, *es.IDENTITY)}
    objects: dict[str, Any] = {SYS_DESCR: b"shelf EMULATED", SYS_OBJECT_ID: "1.3.6.1.4.1.9999", es.LAST_CHANGE: changed}
    columns[es.CLASS] = {"1": es.CHASSIS, "2": es.POWER_SUPPLY}
    columns[es.CONTAINED_IN] = {"1": 0, "2": 1}
    columns[es.PARENT_POS] = {"1": 1, "2": 4}
    columns[es.SERIAL], columns[es.MODEL] = {"1": b"SN-1", "2": b"SN-2"}, {"1": b"PS-33"}
    columns[es.MAKER], columns[es.FIRMWARE] = {"1": b"Maker"}, {"1": b"2.1"}
    for index, (parent, name, kind, scale, precision, value, display) in enumerate(rows, 10):
        key = str(index)
        columns[es.CLASS][key], columns[es.CONTAINED_IN][key], columns[es.NAME][key] = 8, parent, name.encode()
        columns[es.TYPE][key], columns[es.SCALE][key], columns[es.PRECISION][key] = kind, scale, precision
        columns[es.UNITS_DISPLAY][key] = display.encode()
        objects[f"{es.VALUE}.{key}"], objects[f"{es.OPER_STATUS}.{key}"] = value, 1
    return Agent(objects | columns)


SHELF = [
    (1, "Input Power", WATTS, UNITS, 1, 123456, "W"),
    (1, "Input Energy", OTHER, KILO, 1, 789, "Wh"),
    (2, "PSU 4 Output Power", WATTS, KILO, 3, 5012, "W"),
    (2, "PSU 4 Temperature", CELSIUS, UNITS, 1, 415, "C"),
    (2, "psu 4 fan", RPM, UNITS, 0, 9000, "rpm"),
]


def shelf(found: Agent, clock: StillClock | None = None) -> EntityShelf:
    return EntityShelf(cast("SnmpTransport", found), clock or StillClock())


def values(device: EntityShelf | EntityCdu, *patterns: str) -> dict[str, Any]:
    return {reading.name: reading.value for reading in device.read(*patterns)}


def test_a_shelf_and_its_supplies() -> None:
    found = values(shelf(agent(*SHELF)))
    assert found["input_power"] == 12345.6
    assert found["energy"] == 78900.0
    assert found["psu[4].output_power"] == 5012.0
    assert found["psu[4].temperature"] == 41.5
    assert found["psu[4].fan_speed"] == 9000.0


def test_the_share_of_a_supply_is_of_all_that_the_shelf_has() -> None:
    two = agent(*SHELF, (3, "PSU 5 Output Power", WATTS, UNITS, 0, 1253, "W"))
    two.objects[es.CLASS]["3"], two.objects[es.CONTAINED_IN]["3"], two.objects[es.PARENT_POS]["3"] = 6, 1, 5
    assert values(shelf(two), "psu[*].share") == {"psu[4].share": 0.8, "psu[5].share": 0.2}


@pytest.mark.parametrize(
    ("value", "status", "reason"),
    [
        (0, 1, "the shelf gives no power to share"),
        (-1_000_000_000, 1, "the value is beyond the agent's range"),
        (5012, 3, "sensor nonoperational"),
        (NoReading("the agent has no such object"), 1, "the agent has no such object"),
        (b"5012", 1, "Garbled: not an integer, or no status beside it"),
    ],
)
def test_without_every_supplys_power_there_is_no_share(value: Any, status: int, reason: str) -> None:
    found = agent(*SHELF)
    found.objects[f"{es.VALUE}.12"], found.objects[f"{es.OPER_STATUS}.12"] = value, status
    reading = shelf(found).read("psu[*].share")[0]
    assert (reading.name, reading.value, reading.reason) == ("psu[4].share", None, reason)


def test_what_a_supply_takes_and_gives() -> None:
    found = agent(
        *SHELF,
        (2, "PSU 4 Input Current", AMPERES, MILLI, 0, 21_500, "A"),
        (2, "PSU 4 Output Voltage", 4, UNITS, 2, 5012, "V"),
    )
    assert values(shelf(found), "psu[*].input_current", "psu[*].output_voltage") == {
        "psu[4].input_current": 21.5,
        "psu[4].output_voltage": 50.12,
    }


@pytest.mark.parametrize("name", ["Heat", "Secondary Heat Removed"])
def test_the_heat_that_a_cooling_unit_reckons_itself(name: str) -> None:
    found = agent((1, name, WATTS, KILO, 1, 1203, "kW"), (2, "Heat", WATTS, KILO, 0, 7, "kW"))
    assert values(EntityCdu(cast("SnmpTransport", found), StillClock()), "heat") == {"heat": 120_300.0}


def test_what_the_agent_lacks_is_null_with_a_reason() -> None:
    readings = {reading.name: reading for reading in shelf(agent(*SHELF)).read()}
    assert readings["output_power"].value is None
    assert readings["output_power"].reason == "the agent has no such sensor"
    assert "psu[4].input_power" not in readings


def test_the_evidence_is_the_object_that_was_read() -> None:
    reading = shelf(agent(*SHELF)).read("psu[*].output_power")[0]
    assert reading.source == f"snmp://192.0.2.1:161 {es.VALUE}.12"
    assert reading.raw == "5012"


def test_a_wrong_unit_is_no_reading() -> None:
    reading = shelf(agent((1, "Input Power", AMPERES, UNITS, 0, 100, "A"))).input_power.read_all()[0]
    assert (reading.value, reading.reason) == (None, "Garbled: in A, not in W")


def test_the_structure_is_walked_once() -> None:
    found = agent(*SHELF)
    device = shelf(found)
    for _ in range(3):
        device.read("input_power")
    assert sum(es.NAME in asked for asked in found.asked) == 1
    assert found.asked[-1] == [es.LAST_CHANGE, f"{es.VALUE}.10", f"{es.OPER_STATUS}.10"]


def test_the_structure_is_walked_again_when_the_tables_changed() -> None:
    found = agent(*SHELF)
    device = shelf(found)
    device.read("input_power")
    found.objects |= agent((1, "Input Power", WATTS, KILO, 0, 12, "W"), changed=200).objects
    assert values(device, "input_power") == {"input_power": 12000.0}


def test_an_agent_that_does_not_tell_of_changes_is_walked_every_minute() -> None:
    found, clock = agent(*SHELF, changed=NoReading("no such object")), StillClock()
    device = shelf(found, clock)
    for seconds in (0, 30, 40, 10):
        clock.advance(seconds)
        device.read("input_power")
    walks = [place for place, asked in enumerate(found.asked) if es.NAME in asked]
    assert len(walks) == 2
    assert f"{es.VALUE}.10" in found.asked[walks[1] - 1], "the values were read first, so that the walk delays none"


def test_tables_that_were_not_read_for_long_are_walked_before_they_are() -> None:
    found, clock = agent(*SHELF, changed=NoReading("no such object")), StillClock()
    device = shelf(found, clock)
    device.read("input_power")
    clock.advance(600)
    found.objects |= agent((1, "Input Power", WATTS, KILO, 0, 12, "W")).objects | {es.LAST_CHANGE: NoReading("none")}
    assert values(device, "input_power") == {"input_power": 12000.0}


@pytest.mark.parametrize(
    ("objects", "state"),
    [
        ({STATE: {"2": 3}}, "enabled"),
        ({STATE: {"2": 2}, CISCO_STATE: {"2": 2}}, "disabled"),
        ({CISCO_STATE: {"2": 8}}, "failed"),
        ({STATE: {"2": 1}}, "- the agent says: unknown"),
        ({STATE: {"2": 9}}, "- Garbled: a state that the MIB does not have"),
        ({STATE: {"3": 3}}, "- the agent tells no state of this supply"),
        ({}, "- the agent tells no state of this supply"),
    ],
)
def test_the_state_of_a_supply(objects: dict[str, Any], state: str) -> None:
    found = agent(*SHELF)
    found.objects |= {STATE: {}, CISCO_STATE: {}} | objects
    (reading,) = shelf(found).read("psu[*].state")
    assert (reading.name, reading.value or f"- {reading.reason}") == ("psu[4].state", state)


def test_a_supply_that_was_pulled_is_looked_for_again() -> None:
    found = agent(*SHELF)
    device = shelf(found)
    device.read("psu[*].output_power")
    found.objects[f"{es.VALUE}.12"] = NoReading("the agent has no such object")
    assert device.read("psu[*].output_power")[0].reason == "the agent has no such object"
    device.read("psu[*].output_power")
    assert sum(es.NAME in asked for asked in found.asked) == 2


def test_identity() -> None:
    identity = shelf(agent(*SHELF)).identify()
    assert (identity.maker, identity.model, identity.serial, identity.firmware) == ("Maker", "PS-33", "SN-1", "2.1")
    assert identity.emulated


@pytest.mark.parametrize("name", ["entity-shelf", "entity-cdu"])
def test_an_agent_without_the_sensors_is_another_device(name: str) -> None:
    device = model(name)(agent((1, "Board", CELSIUS, UNITS, 0, 30, "C")), StillClock())
    with pytest.raises(WrongDevice) as caught:
        device.identify()
    assert "EMULATED" in str(caught.value)


def test_a_cooling_unit() -> None:
    found = values(
        EntityCdu(
            cast(
                "SnmpTransport",
                agent(
                    (1, "Secondary Flow", OTHER, UNITS, 1, 1204, "l/min"),
                    (1, "Secondary Supply Pressure", OTHER, UNITS, 0, 210, "kPa"),
                    (1, "Pump 2 Speed", RPM, UNITS, 0, 2900, "rpm"),
                    (1, "Leak", TRUTH, UNITS, 0, 2, ""),
                ),
            ),
            StillClock(),
        )
    )
    assert found["flow"] == 120.4
    assert found["supply_pressure"] == 210_000.0
    assert found["pump[2].speed"] == 2900.0
    assert found["leak"] is False


@pytest.mark.parametrize(
    ("raw", "status", "error"),
    [
        (5, 2, NoReading),
        (5, 3, NoReading),
        (10**9, 1, NoReading),
        (-(10**9), 1, NoReading),
        (b"5", 1, Garbled),
        (5, None, Garbled),
    ],
)
def test_values_that_are_none(raw: Any, status: Any, error: type[DriverError]) -> None:
    with pytest.raises(error):
        es.Sensor("1", "x", "", WATTS, UNITS, 0, "").value_of(raw, status)


@given(raw=st.integers(-(10**9) + 1, 10**9 - 1), scale=st.integers(1, 17), precision=st.integers(-8, 9))
def test_scaling_is_that_of_the_mib(raw: int, scale: int, precision: int) -> None:
    expected = raw * 10.0 ** (3 * scale - 27) / 10.0 ** max(0, precision)
    assert math.isclose(es.scaled(raw, scale, precision), expected, rel_tol=1e-12)


cells = st.one_of(st.none(), st.integers(), st.binary(max_size=12), st.text(max_size=5))
tables = st.dictionaries(
    st.sampled_from([*es.STRUCTURE]), st.dictionaries(st.integers(0, 9).map(str), cells, max_size=6)
)


@given(columns=tables, raw=cells, status=cells)
def test_any_table_is_sensors_or_an_error(columns: dict[str, dict[str, Any]], raw: Any, status: Any) -> None:
    for sensor in es.sensors(columns):
        with suppress(DriverError):
            value = sensor.value_of(raw, status)
            assert isinstance(value, bool | float | int)
    es.chassis(columns)
