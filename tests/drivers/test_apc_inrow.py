from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cooling.apc import ApcInRow
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID
from drivers.errors import NoReading, WrongDevice
from drivers.points import Reading
from tests.drivers.scripted import Agent, StillClock

ROOT = "1.3.6.1.4.1.318.1.1"
RC, RP, DX = f"walk {ROOT}.13.3.2.2.2", f"walk {ROOT}.13.3.3.2.2.2", f"walk {ROOT}.13.3.3.1.2.2"
SC, RD = f"walk {ROOT}.13.3.4.1.2", f"walk {ROOT}.13.4.5.2.1"
ANALOG, EXTENDED = f"walk {ROOT}.27.1.4.1.2.1", f"walk {ROOT}.27.1.6.1.2.1"


def block(prefix: str, **columns: int) -> dict[str, Any]:
    return {f"{prefix}.{column[1:]}": {"0": value} for column, value in columns.items()}


def system(**more: Any) -> dict[str, Any]:
    return {SYS_DESCR: b"APC Web/SNMP Management Card", SYS_OBJECT_ID: "1.3.6.1.4.1.318.1.3.14.8", **more}


def rc() -> dict[str, Any]:
    measured = {"_1": 2, "_2": 123, "_3": 130, "_4": 1000, "_7": 223, "_9": 180, "_11": 301, "_15": 40, "_16": 655}
    fluid = {"_20": 48, "_22": 52, "_24": 72, "_26": 121, "_27": 1}
    plate = {
        f"walk {ROOT}.13.3.2.2.1.4": {"0": b"ACRC103"},
        f"walk {ROOT}.13.3.2.2.1.5": {"0": b"JK0742"},
        f"walk {ROOT}.13.3.2.2.1.6": {"0": b"3.5.3"},
    }
    return {**system(), **plate, **block(RC, **measured, **fluid)}


def generic() -> dict[str, Any]:
    rows = {
        "1.1": (b"Rack Inlet Temperature", 712, b"F", 10),
        "1.2": (b"Rack Inlet Temperature", 218, b"C", 10),
        "1.3": (b"Fluid Entering Temperature", 462, b"F", 10),
        "1.4": (b"Cool Output", 84, b"kW", 10),
        "1.5": (b"Fluid Flow", 125, b"GPM", 10),
        "1.6": (b"Strange", 1, b"furlongs", 1),
        "1.7": (b"Fan Speed", 5, b"%", 0),
    }
    table = {f"{ANALOG}.{c}": {i: row[n] for i, row in rows.items()} for n, c in enumerate((2, 3, 4, 5))}
    extended = dict(zip((2, 3, 4, 5), (b"Run Hours", 2, b"hr", 1), strict=True))
    return {**system(), **table, **{f"{EXTENDED}.{c}": {"1.1": value} for c, value in extended.items()}}


def read(found: dict[str, Any]) -> dict[str, Reading]:
    device = ApcInRow(cast("Any", Agent(found)), StillClock())
    return {reading.name: reading for reading in device.read_points(list(device.points().values()))}


def test_identify() -> None:
    identity = ApcInRow(cast("Any", Agent(rc())), StillClock()).identify()
    assert (identity.maker, identity.model, identity.serial) == ("APC", "ACRC103", "JK0742")


def test_a_pdu_of_the_same_maker_is_refused() -> None:
    with pytest.raises(WrongDevice, match="none of the tables"):
        ApcInRow(cast("Any", Agent(system())), StillClock()).identify()


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("supply_temperature", 7.2, "degC"),
        ("return_temperature", 12.1, "degC"),
        ("flow", 31.2, "l/min"),
        ("heat", 12300, "W"),
        ("leak", False, None),
        ("mode", "on", None),
        ("valve", 48, "%"),
        ("rack_inlet_temperature", 22.3, "degC"),
        ("air_flow", 28316.846592, "l/min"),
        ("fan_duty", 65.5, "%"),
    ],
)
def test_chilled_water(name: str, value: Any, unit: str | None) -> None:
    found = read(rc())[name]
    assert (found.value, found.unit) == (value, unit)


@pytest.mark.parametrize(
    ("family", "name", "value"),
    [
        (block(RP, _1=6), "mode", "assist"),
        (block(RP, _14=71), "heat", 7100),
        (block(DX, _50=2), "leak", True),
        (block(DX, _1=5), "mode", "service"),
        (block(SC, _24=300), "fan_duty", 30.0),
        (block(RD, _28=77), "valve", 77),
    ],
)
def test_each_family_has_its_own_tree(family: dict[str, Any], name: str, value: Any) -> None:
    assert read({**system(), **family})[name].value == value


def test_the_newer_tree_states_its_units() -> None:
    found = read(generic())
    assert found["rack_inlet_temperature"].value == 21.8
    assert found["supply_temperature"].value == pytest.approx(7.89, abs=0.01)
    assert found["heat"].value == pytest.approx(8400)
    assert found["flow"].value == pytest.approx(47.32, abs=0.01)
    assert found["sensor[Rack Inlet Temperature].temperature"].value == 21.8
    assert "sensor[Rack Inlet Temperature#2].temperature" not in found
    assert found["sensor[Fluid Entering Temperature].temperature"].unit == "degC"
    assert found["sensor[Run Hours].value"].value == 7200
    assert found["sensor[Strange].value"].reason == "Garbled: no unit that we know: 'furlongs'"
    assert found["sensor[Fan Speed].share"].reason == "the device states no scale"


def test_what_the_unit_does_not_have_is_null() -> None:
    found = read(rc() | block(RC, _24=-1, _27=-1, _22=-(2**31)))
    assert {found[n].value for n in ("supply_temperature", "leak", "flow")} == {None}
    assert read(system())["flow"].reason == "the agent has no such object"
    assert read(rc() | block(RC, _27=3))["leak"].reason == "Garbled: neither a leak nor none"


CELL = st.one_of(
    st.integers(-(2**31), 2**32),
    st.sampled_from([b"C", b"F", b"kW", b"Fluid Flow", b""]),
    st.none(),
    st.just(NoReading("")),
)


@given(st.data())
def test_no_answer_is_too_strange(data: st.DataObject) -> None:
    found = rc() | generic()
    for query in found:
        if query.startswith("walk "):
            found[query] = data.draw(st.dictionaries(st.sampled_from(["0", "1.1", "1.2"]), CELL, max_size=3))
    for reading in read(found).values():
        assert reading.value is not None or reading.reason is not None
