"""Tables that ipmitool prints: sdr in both forms, sensor, sel in both forms."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import tools
from drivers.bmcs import ipmi_sdr, ipmi_sel
from drivers.errors import DriverError, Garbled
from drivers.parsed import Figure, Reread

SDR = """\
CPU Temp         | 45 degrees C      | ok
FAN 1            | no reading        | ns
12V              | 12.19 Volts       | ok
PS1 Status       | 0x01              | ok
Intrusion        | 0x00              | ok
Vcpu             | disabled          | ns
PCH Load         | 41.25 percent     | nc
Inlet            | -3 degrees C      | lcr
"""
ELIST = """\
CPU Temp         | 01h | ok  |  3.1 | 45 degrees C
PSU1 Power       | 94h | ok  | 10.1 | 110 Watts, Presence detected
PSU2 Status      | 95h | ok  | 10.2 | Presence detected, Power Supply AC lost
Watchdog         | 96h | ok  |  7.1 |
Odd              | 97h | ok  |  7.1 | 12
Flow             | 98h | ok  | 30.1 | 9.50 liters
BMC              | 00h | ok  |  7.1 | Dynamic MC @ 20h
"""
SENSOR = """\
CPU Temp         | 45.000     | degrees C  | ok    | 0.000     | 5.000     | 10.000    | 85.000    | 90.000    | 95.000
FAN 2            | na         | RPM        | na    | 300.000   | 500.000   | na        | na        | 25300.0   | 25400.0
PS1 Status       | 0x1        | discrete   | 0x0180| na        | na        | na        | na        | na        | na
PS2 Status       | na         | discrete   | na    | na        | na        | na        | na        | na        | na
Load             | 12.000     | unspecified | ok   | na        | na        | na        | na        | na        | na
12V              | 12.190     | Volts      | ok    | na        | 10.8      | na        | na        | 13.2      | na
"""


def figures(tool: str, output: str) -> dict[str, Figure]:
    return {figure.name: figure for figure in tools.parse(tool, output.encode()).figures}


def values(tool: str, output: str) -> dict[str, Any]:
    return {name: figure.value for name, figure in figures(tool, output).items()}


def test_three_columns() -> None:
    found = values("ipmitool-sdr", SDR)
    assert (found["sensor[CPU Temp].temperature"], found["sensor[12V].voltage"]) == (45.0, 12.19)
    assert (found["sensor[PS1 Status].state"], found["sensor[FAN 1].state"]) == ("0x01", None)
    assert (found["sensor[PCH Load].share"], found["sensor[Inlet].temperature"]) == (41.25, -3.0)
    assert found["sensor[Vcpu].state"] is None


def test_five_columns() -> None:
    found = figures("ipmitool-sdr", ELIST)
    assert (found["sensor[PSU1 Power].power"].value, found["sensor[PSU1 Power].power"].unit) == (110.0, "W")
    assert found["sensor[PSU2 Status].state"].value == "Presence detected, Power Supply AC lost"
    assert found["sensor[Watchdog].state"].value == ""
    assert found["sensor[BMC].state"].value == "Dynamic MC @ 20h"
    assert found["sensor[Odd].state"].reason == "Garbled: a number without a unit"
    assert found["sensor[Flow].state"].reason == "Garbled: no unit that we know: 'liters'"


def test_thresholds() -> None:
    found = figures("ipmitool-sensor", SENSOR)
    assert found["sensor[CPU Temp].temperature"].value == 45.0
    assert [found[f"sensor[CPU Temp].{name}"].value for name in ipmi_sdr.THRESHOLDS] == [
        0.0,
        5.0,
        10.0,
        85.0,
        90.0,
        95.0,
    ]
    assert (found["sensor[FAN 2].speed"].value, found["sensor[FAN 2].speed"].reason) == (None, "na: no reading")
    assert (found["sensor[FAN 2].lower_critical"].value, found["sensor[FAN 2].lower_critical"].unit) == (500.0, "rpm")
    assert "sensor[FAN 2].lower_non_critical" not in found
    assert (found["sensor[PS1 Status].state"].value, found["sensor[PS2 Status].state"].value) == ("0x0180", None)
    assert found["sensor[Load].state"].reason == "Garbled: no unit that we know: 'unspecified'"
    assert found["sensor[12V].upper_critical"].value == 13.2


@pytest.mark.parametrize("noise", ["a | b", "1|2|3|4|5|6|7|8|9|10"])
@pytest.mark.parametrize("where", [0, 2])
def test_an_odd_line_does_not_hide_the_table(noise: str, where: int) -> None:
    rows = ELIST.splitlines()
    found = figures("ipmitool-sdr", "\n".join([*rows[:where], noise, *rows[where:]]))
    assert found["sensor[CPU Temp].temperature"].value == 45.0
    assert found[f"sensor[line {where + 1}].value"].reason == "Garbled: not a line of `sdr elist` nor of `sdr`"


def test_messages_of_the_tool_are_no_sensors_and_no_events() -> None:
    noise = "SDRR successfully erased\nErr in cmd get sensor sdr info\n"
    assert values("ipmitool-sdr", noise + ELIST) == values("ipmitool-sdr", ELIST)
    assert values("ipmitool-sel", noise + LOG) == values("ipmitool-sel", LOG)
    assert ipmi_sel.log_critical(noise).value == 0
    with pytest.raises(Garbled, match="no line of `ipmitool sel`"):
        tools.parse("ipmitool-sel", noise.encode())


@pytest.mark.parametrize("output", ["", "\n", "Error: Unable to establish IPMI v2 / RMCP+ session\n", SENSOR])
def test_what_is_no_list_of_sensors_is_refused(output: str) -> None:
    with pytest.raises(Garbled, match="no line of `ipmitool sdr elist`"):
        tools.parse("ipmitool-sdr", output.encode())


def test_other_tables_are_not_a_table_of_thresholds() -> None:
    with pytest.raises(Garbled, match="no line of `ipmitool sensor`"):
        tools.parse("ipmitool-sensor", ELIST.encode())


LOG = """\
   1 | Pre-Init  |0000000012| Power Supply #0x65 | Presence detected | Asserted
   2 | 11/22/2026 | 10:20:30 | Event Logging Disabled #0x72 | Log area reset/cleared | Asserted
   3 | 11/23/2026 | 10:20:30 | Temperature CPU1 Temp | Upper Critical going high | Asserted | Reading 98 > Threshold 95
   4 | 11/23/2026 | 10:21:30 | Temperature CPU1 Temp | Upper Critical going high | Deasserted | Reading 90 > 95
   5 | 11/23/2026 | 10:22:30 | Temperature CPU1 Temp | Upper Non-critical going high | Asserted
   a | 11/23/2026 | 10:23:30 | Memory #0x53 | Uncorrectable ECC | Asserted
   b | OEM record e0 | 0102030405060708090a0b0c0d
   c | 11/23/26 | 10:19:30 UTC | System Event | Timestamp Clock Sync | Asserted
   d | 11/23/2026 | 01:02:03 PM | Fan #0x41 | Lower Non-recoverable going low  | Asserted
"""


def test_the_log() -> None:
    found = values("ipmitool-sel", LOG)
    assert (found["entries"], found["critical"], found["critical_standing"]) == (9, 3, 2)
    assert (found["in_order"], found["cleared_at_entry"]) == (False, "2")
    assert found["entry[1].time"] is None
    assert found["entry[2].time"] == "2026-11-22T10:20:30"
    assert found["entry[8].time"] == "2026-11-23T10:19:30 UTC"
    assert found["entry[9].time"] == "2026-11-23T13:02:03"
    assert found["entry[3].event"].endswith("| Asserted | Reading 98 > Threshold 95")
    assert (
        figures("ipmitool-sel", LOG)["entry[7].time"].reason == "an entry without a time: the BMC's clock was not set"
    )


def test_what_stands_is_not_what_has_gone() -> None:
    assert ipmi_sel.log_critical(LOG).value == 3
    assert "Uncorrectable" in ipmi_sel.log_standing(LOG).raw
    assert "CPU1" not in ipmi_sel.log_standing(LOG).raw
    assert ipmi_sel.log_in_order(LOG).value is False
    assert ipmi_sel.log_in_order("\n".join(LOG.splitlines()[1:6])).value is True


def test_an_empty_log_says_so() -> None:
    assert values("ipmitool-sel", "SEL has no entries\n")["entries"] == 0
    with pytest.raises(Garbled, match="no line of `ipmitool sel`"):
        tools.parse("ipmitool-sel", b"")


@pytest.mark.parametrize("line", ["x | 11/23/2026 | 10:20:30 | a | b", "1 | 11/23/2026"])
def test_what_is_no_log_is_refused(line: str) -> None:
    with pytest.raises(Garbled, match="not a line of `sel elist`"):
        tools.parse("ipmitool-sel", f"{LOG}{line}\n".encode())


@pytest.mark.parametrize(
    ("tool", "output"), [("ipmitool-sdr", ELIST), ("ipmitool-sensor", SENSOR), ("ipmitool-sel", LOG)]
)
def test_cut_off_anywhere_it_reads_or_refuses(tool: str, output: str) -> None:
    whole = values(tool, output)
    for end in range(len(output)):
        try:
            found = tools.parse(tool, output[:end].encode()).figures
        except DriverError:
            continue
        numbers = [f for f in found if isinstance(f.value, float) and f.unit is not None and f.unit != "1"]
        assert all(whole[figure.name] == figure.value for figure in numbers[:-1])


def test_a_long_output_is_read_again_instead_of_kept() -> None:
    long = ELIST * (2**20 // len(ELIST) + 1)
    found = tools.parse("ipmitool-sdr", long.encode()).figures
    assert isinstance(found, Reread)
    assert len(found) == sum(1 for _ in found) == 7 * long.count("CPU Temp")
    assert found[0].name == "sensor[CPU Temp].temperature"
    assert found[-1].name.startswith("sensor[BMC#")
    assert [figure.value for figure in found[:2]] == [45.0, 110.0]
    with pytest.raises(IndexError):
        found[len(found)]
    with pytest.raises(Garbled):
        tools.parse("ipmitool-sdr", b"x\n" * 2**20)


LINES = st.lists(st.lists(st.text(max_size=12), max_size=12).map(" | ".join), max_size=12).map("\n".join)


@pytest.mark.parametrize("tool", [name for name in tools.TOOLS if name.startswith(("ipmitool", "busctl", "obmcutil"))])
@given(output=st.one_of(st.binary(), LINES.map(str.encode), st.text().map(lambda t: t.encode("utf-16"))))
def test_any_bytes_are_figures_or_an_error(tool: str, output: bytes) -> None:
    try:
        found = tools.parse(tool, output).figures
    except DriverError:
        return
    for figure in found:
        assert figure.value is not None or figure.reason
        assert not isinstance(figure.value, float) or abs(figure.value) < 1e300
