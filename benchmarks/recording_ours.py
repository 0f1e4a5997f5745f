"""Record judged measurements as a case does; run as a process of its own, so that its memory is its own.

Prints JSON: µs a measurement (best batch), µs of processor time in the first and in the second half of 100,000, MB at
the peak, and µs for a bare `json.dumps` with a flushed write as floor.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from harness.journal import Journal
from harness.measuring import CaseMeasure
from harness.profile import Profile
from harness.uncertainty import Quantity, Window

BATCH, BATCHES = 2_000, 50
LIMIT = {"unit": "W", "high": 150, "rule": "guarded", "source": "agreement 4.2"}
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SOURCE = "visa://TCPIP::127.0.0.1::5025::SOCKET :NUM:NORM:VAL? 1"


def main(folder: Path) -> None:
    """Measure, print."""
    profile = Profile.model_validate({"schema": 1, "generation": "g", "revision": 1, "limits": {"power": LIMIT}})
    journal = Journal(folder / "journal.jsonl")
    measure = CaseMeasure("PWR-001", profile, journal.append, lambda _: None)
    value = Quantity(100.0, "W", 0.5, (SOURCE,), Window("idle", NOW, NOW), ("feedA",))
    clocked = [_timed(lambda: measure("power", value, where="rack")) for _ in range(BATCHES)]
    journal.close()
    floor = min(_floor(folder) for _ in range(5))
    ours, processor = zip(*clocked, strict=True)
    half = BATCHES // 2
    found = {
        "best": min(ours),
        "first": median(processor[:half]),
        "last": median(processor[half:]),
        "all_s": sum(ours) * BATCH / 1e6,
        "peak_mb": _peak(),
        "floor": floor,
    }
    sys.stdout.write(json.dumps(found))


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return µs of wall time and of processor time a call."""
    begin, processor = time.perf_counter(), time.process_time()
    for _ in range(BATCH):
        work()
    return (time.perf_counter() - begin) / BATCH * 1e6, (time.process_time() - processor) / BATCH * 1e6


def _floor(folder: Path) -> float:
    record = {"case": "PWR-001", "name": "power", "value": 100.0, "unit": "W", "judged": "pass", "high": 150.0}
    with (folder / "floor.jsonl").open("a", encoding="utf-8") as file:

        def write() -> None:
            file.write(json.dumps(record) + "\n")
            file.flush()

        return _timed(write)[0]


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
