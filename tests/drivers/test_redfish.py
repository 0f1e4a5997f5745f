import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.addresses import parse
from drivers.errors import (
    BadAddress,
    DeviceRefused,
    DriverError,
    Garbled,
    LoginRefused,
    NoReading,
    Silent,
    Unreachable,
)
from drivers.options import Options
from drivers.redfish import MOST_PAGES, RedfishTransport
from drivers.redfish_values import sensor, unit_of
from tests.drivers.redfish_server import PASSWORD, USER, archive, collection, raw_server, redfish_server
from tests.servers import free_port, wait_until

ROOT = {"RedfishVersion": "1.15.0", "Links": {"Sessions": {"@odata.id": "/redfish/v1/SessionService/Sessions"}}}
CHASSIS = "/redfish/v1/Chassis"


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    wait_until(lambda: set(threading.enumerate()) <= before, "the end of all threads")


@contextmanager
def opened(address: str, folder: Path = Path(), timeout_s: float = 5.0, **options: Any) -> Iterator[RedfishTransport]:
    transport = RedfishTransport.open(parse(address), Options(folder, timeout_s=timeout_s, **options))
    try:
        yield transport
    finally:
        transport.close()


def clear(port: int, rest: str = "") -> str:
    return f"redfish+http://127.0.0.1:{port}{rest}"


def test_resources_and_parts_of_them() -> None:
    tree = {"/redfish/v1": ROOT, f"{CHASSIS}/1": {"Rows": [{"a": 1}, 5]}}
    with redfish_server(tree) as server, opened(clear(server.port)) as transport:
        queries = [
            f"{CHASSIS}/1",
            f"{CHASSIS}/1#/Rows/0",
            f"{CHASSIS}/1#/Rows/1",
            f"{CHASSIS}/1#/Rows/7",
            "/redfish/v1/x",
        ]
        whole, row, scalar, beyond, missing = transport.ask(queries).values()
    assert whole == tree[f"{CHASSIS}/1"]
    assert row == {"a": 1}
    assert isinstance(scalar, Garbled)
    assert isinstance(beyond, NoReading)
    assert isinstance(missing, NoReading)
    assert server.asked.count(f"{CHASSIS}/1") == 1


def test_a_collection_is_read_over_all_its_pages_whatever_it_counts() -> None:
    first = {**collection(CHASSIS, f"{CHASSIS}/1", f"{CHASSIS}/gone", count=1), "Members@odata.nextLink": "?$skip=2"}
    tree = {
        "/redfish/v1": ROOT,
        CHASSIS: first,
        f"{CHASSIS}?$skip=2": collection(CHASSIS, {"@odata.id": f"{CHASSIS}/2", "Id": "2"}, f"{CHASSIS}/1"),
        f"{CHASSIS}/1": {"Id": "1"},
    }
    with redfish_server(tree) as server, opened(clear(server.port)) as transport:
        found = list(transport.members(CHASSIS))
    assert [path for path, _ in found] == [f"{CHASSIS}/1", f"{CHASSIS}/gone", f"{CHASSIS}/2"]
    assert [body.get("Id") if isinstance(body, dict) else type(body) for _, body in found] == ["1", NoReading, "2"]
    assert f"{CHASSIS}/2" not in server.asked  # it was embedded


def test_pages_that_never_end_are_cut_off() -> None:
    served = 0

    def endless() -> list[bytes]:
        nonlocal served
        served += 1
        body = b'{"Members": [], "Members@odata.nextLink": "/redfish/v1/Chassis?p=%d"}' % served
        return [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body]

    limit = pytest.raises(Garbled, match=f"more than {MOST_PAGES} pages")
    with raw_server(endless) as server, opened(clear(server.server_address[1])) as transport, limit:
        list(transport.members(CHASSIS))


@pytest.mark.parametrize(
    ("status", "body", "kind", "what"),
    [
        (404, {}, NoReading, "no such resource"),
        (410, {}, NoReading, "no such resource"),
        (403, {"error": {"message": "General error"}}, DeviceRefused, "status 403 General error"),
        (500, b"<html>", DeviceRefused, "status 500"),
        (503, {"error": {"@Message.ExtendedInfo": [{"Message": "busy"}]}}, DeviceRefused, "status 503 busy"),
        (200, b"<html>", Garbled, "not JSON"),
        (200, b'{"Reading": NaN}', Garbled, "not JSON"),
        (200, b"[" * 100_000, Garbled, "not JSON"),
        (200, b'{"a": ' + b"9" * 10_000 + b"}", Garbled, "not JSON"),
        (200, b'\xff\xfe{"a": 1}', Garbled, "not JSON"),
        (200, b"[1]", Garbled, "not a resource"),
        (200, b"", None, ""),
    ],
)
def test_what_concerns_one_resource_is_its_reply(status: int, body: Any, kind: Any, what: str) -> None:
    tree = {"/redfish/v1": ROOT, CHASSIS: body, "/redfish/v1/Systems": {"Id": "s"}}
    with redfish_server(tree, status={CHASSIS: status}) as server, opened(clear(server.port)) as transport:
        replies = transport.ask([CHASSIS, "/redfish/v1/Systems"])
    assert replies["/redfish/v1/Systems"] == {"Id": "s"}
    if kind is None:
        assert replies[CHASSIS] == {}
    else:
        assert isinstance(replies[CHASSIS], kind)
        assert what in replies[CHASSIS].what


def test_a_session_is_opened_renewed_and_ended(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(PASSWORD)
    tree = {"/redfish/v1": ROOT, CHASSIS: {"Id": "c"}}
    with redfish_server(tree, guarded=True) as server:
        address = f"redfish+http://{USER}@127.0.0.1:{server.port}?password=file:pw"
        with opened(address, tmp_path) as transport:
            assert transport.ask([CHASSIS])[CHASSIS] == {"Id": "c"}
            assert PASSWORD not in f"{transport.address} {vars(transport)}"
            server.tokens.clear()  # it has run out
            assert transport.ask([CHASSIS])[CHASSIS] == {"Id": "c"}
        assert server.asked.count("POST /redfish/v1/SessionService/Sessions") == 2
        assert server.asked[-1] == "DELETE /redfish/v1/SessionService/Sessions/1"
        assert not server.tokens


@pytest.mark.parametrize(("sessions", "login"), [(False, ""), (True, "&login=basic"), (False, "&login=basic")])
def test_a_service_without_sessions_gets_the_password_each_time(tmp_path: Path, sessions: bool, login: str) -> None:
    (tmp_path / "pw").write_text(PASSWORD)
    tree = {"/redfish/v1": ROOT, CHASSIS: {"Id": "c"}}
    with redfish_server(tree, guarded=True, sessions=sessions) as server:
        address = f"redfish+http://{USER}@127.0.0.1:{server.port}?password=file:pw{login}"
        with opened(address, tmp_path) as transport:
            assert transport.ask([CHASSIS])[CHASSIS] == {"Id": "c"}
    assert not server.tokens


@pytest.mark.parametrize("login", ["session", "basic"])
def test_a_wrong_password(tmp_path: Path, login: str) -> None:
    (tmp_path / "pw").write_text("guess")
    with redfish_server({"/redfish/v1": ROOT, CHASSIS: {}}, guarded=True) as server:
        address = f"redfish+http://{USER}@127.0.0.1:{server.port}?password=file:pw&login={login}"
        with pytest.raises(LoginRefused) as caught, opened(address, tmp_path) as transport:
            transport.ask([CHASSIS])
    assert "guess" not in str(caught.value)
    assert caught.value.address == f"redfish+http://{USER}@127.0.0.1:{server.port}"


def test_a_dropped_connection_is_opened_again() -> None:
    tree = {"/redfish/v1": ROOT, CHASSIS: {"Id": "c"}}
    with redfish_server(tree, hang_up_after=1) as server, opened(clear(server.port)) as transport:
        for _ in range(5):
            assert transport.ask([CHASSIS])[CHASSIS] == {"Id": "c"}


def test_redirects_stay_with_the_service() -> None:
    def answers() -> list[bytes]:
        if b"GET /redfish/v1/Chassis HTTP" in server.heard[-1]:
            where = b"Location: /redfish/v1/Chassis/\r\n"
            return [b"HTTP/1.1 308 Permanent\r\n" + where + b"Content-Length: 0\r\nConnection: close\r\n\r\n"]
        if b"/Systems" in server.heard[-1]:
            where = b"Location: http://192.0.2.1/steal\r\n"
            return [b"HTTP/1.1 302 Found\r\n" + where + b"Content-Length: 0\r\nConnection: close\r\n\r\n"]
        return [b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{"Id": 1}']

    with raw_server(answers) as server, opened(clear(server.server_address[1])) as transport:
        assert transport.ask([CHASSIS])[CHASSIS] == {"Id": 1}
        elsewhere = transport.ask(["/redfish/v1/Systems"])["/redfish/v1/Systems"]
    assert isinstance(elsewhere, Garbled)
    assert "192.0.2.1" in elsewhere.what


@pytest.mark.parametrize(
    ("reply", "kind", "what"),
    [
        ([b"SSH-2.0-OpenSSH\r\n"], Garbled, "no HTTP"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"], Garbled, "no HTTP: IncompleteRead"),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"], Garbled, "no HTTP"),
        ([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"], Garbled, "no HTTP"),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"], Garbled, "no HTTP"),
        ([], Unreachable, "closed connection without response"),
    ],
)
def test_what_is_no_http(reply: list[bytes], kind: Any, what: str) -> None:
    with raw_server(lambda: reply) as server, pytest.raises(kind, match=what), opened(clear(server.server_address[1])):
        pass


@given(st.lists(st.binary(max_size=60), max_size=4), st.booleans())
def test_any_octets_are_an_answer_or_an_error(pieces: list[bytes], http: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" if http else b""
    with (
        raw_server(lambda: [head, *pieces]) as server,
        suppress(DriverError),
        opened(clear(server.server_address[1])) as transport,
    ):
        transport.ask([CHASSIS])


def test_an_answer_without_end_is_cut_off() -> None:
    flood = [b"HTTP/1.1 200 OK\r\n\r\n", *([b"x" * 1_000_000] * 20)]
    cut = pytest.raises(Garbled, match="octets")
    with raw_server(lambda: flood) as server, cut, opened(clear(server.server_address[1])):
        pass


def test_an_answer_that_drips_is_cut_off() -> None:
    drip = [b"HTTP/1.1 200 OK\r\nX: ", *([b"y"] * 1000)]
    began = time.monotonic()
    cut = pytest.raises(Silent, match=r"no reply within 0\.3 s")
    with raw_server(lambda: drip, 0.05) as server, cut, opened(clear(server.server_address[1]), timeout_s=0.3):
        pass
    assert time.monotonic() - began < 5


def test_nobody_there() -> None:
    with pytest.raises(Unreachable, match="refused"), opened(clear(free_port())):
        pass
    with pytest.raises(Unreachable), opened("redfish+http://no-such-host.invalid"):
        pass


def test_a_closed_transport_says_so() -> None:
    with redfish_server({"/redfish/v1": ROOT}) as server, opened(clear(server.port)) as transport:
        transport.close()
        transport.close()
        with pytest.raises(Unreachable, match="closed"):
            transport.ask([CHASSIS])


@pytest.mark.parametrize(
    "text",
    [
        "redfish://root@bmc.example",
        "redfish://bmc.example?password=env:P",
        "redfish://u@bmc.example?password=env:P&login=magic",
        "redfish://bmc.example?pin=sha256:12",
        "redfish+http://bmc.example?pin=sha256:" + "0" * 64,
        "redfish+ssh://bmc.example?key=file:k",
        "redfish+ssh://root@bmc.example",
        "redfish+ssh://root@bmc.example?key=file:k&to=ftp://x",
        "redfish+ssh://root@bmc.example?key=file:k&to=http://x:99999",
        "redfish+ssh://root@bmc.example?key=file:k&redfish_user=u",
        "redfish://bmc.example/redfish/v1",
    ],
)
def test_incomplete_addresses(text: str) -> None:
    with pytest.raises(BadAddress):
        parse(text)


@pytest.mark.captures
def test_the_recorded_tree(captures: Path) -> None:
    expected = json.loads((captures / "redfish" / "expected-dmtf_rackmount1.json").read_text("utf-8"))
    tree = archive(captures / "redfish" / "dmtf_rackmount1.tar.gz")
    with redfish_server(tree) as server, opened(clear(server.port)) as transport:
        firmware = [body for _, body in transport.members("/redfish/v1/UpdateService/FirmwareInventory")]
        trusted = list(transport.members("/redfish/v1/Chassis/1U/TrustedComponents"))
        sensors = list(transport.members("/redfish/v1/Chassis/1U/Sensors"))
    assert sum(isinstance(body, dict) for body in firmware) == 2
    assert sum(isinstance(body, NoReading) for body in firmware) == 1
    assert len(trusted) == 3
    assert len(sensors) == len(expected["sensors"])
    read = {row["url"]: row for row in expected["sensors"]}
    for path, body in sensors:
        wanted = read[path]["Reading"]
        with suppress(NoReading):
            assert sensor(body)[0] / unit_of(body)[1] == wanted
            continue
        assert wanted is None
