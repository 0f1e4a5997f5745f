"""Counters and state of InfiniBand ports: `perfquery` (also `-x`), `ibstat`, and sysfs by `grep -H . FILES`.

Source: InfiniBand Architecture Specification 1.4, 16.1.3.5 PortCounters and 16.1.4.11 PortCountersExtended;
perfquery(8), ibstat(8), Documentation/ABI/stable/sysfs-class-infiniband of Linux. Data counters count words of four
octets. The counters of the first kind stop when they are full: such a one is null.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from drivers.errors import Garbled, NoReading
from drivers.hosts.tools.sheet import Sheet, count, key, lines, words
from drivers.parsed import Parsed
from drivers.points import Value

WORD = 4
_HEAD = re.compile(r"# Port (extended )?counters: Lid (\d+) port (\d+)\b.*", re.ASCII | re.IGNORECASE)
_DOTTED = re.compile(r"(\w+):\.*(\S+)", re.ASCII)
_CA = re.compile(r"CA '([^']+)'")
_PORT = re.compile(r"\s+Port (\d+):", re.ASCII)
_FIELD = re.compile(r"\s+([A-Z][A-Za-z ]+?): *(.*)")
_FILE = re.compile(r"(?:/sys/class/infiniband/)?([\w.-]+)/ports/(\d+)/(?:(?:hw_)?counters/)?(\w+):(.*)", re.ASCII)

_FULL = {
    "SymbolErrorCounter": 0xFFFF,
    "LinkErrorRecoveryCounter": 0xFF,
    "LinkDownedCounter": 0xFF,
    "PortRcvErrors": 0xFFFF,
    "PortRcvRemotePhysicalErrors": 0xFFFF,
    "PortRcvSwitchRelayErrors": 0xFFFF,
    "PortXmitDiscards": 0xFFFF,
    "PortXmitConstraintErrors": 0xFF,
    "PortRcvConstraintErrors": 0xFF,
    "LocalLinkIntegrityErrors": 0xF,
    "ExcessiveBufferOverrunErrors": 0xF,
    "VL15Dropped": 0xFFFF,
    "PortXmitData": 0xFFFFFFFF,
    "PortRcvData": 0xFFFFFFFF,
    "PortXmitPkts": 0xFFFFFFFF,
    "PortRcvPkts": 0xFFFFFFFF,
    "PortXmitWait": 0xFFFFFFFF,
}
_QUANTITIES = {
    "portxmitdata": "out_bytes",
    "portrcvdata": "in_bytes",
    "portxmitpkts": "out_packets",
    "portxmitpackets": "out_packets",
    "portrcvpkts": "in_packets",
    "portrcvpackets": "in_packets",
    "symbolerrorcounter": "symbol_errors",
    "symbolerror": "symbol_errors",
    "linkerrorrecoverycounter": "link_error_recoveries",
    "linkerrorrecovery": "link_error_recoveries",
    "linkdownedcounter": "link_downs",
    "linkdowned": "link_downs",
    "portrcverrors": "in_errors",
    "portxmitdiscards": "out_discards",
    "portxmitwait": "out_waits",
    "portrcvremotephysicalerrors": "in_remote_physical_errors",
    "portrcvswitchrelayerrors": "in_switch_relay_errors",
    "portxmitconstrainterrors": "out_constraint_errors",
    "portrcvconstrainterrors": "in_constraint_errors",
    "locallinkintegrityerrors": "link_integrity_errors",
    "excessivebufferoverrunerrors": "buffer_overruns",
    "vl15dropped": "vl15_drops",
    "qp1dropped": "qp1_drops",
}


def counters(output: bytes) -> Parsed:
    """Read `perfquery`, or counters out of sysfs. Raises Garbled where there is neither."""
    sheet, scope, stops = Sheet(), "", False
    for line in lines(output):
        if head := _HEAD.fullmatch(line):
            scope, stops = f"port[{head[2]}/{head[3]}]", head[1] is None
        elif scope and (pair := _DOTTED.fullmatch(line.strip())):
            _counter(sheet, scope, pair[1], pair[2], stops)
        elif found := _FILE.fullmatch(line.strip()):
            _of_file(sheet, f"port[{key(found[1])}/{found[2]}]", found[3], found[4])
    if not len(sheet):
        raise Garbled("no counters of InfiniBand ports", received=output[:300].decode("utf-8", "replace"))
    return sheet.parsed("perfquery")


def sysfs(output: bytes) -> Parsed:
    """Read files of sysfs, as ports of a host. Raises Garbled; a host without such ports has none."""
    if not output.strip():
        return Parsed("perfquery", "none", ())
    found = counters(output)
    return replace(found, figures=tuple(replace(figure, name=f"ib_{figure.name}") for figure in found.figures))


def _counter(sheet: Sheet, scope: str, name: str, said: str, stops: bool) -> None:
    quantity = _QUANTITIES.get(name.lower().replace("_", ""))
    if quantity is None:
        return
    is_data = quantity.endswith("_bytes")
    read = _reader(_FULL.get(name) if stops else None, WORD if is_data else 1)
    sheet.add(f"{scope}.{quantity}", said, read, "B" if is_data else "1")


def _reader(full: int | None, factor: int) -> Callable[[Any], int]:
    def read(raw: Any) -> int:
        found = count(raw)
        if full is not None and found >= full:
            raise NoReading(f"the counter is full at {full}", received=str(raw))
        return found * factor

    return read


def _of_file(sheet: Sheet, scope: str, name: str, said: str) -> None:
    # Counters of sysfs are named otherwise and 64 bits wide, but for devices without the extended ones.
    if name.lower().replace("_", "") in _QUANTITIES:
        _counter(sheet, scope, name, said, stops=False)
    elif name in ("state", "phys_state"):
        sheet.add(f"{scope}.{'state' if name == 'state' else 'physical_state'}", said.partition(":")[2] or said)
    elif name == "rate":
        sheet.add(f"{scope}.speed", said.partition(" ")[0], _gigabits, "bit/s")
    elif name == "link_layer":
        sheet.add(f"{scope}.link_layer", said)
    elif name.endswith(("errors", "err", "_error", "discards", "timeouts", "retries", "out_of_sequence")):
        sheet.add(f"{scope}.{name}", said, count, "1")


def _gigabits(raw: Any) -> float:
    """Return bit/s of a rate in Gb/s, `400` or `40 (FDR10)`. Raises Garbled."""
    found = re.fullmatch(r"(\d{1,4}(?:\.\d)?)(?: \(\w+\))?", str(raw).strip(), re.ASCII)
    if not found:
        raise Garbled("not a rate", received=str(raw))
    return float(found[1]) * 1e9


def _lid(raw: Any) -> int:
    return int(str(raw), 16) if re.fullmatch(r"0x[0-9a-fA-F]{1,8}", str(raw)) else count(raw)


_ADAPTER: dict[str, tuple[str, Callable[[Any], Value], str | None]] = {
    "CA type": ("model", words, None),
    "Firmware version": ("firmware", words, None),
    "Hardware version": ("hardware", words, None),
    "Node GUID": ("guid", words, None),
    "Number of ports": ("ports", count, "1"),
}
_OF_PORT: dict[str, tuple[str, Callable[[Any], Value], str | None]] = {
    "State": ("state", words, None),
    "Physical state": ("physical_state", words, None),
    "Rate": ("speed", _gigabits, "bit/s"),
    "Base lid": ("lid", _lid, "1"),
    "SM lid": ("sm_lid", _lid, "1"),
    "Port GUID": ("guid", words, None),
    "Link layer": ("link_layer", words, None),
}


def ibstat(output: bytes) -> Parsed:
    """Read `ibstat`. Raises Garbled. State and speed are as they stand: a port that is down is no error of the tool."""
    sheet, adapter, port = Sheet(), "", ""
    for line in lines(output):
        if found := _CA.match(line):
            adapter, port = key(found[1]), ""
        elif found := _PORT.fullmatch(line):
            port = found[1]
        elif adapter and (found := _FIELD.fullmatch(line)):
            table, scope = (_OF_PORT, f"port[{adapter}/{port}]") if port else (_ADAPTER, f"adapter[{adapter}]")
            if found[1] in table:
                quantity, read, unit = table[found[1]]
                sheet.add(f"{scope}.{quantity}", found[2], read, unit)
    if not len(sheet):
        raise Garbled("no adapters of ibstat", received=output[:300].decode("utf-8", "replace"))
    return sheet.parsed("ibstat")
