"""What happened on the ports of a switch between two readings of it. Pure: readings in, readings out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from drivers.counters import Sample, flapped, increase, rate
from drivers.errors import Garbled, NoReading
from drivers.points import Reading, Value

OCTETS = ("in_bytes", "out_bytes")
PACKETS = ("in_unicast", "in_multicast", "in_broadcast", "out_unicast", "out_multicast", "out_broadcast")
NARROW = ("in_errors", "out_errors", "in_discards", "out_discards")
"""Counters of 32 bits; those of EtherLike-MIB are of 64 where the agent has them, and then a fall is no wrap."""

ETHER = ("fcs_errors", "alignment_errors", "symbol_errors", "in_mac_errors", "out_mac_errors")
COUNTERS = (*OCTETS, *PACKETS, *NARROW, *ETHER)


def between(before: Sequence[Reading], after: Sequence[Reading]) -> list[Reading]:
    """Return for every port what its counters did between two `SwitchMib.read()`s, which include `uptime`.

    `port[X].in_bytes_increase` (B), `port[X].in_bytes_rate` (B/s), the increase of every other counter, and
    `port[X].flapped`. What cannot be told is null with the reason.
    """
    old, new = ({reading.name: reading for reading in readings} for readings in (before, after))
    found: list[Reading] = []
    for reading in after:
        key, _, quantity = reading.name.rpartition("].")
        port = f"{key}]"
        if quantity in COUNTERS and key.startswith("port["):
            found += _counted(port, quantity, old, new)
        elif quantity == "last_change":
            found.append(_flap(port, old, new))
    return found


def _counted(port: str, quantity: str, old: Mapping[str, Reading], new: Mapping[str, Reading]) -> Iterator[Reading]:
    name = f"{port}.{quantity}"
    bits = 32 if quantity in NARROW else 64
    shown = replace(new[name], raw=f"{old[name].raw if name in old else ''} -> {new[name].raw}", accuracy=None)

    def told(suffix: str, unit: str | None, value: Value, reason: str | None = None) -> Reading:
        return replace(shown, name=f"{name}_{suffix}", unit=unit, value=value, reason=reason)

    wanted = {"increase": (increase, shown.unit)} | ({"rate": (rate, "B/s")} if quantity in OCTETS else {})
    for suffix, (measure, unit) in wanted.items():
        try:
            samples = _sample(name, port, old), _sample(name, port, new)
            yield told(suffix, unit, measure(*samples, bits=bits, most_per_s=_most(port, quantity, new)))
        except (NoReading, Garbled) as error:
            yield told(suffix, unit, None, error.what)


def _sample(name: str, port: str, readings: Mapping[str, Reading]) -> Sample:
    reading = readings.get(name)
    value = reading.value if reading else None
    if reading is None or isinstance(value, bool) or not isinstance(value, int):
        raise NoReading((reading.reason if reading else None) or "not read")
    jumped = readings.get(f"{port}.discontinuity")
    return Sample(
        value,
        reading.at.timestamp(),
        _seconds("uptime", readings),
        jumped.value if jumped and isinstance(jumped.value, float) else None,
    )


def _seconds(name: str, readings: Mapping[str, Reading]) -> float:
    reading = readings.get(name)
    value = reading.value if reading else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NoReading((reading.reason if reading else None) or f"{name} was not read")
    return float(value)


def _most(port: str, quantity: str, readings: Mapping[str, Reading]) -> float | None:
    """Return the most octets that the port can count in a second, None for anything else or an unknown speed.

    What counts errors has no such bound of any use: at line rate it would wrap within seconds.
    """
    speed = readings[f"{port}.speed"].value if f"{port}.speed" in readings else None
    if quantity not in OCTETS or isinstance(speed, bool) or not isinstance(speed, int | float) or speed <= 0:
        return None
    return speed / 8


def _flap(port: str, old: Mapping[str, Reading], new: Mapping[str, Reading]) -> Reading:
    name = f"{port}.last_change"
    shown = replace(new[name], name=f"{port}.flapped", unit=None, reason=None)
    try:
        changed = flapped(_seconds(name, old), _seconds(name, new), _seconds("uptime", new))
    except NoReading as error:
        return replace(shown, value=None, reason=error.what)
    return replace(shown, value=changed)
