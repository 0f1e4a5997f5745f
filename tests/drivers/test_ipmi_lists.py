"""Lists of `name : value` that ipmitool prints: fru, dcmi, mc, chassis, lan."""

from typing import Any

import pytest

from drivers import tools
from drivers.errors import Garbled
from drivers.parsed import Figure

FRU = """\
FRU Device Description : Builtin FRU Device (ID 0)
 Chassis Type          : Rack Mount Chassis
 Chassis Serial        : C217MAH12AB0001
 Board Mfg Date        : Mon Jan  1 00:00:00 1996
 Board Mfg             : Maker
 Board Product         : X13
 Board Serial          : To be filled by O.E.M.
 Board Extra           : first
 Board Extra           : second
 and goes on
 Product Serial        : ........
 Product Extra         : a:b:c

FRU Device Description : PSU1 (ID 3)
 Device not present (Requested sensor, data, or record not found)

FRU Device Description : Riser (ID 5)
 Unknown FRU header version 0x02

FRU Device Description : PSU1 (ID 3)
 Product Name          : PWS-2K20A
"""
DCMI = """

    Instantaneous power reading:                   332 Watts
    Minimum during sampling period:                 68 Watts
    Maximum during sampling period:                504 Watts
    Average power reading over sample period:      348 Watts
    IPMI timestamp:                           Thu Feb 15 08:36:01 2024
    Sampling period:                          00000001 Seconds.
    Power reading state is:                   {}


"""
MC = """\
Device ID                 : 32
Device Revision           : 1
Firmware Revision         : 1.74
IPMI Version              : 2.0
Manufacturer ID           : 10876
Manufacturer Name         : Supermicro
Product ID                : 2327 (0x0917)
Product Name              : Unknown (0x917)
Device Available          : yes
Provides Device SDRs      : no
Additional Device Support :
    Sensor Device
    SDR Repository Device
    SEL Device
Aux Firmware Rev Info     :
    0x00
    0x01
"""
CHASSIS = """\
System Power         : on
Power Overload       : false
Power Interlock      : inactive
Main Power Fault     : true
Power Restore Policy : always-off
Last Power Event     :
Chassis Intrusion    : active
Drive Fault          : false
Cooling/Fan Fault    : false
"""
LAN = """\
Set in Progress         : Set Complete
Auth Type Support       : MD2 MD5 PASSWORD
Auth Type Enable        : Callback : MD2 MD5 PASSWORD
                        : User     : MD2 MD5 PASSWORD
IP Address Source       : Static Address
IP Address              : 192.0.2.7
Subnet Mask             : 255.255.255.0
MAC Address             : 7c:c2:55:90:53:15
SNMP Community String   : very-private
RMCP+ Cipher Suites     : {}
Cipher Suite Priv Max   : {}
                        :     X=Cipher Suite Unused
Bad Password Threshold  : Not Available
"""


def figures(tool: str, output: str) -> dict[str, Figure]:
    return {figure.name: figure for figure in tools.parse(tool, output.encode()).figures}


def values(tool: str, output: str) -> dict[str, Any]:
    return {name: figure.value for name, figure in figures(tool, output).items()}


def test_units() -> None:
    found = values("ipmitool-fru", FRU)
    first = "fru[Builtin FRU Device (ID 0)]"
    assert (found[f"{first}.chassis_serial"], found[f"{first}.board_product"]) == ("C217MAH12AB0001", "X13")
    assert (found[f"{first}.board_serial"], found[f"{first}.product_serial"]) == (None, None)
    assert found[f"{first}.board_mfg_date"] is None
    assert (found[f"{first}.board_extra"], found[f"{first}.board_extra#2"]) == ("first", "second and goes on")
    assert found[f"{first}.product_extra"] == "a:b:c"
    assert found["fru[PSU1 (ID 3)#2].product_name"] == "PWS-2K20A"


def test_a_unit_that_cannot_be_read_says_why() -> None:
    found = figures("ipmitool-fru", FRU)
    assert (found["fru[PSU1 (ID 3)].contents"].reason or "").startswith("Device not present")
    assert found["fru[Riser (ID 5)].contents"].reason == "Unknown FRU header version 0x02"


def test_messages_of_the_tool_are_no_part_of_a_field() -> None:
    found = values(
        "ipmitool-fru", " Product Serial        : SN-3\n\nSDRR successfully erased\nErr in cmd get sensor sdr info\n"
    )
    assert found == {"fru.product_serial": "SN-3"}


def test_one_unit_without_a_head() -> None:
    assert values("ipmitool-fru", " Product Serial        : SN-3\n")["fru.product_serial"] == "SN-3"
    with pytest.raises(Garbled, match="no line of `ipmitool fru print`"):
        tools.parse("ipmitool-fru", b"FRU Read failed\n")


def test_power() -> None:
    found = figures("ipmitool-dcmi", DCMI.format("activated"))
    assert [found[name].value for name in ("power", "power_min", "power_max", "power_average")] == [332, 68, 504, 348]
    assert found["power"].unit == "W"


def test_power_that_is_not_measured_is_not_power() -> None:
    off = figures("ipmitool-dcmi", DCMI.format("deactivated"))
    assert {off[name].value for name in ("power", "power_min", "power_max", "power_average")} == {None}
    assert off["power_reading_state"].value == "deactivated"
    zero = figures("ipmitool-dcmi", DCMI.format("activated").replace("332", "0"))
    assert (zero["power"].reason or "").startswith("0 W")


@pytest.mark.parametrize("output", ["", "DCMI request failed because: Invalid command (c1)\n", MC])
def test_what_is_no_power_reading_is_refused(output: str) -> None:
    with pytest.raises(Garbled, match="dcmi power reading"):
        tools.parse("ipmitool-dcmi", output.encode())


def test_the_controller() -> None:
    found = values("ipmitool-mc", MC)
    assert (found["firmware_revision"], found["manufacturer_name"]) == ("1.74", "Supermicro")
    assert (found["device_available"], found["provides_device_sdrs"]) == (True, False)
    assert found["additional_device_support"] == "Sensor Device, SDR Repository Device, SEL Device"
    assert found["aux_firmware_rev_info"] == "0x00, 0x01"
    with pytest.raises(Garbled, match="no 'Firmware Revision'"):
        tools.parse("ipmitool-mc", CHASSIS.encode())


def test_the_chassis() -> None:
    found = values("ipmitool-chassis", CHASSIS)
    assert (found["system_power"], found["main_power_fault"], found["drive_fault"]) == ("on", True, False)
    assert (found["chassis_intrusion"], found["last_power_event"]) == ("active", None)


@pytest.mark.parametrize(
    ("suites", "privileges", "allowed"),
    [
        ("0,1,2,3", "aaaaXXaaaXXaaXX", True),
        ("0,1,2,3", "XaaaXXaaaXXaaXX", False),
        ("3,17", "XaaaXXaaaXXaaXX", False),
        ("3,0", "aXXXXXXXXXXXXXX", False),
        ("3,0", "XaXXXXXXXXXXXXX", True),
        ("0,3", "Not Available", None),
        ("None", "XaaaXXaaaXXaaXX", None),
    ],
)
def test_the_network(suites: str, privileges: str, allowed: bool | None) -> None:
    found = figures("ipmitool-lan", LAN.format(suites, privileges))
    assert (found["ip_address"].value, found["mac_address"].value) == ("192.0.2.7", "7c:c2:55:90:53:15")
    assert str(found["auth_type_enable"].value).count("MD5") == 2
    assert found["cipher_0_allowed"].value is allowed
    assert not any("very-private" in f"{f.value} {f.raw} {f.reason}" for f in found.values())
