"""The only module that a plan may import: how a case is declared, and what it may do with what it measured."""

from drivers.points import Reading
from harness.cases import case, needs
from harness.deciding.demonstrations import bits_needed, mtbf_shown, ratio_shown, reliability_shown
from harness.deciding.repeats import Repeats, olympic_mean, repeats
from harness.dwell import Dwell, Place, Total, Trace
from harness.measuring import Fact, Measure
from harness.power import Figures, known_to, power_accounts
from harness.rack import Rack, RackDevice, agrees, told
from harness.uncertainty import Quantity, difference, mean_of, product, ratio, scaled, total

__all__ = [
    "Dwell",
    "Fact",
    "Figures",
    "Measure",
    "Place",
    "Quantity",
    "Rack",
    "RackDevice",
    "Reading",
    "Repeats",
    "Total",
    "Trace",
    "agrees",
    "bits_needed",
    "case",
    "difference",
    "known_to",
    "mean_of",
    "mtbf_shown",
    "needs",
    "olympic_mean",
    "power_accounts",
    "product",
    "ratio",
    "ratio_shown",
    "reliability_shown",
    "repeats",
    "scaled",
    "told",
    "total",
]
