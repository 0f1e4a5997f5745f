"""MLPerf Inference power: the official metric of a measurement, its efficiency, and what is wrong with it.

Offline, Server: mean power in W; efficiency is the result over it. SingleStream, MultiStream: energy per query in mJ,
the mean power times the window over the queries (times 8 where MultiStream is inferred from SingleStream); efficiency
is samples per J (mlcommons/inference, submission_checker/checks/power_check.py).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.mlperf import loadgen, ptd_log, ptd_session, session, spl
from harness.mlperf.findings import Findings
from harness.mlperf.loadgen import SCENARIOS, Run
from harness.mlperf.mllog import Json
from harness.mlperf.spl import Official

LARGEST_DROP = 0.05
LARGEST_SHORTENING = 0.5
SHORTEST_MS = 600_000
_MODES = {"ranging": "ranging", "run_1": "testing"}
_STREAMS = {"SingleStream": 1, "MultiStream": 8}


@dataclass(frozen=True, slots=True)
class _Metric:
    name: str
    value: float | None
    unit: str
    efficiency: float | None
    efficiency_unit: str
    result: float | None = None
    field: str | None = None


def check(folder: Path, findings: Findings, sources: list[Any] | None = None) -> Json:
    """Return the metric and what it comes from; what is wrong goes into `findings`.

    `sources` are the known hashes of mlcommons' measuring programs, where they are to be checked.
    """
    both = session.read(folder, findings)
    session.check_sources(both, sources, findings)
    ranging, testing = (_run(folder, mode, both, findings) for mode in ("ranging", "run_1"))
    session.check(both, ranging, testing, findings)
    ptd_session.check(both, findings)
    local = _in_server_time(folder, "run_1", both, testing, findings)
    ptd_log.check(folder / "power" / "ptd_logs.txt", both.name, local, findings)
    powers = [_power(folder, mode, run, both, findings) for mode, run in _modes(ranging, testing)]
    _check_counts(folder, both, powers, findings)
    _check_copies(folder, findings)
    _compare(folder, ranging, testing, powers, findings)
    scenario, benchmark = _named(folder, testing, findings)
    metric = _metric(folder, testing, powers[1], scenario, benchmark, findings)
    return {"benchmark": benchmark, "scenario": scenario, **_as_json(metric, testing, powers)}


def _modes(ranging: Run, testing: Run) -> list[tuple[str, Run]]:
    return [("ranging", ranging), ("run_1", testing)]


def _run(folder: Path, mode: str, both: session.Session, findings: Findings) -> Run:
    run = loadgen.read(folder / mode, findings)
    shift = session.clock_shift_s(both, "client", _MODES[mode], run.begin_ns)
    if shift:
        findings.note("local_time", run.path, f"power_begin is local time: {shift:g} s are added for UTC")
    return loadgen.shifted(run, shift)


def _in_server_time(folder: Path, mode: str, both: session.Session, run: Run, findings: Findings) -> Run:
    """Return `run` with its window in the time that PTDaemon's logs are in."""
    path = folder / mode / "spl.txt"
    shift = session.clock_shift_s(both, "server", _MODES[mode], spl.first_moment(path))
    if shift:
        findings.note("local_time", path, f"times are local: {shift:g} s are added for UTC")
    return loadgen.shifted(run, -shift)


def _power(folder: Path, mode: str, run: Run, both: session.Session, findings: Findings) -> Official:
    path, name = folder / mode / "spl.txt", both.name
    run = _in_server_time(folder, mode, both, run, findings)
    found = spl.official(path, findings, run.begin_ns, run.end_ns)
    mark = None if name is None else f"{name}_{_MODES[mode]}"
    if run.begin_ns is not None and run.end_ns is not None:
        spl.examine_samples(path, findings, run.begin_ns, run.end_ns, mark)
    return found


def _check_counts(folder: Path, both: session.Session, powers: list[Official], findings: Findings) -> None:
    """Hold the lines of each log against the number of samples that PTDaemon said it handed over."""
    for mode, said, power in zip(("ranging", "run_1"), ptd_session.sample_counts(both), powers, strict=True):
        if said is not None and power.in_file and abs(said - power.in_file) > 1:
            text = f"{power.in_file} samples, PTDaemon said {said}"
            findings.warn("sample_count", folder / mode / "spl.txt", text)


def _check_copies(folder: Path, findings: Findings) -> None:
    """Name files of the measured run that are those of the ranging run."""
    for name in ("spl.txt", "mlperf_log_detail.txt"):
        paths = [folder / mode / name for mode in ("ranging", "run_1")]
        if all(path.is_file() for path in paths):
            first, second = (findings.read(path) for path in paths)
            if first and first == second:
                findings.error("duplicate_channel", paths[1], f"byte by byte equal to {findings.named(paths[0])}")


def _compare(folder: Path, ranging: Run, testing: Run, powers: list[Official], findings: Findings) -> None:
    """Compare the measured run with the ranging run, whose ranges it was measured in."""
    before, after = powers[0].watts, powers[1].watts
    if before and after:
        delta = round((round(after, 5) / round(before, 5) - 1) * 100, 2)
        if delta <= -100 * LARGEST_DROP:
            text = f"mean power {after:.6g} W is {-delta:g} % below that of ranging, {before:.6g} W; 5 % are allowed"
            findings.error("ranging_power", folder / "run_1" / "spl.txt", text)
    if ranging.seconds and testing.seconds and testing.seconds < (1 - LARGEST_SHORTENING) * ranging.seconds:
        text = f"{testing.seconds:.1f} s, less than half of the ranging run's {ranging.seconds:.1f} s"
        findings.warn("ranging_duration", testing.path, text)
    shortest = testing.number("effective_min_duration_ms")
    if shortest is not None and shortest < SHORTEST_MS:
        findings.warn("short_run", testing.path, f"min_duration is {shortest / 1000:g} s, 600 s are asked for")


def _named(folder: Path, testing: Run, findings: Findings) -> tuple[str | None, str]:
    """Return scenario and benchmark, by the folders' names where they say so: a result may be inferred."""
    parts = [part for part in folder.resolve().parts if part != "performance"]
    known = {scenario.lower(): scenario for scenario in SCENARIOS}
    named = known.get(parts[-1].lower()) if parts else None
    benchmark = parts[-2] if named and len(parts) > 1 else ""
    if (
        named
        and testing.scenario
        and named != testing.scenario
        and (testing.scenario, named) != ("Server", "Interactive")
    ):
        findings.warn("inferred_result", testing.path, f"ran {testing.scenario}; the folder says {named}: inferred")
    return named or testing.scenario, benchmark


def _metric(
    folder: Path, run: Run, power: Official, scenario: str | None, benchmark: str, findings: Findings
) -> _Metric:
    if scenario in _STREAMS:
        metric = _stream_metric(run, power, scenario)
    else:
        metric = _throughput_metric(folder, run, power, scenario, benchmark)
    if metric.value is None or metric.efficiency is None:
        missing = "power" if power.watts is None else "scenario" if scenario is None else metric.field or "query count"
        findings.error("no_metric", run.path, f"no metric: no {missing}")
    return metric


def _stream_metric(run: Run, power: Official, scenario: str) -> _Metric:
    queries, seconds, watts = run.number("result_query_count"), run.seconds, power.watts
    samples = _STREAMS[scenario]
    value = None
    if queries and seconds is not None and watts is not None:
        value = watts * seconds * 1000 / int(queries)
        if scenario == "MultiStream" and run.scenario == "SingleStream":
            value = watts * seconds * samples * 1000 / int(queries)
    efficiency = samples * 1000 / value if value else None
    return _Metric("energy per query", value, "mJ/query", efficiency, "samples/J", queries, "result_query_count")


def _throughput_metric(folder: Path, run: Run, power: Official, scenario: str | None, benchmark: str) -> _Metric:
    field = loadgen.result_field(run, benchmark, _round(folder))
    key, unit = field or (None, "samples")
    result = run.number(key) if key else None
    if scenario == "Offline" and run.scenario in _STREAMS:
        key, result = loadgen.inferred_offline(run)
    efficiency = result / power.watts if result is not None and power.watts else None
    return _Metric("mean power", power.watts, "W", efficiency, f"{unit}/J", result, key)


def _round(folder: Path) -> tuple[int, int] | None:
    found = re.search(r"inference_results_v(\d+)\.(\d+)", str(folder.resolve()))
    return (int(found[1]), int(found[2])) if found else None


def _as_json(metric: _Metric, run: Run, powers: list[Official]) -> Json:
    ranging, testing = powers
    return {
        "rule": spl.RULE,
        "metric": {"name": metric.name, "value": metric.value, "unit": metric.unit, "rule": spl.RULE},
        "efficiency": {"value": metric.efficiency, "unit": metric.efficiency_unit, "rule": spl.RULE},
        "result": {"value": metric.result, "field": metric.field},
        "mean_power": {"value": testing.watts, "unit": "W", "rule": spl.RULE},
        "ranging_power": {"value": ranging.watts, "unit": "W", "rule": spl.RULE},
        "samples": {"used": testing.used, "dropped": testing.dropped, "in_file": testing.in_file, "unit": "1"},
        "window": {
            "begin": None if run.begin_ns is None else str(run.values["power_begin"]),
            "end": None if run.end_ns is None else str(run.values["power_end"]),
            "kind": "strict",
            "length": {"value": run.seconds, "unit": "s"},
        },
    }
