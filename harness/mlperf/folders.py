"""Where submissions lie: the layouts of published ones differ, so each is known by what is in it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_INFERENCE = ("power/server.json", "power/client.json", "power/ptd_logs.txt", "run_1/spl.txt", "ranging/spl.txt")
MOST_FOLDERS = 200_000
"""How many folders are looked through before it is said that DIR is too large."""


class NotASubmission(ValueError):
    """A folder in which no power log of MLPerf was found: says what was looked for."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A folder with the power logs of one benchmark: `kind` is inference or training."""

    kind: str
    folder: Path


def submissions(folder: Path) -> list[Submission]:
    """Return all submissions in or below `folder`, in order of path. Raises NotASubmission, OSError."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder}: is no folder")
    found = list(_below(folder))
    if not found:
        wanted = "power/RUN/node_*.txt (training) or power/server.json, power/ptd_logs.txt, run_1/spl.txt (inference)"
        within = folder.resolve().name in ("power", "ranging", "run_1")
        hint = "; name the folder above it" if within else ""
        raise NotASubmission(f"{folder}: no power log of MLPerf in it or below; looked for {wanted}{hint}")
    return sorted(found, key=lambda s: str(s.folder))


def _below(folder: Path) -> Iterator[Submission]:
    for count, (path, names, _) in enumerate(os.walk(folder)):
        if count > MOST_FOLDERS:
            raise NotASubmission(f"{folder}: more than {MOST_FOLDERS} folders; name one further down")
        names.sort()
        kind = _kind(Path(path), set(names))
        if kind is not None:
            yield Submission(kind, Path(path))
            names.clear()  # a submission holds none


def _kind(folder: Path, names: set[str]) -> str | None:
    if names.isdisjoint(("power", "run_1", "ranging")):
        return None
    if "power" in names and any(_node_logs(folder / "power")):
        return "training"
    return "inference" if any((folder / marker).exists() for marker in _INFERENCE) else None


def _node_logs(power: Path) -> Iterator[Path]:
    yield from power.glob("*/node_*.txt")
    yield from power.glob("*/sw_*.txt")
