"""MLPerf LoadGen: `mlperf_log_summary.txt`, whatever the scenario.

Lines as `loadgen/results.cc` of mlcommons/inference writes them (read); the counts of warnings and errors, with which
every summary ends, are from its logger (recalled).
"""

import re

from drivers.parsed import Parsed, lines
from drivers.workloads.findings import Findings, no_output_of

_PERCENTILE = re.compile(
    r"(\d{1,3}(?:\.\d{1,6})?)(?:th)? (?:(first token) )?percentile "
    r"(?:(latency|first token latency|time to output token))"
    r" \(ns\)|(\d{1,3}(?:\.\d{1,6})?)th first token percentile latency \(ns\)",
    re.ASCII,
)
_EXTREME = re.compile(r"(Min|Max|Mean) (latency|First Token latency|Time to Output Token) \(ns\)")
_SCOPES = {
    "latency": "latency",
    "first token latency": "first_token_latency",
    "time to output token": "time_per_output_token",
}
_RATES = {
    "Samples per second": "samples",
    "Scheduled samples per second": "scheduled_samples",
    "Completed samples per second": "completed_samples",
    "Tokens per second": "tokens",
    "Completed tokens per second": "completed_tokens",
    "Scheduled tokens per second": "scheduled_tokens",
    "QPS w/ loadgen overhead": "queries_with_overhead",
    "QPS w/o loadgen overhead": "queries_without_overhead",
    "TPS w/ loadgen overhead": "tokens_with_overhead",
    "TPS w/o loadgen overhead": "tokens_without_overhead",
}
_STATES = {"SUT name": "sut", "Scenario": "scenario", "Mode": "mode", "Result is": "result"}
_COUNTED = {"samples_per_query", "min_query_count", "max_query_count", "performance_sample_count"}
_SECONDS = {"target_latency (ns)": ("target_latency", "1e-9"), "min_duration (ms)": ("min_duration", "1e-3")}
_ERRORS = re.compile(r"\s*(No|\d{1,9}) (warnings?|errors?) encountered\b.*", re.IGNORECASE)


def parse(output: bytes) -> Parsed:
    """Read a summary. Raises Garbled where its title is not there."""
    reader = _Reader()
    for line in lines(output):
        reader.line(line)
    if not reader.titled:
        raise no_output_of("loadgen", output, "give mlperf_log_summary.txt")
    return reader.parsed()


class _Reader:
    def __init__(self) -> None:
        self.found, self.titled, self.counted = Findings("loadgen"), False, False
        self.states: dict[str, str] = {}
        self.part = ""

    def line(self, line: str) -> None:
        word = line.strip()
        if word in {"MLPerf Results Summary", "Additional Stats", "Test Parameters Used"}:
            self.titled, self.part = self.titled or word.startswith("MLPerf"), word
        elif errors := _ERRORS.fullmatch(word):
            self._errors(errors[1], errors[2].lower(), word)
        elif self.titled and ":" in word:
            key, _, raw = word.partition(":")
            self._pair(key.rstrip(), raw.lstrip())

    def _errors(self, count: str, what: str, word: str) -> None:
        if what.startswith("error"):
            self.counted = True
            if count.lower() != "no" and int(count):
                self.found.bad(word)

    def _pair(self, key: str, raw: str) -> None:
        if key in _STATES:
            self._state(_STATES[key], raw)
        elif key in _RATES:
            self._rate(_RATES[key], raw)
        elif percentile := _PERCENTILE.fullmatch(key):
            self._percentile(percentile, raw)
        elif extreme := _EXTREME.fullmatch(key):
            self.found.figure(f"{_SCOPES[extreme[2].lower()]}.{_WORDS[extreme[1]]}", raw, "s", "1e-9")
        elif key.endswith(" satisfied"):
            self._constraint(key.removesuffix(" satisfied"), raw)
        elif self.part == "Test Parameters Used":
            self._parameter(key, raw)

    def _state(self, name: str, raw: str) -> None:
        if self.states.setdefault(name, raw) != raw:
            self.found.bad(f"{name} is there twice: {self.states[name]!r} and {raw!r}")
        self.found.state(name, raw)

    def _rate(self, name: str, raw: str) -> None:
        # Of a rate that is told twice the first is that of the result, the second one of the additional statistics.
        if self.states.setdefault(f"rate of {name}", raw) == raw:
            self.found.figure(f"{name}.rate", raw, "1/s")
        else:
            self.found.figure(f"{name}[{self.part}].rate", raw, "1/s")

    def _percentile(self, found: re.Match[str], raw: str) -> None:
        first = found[4] or found[2]
        scope = "first_token_latency" if first else _SCOPES[found[3]]
        self.found.figure(f"{scope}[{found[4] or found[1]}].percentile", raw, "s", "1e-9")

    def _constraint(self, name: str, raw: str) -> None:
        self.found.state(name.lower().replace(" ", "_"), raw)
        if raw.upper() == "NO":
            self.found.bad(f"{name}: not satisfied")

    def _parameter(self, key: str, raw: str) -> None:
        if key in _COUNTED:
            self.found.figure(key, raw)
        elif key in _SECONDS:
            name, factor = _SECONDS[key]
            self.found.figure(name, raw, "s", factor)

    def parsed(self) -> Parsed:
        result, mode = self.states.get("result"), self.states.get("mode", "not told")
        if result != "VALID" and not (result is None and "Accuracy" in mode):
            self.found.bad(f"the result is {result or 'not there'}")
        if mode != "PerformanceOnly" and not (result == "VALID" and mode == "Performance"):
            self.found.unverified(f"the mode is {mode}: no performance is judged in it")
        if not self.counted:
            self.found.bad("it does not end: the count of errors is not there")
        return self.found.parsed()


_WORDS = {"Min": "minimum", "Max": "maximum", "Mean": "mean"}
