"""Where things stand in a Redfish service: members of a collection, its next page, a part of a resource. Pure."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from drivers.errors import DriverError, Garbled, NoReading
from drivers.redfish_values import Body, text


def part(whole: Any, pointer: str) -> Any:
    """Follow a JSON pointer (RFC 6901) into a resource; "" is the whole, what is not there a NoReading."""
    if isinstance(whole, DriverError) or not pointer:
        return whole
    found = whole
    for name in pointer.strip("/").split("/"):
        if isinstance(found, list) and name.isascii() and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict) and name in found:
            found = found[name]
        else:
            return NoReading(f"the resource has no {pointer}")
    return found if isinstance(found, dict) else Garbled("not a part that is an object", received=str(found)[:200])


def member_path(member: Any, page: str, place: int) -> str:
    """Return the path of a member, "" where it leads nowhere; one that is embedded without a path gets a pointer."""
    if not isinstance(member, dict):
        return ""
    said = text(member, "@odata.id")
    if not said:
        return f"{page.partition('?')[0]}#/Members/{place}" if member else ""
    where = urlsplit(urljoin(page, said))
    return where.path + (f"?{where.query}" if where.query else "") + (f"#{where.fragment}" if where.fragment else "")


def following(body: Body, page: str) -> str:
    """Return the path of the next page, "" after the last; a reference may be relative to this one."""
    found = body.get("Members@odata.nextLink") or body.get("@odata.nextLink")
    if not isinstance(found, str) or not found:
        return ""
    where = urlsplit(urljoin(page, found))
    return f"{where.path}?{where.query}" if where.query else where.path


def count_stated(body: Body) -> int:
    """Return Members@odata.count, 0 where there is none that is a number."""
    count = body.get("Members@odata.count")
    return count if isinstance(count, int) and not isinstance(count, bool) else 0


def embedded(member: Body) -> bool:
    """Tell whether a member of a collection is the resource itself, not a reference to it.

    >>> embedded({"@odata.id": "/redfish/v1/Chassis/1"}), embedded({"@odata.id": "/redfish/v1/x", "Id": "x"})
    (False, True)
    """
    return any(not name.startswith("@") and name != "href" for name in member)
