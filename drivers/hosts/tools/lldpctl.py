"""`lldpctl -f json` and `-f json0`: the neighbours of a host's ports.

Source: lldpcli(8), lldpd 0.7 to 1.0. In `json` a lone member stands where a list would, and the chassis may stand under
its name; in `json0` everything is a list with a member `value`. lldpd before 0.9 repeats the key `interface`.
"""

from collections.abc import Iterator
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.json_output import Repeated, at, read, shown, table
from drivers.hosts.tools.sheet import Sheet, key
from drivers.parsed import Figure, Parsed
from drivers.quantities import unique

_KEEP_OUT = ("id", "name", "descr", "mgmt-ip", "capability", "ttl")
_TEXTS = frozenset((*_KEEP_OUT, "via", "type", "value"))
_Neighbor = tuple[str, dict[str, Any]]


def parse(output: bytes) -> Parsed:
    """Read the neighbours. Raises Garbled. A port with several has a second with `#2`."""
    root = table(read(output, keep_texts=_TEXTS, repeats=True))
    if "lldp" not in root:
        raise Garbled("no neighbours of lldpctl", received=", ".join(root)[:200])
    sheet = Sheet()
    found = [neighbor for member in _all(root["lldp"]) for neighbor in _interfaces(at(member, "interface"))]
    del root
    names = unique([key(name) for name, _ in found])
    found.reverse()
    for name in names:
        _neighbor(sheet, f"neighbor[{name}]", found.pop()[1])
    sheet.put(Figure("neighbor_count", len(names), "1", str(len(names))))
    return sheet.parsed("lldpctl")


def _all(value: Any) -> list[Any]:
    """Return the members of a list, of lists in a list where a key was repeated, or the one that stands alone."""
    if isinstance(value, Repeated):
        return [member for part in value for member in _all(part)]
    return value if isinstance(value, list) else [] if value is None else [value]


def _interfaces(value: Any) -> Iterator[_Neighbor]:
    for member in _all(value):
        told = table(member, "interface")
        if isinstance(told.get("name"), str):
            yield told["name"], told
            continue
        for name, inner in told.items():
            yield from ((name, table(one, "neighbour")) for one in _all(inner))


def _neighbor(sheet: Sheet, scope: str, told: dict[str, Any]) -> None:
    chassis, system = _chassis(_first(told.get("chassis")))
    port = _first(told.get("port"))
    sheet.add(f"{scope}.system", system)
    sheet.add(f"{scope}.port", _identity(port))
    sheet.add(f"{scope}.chassis", _identity(chassis))
    for quantity, value in (
        ("port_description", _text(at(port, "descr"))),
        ("description", _text(at(chassis, "descr"))),
        ("address", _addresses(at(chassis, "mgmt-ip"))),
        ("protocol", _text(told.get("via"))),
    ):
        if value is not None:
            sheet.add(f"{scope}.{quantity}", value)


def _chassis(value: Any) -> tuple[Any, str | None]:
    """Return a chassis and the name of the system: the key that it stands under, or a member of its own."""
    if isinstance(value, dict) and len(value) == 1 and not set(value) & set(_KEEP_OUT):
        name, inner = next(iter(value.items()))
        if isinstance(inner, dict):
            return inner, name
    return value, _text(at(value, "name"))


def _first(value: Any) -> Any:
    members = _all(value)
    return members[0] if members else None


def _text(value: Any) -> str | None:
    """Return a text, from a text or from `[{"value": text}]`."""
    found = _first(value)
    if isinstance(found, dict):
        found = found.get("value")
    # A description of several lines is one text.
    return " ".join(shown(found).split()) if isinstance(found, str | int | float) else None


def _identity(value: Any) -> str | None:
    return _text(at(_first(at(value, "id")), "value"))


def _addresses(value: Any) -> str | None:
    found = [said for member in _all(value) if (said := _text(member))]
    return ",".join(found) if found else None
