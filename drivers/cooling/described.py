"""A cooling unit whose MIB stands in a file: the model `snmp-cdu:FILE.toml`, or `snmp-cdu` by itself."""

from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from drivers.column_device import ColumnDevice
from drivers.cooling.description import read
from drivers.errors import UsageError
from drivers.protocols import CONTRACTS, Kind


class DescribedCdu(ColumnDevice):
    """A cooling unit by a description: its points, the roots of its sysObjectID, its name plate."""

    model: ClassVar[str] = "snmp-cdu"
    kind: ClassVar[Kind] = "cooling"

    @staticmethod
    def described_in(path: Path) -> "type[DescribedCdu]":
        """Return the device class that a file describes. Raises UsageError."""
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: {error}", fix="snmp-cdu:FILE.toml") from None
        return described_by(text, path.name)


def described_by(text: str, where: str) -> type[DescribedCdu]:
    """Return the device class that a description makes. Raises UsageError with `where` and the key path."""
    described = read(text, where)
    body: dict[str, Any] = {
        "__doc__": f"A cooling unit as {where} describes it ({described.source}).",
        "source": described.source,
        "roots": described.roots,
        "proof": described.proof,
        "plate": described.plate,
        "table": described.points,
        "lacks": frozenset(CONTRACTS["cooling"]) - {point.name for point in described.points},
    }
    return type("SnmpCdu", (DescribedCdu,), body)


SnmpCdu = described_by(
    files("drivers.cooling").joinpath("hpe_apollo_cdu.toml").read_text("utf-8"), "hpe_apollo_cdu.toml"
)
"""The unit of the description that stands beside this module."""
