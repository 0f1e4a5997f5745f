import json
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import inventory
from harness.clock import SystemClock
from harness.records import CaseInvalidated, DeviceSeen, RunEnd, RunResumed, SeriesRecorded
from harness.series import read as read_series
from harness.session import Session
from tests.harness.emulating import Station, rack
from tests.servers import wait_until


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with rack(tmp_path_factory.mktemp("rack")) as file:
        yield file


def test_killed_again_and_again_it_is_finished_without_repeating_anything(served: Path, tmp_path: Path) -> None:
    station = Station(tmp_path)
    go_on = station.begin(served)
    ended: list[tuple[set[str], Counter[str]]] = []
    for part, (moment, missing) in enumerate(
        [
            ("INV-003", "PWR-001 "),
            ("idle: observing", "PWR-001 was interrupted"),
            ("full: settling", "PWR-002 was interrupted"),
        ],
        1,
    ):
        assert station.stop_at(moment, signal.SIGKILL, *go_on) == -signal.SIGKILL
        assert len([r for r in station.records if isinstance(r, RunResumed)]) == part - 1
        report = station.call("report", str(station.run_folder))
        assert report.returncode == 0
        assert "INCOMPLETE" in report.stdout
        assert missing in "\n".join(station.result.open_points())
        go_on = ["resume", str(station.run_folder)]
        ended.append((set(station.ended()), station.begun()))
    done = station.call(*go_on)
    assert done.returncode == 0, done.stdout + done.stderr
    run = station.result
    assert run.verdict == "ACCEPTED"
    assert set(station.ended().values()) == {1}
    for finished, begun in ended:
        assert {case: station.begun()[case] for case in finished} == {case: begun[case] for case in finished}
    assert station.begun()["PWR-001"] >= 2
    assert [s.state for s in run.states] == ["idle", "full"]
    whole_series(station)


def whole_series(station: Station) -> None:
    """Every series in the journal is on disk with the content that was hashed."""
    run = station.result
    windows = {s.state: s for s in run.states}
    for state, window in windows.items():
        columns = {(c.device, c.point): c for c in read_series(station.run_folder / "series", state)}
        for recorded in [s for s in run.series if s.state == state]:
            column = columns[recorded.device, recorded.point]
            inside = column.between(*(round(at.timestamp() * 1e6) * 1_000 for at in (window.begin, window.end)))
            assert (len(inside.times), inside.sha256()) == (recorded.count, recorded.sha256)
    assert any(isinstance(r, SeriesRecorded) for r in station.records)


def test_what_rested_on_a_changed_tray_and_nothing_else_is_done_again(tmp_path: Path) -> None:
    station = Station(tmp_path)
    with rack(tmp_path / "rack") as file:
        station.stop_at("full: settling", signal.SIGKILL, *station.begin(file))
    before = {r.name: r for r in station.records if isinstance(r, DeviceSeen)}
    ends = {c.planned.case: c for c in station.result.cases.values() if c.finished}
    with rack(tmp_path / "rack", "tray05.wrong_firmware", "tray07.wrong_serial"):
        done = station.call("resume", str(station.run_folder))
    after = {r.name: r for r in station.records if isinstance(r, DeviceSeen)}
    changed = {n for n in before if (before[n].serial, before[n].firmware) != (after[n].serial, after[n].firmware)}
    assert {n for n in changed if "05" in n}
    assert {n for n in changed if "07" in n}
    gone = {r.case for r in station.records if isinstance(r, CaseInvalidated)}
    assert gone == {name for name, case in ends.items() if changed & set(case.devices)}
    assert gone
    assert {n for n, count in station.ended().items() if count > 1} == gone
    assert done.returncode == 1
    failed = {c.planned.number for c in station.result.of("fail")}
    assert failed == {"INV-002", "INV-003"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_stopped_in_mid_dwell_it_leaves_no_workload(number: int, served: Path, tmp_path: Path) -> None:
    station = Station(tmp_path, full_s=60)
    assert station.stop_at("full: observing", number, *station.begin(served)) == 3
    assert station.records[-2] == RunEnd(safe=True, message="the run was stopped")
    assert any("PWR-002 was interrupted" in point for point in station.result.open_points())
    assert not list((station.run_folder / "attachments").iterdir())
    session = Session(inventory.load(served), SystemClock(), lambda _: None)
    try:
        host = session.of_roles(["compute_host"])[3]

        def idles() -> bool:
            powers = [r.value for r in host.read("gpu[*].power")]
            return all(isinstance(p, float | int) and p < 500 for p in powers)

        wait_until(idles, "the GPUs to idle", 15)
    finally:
        session.close()


@pytest.fixture(scope="module")
def killed(served: Path, tmp_path_factory: pytest.TempPathFactory) -> Station:
    station = Station(tmp_path_factory.mktemp("killed"))
    station.stop_at("PWR-001", signal.SIGKILL, *station.begin(served))
    return station


def test_another_rack_cannot_finish_the_run(served: Path, killed: Station) -> None:
    before = sorted(p.name for p in killed.run_folder.iterdir())
    other = served.with_name("other.toml")
    other.write_text(served.read_text().replace("GA-000123", "GA-000999"))
    refused = killed.call("resume", str(killed.run_folder), "--rack", str(other))
    assert refused.returncode == 2
    assert "another rack is another run" in refused.stderr
    assert sorted(p.name for p in killed.run_folder.iterdir()) == before


@pytest.mark.parametrize("kind", ["text", "html", "junit", "json"])
def test_a_report_of_a_killed_run_says_what_is_missing(kind: str, killed: Station) -> None:
    done = killed.call("report", str(killed.run_folder), "--format", kind)
    assert done.returncode == 0
    assert "PWR-002" in done.stdout
    if kind == "json":
        assert json.loads(done.stdout)["verdict"] == "INCOMPLETE"
