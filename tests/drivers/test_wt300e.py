import math
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import scpi
from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading, Silent, UnknownPoint, WrongDevice
from drivers.meters.item_list import Plan
from drivers.meters.yokogawa import Wt300e
from drivers.points import Point
from drivers.visa import VisaTransport
from tests.drivers.scripted import NOON, Scripted, StillClock

IDN = ("*IDN?", "YOKOGAWA,WT333E,C3UF12345,F1.04")
TOTALS = ("P,SIGMA", "S,SIGMA", "Q,SIGMA", "LAMB,SIGMA", "WH,SIGMA", "FU,1", "TIME,1")
FIRST = (*TOTALS, *(f"{function},{n}" for function in ("U", "I", "P", "LAMB") for n in (1, 2, 3)))
ITEMS = (*FIRST, *(f"{function},{n}" for function in ("S", "Q") for n in (1, 2, 3)), "AH,SIGMA")
PLACES: list[tuple[str, Any]] = [(f":NUM:NORM:ITEM{n} {item}", None) for n, item in enumerate(ITEMS, 1)]
FINE: list[tuple[str, Any]] = [(":STAT:ERR?", '0,"No error"'), ("*ESR?", "128")]
SET_UP: list[tuple[str, Any]] = [
    (":COMM:HEAD OFF", None),
    (":NUM:FORM ASC", None),
    (":NUM:NORM:NUM 19", None),
    *PLACES[:19],
    *FINE,
    *PLACES[19:25],
    *FINE,
    (":NUM:NORM:NUM 25", None),
    *FINE,
    *PLACES[25:],
    *FINE,
    (":NUM:NORM:NUM 26", None),
    *FINE,
]
FIELDS = (
    "61.2E+03 62.0E+03 9.9E+03 0.9871 1.5E+03 50.01 90 240.1 240.2 240.3 85 86 87 20.1E+03 20.5E+03 20.6E+03 "
    ".98 .99 1 20.4E+03 20.7E+03 20.9E+03 3.3E+03 3.2E+03 3.4E+03 254.9"
)
VALUES = FIELDS.replace(" ", ",")
RANGES = [
    (":INP:VOLT:RANG?", "300.0E+00"),
    (":INP:CURR:RANG?", "2.00E+00"),
    (":INP:SCAL:STAT?;:INP:SCAL:CT:ELEM1?", "1;80.0"),
    (":INP:CFAC?;:INP:SCAL:VT:ELEM1?", "3;1.0"),
]


def meter(*script: tuple[str, Any]) -> tuple[Wt300e, Scripted]:
    transport = Scripted(list(script))
    return Wt300e(cast("VisaTransport", transport), StillClock()), transport


REST: list[tuple[str, Any]] = [
    RANGES[2],
    (":INP:SCAL:STAT?;:INP:SCAL:VT:ELEM1?", "1;1.0"),
    *RANGES[:2],
    RANGES[3],
    (":INP:VOLT:AUTO?", "0"),
    (":INP:CURR:AUTO?", "1"),
    (":STAT:COND?", "4226"),
    (":INP:WIR?", "P3W4"),
    (":INTEG:STAT?", "STOP"),
    (":RATE?", "250.0E-03"),
]


def test_reads_everything_in_one_list_of_items() -> None:
    device, transport = meter(IDN, *SET_UP, (":NUM:NORM:VAL?", VALUES), *REST)
    readings = {reading.name: reading for reading in device.read()}
    transport.assert_done()
    assert readings["power"].value == 61200.0
    assert readings["power"].source == "test://device :NUM:NORM:VAL? 1"
    assert readings["power"].at == NOON
    assert readings["phase[2].current"].value == 86.0
    assert readings["phase[3].power_factor"].value == 1.0
    assert readings["phase[1].reactive_power"].value == 3300.0
    assert readings["charge"].value == 254.9
    assert (readings["ct_ratio"].value, readings["vt_ratio"].value) == (80.0, 1.0)
    assert (readings["current_range"].value, readings["update_interval"].value) == (2.0, 0.25)
    assert (readings["voltage_auto"].value, readings["current_auto"].value) == (False, True)
    assert readings["over_range"].value == "U1 peak,3"
    assert (readings["integration_state"].value, readings["wiring"].value) == ("STOP", "P3W4")


@pytest.mark.parametrize(
    ("model", "elements", "of_all"), [("WT310E", "1", "1"), ("WT332E", "13", "SIGMA"), ("WT333E", "123", "SIGMA")]
)
def test_asks_only_for_the_elements_of_the_model(model: str, elements: str, of_all: str) -> None:
    device, _ = meter(("*IDN?", f"YOKOGAWA,{model},C3UF12345,F1.04"))
    slots, *_ = device.groups(Plan())
    assert slots[0].wire == f"P,{of_all}"
    assert [slot.wire for slot in slots if slot.function == "U"] == [f"U,{n}" for n in elements]


def test_a_query_that_no_manual_confirms_may_stay_unanswered() -> None:
    silent = Silent("no reply within 5 s")
    silent.whole_device = True  # type: ignore[attr-defined]
    device, transport = meter((":RATE?", silent), IDN, *FINE)
    for _ in range(2):
        reading = device.read("update_interval")[0]
        assert reading.value is None
        assert "does not answer ':RATE?'" in (reading.reason or "")
    transport.assert_done()


def test_an_instrument_that_does_not_even_say_who_it_is_is_silent() -> None:
    silent = Silent("no reply within 5 s")
    silent.whole_device = True  # type: ignore[attr-defined]
    device, transport = meter((":INP:WIR?", silent), (":INP:WIR?", silent), ("*IDN?", silent))
    with pytest.raises(Silent):
        device.read("wiring", "integration_state")
    transport.assert_done()
    alone, _ = meter((":INP:WIR?", silent))
    with pytest.raises(Silent):
        alone.read("wiring")


def test_a_query_of_the_manual_is_put_again_after_a_lost_reply() -> None:
    silent = Silent("no reply within 5 s")
    silent.whole_device = True  # type: ignore[attr-defined]
    state, lost, wired = (":INTEG:STAT?", "STOP"), (":INP:WIR?", silent), (":INP:WIR?", "P3W4")
    device, transport = meter(lost, lost, IDN, *FINE, state, state, wired)
    reasons = [reading.reason for reading in device.read("wiring", "integration_state")]
    assert reasons == ["the instrument does not answer ':INP:WIR?'", None]
    assert [reading.value for reading in device.read("wiring", "integration_state")] == ["P3W4", "STOP"]
    transport.assert_done()


def test_a_command_that_only_the_event_status_reports_is_refused() -> None:
    device, _ = meter((":INTEG:STAR", None), (":STAT:ERR?", "0"), ("*ESR?", "16"))
    with pytest.raises(DeviceRefused, match="execution error"):
        device.integration_start()


@pytest.mark.parametrize(
    ("act", "commands"),
    [
        (lambda d: d.set_voltage_range(300.0), [":INP:VOLT:AUTO OFF", ":INP:VOLT:RANG 300V"]),
        (lambda d: d.set_current_range(0.5), [":INP:CURR:AUTO OFF", ":INP:CURR:RANG 0.5A"]),
        (lambda d: d.set_current_range(None), [":INP:CURR:AUTO ON"]),
        (lambda d: d.set_update_interval(0.25), [":RATE 0.25"]),
        (lambda d: d.integration_stop(), [":INTEG:STOP"]),
    ],
)
def test_settings_are_followed_by_the_error_queue_and_the_status(
    act: Callable[[Wt300e], None], commands: list[str]
) -> None:
    device, transport = meter(*((command, None) for command in commands), *FINE)
    act(device)
    transport.assert_done()


def test_sets_up_once_and_again_when_somebody_changed_the_items() -> None:
    device, transport = meter(
        IDN, *SET_UP, *(one := [(":NUM:NORM:VAL?", VALUES)]), *one, (":NUM:NORM:VAL?", "240.1,85.0"), *SET_UP, *one
    )
    assert device.read("frequency")[0].value == 50.01
    assert device.read("frequency")[0].value == 50.01
    assert device.read("frequency")[0].reason == "Garbled: 2 values where 26 items were set up"
    assert device.read("frequency")[0].value == 50.01
    transport.assert_done()


def test_accuracy_is_scaled_to_the_primary_side() -> None:
    device, _ = meter(IDN, *SET_UP, (":NUM:NORM:VAL?", VALUES), *RANGES)
    readings = {r.name: r for r in device.read("power", "phase[*].voltage", "phase[*].current", "phase[*].power")}
    ranges = {name: reading.accuracy.range for name, reading in readings.items() if reading.accuracy}
    assert ranges["phase[1].voltage"] == 300.0
    assert ranges["phase[1].current"] == 160.0
    assert ranges["phase[1].power"] == 48_000.0
    assert ranges["power"] == 144_000.0
    accuracy = readings["power"].accuracy
    assert accuracy is not None
    assert accuracy.of_reading == pytest.approx(0.001 + 0.001 * math.tan(math.acos(0.9871)))
    assert accuracy.of_range == 0.0005
    assert "IM WT310E-02EN, 7.3.2" in accuracy.source
    voltage = readings["phase[1].voltage"].accuracy
    assert voltage is not None
    assert "recalled" in voltage.source


@pytest.mark.parametrize(("crest", "times"), [("3", 1.0), ("6", 2.0), ("6A", 2.0)])
def test_accuracy_follows_the_crest_factor_and_the_voltage_transformer(crest: str, times: float) -> None:
    beside = (RANGES[3][0], f"{crest};20.0")
    device, _ = meter(IDN, *SET_UP, (":NUM:NORM:VAL?", VALUES), *RANGES[:3], beside)
    readings = {reading.name: reading.accuracy for reading in device.read("phase[*].*")}
    voltage, power = readings["phase[1].voltage"], readings["phase[1].power"]
    assert voltage is not None
    assert power is not None
    assert (voltage.range, power.range) == (6_000.0, 960_000.0)
    assert power.of_range == 0.0005 * times


@pytest.mark.parametrize("beside", ["4;1.0", "3", "", "3;0", "nonsense"])
def test_without_a_known_crest_factor_and_voltage_ratio_there_is_no_accuracy(beside: str) -> None:
    device, _ = meter(IDN, *SET_UP, (":NUM:NORM:VAL?", VALUES), *RANGES[:3], (RANGES[3][0], beside))
    assert all(reading.accuracy is None for reading in device.read("power"))


def test_without_a_known_range_there_is_no_accuracy() -> None:
    device, _ = meter(IDN, *SET_UP, (":NUM:NORM:VAL?", VALUES), (":INP:VOLT:RANG?", "??"), *RANGES[1:])
    assert device.read("power")[0].accuracy is None


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("NAN", "no data"),
        ("INF", "over range"),
        ("9.9E+37", "over range"),
        ("9.91E+37", "no data"),
        ("OVERLOAD", "Garbled: not a number"),
        ("", "Garbled: not a number"),
        ("1_000", "Garbled: not a number"),
    ],
)
def test_what_is_no_value_is_null_with_its_reason(field: str, reason: str) -> None:
    device, _ = meter(IDN, *SET_UP, (":NUM:NORM:VAL?", ",".join([field, *FIELDS.split()[1:]])), *RANGES)
    reading = device.read("power")[0]
    assert (reading.value, reading.reason, reading.accuracy) == (None, reason, None)


def test_one_phase_without_data_does_not_hide_the_others() -> None:
    fields = FIELDS.split()
    fields[ITEMS.index("U,2")] = "NAN"
    device, _ = meter(IDN, *SET_UP, (":NUM:NORM:VAL?", ",".join(fields)), *RANGES)
    assert [reading.value for reading in device.read("phase[*].voltage")] == [240.1, None, 240.3]


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("1;80.0", 80.0),
        ("0;80.0", 1.0),
        (":INPUT:SCALING:STATE 1;:INPUT:SCALING:CT:ELEMENT1 80.000", 80.0),
        ("1;1;1;80", 80.0),
    ],
)
def test_ct_ratio_in_force(reply: str, value: float) -> None:
    device, _ = meter((RANGES[2][0], reply))
    assert device.read("ct_ratio")[0].value == value


def test_a_ct_ratio_that_holds_for_some_elements_only_is_none() -> None:
    device, _ = meter((RANGES[2][0], "1;1;0;80"))
    with pytest.raises(NoReading, match="the elements differ"):
        device.ct_ratio.read()


@pytest.mark.parametrize("reply", ["1;-80", "80", "1;", ""])
def test_ct_ratio_that_is_none(reply: str) -> None:
    device, _ = meter((RANGES[2][0], reply))
    with pytest.raises(Garbled):
        device.ct_ratio.read()


def test_an_automatic_rate_is_no_interval() -> None:
    device, _ = meter((":RATE?", "AUTO"))
    with pytest.raises(NoReading, match="AUTO"):
        device.update_interval.read()


def test_actions_read_the_error_queue() -> None:
    error = (":STAT:ERR?", '813,"Invalid operation in integration"')
    device, transport = meter(
        (":INTEG:STAR", None),
        (":STAT:ERR?", "0"),
        ("*ESR?", "0"),
        (":INTEG:RES", None),
        error,
        (":STAT:ERR?", "0"),
        ("*ESR?", "16"),
    )
    device.integration_start()
    with pytest.raises(DeviceRefused, match="error 813") as caught:
        device.integration_reset()
    assert caught.value.sent == ":INTEG:RES"
    transport.assert_done()


def test_an_error_queue_that_never_empties_ends() -> None:
    device, transport = meter((":INTEG:STOP", None), *[(":STAT:ERR?", '113,"Undefined header"')] * 20, ("*ESR?", "32"))
    with pytest.raises(DeviceRefused):
        device.integration_stop()
    transport.assert_done()


def test_identity() -> None:
    device, _ = meter(("*IDN?", "YOKOGAWA,WT333E,EMULATED-A,F1.04"))
    identity = device.identify()
    assert (identity.model, identity.serial, identity.firmware, identity.emulated) == (
        "WT333E",
        "EMULATED-A",
        "F1.04",
        True,
    )


@pytest.mark.parametrize("reply", ["HIOKI,PW3337,1,1", "YOKOGAWA,WT1800,1,1", "hello", "YOKOGAWA,WT333E"])
def test_another_device_is_refused(reply: str) -> None:
    device, _ = meter(("*IDN?", reply))
    with pytest.raises(WrongDevice) as caught:
        device.identify()
    assert reply in str(caught.value)


def test_an_unknown_point_sends_nothing() -> None:
    device, _ = meter()
    with pytest.raises(UnknownPoint, match="it has power"):
        device.read("temperature")


def items_of(point: Point, reply: str) -> Iterable[Any]:
    found = point.decode(reply)
    return [found] if not isinstance(found, Iterable) else found


replies = st.one_of(st.text(), st.lists(st.text(max_size=8), min_size=26, max_size=26).map(",".join))


@given(reply=replies)
def test_any_reply_is_readings_or_an_error(reply: str) -> None:
    for point in Wt300e.points().values():
        with suppress(DriverError):
            for item in items_of(point, reply):
                assert item.value is None or not isinstance(item.value, float) or math.isfinite(item.value)


@given(st.floats(min_value=-1e30, max_value=1e30))
def test_numbers_come_back(value: float) -> None:
    assert scpi.number(f"{value:.9E}") == float(f"{value:.9E}")


@pytest.mark.parametrize("read", [scpi.number, scpi.boolean, scpi.error])
@given(text=st.text())
def test_scpi_decoders_fail_in_one_way(read: Callable[[str], object], text: str) -> None:
    with suppress(DriverError):
        read(text)


@pytest.mark.parametrize(("factor", "tangent"), [("0.5", math.sqrt(3)), ("-0.8", 0.75), ("1.0", 0.0)])
def test_a_low_power_factor_widens_the_limits_of_error_of_power(factor: str, tangent: float) -> None:
    """IM WT310E-02EN, 7.3.2: tan φ times 0.1 % of the reading is added."""
    fields = VALUES.split(",")
    fields[ITEMS.index("LAMB,SIGMA")] = factor
    device, _ = meter(IDN, *SET_UP, (":NUM:NORM:VAL?", ",".join(fields)), *RANGES)
    accuracy = device.read("power")[0].accuracy
    assert accuracy is not None
    assert accuracy.of_reading == pytest.approx(0.001 * (1 + tangent))


@pytest.mark.parametrize("factor", ["NAN", "0.0"])
def test_power_without_a_power_factor_has_no_limits_of_error_that_hold(factor: str) -> None:
    fields = VALUES.split(",")
    fields[ITEMS.index("LAMB,SIGMA")] = factor
    device, _ = meter(IDN, *SET_UP, (":NUM:NORM:VAL?", ",".join(fields)), *RANGES)
    (reading,) = device.read("power")
    assert (reading.value, reading.accuracy) == (61.2e3, None)


def test_the_last_digit_sent_is_the_resolution() -> None:
    device, _ = meter(IDN, *SET_UP, (":NUM:NORM:VAL?", VALUES.replace("61.2E+03", "61.234E+03")), *RANGES)
    readings = {r.name: r.accuracy for r in device.read("power", "phase[*].voltage")}
    assert {name: a.resolution for name, a in readings.items() if a} == {
        "power": 1.0,
        "phase[1].voltage": 0.1,
        "phase[2].voltage": 0.1,
        "phase[3].voltage": 0.1,
    }


@pytest.mark.parametrize(("text", "step"), [("61.23E+03", 10.0), ("-0.50", 0.01), ("850", 1.0), ("1e3", 1e3),
                                            ("OVER", 0.0), ("NAN", 0.0), ("", 0.0), ("1,5", 0.0)])  # fmt: skip
def test_how_finely_a_number_was_sent(text: str, step: float) -> None:
    assert scpi.step(text) == step
