"""A service that is busy, has no session left, answers an error with 200, or lists members in odd ways."""

from typing import Any

import pytest

from drivers.addresses import parse
from drivers.bmcs.redfish import RedfishBmc
from drivers.errors import DeviceRefused, Garbled, LoginRefused, NoReading
from drivers.options import Options
from drivers.redfish import RedfishTransport
from drivers.redfish_http import Answer, expand_query, wanted_wait
from tests.drivers.bmc_trees import ROOT, dell, ref
from tests.drivers.redfish_server import PASSWORD, USER, Service, redfish_server
from tests.drivers.scripted import StillClock

MANAGER = f"{ROOT}/Managers/iDRAC.Embedded.1"
FULL = {"error": {"@Message.ExtendedInfo": [{"MessageId": "Base.1.8.SessionLimitExceeded", "Message": "full"}]}}


def connected(server: Service, query: str = "", user: str = "", **options: Any) -> RedfishTransport:
    return RedfishTransport.open(parse(f"redfish+http://{user}127.0.0.1:{server.port}{query}"), Options(**options))


def test_a_busy_service_is_waited_for() -> None:
    with redfish_server(dell(), busy={MANAGER: 2}) as server:
        clock = StillClock()
        device = RedfishBmc.connect(parse(f"redfish+http://127.0.0.1:{server.port}"), Options(), clock)
        assert device.transport.ask([MANAGER])[MANAGER]["FirmwareVersion"] == "6.10.80.00"
        device.close()
    assert clock.elapsed == 4.0


def test_one_that_stays_busy_has_refused() -> None:
    with redfish_server(dell(), busy={MANAGER: 1000}) as server:
        transport, waited = connected(server), list[float]()
        transport.pause = waited.append
        reply = transport.ask([MANAGER])[MANAGER]
        transport.close()
    assert isinstance(reply, DeviceRefused)
    assert 0 < sum(waited) <= 30


@pytest.mark.parametrize(
    ("status", "said", "wait_s"),
    [
        (503, "7", 7),
        (429, "0", 1),
        (503, "Wed, 21 Oct 2026 07:28:00 GMT", 0),
        (503, "", 0),
        (500, "5", 0),
        (503, "-5", 0),
    ],
)
def test_how_long_a_service_asks_to_wait(status: int, said: str, wait_s: float) -> None:
    assert wanted_wait(Answer(status, {"retry-after": said}, {})) == wait_s


def test_without_a_session_left_every_request_logs_in(tmp_path: Any) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    with redfish_server(dell(), guarded=True, no_session=FULL) as server:
        transport = connected(server, "?password=file:password", f"{USER}@", folder=tmp_path)
        assert transport.ask([MANAGER])[MANAGER]["FirmwareVersion"] == "6.10.80.00"
        transport.close()
        with pytest.raises(LoginRefused, match="full"):
            connected(server, "?password=file:password&login=session", f"{USER}@", folder=tmp_path)


def test_an_error_in_a_good_answer_is_an_error() -> None:
    with redfish_server(dell() | {MANAGER: {"error": {"code": "x", "message": "resource is not ready"}}}) as server:
        transport = connected(server)
        reply = transport.ask([MANAGER])[MANAGER]
        transport.close()
    assert isinstance(reply, DeviceRefused)
    assert "not ready" in reply.what


def members(tree: dict[str, Any], **how: Any) -> list[tuple[str, Any]]:
    with redfish_server(tree, **how) as server:
        transport = connected(server)
        try:
            return list(transport.members(f"{ROOT}/Chassis"))
        finally:
            transport.close()


def test_members_without_a_path_or_with_an_absolute_one() -> None:
    tree = dell()
    tree[f"{ROOT}/Chassis/Relative"] = {"Id": "Relative"}
    tree[f"{ROOT}/Chassis"]["Members"] = [
        {"Id": "Embedded", "ChassisType": "Module"},
        ref("http://bmc.example/redfish/v1/Chassis/System.Embedded.1"),
        ref("/redfish/v1/Chassis/Relative"),
        ref("/redfish/v1/Chassis/Relative"),
        {},
        None,
        "x",
    ]
    found = members(tree)
    assert [where for where, _ in found] == [
        f"{ROOT}/Chassis#/Members/0",
        f"{ROOT}/Chassis/System.Embedded.1",
        f"{ROOT}/Chassis/Relative",
    ]
    assert found[0][1]["ChassisType"] == "Module"


def test_a_member_that_is_not_there_is_in_its_place() -> None:
    tree = dell()
    tree[f"{ROOT}/Chassis"]["Members"].append(ref(f"{ROOT}/Chassis/Gone"))
    (_, first), (_, second) = members(tree)
    assert isinstance(first, dict)
    assert isinstance(second, NoReading)


def test_a_page_that_is_missing_is_only_missed_where_members_are() -> None:
    tree = dell()
    tree[f"{ROOT}/Chassis"]["Members@odata.nextLink"] = f"{ROOT}/Chassis?$skip=1"
    assert len(members(tree)) == 1  # one was stated, one is there
    tree[f"{ROOT}/Chassis"]["Members@odata.count"] = 2
    with pytest.raises(Garbled, match="without its next page"):
        members(tree)


@pytest.mark.parametrize(
    ("offered", "query"),
    [
        ({"NoLinks": True, "Levels": True}, "?$expand=.($levels=1)"),
        ({"NoLinks": True}, "?$expand=."),
        ({"NoLinks": "true"}, ""),
        ({"Links": True}, ""),
        (None, ""),
    ],
)
def test_what_is_embedded_on_request(offered: Any, query: str) -> None:
    assert expand_query({"ProtocolFeaturesSupported": {"ExpandQuery": offered}}) == query
