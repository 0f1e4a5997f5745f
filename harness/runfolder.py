"""The folder of a run: journal, series, attachments, inputs, reports."""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from harness.datafile import DataError

FOLDERS = ("series", "attachments", "inputs", "reports", "inbox")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The three files that a run is made from."""

    rack: Path
    plan: Path
    profile: Path

    def __str__(self) -> str:
        return f"  plan {self.plan}\n  profile {self.profile}\n  inventory {self.rack}"


def create(base: Path, inputs: Inputs, serial: str, now: datetime) -> Path:
    """Make the folder of a new run below `base` and keep its inputs in it. Raises DataError where it cannot."""
    folder = base / f"{now:%Y%m%dT%H%M%SZ}-{_safe(serial)}"
    try:
        folder = _fresh(folder)
    except OSError as error:
        raise _unmakable(folder, error) from error
    fill(folder, inputs)
    return folder


def fill(folder: Path, inputs: Inputs) -> None:
    """Make what belongs into the folder of a new run and keep its inputs there. Raises DataError where it cannot."""
    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, source in (("rack", inputs.rack), ("plan", inputs.plan), ("profile", inputs.profile)):
            shutil.copyfile(source, folder / "inputs" / f"{name}.toml")
        origin = json.dumps({"rack": str(inputs.rack.resolve())})
        (folder / "inputs" / "origin.json").write_text(origin, encoding="utf-8")
    except OSError as error:
        raise _unmakable(folder, error) from error


def _unmakable(folder: Path, error: OSError) -> DataError:
    return DataError(f"{folder}: the run folder cannot be made: {error.strerror}; use --runs DIR for another")


def _fresh(folder: Path) -> Path:
    for n in range(1, 100):
        candidate = folder if n == 1 else folder.with_name(f"{folder.name}-{n}")
        try:
            candidate.mkdir(parents=True)
        except FileExistsError:
            continue
        return candidate
    raise DataError(f"{folder}: a hundred runs of this rack began in this second")


def _safe(serial: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in serial)


def kept(folder: Path, rack: Path | None = None) -> Inputs:
    """Return the inputs of a run that goes on: its own plan and profile; the inventory where it was, or `rack`.

    Raises DataError.
    """
    inputs = folder / "inputs"
    if rack is None:
        try:
            rack = Path(json.loads((inputs / "origin.json").read_text(encoding="utf-8"))["rack"])
        except (OSError, ValueError, KeyError) as error:
            raise DataError(f"{inputs}: it does not say where the inventory was ({error}); use --rack FILE") from error
    return Inputs(rack, inputs / "plan.toml", inputs / "profile.toml")
