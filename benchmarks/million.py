"""A million samples stored, reduced and decided, in a process of its own. Prints JSON: seconds and MB.

A hundred meters of one role, 10,000 samples each, as the sampler's writer hands them over; every one is judged by its
mean, its highest minute and its energy, and hashed for the journal.
"""

import json
import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from drivers.points import Accuracy
from harness.dwell import Dwell, Place
from harness.journal import Journal
from harness.measuring import CaseMeasure
from harness.profile import Profile
from harness.sampling import Observed, Timing, nanoseconds
from harness.series import FILE, Sample, SeriesStore, Stay
from harness.uncertainty import Window

METERS, SAMPLES, PERIOD_S, BATCH = 100, 10_000, 0.1, 50
BEGUN = datetime(2026, 11, 23, tzinfo=UTC)
LIMITS = {
    "mean": {"unit": "W", "high": 70_000, "rule": "guarded", "source": "bench"},
    "minute": {"unit": "W", "high": 80_000, "rule": "guarded", "source": "bench"},
    "energy": {"unit": "Wh", "high": 30_000, "rule": "guarded", "source": "bench"},
}


def main(folder: Path) -> None:
    """Measure, print."""
    with SeriesStore(folder) as store:
        stored = _store(store)
        begun, processor = time.perf_counter(), time.process_time()
        _judge(store, folder)
        judged = time.perf_counter() - begun, time.process_time() - processor
    found = {
        "stored_s": stored[0],
        "judged_s": judged[0],
        "processor_s": stored[1] + judged[1],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "file_mb": (folder / FILE).stat().st_size / 1e6,
    }
    sys.stdout.write(json.dumps(found))


def _store(store: SeriesStore) -> tuple[float, float]:
    """Write all, and return the wall time and the processor time that writing took, s."""
    wall = processor = 0.0
    for batch in _batches():
        begun, used = time.perf_counter(), time.process_time()
        store.write("soak", batch)
        wall, processor = wall + time.perf_counter() - begun, processor + time.process_time() - used
    return wall, processor


def _batches() -> Iterator[list[Sample]]:
    """Yield what the sampler hands over: a value of every meter for each of some deadlines."""
    dice, meters = random.Random(1), [f"meter{m}" for m in range(METERS)]
    for first in range(0, SAMPLES, BATCH):
        times = [nanoseconds(BEGUN) + round(n * PERIOD_S * 1e9) for n in range(first, first + BATCH)]
        yield [(m, "power", "W", "visa://m", at, float(round(dice.gauss(61_000, 30)))) for at in times for m in meters]


def _judge(store: SeriesStore, folder: Path) -> None:
    window = Window("soak", BEGUN, BEGUN + timedelta(seconds=SAMPLES * PERIOD_S))
    places = [Place(f"meter{m}", "feed_meter", f"meter{m}", "station") for m in range(METERS)]
    accuracy = (0, Accuracy(0.001, 0.0005, 110_000.0, "bench"))
    observed = Observed(timings={p.name: Timing(PERIOD_S) for p in places})
    observed.accuracies.update({(p.name, "power"): [accuracy] for p in places})
    dwell = Dwell(window, places, Stay(store, "soak"), observed, ())
    journal = Journal(folder / "journal.jsonl")
    profile = Profile.model_validate({"schema": 1, "generation": "g", "revision": 1, "limits": LIMITS})
    measure = CaseMeasure("PWR-001", profile, journal.append, lambda _: None)
    for column in store.columns("soak"):
        column.sha256()
    for trace in dwell.each("feed_meter.power"):
        measure("mean", trace.mean())
        measure("minute", trace.peak(60.0))
        measure("energy", trace.energy())
    journal.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
