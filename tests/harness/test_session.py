import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading, Silent, Unreachable, UsageError, WrongDevice
from harness.clock import SystemClock
from harness.rack import RackDevice
from harness.records import DeviceMissing, DeviceSeen, Record
from harness.session import DeviceOut, Session
from tests.harness.racks import inventory, meter, nobody, replies
from tests.servers import ScpiServer, scpi_server, sshd

Open = Callable[..., Session]
Serve = Callable[..., ScpiServer]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as entered:
        yield entered


@pytest.fixture
def serve(stack: ExitStack) -> Serve:
    return lambda **said: stack.enter_context(scpi_server(replies(**said)))


@pytest.fixture
def records() -> list[Record]:
    return []


@pytest.fixture
def connected(stack: ExitStack, records: list[Record]) -> Open:
    def connect(*devices: dict[str, Any], folder: Path = Path()) -> Session:
        found = inventory(*devices)
        found._folder = folder
        session = Session(found, SystemClock(), records.append)
        stack.callback(session.close)
        session.open()
        return session

    return connect


def missing(records: list[Record], name: str) -> DeviceMissing:
    (found,) = [r for r in records if isinstance(r, DeviceMissing) and r.name == name]
    return found


def test_devices_identify_themselves(serve: Serve, connected: Open, records: list[Record]) -> None:
    connected(meter("a", serve(serial="C1")), meter("b", serve(serial="C2"), owner="station", slot="feed B"))
    one, other = records
    assert isinstance(one, DeviceSeen)
    assert isinstance(other, DeviceSeen)
    assert (one.name, one.serial, one.maker, one.firmware) == ("a", "C1", "YOKOGAWA", "F1.01")
    assert (other.owner, other.slot, other.emulated) == ("station", "feed B", False)


def test_an_emulated_device_is_known_by_its_own_words(serve: Serve, connected: Open, records: list[Record]) -> None:
    connected(meter("a", serve(serial="C1-EMULATED")))
    assert isinstance(records[0], DeviceSeen)
    assert records[0].emulated


def test_the_racks_silence_beside_a_neighbour_that_answers_is_the_racks(
    serve: Serve, connected: Open, records: list[Record]
) -> None:
    connected(meter("a", serve()), meter("b", nobody()))
    found = missing(records, "b")
    assert (found.attribution, found.proof) == ("rack", "a on the same path answers as itself")
    assert "refused" in found.error


def test_silence_without_a_neighbour_proves_nothing(connected: Open, records: list[Record]) -> None:
    connected(meter("a", nobody()), meter("b", nobody()))
    assert missing(records, "a").attribution == missing(records, "b").attribution == "network"


def test_a_neighbour_that_has_fallen_silent_proves_nothing(stack: ExitStack, connected: Open) -> None:
    with scpi_server(replies()) as server:
        session = connected(meter("a", server), meter("b", nobody()))
        session.handles["a"].close()
    assert session.blame("b", Silent("no reply")).attribution == "network"


def test_the_stations_own_is_an_instrument(serve: Serve, connected: Open, records: list[Record]) -> None:
    connected(meter("a", serve()), meter("b", nobody(), owner="station"))
    assert missing(records, "b").attribution == "instrument"


def test_another_model_beside_a_neighbour_is_the_racks(serve: Serve, connected: Open, records: list[Record]) -> None:
    session = connected(meter("a", serve()), meter("b", serve(maker="HIOKI")))
    found = missing(records, "b")
    assert found.attribution == "rack"
    assert "WrongDevice" in found.error
    assert isinstance(session.out["b"], WrongDevice)


@pytest.mark.real
def test_wrong_host_key_and_wrong_login_are_the_stations(
    tmp_path: Path, connected: Open, records: list[Record]
) -> None:
    with sshd(tmp_path) as server:
        host = {"model": "linux-host", "owner": "rack", "role": "compute_host", "address": server.address}
        good = host | {"name": "good", "host_key": "host_key.pub"}
        untrusted = host | {"name": "untrusted", "host_key": "client_key.pub"}
        refused = good | {
            "name": "refused",
            "address": server.address.replace("ssh://", "ssh://not-").replace("@", "@", 1),
        }
        connected(good, untrusted, refused, folder=tmp_path)
    for name, kind in (("untrusted", "Untrusted"), ("refused", "LoginRefused")):
        found = missing(records, name)
        assert kind in found.error
        assert found.attribution == "station", found.error


def test_what_is_read_of_a_device_that_is_another_is_not_believed(serve: Serve, connected: Open) -> None:
    session = connected(meter("a", serve()), meter("b", serve(maker="HIOKI")))
    with pytest.raises(WrongDevice):
        session.handles["b"].read("power")
    assert session.handles["a"].read("power")[0].value == 100.0


def test_a_meter_with_another_ratio_is_not_read(serve: Serve, connected: Open, records: list[Record]) -> None:
    session = connected(meter("a", serve(ratio="60.0"), owner="station", ct_ratio=80.0))
    assert "ratio is 60.0, the inventory says 80.0" in missing(records, "a").error
    assert missing(records, "a").attribution == "instrument"
    with pytest.raises(DeviceRefused):
        session.handles["a"].read("power")


def test_a_device_that_comes_back_says_first_who_it_is(serve: Serve, connected: Open) -> None:
    server = serve(maker="HIOKI")
    session = connected(meter("a", server))
    server.replies.update(replies())
    assert session.handles["a"].read("power")[0].value == 100.0


def test_change_is_against_what_it_was_first(serve: Serve, connected: Open) -> None:
    server = serve(serial="C1")
    session = connected(meter("a", server), meter("b", serve()))
    device = RackDevice(session.handles["a"], session, lambda _: None)
    assert device.identity_unchanged().value is True
    server.replies.update(replies(serial="C9"))
    session.handles["a"].identify()
    fact = device.identity_unchanged()
    assert (fact.value, fact.reason) == (False, "serial was 'C1', is 'C9'")


def test_answers_is_false_only_with_proof(serve: Serve, connected: Open) -> None:
    proven = connected(meter("a", serve()), meter("b", nobody()))
    fact = RackDevice(proven.handles["b"], proven, lambda _: None).answers()
    assert fact.value is False
    assert "a on the same path answers as itself" in str(fact.reason)
    unproven = connected(meter("b", nobody()))
    with pytest.raises(DeviceOut, match="the path is not proven"):
        RackDevice(unproven.handles["b"], unproven, lambda _: None).answers()


@pytest.mark.parametrize(
    ("error", "attribution"),
    [
        (UsageError("no such point"), "station"),
        (NoReading("over range"), "rack"),
        (DeviceRefused("busy"), "rack"),
        (Garbled("half a reply"), "rack"),
    ],
)
def test_blame_by_what_is_proven(error: DriverError, attribution: str, serve: Serve, connected: Open) -> None:
    session = connected(meter("a", serve()), meter("b", serve()))
    assert session.blame("b", error).attribution == attribution


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENETUNREACH])
def test_what_this_machine_lacks_is_the_stations(number: int, serve: Serve, connected: Open) -> None:
    session = connected(meter("a", serve()), meter("b", serve()))
    error = Unreachable("it did not open")
    error.__cause__ = OSError(number, "lacking")
    blame = session.blame("b", error)
    assert (blame.attribution, blame.proof) == ("station", "this machine itself said: lacking")


def test_an_error_that_names_no_device_is_the_softwares(connected: Open) -> None:
    assert connected().blame_address(Silent("x", address="visa://elsewhere")).attribution == "software"


def test_an_error_is_blamed_by_its_address(serve: Serve, connected: Open) -> None:
    server = serve()
    session = connected(meter("a", server, owner="station"))
    assert session.blame_address(Silent("x", address=server.address)).attribution == "instrument"


def test_only_shells_run_commands(serve: Serve, connected: Open) -> None:
    with pytest.raises(UsageError, match="runs no commands"):
        connected(meter("a", serve())).handles["a"].shell()
