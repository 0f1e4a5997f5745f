"""The states that a rack is judged in, and how it gets there and back: idle, full load, soak, and safe at the end.

A state is stayed in once. A workload is started under a time limit on the host itself, so that it ends even when the
station dies; the safe state of this harness is: no workload of ours runs.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from math import fsum
from pathlib import Path
from types import MappingProxyType

from drivers.errors import DriverError
from drivers.workloads.running import Outcome, Work, start
from harness.clock import Clock
from harness.columns import Column
from harness.dwell import Dwell, Expected, Place
from harness.integrating import Registers
from harness.planfile import Duration, Plan
from harness.ranging import RangingRun, Settings
from harness.records import DeviceSampled, Record, SeriesRecorded, StateReached, WorkloadRan
from harness.sampling import Observed, Rate, Sampler, Target, Timing, nanoseconds
from harness.series import SeriesStore, Stay
from harness.session import Handle, Session
from harness.uncertainty import Window
from harness.validity import regularity

WORKLOADS: Mapping[str, str | None] = MappingProxyType({"idle": None, "full": "gpu_burn", "soak": "gpu_burn"})
"""The workload that makes each state, run on every compute host; None where nothing runs."""

WORKING_ROLE = "compute_host"
RANGING = "ranging"
"""The stay in which meters choose their ranges; nothing is judged in it."""

RUN_ON_S = 3.0
"""How much longer than the dwell a workload is to run, s of the station: the window must not see it end."""

ASKED_AT_ONCE = 16
GRACE_S = 20.0
"""How long a workload may go on after its own time is up, s of the station."""

_NOTHING_MORE = Expected()

Progress = Callable[[str], None]
Used = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Running:
    """A workload under way on one host, or the error that kept it from starting."""

    handle: Handle
    workload: str
    work: Work | DriverError


class States:
    """Brings one rack into its states and keeps what was observed there.

    `earlier` are the stays that an earlier process of the same run recorded: theirs stay as they are, for finished
    cases rest on them; a new stay in such a state is called "full-2".
    """

    def __init__(
        self,
        session: Session,
        plan: Plan,
        store: SeriesStore,
        clock: Clock,
        record: Callable[[Record], None],
        attachments: Path,
        progress: Progress = lambda _: None,
        earlier: Iterable[str] = (),
        expected: Expected = _NOTHING_MORE,
        left_to_do: Mapping[str, Settings] | None = None,
        left_counting: Iterable[str] = (),
    ) -> None:
        self._session, self._plan, self._store, self._clock = session, plan, store, clock
        self._record, self._attachments, self._progress = record, attachments, progress
        self._expected = expected
        self._stays = Counter(stay.partition("-")[0] for stay in earlier)
        self._running: list[Running] = []
        self.ranging, self.registers = RangingRun(record, left_to_do), Registers(record, left_counting)
        self._to_range = plan.ranging
        self._dwells: dict[str, Dwell] = {}
        self._broken: dict[str, Exception] = {}

    def dwell(self, state: str, targets: Sequence[Target], used: Used) -> Dwell:
        """Return the stay in `state`: observed now, unless it was before.

        Raises what broke the sampling, also for every later case of this state: it is not stayed in again for each.
        """
        if state in self._broken:
            raise self._broken[state]
        if state not in self._dwells:
            try:
                self._dwells[state] = self._stay(state, targets, used)
            except Exception as error:
                self._broken[state] = error
                raise
        return self._dwells[state]

    def _stay(self, state: str, targets: Sequence[Target], used: Used) -> Dwell:
        self._range()
        self.registers.start(self._session.of_roles(self._plan.registers))
        self.safe()
        self._stays[state] += 1
        stay = state if self._stays[state] == 1 else f"{state}-{self._stays[state]}"
        self._store.clear(stay)
        duration = self._plan.durations[state]
        refreshing = self._refreshing(targets)  # before the workload's time runs: a silent device takes its while
        self._start(state, duration.settle_s + duration.window_s + RUN_ON_S * self._clock.speed)
        window, observed = self._observe(stay, duration, refreshing)
        ran = self._finish(stay)
        places = _places(targets, self._session.of_roles([WORKING_ROLE]))
        dwell = Dwell(window, places, Stay(self._store, stay), observed, ran, used, self._expected)
        self._write_down(duration, dwell, places, observed)
        return dwell

    def _range(self) -> None:
        """Make the ranging run that the plan wants, once: the ranges stay fixed for all that is measured after it."""
        wanted, self._to_range = self._to_range, None
        if wanted is None:
            return
        self.registers.restore(self._session.handles)  # a meter that integrates takes no other range
        self.safe()
        meters = self.ranging.free(self._session.of_roles(wanted.roles))
        self._store.clear(RANGING)
        targets = self._refreshing([Target(h, self._rates_of(h)) for h in meters])
        self._start(wanted.state, wanted.settle_s + wanted.window_s + RUN_ON_S * self._clock.speed)
        self._observe(RANGING, wanted, targets)
        self.ranging.fix(meters, Stay(self._store, RANGING))
        self.safe()

    def _rates_of(self, meter: Handle) -> tuple[Rate, ...]:
        period = self._plan.period(meter.entry.role, "power")
        return (Rate(("power", "voltage_range", "current_range"), period),)

    def restore(self) -> list[str]:
        """Leave every instrument as it was found, and return, a sentence each, what could not be."""
        handles = self._session.handles
        return self.registers.restore(handles) + self.ranging.restore(handles)

    def _observe(self, stay: str, duration: Duration, targets: Sequence[Target]) -> tuple[Window, Observed]:
        with Sampler(stay, targets, self._store, self._clock) as sampler:
            self._wait(f"{stay}: settling", duration.settle_s, sampler)
            begin = sampler.open_window()
            self._wait(f"{stay}: observing", duration.window_s, sampler)
            end = sampler.close_window()
            self._clock.sleep(_to_close(targets))
        return Window(stay, begin, end), sampler.observed

    def _refreshing(self, targets: Sequence[Target]) -> list[Target]:
        """Say of each how often the device has new values, as the plan knows or the device itself says."""
        if not targets:
            return []
        with ThreadPoolExecutor(ASKED_AT_ONCE, "refresh") as pool:
            return list(pool.map(lambda target: replace(target, refresh=self._refresh_of(target.handle)), targets))

    def _refresh_of(self, handle: Handle) -> float | None:
        known = self._plan.refresh_of(handle.entry.role)
        if known is None:
            with suppress(DriverError):  # sampling meets the same error, and counts it
                known = handle.update_interval()
        return known

    def _wait(self, what: str, seconds: float, sampler: Sampler) -> None:
        until = self._clock.monotonic() + seconds
        while (left := until - self._clock.monotonic()) > 0:
            self._progress(f"{what}, {left:.0f} s left")
            self._clock.sleep(min(self._clock.speed, left))
            sampler.check()

    def _start(self, state: str, seconds: float) -> None:
        workload = WORKLOADS[state]
        hosts = self._session.of_roles([WORKING_ROLE])
        if workload is None or not hosts:
            return
        self._progress(f"{state}: starting {workload}")
        with ThreadPoolExecutor(len(hosts), "start") as pool:
            # each is kept as soon as it runs, so that none is forgotten when this is interrupted
            for started in [pool.submit(self._start_one, workload, host, seconds) for host in hosts]:
                started.result()

    def _start_one(self, workload: str, host: Handle, seconds: float) -> None:
        try:
            work: Work | DriverError = start(workload, host.shell(), seconds)
        except DriverError as error:
            work = error
        self._running.append(Running(host, workload, work))

    def _finish(self, stay: str) -> list[WorkloadRan]:
        if not self._running:
            return []
        self._progress(f"{stay}: waiting for the workload to end")
        with ThreadPoolExecutor(len(self._running), "finish") as pool:
            results = list(pool.map(lambda one: self._outcome(stay, one), self._running))
        self._running = []
        for result in results:
            self._record(result)
        return results

    def _outcome(self, stay: str, running: Running) -> WorkloadRan:
        name, work = running.handle.name, running.work
        command = "" if isinstance(work, DriverError) else work.command
        try:
            if isinstance(work, DriverError):
                raise work
            outcome = work.outcome(GRACE_S - work.seconds * (1.0 - 1.0 / self._clock.speed))
        except DriverError as error:
            outcome = Outcome("", {}, "1", verified=False, reason=str(error))
        attachment = ""
        if outcome.output:
            attachment = f"{stay}-{name}-{running.workload}.txt"
            (self._attachments / attachment).write_text(outcome.output, encoding="utf-8")
        return WorkloadRan(
            state=stay,
            device=name,
            workload=running.workload,
            command=command,
            verified=outcome.verified,
            values=outcome.values,
            unit=outcome.unit,
            attachment=attachment,
            reason=outcome.reason,
        )

    def _write_down(self, duration: Duration, dwell: Dwell, places: Iterable[Place], observed: Observed) -> None:
        window = dwell.window
        self._record(StateReached(state=window.state, settle_s=duration.settle_s, begin=window.begin, end=window.end))
        for name, timing in observed.timings.items():
            self._record(_sampled(window.state, name, timing))
        by_name = {place.name: place for place in places}
        begin, end = nanoseconds(window.begin), nanoseconds(window.end)
        for column in self._store.columns(window.state, begin, end):
            self._record(_recorded(dwell, by_name[column.device], column, observed))

    def safe(self) -> None:
        """Stop every workload of ours. Raises DriverError where one cannot be stopped; its time limit ends it then."""
        running, self._running = self._running, []
        works = [one.work for one in running if isinstance(one.work, Work)]
        if not works:
            return
        with ThreadPoolExecutor(len(works), "stop") as pool:
            failures = [error for error in pool.map(_stopped, works) if error]
        if failures:
            raise failures[0]


def _stopped(work: Work) -> DriverError | None:
    try:
        work.stop()
    except DriverError as error:
        return error
    return None


def _places(targets: Sequence[Target], hosts: Sequence[Handle]) -> list[Place]:
    handles = {h.name: h for h in [*(t.handle for t in targets), *hosts]}
    return [Place(h.name, h.entry.role, h.slot, h.entry.owner) for h in handles.values()]


def _to_close(targets: Iterable[Target]) -> float:
    """Return how long to go on after the window, s, so that instruments have a sample beyond its edge."""
    return max((t.period for t in targets if t.handle.entry.owner == "station"), default=0.0)


def _sampled(stay: str, device: str, timing: Timing) -> DeviceSampled:
    late = timing.late
    return DeviceSampled(
        state=stay,
        device=device,
        period_s=timing.period,
        refresh_s=timing.refresh,
        refresh_from=timing.refresh_from,
        deadlines=late.count + timing.missed,
        missed_deadlines=timing.missed,
        failed=timing.failed,
        late_median_s=late.quantile(0.5),
        late_p99_s=late.quantile(0.99),
        late_worst_s=late.worst,
        slowest_s=timing.slowest,
    )


def _recorded(dwell: Dwell, place: Place, column: Column, observed: Observed) -> SeriesRecorded:
    values, key = column.values, (column.device, column.point)
    demands = dwell.demands(place, key)
    regular = regularity(column, demands)
    return SeriesRecorded(
        state=dwell.window.state,
        device=column.device,
        point=column.point,
        unit=column.unit,
        source=column.source,
        count=len(values),
        missed=observed.missed.get(key, 0) + observed.timings[column.device].failed,
        minimum=min(values, default=None),
        mean=fsum(values) / len(values) if values else None,
        maximum=max(values, default=None),
        sha256=column.sha256(),
        period_s=demands.period,
        gaps=regular.gaps,
        largest_gap_s=regular.largest_gap,
        repeated=regular.repeated,
        unchanged_s=regular.unchanged,
        codes=tuple(dict.fromkeys(one.code for one in dwell.findings(place, key, column))),
    )
