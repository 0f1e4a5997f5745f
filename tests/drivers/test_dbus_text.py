import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import tools
from drivers.bmcs import dbus_text, obmcutil
from drivers.errors import DriverError, Garbled, NoReading


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("d 1504", 1504.0),
        ("d nan", None),
        ("d -inf", None),
        ("t 1795435203250000", 1795435203250000),
        ("b false", False),
        (r's "a \"b\" \\ \303\244 \n"', 'a "b" \\ \u00c3\u00a4 \n'),
        ('as 2 "a" "b"', ["a", "b"]),
        ("as 0", []),
        ('a(su) 1 "x" 7', [["x", 7]]),
        ('v s "x"', "x"),
        ('a{sv} 2 "Value" d 21.5 "List" ai 2 1 2', {"Value": 21.5, "List": [1, 2]}),
        ('a{oa{sa{sv}}} 1 "/a" 1 "x.Y" 1 "Z" b true', {"/a": {"x.Y": {"Z": True}}}),
        ('ss "a" "b"', ["a", "b"]),
    ],
)
def test_values_after_their_signature(text: str, value: Any) -> None:
    assert dbus_text.value(text) == value


MISFITS = [
    "",
    "x",
    "d",
    "d x",
    "s x",
    'd "1"',
    "b 1",
    's "a" "b"',
    "as 2 1",
    'as 3 "a"',
    "a{sv} 1",
    "(s",
    "a",
    "a{s} 0",
]
MISFITS += [
    "a{vs} 0",
    "a{sv}" * 40,
    "v " * 200 + "d 1",
    "as 999999999",
    "(" * 100 + "d 1",
    "t 1.5",
    "d 1 2",
    "Call failed: no",
]


@pytest.mark.parametrize("text", MISFITS)
def test_what_does_not_fit_its_signature_is_refused(text: str) -> None:
    with pytest.raises(Garbled):
        dbus_text.value(text)


@pytest.mark.parametrize(
    "output",
    ["", "[1]", '{"type":"d"}', '{"a":1}', '{"type":"d","data":1', '{"type":"d","data":1}x', "Call failed: no"],
)
def test_what_is_no_output_of_busctl_is_refused(output: str) -> None:
    with pytest.raises(Garbled):
        tools.parse("busctl", output.encode())


def test_several_replies_in_one_output() -> None:
    found = tools.parse("busctl", b'{"type":"d","data":1.5}\n{"type":"s","data":"x"}\n').figures
    assert [figure.value for figure in found] == [1.5, "x"]


def test_a_property_called_type_is_not_a_type() -> None:
    reply = {"type": "a{oa{sa{sv}}}", "data": [{"/a": {"x.Y": {"type": {"type": "s", "data": "q"}}}}]}
    (figure,) = tools.parse("busctl", json.dumps(reply).encode()).figures
    assert (figure.name, figure.value) == ("object[/a].Y.type", "q")


TABLE = """\
NAME                             TYPE      SIGNATURE RESULT/VALUE                             FLAGS
org.freedesktop.DBus.Peer        interface -         -                                        -
.Ping                            method    -         -                                        -
xyz.openbmc_project.Sensor.Value interface -         -                                        -
.MaxValue                        property  d         inf                                      emits-change writable
.Unit                            property  s         "xyz.openbmc_project.Sensor.Value.Uni… emits-change
.Value                           property  d         1504                                     emits-change writable
"""


def test_the_table_of_introspect() -> None:
    found = {figure.name: figure for figure in tools.parse("busctl", TABLE.encode()).figures}
    assert found["object[/].Value.Value"].value == 1504.0
    assert found["object[/].Value.MaxValue"].value is None
    assert (found["object[/].Value.Unit"].reason or "").startswith("Garbled")


STATE = """\
CurrentBMCState     : xyz.openbmc_project.State.BMC.BMCState.Ready
CurrentPowerState   : xyz.openbmc_project.State.Chassis.PowerState.Off
CurrentHostState    : xyz.openbmc_project.State.Host.HostState.Quiesced
BootProgress        : xyz.openbmc_project.State.Boot.Progress.ProgressStages.Unspecified
OperatingSystemState: xyz.openbmc_project.State.OperatingSystem.Status.OSStatus.Inactive
Unrelated: 1
"""


def test_states_of_obmcutil() -> None:
    found = {figure.name: figure.value for figure in tools.parse("obmcutil", STATE.encode()).figures}
    assert found == {
        "bmc_state": "Ready",
        "power_state": "off",
        "host_state": "Quiesced",
        "boot_progress": None,
        "os_state": "Inactive",
    }
    with pytest.raises(Garbled, match="no line of `obmcutil state`"):
        tools.parse("obmcutil", b"Usage: obmcutil\n")
    with pytest.raises(NoReading, match="shows no BootProgress"):
        obmcutil.state(STATE.replace("BootProgress", "Boot"), "BootProgress")


@given(
    signature=st.text("ybnqiuxtdsogvha(){}", max_size=10),
    words=st.lists(
        st.one_of(st.integers().map(str), st.floats().map(str), st.text(max_size=5).map(json.dumps)), max_size=10
    ),
)
def test_any_signature_is_a_value_or_an_error(signature: str, words: list[str]) -> None:
    try:
        dbus_text.value(" ".join([signature, *words]))
    except DriverError:
        return
