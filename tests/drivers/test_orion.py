from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID
from drivers.errors import NoReading, WrongDevice
from drivers.points import Reading
from drivers.shelves.delta import Orion
from tests.drivers.scripted import Agent, StillClock

BASE = "1.3.6.1.4.1.20246.2.3.1.1.1.2"
RECTIFIER, MEASURED, PANEL = f"walk {BASE}.4.4.1", f"walk {BASE}.9.1.1", f"walk {BASE}.10.2.1"
INVALID = 2**31 - 1


def once(value: Any) -> dict[str, Any]:
    return {"0": value}


def objects() -> dict[str, Any]:
    return {
        SYS_DESCR: b"Orion controller",
        SYS_OBJECT_ID: "1.3.6.1.4.1.20246",
        f"walk {BASE}.1.4": once(b"3.05"),
        f"walk {BASE}.12.1.1.2": {"1": b"PSC 3"},
        f"walk {BASE}.12.1.1.7": {"1": b"4711"},
        f"walk {BASE}.3.1": once(5412),
        f"walk {BASE}.3.2": once(-1),
        f"walk {BASE}.3.3": once(-57),
        f"walk {BASE}.3.4": once(INVALID),
        f"walk {BASE}.3.5": once(1),
        f"walk {BASE}.3.7": once(1234),
        f"walk {BASE}.3.8": once(6679),
        f"walk {BASE}.2.5": once(2),
        f"walk {BASE}.4.2": once(1),
        f"{RECTIFIER}.2": {"1": b"4-1", "2": b"", "3": b"4-3"},
        f"{RECTIFIER}.3": {"1": 6, "2": 2, "3": 6},
        f"{RECTIFIER}.4": {"1": 2, "2": 1, "3": 6},
        f"{RECTIFIER}.6": {"1": 305, "2": 0, "3": 0},
        f"{RECTIFIER}.7": {"1": 1650, "2": 0, "3": INVALID},
        f"{MEASURED}.2": {"1": b"Mains L1", "2": b"Load shunt", "3": b"Odd", "4": b"Mains L1", "5": b"Mains L1"},
        f"{MEASURED}.3": {"1": 2301, "2": -154, "3": 7, "4": 12, "5": 2311},
        f"{MEASURED}.4": {"1": -1, "2": 0, "3": 0, "5": -1},
        f"{MEASURED}.5": {"1": 4, "2": 5, "3": 1, "4": 9, "5": 4},
        f"{PANEL}.2": {"1": b"Input energy", "2": b"Nothing"},
        f"{PANEL}.3": {"1": b"1.5", "2": b"- - -"},
        f"{PANEL}.4": {"1": b"kWh", "2": b"V"},
    }


def read(found: dict[str, Any], name: str = "") -> dict[str, Reading]:
    device = Orion(cast("Any", Agent(found)), StillClock())
    points = [point for point in device.points().values() if not name or point.name == name]
    return {reading.name: reading for reading in device.read_points(points)}


def test_identify() -> None:
    identity = Orion(cast("Any", Agent(objects())), StillClock()).identify()
    assert (identity.maker, identity.model, identity.serial, identity.firmware) == ("Delta", "PSC 3", "4711", "3.05")


@pytest.mark.parametrize(
    "changed",
    [
        {SYS_OBJECT_ID: "1.3.6.1.4.1.202461"},
        {SYS_OBJECT_ID: NoReading("none")},
        {f"walk {BASE}.3.1": {}, f"{RECTIFIER}.4": {}},
    ],
)
def test_another_agent_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(WrongDevice):
        Orion(cast("Any", Agent(objects() | changed)), StillClock()).identify()


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("output_voltage", 54.12, "V"),
        ("output_current", 123.4, "A"),
        ("output_power", 6679, "W"),
        ("battery_current", -5.7, "A"),
        ("charge_state", "float", None),
        ("mains_failure", True, None),
        ("rectifiers_failed", 1, "1"),
        ("psu[1].output_power", 1650, "W"),
        ("psu[1].output_current", 30.5, "A"),
        ("psu[1].share", 1.0, "1"),
        ("psu[1].state", "on", None),
        ("psu[1].name", "4-1", None),
        ("psu[3].state", "latched_internal_off", None),
        ("sensor[Mains L1].voltage", 230.1, "V"),
        ("sensor[Mains L1#2].voltage", 231.1, "V"),
        ("sensor[Load shunt].current", -154.0, "A"),
        ("meter[Input energy].energy", 1500.0, "Wh"),
    ],
)
def test_readings(name: str, value: Any, unit: str | None) -> None:
    found = read(objects())[name]
    assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("load_current", "the device has no value: -1"),
        ("battery_temperature", "the device has no value: 2147483647"),
        ("rectifiers", "the agent has no such object"),
        ("psu[2].output_power", "the device says: empty slot"),
        ("psu[2].share", "the device says: empty slot"),
        ("psu[2].name", "the device leaves it empty"),
        ("psu[3].output_power", "the device has no value: 2147483647"),
        ("sensor[Odd].value", "the device states no unit"),
        ("sensor[Mains L1].power", "the device states no scale"),
        ("meter[Nothing].voltage", "Garbled: not a number"),
    ],
)
def test_what_there_is_not_is_null_with_its_reason(name: str, reason: str) -> None:
    found = read(objects())[name]
    assert (found.value, found.reason) == (None, reason)


def test_a_reading_names_its_object() -> None:
    assert read(objects(), "output_voltage")["output_voltage"].source == f"snmp://192.0.2.1:161 {BASE}.3.1.0"


def test_an_impossible_scale_is_garbled() -> None:
    found = read(objects() | {f"{MEASURED}.4": {"1": 400}}, "sensor[].*")["sensor[Mains L1].voltage"]
    assert found.reason == "Garbled: a scale of 10^400"


CELL = st.one_of(
    st.integers(-(2**31), 2**32), st.binary(max_size=30), st.none(), st.just("1.3"), st.just(NoReading("gone"))
)


@given(st.data())
def test_no_answer_is_too_strange(data: st.DataObject) -> None:
    found = objects()
    for query in found:
        if query.startswith("walk "):
            found[query] = data.draw(st.dictionaries(st.sampled_from(["0", "1", "2", "1.1"]), CELL, max_size=3))
    for reading in read(found).values():
        assert (reading.value is None) == (reading.reason is not None)
