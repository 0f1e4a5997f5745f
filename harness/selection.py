"""Which of the collected cases a plan runs, in which order, and why the others do not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from drivers import catalogue
from drivers.points import may_name
from harness.cases import CaseInfo
from harness.datafile import DataError, suggestion
from harness.inventory import DeviceEntry, Inventory
from harness.planfile import Plan
from harness.profile import Profile
from harness.records import PlannedCase, UnplannedCase


@dataclass(slots=True)
class Selection:
    """The items to run, in order, and the cases that are left out with the reason."""

    items: list[pytest.Item] = field(default_factory=list)
    left_out: list[UnplannedCase] = field(default_factory=list)


def info_of(item: pytest.Item) -> CaseInfo | None:
    """Return what the case behind an item said about itself; None where it is no case."""
    info = getattr(getattr(item, "function", None), "rackproof", None)
    return info if isinstance(info, CaseInfo) else None


def case_id(item: pytest.Item) -> str:
    """Return the number of an item's case, with the device in brackets where it is one per device."""
    info = info_of(item)
    device = device_of(item)
    number = info.number if info else item.name
    return f"{number}[{device}]" if device else number


def device_of(item: pytest.Item) -> str | None:
    """Return the device that an item is about, None where it is about the rack."""
    callspec = getattr(item, "callspec", None)
    return None if callspec is None else callspec.params.get("device")


def planned(item: pytest.Item, profile: Profile | None = None) -> PlannedCase:
    """Return an item as the journal states it; with a profile, also the requirements that it shows."""
    info = info_of(item)
    if info is None:
        raise TypeError(f"{item.nodeid} is no case")
    case, device = case_id(item), device_of(item)
    return PlannedCase(
        case=case,
        number=info.number,
        group=info.group,
        claim=info.claim,
        device=device,
        state=info.state,
        requirements=() if profile is None else profile.shown_by(info.limits),
    )


def select(items: Sequence[pytest.Item], plan: Plan, profile: Profile, inventory: Inventory) -> Selection:
    """Choose and order items by the plan; leave out, with the reason, what cannot or need not run.

    Raises DataError where the plan names a case that does not exist, a duration or a limit that is missing.
    """
    _refuse_unknown(items, plan)
    _refuse_other_generation(profile, inventory)
    _refuse_unasked_roles(items, plan, inventory)
    selection = Selection()
    for item in _in_order(items, plan):
        reason = _why_not(item, plan, profile, inventory)
        if reason is None:
            _refuse_undefined(item, plan, profile)
            _refuse_unstated(item, profile, inventory)
            selection.items.append(item)
        elif not any(u.case == reason.case for u in selection.left_out):
            selection.left_out.append(reason)
    _refuse_twice(selection.items)
    return selection


def _in_order(items: Sequence[pytest.Item], plan: Plan) -> list[pytest.Item]:
    places = []
    for index, item in enumerate(items):
        info = info_of(item)
        position = plan.position(info.number) if info else None
        if info and position is not None:
            places.append((position, info.number, index, item))
    return [item for *_, item in sorted(places, key=lambda place: place[:3])]


def _why_not(item: pytest.Item, plan: Plan, profile: Profile, inventory: Inventory) -> UnplannedCase | None:
    info = info_of(item)
    if info is None:
        return None
    lacking = sorted(info.features - profile.features)
    if lacking:
        reason = f"generation {profile.generation} has no {', '.join(lacking)}"
        return UnplannedCase(case=info.number, why="not_applicable", reason=reason)
    blind = info.unobservable(inventory)
    if blind is None:
        return None
    waiver = next((w for w in plan.waivers if w.case == info.number), None)
    if waiver:
        return UnplannedCase(case=info.number, why="waived", reason=f"{waiver.reason} ({waiver.name}); {blind}")
    return UnplannedCase(case=info.number, why="not_observable", reason=blind)


def _refuse_undefined(item: pytest.Item, plan: Plan, profile: Profile) -> None:
    info = info_of(item)
    if info is None:
        return
    for limit in info.limits:
        if limit not in profile.limits:
            hint = suggestion(limit, list(profile.limits))
            needed = f"no [limits.{limit}], which case {info.number} needs"
            raise DataError(f"profile {profile.generation}: {needed}; {hint}")
    for state in info.states:
        if state not in plan.durations:
            raise DataError(f"plan {plan.name}: no [durations.{state}], which case {info.number} needs")


def _refuse_unstated(item: pytest.Item, profile: Profile, inventory: Inventory) -> None:
    """Refuse a rule that needs an uncertainty on what nobody states the accuracy of: it could never be decided."""
    info = info_of(item)
    guarded = [name for name in info.limits if profile.limits[name].needs_uncertainty] if info else []
    if info is None or not guarded:
        return
    for need in info.needs:
        for device in inventory.of_role(need.role):
            for point in unstated(device, need.point):
                limit = f"limits.{guarded[0]} has the rule {profile.limits[guarded[0]].rule!r}"
                taken = f"case {info.number} takes it from {device.name} of model {device.model}"
                lacking = f"nothing states the uncertainty of its {point!r}"
                fix = f"state it under [[device.accuracy]] of {device.name} in the inventory, or use the rule 'simple'"
                raise DataError(f"profile {profile.generation}: {limit}, {taken}: {lacking}; {fix}")


def unstated(device: DeviceEntry, pattern: str) -> list[str]:
    """Return the numeric points of a device that the pattern names and of which nobody states the accuracy."""
    model = catalogue.MODELS.get(device.model.partition(":")[0])
    if model is None:
        return []
    wanted = [p for p in model.points().values() if p.unit is not None and may_name(p.name, pattern)]
    stated = [one.point for one in device.accuracy]
    return [p.name for p in wanted if p.name not in model.accurate and not any(may_name(p.name, s) for s in stated)]


def _refuse_unknown(items: Sequence[pytest.Item], plan: Plan) -> None:
    numbers = [info.number for item in items if (info := info_of(item))]
    for pattern in plan.unknown(numbers):
        raise DataError(f"plan {plan.name}: order: no case {pattern!r}; {suggestion(pattern, sorted(set(numbers)))}")
    for waiver in plan.waivers:
        if waiver.case not in numbers:
            hint = suggestion(waiver.case, sorted(set(numbers)))
            raise DataError(f"plan {plan.name}: waivers: no case {waiver.case!r}; {hint}")


def _refuse_twice(items: Sequence[pytest.Item]) -> None:
    """Refuse two items of one name: the result of the second would stand for that of the first."""
    first: dict[str, pytest.Item] = {}
    for item in items:
        other = first.setdefault(case_id(item), item)
        if other is not item:
            raise DataError(f"case {case_id(item)} stands there twice: {other.nodeid} and {item.nodeid}")


def _refuse_unasked_roles(items: Sequence[pytest.Item], plan: Plan, inventory: Inventory) -> None:
    known = {need.role for item in items if (info := info_of(item)) for need in info.needs}
    known |= {device.role for device in inventory.device}
    for role in plan.sampling:
        if role not in known:
            hint = suggestion(role, sorted(known))
            raise DataError(f"plan {plan.name}: sampling: no case and no device has the role {role!r}; {hint}")


def _refuse_other_generation(profile: Profile, inventory: Inventory) -> None:
    if profile.generation != inventory.generation:
        rack = f"the rack {inventory.serial} is {inventory.generation!r}"
        raise DataError(f"the profile is for generation {profile.generation!r}, {rack}; use --profile FILE")
