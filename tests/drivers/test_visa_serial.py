"""The meter's driver over a serial line: a pseudo terminal with the emulated meter behind it."""

import os
import threading
import tty
from collections.abc import Iterator

import pytest

from drivers.addresses import parse
from drivers.errors import Silent, Unreachable
from drivers.meters.yokogawa import Wt300e
from drivers.options import Options
from harness.emulator.scpi import Scpi
from tests import meters
from tests.drivers.scripted import StillClock

END = b"\x04"


def _serve(line: int, scpi: Scpi) -> None:
    heard = b""
    while END not in heard:
        *lines, heard = (heard + os.read(line, 4096)).split(b"\n")
        for words in lines:
            reply = scpi.answer(words.decode())
            if reply is not None and not reply.endswith("STOP"):
                os.write(line, reply.encode() + b"\n")


@pytest.fixture
def port() -> Iterator[str]:
    """The path of a serial port with a meter behind it, which never tells that its integration is STOPped."""
    near, far = os.openpty()
    tty.setraw(far)
    scpi = meters.interpreter(meters.rack())
    thread = threading.Thread(target=_serve, args=(near, scpi))
    thread.start()
    yield os.ttyname(far)
    os.write(far, END)
    thread.join()
    os.close(near)
    os.close(far)


def connect(port: str, seconds: float) -> Wt300e:
    return Wt300e.connect(parse(f"visa://ASRL{port}::INSTR"), Options(timeout_s=seconds), StillClock())


def test_reads_every_point(port: str) -> None:
    device = connect(port, 5.0)
    assert device.identify().raw == meters.IDENTITY
    readings = device.read()
    assert [r.name for r in readings if r.value is None] == []
    assert readings[0].source == f"visa://ASRL{port}::INSTR :NUM:NORM:VAL? 1"
    device.close()


def test_no_reply_is_silent(port: str) -> None:
    device = connect(port, 0.3)
    device.integration_start()
    device.integration_stop()
    with pytest.raises(Silent):
        device.read("integration_state")
    assert device.identify().raw == meters.IDENTITY
    device.close()


def test_a_port_that_is_not_there_is_unreachable(tmp_path: os.PathLike[str]) -> None:
    with pytest.raises(Unreachable, match="could not open port"):
        connect(f"{os.fspath(tmp_path)}/tty", 0.3)
