"""Parsing: ten megabytes of each host tool's output, in less than five times its size.

Run `python -m benchmarks parsing`. The outputs are made up after the tools' grammar, as dense as a real one; the
peak is what Python allocates beyond the output itself, figures included.
"""

import time
import tracemalloc
from pathlib import Path

from benchmarks.figures import Figure
from drivers.hosts.outputs import HOST_OUTPUTS
from tests.drivers.test_host_outputs_robust import LARGE

SIZE, GOAL = 10 * 10**6, 5.0


def figures(_folder: Path) -> list[Figure]:
    """Return the peak over the size for every tool, and how long the parser took without the measuring."""
    return [_of(tool) for tool in sorted(LARGE)]


def _of(tool: str) -> Figure:
    output, parse = LARGE[tool](SIZE), HOST_OUTPUTS[tool]
    started = time.perf_counter()
    parse(output)
    took = time.perf_counter() - started
    tracemalloc.start()
    parse(output)
    peak = tracemalloc.get_traced_memory()[1] / len(output)
    tracemalloc.stop()
    what = f"parsing {len(output) / 1e6:.0f} MB of {tool}: memory over size"
    return Figure(what, f"{peak:.2f} ({took:.1f} s)", f"< {GOAL:g}", peak < GOAL)
