import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.addresses import parse
from drivers.bmcs import ipmi_rows, ipmi_sdr, ipmi_sel, ipmi_status, ipmitool
from drivers.bmcs.ipmitool import Ipmitool, IpmitoolTransport
from drivers.errors import DeviceRefused, DriverError, NoReading, WrongDevice
from drivers.options import Options
from drivers.ssh import Completed, SshTransport
from tests.drivers.ipmi_station import EMU, ipmi_sim
from tests.drivers.scripted import NOON, Scripted, StillClock, said
from tests.drivers.shell_server import shell_server
from tests.servers import need, sshd

SDR = """\
ASIC_0_TEMP      | 01h | ok  |  7.1 | 61 degrees C
FAN_0            | 02h | cr  | 29.1 | 900 RPM
BUS_VOLTAGE      | 03h | ok  | 10.1 | 50.16 Volts
SEL              | 72h | ns  |  7.1 | No Reading
Door             | 73h | ok  |  7.1 | General Chassis intrusion
Airflow          | 74h | ok  |  7.1 | 31 CFM
Lux              | 76h | ok  |  7.1 | 31 lux
FAN_0            | 75h | ok  | 29.2 | 5040 RPM
"""
SEL = """\
   1 | 11/23/2026 | 10:20:30 | Temperature ASIC_0_TEMP | Upper Critical going high | Asserted
   2 | 11/23/2026 | 10:21:30 | Temperature ASIC_0_TEMP | Upper Critical going high | Deasserted
   3 | 11/23/2026 | 10:22:30 | Temperature ASIC_0_TEMP | Upper Non-critical going high | Asserted
   4 | 11/23/2026 | 10:23:30 | Memory #0x53 | Uncorrectable ECC | Asserted
   5 | 11/23/2026 | 10:24:30 | Event Logging Disabled SEL | Log area reset/cleared | Asserted
"""
DCMI = """
    Instantaneous power reading:                   {} Watts
    Minimum during sampling period:                100 Watts
    Power reading state is:                   {}
"""
FRU = """\
 Product Manufacturer  : Maker
 Product Name          : SW
 Product Part Number   : PN-3
 Product Serial        : SN-3
 Product Extra         : EMULATED
"""
INFO = "Device ID                 : 32\nFirmware Revision         : 1.07\nManufacturer Name         : Other\n"


def bmc(*script: tuple[str, Completed]) -> Ipmitool:
    return Ipmitool(cast("SshTransport", Scripted(list(script))), StillClock())


def test_sensors() -> None:
    found = {r.name: r for r in bmc(said(ipmitool.SDR, SDR)).read("sensor[*].*")}
    assert found["sensor[ASIC_0_TEMP].temperature"].value == 61.0
    assert (found["sensor[FAN_0].speed"].value, found["sensor[FAN_0#2].speed"].value) == (900.0, 5040.0)
    assert found["sensor[BUS_VOLTAGE].voltage"].unit == "V"
    assert found["sensor[SEL].state"].reason == "No Reading"
    assert found["sensor[Door].state"].value == "General Chassis intrusion"
    assert found["sensor[Airflow].flow"].value == pytest.approx(31 * 28.316846592)
    assert found["sensor[Lux].state"].reason == "Garbled: no unit that we know: 'lux'"


@pytest.mark.captures
def test_sensors_of_a_real_machine(captures: Path) -> None:
    text = (captures / "outputs" / "ipmitool" / "telegraf_sdr_elist.txt").read_text()
    found = {item.key: item for item in ipmi_sdr.sensor_items(text)}
    assert (found["Fan1"].value, found["Fan1"].unit) == (5040.0, "rpm")
    assert (found["Inlet Temp"].value, found["Current 1"].value) == (25.0, 7.2)
    assert (found["Power Supply 1"].value, found["Power Supply 1"].unit) == (110.0, "W")
    assert found["SEL"].reason == "No Reading"


def test_the_log() -> None:
    device = bmc(said(ipmitool.SEL_INFO, "SEL Information\nEntries          : 5\n"), said(ipmitool.SEL, SEL))
    readings = {r.name: r for r in device.read("log_entries", "log_critical")}
    assert readings["log_entries"].value == 5
    assert readings["log_critical"].value == 2
    assert "Uncorrectable" in readings["log_critical"].raw
    assert ipmi_sel.log_critical("SEL has no entries\n").value == 0


@pytest.mark.parametrize(
    ("watts", "state", "value"),
    [(812, "activated", 812), (0, "activated", None), (812, "deactivated", None), ("-", "activated", None)],
)
def test_dcmi_power(watts: Any, state: str, value: int | None) -> None:
    assert bmc(said(ipmitool.DCMI, DCMI.format(watts, state))).read("power")[0].value == value


def test_a_board_without_dcmi_refuses() -> None:
    device = bmc(said(ipmitool.DCMI, "", 1, "DCMI request failed because: Invalid command (c1)"))
    assert "Invalid command" in (device.read("power")[0].reason or "")


def test_a_clock_of_whole_seconds_is_half_a_second_further() -> None:
    reading = bmc(said(ipmitool.SEL_TIME, "11/23/2026 12:00:03\n")).clock_offset.read()
    assert reading.value == pytest.approx(3.5)


def test_identity() -> None:
    identity = bmc(said(ipmitool.MC_INFO, INFO), said(ipmitool.FRU, FRU)).identify()
    assert (identity.maker, identity.model, identity.serial, identity.firmware) == ("Maker", "SW", "SN-3", "1.07")
    assert identity.emulated


def test_where_there_is_no_ipmitool_or_no_bmc() -> None:
    lost = said(ipmitool.FRU, "", 1)
    with pytest.raises(WrongDevice, match="no ipmitool there"):
        bmc(said(ipmitool.MC_INFO, "", 127, "sh: ipmitool: not found"), lost).identify()
    with pytest.raises(DeviceRefused, match="Could not open device"):
        bmc(said(ipmitool.MC_INFO, "", 1, "Could not open device at /dev/ipmi0"), lost).identify()


def test_the_password_travels_by_standard_input(tmp_path: Path) -> None:
    async def echo(process: Any) -> None:
        process.stdout.write(await process.stdin.read())
        process.exit(0)

    (tmp_path / "ipmi").write_text("open sesame\n")
    with shell_server(tmp_path, echo) as server:
        address = parse(f"{server.address()}&ipmi=admin@192.0.2.5:6230&ipmi_password=file:ipmi")
        transport = IpmitoolTransport.open(address, Options(tmp_path, server.host_key))
        reply = transport.ask([ipmitool.SDR])[ipmitool.SDR]
        transport.close()
    assert server.commands == ["ipmitool -I lanplus -C 3 -H 192.0.2.5 -p 6230 -U admin -f /dev/stdin sdr elist"]
    assert reply.stdout == "open sesame\n"


@given(text=st.one_of(st.text(), st.lists(st.text(max_size=9), max_size=9).map("|".join)))
def test_any_output_is_readings_or_an_error(text: str) -> None:
    done = Completed("x", text, "", 0)
    for point in Ipmitool.points().values():
        if point.name != "clock_offset":
            assert all(r.value is not None or r.reason for r in point.readings(done, "", NOON))
    with suppress(DriverError):
        ipmi_status.clock(text)
    with suppress(NoReading, DriverError):
        ipmi_rows.first_field(text, "Product Serial")


@pytest.mark.real
def test_ipmitool_behind_openssh_towards_ipmi_sim(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ipmitool").symlink_to(need("ipmitool"))
    assert shutil.which("ipmitool", path=str(tmp_path / "bin"))
    with ipmi_sim(tmp_path) as port, sshd(tmp_path, tmp_path / "bin") as jump:
        address = parse(f"{jump.address}&ipmi=admin@127.0.0.1:{port}&ipmi_password=file:password")
        device = Ipmitool.connect(address, Options(tmp_path, Path("host_key.pub"), 20), StillClock())
        try:
            identity = device.identify()
            found = {r.name: r for r in device.read("firmware", "power_state", "power", "log_entries", "log_critical")}
        finally:
            device.close()
    assert identity.firmware == "9.08"
    assert found["firmware"].value == "9.08"
    assert (found["log_entries"].value, found["log_critical"].value) == (0, 0)
    assert found["power"].value is None  # ipmi_sim has no DCMI
    assert found["power"].reason


FILLED = """\
sel_add 0x20 2 0x10 0x20 0x30 0x65 0x20 0x00 0x04 0x01 0x30 0x01 0x59 0x62 0x5f
sel_add 0x20 2 0x11 0x20 0x30 0x65 0x20 0x00 0x04 0x01 0x30 0x81 0x59 0x50 0x5f
mc_add_fru_data 0x20 0 64 data 0x01 0x00 0x00 0x01 0x00 0x00 0x00 0xfe 0x01 0x05 0x19 0x00 0x00 0x00 0xc5 0x4d 0x61 \
0x6b 0x65 0x72 0xc3 0x58 0x31 0x33 0xc4 0x53 0x4e 0x2d 0x37 0xc4 0x50 0x4e 0x2d 0x37 0xc0 0xc1 0x00 0x00 0x00 0x00
"""


@pytest.mark.real
def test_a_filled_bmc_of_ipmi_sim(tmp_path: Path) -> None:
    """What ipmitool writes of itself between the lines, of sensors that it looked for, is part of no value."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ipmitool").symlink_to(need("ipmitool"))
    with ipmi_sim(tmp_path, emulator=EMU + FILLED) as port, sshd(tmp_path, tmp_path / "bin") as jump:
        address = parse(f"{jump.address}&ipmi=admin@127.0.0.1:{port}&ipmi_password=file:password")
        device = Ipmitool.connect(address, Options(tmp_path, Path("host_key.pub"), 20), StillClock())
        try:
            found = {r.name: r for r in device.read()}
        finally:
            device.close()
    assert (found["serial"].value, found["part"].value) == ("SN-7", "PN-7")
    assert found["fru[Builtin FRU Device (ID 0)].board_part_number"].value == "PN-7"
    assert (found["log_entries"].value, found["log_critical"].value, found["log_standing"].value) == (2, 1, 0)
    assert found["log_in_order"].reason == "no entry with a time"
    assert [found[name].value for name in ("power_state", "power_fault", "intrusion")] == ["off", False, "inactive"]
    assert (found["lan_address"].value, found["cipher_0"].value) == ("0.0.0.0", False)
    assert "no line of" in (found["sensor[].*"].reason or "")
