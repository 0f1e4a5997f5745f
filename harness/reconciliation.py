"""Several ways of telling one power, held against each other: who disagrees with whom, and which one is odd.

Pure arithmetic. Each account claims what the rack draws as its figure plus what it is known not to see, an interval and
never zero for convenience, with its own uncertainty. Two accounts agree where their claims come as near as their
uncertainties, combined by root sum of squares and expanded, allow. With three or more, the odd one out is the only one
without which all others agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.uncertainty import Quantity, difference

COVERAGE = 2.0
"""Coverage factor k by which the combined uncertainty is expanded: about 95 %."""


class NothingToReconcile(Exception):
    """Fewer than two accounts, accounts of different units, or one whose uncertainty is unknown."""


@dataclass(frozen=True, slots=True)
class Account:
    """One way of telling a power: what it says, and between what bounds lies what it does not see, in its unit.

    Losses behind it, heat that leaves by air: `least` and `most` are to be added to the figure.
    """

    name: str
    figure: Quantity
    least: float = 0.0
    most: float = 0.0

    @property
    def low(self) -> float:
        """Return the least that this account claims."""
        return self.figure.value + self.least

    @property
    def high(self) -> float:
        """Return the most that this account claims."""
        return self.figure.value + self.most


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two accounts whose claims are `apart`, more than the `allowed` that their uncertainties explain."""

    one: Account
    other: Account
    apart: float
    allowed: float

    def __str__(self) -> str:
        unit = self.one.figure.unit
        claims = f"{self.one.name} {_claim(self.one)}, {self.other.name} {_claim(self.other)} {unit}"
        return f"{claims}: {self.apart:.4g} {unit} apart, their uncertainties explain {self.allowed:.4g} {unit}"


def _claim(account: Account) -> str:
    low, high = f"{account.low:.5g}", f"{account.high:.5g}"
    return low if low == high else f"{low} to {high}"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of it: all accounts, the pairs that disagree, and the odd one out where the data allow to name it."""

    accounts: tuple[Account, ...]
    disagreements: tuple[Disagreement, ...]
    odd: Account | None

    @property
    def agree(self) -> bool:
        """Tell whether every account agrees with every other."""
        return not self.disagreements

    @property
    def reason(self) -> str | None:
        """Say in words what disagrees, and which is the odd one; None where all agree."""
        if self.agree:
            return None
        odd = f"odd one out: {self.odd.name}; " if self.odd else "which one is odd cannot be told; "
        return odd + "; ".join(map(str, self.disagreements))

    @property
    def sources(self) -> tuple[str, ...]:
        """Return where every account was read."""
        return tuple(dict.fromkeys(s for account in self.accounts for s in account.figure.sources))


def reconcile(accounts: Sequence[Account]) -> Reconciled:
    """Hold accounts of one power against each other.

    Raises NothingToReconcile for fewer than two, for different units, and where an uncertainty is unknown: agreement
    within an unknown uncertainty means nothing.

    >>> def said(name, watts): return Account(name, Quantity(watts, "W", 10.0))
    >>> found = reconcile([said("meter", 1000.0), said("shelves", 1010.0), said("BMCs", 1100.0)])
    >>> found.agree, found.odd.name, len(found.disagreements)
    (False, 'BMCs', 2)
    """
    if len(accounts) < 2:
        raise NothingToReconcile(f"{len(accounts)} account of the power: there is nothing to hold it against")
    if unknown := [a.name for a in accounts if a.figure.u is None]:
        raise NothingToReconcile(f"the uncertainty of {', '.join(unknown)} is unknown")
    if len(units := {a.figure.unit for a in accounts}) > 1:
        raise NothingToReconcile(f"accounts in {', '.join(sorted(units))}")
    found = [d for one, other in combinations(accounts, 2) if (d := _disagreement(one, other)) is not None]
    return Reconciled(tuple(accounts), tuple(found), _odd(accounts, found))


def _disagreement(one: Account, other: Account) -> Disagreement | None:
    apart = max(one.low, other.low) - min(one.high, other.high)
    allowed = COVERAGE * (difference(one.figure, other.figure).u or 0.0)
    return Disagreement(one, other, apart, allowed) if apart > allowed else None


def _odd(accounts: Sequence[Account], found: Sequence[Disagreement]) -> Account | None:
    if len(accounts) < 3:
        return None
    possible = [a for a in accounts if found and all(a in (d.one, d.other) for d in found)]
    return possible[0] if len(possible) == 1 else None
