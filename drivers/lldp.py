"""Neighbours of LLDP-MIB (IEEE 802.1AB-2005) and LLDP-V2-MIB (2009): what is at the other end of each port.

Both hold the same columns. The first counts local ports by a number of its own, the second by ifIndex and by the
address that the neighbour sends to. The second is read where the first is empty. Pure: columns in, items out.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drivers import if_table
from drivers.entity_sensor import text
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item
from drivers.quantities import unique

_REM, _LOC = "walk 1.0.8802.1.1.2.1.4.1.1", "walk 1.0.8802.1.1.2.1.3.7.1"
_REM_V2, _LOC_V2 = "walk 1.3.111.2.802.1.1.13.1.4.1.1", "walk 1.3.111.2.802.1.1.13.1.3.7.1"
REM_CHASSIS_SUBTYPE, REM_CHASSIS_ID, REM_PORT_SUBTYPE, REM_PORT_ID, REM_PORT_DESCR, REM_SYS_NAME, REM_SYS_DESCR = (
    f"{_REM}.{n}" for n in range(4, 11)
)
LOC_SUBTYPE, LOC_ID, LOC_DESCR = (f"{_LOC}.{n}" for n in (2, 3, 4))
REMOTE = (REM_CHASSIS_ID, REM_CHASSIS_SUBTYPE, REM_PORT_ID, REM_PORT_SUBTYPE, REM_PORT_DESCR, REM_SYS_NAME)
COLUMNS = (*REMOTE, LOC_SUBTYPE, LOC_ID, LOC_DESCR, *if_table.NAMES, if_table.PHYS_ADDRESS)
"""Columns of the first MIB, and those that name ports."""

_CHASSIS_MAC, _CHASSIS_NETWORK, _PORT_MAC, _PORT_NETWORK, _PORT_LOCAL = 4, 5, 3, 4, 7
_PARTS = {"v1": 3, "v2": 4}

_NOT_TOLD = frozenset(("", "not advertised", "not received"))
"""What agents put in the place of what the neighbour left out: OS10 and NX-OS write words there."""

Columns = Mapping[str, Mapping[str, Any]]
Read = Callable[[Columns, str], str]


def second(column: str) -> str:
    """Return the column of LLDP-V2-MIB that is this one of LLDP-MIB.

    >>> second(REM_SYS_NAME), second(LOC_ID)
    ('walk 1.3.111.2.802.1.1.13.1.4.1.1.10', 'walk 1.3.111.2.802.1.1.13.1.3.7.1.3')
    """
    root, _, number = column.rpartition(".")
    return f"{_REM_V2}.{int(number) + 1}" if root == _REM else f"{_LOC_V2}.{number}"


BESIDE = (*COLUMNS, *(second(column) for column in (*REMOTE, LOC_SUBTYPE, LOC_ID, LOC_DESCR)))
"""All columns that a neighbour is read from."""


@dataclass(frozen=True, slots=True)
class Neighborhood:
    """The columns of one of the two MIBs, under the names of the first."""

    columns: Columns
    is_second: bool

    def query(self, column: str, row: str) -> str:
        """Return the object that was read."""
        found = second(column) if self.is_second else column
        return f"{found.removeprefix('walk ')}.{row}"


def neighborhood(columns: Columns) -> Neighborhood:
    """Choose the MIB: the first, unless it is empty and the second is not."""
    if any(columns.get(column) for column in REMOTE) or not any(columns.get(second(c)) for c in REMOTE):
        return Neighborhood(columns, is_second=False)
    renamed = {column: columns.get(second(column), {}) for column in (*REMOTE, LOC_SUBTYPE, LOC_ID, LOC_DESCR)}
    return Neighborhood({**columns, **renamed}, is_second=True)


def identifier(value: Any, subtype: int | None, mac: int = _PORT_MAC, network: int = _PORT_NETWORK) -> str:
    """Return an LldpPortId or LldpChassisId as text: a MAC address with colons, other octets as they are.

    >>> identifier(bytes.fromhex("001c73b3afbb"), 3), identifier(b"Ethernet23", 5)
    ('00:1c:73:b3:af:bb', 'Ethernet23')
    """
    if not isinstance(value, bytes):
        raise Garbled("not a string of octets", received=repr(value)[:60])
    if subtype == mac and len(value) == 6:
        return value.hex(":")
    if subtype == network and len(value) == 5 and value[0] == 1:
        return ".".join(map(str, value[1:]))
    return text(value)


def local_names(found: Neighborhood) -> dict[str, str]:
    """Return the key of the local port by lldpLocPortNum, which need not be the ifIndex, or by ifIndex in the second.

    The id or the description is taken, whichever is a port of IF-MIB: by its name, by its short name, by its ifIndex
    where the agent calls the id locally assigned, by its address where no other port has that, or where the port of
    that number has it too: a bundle of ports takes the address of one of them.
    """
    ports = if_table.names(found.columns)
    known = _known(found.columns, ports)
    numbers = dict.fromkeys([*found.columns.get(LOC_ID, {}), *found.columns.get(LOC_DESCR, {})])
    names = {number: _local(number, found.columns, known, ports) for number in numbers}
    return {**names, **ports} if found.is_second else names


def _known(columns: Columns, ports: Mapping[str, str]) -> dict[str, str]:
    """Return keys of ports by all that may stand for one in LLDP; what would stand for two stands for none."""
    found: dict[str, str | None] = {}
    for index, name in ports.items():
        described = text(columns.get(if_table.DESCR, {}).get(index))
        shown = _address(columns.get(if_table.PHYS_ADDRESS, {}).get(index))
        for alias in {name, described, short(name), f"#{index}", shown} - {""}:
            found[alias] = name if found.get(alias, name) == name else None
    return {alias: name for alias, name in found.items() if name is not None}


def short(name: str) -> str:
    """Return the name with two letters of its kind, as makers abbreviate it.

    >>> short("Ethernet1/1"), short("Eth1/1"), short("mgmt0")
    ('et1/1', 'et1/1', 'mg0')
    """
    parts = re.fullmatch(r"([A-Za-z-]+)\s*([0-9][0-9/.:]*)", name)
    return f"{parts[1][:2].lower()}{parts[2]}" if parts else ""


def _local(number: str, columns: Columns, known: Mapping[str, str], ports: Mapping[str, str]) -> str:
    value, subtype = columns.get(LOC_ID, {}).get(number), columns.get(LOC_SUBTYPE, {}).get(number)
    shown = identifier(value, subtype) if isinstance(value, bytes) else ""
    described = text(columns.get(LOC_DESCR, {}).get(number))
    index = f"#{shown}" if subtype == _PORT_LOCAL else ""
    for alias in (shown, described, short(shown), short(described), index):
        if alias and alias in known:
            return known[alias]
    if number in ports and _address(columns.get(if_table.PHYS_ADDRESS, {}).get(number)) == shown.lower() != "":
        return ports[number]
    return shown or described or number


def _address(physical: Any) -> str:
    return physical.hex(":") if isinstance(physical, bytes) and len(physical) == 6 else ""


def keys(found: Neighborhood) -> dict[str, str]:
    """Return the local port's key of each remote row; a second neighbour of a port gets "#2".

    Rows are TimeMark.LocalPortNum.Index or TimeMark.LocalIfIndex.DestAddress.Index. An agent that filters by time
    shows the same row under many marks: it is one neighbour, and the newest counts.
    """
    local = local_names(found)
    parts = _PARTS["v2" if found.is_second else "v1"]
    rows: dict[tuple[int, ...], str] = {}
    for row in sorted({row for column in REMOTE for row in found.columns.get(column, {})}, key=_order):
        rows[_order(row)[:-1] if row.count(".") == parts - 1 else (-1, *_order(row))] = row
    numbers = [row.split(".")[1] if row.count(".") == parts - 1 else row for row in rows.values()]
    return dict(zip(rows.values(), unique([local.get(number, number) for number in numbers]), strict=True))


def _order(row: str) -> tuple[int, ...]:
    mark, *rest = (int(part) for part in row.split("."))
    return (*rest, mark)


def neighbors(column: str, read: Read) -> Callable[[Columns], Iterator[Item]]:
    """Return a decoder that reads one text of each neighbour."""

    def decode(columns: Columns) -> Iterator[Item]:
        found = neighborhood(columns)
        for row, name in keys(found).items():
            raw = _shown(found.columns.get(column, {}).get(row))
            yield item(lambda at: read(found.columns, at), row, raw, key=name, query=found.query(column, row))

    return decode


def _shown(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value or "")


def told(column: str, what: str) -> Read:
    """Return a reader of a text that the neighbour may leave out. It raises NoReading where it does."""

    def read(columns: Columns, row: str) -> str:
        found = text(columns.get(column, {}).get(row))
        if found.strip().lower() in _NOT_TOLD:
            raise NoReading(f"the neighbour gives no {what}")
        return found

    return read


def port(columns: Columns, row: str) -> str:
    """Read lldpRemPortId by its subtype. Raises NoReading where there is none."""
    value = columns.get(REM_PORT_ID, {}).get(row)
    if value is None:
        raise NoReading("the neighbour gives no port")
    return identifier(value, columns.get(REM_PORT_SUBTYPE, {}).get(row))


def chassis(columns: Columns, row: str) -> str:
    """Read lldpRemChassisId by its subtype. Raises NoReading where there is none."""
    value = columns.get(REM_CHASSIS_ID, {}).get(row)
    if value is None:
        raise NoReading("the neighbour gives no chassis")
    subtype = columns.get(REM_CHASSIS_SUBTYPE, {}).get(row)
    return identifier(value, subtype, _CHASSIS_MAC, _CHASSIS_NETWORK)
