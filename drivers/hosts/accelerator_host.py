"""A host whose accelerators stand in a file: the model `accelerator-host:FILE.toml`, or `accelerator-host` alone."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from drivers.errors import UsageError, WrongDevice
from drivers.hosts.accelerator_description import Description, read
from drivers.hosts.linux import LinuxHost
from drivers.points import Identity
from drivers.protocols import CONTRACTS, Kind
from drivers.ssh import Completed


class DescribedHost(LinuxHost):
    """A Linux host with accelerators by a description: commands, columns and units."""

    model: ClassVar[str] = "accelerator-host"
    kind: ClassVar[Kind] = "gpu_host"
    description: ClassVar[Description]

    @staticmethod
    def described_in(path: Path) -> "type[DescribedHost]":
        """Return the device class that a file describes. Raises UsageError."""
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: {error}", fix="accelerator-host:FILE.toml") from None
        return described_by(text, path.name)

    def identify(self) -> Identity:
        """Ask as a Linux host, and for the tool. Raises WrongDevice where it is not installed."""
        identity, command = super().identify(), self.description.identity
        found: Completed = self.transport.ask([command])[command]
        if found.status != 0:
            what = f"no {command.split()[0]} there"
            raise WrongDevice(what, address=self.address, sent=command, received=found.stderr or found.stdout)
        return identity


def described_by(text: str, where: str) -> type[DescribedHost]:
    """Return the device class that a description makes. Raises UsageError with `where` and the key path."""
    described = read(text, where)
    points = {re.sub(r"\W+", "_", point.name): point for point in described.points}
    body: dict[str, Any] = {
        "__doc__": f"A host with accelerators as {where} describes them ({described.source}).",
        "source": described.source,
        "description": described,
        "lacks": frozenset(CONTRACTS["gpu_host"]) - set(LinuxHost.points()) - {p.name for p in described.points},
    }
    return type("AcceleratorHost", (DescribedHost,), body | points)


AcceleratorHost = described_by(
    files("drivers.hosts").joinpath("accelerator_host.toml").read_text("utf-8"), "accelerator_host.toml"
)
"""The host of the description that stands beside this module."""
