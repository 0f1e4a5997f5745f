"""What a fault changed, so that it can be taken back: every field of the rack before and after it struck."""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, fields
from typing import Any

from harness.emulator.world import World

RUNS_ON = frozenset({"energy", "received", "sent", "damaged", "pending", "active"})
"""Fields that go on from what they are: a register that was reset stays reset."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a fault changed, and what it was."""

    holder: Any
    name: str
    before: Any

    def take_back(self) -> None:
        """Set the field back; a container keeps its identity, for others may look at it."""
        now = getattr(self.holder, self.name)
        if isinstance(now, dict | set):
            now.clear()
            now.update(self.before)
        elif isinstance(now, list):
            now[:] = self.before
        else:
            setattr(self.holder, self.name, self.before)


def holders(world: World) -> Iterator[Any]:
    """Return everything in a rack that a fault may change."""
    rack = world.physics
    yield from (world, world.sensors, rack.cooling)
    yield from world.wires.values()
    yield from world.meters.values()
    for tray in rack.trays.values():
        yield from (tray, *tray.gpus)
    yield from rack.switch_trays.values()
    for shelf in rack.power.shelves:
        yield from (shelf, *shelf.psus)
    yield from rack.power.feeds
    for switch in rack.switches.values():
        yield from switch.ports.values()


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: copy(item) if isinstance(item, list) else item for key, item in value.items()}
    return copy(value) if isinstance(value, list | set) else value


def changes(world: World, strike: Callable[[], None]) -> list[Change]:
    """Let a fault strike, and return what it changed."""
    names = {type(h): [f.name for f in fields(h) if f.name not in RUNS_ON] for h in holders(world)}
    before = [(h, name, _kept(getattr(h, name))) for h in holders(world) for name in names[type(h)]]
    strike()
    return [Change(h, name, was) for h, name, was in before if not _same(getattr(h, name), was)]


def _same(now: Any, was: Any) -> bool:
    return now is was or (type(now) is type(was) and bool(now == was))
