from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import if_table, lldp
from drivers.catalogue import MODELS, model
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID, SYS_UP_TIME
from drivers.errors import DriverError, WrongDevice
from drivers.points import Reading
from drivers.snmp import SnmpTransport
from drivers.snmp_table import TablePoint
from drivers.switches.mib import SwitchMib
from tests.drivers.scripted import Agent, StillClock

TABLES: dict[str, Any] = {
    SYS_DESCR: b"switch EMULATED",
    SYS_OBJECT_ID: "1.3.6.1.4.1.9999",
    SYS_UP_TIME: 4711,
    if_table.DESCR: {"1001": b"Ethernet1", "1002": b"Ethernet2", "9": b"vlan 9"},
    if_table.NAME: {"1001": b"Ethernet1", "1002": b"Ethernet2"},
    if_table.ADMIN: {"1001": 1, "1002": 1, "9": 1},
    if_table.OPER: {"1001": 1, "1002": 7, "9": 8},
    if_table.SPEED: {"1001": 4294967295, "1002": 1_000_000_000, "9": 10_000},
    if_table.HIGH_SPEED: {"1001": 100_000, "1002": 1000, "9": 0},
    if_table.HC_IN: {"1001": 2**40, "1002": 5},
    if_table.FCS: {"1001": 3, "1002": 4},
    if_table.HC_FCS: {"1001": 2**33},
    lldp.LOC_SUBTYPE: {"17": 7, "18": 5},
    lldp.LOC_ID: {"17": b"local-17", "18": b"Ethernet2"},
    lldp.LOC_DESCR: {"17": b"Ethernet1"},
    lldp.REM_SYS_NAME: {"0.17.1": b"tray07_bmc", "33.18.1": b""},
    lldp.REM_PORT_ID: {"0.17.1": b"eth0", "33.18.1": bytes.fromhex("001c73b3afbb")},
    lldp.REM_PORT_SUBTYPE: {"0.17.1": 5, "33.18.1": 3},
}


def switch(tables: dict[str, Any] = TABLES) -> SwitchMib:
    return SwitchMib(cast("SnmpTransport", Agent(tables)), StillClock())


def by_name(readings: list[Reading]) -> dict[str, Any]:
    return {reading.name: reading.value for reading in readings}


def test_ports_go_by_their_names() -> None:
    found = by_name(switch().read("port[*].*", "uptime"))
    assert found["uptime"] == 47.11
    assert (found["port[Ethernet1].admin_state"], found["port[Ethernet2].oper_state"]) == ("up", "lowerLayerDown")
    assert [found[f"port[{name}].speed"] for name in ("Ethernet1", "Ethernet2", "vlan 9")] == [10**11, 10**9, 10_000]
    assert found["port[Ethernet1].in_bytes"] == 2**40
    assert found["port[Ethernet1].fcs_errors"] == 2**33
    assert found["port[Ethernet2].fcs_errors"] == 4


def test_a_port_without_the_wide_counter_has_no_reading() -> None:
    reading = switch().read("port[vlan 9].in_bytes")[-1]
    assert (reading.value, reading.reason) == (None, "the agent has no such object for this port")


def test_an_unknown_state_is_garbled() -> None:
    reading = next(r for r in switch().read("port[*].oper_state") if r.name == "port[vlan 9].oper_state")
    assert reading.reason == "Garbled: a state that the MIB does not have"


def test_neighbours_are_joined_by_the_local_ports_name() -> None:
    readings = switch().read("neighbor[*].*")
    assert by_name(readings) == {
        "neighbor[Ethernet1].system": "tray07_bmc",
        "neighbor[Ethernet2].system": None,
        "neighbor[Ethernet1].port": "eth0",
        "neighbor[Ethernet2].port": "00:1c:73:b3:af:bb",
        "neighbor[Ethernet1].port_description": None,
        "neighbor[Ethernet2].port_description": None,
        "neighbor[Ethernet1].chassis": None,
        "neighbor[Ethernet2].chassis": None,
    }
    assert readings[0].source == "snmp://192.0.2.1:161 1.0.8802.1.1.2.1.4.1.1.9.0.17.1"


@pytest.mark.parametrize(("number", "key"), [("8", "Ethernet1/9"), ("77", "8c:60:4f:19:16:30")])
def test_an_address_that_a_bundle_shares_is_the_ports_that_has_the_number(number: str, key: str) -> None:
    columns: dict[str, dict[str, Any]] = {
        if_table.NAME: {"8": b"Ethernet1/9", "9": b"port-channel51"},
        if_table.PHYS_ADDRESS: dict.fromkeys(("8", "9"), bytes.fromhex("8c604f191630")),
        lldp.LOC_SUBTYPE: {number: 3},
        lldp.LOC_ID: {number: b"8c:60:4f:19:16:30"},
        lldp.LOC_DESCR: {number: b"to the data hall"},
        lldp.REM_PORT_ID: {f"0.{number}.1": b"Te1/0/49"},
    }
    assert list(lldp.keys(lldp.neighborhood(columns)).values()) == [key]


@pytest.mark.parametrize("written", [b"Not Advertised", b"not advertised ", b"\0", b""])
def test_what_a_neighbour_does_not_tell_is_no_name_of_one(written: bytes) -> None:
    named = {**TABLES, lldp.REM_SYS_NAME: {"0.17.1": written}, lldp.REM_PORT_DESCR: {"0.17.1": written}}
    found = {
        r.name: r for r in switch(named).read("neighbor[Ethernet1].system", "neighbor[Ethernet1].port_description")
    }
    assert found["neighbor[Ethernet1].system"].value is None
    assert (found["neighbor[Ethernet1].port_description"].reason or "").startswith("the neighbour gives no")


def test_one_question_for_all_columns() -> None:
    found = Agent(TABLES)
    SwitchMib(cast("SnmpTransport", found), StillClock()).read("port[*].*", "neighbor[*].*", "uptime")
    assert len(found.asked) == 1
    assert len(set(found.asked[0])) == len(found.asked[0])


def test_an_agent_without_interfaces_is_no_switch() -> None:
    with pytest.raises(WrongDevice):
        switch({**TABLES, if_table.DESCR: {}}).identify()


cells = st.one_of(st.none(), st.integers(), st.binary(max_size=8))
indices = st.lists(st.integers(0, 40), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
SWITCHES = [model(name) for name in MODELS if model(name).kind == "switch"]
POINTS = {p for c in SWITCHES for p in c.points().values() if isinstance(p, TablePoint)}
columns = [q for p in POINTS for q in p.columns]


@given(
    st.fixed_dictionaries({}, optional={q: st.dictionaries(indices, cells, max_size=4) for q in sorted(set(columns))})
)
def test_any_table_is_readings_or_an_error(found: dict[str, dict[str, Any]]) -> None:
    for point in POINTS:
        with suppress(DriverError):
            list(cast("Any", point.decode({column: found.get(column, {}) for column in point.columns})))
