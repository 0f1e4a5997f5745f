"""What is wrong at the station never becomes the rack's: wrong secrets, keys and addresses in the inventory."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.commands.demo import emulated
from tests.plans import racks
from tests.plans.racks import Ended

WRONG = {
    "shelf1": ("community=public", "community=file:wrong_community"),
    "tray01_bmc": ("key=file:client_key", "password=file:wrong_password"),
    "tray02_bmc": (None, "host_keys_of_another"),
    "feed_a": (r"127\.0\.0\.1::\d+::SOCKET", "127.0.0.1::1::SOCKET"),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    folder = tmp_path_factory.mktemp("station")
    with emulated("gen-a", folder / "rack", [], 1) as rack:
        _spoil(rack)
        yield racks.run(rack, folder / "runs", "-k", "INV-001 or PWR-001")


def _spoil(rack: Path) -> None:
    """Give four devices an address, secret or key that is wrong at the station's side."""
    (rack.parent / "wrong_community").write_text("not-the-community-xyzzy")
    (rack.parent / "wrong_password").write_text("not-the-password-xyzzy")
    tables = rack.read_text(encoding="utf-8").split("[[device]]")
    keys = re.findall(r'host_key = "([^"]+)"', rack.read_text(encoding="utf-8"))
    for index, table in enumerate(tables):
        name = re.search(r'name = "(\w+)"', table)
        if name is None or name[1] not in WRONG:
            continue
        old, new = WRONG[name[1]]
        if old is None:
            tables[index] = re.sub(r'host_key = "[^"]+"', f'host_key = "{keys[-1]}"', table)
        else:
            tables[index] = re.sub(old, new, table)
    rack.write_text("[[device]]".join(tables), encoding="utf-8")


def test_the_rack_is_not_rejected(ended: Ended) -> None:
    assert (ended.status, ended.result["verdict"], ended.result["failed"]) == (3, "INCOMPLETE", [])


@pytest.mark.parametrize(
    ("case", "blame"),
    [
        ("INV-001[shelf1]", "network"),
        ("INV-001[tray01_bmc]", "station"),
        ("INV-001[tray02_bmc]", "station"),
        ("PWR-001", "instrument"),
    ],
)
def test_it_is_blamed_on_what_is_wrong(ended: Ended, case: str, blame: str) -> None:
    end = ended.ends()[case]
    assert (end["status"], end["verdict"], end["attribution"]) == ("error", "not-applicable", blame), end["message"]


def test_its_message_names_the_address_and_what_to_do(ended: Ended) -> None:
    for case in ("INV-001[shelf1]", "INV-001[tray01_bmc]", "INV-001[tray02_bmc]"):
        message = ended.ends()[case]["message"]
        assert "127.0.0.1:" in message
        assert "try " in message


def test_no_secret_is_written_anywhere(ended: Ended) -> None:
    everything = b"".join(file.read_bytes() for file in Path(ended.result["run"]).rglob("*") if file.is_file())
    assert b"xyzzy" not in everything + ended.said.encode()


def test_the_other_devices_still_pass(ended: Ended) -> None:
    passed = [case for case, end in ended.ends().items() if end["verdict"] == "pass"]
    assert len(passed) == 65 - 3
