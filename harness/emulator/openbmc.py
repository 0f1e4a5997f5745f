"""The BMC of a compute tray: an OpenBMC with its D-Bus objects as busctl prints them.

Names follow phosphor-dbus-interfaces; sensors live where dbus-sensors puts them.
"""

import json
from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import Any

from harness.emulator.shell import Program, Reply, Shell
from harness.emulator.trays import ComputeTray
from harness.emulator.world import LogEntry, World

ROOT = "/xyz/openbmc_project"
SENSORS = f"{ROOT}/sensors"
VALUE = "xyz.openbmc_project.Sensor.Value"
ASSET = "xyz.openbmc_project.Inventory.Decorator.Asset"
OWNERS = {
    "temperature": "xyz.openbmc_project.HwmonTempSensor",
    "power": "xyz.openbmc_project.PSUSensor",
    "voltage": "xyz.openbmc_project.PSUSensor",
    "current": "xyz.openbmc_project.PSUSensor",
    "fan_tach": "xyz.openbmc_project.FanSensor",
}
UNITS = {
    "temperature": "DegreesC",
    "power": "Watts",
    "voltage": "Volts",
    "current": "Amperes",
    "fan_tach": "RPMS",
}

Sensor = Callable[[], float]
Properties = dict[str, dict[str, Any]]
Tree = dict[str, dict[str, Properties]]


def _variant(signature: str, value: object) -> dict[str, Any]:
    """Return a D-Bus variant in busctl's JSON; a number that is not finite is null, as systemd prints it."""
    finite = not isinstance(value, float) or isfinite(value)
    return {"type": signature, "data": value if finite else None}


def sensors(world: World, device: str, tray: ComputeTray) -> dict[str, Sensor]:
    """Return what each sensor shows, by `type/NAME`."""

    def shown(name: str, kind: str, true: Sensor) -> Sensor:
        return lambda: world.sense(f"{device}/{name}", kind, true)

    chips: list[tuple[str, Any]] = [(f"GPU_{n}_TEMP", gpu) for n, gpu in enumerate(tray.gpus)]
    chips += [(f"CPU_{n}_TEMP", cpu) for n, cpu in enumerate(tray.cpus)]
    built = {f"temperature/{name}": shown(name, "bmc_temperature", _temperature(chip)) for name, chip in chips}
    cooling = world.physics.cooling
    medium = "AIR" if world.generation.air else "COOLANT"
    built |= {
        f"temperature/{medium}_IN_TEMP": shown(f"{medium}_IN_TEMP", "bmc_temperature", lambda: cooling.supply),
        f"temperature/{medium}_OUT_TEMP": shown(
            f"{medium}_OUT_TEMP", "bmc_temperature", lambda: world.physics.outlet(tray.slot)
        ),
        "power/TOTAL_POWER": shown("TOTAL_POWER", "bmc_power", lambda: tray.power),
        "voltage/BUS_VOLTAGE": shown("BUS_VOLTAGE", "bmc_voltage", lambda: world.physics.volts(tray.power)),
    }
    fans = range(world.generation.counts.fans_per_tray)
    return built | {f"fan_tach/FAN_{n}": shown(f"FAN_{n}", "fan", partial(tray.fan, n)) for n in fans}


def _temperature(chip: Any) -> Sensor:
    return lambda: chip.temperature if getattr(chip, "present", True) else float("nan")


class OpenBmc:
    """The D-Bus objects of one BMC."""

    def __init__(self, world: World, device: str, tray: ComputeTray) -> None:
        self.world, self.device, self.tray = world, device, tray
        self.sensors = sensors(world, device, tray)

    def subtree(self) -> dict[str, Any]:
        """Return which service owns each sensor, as the object mapper tells it."""
        owned = {f"{SENSORS}/{name}": {OWNERS[name.partition("/")[0]]: [VALUE]} for name in self.sensors}
        return {"type": "a{sa{sas}}", "data": [owned]}

    def objects(self, service: str) -> Tree | None:
        """Return the objects that a service manages; None for a service that is not there."""
        if service in OWNERS.values():
            return {
                f"{SENSORS}/{name}": {VALUE: self._sensor(name)}
                for name in self.sensors
                if OWNERS[name.partition("/")[0]] == service
            }
        special = {
            "xyz.openbmc_project.Inventory.Manager": self._inventory,
            "xyz.openbmc_project.Logging": self._logging,
        }
        return special[service]() if service in special else None

    def _sensor(self, name: str) -> Properties:
        unit = f"{VALUE}.Unit.{UNITS[name.partition('/')[0]]}"
        return {
            "MaxValue": _variant("d", float("inf")),
            "MinValue": _variant("d", float("-inf")),
            "Unit": _variant("s", unit),
            "Value": _variant("d", self.sensors[name]()),
        }

    def _inventory(self) -> Tree:
        part = self.world.layout.parts[self.tray.slot]
        path = f"{ROOT}/inventory/system/chassis"
        asset = {
            "BuildDate": _variant("s", "2026-09-14"),
            "Manufacturer": _variant("s", "Emulated Works"),
            "Model": _variant("s", self.model),
            "PartNumber": _variant("s", part.part),
            "SerialNumber": _variant("s", self.world.serials[self.tray.slot]),
        }
        item = {"Present": _variant("b", True), "PrettyName": _variant("s", "Chassis")}
        return {path: {ASSET: asset, "xyz.openbmc_project.Inventory.Item": item}}

    @property
    def model(self) -> str:
        """Return the model name that the tray answers."""
        return "EMULATED NX-1" if self.world.wires[self.device].wrong_model else "EMULATED CT-4"

    def _logging(self) -> Tree:
        entries = self.world.logs.get(self.device, [])
        path = f"{ROOT}/logging/entry"
        return {f"{path}/{n}": {"xyz.openbmc_project.Logging.Entry": _entry(n, e)} for n, e in enumerate(entries, 1)}

    def property(self, service: str, path: str, name: str) -> tuple[str, object] | None:
        """Return signature and value of the properties that a plan asks for by name."""
        known: dict[tuple[str, str], tuple[str, object]] = {
            (f"{ROOT}/state/chassis0", "CurrentPowerState"): (
                "s",
                "xyz.openbmc_project.State.Chassis.PowerState.On",
            ),
            (f"{ROOT}/time/bmc", "Elapsed"): ("t", int(self.world.unix(self.device) * 1e6)),
        }
        return known.get((path, name)) if service.startswith("xyz.openbmc_project.") else None

    def os_release(self) -> str:
        """Return /etc/os-release."""
        version = self.world.version(self.device, self.world.generation.versions.bmc)
        distribution = "vendor-bmc" if self.world.wires[self.device].wrong_model else "openbmc-phosphor"
        return (
            f'ID={distribution}\nNAME="Phosphor OpenBMC (Phosphor OpenBMC Project Reference Distro)"\n'
            f'VERSION="{version}"\nVERSION_ID={version}\n'
            f'PRETTY_NAME="EMULATED Phosphor OpenBMC {version}"\nBUILD_ID="20260914"\n'
        )


def _entry(number: int, entry: LogEntry) -> Properties:
    return {
        "Id": _variant("u", number),
        "Message": _variant("s", entry.message),
        "Resolved": _variant("b", False),
        "Severity": _variant("s", f"xyz.openbmc_project.Logging.Entry.Level.{entry.severity}"),
        "Timestamp": _variant("t", int(entry.at * 1000)),
    }


def _busctl(bmc: OpenBmc) -> Program:
    """Return busctl: `call` of the two methods that list things, and `get-property`."""

    def program(words: list[str]) -> Reply:
        as_json = any(word in {"-j", "--json=short", "--json=pretty"} for word in words)
        words = [word for word in words if not word.startswith("-")]
        match words:
            case ["call", _, _, _, "GetSubTree", *_]:
                return _json(bmc.subtree())
            case ["call", service, _, _, "GetManagedObjects"]:
                tree = bmc.objects(service)
                return _unknown(service) if tree is None else _json({"type": "a{oa{sa{sv}}}", "data": [tree]})
            case ["get-property", service, path, _, *names]:
                return _properties(bmc, service, path, names, as_json=as_json)
        return Reply(err="Too few arguments.\n", status=1)

    return program


def _properties(bmc: OpenBmc, service: str, path: str, names: list[str], *, as_json: bool) -> Reply:
    found = [bmc.property(service, path, name) for name in names]
    missing = [name for name, value in zip(names, found, strict=True) if value is None]
    if missing or not found:
        return Reply(err=f"Failed to get property {' '.join(missing)}: Unknown object '{path}'.\n", status=1)
    lines = [json.dumps({"type": v[0], "data": v[1]}) if as_json else _plain(*v) for v in found if v is not None]
    return Reply("\n".join(lines) + "\n")


def _plain(signature: str, value: object) -> str:
    return f'{signature} "{value}"' if signature == "s" else f"{signature} {value}"


def _json(value: object) -> Reply:
    return Reply(json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n")


def _unknown(service: str) -> Reply:
    return Reply(err=f"Call failed: The name {service} was not provided by any .service files\n", status=1)


def _obmcutil(words: list[str]) -> Reply:
    if words != ["state"]:
        return Reply(err="Usage: obmcutil [-h] [--wait] [--verbose] [--id=<INSTANCE_ID>] {state}\n", status=1)
    return Reply(
        "CurrentBMCState     : xyz.openbmc_project.State.BMC.BMCState.Ready\n"
        "CurrentPowerState   : xyz.openbmc_project.State.Chassis.PowerState.On\n"
        "CurrentHostState    : xyz.openbmc_project.State.Host.HostState.Running\n"
        "BootProgress        : xyz.openbmc_project.State.Boot.Progress.ProgressStages.OSRunning\n"
        "OperatingSystemState: xyz.openbmc_project.State.OperatingSystem.Status.OSStatus.BootComplete\n"
    )


def shell(world: World, device: str, tray: ComputeTray) -> Shell:
    """Return the shell of a compute tray's BMC."""
    bmc = OpenBmc(world, device, tray)
    programs = {"busctl": _busctl(bmc), "obmcutil": _obmcutil, "hostname": lambda _: Reply(f"{device}\n")}
    return Shell(programs, {"/etc/os-release": bmc.os_release}, frozenset())
