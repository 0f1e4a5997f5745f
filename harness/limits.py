"""Limits: what a measured quantity must be, and by which rule that is decided.

A limit judges; it never reads. With y the value, u its standard uncertainty and U = k·u, the acceptance zone is the
tolerance zone drawn in by w = r·U at every end: `simple` r = 0; `guarded` r = 1, or the limit's `guard`; `iso14253`
r = 0.83, drawn out where the plan's role is the customer; `ilac4` splits what lies within U of the limit into
conditional pass and conditional fail. NaN fails. The rules themselves: `harness.deciding.rules`.
"""

import math
import re
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, model_validator

from harness.deciding import rules
from harness.deciding.rules import GUARD, Judged, Role, Rule, Zone, guard_factor

__all__ = ["GUARD", "ILLUSTRATIVE", "NORMAL_K", "Judged", "Limit", "Role", "Rule", "Scalar"]

NORMAL_K = 2.0
"""Coverage factor of U where nothing else is known: about 95 % of a normal distribution."""

ILLUSTRATIVE = "illustrative"
"""The source of a limit that somebody made up: good for a desk, never for a real rack."""

Scalar = bool | int | FiniteFloat | str


class Limit(BaseModel):
    """What one measured quantity must be, why, and by which rule that is decided.

    Give `low` and/or `high` in `unit`, or exactly one of `equals`, `one_of` and `matches` (a regular expression for
    the whole text). `guard` replaces the factor r of the rule. With `largest_uncertainty`, in
    `unit`, nothing is decided where U is larger or unknown. `source` names the clause, data sheet or agreement.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str | None = None
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None
    equals: Scalar | None = None
    one_of: tuple[Scalar, ...] | None = None
    matches: str | None = None
    rule: Rule = "simple"
    guard: Annotated[FiniteFloat, Field(ge=0)] | None = None
    largest_uncertainty: Annotated[FiniteFloat, Field(gt=0)] | None = None
    source: Annotated[str, Field(min_length=1)]
    requirement: str | None = None

    @model_validator(mode="after")
    def _has_one_meaning(self) -> Self:
        exact = [name for name in ("equals", "one_of", "matches") if getattr(self, name) is not None]
        bounded = self.low is not None or self.high is not None
        if bounded + len(exact) != 1:
            raise ValueError("give low and/or high, or exactly one of equals, one_of, matches")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}: nothing could pass")
        if bounded and self.unit is None:
            raise ValueError("low and high need a unit")
        if exact and self.rule != "simple":
            raise ValueError(f"rule {self.rule!r} needs low or high")
        if self.matches is not None:
            _compiled(self.matches)
        return self

    @cached_property
    def bounded(self) -> bool:
        """Tell whether this limit is an interval."""
        return self.low is not None or self.high is not None

    @cached_property
    def needs_uncertainty(self) -> bool:
        """Tell whether the rule cannot decide without an uncertainty."""
        return self.factor() != 0

    @cached_property
    def tolerance(self) -> Zone:
        """Return the interval from `low` to `high`."""
        return Zone(self.low, self.high)

    def factor(self, role: Role = "supplier") -> float:
        """Return r, by which this limit is drawn in, times U; negative where it is drawn out for the `role`."""
        return guard_factor(self.rule, role, self.guard)

    def judge(
        self, value: Scalar | None, u: float | None = None, *, k: float = NORMAL_K, role: Role = "supplier"
    ) -> Judged:
        """Decide on `value`, in this limit's unit, with standard uncertainty `u` in the same unit; U = k·u.

        >>> Limit(unit="W", high=100, rule="guarded", source="doctest").judge(99.0, 0.4)
        'pass'
        >>> Limit(unit="W", high=100, rule="guarded", source="doctest").judge(99.5, 0.4)
        'fail'
        >>> Limit(unit="W", high=100, rule="ilac4", source="doctest").judge(99.5, 0.4)
        'conditional_pass'
        >>> Limit(unit="W", high=100, rule="iso14253", source="doctest").judge(100.5, 0.4, role="customer")
        'pass'
        """
        if value is None:
            return "not_decided"
        if not self.bounded:
            return "pass" if self._is_exact(value) else "fail"
        if isinstance(value, str | bool):
            return "fail"
        if self.too_uncertain(u, k):
            return "not_decided"
        return rules.judge(float(value), self.tolerance, self.rule, self.factor(role), k * (u or 0.0))

    def too_uncertain(self, u: float | None, k: float = NORMAL_K) -> bool:
        """Tell whether U = k·u is larger than this limit allows, or unknown where it has to be known."""
        if u is None:
            return self.needs_uncertainty or self.largest_uncertainty is not None
        return self.largest_uncertainty is not None and k * u > self.largest_uncertainty

    def _is_exact(self, value: Scalar) -> bool:
        if self.matches is not None:
            return _compiled(self.matches).fullmatch(str(value)) is not None
        wanted = self.one_of if self.one_of is not None else (self.equals,)
        return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in wanted)

    def margin(self, value: Scalar | None) -> float | None:
        """Return the distance to the nearer bound in the limit's unit: negative when it is outside."""
        if not self.bounded or value is None or isinstance(value, str | bool):
            return None
        above = math.inf if self.low is None else value - self.low
        return above if self.high is None else min(above, self.high - value)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {pattern!r}: {error}") from error
