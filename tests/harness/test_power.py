"""The accounts of a rack's power, from the columns of a dwell."""

from dataclasses import replace
from datetime import timedelta

import pytest

from drivers.points import Accuracy
from harness.columns import Column
from harness.dwell import Dwell, Place
from harness.measuring import Undecided
from harness.power import Figures, power_accounts
from harness.sampling import Observed, Timing, nanoseconds
from harness.trace import InvalidWindow
from harness.uncertainty import Quantity, Window
from tests.harness.clocks import BEGUN

S = 10**9
WINDOW = Window("full", BEGUN, BEGUN + timedelta(seconds=100))
PLACES = [
    Place("m", "feed_meter", "m", "station"),
    Place("shelf", "power_shelf", "shelf"),
    Place("bmc", "compute_bmc", "1"),
    Place("cdu", "cdu", "cdu"),
]
CONSTANTS = {
    "shelf_power_error": 0.01,
    "board_power_error": 0.02,
    "coolant_heat_error": 0.05,
    "coolant_heat": 66.0,
    "unseen_least": 0.02,
    "unseen_most": 0.06,
    "air_least": 0.01,
    "air_most": 0.05,
}
ALL = Figures("feed_meter.power", "feed_meter.energy", "power_shelf.input_power", ("compute_bmc.power",), "cdu")


def constant(name: str) -> Quantity:
    return Quantity(CONSTANTS[name], "1", 0.0, (f"profile {name}",))


def flat(device: str, point: str, value: float, unit: str = "W", slope: float = 0.0) -> Column:
    times = [nanoseconds(BEGUN) + n * S for n in range(101)]
    return Column(device, point, unit, f"x://{device} {point}", times, [value + slope * n for n in range(101)])


def dwell(**changed: Column | None) -> Dwell:
    usual: dict[str, Column | None] = {
        "meter": flat("m", "power", 100_000.0),
        "register": flat("m", "energy", 7.0, "Wh", 100_000 / 3600),
        "shelf": flat("shelf", "input_power", 100_300.0),
        "boards": flat("bmc", "power", 96_000.0),
        "supply": flat("cdu", "supply_temperature", 30.0, "degC"),
        "return": flat("cdu", "return_temperature", 40.0, "degC"),
        "flow": flat("cdu", "flow", 147.0, "l/min"),
    }
    columns = {**usual, **changed}
    observed = Observed(timings={place.name: Timing(1.0) for place in PLACES})
    observed.accuracies["m", "power"] = [(0, Accuracy(0.001, 0.0005, 110_000.0, "manual"))]
    kept = {(c.device, c.point): c for c in columns.values() if c is not None}
    return Dwell(WINDOW, PLACES, kept, observed, ())


def test_five_accounts_of_one_power_agree() -> None:
    found = power_accounts(dwell(), ALL, constant)
    assert (found.value, found.reason) == (True, None)
    assert {"x://m power", "x://m energy", "x://cdu flow", "profile coolant_heat"} <= set(found.sources)


@pytest.mark.parametrize(
    ("changed", "odd"),
    [
        ({"shelf": flat("shelf", "input_power", 106_000.0)}, "the shelves"),
        ({"boards": flat("bmc", "power", 108_000.0)}, "the boards and their losses"),
        ({"flow": flat("cdu", "flow", 180.0, "l/min")}, "the coolant's heat"),
        ({"register": flat("m", "energy", 7.0, "Wh", 90_000 / 3600)}, "the meters' registers"),
    ],
)
def test_the_odd_one_out_is_named(changed: dict[str, Column], odd: str) -> None:
    found = power_accounts(dwell(**changed), ALL, constant)
    assert found.value is False
    assert f"odd one out: {odd};" in (found.reason or "")


def test_a_meter_against_which_all_others_agree_is_the_odd_one_itself() -> None:
    low = {"meter": flat("m", "power", 90_000.0)}
    assert "odd one out: the meters;" in (power_accounts(dwell(**low), ALL, constant).reason or "")


def test_a_register_that_stands_still_does_not_integrate_and_is_no_account() -> None:
    assert power_accounts(dwell(register=flat("m", "energy", 7.0, "Wh")), ALL, constant).value is True


def test_what_has_no_valid_window_is_left_out_and_named() -> None:
    full = flat("bmc", "power", 96_000.0)
    gappy = replace(full, times=full.times[:20], values=full.values[:20])
    found = power_accounts(dwell(boards=gappy), ALL, constant)
    assert found.value is True
    assert "left out: bmc.power" in (found.reason or "")
    assert "[window_not_covered]" in (found.reason or "")


def test_without_its_meters_nothing_is_decided() -> None:
    with pytest.raises(InvalidWindow):
        power_accounts(dwell(meter=None), ALL, constant)
    with pytest.raises(Undecided, match="1 account of the power"):
        power_accounts(dwell(), Figures("feed_meter.power"), constant)
