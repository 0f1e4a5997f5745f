"""Every model that we drive, by name; a driver's module is imported when its model is asked for."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, cast

from drivers.addresses import Address, parse
from drivers.errors import DeviceRefused, UsageError, WrongDevice
from drivers.options import Options
from drivers.points import Clock, Device

_CLASSES = {
    "accelerator-host": "drivers.hosts.accelerator_host:AcceleratorHost",
    "amd-host": "drivers.hosts.amd:AmdHost",
    "apc-cpdu": "drivers.pdus.apc_cpdu:ApcCpdu",
    "apc-inrow": "drivers.cooling.apc:ApcInRow",
    "apc-rpdu": "drivers.pdus.apc:ApcRpdu",
    "apc-rpdu2": "drivers.pdus.apc:ApcRpdu2",
    "arista-eos": "drivers.switches.arista:AristaEos",
    "chroma66205": "drivers.meters.chroma:Chroma66205",
    "cisco-nxos": "drivers.switches.cisco:CiscoNxos",
    "cumulus": "drivers.switches.cumulus:Cumulus",
    "dell-os10": "drivers.switches.dell:DellOs10",
    "eaton-epdu": "drivers.pdus.eaton:EatonEpdu",
    "enlogic": "drivers.pdus.enlogic:Enlogic",
    "entity-cdu": "drivers.cooling.entity:EntityCdu",
    "entity-shelf": "drivers.shelves.entity:EntityShelf",
    "geist": "drivers.pdus.geist:Geist",
    "geist-v3": "drivers.pdus.geist_v3:GeistV3",
    "infiniivision": "drivers.scopes.infiniivision:InfiniiVision",
    "ipmitool": "drivers.bmcs.ipmitool:Ipmitool",
    "juniper-junos": "drivers.switches.juniper:JuniperJunos",
    "liebert-pdu": "drivers.pdus.liebert:LiebertPdu",
    "linux-host": "drivers.hosts.linux:LinuxHost",
    "lmg600": "drivers.meters.zes:Lmg600",
    "nvidia-host": "drivers.hosts.nvidia:NvidiaHost",
    "nvos": "drivers.switches.nvos:Nvos",
    "ocnos": "drivers.switches.ipinfusion:OcNos",
    "openbmc": "drivers.bmcs.openbmc:OpenBmc",
    "orion": "drivers.shelves.delta:Orion",
    "pa2203a": "drivers.meters.keysight:Pa2203a",
    "pw3390": "drivers.meters.hioki:Pw3390",
    "pw8001": "drivers.meters.hioki:Pw8001",
    "raritan-px1": "drivers.pdus.raritan_px1:RaritanPx1",
    "raritan-px2": "drivers.pdus.raritan:RaritanPx2",
    "redfish-bmc": "drivers.bmcs.redfish:RedfishBmc",
    "redfish-cdu": "drivers.cooling.redfish:RedfishCdu",
    "redfish-shelf": "drivers.shelves.redfish:RedfishShelf",
    "rittal-lcp": "drivers.cooling.rittal:RittalLcp",
    "scpi-meter": "drivers.meters.scpi_meter:ScpiMeter",
    "sentry3": "drivers.pdus.sentry3:Sentry3",
    "sentry4": "drivers.pdus.servertech:Sentry4",
    "snmp-cdu": "drivers.cooling.described:SnmpCdu",
    "sonic": "drivers.switches.sonic:Sonic",
    "switch-mib": "drivers.switches.mib:SwitchMib",
    "wt1800e": "drivers.meters.yokogawa_wt:Wt1800e",
    "wt300e": "drivers.meters.yokogawa:Wt300e",
    "wt500": "drivers.meters.yokogawa_wt:Wt500",
    "wt5000": "drivers.meters.yokogawa_wt:Wt5000",
}

_DESCRIBED = frozenset({"scpi-meter", "snmp-cdu", "accelerator-host"})
"""Models that a file may describe: `scpi-meter:FILE`."""

_CANDIDATES = {
    # From the most special to the most general; one `*IDN?` serves them all.
    "visa": (
        *("wt300e", "wt500", "wt1800e", "wt5000", "lmg600", "pw3390", "pw8001", "pa2203a", "chroma66205"),
        "infiniivision",
    ),
    "snmp": ("entity-cdu", "entity-shelf", "switch-mib"),
    # From the most special to the most general: a BMC and a GPU host are Linux too.
    "ssh": ("openbmc", "nvos", "nvidia-host", "amd-host", "accelerator-host", "ipmitool", "linux-host"),
    "redfish": ("redfish-cdu", "redfish-shelf", "redfish-bmc"),
}

_TOOL_OF = {
    "nvos": "nv",
    "nvidia-host": "nvidia-smi",
    "amd-host": "amd-smi",
    "accelerator-host": "hl-smi",
    "ipmitool": "ipmitool",
}
"""The tool without which a shell is not that model."""

_OF_ENTERPRISE = {
    "232": ("snmp-cdu",),
    "318": ("apc-rpdu2", "apc-cpdu", "apc-rpdu", "apc-inrow"),
    "476": ("liebert-pdu",),
    "534": ("eaton-epdu",),
    "1718": ("sentry4", "sentry3"),
    "2606": ("rittal-lcp",),
    "13742": ("raritan-px2", "raritan-px1"),
    "20246": ("orion",),
    "21239": ("geist", "geist-v3"),
    "38446": ("enlogic",),
}
"""What an SNMP agent may be by the enterprise in its sysObjectID, asked before those of any maker."""


_ENTERPRISES = "1.3.6.1.4.1"

_OF_NUMBER = {
    "1718.3": "sentry3",
    "1718.4": "sentry4",
    "13742.4": "raritan-px1",
    "13742.6": "raritan-px2",
    "20246": "orion",
    "318.1.1.32": "apc-cpdu",
    "38446": "enlogic",
    "534.6.6.7": "eaton-epdu",
}
"""Models that a sysObjectID alone tells, for agents whose view shows none of their tables."""


# What sysDescr and sysObjectID tell before anything else is asked. SONiC first: makers' builds carry their own number.
_SWITCHES = ("sonic", "arista-eos", "cisco-nxos", "juniper-junos", "cumulus", "dell-os10", "ocnos")


class Proposal(NamedTuple):
    """The model that reads a device, None where we have none, and what the device said about itself."""

    model: str | None
    description: str


def model(name: str) -> type[Device[Any]]:
    """Return the device class of a model. Raises UsageError with the known ones."""
    if name not in _CLASSES:
        close = difflib.get_close_matches(name, _CLASSES, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise UsageError(f"unknown model {name!r}; {hint}known models: {', '.join(sorted(_CLASSES))}")
    module, _, attribute = _CLASSES[name].partition(":")
    found: type[Device[Any]] = getattr(import_module(module), attribute)
    return found


class _Models(Mapping[str, type[Device[Any]]]):
    """The catalogue as a read-only dict whose values are imported on access."""

    def __getitem__(self, name: str) -> type[Device[Any]]:
        if name not in _CLASSES:
            raise KeyError(name)
        return model(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)

    def __contains__(self, name: object) -> bool:
        described, _, file = name.partition(":") if isinstance(name, str) else ("", "", "")
        return name in _CLASSES or (described in _DESCRIBED and bool(file))


MODELS: Mapping[str, type[Device[Any]]] = _Models()
"""Device classes by model; listing the names imports nothing."""


def open_device(name: str, address: Address | str, options: Options, clock: Clock) -> Device[Any]:
    """Open a device of this model. Raises UsageError, BadAddress, or what the path and the login raise.

    `scpi-meter:FILE`, `snmp-cdu:FILE` and `accelerator-host:FILE` are devices that FILE describes, relative to the
    folder of the options.
    """
    where = parse(address) if isinstance(address, str) else address
    described, _, file = name.partition(":")
    if file and described in _DESCRIBED:
        found: type[Device[Any]] = cast("Any", model(described)).described_in(options.folder / file)
        return found.connect(where, options, clock)
    return model(name).connect(where, options, clock)


def propose(address: Address | str, options: Options, clock: Clock) -> Proposal:
    """Find the model of what answers there, by asking it who it is; nothing is changed.

    Raises BadAddress, or what the path and the login raise.
    """
    where = parse(address) if isinstance(address, str) else address
    if where.scheme == "visa":
        return _propose_instrument(where, options, clock)
    if where.scheme == "snmp" and "ipmi" not in where.query:
        return _propose_agent(where, options, clock)
    return _first_fitting(_candidates(where, options, clock), where, options, clock)


def _candidates(where: Address, options: Options, clock: Clock) -> tuple[str, ...]:
    """Return the models to try where no agent and no instrument answers, in this order."""
    if "ipmi" in where.query:
        return ("ipmitool",)
    if where.scheme == "ssh":
        return _of_shell(where, options, clock)
    return _CANDIDATES[where.scheme.partition("+")[0]]


def _first_fitting(names: Sequence[str], where: Address, options: Options, clock: Clock) -> Proposal:
    """Return the first of these models that the device says to be."""
    said = ""
    for name in names:
        device = open_device(name, where, options, clock)
        try:
            return Proposal(name, device.identify().raw)
        except (WrongDevice, DeviceRefused) as error:
            said = error.received or said
        finally:
            device.close()
    return Proposal(None, said)


def _propose_instrument(where: Address, options: Options, clock: Clock) -> Proposal:
    """Ask `*IDN?` once and look which model's reply that is."""
    first, *others = _CANDIDATES["visa"]
    device = open_device(first, where, options, clock)
    try:
        return Proposal(first, device.identify().raw)
    except WrongDevice as error:
        said = error.received or ""
    finally:
        device.close()
    fitting = (name for name in others if cast("Any", model(name)).recognises(said))
    return Proposal(next(fitting, None), said)


def _of_shell(where: Address, options: Options, clock: Clock) -> tuple[str, ...]:
    """Look once which tools are behind a shell, and return the models that it may be; all where it cannot say."""
    from drivers.hosts.linux import LinuxHost  # noqa: PLC0415

    tools = " ".join(sorted(_TOOL_OF.values()))
    host = LinuxHost.connect(where, options, clock)
    try:
        found = host.run(f"for t in {tools}; do command -v $t; done; echo listed")
    finally:
        host.close()
    there = {line.rpartition("/")[2] for line in found.stdout.split()}
    if "listed" not in there:
        return _CANDIDATES["ssh"]
    return tuple(name for name in _CANDIDATES["ssh"] if name not in _TOOL_OF or _TOOL_OF[name] in there)


def _propose_agent(where: Address, options: Options, clock: Clock) -> Proposal:
    """Ask an SNMP agent for two objects, and then for the tables of the models that it may be."""
    # Listing the models imports no protocol.
    from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID, object_id  # noqa: PLC0415
    from drivers.entity_sensor import text  # noqa: PLC0415
    from drivers.switches.mib import SwitchMib  # noqa: PLC0415

    agent = SwitchMib.connect(where, options, clock)
    try:
        said = agent.transport.ask([SYS_DESCR, SYS_OBJECT_ID])
    finally:
        agent.close()
    descr, root = text(said[SYS_DESCR]), object_id(said[SYS_OBJECT_ID])
    switches = [n for n in _SWITCHES if cast("type[SwitchMib]", model(n)).recognises(descr, root)]
    makers = _OF_ENTERPRISE.get(_enterprise(root), ())
    # A PDU or a UPS has ports too: what a maker of such things calls nothing that we know is not therefore a switch.
    general = [name for name in _CANDIDATES["snmp"] if not makers or name != "switch-mib"]
    found = _first_fitting((*switches, *makers, *general), where, options, clock)
    told = (*switches, *_of_number(root))
    if found.model is None and told:
        return Proposal(told[0], f"{found.description or root}; it shows none of the tables of {told[0]}")
    return found


def _of_number(root: str) -> list[str]:
    return [name for number, name in _OF_NUMBER.items() if f"{root}.".startswith(f"{_ENTERPRISES}.{number}.")]


def _enterprise(root: str) -> str:
    """Return the number of the maker in a sysObjectID, "" where it has none."""
    stem, _, rest = root.partition(f"{_ENTERPRISES}.")
    return rest.partition(".")[0] if not stem else ""
