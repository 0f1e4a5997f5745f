"""Leak detectors of a Redfish service (DMTF DSP0268, LeakDetection and LeakDetector), of a CDU or of a tray."""

from collections.abc import Iterable, Iterator
from typing import Any

from drivers.errors import NoReading
from drivers.points import Item
from drivers.redfish_survey import Found, Node, Reader
from drivers.redfish_values import entry, key, link, listed, text

_WET = frozenset({"Warning", "Critical"})
_TELLING = _WET | {"OK"}


def leak(found: Found) -> Item:
    """Read whether any detector is wet; dry is only what every detector that is there calls dry. Raises NoReading."""
    nodes = [n for n in found["leak_detector"] if entry(n.body, "Status", "State") != "Absent"]
    states = [text(node.body, "DetectorState") for node in nodes]
    shown = ", ".join(f"{node.key} {state or '?'}" for node, state in zip(nodes, states, strict=True))[:200]
    if any(state in _WET for state in states):
        return Item(True, shown)
    if not nodes:
        raise NoReading("the service has no leak detector")
    if any(state not in _TELLING for state in states):
        raise NoReading("a leak detector does not tell", received=shown)
    return Item(False, shown)


def detectors(reader: Reader, holders: Iterable[Any]) -> Iterator[Node]:
    """Yield the leak detectors of units and chassis, embedded ones too."""
    for path in filter(None, (_detection(reader, holder) for holder in holders)):
        detection = reader.get(path)
        yield from reader.members("leak_detector", link(detection, "LeakDetectors"))
        yield from _grouped(detection, path)


def _detection(reader: Reader, holder: Any) -> str | None:
    return link(holder, "LeakDetection") or link(reader.get(link(holder, "ThermalSubsystem")), "LeakDetection")


def _grouped(detection: Any, path: str) -> Iterator[Node]:
    """Yield the detectors that stand in LeakDetectorGroups, unless they only point to a resource of their own."""
    for g, group in enumerate(listed(entry(detection, "LeakDetectorGroups"))):
        for d, detector in enumerate(listed(entry(group, "Detectors"))):
            if text(detector, "DetectorState") and not text(detector, "DataSourceUri"):
                where = f"{path}#/LeakDetectorGroups/{g}/Detectors/{d}"
                yield Node("leak_detector", text(detector, "DeviceName") or key(detector, where), where, detector)
