"""Matrix products and memory copies on every GPU of this host, in PyTorch: run on the host, by its own Python.

It is sent there as it stands and imports nothing but the standard library and PyTorch. Every line that it writes is one
JSON object. Without PyTorch or without a GPU it refuses by name, status 3; on processors it runs only with `--cpu`, and
says so in every line.

How a product is known to be right: the elements are whole numbers below 128 divided by 128, so that sums of up to 2^24
such products are exact in 24 bits, in whatever order they are added. Rows of the first product are compared, bit for
bit, with their exact value from integer arithmetic on the processor, and every further product, by a checksum over all
its bits, with the first.

How energy is measured: a thread asks nvidia-smi for the power of every GPU at a fixed period; energy is the trapezoid
over the samples within the timed part, its ends filled by interpolation. Fewer than two samples give no energy. What
nvidia-smi averages over before it tells a power (up to 1 s) blurs the ends: parts should be much longer.
"""

from __future__ import annotations  # hosts may have a Python as old as 3.9

import argparse
import hashlib
import importlib
import json
import math
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

REFUSED = 3
ROWS_CHECKED = 16
RULE = "trapezoid over nvidia-smi power.draw, ends interpolated"
DTYPES = {"fp64": "float64", "fp32": "float32", "tf32": "float32", "bf16": "bfloat16", "fp16": "float16"}
USUAL = {"gpu": ("fp64,tf32,bf16,fp16", 8192), "cpu": ("fp64,fp32,bf16", 1024)}
BATCH_S = 0.1
"""Work is handed over in batches of about so long: the device must not wait for the processor."""

Sample = tuple[float, float]
_talking = threading.Lock()


class RefusalError(Exception):
    """What is asked cannot be done on this host."""


def tell(event: str, **members: Any) -> None:
    """Write one line; a value that is not finite is null."""
    line: dict[str, Any] = {"event": event}
    for key, value in members.items():
        line[key] = None if isinstance(value, float) and not math.isfinite(value) else value
    with _talking:
        sys.stdout.write(json.dumps(line, allow_nan=False) + "\n")
        sys.stdout.flush()


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line. Raises RefusalError for what cannot be done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0, help="for all parts together")
    parser.add_argument("--size", type=int, help="rows of the square matrices")
    parser.add_argument("--precisions", help=f"some of {','.join(DTYPES)}")
    parser.add_argument("--period", type=float, default=0.2, help="of the power samples, s")
    parser.add_argument("--cpu", action="store_true", help="run on processors, and say so")
    found = parser.parse_args(arguments)
    usual = USUAL["cpu" if found.cpu else "gpu"]
    found.precisions, found.size = (found.precisions or usual[0]).split(","), found.size or usual[1]
    for name in found.precisions:
        if name not in DTYPES or (found.cpu and name == "tf32"):
            raise RefusalError(f"no precision {name!r} here; known: {', '.join(DTYPES)}, of which tf32 is for GPUs")
    if not 1 <= found.size <= 2**15 or not 0 < found.seconds < 10**7 or not 0.01 <= found.period <= 60:
        raise RefusalError("size, seconds or period is out of range")
    return found


def pytorch() -> Any:
    """Import PyTorch. Raises RefusalError where it is not installed."""
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise RefusalError(f"PyTorch cannot be imported: {error}") from None


def places(torch: Any, *, cpu: bool) -> list[Any]:
    """Return the devices to work on. Raises RefusalError where there is no GPU, and processors were not asked for."""
    if cpu:
        return [torch.device("cpu")]
    if not torch.cuda.is_available():
        raise RefusalError("there is no GPU that PyTorch can use; --cpu works on processors")
    return [torch.device("cuda", n) for n in range(torch.cuda.device_count())]


class Power:
    """Samples of the power of all GPUs in W, by their UUID, taken in a thread; `error` says why there are none."""

    def __init__(self, period: float) -> None:
        self.period, self.error = period, ""
        self.samples: dict[str, list[Sample]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Power:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def of(self, uuid: str | None) -> list[Sample]:
        """Return the samples of one GPU; of the only one where PyTorch does not tell which it is."""
        if uuid is None and len(self.samples) == 1:
            return list(next(iter(self.samples.values())))
        return list(self.samples.get(uuid or "", []))

    def _run(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            try:
                self._sample()
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                self.error = f"nvidia-smi: {error}"
                return
            self._over.wait(max(0.0, self.period - (time.monotonic() - began)))

    def _sample(self) -> None:
        command = ["nvidia-smi", "--query-gpu=uuid,power.draw", "--format=csv,noheader,nounits"]
        sent = time.monotonic()
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603
        at = (sent + time.monotonic()) / 2
        for line in said.splitlines():
            uuid, watts = (word.strip() for word in line.split(","))
            if watts[:1].isdigit():  # "[N/A]" is no sample
                self.samples.setdefault(uuid, []).append((at, float(watts)))


def energy(samples: Sequence[Sample], begin: float, end: float) -> float | None:
    """Return the energy in J between two times by the trapezoid rule; None with fewer than two samples within."""
    inside = [sample for sample in samples if begin <= sample[0] <= end]
    if len(inside) < 2:
        return None
    before = [sample for sample in samples if sample[0] < begin][-1:]
    after = [sample for sample in samples if sample[0] > end][:1]
    points = [_between(before[0], inside[0], begin) if before else (begin, inside[0][1]), *inside]
    points.append(_between(inside[-1], after[0], end) if after else (end, inside[-1][1]))
    return sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(points, points[1:]))  # noqa: B905, RUF007


def _between(one: Sample, other: Sample, at: float) -> Sample:
    share = (at - one[0]) / (other[0] - one[0])
    return at, one[1] + share * (other[1] - one[1])


def timed(torch: Any, device: Any, work: Callable[[], Any], seconds: float) -> tuple[int, float, float]:
    """Repeat `work` for about `seconds` s; return how often, and the monotonic times of begin and end."""

    def finish() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.monotonic()

    work()
    count, batch, begin = 0, 1, finish()
    last = begin
    while last - begin < seconds:
        for _ in range(batch):
            work()
        now = finish()
        count, batch, last = count + batch, batch * 2 if now - last < BATCH_S / 2 else batch, now
    return count, begin, last


def bits(torch: Any, matrix: Any) -> int:
    """Return a checksum over all bits of a matrix and their places; the same for the same matrix, always."""
    kind = {2: torch.int16, 4: torch.int32, 8: torch.int64}[matrix.element_size()]
    columns = torch.arange(1, matrix.shape[1] + 1, dtype=torch.int64, device=matrix.device)
    total, row = 0, 1
    for part in matrix.view(kind).split(256):
        rows = torch.arange(row, row + part.shape[0], dtype=torch.int64, device=matrix.device)
        total += int(((part.to(torch.int64) * columns).sum(dim=1) * rows).sum())
        row += part.shape[0]
    return total & (2**64 - 1)


class Problem:
    """Two matrices of whole numbers from -127 to 127, and some rows of their product, exact, over 2^14."""

    def __init__(self, torch: Any, size: int) -> None:
        generator = torch.Generator().manual_seed(20260101)
        numbers = [torch.randint(-127, 128, (size, size), generator=generator, dtype=torch.int8) for _ in range(2)]
        self.size, self.left, self.right = size, numbers[0], numbers[1]
        self.rows = sorted(random.Random(7).sample(range(size), min(ROWS_CHECKED, size)))  # noqa: S311 - no secret
        # Exact in float64: whole numbers below 2^53.
        self.exact = (self.left[self.rows].to(torch.float64) @ self.right.to(torch.float64)) / 2.0**14

    def wrong(self, product: Any) -> int:
        """Count elements of the known rows that differ from their exact value, rounded once to the product's type."""
        return int((product[self.rows].cpu() != self.exact.to(product.dtype)).sum())


def gemm(torch: Any, device: Any, problem: Problem, precision: str, seconds: float) -> dict[str, Any]:
    """Multiply for `seconds` s; return what was done, and how many elements of it were wrong."""
    dtype = getattr(torch, DTYPES[precision])
    _exact_sums(torch, precision)
    a, b = ((m.to(device).to(torch.float32) / 128).to(dtype) for m in (problem.left, problem.right))
    out = torch.empty(problem.size, problem.size, dtype=dtype, device=device)
    torch.mm(a, b, out=out)
    wrong, known = problem.wrong(out), bits(torch, out)
    # A look in the middle and one at the end: what goes wrong with heat is seen.
    spans: list[tuple[float, float]] = []
    count = differing = 0
    for _ in range(2):
        done, begin, end = timed(torch, device, lambda: torch.mm(a, b, out=out), seconds / 2)
        count += done
        spans.append((begin, end))
        differing += bits(torch, out) != known
    flop = 2 * problem.size**3 * count
    checks = {"wrong": wrong, "differing": differing, "checksum": f"{known:016x}"}
    return {"precision": precision, "size": problem.size, "products": count, **checks, "flop": flop, "spans": spans}


def _exact_sums(torch: Any, precision: str) -> None:
    """Have sums kept in 24 bits at least; flags that this PyTorch does not have are left alone."""
    flags = torch.backends.cuda.matmul
    for name, value in (
        ("allow_tf32", precision == "tf32"),
        ("allow_fp16_reduced_precision_reduction", False),
        ("allow_bf16_reduced_precision_reduction", False),
        ("allow_fp16_accumulation", False),
    ):
        try:
            setattr(flags, name, value)
        except (AttributeError, AssertionError):
            continue


def memory(torch: Any, device: Any, seconds: float) -> dict[str, Any]:
    """Copy a buffer within the device's memory: every byte is read once and written once."""
    count = 2**28 if device.type == "cuda" else 2**24
    source = torch.arange(count, dtype=torch.int32, device=device)
    target = torch.empty_like(source)
    copies, begin, end = timed(torch, device, lambda: target.copy_(source), seconds)
    wrong = int((target != source).sum())
    return {"copies": copies, "bytes": 2 * 4 * count * copies, "wrong": wrong, "spans": [(begin, end)]}


def report(event: str, figures: dict[str, Any], samples: Sequence[Sample], about: dict[str, Any]) -> None:
    """Write the figures of one part, with the energy that it took where that is known."""
    spans = figures.pop("spans")
    seconds = sum(end - begin for begin, end in spans)
    parts = [energy(samples, begin, end) for begin, end in spans]
    known = [part for part in parts if part is not None]
    joules = sum(known) if len(known) == len(parts) else None
    rates = {f"{name}_per_s": figures[name] / seconds for name in ("flop", "bytes") if name in figures}
    power = {"energy_j": joules, "power_w": None if joules is None else joules / seconds, "energy_rule": RULE}
    tell(event, **about, **figures, seconds=seconds, **rates, **power)


class Run:
    """All parts on all devices at once; every part begins on all of them together."""

    def __init__(self, torch: Any, found: argparse.Namespace, devices: Sequence[Any], power: Power | None) -> None:
        self.torch, self.found, self.devices, self.power = torch, found, devices, power
        self.share = found.seconds / (len(found.precisions) + 1)
        self.problem = Problem(torch, found.size)
        self.errors: list[str] = []
        self._begin = threading.Barrier(len(devices))

    def run(self) -> list[str]:
        """Do it all, and return what went wrong by device."""
        threads = [threading.Thread(target=self._work, args=place) for place in enumerate(self.devices)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.errors

    def _work(self, n: int, device: Any) -> None:
        try:
            for precision in self.found.precisions:
                self._begin.wait()
                self._tell("gemm", n, device, gemm(self.torch, device, self.problem, precision, self.share))
            self._begin.wait()
            self._tell("memory", n, device, memory(self.torch, device, self.share))
        except (RuntimeError, MemoryError) as error:  # a broken barrier is a RuntimeError
            self._begin.abort()
            self.errors.append(f"device {n}: {type(error).__name__}: {str(error)[:200]}")

    def _tell(self, event: str, n: int, device: Any, figures: dict[str, Any]) -> None:
        samples = self.power.of(self._uuid(device)) if self.power else []
        where = "gpu" if device.type == "cuda" else "cpu"
        report(event, figures, samples, {"device": n, "where": where})

    def _uuid(self, device: Any) -> str | None:
        """Return the UUID of a GPU as nvidia-smi writes it; None where this PyTorch does not tell."""
        found = getattr(self.torch.cuda.get_device_properties(device), "uuid", None)
        return None if found is None else f"GPU-{found}"


def work(torch: Any, found: argparse.Namespace, devices: Sequence[Any]) -> int:
    """Announce, run and conclude; return the exit status."""
    names = ["processor" if found.cpu else torch.cuda.get_device_name(device) for device in devices]
    itself = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    where = "cpu" if found.cpu else "gpu"
    tell("start", script_sha256=itself, torch=str(torch.__version__), where=where, devices=names)
    if found.cpu:
        errors, why = Run(torch, found, devices, None).run(), "power is sampled on GPUs alone"
    else:
        with Power(found.period) as power:
            errors, why = Run(torch, found, devices, power).run(), power.error
    tell("end", where=where, errors=errors, power_error=why)
    return 1 if errors else 0


def main(arguments: Sequence[str]) -> int:
    """Run, and return the exit status: 0, 1 where a device failed, 3 where the host cannot do it."""
    try:
        found = options(arguments)
        torch = pytorch()
        devices = places(torch, cpu=found.cpu)
    except RefusalError as error:
        tell("refused", reason=str(error))
        return REFUSED
    return work(torch, found, devices)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
