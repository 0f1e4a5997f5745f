"""One measured figure, and the table of all."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, its value with unit, the goal where there is one, and whether it was met."""

    what: str
    value: str
    goal: str = ""
    met: bool | None = None


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table."""
    rows = [f"| {f.what} | {f.value} | {f.goal} | {_MARKS[f.met]} |" for f in figures]
    return "\n".join(["| figure | measured | goal | |", "|---|---|---|---|", *rows])


_MARKS = {None: "", True: "met", False: "**missed**"}


def at_most(what: str, value: float, goal: float, unit: str) -> Figure:
    """Return a figure that is to be at most `goal`."""
    return Figure(what, f"{value:.3g} {unit}", f"≤ {goal:g} {unit}", value <= goal)


def at_least(what: str, value: float, goal: float, unit: str) -> Figure:
    """Return a figure that is to be at least `goal`."""
    return Figure(what, f"{value:.3g} {unit}", f"≥ {goal:g} {unit}", value >= goal)
