"""A Redfish service from a package: sushy-tools' emulator with its fake driver, over real HTTP."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.addresses import parse
from drivers.bmcs.redfish import RedfishBmc
from drivers.catalogue import propose
from drivers.options import Options
from harness.clock import SystemClock
from tests.drivers.scripted import WallClock
from tests.servers import listens, on_free_port

pytestmark = pytest.mark.real

CONFIG = """\
SUSHY_EMULATOR_LISTEN_IP = "127.0.0.1"
SUSHY_EMULATOR_FAKE_DRIVER = True
SUSHY_EMULATOR_STATE_DIR = {folder!r}
SUSHY_EMULATOR_FAKE_SYSTEMS = [
    {{"uuid": "27946b59-9e44-4fa7-8e91-f3527a1ef094", "name": "tray", "power_state": "Off", "nics": [],
      "external_notifier": False}}
]
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    emulator = Path(sys.executable).parent / "sushy-emulator"
    if not emulator.exists():
        pytest.skip("sushy-tools is not installed")
    folder = tmp_path_factory.mktemp("sushy")
    (folder / "config.py").write_text(CONFIG.format(folder=str(folder)))

    def command(port: int) -> list[str]:
        return [str(emulator), "--config", str(folder / "config.py"), "--port", str(port)]

    with on_free_port(command, folder / "log", ready=listens) as port:
        yield f"redfish+http://127.0.0.1:{port}"


@pytest.fixture
def bmc(address: str) -> Iterator[RedfishBmc]:
    device = RedfishBmc.connect(parse(address), Options(timeout_s=20), WallClock())
    yield device
    device.close()


def test_it_is_recognised(address: str) -> None:
    assert propose(address, Options(timeout_s=20), WallClock()).model == "redfish-bmc"


def test_every_point_has_a_value_or_a_reason(bmc: RedfishBmc) -> None:
    found = {reading.name: reading for reading in bmc.read()}
    assert all(reading.value is not None or reading.reason for reading in found.values())
    assert found["system[27946b59-9e44-4fa7-8e91-f3527a1ef094].uuid"].value == "27946b59-9e44-4fa7-8e91-f3527a1ef094"
    assert found["power_state"].value == "off"


def test_power_is_switched_and_read_back(bmc: RedfishBmc) -> None:
    bmc.clock = SystemClock()  # it takes its time, up to 11 s, as hardware does
    assert bmc.switch_power("on", 30).value == "on"
