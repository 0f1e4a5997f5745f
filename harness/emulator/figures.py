"""The tables of a generation's file: counts, power figures, thermal constants, sensors, versions."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Natural = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1)]
Spread = Annotated[float, Field(ge=0, lt=0.2)]
Count = Annotated[int, Field(ge=1, le=99)]
Few = Annotated[int, Field(ge=0, le=99)]
Face = Literal["socket", "hislip", "vxi11"]
"""How a feed's meter is reached: a raw socket, HiSLIP (IVI-6.1) or VXI-11."""


class Table(BaseModel):
    """A table of the file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Counts(Table):
    """How many of each part the rack has; it is fed by power shelves or by rack PDUs, which are `pdus` a feed."""

    compute_trays: Count
    gpus_per_tray: Count
    cpus_per_tray: Count
    switch_trays: Few = 0
    asics_per_switch_tray: Few = 0
    shelves: Few = 0
    psus_per_shelf: Few = 0
    pdus: Few = 0
    feeds: Annotated[int, Field(ge=1, le=2)]
    switches: Annotated[int, Field(ge=2, le=2)]
    ports_per_switch: Count
    uplinks: Count
    fans_per_tray: Count

    @model_validator(mode="after")
    def _ports_suffice(self) -> Self:
        wanted = self.compute_trays + self.switch_trays + self.shelves + self.pdus * self.feeds + 1
        if wanted > self.ports_per_switch:
            message = f"{wanted} management links do not fit into {self.ports_per_switch} ports_per_switch"
            raise ValueError(message)
        return self


class GpuFigures(Table):
    """Power (W), clocks (MHz), heat path (K/W), lag (s) and rate (Gflop/s) of one GPU."""

    name: str
    idle_w: Positive
    full_w: Positive
    cap_w: Positive
    reference_degc: Positive
    leakage_per_k: Natural
    clock_idle_mhz: Positive
    clock_full_mhz: Positive
    clock_exponent: Positive
    resistance_k_per_w: Positive
    flow_exponent: Natural
    lag_s: Positive
    throttle_degc: Positive
    release_degc: Positive
    throttled_clock: Share
    gflops: Positive
    memory_mib: Annotated[int, Field(ge=1)]
    spread: Spread

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.idle_w < self.full_w <= self.cap_w:
            message = "idle_w < full_w <= cap_w does not hold"
            raise ValueError(message)
        if not self.release_degc < self.throttle_degc:
            message = "release_degc < throttle_degc does not hold"
            raise ValueError(message)
        return self


class CpuFigures(Table):
    """Power (W), heat path (K/W), lag (s) and speed of one CPU."""

    idle_w: Positive
    full_w: Positive
    resistance_k_per_w: Positive
    lag_s: Positive
    cores: Annotated[int, Field(ge=1)]
    bogo_ops_per_s: Positive
    host_share_of_burn: Share


class TrayFigures(Table):
    """What a compute tray draws besides its GPUs and CPUs (W), its slots for GPUs, fans (rpm) and memory (KiB)."""

    gpu_slots: Count
    rest_idle_w: Positive
    rest_full_w: Positive
    fan_idle_w: Positive
    fan_full_w: Positive
    fan_idle_rpm: Positive
    fan_full_rpm: Positive
    memory_kib: Annotated[int, Field(ge=1)]


class SwitchTrayFigures(Table):
    """Power (W), heat path (K/W), fans (rpm) and host of a switch tray."""

    asic_idle_w: Positive
    asic_full_w: Positive
    asic_resistance_k_per_w: Positive
    rest_w: Positive
    fan_idle_w: Positive
    fan_full_w: Positive
    fan_idle_rpm: Positive
    fan_full_rpm: Positive
    lag_s: Positive
    cpu_idle_w: Positive
    cpu_full_w: Positive
    cores: Annotated[int, Field(ge=1)]
    memory_kib: Annotated[int, Field(ge=1)]


class SwitchFigures(Table):
    """A management switch's draw (W)."""

    power_w: Positive


class ConversionFigures(Table):
    """Rating (W), loss curve and power factor of a power supply that runs from the mains."""

    psu_rated_w: Positive
    loss_fixed: Natural
    loss_linear: Natural
    loss_square: Natural
    power_factor: Share

    @model_validator(mode="after")
    def _loses_something(self) -> Self:
        if self.loss_fixed + self.loss_linear + self.loss_square <= 0:
            message = "a rectifier without any loss cannot be"
            raise ValueError(message)
        return self


class ShelfFigures(ConversionFigures):
    """Load sharing (ohm, V), energy storage (s) and cooling of a power shelf and its PSUs.

    With storage the input follows the output with that lag.
    """

    droop_ohm: Positive
    setpoint_spread_v: Natural
    share_spread: Spread
    storage_s: Natural = 0.0
    psu_rise_k: Positive
    air_degc: Positive
    fan_idle_rpm: Positive
    fan_full_rpm: Positive


class PduFigures(ConversionFigures):
    """Rating of a rack PDU (W), and the power supplies of the servers that are plugged into it."""

    rated_w: Positive
    psus_per_tray: Count


class BusFigures(Table):
    """The direct-current bus: V without load, and ohm from the shelves to a tray, where voltage drops."""

    setpoint_v: Annotated[float, Field(ge=12, le=1000)]
    tray_ohm: Natural = 0.0


class FeedFigures(Table):
    """The mains (V line to neutral, Hz), its current transformers, and the faces of the meters, one per feed.

    Without `faces` every meter has a raw socket.
    """

    voltage_v: Annotated[float, Field(ge=100, le=480)]
    frequency_hz: Annotated[float, Field(ge=45, le=65)]
    phase_spread: Spread
    ct_ratio: Positive
    faces: tuple[Face, ...] = ()

    def face(self, n: int) -> Face:
        """Return the face of the meter on feed `n`, counted from 0."""
        return self.faces[n] if self.faces else "socket"


class CoolantFigures(Table):
    """Supply (degC), flow (l/min), heat capacity (J/(l K)), lag (s) and pressures (kPa) of the loop."""

    supply_degc: Annotated[float, Field(ge=5, le=60)]
    flow_lpm: Positive
    heat_capacity_j_per_l_k: Annotated[float, Field(ge=1000, le=4200)]
    captured: Share
    lag_s: Positive
    pump_rpm: Positive
    supply_kpa: Positive
    drop_kpa: Positive
    compute_share: Share


class AirFigures(Table):
    """Air at the inlet (degC), its flow through the rack (m3/h) and lag (s)."""

    inlet_degc: Annotated[float, Field(ge=5, le=50)]
    flow_m3_per_h: Positive
    lag_s: Positive


class TrafficFigures(Table):
    """Traffic of the management links (bytes per second) and light of the uplinks (dBm)."""

    idle_bps: Natural
    host_load_bps: Natural
    uplink_idle_bps: Natural
    uplink_load_bps: Natural
    frame_bytes: Positive
    rx_dbm: Annotated[float, Field(ge=-40, le=10)]
    tx_dbm: Annotated[float, Field(ge=-40, le=10)]


class Versions(Table):
    """Firmware and kernel versions as the healthy rack answers them."""

    bmc: str
    switch: str
    host_kernel: str
    switch_bmc: str = ""
    shelf: str = ""
    psu: str = ""
    cdu: str = ""
    pdu: str = ""


class SensorFigures(Table):
    """Resolution and noise in the sensor's unit, relative noise, offset and gain error, refresh interval (s).

    `gain` and `offset` are half widths of what differs from sensor to sensor; with `exact_zero` 0 is shown as 0.
    """

    resolution: Natural = 0.0
    noise: Natural = 0.0
    relative_noise: Spread = 0.0
    gain: Spread = 0.0
    offset: Natural = 0.0
    exact_zero: bool = False
    refresh_s: Natural
