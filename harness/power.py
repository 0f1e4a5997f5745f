"""The power of a rack as all that measure it tell it, and whether they agree."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from harness.dwell import Dwell
from harness.measuring import Fact, Undecided
from harness.reconciliation import Account, NothingToReconcile, reconcile
from harness.trace import InvalidWindow
from harness.uncertainty import Quantity, difference, rectangular, total

Constant = Callable[[str], Quantity]
"""Gives a constant of the profile by its name; raises UsageError where the profile states none."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What to add up, as patterns of a dwell: `meters` are the reference; "" leaves an account out.

    `shelves` draw what the meters feed them; `boards` are what the trays tell of themselves, behind the conversion;
    `cooling` names the unit of a loop that is this rack's alone. Errors and unseen parts are constants of the profile,
    each a share: `shelf_power_error`, `board_power_error`, `coolant_heat_error`; `unseen_least` and `unseen_most` (of
    what the meters say, what is lost before the boards or has none), `air_least` and `air_most` (heat that leaves by
    air).
    """

    meters: str
    registers: str = ""
    shelves: str = ""
    boards: tuple[str, ...] = ()
    cooling: str = ""


def power_accounts(dwell: Dwell, figures: Figures, constant: Constant) -> Fact:
    """Say whether every account of the rack's power agrees with every other within what each knows.

    An account that has no valid window is left out, and named; the meters cannot be. Raises InvalidWindow, Undecided.
    """
    meters = dwell.total(figures.meters).mean()
    found, left_out = [Account("the meters", meters)], list[str]()
    for make in (_registers, _shelves, _boards, _heat):
        try:
            account = make(dwell, figures, constant, meters)
        except InvalidWindow as error:
            left_out.append(error.reason)
        else:
            found += [account] if account else []
    try:
        came_to = reconcile(found)
    except NothingToReconcile as error:
        raise Undecided("; ".join([str(error), *left_out])) from error
    said = [came_to.reason] if came_to.reason else []
    reason = "; ".join([*said, *(f"left out: {why}" for why in left_out)]) or None
    return Fact(came_to.agree, came_to.sources, None, reason, dwell.window)


def _registers(dwell: Dwell, figures: Figures, _: Constant, meters: Quantity) -> Account | None:
    """Return what the meters' own energy registers count; None where one stands still: it does not integrate."""
    if not figures.registers:
        return None
    traces = dwell.each(figures.registers)
    if any(all(a == b for a, b in pairwise(trace.values)) for trace in traces):
        return None
    parts = []
    for trace in traces:
        hours = (trace.times[-1] - trace.times[0]) / 3.6e12
        power = trace.increase().value / hours
        edges = sum(rectangular(max(blur, 0.5 * trace.step_s)) for blur in (trace.blur(0), trace.blur(-1)))
        parts.append(replace(trace.increase(), value=power, unit="W", u=power * edges / 3600 / hours))
    return Account("the meters' registers", replace(total(parts), u=_both(total(parts).u, meters.u)))


def _both(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else (one**2 + other**2) ** 0.5


def _shelves(dwell: Dwell, figures: Figures, constant: Constant, _: Quantity) -> Account | None:
    if not figures.shelves:
        return None
    shelves = dwell.total(figures.shelves).mean()
    return Account("the shelves", known_to(shelves, constant("shelf_power_error")))


def _boards(dwell: Dwell, figures: Figures, constant: Constant, meters: Quantity) -> Account | None:
    if not figures.boards:
        return None
    boards = total(dwell.total(pattern).mean() for pattern in figures.boards)
    least, most = (constant(f"unseen_{end}").value * meters.value for end in ("least", "most"))
    return Account("the boards and their losses", known_to(boards, constant("board_power_error")), least, most)


def _heat(dwell: Dwell, figures: Figures, constant: Constant, meters: Quantity) -> Account | None:
    if not figures.cooling:
        return None
    names = ("return_temperature", "supply_temperature", "flow")
    back, supply, flow = (dwell.one(f"{figures.cooling}.{name}").mean() for name in names)
    rise, per_kelvin = difference(back, supply), constant("coolant_heat")
    sources = rise.sources + flow.sources + per_kelvin.sources
    heat = Quantity(rise.value * flow.value * per_kelvin.value, "W", None, sources, flow.window, flow.devices)
    least, most = (constant(f"air_{end}").value * meters.value for end in ("least", "most"))
    return Account("the coolant's heat", known_to(heat, constant("coolant_heat_error")), least, most)


def known_to(figure: Quantity, error: Quantity) -> Quantity:
    """Give a figure the standard uncertainty of a limit of error that is a share of it."""
    return replace(figure, u=rectangular(error.value * abs(figure.value)), sources=figure.sources + error.sources)
