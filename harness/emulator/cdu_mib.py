"""What the coolant distribution unit's controller answers."""

from harness.emulator.entity import (
    CELSIUS,
    CHASSIS,
    OTHER,
    RPM,
    SENSOR_CLASS,
    TRUTH,
    Entity,
    SensorRow,
    entity,
    sensor,
    system,
)
from harness.emulator.snmp import Rows
from harness.emulator.world import World

IDENTIFIER = (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)
NAME = "cdu"
WET, DRY = 1.0, 2.0
"""TruthValue (SNMPv2-TC): true is 1, false is 2."""


def model(world: World) -> str:
    """Return the model name that the unit answers."""
    return "EMULATED PDU-1" if world.wires[NAME].wrong_model else "EMULATED CDU-150"


def _sensors(world: World) -> list[tuple[str, SensorRow]]:
    loop, sense = world.physics.loop, world.sense
    return [
        ("Secondary Supply Temperature", SensorRow(11, CELSIUS, 2, "C", lambda: sense(
            "cdu/supply", "coolant_temperature", lambda: loop.felt[0]))),
        ("Secondary Return Temperature", SensorRow(12, CELSIUS, 2, "C", lambda: sense(
            "cdu/return", "coolant_temperature", lambda: loop.felt[1]))),
        ("Secondary Flow", SensorRow(13, OTHER, 1, "l/min", lambda: sense(
            "cdu/flow", "flow", lambda: loop.flow))),
        ("Secondary Supply Pressure", SensorRow(14, OTHER, 1, "kPa", lambda: sense(
            "cdu/supply_pressure", "pressure", lambda: loop.supply_kpa))),
        ("Secondary Return Pressure", SensorRow(15, OTHER, 1, "kPa", lambda: sense(
            "cdu/return_pressure", "pressure", lambda: loop.return_kpa))),
        ("Pump 1 Speed", SensorRow(16, RPM, 0, "rpm", lambda: sense("cdu/pump1", "fan", lambda: loop.pump_rpm))),
        ("Pump 2 Speed", SensorRow(17, RPM, 0, "rpm", lambda: sense("cdu/pump2", "fan", lambda: loop.pump_rpm))),
        ("Leak", SensorRow(18, TRUTH, 0, "", lambda: WET if loop.wet else DRY)),
    ]  # fmt: skip


def rows(world: World) -> Rows:
    """Return every object of the unit."""
    built = system(world, NAME, lambda: f"{model(world)} coolant distribution unit", IDENTIFIER)
    chassis = Entity(1, 0, CHASSIS, -1, NAME, "EMULATED coolant distribution unit",
                     lambda: world.version(NAME, world.generation.versions.cdu),
                     lambda: world.serials[NAME], model(world), "Emulated Works")  # fmt: skip
    built |= entity(chassis)
    for place, (name, row) in enumerate(_sensors(world), 1):
        built |= entity(Entity(row.index, 1, SENSOR_CLASS, place, name, name)) | sensor(world, row, NAME)
    return built
