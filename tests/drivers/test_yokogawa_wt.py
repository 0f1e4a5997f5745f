import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import DeviceRefused, Garbled, Silent
from drivers.meters.yokogawa_list import wiring
from drivers.meters.yokogawa_wt import Wt500, Wt1800e, Wt5000, WtAnalyzer
from tests.drivers.bench import Bench, by_name, on_bench, units, values

MEASURED = {
    "URMS": "230.1", "IRMS": "87.2", "P": "20.06E+03", "S": "20.10E+03", "Q": "1.2E+03", "LAMB": "0.998",
    "FU": "50.002", "WH": "1.5E+03", "AH": "6.5", "TIME": "3600", "UTHD": "1.21", "ITHD": "4.8",
    "UK": "2.3", "IK": "1.1",
}  # fmt: skip


@dataclass
class FakeWt:
    """The numeric list, element nodes and error queue of a WT analyser."""

    wiring: str = "P3W4,P1W2"
    without: frozenset[str] = frozenset()
    header: bool = False
    items: dict[int, str] = field(default_factory=dict)
    size: int = 15
    queue: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    def answer(self, line: str) -> str | None:
        replies = [reply for unit in units(line) if (reply := self._unit(unit)) is not None]
        return ";".join(replies) if replies else None

    def _unit(self, unit: str) -> str | None:
        head, _, text = unit.partition(" ")
        if head.endswith("?"):
            return self._asked(head)
        if head.startswith(":NUM:NORM:ITEM"):
            self._set_item(int(head.removeprefix(":NUM:NORM:ITEM")), text)
        elif head == ":NUM:NORM:NUM":
            self.size = int(text)
        elif head == ":COMM:HEAD":
            self.header = text == "ON"
        elif text == "9V":
            self.queue.append('222,"Data out of range"')
        return None

    def _set_item(self, place: int, item: str) -> None:
        if item.partition(",")[0] in self.without:
            self.queue.append('224,"Illegal parameter value"')
        else:
            self.items[place] = item

    def _asked(self, head: str) -> str | None:
        elements = sum({"P1W2": 1, "P1W3": 2, "P3W4": 3, "NONE": 0}[w.strip("()")] for w in self.wiring.split(","))
        states = {
            "*ESR?": "0", ":STAT:ERR?": self.queue.pop(0) if head == ":STAT:ERR?" and self.queue else '0,"No error"',
            ":INP:WIR?": self.wiring, ":RATE?": "500.0E-03", ":INTEG:STAT?": "RES", ":INP:POV?": "33",
            ":NUM:NORM:VAL?": self._values(),
        } | self.settings  # fmt: skip
        per_element = {
            ":INP:VOLT:RANG?": "300.0E+00", ":INP:CURR:RANG?": "5.00E+00", ":INP:VOLT:AUTO?": "0",
            ":INP:CURR:AUTO?": "0", ":INP:SCAL:STAT?": "1", ":INP:SCAL:CT?": "20.000", ":INP:SCAL:VT?": "1.000",
        }  # fmt: skip
        if head in states:
            return states[head]
        return ";".join([per_element[head]] * elements) if head in per_element else None

    def _values(self) -> str:
        return ",".join(self._value(self.items.get(place, "NONE")) for place in range(1, self.size + 1))

    def _value(self, item: str) -> str:
        return self.fields.get(item) or MEASURED.get(item.partition(",")[0], "NAN")


def analyser(fake: FakeWt, model: type[WtAnalyzer] = Wt1800e) -> tuple[WtAnalyzer, Bench]:
    return on_bench(model, fake.answer)


def test_reads_every_element_and_the_total_in_one_query() -> None:
    device, bench = analyser(FakeWt())
    readings = by_name(device.read())
    assert values(readings, "power", "apparent_power", "power_factor", "frequency") == [20_060, 20_100, 0.998, 50.002]
    assert values(readings, "energy", "charge", "integration_time") == [1500, 6.5, 3600]
    assert values(readings, "phase[1].voltage", "phase[4].current", "phase[4].energy") == [230.1, 87.2, 1500]
    assert values(readings, "phase[2].voltage_thd", "phase[3].current_thd") == [1.21, 4.8]
    assert values(readings, "harmonic[4.13].current", "harmonic[1.3].voltage") == [1.1, 2.3]
    assert values(readings, "ct_ratio", "vt_ratio", "voltage_range", "current_range") == [20.0, 1.0, 300.0, 5.0]
    assert values(readings, "phase[4].current_range", "update_interval") == [5.0, 0.5]
    assert values(readings, "over_range", "wiring", "integration_state") == ["U1,I3", "P3W4,P1W2", "RESET"]
    assert bench.asked.count(":NUM:NORM:VAL?") == 1
    assert readings["phase[1].voltage"].source == "test://bench :NUM:NORM:VAL? 1"


def test_a_second_read_sets_nothing_up() -> None:
    device, bench = analyser(FakeWt())
    device.read("power")
    bench.written.clear()
    bench.asked.clear()
    device.read("power", "phase[*].voltage")
    assert (bench.written, bench.asked) == ([], [":NUM:NORM:VAL?"])


def test_what_the_meter_refuses_is_null_and_does_not_spoil_the_rest() -> None:
    device, _ = analyser(FakeWt(without=frozenset({"UTHD", "UK", "IK", "AH"})))
    readings = by_name(device.read())
    assert readings["power"].value == 20_060
    assert readings["phase[1].current_thd"].value == 4.8
    for name in ("phase[1].voltage_thd", "harmonic[2.5].voltage", "charge", "phase[1].charge"):
        assert readings[name].value is None
        assert "error 224 Illegal parameter value" in (readings[name].reason or "")


def test_an_indispensable_item_that_is_refused_is_an_error() -> None:
    device, _ = analyser(FakeWt(without=frozenset({"URMS"})))
    with pytest.raises(DeviceRefused, match="224"):
        device.read("power")


@pytest.mark.parametrize(
    ("wired", "reason"),
    [("P1W2", None), ("P1W3", None), ("P1W2,P1W2,P1W2", "wired one by one"), ("P1W2,P3W4", "wired one by one")],
)
def test_the_total_is_that_of_the_first_wiring_unit(wired: str, reason: str | None) -> None:
    device, _ = analyser(FakeWt(wiring=wired, fields={"P,1": "1.0", "P,SIGMA": "3.0"}))
    (reading,) = device.read("power")
    if reason:
        assert reading.value is None
        assert reason in (reading.reason or "")
    else:
        assert reading.value == (1.0 if wired == "P1W2" else 3.0)


def test_each_field_is_decoded_or_refused_by_name() -> None:
    fields = {"URMS,1": "INF", "URMS,2": "NAN", "URMS,3": "9.91E+37", "IRMS,1": "230.1A", "IRMS,2": "???"}
    device, _ = analyser(FakeWt(fields=fields))
    readings = by_name(device.read("phase[*].voltage", "phase[*].current"))
    reasons = [readings[f"phase[{n}].voltage"].reason for n in (1, 2, 3)]
    assert reasons == ["over range", "no data", "no data"]
    assert values(readings, "phase[4].voltage", "phase[1].current", "phase[3].current") == [230.1, 230.1, 87.2]
    assert readings["phase[2].current"].reason == "Garbled: not a number"


def test_an_external_sensor_has_no_range_in_amperes() -> None:
    device, _ = analyser(FakeWt(settings={":INP:CURR:RANG?": "EXTERNAL,10.00E+00;5.00E+00;5.00E+00;5.00E+00"}))
    readings = by_name(device.read("current_range", "phase[*].current_range"))
    assert "external current sensor" in (readings["phase[1].current_range"].reason or "")
    assert readings["phase[2].current_range"].value == 5.0
    assert readings["current_range"].value is None


def test_headers_before_the_elements_are_dropped() -> None:
    text = ":INPUT:VOLTAGE:RANGE:ELEMENT1 300.0E+00;ELEMENT2 600.0E+00;ELEMENT3 300.0E+00"
    device, _ = analyser(FakeWt(settings={":INP:VOLT:RANG?": text}))
    readings = by_name(device.read("voltage_range", "phase[*].voltage_range"))
    assert [readings[f"phase[{n}].voltage_range"].value for n in (1, 2, 3)] == [300.0, 600.0, 300.0]
    assert readings["voltage_range"].reason == "the elements differ"


@pytest.mark.parametrize(("states", "ratio"), [("0;0;0", 1.0), ("1;1;1", 20.0)])
def test_scaling_that_is_off_has_the_ratio_one(states: str, ratio: float) -> None:
    device, _ = analyser(FakeWt(wiring="P3W4", settings={":INP:SCAL:STAT?": states}))
    assert device.read("ct_ratio")[0].value == ratio


def test_a_changed_list_is_refused_and_set_up_again() -> None:
    fake = FakeWt()
    device, _ = analyser(fake)
    device.read("power")
    fake.size = 9
    assert "9 values where" in (device.read("power")[0].reason or "")
    assert device.read("power")[0].value == 20_060


def test_ranges_of_all_elements_and_their_refusal() -> None:
    device, bench = analyser(FakeWt())
    device.set_voltage_range(None)
    device.set_current_range(0.5)
    assert bench.written == [":INP:VOLT:AUTO:ALL ON", ":INP:CURR:AUTO:ALL OFF", ":INP:CURR:RANG:ALL 0.5A"]
    with pytest.raises(DeviceRefused, match="error 222 Data out of range"):
        device.set_voltage_range(9)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (Wt500, "YOKOGAWA,WT500,C1MA12345,F2.01"),
        (Wt500, "YOKOGAWA,760203,C1MA12345,F2.01"),
        (Wt1800e, "YOKOGAWA,WT1806E,C2XA12345,F3.01"),
        (Wt5000, "YOKOGAWA,WT5000,C3VE12345,F2.02"),
    ],
)
def test_each_model_knows_itself(model: type[WtAnalyzer], said: str) -> None:
    assert [m for m in (Wt500, Wt1800e, Wt5000) if m.recognises(said)] == [model]


@pytest.mark.parametrize("reply", ["", "P3W5", "RMS", "P3W4;P1W2"])
def test_an_unknown_wiring_is_garbled(reply: str) -> None:
    with pytest.raises(Garbled):
        wiring(reply)


@settings(deadline=None)
@given(reply=st.one_of(st.text(max_size=80), st.lists(st.text(max_size=8), min_size=15, max_size=15).map(",".join)))
def test_any_list_is_readings(reply: str) -> None:
    fake = FakeWt(wiring="P1W2", without=frozenset({"WH", "AH", "UTHD", "ITHD", "UK", "IK"}))
    device, _ = analyser(fake)
    device.read("power")
    fake.settings[":NUM:NORM:VAL?"] = reply
    for reading in device.read("power", "phase[*].*", "frequency"):
        assert reading.value is None or not isinstance(reading.value, float) or math.isfinite(reading.value)
        assert reading.value is not None or reading.reason


def test_a_meter_that_falls_silent_while_it_is_set_up_is_silent() -> None:
    fake = FakeWt()
    device, bench = analyser(fake)
    gone = False

    def answer(line: str) -> str | None:
        nonlocal gone
        gone = gone or "UTHD" in line
        return None if gone else fake.answer(line)

    bench.answer, bench.nameless = answer, True
    with pytest.raises(Silent):
        device.read("power")
