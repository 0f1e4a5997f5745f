"""What one generation of racks must be: features, counts, firmware and limits, each limit with its source. Data."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, FiniteFloat, model_validator

from drivers.points import UNITS
from harness import datafile
from harness.datafile import Data
from harness.deciding.rules import COUNTS, Counted, Judged
from harness.limits import Limit

DERIVED = frozenset({"FLOP/J"})
"""Units of figures that cases work out and no device gives."""


class Constant(Data):
    """A property of the generation that figures are computed with, and where it comes from."""

    value: FiniteFloat
    unit: str
    source: Annotated[str, Field(min_length=1)]


def _in_a_known_unit(limit: Limit) -> Limit:
    known = UNITS | DERIVED
    if limit.unit is not None and limit.unit not in known:
        raise ValueError(f"unknown unit {limit.unit!r}; {datafile.suggestion(limit.unit, list(known))}")
    return limit


class Profile(Data):
    """A generation. A real rack is accepted only on a `released` profile, which has an approver.

    `conditional_pass` and `conditional_fail` say what these results of the rule `ilac4` count as. `requirements` are
    what was agreed, id and text; a limit names the one that it is there for.
    """

    schema_: Literal[1] = Field(alias="schema")
    generation: str
    revision: Annotated[int, Field(ge=1)]
    state: Literal["draft", "released"] = "draft"
    approver: str | None = None
    conditional_pass: Counted = "pass"  # noqa: S105 - a result, no secret
    conditional_fail: Counted = "fail"
    features: frozenset[str] = frozenset()
    counts: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    constants: dict[str, Constant] = Field(default_factory=dict)
    limits: dict[str, Annotated[Limit, AfterValidator(_in_a_known_unit)]] = Field(default_factory=dict)
    requirements: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _approved(self) -> Self:
        if self.state == "released" and not self.approver:
            raise ValueError("a released profile names its approver")
        return self

    @model_validator(mode="after")
    def _known_requirements(self) -> Self:
        for name, limit in self.limits.items():
            if self.requirements and limit.requirement not in (None, *self.requirements):
                hint = datafile.suggestion(str(limit.requirement), list(self.requirements))
                raise ValueError(f"limits.{name} is there for an unknown requirement {limit.requirement!r}; {hint}")
        return self

    def shown_by(self, limits: Iterable[str]) -> tuple[str, ...]:
        """Return the requirements that these limits are there for, each once."""
        named = (self.limits[name].requirement for name in limits if name in self.limits)
        return tuple(dict.fromkeys(requirement for requirement in named if requirement))

    def taken_for(self, judged: Judged) -> Counted:
        """Return what a result counts as in this profile."""
        return {"conditional_pass": self.conditional_pass, "conditional_fail": self.conditional_fail}.get(
            judged, COUNTS[judged]
        )


def load(path: Path) -> Profile:
    """Read a profile file. Raises DataError."""
    return datafile.load(path, Profile)
