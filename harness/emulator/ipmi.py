"""The BMC of a switch tray: a shell with ipmitool 1.8.18, as its source prints (lib/ipmi_*.c)."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite

from harness.emulator.shell import Program, Reply, Shell
from harness.emulator.trays import SwitchTray
from harness.emulator.world import LogEntry, World

Shown = tuple[str, str, int, Callable[[], float]]
"""Name, unit, number of decimals, value."""


def sensors(world: World, device: str, tray: SwitchTray) -> list[Shown]:
    """Return the sensors of a switch tray."""

    def shown(name: str, unit: str, decimals: int, kind: str, true: Callable[[], float]) -> Shown:
        return name, unit, decimals, lambda: world.sense(f"{device}/{name}", kind, true)

    built = [
        shown(f"ASIC_{n}_TEMP", "degrees C", 0, "bmc_temperature", lambda asic=asic: asic.temperature)  # type: ignore[misc]
        for n, asic in enumerate(tray.asics)
    ]
    for n in range(world.generation.counts.fans_per_tray):
        built.append(shown(f"FAN_{n}", "RPM", 0, "fan", lambda: tray.fan_rpm))  # noqa: PERF401 - two kinds in one list
    built.append(shown("TOTAL_POWER", "Watts", 0, "bmc_power", lambda: tray.power))
    built.append(shown("BUS_VOLTAGE", "Volts", 2, "bmc_voltage", lambda: world.physics.volts(tray.power)))
    return built


def moment(unix: float) -> datetime:
    """Return Unix time as a BMC's clock, UTC."""
    return datetime.fromtimestamp(unix, UTC)


class Ipmi:
    """What ipmitool prints about one switch tray."""

    def __init__(self, world: World, device: str, tray: SwitchTray) -> None:
        self.world, self.device, self.tray = world, device, tray
        self.sensors = sensors(world, device, tray)
        self._seen: list[float] = []

    def mc_info(self) -> str:
        """Print `mc info`."""
        version = self.world.version(self.device, self.world.generation.versions.switch_bmc)
        return (
            "Device ID                 : 32\nDevice Revision           : 1\n"
            f"Firmware Revision         : {version}\nIPMI Version              : 2.0\n"
            "Manufacturer ID           : 0\nManufacturer Name         : Unknown\n"
            "Product ID                : 291 (0x0123)\nProduct Name              : Unknown (0x123)\n"
            "Device Available          : yes\nProvides Device SDRs      : no\n"
            "Additional Device Support :\n    Sensor Device\n    SDR Repository Device\n    SEL Device\n"
            "    FRU Inventory Device\nAux Firmware Rev Info     : \n    0x00\n    0x00\n    0x00\n    0x00\n"
        )

    def fru(self) -> str:
        """Print `fru print 0`."""
        part, serial = self.world.layout.parts[self.tray.slot], self.world.serials[self.tray.slot]
        wrong = self.world.wires[self.device].wrong_model
        fields = [
            ("Chassis Type", "Rack Mount Chassis"), ("Chassis Part Number", part.part), ("Chassis Serial", serial),
            ("Board Mfg Date", "Mon Sep 14 08:00:00 2026"), ("Board Mfg", "Emulated Works"),
            ("Board Product", "ST-2"), ("Board Serial", f"{serial}B"), ("Board Part Number", part.part),
            ("Product Manufacturer", "Emulated Works"), ("Product Name", "NX-1" if wrong else "ST-2"),
            ("Product Part Number", part.part), ("Product Version", "A"), ("Product Serial", serial),
            ("Product Extra", "EMULATED"),
        ]  # fmt: skip
        return "".join(f" {name:<21} : {value}\n" for name, value in fields) + "\n"

    def sdr(self) -> str:
        """Print `sdr elist`: name, number, state, entity, reading."""
        return "".join(_sensor_line(n, shown) for n, shown in enumerate(self.sensors, 1))

    def sel_info(self) -> str:
        """Print `sel info`."""
        entries = self._entries()
        last = f"{moment(entries[-1].at):%m/%d/%Y %H:%M:%S}" if entries else "Not Available"
        return (
            "SEL Information\nVersion          : 1.5 (v1.5, v2 compliant)\n"
            f"Entries          : {len(entries)}\nFree Space       : 15984 bytes \nPercent Used     : 0%\n"
            f"Last Add Time    : {last}\nLast Del Time    : Not Available\n"
            "Overflow         : false\nSupported Cmds   : 'Delete' 'Get Alloc Info' 'Reserve' \n"
        )

    def sel_list(self) -> Reply:
        """Print `sel elist`."""
        entries = self._entries()
        if not entries:
            return Reply(err="SEL has no entries\n")
        return Reply("".join(_sel_line(n, entry) for n, entry in enumerate(entries, 1)))

    def sel_time(self) -> str:
        """Print `sel time get`."""
        return f"{moment(self.world.unix(self.device)):%m/%d/%Y %H:%M:%S}\n"

    def power_reading(self) -> str:
        """Print `dcmi power reading`; the sampling is the time since the rack was ready."""
        watts = next(value for name, _, _, value in self.sensors if name == "TOTAL_POWER")()
        self._seen = [min([watts, *self._seen[:1]]), max([watts, *self._seen[1:]])]
        low, high = self._seen
        stamp = f"{moment(self.world.unix(self.device)):%a %b %d %H:%M:%S %Y}"
        return (
            f"\n    Instantaneous power reading:              {watts:8.0f} Watts\n"
            f"    Minimum during sampling period:           {low:8.0f} Watts\n"
            f"    Maximum during sampling period:           {high:8.0f} Watts\n"
            f"    Average power reading over sample period: {watts:8.0f} Watts\n"
            f"    IPMI timestamp:                           {stamp}\n"
            "    Sampling period:                          00000001 Seconds.\n"
            "    Power reading state is:                   activated\n\n\n"
        )

    def _entries(self) -> list[LogEntry]:
        return self.world.logs.get(self.device, [])


def _sensor_line(number: int, shown: Shown) -> str:
    name, unit, decimals, read = shown
    value = read()
    state, text = ("ok", f"{value:.{decimals}f} {unit}") if isfinite(value) else ("ns", "No Reading")
    return f"{name:<16} | {number:02X}h | {state:<3} | {7 if 'TEMP' in name else 29:>2}.{number} | {text}\n"


def _sel_line(number: int, entry: LogEntry) -> str:
    at = moment(entry.at)
    return f"{number:4x} | {at:%m/%d/%Y} | {at:%H:%M:%S} | {entry.message} | {entry.severity} | Asserted\n"


def _ipmitool(ipmi: Ipmi) -> Program:
    texts: dict[str, Callable[[], str]] = {
        "mc info": ipmi.mc_info,
        "bmc info": ipmi.mc_info,
        "fru print 0": ipmi.fru,
        "fru": ipmi.fru,
        "sdr elist": ipmi.sdr,
        "sel info": ipmi.sel_info,
        "sel time get": ipmi.sel_time,
        "chassis power status": lambda: "Chassis Power is on\n",
        "power status": lambda: "Chassis Power is on\n",
        "dcmi power reading": ipmi.power_reading,
    }

    def program(words: list[str]) -> Reply:
        command = " ".join(words)
        if command in {"sel elist", "sel list"}:
            return ipmi.sel_list()
        text = texts.get(command)
        return Reply(text()) if text else Reply(err=f"Invalid command: {' '.join(words)}\n", status=1)

    return program


def shell(world: World, device: str, tray: SwitchTray) -> Shell:
    """Return the shell of a switch tray's BMC."""
    programs = {"ipmitool": _ipmitool(Ipmi(world, device, tray)), "hostname": lambda _: Reply(f"{device}\n")}
    return Shell(programs, {}, frozenset())
