"""What a rack PDU answers: the rPDU2 tree of APC's PowerNet-MIB, as an AP8000 with network management card sends it.

Integers in the MIB's steps: power 10 W, apparent power 10 VA, energy 100 Wh, current 0.1 A, power factor 0.01;
the power of an outlet 1 W. Rows are indexed by their own number.
"""

from collections.abc import Callable
from math import hypot, isfinite, sqrt

from harness.emulator import ber
from harness.emulator.ber import Oid
from harness.emulator.entity import octets, system, text
from harness.emulator.power import Feed, Outlet, Pdu
from harness.emulator.snmp import Cell, Rows
from harness.emulator.world import World

IDENTIFIER = (1, 3, 6, 1, 4, 1, 318, 1, 3, 4, 6)
"""sysObjectID of a metered rack PDU of the second generation."""

TREE: Oid = (1, 3, 6, 1, 4, 1, 318, 1, 1, 26)
IDENT: Oid = (*TREE, 2, 1)
DEVICE: Oid = (*TREE, 4, 3, 1)
PHASE: Oid = (*TREE, 6, 3, 1)
SWITCHED: Oid = (*TREE, 9, 2, 3, 1)
METERED: Oid = (*TREE, 9, 4, 3, 1)
MODULE, NORMAL, ON = 1, 2, 2
UNKNOWN = -1
"""What the agent says where a sensor has no value."""

Value = Callable[[], float]


def model(world: World, name: str) -> str:
    """Return the model name that the PDU answers."""
    return "EMULATED NX-1" if world.wires[name].wrong_model else "EMULATED AP8000"


def _steps(value: Value, step: float) -> Cell:
    def cell() -> bytes:
        shown = value()
        return ber.integer(round(shown / step) if isfinite(shown) else UNKNOWN)

    return cell


def _row(table: Oid, index: int, cells: dict[int, Cell]) -> Rows:
    numbered: dict[int, Cell] = {1: ber.integer(index), 2: ber.integer(MODULE), **cells}
    return {(*table, column, index): cell for column, cell in numbered.items()}


def _ident(world: World, pdu: Pdu) -> Rows:
    versions = world.generation.versions
    return _row(IDENT, 1, {
        3: octets(pdu.name), 4: octets("EMULATED"), 5: octets("02"),
        6: text(lambda: world.version(pdu.name, versions.pdu)), 7: octets("09/14/2026"),
        8: text(lambda: model(world, pdu.name)), 9: text(lambda: world.serials[pdu.name]),
    })  # fmt: skip


def _unit(world: World, pdu: Pdu) -> Rows:
    def power() -> float:
        return world.sense(f"{pdu.name}/power", "pdu_power", lambda: pdu.input)

    energy = _steps(lambda: world.sense(f"{pdu.name}/energy", "pdu_energy", lambda: pdu.energy), 100.0)
    return _row(DEVICE, 1, {
        3: octets(pdu.name), 4: ber.integer(NORMAL), 5: _steps(power, 10.0), 9: energy,
        12: ber.integer(ON), 16: _steps(lambda: power() / pdu.power_factor, 10.0),
        17: _steps(lambda: pdu.power_factor, 0.01),
    })  # fmt: skip


def _phase(world: World, pdu: Pdu, feed: Feed, n: int) -> Rows:
    key, factor = f"{pdu.name}/phase{n + 1}", pdu.power_factor

    def power() -> float:
        return world.sense(f"{key}/power", "pdu_power", lambda: pdu.input * feed.shares[n])

    def current() -> float:
        active = pdu.input * feed.shares[n]
        return hypot(active, active * sqrt(1.0 / factor**2 - 1.0)) / feed.voltages[n]

    amperes = _steps(lambda: world.sense(f"{key}/current", "pdu_current", current), 0.1)
    volts = _steps(lambda: world.sense(f"{key}/voltage", "pdu_voltage", lambda: feed.voltages[n]), 1.0)
    return _row(PHASE, n + 1, {
        3: ber.integer(n + 1), 4: ber.integer(NORMAL), 5: amperes, 6: volts, 7: _steps(power, 10.0),
        8: _steps(lambda: power() / factor, 10.0), 9: _steps(lambda: factor, 0.01),
    })  # fmt: skip


def _outlet(world: World, pdu: Pdu, feed: Feed, n: int, outlet: Outlet) -> Rows:
    key, name, volts = f"{pdu.name}/outlet{n}", octets(f"{outlet.slot}"), feed.voltages[(n - 1) % 3]
    watts = _steps(lambda: world.sense(f"{key}/power", "pdu_power", lambda: outlet.power), 1.0)
    amperes = _steps(lambda: world.sense(f"{key}/current", "pdu_current", lambda: outlet.power / volts), 0.1)
    number: dict[int, Cell] = {3: name, 4: ber.integer(n)}
    metered = _row(METERED, n, {**number, 6: amperes, 7: watts, 11: _steps(lambda: outlet.energy, 100.0)})
    return metered | _row(SWITCHED, n, {**number, 5: ber.integer(ON)})


def rows(world: World, pdu: Pdu) -> Rows:
    """Return every object of one PDU."""
    feed = next(feed for feed in world.physics.power.feeds if feed.name == pdu.feed)
    built = system(world, pdu.name, lambda: f"{model(world, pdu.name)} rack PDU", IDENTIFIER)
    built |= _ident(world, pdu) | _unit(world, pdu)
    for n in range(3):
        built |= _phase(world, pdu, feed, n)
    for n, outlet in enumerate(pdu.outlets, 1):
        built |= _outlet(world, pdu, feed, n, outlet)
    return built
