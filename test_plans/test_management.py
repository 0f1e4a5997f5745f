"""Management: what the rack says about itself is complete, current and true."""

from harness.plan import Dwell, Measure, RackDevice, case, difference, needs, told


@case("MGT-001", each="compute_bmc")
@needs("compute_bmc.clock_offset")
def test_clock(device: RackDevice, measure: Measure) -> None:
    """Every BMC keeps the time of day, so that its logs can be put in order."""
    measure("clock_offset", device.one("clock_offset"), where=device.slot)


@case("MGT-002", each="compute_bmc")
@needs("compute_bmc.sensor[*].*")
def test_sensors_complete(device: RackDevice, measure: Measure) -> None:
    """Every sensor that a BMC lists has a reading."""
    for reading in device.read("sensor[*].*"):
        there = told(reading, reading.value is not None, reading.reason)
        measure("sensor_reads", there, where=f"{device.slot} {reading.name}")


@case("MGT-003", state="full", beside="idle", each="compute_bmc")
@needs("compute_bmc.sensor[GPU*].temperature")
def test_telemetry_follows(dwell: Dwell, beside: Dwell, device: RackDevice, measure: Measure) -> None:
    """Every GPU's temperature, as the BMC reports it, follows the load."""
    idle = {trace.point: trace.mean() for trace in beside.each(f"{device.name}.sensor[GPU*].temperature")}
    for trace in dwell.each(f"{device.name}.sensor[GPU*].temperature"):
        rise = difference(trace.mean(), idle[trace.point])
        measure("telemetry_rise", rise, where=f"{device.slot} {trace.point.partition('.')[0]}")


@case("MGT-004", each="compute_bmc")
@needs("compute_bmc.log_critical")
def test_log_clean(device: RackDevice, measure: Measure) -> None:
    """After the soak no BMC has logged a critical event."""
    measure("log_critical", device.one("log_critical"), where=device.slot)


@case("MGT-005", each="compute_bmc")
@needs("compute_bmc.log_entries")
def test_log_has_room(device: RackDevice, measure: Measure) -> None:
    """Every BMC's log has room for what is to come."""
    measure("log_entries", device.one("log_entries"), where=device.slot)
