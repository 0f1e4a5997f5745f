"""What an emulated rack costs, sixteen of them, and a soak of a day in fast time."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.figures import Figure, at_most
from drivers.errors import DriverError
from harness import inventory
from harness.clock import SystemClock
from harness.session import Handle, Session

ROUNDS, POLLED_S, RACKS, EVERY_S, POLLS = 3, 8, 16, 5.0, 3
SPEED = 300
POINTS = {
    "feed_meter": ("power",),
    "power_shelf": ("psu[*].output_power", "input_power", "output_voltage"),
    "cdu": ("flow", "supply_temperature", "return_temperature"),
    "switch": ("port[*].oper_state",),
    "compute_host": ("gpu[*].temperature",),
    "compute_bmc": ("sensor[FAN*].*",),
}
"""What a line watches of each of many racks; of one rack every point is read."""


def figures(folder: Path) -> Iterator[Figure]:
    """One rack, then sixteen."""
    yield from _one(folder / "one")
    yield from _many(folder / "many")


def soak(folder: Path) -> Iterator[Figure]:
    """Rehearse a day of soak, and compare its figures with those of a rack whose time runs as time does."""
    begin = time.perf_counter()
    fast = _demo(folder, "--plan", "soak-24h", "--speed", str(SPEED))
    yield at_most(f"a soak of 24 h at {SPEED} times the speed", (time.perf_counter() - begin) / 60, 6.0, "min")
    yield Figure("its verdict", fast["verdict"], "REHEARSAL", fast["verdict"] == "REHEARSAL")
    real = _demo(folder, "--plan", "rehearsal")
    for name in ("full_power", "work_per_joule", "coolant_heat_share"):
        one, other = (_measured(done, name) for done in (fast, real))
        difference = abs(one / other - 1.0) * 100.0 if one and other else float("inf")
        yield at_most(f"its {name.replace('_', ' ')} against that in real time", difference, 0.5, "%")


def _demo(folder: Path, *words: str) -> dict[str, str]:
    command = [sys.executable, "-m", "harness.cli", "demo", "--runs", str(folder / "runs"), "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.stdout else {"verdict": done.stderr.strip().splitlines()[-1], "run": ""}


def _measured(done: dict[str, str], name: str) -> float | None:
    file = Path(done["run"]) / "reports" / "report.json"
    if not file.is_file():
        return None
    cases = json.loads(file.read_text())["cases"]
    return next((m["value"] for case in cases for m in case["measurements"] if m["name"] == name), None)


@contextmanager
def _served(out: Path, *words: str, racks: int = 1) -> Iterator[tuple[psutil.Process, list[Path], float]]:
    command = [sys.executable, "-m", "harness.emulator", "gen-a", "--out", str(out), "--until-eof", *words]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        files = [Path(serving.stdout.readline().removeprefix("ready ").strip()) for _ in range(racks)]
        yield psutil.Process(serving.pid), files, time.perf_counter() - begin
        serving.communicate()


def _one(out: Path) -> Iterator[Figure]:
    took = []
    for n in range(ROUNDS):
        with _served(out / str(n)) as (_, _, ready):
            took.append(ready)
    yield at_most("one rack ready", min(took), 2.0, "s")
    with _served(out / "polled") as (emulator, (file,), _):
        session = _opened(file)
        try:
            share, readings = _share(session, emulator)
        finally:
            session.close()
        yield at_most("its memory, all devices connected", emulator.memory_info().rss / 1e6, 120.0, "MB")
    yield at_most(f"of a core for {readings} readings a second, every point", share * 100.0, 10.0, "%")


def _opened(file: Path) -> Session:
    session = Session(inventory.load(file), SystemClock(), lambda _: None)
    session.open()
    return session


def _share(session: Session, emulator: psutil.Process) -> tuple[float, int]:
    handles = list(session.handles.values())
    with ThreadPoolExecutor(8) as pool:
        readings = sum(len(found) for found in pool.map(lambda h: h.read(), handles))
        used, begin = _cpu(emulator), time.perf_counter()
        for n in range(1, POLLED_S + 1):
            list(pool.map(lambda h: h.read(), handles))
            SystemClock().sleep(max(0.0, begin + n - time.perf_counter()))
    # a second for each sweep, also where this machine took longer for one
    return (_cpu(emulator) - used) / POLLED_S, readings


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _many(out: Path) -> Iterator[Figure]:
    with _served(out, "--racks", str(RACKS), racks=RACKS) as (emulator, files, ready):
        yield Figure(f"{RACKS} racks ready", f"{ready:.2f} s")
        sessions = [_opened(file) for file in files]
        try:
            longest, failed = _polled([h for s in sessions for h in s.handles.values() if h.entry.role in POINTS])
        finally:
            for session in sessions:
                session.close()
        yield Figure(f"memory of {RACKS} racks", f"{emulator.memory_info().rss / 1e6:.0f} MB")
    yield at_most(f"what a line watches of all {RACKS}, read once", longest, EVERY_S, "s")
    yield at_most("of which failed or timed out", failed, 0, "readings")


def _polled(handles: list[Handle]) -> tuple[float, int]:
    longest, failed = 0.0, 0
    with ThreadPoolExecutor(RACKS) as pool:
        list(pool.map(_read, handles))
        for _ in range(POLLS):
            begin = time.perf_counter()
            failed += sum(not good for good in pool.map(_read, handles))
            longest = max(longest, took := time.perf_counter() - begin)
            SystemClock().sleep(max(0.0, EVERY_S - took))
    return longest, failed


def _read(handle: Handle) -> bool:
    try:
        handle.read(*POINTS[handle.entry.role])
    except DriverError:
        return False
    return True
