"""The energy registers of the meters, set going for a run and put back as they were found.

A register that stands at its reset is started, and stopped and reset at the end. One that counts already is left to
count; one that holds somebody's result is left alone.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from drivers.errors import DeviceRefused, DriverError
from drivers.points import Device
from drivers.protocols import Integrating
from harness.records import Note, Record, RegisterSet
from harness.session import Handle

STATE = "integration_state"
_AT_REST, _COUNTING = "RESET", "START"


class Registers:
    """The registers of one run; `started` are those that an earlier process of it left counting."""

    def __init__(self, record: Callable[[Record], None], started: Iterable[str] = ()) -> None:
        self._record, self._started = record, dict.fromkeys(started)

    def start(self, handles: Iterable[Handle]) -> None:
        """Set the registers of these meters going; one that cannot be is noted."""
        for handle in handles:
            if handle.name not in self._started:
                try:
                    self._start(handle)
                except DriverError as error:
                    self._record(Note(text=f"the energy register of {handle.name} does not count: {error}"))

    def _start(self, handle: Handle) -> None:
        state = _state(handle)
        if state == _COUNTING:
            return
        if state != _AT_REST:
            what = f"the register holds a result ({state}), which is not ours to reset"
            raise DeviceRefused(what, address=handle.device().address, fix="reset the integration at the meter")
        self._record(RegisterSet(device=handle.name, step="started"))  # before, so that a later process knows
        self._started[handle.name] = None
        handle.using(lambda device: _integrating(device).integration_start())

    def restore(self, handles: Mapping[str, Handle]) -> list[str]:
        """Stop and reset what was started, and return, a sentence each, what could not be."""
        failed = []
        for name in list(self._started):
            try:
                self._put_back(handles[name])
            except DriverError as error:
                failed.append(f"the energy register of {name} is not as it was found: {error}")
            else:
                del self._started[name]
                self._record(RegisterSet(device=name, step="reset"))
        return failed

    def _put_back(self, handle: Handle) -> None:
        if _state(handle) == _COUNTING:
            handle.using(lambda device: _integrating(device).integration_stop())
        handle.using(lambda device: _integrating(device).integration_reset())
        if (state := _state(handle)) != _AT_REST:
            what = f"the register is not at its reset but at {state}"
            raise DeviceRefused(what, address=handle.device().address)


def _state(handle: Handle) -> str:
    device = handle.device()
    if not isinstance(device, Integrating) or STATE not in device.points():
        raise DeviceRefused(f"a {device.model} has no register that can be started", address=device.address)
    (reading,) = handle.read(STATE)
    return str(reading.value)


def _integrating(device: Device[Any]) -> Integrating:
    if not isinstance(device, Integrating):
        raise DeviceRefused(f"a {device.model} has no register that can be started", address=device.address)
    return device


def left_counting(records: Iterable[RegisterSet]) -> list[str]:
    """Return, from what a journal says, the meters whose registers a run started and did not put back."""
    started: dict[str, None] = {}
    for record in records:
        if record.step == "started":
            started[record.device] = None
        else:
            started.pop(record.device, None)
    return list(started)
