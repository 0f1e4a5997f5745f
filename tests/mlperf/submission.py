"""A small, whole MLPerf Inference measurement, in the layout and the words of published ones, to be broken by tests."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Json = dict[str, Any]

BEGIN = datetime(2024, 7, 25, 11, 0, 0, tzinfo=UTC)
SESSION = "2024-07-25_06-58-23"
STARTED = "Starting untimed measurement, maximum 500000 samples at 1000ms with 0 rampup samples"
SECONDS = 620
"""How long power is measured in each run, s; the load begins 10 s later and ends 10 s earlier."""


def stamp(at: datetime) -> str:
    """A time as PTDaemon and loadgen write it."""
    return f"{at:%m-%d-%Y %H:%M:%S}.{at.microsecond // 1000:03d}"


def began(mode: str) -> datetime:
    """When the measurement of a mode began."""
    return BEGIN + timedelta(seconds=0 if mode == "ranging" else 700)


def watts(second: int) -> float:
    """Power that is not constant, and whose mean is easily told."""
    return 1300.0 if second == 300 else 1000.0 + second % 7


def spl(mode: str, power: Callable[[int], float] = watts) -> str:
    mark = f"{SESSION}_{'ranging' if mode == 'ranging' else 'testing'}"
    lines = []
    for second in range(SECONDS + 1):
        at = began(mode) + timedelta(seconds=second)
        lines.append(
            f"Time,{stamp(at)},Watts,{power(second):.6f},Volts,230.100000,Amps,4.400000,PF,0.990000,Mark,{mark}"
        )
    return "\n".join(lines) + "\n"


def event(key: str, value: Any) -> str:
    return ":::MLLOG " + json.dumps({"key": key, "value": value, "time_ms": 0.04, "metadata": {"is_error": False}})


def detail(mode: str, scenario: str = "Offline", **values: Any) -> str:
    begin = began(mode) + timedelta(seconds=10)
    found = {
        "loadgen_version": "4.1 @ 019f9ac3e6",
        "effective_scenario": scenario,
        "effective_min_duration_ms": 600000,
        "power_begin": stamp(begin),
        "power_end": stamp(began(mode) + timedelta(seconds=SECONDS - 10)),
        "result_validity": "VALID",
        "result_samples_per_second": 334462,
        "result_completed_samples_per_sec": 300000,
        "result_query_count": 6000,
        "effective_samples_per_query": 221760000,
    }
    return "\n".join(event(key, value) for key, value in (found | values).items()) + "\n"


def summary(scenario: str = "Offline", result: str = "Samples per second: 334462") -> str:
    return f"SUT name : X\nScenario : {scenario}\nMode     : PerformanceOnly\n{result}\nResult is : VALID\n"


def ptd_log() -> str:
    start, stop = began("ranging"), began("ranging") + timedelta(seconds=SECONDS)
    return "\n".join([
        "Selected power meter 'Yokogawa WT210' from yokowt210.cpp",
        f"{stamp(start - timedelta(seconds=20))}: Uncertainty checking for YokogawaWT210 is activated",
        f"{stamp(start)}: Go with mark '{SESSION}_ranging'",
        f"{stamp(start + timedelta(seconds=1))}: ERROR: Can't evaluate uncertainty of this sample!",
        f"{stamp(stop)}: Completed test",
        f"{stamp(began('run_1'))}: Go with mark '{SESSION}_testing'",
        f"{stamp(began('run_1') + timedelta(seconds=SECONDS))}: Completed test", "",
    ])  # fmt: skip


def ptd_messages() -> list[Json]:
    pairs = [
        ("Hello", "Hello, PTDaemon here!"),
        ("Identify", "YokogawaWT210,1000,1,1,1,1,0,0,1,version=1.11.1-ed9a21d2-20240817,OS=Linux,mode=power"),
        ("RR", "Ranges,1,5.000000,1,150.000000"),
        ("SR,V,Auto", "Range V changed"), ("SR,A,Auto", "Range A changed"),
        (f"Go,1000,0,{SESSION}_ranging", STARTED), ("Stop", "Stopping untimed measurement"),
        ("RL", f"Last {SECONDS + 1} samples"),
        ("SR,V,230.1", "Range V changed"), ("SR,A,4.9", "Range A changed"),
        (f"Go,1000,0,{SESSION}_testing", STARTED), ("Stop", "Stopping untimed measurement"),
        ("RL", f"Last {SECONDS + 1} samples"),
        ("Uncertainty", f"Uncertainty,0.003651,0.003075,0.004587,{SECONDS + 1},0,{SECONDS + 1},0"),
        ("SR,V,Auto", "Range V changed"), ("SR,A,Auto", "Range A changed"),
    ]  # fmt: skip
    return [{"cmd": command, "reply": reply} for command, reply in pairs]


def phases(offset: float) -> Json:
    found = {}
    for mode, name in (("ranging", "ranging"), ("run_1", "testing")):
        start = began(mode).timestamp()
        times = [start - 20, start + 5, start + SECONDS - 5, start + SECONDS + 5]
        found[name] = [[at + offset, 1.0] for at in times]
    return found


def record(end: str) -> Json:
    greeting = {"cmd": "mlcommons/power client v3", "reply": "mlcommons/power server v3"}
    clock = {"cmd": "time", "reply": "1721905103.9" if end == "server" else "1721905103.8"}
    return {
        "version": "1.0", "timezone": 14400, "modules": {}, "sources": {"client.py": "33ca"},
        "messages": [greeting, clock, {"cmd": f"session,{SESSION},start,ranging", "reply": "OK"}],
        "uuid": {
            "client": "c829c242-0477-462b-80da-ba6f21383f63", "server": "ddc7fc7b-ffdb-4974-8a64-1e186d8c2426",
        },
        "session_name": SESSION, "results": {}, "phases": phases(0.0 if end == "server" else 0.012),
    }  # fmt: skip


class Measurement:
    """The files of a measurement before they are written: text by name, and the two ends' records."""

    def __init__(self, scenario: str = "Offline") -> None:
        self.files = {"power/client.log": "c\n", "power/server.log": "s\n", "power/ptd_logs.txt": ptd_log()}
        for mode in ("ranging", "run_1"):
            self.files[f"{mode}/spl.txt"] = spl(mode)
            self.files[f"{mode}/mlperf_log_detail.txt"] = detail(mode, scenario)
            self.files[f"{mode}/mlperf_log_summary.txt"] = summary(scenario)
        self.client, self.server = record("client"), record("server")
        self.server["ptd_messages"] = ptd_messages()
        self.server["ptd_config"] = {"command": ["ptd", "8", "/dev/ttyUSB0"], "device_type": 8, "channel": None}

    def change(self, name: str, old: str, new: str) -> None:
        """Replace text in a file; it has to be there."""
        assert old in self.files[name]
        self.files[name] = self.files[name].replace(old, new, 1)

    def in_local_time(self, ends: str, hours: int) -> None:
        """Write the times of the client's or the server's logs as early rounds did: local, `hours` ahead of UTC."""
        names = {"client": "mlperf_log_detail", "server": "spl ptd_logs"}[ends].split()
        getattr(self, ends)["timezone"] = -3600 * hours
        for file in [file for file in self.files if any(name in file for name in names)]:
            for hour in range(23, -1, -1) if hours > 0 else range(24):
                old, new = f"07-25-2024 {hour:02d}:", f"07-25-2024 {(hour + hours) % 24:02d}:"
                self.files[file] = self.files[file].replace(old, new.replace("07-25", "@@"))
            self.files[file] = self.files[file].replace("@@", "07-25")

    def write(self, folder: Path, *, rehash: bool = True) -> Path:
        """Write all files into `folder`, with the hashes that belong to them."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            if rehash:
                owner = self.client if "mlperf_log" in name or "client" in name else self.server
                owner["results"][name] = hashlib.sha1(text.encode()).hexdigest()
        for end, fields in (("client", self.client), ("server", self.server)):
            (folder / "power" / f"{end}.json").write_text(json.dumps(fields), encoding="utf-8")
        return folder
