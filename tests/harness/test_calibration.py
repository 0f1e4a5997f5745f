"""The register as a file, and what it does to a run: past due, nothing is decided, and the rack is not at fault."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drivers.points import Accuracy, Reading
from harness import calibration
from harness.calibration import Instrument, Register
from harness.clock import SystemClock
from harness.datafile import DataError
from harness.records import DeviceSeen, Record
from harness.session import Session
from tests.harness.mini import Mini
from tests.harness.racks import inventory, meter, replies
from tests.servers import ScpiServer, scpi_server

TODAY = datetime.now(UTC).date()
ENTRY = {"serial": "C1", "certificate": "K-7", "laboratory": "Lab 3", "calibrated": date(2025, 11, 1),
         "due": date(2026, 11, 1)}  # fmt: skip
LIMITS = """
[limits.power]
unit = "W"
high = {high}
source = "agreement"
"""
CASES = """
@case("PWR-001")
def test_power(rack, measure):
    "The meter reads."
    measure("power", rack.device("feed").one("power"))

@case("PWR-002", state="idle")
@needs("feed_meter.power")
def test_mean(dwell, measure):
    "The mean over the window."
    measure("power", dwell.total("feed_meter.power").mean())
"""


@pytest.fixture
def feed() -> Iterator[ScpiServer]:
    with scpi_server(replies()) as server:
        yield server


def register_file(path: Path, **other: Any) -> Path:
    fields = {**ENTRY, **other}
    lines = [f"{key} = {value if isinstance(value, date | float) else repr(value)}" for key, value in fields.items()]
    path.write_text("schema = 1\n[[instrument]]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def mini(folder: Path, feed: ScpiServer, high: int = 150) -> Mini:
    found = Mini(folder).write(CASES, meter("feed", feed, owner="station"), limits=LIMITS.format(high=high))
    rack = folder / "rack.toml"
    rack.write_text('calibration = "calibration.toml"\n' + rack.read_text(), encoding="utf-8")
    return found


def test_a_register_is_read_with_dates_of_toml(tmp_path: Path) -> None:
    known = calibration.load(register_file(tmp_path / "c.toml", drift_per_year=0.0002, drift_source="history")).of("C1")
    assert known is not None
    assert (known.due, known.certificate, known.drift_per_year) == (date(2026, 11, 1), "K-7", 0.0002)
    assert calibration.load(tmp_path / "c.toml").of("C2") is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"due": date(2025, 10, 31)}, "due 2025-10-31 is before calibrated 2025-11-01"),
        ({"drift_per_year": 0.1}, "needs a drift_source"),
        ({"drift_per_year": -0.1, "drift_source": "x"}, "greater than or equal to 0"),
        ({"serial": ""}, "at least 1 character"),
        ({"certficate": "x"}, "did you mean 'certificate'?"),
    ],
)
def test_a_register_that_makes_no_sense_is_refused(wrong: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"c\.toml") as caught:
        calibration.load(register_file(tmp_path / "c.toml", **wrong))
    assert said in str(caught.value)


def test_a_serial_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = register_file(tmp_path / "c.toml")
    path.write_text(path.read_text() + path.read_text().partition("\n")[2])
    with pytest.raises(DataError, match="'C1' stands there 2 times"):
        calibration.load(path)


@pytest.mark.parametrize(
    ("day", "doubt"),
    [
        (date(2025, 10, 31), "calibration not yet done"),
        (date(2025, 11, 1), None),
        (date(2026, 11, 1), None),
        (date(2026, 11, 2), "calibration expired: due 2026-11-01"),
    ],
)
def test_both_ends_belong_to_the_time_that_a_calibration_is_valid(day: date, doubt: str | None) -> None:
    said = Instrument.model_validate(ENTRY).doubt(day)
    assert said is None if doubt is None else (said or "").startswith(doubt)


def test_drift_grows_from_the_day_of_calibration() -> None:
    known = Instrument.model_validate({**ENTRY, "drift_per_year": 0.0004, "drift_source": "history"})
    assert known.drift(date(2025, 11, 1)) == 0
    assert known.drift(date(2026, 5, 2)) == pytest.approx(0.0004 * 182 / 365.25)
    assert known.drift(date(2025, 1, 1)) == 0


def test_what_past_due_instruments_measured_is_not_decided(feed: ScpiServer, tmp_path: Path) -> None:
    register_file(tmp_path / "calibration.toml", due=TODAY - timedelta(1), calibrated=TODAY - timedelta(366))
    result = mini(tmp_path, feed, high=50).run()
    assert result.outcomes() == {"PWR-001": "error", "PWR-002": "error"}
    assert all("calibration_expired" in case.codes for case in result.run.cases.values())
    single = result.run.cases["PWR-001"]
    assert single.attribution == "instrument"
    assert "feed, serial C1: calibration expired: due" in single.message
    (measured,) = result.run.measurements  # a window past due gives no figure at all
    assert (measured.case, measured.value, measured.judged) == ("PWR-001", 100.0, "not_decided")
    assert (measured.reason or "").startswith("feed, serial C1: calibration expired")
    assert result.run.verdict == "INCOMPLETE"


def test_a_valid_calibration_stands_with_its_device(feed: ScpiServer, tmp_path: Path) -> None:
    register_file(tmp_path / "calibration.toml", due=TODAY, calibrated=TODAY - timedelta(365))
    result = mini(tmp_path, feed).run()
    assert result.outcomes()["PWR-001"] == "pass"
    seen = result.run.seen["feed"].calibration
    assert seen is not None
    assert (seen.certificate, seen.laboratory, seen.due) == ("K-7", "Lab 3", TODAY)


def test_a_meter_of_the_station_has_to_be_in_the_register(feed: ScpiServer, tmp_path: Path) -> None:
    register_file(tmp_path / "calibration.toml", serial="another")
    result = mini(tmp_path, feed).run()
    assert set(result.outcomes().values()) == {"error"}
    assert "feed, serial C1: no calibration on record" in result.run.cases["PWR-001"].message


def test_a_register_that_is_missing_is_a_usage_error(feed: ScpiServer, tmp_path: Path) -> None:
    result = mini(tmp_path, feed).run()
    assert result.code == 4
    assert "calibration.toml: cannot be read" in result.said


def test_drift_is_added_to_the_accuracy_of_a_reading(feed: ScpiServer) -> None:
    entry = {**ENTRY, "calibrated": TODAY - timedelta(100), "due": TODAY, "drift_per_year": 0.001,
             "drift_source": "history"}  # fmt: skip
    register = Register.model_validate({"schema": 1, "instrument": [entry]})
    records: list[Record] = []
    session = Session(inventory(meter("feed", feed)), SystemClock(), records.append, register)
    try:
        session.open()
        (reading,) = session.handles["feed"].read("power")
    finally:
        session.close()
    assert reading.accuracy is not None
    assert reading.accuracy.drift == pytest.approx(0.001 * 100 / 365.25, rel=0.02)
    assert reading.accuracy.drift_source == f"history, since {TODAY - timedelta(100)}"
    (seen,) = records
    assert isinstance(seen, DeviceSeen)
    assert session.aged(_plain(), Instrument.model_validate(ENTRY)) == _plain()


def _plain() -> Reading:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Reading("power", 1.0, "W", "visa://m P?", "1", at, accuracy=Accuracy(0.1, 0.1, 1.0, "manual"))
