import math
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.errors import DeviceRefused, Garbled, Silent
from drivers.meters.hioki import HiokiAnalyzer, Pw3390, Pw8001, wired
from tests.drivers.bench import Bench, by_name, on_bench, units, values

MEASURED = {
    "Urms": "+230.10E+0", "Irms": "+087.20E+0", "P": "+020.060E+3", "S": "+020.100E+3", "Q": "-001.200E+3",
    "PF": "+0.9980E+0", "FREQ": "+050.002E+0", "Uthd": "+001.21E+0", "Ithd": "+004.80E+0", "WP": "+01.50000E+3",
    "IH": "+06.50000E+0",
}  # fmt: skip


@dataclass
class FakeHioki:
    """Items by `:MEASure?`, settings, and the event status as the only word of errors."""

    channels: int = 4
    without: frozenset[str] = frozenset()
    header: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    events: int = 0
    settings: dict[str, str] = field(
        default_factory=lambda: {
            ":WIR?": "TYPE8", ":VOLT1:RANG?": "300", ":CURR1:RANG?": "2.0000E+2", ":VOLT1:AUTO?": "OFF",
            ":CURR1:AUTO?": "ON", ":SCAL1:CT?": "80.0", ":SCAL1:VT?": "OFF", ":INTEG:STAT?": "STOP",
        }
    )  # fmt: skip

    def answer(self, line: str) -> str | None:
        if line.startswith(":MEAS? "):
            return self._measured(line.removeprefix(":MEAS? ").split(","))
        replies = [self._unit(unit) for unit in units(line)]
        return ";".join(filter(None, replies)) if all(replies) else None

    def _measured(self, items: list[str]) -> str | None:
        stems = {item: item.rstrip("0123456789") for item in items}
        known = all(stems[item] in MEASURED and int(item[-1]) <= self.channels for item in items)
        if not known or set(items) & self.without or set(stems.values()) & self.without:
            self.events |= 16
            return None
        fields = {item: self.fields.get(item, MEASURED[stems[item]]) for item in items}
        return (";" if self.header else ",").join(f"{i} {f}" if self.header else f for i, f in fields.items())

    def _unit(self, unit: str) -> str | None:
        if unit == "*ESR?":
            seen, self.events = self.events, 0
            return str(seen)
        if unit.endswith("?"):
            if unit not in self.settings:
                self.events |= 32
            return self.settings.get(unit)
        self.events |= 16 if unit.endswith(" 9") else 0
        return None


def hioki(fake: FakeHioki, model: type[HiokiAnalyzer] = Pw3390) -> tuple[HiokiAnalyzer, Bench]:
    return on_bench(model, fake.answer)


@pytest.mark.parametrize("header", [False, True])
def test_reads_channels_and_total_in_one_query(header: bool) -> None:
    device, bench = hioki(FakeHioki(header=header))
    device.read("power")
    bench.asked.clear()
    readings = by_name(device.read())
    assert values(readings, "power", "reactive_power", "power_factor", "frequency") == [20_060, -1200, 0.998, 50.002]
    assert values(readings, "phase[1].voltage", "phase[4].current", "phase[4].charge") == [230.1, 87.2, 6.5]
    assert values(readings, "energy", "phase[2].voltage_thd", "phase[3].current_thd") == [1500, 1.21, 4.8]
    assert values(readings, "ct_ratio", "vt_ratio", "voltage_range", "current_range") == [80.0, 1.0, 300.0, 200.0]
    assert values(readings, "voltage_auto", "current_auto", "wiring") == [False, True, "TYPE8"]
    assert [asked for asked in bench.asked if asked.startswith(":MEAS?")] == [bench.asked[0]]
    assert readings["power"].source == "test://bench :MEAS? P123"


def test_what_stands_for_no_value_is_named() -> None:
    fields = {
        "Urms1": "+9999.9E+99", "Urms2": "+7777.7E+99", "Urms3": "+6666.6E+99", "Urms4": "-9.9999E+99", "P1": "OVER",
    }  # fmt: skip
    device, _ = hioki(FakeHioki(fields=fields))
    readings = by_name(device.read("phase[*].voltage", "phase[*].power"))
    reasons = [readings[f"phase[{n}].voltage"].reason for n in (1, 2, 3, 4)]
    assert reasons == ["over range", "scaling error", "no data", "over range"]
    assert (readings["phase[1].power"].reason, readings["phase[2].power"].value) == ("over range", 20_060.0)


def test_an_answer_that_names_another_item_is_refused() -> None:
    fake = FakeHioki()
    device, _ = hioki(fake)
    device.read("power")
    fake.fields = {"Urms1": "Urms2 +230.10E+0"}
    assert device.read("phase[1].voltage")[0].reason == "Garbled: the field of Urms2 where Urms1 was asked"


def test_items_that_the_instrument_does_not_know_cost_only_themselves() -> None:
    device, _ = hioki(FakeHioki(without=frozenset({"Ithd", "P123"})))
    readings = by_name(device.read("power", "energy", "phase[*].*"))
    assert "does not give P123" in (readings["power"].reason or "")
    assert readings["energy"].value == 1500
    assert "does not give Ithd1" in (readings["phase[1].current_thd"].reason or "")
    assert readings["phase[1].voltage_thd"].value == 1.21


def test_what_no_manual_confirms_may_stay_unanswered() -> None:
    fake = FakeHioki(settings={":VOLT1:RANG?": "300", ":CURR1:RANG?": "200"})
    device, bench = hioki(fake)
    for _ in range(2):
        readings = by_name(device.read())
        assert readings["power"].value == 20_060
        assert "no manual at hand confirms" in (readings["ct_ratio"].reason or "")
    assert bench.asked.count(":SCAL1:CT?") == 1
    assert fake.events == 0


def test_an_instrument_that_falls_silent_is_silent() -> None:
    fake = FakeHioki()
    device, _ = hioki(fake)
    device.read("power")
    fake.without = frozenset({"Urms"})
    with pytest.raises(Silent):
        device.read("power")


@pytest.mark.parametrize(
    ("reply", "systems"),
    [("TYPE8", (3, 1)), (":WIRING TYPE1", (1, 1, 1, 1)), ("3P4W,1P2W", (3, 1)), ("3P4W;3P4W;1P2W", (3, 3, 1))],
)
def test_wiring(reply: str, systems: tuple[int, ...]) -> None:
    assert wired(reply) == systems


@pytest.mark.parametrize("reply", ["", "TYPE99", "4P5W", "3P4W,"])
def test_an_unknown_wiring_is_garbled(reply: str) -> None:
    with pytest.raises(Garbled):
        wired(reply)


def test_channels_that_are_wired_one_by_one_have_no_total() -> None:
    fake = FakeHioki()
    fake.settings[":WIR?"] = "TYPE1"
    device, _ = hioki(fake)
    assert "wired one by one" in (device.read("power")[0].reason or "")


def test_a_pw8001_without_a_known_wiring_is_taken_as_three_phases() -> None:
    fake = FakeHioki(channels=3)
    fake.settings[":WIR?"] = "1"
    device, _ = hioki(fake, Pw8001)
    readings = by_name(device.read("power", "phase[*].voltage"))
    assert values(readings, "power", "phase[3].voltage") == [20_060, 230.1]


def test_settings_are_followed_by_the_event_status() -> None:
    device, bench = hioki(FakeHioki())
    device.set_voltage_range(300)
    device.integration_reset()
    assert bench.written == [*(f":VOLT{n}:RANG 300" for n in (1, 2, 3, 4)), ":INTEG:STAT RESET"]
    with pytest.raises(DeviceRefused, match="execution error") as caught:
        device.set_current_range(9)
    assert caught.value.sent == "; ".join(f":CURR{n}:RANG 9" for n in (1, 2, 3, 4))


@settings(deadline=None)
@given(reply=st.text(max_size=80))
def test_any_list_is_readings(reply: str) -> None:
    fake = FakeHioki()
    device, bench = hioki(fake)
    device.read("power")
    bench.answer = lambda line: reply if line.startswith(":MEAS?") else fake.answer(line)
    for reading in device.read("power", "phase[*].*"):
        assert reading.value is None or (isinstance(reading.value, float) and math.isfinite(reading.value))
