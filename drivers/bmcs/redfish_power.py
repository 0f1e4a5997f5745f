"""Switching the host behind a Redfish BMC: ComputerSystem.Reset (DMTF DSP0268)."""

from collections.abc import Mapping, Sequence
from typing import Any

from drivers.bmcs.power_switch import Step
from drivers.errors import DeviceRefused, DriverError
from drivers.redfish import RedfishTransport
from drivers.redfish_http import complaint
from drivers.redfish_survey import Node
from drivers.redfish_values import entry, listed, text

RESET_TYPES: Mapping[Step, tuple[str, ...]] = {
    # Resource.ResetType, the first that the service allows; where it does not say, the first.
    "on": ("On", "ForceOn"),
    "off": ("ForceOff",),
    "soft": ("GracefulShutdown", "PushPowerButton"),
}
_TAKEN = frozenset({200, 201, 202, 204})


def reset(transport: RedfishTransport, host: Node, step: Step) -> None:
    """Ask for a reset of the host. Raises DeviceRefused where the service has no such reset, or refuses."""
    action = entry(host.body, "Actions", "#ComputerSystem.Reset")
    target = text(action, "target") or f"{host.path.rstrip('/')}/Actions/ComputerSystem.Reset"
    wanted = _chosen(step, allowed(transport, action), transport.address, target)
    answer = transport.send("POST", target, {"ResetType": wanted})
    if answer.status not in _TAKEN:
        shown = complaint(answer)
        what = f"no {wanted}: {shown}"
        raise DeviceRefused(what, address=transport.address, sent=f"POST {target} {wanted}", received=shown)


def allowed(transport: RedfishTransport, action: Any) -> list[str]:
    """Return the reset types that the service allows, [] where it does not say: beside the action, or in its info."""
    beside = [str(one) for one in listed(entry(action, "ResetType@Redfish.AllowableValues"))]
    info = text(action, "@Redfish.ActionInfo")
    if beside or not info:
        return beside
    body = transport.ask([info])[info]
    if isinstance(body, DriverError):
        return []
    named = [p for p in listed(entry(body, "Parameters")) if text(p, "Name") == "ResetType"]
    return [str(one) for p in named for one in listed(entry(p, "AllowableValues"))]


def _chosen(step: Step, known: Sequence[str], address: str, target: str) -> str:
    for one in RESET_TYPES[step]:
        if one in known or not known:
            return one
    what = f"the service has no reset for {step!r}; it has {', '.join(known)}"
    raise DeviceRefused(what, address=address, sent=f"POST {target}")
