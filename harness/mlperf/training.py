"""MLPerf Training power: energy to train by the official rule, its Olympic mean, and what is wrong with the logs.

One node: conversion efficiency, times the sum of each reading times the time since the one before, times time to train
over the time measured. A switch: its estimated power times time to train. A run: their sum. The score: runs sorted by
time, the fastest and the slowest dropped, mean of the rest, times the scaling factor (mlcommons/logging,
result_summarizer.py; mlcommons/training_policies, power_measurement.adoc).
"""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

from harness.mlperf import mllog
from harness.mlperf.findings import Findings
from harness.mlperf.mllog import Event, Json, real
from harness.mlperf.node_log import RULE as NODE_RULE
from harness.mlperf.node_log import NodeLog, node_log, switch_energy

RULE = "official MLPerf Training energy: step_right over the power log, scaled to time to train"
OLYMPIC = "mean without the {n} fastest and {n} slowest runs, times the scaling factor"
_DROPPED = {"unet3d": 4}
_RUNS = {"bert": 10, "dlrm_dcnv2": 10, "gpt3": 3, "maskrcnn": 5, "resnet": 5, "ssd": 5, "rnnt": 10, "unet3d": 40}
"""Runs that a result needs, as mlcommons/logging, benchmark_meta.py, had them for Training 3.0."""

_KEYS = ("run_start", "run_stop", "submission_benchmark")


@dataclass(frozen=True, slots=True)
class Run:
    """One run: time to train in ms, whether it converged, energies in J, and the logs that they come from."""

    name: str
    time_ms: float | None
    converged: bool
    nodes: tuple[NodeLog, ...]
    switch_j: float | None
    switches: int

    @property
    def node_j(self) -> float | None:
        """Return the energy of all nodes in J; None where one has none, or none was measured."""
        parts = [node.energy_j for node in self.nodes]
        known = [part for part in parts if part is not None]
        return sum(known) if parts and len(known) == len(parts) else None

    @property
    def total_j(self) -> float | None:
        """Return the energy in J, None where a part is missing."""
        return None if self.node_j is None or self.switch_j is None else self.node_j + self.switch_j


def check(folder: Path, findings: Findings) -> Json:
    """Return the metric and everything it comes from; what is wrong goes into `findings`."""
    files = _result_files(folder)
    if not files:
        findings.error("missing_file", folder, "no result_*.txt here nor in perf/: without a run's times no energy")
    benchmark = ""
    runs: list[Run] = []
    for path in files:
        run, named = _run(folder, path, findings)
        runs.append(run)
        benchmark = benchmark or named
    _check_runs_without_results(folder, {path.stem.split(".")[0] for path in files}, findings)
    _check_duplicates(folder, findings)
    benchmark = benchmark or folder.name
    return {"benchmark": benchmark, "rule": RULE, **_score(folder, benchmark, runs, findings)}


def _result_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("result_*.txt")) or sorted((folder / "perf").glob("*.txt"))


def _run(folder: Path, path: Path, findings: Findings) -> tuple[Run, str]:
    found = mllog.events(path, findings, _KEYS) or []
    begin, end = _first_pair(found)
    time = None if begin is None or end is None else float(end.time_ms) - float(begin.time_ms)
    if time is None or time <= 0:
        findings.error("run_times", path, "no run_start and run_stop after it: no time to train")
        time = None
    converged = end is not None and end.metadata.get("status", "success") == "success"
    if not converged and end is not None:
        findings.warn("not_converged", path, f"run_stop says {end.metadata.get('status')!r}: the run does not count")
    power = folder / "power" / path.name.split(".")[0]
    nodes = tuple(node_log(log, findings, time, begin, end) for log in _logs(power, "node_*.txt", findings))
    switches = [switch_energy(log, findings, time) for log in sorted(power.glob("sw_*.txt"))]
    switch_j = None if any(j is None for j in switches) else sum(j for j in switches if j is not None)
    named = next((str(event.value) for event in found if event.key == "submission_benchmark"), "")
    return Run(path.name.split(".")[0], time, converged, nodes, switch_j, len(switches)), named


def _first_pair(found: list[Event]) -> tuple[Event | None, Event | None]:
    """Return run_start and run_stop as the official reader takes them: the last of each until both were seen."""
    begin = end = None
    for event in found:
        begin = event if event.key == "run_start" else begin
        end = event if event.key == "run_stop" else end
        if begin is not None and end is not None:
            break
    return begin, end


def _logs(power: Path, pattern: str, findings: Findings) -> list[Path]:
    found = sorted(power.glob(pattern), key=_number)
    if not found:
        findings.error("missing_file", power / "node_0.txt", "no node log of this run: its energy is not known")
    numbers = [_number(path)[0] for path in found]
    if gone := sorted(set(range(min(numbers, default=0), max(numbers, default=0))) - set(numbers)):
        findings.error("missing_file", power / f"node_{gone[0]}.txt", f"nodes are numbered, {gone} are not there")
    return found


def _number(path: Path) -> tuple[int, str]:
    digits = path.stem.rpartition("_")[2]
    return (int(digits) if digits.isascii() and digits.isdecimal() else 0, path.name)


def _check_runs_without_results(folder: Path, known: set[str], findings: Findings) -> None:
    for path in sorted((folder / "power").iterdir()):
        if path.is_dir() and path.name not in known:
            findings.warn("power_without_result", path, "power was logged for a run that has no result log")


def _check_duplicates(folder: Path, findings: Findings) -> None:
    """Name logs that are equal byte by byte: two nodes never draw the same."""
    seen: dict[bytes, Path] = {}
    for path in sorted((folder / "power").glob("*/node_*.txt")):
        data = findings.read(path)
        if data and (first := seen.setdefault(hashlib.sha256(data).digest(), path)) != path:
            findings.error("duplicate_channel", path, f"byte by byte equal to {findings.named(first)}")


def _score(folder: Path, benchmark: str, runs: list[Run], findings: Findings) -> Json:
    scaling = _scaling(folder, findings)
    drop = _DROPPED.get(benchmark, 1)
    counted = _counted(runs, drop, findings, folder)
    _check_count(folder, benchmark, runs, findings)
    time = _scaled([_known(run.time_ms) / 60 / 1000 for run in counted], scaling)
    known = [run.total_j for run in counted if run.total_j is not None]
    energy = _scaled(known, scaling) if len(known) == len(counted) else None
    if counted and energy is None:
        findings.error("no_metric", folder, "a run that counts has no energy: there is no score")
    return {
        "scaling_factor": {"value": scaling, "unit": "1"},
        "olympic_time": {"value": time, "unit": "min", "rule": OLYMPIC.format(n=drop)},
        "olympic_energy": {"value": energy, "unit": "J", "rule": OLYMPIC.format(n=drop)},
        "metric": {"name": "energy to train", "value": energy, "unit": "J", "rule": RULE},
        "efficiency": {"value": 3.6e9 / energy if energy else None, "unit": "run/MWh", "rule": RULE},
        "mean_power": {"value": energy / (time * 60) if energy and time else None, "unit": "W", "rule": RULE},
        "runs": [_run_as_json(run, run in counted) for run in runs],
    }


def _known(value: float | None) -> float:
    return math.nan if value is None else value


def _counted(runs: list[Run], drop: int, findings: Findings, folder: Path) -> list[Run]:
    """Return the runs in the Olympic mean; runs that did not converge count as the slowest that are dropped."""
    good = sorted((r for r in runs if r.converged and r.time_ms is not None), key=lambda r: _known(r.time_ms))
    lost = len(runs) - len(good)
    if lost > drop:
        findings.error("no_metric", folder, f"{lost} of {len(runs)} runs do not count, {drop} may: there is no score")
        return []
    kept = good[drop : len(good) - (drop - lost)]
    if not kept and runs:
        findings.error("no_metric", folder, f"{len(runs)} runs: none is left without the fastest and the slowest")
    return kept


def _check_count(folder: Path, benchmark: str, runs: list[Run], findings: Findings) -> None:
    nodes = {len(run.nodes) for run in runs if run.nodes}
    if len(nodes) > 1:
        findings.error("node_count", folder, f"runs have {sorted(nodes)} node logs: some nodes were not measured")
    if (wanted := _RUNS.get(benchmark)) is not None and len(runs) != wanted:
        findings.warn("run_count", folder, f"{len(runs)} runs, a result of {benchmark} has {wanted}")


def _scaled(values: list[float], scaling: float | None) -> float | None:
    if not values or scaling is None or not all(map(math.isfinite, values)):
        return None
    return sum(values) * 1.0 / len(values) * scaling


def _scaling(folder: Path, findings: Findings) -> float | None:
    path = folder / "scaling.json"
    if not path.exists():
        return 1.0
    value = real((mllog.loaded(path, findings) or {}).get("scaling_factor"))
    if value is None or value <= 0:
        findings.error("scaling_factor", path, "holds no scaling_factor above zero: there is no score")
        return None
    return value


def _run_as_json(run: Run, counted: bool) -> Json:
    return {
        "run": run.name,
        "converged": run.converged,
        "counted": counted,
        "time_to_train": {"value": run.time_ms, "unit": "ms"},
        "nodes": len(run.nodes),
        "switches": run.switches,
        "node_energy": {"value": run.node_j, "unit": "J", "rule": NODE_RULE},
        "switch_energy": {"value": run.switch_j, "unit": "J", "rule": "estimated power times time to train"},
        "total_energy": {"value": run.total_j, "unit": "J", "rule": RULE},
        "logs_without_true_stop_marker": sum(not node.stop_after_start for node in run.nodes),
        "node_logs": [node.as_json() for node in run.nodes],
    }
