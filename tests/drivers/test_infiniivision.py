import csv
import math
from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import scpi
from drivers.addresses import parse
from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading, Silent, Unreachable, UsageError
from drivers.options import Options
from drivers.scopes.infiniivision import InfiniiVision
from drivers.scopes.waveform import preamble, scaled, write_csv
from drivers.visa_block import BlockTransport
from tests.drivers.scripted import NOON, StillClock
from tests.servers import ScpiServer, scpi_server

# 2570 is 0x0A0A: two line ends amid the data
WORDS = [0x8000, 0x8000 + 1000, 2570, 0x8000 - 1000, 0xFF00, 0x0000, 0x8000]
DATA = b"".join(word.to_bytes(2, "big") for word in WORDS)
PREAMBLE = "+1,+0,+7,+1,+1.0E-03,-2.0E-03,+0,+2.5E-03,+1.0E+00,+32768"
REPLIES: dict[str, bytes | None] = {
    "*IDN?": b"KEYSIGHT TECHNOLOGIES,MSO-X 3024T,MY55001234,07.20\n",
    ":SYST:ERR?": b'+0,"No error"\n', "*ESR?": b"+0\n", ":OPER:COND?": b"+0\n", ":ACQ:SRAT?": b"+5.0E+06\n",
    ":TIM:RANG?": b"+1.0E-01\n", ":TRIG:EDGE:SOUR?": b"CHAN1\n", ":CHAN1:RANG?": b"+8.0E+01\n",
    ":CHAN2:RANG?": b"+4.0E+02\n", ":CHAN1:UNIT?": b"AMP\n", ":CHAN2:UNIT?": b"VOLT\n",
    ":WAV:PRE?": PREAMBLE.encode() + b"\n", ":WAV:DATA?": b"#8" + f"{len(DATA):08}".encode() + DATA + b"\n",
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[ScpiServer]:
    with scpi_server(dict(REPLIES)) as running:
        yield running


@pytest.fixture
def scope(server: ScpiServer) -> Iterator[InfiniiVision]:
    opened = InfiniiVision.connect(parse(server.address), Options(timeout_s=0.5), StillClock())
    yield opened
    opened.close()


def test_a_capture_from_trigger_to_scaled_samples(scope: InfiniiVision, server: ScpiServer) -> None:
    scope.set_time(0.1, before_trigger=0.2)
    scope.set_channel(1, 80.0)
    scope.set_trigger(1, 5.0, "EITH")
    scope.arm()
    scope.captured(within_s=10)
    inrush, voltage = scope.traces((1, 2))
    assert (inrush.unit, voltage.unit, inrush.channel) == ("A", "V", "1")
    assert list(inrush.times())[:3] == pytest.approx([-2e-3, -1e-3, 0.0])
    assert inrush.values[1] == pytest.approx(3.5)
    assert inrush.values[2] == pytest.approx((2570 - 32768) * 2.5e-3 + 1)
    assert (inrush.clipped, inrush.at, inrush.preamble) == (2, NOON, PREAMBLE)
    assert inrush.source.endswith(":WAV:SOUR CHAN1;:WAV:DATA?")
    assert ":TIM:POS -0.01" in server.heard
    assert {":TRIG:EDGE:LEV 5", ":TRIG:EDGE:SLOP EITH", ":TRIG:EDGE:SOUR CHAN1"} <= set(server.heard)


def test_no_trigger_stops_the_acquisition(scope: InfiniiVision, server: ScpiServer) -> None:
    server.replies[":OPER:COND?"] = b"+8\n"
    scope.arm()
    with pytest.raises(NoReading, match="no trigger within 2 s"):
        scope.captured(within_s=2)
    assert server.heard[-3] == ":STOP"
    assert scope.clock.monotonic() >= 2


def test_a_refused_setting_is_an_error(scope: InfiniiVision, server: ScpiServer) -> None:
    replies = iter([b'-222,"Data out of range"\n', b'+0,"No error"\n'])
    server.reply = lambda line: next(replies) if line == ":SYST:ERR?" else REPLIES.get(line)  # type: ignore[method-assign]
    with pytest.raises(DeviceRefused, match="Data out of range"):
        scope.set_channel(1, 1e9)


def test_points(scope: InfiniiVision) -> None:
    readings = {reading.name: reading.value for reading in scope.read()}
    assert readings == {
        "sample_rate": 5e6, "time_range": 0.1, "trigger_source": "CHAN1", "range_1": 80.0, "range_2": 400.0,
        "trigger_state": "stopped",
    }  # fmt: skip
    assert scope.identify().serial == "MY55001234"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b"#15hell", Unreachable), (b"hello\n", Garbled), (b"\n", Garbled), (b"#9999999999x\n", Garbled),
        (b"#15hellox", Garbled), (b"#0abc\n", Garbled), (b"#1x\n", Garbled), (None, Silent),
    ],
)  # fmt: skip
def test_a_block_that_is_none(server: ScpiServer, reply: bytes | None, error: type[DriverError]) -> None:
    server.replies["?"] = reply
    transport = BlockTransport.open(parse(server.address), Options(timeout_s=0.3))
    with pytest.raises(error) as caught:
        transport.query_block("?")
    assert caught.value.sent == "?"
    transport.close()


def test_after_a_bad_block_the_next_question_gets_its_own_answer(server: ScpiServer) -> None:
    server.replies["?"] = b"not a block\n"
    transport = BlockTransport.open(parse(server.address), Options(timeout_s=0.3))
    with pytest.raises(Garbled):
        transport.query_block("?")
    assert transport.query(":TIM:RANG?") == "+1.0E-01"
    transport.close()


def test_a_file_has_its_evidence_and_a_row_a_sample(scope: InfiniiVision, tmp_path: Path) -> None:
    traces = scope.traces((1, 2))
    write_csv(tmp_path / "inrush.csv", traces)
    lines = (tmp_path / "inrush.csv").read_text("utf-8").splitlines()
    assert lines[0].startswith("# channel 1: visa://TCPIP::127.0.0.1")
    assert "2 clipped" in lines[1]
    rows = list(csv.reader(lines[2:]))
    assert rows[0] == ["time_s", "channel_1_A", "channel_2_V"]
    assert [float(row[1]) for row in rows[1:]] == list(traces[0].values)
    assert float(rows[1][0]) == pytest.approx(-2e-3)


def test_a_file_of_nothing_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_csv(tmp_path / "none.csv", [])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "", "1,2,3", PREAMBLE.replace("+1,", "+4,", 1), PREAMBLE.replace("+7", "0"), PREAMBLE.replace("+7", "9E+30"),
        PREAMBLE.replace("+7", "1.5"), PREAMBLE.replace("+1.0E-03", "0"), PREAMBLE.replace("+2.5E-03", "0.0"),
        PREAMBLE.replace("+1.0E-03", "x"),
    ],
)  # fmt: skip
def test_a_preamble_that_is_none(text: str) -> None:
    with pytest.raises(Garbled):
        preamble(text)


def test_a_record_of_another_length_is_garbled() -> None:
    with pytest.raises(Garbled, match="13 bytes where the preamble has 7 samples"):
        scaled(DATA[:-1], preamble(PREAMBLE))


@given(
    fields=st.lists(st.one_of(st.text(max_size=6), st.integers().map(str), st.floats().map(str)), max_size=11),
    data=st.binary(max_size=16),
)
def test_any_record_is_numbers_or_an_error(fields: list[str], data: bytes) -> None:
    with suppress(Garbled, NoReading):
        values, _ = scaled(data, preamble(",".join(fields)))
        assert isinstance(values, array)
        assert all(map(math.isfinite, values))


class Message:
    """A resource whose messages have an end of their own, as over HiSLIP, VXI-11, USB and GPIB."""

    read_termination: str | None = "\n"

    def read_raw(self) -> bytes:
        assert self.read_termination is None, "a line end amid the data would end the message"
        return REPLIES[":WAV:DATA?"] or b""


def test_a_message_is_read_to_its_end_whatever_it_holds() -> None:
    resource = Message()
    transport = BlockTransport(parse("visa://TCPIP::192.0.2.1::hislip0::INSTR"), Options())
    raw = transport._raw_block(resource)
    assert (scpi.block(raw), resource.read_termination) == (DATA, "\n")
