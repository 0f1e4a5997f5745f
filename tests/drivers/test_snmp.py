import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers import snmp_engine
from drivers.addresses import parse
from drivers.errors import BadAddress, BadSecret, DeviceRefused, Garbled, LoginRefused, NoReading, Silent, Unreachable
from drivers.options import Options
from drivers.snmp import SnmpTransport
from drivers.snmp_messages import END
from drivers.snmp_walk import MOST_ROWS, Walked
from tests.servers import snmpd

SYS_DESCR, SYS_UP_TIME, ABSENT = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.99.0"
AUTHEN_TRAPS = "1.3.6.1.2.1.11.30.0"
IF_DESCR, IF_TYPE, IF_IN = (f"walk 1.3.6.1.2.1.2.2.1.{n}" for n in (2, 3, 10))


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with snmpd(tmp_path_factory.mktemp("snmpd")) as running:
        yield running


@pytest.fixture
def options(tmp_path: Path) -> Options:
    for name, words in {"auth": "authentic-words", "priv": "private-words", "wrong": "mistaken-words"}.items():
        (tmp_path / name).write_text(words + "\n")
    return Options(folder=tmp_path, timeout_s=1.5)


def v3(port: int, *, name: str = "probe", auth: str = "auth", priv: str = "priv", algorithm: str = "SHA-256") -> str:
    query = f"auth={algorithm}&priv=AES&auth_key=file:{auth}&priv_key=file:{priv}"
    return f"snmp://{name}@127.0.0.1:{port}?{query}"


@pytest.fixture(params=["v2c", "v3", "v2c fast", "v3 fast"])
def transport(request: pytest.FixtureRequest, port: int, options: Options) -> Iterator[SnmpTransport]:
    version, _, fast = request.param.partition(" ")
    if fast:
        pytest.importorskip("gufo.snmp")
    address = f"snmp://127.0.0.1:{port}?community=public" if version == "v2c" else v3(port)
    opened = SnmpTransport(parse(address), options, fast=bool(fast))
    assert isinstance(opened.ask([SYS_DESCR])[SYS_DESCR], bytes)
    yield opened
    opened.close()


@pytest.mark.real
def test_an_agent_refuses_what_it_lets_nobody_write(transport: SnmpTransport) -> None:
    with pytest.raises(DeviceRefused, match="noAccess") as refusal:
        transport.put(AUTHEN_TRAPS, 1)
    assert refusal.value.sent == f"{AUTHEN_TRAPS} = 1"
    transport.close()
    with pytest.raises(Unreachable, match="closed"):
        transport.put(AUTHEN_TRAPS, 1)


@pytest.mark.real
def test_objects_and_columns(transport: SnmpTransport) -> None:
    replies = transport.ask([SYS_DESCR, SYS_UP_TIME, ABSENT, IF_DESCR, "walk 1.3.6.1.2.1.99.1.1.1.4"])
    assert replies[SYS_DESCR] == b"an agent"
    assert replies[SYS_UP_TIME] > 0
    assert isinstance(replies[ABSENT], NoReading)
    assert replies["walk 1.3.6.1.2.1.99.1.1.1.4"] == {}
    assert b"lo" in replies[IF_DESCR].values()


@pytest.mark.real
def test_columns_equal_those_of_snmpbulkwalk(transport: SnmpTransport, port: int) -> None:
    columns = [IF_DESCR, IF_TYPE, "walk 1.3.6.1.2.1.25.4.2.1.1", "walk 1.3.6.1.2.1.1.9.1.3"]
    replies = transport.ask(columns)
    for column in columns:
        command = ["snmpbulkwalk", "-v2c", "-c", "public", "-On", "-Oq", "-Oe", f"127.0.0.1:{port}", f".{column[5:]}"]
        said = subprocess.run(
            command, capture_output=True, text=True, check=True, env={**os.environ, "MIBS": ""}
        ).stdout
        indices = re.findall(rf"^\.{re.escape(column[5:])}\.([0-9.]+) ", said, re.MULTILINE)
        assert len(indices) > 0
        # processes come and go between two walks; interfaces and modules do not
        assert len(set(replies[column]) ^ set(indices)) <= (6 if ".25." in column else 0)


@pytest.mark.real
def test_more_objects_than_fit_into_one_get(transport: SnmpTransport) -> None:
    queries = [f"1.3.6.1.2.1.1.9.1.3.{n}" for n in range(1, 70)]
    replies = transport.ask(queries)
    assert list(replies) == queries
    assert isinstance(replies[queries[0]], bytes)
    assert isinstance(replies[queries[-1]], NoReading)


@pytest.mark.real
def test_writing_what_nobody_may_write_is_refused(transport: SnmpTransport) -> None:
    with pytest.raises(DeviceRefused, match=r"noAccess|notWritable|noSuchName|authorizationError") as caught:
        transport.put(SYS_UP_TIME, 5)
    assert "1.3.6.1.2.1.1.3.0 = 5" in str(caught.value)


@pytest.mark.real
@pytest.mark.parametrize("change", [{"name": "stranger"}, {"auth": "wrong"}, {"algorithm": "SHA-512"}])
def test_v3_logins_that_are_refused(change: dict[str, str], port: int, options: Options) -> None:
    transport = SnmpTransport(parse(v3(port, **change)), options)
    try:
        with pytest.raises(LoginRefused) as caught:
            transport.ask([SYS_DESCR])
    finally:
        transport.close()
    assert "words" not in str(caught.value)


@pytest.mark.real
def test_a_wrong_login_does_not_spoil_the_right_one(port: int, options: Options) -> None:
    wrong, right = (SnmpTransport(parse(v3(port, auth=key)), options) for key in ("wrong", "auth"))
    try:
        with pytest.raises(LoginRefused):
            wrong.ask([SYS_DESCR])
        assert right.ask([SYS_DESCR])[SYS_DESCR] == b"an agent"
        with pytest.raises(LoginRefused):
            wrong.ask([SYS_DESCR])
    finally:
        wrong.close()
        right.close()


@pytest.mark.real
def test_a_wrong_community_is_silence_and_says_so(port: int, options: Options) -> None:
    transport = SnmpTransport(parse(f"snmp://127.0.0.1:{port}?community=file:wrong"), options)
    try:
        with pytest.raises(Silent, match="a wrong community or privacy key looks the same") as caught:
            transport.ask([SYS_DESCR])
    finally:
        transport.close()
    assert "mistaken" not in str(caught.value)


@pytest.mark.real
def test_many_threads_share_one_engine(port: int, options: Options) -> None:
    transports = [SnmpTransport(parse(f"snmp://127.0.0.1:{port}?community=public"), options) for _ in range(40)]
    found: list[object] = []
    workers = [
        threading.Thread(target=lambda t=t: found.append(t.ask([SYS_DESCR, IF_DESCR])[SYS_DESCR])) for t in transports
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for transport in transports:
        transport.close()
    assert found == [b"an agent"] * 40


def test_nobody_there_is_silence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as reserved:
        reserved.bind(("127.0.0.1", 0))
        address = f"snmp://127.0.0.1:{reserved.getsockname()[1]}?community=public"
        transport = SnmpTransport(parse(address), Options(timeout_s=0.3))
        try:
            with pytest.raises(Silent, match=r"no reply within 0\.3 s"):
                transport.ask([SYS_DESCR])
        finally:
            transport.close()
        assert len(reserved.recv(2000)) > 0


def test_the_last_user_ends_the_thread(options: Options) -> None:
    first, second = SnmpTransport(parse(v3(9)), options), SnmpTransport(parse(v3(9)), options)
    first.close()
    assert "snmp" in threads()
    second.close()
    second.close()
    assert "snmp" not in threads()


def test_shutdown_ends_the_thread_whoever_uses_it(options: Options) -> None:
    transport = SnmpTransport(parse(v3(9)), options)
    snmp_engine.shutdown()
    assert "snmp" not in threads()
    with pytest.raises(Unreachable, match="shut down"):
        transport.ask([SYS_DESCR])
    transport.close()


def test_a_closed_connection_says_so() -> None:
    transport = SnmpTransport(parse("snmp://127.0.0.1:9?community=public"), Options())
    transport.close()
    with pytest.raises(Unreachable, match="closed"):
        transport.ask([SYS_DESCR])


def test_a_name_that_leads_nowhere() -> None:
    transport = SnmpTransport(parse("snmp://no-such-host.invalid?community=public"), Options(timeout_s=0.3))
    try:
        with pytest.raises(Unreachable):
            transport.ask([SYS_DESCR])
    finally:
        transport.close()


def test_keys_that_are_missing_or_too_short(tmp_path: Path) -> None:
    with pytest.raises(BadSecret):
        SnmpTransport(parse(v3(161)), Options(folder=tmp_path))
    for name in ("auth", "priv"):
        (tmp_path / name).write_text("short")
    with pytest.raises(BadAddress, match="8 characters") as caught:
        SnmpTransport(parse(v3(161)), Options(folder=tmp_path))
    assert "short" not in str(caught.value).replace("shorter", "")
    assert "snmp" not in threads()


def column() -> Walked:
    return Walked("walk 1.2.3", (1, 2, 3))


def test_a_column_ends_at_the_end_of_its_subtree() -> None:
    walked = column()
    walked.take((1, 2, 3, 1), 7)
    walked.take((1, 2, 3, 2, 5), b"x")
    walked.take((1, 2, 4, 1), 9)
    walked.take((1, 2, 3, 3), 9)
    assert (walked.done, walked.rows) == (True, {"1": 7, "2.5": b"x"})


def test_a_column_ends_with_the_mib() -> None:
    walked = column()
    walked.take((1, 2, 3), END)
    assert (walked.done, walked.rows) == (True, {})


def test_an_object_without_a_value_is_no_row() -> None:
    walked = column()
    walked.take((1, 2, 3, 4), NoReading("none"))
    assert (walked.done, walked.rows, walked.last) == (False, {}, (1, 2, 3, 4))


@pytest.mark.parametrize("oid", [(1, 2, 3, 4), (1, 2, 3, 5)])
def test_an_agent_that_goes_back_is_noticed(oid: tuple[int, ...]) -> None:
    walked = column()
    walked.take((1, 2, 3, 5), 1)
    walked.take(oid, 1)
    assert (walked.stuck, walked.done) == (oid, False)


def test_a_column_without_end_is_cut() -> None:
    walked = column()
    for n in range(MOST_ROWS + 1):
        walked.take((1, 2, 3, n), 1)
    assert isinstance(walked.refusal, Garbled)
    assert "rows" in walked.refusal.what
