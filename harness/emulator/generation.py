"""A generation of the emulated rack as data: read, and held to what a rack can be.

This file is the emulator's own; it is never derived from an acceptance profile, nor a profile from it.
"""

import tomllib
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from harness.emulator import possible
from harness.emulator.figures import (
    AirFigures,
    BusFigures,
    CoolantFigures,
    Counts,
    CpuFigures,
    FeedFigures,
    GpuFigures,
    PduFigures,
    SensorFigures,
    ShelfFigures,
    SwitchFigures,
    SwitchTrayFigures,
    Table,
    TrafficFigures,
    TrayFigures,
    Versions,
)

SHIPPED = Path(__file__).with_name("generations")


T = TypeVar("T")


class GenerationError(ValueError):
    """A generation that cannot be: names the file, the key and what is wrong with it."""


class Generation(Table):
    """One generation of emulated racks; what its counts do not have needs no table."""

    schema_version: Literal[1] = Field(alias="schema")
    name: str
    counts: Counts
    gpu: GpuFigures
    cpu: CpuFigures
    tray: TrayFigures
    switch: SwitchFigures
    bus: BusFigures
    feed: FeedFigures
    traffic: TrafficFigures
    versions: Versions
    sensors: dict[str, SensorFigures]
    switch_trays: SwitchTrayFigures | None = Field(alias="switch_tray", default=None)
    shelves: ShelfFigures | None = Field(alias="shelf", default=None)
    pdus: PduFigures | None = Field(alias="pdu", default=None)
    liquid: CoolantFigures | None = Field(alias="coolant", default=None)
    air: AirFigures | None = None

    @property
    def switch_tray(self) -> SwitchTrayFigures:
        """Return the figures of the switch trays. Raises LookupError where the rack has none."""
        return _there(self.switch_trays, "switch_tray")

    @property
    def shelf(self) -> ShelfFigures:
        """Return the figures of the power shelves. Raises LookupError where the rack has none."""
        return _there(self.shelves, "shelf")

    @property
    def pdu(self) -> PduFigures:
        """Return the figures of the rack PDUs. Raises LookupError where the rack has none."""
        return _there(self.pdus, "pdu")

    @property
    def coolant(self) -> CoolantFigures:
        """Return the figures of the coolant loop. Raises LookupError where the rack is cooled by air."""
        return _there(self.liquid, "coolant")

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if impossible := possible.complaint(self):
            raise ValueError(impossible)
        return self


def _there(table: T | None, name: str) -> T:
    if table is None:
        message = f"this generation has no [{name}]"
        raise LookupError(message)
    return table


def shipped() -> list[str]:
    """Return the names of the generations that come with the emulator."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load(name: str) -> Generation:
    """Read a generation, by the name of a shipped one or by the path of a file.

    A file with `based_on`, the name of a shipped one, states only what differs. Raises GenerationError with the file
    and the key.
    """
    path = SHIPPED / f"{name}.toml" if name in shipped() else Path(name)
    try:
        return Generation.model_validate(_whole(tomllib.loads(path.read_text(encoding="utf-8")), path))
    except OSError as error:
        message = f"{name}: no such generation; there are {', '.join(shipped())}, or give a file's path"
        raise GenerationError(message) from error
    except tomllib.TOMLDecodeError as error:
        message = f"{path}: {error}"
        raise GenerationError(message) from error
    except ValidationError as error:
        raise GenerationError(_explain(path, error)) from error


def _whole(stated: dict[str, Any], path: Path) -> dict[str, Any]:
    base = stated.pop("based_on", None)
    if base is None:
        return stated
    if base not in shipped():
        message = f"{path}: based_on: no shipped generation {base!r}; there are {', '.join(shipped())}"
        raise GenerationError(message)
    return _merged(tomllib.loads((SHIPPED / f"{base}.toml").read_text(encoding="utf-8")), stated)


def _merged(base: dict[str, Any], stated: dict[str, Any]) -> dict[str, Any]:
    """Return `base` with every key that is stated in its place, table by table."""
    tables = {key: _merged(base[key], value) for key, value in stated.items()
              if isinstance(value, dict) and isinstance(base.get(key), dict)}  # fmt: skip
    return base | stated | tables


def _explain(path: Path, error: ValidationError) -> str:
    lines = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}".removeprefix(": Value error, ")
             for fault in error.errors()]  # fmt: skip
    return "\n".join(f"{path}: {line}" for line in lines)
