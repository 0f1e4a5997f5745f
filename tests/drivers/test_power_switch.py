"""Power orders of the three kinds of BMC, and the proof that they were followed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest

from drivers.addresses import parse
from drivers.bmcs import ipmitool, openbmc
from drivers.bmcs.ipmitool import Ipmitool
from drivers.bmcs.openbmc import OpenBmc
from drivers.bmcs.redfish import RedfishBmc
from drivers.errors import DeviceRefused, UsageError
from drivers.options import Options
from drivers.protocols import PowerOrder
from drivers.ssh import SshTransport
from tests.drivers import bmc_trees as trees
from tests.drivers.redfish_server import redfish_server
from tests.drivers.scripted import Scripted, StillClock, said

TARGET = f"{trees.ROOT}/Systems/System.Embedded.1/Actions/ComputerSystem.Reset"
SYSTEM = f"{trees.ROOT}/Systems/System.Embedded.1"


def ipmi(*script: Any) -> tuple[Ipmitool, Scripted, StillClock]:
    transport, clock = Scripted(list(script)), StillClock()
    return Ipmitool(cast("SshTransport", transport), clock), transport, clock


def state(word: str) -> Any:
    return said(ipmitool.POWER_STATE, f"Chassis Power is {word}\n")


def test_off_is_read_back() -> None:
    device, transport, clock = ipmi(
        said("ipmitool chassis power off", "Down/Off\n"), state("on"), state("on"), state("off")
    )
    assert device.switch_power("off", 30).value == "off"
    assert clock.elapsed == 4.0
    transport.assert_done()


def test_a_cycle_is_seen_dark() -> None:
    device, transport, clock = ipmi(
        said("ipmitool chassis power off", ""),
        state("off"),
        said("ipmitool chassis power on", ""),
        state("off"),
        state("on"),
    )
    assert device.switch_power("cycle", 30).value == "on"
    assert clock.elapsed >= 5.0
    transport.assert_done()


def test_an_order_that_is_not_followed_is_told() -> None:
    device, _, clock = ipmi(said("ipmitool chassis power soft", ""), *[state("on")] * 6)
    with pytest.raises(DeviceRefused, match="10 s after the order 'soft' the power is on"):
        device.switch_power("soft", 10)
    assert clock.elapsed == 10.0


def test_an_order_that_is_refused_is_told() -> None:
    device, _, _ = ipmi(
        said("ipmitool chassis power on", "", 1, "Set Chassis Power Control to Up/On failed: Node busy")
    )
    with pytest.raises(DeviceRefused, match="Node busy"):
        device.switch_power("on", 10)


def test_an_unknown_order_is_never_sent() -> None:
    device, transport, _ = ipmi()
    with pytest.raises(UsageError, match="no such order 'reset'; known: on, off, soft, cycle"):
        device.switch_power(cast("PowerOrder", "reset"), 10)
    transport.assert_done()


def test_openbmc_asks_for_transitions() -> None:
    transport = _Shell()
    device = OpenBmc(cast("SshTransport", transport), StillClock())
    assert device.switch_power("cycle", 30).value == "on"
    assert transport.ordered == ["Transition.Off", "Transition.On"]
    assert device.switch_power("soft", 30).value == "off"
    assert transport.ordered[-1] == "Transition.Off"


class _Shell:
    """A shell whose chassis follows what it is asked for, one look later."""

    address = "test://device"

    def __init__(self) -> None:
        self.ordered: list[str] = []
        self._is, self._becomes = "On", "On"

    def run(self, command: str, stdin: str | None = None, timeout: float | None = None) -> Any:
        assert command.startswith("busctl set-property xyz.openbmc_project.State.")
        self.ordered.append(".".join(command.split(".")[-2:]))
        self._becomes = self.ordered[-1].rpartition(".")[2]
        return said(command, "")[1]

    def ask(self, queries: Any) -> dict[str, Any]:
        reply = said(openbmc.POWER_STATE, f's "xyz.openbmc_project.State.Chassis.PowerState.{self._is}"\n')[1]
        self._is = self._becomes
        return dict.fromkeys(queries, reply)


@contextmanager
def served(action: dict[str, Any], status: int = 204, *, obeys: bool = True) -> Iterator[tuple[RedfishBmc, list[str]]]:
    tree, asked = trees.dell(), list[str]()
    tree[SYSTEM]["Actions"] = {"#ComputerSystem.Reset": {"target": TARGET, **action}}
    tree["/redfish/v1/info"] = {"Parameters": [{"Name": "ResetType", "AllowableValues": ["On", "PushPowerButton"]}]}

    def reset(body: Any) -> int:
        asked.append(body["ResetType"])
        if obeys:
            tree[SYSTEM]["PowerState"] = "On" if body["ResetType"] == "On" else "Off"
        return status

    with redfish_server(tree, actions={TARGET: reset}) as server:
        device = RedfishBmc.connect(parse(f"redfish+http://127.0.0.1:{server.port}"), Options(), StillClock())
        try:
            yield device, asked
        finally:
            device.close()


@pytest.mark.parametrize(
    ("order", "resets", "ends"),
    [
        ("on", ["On"], "on"),
        ("off", ["ForceOff"], "off"),
        ("soft", ["GracefulShutdown"], "off"),
        ("cycle", ["ForceOff", "On"], "on"),
    ],
)
@pytest.mark.parametrize("status", [200, 202, 204])
def test_redfish_resets(order: PowerOrder, resets: list[str], ends: str, status: int) -> None:
    with served({}, status) as (device, asked):
        assert device.switch_power(order, 10).value == ends
    assert asked == resets


def test_only_what_the_service_allows_is_asked_for() -> None:
    allowed = {"ResetType@Redfish.AllowableValues": ["On", "PushPowerButton"]}
    for action in (allowed, {"@Redfish.ActionInfo": "/redfish/v1/info"}):
        with served(action) as (device, asked):
            assert device.switch_power("soft", 10).value == "off"
            with pytest.raises(DeviceRefused, match="no reset for 'off'; it has On, PushPowerButton"):
                device.switch_power("off", 10)
        assert asked == ["PushPowerButton"]


def test_a_service_that_refuses_or_does_nothing_is_told() -> None:
    with served({}, 400) as (device, _), pytest.raises(DeviceRefused, match="status 400"):
        device.switch_power("off", 10)
    with served({}, obeys=False) as (device, _), pytest.raises(DeviceRefused, match="10 s after the order 'off'"):
        device.switch_power("off", 10)
