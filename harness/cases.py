"""What a case says about itself: its number, its state, what it needs, and which limits it asks for."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from harness.inventory import DeviceEntry, Inventory

GROUPS = {
    "INV": "inventory",
    "PWR": "power",
    "CLG": "cooling",
    "NET": "network",
    "CMP": "compute",
    "EFF": "efficiency",
    "REL": "reliability",
    "MGT": "management",
}
"""The groups of the catalogue by the letters of a case's number."""

STATES = ("idle", "full", "soak")
"""The states that a case can judge, in the order in which a rack is brought to them."""

WHOLE_RACK = "rack"
"""`each="rack"` means every device that the rack owns."""

F = TypeVar("F", bound=Callable[..., Any])


class CaseError(Exception):
    """A case that says something impossible about itself."""


@dataclass(frozen=True, slots=True)
class Need:
    """A point that must be observable: `role.point`, `*` standing for anything in the point."""

    role: str
    point: str


@dataclass(frozen=True, slots=True)
class CaseInfo:
    """What `@case` and `@needs` said; `limits` are the names that its body measures by."""

    number: str
    claim: str
    state: str | None
    each: str | None
    beside: str | None = None
    needs: tuple[Need, ...] = ()
    features: frozenset[str] = frozenset()
    limits: tuple[str, ...] = ()

    @property
    def states(self) -> tuple[str, ...]:
        """The states whose dwells this case judges, in the order in which the rack visits them."""
        return tuple(state for state in (self.beside, self.state) if state is not None)

    @property
    def group(self) -> str:
        """The group of the catalogue that the number belongs to."""
        return GROUPS[self.number.partition("-")[0]]

    def devices(self, inventory: Inventory) -> list[DeviceEntry]:
        """Return the devices that this case is repeated for; none where it is one case for the rack."""
        if self.each is None:
            return []
        if self.each == WHOLE_RACK:
            return [device for device in inventory.device if device.owner == "rack"]
        return inventory.of_role(self.each)

    def unobservable(self, inventory: Inventory) -> str | None:
        """Say which instrument or device this inventory lacks for the case; None where it lacks none."""
        roles = [need.role for need in self.needs] + ([self.each] if self.each not in (None, WHOLE_RACK) else [])
        lacking = [role for role in dict.fromkeys(roles) if not inventory.of_role(role)]
        return f"the inventory has no device of role {', '.join(lacking)}" if lacking else None


def case(
    number: str, *, state: str | None = None, each: str | None = None, beside: str | None = None
) -> Callable[[F], F]:
    """Make a function a case of the catalogue.

    `number` is like "PWR-012", `state` the state whose dwell it judges, `beside` one that it compares that with; `each`
    is a role: the case is then repeated for every device of it, which it gets as `device` ("rack" for every device of
    the rack). The docstring is the claim.
    """

    def mark(function: F) -> F:
        _check(number, function)
        _check_states(function, state, beside)
        before: CaseInfo | None = getattr(function, "rackproof", None)
        info = CaseInfo(number, _claim(function), state, each, beside, limits=_limits_in(function))
        if before is not None:
            info = replace(info, needs=before.needs, features=before.features)
        function.rackproof = info  # type: ignore[attr-defined]
        return function

    return mark


def needs(*points: str, feature: str | None = None) -> Callable[[F], F]:
    """State which points, as `role.point`, a case must be able to observe, and which feature the generation must have.

    In the case's state these points are sampled. Without a device of the role the case is not observable; without
    the feature it does not apply. Stands below `@case`.
    """
    wanted = tuple(Need(*point.split(".", 1)) for point in points)
    features = frozenset() if feature is None else frozenset({feature})

    def mark(function: F) -> F:
        before: CaseInfo = getattr(function, "rackproof", CaseInfo("", "", None, None))
        info = replace(before, needs=before.needs + wanted, features=before.features | features)
        function.rackproof = info  # type: ignore[attr-defined]
        return function

    return mark


def _check(number: str, function: Callable[..., Any]) -> None:
    letters, dash, digits = number.partition("-")
    if letters not in GROUPS or not dash or not digits.isdigit() or len(digits) != 3:
        raise CaseError(
            f"{function.__name__}: number {number!r} is not one of {', '.join(GROUPS)}, a dash, three digits"
        )
    if not (function.__doc__ or "").strip():
        raise CaseError(
            f"{function.__name__} ({number}): the docstring is the claim that the report prints; it is empty"
        )


def _check_states(function: Callable[..., Any], *states: str | None) -> None:
    for state in states:
        if state is not None and state not in STATES:
            raise CaseError(f"{function.__name__}: no state {state!r}; there are {', '.join(STATES)}")


def _claim(function: Callable[..., Any]) -> str:
    return " ".join((function.__doc__ or "").split())


def _limits_in(function: Callable[..., Any]) -> tuple[str, ...]:
    """Find the names that the body passes to `measure`, so that a missing limit is known before anything is touched."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    return tuple(dict.fromkeys(_literal(c, function) for c in calls if getattr(c.func, "id", "") == "measure"))


def _literal(call: ast.Call, function: Callable[..., Any]) -> str:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    raise CaseError(f"{function.__name__}: measure() takes the limit's name as a literal text, first")
