"""What runs, in which order and for how long. Data: no limits, no addresses."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from harness import datafile
from harness.datafile import Data

Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Duration(Data):
    """How long the rack settles in a state before the window opens, and how long the window is; both s."""

    settle_s: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    window_s: Seconds


class RangingPlan(Duration):
    """A ranging run before the first measured one: devices of `roles` choose their ranges while the rack is in `state`.

    The widest range that each needed is then fixed, and what was found is restored at the end.
    """

    state: str = "full"
    roles: Annotated[tuple[str, ...], Field(min_length=1)] = ("feed_meter",)


class Waiver(Data):
    """A case that nobody has to decide: why, and who says so."""

    case: str
    reason: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]


class Rehearsal(Data):
    """How often devices are read where the rack's time runs faster than the station's: seconds of the rack, by role."""

    default_period_s: Seconds
    sampling: dict[str, Seconds] = Field(default_factory=dict)


class Plan(Data):
    """A plan: `order` lists case numbers and globs; `durations` by state.

    By role or role.point (globs in the point): `sampling` is the period in s, `refresh` how often a device has new
    values, s, where it does not say so itself, `stale` for how long, s, a value may rest before it proves nothing.
    `rehearsal` has the periods for a rack whose time runs faster; without it the plan cannot be rehearsed.
    `registers` are the roles whose energy registers count during the run.
    """

    schema_: Literal[1] = Field(alias="schema")
    name: str
    role: Literal["supplier", "customer"] = "supplier"
    order: Annotated[tuple[str, ...], Field(min_length=1)]
    durations: dict[str, Duration] = Field(default_factory=dict)
    sampling: dict[str, Seconds] = Field(default_factory=dict)
    refresh: dict[str, Seconds] = Field(default_factory=dict)
    stale: dict[str, Seconds] = Field(default_factory=dict)
    default_period_s: Seconds = 1.0
    ranging: RangingPlan | None = None
    registers: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    rehearsal: Rehearsal | None = None

    def position(self, number: str) -> int | None:
        """Return the place of a case in the order, None where the plan does not hold it."""
        return next((i for i, pattern in enumerate(self.order) if fnmatchcase(number, pattern)), None)

    def unknown(self, numbers: Iterable[str]) -> list[str]:
        """Return the entries of the order that none of these case numbers fits."""
        present = list(numbers)
        return [p for p in self.order if not any(fnmatchcase(number, p) for number in present)]

    def rehearsed(self) -> "Plan":
        """Return the plan with the periods of its rehearsal. Raises DataError where it states none."""
        if self.rehearsal is None:
            what = f"plan {self.name} states no [rehearsal] periods: it cannot run in a rack's faster time"
            raise datafile.DataError(f"{what}; add [rehearsal] default_period_s, or leave out --speed")
        return self.model_copy(update=self.rehearsal.model_dump())

    def period(self, role: str, point: str = "") -> float:
        """Return the sampling period for a point of devices of `role`, s."""
        found = _of_point(self.sampling, role, point)
        return self.default_period_s if found is None else found

    def refresh_of(self, role: str) -> float | None:
        """Return how often devices of `role` have new values, s; None where the plan does not say."""
        return self.refresh.get(role)

    def stale_after(self, role: str, point: str) -> float | None:
        """Return for how long a value of a point may rest, s; None for ever."""
        return _of_point(self.stale, role, point)


def _of_point(by_pattern: Mapping[str, float], role: str, point: str) -> float | None:
    """Return the value of the most particular pattern that names the point, else that of its role."""
    name = f"{role}.{point}"
    fitting = [p for p in by_pattern if "." in p and fnmatchcase(name, p.replace("[", "[[]"))]
    return by_pattern[max(fitting, key=len)] if fitting else by_pattern.get(role)


def load(path: Path) -> Plan:
    """Read a plan file. Raises DataError."""
    return datafile.load(path, Plan)


def find(plans: Path, name: str) -> Path:
    """Return the file of a plan: a path, or the name of one that lies in the folder `plans`. Raises DataError."""
    if Path(name).suffix == ".toml":
        return Path(name)
    path = plans / f"{name}.toml"
    if not path.is_file():
        known = sorted(p.stem for p in plans.glob("*.toml"))
        raise datafile.DataError(
            f"no plan {name!r}; {datafile.suggestion(name, known)}; or give a path that ends in .toml"
        )
    return path
