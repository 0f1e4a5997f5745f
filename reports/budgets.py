"""What the uncertainty of a measurement is made of, as a table."""

import math

from harness import wording
from harness.figures import expanded, prefix
from harness.records import BudgetLine, Measurement
from harness.run import Case
from reports.markup import esc, folded, table

_HEADS = ("Contribution", "Type", "Distribution", "u", "Sensitivity", "In the result", "Share", "Dof", "Source")
_MANY = 1000
"""Degrees of freedom that are as good as infinite: k is 2.00."""
_KINDS = ("w", "", "", "n", "n", "n", "n", "n", "w")


def budgets(cases: list[Case]) -> str:
    """Return the budgets of all measurements of these cases, folded away; "" where none is known."""
    found = [budget(m) for case in cases for m in case.measurements]
    drawn = [one for one in found if one]
    return folded(f"{len(drawn)} uncertainty budget{'s' if len(drawn) > 1 else ''}", "".join(drawn)) if drawn else ""


def budget(m: Measurement) -> str:
    """Return the budget of `m`: u of each input, its part in the result and the part's share; "" where it has none."""
    if not m.budget:
        return ""
    whole = (m.uncertainty or 0.0) ** 2
    rows = [_row(line, line.amount * _summed(line, m.budget) / whole if whole else 0.0) for line in m.budget]
    return table(f"{wording.subject(m)}: {summary(m)}", _HEADS, rows, _KINDS)


def summary(m: Measurement) -> str:
    """Say u, degrees of freedom, k and U in a line, in the unit of the rows below it."""
    _, _, symbol = prefix(m.unit, 1.0)
    dof = "infinite" if m.dof is None else f"{m.dof:.1f}" if m.dof < _MANY else f"over {_MANY}"
    u, expanded_ = (f"{value or 0.0:.4g} {symbol}".rstrip() for value in (m.uncertainty, expanded(m)))
    return f"u = {u}, effective degrees of freedom {dof}, {wording.coverage(m)}, U = {expanded_}"


def _summed(line: BudgetLine, budget_: tuple[BudgetLine, ...]) -> float:
    """Return the sum of what adds linearly with `line`, itself included: shares of a group then add up to its own."""
    if line.group is None:
        return line.amount
    alike = (o.amount for o in budget_ if o.group == line.group and (o.sensitivity < 0) == (line.sensitivity < 0))
    return math.fsum(alike)


def _row(line: BudgetLine, share: float) -> tuple[str, ...]:
    group = "" if line.group is None else " (adds linearly)"
    return (
        esc(line.name + group),
        line.type,
        esc(line.distribution),
        f"{line.u:.4g}",
        f"{line.sensitivity:.4g}",
        f"{line.amount:.4g}",
        f"{share:.1%}",
        "∞" if line.dof is None else f"{line.dof:.4g}",
        esc(line.source),
    )
