"""Parsing: 10 MB of the output of every tool that can be read, and how much memory that takes at its peak.

Each tool is read in a process of its own. The peak is that of the whole process above what it had before it read the
file, so the output itself counts. A tool that has no row in the table here is a goal missed.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, at_most
from benchmarks.outputs import INPUTS, made
from drivers.tools import TOOLS

SIZE = 10_000_000
GOAL = 5.0


def figures(folder: Path) -> Iterator[Figure]:
    """Read each tool's 10 MB, and say the peak over the size."""
    for tool in sorted(TOOLS):
        if tool not in INPUTS:
            yield Figure(f"10 MB of {tool}", "not measured: no row in benchmarks/outputs.py", "a row", met=False)
            continue
        path = folder / tool
        path.write_bytes(made(tool, SIZE))
        command = [sys.executable, "-m", "benchmarks.parsing", tool, str(path)]
        said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        path.unlink()
        name = f"10 MB of {tool}: {said['said']}, {said['seconds']:.2g} s; peak memory"
        yield at_most(name, said["peak"] / said["size"], GOAL, "times its size")


def main(tool: str, path: str) -> None:
    """Read one file, and print what it took."""
    import time

    from drivers.errors import Garbled

    read = TOOLS[tool]
    before = _peak_from_here()
    began = time.perf_counter()
    output = Path(path).read_bytes()
    try:
        parsed = read(output)
        said = f"{len(parsed.figures)} figures, {parsed.verdict}"
    except Garbled as error:
        said = f"Garbled ({error.what})"
    took = time.perf_counter() - began
    print(json.dumps({"said": said, "seconds": took, "peak": _peak() - before, "size": len(output)}))


def _peak_from_here() -> int:
    """Forget the peak so far, which may be that of the process that started this one (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
