"""Neighbours of LLDP-MIB (IEEE 802.1AB-2005): what is at the other end of each port. Pure: columns in, items out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from drivers.entity_sensor import text
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item
from drivers.quantities import unique

_REM, _LOC = "walk 1.0.8802.1.1.2.1.4.1.1", "walk 1.0.8802.1.1.2.1.3.7.1"
REM_PORT_SUBTYPE, REM_PORT_ID, REM_SYS_NAME = (f"{_REM}.{n}" for n in (6, 7, 9))
LOC_SUBTYPE, LOC_ID, LOC_DESCR = (f"{_LOC}.{n}" for n in (2, 3, 4))
LOCAL = (LOC_SUBTYPE, LOC_ID, LOC_DESCR)
"""Columns that name the local ports."""

REMOTE = (REM_PORT_ID, REM_PORT_SUBTYPE, REM_SYS_NAME)
_MAC, _NETWORK_ADDRESS = 3, 4

Columns = Mapping[str, Mapping[str, Any]]
Name = Callable[[Any, int | None], str]


def identifier(value: Any, subtype: int | None) -> str:
    """Return an LldpPortId as text: a MAC address with colons, other octets as they are.

    >>> identifier(bytes.fromhex("001c73b3afbb"), 3), identifier(b"Ethernet23", 5)
    ('00:1c:73:b3:af:bb', 'Ethernet23')
    """
    if not isinstance(value, bytes):
        raise Garbled("not a string of octets", received=repr(value))
    if subtype == _MAC and len(value) == 6:
        return value.hex(":")
    if subtype == _NETWORK_ADDRESS and len(value) == 5 and value[0] == 1:
        return ".".join(map(str, value[1:]))
    return text(value)


def local_names(columns: Columns, port_names: frozenset[str]) -> dict[str, str]:
    """Return the name of each local port by lldpLocPortNum, which need not be the ifIndex.

    The id or the description is taken, whichever is the name of a port of IF-MIB.
    """
    found = {}
    for number, value in columns.get(LOC_ID, {}).items():
        shown = identifier(value, columns.get(LOC_SUBTYPE, {}).get(number)) if isinstance(value, bytes) else ""
        described = text(columns.get(LOC_DESCR, {}).get(number))
        found[number] = described if described in port_names and shown not in port_names else shown or number
    return found


def keys(columns: Columns, port_names: frozenset[str]) -> dict[str, str]:
    """Return the local port's name of each remote row (TimeMark.LocalPortNum.Index); a second neighbour gets "#2"."""
    local = local_names(columns, port_names)
    rows = sorted({row for column in REMOTE for row in columns.get(column, {})}, key=_order)
    numbers = [row.split(".")[1] if row.count(".") == 2 else row for row in rows]
    return dict(zip(rows, unique([local.get(number, number) for number in numbers]), strict=True))


def _order(row: str) -> tuple[int, ...]:
    mark, *rest = (int(part) for part in row.split("."))
    return (*rest, mark)


def neighbors(
    column: str, read: Callable[[Columns, str], str], port_names: Callable[[Columns], frozenset[str]]
) -> Callable[[Columns], Iterator[Item]]:
    """Return a decoder that reads one text of each neighbour."""

    def decode(columns: Columns) -> Iterator[Item]:
        for row, name in keys(columns, port_names(columns)).items():
            raw = _shown(columns.get(column, {}).get(row))
            query = f"{column.removeprefix('walk ')}.{row}"
            yield item(lambda at: read(columns, at), row, raw, key=name, query=query)

    return decode


def _shown(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value or "")


def system(columns: Columns, row: str) -> str:
    """Read lldpRemSysName. Raises NoReading where the neighbour gives none."""
    name = text(columns.get(REM_SYS_NAME, {}).get(row))
    if not name:
        raise NoReading("the neighbour gives no system name")
    return name


def port(columns: Columns, row: str) -> str:
    """Read lldpRemPortId by its subtype. Raises NoReading where there is none."""
    value = columns.get(REM_PORT_ID, {}).get(row)
    if value is None:
        raise NoReading("the neighbour gives no port")
    return identifier(value, columns.get(REM_PORT_SUBTYPE, {}).get(row))
