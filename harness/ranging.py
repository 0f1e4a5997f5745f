"""A ranging run, then measured runs with fixed ranges, then the settings as they were found: the way of MLPerf Power.

While the rack works, the meters choose their ranges themselves; the widest that each needed is then fixed, so that no
range changes in a window and the accuracy in force is known. Every setting is read back. What was found goes to the
journal before anything is changed, so that a later process can restore what a killed one could not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drivers.errors import DeviceRefused, DriverError
from drivers.points import Device, Reading
from drivers.protocols import Ranging
from harness.columns import Column
from harness.records import Note, RangesSet, Record
from harness.session import Handle

POINTS = ("voltage_range", "current_range", "voltage_auto", "current_auto")
_NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Settings:
    """The ranges of one meter at its terminals, V and A, and whether each follows the signal."""

    voltage_range: float
    current_range: float
    voltage_auto: bool
    current_auto: bool

    def like(self, other: "Settings") -> bool:
        """Tell whether these are the same settings; of a range that follows the signal only that it does."""
        volts = self.voltage_auto or _near(self.voltage_range, other.voltage_range)
        amperes = self.current_auto or _near(self.current_range, other.current_range)
        autos = (self.voltage_auto, self.current_auto) == (other.voltage_auto, other.current_auto)
        return autos and volts and amperes


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= _NEAR * abs(one)


def rangeable(handle: Handle) -> bool:
    """Tell whether a device is a meter whose ranges can be set and read back. Raises DriverError."""
    device = handle.device()
    return isinstance(device, Ranging) and set(POINTS) <= set(device.points())


def settings(handle: Handle) -> Settings:
    """Read the settings of a meter. Raises DriverError, DeviceRefused where it does not tell one."""
    found = {reading.name: reading for reading in handle.read(*POINTS)}
    volts, amperes = (_number(found["voltage_range"]), _number(found["current_range"]))
    return Settings(volts, amperes, bool(_number(found["voltage_auto"])), bool(_number(found["current_auto"])))


def _number(reading: Reading) -> float:
    if reading.value is None or isinstance(reading.value, str):
        address, _, sent = reading.source.partition(" ")
        what = f"the meter does not tell its {reading.name}: {reading.reason or reading.value}"
        raise DeviceRefused(what, address=address, sent=sent, received=reading.raw)
    return float(reading.value)


def apply(handle: Handle, wanted: Settings) -> None:
    """Set the ranges of a meter, and read them back. Raises DriverError, DeviceRefused where they did not take."""
    handle.using(lambda device: _set(device, wanted))
    now = settings(handle)
    if not wanted.like(now):
        what = f"the ranges did not take: asked for {wanted}, the meter says {now}"
        raise DeviceRefused(what, address=handle.device().address, fix="unlock the meter, and stop its integration")


def _set(device: Device[Any], wanted: Settings) -> None:
    if isinstance(device, Ranging):
        device.set_voltage_range(None if wanted.voltage_auto else wanted.voltage_range)
        device.set_current_range(None if wanted.current_auto else wanted.current_range)


class RangingRun:
    """The ranges of the meters of one run: freed, fixed, restored. `found` is what an earlier process left to do."""

    def __init__(self, record: Callable[[Record], None], found: Mapping[str, Settings] | None = None) -> None:
        self._record = record
        self._found = dict(found or {})

    def free(self, handles: Iterable[Handle]) -> list[Handle]:
        """Let the ranges of these meters follow the signal, and return those that do.

        One that cannot be set is noted: what is measured with it shows by its codes what its ranges did.
        """
        return [handle for handle in handles if self._done(handle, self._free)]

    def _free(self, handle: Handle) -> None:
        if not rangeable(handle):
            what = f"a {handle.device().model} has no ranges that can be set and read back"
            raise DeviceRefused(what, address=handle.device().address)
        if handle.name not in self._found:
            found = settings(handle)
            self._record(_told(handle.name, "found", found))
            self._found[handle.name] = found
        now = self._found[handle.name]
        apply(handle, Settings(now.voltage_range, now.current_range, voltage_auto=True, current_auto=True))

    def fix(self, handles: Iterable[Handle], seen: Mapping[tuple[str, str], Column]) -> None:
        """Fix every meter at the widest ranges that it was seen in; one that cannot be is noted."""
        for handle in handles:
            self._done(handle, lambda meter: self._fix(meter, seen))

    def _fix(self, handle: Handle, seen: Mapping[tuple[str, str], Column]) -> None:
        volts, amperes = (_widest(handle, seen.get((handle.name, point))) for point in POINTS[:2])
        wanted = Settings(volts, amperes, voltage_auto=False, current_auto=False)
        apply(handle, wanted)
        self._record(_told(handle.name, "fixed", wanted))

    def _done(self, handle: Handle, work: Callable[[Handle], None]) -> bool:
        try:
            work(handle)
        except DriverError as error:
            self._record(Note(text=f"{handle.name} was not ranged: {error}"))
            return False
        return True

    def restore(self, handles: Mapping[str, Handle]) -> list[str]:
        """Set every meter as it was found, and return, a sentence each, what could not be."""
        failed = []
        for name, before in list(self._found.items()):
            try:
                apply(handles[name], before)
            except DriverError as error:
                failed.append(f"the ranges of {name} are not as they were found: {error}")
                self._record(_told(name, "not_restored", before, str(error)))
            else:
                del self._found[name]
                self._record(_told(name, "restored", before))
        return failed


def _widest(handle: Handle, column: Column | None) -> float:
    if column is None or not column.values:
        what = "the meter told no range while ranging"
        raise DeviceRefused(what, address=handle.device().address)
    return max(column.values)


def _told(name: str, step: str, told: Settings, reason: str | None = None) -> RangesSet:
    return RangesSet.model_validate({
        "device": name,
        "step": step,
        "voltage_range": told.voltage_range,
        "current_range": told.current_range,
        "voltage_auto": told.voltage_auto,
        "current_auto": told.current_auto,
        "reason": reason,
    })  # fmt: skip


def left_to_do(records: Sequence[RangesSet]) -> dict[str, Settings]:
    """Return, from what a journal says, the meters that are not as they were found, with how they were."""
    found: dict[str, Settings] = {}
    for record in records:
        if record.step == "found":
            ranges = (record.voltage_range, record.current_range, record.voltage_auto, record.current_auto)
            found[record.device] = Settings(*ranges)
        elif record.step == "restored":
            found.pop(record.device, None)
    return found
