"""`nvidia-imex-ctl -N` (with or without `-j`) and `-q`: the memory-sharing domain over NVLink, and this node's daemon.

Source: NVIDIA IMEX service guide for NVLink networks; states of the domain UP, DEGRADED, DOWN, of a node READY and
those on the way to it. Every configured node is listed, with its connection to every other: a domain can be up on the
word of one end.
"""

import re
from collections.abc import Iterator
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.json_output import at, drained, read, shown, table
from drivers.hosts.tools.sheet import Sheet, key, lines
from drivers.parsed import Figure, Parsed, Verdict

_DOMAIN = ("UP", "DEGRADED", "DOWN", "NO_DOMAIN", "UNAVAILABLE", "NOT_CONFIGURED")
_NODE = (
    *("READY", "INITIALIZING", "STARTING_AUTH_SERVER", "WAITING_FOR_PEERS", "WAITING_FOR_RECOVERY", "INIT_GPU"),
    *("SHUTTING_DOWN", "UNAVAILABLE", "INVALID"),
)
_NODE_LINE = re.compile(
    r"Node #(\d{1,5})\s*\*?\s*-\s*(\S+)\s*\*?\s*-\s*(\w+)\s*\*?(?:\s*-\s*Version:\s*(\S+))?", re.ASCII
)
_ROW = re.compile(r"(\d{1,5})((?:\s+[A-Z])+)", re.ASCII)
"""A row of the table of connections: C is connected, every other letter is not."""
_DOMAIN_LINE = re.compile(r"Domain State:\s*(\w+)", re.ASCII)


def parse(output: bytes) -> Parsed:
    """Read the state. Raises Garbled. `good` where domain, nodes and every connection are as they should be."""
    if b"{" in output:
        return _domain(table(read(output)))
    said = [line.strip() for line in lines(output) if line.strip()]
    if len(said) == 1 and said[0] in _NODE:
        figure = Figure("daemon_state", said[0], None, said[0])
        ready = said[0] == "READY"
        return Parsed("imex", "good" if ready else "bad", (figure,), () if ready else (f"daemon: {said[0]}",))
    return _listed(said)


def _domain(told: dict[str, Any]) -> Parsed:
    state, nodes = told.get("status"), told.get("nodes", {})
    if state not in _DOMAIN:
        raise Garbled("no state of an IMEX domain", received=shown(state))
    sheet = Sheet()
    sheet.add("domain_state", state)
    reasons = [] if state == "UP" else [f"domain: {state}"]
    number = len(table(nodes, "list of nodes"))
    for name, node in drained(nodes):
        reasons += _node(sheet, name, table(node, "node"))
    return _judged(sheet, reasons, number)


def _node(sheet: Sheet, name: str, node: dict[str, Any]) -> Iterator[str]:
    scope = f"node[{key(name)}]"
    state = sheet.add(f"{scope}.state", node.get("status"))
    for quantity, member in (("host", "host"), ("hostname", "hostName"), ("version", "version")):
        if member in node:
            sheet.add(f"{scope}.{quantity}", node[member])
    if state != "READY":
        yield f"node {name}: {state}"
    connections = table(node.get("connections", {}), "list of connections")
    broken = [peer for peer, told in connections.items() if at(told, "status") != "CONNECTED"]
    sheet.put(Figure(f"{scope}.connections", len(connections) - len(broken), "1", f"not: {', '.join(broken)}"[:200]))
    yield from (f"node {name} to {peer}: {shown(at(connections[peer], 'status'))}" for peer in broken)


def _listed(said: list[str]) -> Parsed:
    sheet, reasons = Sheet(), list[str]()
    states = [found[1] for line in said if (found := _DOMAIN_LINE.match(line))]
    if len(states) != 1 or states[0] not in _DOMAIN:
        raise Garbled("no state of an IMEX domain", received="\n".join(said)[:300])
    sheet.add("domain_state", states[0])
    reasons += [] if states[0] == "UP" else [f"domain: {states[0]}"]
    nodes = [found for line in said if (found := _NODE_LINE.match(line))]
    for found in nodes:
        reasons += [] if found[3] == "READY" else [f"node {found[1]}: {found[3]}"]
        for quantity, group in (("host", 2), ("state", 3), ("version", 4)):
            if found[group]:
                sheet.add(f"node[{found[1]}].{quantity}", found[group])
    for row in (found for line in said if (found := _ROW.fullmatch(line))):
        letters = row[2].split()
        sheet.put(Figure(f"node[{row[1]}].connections", letters.count("C"), "1", row[2].strip()[:200]))
        if broken := [f"{peer} {letter}" for peer, letter in enumerate(letters) if letter != "C"]:
            reasons.append(f"node {row[1]} to {', '.join(broken)}"[:200])
    return _judged(sheet, reasons, len(nodes))


def _judged(sheet: Sheet, reasons: list[str], nodes: int) -> Parsed:
    sheet.put(Figure("node_count", nodes, "1", str(nodes)))
    verdict: Verdict = "bad" if reasons else "good" if nodes else "unverified"
    return sheet.parsed("imex", reasons or ([] if nodes else ["no node is listed"]), verdict)
