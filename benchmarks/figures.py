"""One measured figure, and the table of all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


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


def renewed(page: Path, figures: Sequence[Figure]) -> list[Figure]:
    """Return the figures of a page with these in the place of those of the same name, and new ones behind."""
    marks = {mark: met for met, mark in _MARKS.items()}
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    old = {what: Figure(what, value, goal, marks[mark]) for what, value, goal, mark in rows}
    return list((old | {figure.what: figure for figure in figures}).values())


_MARKS = {None: "", True: "met", False: "**missed**"}


def at_most(what: str, value: float, goal: float, unit: str) -> Figure:
    """Return a figure that is to be at most `goal`."""
    return Figure(what, f"{value:.3g} {unit}", f"≤ {goal:g} {unit}", value <= goal)


def at_least(what: str, value: float, goal: float, unit: str) -> Figure:
    """Return a figure that is to be at least `goal`."""
    return Figure(what, f"{value:.3g} {unit}", f"≥ {goal:g} {unit}", value >= goal)
