"""What one generation of racks must be: features, counts, firmware and limits, each limit with its source. Data."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from harness import datafile
from harness.datafile import Data
from harness.limits import Limit


class Constant(Data):
    """A property of the generation that figures are computed with, and where it comes from."""

    value: FiniteFloat
    unit: str
    source: Annotated[str, Field(min_length=1)]


class Profile(Data):
    """A generation. A real rack is accepted only on a `released` profile, which has an approver."""

    schema_: Literal[1] = Field(alias="schema")
    generation: str
    revision: Annotated[int, Field(ge=1)]
    state: Literal["draft", "released"] = "draft"
    approver: str | None = None
    features: frozenset[str] = frozenset()
    counts: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    constants: dict[str, Constant] = Field(default_factory=dict)
    limits: dict[str, Limit] = Field(default_factory=dict)


def load(path: Path) -> Profile:
    """Read a profile file. Raises DataError."""
    return datafile.load(path, Profile)
