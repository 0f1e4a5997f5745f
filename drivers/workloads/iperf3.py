"""iperf3: its JSON (`-J`, or `--json-stream` of 3.17 and later).

iperf3(1) and the output of iperf 3.12: read. A test that failed says so under `error`, and iperf3 exits with 0 all the
same. `sum_received` is what arrived; the sender's own figure says what was pushed into buffers.
"""

from typing import Any

from drivers.errors import Garbled
from drivers.parsed import Parsed
from drivers.workloads.findings import Findings, no_output_of
from drivers.workloads.json_output import documents, mapping, names, wanted, word, written

_KEYS = names(
    "start end error version test_start protocol num_streams reverse bidir duration sum_sent sum_received "
    "sum_sent_bidir_reverse sum_received_bidir_reverse sum bits_per_second bytes seconds retransmits jitter_ms "
    "lost_packets packets lost_percent cpu_utilization_percent host_total remote_total event data sender"
)
_SUMS = {
    "sum_sent": "sent",
    "sum_received": "received",
    "sum_sent_bidir_reverse": "sent[reverse]",
    "sum_received_bidir_reverse": "received[reverse]",
    "sum": "summary",
}
_FIGURES = (
    ("bits_per_second", "rate", "bit/s", "1"),
    ("bytes", "bytes", "B", "1"),
    ("seconds", "time", "s", "1"),
    ("retransmits", "retransmits", "1", "1"),
    ("jitter_ms", "jitter", "s", "1e-3"),
    ("packets", "packets", "1", "1"),
    ("lost_packets", "lost_packets", "1", "1"),
    ("lost_percent", "lost", "%", "1"),
)
_SHORT = 0.9
"""The share of the asked duration that a whole run takes at least."""


def _trim(pairs: list[tuple[str, Any]]) -> Any:
    # What an interval says has a key of its own, and there may be millions of them.
    return None if any(key == "omitted" for key, _ in pairs) else wanted(_KEYS)(pairs)


def parse(output: bytes) -> Parsed:
    """Read a test's result. Raises Garbled where there is no JSON of iperf3, or it is cut."""
    report = _report(output)
    if "start" not in report and "end" not in report and "error" not in report:
        raise no_output_of("iperf3", output, "save it with -J")
    found = Findings("iperf3")
    start, end = mapping(report.get("start") or {}, "start"), mapping(report.get("end") or {}, "end")
    if report.get("error"):
        found.bad(word(report["error"], "error"))
    test = mapping(start.get("test_start") or {}, "test_start")
    for key, name in _SUMS.items():
        if end.get(key) is not None:
            _sum(found, name, mapping(end[key], key))
    _processors(found, mapping(end.get("cpu_utilization_percent") or {}, "cpu_utilization_percent"))
    _judge(found, test, end)
    version = start.get("version")
    return found.parsed(word(version, "version").removeprefix("iperf ") if version is not None else None)


def _report(output: bytes) -> dict[str, Any]:
    """Return the one object, or put together what a stream of events says."""
    report: dict[str, Any] = {}
    for found, _ in documents(output, _trim):
        if found is None:
            continue
        one = mapping(found, "the output")
        new = {word(one["event"], "event"): one.get("data")} if "event" in one else one
        for key in new:
            if key in report:
                raise Garbled(f"{key!r} is there twice: more than one run")
        report |= {key: value for key, value in new.items() if key != "interval"}
    return report


def _sum(found: Findings, scope: str, told: dict[str, Any]) -> None:
    for key, name, unit, factor in _FIGURES:
        if key in told:
            found.figure(f"{scope}.{name}", written(told[key], f"{scope}.{name}"), unit, factor)


def _processors(found: Findings, told: dict[str, Any]) -> None:
    for key, name in (("host_total", "processor[local].share"), ("remote_total", "processor[remote].share")):
        if key in told:
            found.figure(name, written(told[key], key), "%")


def _judge(found: Findings, test: dict[str, Any], end: dict[str, Any]) -> None:
    if "sum_sent" not in end and "sum" not in end:
        found.bad("it has no result")
        return
    two_ways = test.get("bidir") == "1" or "sum_sent_bidir_reverse" in end
    for key in ("sum_received", *(["sum_received_bidir_reverse"] if two_ways else [])):
        told = mapping(end.get(key, end.get("sum")) or {}, key)
        if not told:
            found.bad(f"{key} is not there: nobody says what arrived")
        elif not _above_zero(told, "bits_per_second"):
            found.bad(f"{key}: nothing arrived")
    asked, took = test.get("duration"), mapping(end.get("sum_sent", end.get("sum")) or {}, "sum_sent").get("seconds")
    if asked is not None and took is not None:
        wished = float(written(asked, "duration"))
        if float(written(took, "seconds")) < _SHORT * wished:
            found.bad(f"it ended after {took} s of {asked} s")


def _above_zero(told: dict[str, Any], key: str) -> bool:
    value = float(written(told.get(key), key))
    return 0 < value < float("inf")
