"""What stands in a Redfish resource (DSP0266, DSP0268): links, states, numbers. Pure: JSON in, values out."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from drivers.errors import DriverError, Garbled, NoReading

Body = Mapping[str, Any]

NOT_THERE = frozenset({"Absent", "Disabled", "UnavailableOffline"})
"""States of a resource (Resource.State) in which what it last measured is no measurement."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SAID_NOT = frozenset({"", "-", "null", "none", "n/a", "na", "nan", "unknown", "unavailable", "not available"})
_HUGE = 1e18

_UNITS = MappingProxyType(
    {
        # ReadingUnits is UCUM (DSP0268, Sensor); some services write the plain name instead.
        "Cel": ("degC", 1.0),
        "W": ("W", 1.0),
        "kW": ("W", 1000.0),
        "V": ("V", 1.0),
        "mV": ("V", 0.001),
        "A": ("A", 1.0),
        "mA": ("A", 0.001),
        "V.A": ("VA", 1.0),
        "VA": ("VA", 1.0),
        "var": ("var", 1.0),
        "V.A{r}": ("var", 1.0),
        "Hz": ("Hz", 1.0),
        "kHz": ("Hz", 1000.0),
        "MHz": ("Hz", 1e6),
        "GHz": ("Hz", 1e9),
        "W.h": ("Wh", 1.0),
        "kW.h": ("Wh", 1000.0),
        "kWh": ("Wh", 1000.0),
        "J": ("J", 1.0),
        "kJ": ("J", 1000.0),
        "A.h": ("Ah", 1.0),
        "%": ("%", 1.0),
        "Percent": ("%", 1.0),
        "RPM": ("rpm", 1.0),
        "{rev}/min": ("rpm", 1.0),
        "Pa": ("Pa", 1.0),
        "kPa": ("Pa", 1000.0),
        "bar": ("Pa", 1e5),
        "L/min": ("l/min", 1.0),
        "L/s": ("l/min", 60.0),
        "L/h": ("l/min", 1 / 60),
        "m3/h": ("l/min", 1000 / 60),
        "[ft_i]3/min": ("l/min", 28.316846592),
        "[cft_i]/min": ("l/min", 28.316846592),
        "s": ("s", 1.0),
        "K": ("K", 1.0),
        "ms": ("s", 0.001),
        "min": ("s", 60.0),
        "mW": ("W", 0.001),
        "kV.A": ("VA", 1000.0),
        "mbar": ("Pa", 100.0),
        "[psi]": ("Pa", 6894.757293168),
        "l/min": ("l/min", 1.0),
        "LPM": ("l/min", 1.0),
        "l/s": ("l/min", 60.0),
        "m3/min": ("l/min", 1000.0),
        "By": ("B", 1.0),
        "By/s": ("B/s", 1.0),
        "bit/s": ("bit/s", 1.0),
        # plain names, as some services write them
        "Celsius": ("degC", 1.0),
        "Watts": ("W", 1.0),
        "Volts": ("V", 1.0),
        "Amps": ("A", 1.0),
        "Amperes": ("A", 1.0),
        "Hertz": ("Hz", 1.0),
        "Joules": ("J", 1.0),
        "rpm": ("rpm", 1.0),
        "RPMs": ("rpm", 1.0),
    }
)

_TYPES = MappingProxyType(
    {
        # What the schema says that a reading of this type is in (DSP0268, Sensor, ReadingType).
        "Temperature": ("degC", 1.0),
        "Humidity": ("%RH", 1.0),
        "Power": ("W", 1.0),
        "EnergykWh": ("Wh", 1000.0),
        "EnergyWh": ("Wh", 1.0),
        "EnergyJoules": ("J", 1.0),
        "ChargeAh": ("Ah", 1.0),
        "Voltage": ("V", 1.0),
        "Current": ("A", 1.0),
        "Frequency": ("Hz", 1.0),
        "Rotational": ("rpm", 1.0),
        "Percent": ("%", 1.0),
        "PressurekPa": ("Pa", 1000.0),
        "PressurePa": ("Pa", 1.0),
        "LiquidFlowLPM": ("l/min", 1.0),
        "AirFlowCMM": ("l/min", 1000.0),
    }
)


_STATING = frozenset(
    {"EnergykWh", "EnergyWh", "EnergyJoules", "PressurekPa", "PressurePa", "LiquidFlowLPM", "AirFlowCMM"}
)
"""Types whose very name states the unit; the others leave its prefix to ReadingUnits."""

_BESIDE = frozenset({("Temperature", "K"), ("Power", "VA"), ("Power", "var")})
"""A type and another unit than its own that do not contradict each other."""

_ALL_ONES = frozenset({0x7FFFFFFF, 0xFFFFFFFF})
"""What a register shows that was never filled."""


def entry(body: Any, *path: str) -> Any:
    """Follow names through objects; None where one is missing.

    >>> entry({"Links": {"Sessions": {"@odata.id": "/x"}}}, "Links", "Sessions", "@odata.id")
    '/x'
    """
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def link(body: Any, *path: str) -> str | None:
    """Return where a property points to, None where it does not."""
    found = entry(body, *path, "@odata.id")
    return found if isinstance(found, str) and found.startswith("/") else None


def listed(found: Any) -> list[Any]:
    """Return a list, [] for anything else."""
    return found if isinstance(found, list) else []


def text(body: Any, *path: str) -> str:
    """Return a property as text, "" where there is none."""
    found = entry(body, *path)
    return found.strip() if isinstance(found, str) else ""


def words(body: Any, *names: str) -> list[str]:
    """Return those of the properties that have a text."""
    return [text(body, name) for name in names if text(body, name)]


def key(body: Any, path: str) -> str:
    """Return the service's own name of a resource: Id, MemberId, or the last part of its path."""
    return text(body, "Id") or text(body, "MemberId") or path.rstrip("/").rpartition("/")[2]


def away(body: Any) -> str | None:
    """Return why a resource measures nothing, None where it does.

    >>> away({"Status": {"State": "Absent"}})
    'the service says that it is Absent'
    """
    state = entry(body, "Status", "State")
    return f"the service says that it is {state}" if isinstance(state, str) and state in NOT_THERE else None


def number(body: Any, *path: str) -> float:
    """Read a number: bare, or as a sensor's excerpt with its `Reading` (DSP0268, Sensor excerpts).

    Raises NoReading where the service has none, Garbled where it is none.

    >>> number({"InputPowerWatts": {"Reading": 231.5}}, "InputPowerWatts")
    231.5
    """
    found = entry(body, *path)
    if found is None:
        raise NoReading(f"the service has no {path[-1]}")
    if isinstance(found, Mapping):
        if (reason := away(found)) is not None:
            raise NoReading(reason)
        found = found.get("Reading")
        if found is None:
            raise NoReading(f"{path[-1]} has no reading now")
    return finite(found)


def finite(value: Any) -> float:
    """Return a JSON number, or a text that is one. Raises NoReading for a text that says "none", Garbled else."""
    if isinstance(value, str):
        if value.strip().lower() in _SAID_NOT:
            raise NoReading(f"the service says {value!r}", received=value)
        if not _NUMBER.fullmatch(value.strip()):
            raise Garbled("not a number", received=value[:200])
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Garbled("not a number", received=str(value)[:200])
    if value in _ALL_ONES:
        raise Garbled("all bits set: a register that was never filled", received=str(value))
    if not abs(value) <= _HUGE:  # NaN too; an integer may be too long to be shown
        raise Garbled("not a number that a sensor reads")
    return value


def sensor(body: Any) -> tuple[float, str]:
    """Read a Sensor resource: its value in a unit of ours.

    Raises NoReading where it has none now or says no unit, Garbled for a unit that we do not know.
    """
    if (reason := away(body)) is not None:
        raise NoReading(reason)
    value = number(body, "Reading")
    unit, factor = unit_of(body)
    return (value * factor, unit) if factor != 1.0 else (value, unit)


def unit_of(body: Any) -> tuple[str, float]:
    """Return the unit of a Sensor resource and the factor to it. Raises NoReading, Garbled."""
    said, kind = text(body, "ReadingUnits"), text(body, "ReadingType")
    if said == "%" and kind == "Humidity":
        return "%RH", 1.0
    if not said and kind not in _TYPES:
        raise NoReading("the service states no unit")
    if not said:
        return _TYPES[kind]
    if said not in _UNITS:
        raise Garbled(f"no unit that we know: {said!r}", received=said)
    if _contradicts(kind, _UNITS[said]):
        raise Garbled(f"ReadingType {kind} and ReadingUnits {said} contradict each other", received=f"{kind} {said}")
    return _UNITS[said]


def _contradicts(kind: str, units: tuple[str, float]) -> bool:
    """Tell whether type and units of a sensor cannot both be right: then nobody knows which one is."""
    if kind not in _TYPES or (kind, units[0]) in _BESIDE:
        return False
    return _TYPES[kind] != units if kind in _STATING else _TYPES[kind][0] != units[0]


def raised(reply: Any) -> Body:
    """Return a resource; raise what came in its place."""
    if isinstance(reply, DriverError):
        raise reply
    if not isinstance(reply, Mapping):
        raise Garbled("not a resource", received=str(reply)[:200])
    return reply
