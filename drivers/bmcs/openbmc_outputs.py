"""Saved outputs of busctl as figures: what we know of OpenBMC's objects, and every property else. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

from drivers.bmcs import dbus_objects
from drivers.bmcs.dbus_text import introspected, replies
from drivers.bmcs.obmcutil import power_state
from drivers.busctl import Objects
from drivers.errors import Garbled
from drivers.parsed import Figure
from drivers.points import Item

MOST_PROPERTIES = 10_000


def dbus_figures(output: str) -> Iterator[Figure]:
    """Read an output of busctl. Raises Garbled where it is none."""
    if (table := introspected(output)) is not None:
        yield from _of_objects({"/": table}, known=True)
        return
    found = list(replies(output))
    del output, table  # what was read takes more than enough beside
    if not found:
        raise Garbled("nothing in it", received="")
    for count, reply in enumerate(found, 1):
        yield from _of_reply(reply, count)


def _of_reply(reply: Any, count: int) -> Iterator[Figure]:
    found = reply[0] if isinstance(reply, list) and len(reply) == 1 else reply
    if (objects := dbus_objects.as_objects(found)) is not None:
        yield from _of_objects(objects)
    elif isinstance(found, dict):
        yield from (_figure(f"property[{name}]", value) for name, value in _some(found.items()))
    else:
        yield _figure(f"value[{count}]" if count > 1 else "value", found)


def _of_objects(objects: Objects, *, known: bool = False) -> Iterator[Figure]:
    """Read what we know; an object of which we know nothing gives its properties as they are."""
    understood = False
    for scope, item in _understood(objects):
        understood = True
        yield Figure.of(scope, item)
    if entries := dbus_objects.entries(objects):
        standing = dbus_objects.standing(entries)
        yield Figure("log_entries", len(entries), "1", str(len(entries)))
        yield Figure("log_critical", len(standing), "1", "; ".join(standing)[:200])
    if known or not understood:
        yield from _properties(objects)


def _understood(objects: Objects) -> Iterator[tuple[str, Item]]:
    yield from (("sensor", item) for item in dbus_objects.sensors(objects))
    yield from (("component", item) for item in dbus_objects.components(objects))
    yield from (("entry", item) for item in dbus_objects.log_items(objects))


def _properties(objects: Objects) -> Iterator[Figure]:
    rows = (
        (f"object[{path}].{interface.rpartition('.')[2]}.{name}", value)
        for path, interfaces in objects.items()
        for interface, properties in interfaces.items()
        for name, value in properties.items()
    )
    yield from (_figure(name, value) for name, value in _some(rows))


def _some(rows: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    for place, row in enumerate(rows):
        if place >= MOST_PROPERTIES:
            raise Garbled(f"more than {MOST_PROPERTIES} properties of objects that we know nothing of")
        yield row


def _figure(name: str, value: Any) -> Figure:
    """Name a property as it is: D-Bus states no unit of a number, so that it has none here."""
    if isinstance(value, Garbled):
        return Figure(name, None, None, value.received or "", f"Garbled: {value.what}")
    raw = str(value)[:200]
    if isinstance(value, str) and ".Chassis.PowerState." in value:
        return Figure(name, power_state(value), None, raw)
    if isinstance(value, bool | str):
        return Figure(name, value, None, raw)
    if value is None:
        return Figure(name, None, None, "null", "no value (null, or NaN)")
    if isinstance(value, int | float):
        return _number(name, value, raw)
    return Figure(name, None, None, raw, "a container; read its members")


def _number(name: str, value: float, raw: str) -> Figure:
    finite = abs(value) <= 1e18
    return Figure(name, value if finite else None, None, raw, None if finite else "Garbled: not a number that fits")
