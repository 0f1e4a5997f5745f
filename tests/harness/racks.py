"""Small racks of real sockets: power meters on loopback, and the inventories that name them."""

import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from drivers.points import Identity
from harness.inventory import DeviceEntry, Inventory
from tests.servers import ScpiServer

FIELDS = "100 110 10 0.98 50 1500 90 6 230 230 230 1 1 1 33 33 34 .98 .98 .98 34 34 34 7 7 7"


def replies(
    serial: str = "C1", power: str = "100", maker: str = "YOKOGAWA", ratio: str = "80.0"
) -> dict[str, bytes | None]:
    """What a meter says: it draws `power` W."""
    values = FIELDS.replace("100 ", f"{power} ", 1).replace(" ", ",")
    said = {
        "*IDN?": f"{maker},WT333E,{serial},F1.01",
        ":STAT:ERR?": '0,"No error"',
        ":NUM:NORM:VAL?": values,
        ":INP:VOLT:RANG?": "300.0E+00",
        ":INP:CURR:RANG?": "2.00E+00",
        ":INP:SCAL:STAT?;:INP:SCAL:CT:ELEM1?": f"1;{ratio}",
        ":INP:SCAL:STAT?;:INP:SCAL:VT:ELEM1?": "1;1.000",
        ":INP:CFAC?;:INP:SCAL:VT:ELEM1?": "3;1.000",
        ":INP:VOLT:AUTO?": "0",
        ":INP:CURR:AUTO?": "0",
        ":INP:WIR?": "P3W4",
        ":STAT:COND?": "0",
        "*ESR?": "0",
        ":RATE?": "50.0E-03",
        ":INTEG:STAT?": "STOP",
    }
    return {query: f"{reply}\n".encode() for query, reply in said.items()}


def nobody() -> str:
    """Return the address of a meter that nobody serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"visa://TCPIP::127.0.0.1::{free.getsockname()[1]}::SOCKET"


def meter(name: str, at: ScpiServer | str, **other: Any) -> dict[str, Any]:
    """Return the inventory's fields of a meter."""
    address = at if isinstance(at, str) else at.address
    return {"name": name, "model": "wt300e", "address": address, "owner": "rack", "role": "feed_meter"} | other


def inventory(*devices: dict[str, Any], **other: Any) -> Inventory:
    """Return an inventory of these devices."""
    fields = {"schema": 1, "serial": "S1", "generation": "g", "station": "bench", "device": devices} | other
    return Inventory.model_validate(fields)


def toml(entries: Iterable[dict[str, Any]], serial: str = "S1", generation: str = "g") -> str:
    """Return an inventory file."""
    head = f'schema = 1\nserial = "{serial}"\ngeneration = "{generation}"\nstation = "bench"\n'
    return head + "".join(
        "\n[[device]]\n" + "".join(f"{key} = {_quoted(value)}\n" for key, value in entry.items()) for entry in entries
    )


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def write_toml(path: Path, *entries: dict[str, Any], **other: str) -> Path:
    path.write_text(toml(entries, **other), encoding="utf-8")
    return path


def entry(name: str, **other: Any) -> DeviceEntry:
    return DeviceEntry.model_validate(meter(name, "visa://TCPIP::127.0.0.1::1::SOCKET") | other)


def identity(serial: str = "C1", raw: str = "") -> Identity:
    return Identity("YOKOGAWA", "WT333E", serial, "1", "visa://m *IDN?", raw)


Changed = Callable[[dict[str, bytes | None]], None]
