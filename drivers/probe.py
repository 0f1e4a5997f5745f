"""Find out which model stands behind an address, by questions that change nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.addresses import Address
from drivers.errors import Silent
from drivers.options import Options

if TYPE_CHECKING:
    from drivers.ssh import Completed

_SYS_DESCR, _SYS_OBJECT_ID = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The model that would read this device, None where we have none, and what it said about itself."""

    model: str | None
    description: str


def propose(address: Address, options: Options) -> Proposal:
    """Ask the device what it is. Raises what the path, the login or the address raise."""
    ways: dict[str, Callable[[Address, Options], Proposal]] = {"visa": _visa, "snmp": _snmp, "ssh": _ssh}
    return ways[address.scheme](address, options)


def _visa(address: Address, options: Options) -> Proposal:
    from drivers.visa import IDENTIFY, VisaTransport  # noqa: PLC0415 - each transport is heavy, one is needed

    transport = VisaTransport.open(address, options)
    try:
        said = transport.query(IDENTIFY)
    finally:
        transport.close()
    maker, _, rest = said.upper().partition(",")
    known = maker.strip().startswith("YOKOGAWA") and rest.strip().startswith("WT3")
    return Proposal("wt300e" if known else None, said)


def _snmp(address: Address, options: Options) -> Proposal:
    from drivers import entity_sensor as es  # noqa: PLC0415 - see above
    from drivers.if_table import DESCR  # noqa: PLC0415
    from drivers.snmp import SnmpTransport  # noqa: PLC0415

    transport = SnmpTransport(address, options)
    try:
        replies = transport.ask([_SYS_DESCR, _SYS_OBJECT_ID, *es.STRUCTURE, DESCR])
    finally:
        transport.close()
    names = {es.plain_name(sensor.name) for sensor in es.sensors(replies)}
    ports = replies[DESCR]
    counts = f"{len(names)} sensors, {len(ports) if isinstance(ports, dict) else 0} interfaces"
    description = f"{es.text(replies[_SYS_DESCR])} ({replies[_SYS_OBJECT_ID]}; {counts})"
    return Proposal(_agent(names, has_ports=bool(ports) and isinstance(ports, dict)), description)


def _agent(names: set[str], *, has_ports: bool) -> str | None:
    if "secondary flow" in names:
        return "entity-cdu"
    if "output power" in names and "output voltage" in names:
        return "entity-shelf"
    return "switch-mib" if has_ports else None


_SHELL = (
    # From the most special to the most general: a BMC and a GPU host are Linux too.
    ("openbmc", "cat /etc/os-release", "openbmc"),
    ("nvidia-host", "nvidia-smi --query-gpu=name --format=csv,noheader", ""),
    ("ipmitool", "ipmitool mc info", "firmware revision"),
    ("linux-host", "uname -r", ""),
)


def _ssh(address: Address, options: Options) -> Proposal:
    from drivers.ssh import SshTransport  # noqa: PLC0415 - see above

    transport = SshTransport.open(address, options)
    try:
        return _shell(transport.run, jump_host="ipmi" in address.query)
    finally:
        transport.close()


def _shell(run: "Callable[[str], Completed]", *, jump_host: bool) -> Proposal:
    said = ""
    for model, command, word in _SHELL:
        try:
            done = run(command)
        except Silent:
            continue  # a tool that hangs says nothing about the others
        said = done.stdout.strip() or said
        if done.status == 0 and word in done.stdout.lower():
            return Proposal("ipmitool" if jump_host else model, said)
    return Proposal(None, said)
