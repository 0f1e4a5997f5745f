"""Switches of every maker: what each says of itself, and what it puts where. Tables written from the MIBs."""

from typing import Any, cast

import pytest
from pyasn1.type.univ import ObjectIdentifier
from pysnmp.proto.rfc1902 import Integer32, OctetString

from drivers import entity_sensor as es
from drivers import if_table, lldp
from drivers.catalogue import MODELS, model, propose
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID, SYS_UP_TIME
from drivers.errors import NoReading, WrongDevice
from drivers.options import Options
from drivers.points import Reading
from drivers.snmp import SnmpTransport
from drivers.switches import dell, ipinfusion, juniper
from drivers.switches.mib import SwitchMib
from tests.drivers.agents import NastyAgent, serving
from tests.drivers.scripted import Agent, StillClock

OS10 = (
    "Dell EMC Networking OS10 Enterprise.\r\nCopyright (c) 1999-2023 by Dell Inc. All Rights Reserved.\r\n"
    "System Description: OS10 Enterprise.\r\nOS Version: 10.5.4.6.\r\nSystem Type: S5248F-ON\r\n"
)

SAID: dict[str, list[tuple[str, str]]] = {
    "arista-eos": [
        (
            "Arista Networks EOS version 4.31.2F running on an Arista Networks DCS-7060X6",
            "1.3.6.1.4.1.30065.1.3011.7060",
        ),
        ("Arista Networks EOS version 4.28.3M running on an Arista DCS-7280", "1.3.6.1.4.1.30065.1.3011.7280"),
    ],
    "cisco-nxos": [
        (
            "Cisco NX-OS(tm) nxos.9.3.3.bin, Software (nxos), Version 9.3(3), RELEASE SOFTWARE Copyright (c) 2002-2019",
            "1.3.6.1.4.1.9.12.3.1.3.1812",
        ),
        ("Cisco NX-OS(tm) n9000, Software (n9000-dk9),\nVersion 7.0(3)I2(2a), RELEASE", "1.3.6.1.4.1.9.12.3.1.3.1510"),
    ],
    "cumulus": [
        ("Cumulus Linux version 4.2.0 running on Mellanox Technologies Ltd. MSN2700", "1.3.6.1.4.1.40310.1"),
        ("Cumulus-Linux 5.9.1 (Linux Kernel 6.1.0)", "1.3.6.1.4.1.8072.3.2.10"),
    ],
    "dell-os10": [
        (
            OS10,
            "1.3.6.1.4.1.674.11000.5000.100.2.1.18",
        )
    ],
    "juniper-junos": [
        (
            "Juniper Networks, Inc. qfx5200-32c-32q Ethernet Switch, kernel JUNOS 21.4R3-S5.4, Build date: 2023-07-25",
            "1.3.6.1.4.1.2636.1.1.1.4.82.12",
        )
    ],
    "ocnos": [("Hardware Model:EDGECORE, Software version: OcNOS,6.4.1", "1.3.6.1.4.1.36673.1.2")],
    "sonic": [
        (
            "SONiC Software Version: SONiC.202305.1 - HwSku: Accton-AS7726-32X - Distribution: Debian 11.9",
            "1.3.6.1.4.1.8072.3.2.10",
        ),
        (
            "SONiC Software Version: Edgecore-SONiC_202211 - HwSku: AS9516 - Distribution: Debian",
            "1.3.6.1.4.1.259.12.1",
        ),
        (
            "SONiC Software Version: SONiC.4.2.0 - HwSku: DellEMC-S5248f-P - Distribution: Debian",
            "1.3.6.1.4.1.674.11000.5",
        ),
    ],
    "switch-mib": [("Somebody's switch, release 7", "1.3.6.1.4.1.99999.1")],
}
EVERY = [(name, descr, object_id) for name, said in SAID.items() for descr, object_id in said]
VERSIONS = {"4.31.2F", "9.3(3)", "7.0(3)I2(2a)", "4.2.0", "5.9.1", "10.5.4.6", "21.4R3-S5.4", "6.4.1", "202305.1"}


def tables(name: str, **more: Any) -> dict[str, Any]:
    descr, object_id = SAID[name][0]
    return {
        SYS_DESCR: descr.encode(),
        SYS_OBJECT_ID: object_id,
        SYS_UP_TIME: 4711,
        es.LAST_CHANGE: 1,
        juniper.BOX_DESCR: NoReading("the agent has no such object"),
        juniper.BOX_SERIAL: NoReading("the agent has no such object"),
        if_table.DESCR: {"501": b"port one", "502": b"port two"},
        if_table.NAME: {"501": b"Ethernet1/1", "502": b"Ethernet1/2"},
        **more,
    }


def device(name: str, found: dict[str, Any]) -> SwitchMib:
    opened = model(name)(cast("SnmpTransport", Agent(found)), StillClock())
    assert isinstance(opened, SwitchMib)
    return opened


def by_name(readings: list[Reading]) -> dict[str, tuple[Any, str | None]]:
    return {reading.name: (reading.value, reading.unit) for reading in readings}


def test_every_model_of_a_switch_is_here() -> None:
    by_shell = {"nvos"}  # an NVLink switch is told by its tools, not by two objects
    assert set(SAID) | by_shell == {name for name in MODELS if model(name).kind == "switch"}


@pytest.mark.parametrize(("name", "descr", "object_id"), EVERY)
def test_every_switch_is_recognised_by_two_objects(name: str, descr: str, object_id: str) -> None:
    agent = NastyAgent(
        {
            (1, 3, 6, 1, 2, 1, 1, 1, 0): OctetString(descr.encode()),
            (1, 3, 6, 1, 2, 1, 1, 2, 0): ObjectIdentifier(tuple(map(int, object_id.split(".")))),
            (1, 3, 6, 1, 2, 1, 1, 3, 0): Integer32(4711),
            (1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 1): OctetString(b"Ethernet1"),
        }
    )
    with serving(agent):
        proposal = propose(agent.address, Options(timeout_s=2), StillClock())
    assert proposal.model == name
    assert len(agent.asked) < (10 if name != "switch-mib" else 40)


@pytest.mark.parametrize("maker", ["13742.9", "318.1.3.27", "1718.5", "21239.2", "534.1", "476.1.42", "2606.7"])
def test_what_a_maker_of_pdus_has_beside_them_is_not_taken_for_a_switch(maker: str) -> None:
    agent = NastyAgent(
        {
            (1, 3, 6, 1, 2, 1, 1, 1, 0): OctetString(b"a UPS with a port"),
            (1, 3, 6, 1, 2, 1, 1, 2, 0): ObjectIdentifier((1, 3, 6, 1, 4, 1, *map(int, maker.split(".")))),
            (1, 3, 6, 1, 2, 1, 1, 3, 0): Integer32(4711),
            (1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 1): OctetString(b"eth0"),
        }
    )
    with serving(agent):
        assert propose(agent.address, Options(timeout_s=2), StillClock()) == (None, "a UPS with a port")


@pytest.mark.parametrize(("name", "descr", "object_id"), EVERY)
def test_a_switch_is_of_one_maker_only(name: str, descr: str, object_id: str) -> None:
    recognised = [
        n for n in SAID if n != "switch-mib" and cast("type[SwitchMib]", model(n)).recognises(descr, object_id)
    ]
    assert recognised[:1] == ([] if name == "switch-mib" else [name])


@pytest.mark.parametrize("name", sorted(set(SAID) - {"switch-mib"}))
def test_the_version_is_what_sysdescr_says(name: str) -> None:
    assert device(name, tables(name)).identify().firmware in VERSIONS


def test_another_makers_switch_is_the_wrong_device() -> None:
    with pytest.raises(WrongDevice, match="no arista-eos"):
        device("arista-eos", tables("cumulus")).identify()


def test_nxos_has_its_sensors_in_ciscos_table_and_its_light_in_dbm() -> None:
    def cisco(column: int, cells: dict[str, Any]) -> dict[str, Any]:
        return {f"walk {es.CISCO}.{column}": cells}

    sensors = {
        es.NAME: {"300": b"Ethernet1/1 Lane 1 Transceiver Receive Power Sensor", "301": b"Inlet", "302": b"Fan"},
        **cisco(1, {"300": 14, "301": 8, "302": 13}),
        **cisco(2, {"300": 8, "301": 9, "302": 9}),
        **cisco(3, {"300": 0, "301": 0, "302": 0}),
        **{f"{es.CISCO}.4.{n}": value for n, value in (("300", -2345), ("301", 27), ("302", 2))},
        **{f"{es.CISCO}.5.{n}": 1 for n in ("300", "301", "302")},
    }
    found = by_name(device("cisco-nxos", tables("cisco-nxos", **sensors)).read("sensor[*].*", "optic[*].*"))
    key = "Ethernet1/1 Lane 1 Transceiver Receive Power Sensor"
    assert found[f"optic[{key}].level"] == (-2.345, "dBm")
    assert found[f"optic[{key}].power"] == (pytest.approx(0.00058277, rel=1e-4), "W")
    assert found["sensor[Inlet].temperature"] == (27.0, "degC")
    assert found["sensor[Fan].state"][0] is None


def test_a_sensor_in_both_tables_is_read_once_from_the_standard_one() -> None:
    rows: dict[str, Any] = {}
    for table in (es.CISCO, "1.3.6.1.2.1.99.1.1.1"):
        rows |= {f"walk {table}.{n}": {"7": value} for n, value in ((1, 8), (2, 9), (3, 1))}
        rows |= {f"{table}.4.7": 315 if table == es.CISCO else 420, f"{table}.5.7": 1}
    found = device("switch-mib", tables("switch-mib", **rows)).read("sensor[*].*")
    assert [(r.value, r.source.rpartition(" ")[2]) for r in found] == [(42.0, "1.3.6.1.2.1.99.1.1.1.4.7")]


@pytest.mark.parametrize("missing", [2, 3])
def test_a_sensor_without_scale_or_precision_is_no_number(missing: int) -> None:
    table = "1.3.6.1.2.1.99.1.1.1"
    rows: dict[str, Any] = {f"walk {table}.{n}": {"7": value} for n, value in ((1, 8), (2, 9), (3, 0)) if n != missing}
    readings = device("switch-mib", tables("switch-mib", **rows, **{f"{table}.4.7": 42, f"{table}.5.7": 1})).read(
        "sensor[*].*"
    )
    assert [reading.value for reading in readings] == [None]
    assert "scale or precision" in (readings[0].reason or "")


def test_nxos_abbreviates_ports_in_lldp() -> None:
    neighbours = {lldp.LOC_ID: {"9": b"Eth1/2"}, lldp.REM_SYS_NAME: {"0.9.1": b"tray1"}, lldp.LOC_SUBTYPE: {"9": 5}}
    found = by_name(device("cisco-nxos", tables("cisco-nxos", **neighbours)).read("neighbor[*].system"))
    assert found == {"neighbor[Ethernet1/2].system": ("tray1", None)}


def test_junos_calls_ports_by_ifindex_in_lldp() -> None:
    neighbours = {lldp.LOC_ID: {"1": b"502"}, lldp.LOC_SUBTYPE: {"1": 7}, lldp.REM_SYS_NAME: {"12.1.1": b"tray1"}}
    found = by_name(device("juniper-junos", tables("juniper-junos", **neighbours)).read("neighbor[*].system"))
    assert found == {"neighbor[Ethernet1/2].system": ("tray1", None)}


def test_a_number_of_lldp_that_is_no_ifindex_is_not_taken_for_one() -> None:
    found = by_name(
        device("switch-mib", tables("switch-mib", **{lldp.REM_SYS_NAME: {"0.501.1": b"x"}})).read("neighbor[*].system")
    )
    assert found == {"neighbor[501].system": ("x", None)}


def test_the_second_lldp_mib_is_read_where_the_first_is_empty() -> None:
    rows = {
        lldp.second(lldp.REM_SYS_NAME): {"100.501.1.3": b"tray1"},
        lldp.second(lldp.REM_CHASSIS_ID): {"100.501.1.3": bytes.fromhex("001c73b3afbb")},
        lldp.second(lldp.REM_CHASSIS_SUBTYPE): {"100.501.1.3": 4},
    }
    readings = device("switch-mib", tables("switch-mib", **rows)).read("neighbor[*].system", "neighbor[*].chassis")
    assert by_name(readings) == {
        "neighbor[Ethernet1/1].system": ("tray1", None),
        "neighbor[Ethernet1/1].chassis": ("00:1c:73:b3:af:bb", None),
    }
    assert readings[0].source.endswith("1.3.111.2.802.1.1.13.1.4.1.1.10.100.501.1.3")


def test_a_neighbour_under_many_time_marks_is_one() -> None:
    names = {"0.7.1": b"old", "55.7.1": b"new", "0.7.2": b"second"}
    rows = {lldp.LOC_ID: {"7": b"Ethernet1/1"}, lldp.REM_SYS_NAME: names}
    found = by_name(device("switch-mib", tables("switch-mib", **rows)).read("neighbor[*].system"))
    assert found == {
        "neighbor[Ethernet1/1].system": ("new", None),
        "neighbor[Ethernet1/1#2].system": ("second", None),
    }


def test_junos_has_temperatures_light_and_parts_in_its_own_mibs() -> None:
    own = {
        juniper.OPERATING_DESCR: {"7.1.0.0": b"FPC: QFX @ 0/*/*", "9.1.0.0": b"Routing Engine"},
        juniper.OPERATING_TEMPERATURE: {"7.1.0.0": 41, "9.1.0.0": 0},
        juniper.DOM_RX: {"501": -507, "502": -4000},
        juniper.LANE_RX: {"502.0": -230, "502.1": -250},
        juniper.CONTENT_DESCR: {"7.1.0.0": b"FPC: QFX @ 0/*/*"},
        juniper.CONTENT_SERIAL: {"7.1.0.0": b"TC371", "8.1.0.0": b"BUILTIN"},
        juniper.BOX_SERIAL: b"WS1234",
        juniper.BOX_DESCR: b"Juniper QFX5200",
    }
    switch = device("juniper-junos", tables("juniper-junos", **own))
    found = by_name(switch.read("sensor[*].*", "optic[*].level", "component[*].serial"))
    assert found == {
        "sensor[FPC: QFX @ 0/*/*].temperature": (41.0, "degC"),
        "sensor[Routing Engine].temperature": (None, "degC"),
        "optic[Ethernet1/1 RX].level": (-5.07, "dBm"),
        "optic[Ethernet1/2 lane 0 RX].level": (-2.3, "dBm"),
        "optic[Ethernet1/2 lane 1 RX].level": (-2.5, "dBm"),
        "component[FPC: QFX @ 0/*/* 7.1.0.0].serial": ("TC371", None),
    }
    assert by_name(switch.read("optic[*].power"))["optic[Ethernet1/1 RX].power"][0] == pytest.approx(0.000311, rel=1e-2)
    identity = switch.identify()
    assert (identity.maker, identity.serial, identity.model) == ("Juniper Networks", "WS1234", "qfx5200-32c-32q")


def test_os10_has_temperatures_and_service_tag_in_dells_mib() -> None:
    own = {dell.CHASSIS_TEMPERATURE: {"1": 43}, dell.CARD_TEMPERATURE: {"1.1": 38}, dell.SERVICE_TAG: {"1": b"ABC1234"}}
    switch = device("dell-os10", tables("dell-os10", **own))
    assert by_name(switch.read("sensor[*].*")) == {
        "sensor[Chassis 1].temperature": (43.0, "degC"),
        "sensor[Card 1.1].temperature": (38.0, "degC"),
    }
    identity = switch.identify()
    assert (identity.serial, identity.model, identity.firmware) == ("ABC1234", "S5248F-ON", "10.5.4.6")


def test_ocnos_has_sensors_and_light_in_thousandths() -> None:
    own = {
        ipinfusion.SENSOR_NAME: {"1": b"PSU1_VOUT", "2": b"FAN1", "3": b"T1", "4": b"odd"},
        ipinfusion.SENSOR_VALUE: {"1": 12_050, "2": 8_500_000, "3": -10_002, "4": 5},
        ipinfusion.SENSOR_UNITS: {"1": b"Volts", "2": b"RPM", "3": b"degrees C", "4": b"furlongs"},
        ipinfusion.RX_POWER: {"1.5.1": -2345, "1.5.2": -100_001},
        ipinfusion.TX_POWER: {"1.5.1": 500},
        ipinfusion.STACK_MODEL: {"1": b"AS7726"},
        ipinfusion.STACK_SERIAL: {"1": b"SN77"},
    }
    switch = device("ocnos", tables("ocnos", **own))
    assert by_name(switch.read("sensor[*].*", "optic[*].level")) == {
        "sensor[PSU1_VOUT].voltage": (12.05, "V"),
        "sensor[FAN1].speed": (8500.0, "rpm"),
        "sensor[T1].temperature": (None, "degC"),
        "sensor[odd].state": (None, None),
        "optic[1.5.1 RX].level": (-2.345, "dBm"),
        "optic[1.5.2 RX].level": (None, "dBm"),
        "optic[1.5.1 TX].level": (0.5, "dBm"),
    }
    identity = switch.identify()
    assert (identity.serial, identity.model) == ("SN77", "EDGECORE")


def test_no_light_has_no_level_but_a_power() -> None:
    table = "1.3.6.1.2.1.99.1.1.1"
    rows: dict[str, Any] = {f"walk {table}.{n}": {"7": value} for n, value in ((1, 6), (2, 8), (3, 4))}
    rows |= {f"{table}.4.7": 0, f"{table}.5.7": 1, es.DESCR: {"7": b"DOM RX Power Sensor for Ethernet1"}}
    readings = {r.name: r for r in device("sonic", tables("sonic", **rows)).read("optic[*].*")}
    key = "optic[DOM RX Power Sensor for Ethernet1]"
    assert readings[f"{key}.power"].value == 0.0
    assert (readings[f"{key}.level"].value, readings[f"{key}.level"].reason) == (
        None,
        "no light: 0 W has no level in dBm",
    )


def test_components_of_substance_are_there_though_nothing_is_stated() -> None:
    rows = {
        es.CLASS: {"1": 3, "2": 7, "3": 5, "4": 8},
        es.NAME: {"1": b"chassis", "2": b"fan", "3": b"slot", "4": b"a sensor"},
        es.REPLACEABLE: {"1": 2, "2": 1, "3": 2, "4": 2},
        es.SERIAL: {"1": b"SN1", "2": b"N/A", "3": b"", "4": b""},
    }
    readings = {r.name: r for r in device("switch-mib", tables("switch-mib", **rows)).read("component[*].*")}
    assert readings["component[chassis].serial"].value == "SN1"
    assert (readings["component[fan].serial"].value, readings["component[fan].serial"].raw) == (None, "N/A")
    assert "component[slot].serial" not in readings
    assert {n: r.value for n, r in readings.items() if n.endswith(".class")} == {
        "component[chassis].class": "chassis",
        "component[fan].class": "fan",
        "component[slot].class": "container",
    }


@pytest.mark.parametrize(
    ("number", "name"),
    [("1718.4", "sentry4"), ("38446.1", "enlogic"), ("13742.4", "raritan-px1"), ("40310", "cumulus"), ("9.1.1", None)],
)
def test_an_agent_that_shows_nothing_but_itself_is_known_by_its_number(number: str, name: str | None) -> None:
    system: dict[tuple[int, ...], Any] = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): OctetString(b"it"),
        (1, 3, 6, 1, 2, 1, 1, 3, 0): Integer32(1),
    }
    number_of_maker = tuple(map(int, f"1.3.6.1.4.1.{number}".split(".")))
    with serving(NastyAgent({**system, (1, 3, 6, 1, 2, 1, 1, 2, 0): ObjectIdentifier(number_of_maker)})) as agent:
        found = propose(agent.address, Options(timeout_s=2), StillClock())
    assert found.model == name
    assert found.description.endswith(f"; it shows none of the tables of {name}") == (name is not None)
