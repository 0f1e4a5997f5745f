"""The meter's command interpreter, without a socket."""

from collections.abc import Callable
from math import sqrt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.emulator.scpi import Scpi
from harness.emulator.wt333e import Instrument

Bench = Callable[..., Any]


def meter(built: Any, name: str = "feed_a") -> Scpi:
    feed = next(feed for feed in built.world.physics.power.feeds if feed.name == name)
    scpi = Scpi(Instrument(built.world, feed), lambda: "YOKOGAWA,WT333E,EMULATED-A,F1.04")
    assert scpi.answer(":COMM:HEAD OFF") is None
    return scpi


@pytest.fixture
def scpi(bench: Bench) -> Scpi:
    return meter(bench())


def value(scpi: Scpi, function: str, element: str) -> float:
    reply = scpi.answer(f":NUM:NORM:ITEM1 {function},{element};:NUM:NORM:VAL? 1")
    assert reply is not None
    return float(reply)


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("*IDN?", "YOKOGAWA,WT333E,EMULATED-A,F1.04"),
        ("*OPC?", "1"),
        (":INPut:MODE?", "RMS"),
        (":inp:mode?", "RMS"),
        (":INP:VOLT:RANG?;:RATE?", "300.00E+00;250.00E-03"),
        (":INP:CURR:RANG 500MA;RANG?", "500.00E-03"),
        (":INPUT:SCALING:CT:ELEMENT2?", "80.000"),
        (":INP:CT?", "80.000;80.000;80.000"),
        (":INP:SCAL:STAT?", "1"),
        (":COMM:HEAD ON;:INP:MODE?", ":INPUT:MODE RMS"),
        (":COMM:HEAD ON;VERB OFF;:INP:MODE?", ":INP:MODE RMS"),
        (":COMM:HEAD ON;:INP:SCAL:CT:ALL?", ":INPUT:SCALING:CT:ELEMENT1 80.000;ELEMENT2 80.000;ELEMENT3 80.000"),
        (":NUM:NORM:NUM 2;ITEM1 P,SIGMA;ITEM2 LAMBda,SIG;ITEM1?;ITEM2?", "P,SIGMA;LAMBDA,SIGMA"),
        (":NUM:FORM?", "ASCII"),
        (":INTEG:STAT?", "RESET"),
        (":STAT:ERR?", '0,"No error"'),
    ],
)
def test_a_query_is_answered(scpi: Scpi, line: str, reply: str) -> None:
    assert scpi.answer(line) == reply


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (":BOGUS?", 113),
        (":INPU:MODE?", 113),
        (":INP:VOLT:RANG 301V", 224),
        (":INP:CURR:RANG plenty", 224),
        (":INP:SCAL:CT 0", 222),
        (":NUM:NORM:ITEM1 NOISE,1", 224),
        (":NUM:NORM:ITEM1 P,7", 224),
        (":NUM:NORM:VAL? 300", 222),
        (":INTEG:STOP", 813),
    ],
)
def test_an_error_goes_into_the_queue_and_nothing_is_said(scpi: Scpi, line: str, code: int) -> None:
    assert scpi.answer(line) is None
    assert str(scpi.answer(":STAT:ERR?")).startswith(f"{code},")
    assert scpi.answer("*ESR?") != "0"
    assert scpi.answer(":STAT:ERR?;*ESR?") == '0,"No error";0'


def test_ranges_stay_while_integrating(scpi: Scpi) -> None:
    scpi.answer(":INTEG:STAR;:INP:CURR:RANG 5A")
    assert str(scpi.answer(":STAT:ERR?")).startswith("813,")
    assert scpi.answer(":INTEG:STAT?;:INP:CURR:RANG?") == "START;2.0000E+00"


def test_the_totals_hang_together(bench: Bench) -> None:
    built = bench().load()
    scpi = meter(built)
    power, apparent, reactive = (value(scpi, function, "SIGMA") for function in "PSQ")
    assert power == pytest.approx(built.world.physics.power.feeds[0].power, rel=2e-3)
    assert power == pytest.approx(sum(value(scpi, "P", str(n)) for n in (1, 2, 3)), rel=1e-4)
    assert apparent == pytest.approx(sqrt(power**2 + reactive**2), rel=1e-3)
    assert value(scpi, "LAMBDA", "SIGMA") == pytest.approx(0.99, abs=1e-3)
    assert value(scpi, "U", "1") * value(scpi, "I", "1") == pytest.approx(value(scpi, "S", "1"), rel=2e-3)
    assert value(scpi, "FU", "1") == 50.0


def test_values_change_with_the_update_rate(bench: Bench) -> None:
    built = bench()
    scpi = meter(built)
    scpi.answer(":RATE 1S")
    built.wait(0.05)
    first = value(scpi, "P", "SIGMA")
    built.wait(0.5)
    assert value(scpi, "P", "SIGMA") == first
    built.wait(0.6)
    assert value(scpi, "P", "SIGMA") != first


def test_without_scaling_the_secondary_is_shown(bench: Bench) -> None:
    built = bench()
    scpi = meter(built)
    primary = value(scpi, "P", "SIGMA")
    scpi.answer(":INP:SCAL:STAT OFF;:RATE 500MS")
    built.wait(1.0)
    assert primary / value(scpi, "P", "SIGMA") == pytest.approx(80.0, rel=2e-3)


def test_a_wrong_ratio_shows_in_every_value(bench: Bench) -> None:
    sick, well = meter(bench("feed_a.wrong_ratio")), meter(bench())
    assert sick.answer(":INP:SCAL:CT:ELEM1?") == "60.000"
    assert value(sick, "P", "SIGMA") / value(well, "P", "SIGMA") == pytest.approx(0.75, rel=1e-3)


def test_overrange_is_inf_in_both_formats(bench: Bench) -> None:
    scpi = meter(bench("feed_a.overrange"))
    assert scpi.answer(":NUM:NORM:ITEM1 P,SIGMA;:NUM:NORM:VAL? 1") == "INF"
    reply = scpi.answer(":NUM:FORM FLOAT;:NUM:NORM:VAL? 1")
    assert reply is not None
    assert reply.encode("latin-1") == b"#40004" + bytes.fromhex("7E94F56A")


def test_the_integrator_counts_watt_hours(bench: Bench) -> None:
    built = bench()
    scpi = meter(built)
    scpi.answer(":INTEG:RES;STAR")
    built.wait(36.0)
    scpi.answer(":INTEG:STOP")
    expected = built.world.physics.power.feeds[0].power / 100.0
    assert value(scpi, "WH", "SIGMA") == pytest.approx(expected, rel=2e-3)
    assert value(scpi, "TIME", "1") == pytest.approx(36.0, abs=0.1)
    built.wait(36.0)
    assert value(scpi, "WH", "SIGMA") == pytest.approx(expected, rel=2e-3)


def test_a_reset_forgets_the_bench(scpi: Scpi) -> None:
    scpi.answer("*RST")
    assert scpi.answer(":INP:SCAL:STAT?;:INP:CT:ELEM1?") == "0;1.000"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.text(max_size=60) | st.from_regex(r"[:*]?(INP|NUM|INTEG|COMM|RATE)[:A-Z?; ,0-9]{0,40}", fullmatch=True))
def test_no_line_stops_the_interpreter(scpi: Scpi, line: str) -> None:
    scpi.answer(line)
    assert scpi.answer("*IDN?") == "YOKOGAWA,WT333E,EMULATED-A,F1.04"
