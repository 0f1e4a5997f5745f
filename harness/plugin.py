"""The pytest side: cases from the inventory, order from the plan, verdicts to the journal.

Inert without `--rack`. Collection does no I/O on any wire; the rack is connected when the first case is about to run,
and brought to its safe state after the last, whatever happened in between.
"""

from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import pytest

from harness import clock, hookspecs, lapse
from harness.cases import CaseInfo
from harness.datafile import DataError
from harness.dwell import Dwell
from harness.execution import CaseRun, Execution, Files
from harness.journal import JournalError
from harness.measuring import CaseFailed, CaseMeasure
from harness.rack import Rack, RackDevice
from harness.records import PlanStated, UnplannedCase
from harness.runfolder import Inputs
from harness.sampling import Rate, Target
from harness.selection import case_id, info_of, planned, select

FILES = pytest.StashKey[Files]()
PLAN = pytest.StashKey["PlanUnderWay"]()
MEASURE = pytest.StashKey[CaseMeasure]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the files of a run."""
    group = parser.getgroup("rackproof")
    group.addoption("--rack", type=Path, help="inventory file of the rack to test")
    group.addoption("--plan", type=Path, help="plan file")
    group.addoption("--profile", type=Path, help="profile file of the rack's generation")
    group.addoption("--run-folder", type=Path, help="folder of this run; one with a journal is gone on with")
    group.addoption("--speed", type=float, help="how many times faster the rack's time runs (default: as it does)")
    group.addoption("--operator", default="", help="who is at the station")


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hooks of our own."""
    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    """Read the files of a run before anything is collected."""
    if config.getoption("--rack") is None:
        return
    if config.getoption("--plan") is None or config.getoption("--profile") is None:
        raise pytest.UsageError("--rack needs --plan and --profile")
    inputs = Inputs(config.getoption("--rack"), config.getoption("--plan"), config.getoption("--profile"))
    try:
        config.stash[FILES] = Files.load(inputs)
        _refuse_other_speed(config.getoption("--speed"), config.stash[FILES])
    except DataError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[PLAN] = PlanUnderWay(config)
    config.pluginmanager.register(config.stash[PLAN], "rackproof-plan")


def _refuse_other_speed(asked: float | None, files: Files) -> None:
    """Refuse a speed that is not the rack's: nobody rehearses without having asked for it, nor the other way round."""
    speed = files.inventory.speed
    if asked is not None and asked != speed:
        what = f"{files.inputs.rack}: the time of this rack runs {speed:g} times as fast, not {asked:g}"
        fix = f"use --speed {speed:g}" if speed != 1.0 else f"begin it with `rackproof emulate --speed {asked:g}`"
        raise DataError(f"{what}; {fix}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Repeat a case for every device that it is about."""
    info = getattr(metafunc.function, "rackproof", None)
    if info is None or info.each is None or FILES not in metafunc.config.stash:
        return
    names = [device.name for device in info.devices(metafunc.config.stash[FILES].inventory)]
    metafunc.parametrize("device", names or [None], ids=names or ["none"], indirect=True)


class PlanUnderWay:
    """The plan as pytest goes through it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config, self.files = config, config.stash[FILES]
        self.left_out: list[UnplannedCase] = []
        self.items: list[pytest.Item] = []
        self.execution: Execution | None = None
        self.done = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the plan's cases in the plan's order."""
        try:
            selection = select(items, self.files.plan, self.files.profile, self.files.inventory)
        except DataError as error:
            raise pytest.UsageError(f"{error}\n{self.files.inputs}") from error
        items[:] = selection.items
        self.items, self.left_out = selection.items[:], selection.left_out
        for item in items:
            item.extra_keyword_matches.add(case_id(item))  # so that -k "PWR-001" finds it

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Remember what the command line took out of the plan."""
        for item in items:
            why = UnplannedCase(case=case_id(item), why="deselected", reason="deselected on the command line")
            self.left_out.append(why)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Open the rack around all cases."""
        if self.config.option.collectonly or session.testsfailed:
            return (yield)
        message = "the run was stopped"
        try:
            self._open(session)
            result = yield
            message = ""
        finally:
            if self.execution:
                self.execution.close(message)
        return result

    def _open(self, session: pytest.Session) -> None:
        folder = self.config.getoption("--run-folder")
        if folder is None:
            raise pytest.UsageError("--rack needs --run-folder to run; `rackproof run` makes one")
        operator = self.config.getoption("--operator")
        time = clock.keeping(self.files.inventory.speed, self.files.inventory.epoch)
        execution = Execution(self.files, folder, time, operator, self._progress)
        stated = PlanStated(
            cases=tuple(planned(i, self.files.profile) for i in session.items), left_out=tuple(self.left_out)
        )
        try:
            execution.open()
        except (DataError, JournalError) as error:
            raise pytest.UsageError(str(error)) from error
        self.execution = execution
        execution.state_plan(stated)
        if time.speed != 1.0:
            self._demand_time_lapse(execution, time)
        finished = execution.finished()
        self.done = len(finished)
        self.total = len(session.items)
        session.items[:] = [item for item in session.items if case_id(item) not in finished]
        self.config.hook.pytest_rackproof_planned(cases=[planned(item) for item in session.items])

    def _demand_time_lapse(self, execution: Execution, time: clock.Clock) -> None:
        try:
            lapse.refuse_real(execution.session)
            self._progress(f"trying whether this machine holds the speed {time.speed:g}")
            states = dict.fromkeys(s for item in self.items if (info := info_of(item)) for s in info.states)
            found = [_targets(self, state) for state in states]
            busiest = max(found, key=lambda targets: sum(len(r.patterns) for t in targets for r in t.rates), default=[])
            lapse.refuse_unkept(busiest, execution.store, time)
        except DataError as error:
            execution.note(str(error))
            raise pytest.UsageError(str(error)) from error

    def _progress(self, text: str) -> None:
        self.config.hook.pytest_rackproof_progress(text=text)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Begin and end the case around its set-up, call and teardown."""
        execution = self.running
        case = execution.begin(case_id(item))
        result = yield
        if MEASURE in item.stash:
            case.measured, case.failures = item.stash[MEASURE].count, item.stash[MEASURE].failures
        end = execution.end(case)
        self.done += 1
        told = self.config.hook.pytest_rackproof_case_ended
        told(case=planned(item), end=end, done=self.done, planned=self.total)
        return result

    @property
    def running(self) -> Execution:
        """The execution, which is there while cases run."""
        if self.execution is None:
            raise RuntimeError("no case runs before the rack is open")
        return self.execution

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Raise everything that a case measured outside its limits, when its body is over."""
        result = yield
        if MEASURE in item.stash and item.stash[MEASURE].failures:
            raise CaseFailed(item.stash[MEASURE].failures)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Hand what a phase raised to the case."""
        report = yield
        case = self.running.current
        if case is not None and call.excinfo is not None:
            _take(case, call.excinfo.value)
        return report


def _take(case: CaseRun, error: BaseException) -> None:
    if isinstance(error, pytest.skip.Exception):
        case.skipped = str(error)
        return
    case.fail_with(error)


def _plan(request: pytest.FixtureRequest) -> PlanUnderWay:
    plan = request.config.stash.get(PLAN, None)
    if plan is None:
        raise pytest.UsageError("cases need --rack, --plan and --profile; use `rackproof run`")
    return plan


@pytest.fixture
def rack(request: pytest.FixtureRequest) -> Rack:
    """The rack under test."""
    execution = _plan(request).running
    return Rack(execution.files.inventory, execution.files.profile, execution.session, execution.touch)


@pytest.fixture
def device(request: pytest.FixtureRequest, rack: Rack) -> RackDevice:
    """The device that this repetition of the case is about."""
    return rack.device(request.param)


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> CaseMeasure:
    """Judge a value by a limit of the profile."""
    execution = _plan(request).running
    seen: Callable[..., Any] = request.config.hook.pytest_rackproof_measured
    profile, record = execution.files.profile, execution.journal.append
    measuring = CaseMeasure(
        case_id(request.node),
        profile,
        record,
        lambda m: seen(measurement=m),
        execution.files.plan.role,
        execution.distrust,
    )
    request.node.stash[MEASURE] = measuring
    return measuring


@pytest.fixture
def beside(request: pytest.FixtureRequest) -> Dwell:
    """The stay in the state that the case compares its own with; comes before it."""
    return _dwell(request, lambda info: info.beside)


@pytest.fixture
def dwell(request: pytest.FixtureRequest) -> Dwell:
    """The stay in the case's state, which its set-up brings about unless an earlier case did."""
    if "beside" in request.fixturenames:
        request.getfixturevalue("beside")
    return _dwell(request, lambda info: info.state)


def _dwell(request: pytest.FixtureRequest, wanted: Callable[[CaseInfo], str | None]) -> Dwell:
    plan = _plan(request)
    info = info_of(request.node)
    state = None if info is None else wanted(info)
    if state is None:
        raise pytest.UsageError(f"{request.node.nodeid} asks for a dwell and states no state for it")
    return plan.running.dwell(state, _targets(plan, state))


def _targets(plan: PlanUnderWay, state: str) -> list[Target]:
    """Collect what all cases of a state need to be sampled, device by device."""
    wanted: dict[str, dict[str, None]] = {}
    for item in plan.items:
        info = info_of(item)
        if info is not None and state in info.states:
            for need in info.needs:
                wanted.setdefault(need.role, {})[need.point] = None
    handles = plan.running.session.of_roles(wanted)
    return [Target(h, _rates(plan, h.entry.role, wanted[h.entry.role])) for h in handles]


def _rates(plan: PlanUnderWay, role: str, points: Iterable[str]) -> tuple[Rate, ...]:
    """Put points of a role together that the plan wants read at one rate."""
    by_period: dict[float, list[str]] = {}
    for point in points:
        by_period.setdefault(plan.files.plan.period(role, point), []).append(point)
    return tuple(Rate(tuple(patterns), period) for period, patterns in by_period.items())
