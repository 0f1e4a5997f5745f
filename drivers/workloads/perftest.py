"""perftest (github.com/linux-rdma/perftest): `ib_write_bw` and `ib_read_lat`, as text or JSON (`--out_json`).

Heads and units from `src/perftest_parameters.h` (read). `MB/sec` is 2^20 bytes per second, `Gb/sec` 10^9 bits (the
divisors 0x100000 and 125000000 of `perftest_parameters.h`: recalled, and every recorded message rate agrees).
The JSON does not name the unit of a bandwidth: it follows from message size times message rate, or is not read.
Both ends may print into one file; of two rows for a size the worse counts.
"""

import re
from typing import Any

from drivers.errors import Garbled
from drivers.parsed import Parsed, lines
from drivers.workloads.findings import Findings, no_output_of, number
from drivers.workloads.json_output import documents, listing, mapping, wanted, written

_TITLE = re.compile(
    r"\s*(?:RDMA_)?(?:Send|Write|Read|Atomic)\S* (?:Post List )?(?:BW|Latency|Bidirectional BW)\b.*Test\b.*"
)
_HEAD = re.compile(r"\s*#bytes\s+(?:#sl\s+)?#iterations\s.*", re.ASCII)
_COLUMN = re.compile(r"\s*([^\[\]]{1,60}?)\s*\[([^\[\]]{1,20})\]")
_ROW = re.compile(r"\s*\d{1,15}\s+\d{1,15}(?:\s+\S{1,40}){1,12}\s*", re.ASCII)
_RULE = re.compile(r"\s*-{20,}\s*")
_ERROR = re.compile(
    r"couldn't|could not|failed|failure|unable to|\berror\b|completion with|below|wrong|mismatch|segmentation",
    re.IGNORECASE,
)
_NOT_SURE = re.compile(r"Conflicting CPU frequency|CPU Frequency is not max", re.IGNORECASE)
_MIB, _GBIT = str(2**20), "125000000"
_UNITS = {
    "MB/sec": ("B/s", _MIB),
    "Gb/sec": ("B/s", _GBIT),
    "Mpps": ("1/s", "1e6"),
    "usec": ("s", "1e-6"),
    "%": ("%", "1"),
}
_NAMES = {
    "BW peak": "bandwidth_peak",
    "BW average": "bandwidth_average",
    "MsgRate": "message_rate",
    "t_min": "latency_minimum",
    "t_max": "latency_maximum",
    "t_typical": "latency_typical",
    "t_avg": "latency_average",
    "t_stdev": "latency_deviation",
    "99% percentile": "latency_p99",
    "99.9% percentile": "latency_p99.9",
    "CPU_Util": "cpu_share",
}
_JSON_LATENCY = {
    "t_min": "latency_minimum",
    "t_max": "latency_maximum",
    "t_typical": "latency_typical",
    "t_avg": "latency_average",
    "t_stdev": "latency_deviation",
    "percentile_99": "latency_p99",
    "percentile_99.9": "latency_p99.9",
}
_KEYS = frozenset(
    {"test_info", "results", "MsgSize", "n_iterations", "BW_peak", "BW_average", "MsgRate"} | set(_JSON_LATENCY)
)
_FIT = 0.02
"""How far bandwidth may be from size times rate: the rate has six decimals, and few digits where messages are large."""
Columns = list[tuple[str, str, str]]


def parse_bandwidth(output: bytes) -> Parsed:
    """Read an output of `ib_write_bw` or its kin. Raises Garbled where it is none."""
    return _parse("ib-write-bw", "bandwidth_average", output)


def parse_latency(output: bytes) -> Parsed:
    """Read an output of `ib_read_lat` or its kin. Raises Garbled where it is none."""
    return _parse("ib-read-lat", "latency_", output)


def _parse(tool: str, needed: str, output: bytes) -> Parsed:
    if output.lstrip()[:1] == b"{":
        return _parse_json(tool, needed, output)
    reader = _Reader(tool, needed)
    for line in lines(output):
        reader.line(line)
    return reader.parsed(output)


class _Reader:
    def __init__(self, tool: str, needed: str) -> None:
        self.found, self.needed = Findings(tool), needed
        self.columns: Columns = []
        self.rows: dict[str, dict[str, str]] = {}
        self.units: dict[str, tuple[str, str]] = {}
        self.titled = self.closed = False

    def line(self, line: str) -> None:
        if _HEAD.fullmatch(line):
            self._head(line)
        elif _RULE.fullmatch(line):
            self.closed = bool(self.rows)
        elif self.columns and _ROW.fullmatch(line):
            self._row(line)
        elif _TITLE.fullmatch(line):
            self.titled = True
        elif _NOT_SURE.search(line):
            self.found.unverified("the frequency of the processor was not steady, and times are counted in its cycles")
        elif _ERROR.search(line):
            self.found.bad(line.strip())

    def _head(self, line: str) -> None:
        named = _COLUMN.findall(line.partition("#iterations")[2])
        self.columns = [(_NAMES.get(name, ""), *_UNITS.get(unit, ("", ""))) for name, unit in named]
        self.titled = True
        if not any(name.startswith(self.needed) for name, _, _ in self.columns):
            raise Garbled(f"a table of perftest, but not that of {self.found.tool}", received=line.strip())

    def _row(self, line: str) -> None:
        size, *values = line.split()
        # The service level stands before the iterations where it is printed.
        values = values[len(values) - len(self.columns) :] if len(values) > len(self.columns) else values[1:]
        if len(values) != len(self.columns):
            self.found.bad(f"a row that does not fit its heads: {line.strip()}")
            return
        told = {name: raw for (name, unit, _), raw in zip(self.columns, values, strict=True) if name and unit}
        self.units |= {name: (unit, factor) for name, unit, factor in self.columns if name and unit}
        self.rows[size] = _worse(self.rows[size], told, self.units) if size in self.rows else told
        self.closed = False

    def parsed(self, output: bytes) -> Parsed:
        if not self.titled:
            raise no_output_of(self.found.tool, output)
        if not self.rows:
            self.found.bad("there is no result; the side that waits may print none")
        elif not self.closed:
            self.found.bad("it does not end: the line after the results is not there")
        for size, row in self.rows.items():
            for name, raw in row.items():
                _write(self.found, f"size[{size}].{name}", raw, *self.units[name])
        return self.found.parsed()


def _worse(one: dict[str, str], other: dict[str, str], units: dict[str, tuple[str, str]]) -> dict[str, str]:
    merged = dict(one)
    for name, raw in other.items():
        pick = max if units[name][0] == "s" else min
        merged[name] = pick(raw, one.get(name, raw), key=number)
    return merged


def _write(found: Findings, name: str, raw: str, unit: str, factor: str) -> None:
    if name.endswith("_peak") and not raw.strip("0."):
        # With a duration (-D) no peak is taken, and 0.00 stands there.
        found.missing(name, unit, raw, "it was not measured")
    elif name.endswith(("_deviation", "_share")):
        found.figure(name, raw, unit, factor)
    else:
        found.speed(name, raw, unit, factor)


def _parse_json(tool: str, needed: str, output: bytes) -> Parsed:
    report = next(found for found, _ in documents(output, wanted(_KEYS)))
    if not isinstance(report, dict) or "results" not in report:
        raise no_output_of(tool, output)
    found, results = Findings(tool), report["results"]
    for result in listing(results, "results") if isinstance(results, list) else [results]:
        _result(found, mapping(result, "results"))
    parsed = found.parsed()
    if not any(f".{needed}" in figure.name for figure in parsed.figures):
        raise Garbled(f"results of perftest, but not those of {tool}", received=output[:200].decode("utf-8", "replace"))
    return parsed


def _result(found: Findings, result: dict[str, Any]) -> None:
    size = written(result.get("MsgSize"), "MsgSize")
    for key, name in _JSON_LATENCY.items():
        if key in result:
            _write(found, f"size[{size}].{name}", written(result[key], key), "s", "1e-6")
    if "BW_average" not in result:
        return
    rate, average = written(result.get("MsgRate"), "MsgRate"), written(result["BW_average"], "BW_average")
    _write(found, f"size[{size}].message_rate", rate, "1/s", "1e6")
    factor = _factor(size, rate, average)
    for key, name in (("BW_peak", "bandwidth_peak"), ("BW_average", "bandwidth_average")):
        if factor is None:
            reason = "its unit is not told, and size times message rate fits neither MiB/s nor Gbit/s"
            found.missing(f"size[{size}].{name}", "B/s", written(result.get(key), key), reason)
            found.unverified(f"size {size}: {reason}")
        else:
            _write(found, f"size[{size}].{name}", written(result.get(key), key), "B/s", factor)


def _factor(size: str, rate: str, average: str) -> str | None:
    moved = number(size) * number(rate, "1e6")
    for factor in (_MIB, _GBIT):
        if moved and abs(number(average, factor) / moved - 1) < _FIT:
            return factor
    return None
