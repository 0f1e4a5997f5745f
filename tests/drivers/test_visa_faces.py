"""The meter's driver, and pyvisa without it, over HiSLIP and VXI-11."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import pyvisa

from drivers.addresses import parse
from drivers.catalogue import propose
from drivers.errors import DeviceRefused, DriverError, Garbled, Silent, Unreachable, WrongDevice
from drivers.meters.yokogawa import Wt300e
from drivers.options import Options
from drivers.visa import VisaTransport
from harness.emulator.rack_file import RESOURCES
from harness.emulator.world import World
from tests import meters
from tests.drivers.scripted import StillClock
from tests.meters import IDENTITY, Meter

QUICK = Options(timeout_s=0.8)
PATIENT = Options(timeout_s=5.0)
INSTR = ("hislip", "vxi11")


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    with meters.loop_in_a_thread() as running:
        yield running


@pytest.fixture(scope="module")
def rack() -> World:
    return meters.rack()


@pytest.fixture(params=INSTR)
def meter(request: pytest.FixtureRequest, rack: World, loop: asyncio.AbstractEventLoop) -> Iterator[Meter]:
    with meters.meter(request.param, rack, loop) as served:
        yield served


@pytest.fixture
def device(meter: Meter) -> Iterator[Wt300e]:
    opened = Wt300e.connect(parse(meter.address), PATIENT, StillClock())
    yield opened
    opened.close()


@pytest.fixture
def bare(meter: Meter) -> Iterator[Any]:
    """The instrument as a script with nothing but pyvisa opens it."""
    manager = pyvisa.ResourceManager("@py")
    resource = manager.open_resource(meter.resource, timeout=5000, read_termination="\n", write_termination="\n")
    yield resource
    resource.close()


@pytest.fixture
def quick(meter: Meter) -> Iterator[VisaTransport]:
    opened = VisaTransport.open(parse(meter.address), QUICK)
    yield opened
    opened.close()


def names(readings: list[Any]) -> list[str]:
    return [reading.name for reading in readings]


def test_identifies(device: Wt300e, meter: Meter) -> None:
    identity = device.identify()
    assert (identity.serial, identity.raw, identity.emulated) == ("EMULATED-A", IDENTITY, True)
    assert identity.source == f"{meter.address} *IDN?"


def test_reads_every_point(device: Wt300e, rack: World, loop: asyncio.AbstractEventLoop) -> None:
    readings = device.read()
    assert [r.name for r in readings if r.value is None] == []
    with meters.meter("socket", rack, loop) as other:
        by_socket = Wt300e.connect(parse(other.address), PATIENT, StillClock())
        assert names(readings) == names(by_socket.read())
        by_socket.close()


def test_a_refused_setting_comes_out_of_the_error_queue(device: Wt300e) -> None:
    device.integration_start()
    with pytest.raises(DeviceRefused, match="error 813"):
        device.integration_reset()
    device.integration_stop()
    device.integration_reset()
    assert device.read("integration_state")[0].value == "RESET"


def test_a_probe_proposes_the_model(meter: Meter) -> None:
    assert propose(meter.address, PATIENT, StillClock()) == ("wt300e", IDENTITY)


def test_silence_is_silent_and_over_when_it_is(quick: VisaTransport, meter: Meter) -> None:
    meter.wire.silent = True
    with pytest.raises(Silent, match=r"no reply within 0\.8 s") as caught:
        quick.query(":RATE?")
    assert (caught.value.sent, caught.value.address) == (":RATE?", meter.address)
    meter.wire.silent = False
    assert quick.query("*IDN?") == IDENTITY


def test_a_late_reply_answers_no_later_question(quick: VisaTransport, meter: Meter) -> None:
    meter.wire.slow = 1.2
    with pytest.raises(Silent):
        quick.query("*IDN?")
    meter.wire.slow = 0.0
    assert quick.query(":COMM:HEAD OFF;:RATE?") == "250.00E-03"


def test_half_a_reply_is_silence(quick: VisaTransport, meter: Meter) -> None:
    meter.wire.truncated = True
    with pytest.raises(Silent):
        quick.query("*IDN?")


def test_a_slow_reply_in_time_is_a_reply(device: Wt300e, meter: Meter) -> None:
    meter.wire.slow = 0.1
    assert device.identify().raw == IDENTITY


def test_rubbish_from_the_meter_is_garbled(device: Wt300e, meter: Meter) -> None:
    device.read("power")
    meter.wire.garbled = True
    (reading,) = device.read("power")
    assert (reading.value, str(reading.reason).split(":")[0]) == (None, "Garbled")
    with pytest.raises(WrongDevice):
        device.identify()


def test_a_reset_is_unreachable(quick: VisaTransport, meter: Meter) -> None:
    meter.wire.reset = True
    with pytest.raises(Unreachable, match="reset") as caught:
        quick.query("*IDN?")
    assert not isinstance(caught.value, Silent)
    meter.wire.reset = False
    assert quick.query("*IDN?") == IDENTITY


def test_a_meter_that_left_is_unreachable(quick: VisaTransport, meter: Meter) -> None:
    meter.leave()
    for what in ("closed|reset", "refused"):
        with pytest.raises(Unreachable, match=what) as caught:
            quick.query("*IDN?")
        assert not isinstance(caught.value, Silent)


def test_closing_after_the_meter_left_does_not_wait(meter: Meter) -> None:
    transport = VisaTransport.open(parse(meter.address), QUICK)
    meter.leave()
    closing = threading.Thread(target=transport.close)
    closing.start()
    closing.join(2.0)
    late = closing.is_alive()
    closing.join()
    assert not late


@pytest.mark.parametrize("face", INSTR)
def test_a_refused_port_is_unreachable(face: str) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        resource = RESOURCES[face].format(host="127.0.0.1", port=reserved.getsockname()[1])
        with pytest.raises(Unreachable, match="refused") as caught:
            VisaTransport.open(parse(f"visa://{resource}"), QUICK)
    assert not isinstance(caught.value, Silent)


@pytest.fixture
def stranger() -> Iterator[Callable[[bytes], int]]:
    """Somebody who says the same to everybody who says something, then nothing more."""
    listening = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def talk(words: bytes) -> None:
        connected, _ = listening.accept()
        held.append(connected)
        connected.recv(4096)
        connected.sendall(words)

    threads: list[threading.Thread] = []

    def start(words: bytes) -> int:
        threads.append(threading.Thread(target=talk, args=(words,)))
        threads[-1].start()
        return int(listening.getsockname()[1])

    yield start
    for thread in threads:
        thread.join()
    for each in (*held, listening):
        each.close()


def opening(face: str, port: int) -> DriverError:
    with pytest.raises(DriverError) as caught:
        VisaTransport.open(parse("visa://" + RESOURCES[face].format(host="127.0.0.1", port=port)), QUICK)
    return caught.value


@pytest.mark.parametrize(
    ("face", "words"),
    [
        ("hislip", b"SSH-2.0-OpenSSH_9.2 and more\r\n"),
        ("hislip", b"HS\xc8" + bytes(13)),
        ("hislip", b"HS\x07\x00" + bytes(4) + b"\x7f" + bytes(7)),
        ("vxi11", b"\x80\x00\x00\x08\x00\x00\x00\x01\x00\x00\x00\x07"),
        ("vxi11", b"\x80\x00\x00\x04\x00\x00\x00\x01"),
    ],
)
def test_another_protocol_is_garbled(stranger: Callable[[bytes], int], face: str, words: bytes) -> None:
    error = opening(face, stranger(words))
    assert isinstance(error, Garbled)
    assert "not the protocol of the address" in str(error)


def test_a_session_that_is_refused_says_why(stranger: Callable[[bytes], int]) -> None:
    text = b"maximum number of clients exceeded"
    error = opening("hislip", stranger(b"HS\x02\x04" + bytes(11) + bytes([len(text)]) + text))
    assert isinstance(error, Unreachable)
    assert text.decode() in str(error)


def test_somebody_who_only_listens_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert isinstance(opening("hislip", listening.getsockname()[1]), Silent)


def test_bare_pyvisa_reads(bare: Any) -> None:
    assert bare.query("*IDN?") == IDENTITY
    bare.write("FOO")
    assert bare.read_stb() == 4
    assert bare.query(":STAT:ERR?") == '113,"Undefined header"'
    assert bare.read_stb() == 0


def test_bare_pyvisa_clears(bare: Any) -> None:
    bare.query("*IDN?")
    bare.clear()
    assert bare.query("*IDN?") == IDENTITY


def test_bare_pyvisa_reads_long_replies_in_parts(bare: Any) -> None:
    bare.write(":NUM:NORM:NUM 255")
    bare.chunk_size = 100
    assert len(bare.query(":NUM:NORM:VAL?").split(",")) == 255


def test_a_question_before_the_answer_is_read_is_an_error_in_the_queue(bare: Any) -> None:
    bare.write("*IDN?")
    assert bare.query(":COMM:HEAD OFF;:NUM:NORM:NUM?") == "9"
    assert bare.query(":STAT:ERR?") == '410,"Query INTERRUPTED"'
