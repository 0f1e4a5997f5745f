"""What a management switch answers: IF-MIB, EtherLike-MIB, LLDP-MIB, and its own parts and optics.

Sources: RFC 2863 (ifTable, ifXTable), RFC 3635 (dot3StatsTable), IEEE 802.1AB (LLDP-MIB). The LLDP local port number is
the port's number, ifIndex is another.
"""

from collections.abc import Callable, Iterator

from harness.emulator import ber
from harness.emulator.ber import Oid
from harness.emulator.entity import (
    CELSIUS,
    CHASSIS,
    FAN,
    MILLI,
    PORT,
    RPM,
    SENSOR_CLASS,
    WATTS,
    Entity,
    SensorRow,
    entity,
    octets,
    sensor,
    system,
    ticks,
)
from harness.emulator.network import Port, Switch
from harness.emulator.snmp import Cell, Rows
from harness.emulator.variation import dice
from harness.emulator.world import World

IDENTIFIER = (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)
INTERFACES: Oid = (1, 3, 6, 1, 2, 1, 2)
IF_X: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
DOT3: Oid = (1, 3, 6, 1, 2, 1, 10, 7, 2, 1)
LLDP: Oid = (1, 0, 8802, 1, 1, 2, 1)
FIRST_IF_INDEX = 1000
ETHERNET_CSMACD = 6
UP, DOWN = 1, 2
INTERFACE_NAME, LOCALLY_ASSIGNED, MAC_ADDRESS = 5, 7, 4
FULL_DUPLEX = 3


def model(world: World, name: str) -> str:
    """Return the model name that the switch answers."""
    return "EMULATED PDU-1" if world.wires[name].wrong_model else "EMULATED MS-56"


def _number(tag: int, value: Callable[[], float], bits: int) -> Cell:
    return lambda: ber.integer(int(value()) % 2**bits, tag)


def _counter32(value: Callable[[], float]) -> Cell:
    return _number(ber.COUNTER32, value, 32)


def _counter64(value: Callable[[], float]) -> Cell:
    return _number(ber.COUNTER64, value, 64)


def _state(up: Callable[[], bool]) -> Cell:
    return lambda: ber.integer(UP if up() else DOWN)


def _zero(tag: int) -> bytes:
    return ber.integer(0, tag)


def mac(*name: object) -> bytes:
    """Return a locally administered address of six bytes that belongs to a name."""
    return b"\x02" + dice(0, "mac", *name).randbytes(5)


def _interface(switch: Switch, port: Port, frame: float) -> Rows:
    """Return the row of ifTable; columns by number in RFC 2863."""
    columns: dict[int, Cell] = {
        1: ber.integer(FIRST_IF_INDEX + port.number),
        2: octets(port.name),
        3: ber.integer(ETHERNET_CSMACD),
        4: ber.integer(9214),
        5: lambda: ber.integer(min(port.speed * 1_000_000, 2**32 - 1), ber.GAUGE32),
        6: octets(mac(switch.name, port.name)),
        7: _state(lambda: port.enabled),
        8: _state(lambda: port.up),
        9: _zero(ber.TIME_TICKS),
        10: _counter32(lambda: port.received),
        11: _counter32(lambda: port.received / frame),
        13: _zero(ber.COUNTER32),
        14: _counter32(lambda: port.damaged),
        16: _counter32(lambda: port.sent),
        17: _counter32(lambda: port.sent / frame),
        19: _zero(ber.COUNTER32),
        20: _zero(ber.COUNTER32),
    }
    return {(*INTERFACES, 2, 1, column, FIRST_IF_INDEX + port.number): cell for column, cell in columns.items()}


def _interface_x(port: Port, frame: float) -> Rows:
    """Return the row of ifXTable."""
    columns: dict[int, Cell] = {
        1: octets(port.name),
        6: _counter64(lambda: port.received),
        7: _counter64(lambda: port.received / frame),
        10: _counter64(lambda: port.sent),
        11: _counter64(lambda: port.sent / frame),
        15: lambda: ber.integer(port.speed if port.up else 0, ber.GAUGE32),
        17: ber.integer(1),
        18: octets(""),
        19: _zero(ber.TIME_TICKS),
    }
    return {(*IF_X, column, FIRST_IF_INDEX + port.number): cell for column, cell in columns.items()}


def _etherlike(port: Port) -> Rows:
    """Return the row of dot3StatsTable: alignment and FCS errors, symbol errors, duplex."""
    columns: dict[int, Cell] = {
        1: ber.integer(FIRST_IF_INDEX + port.number),
        2: _zero(ber.COUNTER32),
        3: _counter32(lambda: port.damaged),
        18: _zero(ber.COUNTER32),
        19: ber.integer(FULL_DUPLEX),
    }
    return {(*DOT3, column, FIRST_IF_INDEX + port.number): cell for column, cell in columns.items()}


def _lldp_local(switch: Switch) -> Rows:
    built: Rows = {
        (*LLDP, 3, 1, 0): ber.integer(MAC_ADDRESS),
        (*LLDP, 3, 2, 0): octets(mac(switch.name)),
        (*LLDP, 3, 3, 0): octets(switch.name),
        (*LLDP, 3, 4, 0): octets("EMULATED"),
    }
    for port in switch.ports.values():
        built[*LLDP, 3, 7, 1, 2, port.number] = ber.integer(INTERFACE_NAME)
        built[*LLDP, 3, 7, 1, 3, port.number] = octets(port.name)
        built[*LLDP, 3, 7, 1, 4, port.number] = octets(port.name)
    return built


def _lldp_remote(port: Port) -> Rows:
    """Return the row of lldpRemTable: index is time mark 0, local port number, remote index 1."""
    if port.far is None or not port.up or not port.announced:
        return {}
    device, far = port.far
    columns: dict[int, Cell] = {
        4: ber.integer(MAC_ADDRESS),
        5: octets(mac(device)),
        6: ber.integer(INTERFACE_NAME),
        7: octets(far),
        8: octets(far),
        9: octets(device),
        10: octets("EMULATED"),
    }
    return {(*LLDP, 4, 1, 1, column, 0, port.number, 1): cell for column, cell in columns.items()}


def _milliwatts(dbm: float) -> float:
    return float(10.0 ** (dbm / 10.0))


def _optics(world: World, switch: Switch) -> Iterator[tuple[Entity, SensorRow | None]]:
    """Yield the optics of the uplinks with received and sent light, watts at scale milli."""
    for port in (port for port in switch.ports.values() if port.uplink):
        index = 10_000 + 10 * port.number
        yield Entity(index, 1, PORT, port.number, port.name, f"{port.name} optic"), None
        for k, (word, light) in enumerate((("Rx", lambda p=port: p.rx_dbm), ("Tx", lambda p=port: p.tx_dbm)), 1):
            name, key = f"{port.name} {word} Power", f"{switch.name}/{port.name}/{word}"
            yield (
                Entity(index + k, index, SENSOR_CLASS, k, name, name),
                SensorRow(index + k, WATTS, 4, "W", _light(world, key, light), MILLI),
            )


def _light(world: World, key: str, dbm: Callable[[], float]) -> Callable[[], float]:
    return lambda: max(0.0, world.sense(key, "optic", lambda: _milliwatts(dbm()))) / 1000.0


def _chassis(world: World, switch: Switch) -> Iterator[tuple[Entity, SensorRow | None]]:
    name, sense = switch.name, world.sense
    yield Entity(1, 0, CHASSIS, -1, name, "EMULATED switch",
                 lambda: world.version(name, world.generation.versions.switch),
                 lambda: world.serials[name], model(world, name), "Emulated Works"), None  # fmt: skip
    warm = SensorRow(11, CELSIUS, 1, "C", lambda: sense(f"{name}/chassis", "air_temperature", lambda: 41.0))
    yield Entity(11, 1, SENSOR_CLASS, 1, "Chassis Temperature", "Chassis Temperature"), warm
    for n in (1, 2):
        yield Entity(20 * n, 1, FAN, n, f"Fan {n}", f"Fan {n}"), None
        speed = SensorRow(20 * n + 1, RPM, 0, "rpm", _fan(world, f"{name}/fan{n}"))
        yield Entity(20 * n + 1, 20 * n, SENSOR_CLASS, 1, f"Fan {n} Speed", f"Fan {n} Speed"), speed


def _fan(world: World, key: str) -> Callable[[], float]:
    return lambda: world.sense(key, "fan", lambda: 7200.0)


def _description(world: World, name: str) -> str:
    return f"{model(world, name)} version {world.version(name, world.generation.versions.switch)}"


def rows(world: World, switch: Switch) -> Rows:
    """Return every object of one switch."""
    frame = world.generation.traffic.frame_bytes
    built = system(world, switch.name, lambda: _description(world, switch.name), IDENTIFIER)
    built[*INTERFACES, 1, 0] = ber.integer(len(switch.ports))
    built[1, 3, 6, 1, 2, 1, 31, 1, 5, 0] = _zero(ber.TIME_TICKS)
    for port in switch.ports.values():
        built |= _interface(switch, port, frame) | _interface_x(port, frame)
        built |= _etherlike(port) | _lldp_remote(port)
    built |= _lldp_local(switch)
    for part, row in (*_chassis(world, switch), *_optics(world, switch)):
        built |= entity(part) | (sensor(world, row, switch.name) if row else {})
    built[*LLDP, 2, 1, 0] = ticks(world, switch.name)
    return built


def shape(switch: Switch) -> object:
    """Return what the set of rows depends on: it is built anew when this changes."""
    return tuple((port.up, port.far, port.announced) for port in switch.ports.values())
