"""What a plan may rely on: the points that every device of a kind has, by name, with their unit.

A driver class may have more points. One that cannot have a point of its kind's contract leaves it out of its table and
names it in `lacks`; the conformance test holds every model in the catalogue to that.
"""

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from drivers.points import Reading

Kind = Literal["power_meter", "oscilloscope", "power_shelf", "switch", "cooling", "pdu", "bmc", "host", "gpu_host"]

CONTRACTS: MappingProxyType[Kind, dict[str, str | None]] = MappingProxyType(
    {
        "power_meter": {
            "power": "W",
            "apparent_power": "VA",
            "reactive_power": "var",
            "power_factor": "1",
            "frequency": "Hz",
            "energy": "Wh",
            "phase[].voltage": "V",
            "phase[].current": "A",
            "phase[].power": "W",
            "phase[].power_factor": "1",
            "ct_ratio": "1",
            "voltage_range": "V",
            "current_range": "A",
            "update_interval": "s",
        },
        "oscilloscope": {
            "sample_rate": "Hz",
            "time_range": "s",
            "trigger_state": None,
        },
        "power_shelf": {
            "input_power": "W",
            "output_power": "W",
            "output_voltage": "V",
            "output_current": "A",
            "energy": "Wh",
            "psu[].input_power": "W",
            "psu[].input_voltage": "V",
            "psu[].output_power": "W",
            "psu[].output_current": "A",
            "psu[].temperature": "degC",
            "psu[].fan_speed": "rpm",
        },
        "switch": {
            "uptime": "s",
            "port[].admin_state": None,
            "port[].oper_state": None,
            "port[].speed": "bit/s",
            "port[].in_bytes": "B",
            "port[].out_bytes": "B",
            "port[].in_errors": "1",
            "port[].out_errors": "1",
            "port[].in_discards": "1",
            "port[].out_discards": "1",
            "port[].fcs_errors": "1",
            "neighbor[].system": None,
            "neighbor[].port": None,
            "sensor[].*": None,
        },
        "cooling": {
            "supply_temperature": "degC",
            "return_temperature": "degC",
            "flow": "l/min",
            "supply_pressure": "Pa",
            "return_pressure": "Pa",
            "pump[].speed": "rpm",
            "leak": None,
        },
        "pdu": {
            "inlet[].power": "W",
            "inlet[].energy": "Wh",
            "phase[].voltage": "V",
            "phase[].current": "A",
            "outlet[].state": None,
            "outlet[].power": "W",
        },
        "bmc": {
            "serial": None,
            "part": None,
            "firmware": None,
            "power_state": None,
            "power": "W",
            "clock_offset": "s",
            "sensor[].*": None,
            "log_entries": "1",
            "log_critical": "1",
        },
        "host": {
            "hostname": None,
            "serial": None,
            "kernel": None,
            "cpu_count": "1",
            "memory_total": "B",
            "uptime": "s",
            "clock_offset": "s",
        },
        "gpu_host": {
            "hostname": None,
            "serial": None,
            "kernel": None,
            "cpu_count": "1",
            "memory_total": "B",
            "uptime": "s",
            "clock_offset": "s",
            "gpu_count": "1",
            "gpu[].serial": None,
            "gpu[].model": None,
            "gpu[].temperature": "degC",
            "gpu[].power": "W",
            "gpu[].sm_clock": "Hz",
            "gpu[].memory_total": "B",
            "gpu[].ecc_uncorrected": "1",
            "gpu[].throttle": None,
            "gpu[].uuid": None,
            "gpu[].firmware": None,
            "gpu[].driver_version": None,
            "gpu[].power_limit": "W",
            "gpu[].memory_used": "B",
            "gpu[].utilization": "%",
            "gpu[].ecc_corrected": "1",
            "gpu[].link_width": "1",
            "accelerator_errors": "1",
        },
    }
)
"""Point names by kind of device. `port` is keyed by ifName, `neighbor` by the local port's name, `psu`, `pump`, `gpu`
and `phase` by the device's own number, `sensor` by the device's own sensor name. All of a `pdu` by the agent's own
index, "1.3" for the third of the first unit; its `inlet` is whatever it totals over: a unit, an inlet, a cord.

Meanings that a unit does not tell: `port[].oper_state` and `admin_state` are the words of IF-MIB ("up", "down", ...);
`neighbor[].system` and `.port` what LLDP says of the far end; `leak` is True when wet; `power_state` "on" or "off";
`gpu[].throttle` the comma-separated reasons that slow the clock for protection, "" when there are none; `clock_offset`
device minus us, at the middle of the exchange; `log_critical` events asserted and critical or worse; `energy` of a
meter or shelf input energy since its register was last reset; `outlet[].state` "on", "off", or what it is on its way
to; `ct_ratio` primary over secondary current.

A `gpu_host` is a host with accelerators of any maker, on their own silicon too: `gpu` stands for an accelerator,
numbered as its maker's tool does; `sm_clock` is the clock of what computes, `temperature` that of the die, the hottest
where the maker tells several; `accelerator_errors` counts what the accelerators' driver reported as an error in the
kernel's log (`xid_errors` besides, where the maker is NVIDIA); `ecc_corrected` and `_uncorrected` since the driver was
loaded.

A BMC may have besides: `component[]`, `system[]`, `processor[]`, `memory[]`, `drive[]`, `chassis[]`, `fru[]` and what
each says of itself (`.serial`, `.part`, `.model`, `.maker`, `.state`, `.health`); `cpu_count`, `gpu_count`,
`memory_count`, `memory_total`; `threshold[].*`, the limits that it watches itself, by the names of IPMI;
`firmware[].version`; `log[].entries`, `.critical`; `environment[].power`, `.energy`, `.temperature`, `.power_limit`;
`power_control[]`, `psu[]`, `fan[]`; `leak`.

A power meter may have besides: `phase[].apparent_power`, `.reactive_power`, `.energy`, `.charge`, `.voltage_thd`,
`.current_thd`, `.voltage_range`, `.current_range`; `harmonic[].voltage` and `.current`, keyed element.order;
`charge`, `vt_ratio`, `voltage_auto`, `current_auto`, `over_range` (the inputs, by comma), `wiring`,
`integration_state` ("START", "STOP", "RESET", "TIMEUP", ...) and `integration_time`.
"""


PowerOrder = Literal["on", "off", "soft", "cycle"]
"""What a BMC may be told: `off` at once, `soft` by asking the operating system, `cycle` off and on again."""


class PowerSwitched(Protocol):
    """A BMC that switches the power of what it manages, and is asked afterwards whether that has happened."""

    def switch_power(self, order: PowerOrder, within_s: float) -> "Reading":
        """Give the order and wait for the state that it leads to; return the reading of power_state that shows it.

        Raises DeviceRefused where the BMC refuses, or where the state has not come within `within_s` s.
        """
        ...


@runtime_checkable
class Integrating(Protocol):
    """A meter whose energy register is started, stopped and reset; each raises DeviceRefused where the meter does."""

    def integration_start(self) -> None:
        """Start the integration of energy."""
        ...

    def integration_stop(self) -> None:
        """Stop the integration."""
        ...

    def integration_reset(self) -> None:
        """Set energy and time to zero."""
        ...


@runtime_checkable
class Ranging(Protocol):
    """A meter whose ranges are fixed or follow the signal (None); each raises DeviceRefused where the meter does."""

    def set_voltage_range(self, volts: float | None) -> None:
        """Fix the voltage range, in V at the terminals."""
        ...

    def set_current_range(self, amperes: float | None) -> None:
        """Fix the current range, in A at the terminals."""
        ...
