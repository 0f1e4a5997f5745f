"""Geist PDUs before the IMD: one row holds all phases, and a unit has one of three tables of them."""

import pytest

from drivers.catalogue import model
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID
from tests.drivers.pdu_agent import PduAgent, device, pdu, told, under

ROOT = "1.3.6.1.4.1.21239.2"
PLATE = {"1.1.0": b"GeistRSeries", "1.2.0": b"3.14.1"}
IEC = {
    **PLATE,
    "25.1.2.1": b"2000000012345678",
    "25.1.4.1": 1,
    "25.1.5.1": 5200,
    "25.1.6.1": 229,
    "25.1.8.1": 15,
    "25.1.10.1": 346,
    "25.1.11.1": 349,
    "25.1.12.1": 99,
    "25.1.13.1": 0,
    "25.1.14.1": 230,
    "25.1.16.1": 0,
    "25.1.18.1": 0,
    "25.1.19.1": 0,
    "25.1.20.1": 30,
    "25.1.21.1": 55,
    "25.1.22.1": 231,
    "25.1.24.1": 27,
    "25.1.26.1": 0,
    "25.1.27.1": 0,
    "25.1.28.1": 30,
    "25.1.29.1": 5255,
    "25.1.30.1": 346,
}


def read(objects: dict[str, object]) -> dict[str, object]:
    return told(pdu("geist-v3", under(ROOT, objects), ROOT).read())


def test_an_iec_unit() -> None:
    found = read(IEC)
    assert (found["inlet[1].power"], found["inlet[1].energy"]) == (346, 5_255_000)
    assert [found[f"phase[1.{p}].voltage"] for p in "ABC"] == [229, 230, 231]
    assert [found[f"phase[1.{p}].current"] for p in "ABC"] == [1.5, 0.0, 2.7]
    assert [found[f"phase[1.{p}].energy"] for p in "ABC"] == [5_200_000, 0, 55_000]
    assert found["phase[1.A].power"] == 346
    assert found["phase[1.A].apparent_power"] == 349
    assert [found[f"phase[1.{p}].power_factor"] for p in "ABC"] == [0.99, 0.3, 0.3]


def test_a_star_unit_has_no_energy() -> None:
    columns = {n: 100 + n for n in range(5, 26)}
    found = read({**PLATE, "14.1.4.1": 1, **{f"14.1.{n}.1": value for n, value in columns.items()}})
    assert [found[f"phase[1.{p}].voltage"] for p in "ABC"] == [105, 112, 119]
    assert [found[f"phase[1.{p}].current"] for p in "ABC"] == [10.7, 11.4, 12.1]
    assert [found[f"phase[1.{p}].power"] for p in "ABC"] == [109, 116, 123]
    assert [found[f"phase[1.{p}].apparent_power"] for p in "ABC"] == [110, 117, 124]
    assert "phase[1.A].energy" not in found


def test_a_delta_unit_has_pairs_of_phases_and_lines() -> None:
    columns = {n: 100 + n for n in range(6, 29)}
    found = read({**PLATE, "6.1.4.1": 1, **{f"6.1.{n}.1": value for n, value in columns.items()}})
    assert [found[f"line[1.{line}].current"] for line in "ABC"] == [10.6, 10.7, 10.8]
    assert [found[f"phase[1.{p}].voltage"] for p in ("AB", "BC", "CA")] == [112, 118, 124]
    assert [found[f"phase[1.{p}].power"] for p in ("AB", "BC", "CA")] == [114, 120, 126]
    assert [found[f"phase[1.{p}].energy"] for p in ("AB", "BC", "CA")] == [111_000, 117_000, 123_000]
    assert (found["inlet[1].power"], found["inlet[1].energy"]) == (110, 109_000)


def test_what_is_not_plugged_in_has_no_value() -> None:
    assert read({**IEC, "25.1.4.1": 0})["inlet[1].power"] == "- the device says: not plugged in"


def test_groups_and_outlets() -> None:
    outlets = {"16.1.2.1": b"node 1", "16.1.3.1": 1, "16.1.6.1": 12, "16.1.14.1": 7, "16.1.15.1": 250}
    groups = {"15.1.4.1": 1, "15.1.5.1": 31, "15.1.13.1": 208, "15.1.21.1": 9, "15.1.36.1": 120}
    found = read({**PLATE, **outlets, **groups})
    assert (found["outlet[1].name"], found["outlet[1].state"], found["outlet[1].current"]) == ("node 1", "on", 1.2)
    assert (found["outlet[1].power"], found["outlet[1].energy"]) == (250, 7000)
    assert (found["group[1.A].current"], found["group[1.I].current"]) == (3.1, 0.9)
    assert (found["group[1.A].voltage"], found["group[1.P].voltage"]) == (208, 120)


@pytest.mark.parametrize(
    ("precision", "raw", "degrees"),
    [
        ({}, 24, 24),
        ({"1.9.0": 0}, -5, -5),
        ({"1.9.0": 1}, 245, 24.5),
        ({}, 245, "- 245 is no temperature in whole degrees"),
    ],
)
def test_temperatures_come_whole_or_in_tenths(precision: dict[str, int], raw: int, degrees: object) -> None:
    found = read({**IEC, **precision, "2.1.4.1": 1, "2.1.5.1": raw, "2.1.7.1": 40})
    assert found["climate[1].temperature"] == degrees
    assert found["climate[1].humidity"] == 40


def test_it_is_told_from_its_successor() -> None:
    agent = PduAgent({SYS_DESCR: b"", SYS_OBJECT_ID: ROOT, **under(ROOT, IEC)})
    identity = device("geist-v3", agent).identify()
    assert (identity.model, identity.serial, identity.firmware) == ("GeistRSeries", "2000000012345678", "3.14.1")
    with pytest.raises(Exception, match="none of the tables of geist"):
        device("geist", agent).identify()


def test_an_outlet_is_switched_by_the_column_that_tells_its_state() -> None:
    column = f"{ROOT}.16.1.3.1"
    agent = PduAgent({SYS_DESCR: b"", SYS_OBJECT_ID: ROOT, column: 1}, {(column, 3): [{column: 0}]})
    assert device("geist-v3", agent).switch_outlet("1", "off").value == "off"
    assert agent.written == [(column, 3)]


def test_it_is_in_the_catalogue() -> None:
    assert model("geist-v3").model == "geist-v3"
