"""Write what a client needs: `rack.toml` (the inventory), the calibration register, the client's and hosts' keys."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import asyncssh

from harness.emulator.layout import Device
from harness.emulator.sockets import LOOPBACK
from harness.emulator.sshd import USER
from harness.emulator.world import World

KEY_FILE = "client_key"
HOST_KEYS = "host_keys"
RACK_FILE = "rack.toml"
REGISTER_FILE = "calibration.toml"
CALIBRATED_DAYS_AGO, VALID_DAYS = 100, 365
COMMUNITY = "public"
STATION = "emulator"
RESOURCES = {
    "socket": "TCPIP::{host}::{port}::SOCKET",
    "hislip": "TCPIP::{host}::hislip0,{port}::INSTR",
    "vxi11": "TCPIP::{host},{port}::inst0::INSTR",
}
"""VISA resources by face; a VXI-11 port beside the host spares the port mapper."""

SNMP_ROLES = frozenset({"power_shelf", "pdu", "cdu", "switch"})

Value = str | int | float


def toml(tables: Iterable[tuple[str, Mapping[str, Value]]]) -> str:
    """Return TOML: a table named "" comes first and has no heading, the others are arrays of tables.

    >>> print(toml([("", {"schema": 1}), ("link", {"a": "x"})]))
    schema = 1
    <BLANKLINE>
    [[link]]
    a = "x"
    <BLANKLINE>
    """
    blocks = []
    for name, table in tables:
        lines = [f"[[{name}]]"] if name else []
        lines += [f"{key} = {json.dumps(value)}" for key, value in table.items() if value != ""]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def address(device: Device, port: int) -> str:
    """Return the address of a device on loopback."""
    if device.role == "feed_meter":
        return f"visa://{RESOURCES[device.face].format(host=LOOPBACK, port=port)}"
    if device.role in SNMP_ROLES:
        return f"snmp://{LOOPBACK}:{port}?community={COMMUNITY}"
    return f"ssh://{USER}@{LOOPBACK}:{port}?key=file:{KEY_FILE}"


def write_key(folder: Path) -> asyncssh.SSHKey:
    """Write a new client key, readable by its owner alone, and return it."""
    key = asyncssh.generate_private_key("ssh-ed25519", comment="rackproof emulator")
    path = folder / KEY_FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(key.export_private_key())
    return key


def write_host_keys(folder: Path, keys: Mapping[str, asyncssh.SSHKey]) -> None:
    """Write the public key of every SSH server."""
    (folder / HOST_KEYS).mkdir(exist_ok=True)
    for device, key in keys.items():
        (folder / HOST_KEYS / f"{device}.pub").write_bytes(key.export_public_key())


def write_rack(folder: Path, world: World, ports: Mapping[str, int], guarded: Iterable[str]) -> Path:
    """Write the inventory and return its path; `guarded` are the devices that have a host key."""
    layout, generation = world.layout, world.generation
    known, ratio = set(guarded), generation.feed.ct_ratio
    head: dict[str, Value] = {"schema": 1, "serial": layout.serial, "generation": generation.name, "station": STATION}
    head["calibration"] = REGISTER_FILE
    if world.speed != 1.0:
        head |= {"speed": world.speed, "epoch": world.epoch}
    tables: list[tuple[str, Mapping[str, Value]]] = [("", head)]
    tables += [("device", _device(device, ports[device.name], ratio, known)) for device in layout.devices]
    tables += [
        ("component", {"serial": p.serial, "part": p.part, "supplier": p.supplier, "lot": p.lot, "origin": p.origin,
                       "slot": p.slot})
        for p in layout.parts.values()
    ]  # fmt: skip
    tables += [("link", {"a": link.a, "b": link.b}) for link in layout.links]
    path = folder / RACK_FILE
    path.write_text(toml(tables), encoding="utf-8")
    return path


def write_register(folder: Path, serials: Iterable[str], today: date) -> None:
    """Write the calibration register of the station's meters: calibrated a while ago, valid for a year from then."""
    calibrated = today - timedelta(CALIBRATED_DAYS_AGO)
    due = calibrated + timedelta(VALID_DAYS)
    entries: list[tuple[str, Mapping[str, Value]]] = [
        ("instrument", {"serial": serial, "certificate": f"EMULATED {n}", "laboratory": "Emulated Works",
                        "calibrated": calibrated.isoformat(), "due": due.isoformat()})
        for n, serial in enumerate(serials, 1)
    ]  # fmt: skip
    (folder / REGISTER_FILE).write_text(toml([("", {"schema": 1}), *entries]), encoding="utf-8")


def _device(device: Device, port: int, ct_ratio: float, guarded: set[str]) -> dict[str, Value]:
    table: dict[str, Value] = {
        "name": device.name,
        "model": device.model,
        "address": address(device, port),
        "owner": device.owner,
        "role": device.role,
        "slot": device.slot,
    }
    if device.name in guarded:
        table["host_key"] = f"{HOST_KEYS}/{device.name}.pub"
    if device.role == "feed_meter":
        table["ct_ratio"] = ct_ratio
    return table
