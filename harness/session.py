"""The inventory, connected: every device identified, one exchange at a time each, and who is to blame when one fails.

Blame needs proof. A station's device that fails is the instrument's doing. A rack's own device that is silent, or
answers as something else, is the rack's doing only where a neighbour on the same path answers as itself: the same kind
of wire, the same network, the same credentials. Without such a neighbour the path is not proven, and nothing is.
"""

import errno
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from drivers import addresses, catalogue
from drivers.errors import DeviceRefused, DriverError, NoReading, Refused, UsageError
from drivers.options import Options
from drivers.points import Accuracy, Clock, Device, Identity, Reading, may_name
from drivers.protocols import Kind
from drivers.ssh import Shell, SshDevice
from harness.calibration import Instrument, Register
from harness.inventory import DeviceEntry, Inventory
from harness.records import Attribution, Calibration, DeviceMissing, DeviceSeen, Record

MEASURING: frozenset[Kind] = frozenset({"power_meter", "oscilloscope"})
"""Kinds of devices that a station measures with: they have to be calibrated."""

OPENED_AT_ONCE = 16
NEIGHBOURS_ASKED = 3


class DeviceOut(Exception):
    """A device that a case needs did not answer, or not as itself."""

    def __init__(self, name: str, error: DriverError, attribution: Attribution, proof: str) -> None:
        super().__init__(f"{name} is out: {error}\n  because  {proof}")
        self.name, self.error, self.attribution, self.proof = name, error, attribution, proof


@dataclass(frozen=True, slots=True)
class Blame:
    """Whose doing an error is, and what proves it."""

    attribution: Attribution
    proof: str


class Handle:
    """One device of the inventory: opened once, asked by one thread at a time.

    `first` and `identity` are what it said that it is, first and last. What did not say so, or said something else
    last, is asked again before anything that it reads is believed.
    """

    def __init__(self, entry: DeviceEntry, session: "Session") -> None:
        self.entry, self._session = entry, session
        self._lock = threading.RLock()
        self._device: Device[Any] | None = None
        self.first: Identity | None = None
        self.identity: Identity | None = None
        self._trusted = False

    @property
    def name(self) -> str:
        """The device's name in the inventory."""
        return self.entry.name

    @property
    def slot(self) -> str:
        """The device's place in the rack, or its name where it has none of its own."""
        return self.entry.slot or self.entry.name

    def device(self) -> Device[Any]:
        """Return the driver, connected. Raises DriverError."""
        with self._lock:
            if self._device is None:
                self._device = self._session.connect(self.entry)
            return self._device

    def identify(self) -> Identity:
        """Ask the device what it is, also by what the inventory says of it. Raises DriverError."""
        with self._lock:
            self._trusted = False
            device = self.device()
            identity = device.identify()
            if self.entry.ct_ratio is not None:
                _check_ratio(device, self.entry.ct_ratio)
            self.first = self.first or identity
            self.identity, self._trusted = identity, True
            return identity

    def read(self, *patterns: str) -> list[Reading]:
        """Read points as `Device.read` does, one exchange at a time, from a device that has identified itself.

        Raises DriverError: a device that is not what it should be is not read.
        """
        with self._lock:
            readings = self._identified().read(*patterns)
            known = self._session.calibration(self.name)
        if self.entry.accuracy:
            readings = [_stated(reading, self.entry) for reading in readings]
        return readings if known is None else [self._session.aged(reading, known) for reading in readings]

    def update_interval(self) -> float | None:
        """Return how often the device itself says that its values are new, s; None where it does not say.

        Raises DriverError.
        """
        with self._lock:
            device = self._identified()
            if "update_interval" not in device.points():
                return None
            (reading,) = device.read("update_interval")
        return float(reading.value) if isinstance(reading.value, int | float) else None

    def using(self, work: Callable[[Device[Any]], None]) -> None:
        """Let `work` have the device, which has identified itself, while nobody else asks it. Raises DriverError."""
        with self._lock:
            work(self._identified())

    def shell(self) -> Shell:
        """Return the device as something that runs commands. Raises DriverError, UsageError where it is none."""
        with self._lock:
            device = self._identified()
        if not isinstance(device, SshDevice):
            raise UsageError(f"{self.name} is a {device.model}: it runs no commands", address=device.address)
        return device

    def _identified(self) -> Device[Any]:
        """Return the driver of a device that is what it should be: what another one reads proves nothing."""
        if not self._trusted:
            self.identify()
        return self.device()

    def close(self) -> None:
        """Hang up."""
        with self._lock:
            device, self._device = self._device, None
            if device is not None:
                device.close()


def _check_ratio(device: Device[Any], wanted: float) -> None:
    (reading,) = device.read("ct_ratio")
    if reading.value != wanted:
        raise DeviceRefused(
            f"the meter's current transformer ratio is {reading.value}, the inventory says {wanted}",
            address=device.address,
            received=reading.raw,
            fix="set the ratio at the meter, or correct ct_ratio in the inventory",
        )


class Session:
    """The devices of one rack; what was opened is closed in reverse. `out` are those that did not identify at first."""

    def __init__(
        self, inventory: Inventory, clock: Clock, record: Callable[[Record], None], register: Register | None = None
    ) -> None:
        self.inventory, self._clock, self._record, self._register = inventory, clock, record, register
        self._networks = {d.name: addresses.parse(d.address).network for d in inventory.device}
        self.handles = {entry.name: Handle(entry, self) for entry in inventory.device}
        self.out: dict[str, DriverError] = {}

    def connect(self, entry: DeviceEntry) -> Device[Any]:
        """Open the device of an inventory entry. Raises DriverError."""
        folder = self.inventory.folder
        host_key = folder / entry.host_key if entry.host_key else None
        ca = folder / entry.ca if entry.ca else None
        options = Options(folder=folder, host_key=host_key, ca=ca)
        return catalogue.open_device(entry.model, entry.address, options, self._clock)

    def open(self, progress: Callable[[str], None] = lambda _: None) -> None:
        """Connect to every device, let each identify itself, and write down what came of it."""
        with ThreadPoolExecutor(OPENED_AT_ONCE, "open") as pool:
            results = {}
            for name, result in zip(self.handles, pool.map(_identified, self.handles.values()), strict=True):
                results[name] = result
                progress(f"{len(results)} of {len(self.handles)} devices: {name}")
        self.out = {name: result for name, result in results.items() if isinstance(result, DriverError)}
        for name, result in results.items():
            self._record(self._seen(self.handles[name].entry, result))

    def _seen(self, entry: DeviceEntry, result: Identity | DriverError) -> Record:
        common = {
            "name": entry.name,
            "model": entry.model,
            "role": entry.role,
            "owner": entry.owner,
            "slot": entry.slot,
            "address": addresses.parse(entry.address).public,
        }
        if isinstance(result, DriverError):
            blame = self.blame(entry.name, result)
            return DeviceMissing(**common, error=str(result), attribution=blame.attribution, proof=blame.proof)
        return DeviceSeen(
            **common,
            maker=result.maker,
            device_model=result.model,
            serial=result.serial,
            firmware=result.firmware,
            calibration=_on_record(self.calibration(entry.name)),
            emulated=result.emulated,
            raw=result.raw,
        )

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return self._clock.now()

    def calibration(self, name: str) -> Instrument | None:
        """Return what the register says of the instrument that answers as `name`; None where it says nothing."""
        identity = self.handles[name].identity
        return None if self._register is None or identity is None else self._register.of(identity.serial)

    def aged(self, reading: Reading, instrument: Instrument) -> Reading:
        """Return a reading whose accuracy holds the drift of its instrument since calibration."""
        drift = instrument.drift(reading.at.date())
        if reading.accuracy is None or drift == 0:
            return reading
        return replace(reading, accuracy=_drifted(reading.accuracy, drift, instrument))

    def distrust(self, names: Iterable[str]) -> str | None:
        """Say why an instrument among these devices decides nothing now; None where all may be trusted."""
        doubts = (self.doubt(name, self.now()) for name in names if name in self.handles)
        return next((doubt for doubt in doubts if doubt is not None), None)

    def doubt(self, name: str, at: datetime) -> str | None:
        """Say why what `name` reads at a time decides nothing: past due, or a meter of the station not on record.

        None where it may be trusted, and where there is no register: then nothing is known of any instrument.
        """
        handle = self.handles[name]
        if self._register is None or handle.identity is None:
            return None
        known = self.calibration(name)
        doubt = None if known is None else known.doubt(at.date())
        if known is None and _measures(handle.entry):
            doubt = "no calibration on record"
        return None if doubt is None else f"{name}, serial {handle.identity.serial}: {doubt}"

    def of_roles(self, roles: Iterable[str]) -> list[Handle]:
        """Return the devices of these roles, in the order of the inventory."""
        wanted = set(roles)
        return [handle for handle in self.handles.values() if handle.entry.role in wanted]

    def blame(self, name: str, error: DriverError) -> Blame:
        """Say whose doing `error` at the device `name` is, as far as that is proven."""
        known = _blame_unasked(self.handles[name].entry, error)
        if known is not None:
            return known
        neighbour = self._proving_neighbour(name)
        if neighbour is None:
            return Blame("network", "no neighbour on the same path answers: the path is not proven")
        return Blame("rack", f"{neighbour} on the same path answers as itself")

    def _proving_neighbour(self, name: str) -> str | None:
        path = self._networks[name]
        near = [h for n, h in self.handles.items() if n != name and self._networks[n] == path and h.identity]
        for handle in near[:NEIGHBOURS_ASKED]:
            if not isinstance(_identified(handle), DriverError):
                return handle.name
        return None

    def blame_address(self, error: DriverError) -> Blame:
        """Say whose doing an error is that only knows its address."""
        for entry in self.inventory.device:
            if addresses.parse(entry.address).public == error.address:
                return self.blame(entry.name, error)
        return Blame("software", "the error names no device of the inventory")

    def close(self) -> None:
        """Hang up on every device, the last opened first."""
        with ExitStack() as closing:
            for handle in self.handles.values():
                closing.callback(handle.close)


def _measures(entry: DeviceEntry) -> bool:
    return entry.owner == "station" and catalogue.model(entry.model.partition(":")[0]).kind in MEASURING


def _stated(reading: Reading, entry: DeviceEntry) -> Reading:
    """Return a reading with the limits of error that the inventory states for its point; else as it is."""
    for stated in entry.accuracy:
        if reading.value is not None and may_name(reading.name, stated.point):
            return replace(reading, accuracy=Accuracy(**stated.model_dump(exclude={"point"})))
    return reading


def _on_record(known: Instrument | None) -> Calibration | None:
    return None if known is None else Calibration(**known.model_dump(exclude={"serial"}))


def _drifted(accuracy: Accuracy, drift: float, instrument: Instrument) -> Accuracy:
    return replace(accuracy, drift=drift, drift_source=f"{instrument.drift_source}, since {instrument.calibrated}")


def _blame_unasked(entry: DeviceEntry, error: DriverError) -> Blame | None:
    """Say whose doing an error is where no neighbour has to be asked."""
    if isinstance(error, UsageError):
        return Blame("station", "nothing was sent: the station's files ask for something that cannot be")
    if (lacking := _lacking_here(error)) is not None:
        return Blame("station", f"this machine itself said: {lacking}")
    if isinstance(error, Refused):
        return Blame("station", "the device answers; the station's credentials or trusted keys are not accepted")
    if entry.owner == "station":
        return Blame("instrument", f"{entry.name} is the station's own")
    return Blame("rack", f"{entry.name} says so itself") if isinstance(error, NoReading) else None


_OUR_OWN = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.ENETUNREACH, errno.EADDRNOTAVAIL})
"""What an operating system says when it is short of something itself; no device has a part in that."""


def _lacking_here(error: BaseException) -> str | None:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _OUR_OWN:
            return cause.strerror
        cause = cause.__cause__
    return None


def _identified(handle: Handle) -> Identity | DriverError:
    try:
        return handle.identify()
    except DriverError as error:
        return error
