import re
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.catalogue import MODELS, open_device
from drivers.cooling.described import DescribedCdu, SnmpCdu, described_by
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID
from drivers.errors import NoReading, UsageError, WrongDevice
from drivers.options import Options
from drivers.points import Reading
from tests.drivers.scripted import Agent, StillClock

OURS = "1.3.6.1.4.1.4711.1"
HEAD = f"""
schema = 1
source = "A MIB"
confirmed = true
maker = "Contoso"
roots = ["1.3.6.1.4.1.4711"]
proof = ["{OURS}.1"]
plate = {{ model = ["{OURS}.90"], serial = ["{OURS}.91"] }}
"""
POINTS = f"""
[[point]]
name = "supply_temperature"
unit = "degC"
wire = "F"
factor = 0.1
oid = "{OURS}.1"
doc = "D."
[[point]]
name = "return_temperature"
unit = "degC"
factor = 0.1
negative = true
absent = [-999]
oid = "{OURS}.2"
doc = "D."
[[point]]
name = "flow"
unit = "l/min"
decode = "spelled"
oid = "{OURS}.3"
doc = "D."
[[point]]
name = "supply_pressure"
unit = "Pa"
decode = "spelled"
wire = "bar"
oid = "{OURS}.4"
doc = "D."
[[point]]
name = "pump[].speed"
unit = "rpm"
rows = {{ 1 = "A", 2 = "B" }}
oid = "{OURS}.5"
doc = "D."
[[point]]
name = "pump[].state"
decode = "choice"
choices = {{ 1 = "on", 2 = "off" }}
oid = "{OURS}.6"
doc = "D."
[[point]]
name = "leak"
decode = "leak"
wet = [2, 3]
dry = [1]
rows = {{ 2 = "" }}
oid = "{OURS}.7"
doc = "D."
[[point]]
name = "mode"
decode = "text"
oid = "{OURS}.8"
doc = "D."
confirmed = false
[[point]]
name = "heat"
unit = "W"
wire = "kW"
oid = "{OURS}.9"
doc = "D."
"""


def objects() -> dict[str, Any]:
    return {
        SYS_DESCR: b"A unit",
        SYS_OBJECT_ID: "1.3.6.1.4.1.4711.9",
        f"walk {OURS}.1": {"0": 680},
        f"walk {OURS}.2": {"0": -215},
        f"walk {OURS}.3": {"0": b"1.5 l/s"},
        f"walk {OURS}.4": {"0": b"2.5"},
        f"walk {OURS}.5": {"1": 2900, "2": -1, "3": 17},
        f"walk {OURS}.6": {"1": 1, "2": 9},
        f"walk {OURS}.7": {"1": 2, "2": 1},
        f"walk {OURS}.8": {"0": b"cooling"},
        f"walk {OURS}.9": {"0": 84},
        f"walk {OURS}.90": {"0": b"CDU 84"},
    }


def read(found: dict[str, Any], device_class: type[DescribedCdu] | None = None) -> dict[str, Reading]:
    device = (device_class or described_by(HEAD + POINTS, "cdu.toml"))(cast("Any", Agent(found)), StillClock())
    return {reading.name: reading for reading in device.read_points(list(device.points().values()))}


def test_identify() -> None:
    agent = Agent(objects())
    device = described_by(HEAD + POINTS, "cdu.toml")(cast("Any", agent), StillClock())
    identity = device.identify()
    assert (identity.maker, identity.model, identity.serial) == ("Contoso", "CDU 84", "")
    assert device.lacks == {"return_pressure"}
    agent.objects[SYS_OBJECT_ID] = "1.3.6.1.4.1.4712"
    with pytest.raises(WrongDevice, match="not a Contoso's"):
        device.identify()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("supply_temperature", pytest.approx(20)),
        ("return_temperature", -21.5),
        ("flow", 90),
        ("supply_pressure", 250000),
        ("pump[A].speed", 2900),
        ("pump[1].state", "on"),
        ("leak", False),
        ("mode", "cooling"),
        ("heat", 84000),
    ],
)
def test_readings(name: str, value: Any) -> None:
    assert read(objects())[name].value == value


def test_only_the_rows_that_are_named_count() -> None:
    assert [name for name in read(objects()) if name.endswith("speed")] == ["pump[A].speed", "pump[B].speed"]


@pytest.mark.parametrize(
    ("name", "column", "raw", "reason"),
    [
        ("supply_temperature", 1, -3, "the device has no value: -3"),
        ("return_temperature", 2, -999, "the device has no value: -999"),
        ("return_temperature", 2, 2**31 - 1, "the device has no value: 2147483647"),
        ("flow", 3, b"1.5", "the device states no unit"),
        ("flow", 3, b"1.5 bar", "Garbled: in Pa, not in l/min"),
        ("flow", 3, b"N/A", "Garbled: not a number"),
        ("flow", 3, 15, "Garbled: not a text"),
        ("mode", 8, b"", "the device leaves it empty"),
        ("heat", 9, b"84", "Garbled: not an integer"),
    ],
)
def test_what_is_no_value_is_null_with_its_reason(name: str, column: int, raw: Any, reason: str) -> None:
    found = read(objects() | {f"walk {OURS}.{column}": {"0": raw}})[name]
    assert (found.value, found.reason) == (None, reason)


def test_a_state_that_is_not_described_is_garbled() -> None:
    assert read(objects())["pump[2].state"].reason == "Garbled: a state that the description does not have"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema = 1", "schema = 2", "schema: only schema 1"),
        ("schema = 1", "schema = ", "Invalid value"),
        ("confirmed = true", "confirm = true", "confirm: unknown; known: "),
        ('maker = "Contoso"', "", "maker: missing"),
        ('["1.3.6.1.4.1.4711"]', "[]", "roots: at least one object"),
        ('["1.3.6.1.4.1.4711"]', '["enterprises.4711"]', "roots: not the number of a column"),
        ("plate = {", "plate = { colour = 1,", "plate.colour: unknown"),
        (f'oid = "{OURS}.1"', f'oid = "{OURS}.01"', "point[0].oid: not the number of a column"),
        ('unit = "degC"\nwire', 'unit = "K"\nwire', "point[0].wire: F is not of the quantity of K"),
        ('wire = "F"', 'wire = "furlong"', "point[0].wire: no unit that we know"),
        ('unit = "degC"\nfactor', 'unit = "K"\nfactor', "point[1].unit: return_temperature is in degC"),
        ('unit = "degC"\nfactor', 'unit = "grad"\nfactor', "point[1].unit: numbers have a unit of the closed list"),
        ('unit = "degC"\nfactor', "factor", "point[1].unit: numbers have a unit of the closed list"),
        ("factor = 0.1\nneg", "factor = 0\nneg", "point[1].factor: not a factor"),
        ("factor = 0.1\nneg", "factor = nan\nneg", "point[1].factor: not a factor"),
        ("absent = [-999]", 'absent = ["-999"]', "point[1].absent: not a list of whole numbers"),
        ('decode = "spelled"\noid', 'decode = "guessed"\noid', "point[2].decode: one of number"),
        ('name = "pump[].speed"', 'name = "pump.speed"', "point[4].rows: several rows need []"),
        ('1 = "on"', 'one = "on"', "point[5].choices: its keys are whole numbers"),
        ("dry = [1]", "", "point[6].dry: missing"),
        ('name = "mode"', 'name = "leak"', "point[7].name: leak stands there twice"),
        ('name = "mode"', 'name = "sensor[].*"', "point[7].name: the unit is known"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place(old: str, new: str, said: str) -> None:
    text = HEAD + POINTS
    assert old in text
    with pytest.raises(UsageError, match=re.escape(f"cdu.toml: {said}" if said != "Invalid value" else said)):
        described_by(text.replace(old, new, 1), "cdu.toml")


def test_the_points_must_be_tables() -> None:
    with pytest.raises(UsageError, match=re.escape("point[0].: not a table")):
        described_by(f"{HEAD}\npoint = [1]", "cdu.toml")


def test_a_file_is_opened_by_its_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cdu.toml").write_text(HEAD + POINTS, "utf-8")
    options = Options(folder=tmp_path)
    monkeypatch.setenv("CDU_COMMUNITY", "public")
    where = "snmp://127.0.0.1?community=env:CDU_COMMUNITY"
    assert "snmp-cdu:cdu.toml" in MODELS
    open_device("snmp-cdu:cdu.toml", where, options, StillClock()).close()
    with pytest.raises(UsageError, match=r"missing\.toml"):
        open_device("snmp-cdu:missing.toml", where, options, StillClock())


HPE = "1.3.6.1.4.1.232.22.2.10"


def test_the_shipped_description() -> None:
    found = read(
        {f"walk {HPE}.3.1.1.2": {"1": b"21.5 C"}, f"walk {HPE}.3.1.1.36": {"1": b"30.1"}, f"walk {HPE}.3.1.1.7": {}},
        SnmpCdu,
    )
    assert found["supply_temperature"].value == 21.5
    assert found["supply_pressure"].reason == "the device states no unit"
    assert found["return_temperature"].reason == "the agent has no such object"
    assert not any(point.confirmed for point in SnmpCdu.points().values())


CELL = st.one_of(
    st.integers(-(2**31), 2**32), st.binary(max_size=20), st.none(), st.just("1.3"), st.just(NoReading("gone"))
)


@given(st.data())
def test_no_answer_is_too_strange(data: st.DataObject) -> None:
    found = objects()
    for query in found:
        if query.startswith("walk "):
            found[query] = data.draw(st.dictionaries(st.sampled_from(["0", "1", "2"]), CELL, max_size=3))
    for reading in read(found).values():
        assert (reading.value is None) == (reading.reason is not None)


@given(st.text(max_size=60))
def test_no_file_is_too_strange(text: str) -> None:
    with pytest.raises(UsageError):
        described_by(text, "cdu.toml")
