"""Work for energy, and where the energy goes: ratios with their uncertainty.

Uncertainties are standard uncertainties `u`, in and out; independent quantities combine by root sum of squares of the
relative ones (JCGM 100, 5.1.6), and an unknown one makes the result's unknown. What the data cannot decide is None with
a reason, never a number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.uncertainty import Quantity, difference, ratio, total

INTERVALS = ("rss", "fieller", "log")


class Undecided(ValueError):
    """The data do not bear the figure that was asked for: why."""


def per_joule(work: Quantity, energy: Quantity) -> Quantity:
    """Return work per energy, as tokens/J. Raises Undecided where the energy is not above zero.

    >>> found = per_joule(Quantity(9000.0, "tokens", 0.0), Quantity(300.0, "J", 3.0))
    >>> found.value, found.unit, round(found.u, 9)
    (30.0, 'tokens/J', 0.3)
    """
    return _ratio(work, energy, f"{work.unit}/{energy.unit}")


def per_second_per_watt(rate: Quantity, power: Quantity) -> Quantity:
    """Return a rate per power: work per s per W, the same as per J. Raises Undecided where the power is not above zero.

    >>> per_second_per_watt(Quantity(334462.0, "samples/s"), Quantity(1000.0, "W")).unit
    'samples/s/W'
    """
    return _ratio(rate, power, f"{rate.unit}/{power.unit}")


def _ratio(over: Quantity, under: Quantity, unit: str = "1") -> Quantity:
    if not under.value > 0:
        raise Undecided(f"nothing can be divided by {under.value:g} {under.unit}")
    return ratio(over, under, unit)


def of_same_unit(over: Quantity, under: Quantity) -> Quantity:
    """Return the ratio of two quantities of one unit. Raises Undecided."""
    if over.unit != under.unit:
        raise Undecided(f"a ratio of {over.unit} to {under.unit} is none of like to like")
    return _ratio(over, under)


def idle_to_peak(idle: Quantity, peak: Quantity) -> Quantity:
    """Return P_idle / P_peak. Raises Undecided.

    >>> idle_to_peak(Quantity(25.0, "kW"), Quantity(125.0, "kW")).value
    0.2
    """
    return of_same_unit(idle, peak)


def dynamic_range(idle: Quantity, peak: Quantity) -> Quantity:
    """Return (P_peak - P_idle) / P_peak, whose uncertainty is that of the idle to peak ratio. Raises Undecided.

    >>> found = dynamic_range(Quantity(25.0, "kW", 0.5), Quantity(125.0, "kW", 0.0))
    >>> found.value, round(found.u, 9)
    (0.8, 0.004)
    """
    return difference(Quantity(1.0, "1", 0.0), of_same_unit(idle, peak))


def shelf_efficiency(dc: Quantity, ac: Quantity, largest_share: float = 0.25) -> Quantity:
    """Return P_dc / P_ac of a power shelf, decided only where it means something.

    At 97 % the loss is 3 %: meters of 1 % each would print noise. Raises Undecided where the uncertainty is unknown, or
    U = 2u of the efficiency is not below `largest_share` of the loss, or the efficiency is not below 1.

    >>> shelf_efficiency(Quantity(97.0, "kW", 0.05), Quantity(100.0, "kW", 0.05)).value
    0.97
    >>> shelf_efficiency(Quantity(97.0, "kW", 1.0), Quantity(100.0, "kW", 1.0))
    Traceback (most recent call last):
    harness.efficiency.Undecided: U = 0.02786 of an efficiency of 0.97 is not below 0.25 of the loss, 0.03
    """
    found = of_same_unit(dc, ac)
    if not 0 < found.value < 1:
        raise Undecided(f"an efficiency of {found.value:.6g} cannot be: {dc.value:g} of {ac.value:g} {ac.unit}")
    if found.u is None:
        raise Undecided("the uncertainty of the efficiency is not known")
    loss = 1 - found.value
    if not 2 * found.u < largest_share * loss:
        what = f"U = {2 * found.u:.4g} of an efficiency of {found.value:.4g}"
        raise Undecided(f"{what} is not below {largest_share:g} of the loss, {loss:.4g}")
    return found


def overhead_fraction(parts: Sequence[Quantity], whole: Quantity) -> Quantity:
    """Return what fans, pumps and conversion take of the whole; parts of one kind of meter err together.

    Raises Undecided where they take more than the whole.

    >>> overhead_fraction([Quantity(3.0, "kW"), Quantity(1.0, "kW"), Quantity(4.0, "kW")], Quantity(128.0, "kW")).value
    0.0625
    """
    found = of_same_unit(total(parts), whole)
    if not 0 <= found.value <= 1:
        raise Undecided(f"parts take {found.value:.6g} of the whole")
    return found


def conversion_loss(ac: Quantity, dc: Quantity) -> Quantity:
    """Return P_ac - P_dc, measured independently. Raises Undecided where it is below zero.

    >>> found = conversion_loss(Quantity(100.0, "kW", 0.3), Quantity(97.0, "kW", 0.4))
    >>> found.value, round(found.u, 9)
    (3.0, 0.5)
    """
    found = difference(ac, dc)
    if found.value < 0:
        raise Undecided(f"a loss of {found.value:.6g} {found.unit} cannot be")
    return found


def itue(it: Quantity, compute: Quantity) -> Quantity:
    """Return ITUE: power into the IT equipment over power into its compute parts. Raises Undecided below 1.

    >>> itue(Quantity(132.0, "kW"), Quantity(120.0, "kW")).value
    1.1
    """
    return _at_least_one("ITUE", of_same_unit(it, compute))


def pue(facility: Quantity, it: Quantity) -> Quantity:
    """Return PUE: power of the facility over power of its IT. Raises Undecided below 1.

    ISO/IEC 30134-2, as recalled, defines it of energies over a year.
    """
    return _at_least_one("PUE", of_same_unit(facility, it))


def tue(facility: Quantity, compute: Quantity) -> Quantity:
    """Return TUE = PUE times ITUE, which is the facility over the compute parts: the IT's power cancels.

    >>> tue(Quantity(150.0, "kW"), Quantity(120.0, "kW")).value
    1.25
    """
    return _at_least_one("TUE", of_same_unit(facility, compute))


def _at_least_one(name: str, found: Quantity) -> Quantity:
    if found.value < 1:
        raise Undecided(f"{name} of {found.value:.6g} cannot be below 1")
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """A ratio of two figures with the interval that holds it with coverage factor `k`, by the rule named."""

    ratio: float
    low: float
    high: float
    k: float
    rule: str

    @property
    def decided(self) -> bool:
        """Tell whether the interval leaves 1 out: one is better than the other."""
        return self.high < 1 or self.low > 1


def compare(new: Quantity, old: Quantity, k: float = 2.0, rule: str = "rss") -> Comparison:
    """Compare one generation with another, both independent, by a rule named in INTERVALS. Raises Undecided.

    `rss` is symmetric around the ratio, u_rel² the sum of both; `log` is symmetric in the logarithm, so that comparing
    the other way round gives the inverse interval; `fieller` is exact for normal errors and finds that there is no
    interval where the old figure is not clearly above zero.

    >>> new, old = Quantity(30.0, "tokens/J", 0.3), Quantity(20.0, "tokens/J", 0.2)
    >>> [f"{c.low:.4f} {c.high:.4f}" for c in (compare(new, old, rule=rule) for rule in INTERVALS)]
    ['1.4576 1.5424', '1.4582 1.5430', '1.4582 1.5430']
    """
    found = of_same_unit(new, old)
    if new.u is None or old.u is None:
        raise Undecided("the uncertainty of a figure is not known")
    if not new.value > 0:
        raise Undecided(f"a figure of {new.value:g} {new.unit}")
    if rule not in INTERVALS:
        raise ValueError(f"unknown rule {rule!r}; known: {', '.join(INTERVALS)}")
    relative = math.hypot(new.u / new.value, old.u / old.value)
    low, high = _interval(found.value, k, relative, k * old.u / old.value, rule, k * new.u / new.value)
    return Comparison(found.value, low, high, k, rule)


def _interval(value: float, k: float, relative: float, g: float, rule: str, h: float) -> tuple[float, float]:
    if rule == "rss":
        return value * (1 - k * relative), value * (1 + k * relative)
    if rule == "log":
        return value * math.exp(-k * relative), value * math.exp(k * relative)
    if g >= 1:
        raise Undecided("the older figure is not clearly above zero: no interval by Fieller's theorem")
    # roots of (new - R old)^2 = k^2 (u_new^2 + R^2 u_old^2), with R = value * x
    root = math.sqrt(g * g + h * h - g * g * h * h)
    return value * (1 - root) / (1 - g * g), value * (1 + root) / (1 - g * g)
