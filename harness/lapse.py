"""Time-lapse: a rack whose time runs faster must be emulated as a whole, and this machine must keep up with it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median_low

from harness.clock import Clock
from harness.columns import Column
from harness.datafile import DataError
from harness.sampling import EXCHANGE, Observed, Sampler, Target, nanoseconds
from harness.series import SeriesStore
from harness.session import Session

WARM_S, TRIAL_S = 1.0, 3.0
"""How long everything is read as in the run before its readings count, and how long then, s of this machine."""

MOST_PERIODS = 1.5
"""How many periods may pass from one reading to the next on the average; a run has two as its limit."""

MARGIN = 0.8
"""Share of the speed that was just kept which is proposed."""


def refuse_real(session: Session) -> None:
    """Refuse a rack of which any device does not say that it is emulated. Raises DataError."""
    real = [h.name for h in session.handles.values() if h.identity is not None and not h.identity.emulated]
    if real:
        what = f"{', '.join(real[:3])} did not say on the wire that they are emulated: time cannot run faster there"
        raise DataError(f"{what}; leave out --speed")


def refuse_unkept(targets: Sequence[Target], store: SeriesStore, clock: Clock) -> None:
    """Read the targets as the run will, for some seconds, and refuse a speed that this machine cannot hold.

    Raises DataError with the speed that it can.
    """
    dwell = "trial"
    store.clear(dwell)
    with Sampler(dwell, targets, store, clock) as sampler:
        clock.sleep(WARM_S * clock.speed)
        begin = sampler.open_window()
        clock.sleep(TRIAL_S * clock.speed)
        end = sampler.close_window()
    columns = [c for c in store.columns(dwell, nanoseconds(begin), nanoseconds(end)) if c.point == EXCHANGE]
    store.clear(dwell)
    _demand_kept(targets, intervals(columns, sampler.observed, TRIAL_S * clock.speed), clock.speed)


def intervals(columns: Sequence[Column], observed: Observed, span: float) -> Mapping[str, float]:
    """Return the mean time between two readings of each device within `span` s.

    A device that failed is left out: that is its own doing.
    """
    counted = {c.device: len(c.times) for c in columns if not observed.timings[c.device].failed}
    return {device: span / count for device, count in counted.items()}


def _demand_kept(targets: Sequence[Target], found: Mapping[str, float], speed: float) -> None:
    stretched: dict[str, list[float]] = defaultdict(list)
    for target in targets:
        if target.handle.name in found:
            stretched[target.handle.entry.role].append(found[target.handle.name] / target.period)
    # the middle one of a role: a device that is slow by itself says nothing about this machine
    by_role = {role: median_low(periods) for role, periods in stretched.items()}
    worst = max(by_role, key=lambda role: by_role[role], default=None)
    if worst is not None and by_role[worst] > MOST_PERIODS:
        what = f"this machine cannot hold --speed {speed:g}: {worst} is read every {by_role[worst]:.1f} periods"
        kept = feasible(speed, by_role[worst])
        raise DataError(f"{what}; it can hold about --speed {kept:g}, for the emulated rack and for the run")


def feasible(speed: float, periods: float) -> float:
    """Return the speed at which readings that were so many periods apart come once a period, with a margin; at least 1.

    >>> feasible(1000.0, 4.0)
    200.0
    """
    return max(1.0, float(f"{speed / periods * MARGIN:.2g}"))
