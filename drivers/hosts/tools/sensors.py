"""`sensors -j`: what hwmon chips measure.

Source: sensors(1), lm-sensors 3.5 and 3.6, and Documentation/hwmon/sysfs-interface of Linux. Some versions print no
valid JSON: a comma before a closing brace where a value could not be read, and `nan`.
"""

import re
from typing import Any

from drivers.errors import Garbled, NoReading
from drivers.hosts.tools.json_output import Repeated, drained, read, shown, table
from drivers.hosts.tools.sheet import Sheet, key, number
from drivers.parsed import Figure, Parsed
from drivers.quantities import quantity

_UNITS = {"in": "V", "fan": "rpm", "temp": "degC", "power": "W", "curr": "A", "energy": "J", "humidity": "%RH"}
_SUBFEATURE = re.compile(r"([a-z]+)(\d{1,4})_(\w+)")
_VALUES = ("input", "average")
_LIMITS = ("crit", "max", "cap")
"""The limit that is told of each: the first that there is."""
_TRAILING = re.compile(rb",(\s*[}\]])")
_NOT_FINITE = re.compile(rb"(:\s*)-?(?:nan|inf)\b", re.IGNORECASE)
_NONE = b"no sensors found"


def parse(output: bytes) -> Parsed:
    """Read the chips. Raises Garbled. `bad` where a chip raises an alarm; a host without chips has no figures."""
    if _NONE in output[:300].lower() and b"{" not in output:
        return Parsed("sensors", "none", (Figure("sensor_count", 0, "1", output.decode("utf-8", "replace").strip()),))
    repaired = _NOT_FINITE.sub(rb'\1"nan"', _TRAILING.sub(rb"\1", output))
    sheet, alarms = Sheet(), list[str]()
    chips = table(read(repaired, repeats=True))
    del repaired
    for chip, features in drained(chips):
        for label, members in table(features, "chip").items():
            for one in members if isinstance(members, Repeated) else [members]:
                if isinstance(one, dict):
                    alarms += _feature(sheet, f"{key(chip)}/{key(label)}", one)
    sheet.put(Figure("alarm_count", len(alarms), "1", ", ".join(alarms)[:200] or "none is set"))
    return sheet.parsed("sensors", alarms)


def _feature(sheet: Sheet, name: str, members: dict[str, Any]) -> list[str]:
    parts = {found[3]: (found[1], raw) for s, raw in members.items() if (found := _SUBFEATURE.fullmatch(s))}
    faulty = any(what == "fault" and _is_set(raw) for what, (_, raw) in parts.items())
    for what, (kind, raw) in parts.items():
        unit = _UNITS.get(kind)
        if unit and what in _VALUES:
            sheet.add(f"sensor[{name}].{quantity(unit)}", raw, _no_value if faulty else number, unit)
    limit = next((what for what in _LIMITS if what in parts), "")
    if unit := _UNITS.get(parts[limit][0] if limit else ""):
        sheet.add(f"sensor[{name}].{quantity(unit)}_{limit}", parts[limit][1], number, unit)
    alarms = [f"{name}: {what}" for what, (_, raw) in parts.items() if what.endswith("alarm") and _is_set(raw)]
    if alarms:
        sheet.put(Figure(f"sensor[{name}].alarm", True, None, ", ".join(alarms)))
    return alarms + ([f"{name}: fault"] if faulty else [])


def _is_set(raw: Any) -> bool:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Garbled("not a flag", received=shown(raw))
    return raw != 0


def _no_value(raw: Any) -> float:
    raise NoReading("the chip reports a fault of this sensor", received=shown(raw))
