"""Efficiency: what the rack does with a joule."""

from harness.plan import Dwell, Measure, Quantity, Rack, case, known_to, needs, ratio


@case("EFF-001", state="full")
@needs("feed_meter.power", "compute_host.gpu_count")
def test_work_per_joule(dwell: Dwell, rack: Rack, measure: Measure) -> None:
    """At full load the rack does the promised work with every joule that it draws."""
    runs = dwell.workloads
    rate = sum(sum(ran.values.values()) for ran in runs)
    sources = tuple(f"{ran.device} {ran.command}" for ran in runs)
    speed = known_to(Quantity(rate, "FLOP/s", None, sources, dwell.window), rack.constant("work_rate_error"))
    measure("work_per_joule", ratio(speed, dwell.total("feed_meter.power").mean(), "FLOP/J"), where="rack")


@case("EFF-002", state="full", beside="idle")
@needs("feed_meter.power")
def test_idle_to_peak(dwell: Dwell, beside: Dwell, measure: Measure) -> None:
    """Idle, the rack draws only a small part of what it draws at full load."""
    idle, peak = beside.total("feed_meter.power").mean(), dwell.total("feed_meter.power").mean()
    measure("idle_to_peak", ratio(idle, peak), where="rack")
