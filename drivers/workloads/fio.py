"""fio: its JSON (`--output-format=json` or `json+`), versions 2 and 3.

fio-doc and the output of fio 3.33: read; 2.1.4 from a recording. `bw` is in KiB/s in both (fio 2 calls it KB, 1024
bytes unless kb_base says otherwise); fio 3 adds `bw_bytes`. Completion latency is `clat` in us in fio 2, `clat_ns` in
fio 3, and `lat_ns` has the percentiles where those of the whole latency were asked for.
"""

import re
from collections import Counter
from typing import Any

from drivers.errors import Garbled
from drivers.parsed import Parsed
from drivers.workloads.findings import Findings, no_output_of, number
from drivers.workloads.json_output import Number, documents, handed_over, mapping, names, taken, word, written

_PERCENTILES = {"50.000000": "p50", "90.000000": "p90", "95.000000": "p95", "99.000000": "p99", "99.900000": "p99.9"}
_DIRECTIONS = ("read", "write", "trim")
_KEYS = (
    names(
        "jobs client_stats jobname hostname error total_err read write trim io_bytes io_kbytes bw bw_bytes iops "
        "runtime clat clat_ns lat lat_ns mean min max percentile N"
    )
    | frozenset(_PERCENTILES)
    | {"fio version"}
)
_SAID = re.compile(
    r"^(?:fio|verify): .*\b(?:error|err=|failed|failure|terminating|killed|bad|verify|aborting|cannot|couldn't)\b.*$",
    re.MULTILINE | re.IGNORECASE,
)
_FIT = 0.05


def parse(output: bytes) -> Parsed:
    """Read the JSON of a run. Raises Garbled where there is none, or it is cut."""
    found, jobs, reports = Findings("fio"), Counter[str](), []
    trim = handed_over(_KEYS, frozenset({"jobname", "error"}), lambda job: _job(found, jobs, job))
    for report, around in documents(output, trim):
        for said in _SAID.findall(around):
            found.bad(said)
        if report is not None:
            reports.append(mapping(report, "the output"))
    if len(reports) != 1 or "fio version" not in reports[0]:
        raise no_output_of("fio", output, "save one run with --output-format=json")
    if not taken(reports[0].get("jobs", reports[0].get("client_stats")), "jobs"):
        found.bad("no job was run")
    return found.parsed(word(reports[0]["fio version"], "fio version").removeprefix("fio-"))


def _job(found: Findings, jobs: Counter[str], job: dict[str, Any]) -> None:
    name = word(job["jobname"], "jobname")
    jobs[name] += 1
    scope = f"job[{name}]" if jobs[name] == 1 else f"job[{name}#{jobs[name]}]"
    error = found.figure(f"{scope}.error", written(job.get("error"), f"{scope}.error"))
    if error:
        found.bad(f"job {name} ended with error {error}")
    if number(str(job.get("total_err", "0"))):
        found.bad(f"job {name} met {job['total_err']} errors")
    moved = [_direction(found, scope, way, mapping(job[way], way)) for way in _DIRECTIONS if way in job]
    if not any(moved):
        found.bad(f"job {name} moved no data")


def _direction(found: Findings, scope: str, way: str, told: dict[str, Any]) -> bool:
    """Write down one direction where it was used, and tell whether it was."""
    what = f"{scope}.{way}"
    if not number(written(told.get("io_bytes"), what)):
        return False
    rate, factor = (told["bw_bytes"], "1") if "bw_bytes" in told else (told.get("bw"), "1024")
    found.speed(f"{what}_bandwidth", written(rate, what), "B/s", factor)
    found.speed(f"{what}_iops", written(told.get("iops"), what), "1/s", "1")
    found.figure(f"{what}_time", written(told.get("runtime"), what), "s", "1e-3")
    _moved(found, what, told, float(number(written(rate, what), factor)))
    _latencies(found, what, told)
    return True


def _moved(found: Findings, what: str, told: dict[str, Any], rate: float) -> None:
    raw, name = written(told["io_bytes"], what), f"{what}_bytes"
    seconds = float(number(written(told.get("runtime"), what), "1e-3"))
    for factor in ("1",) if "bw_bytes" in told else ("1", "1024"):
        # io_bytes was KiB in fio 2 under the same name: only runtime times bandwidth tells them apart.
        if "bw_bytes" in told or abs(float(number(raw, factor)) - rate * seconds) <= _FIT * rate * seconds:
            found.figure(name, raw, "B", factor)
            return
    found.missing(name, "B", raw, "it is neither bytes nor KiB by bandwidth and time")


def _latencies(found: Findings, what: str, told: dict[str, Any]) -> None:
    for key, name, factor in (
        ("clat", "completion_latency", "1e-6"),
        ("clat_ns", "completion_latency", "1e-9"),
        ("lat", "latency", "1e-6"),
        ("lat_ns", "latency", "1e-9"),
    ):
        if key not in told:
            continue
        latency = mapping(told[key], key)
        if not latency or latency.get("N") == "0":
            continue  # not measured: --disable_clat and its kin
        found.figure(f"{what}_{name}_mean", _told(latency, "mean"), "s", factor)
        found.figure(f"{what}_{name}_max", _told(latency, "max"), "s", factor)
        for percentile, short in _PERCENTILES.items():
            if percentile in mapping(latency.get("percentile", {}), "percentile"):
                found.figure(f"{what}_{name}_{short}", _told(latency["percentile"], percentile), "s", factor)


def _told(latency: dict[str, Any], key: str) -> str:
    value = latency.get(key)
    if not isinstance(value, Number):
        raise Garbled(f"{key} of a latency is no number", received=repr(value)[:200])
    return str(value)
