"""What a parser of a workload's output gathers: figures by name, what is wrong, what was not checked."""

import re
from collections.abc import Callable
from decimal import Decimal

from drivers.errors import Garbled
from drivers.parsed import Figure, Parsed, Verdict

MOST_FIGURES = 90_000
"""More than this in one output is no result that anybody reads; it is refused rather than kept in memory."""

MOST_REASONS = 20
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_NO_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity|1\.#(?:ind|inf|qnan))(?:\(\w*\))?", re.ASCII | re.IGNORECASE)
ABSENT = frozenset({"N/A", "n/a", "-", "--", ""})
"""What tools print where they have no value."""


def number(raw: str, factor: str = "1") -> float | int:
    """Return a number times `factor`, a whole one as such. Raises Garbled for anything else, also NaN and infinity.

    >>> number("134.44", "1e9"), number("8")
    (134440000000.0, 8)
    """
    if not _NUMBER.fullmatch(raw):
        raise Garbled("not a number", received=raw)
    exact = Decimal(raw) * Decimal(factor)
    if raw.lstrip("+-").isdigit() and factor.isdigit():
        return int(exact)
    value = float(exact)
    if abs(value) == float("inf"):
        raise Garbled("a number beyond all bounds", received=raw)
    return value


class Findings:
    """Figures and reasons on their way to a `Parsed`: bad outweighs unverified, and that outweighs good."""

    def __init__(self, tool: str) -> None:
        self.tool = tool
        self._figures: dict[str, Figure] = {}
        self._bad: dict[str, None] = {}
        self._unverified: dict[str, None] = {}

    def figure(self, name: str, raw: str, unit: str | None = "1", factor: str = "1") -> float | int | None:
        """Keep a number and return it; None, with a reason, where the tool has none. Raises Garbled for other text.

        NaN and infinity are null and make the output bad: a tool that computes them has failed.
        """
        if raw in ABSENT:
            self.missing(name, unit, raw, f"the tool says {raw!r}")
            return None
        if _NO_NUMBER.fullmatch(raw):
            self.bad(f"{name} is {raw}")
            self.missing(name, unit, raw, f"the tool says {raw!r}")
            return None
        value = number(raw, factor)
        self._keep(Figure(name, value, unit, raw))
        return value

    def speed(self, name: str, raw: str, unit: str, factor: str) -> float | int | None:
        """Keep a performance, as `figure`; one that is not above zero makes the output bad."""
        value = self.figure(name, raw, unit, factor)
        if value is not None and value <= 0:
            self.bad(f"{name} is {raw}")
        return value

    def state(self, name: str, value: str | bool, raw: str | None = None) -> None:
        """Keep a text or a truth."""
        self._keep(Figure(name, value, None, str(value) if raw is None else raw))

    def missing(self, name: str, unit: str | None, raw: str, reason: str) -> None:
        """Keep that there is no value, and why."""
        self._keep(Figure(name, None, unit, raw, reason))

    def bad(self, reason: str) -> None:
        """Say what is wrong."""
        _note(self._bad, reason)

    def unverified(self, reason: str) -> None:
        """Say what was not checked."""
        _note(self._unverified, reason)

    def parsed(self, version: str | None = None) -> Parsed:
        """Return all of it with the verdict that follows."""
        verdict: Verdict = "bad" if self._bad else "unverified" if self._unverified else "good"
        return Parsed(self.tool, verdict, tuple(self._figures.values()), (*self._bad, *self._unverified), version)

    def _keep(self, figure: Figure) -> None:
        if len(self._figures) >= MOST_FIGURES:
            raise Garbled(f"more than {MOST_FIGURES} figures in one output")
        self._figures[figure.name] = figure


def _note(reasons: dict[str, None], reason: str) -> None:
    if len(reasons) < MOST_REASONS:
        reasons[reason if len(reason) <= 300 else reason[:300] + "…"] = None


def no_output_of(tool: str, output: bytes, fix: str = "") -> Garbled:
    """Return the error for an output that is not the tool's, with its beginning."""
    return Garbled(f"not the output of {tool}", received=output[:200].decode("utf-8", "replace"), fix=fix)


Reader = Callable[[bytes], Parsed]
