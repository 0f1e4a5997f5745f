"""A ranging run on an emulated rack: ranges are found, fixed for all that is measured, and left as they were."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from drivers.errors import DeviceRefused
from harness import inventory, ranging
from harness.clock import SystemClock
from harness.integrating import Registers, left_counting
from harness.ranging import RangingRun, Settings, left_to_do
from harness.records import Note, RangesSet, Record, RegisterSet, SeriesRecorded
from harness.session import Handle, Session
from tests.harness.emulating import Station, rack
from tests.harness.racks import inventory as inventory_of
from tests.harness.racks import meter, replies
from tests.servers import scpi_server

WIDE = Settings(600.0, 20.0, voltage_auto=False, current_auto=False)
PLAN = """schema = 1
name = "ranged"
order = ["INV-002", "PWR-001"]
registers = ["feed_meter"]
[durations]
idle = { settle_s = 0.5, window_s = 3 }
[sampling]
feed_meter = 0.5
[ranging]
settle_s = 4
window_s = 2
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with rack(tmp_path_factory.mktemp("rack")) as file:
        yield file


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path)
    (tmp_path / "short.toml").write_text(PLAN)
    return made


@contextmanager
def meters(rack: Path) -> Iterator[list[Handle]]:
    session = Session(inventory.load(rack), SystemClock(), lambda _: None)
    try:
        yield session.of_roles(["feed_meter"])
    finally:
        session.close()


def steps(station: Station, device: str) -> list[tuple[str, float, bool]]:
    said = [r for r in station.records if isinstance(r, RangesSet) and r.device == device]
    return [(r.step, r.current_range, r.current_auto) for r in said]


def registers(station: Station) -> list[tuple[str, str]]:
    return [(r.device, r.step) for r in station.records if isinstance(r, RegisterSet)]


def test_ranges_are_those_that_full_load_needs_and_then_as_they_were(served: Path, station: Station) -> None:
    with meters(served) as found:
        for one in found:
            ranging.apply(one, WIDE)
    done = station.call(*station.begin(served))
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("feed_a", "feed_b"):
        assert steps(station, name) == [("found", 20.0, False), ("fixed", 1.0, False), ("restored", 20.0, False)]
    assert registers(station) == [(f"feed_{x}", step) for step in ("started", "reset") for x in "ab"]
    with meters(served) as found:
        assert all(WIDE.like(ranging.settings(one)) for one in found)
        assert [one.read("integration_state")[0].value for one in found] == ["RESET", "RESET"]
    assert not any(s.codes for s in station.records if isinstance(s, SeriesRecorded))
    assert station.result.states[0].state == "idle"


def test_what_a_killed_run_left_is_restored_by_the_one_that_goes_on(served: Path, station: Station) -> None:
    with meters(served) as found:
        ranging.apply(found[0], WIDE)
    assert station.stop_at("idle: observing", signal.SIGKILL, *station.begin(served)) == -signal.SIGKILL
    assert steps(station, "feed_a")[-1] == ("fixed", 1.0, False)
    assert left_to_do(station.result.ranges)["feed_a"] == WIDE
    assert left_counting(station.result.registers) == ["feed_a", "feed_b"]
    done = station.call("resume", str(station.run_folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert steps(station, "feed_a")[-1] == ("restored", 20.0, False)
    assert left_counting(station.result.registers) == []
    with meters(served) as found:
        assert WIDE.like(ranging.settings(found[0]))


Served = Callable[..., tuple[Handle, list[Record], RangingRun]]


@pytest.fixture
def scripted() -> Iterator[Served]:
    """A meter of fixed replies: it takes every setting without a word, and does not change."""
    with ExitStack() as closing:

        def serve(**changed: bytes) -> tuple[Handle, list[Record], RangingRun]:
            said: dict[str, bytes | None] = {**replies(), **changed}
            session = Session(inventory_of(meter("m", closing.enter_context(scpi_server(said)))), SystemClock(), _drop)
            closing.callback(session.close)
            records: list[Record] = []
            return session.handles["m"], records, RangingRun(records.append)

        yield serve


def _drop(_: Record) -> None:
    """Nobody keeps this record."""


def test_a_setting_that_does_not_take_is_refused(scripted: Served) -> None:
    handle, records, run = scripted()
    with pytest.raises(DeviceRefused, match="the ranges did not take"):
        ranging.apply(handle, WIDE)
    assert run.free([handle]) == []
    assert [type(r) for r in records] == [RangesSet, Note]
    assert run.restore({"m": handle}) == []  # it is as it was found
    assert isinstance(records[-1], RangesSet)
    assert records[-1].step == "restored"


def test_a_meter_that_tells_no_range_is_noted_and_left_alone(scripted: Served) -> None:
    handle, records, run = scripted(**{":INP:CURR:RANG?": b"NAN\n"})
    assert run.free([handle]) == []
    (note,) = records
    assert isinstance(note, Note)
    assert "m was not ranged" in note.text
    assert run.restore({"m": handle}) == []


def test_a_register_that_holds_a_result_is_left_alone(scripted: Served) -> None:
    handle, records, _ = scripted()  # its integration is stopped
    started = Registers(records.append)
    started.start([handle])
    (note,) = records
    assert isinstance(note, Note)
    assert "the register holds a result (STOP), which is not ours to reset" in note.text
    assert started.restore({"m": handle}) == []


def test_a_register_that_counts_already_is_left_to_count(scripted: Served) -> None:
    handle, records, _ = scripted(**{":INTEG:STAT?": b"START\n"})
    started = Registers(records.append)
    started.start([handle])
    assert (records, started.restore({"m": handle})) == ([], [])


def test_what_cannot_be_put_back_is_told(scripted: Served) -> None:
    handle, records, _ = scripted(**{":INTEG:STAT?": b"RESET\n"})
    started = Registers(records.append)
    started.start([handle])
    assert started.restore({"m": handle}) == []
    again, records, _ = scripted(**{":INTEG:STAT?": b"START\n"})
    (failed,) = Registers(records.append, ["m"]).restore({"m": again})
    assert "the energy register of m is not as it was found" in failed
    assert "not at its reset but at START" in failed
