"""Blocks of bytes over every face of the emulated meter: its numeric list as FLOAT, IEEE 754 single, big-endian."""

import asyncio
import struct
from collections.abc import Iterator

import pytest

from drivers.addresses import parse
from drivers.options import Options
from drivers.visa_block import BlockTransport
from tests import meters


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    with meters.loop_in_a_thread() as running:
        yield running


@pytest.mark.parametrize("face", ["socket", "hislip", "vxi11"])
def test_a_block_comes_whole_and_the_next_reply_is_its_own(face: str, loop: asyncio.AbstractEventLoop) -> None:
    with meters.meter(face, meters.rack(), loop) as served:
        transport = BlockTransport.open(parse(served.address), Options(timeout_s=5.0))
        transport.write(":COMM:HEAD OFF;:NUM:FORM FLOAT;:NUM:NORM:NUM 3")
        for _ in range(3):
            volts, amperes, watts = struct.unpack(">3f", transport.query_block(":NUM:NORM:VAL?"))
            assert 200 < volts < 260
            assert 0 < watts <= 1.001 * volts * amperes
        assert transport.query(":NUM:NORM:NUM?") == "3"
        transport.close()
