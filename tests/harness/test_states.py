from pathlib import Path
from typing import Any, cast

import pytest

from drivers.errors import Silent
from drivers.workloads.running import Work
from harness.execution import Execution, Files
from harness.records import PlanStated, RunEnd, StateReached
from harness.runfolder import Inputs
from harness.session import Handle
from harness.states import Running
from tests.harness.clocks import HandClock
from tests.harness.journals import read
from tests.harness.mini import Mini
from tests.harness.racks import entry


class Job:
    """A job on a host that can be stopped, or not."""

    def __init__(self, error: Exception | None = None) -> None:
        self.command, self.output, self.stopped = "burn", "", 0
        self._error = error

    def stop(self) -> None:
        self.stopped += 1
        if self._error:
            raise self._error


def running(name: str, job: Job) -> Running:
    def unread(*_: object) -> Any:
        raise AssertionError("nobody reads a workload that is stopped")

    handle = Handle(entry(name), cast("Any", None))
    return Running(handle, "gpu_burn", Work(cast("Any", job), 60.0, unread))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def execution(tmp_path: Path, clock: HandClock) -> Execution:
    Mini(tmp_path).write("")
    for name in ("series", "attachments"):
        (tmp_path / "run" / name).mkdir(parents=True)
    files = Files.load(Inputs(tmp_path / "rack.toml", tmp_path / "plan.toml", tmp_path / "profile.toml"))
    opened = Execution(files, tmp_path / "run", clock, "", lambda _: None)
    opened.open()
    opened.state_plan(PlanStated(cases=(), left_out=()))
    return opened


def test_every_workload_is_stopped_even_where_one_cannot_be(execution: Execution) -> None:
    jobs = [Job(), Job(Silent("still running", address="ssh://tray03")), Job()]
    execution.states._running = [running(f"host{n}", job) for n, job in enumerate(jobs)]
    execution.close()
    assert [job.stopped for job in jobs] == [1, 1, 1]
    run = read(execution.folder)
    assert isinstance(run.end, RunEnd)
    assert not run.end.safe
    assert "ssh://tray03: still running" in run.end.message
    assert run.verdict == "INCOMPLETE"


def test_safe_forgets_what_it_has_stopped(execution: Execution) -> None:
    job = Job()
    execution.states._running = [running("host", job)]
    execution.states.safe()
    execution.close("the run was stopped")
    assert job.stopped == 1
    assert read(execution.folder).end == RunEnd(safe=True, message="the run was stopped")


def test_a_state_is_stayed_in_once(execution: Execution, clock: HandClock) -> None:
    dwells = [execution.dwell("idle", []) for _ in range(3)]
    assert dwells[0] is dwells[1] is dwells[2]
    assert clock.seconds == pytest.approx(0.6)
    other = execution.dwell("soak", [])
    execution.close()
    assert [s.state for s in read(execution.folder).states] == ["idle", "soak"]
    assert other.window.seconds == pytest.approx(0.3)


def test_a_later_process_keeps_the_stays_of_an_earlier_one(execution: Execution, clock: HandClock) -> None:
    execution.dwell("idle", [])
    execution.close()
    later = Execution(execution.files, execution.folder, clock, "", lambda _: None)
    later.open()
    assert later.dwell("idle", []).window.state == "idle-2"
    later.close()
    reached = [s for s in read(execution.folder).states if isinstance(s, StateReached)]
    assert [s.state for s in reached] == ["idle", "idle-2"]


def test_sampling_that_broke_is_not_tried_for_every_case(execution: Execution, clock: HandClock) -> None:
    (execution.folder / "series" / "samples.sqlite").unlink()
    execution.store.close()
    for _ in range(2):
        with pytest.raises(Exception, match="closed database"):
            execution.dwell("idle", [])
    assert clock.seconds == 0.0
    execution.close()
