import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading
from drivers.meters.chroma import Chroma66205, range_word
from tests.drivers.bench import Bench, by_name, on_bench, values
from tests.drivers.scripted import NOON

MEASURED = {
    "V": "230.10", "I": "8.72", "W": "2006.0", "VA": "2010.0", "VAR": "120.0", "PF": "0.998", "FREQ": "50.00",
    "THDV": "1.21", "THDI": "4.80", "WH": "1500.0", "AH": "6.5",
}  # fmt: skip
SETTINGS = {
    "VOLT:RANG?": "V300", "CURR:RANG?": "AUTO", "CONF:INP:CT?;:CONF:INP:CT:RAT?": "ON;80.0", "MEAS:UPD?": "0.25",
    "TRIG?": "RUNNING", "*ESR?": "0", "SYST:ERR?": '0,"No Error"',
}  # fmt: skip


def chroma(**fields: str) -> tuple[Chroma66205, Bench]:
    def answer(line: str) -> str | None:
        if line.startswith("FETC? "):
            names = line.removeprefix("FETC? ").split(",")
            assert len(names) <= 10
            return ",".join((MEASURED | fields)[name] for name in names)
        return SETTINGS.get(line)

    return on_bench(Chroma66205, answer)


def test_reads_ten_items_to_a_query() -> None:
    device, bench = chroma()
    device.read("power")
    bench.asked.clear()
    readings = by_name(device.read())
    assert values(readings, "power", "apparent_power", "reactive_power") == [2006.0, 2010.0, 120.0]
    assert values(readings, "power_factor", "frequency", "energy", "charge") == [0.998, 50.0, 1500.0, 6.5]
    assert values(readings, "phase[1].voltage", "phase[1].current", "phase[1].power") == [230.1, 8.72, 2006.0]
    assert values(readings, "phase[1].voltage_thd", "phase[1].current_thd") == [1.21, 4.8]
    assert values(readings, "ct_ratio", "voltage_range", "update_interval") == [80.0, 300.0, 0.25]
    assert values(readings, "voltage_auto", "current_auto", "integration_state") == [False, True, "START"]
    assert "AUTO" in (readings["current_range"].reason or "")
    assert [asked for asked in bench.asked if asked.startswith("FETC?")] == [
        "FETC? V,I,W,VA,VAR,PF,FREQ,THDV,THDI,WH",
        "FETC? AH",
    ]


def test_stand_ins_are_integers_and_values_are_not() -> None:
    device, _ = chroma(W="-3", WH="-1", AH="-2", VAR="-1.0")
    readings = by_name(device.read("power", "energy", "charge", "reactive_power"))
    assert [readings[name].reason for name in ("power", "energy", "charge")] == [
        "over range or over current",
        "the integration is not complete",
        "the range changed while integrating",
    ]
    assert readings["reactive_power"].value == -1.0


@pytest.mark.parametrize(("word", "value"), [("V15", 15), ("A20", 20), ("A05", 0.5), ("A005", 0.05), ("A03", 0.3)])
def test_ranges_in_words(word: str, value: float) -> None:
    assert range_word(word).value == value


@pytest.mark.parametrize(("word", "error"), [("AUTO", NoReading), ("E015", NoReading), ("A0", Garbled), ("", Garbled)])
def test_words_that_are_no_range(word: str, error: type[DriverError]) -> None:
    with pytest.raises(error):
        range_word(word)


def test_settings_in_words() -> None:
    device, bench = chroma()
    device.set_voltage_range(300)
    device.set_current_range(0.5)
    device.set_current_range(None)
    device.integration_start()
    assert bench.written == ["VOLT:RANG V300", "CURR:RANG A05", "CURR:RANG AUTO", "TRIG:MODE INTEGRATION", "TRIG ON"]


def test_a_refused_setting_names_the_error() -> None:
    replies = iter(['-222,"Data out of range"', '0,"No Error"'])
    device, bench = chroma()
    usual = bench.answer
    bench.answer = lambda line: next(replies) if line == "SYST:ERR?" else usual(line)
    with pytest.raises(DeviceRefused, match="error -222 Data out of range"):
        device.set_voltage_range(299)


@settings(deadline=None)
@given(reply=st.text(max_size=60))
def test_any_reply_is_readings(reply: str) -> None:
    for point in Chroma66205.points().values():
        for reading in point.readings(reply, "test://bench", NOON):
            assert not isinstance(reading.value, float) or math.isfinite(reading.value)
            assert reading.value is not None or reading.reason
