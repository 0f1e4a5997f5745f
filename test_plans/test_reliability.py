"""Reliability: it stays what it is, hour after hour."""

from harness.plan import Dwell, Measure, RackDevice, case, needs, ratio


@case("REL-001", each="compute_host")
@needs("compute_host.xid_errors")
def test_no_xid(device: RackDevice, measure: Measure) -> None:
    """After the soak no GPU driver has reported an error."""
    measure("xid_errors", device.one("xid_errors"), where=device.slot)


@case("REL-002", state="soak")
@needs("feed_meter.power")
def test_steady_power(dwell: Dwell, measure: Measure) -> None:
    """Under constant load the rack's power stays constant."""
    power = dwell.total("feed_meter.power")
    measure("power_span", ratio(power.span(), power.mean()), where="rack")


@case("REL-003", each="rack")
def test_same_at_the_end(device: RackDevice, measure: Measure) -> None:
    """At the end every device of the rack is still there, and what it was at the beginning."""
    measure("identity_unchanged", device.identity_unchanged(), where=device.slot)
