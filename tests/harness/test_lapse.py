"""Time-lapse: two clocks that agree, a machine that keeps up or is told what it can, and a verdict that says so."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drivers.points import Reading
from harness import clock, planfile
from harness.clock import LapsedClock, SystemClock
from harness.columns import Column
from harness.datafile import DataError
from harness.lapse import feasible, intervals, refuse_real, refuse_unkept
from harness.records import RunEnd
from harness.sampling import Observed, Rate, Target, Timing
from harness.series import SeriesStore
from harness.turns import Turns
from tests.harness.journals import ran, read, seen, start, stated, write

PLAN = """schema = 1
name = "lapsed"
order = ["INV-004", "PWR-001"]
[durations]
idle = { settle_s = 20, window_s = 60 }
"""
REHEARSED = PLAN + "[rehearsal]\ndefault_period_s = 10\nsampling = { feed_meter = 4 }\n"
ACCEPTED = 0
USAGE = 2


def call(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "harness.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL)


def test_two_clocks_with_the_same_epoch_show_the_same_time() -> None:
    real = SystemClock()
    one, other = (LapsedClock(100.0, real.unix() - 60.0) for _ in range(2))
    assert abs(one.unix() - other.unix()) < 10.0
    assert one.unix() - real.unix() == pytest.approx(60.0 * 99.0, abs=20.0)


def test_a_fast_clock_waits_a_fraction_of_what_it_is_told() -> None:
    fast, real = LapsedClock(1000.0, 0.0), SystemClock()
    before, begun = fast.monotonic(), real.monotonic()
    fast.sleep(50.0)
    assert not fast.wait(threading.Event(), 50.0)
    assert fast.monotonic() - before >= 100.0
    assert real.monotonic() - begun < 5.0


def test_a_rack_of_the_ordinary_speed_keeps_the_machines_time() -> None:
    assert isinstance(clock.keeping(1.0, 0.0), SystemClock)


def test_who_came_first_goes_first() -> None:
    turns, order, begun = Turns(1), list[int](), list[threading.Thread]()

    def go(number: int) -> None:
        with turns:
            order.append(number)

    with turns:
        for number in range(4):
            begun.append(threading.Thread(target=go, args=(number,)))
            begun[-1].start()
            while len(turns._waiting) <= number:
                pass
    for thread in begun:
        thread.join()
    assert order == [0, 1, 2, 3]


def test_intervals_leave_out_what_failed_by_itself() -> None:
    columns = [Column(d, "power", "W", "x", [1, 2, 3, 4], [0.0] * 4) for d in ("a", "b")]
    observed = Observed(timings={d: Timing(15.0) for d in ("a", "b")})
    observed.timings["b"].failed = 1
    assert intervals(columns, observed, 60.0) == {"a": 15.0}


def test_what_can_be_held_is_never_less_than_time_itself() -> None:
    assert feasible(2.0, 50.0) == 1.0


@pytest.mark.parametrize(
    ("ended", "emulated", "verdict"),
    [
        ("pass", True, "REHEARSAL"),
        ("fail", True, "REJECTED"),
        ("error", True, "INCOMPLETE"),
        ("pass", False, "INCOMPLETE"),
    ],
)
def test_only_what_would_be_accepted_is_a_rehearsal(tmp_path: Path, ended: str, emulated: bool, verdict: str) -> None:
    fast = start().model_copy(update={"speed": 300.0, "epoch": 1.0})
    records = [fast, stated("PWR-001"), seen(emulated=emulated), *ran("PWR-001", ended), RunEnd(safe=True)]
    assert read(write(tmp_path, records)).verdict == verdict


def test_a_plan_without_periods_cannot_be_rehearsed(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(PLAN)
    with pytest.raises(DataError, match=r"states no \[rehearsal\] periods"):
        planfile.load(tmp_path / "plan.toml").rehearsed()


def test_a_rehearsed_plan_reads_at_the_periods_that_it_states(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(REHEARSED)
    plan = planfile.load(tmp_path / "plan.toml").rehearsed()
    assert (plan.period("feed_meter"), plan.period("switch")) == (4.0, 10.0)


def test_a_rack_in_fast_time_is_rehearsed_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(REHEARSED)
    words = ["--plan", str(tmp_path / "plan.toml"), "--runs", str(tmp_path / "runs"), "--speed", "20", "--json"]
    done = call("demo", *words)
    assert done.returncode == ACCEPTED, done.stderr
    result = json.loads(done.stdout)
    assert (result["verdict"], result["emulated"]) == ("REHEARSAL", True)
    report = json.loads((Path(result["run"]) / "reports" / "report.json").read_text())
    assert report["start"]["speed"] == 20.0
    assert "its time ran 20 times faster" in (Path(result["run"]) / "reports" / "report.txt").read_text()


def test_a_speed_that_is_not_the_racks_is_refused(tmp_path: Path) -> None:
    rack = tmp_path / "rack.toml"
    rack.write_text('schema = 1\nserial = "X"\ngeneration = "gen-a"\nstation = "s"\n')
    done = call("run", "soak-24h", "--rack", str(rack), "--runs", str(tmp_path / "runs"), "--speed", "300")
    assert done.returncode == USAGE
    assert "rackproof emulate --speed 300" in done.stderr


def test_an_emulator_asked_for_too_much_says_what_it_can(tmp_path: Path) -> None:
    done = call("emulate", "gen-a", "--out", str(tmp_path / "rack"), "--speed", "10000")
    assert done.returncode == USAGE
    assert "the physics can hold about" in done.stderr


def session(**emulated: bool) -> Any:
    """A session whose devices said whether they are emulated."""
    handles = {n: SimpleNamespace(name=n, identity=SimpleNamespace(emulated=e)) for n, e in emulated.items()}
    return SimpleNamespace(handles=handles | {"out": SimpleNamespace(name="out", identity=None)})


def test_time_runs_fast_only_where_everything_is_emulated() -> None:
    refuse_real(session(tray=True, feed=True))
    with pytest.raises(DataError, match="feed did not say on the wire"):
        refuse_real(session(tray=True, feed=False))


class Handle:
    """A device that takes some seconds of this machine to answer."""

    entry = SimpleNamespace(role="meter", owner="rack")
    time: LapsedClock

    def __init__(self, takes_s: float) -> None:
        self.name, self._takes, self._clock = "slow", takes_s, SystemClock()

    def read(self, *_: str) -> list[Reading]:
        self._clock.sleep(self._takes)
        fast = self.time.now()
        return [Reading("power", 1.0, "W", "x", "1", fast, None)]


@pytest.mark.parametrize(("takes_s", "kept"), [(0.001, True), (0.2, False)])
def test_a_speed_that_cannot_be_held_is_refused_with_the_one_that_can(
    tmp_path: Path, takes_s: float, kept: bool
) -> None:
    fast = LapsedClock(50.0, SystemClock().unix())
    handle: Any = Handle(takes_s)
    handle.time = fast
    targets = [Target(handle, (Rate(("power",), 4.0),))]
    with SeriesStore(tmp_path) as store:
        if kept:
            refuse_unkept(targets, store, fast)
        else:
            with pytest.raises(DataError, match=r"cannot hold --speed 50: .* it can hold about --speed 1\d"):
                refuse_unkept(targets, store, fast)
        assert not list(store.columns("trial"))
