"""Readings, points and devices: how a driver says what a device can tell, and in which unit.

A device class is a table of points. A point knows the exact query and how its reply is read; the transport carries
queries and knows no meaning. One query may serve many points (all items of a meter, a table of an agent, the listing
of a tool): a device asks each query once for all the points that are wanted.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, overload

from drivers.addresses import Address
from drivers.errors import DriverError, Garbled, NoReading, UnknownPoint
from drivers.options import Options
from drivers.protocols import Kind

Value = bool | int | float | str | None

UNITS = frozenset(
    "W VA var A V Hz Wh Ah J degC K %RH % Pa l/min rpm bit/s B B/s s dBm FLOP/s 1/s 1".split()  # noqa: SIM905 - a table
)
"""The closed list of units. States and texts have the unit None, ratios and counts "1", events
per second "1/s"."""

EMULATED_MARK = "EMULATED"
"""What an emulated device says about itself on the wire, somewhere in the reply that identifies it."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Limits of error of an instrument: ±(of_reading · |value| + of_range · range), and the clause that says so.

    `resolution` is one step of what it shows, in the unit of the value; `drift` the share of the reading by which it
    may have drifted since its calibration, as `drift_source` says. Both 0 where nothing has to be added.
    """

    of_reading: float
    of_range: float
    range: float
    source: str
    resolution: float = 0.0
    drift: float = 0.0
    drift_source: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as it was read: evidence, not a float.

    `source` is the address without its query, a space, and the exact query. `value` is None where the device has no
    value, and then `reason` says why. `at` is the UTC time at which the reply was complete.
    """

    name: str
    value: Value
    unit: str | None
    source: str
    raw: str
    at: datetime
    reason: str | None = None
    accuracy: Accuracy | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What a device says that it is; `raw` is the reply that says so."""

    maker: str
    model: str
    serial: str
    firmware: str
    source: str
    raw: str

    @property
    def emulated(self) -> bool:
        """Tell whether the device itself says that it is emulated."""
        return EMULATED_MARK in self.raw.upper()


class Clock(Protocol):
    """The clock that drivers need; the session hands it in."""

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds` s."""
        ...


class Transport(Protocol):
    """A way to put queries to one device."""

    @property
    def address(self) -> str:
        """The address without its query: safe to print."""
        ...

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        """Put every query, in as few exchanges as possible, and return the reply of each.

        A reply that is a `DriverError` concerns its query alone; what concerns the device is raised.
        """
        ...

    def close(self) -> None:
        """Hang up; closing twice does no harm."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """One value taken out of a reply: `key` is the device's own index ("" where there is none).

    `query` and `raw` narrow down the evidence where one exchange brought many values.
    """

    value: Value
    raw: str
    key: str = ""
    unit: str | None = None
    reason: str | None = None
    query: str | None = None
    quantity: str | None = None
    accuracy: Accuracy | None = None


Decode = Callable[[Any], Item | Iterable[Item]]


class Point:
    """One readable quantity of a device class, or with `[]` in its name one per key of the device.

    `port[].in_bytes` gives a reading `port[Ethernet1].in_bytes` for every port that the device has; in
    `sensor[].*` the items name the quantity themselves. `decode` turns the reply to `query` into items and raises
    `Garbled` or `NoReading` where it cannot. `confirmed` is False while no manual at hand confirms the query.
    """

    def __init__(
        self, query: str, unit: str | None, doc: str, decode: Decode, *, name: str = "", confirmed: bool = True
    ) -> None:
        if unit is not None and unit not in UNITS:
            message = f"unit {unit!r} is not in the closed list"
            raise ValueError(message)
        self.query, self.unit, self.doc, self.decode = query, unit, doc, decode
        self.name, self.confirmed = name, confirmed
        self.__doc__ = doc

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.name = self.name or attribute

    @overload
    def __get__(self, device: None, owner: type) -> Self: ...
    @overload
    def __get__(self, device: "Device[Any]", owner: type) -> "BoundPoint": ...
    def __get__(self, device: "Device[Any] | None", owner: type) -> "Self | BoundPoint":
        return self if device is None else BoundPoint(device, self)

    def readings(self, reply: Any, address: str, at: datetime) -> list[Reading]:
        """Turn the reply to this point's query into readings; a reading that failed is null with its reason."""
        try:
            if isinstance(reply, DriverError):
                raise reply
            items = self.decode(reply)
            items = [items] if isinstance(items, Item) else list(items)
        except (NoReading, Garbled) as error:
            return [self._failed(error, address, at)]
        except DriverError as error:
            error.address = error.address or address
            return [self._failed(error, address, at)]
        return [self._reading(item, address, at) for item in items]

    def _failed(self, error: DriverError, address: str, at: datetime) -> Reading:
        reason = error.what if isinstance(error, NoReading) else f"{type(error).__name__}: {error.what}"
        return Reading(self.name, None, self.unit, f"{address} {self.query}", error.received or "", at, reason)

    def _reading(self, item: Item, address: str, at: datetime) -> Reading:
        name = self.name if item.quantity is None else self.name.replace("*", item.quantity)
        name = name.replace("[]", f"[{item.key}]", 1)  # last: a device may have asterisks in its names
        unit = item.unit if item.unit is not None else self.unit
        source = f"{address} {item.query or self.query}"
        return Reading(name, item.value, unit, source, item.raw, at, item.reason, item.accuracy)


@dataclass(frozen=True, slots=True)
class BoundPoint:
    """A point of one device: `device.power.read()`."""

    device: "Device[Any]"
    point: Point

    def read(self) -> Reading:
        """Read the one value of this point.

        Raises Garbled, NoReading or what the transport raises.
        """
        reading = self.read_all()[0]
        if reading.value is None:
            self._complain(reading)
        return reading

    def read_all(self) -> list[Reading]:
        """Read the values of every key of this point; what failed is null with its reason."""
        return self.device.read_points([self.point])

    def _complain(self, reading: Reading) -> None:
        kind = Garbled if (reading.reason or "").startswith("Garbled") else NoReading
        what = (reading.reason or "no reading").removeprefix("Garbled: ")
        raise kind(what, address=self.device.address, sent=self.point.query, received=reading.raw)


T_co = TypeVar("T_co", bound=Transport, covariant=True)


class Device(ABC, Generic[T_co]):
    """Something with an address: a table of points over one transport.

    Subclasses state `model` (the name in the catalogue), `kind` (whose contract they meet), `source` (manual, MIB or
    specification), their points, in `lacks` the points of the contract that the model cannot have, and in `accurate`
    those whose readings carry limits of error, of which the device itself or its manual tells.
    Construction does no I/O beyond what the transport did to connect; `identify` is the first exchange.
    """

    model: ClassVar[str]
    kind: ClassVar[Kind]
    source: ClassVar[str]
    lacks: ClassVar[frozenset[str]] = frozenset()
    accurate: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, transport: T_co, clock: Clock) -> None:
        self.transport, self.clock = transport, clock

    @classmethod
    @abstractmethod
    def connect(cls, address: Address, options: Options, clock: Clock) -> Self:
        """Open the transport to the device. Raises what concerns the address, the path or the login."""

    @property
    def address(self) -> str:
        """The address without its query: safe to print."""
        return self.transport.address

    @classmethod
    def points(cls) -> dict[str, Point]:
        """Return the declared points by name; no I/O."""
        found = {}
        for owner in reversed(cls.__mro__):
            found.update({p.name: p for p in vars(owner).values() if isinstance(p, Point)})
        return found

    @abstractmethod
    def identify(self) -> Identity:
        """Ask the device what it is. Raises WrongDevice where it is not of this model."""

    def read(self, *patterns: str) -> list[Reading]:
        """Read every point, or those that the patterns name, in as few exchanges as possible.

        In a pattern `*` stands for anything, brackets for themselves: "psu[*].output_power". A point that the device
        lacks or that has no value now is there with the value None and the reason.

        Raises UnknownPoint before anything is sent; what concerns the whole device comes from the transport.
        """
        chosen = self._choose(patterns)
        readings = self.read_points(chosen)
        if not patterns:
            return readings
        return [r for r in readings if r.value is None or any(_matcher(p).fullmatch(r.name) for p in patterns)]

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Read these points, each query once."""
        replies = self.transport.ask(list(dict.fromkeys(point.query for point in points)))
        at = self.clock.now()
        return [r for point in points for r in point.readings(replies[point.query], self.address, at)]

    def _choose(self, patterns: Sequence[str]) -> list[Point]:
        declared = self.points()
        if not patterns:
            return list(declared.values())
        for pattern in patterns:
            if not any(may_name(name, pattern) for name in declared):
                known = ", ".join(declared)
                raise UnknownPoint(f"{self.model} has no point {pattern!r}; it has {known}", address=self.address)
        return [p for name, p in declared.items() if any(may_name(name, pattern) for pattern in patterns)]

    def close(self) -> None:
        """Hang up."""
        self.transport.close()


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


@lru_cache(maxsize=4096)
def may_name(declared: str, pattern: str) -> bool:
    """Tell whether a declared name, with `[]` for any key, could yield a reading that the pattern names.

    >>> may_name("psu[].output_power", "psu[3].output_power"), may_name("psu[].output_power", "psu[*].*")
    (True, True)
    >>> may_name("power", "psu[*].*")
    False
    """
    stem, _, rest = declared.partition("[]")
    wanted_stem, bracket, wanted_rest = pattern.partition("[")
    if bracket and "*" not in wanted_stem:
        quantity = wanted_rest.rpartition("]")[2]
        return "[]" in declared and stem == wanted_stem and _either(rest, quantity)
    return _either(declared.replace("[]", "[0]"), pattern)


def _either(a: str, b: str) -> bool:
    return bool(_matcher(b).fullmatch(a) or _matcher(a).fullmatch(b))
