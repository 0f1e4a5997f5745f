"""SNMP: a full walk of IF-MIB with 64 ports, and a sweep over 200 agents, beside other clients.

Run `python -m benchmarks.snmp`. It needs snmpd and snmpbulkwalk, and makes 32 pairs of veth interfaces in a network
namespace of its own (`unshare -rn`), so nothing outside of it is touched. Rates are the best of several rounds: trust
the ratios, not the figures.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import figures as tables
from drivers.addresses import parse
from drivers.options import Options
from drivers.snmp import SnmpTransport

INSIDE = "RACKPROOF_BENCH_NAMESPACE"
COMMAND = ["unshare", "-rn", sys.executable, "-m", "benchmarks.snmp"]
PORTS = 64
AGENTS, ADDRESSES_PER_SNMPD = 200, 100  # snmpd serves about 128 addresses; beyond that its line is silently cut
ROUNDS = 5
TABLES = ("1.3.6.1.2.1.2.2", "1.3.6.1.2.1.31.1.1")
COLUMNS = [f"1.3.6.1.2.1.2.2.1.{n}" for n in range(1, 23)] + [f"1.3.6.1.2.1.31.1.1.1.{n}" for n in range(1, 20)]
STEADY = [f"{TABLES[0]}.1.{n}" for n in range(1, 9)] + [f"{TABLES[1]}.1.{n}" for n in (1, 15, 17, 18)]
"""Columns that stay the same while several programs ask, one after the other, over the loopback that is counted too."""

SYS_DESCR, SYS_UP_TIME = "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0"
AUTH, PRIV = "authentic-words", "private-words"
WORKERS = 32
GOALS = {"v2c": 2.5, "v2c fast": 10.0, "v3 fast": 10.0, f"{WORKERS} at once": 2.5}
"""At least so many times what pysnmp does as its manual shows."""
EQUAL = "objects equal to snmpbulkwalk's to the last octet"
told: list[tuple[str, str, float, float]] = []


@dataclass(frozen=True)
class Figure:
    """One line of the result: `rate` in objects per second."""

    name: str
    objects: int
    rate: float


def best(name: str, work: Callable[[], int], rounds: int = ROUNDS) -> Figure:
    rates, count = [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        count = work()
        rates.append(count / (time.perf_counter() - began))
    return Figure(name, count, max(rates))


@contextmanager
def snmpd(folder: Path, addresses: list[str]) -> Iterator[None]:
    folder.mkdir()
    (folder / "snmpd.conf").write_text(
        f"agentaddress {','.join(addresses)}\nrocommunity public 127.0.0.0/8\nsysDescr an agent\n"
        f'createUser probe SHA-256 "{AUTH}" AES "{PRIV}"\nrouser probe authPriv\n'
    )
    command = ["snmpd", "-f", "-Lf", str(folder / "log"), "-C", "-c", str(folder / "snmpd.conf")]
    env = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "p"), "MIBS": "", "PATH": search_path()}
    process = subprocess.Popen([*command, "-I", "-smux,mteTrigger,mteTriggerConf"], env=env)
    try:
        wait_for(addresses[-1].removeprefix("udp:"))
        yield
    finally:
        process.terminate()
        process.wait()


def search_path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/sbin"


def wait_for(where: str) -> None:
    command = ["snmpget", "-r0", "-t1", "-v2c", "-cpublic", "-Oqv", where, SYS_UP_TIME]
    pause = threading.Event()
    for _ in range(100):
        if subprocess.run(command, capture_output=True, check=False, env={**os.environ, "MIBS": ""}).returncode == 0:
            return
        pause.wait(0.05)
    sys.exit(f"no agent answered at {where}")


def ports() -> None:
    ip = shutil.which("ip", path=search_path()) or sys.exit("ip is not installed (Debian package iproute2)")
    subprocess.run([ip, "link", "set", "lo", "up"], check=True)
    for n in range(0, PORTS, 2):
        name, peer = f"Ethernet{n}", f"Ethernet{n + 1}"
        subprocess.run([ip, "link", "add", "name", name, "type", "veth", "peer", "name", peer], check=True)
        for port in (name, peer):
            subprocess.run([ip, "link", "set", port, "up"], check=True)


# What others do.


def by_manual(where: tuple[str, int], credentials: Callable[[], Any]) -> int:
    """Walk both tables as pysnmp's manual does, with 25 repetitions, the fastest of those that it shows."""
    from pysnmp.hlapi.v3arch import asyncio as hl

    async def walk() -> int:
        engine, target, count = hl.SnmpEngine(), await hl.UdpTransportTarget.create(where), 0
        for table in TABLES:
            rows = hl.bulk_walk_cmd(
                engine,
                credentials(),
                target,
                hl.ContextData(),
                0,
                25,
                hl.ObjectType(hl.ObjectIdentity(table)),
                lexicographicMode=False,
            )
            async for _, _, _, bindings in rows:
                count += len(bindings)
        engine.close_dispatcher()
        return count

    return asyncio.run(walk())


def community() -> Any:
    from pysnmp.hlapi.v3arch.asyncio import CommunityData

    return CommunityData("public")


def user() -> Any:
    from pysnmp.hlapi.v3arch import asyncio as hl

    return hl.UsmUserData("probe", AUTH, PRIV, hl.USM_AUTH_HMAC192_SHA256, hl.USM_PRIV_CFB128_AES)


def by_snmpbulkwalk(where: tuple[str, int]) -> int:
    command = ["snmpbulkwalk", "-v2c", "-cpublic", "-Cr50", "-Onq", f"{where[0]}:{where[1]}"]
    env = {**os.environ, "MIBS": ""}
    said = [subprocess.run([*command, t], capture_output=True, check=True, env=env).stdout for t in TABLES]
    return sum(text.count(b"\n") for text in said)


def by_gufo(where: tuple[str, int]) -> int:
    from gufo.snmp.sync import SnmpSession

    session = SnmpSession(where[0], port=where[1], timeout=5.0)
    return sum(1 for column in COLUMNS for _ in session.getbulk(column, 100))


# What we do.


@contextmanager
def transport(address: str, folder: Path, *, fast: bool) -> Iterator[SnmpTransport]:
    opened = SnmpTransport(parse(address), Options(folder=folder), fast=fast)
    try:
        opened.ask([SYS_UP_TIME])
        yield opened
    finally:
        opened.close()


def ours(name: str, opened: SnmpTransport) -> Figure:
    queries = [f"walk {column}" for column in COLUMNS]
    return best(name, lambda: sum(len(rows) for rows in opened.ask(queries).values()))


def v3_address(where: tuple[str, int], folder: Path) -> str:
    for name, words in (("auth", AUTH), ("priv", PRIV)):
        (folder / name).write_text(words)
    query = "auth=SHA-256&priv=AES&auth_key=file:auth&priv_key=file:priv"
    return f"snmp://probe@{where[0]}:{where[1]}?{query}"


def walks(where: tuple[str, int], folder: Path) -> None:
    """Compare a walk of all columns, in version 2c and 3."""
    v2c, v3 = f"snmp://{where[0]}:{where[1]}?community=public", v3_address(where, folder)
    figures = [
        best("pysnmp as its manual shows, v2c", lambda: by_manual(where, community), 3),
        best("snmpbulkwalk, v2c", lambda: by_snmpbulkwalk(where)),
        *([best("gufo-snmp, v2c", lambda: by_gufo(where))] if gufo() else []),
    ]
    with transport(v2c, folder, fast=False) as plain:
        told.append(("a walk of 64 ports", EQUAL, equal_to_snmpbulkwalk(where, plain), 0.0))
        figures.append(ours("rackproof, v2c", plain))
        for name, address, fast in (("v2c fast", v2c, True), ("v3 pysnmp", v3, False), ("v3 fast", v3, True)):
            if fast and not gufo():
                continue
            if name == "v3 pysnmp":
                tell(f"a walk of {PORTS} ports", figures)
                figures = [best("pysnmp as its manual shows, v3", lambda: by_manual(where, user), 3)]
            with transport(address, folder, fast=fast) as opened:
                equal(plain, opened)
                figures.append(ours(f"rackproof, {name}", opened))
    tell(f"a walk of {PORTS} ports, authenticated and encrypted", figures)


def gufo() -> bool:
    from importlib.util import find_spec

    return find_spec("gufo") is not None


def equal(one: SnmpTransport, other: SnmpTransport) -> None:
    """Hold two readers to the same octets, in the columns that do not move meanwhile."""
    queries = [f"walk {column}" for column in STEADY]
    if one.ask(queries) != other.ask(queries):
        sys.exit("two readers of the same agent disagree")


def equal_to_snmpbulkwalk(where: tuple[str, int], opened: SnmpTransport) -> int:
    """Hold what we read to what snmpbulkwalk prints, octet by octet; return how many objects that were."""
    found = opened.ask([f"walk {column}" for column in STEADY])
    ours = {f".{c}.{i}": _printed(v) for c in STEADY for i, v in found[f"walk {c}"].items()}
    command = ["snmpbulkwalk", "-v2c", "-cpublic", "-Onqext", "-Ox", f"{where[0]}:{where[1]}"]
    env = {**os.environ, "MIBS": ""}
    printed = [
        subprocess.run([*command, c], capture_output=True, check=True, env=env, text=True).stdout for c in STEADY
    ]
    theirs = dict(
        line.split(" ", 1) for text in printed for line in re.split(r"\n(?=\.1)", text.strip()) if " " in line
    )
    wrong = [oid for oid, value in ours.items() if "".join(theirs.get(oid, "").strip().split()) != value]
    if wrong or not ours:
        said = [(oid, theirs.get(oid), ours[oid]) for oid in wrong[:3]]
        sys.exit(f"snmpbulkwalk prints something else than we read: {said}")
    return len(ours)


def _printed(value: Any) -> str:
    return f'"{value.hex().upper()}"' if isinstance(value, bytes) else str(value).removeprefix(".")


def sweep(base: int, folder: Path) -> None:
    """Ask every one of many agents for six objects, 32 at once."""
    queries = [f"1.3.6.1.2.1.1.{n}.0" for n in range(1, 7)]
    where = [f"127.0.{n // 100 + 1}.{n % 100 + 1}:{base}" for n in range(AGENTS)]
    with ExitStack() as stack:
        for n in range(0, AGENTS, ADDRESSES_PER_SNMPD):
            stack.enter_context(snmpd(folder / f"sweep{n}", [f"udp:{a}" for a in where[n : n + ADDRESSES_PER_SNMPD]]))
        opened = [SnmpTransport(parse(f"snmp://{a}?community=public"), Options(folder=folder)) for a in where]
        with ThreadPoolExecutor(WORKERS) as pool:

            def once() -> int:
                replies = pool.map(lambda t: t.ask(queries), opened)
                return sum(1 for reply in replies for value in reply.values() if not isinstance(value, Exception))

            figures = [best(f"pysnmp as its manual shows, {WORKERS} at once", lambda: manual_sweep(where, queries), 2)]
            figures.append(best(f"rackproof, {WORKERS} at once", once))
        for each in opened:
            each.close()
    for figure in figures:
        lost = AGENTS * len(queries) - figure.objects
        print(f"{figure.name}: {lost} of {AGENTS * len(queries)} objects lost")
    told.append(("a sweep", "objects lost", lost, 0.0))
    tell(f"a sweep over {AGENTS} agents", figures)


def manual_sweep(where: list[str], queries: list[str]) -> int:
    from pysnmp.hlapi.v3arch import asyncio as hl

    async def one(engine: Any, address: str, slots: asyncio.Semaphore) -> int:
        host, _, port = address.partition(":")
        async with slots:
            target = await hl.UdpTransportTarget.create((host, int(port)))
            objects = [hl.ObjectType(hl.ObjectIdentity(query)) for query in queries]
            error, status, _, found = await hl.get_cmd(engine, community(), target, hl.ContextData(), *objects)
        return 0 if error or status else len(found)

    async def every() -> int:
        engine, slots = hl.SnmpEngine(), asyncio.Semaphore(WORKERS)
        counts = await asyncio.gather(*(one(engine, address, slots) for address in where))
        engine.close_dispatcher()
        return sum(counts)

    return asyncio.run(every())


def tell(title: str, figures: list[Figure]) -> None:
    print(f"\n{title}: objects, objects/s, times the first")
    for figure in figures:
        ratio = figure.rate / figures[0].rate
        told.append((title, figure.name, ratio, figure.rate))
        print(f"  {figure.name:44} {figure.objects:6} {figure.rate:10,.0f} {ratio:7.1f}", flush=True)


def figures(folder: Path) -> Iterator[tables.Figure]:
    """Run all of it in a process of its own."""
    if (
        not shutil.which("snmpd", path=search_path())
        or subprocess.run(["unshare", "-rn", "true"], check=False).returncode
    ):
        yield tables.Figure(
            "SNMP beside other clients", "not measured: needs snmpd, and may not make a network namespace"
        )
        return
    report = folder / "snmp.json"
    subprocess.run([*COMMAND, str(report)], check=True, env={**os.environ, INSIDE: "1"}, stdout=sys.stderr)
    for title, name, value, rate in json.loads(report.read_text()):
        if rate:
            yield tables.Figure(f"SNMP, {title}: {name}, objects/s", f"{rate:,.0f}")
        if name == EQUAL:
            yield tables.Figure(f"SNMP, {title}: {name}", f"{value:,.0f} of {value:,.0f}")
        elif name == "objects lost":
            yield tables.at_most(f"{title}: {name}", value, 0, "of 1200")
        elif (goal := GOALS.get(name.removeprefix("rackproof, "))) is not None:
            yield tables.at_least(f"{title}: {name}", value, goal, "times pysnmp's manual")


def main() -> None:
    """Run all of it inside a network namespace."""
    if INSIDE not in os.environ:
        sys.exit(subprocess.run(COMMAND, check=False, env={**os.environ, INSIDE: "1"}).returncode)
    ports()
    with tempfile.TemporaryDirectory() as name:
        folder, where = Path(name), ("127.0.0.1", 1161)  # nobody else lives in this namespace
        with snmpd(folder / "walk", [f"udp:{where[0]}:{where[1]}"]):
            walks(where, folder)
        sweep(1161, folder)
    if sys.argv[1:]:
        Path(sys.argv[1]).write_text(json.dumps(told))


if __name__ == "__main__":
    main()
