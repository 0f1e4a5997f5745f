"""Power: what the rack draws, how it is shared and converted, and whether its own figures can be believed."""

from collections.abc import Sequence

from harness.plan import (
    Dwell,
    Figures,
    Measure,
    Quantity,
    Rack,
    RackDevice,
    Trace,
    case,
    difference,
    needs,
    power_accounts,
    ratio,
)  # fmt: skip


@case("PWR-001", state="idle")
@needs("feed_meter.power")
def test_idle_power(dwell: Dwell, measure: Measure) -> None:
    """With no work, the rack draws no more than its idle budget."""
    measure("idle_power", dwell.total("feed_meter.power").mean(), where="rack")


@case("PWR-002", state="full")
@needs("feed_meter.power")
def test_full_power(dwell: Dwell, measure: Measure) -> None:
    """At sustained full load, the rack draws no more than what is provisioned for it."""
    measure("full_power", dwell.total("feed_meter.power").mean(), where="rack")


@case("PWR-003", state="full", each="power_shelf")
@needs("power_shelf.psu[*].output_power", feature="power_shelves")
def test_psu_share(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """The power supplies of a shelf share its load evenly."""
    traces = dwell.each(f"{device.name}.psu[*].output_power")
    mean = _mean_of(traces)
    for trace in traces:
        share = ratio(_less(trace, mean), Quantity(mean, "W"))
        measure("psu_share", share, where=f"{device.slot} {trace.point.partition('.')[0]}")


def _mean_of(traces: Sequence[Trace]) -> float:
    """Return the mean over traces, which must not all be zero."""
    mean = sum(trace.mean().value for trace in traces) / len(traces)
    return mean or traces[0].something().mean().value


def _less(trace: Trace, mean: float) -> Quantity:
    return difference(trace.mean(), Quantity(mean, "W"))


@case("PWR-004", state="full", each="power_shelf")
@needs("power_shelf.input_power", "power_shelf.output_power", feature="power_shelves")
def test_shelf_efficiency(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """Every power shelf converts at full load with the efficiency of its class."""
    into, out = dwell.one(f"{device.name}.input_power"), dwell.one(f"{device.name}.output_power")
    measure("shelf_efficiency", ratio(out.mean(), into.something().mean()), where=device.slot)


@case("PWR-005", state="full", each="power_shelf")
@needs("power_shelf.output_voltage", feature="power_shelves")
def test_bus_voltage(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """The bus stays inside its band at full load, at every shelf and in every sample."""
    trace = dwell.one(f"{device.name}.output_voltage")
    measure("bus_voltage", trace.minimum(), where=f"{device.slot} lowest")
    measure("bus_voltage", trace.maximum(), where=f"{device.slot} highest")


@case("PWR-006", state="full")
@needs("feed_meter.power", "power_shelf.input_power", feature="power_shelves")
def test_shelves_agree_with_meters(dwell: Dwell, measure: Measure) -> None:
    """What the power shelves say they draw is what the station's meters measure."""
    meters = dwell.total("feed_meter.power").mean()
    shelves = dwell.total("power_shelf.input_power").mean()
    measure("meter_agreement", ratio(difference(shelves, meters), meters), where="rack")


@case("PWR-007", state="full", each="feed_meter")
@needs("feed_meter.power_factor")
def test_power_factor(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """At full load every feed sees the power factor that was promised."""
    measure("power_factor", dwell.one(f"{device.name}.power_factor").mean(), where=device.slot)


@case("PWR-008", state="full", each="feed_meter")
@needs("feed_meter.phase[*].current")
def test_phase_balance(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """The three phases of every feed carry the same current."""
    phases = [trace.something().mean() for trace in dwell.each(f"{device.name}.phase[*].current")]
    mean = sum(phase.value for phase in phases) / len(phases)
    worst = max(phases, key=lambda phase: abs(phase.value - mean))
    unbalance = Quantity(abs(worst.value - mean) / mean, "1", None, worst.sources, worst.window, worst.devices)
    measure("phase_unbalance", unbalance, where=device.slot)


@case("PWR-009", state="full", each="power_shelf")
@needs("power_shelf.energy", "power_shelf.input_power", feature="power_shelves")
def test_energy_register(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """Every shelf's energy register counts what its input power adds up to."""
    register, power = dwell.one(f"{device.name}.energy"), dwell.one(f"{device.name}.input_power")
    measure("energy_register", register.deviation(power.something()), where=device.slot)


@case("PWR-010", state="full")
@needs("feed_meter.power", "pdu.inlet[*].power", feature="rack_pdus")
def test_pdus_agree_with_meters(dwell: Dwell, measure: Measure) -> None:
    """What the rack PDUs say they draw is what the station's meters measure."""
    meters = dwell.total("feed_meter.power").mean()
    pdus = dwell.total("pdu.inlet[*].power").mean()
    measure("pdu_agreement", ratio(difference(pdus, meters), meters), where="rack")


@case("PWR-011", state="full")
@needs("power_shelf.output_power", feature="power_shelves")
def test_shelf_share(dwell: Dwell, measure: Measure) -> None:
    """The power shelves share the load of the rack evenly."""
    traces = dwell.each("power_shelf.output_power")
    mean = _mean_of(traces)
    for trace in traces:
        measure("shelf_share", ratio(_less(trace, mean), Quantity(mean, "W")), where=trace.slot)


@case("PWR-012", state="soak", each="power_shelf")
@needs("power_shelf.psu[*].output_power", feature="power_shelves")
def test_steady_psus(dwell: Dwell, device: RackDevice, measure: Measure) -> None:
    """Under constant load the output of every power supply stays constant."""
    traces = dwell.each(f"{device.name}.psu[*].output_power")
    mean = Quantity(_mean_of(traces), "W")
    for trace in traces:
        measure("psu_span", ratio(trace.span(), mean), where=f"{device.slot} {trace.point.partition('.')[0]}")


@case("PWR-013", state="full")
@needs("feed_meter.power", "feed_meter.energy", "power_shelf.input_power", feature="power_shelves")
@needs("compute_bmc.power", "switch_bmc.power")
@needs("cdu.flow", "cdu.supply_temperature", "cdu.return_temperature", feature="own_coolant_loop")
def test_power_accounts_agree(dwell: Dwell, rack: Rack, measure: Measure) -> None:
    """Meters, their registers, shelves, trays and coolant tell one power, each within what it knows."""
    boards = ("compute_bmc.power", "switch_bmc.power")
    figures = Figures("feed_meter.power", "feed_meter.energy", "power_shelf.input_power", boards, "cdu")
    measure("power_accounts", power_accounts(dwell, figures, rack.constant), where="rack")
