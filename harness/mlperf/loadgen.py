"""What loadgen logged of one run: scenario, result, when power was measured; and which figure is the result.

The result's field is that of mlcommons/inference, tools/submission (RESULT_FIELD_NEW and its overwrites for LLMs).
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from harness.energy import moments
from harness.mlperf import mllog
from harness.mlperf.findings import Findings
from harness.mlperf.mllog import Event, real

SCENARIOS = ("Offline", "Server", "Interactive", "SingleStream", "MultiStream")
_KEYS = frozenset({
    "power_begin", "power_end", "effective_scenario", "result_validity", "result_query_count", "loadgen_version",
    "result_samples_per_second", "result_completed_samples_per_sec", "result_scheduled_samples_per_sec",
    "result_tokens_per_second", "result_completed_tokens_per_second", "result_inferred_tokens_per_second",
    "result_inferred_completed_tokens_per_second", "early_stopping_latency_ss", "early_stopping_latency_ms",
    "effective_min_duration_ms", "effective_samples_per_query", "result_mean_query_latency_ns",
    "result_mean_latency_ns", "result_qps_without_loadgen_overhead",
})  # fmt: skip
_TOKENS = ("llama2-70b", "llama2", "mixtral", "llama3", "deepseek", "gpt-oss", "qwen")
_INFERRED_TOKENS = ("gptj",)
_SUMMARY = {
    "Offline": r"Samples per second\s*:\s*(\S+)",
    "Server": r"(?:Scheduled|Completed) samples per second\s*:\s*(\S+)",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One loadgen run. Times in ns as its log writes them, taken as UTC; None where the log has none."""

    path: Path
    values: dict[str, Any]
    begin_ns: int | None
    end_ns: int | None

    @property
    def scenario(self) -> str | None:
        """Return the scenario that was run, as loadgen spells it."""
        found = self.values.get("effective_scenario")
        return found if found in SCENARIOS else None

    @property
    def seconds(self) -> float | None:
        """Return the length of the power window in s."""
        return None if self.begin_ns is None or self.end_ns is None else (self.end_ns - self.begin_ns) / 1e9

    def number(self, key: str) -> float | None:
        """Return a value where it is a finite number."""
        return real(self.values.get(key))


def shifted(run: Run, seconds: float) -> Run:
    """Return `run` with its power window moved from local time to UTC."""
    ns = round(seconds * 1e9)
    begin, end = (None if at is None else at + ns for at in (run.begin_ns, run.end_ns))
    return replace(run, begin_ns=begin, end_ns=end)


def read(folder: Path, findings: Findings) -> Run:
    """Read the logs in a run's folder."""
    path = folder / "mlperf_log_detail.txt"
    found = mllog.events(path, findings, _KEYS) or []
    values: dict[str, Any] = {}
    for event in found:
        _keep(values, event, path, findings)
    begin = _moment(path, values, "power_begin", findings)
    end = _moment(path, values, "power_end", findings)
    if begin is not None and end is not None and end <= begin:
        findings.error(
            "window", path, f"power_end {values['power_end']} is not after power_begin {values['power_begin']}"
        )
        begin = end = None
    run = Run(path, values, begin, end)
    _check_summary(folder, run, findings)
    return run


def _keep(values: dict[str, Any], event: Event, path: Path, findings: Findings) -> None:
    if event.key in values and values[event.key] != event.value:
        text = f"{event.key} is {values[event.key]!r} and, in line {event.line}, {event.value!r}: the first is taken"
        findings.error("repeated_marker", path, text)
    values.setdefault(event.key, event.value)


def _moment(path: Path, values: dict[str, Any], key: str, findings: Findings) -> int | None:
    text = values.get(key)
    if text is None:
        findings.error("missing_marker", path, f"no {key}: the power window is not known")
        return None
    try:
        return moments.of_ptd(str(text), timedelta(0))
    except ValueError as error:
        findings.error("missing_marker", path, f"{key}: {error}")
        return None


def _check_summary(folder: Path, run: Run, findings: Findings) -> None:
    path = folder / "mlperf_log_summary.txt"
    text = findings.text(path)
    if text is None:
        return
    said = dict(re.findall(r"^(Scenario|Result is)\s*:\s*(\S+)", text, re.MULTILINE))
    if said.get("Result is") != "VALID":
        findings.error("result_not_valid", path, f"the result is {said.get('Result is', 'not said')}")
    scenario = str(said.get("Scenario", "")).replace(" ", "")
    if run.scenario and scenario != run.scenario:
        findings.error("summary_differs", path, f"scenario {scenario!r}, the detail log has {run.scenario!r}")
    found = re.search(_SUMMARY.get(run.scenario or "", "$^"), text)
    values = [run.number(key) for key in _throughputs(run.scenario or "")]
    if found and not any(v is not None and _close(found[1], v) for v in values):
        findings.error(
            "summary_differs", path, f"{found[0]!r}, the detail log has {[v for v in values if v is not None]}"
        )


def _throughputs(scenario: str) -> tuple[str, ...]:
    if scenario == "Offline":
        return ("result_samples_per_second", "result_tokens_per_second")
    return ("result_scheduled_samples_per_sec", "result_completed_samples_per_sec")


def _close(text: str, value: float) -> bool:
    try:
        return abs(float(text) - value) <= 1e-3 * abs(value)
    except ValueError:
        return False


def result_field(run: Run, benchmark: str, round_: tuple[int, int] | None) -> tuple[str, str] | None:
    """Return the key of the result and its unit; None for a scenario that has no throughput.

    `round_` is that of the submission, as (4, 1); without one loadgen's own version stands for it.
    """
    before = (round_ or version(run) or (9, 9)) < (4, 1)
    offline = run.scenario == "Offline"
    if run.scenario not in ("Offline", "Server", "Interactive"):
        return None
    if benchmark.startswith(_INFERRED_TOKENS) and not before:
        name = "result_inferred_tokens_per_second" if offline else "result_inferred_completed_tokens_per_second"
        return name, "tokens"
    if benchmark.startswith(_TOKENS) and (offline or not before):
        return ("result_tokens_per_second" if offline else "result_completed_tokens_per_second"), "tokens"
    if offline:
        return "result_samples_per_second", "samples"
    old_server = before and not benchmark.startswith(_TOKENS)
    return ("result_scheduled_samples_per_sec" if old_server else "result_completed_samples_per_sec"), "samples"


def inferred_offline(run: Run) -> tuple[str, float | None]:
    """Return the key that an Offline result is inferred from, and that result in samples/s."""
    if run.scenario == "SingleStream":
        return "result_qps_without_loadgen_overhead", run.number("result_qps_without_loadgen_overhead")
    latency, samples = run.number("result_mean_query_latency_ns"), run.number("effective_samples_per_query")
    result = samples * 1000 / (latency / 1e6) if latency and samples else None
    return "result_mean_query_latency_ns", result


def version(run: Run) -> tuple[int, int] | None:
    """Return loadgen's version, as (4, 1), where its log tells."""
    found = re.match(r"v?(\d+)\.(\d+)", str(run.values.get("loadgen_version", "")))
    return (int(found[1]), int(found[2])) if found else None
