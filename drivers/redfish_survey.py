"""Devices that are many resources of a Redfish service: found by a walk once a minute, read anew each time."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading
from drivers.items import item
from drivers.points import Clock, Item, Point, Reading, Value
from drivers.quantities import quantity, unique
from drivers.redfish import MOST_MEMBERS, RedfishDevice, RedfishTransport
from drivers.redfish_paths import part
from drivers.redfish_values import entry, key, link, raised, sensor, text, unit_of

_LOOK_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Node:
    """One resource: what it is to the device, the service's own name of it, and the resource or what came instead."""

    kind: str
    key: str
    path: str
    body: Any


Found = Mapping[str, Sequence[Node]]
"""What was read, by kind."""


class NodePoint(Point):
    """A point that is read from resources of the kinds that it `needs`; `decode` gets them by kind."""

    def __init__(
        self,
        query: str,
        unit: str | None,
        doc: str,
        decode: Callable[[Found], Item | Iterable[Item]],
        needs: Sequence[str],
        *,
        name: str = "",
        confirmed: bool = True,
    ) -> None:
        super().__init__(query, unit, doc, decode, name=name, confirmed=confirmed)
        self.needs = tuple(needs)


class Reader:
    """Gets resources, each once for as long as it lives."""

    def __init__(self, transport: RedfishTransport) -> None:
        self._transport = transport
        self._bodies: dict[str, Any] = {}
        self._listed: dict[str, list[tuple[str, str, Any]]] = {}

    def get(self, path: str | None) -> Any:
        """Return a resource, or what came instead."""
        if path is None:
            return NoReading("the service has no such link")
        whole, _, pointer = path.partition("#")
        if whole not in self._bodies:
            self._bodies[whole] = self._transport.ask([whole])[whole]
        return part(self._bodies[whole], pointer)

    def members(self, kind: str, path: str | None, most: int = MOST_MEMBERS) -> Iterator[Node]:
        """Yield the members of a collection; none where there is no collection, one without a key where it fails."""
        if path is None:
            return
        if path not in self._listed:
            self._listed[path] = list(self._read(path, most))
        yield from (Node(kind, *one) for one in self._listed[path])

    def _read(self, path: str, most: int) -> Iterator[tuple[str, str, Any]]:
        try:
            for where, body in self._transport.members(path, most):
                self._bodies[where] = body
                yield key(body, where), where, body
        except NoReading:
            return
        except (DeviceRefused, Garbled) as error:
            yield "", path, error


class SurveyedDevice(RedfishDevice):
    """A device whose points are resources that a walk through the service finds.

    `anew` are the kinds of which there may be others at any time: they are walked to whenever they are read.
    """

    anew: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, transport: RedfishTransport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self._layout: dict[str, list[tuple[str, str]]] = {}
        self._looked_at = 0.0

    @abstractmethod
    def find(self, kind: str, reader: Reader) -> Iterable[Node]:
        """Walk to the resources of a kind."""

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Read the resources that the points need, each once."""
        kinds = dict.fromkeys(kind for point in points if isinstance(point, NodePoint) for kind in point.needs)
        found = self.survey(list(kinds))
        at = self.clock.now()
        return [r for point in points for r in point.readings(found, self.address, at)]

    def survey(self, kinds: Sequence[str]) -> Found:
        """Read all resources of these kinds."""
        if self.clock.monotonic() - self._looked_at > _LOOK_AGAIN_S:
            self._layout.clear()
            self._looked_at = self.clock.monotonic()
        reader = Reader(self.transport)
        found = {kind: self._nodes(kind, reader) for kind in kinds}
        if any(isinstance(node.body, DriverError) for nodes in found.values() for node in nodes):
            self._layout.clear()  # one has gone: look again next time
        return found

    def manager_firmware(self, root: Any) -> str:
        """Return the firmware of the first manager that states one, "" where none does."""
        managers = link(root, "Managers")
        bodies = [node.body for node in Reader(self.transport).members("manager", managers)]
        return next((text(body, "FirmwareVersion") for body in bodies if text(body, "FirmwareVersion")), "")

    def _nodes(self, kind: str, reader: Reader) -> list[Node]:
        if kind in self._layout and kind not in self.anew and not self.transport.expands:
            return [Node(kind, name, path, reader.get(path)) for name, path in self._layout[kind]]
        nodes = list({node.path: node for node in self.find(kind, reader)}.values())
        keys = unique([node.key for node in nodes])
        nodes = [replace(node, key=name) for node, name in zip(nodes, keys, strict=True)]
        self._layout[kind] = [(node.key, node.path) for node in nodes]
        return nodes


def each(kind: str, read: Callable[[Node, Found], Value], raw: Sequence[str] = ()) -> Callable[[Found], Iterator[Item]]:
    """Return a decoder that reads one value of each resource of a kind; `raw` leads to what is shown as evidence."""

    def decode(found: Found) -> Iterator[Item]:
        for node in found[kind]:
            shown = "" if isinstance(node.body, DriverError) else entry(node.body, *raw)
            yield item(lambda n: read(n, found), node, _shown(shown), key=node.key, query=node.path)

    return decode


def sensors(found: Found) -> Iterator[Item]:
    """Read every Sensor resource, in the unit that it states."""
    for node in found["sensor"]:
        unit = None
        with suppress(DriverError):  # said again, with its reason, by the item
            unit = unit_of(raised(node.body))[0]
        yield item(
            lambda n: sensor(raised(n.body))[0],
            node,
            _shown(entry(node.body, "Reading")),
            key=node.key,
            unit=unit,
            query=node.path,
            quantity=quantity(unit) if unit else "value",
        )


def _shown(value: Any) -> str:
    return str(value)[:200] if value is not None else "null"
