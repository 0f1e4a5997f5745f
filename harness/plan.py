"""The only module that a plan may import: how a case is declared, and what it may do with what it measured."""

from drivers.points import Reading
from harness.cases import case, needs
from harness.dwell import Dwell, Place, Total, Trace
from harness.measuring import Fact, Measure
from harness.power import Figures, known_to, power_accounts
from harness.rack import Rack, RackDevice, agrees, told
from harness.uncertainty import Quantity, difference, ratio, scaled, total

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
    "Total",
    "Trace",
    "agrees",
    "case",
    "difference",
    "known_to",
    "needs",
    "power_accounts",
    "ratio",
    "scaled",
    "told",
    "total",
]
