"""A power log as it was read: the samples, their channels, and what was wrong with which lines."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from harness.datafile import DataError
from harness.energy.trace import Trace, Watts, Window
from harness.energy.validity import Reason


class LogError(DataError):
    """A power log that cannot be read at all: names the file, the line, what stands there, and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that gave no sample: why, and how many good samples came before it."""

    reason: Reason
    after: int


@dataclass(frozen=True, slots=True)
class PowerLog:
    """What a file said: samples of the power asked for, its channels in W, problems and remarks.

    `column` is what the power is, in the file's words. `seconds_per_unit` is the unit of a bare number that names a
    time. `utc_offset` is what local times were taken to be.
    """

    trace: Trace
    column: str
    problems: tuple[Problem, ...] = ()
    remarks: tuple[Reason, ...] = ()
    channels: Mapping[str, Watts] = field(default_factory=dict)
    seconds_per_unit: float = 1.0
    absolute: bool = True
    utc_offset: timedelta = timedelta(0)

    def known(self, window: Window, *, to_the_end: bool = False, from_the_start: bool = False) -> list[Reason]:
        """Return what was wrong with lines that lie in `window`, and the remarks.

        A line before the first or after the last sample counts where the window is meant to begin or end with the file.
        """
        part = window.touched(self.trace)
        count = len(self.trace)
        begin = -1 if from_the_start else part.start
        end = count + 1 if to_the_end else part.stop
        return [*(p.reason for p in self.problems if begin < p.after < end), *self.remarks]
