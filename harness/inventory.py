"""Where things are: the devices of one rack with their addresses, its components and its cables. Data, no I/O."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, field_validator

from drivers import addresses
from drivers.errors import DriverError
from harness import datafile
from harness.datafile import Data
from harness.records import Owner

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]


class StatedAccuracy(Data):
    """Limits of error of what a device reads, where its driver knows none: ±(of_reading · |value| + of_range · range).

    `point` is a name with `*` for anything, as "phase[*].power"; `range` and `resolution` are in the unit of the point.
    """

    point: str
    of_reading: NotNegative = 0.0
    of_range: NotNegative = 0.0
    range: NotNegative = 0.0
    resolution: NotNegative = 0.0
    source: Annotated[str, Field(min_length=1)]


class DeviceEntry(Data):
    """A device: `model` is looked up in the catalogue, `address` is where it answers, `owner` whose it is.

    `role` is what a plan asks for, `slot` its place in the rack. `host_key` and `ca` are files that prove an SSH or TLS
    server; `ct_ratio` is primary over secondary current of a meter's current transformers. `accuracy` states limits of
    error that stand for those of the driver.
    """

    name: Name
    model: str
    address: str
    owner: Owner
    role: Name
    slot: str | None = None
    host_key: Path | None = None
    ca: Path | None = None
    ct_ratio: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    accuracy: tuple[StatedAccuracy, ...] = ()

    @field_validator("address")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            addresses.parse(value)
        except DriverError as error:
            raise ValueError(error.what) from error
        return value


class Component(Data):
    """A part that was built in, and where it came from."""

    serial: str
    part: str
    supplier: str | None = None
    lot: str | None = None
    origin: str | None = None
    slot: str | None = None


class Link(Data):
    """A cable: `a` is a port of a switch, `b` what is plugged in at the far end, each as `device:port`."""

    a: Annotated[str, Field(pattern=r"^[^:]+:.+$")]
    b: Annotated[str, Field(pattern=r"^[^:]+:.+$")]


class Inventory(Data):
    """One rack. Paths in it are relative to its file; `calibration` is the register of the station's instruments.

    The time of an emulated rack may run `speed` times faster than this machine's; at `epoch` (Unix time, s) both were
    the same.
    """

    schema_: Literal[1] = Field(alias="schema")
    serial: Annotated[str, Field(min_length=1)]
    generation: Annotated[str, Field(min_length=1)]
    station: Annotated[str, Field(min_length=1)]
    calibration: Path | None = None
    speed: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.0
    epoch: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    device: tuple[DeviceEntry, ...] = ()
    component: tuple[Component, ...] = ()
    link: tuple[Link, ...] = ()
    _folder: Path = PrivateAttr(default=Path())

    @field_validator("device")
    @classmethod
    def _devices_once(cls, value: tuple[DeviceEntry, ...]) -> tuple[DeviceEntry, ...]:
        _refuse_twice("name", [device.name for device in value])
        return value

    @field_validator("component")
    @classmethod
    def _components_once(cls, value: tuple[Component, ...]) -> tuple[Component, ...]:
        _refuse_twice("serial", [component.serial for component in value])
        return value

    @field_validator("link")
    @classmethod
    def _links_once(cls, value: tuple[Link, ...]) -> tuple[Link, ...]:
        _refuse_twice("a", [link.a for link in value])
        return value

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self._folder

    def of_role(self, role: str) -> list[DeviceEntry]:
        """Return the devices of a role, in the order of the file."""
        return [device for device in self.device if device.role == role]

    def named(self, name: str) -> DeviceEntry:
        """Return the device `name`. Raises KeyError."""
        return next((d for d in self.device if d.name == name), None) or _unknown(name)


def _unknown(name: str) -> DeviceEntry:
    raise KeyError(name)


def _refuse_twice(key: str, values: list[str]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            places = " and ".join(f"[{index}]" for index, one in enumerate(values) if one == value)
            raise ValueError(f"{key} {value!r} stands there twice, at {places}; each needs one of its own")


def load(path: Path) -> Inventory:
    """Read an inventory file. Raises DataError."""
    inventory = datafile.load(path, Inventory)
    inventory._folder = path.resolve().parent  # noqa: SLF001 - of this module's own class
    return inventory
