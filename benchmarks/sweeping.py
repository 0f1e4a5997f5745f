"""Every point of every device of the emulated rack, at once, and what bounds it."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from benchmarks.figures import Figure
from drivers.points import Reading
from harness import inventory
from harness.clock import SystemClock
from harness.commands.demo import emulated
from harness.records import DeviceSeen, Record
from harness.session import Handle, Session

ROUNDS = 3


def figures(folder: Path) -> Iterator[Figure]:
    """Connect, then read everything three times; the best counts."""
    records: list[Record] = []
    with emulated("gen-a", folder / "rack", [], 1) as file:
        (emulator,) = (p for p in psutil.Process().children() if "harness.emulator" in p.cmdline())
        session = Session(inventory.load(file), SystemClock(), records.append)
        try:
            begin = time.perf_counter()
            session.open()
            opened = time.perf_counter() - begin
            sweeps = [_sweep(session, emulator) for _ in range(ROUNDS)]
        finally:
            session.close()
    seen = sum(isinstance(r, DeviceSeen) for r in records)
    wall, ours, theirs, readings, slowest = min(sweeps, key=lambda sweep: sweep[0])
    yield Figure("devices connected and identified", f"{seen} in {opened:.2f} s")
    yield Figure("sweep of every point of all of them at once", f"{wall:.2f} s, {readings} readings")
    yield Figure("processor time of harness and of emulator", f"{ours:.2f} s and {theirs:.2f} s")
    yield Figure("bound by", _bound(wall, ours, theirs))
    yield Figure("slowest device and kind of it", slowest)


def _sweep(session: Session, emulator: psutil.Process) -> tuple[float, float, float, int, str]:
    before, ours, begin = _cpu(emulator), time.process_time(), time.perf_counter()
    handles = list(session.handles.values())
    with ThreadPoolExecutor(len(handles)) as pool:
        results = list(pool.map(_read, handles))
    wall = time.perf_counter() - begin
    readings = sum(count for _, _, count in results)
    slowest = max(results)
    return wall, time.process_time() - ours, _cpu(emulator) - before, readings, f"{slowest[1]}: {slowest[0]:.2f} s"


def _read(handle: Handle) -> tuple[float, str, int]:
    begin = time.perf_counter()
    readings: list[Reading] = handle.read()
    return time.perf_counter() - begin, f"{handle.name} ({handle.entry.model})", len(readings)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _bound(wall: float, ours: float, theirs: float) -> str:
    shares = Counter({"the emulator's one thread": theirs / wall, "the harness's interpreter lock": ours / wall})
    who, share = shares.most_common(1)[0]
    cores = f"{(ours + theirs) / wall:.1f} of {os.cpu_count()} cores busy"
    return f"{who} ({share:.0%} of the time); {cores}" if share > 0.6 else f"waiting; {cores}"
