"""nvbandwidth (github.com/NVIDIA/nvbandwidth): bandwidth between host and GPUs, as text or as JSON (`-j`).

`output.cpp`, `json_output.cpp` of version 0.5 to 0.8: read. GB/s is 10^9 bytes per second. A test that the machine
cannot run is `Waived`: that is skipped, not passed.
"""

import re
from collections.abc import Iterable

from drivers.errors import Garbled
from drivers.parsed import Parsed, lines
from drivers.workloads.findings import ABSENT, Findings, no_output_of
from drivers.workloads.json_output import documents, handed_over, listing, mapping, names, taken, word, written

_RUNNING = re.compile(r"Running (\w{1,120})\.?\s*", re.ASCII)
_UNIT = re.compile(r".*\((GB/s|ns)\)\s*")
_SUM = re.compile(r"SUM (\w{1,120}) (\S{1,40})\s*", re.ASCII)
_HEADS = re.compile(r"\s+\d{1,6}(?:\s+\d{1,6})*\s*", re.ASCII)
_CELLS = re.compile(r"\s*(\d{1,6})((?:\s+(?:\d{1,15}\.\d{1,9}|N/A|nan|-nan|inf))+)\s*", re.ASCII)
_VERSION = re.compile(r"nvbandwidth Version:\s*v?(\S{1,40})\s*")
_ERROR = re.compile(r"\b(?:error|failed|failure|mismatch|invalid)\b|CUDA_ERROR", re.IGNORECASE)
_UNITS = {"GB/s": ("bandwidth", "B/s", "1e9"), "ns": ("latency", "s", "1e-9")}
_KEYS = names("nvbandwidth version error warning testcases name status bandwidth_description bandwidth_matrix sum")
_HALF_DIGIT = 0.0051
"""Half of the last digit of a value printed with two, and a little."""


def parse(output: bytes) -> Parsed:
    """Read matrices and sums. Raises Garbled where there is neither version nor test."""
    if output.lstrip()[:1] == b"{":
        return _parse_json(output)
    reader = _Reader()
    for line in lines(output):
        reader.line(line)
    return reader.parsed(output)


class _Reader:
    def __init__(self) -> None:
        self.found = Findings("nvbandwidth")
        self.version: str | None = None
        self.test, self.unit = "", ""
        self.columns: list[str] = []
        self.rows: list[tuple[str, list[str]]] = []
        self.tests = self.waived = 0
        self.note = False

    def line(self, line: str) -> None:
        word = line.strip()
        if found := _RUNNING.fullmatch(word):
            self._begin(found[1])
        elif word.startswith("Waived"):
            self.waived, self.test = self.waived + 1, ""
        elif found := _SUM.fullmatch(word):
            self._sum(found[1], found[2])
        elif self.test and (found := _CELLS.fullmatch(line)):
            self.rows.append((found[1], found[2].split()))
        elif self.test and _HEADS.fullmatch(line):
            self.columns = line.split()
        elif self.test and (found := _UNIT.fullmatch(word)):
            self.unit = found[1]
        else:
            self._about(word)

    def _about(self, word: str) -> None:
        if found := _VERSION.fullmatch(word):
            self.version = found[1]
        elif word.startswith("NOTE:"):
            self.note = self.tests > 0 and not self.test
        elif _ERROR.search(word):
            self.found.bad(word)

    def _begin(self, test: str) -> None:
        self._require_ended()
        self.test, self.unit, self.columns, self.rows = test, "", [], []
        self.tests += 1

    def _require_ended(self) -> None:
        if self.test:
            self.found.bad(f"{self.test} has no sum")

    def _sum(self, test: str, raw: str) -> None:
        if test != self.test:
            raise Garbled(f"the sum of {test} within {self.test or 'no test'}", received=raw)
        if any(len(row) != len(self.columns) for _, row in self.rows):
            raise Garbled(f"{test}: a row that does not fit its columns")
        places = [
            (f"{row},{column}", raw)
            for row, cells in self.rows
            for column, raw in zip(self.columns, cells, strict=True)
        ]
        _write(self.found, test, self.unit, places, raw, _HALF_DIGIT)
        self.test = ""

    def parsed(self, output: bytes) -> Parsed:
        if self.version is None and not self.tests:
            raise no_output_of("nvbandwidth", output)
        self._require_ended()
        if not self.tests:
            self.found.bad("no test was run")
        if self.waived:
            self.found.unverified(f"{self.waived} tests were waived: the machine cannot run them")
        if not self.note:
            self.found.unverified("the note at the end is not there: other tests may have followed")
        return self.found.parsed(self.version)


def _write(
    found: Findings, test: str, unit: str, places: Iterable[tuple[str, str]], total: str, rounding: float
) -> None:
    if unit not in _UNITS:
        raise Garbled(f"{test}: neither in GB/s nor in ns", received=unit)
    quantity, base, factor = _UNITS[unit]
    added, largest, count = 0.0, 0.0, 0
    for key, raw in places:
        if raw in ABSENT:
            found.missing(f"{test}[{key}].{quantity}", base, raw, "there is no such pair")
            continue
        value = found.speed(f"{test}[{key}].{quantity}", raw, base, factor)
        added, largest, count = added + (value or 0.0), max(largest, value or 0.0), count + 1
    scale = float(factor)
    told = found.speed(f"{test}.sum", total, base, factor)
    if not count:
        found.bad(f"{test}: there is no value in its matrix")
    elif told is not None and abs(told - added) > scale * rounding * (count + 1) + 1e-5 * largest * count:
        found.bad(f"{test}: its sum {total} is not that of its matrix")


def _parse_json(output: bytes) -> Parsed:
    found = Findings("nvbandwidth")
    trim = handed_over(
        _KEYS, frozenset({"name", "status"}), lambda test: _test(found, word(test["name"], "name"), test)
    )
    report = mapping(next(document for document, _ in documents(output, trim)), "the output")
    if "nvbandwidth" not in report:
        raise no_output_of("nvbandwidth", output)
    report = mapping(report["nvbandwidth"], "nvbandwidth")
    if report.get("error"):
        found.bad(f"error: {report['error']}")
    if report.get("warning"):
        found.unverified(f"warning: {report['warning']}")
    if not taken(report.get("testcases") or [], "testcases"):
        found.bad("no test was run")
    version = report.get("version")
    return found.parsed(word(version, "version").removeprefix("v") if version is not None else None)


def _test(found: Findings, name: str, test: dict[str, object]) -> None:
    status = word(test.get("status"), f"{name}: status")
    found.state(f"{name}.status", status)
    if status == "Waived":
        found.unverified(f"{name} was waived: the machine cannot run it")
        return
    if status != "Passed":
        found.bad(f"{name}: {status}")
    if test.get("error"):
        found.bad(f"{name}: {test['error']}")
    if "bandwidth_matrix" in test:
        told = _UNIT.fullmatch(word(test.get("bandwidth_description"), f"{name}: description"))
        rows = [listing(row, f"{name}: a row") for row in listing(test["bandwidth_matrix"], f"{name}: matrix")]
        places = [(f"{r},{c}", _cell(value)) for r, row in enumerate(rows) for c, value in enumerate(row)]
        _write(found, name, told[1] if told else "", places, written(test.get("sum"), f"{name}: sum"), 0.0)
    elif status == "Passed":
        found.bad(f"{name}: it has no matrix")


def _cell(value: object) -> str:
    if not isinstance(value, str):
        raise Garbled("a cell that is neither a number nor N/A", received=repr(value)[:200])
    return str(value)
