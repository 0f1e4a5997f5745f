"""Values with their uncertainty, and the few rules by which they combine (JCGM 100).

Limits of error become standard uncertainties as rectangular distributions, u = a/√3. Instruments of one model share
what is wrong with them, so their systematic parts add linearly; independent quantities combine by root sum of squares.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime


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
    """A number with unit, standard uncertainty `u` in the same unit (None where unknown), and where it came from."""

    value: float
    unit: str
    u: float | None = None
    sources: tuple[str, ...] = ()
    window: Window | None = None
    devices: tuple[str, ...] = ()


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
    """Add quantities of one unit; uncertainties add linearly (instruments of a model err together)."""
    parts = list(quantities)
    units = {q.unit for q in parts}
    if len(units) != 1:
        raise ValueError(f"cannot add {sorted(units) or 'nothing'}")
    known = [q.u for q in parts if q.u is not None]
    u = math.fsum(known) if len(known) == len(parts) else None
    return _merged(math.fsum(q.value for q in parts), units.pop(), u, parts)


def ratio(over: Quantity, under: Quantity, unit: str = "1") -> Quantity:
    """Divide; relative uncertainties combine by root sum of squares, and an unknown one makes the result's unknown.

    Raises ZeroDivisionError.
    """
    value = over.value / under.value
    u = None
    if over.u is not None and under.u is not None:
        u = math.hypot(over.u / under.value, value * under.u / under.value)
    return _merged(value, unit, u, [over, under])


def difference(one: Quantity, other: Quantity) -> Quantity:
    """Subtract quantities of one unit that were measured independently."""
    if one.unit != other.unit:
        raise ValueError(f"cannot subtract {other.unit} from {one.unit}")
    u = math.hypot(one.u, other.u) if one.u is not None and other.u is not None else None
    return _merged(one.value - other.value, one.unit, u, [one, other])


def scaled(quantity: Quantity, factor: float, unit: str) -> Quantity:
    """Multiply by an exact `factor`, giving `unit`."""
    u = None if quantity.u is None else abs(factor) * quantity.u
    return replace(quantity, value=quantity.value * factor, unit=unit, u=u)


def _merged(value: float, unit: str, u: float | None, parts: Sequence[Quantity]) -> Quantity:
    sources = tuple(dict.fromkeys(s for q in parts for s in q.sources))
    devices = tuple(dict.fromkeys(d for q in parts for d in q.devices))
    window = next((q.window for q in parts if q.window is not None), None)
    return Quantity(value, unit, u, sources, window, devices)
