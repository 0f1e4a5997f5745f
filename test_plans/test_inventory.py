"""Inventory and firmware: the rack is what it was built to be."""

from harness.plan import Measure, Rack, RackDevice, agrees, case, needs


@case("INV-001", each="rack")
def test_device_answers(device: RackDevice, measure: Measure) -> None:
    """Every device of the rack answers at its address, as the model that the inventory says."""
    measure("device_answers", device.answers(), where=device.slot)


@case("INV-002", each="compute_bmc")
@needs("compute_bmc.serial")
def test_tray_serial(rack: Rack, device: RackDevice, measure: Measure) -> None:
    """The tray in each slot carries the serial number that was built into it."""
    built_in = rack.component(device.slot)
    measure("tray_serial", agrees(device.one("serial"), built_in.serial), where=device.slot)


@case("INV-003", each="compute_bmc")
@needs("compute_bmc.firmware")
def test_bmc_firmware(device: RackDevice, measure: Measure) -> None:
    """Every tray's BMC runs the firmware that was released for this generation."""
    measure("bmc_firmware", device.one("firmware"), where=device.slot)


@case("INV-004", each="compute_host")
@needs("compute_host.gpu_count")
def test_gpu_count(device: RackDevice, measure: Measure) -> None:
    """Every tray's host sees all of its GPUs."""
    measure("gpus_per_tray", device.one("gpu_count"), where=device.slot)
