"""Long outputs of the tools that tell of a BMC: head, what is repeated ({n} counts), tail."""

import json

_X = "xyz.openbmc_project"
_SENSOR = {
    f"{_X}.Sensor.Value": {
        "Unit": {"type": "s", "data": f"{_X}.Sensor.Value.Unit.DegreesC"},
        "Value": {"type": "d", "data": 47.5},
        "MaxValue": {"type": "d", "data": 127.0},
    },
    f"{_X}.State.Decorator.Availability": {"Available": {"type": "b", "data": True}},
}
_LAST = json.dumps({f"/{_X.replace('.', '/')}/sensors/temperature/LAST": _SENSOR})[1:]

_EVENT: tuple[str, ...] = (
    "   1",
    "11/23/2026",
    "10:20:30",
    "Temperature CPU{n} Temp",
    "Upper Critical going high",
    "Asserted",
)
_EVENT += (
    "Reading 98 > Threshold 95 degrees C, and what a maker adds in words of its own to fill the line up to here",
)
_THRESHOLDS: tuple[str, ...] = (
    "CPU{n} Temp       ",
    "45.000     ",
    "degrees C ",
    "ok    ",
    "0.000     ",
    "5.000     ",
    "na        ",
)
_THRESHOLDS += ("na        ", "90.000    ", "95.000")

BMC_ROWS: dict[str, tuple[str, str, str]] = {
    "busctl": (
        '{"type":"a{oa{sa{sv}}}","data":[{',
        f'"/xyz/openbmc_project/sensors/temperature/GPU_{{n}}_TEMP":{json.dumps(_SENSOR)},\n',
        f"{_LAST}]}}\n",
    ),
    "ipmitool-chassis": ("System Power         : on\n", "Button {n} Disable    : not allowed\n", ""),
    "ipmitool-dcmi": (
        "    Instantaneous power reading:                   332 Watts\n",
        "    Sampling period:                          0000000{n} Seconds.\n",
        "    Power reading state is:                   activated\n",
    ),
    "ipmitool-fru": (
        "",
        "FRU Device Description : PSU{n} (ID {n})\n Product Name          : PWS\n Product Serial        : P2K{n}\n\n",
        "",
    ),
    "ipmitool-lan": ("IP Address              : 192.0.2.7\n", "Cipher Suite {n}        : MD5\n", ""),
    "ipmitool-mc": ("Firmware Revision         : 1.74\n", "Support {n}               : Sensor Device\n", ""),
    "ipmitool-sdr": ("", "Sensor{n}         | 30h | ok  | 29.1 | 5040 RPM\n", ""),
    "ipmitool-sel": ("", f"{' | '.join(_EVENT)}\n", ""),
    "ipmitool-sensor": ("", f"{' | '.join(_THRESHOLDS)}\n", ""),
    "obmcutil": ("", "CurrentPowerState   : xyz.openbmc_project.State.Chassis.PowerState.On\n", ""),
}
