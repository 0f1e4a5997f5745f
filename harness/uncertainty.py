"""Values with their uncertainty, and the few rules by which they combine (JCGM 100).

Limits of error become standard uncertainties as rectangular distributions, u = a/√3. Instruments of one model share
what is wrong with them, so their systematic parts add linearly; independent quantities combine by root sum of squares.
A quantity brings the contributions to its uncertainty along, each seen through the sensitivity of what was computed
(`harness.budget`); one whose `u` is known but not what it is made of is a single contribution.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from harness.budget import Contribution, combined, coverage_factor, effective_dof, repeated

_UNDIVIDED = "not broken down"
"""Group of what is known only as a whole: it may be wrong in the same direction as its like."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a figure was taken from, and the state that the rack was in."""

    state: str
    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """Return the length in s."""
        return (self.end - self.begin).total_seconds()


def instant(at: datetime) -> Window:
    """Return the window of a single reading."""
    return Window("", at, at)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with unit, standard uncertainty `u` in the same unit (None where unknown), and where it came from.

    `contributions` are what `u` is made of, where that is known.
    """

    value: float
    unit: str
    u: float | None = None
    sources: tuple[str, ...] = ()
    window: Window | None = None
    devices: tuple[str, ...] = ()
    contributions: tuple[Contribution, ...] = field(default=(), compare=False)

    @property
    def budget(self) -> tuple[Contribution, ...]:
        """Return the contributions to `u`: the whole as one where it is not broken down, none where it is unknown.

        Contributions that do not amount to `u`, because that was set by other means, are not what it is made of.
        """
        if not self.u or not math.isfinite(self.u):
            return ()
        if self.contributions and math.isclose(combined(self.contributions), self.u, rel_tol=1e-9):
            return self.contributions
        name = ", ".join(self.devices) or "the value"
        return (Contribution(f"{name}: as given", self.u, source=_first(self.sources), group=_UNDIVIDED),)

    @property
    def dof(self) -> float:
        """Return the effective degrees of freedom of `u`."""
        return effective_dof(self.budget)

    @property
    def k(self) -> float:
        """Return the coverage factor for about 95 % (95.45 %): 2 where nothing scatters."""
        return coverage_factor(self.dof)


def quantity(
    value: float, unit: str, contributions: Iterable[Contribution], origin: Quantity | None = None
) -> Quantity:
    """Return a quantity with the uncertainty that its contributions combine to; the rest is as in `origin`."""
    parts = tuple(contributions)
    like = origin or Quantity(value, unit)
    return replace(like, value=value, unit=unit, u=combined(parts), contributions=parts)


def _first(sources: Sequence[str]) -> str:
    more = len(sources) - 1
    return f"{sources[0]}{f' and {more} more' if more > 0 else ''}" if sources else ""


def rectangular(limit_of_error: float) -> float:
    """Return the standard uncertainty of ±`limit_of_error`, in its unit.

    >>> round(rectangular(24.011), 3)
    13.863
    """
    return limit_of_error / math.sqrt(3)


def of_mean(samples: Sequence[float], systematic: float | None) -> float | None:
    """Return the standard uncertainty of the mean: the instrument's part and the scatter of the samples.

    None where the instrument's part is unknown: scatter alone would promise too much.
    """
    if systematic is None:
        return None
    n = len(samples)
    if n < 2:
        return systematic
    mean = math.fsum(samples) / n
    variance = math.fsum((s - mean) ** 2 for s in samples) / (n - 1)
    return math.hypot(systematic, math.sqrt(variance / n))


def total(quantities: Iterable[Quantity]) -> Quantity:
    """Add quantities of one unit; what their instruments may get wrong alike adds linearly, scatter does not."""
    parts = list(quantities)
    units = {q.unit for q in parts}
    if len(units) != 1:
        raise ValueError(f"cannot add {sorted(units) or 'nothing'}")
    return _merged(math.fsum(q.value for q in parts), units.pop(), [(q, 1.0) for q in parts])


def mean_of(runs: Iterable[Quantity]) -> Quantity:
    """Return the mean of repeated runs of one unit: what they may all get wrong stays, their scatter is added.

    Raises ValueError where there is none.
    """
    parts = list(runs)
    summed = total(parts)
    mean = scaled(summed, 1 / len(parts), summed.unit)
    if mean.u is None or len(parts) < 2:
        return mean
    scatter = repeated("repeatability", [q.value for q in parts], source=f"{len(parts)} runs")
    return quantity(mean.value, mean.unit, (*mean.budget, scatter), mean)


def difference(one: Quantity, other: Quantity) -> Quantity:
    """Subtract quantities of one unit; nothing cancels, also where one instrument measured both."""
    if one.unit != other.unit:
        raise ValueError(f"cannot subtract {other.unit} from {one.unit}")
    return _merged(one.value - other.value, one.unit, [(one, 1.0), (other, -1.0)])


def product(one: Quantity, other: Quantity, unit: str) -> Quantity:
    """Multiply, giving `unit`, to first order (GUM 5.1.2)."""
    return _merged(one.value * other.value, unit, [(one, other.value), (other, one.value)])


def ratio(over: Quantity, under: Quantity, unit: str = "1") -> Quantity:
    """Divide; relative uncertainties combine by root sum of squares, and an unknown one makes the result's unknown.

    Raises ZeroDivisionError.
    """
    value = over.value / under.value
    return _merged(value, unit, [(over, 1 / under.value), (under, -value / under.value)])


def scaled(quantity: Quantity, factor: float, unit: str) -> Quantity:
    """Multiply by an exact `factor`, giving `unit`."""
    u = None if quantity.u is None else abs(factor) * quantity.u
    parts = tuple(c.seen_through(factor) for c in quantity.contributions)
    return replace(quantity, value=quantity.value * factor, unit=unit, u=u, contributions=parts)


Seen = tuple[Quantity, float]
"""An input and the sensitivity of the result to it."""


def _merged(value: float, unit: str, seen: Sequence[Seen]) -> Quantity:
    parts = [q for q, _ in seen]
    sources = tuple(dict.fromkeys(s for q in parts for s in q.sources))
    devices = tuple(dict.fromkeys(d for q in parts for d in q.devices))
    window = next((q.window for q in parts if q.window is not None), None)
    merged = Quantity(value, unit, None, sources, window, devices)
    if any(_unknown(q) or not math.isfinite(sensitivity) for q, sensitivity in seen):
        return merged
    return quantity(value, unit, _propagated(seen), merged)


def _unknown(q: Quantity) -> bool:
    return q.u is None or not math.isfinite(q.u)


def _propagated(seen: Sequence[Seen]) -> tuple[Contribution, ...]:
    return tuple(c.seen_through(sensitivity) for q, sensitivity in seen for c in q.budget)
