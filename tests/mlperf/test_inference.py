"""The official metric of a measurement, and each anomaly by the one thing that was broken for it."""

import json
import math
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.commands.mlperf_power import checked
from harness.mlperf.folders import NotASubmission, Submission, submissions
from tests.mlperf import submission
from tests.mlperf.submission import SESSION, Measurement, began, detail, event, stamp

Json = dict[str, Any]
USED = [submission.watts(second) for second in range(11, submission.SECONDS - 10)]
"""The samples strictly within the power window."""


def result_of(folder: Path) -> Json:
    return checked(Submission("inference", folder))


def codes(result: Json, *, notes: bool = False) -> set[str]:
    return {f["code"] for f in result["findings"] if notes or f["severity"] != "note"}


def test_a_whole_measurement_is_clean(tmp_path: Path) -> None:
    result = result_of(Measurement().write(tmp_path / "resnet50" / "offline" / "performance"))
    assert codes(result, notes=True) == {"sources_not_checked"}
    assert result["clean"]
    assert (result["scenario"], result["benchmark"]) == ("Offline", "resnet50")
    assert result["samples"] == {"used": len(USED), "dropped": 0, "in_file": 621, "unit": "1"}


def test_offline_is_the_mean_power_and_samples_per_joule(tmp_path: Path) -> None:
    result = result_of(Measurement().write(tmp_path / "Offline"))
    mean = sum(USED) / len(USED)
    assert result["metric"]["value"] == mean
    assert result["metric"]["unit"] == "W"
    assert result["efficiency"]["value"] == 334462 / mean
    assert result["efficiency"]["unit"] == "samples/J"


@pytest.mark.parametrize(("scenario", "samples"), [("SingleStream", 1), ("MultiStream", 8)])
def test_streams_are_energy_per_query(tmp_path: Path, scenario: str, samples: int) -> None:
    measurement = Measurement(scenario)
    for mode in ("ranging", "run_1"):
        measurement.files[f"{mode}/mlperf_log_summary.txt"] = submission.summary(scenario, "90th percentile: 1")
    result = result_of(measurement.write(tmp_path / scenario))
    assert result["clean"]
    energy = sum(USED) / len(USED) * 600.0 * 1000 / 6000
    assert (result["metric"]["value"], result["metric"]["unit"]) == (energy, "mJ/query")
    assert result["efficiency"]["value"] == samples * 1000 / energy


def test_multistream_inferred_from_singlestream_counts_eight_samples(tmp_path: Path) -> None:
    measurement = Measurement("SingleStream")
    for mode in ("ranging", "run_1"):
        measurement.files[f"{mode}/mlperf_log_summary.txt"] = submission.summary("SingleStream", "-")
    result = result_of(measurement.write(tmp_path / "MultiStream"))
    energy = sum(USED) / len(USED) * 600.0 * 8 * 1000 / 6000
    assert result["metric"]["value"] == energy
    assert result["efficiency"]["value"] == 8 * 1000 / energy
    assert codes(result) == {"inferred_result"}


@pytest.mark.parametrize(
    ("benchmark", "loadgen", "field", "unit"),
    [
        ("resnet50", "4.1", "result_completed_samples_per_sec", "samples/J"),
        ("resnet50", "4.0", "result_scheduled_samples_per_sec", "samples/J"),
        ("llama2-70b-99", "5.0", "result_completed_tokens_per_second", "tokens/J"),
        ("gptj-99.9", "4.1", "result_inferred_completed_tokens_per_second", "tokens/J"),
        ("gptj-99.9", "4.0", "result_scheduled_samples_per_sec", "samples/J"),
    ],
)
def test_server_takes_the_field_of_its_round(
    tmp_path: Path, benchmark: str, loadgen: str, field: str, unit: str
) -> None:
    measurement = Measurement("Server")
    text = detail("run_1", "Server", loadgen_version=loadgen, **{field: 12345.5})
    measurement.files["run_1/mlperf_log_detail.txt"] = text
    for mode in ("ranging", "run_1"):
        measurement.files[f"{mode}/mlperf_log_summary.txt"] = submission.summary("Server", "-")
    result = result_of(measurement.write(tmp_path / benchmark / "Server"))
    assert result["result"] == {"value": 12345.5, "field": field}
    assert result["efficiency"]["value"] == 12345.5 / (sum(USED) / len(USED))
    assert result["efficiency"]["unit"] == unit


def _negative(second: int) -> float:
    return -1.0 if second in (100, 200) else submission.watts(second)


def _weaker(second: int) -> float:
    return submission.watts(second) * 0.94


def _set(path: str, value: Any) -> Callable[[Measurement], None]:
    """Set a key of a record, `client.uuid.client` say."""

    def change(measurement: Measurement) -> None:
        end, *keys, last = path.split(".")
        table: Any = getattr(measurement, end)
        for key in keys:
            table = table[int(key) if isinstance(table, list) else key]
        table[int(last) if isinstance(table, list) else last] = value

    return change


def _file(name: str, text: str) -> Callable[[Measurement], None]:
    return lambda measurement: measurement.files.update({name: text})


def _ptd_line(seconds: float, text: str) -> Callable[[Measurement], None]:
    def change(measurement: Measurement) -> None:
        measurement.files["power/ptd_logs.txt"] += f"{stamp(began('run_1') + timedelta(seconds=seconds))}: {text}\n"

    return change


def _reply(command: str, reply: str, *, last: bool = False) -> Callable[[Measurement], None]:
    def change(measurement: Measurement) -> None:
        found = [m for m in measurement.server["ptd_messages"] if m["cmd"].startswith(command)]
        found[-1 if last else 0]["reply"] = reply

    return change


def _command(old: str, new: str, which: int) -> Callable[[Measurement], None]:
    def change(measurement: Measurement) -> None:
        [m for m in measurement.server["ptd_messages"] if m["cmd"].startswith(old)][which]["cmd"] = new

    return change


HALFWAY = "1300.000000"
"""The power halfway through a run, where no other line has it."""
ABOVE = "WARNING: Uncertainty 1.20%, which is above 1.00% limit for the last sample!"
BROKEN: list[tuple[str, str, Callable[[Measurement], object]]] = [
    ("negative_power", "", _file("run_1/spl.txt", submission.spl("run_1", _negative))),
    ("ranging_power", "6", _file("run_1/spl.txt", submission.spl("run_1", _weaker))),
    ("duplicate_channel", "equal", _file("run_1/spl.txt", submission.spl("ranging"))),
    ("window", "not after", _file("run_1/mlperf_log_detail.txt", detail("run_1", power_end=stamp(began("run_1"))))),
    ("window", "none of", _file("run_1/mlperf_log_detail.txt", detail("run_1", power_begin="07-25-2024 20:00:00.000",
                                                                     power_end="07-25-2024 20:10:00.000"))),
    ("missing_marker", "power_begin", _file("run_1/mlperf_log_detail.txt", detail("run_1", power_begin=None))),
    ("repeated_marker", "first", lambda m: m.files.update(
        {"run_1/mlperf_log_detail.txt": detail("run_1") + event("power_begin", stamp(began("run_1"))) + "\n"})),
    ("uuid", "client", _set("client.uuid.client", "00000000-0000-0000-0000-000000000000")),
    ("uuid", "server", _set("client.uuid", "no table")),
    ("session_name", "other", _set("client.session_name", "other")),
    ("sources", "hashes", _set("client.sources", {"client.py": "other"})),
    ("messages", "message 2", _set("client.messages.2.reply", "no")),
    ("messages", "0 messages", _set("server.messages", [])),
    ("messages", "greet", lambda m: [r["messages"][0].update(reply="hello") for r in (m.client, m.server)]),
    ("clock_offset", "800 ms", _set("client.phases.testing.2.0", submission.phases(0)["testing"][2][0] + 0.9)),
    ("phases", "ranging", _set("client.phases.ranging", [])),
    ("debug", "debug", _set("server.debug", True)),
    ("missing_field", "session_name", lambda m: m.client.pop("session_name")),
    ("missing_field", "ptd_messages", lambda m: m.server.pop("ptd_messages")),
    ("missing_field", "ptd_config", lambda m: m.server.pop("ptd_config")),
    ("ptd_model", "99", _set("server.ptd_config.device_type", 99)),
    ("ptd_model", "two channels", _set("server.ptd_config.device_type", 77)),
    ("ptd_model", "HomeMade", _reply("Identify", "HomeMade,version=1.11.1-x")),
    ("ptd_version", "1.2.3", _reply("Identify", "YokogawaWT210,version=1.2.3-x")),
    ("ptd_answer", "refused", _reply("SR,V", "refused")),
    ("ptd_answer", "Go,", _reply("Go,1000", "Error")),
    ("auto_range", "Auto", _command("SR,A", "SR,A,Auto", 1)),
    ("range_not_restored", "SR,V,Auto", _command("SR,V", "SR,V,300", 2)),
    ("uncertainty", "1 % is allowed", _reply("Uncertainty", "Uncertainty,0.012,0.01,0.02,621,0,621,0")),
    ("uncertainty", "not known", _reply("Uncertainty", "Uncertainty,-1.0,1,0,621,0,0,621")),
    ("uncertainty", "under load", _ptd_line(300, ABOVE)),
    ("uncertainty", "never activated", lambda m: m.change("power/ptd_logs.txt", "Uncertainty checking", "Nothing")),
    ("ptd_log", "outside the ranging run", _ptd_line(300, "ERROR: Can't evaluate uncertainty of this sample!")),
    ("ptd_log", "no ranging run", lambda m: m.change("power/ptd_logs.txt", f"'{SESSION}_ranging'", "'other'")),
    ("mark", "testing", _file("run_1/spl.txt", submission.spl("run_1").replace("_testing", "_other"))),
    ("sample_count", "700", _reply("RL", "Last 700 samples", last=True)),
    ("result_not_valid", "INVALID", lambda m: m.change("run_1/mlperf_log_summary.txt", "VALID", "INVALID")),
    ("summary_differs", "999", lambda m: m.change("run_1/mlperf_log_summary.txt", "334462", "999")),
    ("short_run", "60 s", _file("run_1/mlperf_log_detail.txt", detail("run_1", effective_min_duration_ms=60000))),
    ("gap_too_long", "gap", lambda m: m.files.update({"run_1/spl.txt": "\n".join(
        line for i, line in enumerate(submission.spl("run_1").splitlines()) if not 100 < i < 120) + "\n"})),
    ("time_backwards", "older", lambda m: m.files.update({"run_1/spl.txt": "\n".join(
        (lines := submission.spl("run_1").splitlines())[:50] + lines[40:]) + "\n"})),
    ("unreadable_line", "readable", lambda m: m.change("run_1/spl.txt", HALFWAY, "OVERLOAD")),
    ("not_a_number", "OVERLOAD", lambda m: m.change("run_1/spl.txt", HALFWAY, "OVERLOAD")),
    ("missing_value", "empty", lambda m: m.change("run_1/spl.txt", HALFWAY, "")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "said", "change"), BROKEN, ids=[f"{c}-{s}" for c, s, _ in BROKEN])
def test_each_anomaly_is_named(tmp_path: Path, code: str, said: str, change: Callable[[Measurement], object]) -> None:
    measurement = Measurement()
    change(measurement)
    result = result_of(measurement.write(tmp_path / "Offline"))
    assert not result["clean"]
    found = [f["text"] for f in result["findings"] if f["code"] == code]
    assert any(said in text for text in found), result["findings"]


def test_watts_at_or_below_zero_are_dropped_and_told(tmp_path: Path) -> None:
    measurement = Measurement()
    measurement.files["run_1/spl.txt"] = submission.spl("run_1", _negative)
    result = result_of(measurement.write(tmp_path / "Offline"))
    kept = [w for s, w in ((s, _negative(s)) for s in range(11, 610)) if w > 0]
    assert result["metric"]["value"] == sum(kept) / len(kept)
    assert result["samples"]["dropped"] == 2


def test_a_file_changed_afterwards_is_found_by_its_hash(tmp_path: Path) -> None:
    folder = Measurement().write(tmp_path / "Offline")
    path = folder / "run_1" / "spl.txt"
    path.write_text(path.read_text().replace("1003.0", "1002.0", 1))
    result = result_of(folder)
    assert [f["where"] for f in result["findings"] if f["severity"] == "error"] == ["run_1/spl.txt"]
    assert codes(result) == {"hash_mismatch"}


def test_an_earlier_ptdaemon_is_a_note(tmp_path: Path) -> None:
    measurement = Measurement()
    _reply("Identify", "YokogawaWT210,version=1.10.0-x")(measurement)
    result = result_of(measurement.write(tmp_path / "Offline"))
    assert result["clean"]
    assert codes(result, notes=True) == {"ptd_version", "sources_not_checked"}


def test_several_analysers_are_each_held_to_the_rules(tmp_path: Path) -> None:
    measurement = Measurement()
    measurement.server["ptd_messages"] += submission.ptd_messages()
    measurement.server["ptd_config"] = [measurement.server["ptd_config"]] * 2
    assert result_of(measurement.write(tmp_path / "good" / "Offline"))["clean"]
    measurement.server["ptd_messages"][-1]["cmd"] = "SR,A,5"
    result = result_of(measurement.write(tmp_path / "bad" / "Offline"))
    assert codes(result) == {"range_not_restored"}


@pytest.mark.parametrize(
    "zones", [{"client": 3}, {"server": -4}, {"client": 3, "server": -4}, {"client": 5, "server": 5}]
)
def test_local_times_of_early_rounds_come_to_the_same(tmp_path: Path, zones: dict[str, int]) -> None:
    wanted = result_of(Measurement().write(tmp_path / "utc" / "Offline"))
    measurement = Measurement()
    for end, hours in zones.items():
        measurement.in_local_time(end, hours)
    result = result_of(measurement.write(tmp_path / "local" / "Offline"))
    assert result["clean"], result["findings"]
    assert "local_time" in codes(result, notes=True)
    assert result["metric"] == wanted["metric"]
    assert result["samples"] == wanted["samples"]


def test_a_zone_that_is_named_but_not_used_changes_nothing(tmp_path: Path) -> None:
    measurement = Measurement()
    measurement.server["timezone"] = measurement.client["timezone"] = 14400
    result = result_of(measurement.write(tmp_path / "Offline"))
    assert result["clean"]
    assert "local_time" not in codes(result, notes=True)


def test_sources_are_held_against_a_list(tmp_path: Path) -> None:
    folder = Measurement().write(tmp_path / "Offline")
    one = Submission("inference", folder)
    assert checked(one, [{"client.py": "33ca"}])["findings"] == []
    assert codes(checked(one, [{"client.py": "other"}])) == {"sources"}


def test_a_folder_within_a_measurement_is_answered_with_the_one_above(tmp_path: Path) -> None:
    folder = Measurement().write(tmp_path / "Offline")
    with pytest.raises(NotASubmission, match="name the folder above"):
        submissions(folder / "run_1")


def test_several_analysers_are_added_and_an_absent_one_is_told(tmp_path: Path) -> None:
    measurement = Measurement()
    lines: list[str] = []
    for line in submission.spl("run_1").splitlines():
        words = line.split(",")
        one = words.copy()
        other = [*words[:3], "-1.000000", *words[4:]] if len(lines) > 100 else words.copy()
        total = float(one[3]) + (float(other[3]) if other[3] != "-1.000000" else 0)
        words[3], words[5], words[7], words[9] = f"{total:.6f}", "-1.000000", "-1.000000", "-1.000000"
        lines.append(",".join([*words, "Analyzer1", *one, "Analyzer2", *other]))
    measurement.files["run_1/spl.txt"] = "\n".join(lines) + "\n"
    result = result_of(measurement.write(tmp_path / "Offline"))
    assert {"device_count_short"} <= codes(result)


@pytest.mark.parametrize("name", ["power/server.json", "power/client.json", "run_1/spl.txt", "power/ptd_logs.txt",
                                  "run_1/mlperf_log_detail.txt", "ranging"])  # fmt: skip
def test_what_is_missing_is_named_and_nothing_is_raised(tmp_path: Path, name: str) -> None:
    folder = Measurement().write(tmp_path / "Offline")
    gone = folder / name
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    result = result_of(folder)
    assert any(f["code"] == "missing_file" and f["where"].startswith(name) for f in result["findings"])
    json.dumps(result, allow_nan=False)


HOSTILE = [b"", b"\xff\xfe\x00", b"[1, 2]", b"{}", b"null", b'{"phases": 3, "results": [], "messages": {"a": 1}}',
           b"[" * 100_000, b'{"uuid": NaN}', b"Time,Time,Time\nTime,07-25-2024 11:12:00.000,Watts,nan,a,b,c,d,e,f\n",
           b':::MLLOG {"key": "power_begin", "value": {"a": []}, "time_ms": 1e999}\n' * 3]  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", ["power/server.json", "power/client.json", "run_1/spl.txt", "power/ptd_logs.txt",
                                  "run_1/mlperf_log_detail.txt", "run_1/mlperf_log_summary.txt"])  # fmt: skip
def test_hostile_content_gives_findings_not_exceptions(tmp_path: Path, name: str, content: bytes) -> None:
    folder = Measurement().write(tmp_path / "Offline")
    (folder / name).write_bytes(content)
    result = result_of(folder)
    assert not result["clean"]
    text = json.dumps(result, allow_nan=False)
    assert len(text) < 100_000
    assert result["metric"]["value"] is None or math.isfinite(result["metric"]["value"])


def test_submissions_are_found_wherever_the_folder_begins(tmp_path: Path) -> None:
    place = tmp_path / "closed" / "ORG" / "results" / "SYSTEM"
    for benchmark, scenario in (("resnet50", "Offline"), ("bert-99", "Server")):
        Measurement().write(place / benchmark / scenario / "performance")
    (place / "resnet50" / "Offline" / "accuracy").mkdir()
    assert len(submissions(tmp_path)) == 2
    assert [s.kind for s in submissions(place / "resnet50" / "Offline")] == ["inference"]
    assert submissions(place / "resnet50" / "Offline" / "performance")[0].folder.name == "performance"
