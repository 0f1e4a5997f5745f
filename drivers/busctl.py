"""Output of systemd's busctl: JSON replies of calls, and properties as `TYPE VALUE`. Pure."""

import json
import math
import re
from typing import Any

from drivers.errors import Garbled

Objects = dict[str, dict[str, dict[str, Any]]]
"""Path, interface, property, value: what GetManagedObjects returns, without D-Bus types."""

NOT_JSON = re.compile(r"(?<=[:\[,])\s*[+-]?(?:nan|inf(?:inity)?)\s*(?=[,\]}])", re.IGNORECASE)
"""A number that JSON cannot say, and that some versions print as it is."""


def reply(text: str) -> Any:
    """Read the reply of `busctl --json=short call`: the first return value. Raises Garbled."""
    try:
        message = json.loads(NOT_JSON.sub("null", text))
        return message["data"][0]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise Garbled("not a reply of busctl in JSON", received=text) from None


def objects(text: str) -> Objects:
    """Read the reply of GetManagedObjects, `a{oa{sa{sv}}}`. Raises Garbled."""
    found = reply(text)
    try:
        return {
            path: {i: {n: v["data"] for n, v in p.items()} for i, p in interfaces.items()}
            for path, interfaces in found.items()
        }
    except (AttributeError, KeyError, TypeError):
        raise Garbled("not managed objects", received=text) from None


def services(text: str) -> list[str]:
    """Read the services out of the object mapper's GetSubTree, `a{sa{sas}}`. Raises Garbled."""
    found = reply(text)
    if not isinstance(found, dict) or not all(isinstance(owners, dict) for owners in found.values()):
        raise Garbled("not a subtree of the object mapper", received=text)
    return sorted({service for owners in found.values() for service in owners})


def string_property(text: str) -> str:
    """Read `s "text"`. Raises Garbled.

    >>> string_property('s "xyz.openbmc_project.State.Chassis.PowerState.On"')
    'xyz.openbmc_project.State.Chassis.PowerState.On'
    """
    found = re.fullmatch(r's "([^"\n]*)"', text.strip())
    if not found:
        raise Garbled("not a string property", received=text)
    return found[1]


def unsigned_property(text: str) -> int:
    """Read `t 123` (also `u` and `x`). Raises Garbled."""
    found = re.fullmatch(r"[tux] (\d{1,20})", text.strip(), re.ASCII)
    if not found:
        raise Garbled("not an integer property", received=text)
    return int(found[1])


def finite(value: Any) -> float | None:
    """Return a number, None where D-Bus had NaN or an infinity. Raises Garbled for anything else."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Garbled("not a number", received=repr(value))
    try:
        number = float(value)
    except OverflowError:
        raise Garbled("not a number that fits", received=repr(value)[:100]) from None
    return number if math.isfinite(number) else None
