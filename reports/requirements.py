"""The matrix of requirement, cases and result, on the page and on paper."""

from typing import Any

from harness import wording
from harness.figures import clean
from harness.run import Run
from harness.tracing import Shown, Traced, traced
from reports.markup import esc, mark, table
from reports.sentences import Tone, number_of

_TONES: dict[Shown, Tone] = {"shown": "pass", "failed": "fail", "not decided": "open", "not covered": "none"}
HEADS = ("Requirement", "What was agreed", "Result", "Cases", "Closest to its limit")


def requirements(run: Run) -> str:
    """Return a row for each requirement; "" where the profile names none."""
    rows = [_row(each) for each in traced(run)]
    return table("Requirements", HEADS, rows, ("k", "w", "", "w", "n"), named=False) if rows else ""


def _row(each: Traced) -> tuple[str, ...]:
    tone = _TONES[each.shown]
    result = f"{mark(tone)}<span class=tone-{tone}>{each.shown}</span>"
    return esc(each.id), esc(each.text), result, esc(_cases(each)), esc(_closest(each))


def rows(run: Run) -> list[list[str]]:
    """Return the same as plain text."""
    return [[clean(e.id), clean(e.text), e.shown, _cases(e), _closest(e)] for e in traced(run)]


def _cases(each: Traced) -> str:
    """Say the numbers of the cases, and on how many devices each."""
    counts: dict[str, int] = {}
    for case in each.cases:
        counts[number_of(case)] = counts.get(number_of(case), 0) + 1
    return ", ".join(f"{clean(number)}{f' ({count})' if count > 1 else ''}" for number, count in counts.items())


def _closest(each: Traced) -> str:
    m = each.closest
    return "" if m is None else f"{wording.value(m)} ({wording.limit(m)})"


def plain(run: Run) -> list[dict[str, Any]]:
    """Return the matrix for programs."""
    return [
        {
            "id": each.id,
            "text": each.text,
            "shown": each.shown,
            "cases": list(each.cases),
            "margin": None if each.closest is None else each.closest.margin,
            "unit": None if each.closest is None else each.closest.unit,
        }
        for each in traced(run)
    ]
