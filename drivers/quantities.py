"""What a unit measures: the last part of the name of a reading whose quantity the device itself decides."""

from types import MappingProxyType

BY_UNIT = MappingProxyType(
    {
        "W": "power",
        "VA": "apparent_power",
        "V": "voltage",
        "A": "current",
        "Hz": "frequency",
        "Wh": "energy",
        "J": "energy",
        "degC": "temperature",
        "%RH": "humidity",
        "%": "share",
        "Pa": "pressure",
        "l/min": "flow",
        "rpm": "speed",
        "dBm": "level",
    }
)


def quantity(unit: str | None) -> str:
    """Return the quantity of a unit, "state" for none and "value" for one that tells nothing.

    >>> quantity("degC"), quantity(None)
    ('temperature', 'state')
    """
    return "state" if unit is None else BY_UNIT.get(unit, "value")


def unique(names: list[str]) -> list[str]:
    """Make keys unique: the second of the same name gets "#2".

    >>> unique(["a", "b", "a"])
    ['a', 'b', 'a#2']
    """
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return found
