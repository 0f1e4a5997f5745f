"""ENTITY-MIB (RFC 6933) and ENTITY-SENSOR-MIB (RFC 3433) of shelves, coolant unit and switches."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from harness.emulator import ber
from harness.emulator.ber import Oid
from harness.emulator.snmp import Cell, Rows
from harness.emulator.world import World

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
PHYSICAL: Oid = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
LAST_CHANGE: Oid = (1, 3, 6, 1, 2, 1, 47, 1, 4, 1, 0)
"""entLastChangeTime: what the rack is made of does not change while it is up."""

SENSOR: Oid = (1, 3, 6, 1, 2, 1, 99, 1, 1, 1)
CHASSIS, POWER_SUPPLY, FAN, SENSOR_CLASS, PORT, CPU = 3, 6, 7, 8, 10, 12
OTHER, VOLTS_AC, VOLTS_DC, AMPERES, WATTS, CELSIUS, RPM, TRUTH = 1, 3, 4, 5, 6, 8, 10, 12
MILLI, UNITS = 8, 9
OK, UNAVAILABLE = 1, 2
OVERFLOW = 1_000_000_000
BOOT_S = 86_400.0
"""How long every device had been up when the rack was ready, s."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A row of entPhysicalTable; versions and serial are texts, or what gives them now."""

    index: int
    parent: int
    kind: int
    position: int
    name: str
    descr: str
    firmware: Callable[[], str] | str = ""
    serial: Callable[[], str] | str = ""
    model: str = ""
    maker: str = ""


@dataclass(frozen=True, slots=True)
class SensorRow:
    """A row of entPhySensorTable: `value` gives the quantity in `unit` before scale, NaN for none."""

    index: int
    kind: int
    precision: int
    unit: str
    value: Callable[[], float]
    scale: int = UNITS


def octets(value: str | bytes) -> bytes:
    """Encode a DisplayString or OCTET STRING."""
    return ber.tlv(ber.OCTETS, value.encode() if isinstance(value, str) else value)


def text(value: Callable[[], str] | str) -> Cell:
    """Return a cell of a text that may change."""
    return octets(value) if isinstance(value, str) else lambda: octets(value())


def system(world: World, name: str, descr: Callable[[], str], identifier: Oid) -> Rows:
    """Return the system group (SNMPv2-MIB, RFC 3418): descr, objectID, upTime, contact, name, location, services."""
    group = SYSTEM
    return {
        (*group, 1, 0): lambda: octets(descr()),
        (*group, 2, 0): ber.oid(identifier),
        (*group, 3, 0): lambda: ticks(world, name),
        (*group, 4, 0): octets(""),
        (*group, 5, 0): octets(name),
        (*group, 6, 0): octets("EMULATED"),
        (*group, 7, 0): ber.integer(72),
        LAST_CHANGE: ber.integer(0, ber.TIME_TICKS),
    }


def ticks(world: World, device: str) -> bytes:
    """Encode the time since the device came up, hundredths of a second."""
    booted = world.wires[device].booted
    up = BOOT_S + world.now if booted is None else world.now - booted
    return ber.integer(int(up * 100) % 2**32, ber.TIME_TICKS)


def entity(row: Entity) -> Rows:
    """Return the cells of one row of entPhysicalTable."""
    cells: dict[int, Cell] = {
        2: octets(row.descr),
        3: ber.oid((0, 0)),
        4: ber.integer(row.parent),
        5: ber.integer(row.kind),
        6: ber.integer(row.position),
        7: octets(row.name),
        8: octets(""),
        9: text(row.firmware),
        10: octets(""),
        11: text(row.serial),
        12: octets(row.maker),
        13: octets(row.model),
        14: octets(""),
        15: octets(""),
        16: ber.integer(1 if row.kind in {CHASSIS, POWER_SUPPLY} else 2),
    }
    return {(*PHYSICAL, column, row.index): cell for column, cell in cells.items()}


def sensor(world: World, row: SensorRow, device: str) -> Rows:
    """Return the cells of one row of entPhySensorTable.

    A value is sent as value x 10^precision in the unit of the scale; a sensor without one is unavailable.
    """
    wire = world.wires[device]
    bring = 1000.0 if row.scale == MILLI else 1.0
    scaled = row.kind != TRUTH

    def value() -> bytes:
        shown = row.value() * (bring * wire.unit_factor * 10.0**row.precision if scaled else 1.0)
        return ber.integer(max(-OVERFLOW, min(OVERFLOW, round(shown))) if isfinite(shown) else 0)

    cells: dict[int, Cell] = {
        1: ber.integer(row.kind),
        2: ber.integer(row.scale),
        3: ber.integer(row.precision),
        4: value,
        5: lambda: ber.integer(OK if isfinite(row.value()) else UNAVAILABLE),
        6: octets(row.unit),
        7: lambda: ticks(world, device),
        8: ber.integer(500, ber.GAUGE32),
    }
    return {(*SENSOR, column, row.index): cell for column, cell in cells.items()}
