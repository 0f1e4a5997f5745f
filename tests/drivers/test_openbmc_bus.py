"""The real busctl against OpenBMC's objects on a private D-Bus, behind OpenSSH."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers import tools
from drivers.addresses import parse
from drivers.bmcs.openbmc import OpenBmc
from drivers.options import Options
from tests.drivers.dbus_station import ROOT, openbmc_bus
from tests.drivers.scripted import StillClock, WallClock
from tests.servers import need, sshd

pytestmark = pytest.mark.real

OBMCUTIL = """\
#!/bin/sh
value() { busctl get-property "$1" "$2" "$3" "$4" | cut -d'"' -f2; }
X=xyz.openbmc_project
C=$X.State.Chassis
printf '%-20s: %s\\n' CurrentPowerState "$(value $C /xyz/openbmc_project/state/chassis0 $C CurrentPowerState)"
printf '%-20s: %s\\n' BootProgress "$X.State.Boot.Progress.ProgressStages.Unspecified"
"""


def script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture(scope="module")
def bmc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBmc]:
    folder = tmp_path_factory.mktemp("bmc")
    (folder / "bin").mkdir()
    (folder / "os-release").write_text('ID=openbmc-phosphor\nVERSION_ID="2.18.0"\n')
    script(
        folder / "bin" / "cat",
        f'#!/bin/sh\n[ "$1" = /etc/os-release ] && set -- {folder}/os-release\nexec /bin/cat "$@"\n',
    )
    script(folder / "bin" / "obmcutil", OBMCUTIL)
    with openbmc_bus(folder) as address, sshd(folder, folder / "bin") as server:
        script(folder / "bin" / "busctl", f'#!/bin/sh\nexec {need("busctl")} --address={address} "$@"\n')
        device = OpenBmc.connect(parse(server.address), Options(folder, Path("host_key.pub"), 20), WallClock())
        yield device
        device.close()


def test_every_point(bmc: OpenBmc) -> None:
    assert bmc.identify().firmware == "2.18.0"
    found = {reading.name: reading for reading in bmc.read()}
    assert (found["serial"].value, found["part"].value, found["power_state"].value) == ("SN-7", "PN-7", "on")
    assert found["component[system/chassis].serial"].value == "SN-7"
    assert (found["power"].value, found["sensor[TOTAL_POWER].power"].value) == (1551.7, 1551.7)
    assert found["sensor[FAN_0].speed"].value == 14894.0
    assert found["sensor[CPU_0_TEMP].temperature"].reason == "the sensor has no value (NaN)"
    assert (found["log_entries"].value, found["log_critical"].value) == (2, 1)
    assert isinstance(found["clock_offset"].value, float)
    assert found["dumps"].reason
    assert (found["host_state"].value, found["boot_progress"].reason) == (None, "the BMC says Unspecified")


def test_power_is_switched_and_read_back(bmc: OpenBmc) -> None:
    bmc.clock = StillClock()
    assert bmc.switch_power("off", 10).value == "off"
    assert bmc.read("power_state")[0].value == "off"
    assert bmc.switch_power("cycle", 10).value == "on"
    assert bmc.switch_power("soft", 10).value == "off"
    assert bmc.switch_power("on", 10).value == "on"


SENSOR = f"xyz.openbmc_project.HwmonTempSensor {ROOT}/sensors/temperature/GPU_0_TEMP"
MANAGED = f"xyz.openbmc_project.HwmonTempSensor {ROOT}/sensors org.freedesktop.DBus.ObjectManager GetManagedObjects"


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        (f"busctl get-property {SENSOR} xyz.openbmc_project.Sensor.Value Value", "value", 47.5),
        (f"busctl -j get-property {SENSOR} xyz.openbmc_project.Sensor.Value Value", "value", 47.5),
        (f"busctl --json=pretty get-property {SENSOR} xyz.openbmc_project.Sensor.Value Value Unit", "value", 47.5),
        (f"busctl call {MANAGED}", "sensor[GPU_0_TEMP].temperature", 47.5),
        (f"busctl -j call {MANAGED}", "sensor[GPU_0_TEMP].temperature", 47.5),
        (f"busctl --json=pretty call {MANAGED}", "sensor[CPU_0_TEMP].temperature", None),
        (f"busctl call {MANAGED}", "sensor[CPU_0_TEMP].temperature", None),
        (f"busctl -l introspect {SENSOR}", "object[/].Value.Value", 47.5),
        (f"busctl introspect {SENSOR}", "object[/].Value.Value", 47.5),
        ("obmcutil state", "power_state", "on"),
    ],
)
def test_saved_outputs_are_parsed(bmc: OpenBmc, command: str, name: str, value: float | str | None) -> None:
    output = bmc.run(command).checked()
    found = {figure.name: figure for figure in tools.parse(command.partition(" ")[0], output.encode()).figures}
    assert found[name].value == value
