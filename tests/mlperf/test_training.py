"""Energy to train, to the last digit of the official tool, and what is wrong with node and switch logs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.commands.mlperf_power import as_text, checked
from harness.mlperf.folders import Submission, submissions

Json = dict[str, Any]
START = 1_715_257_320_000
RUN_MS = 600_000
"""Each run is 600 s and some; power is logged from 5 s before it to 5 s after it."""


def line(key: str, at_ms: float, value: Any = None, **metadata: Any) -> str:
    fields = {"namespace": "", "time_ms": at_ms, "event_type": "POINT_IN_TIME", "key": key, "value": value}
    return ":::MLLOG " + json.dumps({**fields, "metadata": metadata or ""}) + "\n"


def node(run: int, power: Callable[[int], float] = lambda second: 5000.0 + second % 3) -> str:
    begin, end = START - 5000, START + RUN_MS + 1000 * run + 5000
    readings = [line("power_reading", at, power((at - begin) // 1000)) for at in range(begin + 1000, end + 1, 1000)]
    return "".join([line("power_measurement_start", begin), *readings, line("power_measurement_stop", end)])


def result(run: int, status: str = "success") -> str:
    stop = line("run_stop", START + RUN_MS + 1000 * run, None, status=status)
    return line("submission_benchmark", START, "gpt3") + line("run_start", START) + stop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A benchmark's folder of three runs on two nodes, as mlcommons/training_results keep it."""
    place = tmp_path / "ORG" / "results" / "SYSTEM" / "gpt3"
    for run in range(3):
        power = place / "power" / f"result_{run}"
        power.mkdir(parents=True)
        (place / f"result_{run}.txt").write_text(result(run))
        (power / "node_0.txt").write_text(node(run))
        (power / "node_1.txt").write_text(node(run, lambda second: 4000.0 + second % 5))
    return place


def result_of(folder: Path) -> Json:
    return checked(Submission("training", folder))


def codes(found: Json) -> set[str]:
    return {f["code"] for f in found["findings"] if f["severity"] != "note"}


def official(text: str, time_ms: float) -> float:
    """The official rule once more, as short as it can be said."""
    events = [json.loads(one[9:]) for one in text.splitlines()]
    times = [event["time_ms"] for event in events]
    pairs = zip(events[1:-1], times, strict=False)
    total = sum(event["value"] * (event["time_ms"] - before) for event, before in pairs)
    return float(total * time_ms / (times[-1] - times[0]) / 1000)


def test_runs_are_what_the_official_rule_says(folder: Path) -> None:
    found = result_of(folder)
    assert codes(found) == set()
    assert found["clean"]
    for run, one in enumerate(found["runs"]):
        logs = [(folder / "power" / f"result_{run}" / f"node_{n}.txt").read_text() for n in (0, 1)]
        assert one["total_energy"]["value"] == pytest.approx(
            sum(official(log, RUN_MS + 1000.0 * run) for log in logs), rel=1e-15
        )
    assert [one["counted"] for one in found["runs"]] == [False, True, False]
    assert found["metric"]["value"] == found["runs"][1]["total_energy"]["value"]
    assert found["olympic_time"]["value"] == pytest.approx(601 / 60)


def test_the_scaling_factor_scales_time_and_energy(folder: Path) -> None:
    before = result_of(folder)
    (folder / "scaling.json").write_text('{"scaling_factor": 1.25}')
    after = result_of(folder)
    assert after["metric"]["value"] == before["metric"]["value"] * 1.25
    assert after["olympic_time"]["value"] == before["olympic_time"]["value"] * 1.25
    assert after["mean_power"]["value"] == pytest.approx(before["mean_power"]["value"])


def test_a_switch_counts_with_its_estimate(folder: Path) -> None:
    before = result_of(folder)
    for run in range(3):
        text = line("conversion_eff", START, 0.9) + line("interconnect_power_est", START, 700.0)
        (folder / "power" / f"result_{run}" / "sw_0.txt").write_text(text)
    after = result_of(folder)
    assert after["metric"]["value"] - before["metric"]["value"] == pytest.approx(0.9 * 700 * 601)
    assert codes(after) == {"estimated_part"}


def test_a_conversion_efficiency_is_applied_and_told(folder: Path) -> None:
    before = result_of(folder)
    path = folder / "power" / "result_1" / "node_0.txt"
    path.write_text(path.read_text() + line("conversion_eff", START, 0.5))
    after = result_of(folder)
    half = before["runs"][1]["node_logs"][0]["energy"]["value"] / 2
    assert after["runs"][1]["node_logs"][0]["energy"]["value"] == half
    assert codes(after) == {"estimated_part"}


def _stop_at_start(text: str) -> str:
    *rest, _ = text.splitlines(keepends=True)
    return "".join([*rest, line("power_measurement_stop", START - 5000)])


def _without(key: str) -> Callable[[str], str]:
    return lambda text: "".join(one for one in text.splitlines(keepends=True) if f'"{key}"' not in one)


def _reading(number: int, value: Any) -> Callable[[str], str]:
    def change(text: str) -> str:
        lines = text.splitlines(keepends=True)
        fields = json.loads(lines[number][9:])
        lines[number] = line("power_reading", fields["time_ms"], value)
        return "".join(lines)

    return change


BROKEN: list[tuple[str, str, Callable[[str], str]]] = [
    ("stop_marker_not_after_start", "the last reading is the end", _stop_at_start),
    ("missing_marker", "no power_measurement_stop", _without("power_measurement_stop")),
    ("missing_marker", "no power_measurement_start", _without("power_measurement_start")),
    ("missing_marker", "no power_reading", _without("power_reading")),
    ("readings_after_stop", "1 readings", lambda t: t + line("power_reading", START + 10 * RUN_MS, 5000.0)),
    ("repeated_marker", "the last one counts", lambda t: t + line("power_measurement_start", START)),
    ("negative_power", "-5 W", _reading(100, -5.0)),
    ("not_a_number", "1 readings", _reading(100, "5000")),
    ("unreadable_line", "line 101", lambda t: "".join(
        one.replace('"value": 50', '"value": 5O') if i == 100 else one
        for i, one in enumerate(t.splitlines(keepends=True)))),
    ("time_backwards", "backwards", lambda t: "".join(sorted(t.splitlines(keepends=True), reverse=True))),
    ("equal_timestamps", "1 pairs", lambda t: t.replace(str(START + 100_000), str(START + 101_000))),
    ("gap_too_long", "largest gap", lambda t: "".join(
        one for i, one in enumerate(t.splitlines(keepends=True)) if not 100 < i < 120)),
    ("sampling_too_slow", "every 2 s", lambda t: "".join(
        one for i, one in enumerate(t.splitlines(keepends=True)) if i % 2 == 0)),
    ("too_few_samples", "at least 60", lambda t: "".join(
        one for i, one in enumerate(t.splitlines(keepends=True)) if i % 20 == 0 or "stop" in one)),
    ("window_not_covered", "before the window ends", lambda t: "".join(
        one for i, one in enumerate(t.splitlines(keepends=True)) if i < 300)),
    ("stale_telemetry", "one value", lambda t: t.replace("5001.0", "5000.0").replace("5002.0", "5000.0")),
    ("conversion_efficiency", "taken as 1", lambda t: t + line("conversion_eff", START, 94)),
]  # fmt: skip


@pytest.mark.parametrize(("code", "said", "change"), BROKEN, ids=[f"{c}-{s}" for c, s, _ in BROKEN])
def test_what_is_wrong_with_a_node_log_is_named(
    folder: Path, code: str, said: str, change: Callable[[str], str]
) -> None:
    path = folder / "power" / "result_1" / "node_0.txt"
    path.write_text(change(path.read_text()))
    found = result_of(folder)
    assert not found["clean"]
    texts = [f["text"] for f in found["findings"] if f["code"] == code]
    assert any(said in text for text in texts), found["findings"]
    json.dumps(found, allow_nan=False)


def test_equal_node_logs_are_named(folder: Path) -> None:
    for node_path in ("result_0/node_1.txt", "result_2/node_0.txt"):
        (folder / "power" / node_path).write_text((folder / "power" / "result_0" / "node_0.txt").read_text())
    found = [f for f in result_of(folder)["findings"] if f["code"] == "duplicate_channel"]
    assert [f["where"] for f in found] == ["power/result_0/node_1.txt", "power/result_2/node_0.txt"]


def test_without_a_node_there_is_no_metric(folder: Path) -> None:
    (folder / "power" / "result_1" / "node_0.txt").unlink()
    (folder / "power" / "result_1" / "node_1.txt").unlink()
    found = result_of(folder)
    assert found["metric"]["value"] is None
    assert found["efficiency"]["value"] is None
    assert codes(found) == {"missing_file", "no_metric"}


def test_a_node_that_only_one_run_lacks_is_missed(folder: Path) -> None:
    (folder / "power" / "result_1" / "node_0.txt").rename(folder / "power" / "result_1" / "node_2.txt")
    (folder / "power" / "result_0" / "node_1.txt").unlink()
    found = result_of(folder)
    assert {"node_count"} <= codes(found)


def test_runs_that_did_not_converge_are_the_slowest(folder: Path) -> None:
    (folder / "result_0.txt").write_text(result(0, status="aborted"))
    found = result_of(folder)
    assert [one["counted"] for one in found["runs"]] == [False, False, True]
    assert codes(found) == {"not_converged"}
    (folder / "result_1.txt").write_text(result(1, status="aborted"))
    assert {"no_metric"} <= codes(result_of(folder))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b":::MLLOG {}\n", b":::MLLOG [\n", b'{"scaling_factor": NaN}',
                                     b'{"scaling_factor": "a"}', b"[" * 100_000])  # fmt: skip
@pytest.mark.parametrize(
    "name", ["result_1.txt", "power/result_1/node_0.txt", "power/result_1/sw_0.txt", "scaling.json"]
)
def test_hostile_content_gives_findings_not_exceptions(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    found = result_of(folder)
    assert not found["clean"]
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("time_ms", ["1e999", "1e300", "-1e300", "null", "true", '"1715257320000"', "[]"])
@pytest.mark.parametrize("key", ["run_stop", "power_reading", "power_measurement_start"])
def test_a_time_that_cannot_be_gives_a_finding(folder: Path, key: str, time_ms: str) -> None:
    path = folder / ("result_1.txt" if key == "run_stop" else "power/result_1/node_0.txt")
    lines = path.read_text().splitlines(keepends=True)
    place = next(i for i, one in enumerate(lines) if f'"{key}"' in one)
    fields = json.loads(lines[place][9:])
    lines[place] = ":::MLLOG " + json.dumps(fields).replace(str(fields["time_ms"]), time_ms) + "\n"
    path.write_text("".join(lines))
    found = result_of(folder)
    assert "unreadable_line" in codes(found)
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("value", ["1e999", "1e308", str(10**400), "-1", "0", "true"])
def test_a_scaling_factor_that_cannot_be_gives_no_score(folder: Path, value: str) -> None:
    (folder / "scaling.json").write_text(f'{{"scaling_factor": {value}}}')
    found = result_of(folder)
    assert "scaling_factor" in codes(found)
    assert found["metric"]["value"] is None
    json.dumps(found, allow_nan=False)


def test_people_are_shown_a_few_findings_of_a_kind(folder: Path) -> None:
    for path in sorted((folder / "power").glob("*/node_*.txt")):
        path.write_text(_stop_at_start(path.read_text()))
    found = result_of(folder)
    assert found["findings_by_code"]["stop_marker_not_after_start"] == 6
    text = as_text(found)
    assert text.count("carries the time of the start") == 3
    assert "stop_marker_not_after_start 3 more" in text


def test_folders_above_are_searched(folder: Path) -> None:
    assert [s.folder for s in submissions(folder.parents[2])] == [folder]


@pytest.fixture(scope="module")
def published(captures: Path) -> tuple[Path, Json]:
    """Logs of a published submission, and what they come to."""
    place = captures / "outputs" / "mlperf_power"
    found: Json = json.loads((place / "expected.json").read_text())
    return place, found


@pytest.mark.captures
def test_published_results_agree_to_the_last_digit(published: tuple[Path, Json]) -> None:
    place, expected = published
    assert [s.folder.name for s in submissions(place)] == sorted(expected)
    for one in submissions(place):
        found, wanted = checked(one), expected[one.folder.name]
        assert found["olympic_energy"]["value"] == wanted["olympic_energy_j"]
        assert found["olympic_time"]["value"] == wanted["olympic_time_min"]
        assert int(found["metric"]["value"]) == wanted["published_energy_j"]
        for run, truth in zip(found["runs"], wanted["runs"], strict=True):
            assert run["run"] == truth["run"]
            assert run["time_to_train"]["value"] == truth["time_to_train_ms"]
            assert run["node_energy"]["value"] == truth["node_energy_j"]
            assert run["total_energy"]["value"] == truth["total_energy_j"]
            assert run["logs_without_true_stop_marker"] == truth["logs_with_stop_marker_not_after_start"]
