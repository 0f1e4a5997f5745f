"""Objects of OpenBMC as GetManagedObjects returns them: sensors, assets, event log, dumps. Pure.

Interfaces as in github.com/openbmc/phosphor-dbus-interfaces.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from drivers import busctl
from drivers.busctl import Objects
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item, Value
from drivers.quantities import quantity, unique

X = "xyz.openbmc_project"
SENSOR, ASSET, ITEM = f"{X}.Sensor.Value", f"{X}.Inventory.Decorator.Asset", f"{X}.Inventory.Item"
ENTRY, DUMP = f"{X}.Logging.Entry", f"{X}.Dump.Entry"
AVAILABILITY, FUNCTIONAL = f"{X}.State.Decorator.Availability", f"{X}.State.Decorator.OperationalStatus"

_UNITS = {
    "DegreesC": "degC",
    "Watts": "W",
    "Volts": "V",
    "Amperes": "A",
    "RPMS": "rpm",
    "Percent": "%",
    "PercentRH": "%RH",
    "Joules": "J",
    "Hertz": "Hz",
    "Pascals": "Pa",
}
_CUBIC_FEET = 28.316846592
_FACTORS = {"CFM": ("l/min", _CUBIC_FEET), "LitersPerMinute": ("l/min", 1.0), "LPM": ("l/min", 1.0)}
_BY_FOLDER = {
    "temperature": "degC",
    "power": "W",
    "voltage": "V",
    "current": "A",
    "fan_tach": "rpm",
    "humidity": "%RH",
    "frequency": "Hz",
}
_CRITICAL = ("Emergency", "Alert", "Critical")
_ASSETS = {
    "Manufacturer": "maker",
    "Model": "model",
    "PartNumber": "part",
    "SerialNumber": "serial",
    "SparePartNumber": "spare_part",
    "SubModel": "submodel",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


Interfaces = dict[str, dict[str, Any]]


def _last(word: Any) -> str:
    return str(word).rpartition(".")[2]


def unit(path: str, interfaces: Interfaces) -> tuple[str | None, float]:
    """Return the unit of ours of a sensor and the factor to it: as it states, else by the folder of its path."""
    stated = _last(interfaces[SENSOR].get("Unit", ""))
    if stated in _FACTORS:
        return _FACTORS[stated]
    if stated:
        return _UNITS.get(stated), 1.0
    return _BY_FOLDER.get(path.split("/")[-2] if "/" in path else ""), 1.0


def sensor_value(interfaces: Interfaces) -> float:
    """Read a sensor, in its own unit. Raises NoReading where it is not available or NaN, Garbled."""
    if not interfaces.get(AVAILABILITY, {}).get("Available", True):
        raise NoReading("the BMC says that the sensor is not available")
    if not interfaces.get(FUNCTIONAL, {}).get("Functional", True):
        raise NoReading("the BMC says that the sensor is not functional")
    value = busctl.finite(interfaces[SENSOR].get("Value"))
    if value is None:
        raise NoReading("the sensor has no value (NaN)")
    return value


def sensors(objects: Objects, query: str | None = None) -> Iterator[Item]:
    """Read every object that is a sensor, keyed by the last part of its path; `query` is said before the path."""
    found = [(path, interfaces) for path, interfaces in objects.items() if SENSOR in interfaces]
    for (path, interfaces), key in zip(found, unique([path.rpartition("/")[2] for path, _ in found]), strict=True):
        of, _ = unit(path, interfaces)
        asked = f"{query} {path}" if query else None
        shown = repr(interfaces[SENSOR].get("Value"))[:200]
        yield item(_scaled, (path, interfaces), shown, key=key, unit=of, query=asked, quantity=quantity(of))


def _scaled(found: tuple[str, Interfaces]) -> float:
    path, interfaces = found
    of, factor = unit(path, interfaces)
    if of is None:
        raise Garbled("no unit that we know", received=str(interfaces.get(SENSOR))[:200])
    value = sensor_value(interfaces)
    return value if factor == 1.0 else value * factor


def total_power(objects: Objects, query: str) -> Item | None:
    """Read the sensor TOTAL_POWER, W; None where it is not among these. Raises Garbled, NoReading."""
    for path, interfaces in objects.items():
        if SENSOR in interfaces and path.rpartition("/")[2].upper() == "TOTAL_POWER":
            if unit(path, interfaces)[0] != "W":
                raise Garbled(f"in {unit(path, interfaces)[0]}, not in W", received=path)
            raw = repr(interfaces[SENSOR].get("Value"))[:200]
            return Item(sensor_value(interfaces), raw, query=f"{query} {path}")
    return None


def chassis_asset(objects: Objects) -> dict[str, Any]:
    """Return Decorator.Asset of the chassis: of the object that is one, else of the one named so. Raises NoReading."""
    assets = {path: i[ASSET] for path, i in objects.items() if ASSET in i}
    for path, asset in assets.items():
        if f"{ITEM}.Chassis" in objects[path]:
            return asset
    for name in ("chassis", "system"):
        for path, asset in assets.items():
            if path.rpartition("/")[2].startswith(name):
                return asset
    raise NoReading("the inventory has no chassis with an asset")


def components(objects: Objects) -> Iterator[Item]:
    """Read what every inventory object says about itself; keyed by its path below `inventory`."""
    for path, interfaces in objects.items():
        key = path.partition("/inventory/")[2] or path
        for name, what in _ASSETS.items():
            if name in interfaces.get(ASSET, {}):
                yield item(_filled, interfaces[ASSET][name], str(interfaces[ASSET][name]), key=key, quantity=what)
        if isinstance(present := interfaces.get(ITEM, {}).get("Present"), bool):
            yield Item(present, str(present), key, quantity="present")


def _filled(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise NoReading("not filled in", received=str(value)[:200])
    return value.strip()


def entries(objects: Objects) -> list[dict[str, Any]]:
    """Return every entry of the event log."""
    return [i[ENTRY] for i in objects.values() if ENTRY in i]


def standing(found: Iterable[dict[str, Any]]) -> list[str]:
    """Return the messages of unresolved entries that are critical or worse (Logging.Entry.Level)."""
    severe = [e for e in found if _last(e.get("Severity")) in _CRITICAL]
    return [str(e.get("Message")) for e in severe if e.get("Resolved") is not True]


def log_items(objects: Objects) -> Iterator[Item]:
    """Read time, severity and message of every entry, keyed by its Id."""
    for entry in entries(objects):
        key, raw = str(entry.get("Id", "")), str(entry.get("Message"))[:200]
        yield item(_time, entry, str(entry.get("Timestamp")), key=key, quantity="time")
        yield Item(_last(entry.get("Severity")), str(entry.get("Severity")), key, quantity="severity")
        yield item(_filled, entry.get("Message"), raw, key=key, quantity="message")
        if isinstance(resolved := entry.get("Resolved"), bool):
            yield Item(resolved, str(resolved), key, quantity="resolved")


def _time(entry: dict[str, Any]) -> Value:
    """Return when an entry was made: Timestamp is milliseconds since 1970 (Logging.Entry)."""
    stamp = entry.get("Timestamp")
    if isinstance(stamp, bool) or not isinstance(stamp, int) or stamp <= 0:
        raise NoReading("an entry without a time", received=str(stamp)[:200])
    try:
        return (_EPOCH + timedelta(milliseconds=stamp)).isoformat()
    except OverflowError:
        raise Garbled("not a time", received=str(stamp)[:200]) from None


def dumps(objects: Objects) -> list[str]:
    """Return the paths of the dumps that the BMC keeps."""
    return [path for path, interfaces in objects.items() if any(name.startswith(DUMP) for name in interfaces)]


def as_objects(found: Any) -> Objects | None:
    """Return a value as objects by path, interface and property; None where it is of another form."""
    if not isinstance(found, dict) or not found:
        return None
    levels = [found, *found.values()]
    if not all(isinstance(level, dict) for level in levels) or not all(str(path).startswith("/") for path in found):
        return None
    inner = [properties for interfaces in found.values() for properties in interfaces.values()]
    return found if all(isinstance(properties, dict) for properties in inner) else None
