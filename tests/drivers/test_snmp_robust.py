"""Agents that do wrong, on real sockets: survived in bounded time, with an answer or an error that says what it was."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pysnmp.proto.rfc1902 import Counter64

from drivers.addresses import parse
from drivers.errors import Garbled, NoReading, Refused, Silent, Unreachable
from drivers.options import Options
from drivers.snmp import SnmpTransport
from tests.drivers.agents import NastyAgent, Oid, serving, walkable

UP_TIME, ABSENT = "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.99.0"
COLUMNS = [f"walk 1.3.6.1.9.1.{n}" for n in (1, 2, 3)]
WHOLE = {f"walk 1.3.6.1.9.1.{n}": {str(row): 100 * n + row for row in range(1, 21)} for n in (1, 2, 3)}
TIMEOUT_S = 0.6


@pytest.fixture(params=[False, True], ids=["plain", "fast"])
def fast(request: pytest.FixtureRequest) -> bool:
    if request.param:
        pytest.importorskip("gufo.snmp")
    return bool(request.param)


@contextmanager
def asking(agent: NastyAgent, *, fast: bool = False) -> Iterator[SnmpTransport]:
    with serving(agent):
        transport = SnmpTransport(parse(agent.address), Options(timeout_s=TIMEOUT_S), fast=fast)
        try:
            yield transport
        finally:
            transport.close()


def within(seconds: float, work: Callable[[], Any]) -> Any:
    began = time.monotonic()
    try:
        return work()
    finally:
        assert time.monotonic() - began < seconds


def test_a_good_agent_is_read_whole(fast: bool) -> None:
    with asking(NastyAgent(), fast=fast) as transport:
        assert transport.ask([UP_TIME])[UP_TIME] == 4711
        found = transport.ask([UP_TIME, ABSENT, *COLUMNS])
    assert {column: found[column] for column in COLUMNS} == WHOLE
    assert isinstance(found[ABSENT], NoReading)
    assert found[ABSENT].address.startswith("snmp://127.0.0.1")


def repeats(agent: NastyAgent, oid: Oid) -> Oid | None:
    return (*oid[:-1], 5) if oid[:7] == (1, 3, 6, 1, 9, 1, 2) and oid[-1] >= 5 else agent.following(oid)


def test_an_agent_that_repeats_an_object_spoils_that_column_alone(fast: bool) -> None:
    with asking(NastyAgent(next_of=repeats), fast=fast) as transport:
        transport.ask([UP_TIME])
        found = within(5, lambda: transport.ask(COLUMNS))
    assert isinstance(found[COLUMNS[1]], Garbled)
    assert "circles" in str(found[COLUMNS[1]])
    assert found[COLUMNS[0]] == WHOLE[COLUMNS[0]]
    assert found[COLUMNS[2]] == WHOLE[COLUMNS[2]]


def endless(agent: NastyAgent, oid: Oid) -> Oid | None:
    return (*oid[:7], (oid[7] if len(oid) > 7 else 0) + 1) if oid[:6] == (1, 3, 6, 1, 9, 1) else agent.following(oid)


def test_a_walk_that_never_ends_is_ended() -> None:
    with asking(NastyAgent(next_of=endless)) as transport:
        found = within(20, lambda: transport.ask(COLUMNS[:1]))
    assert isinstance(found[COLUMNS[0]], Garbled)


def test_an_answer_to_the_first_asking_that_comes_late_counts() -> None:
    kept: list[tuple[bytes, Any]] = []

    def late(agent: NastyAgent, reply: bytes, where: Any) -> None:
        kept.append((reply, where))
        if len(kept) == 2:
            agent.socket.sendto(*kept[0])

    with asking(NastyAgent(send=late, versions=(1,))) as transport:
        assert within(2, lambda: transport.ask([UP_TIME]))[UP_TIME] == 4711


def test_an_answer_that_comes_after_all_tries_is_not_taken_for_the_next() -> None:
    held: list[tuple[bytes, Any]] = []
    released: list[bool] = []

    def after_the_next(agent: NastyAgent, reply: bytes, where: Any) -> None:
        if not released:
            held.append((reply, where))
            return
        for old in held:
            agent.socket.sendto(*old)
        agent.socket.sendto(reply, where)

    with asking(NastyAgent(send=after_the_next)) as transport:
        with pytest.raises(Silent):
            within(2, lambda: transport.ask([ABSENT]))
        released.append(True)
        assert transport.ask([UP_TIME])[UP_TIME] == 4711


def with_other_id(reply: bytes) -> bytes:
    """Flip one bit of the request-id, which stands behind version and community."""
    at = 5 + 2 + reply[6] + 2
    at += 1 if reply[at - 1] == 0x81 else 0
    changed = bytearray(reply)
    changed[at + 3] ^= 1
    return bytes(changed)


def test_somebody_elses_answer_is_left_aside(fast: bool) -> None:
    def both(agent: NastyAgent, reply: bytes, where: Any) -> None:
        if len(reply) < 128:
            agent.socket.sendto(with_other_id(reply), where)
        agent.socket.sendto(reply, where)

    with asking(NastyAgent(send=both), fast=fast) as transport:
        for _ in range(3):
            assert transport.ask([UP_TIME])[UP_TIME] == 4711


def test_nothing_but_somebody_elses_answers_is_garbled() -> None:
    def others(agent: NastyAgent, reply: bytes, where: Any) -> None:
        agent.socket.sendto(with_other_id(reply), where)

    with asking(NastyAgent(send=others)) as transport, pytest.raises(Garbled, match="another question"):
        within(2, lambda: transport.ask([UP_TIME]))


def test_what_another_socket_sends_is_left_aside() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:

        def forged(agent: NastyAgent, reply: bytes, where: Any) -> None:
            stranger.sendto(reply, where)

        with asking(NastyAgent(send=forged)) as transport, pytest.raises(Silent):
            within(2, lambda: transport.ask([UP_TIME]))


@pytest.mark.parametrize(
    "noise", [b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80\x00\x00", b"\xff" * 2000, b"\x30\x03\x02\x01\x63"]
)
def test_noise_before_the_answer_is_left_aside(noise: bytes, fast: bool) -> None:
    def noisy(agent: NastyAgent, reply: bytes, where: Any) -> None:
        agent.socket.sendto(noise, where)
        agent.socket.sendto(reply, where)

    with asking(NastyAgent(send=noisy), fast=fast) as transport:
        assert transport.ask([UP_TIME])[UP_TIME] == 4711
        assert within(4, lambda: transport.ask(COLUMNS)) == WHOLE


def test_truncated_answers_alone_are_garbled_in_time() -> None:
    def cut(agent: NastyAgent, reply: bytes, where: Any) -> None:
        agent.socket.sendto(reply[:20], where)

    with asking(NastyAgent(send=cut)) as transport, pytest.raises(Garbled, match=r"no SNMP message: [A-Z]"):
        within(2, lambda: transport.ask([UP_TIME]))


def test_an_agent_that_cuts_what_is_long_is_asked_for_less() -> None:
    def short(agent: NastyAgent, reply: bytes, where: Any) -> None:
        agent.socket.sendto(reply[:200], where)

    with asking(NastyAgent(send=short)) as transport:
        assert within(3, lambda: transport.ask(COLUMNS)) == WHOLE
        assert within(1, lambda: transport.ask(COLUMNS)) == WHOLE  # and it is remembered


def test_an_agent_without_getbulk_is_walked_row_by_row() -> None:
    with asking(NastyAgent(answers_bulk=False)) as transport:
        assert within(3, lambda: transport.ask(COLUMNS)) == WHOLE


def test_an_agent_of_version_1_is_asked_in_version_1() -> None:
    with asking(NastyAgent(versions=(0,))) as transport:
        found = within(3, lambda: transport.ask([ABSENT, UP_TIME, *COLUMNS]))
        assert isinstance(found[ABSENT], NoReading)
        assert found[UP_TIME] == 4711
        assert {column: found[column] for column in COLUMNS} == WHOLE
        assert within(0.5, lambda: transport.ask(["walk 1.3.6.1.9.3"])) == {"walk 1.3.6.1.9.3": {}}


def test_one_column_at_which_the_agent_falls_silent_does_not_take_the_others_along() -> None:
    def mute(agent: NastyAgent, oid: Oid) -> Oid | None:
        if oid[:8] == (1, 3, 6, 1, 9, 1, 2, 7):
            agent.mute = True
        return agent.following(oid)

    with asking(NastyAgent(next_of=mute)) as transport:
        transport.ask([UP_TIME])
        found = within(12 * TIMEOUT_S + 2, lambda: transport.ask(COLUMNS))
    assert (found[COLUMNS[0]], found[COLUMNS[2]]) == (WHOLE[COLUMNS[0]], WHOLE[COLUMNS[2]])
    assert isinstance(found[COLUMNS[1]], Silent)


def test_an_agent_that_knows_both_versions_is_asked_in_2c_though_the_first_answer_is_lost() -> None:
    lost: list[bytes] = []

    def lossy(agent: NastyAgent, reply: bytes, where: Any) -> None:
        if lost:
            agent.socket.sendto(reply, where)
        lost.append(reply)

    wide = {**walkable(), (1, 3, 6, 1, 9, 4, 0): Counter64(2**63)}
    with asking(NastyAgent(objects=wide, send=lossy)) as transport:
        assert transport.ask(["1.3.6.1.9.4.0"])["1.3.6.1.9.4.0"] == 2**63


def test_a_flood_of_noise_does_not_hold_us() -> None:
    def flood(agent: NastyAgent, reply: bytes, where: Any) -> None:
        for _ in range(2000):
            agent.socket.sendto(b"\x30" * 500, where)

    with asking(NastyAgent(send=flood)) as transport, pytest.raises(Garbled):
        within(4, lambda: transport.ask([UP_TIME]))


@contextmanager
def answering(reply: Callable[[bytes], bytes]) -> Iterator[int]:
    """Serve a port that answers every datagram with what `reply` makes of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                datagram, where = opened.recvfrom(65535)
                if datagram == b"stop":
                    return
                opened.sendto(reply(datagram), where)

        thread = threading.Thread(target=serve, name="agent")
        thread.start()
        try:
            yield int(opened.getsockname()[1])
        finally:
            opened.sendto(b"stop", opened.getsockname())
            thread.join()


@pytest.mark.parametrize("version", ["v2c", "v3"])
@pytest.mark.parametrize(
    "reply",
    [
        lambda datagram: datagram,
        lambda datagram: datagram[: len(datagram) // 2],
        lambda datagram: b"\x30\x84\xff\xff\xff\xff" + datagram,
        lambda datagram: bytes(reversed(datagram)),
        lambda datagram: b"GET / HTTP/1.1\r\n\r\n",
        lambda datagram: b"",
    ],
    ids=["echo", "half", "length", "reversed", "text", "nothing"],
)
def test_what_is_no_agent_is_an_error_in_time(reply: Callable[[bytes], bytes], version: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("authentic-words")
    with answering(reply) as port:
        user = f"probe@127.0.0.1:{port}?auth=SHA&priv=AES&auth_key=file:key&priv_key=file:key"
        address = f"snmp://{user}" if version == "v3" else f"snmp://127.0.0.1:{port}?community=public"
        transport = SnmpTransport(parse(address), Options(folder=tmp_path, timeout_s=TIMEOUT_S))
        try:
            with pytest.raises((Garbled, Unreachable, Refused)):
                within(4, lambda: transport.ask([UP_TIME, *COLUMNS]))
        finally:
            transport.close()


def test_no_thread_is_left() -> None:
    assert [thread.name for thread in threading.enumerate() if thread.name in {"agent", "snmp"}] == []
