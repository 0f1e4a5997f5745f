"""One stay of the rack in one state, and the traces that cases take from its window."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from drivers import scpi
from drivers.errors import DriverError, NoReading, Silent
from drivers.points import Accuracy, Reading
from harness import validity
from harness.columns import Column
from harness.measuring import Fact
from harness.records import Owner, WorkloadRan
from harness.sampling import EXCHANGE, Key, Observed, nanoseconds
from harness.trace import InvalidWindow, NotObservable, Total, Trace
from harness.uncertainty import Window
from harness.validity import MOST_CLOCK_STEP_S, MOST_PERIODS_BETWEEN_SAMPLES, Calibrations, Demands, Finding

__all__ = ["Dwell", "Expected", "InvalidWindow", "NotObservable", "Place", "Total", "Trace"]


@dataclass(frozen=True, slots=True)
class Place:
    """A device as a dwell knows it."""

    name: str
    role: str
    slot: str
    owner: Owner = "rack"


LONGEST_STALL_S = 1.0
"""How long the station may stand still where the rack's time runs faster than its own, s of the station: what it misses
then is many periods."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What windows are held to besides their cover.

    `counts` says how many devices of a role the generation has, `stale_after` of role and point how long, s, a value
    may rest (None for ever), `calibrations` why a device's calibration does not hold at a time (None where it does).
    `stall` is how long the station may stand still, s, where the rack's time runs faster than its own.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    stale_after: Callable[[str, str], float | None] = lambda _role, _point: None
    calibrations: Calibrations = validity.uncalibrated
    stall: float = 0.0


_NOTHING_MORE = Expected()


class Dwell:
    """A stay in one state. Patterns are `role.point` or `device.point`: `*` is anything, brackets are themselves.

    `columns` may reach beyond the window on both sides; they are looked up only when a case asks for them.
    """

    def __init__(
        self,
        window: Window,
        places: Sequence[Place],
        columns: Mapping[Key, Column],
        observed: Observed,
        workloads: Sequence[WorkloadRan],
        used: Callable[[str], None] = lambda _: None,
        expected: Expected = _NOTHING_MORE,
    ) -> None:
        self.window = window
        self._begin, self._end = nanoseconds(window.begin), nanoseconds(window.end)
        self._places = {place.name: place for place in places}
        self._columns, self._observed, self._workloads = columns, observed, workloads
        self._used, self._expected = used, expected

    def each(self, pattern: str) -> list[Trace]:
        """Return the trace of every point that the pattern names, in the order of the inventory.

        Raises InvalidWindow where a device gave too little, or nothing, to decide on.
        """
        devices, point = self._chosen(pattern)
        found = [trace for place in devices for trace in self._traces_of(place, point)]
        if not found:
            raise InvalidWindow("", "too_few_samples", f"nothing was sampled for {pattern!r}")
        return found

    def total(self, pattern: str) -> Total:
        """Return the sum over every point that the pattern names.

        Raises InvalidWindow, also where devices of the role are missing or two of the channels are one.
        """
        self._demand_all(pattern.partition(".")[0])
        traces = self.each(pattern)
        columns = [Column(t.device, t.point, t.unit, t.source, t.times, t.values) for t in traces]
        for one, other in validity.duplicates(columns):
            said = f"{one.device}.{one.point} and {other.device}.{other.point} gave the same {len(one.values)} samples"
            raise InvalidWindow(other.device, "duplicate_channel", said)
        return Total(tuple(traces))

    def _demand_all(self, role: str) -> None:
        wanted, here = self._expected.counts.get(role), sum(p.role == role for p in self._places.values())
        if wanted is not None and here < wanted:
            said = f"{here} devices of role {role} were observed, the generation has {wanted}"
            raise InvalidWindow("", "device_count_short", said)

    def one(self, pattern: str) -> Trace:
        """Return the only trace that the pattern names. Raises InvalidWindow, ValueError where there are several."""
        (trace,) = self.each(pattern)
        return trace

    def texts(self, pattern: str) -> list[tuple[str, Fact]]:
        """Return every different text that the points of a pattern gave in this dwell, each with slot and point.

        Raises InvalidWindow where a device gave none, or none any more at the end.
        """
        devices, point = self._chosen(pattern)
        found = []
        for place in devices:
            self._demand_answers(place)
            keys = self._named(self._observed.texts, place, point)
            self._demand_fresh(place, keys)
            said = [reading for key in keys for reading in self._observed.texts[key].values()]
            found += [(f"{place.slot} {r.name.partition('.')[0]}", _fact(r, self.window)) for r in said]
        return found

    def missed(self, pattern: str) -> list[tuple[Place, Reading]]:
        """Return the points of a pattern that had no value at least once, with the last reading that says why."""
        devices, point = self._chosen(pattern)
        reasons = self._observed.reasons
        return [(place, reasons[key]) for place in devices for key in self._named(reasons, place, point)]

    def workload(self, device: str) -> WorkloadRan:
        """Return what the workload of this state came to on a host. Raises InvalidWindow where it did not run there."""
        self._used(device)
        for ran in self._workloads:
            if ran.device == device:
                return ran
        raise InvalidWindow("", "too_few_samples", f"no workload ran on {device}")

    @property
    def workloads(self) -> list[WorkloadRan]:
        """What the workloads of this state came to, host by host."""
        for ran in self._workloads:
            self._used(ran.device)
        return list(self._workloads)

    def _chosen(self, pattern: str) -> tuple[list[Place], str]:
        device, _, point = pattern.partition(".")
        chosen = [p for p in self._places.values() if fnmatchcase(p.role, device) or fnmatchcase(p.name, device)]
        # what the station measures of the rack rests on everything that works in it
        whole = any(place.owner == "station" for place in chosen)
        for place in self._places.values() if whole else chosen:
            self._used(place.name)
        return chosen, point

    def _named(self, keys: Iterable[Key], place: Place, point: str) -> list[Key]:
        wanted = point.replace("[", "[[]")
        own = [key for key in keys if key[0] == place.name and fnmatchcase(key[1], wanted)]
        return [key for key in own if point == EXCHANGE or key[1] != EXCHANGE]

    def _traces_of(self, place: Place, point: str) -> list[Trace]:
        self._demand_answers(place)
        for key in self._named(self._observed.reasons, place, point):
            self._demand_values(place, key)
        return [self._trace(place, key) for key in self._named(self._columns, place, point)]

    def _demand_values(self, place: Place, key: Key) -> None:
        """Refuse a point that never had a value, or was over its range: what is left out then are its peaks."""
        reading = self._observed.reasons[key]
        over = (reading.reason or "").startswith(scpi.OVER) and reading.at >= self.window.begin
        if key in self._columns and not over:
            return
        address, _, sent = reading.source.partition(" ")
        error = NoReading(reading.reason or "no reading", address=address, sent=sent, received=reading.raw)
        said = f"{place.name}.{key[1]} gave no value: {reading.reason}"
        raise InvalidWindow(place.name, "overrange" if over else "no_value", said, error)

    def _demand_answers(self, place: Place) -> None:
        known = any(device == place.name for device, _ in self._observed.latest)
        if not known and place.name in self._observed.errors:
            said = f"{place.name} did not answer in this window"
            raise InvalidWindow(place.name, "too_few_samples", said, self._error(place.name))

    def _demand_fresh(self, place: Place, keys: Sequence[Key]) -> None:
        """Refuse texts that stopped coming: a device that fell silent would be judged by what it once said."""
        for key in keys:
            allowed = max(MOST_PERIODS_BETWEEN_SAMPLES * self._observed.period(key), self._expected.stall)
            age = (self.window.end - self._observed.latest[key].at).total_seconds()
            if age > allowed:
                reason = f"{place.name}.{key[1]}: last text {age:.1f} s before the window's end"
                reason += f" (allowed {allowed:.1f} s)"
                raise InvalidWindow(place.name, "window_not_covered", reason, self._error(place.name))

    def _trace(self, place: Place, key: Key) -> Trace:
        wide = self._columns[key]
        column, accuracy = wide.between(self._begin, self._end), self._observed.accuracy(key, self._begin, self._end)
        self._demand_valid(place, key, column)
        first, last = bisect_left(wide.times, column.times[0]), bisect_left(wide.times, column.times[-1])
        before = (wide.times[first - 1], wide.values[first - 1]) if first else None
        after = (wide.times[last + 1], wide.values[last + 1]) if last + 1 < len(wide.times) else None
        return Trace(
            place.name, place.slot, key[1], column.unit or "1", column.source, self.window, column.times, column.values,
            accuracy, self._blurs(column), before, after,
        )  # fmt: skip

    def _blurs(self, column: Column) -> list[float]:
        """Return half the length of the exchange of each sample, s: its time is known to ± that."""
        key = (column.device, EXCHANGE)
        if key not in self._columns:
            return []
        exchanges = self._columns[key]
        took = dict(zip(exchanges.times, exchanges.values, strict=True))
        return [took.get(at, 0.0) / 2 for at in column.times]

    def demands(self, place: Place, key: Key) -> Demands:
        """Return what the samples of one series must meet to decide anything."""
        accuracy = self._observed.accuracy(key, self._begin, self._end)
        return Demands(
            self._begin,
            self._end,
            self._observed.period(key),
            _error_at_zero(accuracy),
            self._expected.stale_after(place.role, key[1]),
            self._observed.range_changes(key),
            self._expected.stall,
        )

    def findings(self, place: Place, key: Key, column: Column) -> list[Finding]:
        """Return what is wrong with the samples of one series in this window, and with the window itself."""
        found = validity.findings(column, self.demands(place, key))
        if abs(self._observed.clock_step) > MOST_CLOCK_STEP_S:
            said = f"the station's clock was stepped by {self._observed.clock_step:.3g} s"
            found.append(Finding("clock_offset", said))
        if (expired := self._expected.calibrations(place.name, self.window.end)) is not None:
            found.append(Finding("calibration_expired", expired))
        return found

    def _demand_valid(self, place: Place, key: Key, column: Column) -> None:
        found = self.findings(place, key, column)
        if not found:
            return
        said = "; ".join(dict.fromkeys(one.what for one in found))
        further = tuple(dict.fromkeys(one.code for one in found[1:] if one.code != found[0].code))
        error = self._error(place.name) or self._slowness(place.name)
        raise InvalidWindow(place.name, found[0].code, f"{place.name}.{column.point}: {said}", error, further)

    def _slowness(self, device: str) -> DriverError | None:
        """Return the error that a device is when it takes longer to answer than it is asked; else it is the station."""
        timing = self._observed.timings[device]
        latest = next((r for (name, _), r in self._observed.latest.items() if name == device), None)
        if timing.slowest < timing.period or latest is None:
            return None
        address, _, sent = latest.source.partition(" ")
        said = f"took {timing.slowest:.1f} s to answer, asked every {timing.period:g} s"
        return Silent(said, address=address, sent=sent)

    def _error(self, device: str) -> DriverError | None:
        return self._observed.errors.get(device)


def _error_at_zero(accuracy: Accuracy | None) -> float:
    """Return the limit of error at zero, in the point's unit."""
    return accuracy.of_range * accuracy.range if accuracy else 0.0


def _fact(reading: Reading, window: Window) -> Fact:
    return Fact(reading.value or "", (reading.source,), reading.raw, window=window)
