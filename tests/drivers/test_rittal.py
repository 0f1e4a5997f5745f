from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cooling.rittal import RittalLcp
from drivers.cooling.rittal_variables import LAST_CHANGE, STRUCTURE
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID
from drivers.errors import NoReading, WrongDevice
from drivers.points import Reading
from tests.drivers.scripted import Agent, StillClock

ROOT = "1.3.6.1.4.1.2606.7"
TABLE = f"{ROOT}.4.2.2.1"
DEVICES = f"walk {ROOT}.4.1.2.1.2"
# index: name, type, unit, scale, text, integer, quality
VARIABLES: dict[str, tuple[str, int, str, int | None, str, int, int]] = {
    "1.1": ("Water.In-Temp.Value", 2, "degree F", -10, "54.5 degree F", 545, 0),
    "1.2": ("Water.In-Temp.Value", 2, "degree C", -100, "12.50 degree C", 1250, 0),
    "1.3": ("Water.In-Temp.Status", 7, "", 0, "OK", 4, 0),
    "1.4": ("Water.Out-Temp.Value", 2, "degree C", -100, "18.10 degree C", 1810, 0),
    "1.5": ("Water.Out-Temp.Status", 7, "", 0, "Lost", 21, 0),
    "1.6": ("Water.Flowrate.Value", 2, "l/min", None, "61.5 l/min", 615, 0),
    "1.7": ("Water.Cooling-Capacity.Value", 2, "kW", -10, "24.1 kW", 241, 0),
    "1.8": ("Air.Fan1.Value", 2, "%", 0, "40 %", 40, 0),
    "1.9": ("Air.Fan2.Value", 2, "rpm", 10, "1200 rpm", 120, 0),
    "1.10": ("Water.Control-Valve.Value", 2, "%", 1, "33 %", 33, 21),
    "1.11": ("Leakage.Status", 7, "", 0, "OK", 4, 0),
    "1.12": ("Water.In-Temp.SetPtHighAlarm", 3, "degree C", -100, "20.00 degree C", 2000, 0),
    "1.13": ("Odd.Value", 2, "furlongs", 0, "1 furlongs", 1, 0),
    "2.1": ("Leakage.Status", 7, "", 0, "OK", 4, 0),
}


def objects(changes: dict[str, dict[int, Any]] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {
        SYS_DESCR: b"Rittal LCP SN 12345678 HW V4.00 - SW V3.15.30",
        SYS_OBJECT_ID: f"{ROOT}.7.1.4",
        f"{ROOT}.2.4.0": b"V3.15.30",
        f"{ROOT}.2.6.0": b"12345678",
        f"{ROOT}.2.8.0": 4,
        DEVICES: {"1": b"LCP-I Flush"},
        LAST_CHANGE: 7,
        **{column: {} for column in STRUCTURE},
    }
    for index, row in VARIABLES.items():
        cells: dict[int, Any] = dict(zip((3, 4, 5, 7, 10, 11, 14), row, strict=True)) | (changes or {}).get(index, {})
        for column in (3, 5, 10):
            cells[column] = cells[column].encode() if isinstance(cells[column], str) else cells[column]
        found |= {f"{TABLE}.{column}.{index}": cells[column] for column in (10, 11, 14)}
        for column in (3, 4, 5, 7):
            if cells[column] is not None:
                found[f"walk {TABLE}.{column}"][index] = cells[column]
    return found


def read(found: dict[str, Any]) -> dict[str, Reading]:
    device = RittalLcp(cast("Any", Agent(found)), StillClock())
    return {reading.name: reading for reading in device.read_points(list(device.points().values()))}


def test_identify() -> None:
    identity = RittalLcp(cast("Any", Agent(objects())), StillClock()).identify()
    assert (identity.maker, identity.model, identity.serial) == ("Rittal", "LCP-I Flush", "12345678")
    assert identity.firmware == "V3.15.30"


@pytest.mark.parametrize(
    "changed",
    [
        {SYS_OBJECT_ID: "1.3.6.1.4.1.26061"},
        {SYS_DESCR: b"Rittal CMC III", f"{ROOT}.2.8.0": 1, DEVICES: {"1": b"CMCIII-PU"}},
    ],
)
def test_another_agent_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(WrongDevice):
        RittalLcp(cast("Any", Agent(objects() | changed)), StillClock()).identify()


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("supply_temperature", 12.5, "degC"),
        ("flow", 61.5, "l/min"),
        ("heat", 24100, "W"),
        ("fan[1].duty", 40, "%"),
        ("fan[2].speed", 1200, "rpm"),
        ("leak", False, None),
        ("status[Water.In-Temp].state", "ok", None),
        ("status[Water.Out-Temp].state", "lost", None),
        ("sensor[Water.In-Temp].temperature", 12.5, "degC"),
        ("sensor[Water.Cooling-Capacity].power", 24100, "W"),
    ],
)
def test_readings(name: str, value: Any, unit: str | None) -> None:
    found = read(objects())[name]
    assert (found.value, found.unit) == (value, unit)


def test_only_one_of_both_scales_is_named() -> None:
    assert "sensor[Water.In-Temp#2].temperature" not in read(objects())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("return_temperature", "the device says: lost"),
        ("valve", "the device has no value: quality 21"),
        ("sensor[Odd].value", "Garbled: no unit that we know: 'furlongs'"),
    ],
)
def test_what_there_is_not_is_null_with_its_reason(name: str, reason: str) -> None:
    found = read(objects())[name]
    assert (found.value, found.reason) == (None, reason)


def test_fahrenheit_stands_in_where_celsius_has_no_value() -> None:
    found = read(objects({"1.2": {11: 2**31 - 1}, "1.3": {11: 4}}))
    assert found["supply_temperature"].value == pytest.approx(12.5)
    assert read(objects({"1.2": {3: "Other"}}))["sensor[Water.In-Temp].temperature"].value == pytest.approx(12.5)


@pytest.mark.parametrize(
    ("state", "value"), [(4, False), (5, True), (22, True), (21, None), (1, None), (99, None), (28, None)]
)
def test_any_wet_detector_is_a_leak_and_a_silent_one_no_assurance(state: int, value: bool | None) -> None:
    found = read(objects({"2.1": {11: state}}))["leak"]
    assert found.value is value
    assert (found.reason is None) == (value is not None)


def test_the_table_is_walked_again_when_it_has_changed() -> None:
    agent, clock = Agent(objects()), StillClock()
    device = RittalLcp(cast("Any", agent), clock)
    device.read("flow")
    walks = [query for asked in agent.asked for query in asked if query.startswith("walk ")]
    assert set(walks) == set(STRUCTURE)
    device.read("flow")
    assert [q for asked in agent.asked for q in asked if q.startswith("walk ")] == walks
    agent.objects[LAST_CHANGE] = 8
    agent.objects[STRUCTURE[0]] = {}
    assert device.read("flow")[0].reason == "the agent has no such variable"


def test_without_a_time_of_change_it_is_walked_every_minute() -> None:
    agent, clock = Agent(objects() | {LAST_CHANGE: NoReading("none")}), StillClock()
    device = RittalLcp(cast("Any", agent), clock)
    device.read("flow")
    device.read("flow")
    asked = len(agent.asked)
    clock.advance(61)
    device.read("flow")
    assert asked == 3
    assert len(agent.asked) == 5


def test_a_variable_that_has_gone_is_looked_for_again() -> None:
    agent = Agent(objects())
    device = RittalLcp(cast("Any", agent), StillClock())
    device.read("flow")
    agent.objects[f"{TABLE}.11.1.6"] = NoReading("gone")
    agent.objects[f"{TABLE}.10.1.6"] = NoReading("gone")
    assert device.read("flow")[0].reason == "gone"
    agent.asked.clear()
    device.read("flow")
    assert any(STRUCTURE[0] in asked for asked in agent.asked)


CELL = st.one_of(
    st.integers(-(2**31), 2**32), st.binary(max_size=20), st.none(), st.just("1.3"), st.just(NoReading("gone"))
)


@given(st.data())
def test_no_answer_is_too_strange(data: st.DataObject) -> None:
    found = objects()
    for query in found:
        if query.startswith("walk "):
            indices = st.sampled_from(["1.1", "1.2", "1.11", "2.1"])
            found[query] = data.draw(st.dictionaries(indices, CELL, max_size=3))
        elif query.startswith(TABLE):
            found[query] = data.draw(CELL)
    for reading in read(found).values():
        assert (reading.value is None) == (reading.reason is not None)
