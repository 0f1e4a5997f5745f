"""A SCPI power meter whose commands stand in a file: the model `scpi-meter:FILE.toml`, or `scpi-meter` by itself."""

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from drivers import scpi
from drivers.errors import DriverError, Garbled, UsageError
from drivers.meters.description import Description, read
from drivers.points import Clock, Point
from drivers.protocols import CONTRACTS, Kind
from drivers.scpi_device import ScpiDevice
from drivers.visa import VisaTransport


class DescribedMeter(ScpiDevice):
    """A power meter by a description: its points, its list, its settings and actions."""

    model: ClassVar[str] = "scpi-meter"
    kind: ClassVar[Kind] = "power_meter"
    description: ClassVar[Description]

    def __init__(self, transport: VisaTransport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self._is_set_up = False

    @staticmethod
    def described_in(path: Path) -> "type[DescribedMeter]":
        """Return the device class that a file describes. Raises UsageError."""
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: {error}", fix="scpi-meter:FILE.toml") from None
        return described_by(text, path.name)

    def _replies(self, points: Sequence[Point]) -> dict[str, Any]:
        listed = self.description.query
        others = [point for point in points if point.query != listed]
        replies: dict[str, Any] = {listed: self._list()} if len(others) < len(points) else {}
        return replies | super()._replies(others)

    def _list(self) -> dict[str, str] | DriverError:
        described = self.description
        if not self._is_set_up:
            self.do(*described.setup)
            self._is_set_up = True
        reply = self.transport.query(described.query)
        fields = scpi.fields(reply, described.separator)
        if len(fields) == len(described.items):
            return dict(zip(described.items, fields, strict=True))
        self._is_set_up = False
        what = f"{len(fields)} values where {len(described.items)} items are described"
        return Garbled(what, address=self.address, sent=described.query, received=reply)

    def integration_start(self) -> None:
        """Start the integration of energy. Raises DeviceRefused, UsageError where none is described."""
        self._act("integration_start")

    def integration_stop(self) -> None:
        """Stop the integration. Raises DeviceRefused, UsageError where none is described."""
        self._act("integration_stop")

    def integration_reset(self) -> None:
        """Set energy to zero. Raises DeviceRefused, UsageError where none is described."""
        self._act("integration_reset")

    def set_voltage_range(self, volts: float | None) -> None:
        """Fix the voltage range at `volts` V, or let it follow the signal (None). Raises as `integration_start`."""
        self._act("voltage_range_auto" if volts is None else "voltage_range", volts or 0.0)

    def set_current_range(self, amperes: float | None) -> None:
        """Fix the current range at `amperes` A, or let it follow the signal (None). Raises as `integration_start`."""
        self._act("current_range_auto" if amperes is None else "current_range", amperes or 0.0)

    def set_update_interval(self, seconds: float) -> None:
        """Set the update interval in s. Raises as `integration_start`."""
        self._act("update_interval", seconds)

    def _act(self, name: str, value: float = 0.0) -> None:
        if name not in self.description.actions:
            raise UsageError(f"the description has no action {name}", address=self.address)
        self.do(*(command.format(value=value) for command in self.description.actions[name]))


def described_by(text: str, where: str) -> type[DescribedMeter]:
    """Return the device class that a description makes. Raises UsageError with `where` and the key path."""
    described = read(text, where)
    points = {re.sub(r"\W+", "_", point.name): point for point in described.points}
    body: dict[str, Any] = {
        "__doc__": f"A power meter as {where} describes it ({described.source}).",
        "source": described.source,
        "identity": described.identity,
        "errors": described.errors,
        "description": described,
        "lacks": frozenset(CONTRACTS["power_meter"]) - {point.name for point in described.points},
    }
    return type("ScpiMeter", (DescribedMeter,), body | points)


ScpiMeter = described_by(files("drivers.meters").joinpath("scpi_meter.toml").read_text("utf-8"), "scpi_meter.toml")
"""The meter of the description that stands beside this module."""
