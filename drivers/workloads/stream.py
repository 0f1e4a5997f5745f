"""STREAM 5.x (`stream.c`, and its Fortran, AMD and Intel builds): four kernels, then whether the arrays are right.

MB/s is 10^6 bytes per second (`stream.c`: 1.0E-06 * bytes / mintime). BabelStream prints the same table with
other heads; its MiB and GiB are refused as long as no output of it is at hand.
"""

import re

from drivers.errors import Garbled
from drivers.parsed import Parsed, lines
from drivers.workloads.findings import Findings, no_output_of

_HEAD = re.compile(r"\s*Function\s+(?:Best )?(?:Rate )?\(?(\w+/s(?:ec)?)\)?\s+.*", re.IGNORECASE)
_ROW = re.compile(r"\s*(Copy|Scale|Add|Triad|Mul|Dot):?\s+(\S{1,40})((?:\s+\S{1,40}){1,3})\s*", re.IGNORECASE)
_THREADS = re.compile(r"\s*Number of Threads counted\s*=\s*(\d{1,9})\s*", re.IGNORECASE)
_SIZE = re.compile(r"\s*Array size\s*=\s*(\d{1,18})\b.*", re.IGNORECASE)
_TITLE = re.compile(r"\s*STREAM version\s+(?:\$Revision:\s*)?([\w.]+).*", re.IGNORECASE)
_VALID = re.compile(r"\s*Solution Validates\b", re.IGNORECASE)
_INVALID = re.compile(r"failed validation|validation failed|solution does not|AvgRelAbsErr > epsilon", re.IGNORECASE)
_FACTORS = {"MB/s": "1e6", "MBytes/sec": "1e6"}
_TIME = re.compile(r"\b(Avg|Average|Min|Max)\b", re.IGNORECASE)
_TIMES = {"avg": "average_time", "average": "average_time", "min": "minimum_time", "max": "maximum_time"}


def parse(output: bytes) -> Parsed:
    """Read rates and validation. Raises Garbled where there is no table, or its rates are in an unknown unit."""
    reader = _Reader()
    for line in lines(output):
        reader.line(line)
    return reader.parsed(output)


class _Reader:
    def __init__(self) -> None:
        self.found, self.factor = Findings("stream"), ""
        self.version: str | None = None
        self.times: list[str] = []
        self.rows: dict[str, int] = {}
        self.valid = 0
        self.tables = 0

    def line(self, line: str) -> None:
        if row := _ROW.fullmatch(line):
            self._row(row)
        elif head := _HEAD.fullmatch(line):
            self.tables += 1
            self.factor = _FACTORS.get(head[1], "")
            self.times = [_TIMES[word.lower()] for word in _TIME.findall(line)]
            if not self.factor:
                raise Garbled("rates in a unit that is not known here", received=line.strip())
        elif _VALID.match(line):
            self.valid += 1
        elif _INVALID.search(line):
            self.found.bad(line.strip())
        else:
            self._about(line)

    def _row(self, row: re.Match[str]) -> None:
        if not self.factor:
            raise Garbled("a rate before the heads of the table", received=row[0].strip())
        kernel = row[1].lower()
        self.rows[kernel] = count = self.rows.get(kernel, 0) + 1
        scope = f"kernel[{kernel}]" if count == 1 else f"kernel[{kernel}#{count}]"
        self.found.speed(f"{scope}.rate", row[2], "B/s", self.factor)
        for quantity, raw in zip(self.times, row[3].split(), strict=False):
            self.found.figure(f"{scope}.{quantity}", raw, "s")

    def _about(self, line: str) -> None:
        if found := _THREADS.fullmatch(line):
            self.found.figure("threads", found[1])
        elif found := _SIZE.fullmatch(line):
            self.found.figure("array_size", found[1])
        elif found := _TITLE.fullmatch(line):
            self.version = found[1]

    def parsed(self, output: bytes) -> Parsed:
        if not self.tables and self.version is None:
            raise no_output_of("stream", output)
        if not self.tables or any(self.rows.get(kernel, 0) < self.tables for kernel in ("copy", "add", "triad")):
            self.found.bad("a kernel is missing from the table")
        if self.valid < max(self.tables, 1):
            self.found.bad("it does not say that the solution validates")
        return self.found.parsed(self.version)
