"""Columns of time and power, and the stretch of them that a window touches."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]
Watts = npt.NDArray[np.float64]

NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Trace:
    """Samples of one power: times in ns of any one clock, power in W."""

    times_ns: Times
    power_w: Watts

    def __post_init__(self) -> None:
        if self.times_ns.shape != self.power_w.shape or self.times_ns.ndim != 1:
            raise ValueError(f"{self.times_ns.shape} times and {self.power_w.shape} powers: want as many of each")

    def __len__(self) -> int:
        return len(self.times_ns)


def of_seconds(times_s: npt.ArrayLike, power_w: npt.ArrayLike) -> Trace:
    """Make a trace of times in s. Raises ValueError where a time is not finite.

    >>> len(of_seconds([0, 1, 2], [10, 20, 30]))
    3
    """
    return Trace(to_ns(np.asarray(times_s, dtype=np.float64), 1.0), np.asarray(power_w, dtype=np.float64))


def to_ns(values: Watts, seconds_per_unit: float) -> Times:
    """Turn times in units of `seconds_per_unit` s into ns; times beyond a million seconds are rounded to µs.

    A float64 of an epoch time holds no ns: without rounding, equal times written alike would differ from exact ones.
    Raises ValueError where a time is not finite or too large for 64 bits.
    """
    if not np.isfinite(values).all():
        raise ValueError("a time is not finite")
    largest = float(np.max(np.abs(values), initial=0.0)) * seconds_per_unit
    if largest > 9e9:
        raise ValueError(f"a time of {largest:g} s does not fit into 64 bits of ns")
    step = 1000 if largest > 1e6 else 1
    return np.rint(values * (seconds_per_unit * NS_PER_S / step)).astype(np.int64) * step


@dataclass(frozen=True, slots=True)
class Window:
    """From `begin_ns` to `end_ns`: `inclusive` uses a sample that lies on an edge, `strict` does not.

    The strict window is MLPerf Inference's: power_begin < t < power_end (mlcommons/inference, power_check.py).
    Energy runs from edge to edge under both names.
    """

    begin_ns: int
    end_ns: int
    kind: str = "inclusive"

    def __post_init__(self) -> None:
        if self.kind not in WINDOWS:
            raise ValueError(f"unknown window {self.kind!r}; known: {', '.join(WINDOWS)}")

    @property
    def seconds(self) -> float:
        """Return the length in s."""
        return (self.end_ns - self.begin_ns) / NS_PER_S

    def used(self, trace: Trace) -> slice:
        """Return the samples that this window uses; times must not run backwards."""
        first, last = ("left", "right") if self.kind == "inclusive" else ("right", "left")
        begin = int(np.searchsorted(trace.times_ns, self.begin_ns, first))  # type: ignore[call-overload]
        return slice(begin, max(begin, int(np.searchsorted(trace.times_ns, self.end_ns, last))))  # type: ignore[call-overload]

    def touched(self, trace: Trace) -> slice:
        """Return the samples in the window and the nearest one beyond each edge that has none on it."""
        begin = int(np.searchsorted(trace.times_ns, self.begin_ns, "right")) - 1
        end = int(np.searchsorted(trace.times_ns, self.end_ns, "left")) + 1
        return slice(max(0, begin), max(0, min(len(trace), end)))


WINDOWS = ("inclusive", "strict")


def whole(trace: Trace, kind: str = "inclusive") -> Window:
    """Return the window from the first to the last sample. Raises ValueError where there is none."""
    if not len(trace):
        raise ValueError("no sample, so no window")
    return Window(int(trace.times_ns[0]), int(trace.times_ns[-1]), kind)
