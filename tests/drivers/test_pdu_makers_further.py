"""The makers' tables: each from objects written after its MIB, with what it says where it has no value."""

from typing import Any

import pytest

from tests.drivers.pdu_agent import PduAgent, device, pdu, told, under


def read(name: str, objects: dict[str, Any], *patterns: str) -> dict[str, Any]:
    """Read a PDU of these objects; what the patterns do not name is left out."""
    return told(pdu(name, objects).read(*patterns))


def test_sentry4() -> None:
    root = "1.3.6.1.4.1.1718.4.1"
    objects = {
        **under(f"{root}.3.3.1", {"1.1.1": 1, "2.1.1": 15, "3.1.1": 2600, "4.1.1": 0, "8.1.1": 98, "10.1.1": 55}),
        **under(f"{root}.4.3.1", {"3.1.1.1": 1213, "4.1.1.1": 8}),
        **under(f"{root}.5.3.1", {"2.1.1.1": 0, "3.1.1.1": 2084, "4.1.1.1": 0, "8.1.1.1": -1, "13.1.1.1": 7}),
        **under(f"{root}.6.3.1", {"1.1.1.1": 12}),
        **under(f"{root}.8.3.1", {"1.1.1.1": 2, "2.1.1.1": 0, "3.1.1.1": 0, "4.1.1.1": 0, "14.1.1.1": 55}),
        f"{root}.9.1.10.0": 1,
        **under(f"{root}.9.3.1", {"1.1.1": 725, "2.1.1": 0, "1.1.2": -410, "2.1.2": 0, "1.1.3": 700, "2.1.3": 7}),
        **under(f"{root}.10.3.1", {"1.1.1": 40, "2.1.1": 0}),
    }
    found = read("sentry4", objects)
    assert found.pop("sensor[1.1].temperature") == pytest.approx(22.5)
    assert found == {
        "inlet[1.1].power": 2600,
        "inlet[1.1].power_factor": 0.98,
        "inlet[1.1].energy": 5500,
        "inlet[1.1].state": "on",
        "inlet[1.1].status": "low_warning",
        "line[1.1.1].current": "- the device says: lost",
        "phase[1.1.1].voltage": 208.4,
        "phase[1.1.1].power": "- the device has no value: -1",
        "phase[1.1.1].energy": 700,
        "breaker[1.1.1].status": "breaker_tripped",
        "outlet[1.1.1].state": "off",
        "outlet[1.1.1].status": "normal",
        "outlet[1.1.1].current": 0,
        "outlet[1.1.1].energy": 55,
        "sensor[1.2].temperature": "- the device says: no temperature",
        "sensor[1.3].temperature": "- the device says: not_found",
        "sensor[1.1].humidity": 40,
    }


@pytest.mark.parametrize(("raw", "told"), [(2400, 2400), (-1, "- the device has no value: -1")])
def test_sentry3_of_several_towers_has_a_total(raw: int, told: int | str) -> None:
    assert read("sentry3", {"1.3.6.1.4.1.1718.3.1.6.0": raw}) == {"unit[0].power": told}


def test_sentry3() -> None:
    root = "1.3.6.1.4.1.1718.3"
    objects = {
        **under(f"{root}.2.1.1", {"4.1": 0, "11.1": 1200, "14.1": 12, "15.1": 50, "4.2": 1, "11.2": 7}),
        **under(f"{root}.2.2.1", {"5.1.1": 1, "6.1.1": 0, "7.1.1": 575, "11.1.1": 2081, "12.1.1": 1195, "16.1.1": 9}),
        **under(f"{root}.2.2.1", {"6.1.2": 7, "7.1.2": 0, "18.1.1": 1201, "19.1.1": -1}),
        **under(f"{root}.2.3.1", {"5.1.1.1": 1, "6.1.1.1": 0, "7.1.1.1": 50, "14.1.1.1": 115, "18.1.1.1": 321}),
        **under(f"{root}.2.3.1", {"5.1.1.2": 7, "5.1.1.3": 3}),
        **under(f"{root}.2.5.1", {"5.1.1": 0, "6.1.1": 725, "13.1.1": 1, "9.1.1": 0, "10.1.1": 33}),
        **under(f"{root}.2.5.1", {"5.1.2": 0, "6.1.2": 225, "9.1.2": 1, "10.1.2": 0}),
        f"{root}.2.4.1.6.1": 1,
    }
    found = read("sentry3", objects)
    assert found.pop("sensor[1.1].temperature") == pytest.approx(22.5)
    assert found == {
        "inlet[1].status": "normal",
        "inlet[2].status": "- the device says: no communication",
        "inlet[1].power": 1200,
        "inlet[2].power": "- the device says: no communication",
        "inlet[1].energy": 12000,
        "inlet[1].frequency": 50,
        "infeed[1.1].state": "on",
        "infeed[1.1].current": 5.75,
        "infeed[1.2].current": "- the device says: no communication",
        "infeed[1.1].voltage": 208.1,
        "infeed[1.1].power": 1195,
        "infeed[1.1].energy": 900,
        "phase[1.1].voltage": 120.1,
        "phase[1.1].current": "- the device has no value: -1",
        "outlet[1.1.1].state": "on",
        "outlet[1.1.2].state": "- the device says: reading",
        "outlet[1.1.3].state": "on_wait",
        "outlet[1.1.1].current": 0.5,
        "outlet[1.1.1].power": 115,
        "outlet[1.1.1].energy": 321,
        "sensor[1.2].temperature": 22.5,
        "sensor[1.1].humidity": 33,
        "sensor[1.2].humidity": "- the device says: not found",
        "sensor[1].leak": "wet",
    }


@pytest.mark.parametrize(("scale", "degrees"), [(0, 22.5), (1, 72.5)])
def test_geist(scale: int, degrees: float) -> None:
    root = "1.3.6.1.4.1.21239.5.2"
    objects = {
        f"{root}.1.7.0": scale,
        **under(f"{root}.3.1.1", {"5.1": 1, "9.1": 512, "11.1": 97, "12.1": 100000, "5.2": 0, "9.2": 0}),
        **under(f"{root}.3.2.1", {"4.1": 2301, "8.1": 223, "12.1": 505, "15.1": 99}),
        **under(f"{root}.3.4.1", {"4.1": 223}),
        **under(f"{root}.3.5.1", {"4.1": 1, "4.2": 6, "4.3": 7}),
        **under(f"{root}.3.6.1", {"4.1": 2301, "8.1": 11, "12.1": 25}),
        **under(f"{root}.9.1", {"4.1": 1, "5.1": 725, "6.1": 38, "4.2": 0, "5.2": 0, "6.2": 0}),
    }
    found = read("geist", objects)
    assert found.pop("sensor_thd[1].temperature") == pytest.approx(degrees)
    assert found == {
        "inlet[1].power": 512,
        "inlet[2].power": "- the device says: not available",
        "inlet[1].power_factor": 0.97,
        "inlet[1].energy": 100000,
        "phase[1].voltage": 230.1,
        "phase[1].current": 2.23,
        "phase[1].power": 505,
        "phase[1].energy": 99,
        "line[1].current": 2.23,
        "outlet[1].state": "on",
        "outlet[2].state": "reboot_off",
        "outlet[3].state": "- the device says: not available",
        "outlet[1].voltage": 230.1,
        "outlet[1].current": 0.11,
        "outlet[1].power": 25,
        "sensor_thd[2].temperature": "- the device says: not available",
        "sensor_thd[1].humidity": 38,
        "sensor_thd[2].humidity": "- the device says: not available",
    }


def test_liebert_prefers_the_fine_column() -> None:
    root = "1.3.6.1.4.1.476.1.42.3.8"
    objects = {
        **under(f"{root}.30.20.1", {"50.1.1": 12, "65.1.1": 3001, "70.1.1": 4, "95.1.1": 99}),
        **under(f"{root}.30.40.1", {"19.1.1.1": 2304, "20.1.1.1": 230, "20.1.1.2": 231, "22.1.1.1": 1307}),
        **under(f"{root}.30.40.1", {"21.1.1.1": 131, "21.1.1.2": 45}),
        **under(f"{root}.40.20.1", {"130.1.1": 656, "170.1.1": 3995}),
        **under(f"{root}.50.20.1", {"50.1.1.1": 2, "65.1.1.1": 75, "95.1.1.1": 2, "50.1.1.2": 4, "65.1.1.2": 0}),
        **under(f"{root}.60.15.1", {"10.1.1.1": 1, "70.1.1.1": 231, "95.1.1.1": 0, "10.1.1.2": 2, "95.1.1.2": 455}),
        **under(f"{root}.60.15.1", {"10.1.1.3": 6, "165.1.1.3": 2}),
    }
    assert read("liebert-pdu", objects) == {
        "inlet[1.1].power": 3001,
        "inlet[1.1].power_factor": 0.99,
        "inlet[1.1].energy": 1200,
        "inlet[1.1].neutral_current": 0.4,
        "phase[1.1.1].voltage": 230.4,
        "phase[1.1.2].voltage": 231,
        "phase[1.1.1].current": 13.07,
        "phase[1.1.2].current": 4.5,
        "branch[1.1].line_voltage": 399.5,
        "branch[1.1].current": 6.56,
        "outlet[1.1.1].state": "on",
        "outlet[1.1.1].power": 75,
        "outlet[1.1.2].power": "- the device says: switched, not measured",
        "sensor[1.1.1].temperature": 23.1,
        "sensor[1.1.2].humidity": 45.5,
        "sensor[1.1.3].leak": "leak",
    }


def test_eaton() -> None:
    root = "1.3.6.1.4.1.534.6.6.7"
    objects = {
        f"{root}.1.2.1.9.0": 1,
        **under(f"{root}.3.1.1", {"3.0.1": 499}),
        **under(f"{root}.3.2.1", {"2.0.1.1": 2, "3.0.1.1": 230100, "2.0.1.2": 5, "3.0.1.2": 398500}),
        **under(f"{root}.3.3.1", {"2.0.1.1": 3, "4.0.1.1": 4500, "2.0.1.4": 2, "4.0.1.4": 300}),
        **under(f"{root}.3.4.1", {"2.0.1.1": 1, "4.0.1.1": 1000, "7.0.1.1": -1, "2.0.1.4": 4, "4.0.1.4": 3000}),
        **under(f"{root}.5.1.1", {"5.0.1": 1, "5.0.2": 0}),
        **under(f"{root}.5.4.1", {"3.0.1": 2250}),
        **under(f"{root}.6.4.1", {"3.0.1": 120, "10.0.1": 1}),
        **under(f"{root}.6.5.1", {"3.0.1": 27, "6.0.1": 955, "4.0.1": -1}),
        **under(f"{root}.6.6.1", {"2.0.1": 1, "2.0.2": 2}),
        **under(f"{root}.7.1.1", {"3.0.1": 1, "4.0.1": 725, "3.0.2": 0, "4.0.2": 0}),
        **under(f"{root}.7.2.1", {"3.0.1": 1, "4.0.1": 401}),
        **under(f"{root}.7.3.1", {"4.0.1": 1}),
    }
    found = read("eaton-epdu", objects)
    assert found.pop("sensor[0.1].temperature") == pytest.approx(22.5)
    assert found == {
        "inlet[0.1].power": 3000,
        "inlet[0.1].frequency": 49.9,
        "phase[0.1.1].voltage": 230.1,
        "line_pair[0.1.2].voltage": 398.5,
        "phase[0.1.1].current": 4.5,
        "neutral[0.1.4].current": 0.3,
        "phase[0.1.1].power": 1000,
        "phase[0.1.1].power_factor": "- the device has no value: -1",
        "group[0.1].breaker": "on",
        "group[0.2].breaker": "- the device says: not applicable",
        "group[0.1].current": 2.25,
        "outlet[0.1].state": "on",
        "outlet[0.2].state": "on_to_off",
        "outlet[0.1].current": 0.12,
        "outlet[0.1].used": 1,
        "outlet[0.1].power": 27,
        "outlet[0.1].power_factor": 0.955,
        "outlet[0.1].energy": "- the device has no value: -1",
        "sensor[0.2].temperature": "- the device says: disconnected",
        "sensor[0.1].humidity": 40.1,
        "sensor[0.1].contact": "closed",
    }


def test_eaton_has_a_column_for_each_command() -> None:
    control = "1.3.6.1.4.1.534.6.6.7.6.6.1"
    off, waiting, on = {f"{control}.2.0.1": 0}, {f"{control}.2.0.1": 3}, {f"{control}.2.0.1": 1}
    agent = PduAgent({f"{control}.2.0.1": 1}, {(f"{control}.3.0.1", 0): [off], (f"{control}.4.0.1", 0): [waiting, on]})
    outlets = device("eaton-epdu", agent)
    assert outlets.switch_outlet("0.1", "off").value == "off"
    assert outlets.switch_outlet("0.1", "on").value == "on"
    assert agent.written == [(f"{control}.3.0.1", 0), (f"{control}.4.0.1", 0)]
