import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import pytest

from drivers.addresses import parse
from drivers.catalogue import open_device, propose
from drivers.errors import BadAddress, Garbled, Silent, Unreachable
from drivers.options import Options
from drivers.visa import VisaTransport
from tests.drivers.scripted import StillClock
from tests.servers import ScpiServer, scpi_server

QUICK = Options(timeout_s=0.3)
IDN = b"YOKOGAWA,WT333E,EMULATED-A,F1.04\n"
REPLIES: dict[str, bytes | None] = {
    "*IDN?": IDN,
    ":RATE?": b"250.0E-03\r\n",
    ":SILENT?": None,
    ":CUT?": b"250.0E",
    ":BINARY?": b"\xff\xfe\n",
    **{f":NUMBER{n}?": f"{n}\n".encode() for n in range(50)},
}


@pytest.fixture
def server() -> Iterator[ScpiServer]:
    with scpi_server(dict(REPLIES)) as running:
        yield running


@pytest.fixture
def transport(server: ScpiServer) -> Iterator[VisaTransport]:
    opened = VisaTransport.open(parse(server.address), QUICK)
    yield opened
    opened.close()


def test_opening_asks_who_is_there(server: ScpiServer, transport: VisaTransport) -> None:
    assert server.heard == ["*IDN?"]


def test_replies_come_without_their_line_end(transport: VisaTransport) -> None:
    assert transport.ask([":RATE?", "*IDN?"]) == {":RATE?": "250.0E-03", "*IDN?": IDN.decode().strip()}


def test_a_refused_port_is_unreachable() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        address = f"visa://TCPIP::127.0.0.1::{reserved.getsockname()[1]}::SOCKET"
        with pytest.raises(Unreachable, match="refused") as caught:
            VisaTransport.open(parse(address), QUICK)
    assert not isinstance(caught.value, Silent)
    assert address in str(caught.value)


def test_a_server_that_says_nothing_is_silent() -> None:
    with scpi_server({}) as server, pytest.raises(Silent, match=r"no reply within 0\.3 s") as caught:
        VisaTransport.open(parse(server.address), QUICK)
    assert caught.value.sent == "*IDN?"


def test_after_silence_the_next_question_gets_its_own_answer(server: ScpiServer, transport: VisaTransport) -> None:
    with pytest.raises(Silent):
        transport.query(":SILENT?")
    assert transport.query(":RATE?") == "250.0E-03"


def test_a_cut_reply_is_a_closed_connection(transport: VisaTransport) -> None:
    with pytest.raises(Unreachable, match="closed before the reply was complete") as caught:
        transport.query(":CUT?")
    assert not isinstance(caught.value, Silent)
    assert transport.query(":RATE?") == "250.0E-03"


def test_hanging_up_is_noticed_at_once_and_not_at_the_time_out(server: ScpiServer) -> None:
    opened = VisaTransport.open(parse(server.address), Options(timeout_s=60))
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="closed before the reply was complete"):
        opened.query(":CUT?")
    assert time.monotonic() - begun < 20
    opened.close()


def test_a_reply_that_is_no_text_is_garbled(transport: VisaTransport) -> None:
    with pytest.raises(Garbled, match="not ASCII") as caught:
        transport.query(":BINARY?")
    assert caught.value.sent == ":BINARY?"


def test_threads_get_their_own_answers(transport: VisaTransport) -> None:
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda n: transport.query(f":NUMBER{n}?"), range(50)))
    assert replies == [str(n) for n in range(50)]


def test_closing_twice_does_no_harm(transport: VisaTransport) -> None:
    transport.close()
    transport.close()


def test_a_serial_port_that_is_not_there(tmp_path: object) -> None:
    with pytest.raises((BadAddress, Unreachable)) as caught:
        VisaTransport.open(parse(f"visa://ASRL{tmp_path}/tty::INSTR"), QUICK)
    assert "ASRL" in str(caught.value)


@pytest.mark.parametrize(
    ("resource", "library", "needed"),
    [
        ("USB0::0x0B21::0x0025::433847::INSTR", "usb", "pyusb"),
        ("USB0::0x0B21::0x0025::433847::0::RAW", "usb", "pyusb"),
        ("GPIB0::9::INSTR", "gpib_ctypes", "gpib-ctypes or linux-gpib"),
    ],
)
def test_a_bus_without_its_library_is_refused_by_name(resource: str, library: str, needed: str) -> None:
    if find_spec(library) or find_spec("gpib"):
        pytest.skip(f"{needed} is installed")
    with pytest.raises(BadAddress, match=f"needs {needed}, which is not installed") as caught:
        VisaTransport.open(parse(f"visa://{resource}"), QUICK)
    assert resource in str(caught.value)
    assert f"install {needed}" in str(caught.value)


def test_a_resource_without_messages_is_refused() -> None:
    with pytest.raises(BadAddress, match="no instrument that takes text commands"):
        VisaTransport.open(parse("visa://PXI0::1::INSTR"), QUICK)


def test_the_wrong_protocol_is_a_usage_error() -> None:
    with pytest.raises(BadAddress, match="reached by visa://"):
        open_device("wt300e", "snmp://127.0.0.1?community=public", QUICK, StillClock())


def test_a_probe_names_model_and_identity(server: ScpiServer) -> None:
    assert propose(server.address, QUICK, StillClock()) == ("wt300e", IDN.decode().strip())


def test_a_probe_of_something_else_says_what_it_is() -> None:
    with scpi_server({"*IDN?": b"HIOKI,PW3337,123,V1.00\n"}) as other:
        assert propose(other.address, QUICK, StillClock()) == (None, "HIOKI,PW3337,123,V1.00")


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    with scpi_server({"*IDN?": IDN}) as server:
        VisaTransport.open(parse(server.address), QUICK).close()
    assert threading.active_count() == before
