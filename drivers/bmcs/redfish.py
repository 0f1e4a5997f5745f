"""BMCs with a Redfish service, whoever made them (DMTF DSP0266, DSP0268).

One model for all: iDRAC, iLO, XCC, Supermicro, AMI, OpenBMC and NVIDIA's trays differ in data (`redfish_makers`), not
in code. What a service has in its newer and its older resources is read once, from the newer.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from drivers import redfish_leaks
from drivers.bmcs import redfish_logs, redfish_parts, redfish_power, redfish_whole
from drivers.bmcs.power_switch import PowerSwitch, Step, first
from drivers.bmcs.redfish_makers import holds_events
from drivers.bmcs.redfish_parts import MEBI, MEGA, consumed, count, energy, fan, last_output, measured, said, supply
from drivers.bmcs.redfish_walk import entries, moved, walk
from drivers.errors import DriverError, NoReading, WrongDevice
from drivers.points import Identity, Reading
from drivers.protocols import Kind
from drivers.redfish import ROOT
from drivers.redfish_survey import Found, Node, NodePoint, Reader, SurveyedDevice
from drivers.redfish_values import link, raised, text, words
from drivers.ssh import Timed

_S, _C = "/redfish/v1/Systems/*", "/redfish/v1/Chassis/*"
_CPU, _DIMM, _DRIVE = f"{_S}/Processors/*", f"{_S}/Memory/*", f"{_S}/Storage/*/Drives/*"
_SENSORS, _PSU, _CONTROL = f"{_C}/Sensors/*", f"{_C}/PowerSubsystem/PowerSupplies/*", f"{_C}/Power#/PowerControl/*"
_FAN, _LEAK = f"{_C}/ThermalSubsystem/Fans/*", f"{_C}/ThermalSubsystem/LeakDetection/LeakDetectors/*"
_ENVIRONMENT, _LOGS = "*/EnvironmentMetrics", "*/LogServices/*/Entries"
_FIRMWARE, _TASKS = "/redfish/v1/UpdateService/FirmwareInventory/*", "/redfish/v1/TaskService/Tasks/*"
_MANAGER = "/redfish/v1/Managers/*"

_WHOLE, _BMC = ("root", "system", "chassis"), ("system", "manager")
_POWER = ("system", "chassis", "power_control", "chassis_environment")
_LOG = ("root", "system", "log", "log_entry")


class RedfishBmc(PowerSwitch, SurveyedDevice):
    """A BMC with a Redfish service; parts, sensors and logs go by the service's own names."""

    model: ClassVar[str] = "redfish-bmc"
    kind: ClassVar[Kind] = "bmc"
    source: ClassVar[str] = "DMTF DSP0266, DSP0268"
    anew: ClassVar[frozenset[str]] = frozenset({"clock", "log_entry", "task", "session"})

    serial = NodePoint(_S, None, "Serial number of the machine.", redfish_whole.serial, _WHOLE)
    part = NodePoint(_S, None, "Part number of the machine.", redfish_whole.part, _WHOLE)
    firmware = NodePoint(
        _MANAGER, None, "Version of the BMC's firmware.", redfish_whole.firmware, ("system", "manager")
    )
    power_state = NodePoint(_S, None, "on or off.", redfish_whole.power_state, ("system",))
    power = NodePoint(_CONTROL, "W", "Power that the machine draws.", redfish_whole.power, _POWER)
    clock_offset = NodePoint(_MANAGER, "s", "The BMC's clock minus ours.", redfish_logs.clock_offset, ("clock",))
    sensor = NodePoint(_SENSORS, None, "Any sensor.", redfish_parts.every_sensor, ("sensor",), name="sensor[].*")
    threshold = NodePoint(
        _SENSORS, None, "Limits the BMC watches.", redfish_parts.every_threshold, ("sensor",), name="threshold[].*"
    )
    log_entries = NodePoint(_LOGS, "1", "Entries of all event logs.", redfish_logs.log_entries, _LOG)
    log_critical = NodePoint(_LOGS, "1", "Critical entries that still stand.", redfish_logs.log_critical, _LOG)
    log = NodePoint(_LOGS, None, "Entries of each event log.", redfish_logs.each_log, _LOG, name="log[].*")

    cpu_count = NodePoint(_CPU, "1", "Processors that are there.", count("processor", "CPU"), ("processor",))
    gpu_count = NodePoint(_CPU, "1", "Graphics processors that are there.", count("processor", "GPU"), ("processor",))
    memory_count = NodePoint(_DIMM, "1", "Memory modules that are there.", count("memory"), ("memory",))
    memory_total = NodePoint(_DIMM, "B", "Memory in all.", redfish_parts.memory_total, ("memory", "system"))
    sessions = NodePoint(
        "/redfish/v1/SessionService/Sessions", "1", "Sessions that are open.", redfish_parts.sessions, ("session",)
    )

    system_maker = said("system", _S, "maker", "Who made the system.", "Manufacturer")
    system_model = said("system", _S, "model", "Model of the system.", "Model")
    system_serial = said("system", _S, "serial", "Serial number of the system.", "SerialNumber")
    system_part = said("system", _S, "part", "Part number of the system.", "PartNumber")
    system_sku = said("system", _S, "sku", "Order number; Dell's service tag.", "SKU")
    system_uuid = said("system", _S, "uuid", "UUID of the system.", "UUID")
    system_asset_tag = said("system", _S, "asset_tag", "What its owner calls it.", "AssetTag")
    system_bios = said("system", _S, "bios", "Version of the host's firmware.", "BiosVersion")
    system_state = said("system", _S, "state", "Enabled, Absent, ...", "Status", "State")
    system_health = said("system", _S, "health", "OK, Warning, Critical.", "Status", "Health")
    system_rollup = said("system", _S, "health_rollup", "The worst of it and its parts.", "Status", "HealthRollup")
    system_power = said("system", _S, "power_state", "On, Off, ... as it stands.", "PowerState")
    system_boot = said("system", _S, "boot_progress", "How far it has come.", "BootProgress", "LastState")

    processor_type = said("processor", _CPU, "type", "CPU, GPU, FPGA, ...", "ProcessorType")
    processor_maker = said("processor", _CPU, "maker", "Who made it.", "Manufacturer")
    processor_model = said("processor", _CPU, "model", "Its model.", "Model")
    processor_serial = said("processor", _CPU, "serial", "Its serial number.", "SerialNumber")
    processor_part = said("processor", _CPU, "part", "Its part number.", "PartNumber")
    processor_uuid = said("processor", _CPU, "uuid", "Its UUID.", "UUID")
    processor_firmware = said("processor", _CPU, "firmware", "Version of its firmware.", "FirmwareVersion")
    processor_state = said("processor", _CPU, "state", "Enabled, Absent, ...", "Status", "State")
    processor_health = said("processor", _CPU, "health", "OK, Warning, Critical.", "Status", "Health")
    processor_cores = measured("processor", _CPU, "cores", "1", "Its cores.", "TotalCores")
    processor_threads = measured("processor", _CPU, "threads", "1", "Its threads.", "TotalThreads")
    processor_clock = measured("processor", _CPU, "max_clock", "Hz", "Highest clock.", "MaxSpeedMHz", factor=MEGA)
    processor_memory = measured(
        "processor", _CPU, "memory", "B", "Its own memory.", "MemorySummary", "TotalMemorySizeMiB", factor=MEBI
    )

    memory_capacity = measured("memory", _DIMM, "capacity", "B", "Its size.", "CapacityMiB", factor=MEBI)
    memory_clock = measured("memory", _DIMM, "transfers", "Hz", "Transfers.", "OperatingSpeedMhz", factor=MEGA)
    memory_type = said("memory", _DIMM, "type", "DDR5, LPDDR5, HBM, ...", "MemoryDeviceType")
    memory_maker = said("memory", _DIMM, "maker", "Who made it.", "Manufacturer")
    memory_serial = said("memory", _DIMM, "serial", "Its serial number.", "SerialNumber")
    memory_part = said("memory", _DIMM, "part", "Its part number.", "PartNumber")
    memory_state = said("memory", _DIMM, "state", "Enabled, Absent, ...", "Status", "State")
    memory_health = said("memory", _DIMM, "health", "OK, Warning, Critical.", "Status", "Health")

    drive_capacity = measured("drive", _DRIVE, "capacity", "B", "Its size.", "CapacityBytes")
    drive_model = said("drive", _DRIVE, "model", "Its model.", "Model")
    drive_serial = said("drive", _DRIVE, "serial", "Its serial number.", "SerialNumber")
    drive_firmware = said("drive", _DRIVE, "firmware", "Version of its firmware.", "Revision")
    drive_health = said("drive", _DRIVE, "health", "OK, Warning, Critical.", "Status", "Health")

    chassis_type = said("chassis", _C, "type", "RackMount, Module, Component, ...", "ChassisType")
    chassis_maker = said("chassis", _C, "maker", "Who made it.", "Manufacturer")
    chassis_model = said("chassis", _C, "model", "Its model.", "Model")
    chassis_serial = said("chassis", _C, "serial", "Its serial number.", "SerialNumber")
    chassis_part = said("chassis", _C, "part", "Its part number.", "PartNumber")
    chassis_health = said("chassis", _C, "health", "OK, Warning, Critical.", "Status", "Health")

    manager_firmware_ = said("manager", _MANAGER, "firmware", "Version of its firmware.", "FirmwareVersion")
    manager_type = said("manager", _MANAGER, "type", "BMC, EnclosureManager, ...", "ManagerType")
    manager_model = said("manager", _MANAGER, "model", "Its model.", "Model")
    manager_time = said("manager", _MANAGER, "time", "Its clock, as it shows it.", "DateTime")
    manager_health = said("manager", _MANAGER, "health", "OK, Warning, Critical.", "Status", "Health")

    control_power = consumed(_CONTROL)
    control_capacity = measured(
        "power_control", _CONTROL, "capacity", "W", "What can be given, not what is drawn.", "PowerCapacityWatts"
    )
    control_limit = measured("power_control", _CONTROL, "limit", "W", "Its cap.", "PowerLimit", "LimitInWatts")
    control_average = measured(
        "power_control", _CONTROL, "average", "W", "Mean of its interval.", "PowerMetrics", "AverageConsumedWatts"
    )
    control_max = measured(
        "power_control", _CONTROL, "max", "W", "Most in its interval.", "PowerMetrics", "MaxConsumedWatts"
    )
    control_min = measured(
        "power_control", _CONTROL, "min", "W", "Least in its interval.", "PowerMetrics", "MinConsumedWatts"
    )

    psu_input_power = supply(_PSU, "input_power", "W", "Power into a supply.")
    psu_output_power = supply(_PSU, "output_power", "W", "Power out of a supply.")
    psu_last_output_power = last_output(_PSU)
    psu_input_voltage = supply(_PSU, "input_voltage", "V", "Voltage at its input.")
    psu_temperature = supply(_PSU, "temperature", "degC", "Its temperature.")
    psu_capacity = measured("psu", _PSU, "capacity", "W", "What it can give.", "PowerCapacityWatts")
    psu_model = said("psu", _PSU, "model", "Its model.", "Model")
    psu_serial = said("psu", _PSU, "serial", "Its serial number.", "SerialNumber")
    psu_firmware = said("psu", _PSU, "firmware", "Version of its firmware.", "FirmwareVersion")
    psu_state = said("psu", _PSU, "state", "Enabled, Absent, ...", "Status", "State")
    psu_health = said("psu", _PSU, "health", "OK, Warning, Critical.", "Status", "Health")

    fan_speed = fan(_FAN, "speed", "rpm", "Speed of a fan.", ("SpeedPercent", "SpeedRPM"), "rpm")
    fan_duty = fan(_FAN, "duty", "%", "Speed of a fan as a share of its highest.", ("SpeedPercent",), "%")
    fan_state = said("fan", _FAN, "state", "Enabled, Absent, ...", "Status", "State")
    fan_health = said("fan", _FAN, "health", "OK, Warning, Critical.", "Status", "Health")

    environment_power = measured("environment", _ENVIRONMENT, "power", "W", "What it draws.", "PowerWatts")
    environment_temperature = measured(
        "environment", _ENVIRONMENT, "temperature", "degC", "Its temperature.", "TemperatureCelsius"
    )
    environment_energy = energy(_ENVIRONMENT)
    environment_limit = measured(
        "environment", _ENVIRONMENT, "power_limit", "W", "Its cap.", "PowerLimitWatts", "SetPoint"
    )

    leak = NodePoint(_LEAK, None, "True when a detector is wet.", redfish_leaks.leak, ("leak_detector",))
    leak_detector = said("leak_detector", _LEAK, "state", "OK, Warning, Critical, Unavailable.", "DetectorState")
    firmware_version = said("firmware", _FIRMWARE, "version", "Version of a firmware.", "Version")
    firmware_state = said("firmware", _FIRMWARE, "state", "Enabled, StandbySpare, ...", "Status", "State")
    task_state = said("task", _TASKS, "state", "New, Running, Completed, Exception, ...", "TaskState")
    task_status = said("task", _TASKS, "status", "OK, Warning, Critical.", "TaskStatus")

    def find(self, kind: str, reader: Reader) -> Iterable[Node]:
        """Walk to the resources of a kind; the clock is read between two looks at ours."""
        if kind == "clock":
            return self._clock(reader)
        if kind == "log":
            return self._event_logs(reader)
        if kind == "log_entry":
            return [node for log in self._event_logs(reader) for node in entries(log, reader)]
        return walk(kind, reader)

    def survey(self, kinds: Sequence[str]) -> Found:
        """Read all resources of these kinds; where rows of an array have moved, look for them again."""
        found = super().survey(kinds)
        if any(moved(node) for nodes in found.values() for node in nodes):
            self._layout.clear()
            found = super().survey(kinds)
        return found

    def identify(self) -> Identity:
        """Ask the service root, the host and the BMC. Raises WrongDevice where there is no computer system."""
        root = raised(self.transport.ask([ROOT])[ROOT])
        found = self.survey(["root", "system", "chassis", "manager"])
        said_ = words(root, "Vendor", "Product", "Name")
        try:
            host = redfish_whole.system(found)
        except NoReading as error:
            shown = "; ".join(said_)
            raise WrongDevice(error.what, address=self.address, sent=f"GET {ROOT}", received=shown) from error
        maker = text(host.body, "Manufacturer") or text(root, "Vendor") or redfish_whole.whose(found).name
        about = [_or_empty(read, found) for read in (redfish_whole.serial, redfish_whole.firmware)]
        raw = "; ".join(said_ + words(host.body, "Manufacturer", "Model", "SerialNumber", "SKU"))
        return Identity(maker, text(host.body, "Model"), about[0], about[1], f"{self.address} {ROOT}", raw)

    def order_power(self, step: Step) -> None:
        """Ask for a reset of the host. Raises DeviceRefused."""
        redfish_power.reset(self.transport, redfish_whole.system(self.survey(["system"])), step)

    def read_power_state(self) -> Reading:
        """Read PowerState of the host now."""
        return first(self.power_state)

    def _clock(self, reader: Reader) -> Iterable[Node]:
        found: Found = {kind: list(walk(kind, reader)) for kind in ("manager", "system")}
        try:
            path = redfish_whole.manager(found).path
        except DriverError as error:
            return [Node("clock", "", "", error)]
        sent = self.clock.now()
        reply = self.transport.ask([path])[path]
        return [Node("clock", "bmc", path, Timed(reply, sent, self.clock.now()))]

    def _event_logs(self, reader: Reader) -> list[Node]:
        found: Found = {kind: list(walk(kind, reader)) for kind in ("root", "system")}
        try:
            whose = redfish_whole.whose(found)
        except DriverError:
            return []
        logs = [n for n in walk("log", reader) if isinstance(n.body, DriverError) or link(n.body, "Entries")]
        return [n for n in logs if holds_events(n.body, n.key.rpartition("/")[2], whose)]


def _or_empty(read: Any, found: Found) -> str:
    try:
        return str(read(found).value)
    except DriverError:
        return ""
