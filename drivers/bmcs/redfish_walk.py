"""Where things are behind a Redfish BMC: systems, their parts, chassis, sensors, logs (DMTF DSP0268)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from drivers import redfish_leaks
from drivers.errors import DriverError
from drivers.redfish import ROOT
from drivers.redfish_survey import Node, Reader
from drivers.redfish_values import entry, key, link, listed, text

MOST_ENTRIES = 65536
"""Entries of one log: the record ids of a system event log have 16 bits."""

ROWS = {
    # Resource of a chassis, arrays of it: what services had before there were Sensors.
    "Thermal": ("Temperatures", "Fans"),
    "Power": ("Voltages",),
}

_URIS = {name: f"{ROOT}{name}" for name in ("Systems", "Chassis", "Managers", "UpdateService", "SessionService")}
_URIS["Tasks"] = f"{ROOT}TaskService"

Held = tuple[str, Node]
"""The name of what holds a resource, and the resource."""


def walk(kind: str, reader: Reader) -> Iterable[Node]:
    """Walk to the resources of a kind."""
    return _WALKS[kind](reader)


def _service(reader: Reader, name: str) -> str:
    """Return where a service or collection is: as the root says, else where the schema has it (DSP0268, URIs)."""
    return link(reader.get(ROOT), name) or _URIS[name]


def _members(kind: str, name: str) -> Callable[[Reader], Iterator[Node]]:
    return lambda reader: reader.members(kind, _service(reader, name))


def systems(reader: Reader) -> Iterator[Node]:
    """Yield the computer systems."""
    return _members("system", "Systems")(reader)


def chassis(reader: Reader) -> Iterator[Node]:
    """Yield the chassis."""
    return _members("chassis", "Chassis")(reader)


def managers(reader: Reader) -> Iterator[Node]:
    """Yield the managers."""
    return _members("manager", "Managers")(reader)


def _of_systems(kind: str, name: str) -> Callable[[Reader], Iterator[Node]]:
    return lambda reader: apart(_held(kind, name, systems(reader), reader))


def _held(kind: str, name: str, holders: Iterable[Node], reader: Reader) -> Iterator[Held]:
    for holder in holders:
        for node in reader.members(kind, link(holder.body, name)):
            yield holder.key, node


def apart(held: Iterable[Held]) -> Iterator[Node]:
    """Put the holder's name before a key that several holders use."""
    found = list(held)
    holders: dict[str, set[str]] = {}
    for holder, node in found:
        holders.setdefault(node.key, set()).add(holder)
    for holder, node in found:
        clashes = node.key and holder and len(holders[node.key]) > 1
        yield replace(node, key=f"{holder}/{node.key}") if clashes else node


def _drives(reader: Reader) -> Iterator[Node]:
    def found() -> Iterator[Held]:
        for system in systems(reader):
            for storage in reader.members("storage", link(system.body, "Storage")):
                for drive in listed(entry(storage.body, "Drives")):
                    if (path := link(drive)) is not None:
                        body = reader.get(path)
                        yield storage.key, Node("drive", key(body, path), path, body)

    return apart(found())


def rows(kind: str, path: str | None, name: str, reader: Reader) -> Iterator[Node]:
    """Yield the rows of an array that an older resource has, by the name that they give themselves."""
    found = listed(entry(reader.get(path), name)) if path else []
    names = Counter(row_name(row) for row in found)
    for place, row in enumerate(found):
        if isinstance(row, dict):
            said = row_name(row) or str(place)
            own = f"{said} {text(row, 'MemberId') or place}" if names[said] > 1 else said
            yield Node(kind, own, f"{path}#/{name}/{place}", row)


def row_name(row: Any) -> str:
    """Return the name of a row: of its own, else its number."""
    return text(row, "Name") or text(row, "FanName") or text(row, "MemberId")


def _sensors(reader: Reader) -> Iterator[Node]:
    def found() -> Iterator[Held]:
        for holder in chassis(reader):
            own = list(reader.members("sensor", link(holder.body, "Sensors")))
            yield from ((holder.key, node) for node in own)
            names = {name for node in own for name in _names(node.body)}
            for node in _older(holder, reader):
                if not names & _names(node.body):
                    yield holder.key, node

    return apart(found())


def _older(holder: Node, reader: Reader) -> Iterator[Node]:
    for resource, arrays in ROWS.items():
        for name in arrays:
            yield from rows("sensor", link(holder.body, resource), name, reader)


def moved(node: Node) -> bool:
    """Tell whether another row stands now where this one stood."""
    if "#" not in node.path or not isinstance(node.body, dict):
        return False
    name = row_name(node.body)
    return bool(name) and name not in node.key


def _names(body: Any) -> set[str]:
    said = (text(body, name) for name in ("Name", "Id", "FanName"))
    return {name.lower().replace("_", " ") for name in said if name}


def _supplies(reader: Reader) -> Iterator[Node]:
    def found() -> Iterator[Held]:
        for holder in chassis(reader):
            subsystem = reader.get(link(holder.body, "PowerSubsystem"))
            own = list(reader.members("psu", link(subsystem, "PowerSupplies")))
            yield from ((holder.key, node) for node in own)
            names = {name for node in own for name in (node.key, text(node.body, "Name"))}
            for row in rows("psu", link(holder.body, "Power"), "PowerSupplies", reader):
                if not names & {row.key, text(row.body, "MemberId")}:
                    yield holder.key, row

    return apart(found())


def _metrics(reader: Reader) -> Iterator[Node]:
    for node in _supplies(reader):
        if (path := link(node.body, "Metrics")) is not None:
            yield Node("metrics", node.key, path, reader.get(path))


def _controls(reader: Reader) -> Iterator[Node]:
    held = (
        (holder.key, row)
        for holder in chassis(reader)
        for row in rows("power_control", link(holder.body, "Power"), "PowerControl", reader)
    )
    return apart(held)


def _fans(reader: Reader) -> Iterator[Node]:
    def found() -> Iterator[Held]:
        for holder in chassis(reader):
            subsystem = reader.get(link(holder.body, "ThermalSubsystem"))
            own = list(reader.members("fan", link(subsystem, "Fans")))
            yield from ((holder.key, node) for node in own)
            names = {name for node in own for name in _names(node.body)}
            for row in rows("fan", link(holder.body, "Thermal"), "Fans", reader):
                if not names & _names(row.body):
                    yield holder.key, row

    return apart(found())


def _metrics_of(kind: str, holders: Iterable[Node], reader: Reader) -> Iterator[Held]:
    for holder in holders:
        if (path := link(holder.body, "EnvironmentMetrics")) is not None:
            yield holder.kind, Node(kind, holder.key, path, reader.get(path))


def _chassis_environment(reader: Reader) -> Iterator[Node]:
    return (node for _, node in _metrics_of("chassis_environment", chassis(reader), reader))


def _environment(reader: Reader) -> Iterator[Node]:
    parts = (*_of_systems("processor", "Processors")(reader), *_of_systems("memory", "Memory")(reader))
    return apart(_metrics_of("environment", (*chassis(reader), *parts), reader))


def _logs(reader: Reader) -> Iterator[Node]:
    return apart(_held("log", "LogServices", (*systems(reader), *managers(reader), *chassis(reader)), reader))


def entries(log: Node, reader: Reader) -> Iterator[Node]:
    """Yield the entries of a log; their key begins with that of the log, and ends so where the log fails."""
    path = link(log.body, "Entries")
    nodes = list(reader.members("log_entry", path, MOST_ENTRIES))
    if not nodes and isinstance(body := reader.get(path), DriverError):
        nodes = [Node("log_entry", "", path or log.path, body)]  # none that can be read is not none
    yield from (replace(node, key=f"{log.key}/{node.key}") for node in nodes)


def _below_service(kind: str, service: str, name: str) -> Callable[[Reader], Iterator[Node]]:
    return lambda reader: reader.members(kind, link(reader.get(_service(reader, service)), name))


def _root(reader: Reader) -> Iterator[Node]:
    yield Node("root", "root", ROOT, reader.get(ROOT))


def _leaks(reader: Reader) -> Iterator[Node]:
    bodies = [node.body for node in chassis(reader) if not isinstance(node.body, DriverError)]
    return redfish_leaks.detectors(reader, bodies)


_WALKS: dict[str, Callable[[Reader], Iterable[Node]]] = {
    "root": _root,
    "system": systems,
    "chassis": chassis,
    "manager": managers,
    "processor": _of_systems("processor", "Processors"),
    "memory": _of_systems("memory", "Memory"),
    "drive": _drives,
    "sensor": _sensors,
    "psu": _supplies,
    "metrics": _metrics,
    "psu_sensor": lambda _: (),
    "power_control": _controls,
    "fan": _fans,
    "chassis_environment": _chassis_environment,
    "environment": _environment,
    "leak_detector": _leaks,
    "log": _logs,
    "firmware": _below_service("firmware", "UpdateService", "FirmwareInventory"),
    "task": _below_service("task", "Tasks", "Tasks"),
    "session": _below_service("session", "SessionService", "Sessions"),
}
