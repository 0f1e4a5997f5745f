import math
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import scpi
from drivers.errors import DriverError, Garbled, NoReading


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1.5", None, 1.5),
        ("+0230.12E+0", None, 230.12),
        ("  .5E3 ", None, 500.0),
        (":NUMERIC:NORMAL:VALUE 1.2E+03", None, 1200.0),
        ("Urms1 +230.12E+0", "V", 230.12),
        ("240.1V", "V", 240.1),
        ("240.1 v", "V", 240.1),
        ("12.5 kW", "W", 12_500.0),
        ("12.5KW", "W", 12_500.0),
        ("12.5kvar", "var", 12_500.0),
        ("3.1 KVAR", "var", 3100.0),
        ("1.2kVA", "VA", 1200.0),
        ("850 mA", "A", 0.85),
        ("3.4uA", "A", 3.4e-6),
        ("7 kWh", "Wh", 7000.0),
        ("50.01 Hz", "Hz", 50.01),
        ("1.2 kHz", "Hz", 1200.0),
        ("1MHZ", "Hz", 1e6),
        ("2.5 %", "%", 2.5),
        ("250ms", "s", 0.25),
        ('"3.5"', None, 3.5),
    ],
)
def test_a_number_with_header_and_unit(text: str, unit: str | None, value: float) -> None:
    assert scpi.number(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *((word, "over range") for word in ("INF", "-INF", "+INFINITY", "OVER", "+OR", "-OR", "OL", "+OL", "O.L")),
        *((word, "over range") for word in ("9.9E+37", "-9.9E+37", "9.90000E37", "1E+999", "---OL---", "Irms2 OVER")),
        *((word, "no data") for word in ("NAN", "nan", "9.91E+37", "9.9100E+37", "------", "-", "9.9100001E+37")),
        *((word, "under range") for word in ("UNDER", "-UR", "UNDERRANGE")),
    ],
)
def test_what_stands_for_no_number(text: str, reason: str) -> None:
    with pytest.raises(NoReading) as caught:
        scpi.number(text, "A")
    assert caught.value.what == reason


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", "V"), ("OVERLOAD", "V"), ("1_000", "V"), ("1,5", "V"), ("1.5.2", "V"), ("0x10", "V"), ("٣", "V"),
        ("240.1V", None), ("240.1A", "V"), ("5VA", "V"), ("5VA", "A"), ("5W", "Wh"), ("5 MW", "W"), ("5MA", "A"),
        ("5 hW", "W"), ("1.5 V V", "V"), ("9.9E+36", "V"), ("-9.91E+37", "V"), ("9.999E+99", "V"), ("1 2", "V"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str, unit: str | None) -> None:
    with pytest.raises(Garbled):
        scpi.number(text, unit)


def test_the_header_must_be_that_of_the_item() -> None:
    assert scpi.number("P1 5.0", name="P1") == 5.0
    assert scpi.number(":MEASURE:p1 5.0", name="P1") == 5.0
    with pytest.raises(Garbled, match="the field of P2 where P1 was asked"):
        scpi.number("P2 5.0", name="P1")


def test_an_instruments_own_stand_ins() -> None:
    with pytest.raises(NoReading, match="range changed"):
        scpi.number("-2", sentinels={"-2": "the range changed"})
    assert scpi.number("-2.0", sentinels={"-2": "the range changed"}) == -2.0


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ('0,"No error"', (0, "No error")),
        ('+0,"No error"', (0, "No error")),
        ('-113,"Undefined header;""FOO"""', (-113, 'Undefined header;""FOO""')),
        (":STATUS:ERROR 813,'Invalid'", (813, "Invalid")),
        ("0", (0, "")),
    ],
)
def test_entries_of_an_error_queue(text: str, entry: tuple[int, str]) -> None:
    assert scpi.error(text) == entry


@pytest.mark.parametrize("text", ["", "no error", "1;2", "12345678,x", "-", '1,"a" b'])
def test_what_is_no_entry_is_refused(text: str) -> None:
    with pytest.raises(Garbled):
        scpi.error(text)


def test_only_errors_of_the_event_status_count() -> None:
    assert scpi.events("*ESR 255") == ["query error", "device-dependent error", "execution error", "command error"]
    assert scpi.events("#B10000001") == []


@given(st.binary(max_size=200))
def test_a_block_comes_back(content: bytes) -> None:
    length = str(len(content))
    assert scpi.block(f"#{len(length)}{length}".encode() + content + b"\n") == content


@pytest.mark.parametrize("raw", [b"", b"#", b"#0abc", b"#15hell", b"#2 5hello", b"hello", b"#15hello!", b"#9123"])
def test_what_is_no_block_is_refused(raw: bytes) -> None:
    with pytest.raises(Garbled):
        scpi.block(raw)


READS: list[Callable[[str], object]] = [
    scpi.number,
    lambda text: scpi.number(text, "W", name="P1"),
    scpi.boolean,
    scpi.register,
    scpi.events,
    scpi.error,
    scpi.fields,
    scpi.without_header,
    lambda text: scpi.choice(text, {"A": "B"}),
]
telling = st.text(alphabet="0123456789+-.eE :;,#HBQ\"'VAWkmMNINFOLR\n\r\t%µ", max_size=40)


@pytest.mark.parametrize("read", READS)
@given(text=st.one_of(st.text(max_size=60), telling))
def test_decoders_fail_in_one_way(read: Callable[[str], object], text: str) -> None:
    with suppress(DriverError):
        value = read(text)
        assert not isinstance(value, float) or math.isfinite(value)


@given(st.binary(max_size=60))
def test_blocks_fail_in_one_way(raw: bytes) -> None:
    with suppress(Garbled):
        scpi.block(raw)
