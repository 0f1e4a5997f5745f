from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from drivers.errors import Silent
from drivers.points import Accuracy, Reading
from harness.columns import Column
from harness.dwell import Dwell, Expected, InvalidWindow, Place
from harness.records import WorkloadRan
from harness.sampling import EXCHANGE, Observed, Timing, nanoseconds
from harness.uncertainty import Window
from tests.harness.clocks import BEGUN

END = BEGUN + timedelta(seconds=10)
WINDOW = Window("idle", BEGUN, END)
PLACES = [Place("feedA", "feed_meter", "A"), Place("feedB", "feed_meter", "B"), Place("sw1", "switch", "1")]
NOTHING_MORE = Expected()
Make = Callable[..., Dwell]


def column(device: str, values: list[float], at: list[float] | None = None, point: str = "power") -> Column:
    seconds = at if at is not None else [float(n) for n in range(len(values))]
    times = [nanoseconds(BEGUN + timedelta(seconds=s)) for s in seconds]
    return Column(device, point, "W", f"visa://{device} {point}", times, values)


def flat(device: str, value: float, **other: Any) -> Column:
    return column(device, [value] * 11, **other)


def reading(name: str, value: Any, second: float = 9.0, reason: str | None = None) -> Reading:
    return Reading(name, value, None, "snmp://sw1 1.3.6", "raw", BEGUN + timedelta(seconds=second), reason)


@pytest.fixture
def observed() -> Observed:
    return Observed(timings={place.name: Timing(1.0) for place in PLACES})


@pytest.fixture
def used() -> list[str]:
    return []


@pytest.fixture
def dwell(observed: Observed, used: list[str]) -> Make:
    return lambda *columns, ran=(), expected=NOTHING_MORE: Dwell(
        WINDOW, PLACES, {(c.device, c.point): c for c in columns}, observed, ran, used.append, expected
    )


def test_figures_of_one_trace(dwell: Make) -> None:
    trace = dwell(column("feedA", [float(n) for n in range(11)])).one("feedA.power")
    assert trace.mean().value == 5
    assert (trace.minimum().value, trace.maximum().value, trace.span().value, trace.increase().value) == (0, 10, 10, 10)
    assert trace.mean().window == WINDOW
    assert trace.mean().sources == ("visa://feedA power",)
    assert trace.mean().u is None


def test_energy_is_the_trapezoid_in_watt_hours(dwell: Make) -> None:
    energy = dwell(flat("feedA", 3600.0)).one("feedA.power").energy()
    assert energy.value == pytest.approx(10.0)
    assert energy.unit == "Wh"
    ramp = dwell(column("feedA", [0.0, 3600.0, 0.0], at=[0, 2, 10])).one
    with pytest.raises(InvalidWindow, match=r"8 s between two samples \(allowed 3 s\) \[gap_too_long\]"):
        ramp("feedA.power")
    uneven = column("feedA", [0.0, 7200.0, 0.0, 0.0, 0.0], at=[0, 1, 3, 6, 9])
    assert dwell(uneven).one("feedA.power").energy().value == pytest.approx((3600 + 7200) / 3600)


def test_total_is_the_sum_of_the_means(dwell: Make, used: list[str]) -> None:
    total = dwell(flat("feedA", 100.0), flat("feedB", 50.0)).total("feed_meter.power").mean()
    assert (total.value, total.devices) == (150.0, ("feedA", "feedB"))
    assert set(used) == {"feedA", "feedB"}


def test_span_of_a_total_is_of_the_sum_at_one_time(dwell: Make) -> None:
    up = column("feedA", [float(n) for n in range(11)])
    down = column("feedB", [10.0 - n for n in range(11)], at=[min(n + 0.2, 10.0) for n in range(11)])
    assert dwell(up, down).total("feed_meter.power").span().value == pytest.approx(0.0)


def test_accuracy_becomes_uncertainty(dwell: Make, observed: Observed) -> None:
    observed.accuracies[("feedA", "power")] = [(0, Accuracy(0.001, 0.001, 15_000, "manual"))]
    trace = dwell(flat("feedA", 9011.07)).one("feedA.power")
    assert trace.mean().u == pytest.approx(13.863, abs=5e-4)
    assert trace.maximum().u == pytest.approx(13.863, abs=5e-4)
    assert trace.span().u is None


@pytest.mark.parametrize("at", [[0, 1, 2, 3, 4, 8, 9, 10], [3.1, 4, 5, 6, 7, 8, 9], [0, 1, 2, 3, 4, 5, 6], [5], []])
def test_a_gap_decides_nothing_at_the_edges_neither(at: list[float], dwell: Make, observed: Observed) -> None:
    observed.errors["feedA"] = Silent("no reply", address="visa://feedA")
    observed.latest[("feedA", "power")] = reading("power", 1.0)
    with pytest.raises(
        InvalidWindow, match=r"feedA\.power: .*\[(gap_too_long|window_not_covered|too_few_samples)"
    ) as caught:
        dwell(column("feedA", [1.0] * len(at), at)).one("feedA.power")
    assert caught.value.device == "feedA"
    assert isinstance(caught.value.error, Silent)


def test_a_gap_of_three_periods_is_allowed(dwell: Make) -> None:
    assert dwell(column("feedA", [1.0] * 5, [0, 3, 6, 7, 10])).one("feedA.power").mean().value == 1


def test_a_gap_without_an_error_is_nobody_elses(dwell: Make) -> None:
    with pytest.raises(InvalidWindow) as caught:
        dwell(column("feedA", [1.0, 1.0], [0, 10])).one("feedA.power")
    assert caught.value.error is None


def test_one_silent_meter_voids_the_total(dwell: Make, observed: Observed) -> None:
    observed.errors["feedB"] = Silent("no reply")
    with pytest.raises(InvalidWindow, match="feedB did not answer in this window") as caught:
        dwell(flat("feedA", 1.0)).total("feed_meter.power")
    assert caught.value.device == "feedB"


def test_one_meter_without_a_value_voids_the_total(dwell: Make, observed: Observed) -> None:
    observed.reasons[("feedB", "power")] = reading("power", None, reason="over range")
    with pytest.raises(InvalidWindow, match=r"feedB\.power gave no value: over range"):
        dwell(flat("feedA", 1.0)).total("feed_meter.power")


def test_what_was_not_sampled_decides_nothing(dwell: Make) -> None:
    with pytest.raises(InvalidWindow, match=r"nothing was sampled for 'shelf\.power'"):
        dwell(flat("feedA", 1.0)).each("shelf.power")


def test_a_counter_that_went_back_decides_nothing(dwell: Make) -> None:
    values = [5.0, 6, 7, 8, 0, 1, 2, 3, 4, 5, 9]
    with pytest.raises(InvalidWindow, match="went back from 8 to 0") as caught:
        dwell(column("sw1", values, point="port[1].in_errors")).one("sw1.port[*].in_errors").increase()
    assert caught.value.device == "sw1"


def test_brackets_are_themselves(dwell: Make) -> None:
    columns = [flat("sw1", float(n), point=f"port[{n}].speed") for n in (1, 2, 12)]
    found = dwell(*columns)
    assert [t.point for t in found.each("switch.port[*].speed")] == ["port[1].speed", "port[2].speed", "port[12].speed"]
    assert found.one("sw1.port[1].speed").mean().value == 1


def test_texts_are_those_that_were_seen(dwell: Make, observed: Observed) -> None:
    key = ("sw1", "port[1].oper_state")
    observed.texts[key] = {"up": reading("s", "up", 1), "down": reading("s", "down", 5)}
    observed.latest[key] = reading("s", "up", 9)
    assert [said.value for _, said in dwell().texts("switch.port[*].oper_state")] == ["up", "down"]


def test_texts_that_stopped_coming_decide_nothing(dwell: Make, observed: Observed) -> None:
    key = ("sw1", "port[1].oper_state")
    observed.texts[key] = {"up": reading("s", "up", 1)}
    observed.latest[key] = reading("s", "up", 6.5)
    observed.errors["sw1"] = Silent("no reply")
    with pytest.raises(InvalidWindow, match=r"last text 3\.5 s before the window's end \(allowed 3\.0 s\)") as caught:
        dwell().texts("switch.port[*].oper_state")
    assert isinstance(caught.value.error, Silent)


def test_what_had_no_value_once_is_told(dwell: Make, observed: Observed) -> None:
    observed.reasons[("sw1", "sensor[x].temperature")] = reading("t", None, reason="ns")
    ((place, found),) = dwell().missed("switch.sensor[*].*")
    assert (place.name, found.reason) == ("sw1", "ns")


def test_workloads_are_found_by_host(dwell: Make, used: list[str]) -> None:
    ran = WorkloadRan(
        state="full", device="host1", workload="w", command="w", verified=True, values={}, unit="1", attachment=""
    )
    found = dwell(ran=(ran,))
    assert found.workload("host1") is ran
    with pytest.raises(InvalidWindow, match="no workload ran on host2"):
        found.workload("host2")
    assert used == ["host1", "host2"]


def test_a_register_deviates_by_what_it_counts_more_than_the_power_adds_up_to(dwell: Make, observed: Observed) -> None:
    exchanges = column("sw1", [0.2] * 11, point=EXCHANGE)
    power = flat("sw1", 3600.0)
    register = replace(column("sw1", [1.05 * n for n in range(11)], point="energy"), unit="Wh")
    made = dwell(power, register, exchanges)
    deviation = made.one("sw1.energy").deviation(made.one("sw1.power"))
    assert deviation.value == pytest.approx(0.05)
    # each edge is known to 0.1 s, rectangular, of 10 s; register and power
    assert deviation.u == pytest.approx(2**0.5 * 0.1 / 3**0.5 / 10)


def test_a_register_is_not_decided_by_a_power_that_was_not_seen_to_change(dwell: Make) -> None:
    """A load that ends between two samples: how much the register counted meanwhile, the samples cannot tell."""
    power = column("sw1", [3600.0] * 8 + [0.0] * 3)
    register = replace(column("sw1", [1.0 * min(n, 7.9) for n in range(11)], point="energy"), unit="Wh")
    made = dwell(power, register)
    deviation = made.one("sw1.energy").deviation(made.one("sw1.power"))
    assert deviation.u is not None
    assert 2 * deviation.u > 0.04
    assert abs(deviation.value) < 2 * deviation.u


def test_the_span_of_a_register_begins_and_ends_where_times_are_known_best(dwell: Make, observed: Observed) -> None:
    exchanges = column("sw1", [0.8, 0.02, *[0.1] * 7, 0.02, 0.8], point=EXCHANGE)
    register = replace(column("sw1", [1.0 * n for n in range(11)], point="energy"), unit="Wh")
    made = dwell(flat("sw1", 3600.0), register, exchanges)
    deviation = made.one("sw1.energy").deviation(made.one("sw1.power"))
    assert deviation.value == pytest.approx(0.0, abs=1e-9)
    assert deviation.u == pytest.approx(2**0.5 * 0.01 / 3**0.5 / 8)


def test_a_device_that_answers_slower_than_it_is_asked_is_at_fault_itself(dwell: Make, observed: Observed) -> None:
    observed.latest["feedA", "power"] = reading("power", 1.0)
    gappy = column("feedA", [1.0, 1.0, 1.0], at=[0, 4, 8])
    observed.timings["feedA"].slowest = 3.9
    with pytest.raises(InvalidWindow) as slow:
        dwell(gappy).one("feedA.power")
    assert isinstance(slow.value.error, Silent)
    observed.timings["feedA"].slowest = 0.1
    with pytest.raises(InvalidWindow) as late:
        dwell(gappy).one("feedA.power")
    assert late.value.error is None


def test_what_the_station_measures_rests_on_all_that_works(observed: Observed, used: list[str]) -> None:
    places = [Place("feedA", "feed_meter", "A", "station"), Place("sw1", "switch", "1")]
    Dwell(WINDOW, places, {("feedA", "power"): flat("feedA", 1.0)}, observed, (), used.append).one("feedA.power")
    assert set(used) == {"feedA", "sw1"}


def test_in_fast_time_a_stall_of_the_station_is_borne(dwell: Make) -> None:
    """Half a second of a station at 12 times the speed is 6 periods of this meter."""
    stalled = column("feedA", [1.0] * 6, at=[0, 1, 2, 7.5, 8, 9])
    assert dwell(stalled, expected=Expected(stall=6.0)).one("feedA.power").mean().value == 1.0
    with pytest.raises(InvalidWindow, match=r"5\.5 s between two samples \(allowed 3 s\)"):
        dwell(stalled).one("feedA.power")


def test_in_fast_time_half_of_the_readings_must_have_come(dwell: Make) -> None:
    sparse = column("feedA", [1.0] * 4, at=[0, 3, 6, 9])
    with pytest.raises(InvalidWindow, match="4 samples"):
        dwell(sparse, expected=Expected(stall=6.0)).one("feedA.power")


def test_zero_throughout_is_something_to_say(dwell: Make) -> None:
    assert dwell(flat("feedA", 1.0)).one("feedA.power").something().mean().value == 1.0
    with pytest.raises(InvalidWindow, match=r"feedA\.power was zero throughout the window"):
        dwell(flat("feedA", 0.0)).one("feedA.power").something()


def test_a_total_of_fewer_devices_than_the_generation_has_decides_nothing(dwell: Make) -> None:
    made = dwell(flat("feedA", 1.0), flat("feedB", 2.0), expected=Expected({"feed_meter": 3}))
    with pytest.raises(InvalidWindow, match=r"2 devices of role feed_meter .* has 3 \[device_count_short\]"):
        made.total("feed_meter.power")
    assert made.one("feedA.power").mean().value == 1


def test_a_channel_that_is_there_twice_is_not_added(dwell: Make) -> None:
    values = [float(n % 4) for n in range(11)]
    with pytest.raises(InvalidWindow, match=r"feedA\.power and feedB\.power gave the same 11 samples") as caught:
        dwell(column("feedA", values), column("feedB", values)).total("feed_meter.power")
    assert caught.value.codes == ("duplicate_channel",)


def test_what_was_over_range_in_the_window_decides_nothing(dwell: Make, observed: Observed) -> None:
    observed.reasons["feedA", "power"] = reading("power", None, 5.0, "over range")
    with pytest.raises(InvalidWindow, match="over range") as caught:
        dwell(flat("feedA", 1.0)).one("feedA.power")
    assert caught.value.codes == ("overrange",)
    observed.reasons["feedA", "power"] = reading("power", None, -5.0, "over range")
    assert dwell(flat("feedA", 1.0)).one("feedA.power").mean().value == 1


def test_a_range_that_changed_in_the_window_decides_nothing(dwell: Make, observed: Observed) -> None:
    at = [nanoseconds(BEGUN + timedelta(seconds=s)) for s in (-3, 4)]
    known = [(when, Accuracy(0.001, 0.001, span, "manual")) for when, span in zip(at, (10.0, 20.0), strict=True)]
    observed.accuracies["feedA", "power"] = known
    with pytest.raises(InvalidWindow, match="range_changed"):
        dwell(flat("feedA", 1.0)).one("feedA.power")


def test_a_stepped_clock_and_an_expired_calibration_are_named_together(dwell: Make, observed: Observed) -> None:
    observed.clock_step = -1.5
    expected = Expected(calibrations=lambda name, _: f"{name}: certificate C1 was due on 2026-01-01")
    with pytest.raises(InvalidWindow, match=r"stepped by -1\.5 s; feedA: certificate C1") as caught:
        dwell(flat("feedA", 1.0), expected=expected).one("feedA.power")
    assert caught.value.codes == ("clock_offset", "calibration_expired")


def test_a_frozen_value_is_stale_where_the_plan_says_how_long_it_may_rest(dwell: Make) -> None:
    expected = Expected(stale_after=lambda role, point: 5.0 if (role, point) == ("feed_meter", "power") else None)
    with pytest.raises(InvalidWindow, match=r"unchanged for 10 s \(allowed 5 s\) \[stale_telemetry\]"):
        dwell(flat("feedA", 1.0), expected=expected).one("feedA.power")
    assert dwell(flat("sw1", 1.0), expected=expected).one("sw1.power").mean().value == 1
