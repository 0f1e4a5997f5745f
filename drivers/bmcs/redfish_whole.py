"""Which resources of a Redfish BMC stand for the whole machine, and what they say. Pure.

A service may show several systems and dozens of chassis: a tray, its boards, each of their chips. The whole is the
system that is not a board of another, and the chassis that hold it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from drivers.bmcs.redfish_makers import Maker, Seen, is_board, maker
from drivers.errors import DriverError, Garbled, NoReading
from drivers.points import Item
from drivers.redfish_survey import Found, Node
from drivers.redfish_values import away, entry, link, listed, number, raised, text

POWER_STATES = {"On": "on", "Off": "off", "PoweringOn": "off", "PoweringOff": "on", "Paused": "on"}
"""Resource.PowerState; on its way a system is still what it was."""

_CONSUMED = (("PowerConsumedWatts",), ("PowerMetrics", "CurConsumedWatts"))
"""PowerControl, Power 1.0 on; the second is AMI's own, beside a null in the first (read: a capture of a B300)."""

_WHOLE_CONTEXTS = frozenset({"", "Chassis", "SystemBoard", "PowerSupply", "PowerSubsystem", "Chassis/PowerSupply"})
_PART = re.compile(r"\b(cpu|processor|memory|dimm|gpu|accelerator|storage|drive|fan|sub-?system)s?\b", re.IGNORECASE)
"""What is named so in PowerControl is a part: XCC and others have a row for each beside that of the whole."""

_FILLERS = frozenset(
    {"", "n/a", "na", "none", "null", "unknown", "not specified", "to be filled by o.e.m.", "default string"}
)


def system(found: Found) -> Node:
    """Return the system that is the host. Raises NoReading where there is none, or what came instead of it."""
    nodes = [node for node in found["system"] if not is_board(node.key)] or list(found["system"])
    good = [node for node in nodes if not isinstance(node.body, DriverError)]
    physical = [node for node in good if text(node.body, "SystemType") in {"", "Physical"}]
    for node in (*physical, *good):
        return node
    if nodes:
        raised(nodes[0].body)
    raise NoReading("the service shows no computer system")


def whose(found: Found) -> Maker:
    """Return the maker by the service root and the host."""
    root: Any = next((node.body for node in found["root"]), {})
    return maker(Seen(root, system(found).body))


def chassis_of(host: Node, found: Found) -> list[Node]:
    """Return the chassis that hold the host, the outermost first: those that it names, and those that name it."""
    nodes = [n for n in found["chassis"] if not isinstance(n.body, DriverError)]
    if not is_board(host.key):  # a baseboard may be all that a service shows; then its chassis is the whole
        nodes = [node for node in nodes if not is_board(node.key)]
    named = set(_links(host.body, "Chassis"))
    holding = [n for n in nodes if n.path in named or _same(host.path, _links(n.body, "ComputerSystems"))]
    holding = holding or [n for n in nodes if link(n.body, "Links", "ContainedBy") is None]
    paths = {n.path.rstrip("/") for n in holding}
    inner = {p for n in holding for p in _links(n.body, "Contains")}
    return sorted(holding, key=lambda n: _within(n, paths) or n.path.rstrip("/") in inner)


def _within(node: Node, paths: set[str]) -> bool:
    return (link(node.body, "Links", "ContainedBy") or "").rstrip("/") in paths


def _links(body: Any, name: str) -> list[str]:
    return [path.rstrip("/") for one in listed(entry(body, "Links", name)) if (path := link(one)) is not None]


def _same(path: str, paths: Iterable[str]) -> bool:
    return path.rstrip("/") in paths


def manager(found: Found) -> Node:
    """Return the BMC: the manager of the host, else the first BMC. Raises NoReading where there is none."""
    nodes = [n for n in found["manager"] if not isinstance(n.body, DriverError)]
    try:
        host = system(found).path
    except DriverError:
        host = ""
    managing = [n for n in nodes if _same(host, _links(n.body, "ManagerForServers"))]
    others = [n for n in nodes if text(n.body, "ManagerType") == "BMC" and not is_board(n.key)]
    for node in (*managing, *others, *nodes):
        return node
    for node in found["manager"]:
        raised(node.body)
    raise NoReading("the service shows no manager")


def said(node: Node, *names: str) -> Item:
    """Return the first of these properties that is filled in. Raises NoReading."""
    body = raised(node.body)
    for name in names:
        if filled(text(body, name)):
            return Item(text(body, name), text(body, name), query=f"{node.path}#/{name}")
    raise NoReading(f"the service has no {' nor '.join(names)} there", received=str({n: body.get(n) for n in names}))


def filled(said_: str) -> bool:
    """Tell whether a text says something; makers leave fillers and the names of variables.

    >>> filled("S964512X"), filled("$PRODUCT_ASSET_TAG"), filled("000000")
    (True, False, False)
    """
    return said_.lower() not in _FILLERS and not said_.startswith("$") and bool(set(said_) - set(" .-_0"))


def serial(found: Found) -> Item:
    """Read the serial number of the host, else of what holds it. Raises NoReading."""
    return _of_whole(found, ("SerialNumber",))


def part(found: Found) -> Item:
    """Read the part number of the host, else of what holds it. Raises NoReading."""
    return _of_whole(found, whose(found).part)


def _of_whole(found: Found, names: Sequence[str]) -> Item:
    host = system(found)
    try:
        return said(host, *names)
    except NoReading:
        for node in chassis_of(host, found):
            if any(filled(text(node.body, name)) for name in names):
                return said(node, *names)
        raise


def firmware(found: Found) -> Item:
    """Read the firmware of the BMC. Raises NoReading."""
    return said(manager(found), "FirmwareVersion")


def power_state(found: Found) -> Item:
    """Read whether the host is on or off. Raises NoReading."""
    node = system(found)
    word = text(raised(node.body), "PowerState")
    if word not in POWER_STATES:
        raise NoReading(f"the service says {word!r}" if word else "the service has no PowerState", received=word)
    return Item(POWER_STATES[word], word, query=f"{node.path}#/PowerState")


def power(found: Found) -> Item:
    """Read what the whole draws, W: PowerControl of the chassis that hold the host, else their EnvironmentMetrics.

    A capacity, a limit or an average is never taken for it; neither is the power of a board. Raises NoReading.
    """
    holders = chassis_of(system(found), found)
    candidates = [_from_control(holders, found), _from_environment(holders, found)]
    item = next((found_ for found_ in candidates if found_ is not None), None)
    if item is None:
        raise NoReading("no chassis of the system states what it draws; see environment[*].power")
    if item.value == 0 and text(system(found).body, "PowerState") == "On":
        raise NoReading("0 W while the system is on: the service does not fill its reading", received=item.raw)
    return item


def _from_control(holders: Sequence[Node], found: Found) -> Item | None:
    """Read the row of the whole: in the Power of a chassis that holds the host, else one related to the host."""
    rows = [row for row in found["power_control"] if _of_the_whole(row.body)]
    resources = [f"{link(holder.body, 'Power')}#" for holder in holders]
    own = [row for resource in resources for row in rows if row.path.startswith(resource)]
    paths = {system(found).path.rstrip("/"), *(holder.path.rstrip("/") for holder in holders)}
    related = [row for row in rows if paths & {(link(one) or "").rstrip("/") for one in _related(row.body)}]
    return next((item for row in (*own, *related) if (item := _consumed(row)) is not None), None)


def _related(body: Any) -> list[Any]:
    return listed(entry(body, "RelatedItem"))


def _of_the_whole(body: Any) -> bool:
    """Tell whether a row of PowerControl is not that of a part: of the processors, say."""
    part_ = _PART.search(text(body, "Name"))
    return part_ is None and text(body, "PhysicalContext") in _WHOLE_CONTEXTS


def _consumed(row: Node) -> Item | None:
    path = consumed_path(row.body)
    if path is None:
        return None
    return Item(number(row.body, *path), str(entry(row.body, *path))[:200], query=f"{row.path}/{'/'.join(path)}")


def consumed_path(body: Any) -> tuple[str, ...] | None:
    """Return which property of a row of PowerControl says what is drawn; None where none does."""
    return next((path for path in _CONSUMED if entry(body, *path) is not None), None)


def _from_environment(holders: Sequence[Node], found: Found) -> Item | None:
    for holder in holders:
        resource = link(holder.body, "EnvironmentMetrics")
        for node in found["chassis_environment"]:
            if node.path == resource and entry(node.body, "PowerWatts") is not None:
                raw = str(entry(node.body, "PowerWatts"))[:200]
                return Item(number(node.body, "PowerWatts"), raw, query=f"{node.path}#/PowerWatts")
    return None


def absent(node: Node) -> bool:
    """Tell whether a part is a place without a part in it."""
    return text(node.body, "Status", "State") == "Absent"


def present(nodes: Iterable[Node]) -> list[Node]:
    """Return the parts that are there, each once: two systems may show the same. Raises what came instead of one."""
    seen: dict[str, str] = {}
    found = []
    for node in nodes:
        body, where = resource(node.body), node.path.rpartition("/")[0]
        own = text(body, "UUID") or text(body, "SerialNumber")
        if not absent(node) and (not filled(own) or seen.setdefault(own, where) == where):
            found.append(node)
    return found


_NAMING = frozenset({"Id", "Name", "@odata.id", "@odata.type", "MemberId"})


def resource(body: Any) -> Any:
    """Return a resource that is one: it says what it is called. Raises Garbled, and what came instead of one."""
    if not _NAMING & raised(body).keys():
        raise Garbled("not a resource: without Id and Name", received=str(body)[:200])
    return body


def why_not(body: Any) -> None:
    """Raise NoReading where a resource measures nothing."""
    if (reason := away(raised(body))) is not None:
        raise NoReading(reason)
