"""One series as columns: times and values in arrays, their hash, and the chunks that they are stored in."""

import hashlib
import sys
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, islice
from operator import lt, sub
from typing import Self

_WIDTH = 8  # bytes of an int64 and of a float64
_LEVEL = 1  # of zlib: the planes of bytes do most of the work


def _no_times() -> Sequence[int]:
    return array("q")


def _no_values() -> Sequence[float]:
    return array("d")


@dataclass(frozen=True, slots=True)
class Column:
    """One series: `times` in ns since 1970 UTC, `values` in `unit`, both in order of time."""

    device: str
    point: str
    unit: str | None
    source: str
    times: Sequence[int] = field(default_factory=_no_times)
    values: Sequence[float] = field(default_factory=_no_values)

    def sha256(self) -> str:
        """Return the hash over the content: int64 ns and float64, little-endian, interleaved."""
        both = array("q", bytes(2 * _WIDTH * len(self.times)))
        both[0::2] = array("q", self.times)
        both[1::2] = array("q", array("d", self.values).tobytes())
        return hashlib.sha256(_little(both)).hexdigest()

    def between(self, begin_ns: int, end_ns: int) -> Self:
        """Return the samples from `begin_ns` to `end_ns`, both included."""
        kept = slice(bisect_left(self.times, begin_ns), bisect_right(self.times, end_ns))
        return replace(self, times=self.times[kept], values=self.values[kept])

    def thinned(self, most: int) -> Self:
        """Return at most `most` samples: the least and the greatest of every stretch, where there are more.

        For drawing alone: the samples that are left have neither the mean nor the hash of the series.
        """
        if len(self.times) <= most:
            return self
        step = -(-2 * len(self.times) // max(2, most))
        kept = array("q")
        for begin in range(0, len(self.times), step):
            stretch = range(begin, min(begin + step, len(self.times)))
            kept.extend(sorted({min(stretch, key=self.values.__getitem__), max(stretch, key=self.values.__getitem__)}))
        times = array("q", map(self.times.__getitem__, kept))
        values = array("d", map(self.values.__getitem__, kept))
        return replace(self, times=times, values=values)


def ordered(times: "array[int]", values: "array[float]") -> "tuple[array[int], array[float]]":
    """Return samples in order of time, of several for one instant the first."""
    if all(map(lt, times, islice(times, 1, None))):
        return times, values
    first: dict[int, float] = {}
    for at, value in zip(times, values, strict=True):
        first.setdefault(at, value)
    kept = sorted(first)
    return array("q", kept), array("d", [first[at] for at in kept])


def packed(times: "array[int]", values: "array[float]") -> bytes:
    """Return a chunk: differences of the times and the values, byte by byte in planes, compressed."""
    steps = array("q", [times[0], *map(sub, islice(times, 1, None), times)])
    return zlib.compress(_planes(_little(steps)) + _planes(_little(values)), _LEVEL)


def unpacked(chunk: bytes) -> "tuple[array[int], array[float]]":
    """Return times and values of a chunk. Raises zlib.error, ValueError where it is damaged."""
    raw = zlib.decompress(chunk)
    if len(raw) % (2 * _WIDTH):
        raise ValueError(f"a chunk of {len(raw)} bytes holds no whole number of samples")
    half = len(raw) // 2
    steps, values = array("q"), array("d")
    steps.frombytes(_rows(raw[:half]))
    values.frombytes(_rows(raw[half:]))
    if sys.byteorder == "big":
        steps.byteswap()
        values.byteswap()
    return array("q", accumulate(steps)), values


def _little(numbers: "array[int] | array[float]") -> bytes:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _planes(raw: bytes) -> bytes:
    """Put first bytes together, then second ones: of like numbers they are alike."""
    return b"".join(raw[n::_WIDTH] for n in range(_WIDTH))


def _rows(planes: bytes) -> bytes:
    count = len(planes) // _WIDTH
    rows = bytearray(len(planes))
    for n in range(_WIDTH):
        rows[n::_WIDTH] = planes[n * count : (n + 1) * count]
    return bytes(rows)
