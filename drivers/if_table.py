"""Ports of IF-MIB (RFC 2863) with EtherLike-MIB (RFC 3635): names, states, counters. Pure: columns in, items out."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from drivers.entity_sensor import text
from drivers.errors import DriverError, Garbled, NoReading
from drivers.items import item
from drivers.points import Item, Value
from drivers.quantities import unique

_IF, _IFX = "walk 1.3.6.1.2.1.2.2.1", "walk 1.3.6.1.2.1.31.1.1.1"
DESCR, TYPE, MTU, SPEED, PHYS_ADDRESS, ADMIN, OPER, LAST_CHANGE = (f"{_IF}.{n}" for n in range(2, 10))
IN_DISCARDS, IN_ERRORS, OUT_DISCARDS, OUT_ERRORS = (f"{_IF}.{n}" for n in (13, 14, 19, 20))
NAME, HC_IN, HC_OUT, HIGH_SPEED = (f"{_IFX}.{n}" for n in (1, 6, 10, 15))
IN_UNICAST, IN_MULTICAST, IN_BROADCAST = (f"{_IFX}.{n}" for n in (7, 8, 9))
OUT_UNICAST, OUT_MULTICAST, OUT_BROADCAST = (f"{_IFX}.{n}" for n in (11, 12, 13))
CONNECTOR, ALIAS, DISCONTINUITY = (f"{_IFX}.{n}" for n in (17, 18, 19))
_ETHER, _HC_ETHER = "walk 1.3.6.1.2.1.10.7.2.1", "walk 1.3.6.1.2.1.10.7.11.1"
ALIGNMENT, FCS, MAC_TRANSMIT, MAC_RECEIVE, SYMBOL, DUPLEX = (f"{_ETHER}.{n}" for n in (2, 3, 10, 16, 18, 19))
HC_ALIGNMENT, HC_FCS, HC_MAC_TRANSMIT, HC_MAC_RECEIVE, HC_SYMBOL = (f"{_HC_ETHER}.{n}" for n in (1, 2, 3, 5, 6))
NAMES = (NAME, DESCR)
"""Columns that name a port."""

DUPLEXES = ("unknown", "halfDuplex", "fullDuplex")
STATES = ("up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown")
_SATURATED = 4_294_967_295
_FASTEST_MBIT_S = 100_000_000
"""100 Tbit/s, more than any bundle: beyond that the agent states bit/s."""


_WRITTEN_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
"""Some agents give an address as text where the MIB wants octets."""

Columns = Mapping[str, Mapping[str, Any]]
Read = Callable[[Columns, str], Value]


def names(columns: Columns) -> dict[str, str]:
    """Return the key of each port by ifIndex: ifName, ifDescr where there is none; a second of a name gets "#2"."""
    described = columns.get(DESCR, {})
    indices = list(dict.fromkeys([*described, *columns.get(NAME, {})]))
    found = [text(columns.get(NAME, {}).get(i)) or text(described.get(i)) or i for i in indices]
    return dict(zip(indices, unique(found), strict=True))


def ports(column: str, read: Read) -> Callable[[Columns], Iterator[Item]]:
    """Return a decoder that reads one value of each port; `column` is what the evidence names."""

    def decode(columns: Columns) -> Iterator[Item]:
        for index, name in names(columns).items():
            raw = _shown(columns.get(column, {}).get(index))
            query = f"{column.removeprefix('walk ')}.{index}"
            yield item(lambda at: read(columns, at), index, raw, key=name, query=query)

    return decode


def _shown(value: Any) -> str:
    return (
        value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str("" if value is None else value)
    )


def state(column: str, words: Sequence[str] = STATES) -> Read:
    """Read ifAdminStatus, ifOperStatus or dot3StatsDuplexStatus as the MIB's word."""

    def read(columns: Columns, index: str) -> str:
        number = cell(columns, column, index)
        if not 1 <= number <= len(words):
            raise Garbled("a state that the MIB does not have", received=str(number))
        return words[number - 1]

    return read


def words(column: str) -> Read:
    """Read ifDescr or ifAlias; an empty one is a text too."""

    def read(columns: Columns, index: str) -> str:
        value = _present(columns, column, index)
        if not isinstance(value, bytes):
            raise Garbled("not a text", received=repr(value)[:60])
        return text(value)

    return read


def address(columns: Columns, index: str) -> str:
    """Read ifPhysAddress with colons. Raises NoReading where the port has none."""
    value = _present(columns, PHYS_ADDRESS, index)
    if not isinstance(value, bytes):
        raise Garbled("not octets", received=repr(value)[:60])
    if not value:
        raise NoReading("the port has no physical address")
    written = text(value).lower().replace("-", ":")
    return written if _WRITTEN_MAC.fullmatch(written) else value.hex(":")


def connector(columns: Columns, index: str) -> bool:
    """Read ifConnectorPresent: True where there is something to plug into."""
    number = cell(columns, CONNECTOR, index)
    if number not in (1, 2):  # TruthValue, RFC 2579
        raise Garbled("neither true(1) nor false(2)", received=str(number))
    return number == 1


def ticks(column: str) -> Read:
    """Read a time that sysUpTime had, s: ifLastChange or ifCounterDiscontinuityTime."""

    def read(columns: Columns, index: str) -> float:
        return cell(columns, column, index) / 100

    return read


def index_of(columns: Columns, index: str) -> str:
    """Return ifIndex, an identifier and so a text."""
    del columns
    return index


def counter(*columns_in_order: str) -> Read:
    """Read a counter from the first of these columns that the port has: the wide one before the narrow one."""

    def read(columns: Columns, index: str) -> int:
        for column in columns_in_order[:-1]:
            if index in columns.get(column, {}):
                return cell(columns, column, index)
        return cell(columns, columns_in_order[-1], index)

    return read


def speed(columns: Columns, index: str) -> int:
    """Read the speed, bit/s: ifHighSpeed in steps of 1 Mbit/s, ifSpeed for slower ports."""
    high = columns.get(HIGH_SPEED, {}).get(index, 0)
    if isinstance(high, int) and high > _FASTEST_MBIT_S:
        raise Garbled("faster than any port: not in Mbit/s", received=str(high))
    if isinstance(high, int) and high > 0:
        return high * 1_000_000
    low = cell(columns, SPEED, index) if index in columns.get(SPEED, {}) else 0
    if low == _SATURATED:
        raise NoReading("faster than ifSpeed can say, and there is no ifHighSpeed")
    return low


def cell(columns: Columns, column: str, index: str) -> int:
    """Return one number. Raises NoReading where the port has none, Garbled where it is none or below zero."""
    value = _present(columns, column, index)
    if not isinstance(value, int) or value < 0:
        raise Garbled("not a counter or gauge", received=repr(value)[:60])
    return value


def _present(columns: Columns, column: str, index: str) -> Any:
    value = columns.get(column, {}).get(index)
    if isinstance(value, DriverError):
        raise value
    if value is None:
        raise NoReading("the agent has no such object for this port")
    return value
