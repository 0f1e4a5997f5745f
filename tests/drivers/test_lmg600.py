from dataclasses import dataclass, field

import pytest

from drivers.errors import DeviceRefused, Garbled, WrongDevice
from drivers.meters.zes import Lmg600
from tests.drivers.bench import Bench, by_name, on_bench, units, values

MEASURED = {
    "utrms": "230.1", "itrms": "87.2", "p": "20060.0", "s": "20100", "q": "1200", "pf": "0.998", "fcyc": "50.002",
    "huhd": "1.21", "hihd": "4.8", "urng": "250.0", "irng": "5.0", "uauto": "0", "iauto": "0", "isca": "20.0",
    "usca": "1.0", "ep": "1500", "iq": "6.5",
}  # fmt: skip


@dataclass
class FakeLmg:
    """Short commands, each with its part of the reply; what is unknown leaves none."""

    said: str = "ZES ZIMMER Electronic Systems GmbH, LMG671, 03320113, 1.022"
    fitted: int = 3
    without: frozenset[str] = frozenset()
    fields: dict[str, str] = field(default_factory=dict)
    short: bool = False
    events: int = 0

    def answer(self, line: str) -> str | None:
        replies = [reply for unit in units(line) if (reply := self._unit(unit)) is not None]
        return ";".join(replies) if replies else None

    def _unit(self, unit: str) -> str | None:
        if unit in ("*IDN?", "*ESR?", "cycl?"):
            seen, self.events = self.events, 0 if unit == "*ESR?" else self.events
            return {"*IDN?": self.said, "*ESR?": str(seen), "cycl?": "0.5"}[unit]
        self.short = self.short or unit == "*zlang short"
        if not unit.endswith("?"):
            self.events |= 16 if unit.endswith(" 9") else 0
            return None
        name, channel = unit[:-2], int(unit[-2])
        assert self.short
        if name == "ctyp":
            return '"L60-CH-A1"' if channel <= self.fitted else '""'
        if name in self.without or name not in MEASURED or channel > self.fitted:
            self.events |= 32
            return None
        return self.fields.get(f"{name}{channel}", MEASURED[name])


def lmg(fake: FakeLmg) -> tuple[Lmg600, Bench]:
    return on_bench(Lmg600, fake.answer)


def test_reads_all_channels_in_one_message() -> None:
    device, bench = lmg(FakeLmg())
    device.read("power")
    bench.asked.clear()
    readings = by_name(device.read())
    assert values(readings, "power", "frequency", "energy") == [60_180.0, 50.002, 4500.0]
    assert readings["power"].raw == "20060.0;20060.0;20060.0"
    assert values(readings, "phase[1].voltage", "phase[3].reactive_power", "phase[2].charge") == [230.1, 1200, 6.5]
    assert values(readings, "phase[1].voltage_thd", "phase[3].current_thd") == [1.21, 4.8]
    assert values(readings, "ct_ratio", "voltage_range", "current_range", "update_interval") == [20, 250, 5, 0.5]
    assert len(bench.asked) == 2
    assert bench.asked[0].startswith("actn;utrms1?;utrms2?;utrms3?;itrms1?")


def test_more_than_three_channels_have_no_total() -> None:
    device, _ = lmg(FakeLmg(fitted=4))
    readings = by_name(device.read("power", "phase[*].power"))
    assert "4 channels are fitted" in (readings["power"].reason or "")
    assert readings["phase[4].power"].value == 20_060.0


def test_one_bad_channel_leaves_no_total_but_the_others() -> None:
    device, _ = lmg(FakeLmg(fields={"p2": "nan", "irng3": "10.0"}))
    readings = by_name(device.read("power", "phase[*].power", "current_range", "phase[*].current_range"))
    assert (readings["power"].value, readings["power"].reason) == (None, "no data")
    assert values(readings, "phase[1].power", "phase[2].power") == [20_060.0, None]
    assert readings["current_range"].reason == "the elements differ"
    assert readings["phase[3].current_range"].value == 10.0


def test_commands_that_the_instrument_does_not_know_cost_only_themselves() -> None:
    device, _ = lmg(FakeLmg(without=frozenset({"ep", "iq", "isca"})))
    readings = by_name(device.read())
    assert "does not give ep1?" in (readings["energy"].reason or "")
    assert readings["ct_ratio"].value is None
    assert readings["power"].value == 60_180.0


def test_no_fitted_channel_is_garbled() -> None:
    device, _ = lmg(FakeLmg(fitted=0))
    with pytest.raises(Garbled, match="types of 7 channels"):
        device.read("power")


def test_settings_are_short_commands_with_their_errors() -> None:
    device, bench = lmg(FakeLmg())
    device.read("power")
    bench.written.clear()
    device.set_current_range(5.0)
    device.set_update_interval(0.5)
    short = "*zlang short"
    assert bench.written == [short, *(f"iauto{n} 0;irng{n} 5" for n in (1, 2, 3)), short, "cycl 0.5"]
    with pytest.raises(DeviceRefused, match="execution error"):
        device.set_voltage_range(9)


@pytest.mark.parametrize("said", ["ZES ZIMMER Electronic Systems GmbH, LMG500, 1, 2", "HIOKI,PW3390,1,2", "LMG671"])
def test_another_instrument_is_refused(said: str) -> None:
    device, _ = lmg(FakeLmg(said=said))
    with pytest.raises(WrongDevice):
        device.identify()
