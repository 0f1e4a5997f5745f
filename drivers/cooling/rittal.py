"""Rittal LCP: air-water heat exchangers that stand between racks, by RITTAL-CMC-III-MIB.

The MIB has the table of variables but not their names: those of the points are recalled, and whatever the unit has
stands among `sensor[].*` and `status[].state` under the name that it gives itself.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drivers import entity_sensor as es
from drivers.column_units import unit_of
from drivers.columns import rows
from drivers.cooling.rittal_variables import (
    LAST_CHANGE,
    ROOT,
    STRUCTURE,
    Choose,
    Seen,
    Variable,
    VariablePoint,
    variables,
)
from drivers.entity_device import SYS_DESCR, SYS_OBJECT_ID, object_id
from drivers.errors import DriverError, Garbled, NoReading, WrongDevice
from drivers.points import Clock, Identity, Point, Reading
from drivers.protocols import Kind
from drivers.snmp import SnmpDevice, SnmpTransport
from drivers.snmp_walk import WALK

_FIRMWARE, _SERIAL, _UNIT_TYPE = (f"{ROOT}.2.{number}.0" for number in (4, 6, 8))
_DEVICES = f"{WALK}{ROOT}.4.1.2.1.2"
_LCP = 4
_LOOK_AGAIN_S = 60.0
_FLUID = r"(?:.*\.)?(?:water|coolant)\."


def _value(pattern: str, unit: str) -> Choose:
    """Choose the values whose name fits and that are in a unit of the quantity of `unit`, by the pattern's group."""
    named = re.compile(pattern, re.IGNORECASE)

    def choose(variable: Variable) -> str | None:
        found = named.fullmatch(variable.label) if variable.is_value else None
        try:
            fits = found is not None and unit_of(variable.unit).unit == unit
        except (NoReading, Garbled):
            fits = False
        return (found[1] if found and found.groups() else "") if fits else None

    return choose


def _leak(variable: Variable) -> str | None:
    return "" if variable.is_status and re.search(r"leak(age)?", variable.label, re.IGNORECASE) else None


class RittalLcp(SnmpDevice):
    """A Liquid Cooling Package: `supply_temperature`, `return_temperature` and `flow` are the water's."""

    model: ClassVar[str] = "rittal-lcp"
    kind: ClassVar[Kind] = "cooling"
    source: ClassVar[str] = "RITTAL-CMC-III-MIB; names of variables recalled"
    lacks: ClassVar[frozenset[str]] = frozenset({"supply_pressure", "return_pressure", "pump[].speed"})

    supply_temperature = VariablePoint(
        _value(_FLUID + r"(?:in-?temp(?:erature)?|temperature\.(?:in|supply))", "degC"),
        *("degC", "Water into the unit."),
        name="supply_temperature",
    )
    return_temperature = VariablePoint(
        _value(_FLUID + r"(?:out-?temp(?:erature)?|temperature\.(?:out|return))", "degC"),
        *("degC", "Water out of the unit."),
        name="return_temperature",
    )
    flow = VariablePoint(_value(_FLUID + r"flow-?(?:rate)?", "l/min"), "l/min", "Flow of the water.", name="flow")
    heat = VariablePoint(
        _value(r".*cooling-?(?:capacity|power)", "W"), "W", "Heat that the water carries away.", name="heat"
    )
    valve = VariablePoint(_value(r".*control-?valve", "%"), "%", "Opening of the water's valve.", name="valve")
    fan_speed = VariablePoint(_value(r".*fan-?(\d+).*", "rpm"), "rpm", "Speed of a fan.", name="fan[].speed")
    fan_duty = VariablePoint(
        _value(r".*fan-?(\d+).*", "%"), "%", "Speed of a fan as a share of its highest.", name="fan[].duty"
    )
    leak = VariablePoint(_leak, None, "True when the leak detector is wet.", name="leak")
    status = VariablePoint(
        lambda v: v.label if v.is_status else None,
        *(None, "Any state, by its own name: ok, alarm, high_warning, lost, ..."),
        name="status[].state",
        confirmed=True,
    )
    sensor = VariablePoint(
        lambda v: v.label if v.is_value else None,
        *(None, "Any value, by its own name."),
        name="sensor[].*",
        confirmed=True,
    )

    def __init__(self, transport: SnmpTransport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self._known: list[Variable] | None = None
        self._changed_at: Any = None
        self._walked_at = 0.0

    def identify(self) -> Identity:
        """Ask for the system group and the unit. Raises WrongDevice where the agent is no LCP's."""
        replies = self.transport.ask([SYS_DESCR, SYS_OBJECT_ID, _UNIT_TYPE, _FIRMWARE, _SERIAL, _DEVICES])
        descr, root = es.text(replies[SYS_DESCR]), object_id(replies[SYS_OBJECT_ID])
        attached = [es.text(name) for name in rows(replies[_DEVICES]).values()]
        if not f"{root}.".startswith(f"{ROOT.removesuffix('.7')}."):
            what = f"sysObjectID {root or '(none)'} is not Rittal's"
            raise WrongDevice(what, address=self.address, sent=SYS_OBJECT_ID, received=descr)
        if replies[_UNIT_TYPE] != _LCP and not any("LCP" in name.upper() for name in (descr, *attached)):
            what = "a CMC III without an LCP"
            raise WrongDevice(what, address=self.address, sent=_UNIT_TYPE, received=descr)
        model = next((name for name in attached if "LCP" in name.upper()), "LCP")
        serial, firmware = es.text(replies[_SERIAL]), es.text(replies[_FIRMWARE])
        raw = "; ".join(part for part in (descr, *attached, serial, firmware) if part)
        return Identity("Rittal", model, serial, firmware, f"{self.address} {SYS_DESCR}", raw)

    def read_points(self, points: Sequence[Point]) -> list[Reading]:
        """Read the variables that the points choose, each once for all of them."""
        wanted = [point for point in points if isinstance(point, VariablePoint)]
        known = self.variables() if wanted else []
        chosen = [[(key, v) for v in known if (key := point.choose(v)) is not None] for point in wanted]
        queries = dict.fromkeys(query for one in chosen for _, v in one for query in v.queries)
        replies = self.transport.ask(list(queries)) if queries else {}
        if any(isinstance(replies[v.queries[0]], NoReading) for one in chosen for _, v in one):
            self._known = None  # one has gone: look again next time
        at = self.clock.now()
        return [
            reading
            for point, one in zip(wanted, chosen, strict=True)
            for reading in point.readings([_seen(key, v, replies) for key, v in one], self.address, at)
        ]

    def variables(self) -> list[Variable]:
        """Return the variables that the agent has now, walked anew where their number has changed."""
        if self._known is None or self._changed():
            replies = self.transport.ask([LAST_CHANGE, *STRUCTURE])
            self._changed_at, self._walked_at = replies[LAST_CHANGE], self.clock.monotonic()
            self._known = variables(replies)
        return self._known

    def _changed(self) -> bool:
        if isinstance(self._changed_at, DriverError):
            return self.clock.monotonic() - self._walked_at > _LOOK_AGAIN_S
        return bool(self.transport.ask([LAST_CHANGE])[LAST_CHANGE] != self._changed_at)


def _seen(key: str, variable: Variable, replies: Mapping[str, Any]) -> Seen:
    integer, text, quality, *status = (replies[query] for query in variable.queries)
    return Seen(key, variable, integer, text, quality, status[0] if status else None)
