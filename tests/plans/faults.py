"""The fault matrix: what each fault of the emulated rack does to the acceptance plan, and physically why.

`first` is the case that the fault exists for. `further` are the other cases that it fails, each with its physical
reason; `undecided` those that cannot be decided any more. The sets are exact.
"""

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["ACCEPTED", "REJECTED", "INCOMPLETE"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a run of the plan must come to with one fault."""

    spec: str
    first: str | None
    verdict: Verdict = "REJECTED"
    further: dict[str, str] = field(default_factory=dict)
    undecided: dict[str, str] = field(default_factory=dict)
    blame: frozenset[str] = frozenset()
    generation: str = "gen-a"

    @property
    def fault(self) -> str:
        """The name of the fault in the emulator's table."""
        return self.spec.partition(".")[2].partition("=")[0].partition("@")[0]

    @property
    def failed(self) -> set[str]:
        """Every case that fails."""
        return {self.first, *self.further} if self.first else set(self.further)


DEAD_BMC = {
    "INV-002": "its BMC does not tell the serial number",
    "INV-003": "its BMC does not tell the firmware",
    "MGT-001": "its BMC does not tell the time",
    "MGT-002": "its BMC lists no sensors",
    "MGT-003": "its BMC gives no temperatures",
    "MGT-004": "its BMC shows no log",
    "MGT-005": "its BMC shows no log",
    "CLG-006": "its BMC gives no speeds of fans",
}
BLIND_METER = dict.fromkeys(
    ("PWR-001", "PWR-002", "PWR-006", "PWR-007", "PWR-008", "PWR-013", "CLG-003", "EFF-001", "EFF-002", "REL-002"),
    "one feed is not measured",
)
DEAD_SHELF = {
    "PWR-003": "supplies that give nothing share nothing",
    "PWR-004": "what takes nothing has no efficiency",
    "PWR-009": "what takes nothing counts nothing",
    "PWR-012": "supplies that give nothing cannot be steady",
}
STATION = frozenset({"instrument"})
RACK = frozenset({"rack"})

MATRIX = (
    # inventory and firmware
    Expected(
        "tray05.bmc_silent",
        "INV-001",
        further={"REL-003": "what was missing at the beginning is missing at the end"},
        undecided=DEAD_BMC,
        blame=RACK,
    ),
    Expected("tray05.wrong_serial", "INV-002"),
    Expected("tray05.wrong_firmware", "INV-003"),
    Expected(
        "tray05.gpu_missing",
        "INV-004",
        further={"MGT-002": "the temperature sensor of a GPU that is not there has no value"},
        undecided={"MGT-003": "a sensor without a value cannot follow the load"},
        blame=RACK,
    ),
    # power
    Expected("tray05.never_idles", "PWR-001"),
    Expected("rack.boost_unlocked", "PWR-002"),
    Expected("shelf2.psu_sagging", "PWR-003"),
    Expected("shelf2.rectifier_lossy", "PWR-004"),
    Expected("rack.bus_low", "PWR-005"),
    Expected(
        "shelf2.meter_biased=0.10",
        "PWR-006",
        further={"PWR-004": "efficiency is computed from the input power that reads too high"},
    ),
    Expected("pdu_a1.meter_biased=0.10", "PWR-010", generation="gen-c"),
    Expected("shelf2.pfc_degraded", "PWR-007"),
    Expected("feed_a.phase_unbalanced", "PWR-008"),
    Expected("shelf2.energy_register_slow=0.15", "PWR-009"),
    Expected("rack.boards_biased", "PWR-013"),
    # cooling
    Expected("cdu.inlet_too_warm", "CLG-001"),
    Expected("cdu.pump_weak", "CLG-002"),
    Expected(
        "cdu.flow_sensor_biased",
        "CLG-003",
        further={"PWR-013": "the heat that is reckoned from it is not what the rack draws"},
    ),
    Expected("cdu.leak", "CLG-004"),
    Expected("tray05.cold_plate_blocked", "CLG-005"),
    Expected(
        "cdu.return_sensor_frozen",
        "CLG-003",
        further={"PWR-013": "the heat that is reckoned from it is not what the rack draws"},
    ),
    # network and cabling
    Expected("mgmt1.cables_swapped", "NET-001"),
    Expected(
        "mgmt1.port_down",
        "NET-002",
        further={
            "NET-001": "no neighbour announces itself over a link that is down",
            "NET-006": "a link that is down from the beginning is down under load, too",
        },
    ),
    Expected("mgmt1.wrong_speed", "NET-003"),
    Expected("mgmt1.bit_errors", "NET-004"),
    Expected("mgmt1.optic_dirty", "NET-005"),
    # compute
    Expected("tray05.gpu_slow", "CMP-001"),
    Expected(
        "tray05.gpu_throttling", "CMP-002", further={"CMP-001": "a GPU that slows its clock computes less per second"}
    ),
    Expected("tray05.ecc_errors", "CMP-003"),
    Expected("tray05.load_drops_out@load+12s", "CMP-004"),
    # efficiency
    Expected("rack.leakage_high", "EFF-001"),
    Expected(
        "rack.cap_stuck",
        "EFF-002",
        further={
            "CMP-001": "a GPU below its power computes less per second",
            "EFF-001": "idle and static power are spread over less work",
        },
    ),
    # reliability
    Expected("tray05.xid", "REL-001"),
    Expected("rack.power_swings", "REL-002"),
    Expected("swtray3.firmware_changes@load+2s", "REL-003"),
    Expected(
        "tray05.bmc_dies@load+2s",
        "REL-003",
        undecided={
            "MGT-003": "the BMC is gone before the window is over",
            "MGT-004": "a BMC that is gone shows no log",
            "CLG-006": "a BMC that is gone gives no speeds of fans",
        },
        blame=RACK,
    ),
    # management
    Expected("tray05.clock_off", "MGT-001"),
    Expected(
        "tray05.sensor_missing",
        "MGT-002",
    ),
    Expected("tray05.sensor_frozen", "MGT-003"),
    Expected("tray05.log_critical", "MGT-004"),
    # wire and instrument
    Expected("feed_a.silent", None, "INCOMPLETE", undecided=BLIND_METER, blame=STATION),
    Expected("feed_a.garbled", None, "INCOMPLETE", undecided=BLIND_METER, blame=STATION),
    Expected("feed_a.truncated", None, "INCOMPLETE", undecided=BLIND_METER, blame=STATION),
    Expected("feed_a.reset", None, "INCOMPLETE", undecided=BLIND_METER, blame=STATION),
    Expected("feed_a.wrong_model", None, "INCOMPLETE", undecided=BLIND_METER, blame=STATION),
    Expected("feed_a.wrong_ratio", None, "INCOMPLETE", undecided=BLIND_METER, blame=STATION),
    Expected("feed_a.overrange", None, "INCOMPLETE", undecided=BLIND_METER, blame=STATION),
    Expected("feed_a.slow", None, "INCOMPLETE", undecided=BLIND_METER, blame=STATION),
    Expected(
        "shelf2.wrong_model",
        "INV-001",
        further={"REL-003": "what answered as another model at the beginning does so at the end"},
        undecided=dict.fromkeys(
            ("PWR-003", "PWR-004", "PWR-005", "PWR-006", "PWR-009", "PWR-011", "PWR-012"),
            "a shelf that is not what it should be is not read",
        ),
        blame=RACK,
    ),
    Expected(
        "shelf2.wrong_unit",
        "PWR-005",
        further={
            "PWR-006": "the power of that shelf is off by the same factor",
            "PWR-013": "the power of that shelf is off by the same factor",
            "PWR-011": "its output is off by the same factor, those of the others are not",
        },
        undecided={"PWR-009": "its energy is beyond what its sensor table can show"},
        blame=RACK,
    ),
    Expected("tray05.default_password", None, "ACCEPTED"),
    # inventory and power, further
    Expected("rack.mixed_firmware", "INV-003"),
    Expected("shelf2.psu_dead", "PWR-003"),
    Expected("shelf2.psu_oscillating", "PWR-012"),
    Expected("shelf2.shelf_sharing_badly", "PWR-011"),
    Expected("shelf2.breaker_open", "PWR-011", undecided=DEAD_SHELF, blame=RACK),
    Expected("shelf2.inrush_too_high", "PWR-011", undecided=DEAD_SHELF, blame=RACK),
    Expected(
        "feed_b.feed_lost",
        "PWR-011",
        undecided=DEAD_SHELF
        | dict.fromkeys(BLIND_METER, "a meter that reads 0 W throughout may as well be stuck")
        | {
            "PWR-007": "where no power flows there is no power factor",
            "PWR-008": "where no current flows there is no balance",
        },
        blame=RACK | STATION,
    ),
    Expected(
        "shelf2.energy_register_reset@load+12s",
        None,
        "INCOMPLETE",
        undecided={"PWR-009": "what a register counted that went back is not known"},
        blame=RACK,
    ),
    Expected(
        "shelf2.energy_register_wraps@load+12s",
        None,
        "INCOMPLETE",
        undecided={"PWR-009": "what a register counted that went back is not known"},
        blame=RACK,
    ),
    # cooling, further
    Expected("tray05.fan_stuck", "CLG-006"),
    Expected(
        "cdu.hoses_swapped",
        "CLG-001",
        further={
            "CLG-003": "the warm side is taken for the cold one: the heat comes out negative",
            "PWR-013": "the heat that is reckoned from it is not what the rack draws",
        },
    ),
    Expected("cdu.air_in_loop", "CLG-007"),
    # network, further
    Expected("mgmt1.port_flapping@load+1s", "NET-006"),
    Expected("mgmt1.lldp_silent", "NET-001"),
    # compute, further
    Expected("tray05.gpu_clock_low", "CMP-001"),
    Expected("tray05.silent_corruption", "CMP-004"),
    Expected("tray05.cap_ignored", "CMP-005"),
    # management, further
    Expected(
        "tray05.bmc_reboots@load+10s",
        None,
        "INCOMPLETE",
        undecided={"MGT-003": "the BMC was away for longer than a window can bear"},
        blame=RACK,
    ),
    Expected("tray05.log_full", "MGT-005"),
    # wire and instrument, further
    Expected("feed_a.late", None, "INCOMPLETE", undecided=BLIND_METER, blame=STATION),
    Expected(
        "feed_a.wrong_range",
        None,
        "INCOMPLETE",
        undecided={
            "PWR-001": "the error of the range is larger than the limit bears",
            "PWR-002": "the error of the range is larger than the limit bears",
        },
        blame=frozenset({"station"}),
    ),
    Expected("feed_a.out_of_calibration", None, "ACCEPTED"),
    Expected(
        "mgmt1.agent_reboots=20@load+2s",
        None,
        "INCOMPLETE",
        undecided={"NET-004": "the switch was away for most of the window"},
        blame=RACK,
    ),
)
