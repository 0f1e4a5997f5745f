"""The makers' tables: each from objects written after its MIB, with what it says where it has no value."""

from typing import Any

import pytest

from drivers.errors import NoReading
from drivers.points import Accuracy
from tests.drivers.pdu_agent import PduAgent, device, pdu, told, under

RARITAN = "1.3.6.1.4.1.13742.6"


def read(name: str, objects: dict[str, Any], *patterns: str) -> dict[str, Any]:
    """Read a PDU of these objects; what the patterns do not name is left out."""
    return told(pdu(name, objects).read(*patterns))


def raritan_sensor(
    tables: tuple[str, str], index: str, value: int, *, available: int = 1, state: int = 4, **configured: int
) -> dict[str, Any]:
    measured, configuration = (f"{RARITAN}.{table}" for table in tables)
    columns = {"units": 6, "digits": 7, "accuracy": 8, "tolerance": 10, "minimum": 27}
    objects = {
        f"{measured}.2.{index}": available,
        f"{measured}.3.{index}": state,
        f"{measured}.4.{index}": value,
    }
    return objects | {f"{configuration}.{columns[name]}.{index}": number for name, number in configured.items()}


INLET, POLE, OUTLET = ("5.2.3.1", "3.3.4.1"), ("5.2.4.1", "3.3.6.1"), ("5.4.3.1", "3.5.4.1")


def test_raritan_numbers_have_the_digits_of_their_sensor() -> None:
    objects = {
        **raritan_sensor(INLET, "1.1.1", 3497, units=2, digits=3),
        **raritan_sensor(INLET, "1.1.5", 673, units=3, digits=0),
        **raritan_sensor(INLET, "1.1.7", 98, units=-1, digits=2),
        **raritan_sensor(INLET, "1.1.8", 123456, units=5, digits=0),
        **raritan_sensor(POLE, "1.1.2.1", 12, units=2, digits=1),
        **raritan_sensor(OUTLET, "1.7.5", 45, units=3, digits=0),
    }
    assert read("raritan-px2", objects) == {
        "inlet[1.1].current": 3.497,
        "inlet[1.1].power": 673,
        "inlet[1.1].power_factor": 0.98,
        "inlet[1.1].energy": 123456,
        "phase[1.1.2].current": 1.2,
        "outlet[1.7].power": 45,
    }


def test_raritan_numbers_of_firmware_without_a_column_of_units_are_in_that_of_their_type() -> None:
    objects = {
        **raritan_sensor(INLET, "1.1.1", 680, digits=3),
        **raritan_sensor(INLET, "1.1.4", 233, digits=0),
        **raritan_sensor(INLET, "1.1.7", 97, digits=2),
        **raritan_sensor(INLET, "1.1.8", 4_294_967_294, digits=0),
        **raritan_sensor(INLET, "1.1.23", 500, digits=1),
    }
    assert read("raritan-px2", objects) == {
        "inlet[1.1].current": 0.68,
        "inlet[1.1].voltage": 233,
        "inlet[1.1].power_factor": 0.97,
        "inlet[1.1].energy": 4_294_967_294,
        "inlet[1.1].frequency": 50.0,
    }


def test_raritan_numbers_that_are_no_reading() -> None:
    objects = {
        **raritan_sensor(INLET, "1.1.1", 0, available=2, units=2, digits=3),
        **raritan_sensor(INLET, "1.2.1", 0, state=-1, units=2, digits=3),
        **raritan_sensor(INLET, "1.3.1", 17, units=2),
        **raritan_sensor(INLET, "1.4.1", 17, units=3, digits=0),
        **raritan_sensor(INLET, "1.5.1", 17, units=2, digits=99),
    }
    assert read("raritan-px2", objects) == {
        "inlet[1.1].current": "- the device says: not available",
        "inlet[1.2].current": "- the device says: unavailable",
        "inlet[1.3].current": "- the device does not say how many decimal digits the number has",
        "inlet[1.4].current": "- in SensorUnits 3, which is no A",
        "inlet[1.5].current": "- Garbled: more decimal digits than a number has",
    }


def test_raritan_accuracy_is_the_devices_own() -> None:
    """0.01 % in a column, the tolerance with one digit more than the reading."""
    objects = {
        **raritan_sensor(INLET, "1.1.1", 3497, units=2, digits=3, accuracy=100, tolerance=500),
        **raritan_sensor(INLET, "1.2.1", 3497, units=2, digits=3, accuracy=0, tolerance=0),
    }
    first, second = pdu("raritan-px2", objects).read("inlet[*].current")
    source = "PDU2-MIB 1.3.6.1.4.1.13742.6.3.3.4.1.8, 1.3.6.1.4.1.13742.6.3.3.4.1.10"
    assert first.accuracy == Accuracy(0.01, 1.0, 0.05, source)
    assert second.accuracy is None


def test_raritan_power_may_flow_back() -> None:
    objects = {
        **raritan_sensor(INLET, "1.1.5", 0, units=3, digits=0, minimum=-10000),
        f"{RARITAN}.5.2.3.1.6.1.1.5": -42,
        **raritan_sensor(INLET, "1.2.5", 42, units=3, digits=0, minimum=0),
        f"{RARITAN}.5.2.3.1.6.1.2.5": 17,
    }
    readings = {r.name: r for r in pdu("raritan-px2", objects).read("inlet[*].power")}
    assert (readings["inlet[1.1].power"].value, readings["inlet[1.2].power"].value) == (-42, 42)
    assert readings["inlet[1.1].power"].source.endswith(".5.2.3.1.6.1.1.5")


def test_raritan_sensors_go_by_their_type() -> None:
    measured, configured = f"{RARITAN}.5.5.3.1", f"{RARITAN}.3.6.3.1"
    objects = {
        **{f"{configured}.2.1.{n}": kind for n, kind in enumerate((10, 11, 17, 10, 28), 1)},
        **{f"{configured}.16.1.{n}": unit for n, unit in enumerate((7, 9, -1, 14, 21), 1)},
        **{f"{configured}.17.1.{n}": 1 for n in (1, 2, 3, 4, 5)},
        **{f"{measured}.2.1.{n}": 1 for n in (1, 2, 3, 4, 5)},
        **{f"{measured}.3.1.{n}": state for n, state in enumerate((4, 4, 11, 4, 4), 1)},
        **{f"{measured}.4.1.{n}": value for n, value in enumerate((-55, 415, 0, 725, 29), 1)},
    }
    found = read("raritan-px2", objects)
    assert found.pop("sensor[1.4].temperature") == pytest.approx(22.5)
    assert found == {
        "sensor[1.1].temperature": -5.5,
        "sensor[1.2].humidity": 41.5,
        "sensor[1.3].leak": "alarmed",
        "sensor[1.5].absolute_humidity": "- the device measures in a unit that we do not have",
    }


def test_raritan_relays() -> None:
    objects = under(f"{RARITAN}.4.1.2.1", {"3.1.1": 7, "3.1.2": 8, "3.1.3": -1})
    agent = PduAgent(objects, {(f"{RARITAN}.4.1.2.1.2.1.2", 1): [{f"{RARITAN}.4.1.2.1.3.1.2": 7}]})
    outlets = device("raritan-px2", agent)
    assert told(outlets.read("outlet[*].state")) == {
        "outlet[1.1].state": "on",
        "outlet[1.2].state": "off",
        "outlet[1.3].state": "- the device says: unavailable",
    }
    assert outlets.switch_outlet("1.2", "on").value == "on"
    with pytest.raises(NoReading, match="unavailable"):
        outlets.switch_outlet("1.3", "on")


def test_the_first_raritans() -> None:
    root = "1.3.6.1.4.1.13742.4"
    objects = {
        **under(f"{root}.1.3.1", {"1.0": 4321, "2.0": 231000, "3.0": 990, "5.0": 415}),
        **under(f"{root}.1.2.2.1", {"3.1": 1, "3.2": -1, "4.1": 1500, "7.1": 300, "9.1": 97, "31.1": 77}),
        **under(f"{root}.1.20.2.1", {"3.1": 1, "3.2": 3, "7.1": 4321, "7.2": 0, "12.1": 0}),
        **under(f"{root}.1.21.2.1", {"3.2.1": 1000, "7.2.1": 230}),
        **under(f"{root}.3.3.1", {"2.1": 10, "16.1": 7, "17.1": 1, "40.1": 4, "41.1": 231}),
        **under(f"{root}.3.3.1", {"2.2": 11, "16.2": 9, "17.2": 0, "40.2": -1, "41.2": 0}),
        f"{root}.1.1.32.0": b"No",
        f"{root}.1.1.35.0": b"Yes",
    }
    not_told = "- the device does not say that it measures this"
    assert read("raritan-px1", objects) == {
        "unit[0].current": 4.321,
        "unit[0].voltage": 231,
        "unit[0].power": 990,
        "unit[0].temperature": 41.5,
        "inlet[1].current": 4.321,
        "inlet[2].current": "- a polyphase inlet says this of its poles only",
        "inlet[1].energy": not_told,
        "phase[2.1].current": 1,
        "phase[2.1].power": 230,
        "outlet[1].state": "on",
        "outlet[2].state": "- the device says: error",
        "outlet[1].current": 1.5,
        "outlet[1].power": 300,
        "outlet[1].power_factor": 0.97,
        "outlet[1].energy": not_told,
        "sensor[1].temperature": 23.1,
        "sensor[2].humidity": "- the device says: unavailable",
    }


def test_apc_rpdu2() -> None:
    root = "1.3.6.1.4.1.318.1.1.26"
    objects = {
        **under(f"{root}.4.3.1", {"4.1": 3, "5.1": 27, "9.1": 19677, "16.1": -1, "17.1": 82}),
        **under(f"{root}.6.3.1", {"4.1": 5, "5.1": 13, "6.1": 231, "7.1": 25}),
        **under(f"{root}.8.3.1", {"5.1": 61}),
        **under(f"{root}.9.2.3.1", {"5.1": 2, "5.2": 1}),
        **under(f"{root}.9.4.3.1", {"6.1": 11, "7.1": 254, "11.1": 12}),
        **under(f"{root}.10.2.2.1", {"6.1": 2, "8.1": 235, "10.1": 40, "6.2": 3, "8.2": 235, "10.2": 40}),
    }
    assert read("apc-rpdu2", objects) == {
        "inlet[1].power": 270,
        "inlet[1].energy": 1967700,
        "inlet[1].apparent_power": "- the device has no value: -1",
        "inlet[1].power_factor": 0.82,
        "inlet[1].load_state": "near_overload",
        "phase[1].current": 1.3,
        "phase[1].voltage": 231,
        "phase[1].power": 250,
        "phase[1].load_state": "- the device says: not supported",
        "bank[1].current": 6.1,
        "outlet[1].state": "on",
        "outlet[2].state": "off",
        "outlet[1].current": 1.1,
        "outlet[1].power": 254,
        "outlet[1].energy": 1200,
        "sensor[1].temperature": 23.5,
        "sensor[2].temperature": "- the device says: communication lost",
        "sensor[1].humidity": 40,
        "sensor[2].humidity": "- the device says: communication lost",
    }


def test_apc_outlets_have_their_names_from_whichever_tree_tells() -> None:
    root = "1.3.6.1.4.1.318.1.1"
    objects = {
        **under(f"{root}.26.9.2.3.1", {"3.1": b"tray 1", "3.2": b""}),
        **under(f"{root}.26.9.4.3.1", {"3.2": b"tray 2", "3.3": b"tray 3"}),
        **under(f"{root}.12.3.5.1.1", {"2.1": b"old 1", "2.4": b"tray 4"}),
    }
    assert read("apc-rpdu2", objects, "outlet[*].name") == {f"outlet[{n}].name": f"tray {n}" for n in range(1, 5)}


def test_apc_rpdu_rows_are_phases_or_banks() -> None:
    root = "1.3.6.1.4.1.318.1.1"
    objects = {
        **under(f"{root}.12.2.3.1.1", {"2.1": 57, "3.1": 1, "5.1": 0, "2.2": 31, "3.2": 4, "5.2": 1, "2.3": 9}),
        **under(f"{root}.12.3.5.1.1", {"4.1": 1, "7.1": 12, "4.2": 2}),
        f"{root}.12.1.16.0": 1311,
    }
    assert read("apc-rpdu", objects) == {
        "phase[1].current": 5.7,
        "phase[1].load_state": "normal",
        "bank[2].current": 3.1,
        "bank[2].load_state": "overload",
        "load[3].current": 0.9,
        "rpdu[0].power": 1311,
        "outlet[1].state": "on",
        "outlet[2].state": "off",
        "outlet[1].current": 1.2,
    }


ENLOGIC = {
    "inlet[1].power": 812,
    "inlet[1].apparent_power": 850,
    "inlet[1].power_factor": 0.95,
    "inlet[1].energy": 4400,
    "inlet[1].load_state": "normal",
    "phase[1.1].current": 3.53,
    "phase[1.1].voltage": 230,
    "phase[1.1].power": 768,
    "phase[1.2].power": 90,
    "phase[1.3].power": 50,
    "phase[1.4].power": 400,
    "phase[1.1].apparent_power": 800,
    "phase[1.2].apparent_power": 1000,
    "phase[1.4].apparent_power": 800,
    "phase[1.1].power_factor": 0.96,
    "phase[1.2].power_factor": 0.09,
    "phase[1.3].power_factor": "- no power by which to tell the scale of the power factor",
    "phase[1.4].power_factor": "- the device does not say what its 96 is a ratio of",
    "breaker[1.1].state": "off",
    "breaker[1.2].state": "- the device says: no such breaker",
    "breaker[1.1].current": 3.53,
    "breaker[1.2].current": "- the device says: no such breaker",
    "outlet[1.1].state": "on",
    "outlet[1.2].state": "off",
    "outlet[1.1].current": 1.2,
    "outlet[1.1].power": 27,
    "outlet[1.1].energy": 300,
    "sensor[1.2].humidity": 41,
    "sensor[1.3].door": "normal",
    "sensor[1.4].temperature": "- the device says: not present",
}


@pytest.mark.parametrize(
    ("name", "root", "shift"), [("enlogic", "1.3.6.1.4.1.38446.1", 0), ("apc-cpdu", "1.3.6.1.4.1.318.1.1.32", 1)]
)
def test_enlogic_and_the_apc_of_its_design(name: str, root: str, shift: int) -> None:
    communication, state, value, precise = (n - shift for n in (4, 5, 6, 8))
    sensors = f"{root}.6.4.1"
    objects = {
        **under(f"{root}.2.4.1", {"3.1": 5, "4.1": 812, "5.1": 850, "9.1": 44, "13.1": 95}),
        **under(f"{root}.3.4.1", {"5.1.1": 353, "6.1.1": 230, "7.1.1": 768, "8.1.1": 800, "9.1.1": 96}),
        **under(f"{root}.3.4.1", {"8.1.2": 1000, "7.1.2": 90, "9.1.2": 90, "7.1.3": 50, "9.1.3": 96}),
        **under(f"{root}.3.4.1", {"8.1.4": 800, "7.1.4": 400, "9.1.4": 96}),
        **under(f"{root}.4.4.1", {"2.1.1": 1, "3.1.1": b"B1", "4.1.1": 6, "5.1.1": 353}),
        **under(f"{root}.4.4.1", {"2.1.2": 0, "3.1.2": b"NA", "4.1.2": 5, "5.1.2": 0}),
        **under(f"{root}.5.4.1", {"2.1.1": 1, "4.1.1": 1, "2.1.2": 2, "4.1.2": 0, "2.1.41": 0, "4.1.41": 0}),
        **under(f"{root}.5.9.1", {"5.1.1": 120, "6.1.1": 27, "11.1.1": 3, "2.1.41": 0, "5.1.41": 0, "6.1.41": 0}),
        **under(f"{root}.6.2.1", {"6.1.1": 1, "7.1.1": 2, "6.1.2": 2, "7.1.2": 3, "6.1.3": 3, "6.1.4": 1, "7.1.4": 1}),
        **{f"{sensors}.{communication}.1.{n}": 2 for n in (1, 2, 3)},
        **{f"{sensors}.{state}.1.{n}": 2 for n in (1, 2, 3)},
        **under(sensors, {f"{value}.1.1": 72, f"{precise}.1.1": 725, f"{value}.1.2": 41, f"{value}.1.3": 0}),
        **under(sensors, {f"{communication}.1.4": 1, f"{state}.1.4": 0, f"{value}.1.4": 0}),
    }
    found = read(name, objects)
    assert found.pop("sensor[1.1].temperature") == pytest.approx(22.5)
    assert found == ENLOGIC
