from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers import catalogue
from drivers.errors import BadAddress, DeviceRefused, UsageError, WrongDevice
from drivers.meters.scpi_meter import DescribedMeter, ScpiMeter, described_by
from drivers.options import Options
from tests.drivers.bench import Bench, by_name, on_bench, values
from tests.drivers.scripted import StillClock
from tests.servers import scpi_server

SHIPPED = files("drivers.meters").joinpath("scpi_meter.toml").read_text("utf-8")
SMALL = """
schema = 1
source = "manual of the Acme 5"
confirmed = true
identity = 'ACME,5'
setup = [":FORM ASC"]
errors = ":SYST:ERR?"
[actions]
voltage_range = [":VOLT:RANG {value:g}"]
[stand_ins]
"-9999" = "over range"
[list]
query = ":MEAS?"
separator = ";"
items = ["P", "U1", "U2"]
[[point]]
name = "power"
unit = "W"
item = "P"
factor = 1000
doc = "Power."
[[point]]
name = "phase[].voltage"
unit = "V"
items = { L1 = "U1", L2 = "U2" }
doc = "Voltage."
[[point]]
name = "voltage_range"
unit = "V"
query = ":VOLT:RANG?"
above_zero = true
doc = "Range."
[[point]]
name = "mode"
query = ":MODE?"
decode = "choice"
choices = { RMS = "rms", MEAN = "mean" }
doc = "Mode."
"""
REPLIES = {
    ":MEAS?": "12.5 kW;231.0V;-9999", ":VOLT:RANG?": ":VOLT:RANG 300.0", ":MODE?": "RMS", "*ESR?": "0",
    ":SYST:ERR?": '0,"No error"', "*IDN?": "ACME,5,123,1.0",
}  # fmt: skip


def described(text: str = SMALL, **replies: str | None) -> tuple[DescribedMeter, Bench]:
    return on_bench(described_by(text, "acme.toml"), (REPLIES | replies).get)


def test_reads_by_the_description() -> None:
    device, bench = described()
    readings = by_name(device.read())
    assert values(readings, "power", "phase[L1].voltage", "voltage_range", "mode") == [12_500_000, 231.0, 300.0, "rms"]
    assert readings["phase[L2].voltage"].reason == "over range"
    assert bench.written == [":FORM ASC"]
    assert bench.asked == [":SYST:ERR?", "*ESR?", ":MEAS?", ":VOLT:RANG?", ":MODE?"]


def test_what_is_not_described_is_lacking() -> None:
    assert "energy" in described_by(SMALL, "acme.toml").lacks
    assert "power" not in described_by(SMALL, "acme.toml").lacks


def test_another_number_of_fields_is_garbled() -> None:
    device, _ = described(**{":MEAS?": "1;2"})
    assert device.read("power")[0].reason == "Garbled: 2 values where 3 items are described"


def test_actions_fill_in_the_value_and_read_the_errors() -> None:
    device, bench = described()
    device.set_voltage_range(300.0)
    assert bench.written == [":VOLT:RANG 300"]
    with pytest.raises(UsageError, match="no action integration_start"):
        device.integration_start()
    refused, _ = described(**{"*ESR?": "16"})
    with pytest.raises(DeviceRefused, match="execution error"):
        refused.set_voltage_range(1.0)


def test_another_instrument_is_refused() -> None:
    device, _ = described(**{"*IDN?": "ACME,6,123,1.0"})
    with pytest.raises(WrongDevice):
        device.identify()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("schema = 1", "schema = 2", "acme.toml: schema: only schema 1"),
        ("identity = 'ACME,5'", "identity = '('", "identity: not a pattern"),
        ("source = ", "sources = ", "sources: unknown; known: actions"),
        ('unit = "W"', 'unit = "kW"', r"point\[0\].unit: numbers have a unit of the closed list"),
        ('unit = "W"', 'unit = "VA"', r"point\[0\].unit: power is in W"),
        ('item = "P"', 'item = "PX"', "'PX' is not in list.items"),
        ('item = "P"', 'item = "P"\nquery = "X?"', "one of item, items, query"),
        ("factor = 1000", "factor = 0", "factor: not a factor"),
        ("factor = 1000", 'factor = "x"', "factor: missing, or not a number"),
        ('name = "power"', 'name = "power[]"', "items, and only items, go with"),
        ('name = "mode"', 'name = "power"', r"point\[3\].name: power stands there twice"),
        ('decode = "choice"', 'decode = "eval"', "decode: one of number, boolean"),
        ("{value:g}", "{value.real.x}", "actions.voltage_range: only {value} can be filled in"),
        ("{value:g}", "{0}", "only {value} can be filled in"),
        ("voltage_range = [", "voltage_rnage = [", "actions.voltage_rnage: unknown; known: current_range"),
        ('doc = "Mode."', "", "doc: missing, or not a str"),
        ("[list]", "[list", "acme.toml: "),
        ('query = ":MEAS?"', "", "list.query: missing"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(old: str, new: str, complaint: str) -> None:
    assert old in SMALL
    with pytest.raises(UsageError, match=complaint):
        described_by(SMALL.replace(old, new, 1), "acme.toml")


def test_the_shipped_description_meets_the_whole_contract() -> None:
    assert ScpiMeter.lacks == frozenset()
    assert not any(point.confirmed for point in ScpiMeter.points().values())


def test_a_file_beside_the_inventory_is_a_model(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(SMALL, "utf-8")
    options = Options(folder=tmp_path, timeout_s=0.5)
    assert "scpi-meter:acme.toml" in catalogue.MODELS
    assert "wt300e:acme.toml" not in catalogue.MODELS
    replies = {query: f"{reply}\n".encode() for query, reply in REPLIES.items()}
    with scpi_server(dict(replies)) as server:
        device = catalogue.open_device("scpi-meter:acme.toml", server.address, options, StillClock())
        assert device.identify().model == "5"
        assert device.read("power")[0].value == 12_500_000
        device.close()
        with pytest.raises(UsageError, match=r"none\.toml"):
            catalogue.open_device("scpi-meter:none.toml", server.address, options, StillClock())
        with pytest.raises(BadAddress):
            catalogue.open_device("scpi-meter:acme.toml", "snmp://127.0.0.1?community=public", options, StillClock())


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_file_is_a_description_or_a_usage_error(data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(SHIPPED)))
    text = SHIPPED[:cut] + data.draw(st.text(max_size=10)) + SHIPPED[cut + data.draw(st.integers(0, 10)) :]
    with suppress(UsageError):
        described_by(text, "fuzzed.toml")
