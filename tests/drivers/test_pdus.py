"""What all PDUs share: the columns, the name plate, switching, and that nonsense is no reading."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.addresses import parse
from drivers.catalogue import MODELS, model, propose
from drivers.columns import ColumnPoint, Source, number, numbered, text, words
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID
from drivers.errors import DeviceRefused, Garbled, NoReading, UsageError, WrongDevice
from drivers.options import Options
from drivers.pdus.device import PduDevice
from drivers.points import Device
from drivers.snmp_walk import WALK
from tests.drivers.pdu_agent import PduAgent, device, pdu, told
from tests.drivers.scripted import NOON, StillClock
from tests.servers import snmpsim

PDUS = [name for name in MODELS if model(name).kind == "pdu"]
APC_STATE, APC_CONTROL = "1.3.6.1.4.1.318.1.1.26.9.2.3.1.5", "1.3.6.1.4.1.318.1.1.26.9.2.4.1.5"
OFF, ON = 1, 2  # the state; a command has them the other way round
SWITCHED = "1.3.6.1.4.1.318.1.1.4.4.2.1.3"


def cells(point: ColumnPoint, columns: dict[str, Any]) -> dict[str, Any]:
    asked = {query: columns.get(query.removeprefix(WALK), {}) for query in point.columns}
    return told(point.readings(point.reply(asked), "snmp://192.0.2.7:161", NOON))


@pytest.mark.parametrize("raw", [-1, -(2**31), 2**31 - 1, 2**32 - 1])
def test_a_number_that_means_none_is_no_reading(raw: int) -> None:
    point = ColumnPoint("inlet[].power", "W", "Power.", Source("1.2", number()))
    assert cells(point, {"1.2": {"1": raw, "2": 7}}) == {
        "inlet[1].power": f"- the device has no value: {raw}",
        "inlet[2].power": 7,
    }


def test_a_signed_number_may_be_negative() -> None:
    point = ColumnPoint("t[].temperature", "degC", "Temperature.", Source("1.2", number(per=10, signed=True)))
    assert cells(point, {"1.2": {"1": -55}}) == {"t[1].temperature": -5.5}


def test_the_first_source_with_a_value_counts() -> None:
    point = ColumnPoint("p[].current", "A", "C.", Source("1.2", number(per=100)), Source("1.3", number(per=10)))
    assert cells(point, {"1.2": {"1": 123, "2": -1}, "1.3": {"1": 99, "2": 45, "3": 7}}) == {
        "p[1].current": 1.23,
        "p[2].current": 4.5,
        "p[3].current": 0.7,
    }


def test_the_source_of_a_reading_is_the_object_that_was_read() -> None:
    point = ColumnPoint("p[].current", "A", "C.", Source("1.2", number(per=100)), Source("1.3", number(per=10)))
    replies = {WALK + "1.2": {}, WALK + "1.3": {"4.5": 12}}
    [reading] = point.readings(replies, "snmp://192.0.2.7:161", NOON)
    assert (reading.source, reading.raw) == ("snmp://192.0.2.7:161 1.3.4.5", "12")


def test_a_refused_column_is_null_with_the_agents_reason() -> None:
    point = ColumnPoint("p[].current", "A", "C.", Source("1.2", number()))
    assert cells(point, {"1.2": DeviceRefused("genErr")}) == {"p[].current": "- DeviceRefused: genErr"}


def test_a_refused_column_does_not_hide_another_source() -> None:
    point = ColumnPoint("p[].current", "A", "C.", Source("1.2", number()), Source("1.3", number()))
    assert cells(point, {"1.2": DeviceRefused("genErr"), "1.3": {"1": 3}}) == {"p[1].current": 3}


def test_a_status_beside_it_forbids_a_reading() -> None:
    point = ColumnPoint("p[].current", "A", "C.", Source("1.2", number()).unless("1.3", {7: "lost"}))
    assert cells(point, {"1.2": {"1": 3, "2": 4, "3": 5}, "1.3": {"1": 7, "2": 0}}) == {
        "p[1].current": "- the device says: lost",
        "p[2].current": 4,
        "p[3].current": 5,
    }


def test_fahrenheit_becomes_celsius_and_no_scale_no_reading() -> None:
    source = Source("1.2", number(per=10)).in_scale("1.3", 1, 0, lambda cell: cell.index)
    point = ColumnPoint("t[].temperature", "degC", "T.", source)
    found = cells(point, {"1.2": {"1": 725, "2": 225, "3": 225}, "1.3": {"1": 1, "2": 0}})
    assert found["t[1].temperature"] == pytest.approx(22.5)
    assert found["t[2].temperature"] == 22.5
    assert found["t[3].temperature"] == "- the device does not say in which scale it measures"


def test_a_state_that_the_mib_lacks_is_garbled() -> None:
    point = ColumnPoint("o[].state", None, "S.", Source("1.2", words(numbered("off on"), {9: "lost"})))
    assert cells(point, {"1.2": {"1": 1, "2": 9, "3": 5, "4": b"on"}}) == {
        "o[1].state": "on",
        "o[2].state": "- the device says: lost",
        "o[3].state": "- Garbled: a state that the MIB does not have",
        "o[4].state": "- Garbled: not an integer",
    }


def test_an_empty_text_is_no_reading() -> None:
    point = ColumnPoint("o[].name", None, "N.", Source("1.2", text))
    assert cells(point, {"1.2": {"1": b"rack 1\0", "2": b""}}) == {
        "o[1].name": "rack 1",
        "o[2].name": "- the device leaves it empty",
    }


def switched(reactions: dict[tuple[str, int], list[dict[str, Any]]], state: int = ON) -> tuple[PduDevice, PduAgent]:
    agent = PduAgent({f"{APC_STATE}.1": state, f"{APC_STATE}.2": ON}, reactions)
    return device("apc-rpdu2", agent), agent


def test_an_outlet_is_switched_and_read_back() -> None:
    later: list[dict[str, Any]] = [{}, {f"{APC_STATE}.1": OFF}]
    outlets, agent = switched({(f"{APC_CONTROL}.1", 2): later})
    reading = outlets.switch_outlet("1", "off")
    assert (reading.name, reading.value) == ("outlet[1].state", "off")
    assert reading.source.endswith(f" {APC_STATE}.1")
    assert agent.written == [(f"{APC_CONTROL}.1", 2)]
    assert outlets.clock.monotonic() == 1.0


def test_an_outlet_that_does_not_follow_is_an_error() -> None:
    outlets, _ = switched({(f"{APC_CONTROL}.1", 2): []})
    with pytest.raises(DeviceRefused, match="told off, outlet 1 is on after 5 s"):
        outlets.switch_outlet("1", "off", within_s=5)


def test_a_cycled_outlet_must_have_been_off() -> None:
    on, off = {f"{APC_STATE}.1": ON}, {f"{APC_STATE}.1": OFF}
    outlets, _ = switched({(f"{APC_CONTROL}.1", 3): [on, off, off, on]})
    assert outlets.switch_outlet("1", "cycle").value == "on"
    outlets, _ = switched({(f"{APC_CONTROL}.1", 3): [on]})
    with pytest.raises(DeviceRefused, match="told cycle, outlet 1 is on"):
        outlets.switch_outlet("1", "cycle")


def test_an_outlet_that_is_off_is_not_cycled() -> None:
    outlets, agent = switched({}, state=OFF)
    with pytest.raises(UsageError, match="nothing to cycle"):
        outlets.switch_outlet("1", "cycle")
    assert agent.written == []


@pytest.mark.parametrize("key", ["3", "", "*", "1 ", "1.0"])
def test_an_outlet_that_there_is_not_is_not_switched(key: str) -> None:
    outlets, agent = switched({})
    with pytest.raises(UsageError, match="no outlet"):
        outlets.switch_outlet(key, "off")
    assert agent.written == []


def test_an_outlet_of_unknown_state_is_not_switched() -> None:
    agent = PduAgent({f"{SWITCHED}.1": 4})
    with pytest.raises(NoReading, match="unknown"):
        device("apc-rpdu", agent).switch_outlet("1", "off")
    assert agent.written == []


def test_the_agents_refusal_is_passed_on() -> None:
    outlets, _ = switched({})
    with pytest.raises(DeviceRefused, match="notWritable"):
        outlets.switch_outlet("1", "off")


@pytest.mark.parametrize("name", PDUS)
def test_reading_everything_writes_nothing_and_asks_each_column_once(name: str) -> None:
    agent = PduAgent({})
    device(name, agent).read()
    assert agent.written == []
    [asked] = agent.asked
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("name", PDUS)
def test_every_outlet_with_a_state_can_be_switched(name: str) -> None:
    found: Any = model(name)
    assert {source.oid for source in found.points()["outlet[].state"].sources} == set(found.controls)


@pytest.mark.parametrize("name", PDUS)
def test_another_makers_agent_is_the_wrong_device_after_one_question(name: str) -> None:
    agent = PduAgent({SYS_DESCR: b"a switch", SYS_OBJECT_ID: "1.3.6.1.4.1.9999.1"})
    with pytest.raises(WrongDevice, match="sysObjectID"):
        device(name, agent).identify()
    assert len(agent.asked) == 1


@pytest.mark.parametrize("name", PDUS)
def test_the_makers_other_goods_are_the_wrong_device(name: str) -> None:
    found: Any = model(name)
    with pytest.raises(WrongDevice, match="none of the tables"):
        pdu(name, {}, found.roots[0]).identify()


def test_a_makers_number_is_not_the_beginning_of_anothers() -> None:
    with pytest.raises(WrongDevice, match="sysObjectID"):
        pdu("apc-rpdu2", {"1.3.6.1.4.1.318.1.1.26.4.3.1.5.1": 1}, "1.3.6.1.4.1.3180").identify()


def test_the_first_name_plate_with_a_text_counts() -> None:
    root = "1.3.6.1.4.1.318.1.1"
    objects = {
        f"{root}.26.4.3.1.5.1": 1,
        f"{root}.26.2.1.8.1": b"",
        f"{root}.12.1.5.0": b"AP8959",
        f"{root}.26.2.1.9.1": b"5A16",
        f"{root}.26.2.1.6.1": b"v6.4.0",
    }
    identity = pdu("apc-rpdu2", objects, f"{root}.3.4.6").identify()
    assert (identity.maker, identity.model) == ("APC", "AP8959")
    assert (identity.serial, identity.firmware) == ("5A16", "v6.4.0")
    assert identity.source.endswith(f" {root}.12.1.5.0")


raws = st.one_of(
    st.integers(-2, 40), st.integers(), st.binary(max_size=6), st.just("1.3"), st.just(Garbled("cut")), st.none()
)
indices = st.lists(st.integers(0, 9), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
columns = st.one_of(st.dictionaries(indices, raws, max_size=6), st.just(DeviceRefused("genErr")))


@pytest.mark.parametrize("name", PDUS)
@given(data=st.data())
def test_any_table_is_readings_with_a_source_or_null_with_a_reason(name: str, data: st.DataObject) -> None:
    asked = sorted({query for point in model(name).points().values() for query in _columns(point)})
    filled = data.draw(st.dictionaries(st.sampled_from(asked), columns, max_size=12))
    for point in model(name).points().values():
        assert isinstance(point, ColumnPoint)
        replies = {query: filled.get(query, {}) for query in point.columns}
        for reading in point.readings(point.reply(replies), "snmp://192.0.2.7:161", NOON):
            if reading.value is None:
                assert reading.reason
                continue
            assert not isinstance(reading.value, float) or math.isfinite(reading.value)
            oid = reading.source.rpartition(" ")[2]
            assert any(oid.startswith(query.removeprefix(WALK) + ".") for query in point.columns)


def _columns(point: Any) -> tuple[str, ...]:
    return tuple(point.columns)


@pytest.fixture(scope="module")
def switchable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve an old APC whose first outlet keeps what is written and whose second ignores it."""
    folder = tmp_path_factory.mktemp("apc")
    lines = [
        "1.3.6.1.2.1.1.1.0|4|APC Switched Rack PDU",
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.318.1.3.4.4",
        "1.3.6.1.2.1.1.3.0|67|100",
        "1.3.6.1.4.1.318.1.1.4.1.4.0|4|AP7900",
        f"{SWITCHED}.1|2:writecache|value=1",
        f"{SWITCHED}.2|2|1",
    ]
    (folder / "ap7900.snmprec").write_text("\n".join(lines) + "\n")
    with snmpsim(folder, "ap7900", folder) as port:
        yield port


def connected(port: int, community: str, folder: Path) -> Any:
    (folder / "community").write_text(community)
    address = f"snmp://127.0.0.1:{port}?community=file:community"
    name = propose(address, Options(folder=folder, timeout_s=15), StillClock()).model
    assert name is not None
    return MODELS[name].connect(parse(address), Options(folder=folder, timeout_s=15), StillClock())


@pytest.mark.real
def test_an_outlet_is_switched_over_the_wire(switchable: int, tmp_path: Path) -> None:
    outlets = connected(switchable, "ap7900", tmp_path)
    assert outlets.model == "apc-rpdu"
    assert told(outlets.read("outlet[*].state")) == {"outlet[1].state": "on", "outlet[2].state": "on"}
    assert outlets.switch_outlet("1", "off").value == "off"
    assert told(outlets.read("outlet[*].state")) == {"outlet[1].state": "off", "outlet[2].state": "on"}
    assert outlets.switch_outlet("1", "on").value == "on"
    # The second takes what is written and does nothing: only the reading back tells.
    with pytest.raises(DeviceRefused, match="told off, outlet 2 is on"):
        outlets.switch_outlet("2", "off", within_s=0)
    outlets.close()


@pytest.fixture(scope="module")
def simulator(captures: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = captures / "recordings" / "recordings"
    with snmpsim(folder, "apc_ap8959eu3", tmp_path_factory.mktemp("snmpsim")) as port:
        yield port


RECORDED = {"apc_ap8959eu3": ("apc-rpdu2", "AP8959EU3"), "raritan-pdu_px2-temp": ("raritan-px2", "PX2 030400")}


@pytest.fixture(params=RECORDED)
def recorded(
    request: pytest.FixtureRequest, simulator: int, captures: Path, tmp_path: Path
) -> Iterator[tuple[Device[Any], dict[str, Any]]]:
    found = connected(simulator, request.param, tmp_path)
    assert (found.model, found.identify().model) == RECORDED[request.param]
    expected = json.loads((captures / "recordings" / "expected" / f"{request.param}.expected.json").read_text("utf-8"))
    yield found, expected
    found.close()


@pytest.mark.captures
def test_recorded_measurements(recorded: tuple[Device[Any], dict[str, Any]]) -> None:
    """Every measurement of the recording has a reading of the same object, value and unit."""
    found, expected = recorded
    by_oid = {reading.source.rpartition(" ")[2]: reading for reading in found.read()}
    states = {1: "on", 2: "off"}
    for row in expected["measurements"]:
        if "state sensor" in row.get("note", ""):  # read from the column of states
            continue
        reading = by_oid[row["oid"]]
        value = states[row["value"]] if row["quantity"] == "state" else row["value"]
        if value is None or row["unit"] == "g/m3":  # a unit that we do not have
            assert reading.value is None
            assert reading.reason
        elif isinstance(value, str):
            assert reading.value == value
        else:
            assert reading.value == pytest.approx(value, rel=1e-12)
            assert reading.unit == {"": "1", "%": "%RH"}.get(row["unit"], row["unit"])
