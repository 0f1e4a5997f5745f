"""Meters that give all their items in one reply: a list of fields, by function and element.

One exchange carries every item, so that they belong to one update of the instrument. What a model may lack (THD,
harmonics, ampere hours: options, modes) is asked for once; what the instrument refuses is left out of the list and is
null with the reason, so that it does not spoil the rest.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from drivers import scpi
from drivers.errors import DeviceRefused, DriverError, Garbled, NoReading, Silent
from drivers.items import item
from drivers.points import Clock, Decode, Item, Point
from drivers.scpi_device import ScpiDevice
from drivers.visa import IDENTIFY, VisaTransport

TOTAL = ""
"""The key of what is measured over all elements of the feed."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One item of a list: what it measures, of which element ("" for the total), and its name on the wire."""

    function: str
    element: str
    wire: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What came: each slot's raw field with the query that narrows it down, or the reason why it is not in the list.

    `read` turns a field into a number in a unit; it knows the instrument's own stand-ins for no number.
    """

    fields: Mapping[tuple[str, str], tuple[Slot, str, str]]
    absent: Mapping[tuple[str, str], str]
    read: Callable[[str, str, str], float]

    def value(self, function: str, element: str, unit: str) -> Item:
        """Return one item; null with the reason where there is none."""
        key = "" if element == TOTAL else element
        reason = self.absent.get((function, element)) or self.absent.get((function, "*"))
        if (function, element) not in self.fields:
            return Item(None, "", key=key, reason=reason or "not among the items of this instrument")
        slot, raw, query = self.fields[function, element]
        return item(lambda text: self.read(text, unit, slot.wire), raw, raw, key=key, query=query)

    def elements(self, function: str) -> list[str]:
        """Return the elements that have or should have this function."""
        keys = [*self.fields, *self.absent]
        return [element for name, element in keys if name == function and element not in (TOTAL, "*")]


def _listed(reply: Any) -> Listed:
    if not isinstance(reply, Listed):
        raise Garbled("not a list of items", received=str(reply))
    return reply


def total(function: str, unit: str) -> Decode:
    """Return the decoder of the value over all elements, in `unit`."""

    def decode(reply: Any) -> Item:
        return _listed(reply).value(function, TOTAL, unit)

    return decode


def each(function: str, unit: str) -> Decode:
    """Return the decoder of the values of every element."""

    def decode(reply: Any) -> Iterator[Item]:
        listed = _listed(reply)
        for element in listed.elements(function):
            yield listed.value(function, element, unit)

    return decode


def common(function: str, unit: str) -> Decode:
    """Return the decoder of a setting that is one where all elements are set alike.

    Its reading is null where they differ.
    """

    def decode(reply: Any) -> Item:
        listed = _listed(reply)
        items = [listed.value(function, element, unit) for element in listed.elements(function)]
        if not items:
            return listed.value(function, TOTAL, unit)
        raw = ";".join(one.raw for one in items)
        if len({one.value for one in items}) != 1:
            raise NoReading("the elements differ", received=raw)
        return replace(items[0], key="", raw=raw)

    return decode


def alone(function: str, unit: str) -> Decode:
    """Return the decoder of the only element of a single-phase meter, whose key is 1."""

    def decode(reply: Any) -> Item:
        return replace(_listed(reply).value(function, TOTAL, unit), key="1")

    return decode


def summed(text: str, unit: str) -> float:
    """Read a field that is made of several (`a;b;c`): their sum, where every one of them is a number."""
    return math.fsum(scpi.number(part, unit) for part in text.split(";"))


def wires_of(slots: Sequence[Slot]) -> list[str]:
    """Return each query of these slots once, in their order; a slot may be made of several."""
    return list(dict.fromkeys(wire for slot in slots for wire in slot.wire.split(";")))


@dataclass(slots=True)
class Plan:
    """Which slots an instrument is asked for, and why others are not."""

    slots: list[Slot] = field(default_factory=list)
    absent: dict[tuple[str, str], str] = field(default_factory=dict)

    def leave_out(self, slots: Sequence[Slot], reason: str) -> None:
        """Note why these slots are not asked for."""
        self.absent.update({(slot.function, slot.element): reason for slot in slots})


class ItemMeter(ScpiDevice):
    """A meter that is asked for a list of items.

    Subclasses state `values`, the query that the points of the list carry, `groups`, the slots to ask for with the
    indispensable ones first, and how to fetch the fields of a list of slots.
    """

    values: ClassVar[str]

    def __init__(self, transport: VisaTransport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self._plan: Plan | None = None

    @abstractmethod
    def groups(self, plan: Plan) -> Iterator[list[Slot]]:
        """Yield groups of slots, the indispensable ones first; note in `plan` what cannot be asked for at all."""

    @abstractmethod
    def admit(self, plan: Plan, group: list[Slot]) -> None:
        """Make the instrument take these further slots. Raises DeviceRefused or Garbled where it does not."""

    @abstractmethod
    def fetch(self, slots: Sequence[Slot]) -> list[tuple[str, str]]:
        """Ask for the slots and return field and query of each. Raises Garbled where another number of fields comes."""

    def read_field(self, text: str, unit: str, wire: str) -> float:
        """Read the field of an item whose name on the wire is `wire`, in `unit`. Raises NoReading or Garbled."""
        del wire
        return scpi.number(text, unit)

    def _prepared(self) -> Plan:
        """Return the slots that this instrument gives, found out once on a connection."""
        if self._plan is None:
            plan = Plan()
            first, *others = self.groups(plan)
            self.admit(plan, first)
            plan.slots += first
            for group in others:
                self._try(plan, group)
            self._plan = plan
        return self._plan

    def _try(self, plan: Plan, group: list[Slot]) -> None:
        try:
            self.admit(plan, group)
        except (DeviceRefused, Garbled, NoReading, Silent) as error:
            if isinstance(error, Silent):
                self.transport.query(IDENTIFY)
            plan.leave_out(group, f"the instrument does not give {group[0].wire}: {error.what}")
        else:
            plan.slots += group

    def _items(self) -> Listed | DriverError:
        plan = self._prepared()
        try:
            fields = self.fetch(plan.slots)
        except Garbled as error:
            self._plan = None
            return error
        except DriverError:
            # What was set up may be gone with the connection.
            self._plan = None
            raise
        found = {
            (slot.function, slot.element): (slot, raw, query)
            for slot, (raw, query) in zip(plan.slots, fields, strict=True)
        }
        return Listed(found, plan.absent, self.read_field)

    def _replies(self, points: Sequence[Point]) -> dict[str, Any]:
        others = [point for point in points if point.query != self.values]
        replies: dict[str, Any] = {self.values: self._items()} if len(others) < len(points) else {}
        return replies | super()._replies(others)

    def counted(self, fields: list[str], wanted: Sequence[object], reply: str, sent: str) -> list[str]:
        """Return the fields where they are as many as what was asked. Raises Garbled."""
        if len(fields) != len(wanted):
            what = f"{len(fields)} values where {len(wanted)} items were set up"
            raise Garbled(what, address=self.address, sent=sent, received=reply)
        return fields

    def dealt(self, fields: list[str], slots: Sequence[Slot], reply: str, sent: str) -> list[tuple[str, str]]:
        """Deal the fields of a message of queries out to their slots. Raises Garbled where they are not as many."""
        wires = wires_of(slots)
        by_wire = dict(zip(wires, self.counted(fields, wires, reply, sent), strict=True))
        return [(";".join(by_wire[wire] for wire in slot.wire.split(";")), slot.wire) for slot in slots]
