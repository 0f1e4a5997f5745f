"""Small services as makers build them, written by hand after what their own look like: each with its oddities."""

from typing import Any

from tests.drivers.redfish_server import collection

ROOT = "/redfish/v1"
MIB, GIB = 2**20, 2**30

Tree = dict[str, Any]


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": path}


def excerpt(value: Any, **more: Any) -> dict[str, Any]:
    return {"Reading": value, **more}


def listing(path: str, members: dict[str, Any]) -> Tree:
    """A collection and its members."""
    paths = {f"{path}/{name}": {"@odata.id": f"{path}/{name}", "Id": name, **body} for name, body in members.items()}
    return {path: collection(path, *paths), **paths}


def service(system: str, chassis: str, manager: str, **root: Any) -> Tree:
    """A service root with one system, one chassis and one manager, to be filled in."""
    held = ref(f"{ROOT}/Chassis/{chassis}")
    return {
        ROOT: {
            "Id": "RootService",
            "Name": "Root Service",
            **{name: ref(f"{ROOT}/{name}") for name in ("Systems", "Chassis", "Managers", "UpdateService")},
            **root,
        },
        **listing(f"{ROOT}/Systems", {system: {"PowerState": "On", "Links": {"Chassis": [held]}}}),
        **listing(f"{ROOT}/Chassis", {chassis: {}}),
        **listing(f"{ROOT}/Managers", {manager: {"ManagerType": "BMC"}}),
    }


def logs(holder: str, **entries: list[dict[str, Any]]) -> Tree:
    """Log services of a holder, entries embedded as most services do."""
    services = f"{holder}/LogServices"
    tree = listing(services, {name: {"Entries": ref(f"{services}/{name}/Entries")} for name in entries})
    for name, found in entries.items():
        path = f"{services}/{name}/Entries"
        members = [{"@odata.id": f"{path}/{n}", "Id": str(n), **one} for n, one in enumerate(found, 1)]
        tree[path] = collection(path, *members)
    return tree


def dell() -> Tree:
    """iDRAC: rows in Power and Thermal, an order number that is the service tag, ratings beside what is drawn."""
    system, chassis = f"{ROOT}/Systems/System.Embedded.1", f"{ROOT}/Chassis/System.Embedded.1"
    tree = service("System.Embedded.1", "System.Embedded.1", "iDRAC.Embedded.1", Vendor="Dell", Oem={"Dell": {}})
    tree[system] |= {
        "Manufacturer": "Dell Inc.",
        "Model": "PowerEdge R750",
        "SerialNumber": "CNFCP0016700AB",
        "SKU": "7XK4T93",
        "PartNumber": "0J8KGXA05",
        "Processors": ref(f"{system}/Processors"),
        "Memory": ref(f"{system}/Memory"),
    }
    tree |= listing(
        f"{system}/Processors",
        {
            "CPU.Socket.1": {"ProcessorType": "CPU", "Model": "Xeon", "TotalCores": 32, "Status": {"State": "Enabled"}},
            "Video.Slot.7-1": {"ProcessorType": "GPU", "Model": "A100", "Status": {"State": "Enabled"}},
        },
    )
    dimm = {"CapacityMiB": 32768, "MemoryDeviceType": "DDR4", "Status": {"State": "Enabled"}}
    tree |= listing(f"{system}/Memory", {"DIMM.Socket.A1": dimm, "DIMM.Socket.A2": {"Status": {"State": "Absent"}}})
    tree |= _dell_chassis(tree, chassis)
    manager = f"{ROOT}/Managers/iDRAC.Embedded.1"
    tree[manager] |= {
        "FirmwareVersion": "6.10.80.00",
        "DateTime": "2026-11-23T06:00:03-06:00",
        "LogServices": ref(f"{manager}/LogServices"),
    }
    said = [{"Severity": "Critical", "Message": "fan failed"}, {"Severity": "OK", "Message": "log cleared"}]
    return tree | logs(manager, Sel=said, Lclog=[*said, *said], FaultList=said)


def _dell_chassis(tree: Tree, chassis: str) -> Tree:
    tree[chassis] |= {"Power": ref(f"{chassis}/Power"), "Thermal": ref(f"{chassis}/Thermal")}
    tree[f"{chassis}/Power"] = {
        "PowerControl": [
            {
                "MemberId": "PowerControl",
                "Name": "System Power Control",
                "PowerConsumedWatts": 429,
                "PowerCapacityWatts": 900,
                "PowerAvailableWatts": 0,
                "PowerMetrics": {"AverageConsumedWatts": 431, "MaxConsumedWatts": 700},
            }
        ],
        "PowerSupplies": [
            {"Name": "PS1 Status", "PowerCapacityWatts": 750, "PowerInputWatts": 900, "LastPowerOutputWatts": 750},
            {"Name": "PS2 Status", "PowerCapacityWatts": 750, "PowerInputWatts": 215, "LastPowerOutputWatts": 198},
        ],
        "Voltages": [{"MemberId": "V1", "Name": "PS1 Voltage 1", "ReadingVolts": 206}],
    }
    tree[f"{chassis}/Thermal"] = {
        "Temperatures": [{"Name": "System Board Inlet Temp", "ReadingCelsius": 22, "UpperThresholdCritical": 47}],
        "Fans": [{"FanName": "System Board Fan1A", "Reading": 5880, "ReadingUnits": "RPM"}],
    }
    return tree


def hpe() -> Tree:
    """iLO 5: slashes at the ends, the product number as SKU, sensors that are absent, entries that are repaired."""
    tree = service("1", "1", "1", Vendor="HPE", Oem={"Hpe": {}})
    system, chassis = f"{ROOT}/Systems/1", f"{ROOT}/Chassis/1"
    tree[f"{ROOT}/Systems"]["Members"] = [ref(f"{system}/")]
    tree[system] |= {
        "Manufacturer": "HPE",
        "Model": "ProLiant DL360 Gen10",
        "SerialNumber": "MXQ93906XL ",
        "SKU": "867959-B21",
        "LogServices": ref(f"{system}/LogServices/"),
        "MemorySummary": {"TotalSystemMemoryGiB": 384},
    }
    tree[chassis] |= {"Power": ref(f"{chassis}/Power/"), "Thermal": ref(f"{chassis}/Thermal/")}
    tree[f"{chassis}/Power"] = {
        "PowerControl": [{"MemberId": "0", "PowerConsumedWatts": 187, "PowerCapacityWatts": 1000}],
        "PowerSupplies": [
            {
                "MemberId": str(n),
                "Name": "HpeServerPowerSupply",
                "LastPowerOutputWatts": 90 + n,
                "LineInputVoltage": 206,
            }
            for n in range(2)
        ],
    }
    tree[f"{chassis}/Thermal"] = {
        "Temperatures": [
            {"MemberId": "0", "Name": "01-Inlet Ambient", "ReadingCelsius": 20, "Status": {"State": "Enabled"}},
            {"MemberId": "1", "Name": "15-P/S 2 Inlet", "ReadingCelsius": 0, "Status": {"State": "Absent"}},
        ],
        "Fans": [{"MemberId": "0", "Name": "Fan 1", "Reading": 14, "ReadingUnits": "Percent"}],
    }
    tree[f"{ROOT}/Managers/1"] |= {
        "FirmwareVersion": "iLO 5 v2.72",
        "DateTime": "2026-11-23T12:00:00Z",
        "LogServices": ref(f"{ROOT}/Managers/1/LogServices"),
    }
    iml = [
        {"Severity": "Critical", "Message": "a", "Oem": {"Hpe": {"Repaired": True}}},
        {"Severity": "Critical", "Message": "b", "Oem": {"Hpe": {"Repaired": False}}},
    ]
    return tree | logs(system, IML=iml, SL=iml) | logs(f"{ROOT}/Managers/1", IEL=[*iml, *iml])


def lenovo() -> Tree:
    """XCC: several rows of PowerControl of which the first is the whole, texts that are not filled in."""
    tree = service("1", "1", "1", Vendor="Lenovo")
    chassis = f"{ROOT}/Chassis/1"
    tree[f"{ROOT}/Systems/1"] |= {
        "Manufacturer": "Lenovo",
        "SerialNumber": "J30A",
        "PartNumber": " ",
        "SKU": "7D9FCTO1WW",
    }
    tree[chassis] |= {
        "Power": ref(f"{chassis}/Power"),
        "Sensors": ref(f"{chassis}/Sensors"),
        "Thermal": ref(f"{chassis}/Thermal"),
    }
    tree[f"{chassis}/Power"] = {
        "PowerControl": [
            {"MemberId": "1", "Name": "CPU Sub-system Power", "PowerConsumedWatts": 75},
            {"MemberId": "2", "Name": "Total", "PhysicalContext": "Memory", "PowerConsumedWatts": 20},
            {"MemberId": "0", "Name": "Server Power Control", "PhysicalContext": "Chassis", "PowerConsumedWatts": 314},
        ],
        "Voltages": [{"MemberId": "0", "Name": "CMOS Battery", "ReadingVolts": 3.03}],
    }
    sensors = {
        "Ambient_Temp": {"Name": "Ambient Temp", "ReadingType": "Temperature", "ReadingUnits": "Cel", "Reading": 24},
        "Fan_1_Tach": {"Name": "Fan 1 Tach", "ReadingType": "Rotational", "ReadingUnits": "RPM", "Reading": "5950"},
        "Odd": {"Name": "Odd", "ReadingType": "Rotational", "ReadingUnits": "%", "Reading": 33},
        "Unfilled": {"Name": "Unfilled", "ReadingType": "Power", "ReadingUnits": "W", "Reading": 4294967295},
    }
    tree |= listing(f"{chassis}/Sensors", sensors)
    tree[f"{chassis}/Thermal"] = {
        "Temperatures": [{"MemberId": "0", "Name": "Ambient Temp", "ReadingCelsius": 24}],
        "Fans": [{"MemberId": "0", "Name": "Fan 1 Tach", "Reading": 5950, "ReadingUnits": "RPM"}],
    }
    tree[f"{ROOT}/Managers/1"] |= {"FirmwareVersion": "AFBT20B 3.10", "DateTime": "2026-11-23T12:00:00.25+00:00"}
    return tree


def supermicro() -> Tree:
    """Supermicro: a clock without a zone beside its offset, a fan that is not there, no part number anywhere."""
    tree = service("1", "1", "1", Oem={"Supermicro": {}})
    chassis = f"{ROOT}/Chassis/1"
    tree[f"{ROOT}/Systems/1"] |= {"Manufacturer": "Supermicro", "SerialNumber": "0000000000000"}
    tree[chassis] |= {"SerialNumber": "C829", "Power": ref(f"{chassis}/Power"), "Thermal": ref(f"{chassis}/Thermal")}
    tree[f"{chassis}/Power"] = {
        "PowerControl": [{"MemberId": "0", "Name": "System Power Control", "PowerConsumedWatts": "512"}]
    }
    tree[f"{chassis}/Thermal"] = {
        "Fans": [
            {"MemberId": "0", "Name": "FAN1", "Reading": 4200, "ReadingUnits": "RPM", "Status": {"State": "Enabled"}},
            {"MemberId": "1", "Name": "FAN2", "Reading": None, "Status": {"State": "Absent"}},
        ]
    }
    tree[f"{ROOT}/Managers/1"] |= {
        "FirmwareVersion": "01.74.09",
        "DateTime": "2026-11-23T13:00:00",
        "DateTimeLocalOffset": "+01:00",
    }
    return tree


def gb300() -> Tree:
    """A GB300 NVL tray: a host and a baseboard, the host held by a chassis that does not name it, boards in boards."""
    tree = service("System_0", "BMC_0", "BMC_0", Vendor="Supermicro", Product="NVIDIA GB300")
    tree |= listing(
        f"{ROOT}/Systems", {"HGX_Baseboard_0": {"SystemType": "Physical"}, "System_0": tree[f"{ROOT}/Systems/System_0"]}
    )
    host, board = f"{ROOT}/Systems/System_0", f"{ROOT}/Systems/HGX_Baseboard_0"
    tree[host] |= {
        "Manufacturer": "Supermicro",
        "Model": "GB NVL",
        "SerialNumber": "S9645",
        "PartNumber": "ARS-121GL",
        "AssetTag": "$PRODUCT_ASSET_TAG",
        "SystemType": "Physical",
        "Processors": ref(f"{host}/Processors"),
        "LogServices": ref(f"{host}/LogServices"),
    }
    tree |= _gb300_parts(tree, host, board)
    tree |= _gb300_chassis(tree, host)
    tree[f"{ROOT}/Managers/BMC_0"] |= {"FirmwareVersion": "70.01.00.09", "DateTime": "2026-11-23T11:59:59+00:00"}
    return tree | logs(host, EventLog=[{"Severity": "Critical", "Resolved": True}], DebugTokens=[{}], Dump=[{}])


def _gb300_parts(tree: Tree, host: str, board: str) -> Tree:
    tree[board] |= {"Processors": ref(f"{board}/Processors"), "Memory": ref(f"{board}/Memory")}
    cpu = {"ProcessorType": "CPU", "SerialNumber": "0x1780", "TotalCores": 72}
    gpu = {
        "ProcessorType": "GPU",
        "Model": "GB300",
        "EnvironmentMetrics": ref(f"{board}/Processors/GPU_0/EnvironmentMetrics"),
    }
    tree |= listing(f"{host}/Processors", {"CPU_0": cpu})
    tree |= listing(f"{board}/Processors", {"CPU_0": cpu, "GPU_0": {**gpu, "SerialNumber": "165"}})
    tree |= listing(f"{board}/Memory", {"GPU_0_DRAM_0": {"CapacityMiB": 294912, "MemoryDeviceType": "HBM3E"}})
    tree[f"{board}/Processors/GPU_0/EnvironmentMetrics"] = {
        "PowerWatts": excerpt(312.5),
        "PowerLimitWatts": {"SetPoint": 1400, "AllowableMax": 1400},
        "EnergyJoules": excerpt(3_600_000),
    }
    return tree


def _gb300_chassis(tree: Tree, host: str) -> Tree:
    metrics = {name: ref(f"{ROOT}/Chassis/{name}/EnvironmentMetrics") for name in ("Chassis_0", "HGX_Chassis_0")}
    holding = {"ComputerSystems": [ref(host)], "Contains": [ref(f"{ROOT}/Chassis/BMC_0")]}
    tree |= listing(
        f"{ROOT}/Chassis",
        {
            "BMC_0": {"Links": {"ContainedBy": ref(f"{ROOT}/Chassis/Chassis_0")}},
            "HGX_Chassis_0": {"EnvironmentMetrics": metrics["HGX_Chassis_0"]},
            "Chassis_0": {
                "Links": holding,
                "EnvironmentMetrics": metrics["Chassis_0"],
                "Sensors": ref(f"{ROOT}/Chassis/Chassis_0/Sensors"),
                "ThermalSubsystem": ref(f"{ROOT}/Chassis/Chassis_0/ThermalSubsystem"),
            },
        },
    )
    tree[metrics["Chassis_0"]["@odata.id"]] = {"PowerWatts": excerpt(1551.7)}
    tree[metrics["HGX_Chassis_0"]["@odata.id"]] = {"PowerWatts": excerpt(900.0)}
    leaks = f"{ROOT}/Chassis/Chassis_0/ThermalSubsystem/LeakDetection"
    tree[f"{ROOT}/Chassis/Chassis_0/ThermalSubsystem"] = {"LeakDetection": ref(leaks)}
    tree[leaks] = {"LeakDetectors": ref(f"{leaks}/LeakDetectors")}
    tree |= listing(
        f"{leaks}/LeakDetectors", {"ColdPlate": {"DetectorState": "OK"}, "Manifold": {"DetectorState": "Warning"}}
    )
    sensors = {"TotalHSC_Power_0": {"ReadingType": "Power", "ReadingUnits": "W", "Reading": 1698.9}, "Nothing": {}}
    tree |= listing(f"{ROOT}/Chassis/Chassis_0/Sensors", sensors)
    del tree[f"{ROOT}/Chassis/Chassis_0/Sensors/Nothing"]
    return tree


def openbmc() -> Tree:
    """bmcweb: no Vendor, sensors that are off, a total in EnvironmentMetrics."""
    tree = service("system", "chassis", "bmc")
    chassis = f"{ROOT}/Chassis/chassis"
    tree[f"{ROOT}/Systems/system"] |= {"SerialNumber": "SN1", "PartNumber": "PN1", "PowerState": "Off"}
    tree[chassis] |= {"Sensors": ref(f"{chassis}/Sensors"), "EnvironmentMetrics": ref(f"{chassis}/EnvironmentMetrics")}
    off = {
        "Reading": None,
        "ReadingType": "Temperature",
        "ReadingUnits": "Cel",
        "Status": {"State": "UnavailableOffline"},
    }
    tree |= listing(f"{chassis}/Sensors", {"temperature_CPU_Temp": {"Name": "CPU Temp", **off}})
    tree[f"{chassis}/EnvironmentMetrics"] = {"PowerWatts": excerpt(0)}
    tree[f"{ROOT}/Managers/bmc"] |= {"FirmwareVersion": "2.14.0", "DateTime": "2026-11-23T12:00:00+00:00"}
    return tree
