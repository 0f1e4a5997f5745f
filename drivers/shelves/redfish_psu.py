"""One power supply of a Redfish service: which property of which resource says what (DMTF DSP0268). Pure."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from drivers.errors import NoReading
from drivers.redfish_survey import Found, Node
from drivers.redfish_values import away, entry, listed, number, raised
from drivers.shelves.psu_sensors import of_supply


class Seen(NamedTuple):
    """A value with its evidence."""

    value: float
    raw: str
    path: str


def seen(node: Node, found: Found, quantity: str) -> Seen:
    """Read a quantity of a supply: from its metrics, from an older service's row, from its sensors."""
    if (reason := away(raised(node.body))) is not None:
        raise NoReading(reason)
    names, read = _READ[quantity]
    complaint = NoReading(f"the service has no {quantity} of this supply")
    for source in (*(m for m in found["metrics"] if m.key == node.key), node):
        try:
            value = read(raised(source.body))
        except NoReading as error:
            complaint = error if source is not node or not found["metrics"] else complaint
        else:
            said = next((entry(source.body, name) for name in names if entry(source.body, name) is not None), None)
            return Seen(value, str(said)[:200], source.path)
    with suppress(NoReading):
        return Seen(*of_supply(node, quantity, found["psu_sensor"]))
    raise complaint


def _one_of(*names: str, factor: float = 1.0) -> "_Read":
    """Read the first of these properties that the resource has."""

    def read(body: Any) -> float:
        present = [name for name in names if entry(body, name) is not None]
        value = number(body, (present or names)[0])
        return value * factor if factor != 1.0 else value

    return names, read


def _rails(name: str, of: Callable[[Sequence[float]], float] | None = None) -> "_Read":
    """Read a property of the one rail of a supply, or with `of` of all of them."""

    def read(body: Any) -> float:
        rails = [rail for rail in listed(entry(body, name)) if rail is not None]
        if not rails or (len(rails) > 1 and of is None):
            raise NoReading(f"{name} has {len(rails)} rails")
        values = [number({name: rail}, name) for rail in rails]
        return values[0] if of is None else of(values)

    return (name,), read


def _output_power(body: Any) -> float:
    names, own = _one_of("OutputPowerWatts", "PowerOutputWatts")
    return (
        own(body) if any(entry(body, name) is not None for name in names) else _rails("RailPowerWatts", total)[1](body)
    )


def _fan(*within: str) -> "_Read":
    """Read the one fan, or the slowest: the one that is in trouble."""

    def read(body: Any) -> float:
        fans = listed(entry(body, "FanSpeedsPercent")) or [entry(body, "FanSpeedPercent")]
        return min(number({"FanSpeedPercent": fan}, "FanSpeedPercent", *within) for fan in fans)

    return ("FanSpeedsPercent", "FanSpeedPercent"), read


def total(values: Sequence[float]) -> float:
    """Return the sum."""
    return math.fsum(values)


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean.

    >>> mean([50.0, 51.0])
    50.5
    """
    return math.fsum(values) / len(values)


_Read = tuple[Sequence[str], Callable[[Any], float]]
_READ: dict[str, _Read] = {
    "input_power": _one_of("InputPowerWatts", "PowerInputWatts"),
    "input_voltage": _one_of("InputVoltage", "LineInputVoltage"),
    "input_current": _one_of("InputCurrentAmps"),
    "frequency": _one_of("FrequencyHz"),
    "output_power": (("OutputPowerWatts", "PowerOutputWatts", "RailPowerWatts"), _output_power),
    "output_voltage": _rails("RailVoltage"),
    "output_current": _rails("RailCurrentAmps"),
    "temperature": _one_of("TemperatureCelsius"),
    "fan_speed": _fan("SpeedRPM"),
    "fan_duty": _fan(),
    "energy": _one_of("EnergykWh", factor=1000.0),
}
