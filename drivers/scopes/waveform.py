"""A waveform as it was captured: raw words, what scales them, and a file of both."""

import csv
import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from drivers import scpi
from drivers.errors import Garbled, UsageError

WORD = 1
"""The format of 16-bit samples in a preamble."""

MOST_POINTS = 128 * 1024 * 1024
_LOWEST, _HIGHEST = 0x0100, 0xFF00
"""Words at and beyond these are clipped, or holes in the record: the byte values 0, 1 and 255 of the converter."""


@dataclass(frozen=True, slots=True)
class Preamble:
    """What scales a record: time = (n - x_reference)·x_increment + x_origin, likewise the value of a word."""

    points: int
    x_increment: float
    x_origin: float
    x_reference: float
    y_increment: float
    y_origin: float
    y_reference: float
    raw: str


def preamble(text: str) -> Preamble:
    """Read the ten fields of `:WAVeform:PREamble?`. Raises Garbled.

    >>> preamble("1,0,1000,1,1E-6,-5E-4,0,2.5E-4,0,32768").x_increment
    1e-06
    """
    fields = scpi.fields(text)
    if len(fields) != 10:
        raise Garbled(f"{len(fields)} fields where a preamble has 10", received=text)
    form, _, points, _, *scaling = (scpi.number(field) for field in fields)
    if form != WORD or points != int(points) or not 0 < points <= MOST_POINTS:
        raise Garbled("not a record of 16-bit samples", received=text)
    x_increment, x_origin, x_reference, y_increment, y_origin, y_reference = scaling
    if x_increment <= 0 or y_increment == 0:
        raise Garbled("a scale of no size", received=text)
    return Preamble(int(points), x_increment, x_origin, x_reference, y_increment, y_origin, y_reference, text)


@dataclass(frozen=True, slots=True)
class Trace:
    """One channel of a capture, in `unit`, one sample every `step_s` from `start_s` (0 is the trigger).

    `clipped` counts samples at the end of the converter: what is derived from them is a bound, not a value.
    """

    channel: str
    unit: str
    start_s: float
    step_s: float
    values: "array[float]"
    clipped: int
    source: str
    preamble: str
    at: datetime

    def times(self) -> Iterator[float]:
        """Yield the time of each sample in s, 0 being the trigger."""
        return (self.start_s + n * self.step_s for n in range(len(self.values)))


def scaled(data: bytes, by: Preamble) -> tuple["array[float]", int]:
    """Return the values of big-endian unsigned words, and how many are clipped. Raises Garbled."""
    if len(data) != 2 * by.points:
        raise Garbled(f"{len(data)} bytes where the preamble has {by.points} samples of 2", received=repr(data[:20]))
    words = array("H", data)
    words.byteswap()
    clipped = sum(word <= _LOWEST or word >= _HIGHEST for word in words)
    values = array("d", ((word - by.y_reference) * by.y_increment + by.y_origin for word in words))
    if not all(map(math.isfinite, (values[0], values[-1], max(values), min(values)))):
        raise Garbled("a scale that makes no numbers", received=by.raw)
    return values, clipped


def write_csv(path: Path, traces: Sequence[Trace]) -> None:
    """Write traces of one capture: what they are in lines that begin with #, then a row a sample.

    Raises UsageError where they are not of one time axis, or none.
    """
    axes = {(trace.start_s, trace.step_s, len(trace.values)) for trace in traces}
    if len(axes) != 1:
        raise UsageError("traces of one file are of one capture and one time axis")
    with path.open("w", encoding="utf-8", newline="") as out:
        for trace in traces:
            out.write(f"# channel {trace.channel}: {trace.source}, {trace.at.isoformat()}, ")
            out.write(f"{trace.clipped} clipped, preamble {trace.preamble}\n")
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(["time_s", *(f"channel_{trace.channel}_{trace.unit}" for trace in traces)])
        rows.writerows(_rows(traces))


def _rows(traces: Sequence[Trace]) -> Iterable[tuple[float, ...]]:
    return zip(traces[0].times(), *(trace.values for trace in traces), strict=True)
