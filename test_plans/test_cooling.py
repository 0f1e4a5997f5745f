"""Cooling: the coolant comes as agreed, carries the heat away, and stays where it belongs."""

from harness.plan import Dwell, Measure, Quantity, Rack, RackDevice, case, needs, ratio


@case("CLG-001", state="full", each="cdu")
@needs("cdu.supply_temperature", feature="liquid_cooling")
def test_supply_temperature(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """At full load the coolant is supplied at the agreed temperature."""
    measure("supply_temperature", dwell.one(f"{device.name}.supply_temperature").mean(), where=device.slot)


@case("CLG-002", state="full", each="cdu")
@needs("cdu.flow", feature="liquid_cooling")
def test_flow(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """At full load the rack gets the flow of coolant that it needs."""
    measure("coolant_flow", dwell.one(f"{device.name}.flow").mean(), where=device.slot)


@case("CLG-003", state="full", each="cdu")
@needs("cdu.flow", "cdu.supply_temperature", "cdu.return_temperature", "feed_meter.power", feature="liquid_cooling")
def test_heat_balance(dwell: Dwell, rack: Rack, device: RackDevice, measure: Measure) -> None:
    """The heat that the coolant carries is the power that the rack draws, less what goes into the air."""
    supply, back = dwell.one(f"{device.name}.supply_temperature").mean(), dwell.one(f"{device.name}.return_temperature")
    flow, per_kelvin = dwell.one(f"{device.name}.flow").mean(), rack.constant("coolant_heat")
    sources = supply.sources + back.mean().sources + flow.sources + per_kelvin.sources
    watts = flow.value * (back.mean().value - supply.value) * per_kelvin.value
    heat = Quantity(watts, "W", None, sources, flow.window)
    measure("coolant_heat_share", ratio(heat, dwell.total("feed_meter.power").mean()), where=device.slot)


@case("CLG-004", each="cdu")
@needs("cdu.leak", feature="liquid_cooling")
def test_no_leak(device: RackDevice, measure: Measure) -> None:
    """The leak detector is there and dry."""
    measure("leak", device.one("leak"), where=device.slot)


@case("CLG-005", state="full", each="compute_host")
@needs("compute_host.gpu[*].temperature")
def test_gpu_temperature(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """At full load every GPU stays below its limit."""
    for trace in dwell.each(f"{device.name}.gpu[*].temperature"):
        measure("gpu_temperature", trace.maximum(), where=f"{device.slot} {trace.point.partition('.')[0]}")


@case("CLG-006", state="soak", each="compute_bmc")
@needs("compute_bmc.sensor[FAN*].*")
def test_fans_turn(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """Under load every fan of every tray turns."""
    for trace in dwell.each(f"{device.name}.sensor[FAN*].*"):
        measure("fan_speed", trace.minimum(), where=f"{device.slot} {trace.point.partition('.')[0]}")


@case("CLG-007", state="soak", each="cdu")
@needs("cdu.flow", feature="liquid_cooling")
def test_steady_flow(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """Under constant load the flow of coolant stays constant."""
    flow = dwell.one(f"{device.name}.flow")
    measure("flow_span", ratio(flow.span(), flow.mean()), where=device.slot)
