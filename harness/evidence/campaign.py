"""A campaign: the runs that an evaluation rests on, and the rule, written beforehand, by which it recommends. Data."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from harness import datafile
from harness.datafile import Data, DataError

Share = Annotated[float, Field(ge=0, le=1)]


class Rule(Data):
    """When the evaluation recommends: how many racks were accepted at least, and what share was tested again at most.

    `confidence` is that of the bound on the share of racks that would show a requirement.
    """

    least_racks: Annotated[int, Field(ge=1)]
    most_retested: Share = 0.0
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.90
    written: date
    signer: Annotated[str, Field(min_length=1)]


class Deviation(Data):
    """A requirement that is conceded although it was not shown: why, who signed, until when."""

    requirement: str
    reason: Annotated[str, Field(min_length=1)]
    signer: Annotated[str, Field(min_length=1)]
    until: date


class Campaign(Data):
    """What belongs to an evaluation. `runs` are run folders or globs of them, relative to the file."""

    schema_: Literal[1] = Field(alias="schema")
    name: Annotated[str, Field(min_length=1)]
    runs: Annotated[tuple[str, ...], Field(min_length=1)]
    rule: Rule
    requirements: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    deviation: tuple[Deviation, ...] = ()


def load(path: Path) -> Campaign:
    """Read a campaign file. Raises DataError."""
    return datafile.load(path, Campaign)


def run_folders(path: Path, campaign: Campaign) -> list[Path]:
    """Return the run folders that the campaign names, in order, each once. Raises DataError where a name finds none."""
    found: dict[Path, None] = {}
    for pattern in campaign.runs:
        here = [p for p in sorted(path.parent.glob(pattern)) if (p / "journal.jsonl").is_file()]
        if not here:
            raise DataError(f"{path}: runs: {pattern!r} names no run folder below {path.parent}")
        found |= dict.fromkeys(here)
    return list(found)
