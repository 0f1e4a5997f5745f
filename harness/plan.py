"""The only module that a plan may import: how a case is declared, and what it may do with what it measured."""

from drivers.points import Reading
from harness.cases import case, needs
from harness.deciding.demonstrations import bits_needed, mtbf_shown, ratio_shown, reliability_shown
from harness.deciding.repeats import Repeats, olympic_mean, repeats
from harness.dwell import Dwell, Place, Total, Trace
from harness.efficiency import (
    compare,
    conversion_loss,
    dynamic_range,
    idle_to_peak,
    itue,
    overhead_fraction,
    per_joule,
    per_second_per_watt,
    pue,
    shelf_efficiency,
    tue,
)
from harness.load_line import Level, calibrated_maximum, level_ratios, overall_score, proportionality_gap, targets
from harness.measuring import Fact, Measure
from harness.power import Figures, known_to, power_accounts
from harness.rack import Rack, RackDevice, agrees, told
from harness.uncertainty import Quantity, difference, mean_of, product, ratio, scaled, total

__all__ = [
    "Dwell",
    "Fact",
    "Figures",
    "Level",
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
    "calibrated_maximum",
    "case",
    "compare",
    "conversion_loss",
    "difference",
    "dynamic_range",
    "idle_to_peak",
    "itue",
    "known_to",
    "level_ratios",
    "mean_of",
    "mtbf_shown",
    "needs",
    "olympic_mean",
    "overall_score",
    "overhead_fraction",
    "per_joule",
    "per_second_per_watt",
    "power_accounts",
    "product",
    "proportionality_gap",
    "pue",
    "ratio",
    "ratio_shown",
    "reliability_shown",
    "repeats",
    "scaled",
    "shelf_efficiency",
    "targets",
    "told",
    "total",
    "tue",
]
