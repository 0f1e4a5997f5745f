"""Power logs as they come: what is read, what is refused, and by which name."""

import json
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from harness.energy import csv_log, ptdaemon
from harness.energy.power_log import LogError, PowerLog
from harness.energy.summary import Asked, summarise

Json = dict[str, Any]


def read(text: str | bytes, *columns: str, offset: timedelta = timedelta(0)) -> PowerLog:
    return csv_log.read("power.csv", text.encode() if isinstance(text, str) else text, columns, offset)


def figures(text: str | bytes, **asked: Any) -> Json:
    return summarise(read(text), Asked(**asked))


def codes(result: Json) -> list[str]:
    return [reason["code"] for reason in result["reasons"]]


GOOD = "time_s,power_w\n0,100\n1,200\n2,300\n3,400\n"
SAME = [
    GOOD,
    GOOD.replace("\n", "\r\n"),
    "\ufeff" + GOOD,
    '"time_s","power_w"\n"0","100"\n"1","200"\n"2","300"\n"3","400"\n',
    GOOD.replace(",", ";"),
    GOOD.replace(",", "\t"),
    "# logged by a meter\n\n" + GOOD + "\n\n",
    "time_ms,Power [kW],note\n0,0.1,a\n1000,0.2,b\n2000,0.3,c\n3000,0.4,d\n",
    "timestamp,power_w,volts\n1715257320.5,100,1\n1715257321.5,200,1\n1715257322.5,300,1\n1715257323.5,400,1\n",
    "timestamp,watts\n1715257320500,100\n1715257321500,200\n1715257322500,300\n1715257323500,400\n",
    (
        "time,pdu1 power (W)\n2024-05-09T12:22:00Z,100\n2024-05-09T14:22:01+02:00,200\n"
        "2024-05-09T12:22:02.000Z,300\n2024-05-09 12:22:03+00:00,400\n"
    ),
    "at_ns,w\n0,100\n1000000000,200\n2000000000,300\n3000000000,400\n",
    "t,power,unit\n0,0.1,kW\n1,0.2,kW\n2,0.3,kW\n3,0.4,kW\n",
    GOOD.rstrip("\n"),
]


@pytest.mark.parametrize("text", SAME, ids=range(len(SAME)))
def test_one_power_in_many_ways_of_writing(text: str) -> None:
    result = figures(text)
    assert codes(result) == []
    assert result["valid"]
    assert result["mean_power"]["value"] == pytest.approx(250.0, rel=1e-12)
    energies = {rule: both["J"] for rule, both in result["energy_by_rule"].items()}
    assert energies == pytest.approx({"trapezoid": 750.0, "step_right": 900.0, "step_left": 600.0}, rel=1e-12)
    assert result["energy_by_rule"]["step_right"]["Wh"] == pytest.approx(0.25)
    assert result["largest_gap"] == {"value": 1.0, "unit": "s"}


BAD = [
    ("not_finite", "time_s,power_w\n0,100\n1,nan\n2,300\n"),
    ("not_finite", "time_s,power_w\n0,100\n1,inf\n2,300\n"),
    ("not_finite", "time_s,power_w\n0,100\n1,-Infinity\n2,300\n"),
    ("time_backwards", "time_s,power_w\n0,100\n2,200\n1,300\n"),
    ("equal_timestamps", "time_s,power_w\n0,100\n1,200\n1,300\n2,100\n"),
    ("too_few_samples", "time_s,power_w\n0,100\n"),
    ("no_samples", "time_s,power_w\n"),
    ("decimal_comma", "time_s;power_w\n0;100,5\n1;200,5\n2;300,5\n"),
    ("decimal_comma", "time_s,power_w\n0,100,5\n1,200,5\n2,300,5\n"),
    ("decimal_comma", 'time_s,power_w\n0,100\n1,"1,200"\n2,300\n'),
    ("decimal_comma", "time_s;power_w\n0,0;100\n1,0;200\n"),
    ("mixed_units", "time_s,power,unit\n0,1,kW\n1,1100,W\n2,1,kW\n"),
    ("mixed_units", "time_s,power_w,unit\n0,1,kW\n1,2,kW\n"),
    ("mixed_units", "time_s,power\n0,1 kW\n1,1100 W\n"),
    ("truncated_line", "time_s,power_w\n0,1000\n1,2000\n2,30"),
    ("truncated_line", "time_s,power_w\n0,98.25\n1,99.75\n2,100.2"),
    ("truncated_line", "time_s,power_w\n0,1000\n1,2000\n2"),
    ("truncated_line", "time_s,power_w\n0,1000\n1,2000\n2,"),
    ("field_count", "time_s,power_w\n0,1000\n1\n2,3000\n"),
    ("missing_value", "time_s,power_w\n0,1000\n1,\n2,3000\n"),
    ("not_a_number", "time_s,power_w\n0,1000\n1,OVERLOAD\n2,3000\n"),
    ("not_a_number", "time_s,power_w\n0,1000\n1,1_000\n2,3000\n"),
    ("not_a_number", "time_s,power_w\n0,1000\n1,\u0661\u0662\n2,3000\n"),
    ("time_format", "time,power_w\n2024-05-09T12:00:00Z,1\n11/23/2026 14:00,2\n2024-05-09T12:00:02Z,3\n"),
    ("time_format", "time_s,power_w\n0,1\nnan,2\n2,3\n"),
    ("mixed_time_zones", "time,power_w\n2024-05-09T12:00:00Z,1\n2024-05-09T12:00:01,2\n"),
]


@pytest.mark.parametrize(("code", "text"), BAD, ids=[f"{code}-{i}" for i, (code, _) in enumerate(BAD)])
def test_what_is_wrong_gives_a_reason_and_no_number(code: str, text: str) -> None:
    result = figures(text)
    assert code in codes(result)
    assert not result["valid"]
    assert result["mean_power"]["value"] is None
    assert all(both == {"J": None, "Wh": None} for both in result["energy_by_rule"].values())
    json.dumps(result, allow_nan=False)


DOUBTFUL = [
    ("gap_too_long", "time_s,power_w\n0,1\n1,1\n2,1\n3,1\n9,1\n"),
    ("negative_power", "time_s,power_w\n0,1\n1,-1\n2,1\n"),
]


@pytest.mark.parametrize(("code", "text"), DOUBTFUL, ids=[code for code, _ in DOUBTFUL])
def test_what_decides_nothing_still_has_figures(code: str, text: str) -> None:
    result = figures(text)
    assert codes(result) == [code]
    assert not result["valid"]
    assert result["energy"]["value"] is not None


def test_what_is_wrong_outside_of_the_window_does_no_harm() -> None:
    text = GOOD + "4,nan\n5,OVERLOAD\n6,\n7,10"
    result = figures(text, begin="0.5", end="2.5")
    assert result["valid"]
    assert result["energy"]["value"] == 500.0
    assert {"not_a_number", "not_finite"} <= set(codes(figures(text, begin="0.5", end="4.5")))


@pytest.mark.parametrize(("begin", "end"), [("-1", "2"), ("1", "4"), ("10", "20")])
def test_a_window_beyond_the_data_has_no_number(begin: str, end: str) -> None:
    result = figures(GOOD, begin=begin, end=end)
    assert "window_not_covered" in codes(result)
    assert result["energy"]["value"] is None


@pytest.mark.parametrize(("begin", "end"), [("2", "1"), ("1", "1")])
def test_a_window_without_length_has_no_number(begin: str, end: str) -> None:
    assert "window_empty" in codes(figures(GOOD, begin=begin, end=end))


EPOCH = "timestamp_ms,power_w\n" + "".join(f"{1715257320207 + 1000 * i},{100 + i}\n" for i in range(10))


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("1715257322.207", "1715257325.207"),
        ("1715257322207", "1715257325207"),
        ("2024-05-09T12:22:02.207Z", "2024-05-09T14:22:05.207+02:00"),
        ("05-09-2024 12:22:02.207", "05-09-2024 12:22:05.207"),
        ("1715257322207000000", "1715257325207000"),
    ],
)
def test_edges_can_be_named_in_many_ways_and_meet_samples_exactly(begin: str, end: str) -> None:
    inclusive = figures(EPOCH, begin=begin, end=end)
    strict = figures(EPOCH, begin=begin, end=end, kind="strict")
    assert inclusive["samples"]["used"] == 4
    assert strict["samples"]["used"] == 2
    assert inclusive["energy"]["value"] == strict["energy"]["value"] == pytest.approx(103.5 * 3, rel=1e-12)


def test_local_times_move_with_the_offset_that_is_named() -> None:
    text = "time,power_w\n2024-05-09T12:00:00,1\n2024-05-09T12:00:01,2\n"
    result = summarise(read(text, offset=timedelta(hours=-4)), Asked())
    assert result["window"]["begin"].startswith("2024-05-09T16:00:00")
    assert result["warnings"][0]["code"] == "local_time"
    assert "UTC-04:00" in result["warnings"][0]["text"]


def test_several_columns_are_asked_for_and_added() -> None:
    text = "time_s,feed_a [kW],feed_b [W],power_factor\n0,1,500,0.9\n1,1,600,0.9\n2,1,700,0.9\n"
    with pytest.raises(LogError, match=r"several columns of power.*'feed_a \[kW\]', 'feed_b \[W\]'"):
        read(text)
    both = summarise(read(text, "feed_a [kW]", "FEED_B [w]"), Asked())
    assert both["mean_power"]["value"] == 1600.0
    assert both["column"] == "feed_a [kW] + feed_b [W]"
    assert summarise(read(text, "feed_a [kW]"), Asked())["mean_power"]["value"] == 1000.0


def test_a_channel_that_is_another_is_named() -> None:
    text = "time_s,feed_a_w,feed_b_w\n0,500,500\n1,600,600\n2,700,700\n"
    result = summarise(read(text, "feed_a_w", "feed_b_w"), Asked())
    assert codes(result) == ["duplicate_channel"]


REFUSED = [
    ("no header", ""),
    ("no column of time", "foo,power_w\n1,2\n"),
    ("no column of power", "time_s,volts\n1,2\n"),
    ("may be mW or MW", "time_s,power_mw\n1,2\n"),
    ("two columns have one name", "time_s,power_w,power_w\n1,2,3\n"),
    ("not UTF-8", b"time_s,power_w\n1,\xff\n"),
    ("UTF-16", "time_s,power_w\n1,2\n".encode("utf-16")),
    ("NUL", b"time_s,power_w\n1,\x002\n"),
    ("not CSV", 'time_s,power_w\n1,"2\n'),
    ("64 bits", "time_s,power_w\n1e30,2\n2e30,3\n"),
    ("no unit of power", "time_s,power,unit\n1,2,V\n"),
]


@pytest.mark.parametrize(("said", "text"), REFUSED, ids=[said for said, _ in REFUSED])
def test_what_is_no_such_file_is_refused_by_name(said: str, text: str | bytes) -> None:
    with pytest.raises(LogError, match=rf"power\.csv.*{said}"):
        read(text)


def test_a_broken_file_gives_one_reason_a_code() -> None:
    result = figures("time_s;power_w\n" + "".join(f"{i};{i},5\n" for i in range(100)))
    assert codes(result) == ["decimal_comma", "no_samples"]
    assert "and 99 more" in result["reasons"][0]["text"]


def test_a_value_that_stands_for_long_is_worth_a_warning() -> None:
    result = figures("time_s,power_w\n" + "".join(f"{i},500\n" for i in range(100)))
    assert result["valid"]
    assert [warning["code"] for warning in result["warnings"]] == ["stale_telemetry"]


def energy_of(result: Json) -> float | None:
    found: float | None = result["energy"]["value"]
    return found


@pytest.mark.parametrize("decimals", [0, 1, 3])
def test_a_file_cut_anywhere_gives_no_wrong_number(decimals: int) -> None:
    """Whatever is left is refused, or has the energy of the lines that are whole."""
    header = "time_s,power_w\n"
    lines = [f"{i},{1000.125 + 97 * (i % 5):.{decimals}f}\n" for i in range(12)]
    text = header + "".join(lines)
    right = {energy_of(figures(header + "".join(lines[:n]))) for n in range(len(lines) + 1)}
    for cut in range(len(header), len(text)):
        assert energy_of(figures(text[:cut])) in right, text[:cut][-30:]


@given(data=st.data())
def test_a_file_that_was_damaged_is_refused_or_read_and_never_raises(data: st.DataObject) -> None:
    text = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        result = figures(bytes(text))
    except LogError:
        return
    json.dumps(result, allow_nan=False)
    assert result["valid"] or result["reasons"]


@given(data=st.data())
def test_a_log_of_ptdaemon_that_was_damaged_never_raises(data: st.DataObject) -> None:
    text = "".join(ptd_line(s, more=CHANNELS) for s in range(4))
    start = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:start] + data.draw(st.text(max_size=5)) + text[start + data.draw(st.integers(0, 40)) :]
    try:
        result = summarise(ptd(damaged), Asked())
    except LogError:
        return
    json.dumps(result, allow_nan=False)


def ptd_line(second: int, watts: str = "1000.5", mark: str = "s_testing", more: str = "") -> str:
    return f"Time,07-25-2024 11:18:{second:02d}.385,Watts,{watts},Volts,119.1,Amps,4.56,PF,0.994,Mark,{mark}{more}\n"


def ptd(text: str, *columns: str, mark: str | None = None, offset: timedelta = timedelta(0)) -> PowerLog:
    return ptdaemon.read("spl.txt", text.encode(), columns, offset, mark)


def test_a_log_of_ptdaemon() -> None:
    log = ptd("".join(ptd_line(second) for second in range(10, 20)))
    result = summarise(log, Asked(begin="07-25-2024 11:18:12.385", end="2024-07-25T11:18:15.385Z"))
    assert result["valid"]
    assert result["samples"] == {"in_file": 10, "used": 4, "unit": "1"}
    assert result["energy"]["value"] == pytest.approx(3001.5)
    assert [warning["code"] for warning in result["warnings"]] == ["local_time"]


def test_marks_choose_lines() -> None:
    text = "".join(ptd_line(s, mark="s_ranging") for s in range(5)) + "".join(ptd_line(s) for s in range(5, 9))
    assert len(ptd(text).trace) == 9
    assert len(ptd(text, mark="s_testing").trace) == 4
    assert "marks_mixed" in [w["code"] for w in summarise(ptd(text), Asked())["warnings"]]
    with pytest.raises(LogError, match="no line has the mark 'other'"):
        ptd(text, mark="other")


CHANNELS = ",Ch1,Watts,400.25,Volts,119,Amps,4,PF,0.9,Ch3,Watts,600.25,Volts,119,Amps,5,PF,0.9"


def test_channels_can_be_chosen_and_equal_ones_are_named() -> None:
    text = "".join(ptd_line(s, more=CHANNELS) for s in range(5))
    assert ptd(text, "Ch3").trace.power_w.tolist() == [600.25] * 5
    assert ptd(text, "Ch1", "Ch3").trace.power_w.tolist() == [1000.5] * 5
    with pytest.raises(LogError, match="no channel 'Ch2'; known: Watts, Ch1, Ch3"):
        ptd(text, "Ch2")
    same = "".join(ptd_line(s, more=CHANNELS.replace("600.25", "400.25")) for s in range(5))
    assert "duplicate_channel" in codes(summarise(ptd(same), Asked()))


def analysed(second: int, first: str, second_watts: str, total: str) -> str:
    inner = [ptd_line(second, watts).strip() for watts in (first, second_watts)]
    line = f"Time,07-25-2024 11:18:{second:02d}.385,Watts,{total},Volts,-1,Amps,-1,PF,-1,Mark,s_testing"
    return f"{line},Analyzer1,{inner[0]},Analyzer2,{inner[1]}\n"


def test_an_analyser_that_did_not_answer_is_missed() -> None:
    whole = "".join(analysed(s, "400.5", "600.0", "1000.500000") for s in range(5))
    assert summarise(ptd(whole), Asked())["valid"]
    silent = whole + analysed(5, "400.5", "-1.000000", "400.500000")
    result = summarise(ptd(silent), Asked())
    assert codes(result) == ["device_count_short"]
    assert "Analyzer2 did not answer in 1 of 6" in result["reasons"][0]["text"]
    wrong = whole + analysed(5, "400.5", "600.0", "400.500000")
    assert codes(summarise(ptd(wrong), Asked())) == ["sum_mismatch"]


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("truncated_line", ptd_line(9)[:60]),
        ("truncated_line", ptd_line(9)[:-40]),
        ("unreadable_line", "Response to client sent: " + ptd_line(9)),
        ("unreadable_line", ptd_line(9).replace("07-25-2024", "2024-07-25")),
        ("unreadable_line", ptd_line(9, more=",Ch1,Watts,1")),
        ("not_a_number", ptd_line(9, "OVERLOAD")),
        ("not_finite", ptd_line(9, "nan")),
        ("time_backwards", ptd_line(3)),
        ("equal_timestamps", ptd_line(8)),
    ],
)
def test_a_broken_line_gives_a_reason_and_no_number(code: str, last: str) -> None:
    result = summarise(ptd("".join(ptd_line(s) for s in range(5, 9)) + last), Asked())
    assert code in codes(result)
    assert result["energy"]["value"] is None


def test_what_is_no_log_of_ptdaemon_is_refused() -> None:
    with pytest.raises(LogError, match="no line begins with 'Time,'"):
        ptd("time_s,power_w\n1,2\n")
