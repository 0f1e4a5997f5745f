"""Of each quantity the measurement closest to its limit: what is said where there is no room for all."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness import wording
from harness.figures import clean, number, scale_of, shown
from harness.records import Measurement
from harness.run import Case, Run
from reports.sentences import OUTCOME_TONES, Tone

HEADS = ("Case", "Quantity", "Number", "Closest to its limit", "Limit", "Margin", "U", "Where")
_ORDER = {"fail": 0, "open": 1, "pass": 2}


@dataclass(frozen=True, slots=True)
class Closest:
    """One quantity of one case number: the worst tone of all, and the cells under `HEADS`, plain text."""

    group: str
    number: str
    tone: Tone
    cells: tuple[str, ...]


def closest(run: Run) -> list[Closest]:
    """Return a row for each quantity of each case number, in the order of the plan."""
    found: dict[tuple[str, str], list[tuple[Case, Measurement]]] = {}
    for case in run.cases.values():
        for m in case.measurements:
            found.setdefault((case.planned.number, m.name), []).append((case, m))
    return [_closest(of_it) for of_it in found.values()]


def _closest(of_it: list[tuple[Case, Measurement]]) -> Closest:
    case, m = min(of_it, key=lambda pair: _closeness(pair[1]))
    figure = number(m.value)
    value = shown(m.value) if figure is None else scale_of(m).value(figure)
    where = clean(m.where or case.planned.device or "")
    limits = (wording.limit(m), wording.margin(m), wording.uncertainty(m))
    cells = (clean(case.planned.number), wording.words(m.name), str(len(of_it)), value, *limits, where)
    return Closest(
        case.planned.group, case.planned.number, _worst(OUTCOME_TONES[each.outcome] for _, each in of_it), cells
    )


def _closeness(m: Measurement) -> tuple[int, float]:
    return _ORDER.get(OUTCOME_TONES[m.outcome], 3), 0.0 if m.margin is None else m.margin


def _worst(tones: Iterable[str]) -> Tone:
    found = set(tones)
    return "fail" if "fail" in found else "open" if "open" in found else "pass"
