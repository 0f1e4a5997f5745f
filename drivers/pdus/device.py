"""What all rack PDUs have in common: a table of points over columns, a name plate, outlets that can be switched."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from drivers.column_device import ColumnDevice, Plate
from drivers.errors import DeviceRefused, NoReading, UsageError
from drivers.points import Reading
from drivers.protocols import Kind

__all__ = ["STATE", "Action", "Control", "PduDevice", "Plate", "one_column"]

Action = Literal["on", "off", "cycle"]

STATE = "outlet[].state"
SWITCH_WITHIN_S = 30.0
"""Relays close one after the other, and a cycle waits some seconds between off and on."""

_POLL_S = 1.0
_KEY = re.compile(r"[0-9]+(\.[0-9]+)*")


@dataclass(frozen=True, slots=True)
class Control:
    """How an outlet is switched: for each action the column and the number that is written there."""

    on: tuple[str, int]
    off: tuple[str, int]
    cycle: tuple[str, int]


def one_column(oid: str, on: int, off: int, cycle: int) -> Control:
    """Return the control of a PDU that takes all actions in one column."""
    return Control((oid, on), (oid, off), (oid, cycle))


class PduDevice(ColumnDevice):
    """A rack PDU with an SNMP agent.

    Beside what every `ColumnDevice` states, subclasses state in `controls` how outlets are switched, by the column
    that tells their state. All numbers are integers of the MIB's own step; an agent's own index is the key of a
    reading.
    """

    kind: ClassVar[Kind] = "pdu"
    controls: ClassVar[Mapping[str, Control]] = {}

    def switch_outlet(self, key: str, action: Action, within_s: float = SWITCH_WITHIN_S) -> Reading:
        """Switch the outlet `key` and wait until the PDU says that it has; return the reading that says so.

        "cycle" is off and on again, of an outlet that is on. No reading ever calls this. The request goes out once:
        where it stays without an answer, Silent, the outlet may have been switched or not.

        Raises before anything is written UsageError for an outlet that there is not, or that is off and shall be
        cycled, and NoReading for one of no known state; DeviceRefused where the PDU refuses or its outlet does not
        follow in time.
        """
        before = self._outlet(key)
        if before.value is None:
            raise NoReading(f"{before.name}: {before.reason}", address=self.address, sent=before.source)
        if action == "cycle" and before.value != "on":
            raise UsageError(f"outlet {key} is {before.value}: nothing to cycle", address=self.address)
        control = self.controls[before.source.rpartition(" ")[2].removesuffix(f".{key}")]
        oid, value = {"on": control.on, "off": control.off, "cycle": control.cycle}[action]
        self.transport.put(f"{oid}.{key}", value)
        return self._followed(key, action, within_s)

    def _outlet(self, key: str) -> Reading:
        if STATE not in self.points() or not self.controls:
            raise UsageError(f"{self.model} has no outlets that can be switched", address=self.address)
        name = STATE.replace("[]", f"[{key}]")
        found = {r.name: r for r in self.read_points([self.points()[STATE]])} if _KEY.fullmatch(key) else {}
        if name not in found:
            raise UsageError(f"no outlet {key!r}; there are {', '.join(found) or 'none'}", address=self.address)
        return found[name]

    def _followed(self, key: str, action: Action, within_s: float) -> Reading:
        """Read the outlet until it is what it was told to be; a cycled one must have been off in between."""
        until = self.clock.monotonic() + within_s
        awaited = ["off", "on"] if action == "cycle" else [action]
        while True:
            state = self._outlet(key)
            if state.value == awaited[0]:
                awaited.pop(0)
            if not awaited:
                return state
            if self.clock.monotonic() >= until:
                what = f"told {action}, outlet {key} is {state.value or 'unknown'} after {within_s:g} s"
                raise DeviceRefused(what, address=self.address, sent=state.source, received=state.raw)
            self.clock.sleep(_POLL_S)
