"""A node's or a switch's power log of MLPerf Training: its energy by the official rule, and what is wrong with it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.energy.integration import NotCovered, energy
from harness.energy.trace import Trace, Window
from harness.energy.validity import WARNINGS, Policy, examine
from harness.mlperf import mllog
from harness.mlperf.findings import Findings
from harness.mlperf.mllog import Event, Json, real

RULE = "conversion efficiency x sum of reading x time since the one before x time to train / time measured"
FEWEST_SAMPLES = 60
LONGEST_INTERVAL_S = 1.0
"""Training's rules: 60 samples or more, one a second or more often (training_policies, power_measurement.adoc)."""

_KEYS = ("power_measurement_start", "power_measurement_stop", "power_reading", "conversion_eff")
DILUTION = 0.01
"""From which difference on a note tells that power logged before and after the run changed the official energy."""

_COUNTED = ("power_measurement_start", "power_reading")
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class NodeLog:
    """What one node's log comes to: energy in J, samples, conversion efficiency, and the run's energy by trapezoid."""

    name: str
    energy_j: float | None
    samples: int
    conversion: float
    stop_after_start: bool
    in_run_j: float | None
    largest_gap_s: float | None

    def as_json(self) -> Json:
        """Return it as plain data, each figure with its unit."""
        return {
            "log": self.name,
            "energy": {"value": self.energy_j, "unit": "J", "rule": RULE},
            "energy_in_run": {"value": self.in_run_j, "unit": "J", "rule": "trapezoid from run_start to run_stop"},
            "samples": self.samples,
            "largest_gap": {"value": self.largest_gap_s, "unit": "s"},
            "conversion_efficiency": {"value": self.conversion, "unit": "1"},
            "stop_marker_after_start": self.stop_after_start,
        }


@dataclass(frozen=True, slots=True)
class _Parts:
    start_ms: float
    stop_ms: float
    counted: tuple[Event, ...]
    conversion: float
    stop_after_start: bool


def node_log(path: Path, findings: Findings, time_ms: float | None, begin: Event | None, end: Event | None) -> NodeLog:
    """Return what the log at `path` comes to for a run of `time_ms`, from `begin` to `end`."""
    found = mllog.events(path, findings, _KEYS)
    parts = None if found is None else _parts(path, found, findings)
    if parts is None:
        return NodeLog(path.name, None, 0, 1.0, stop_after_start=False, in_run_j=None, largest_gap_s=None)
    counted = [event for event in parts.counted if event.key == "power_reading"]
    readings = [event for event in counted if real(event.value) is not None]
    if len(readings) < len(counted):
        findings.error("not_a_number", path, f"{len(counted) - len(readings)} readings are no finite numbers")
    joules = _official(parts, time_ms) if len(readings) == len(counted) else None
    gap, inside = _examine(path, readings, findings, begin, end)
    _note_dilution(path, joules, None if inside is None else inside * parts.conversion, findings)
    return NodeLog(
        path.name, joules, len(readings), parts.conversion, parts.stop_after_start,
        None if inside is None else inside * parts.conversion, gap,
    )  # fmt: skip


def _note_dilution(path: Path, official: float | None, inside: float | None, findings: Findings) -> None:
    """Tell how far the official rule, which averages over all that was measured, is from the energy of the run."""
    if official and inside and abs(share := inside / official - 1) > DILUTION:
        text = f"from run_start to run_stop it was {inside:.6g} J, {abs(share):.1%} {'more' if share > 0 else 'less'}"
        findings.note("measured_beyond_run", path, f"{text} than by the official rule: power was logged beyond the run")


def _parts(path: Path, found: list[Event], findings: Findings) -> _Parts | None:
    ordered = sorted(found, key=lambda event: event.time_ms)
    starts = [event for event in ordered if event.key == "power_measurement_start"]
    readings = [event for event in ordered if event.key == "power_reading"]
    if not starts or not readings:
        what = "power_measurement_start" if readings else "power_reading"
        findings.error("missing_marker", path, f"no {what}: no energy")
        return None
    if [e.time_ms for e in found if e.key == "power_reading"] != [e.time_ms for e in readings]:
        findings.error("time_backwards", path, "readings run backwards in time; sorted, as the official tool does")
    if len(starts) > 1:
        findings.error("repeated_marker", path, f"{len(starts)} power_measurement_start; the last one counts")
    start = starts[-1].time_ms
    stops = [event for event in ordered if event.key == "power_measurement_stop"]
    stop, late = _stop(path, start, stops, readings, findings)
    end = len(ordered) if late else ordered.index(stops[0])
    counted = tuple(e for e in ordered[ordered.index(starts[0]) : end] if e.key in _COUNTED)
    if stop <= start or not any(e.key == "power_reading" for e in counted):
        findings.error("missing_marker", path, "no time between power_measurement_start and the end: no energy")
        return None
    return _Parts(start, stop, counted, _conversion(path, ordered, findings), not late)


def _stop(
    path: Path, start: float, stops: list[Event], readings: list[Event], findings: Findings
) -> tuple[float, bool]:
    """Return when the measurement ended, and whether that is the last reading for want of a marker."""
    last = readings[-1].time_ms
    if not stops:
        findings.warn("missing_marker", path, "no power_measurement_stop: the last reading is taken as the end")
        return last, True
    stop = stops[0].time_ms
    if stop <= start:
        text = f"power_measurement_stop is {(start - stop) / 1000:g} s before the start: the last reading is the end"
        text = (
            text
            if stop < start
            else "power_measurement_stop carries the time of the start: the last reading is the end"
        )
        findings.error("stop_marker_not_after_start", path, text)
        return last, True
    after = sum(event.time_ms > stop for event in readings)
    if after:
        findings.warn("readings_after_stop", path, f"{after} readings after power_measurement_stop are not counted")
    return stop, False


def _conversion(path: Path, ordered: list[Event], findings: Findings) -> float:
    values = [real(event.value) for event in ordered if event.key == "conversion_eff"]
    if not values:
        return 1.0
    value = values[-1]
    if value is None or not 0 < value <= 1:
        findings.error("conversion_efficiency", path, f"conversion_eff {value!r} is no efficiency: taken as 1")
        return 1.0
    if value != 1:
        findings.warn("estimated_part", path, f"power is input power times an efficiency of {value:g}, not measured")
    return value


def _official(parts: _Parts, time_ms: float | None) -> float | None:
    """Return J, step by step in the order of the official tool, so that the last digit agrees."""
    if time_ms is None:
        return None
    total, before = 0.0, parts.start_ms
    for event in parts.counted:
        if event.key == "power_reading":
            total += event.value * (event.time_ms - before)
        before = event.time_ms
    return parts.conversion * total * time_ms / (parts.stop_ms - parts.start_ms) / 1000


def _examine(
    path: Path, readings: list[Event], findings: Findings, begin: Event | None, end: Event | None
) -> tuple[float | None, float | None]:
    """Note what is wrong with the readings; return the largest gap in s and the energy within the run in J."""
    if not readings:
        return None, None
    times = np.asarray([round(event.time_ms * _NS_PER_MS) for event in readings], dtype=np.int64)
    trace = Trace(times, np.asarray([event.value for event in readings], dtype=np.float64))
    if len(trace) < FEWEST_SAMPLES:
        findings.error("too_few_samples", path, f"{len(trace)} readings, at least {FEWEST_SAMPLES} are asked for")
    edges = (begin.time_ms, end.time_ms) if begin and end else (readings[0].time_ms, readings[-1].time_ms)
    window = Window(round(edges[0] * _NS_PER_MS), round(edges[1] * _NS_PER_MS))
    validity = examine(trace, window, Policy())
    for reason in validity.reasons:
        findings.error(reason.code, path, reason.text)
    for remark in validity.warnings:
        findings.warn(remark.code, path, f"{WARNINGS[remark.code]}: {remark.text}")
    median = validity.median_interval_s
    if median is not None and median > LONGEST_INTERVAL_S * 1.05:
        findings.warn("sampling_too_slow", path, f"a reading every {median:g} s, one a second is asked for")
    if validity.countable:
        return validity.largest_gap_s, _in_run(trace, window)
    return validity.largest_gap_s, None


def _in_run(trace: Trace, window: Window) -> float | None:
    try:
        return energy(trace, window)
    except NotCovered:
        return None


def switch_energy(path: Path, findings: Findings, time_ms: float | None) -> float | None:
    """Return the energy in J that the log of a switch claims for a run of `time_ms`: an estimate, not a measurement."""
    found = mllog.events(path, findings, ("conversion_eff", "interconnect_power_est", "power_reading"))
    if found is None or time_ms is None:
        return None
    conversion, power = 1.0, None
    for event in found:
        if event.key == "conversion_eff":
            conversion = real(event.value) or 1.0
        if event.key == "interconnect_power_est":
            power = real(event.value)
            break
    if power is None:
        measured = any(event.key == "power_reading" for event in found)
        what = "has readings only, which the official rule does not count" if measured else "names no power"
        findings.error("switch_not_counted", path, f"{what}: the switch counts as 0 J")
        return 0.0
    findings.warn("estimated_part", path, f"{power:g} W are an estimate of the interconnect, not measured")
    return conversion * power * time_ms / 1000
