"""What a column of a CSV file is, by the name in its header: a time, a power, and in which unit."""

import re
from dataclasses import dataclass

POWER_UNITS = {"W": 1.0, "kW": 1e3, "MW": 1e6, "mW": 1e-3, "uW": 1e-6, "µW": 1e-6}
_WORDS = {"w": "W", "watt": "W", "watts": "W", "kw": "kW", "kilowatt": "kW", "kilowatts": "kW", "megawatts": "MW",
          "milliwatts": "mW", "megawatt": "MW", "milliwatt": "mW", "µw": "uW", "uw": "uW"}  # fmt: skip
_OTHER_UNITS = frozenset({"va", "kva", "mva", "var", "kvar", "wh", "kwh", "mwh", "j", "kj", "mj", "v", "a", "ma", "hz",
                          "%", "c", "degc"})  # fmt: skip
_OTHER_WORDS = frozenset({"factor", "pf", "energy", "limit", "cap", "state", "status", "unit", "units", "id"})
TIME_UNITS = {"s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3,
              "millis": 1e-3, "milliseconds": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "min": 60.0, "minutes": 60.0,
              "h": 3600.0}  # fmt: skip
"""Units of time and their size in s."""

_TIMES = frozenset({"time", "timestamp", "t", "at", "datetime", "date", "epoch", "ts", "elapsed", "seconds", "unix"})


class AmbiguousUnit(ValueError):
    """A unit that may mean two things a thousand million apart."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its place and name; `scale` turns its numbers into W or s, None where the header does not say."""

    index: int
    name: str
    scale: float | None


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s_\[\](){}/.:-]+", name.strip()) if word]


def power_column(index: int, name: str) -> Column | None:
    """Return the column if its name says that it is a power. Raises AmbiguousUnit for a lower-case mw.

    >>> power_column(1, "Power [kW]"), power_column(2, "power_factor")
    (Column(index=1, name='Power [kW]', scale=1000.0), None)
    """
    words = _words(name)
    lower = [word.lower() for word in words]
    if not words or lower[-1] in _OTHER_UNITS or not _OTHER_WORDS.isdisjoint(lower):
        return None
    if lower[-1] == "mw" and words[-1] not in POWER_UNITS:
        raise AmbiguousUnit(f"column {name!r}: {words[-1]!r} may be mW or MW; rename the column")
    unit = words[-1] if words[-1] in POWER_UNITS else _WORDS.get(lower[-1])
    if unit is not None:
        return Column(index, name, POWER_UNITS[unit])
    return Column(index, name, None) if "power" in lower or "watts" in lower else None


def time_column(index: int, name: str) -> Column | None:
    """Return the column if its name says that it is a time.

    >>> time_column(0, "time_ms"), time_column(1, "power_w")
    (Column(index=0, name='time_ms', scale=0.001), None)
    """
    lower = [word.lower() for word in _words(name)]
    if not lower or lower[0] not in _TIMES:
        return None
    return Column(index, name, TIME_UNITS.get(lower[-1]))
