"""All faces of one rack on loopback."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import asyncssh

from harness.emulator import cdu_mib, hosts, ipmi, openbmc, pdu_mib, rack_file, shelf_mib, switch_mib
from harness.emulator.control import Control
from harness.emulator.entity import SYSTEM
from harness.emulator.hislip import HislipServer
from harness.emulator.layout import Device
from harness.emulator.scpi import Scpi
from harness.emulator.shell import Shell
from harness.emulator.snmp import Agent, Rows
from harness.emulator.sockets import ScpiServer, SnmpServer
from harness.emulator.sshd import SshServer
from harness.emulator.vxi11 import Vxi11Server
from harness.emulator.workloads import Machine
from harness.emulator.world import Wire, World
from harness.emulator.wt333e import Instrument

TICK_S = 0.1
"""How often the physics moves when nobody asks, s."""


class Server(Protocol):
    """A face behind its socket."""

    port: int

    async def open(self) -> None:
        """Listen; `port` is known afterwards."""
        ...

    def refuse(self) -> None:
        """Stop listening and drop whoever is connected."""
        ...

    async def close(self) -> None:
        """Close everything."""
        ...


FACES: Mapping[str, Callable[[World, str, Scpi], Server]] = {
    "socket": ScpiServer,
    "hislip": HislipServer,
    "vxi11": Vxi11Server,
}


class Rack:
    """The servers of every device of a world; `client_key` may log in."""

    def __init__(self, world: World, client_key: asyncssh.SSHKey) -> None:
        self.world, self.client_key = world, client_key
        self.servers: Mapping[str, Server] = {d.name: self._server(d) for d in world.layout.devices}
        self._refused: set[str] = set()
        self._control = Control(world)

    def _server(self, device: Device) -> Server:
        if device.role == "feed_meter":
            return FACES[device.face](self.world, device.name, self._meter(device.name))
        if device.role in rack_file.SNMP_ROLES:
            return SnmpServer(self.world, device.name, self._agent(device))
        return SshServer(
            self.world, Machine(self.world, device.name, device.slot, self._shell(device)), self.client_key
        )

    def _meter(self, name: str) -> Scpi:
        world = self.world
        feed = next(feed for feed in world.physics.power.feeds if feed.name == name)
        return Scpi(
            Instrument(world, feed),
            lambda: f"YOKOGAWA,{'WT1804E' if world.wires[name].wrong_model else 'WT333E'},{serial_of(name)},F1.04",
        )

    def _agent(self, device: Device) -> Agent:
        world, community = self.world, rack_file.COMMUNITY.encode()
        wire = world.wires[device.name]
        if device.role == "switch":
            switch = world.physics.switches[device.name]
            return Agent(
                community,
                lambda: switch_mib.rows(world, switch),
                lambda: (wire.wrong_model, switch_mib.shape(switch)),
            )
        if device.role == "cdu":
            return Agent(community, lambda: _seen(wire, cdu_mib.rows(world)), lambda: wire.wrong_model)
        if device.role == "pdu":
            pdu = next(pdu for pdu in world.physics.power.pdus if pdu.name == device.name)
            return Agent(community, lambda: _seen(wire, pdu_mib.rows(world, pdu)), lambda: wire.wrong_model)
        shelf = next(shelf for shelf in world.physics.power.shelves if shelf.name == device.name)
        return Agent(community, lambda: _seen(wire, shelf_mib.rows(world, shelf)), lambda: wire.wrong_model)

    def _shell(self, device: Device) -> Shell:
        world, trays, switch_trays = self.world, self.world.physics.trays, self.world.physics.switch_trays
        if device.role == "compute_bmc":
            return openbmc.shell(world, device.name, trays[device.slot])
        if device.role == "switch_bmc":
            return ipmi.shell(world, device.name, switch_trays[device.slot])
        if device.role == "compute_host":
            return hosts.compute_shell(world, device.name, trays[device.slot])
        return hosts.switch_shell(world, device.name, switch_trays[device.slot])

    async def open(self, folder: Path) -> Path:
        """Open every socket, write the inventory and its keys, and return the inventory's path."""
        for server in self.servers.values():
            await server.open()
        keys = {name: server.host_key for name, server in self.servers.items() if isinstance(server, SshServer)}
        rack_file.write_host_keys(folder, keys)
        ports = {name: server.port for name, server in self.servers.items()}
        meters = [d.name for d in self.world.layout.devices if d.role == "feed_meter"]
        rack_file.write_register(
            folder, map(serial_of, meters), datetime.fromtimestamp(self.world.clock.unix(), UTC).date()
        )
        path = rack_file.write_rack(folder, self.world, ports, keys)
        await self._control.open(folder)
        await self._enforce()
        return path

    async def _enforce(self) -> None:
        """Close the listeners that a fault closes, and open those that it opens again, where they were."""
        for name, wire in self.world.wires.items():
            if wire.refused and name not in self._refused:
                self._refused.add(name)
                self.servers[name].refuse()
            elif not wire.refused and name in self._refused:
                self._refused.remove(name)
                await self.servers[name].open()

    async def run(self) -> None:
        """Let time pass until cancelled."""
        while True:
            self.world.advance()
            await self._enforce()
            await asyncio.sleep(TICK_S)

    async def close(self) -> None:
        """Close every socket."""
        await self._control.close()
        for server in self.servers.values():
            await server.close()


def serial_of(meter: str) -> str:
    """Return the serial that an emulated meter answers with.

    >>> serial_of("feed_a")
    'EMULATED-A'
    """
    return f"EMULATED-{meter.rpartition('_')[2].upper()}"


def _seen(wire: Wire, rows: Rows) -> Rows:
    """Return the objects that an agent shows: another model has the system group and none of these sensors."""
    return {name: cell for name, cell in rows.items() if name[: len(SYSTEM)] == SYSTEM} if wire.wrong_model else rows
