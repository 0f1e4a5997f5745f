"""What a power shelf's controller answers: one chassis, its PSUs, and their sensors."""

from collections.abc import Callable, Iterator

from harness.emulator.entity import (
    AMPERES,
    CELSIUS,
    CHASSIS,
    OTHER,
    POWER_SUPPLY,
    RPM,
    SENSOR_CLASS,
    VOLTS_AC,
    VOLTS_DC,
    WATTS,
    Entity,
    SensorRow,
    entity,
    sensor,
    system,
)
from harness.emulator.power import Psu, Shelf
from harness.emulator.snmp import Rows
from harness.emulator.world import World

IDENTIFIER = (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)
"""sysObjectID of a net-snmp agent on Linux: controllers of shelves commonly run one."""

Quantity = tuple[str, int, int, str, str, Callable[[], float]]
"""Name, sensor type, precision, unit, kind of sensor, true value."""


def model(world: World, name: str) -> str:
    """Return the model name that the shelf answers."""
    return "EMULATED PDU-1" if world.wires[name].wrong_model else "EMULATED HPR-33"


def _of_shelf(shelf: Shelf, world: World) -> list[Quantity]:
    return [
        ("Input Power", WATTS, 0, "W", "shelf_power", lambda: shelf.input),
        ("Output Power", WATTS, 0, "W", "shelf_power", lambda: shelf.output),
        ("Output Voltage", VOLTS_DC, 2, "V", "shelf_voltage", lambda: world.physics.power.bus),
        ("Output Current", AMPERES, 1, "A", "shelf_current", lambda: shelf.current),
        ("Input Energy", OTHER, 2, "Wh", "shelf_energy", lambda: shelf.energy_after(world.lead)),
    ]


def _of_psu(shelf: Shelf, psu: Psu, volts: Callable[[], float]) -> list[Quantity]:
    f = shelf.figures

    def load() -> float:
        return psu.output / f.psu_rated_w

    return [
        ("Input Power", WATTS, 0, "W", "shelf_power", lambda: psu.input),
        ("Input Voltage", VOLTS_AC, 1, "V", "shelf_input_voltage", volts),
        ("Output Power", WATTS, 0, "W", "shelf_power", lambda: psu.output),
        ("Output Current", AMPERES, 1, "A", "shelf_current", lambda: psu.current),
        ("Temperature", CELSIUS, 1, "C", "air_temperature", lambda: f.air_degc + f.psu_rise_k * load()),
        ("Fan", RPM, 0, "rpm", "fan", lambda: f.fan_idle_rpm + (f.fan_full_rpm - f.fan_idle_rpm) * load()),
    ]


def _modules(world: World, shelf: Shelf) -> Iterator[Entity]:
    versions = world.generation.versions
    name = shelf.name

    def firmware() -> str:
        return world.version(name, versions.shelf)

    yield Entity(1, 0, CHASSIS, -1, name, "EMULATED power shelf", firmware,
                 lambda: world.serials[name], model(world, name), "Emulated Works")  # fmt: skip
    for n in range(1, len(shelf.psus) + 1):
        serial = world.serials[f"{name}.psu{n}"]
        yield Entity(100 * n, 1, POWER_SUPPLY, n, f"PSU {n}", "Rectifier 5.5 kW", versions.psu, serial,
                     "EMULATED R5500", "Emulated Works")  # fmt: skip


def _feed_volts(world: World, shelf: Shelf, n: int) -> Callable[[], float]:
    feed = next(feed for feed in world.physics.power.feeds if feed.name == shelf.feed)
    return lambda: feed.phase(n % 3)[0]


def _sensors(world: World, shelf: Shelf) -> Iterator[tuple[int, int, str, str, Quantity]]:
    for k, quantity in enumerate(_of_shelf(shelf, world), 1):
        yield 10 + k, 1, quantity[0], f"{shelf.name}/{_key(quantity[0])}", quantity
    for n, psu in enumerate(shelf.psus, 1):
        for k, quantity in enumerate(_of_psu(shelf, psu, _feed_volts(world, shelf, n)), 1):
            name = f"{shelf.name}/psu{n}/{_key(quantity[0])}"
            yield 100 * n + k, 100 * n, f"PSU {n} {quantity[0]}", name, quantity


def _key(name: str) -> str:
    return name.lower().replace(" ", "_")


def rows(world: World, shelf: Shelf) -> Rows:
    """Return every object of one shelf."""
    built = system(world, shelf.name, lambda: f"{model(world, shelf.name)} power shelf", IDENTIFIER)
    for module in _modules(world, shelf):
        built |= entity(module)
    for place, (index, parent, shown, name, quantity) in enumerate(_sensors(world, shelf), 1):
        built |= entity(Entity(index, parent, SENSOR_CLASS, place, shown, shown))
        built |= sensor(world, _row(world, index, name, quantity), shelf.name)
    return built


def _row(world: World, index: int, name: str, quantity: Quantity) -> SensorRow:
    _, kind, precision, unit, figures, true = quantity
    return SensorRow(index, kind, precision, unit, lambda: world.sense(name, figures, true))
