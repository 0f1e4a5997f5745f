"""Compute: every accelerator works, at its speed, without holding back and without errors."""

from harness.plan import Dwell, Fact, Measure, Quantity, RackDevice, case, needs


@case("CMP-001", state="full", each="compute_host")
@needs("compute_host.gpu_count")
def test_gemm_rate(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """Every GPU multiplies matrices at its rate for as long as the rack is at full load."""
    ran = dwell.workload(device.name)
    for gpu, rate in ran.values.items():
        speed = Quantity(rate, ran.unit, None, (f"{device.name} {ran.command}",), dwell.window)
        measure("gemm_rate", speed, where=f"{device.slot} {gpu}")


@case("CMP-002", state="full", each="compute_host")
@needs("compute_host.gpu[*].throttle")
def test_no_throttling(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """At full load no GPU slows its clock to protect itself."""
    for where, said in dwell.texts(f"{device.name}.gpu[*].throttle"):
        measure("throttle", said, where=where)


@case("CMP-003", each="compute_host")
@needs("compute_host.gpu[*].ecc_uncorrected")
def test_no_uncorrectable_errors(device: RackDevice, measure: Measure) -> None:
    """No GPU memory has an error that ECC could not correct."""
    for reading in device.read("gpu[*].ecc_uncorrected"):
        measure("ecc_uncorrected", reading, where=f"{device.slot} {reading.name.partition('.')[0]}")


@case("CMP-004", state="full", each="compute_host")
@needs("compute_host.gpu_count")
def test_results_verified(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """The workload runs to its end on every tray and finds all its results right."""
    ran = dwell.workload(device.name)
    source = f"{device.name} {ran.command}"
    measure("workload_verified", Fact(ran.verified, (source,), None, ran.reason, dwell.window), where=device.slot)


@case("CMP-005", state="soak", each="compute_host")
@needs("compute_host.gpu[*].power")
def test_cap_is_kept(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """Under load no GPU draws more than its cap allows."""
    for trace in dwell.each(f"{device.name}.gpu[*].power"):
        measure("gpu_power", trace.maximum(), where=f"{device.slot} {trace.point.partition('.')[0]}")
