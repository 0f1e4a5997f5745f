"""VISA: queries per second beside a script with nothing but pyvisa, to the same meter, over a raw socket and HiSLIP."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyvisa

from benchmarks.figures import Figure, at_least
from drivers.addresses import Address, parse
from drivers.options import Options
from drivers.visa import VisaTransport
from harness import inventory
from harness.commands.demo import emulated

QUERY = "*IDN?"
ROUNDS, QUERIES = 15, 400
GOAL = 0.9
"""Of what the bare script does, ours does at least so much."""


def figures(folder: Path) -> Iterator[Figure]:
    """Ask the meters of the emulated rack, turn and turn about; the best round of each counts."""
    with emulated("gen-a", folder / "rack", [], 1) as file:
        wheres = [parse(d.address) for d in inventory.load(file).device if d.address.startswith("visa://")]
        for where in wheres:
            yield from _compared("HiSLIP" if "hislip" in where.resource else "a raw socket", where, folder)


def _compared(name: str, where: Address, folder: Path) -> Iterator[Figure]:
    # Turn and turn about, never both at once: an instrument may take no more than one connection.
    rounds = [(_bare(where), _ours(where, folder)) for _ in range(ROUNDS)]
    theirs, ours = (max(rates) for rates in zip(*rounds, strict=True))
    yield Figure(f"VISA over {name}: a bare pyvisa script", f"{theirs:,.0f} queries/s")
    yield Figure(f"VISA over {name}: rackproof", f"{ours:,.0f} queries/s")
    yield at_least(f"VISA over {name}: of the bare script", ours / theirs, GOAL, "x")


def _bare(where: Address) -> float:
    resource: Any = pyvisa.ResourceManager("@py").open_resource(
        where.resource, timeout=5000, read_termination="\n", write_termination="\n", open_timeout=5000
    )
    try:
        return _rate(resource.query)
    finally:
        resource.close()


def _ours(where: Address, folder: Path) -> float:
    opened = VisaTransport.open(where, Options(folder=folder, timeout_s=5.0))
    try:
        return _rate(opened.query)
    finally:
        opened.close()


def _rate(query: Callable[[str], str]) -> float:
    said = query(QUERY)
    begun = time.perf_counter()
    for _ in range(QUERIES):
        if query(QUERY) != said:
            raise SystemExit("the meter gave another answer than before")
    return QUERIES / (time.perf_counter() - begun)
