"""Two meters at 10 Hz and 600 points at 1 Hz on an emulated rack, beside a bare loop that reads one of the meters.

The length is RACKPROOF_BENCH_SECONDS (60; 600 for the figure that the project claims). Emulator and sampler share the
machine, as in a demonstration.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, at_least, at_most
from drivers.meters.yokogawa_list import YokogawaMeter
from drivers.points import Device
from harness import inventory
from harness.cadence import Beat, Lateness
from harness.clock import SystemClock
from harness.sampling import Observed, Rate, Sampler, Target
from harness.series import SeriesStore
from harness.session import Handle, Session

SECONDS = float(os.environ.get("RACKPROOF_BENCH_SECONDS", "60"))
FAST_S, SLOW_S, POINTS = 0.1, 1.0, 600
SETTLE_S = 5.0
WANTED = {
    "power_shelf": (
        "input_power",
        "output_power",
        "output_voltage",
        "energy",
        "psu[*].output_power",
        "psu[*].input_power",
    ),
    "cdu": ("flow", "supply_temperature", "return_temperature"),
    "compute_bmc": ("power", "sensor[*].temperature"),
    "compute_host": ("gpu[*].temperature", "gpu[*].power", "gpu[*].sm_clock"),
    "switch_bmc": ("power",),
    "switch": ("port[*].in_errors",),
}
"""What is read once a second, by role: more than 600 points."""


def figures(folder: Path) -> Iterator[Figure]:
    """Read the meter alone, then everything at once."""
    with _rack(folder / "rack") as file, _session(file) as session:
        meters = session.of_roles(["feed_meter"])
        for meter in meters:
            meter.using(_every_100_ms)
        alone = _bare_loop(meters[0])
        yield Figure("one meter in a bare loop: lateness at the median, 99 %, worst", _late(alone))
        observed = _sample(folder, session, meters)
    for name in (meter.name for meter in meters):
        timing = observed.timings[name]
        what = f"{name} at 10 Hz among {_points(observed)} points at 1 Hz, {SECONDS:g} s"
        yield Figure(f"{what}: lateness at the median, 99 %, worst", _late(timing.late))
        yield at_most(f"{name}: worst lateness", timing.late.worst, FAST_S, "s")
        yield at_most(f"{name}: deadlines missed of {timing.late.count + timing.missed}", timing.missed, 0, "")
    rest = [t for name, t in observed.timings.items() if not name.startswith("feed")]
    yield at_least("points at 1 Hz", _points(observed), POINTS, "")
    yield at_most("all others: worst lateness", max(t.late.worst for t in rest), SLOW_S, "s")
    yield at_most("all others: deadlines missed", sum(t.missed + t.failed for t in rest), 0, "")


def _every_100_ms(device: Device[Any]) -> None:
    if isinstance(device, YokogawaMeter):
        device.set_update_interval(FAST_S)


def _late(late: Lateness) -> str:
    return ", ".join(f"{1e3 * s:.3g} ms" for s in (late.quantile(0.5), late.quantile(0.99), late.worst))


def _points(observed: Observed) -> int:
    return sum(not device.startswith("feed") for device, _ in observed.periods)


def _bare_loop(meter: Handle) -> Lateness:
    clock, late = SystemClock(), Lateness()
    meter.read("power")
    beat = Beat(clock.monotonic(), FAST_S)
    end = beat.begun + min(SECONDS, 60.0)
    while beat.due < end:
        clock.sleep(beat.due - clock.monotonic())
        late.add(clock.monotonic() - beat.due)
        meter.read("power")
        beat.advance(clock.monotonic())
    return late


def _sample(folder: Path, session: Session, meters: list[Handle]) -> Observed:
    targets = [Target(m, (Rate(("power",), FAST_S),), m.update_interval()) for m in meters]
    targets += [Target(h, (Rate(WANTED[h.entry.role], SLOW_S),)) for h in session.of_roles(WANTED)]
    clock = SystemClock()
    (folder / "series").mkdir()
    with SeriesStore(folder / "series") as store, Sampler("bench", targets, store, clock) as sampler:
        clock.sleep(SETTLE_S)
        sampler.open_window()
        for _ in range(round(SECONDS)):
            clock.sleep(1.0)
            sampler.check()
        sampler.close_window()
    return sampler.observed


@contextmanager
def _rack(folder: Path) -> Iterator[Path]:
    command = [sys.executable, "-m", "harness.emulator", "gen-a", "--out", str(folder), "--until-eof"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as serving:
        try:
            if serving.stdout is None or not serving.stdout.readline().startswith("ready "):
                sys.exit("the emulated rack did not come up")
            yield folder / "rack.toml"
        finally:
            serving.terminate()


@contextmanager
def _session(file: Path) -> Iterator[Session]:
    session = Session(inventory.load(file), SystemClock(), lambda _: None)
    try:
        session.open()
        yield session
    finally:
        session.close()
