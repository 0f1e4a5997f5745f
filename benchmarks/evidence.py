"""A run with 100,000 measurements and 5 million samples, as page and as PDF; and a bundle of 1 GB, verified."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, at_least, at_most

ROOT = Path(__file__).parents[1]
GB = 1_000_000_000


def figures(folder: Path) -> Iterator[Figure]:
    """Render in a process of its own, so that the peak is the rendering's."""
    (folder / "half").mkdir()
    half, whole = (_rendered(path, n) for path, n in ((folder / "half", 50_000), (folder, 100_000)))
    what = "100,000 measurements, 5 million samples"
    yield at_most(f"{what}: page", whole["html_s"], 4, "s")
    yield at_most(f"{what}: size of the page", whole["html_mb"], 6, "MB")
    yield at_most(f"{what}: PDF", whole["pdf_s"], 20, "s")
    yield Figure(f"{what}: size of the PDF", f"{whole['pdf_mb']:.3g} MB")
    yield at_most(f"{what}: peak memory of reading back, page and PDF", whole["peak_mb"], 500, "MB")
    yield at_most(
        "page of 100,000 measurements over one of 50,000: time", whole["html_s"] / half["html_s"], 2.5, "times"
    )
    yield _verified(folder)


def _rendered(folder: Path, measurements: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.evidence_run", str(folder), str(measurements)]
    subprocess.run([*command, "make"], check=True, cwd=ROOT)
    done = subprocess.run([*command, "render"], check=True, capture_output=True, text=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _verified(folder: Path) -> Figure:
    """Verify a bundle whose attachments make up 1 GB, beside hashing the same bytes."""
    from harness.evidence import bundle, keys, verifying
    from tests.evidence.runs import run_folder

    run = run_folder(folder / "runs")
    block = os.urandom(1 << 20)
    with (run / "attachments" / "capture.bin").open("wb") as file:
        for _ in range(GB // len(block)):
            file.write(block)
    station = run.parent / ".station"
    path, signer = folder / "b.tar", keys.station(station)
    bundle.write(run, path, signer, station)
    (folder / "work").mkdir()
    began = time.perf_counter()
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    hashed = time.perf_counter() - began
    began = time.perf_counter()
    findings, _ = verifying.verify(path, signer.public, folder / "work")
    took = time.perf_counter() - began
    if any(finding.holds is not True for finding in findings):
        raise RuntimeError(f"the bundle does not hold: {findings}")
    return at_least("a bundle of 1 GB verified, beside hashing it", hashed / took, 0.5, "times its speed")
