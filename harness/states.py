"""The states that a rack is judged in, and how it gets there and back: idle, full load, soak, and safe at the end.

A state is stayed in once. A workload is started under a time limit on the host itself, so that it ends even when the
station dies; the safe state of this harness is: no workload of ours runs.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from drivers.errors import DriverError
from drivers.points import Clock
from drivers.workloads import running as workloads
from harness.dwell import Dwell, Place
from harness.planfile import Duration, Plan
from harness.records import Record, SeriesRecorded, StateReached, WorkloadRan
from harness.sampling import Observed, Sampler, Target, nanoseconds
from harness.series import Column, SeriesStore
from harness.session import Handle, Session
from harness.uncertainty import Window

WORKLOADS: Mapping[str, str | None] = MappingProxyType({"idle": None, "full": "gpu_burn", "soak": "gpu_burn"})
"""The workload that makes each state, run on every compute host; None where nothing runs."""

WORKING_ROLE = "compute_host"
RUN_ON_S = 3.0
"""How much longer than the dwell a workload is to run, s: the window must not see it end."""

GRACE_S = 20.0
"""How long a workload may go on after its own time is up, s."""

Progress = Callable[[str], None]


@dataclass(slots=True)
class Running:
    """A workload under way on one host, or the error that kept it from starting."""

    handle: Handle
    work: workloads.Work | None
    error: DriverError | None = None


class States:
    """Brings one rack into its states and keeps what was observed there."""

    def __init__(
        self,
        session: Session,
        plan: Plan,
        store: SeriesStore,
        clock: Clock,
        record: Callable[[Record], None],
        attachments: Path,
        progress: Progress = lambda _: None,
    ) -> None:
        self._session, self._plan, self._store, self._clock = session, plan, store, clock
        self._record, self._attachments, self._progress = record, attachments, progress
        self._running: list[Running] = []
        self._dwells: dict[str, Dwell] = {}

    def dwell(self, state: str, targets: Sequence[Target], used: Callable[[str], None]) -> Dwell:
        """Return the stay in `state`: observed now, unless it was before. Raises what broke the sampler."""
        if state not in self._dwells:
            self._dwells[state] = self._stay(state, self._plan.durations[state], targets, used)
        return self._dwells[state]

    def _stay(self, state: str, duration: Duration, targets: Sequence[Target], used: Callable[[str], None]) -> Dwell:
        self.safe()
        self._store.clear(state)
        self._start(state, duration.settle_s + duration.window_s + RUN_ON_S)
        with Sampler(state, targets, self._store, self._clock) as sampler:
            self._wait(f"{state}: settling", duration.settle_s)
            begin = self._clock.now()
            self._wait(f"{state}: observing", duration.window_s)
            end = self._clock.now()
        ran = self._finish(state)
        window = Window(state, begin, end)
        columns = self._store.columns(state, nanoseconds(begin), nanoseconds(end))
        self._write_down(state, duration, window, columns, sampler.observed)
        return Dwell(window, _places(targets, self._running_places()), columns, sampler.observed, ran, used)

    def _running_places(self) -> list[Handle]:
        return self._session.of_roles([WORKING_ROLE])

    def _wait(self, what: str, seconds: float) -> None:
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            self._progress(f"{what}, {left:.0f} s left")
            self._clock.sleep(min(1.0, left))

    def _start(self, state: str, seconds: float) -> None:
        workload = WORKLOADS[state]
        if workload is None:
            return
        self._progress(f"{state}: starting {workload}")
        hosts = self._session.of_roles([WORKING_ROLE])
        if hosts:
            with ThreadPoolExecutor(len(hosts), "start") as pool:
                self._running = list(pool.map(lambda host: _started(workload, host, seconds), hosts))

    def _finish(self, state: str) -> list[WorkloadRan]:
        if not self._running:
            return []
        self._progress(f"{state}: waiting for the workload to end")
        with ThreadPoolExecutor(len(self._running), "finish") as pool:
            results = list(pool.map(lambda one: self._outcome(state, one), self._running))
        self._running = []
        for result in results:
            self._record(result)
        return results

    def _outcome(self, state: str, running: Running) -> WorkloadRan:
        workload = WORKLOADS[state] or ""
        name, work = running.handle.name, running.work
        attachment = self._attachments / f"{state}-{name}-{workload}.txt"
        try:
            if work is None:
                raise running.error or DriverError("the workload did not start")
            result = work.outcome(GRACE_S)
            attachment.write_text(result.output, encoding="utf-8")
            values, unit, verified, reason = result.values, result.unit, result.verified, result.reason
        except DriverError as error:
            values, unit, verified, reason = {}, "1", False, str(error)
        return WorkloadRan(
            state=state,
            device=name,
            workload=workload,
            command=work.command if work else "",
            verified=verified,
            values=values,
            unit=unit,
            attachment=attachment.name if attachment.exists() else "",
            reason=reason,
        )

    def _write_down(
        self, state: str, duration: Duration, window: Window, columns: Sequence[Column], observed: Observed
    ) -> None:
        reached = StateReached(state=state, settle_s=duration.settle_s, begin=window.begin, end=window.end)
        self._record(reached)
        for column in columns:
            self._record(_recorded(state, column, observed))

    def safe(self) -> None:
        """Stop every workload of ours. Raises DriverError where one cannot be stopped; its time limit ends it then."""
        running, self._running = self._running, []
        failures = []
        for one in running:
            try:
                if one.work is not None:
                    one.work.stop()
            except DriverError as error:
                failures.append(error)
        if failures:
            raise failures[0]


def _started(workload: str, host: Handle, seconds: float) -> Running:
    try:
        return Running(host, workloads.start(workload, host.shell(), seconds))
    except DriverError as error:
        return Running(host, None, error)


def _places(targets: Sequence[Target], hosts: Sequence[Handle]) -> list[Place]:
    handles = {h.name: h for h in [*(t.handle for t in targets), *hosts]}
    return [Place(h.name, h.entry.role, h.slot) for h in handles.values()]


def _recorded(state: str, column: Column, observed: Observed) -> SeriesRecorded:
    values = column.values
    return SeriesRecorded(
        state=state,
        device=column.device,
        point=column.point,
        unit=column.unit,
        source=column.source,
        count=len(values),
        missed=observed.missed.get((column.device, column.point), 0) + observed.failed.get(column.device, 0),
        minimum=min(values, default=None),
        mean=sum(values) / len(values) if values else None,
        maximum=max(values, default=None),
        sha256=column.sha256(),
    )
