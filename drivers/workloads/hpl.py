"""High-Performance Linpack and HPL-MxP: a line for each run, its residual, and the count of all of them.

HPL 1.0 to 2.3 of netlib (`HPL_pdtest.c`, `HPL_pdinfo.c`: recalled), NVIDIA's, AMD's and Intel's builds of it, which add
columns in brackets and progress lines; HPL-MxP as NVIDIA prints it (read: scc25-benchmarking.readthedocs.io).
"""

import re

from drivers.parsed import Parsed, lines
from drivers.workloads.findings import Findings, no_output_of

_RUN = re.compile(
    r"\s*(W[RC]\w{0,30})\s+(\d{1,12})\s+(\d{1,9})\s+(\d{1,9})\s+(\d{1,9})\s+(\S{1,40})\s+(\S{1,40})"
    r"(?:\s+\(\s*(\S{1,40})\s*\))?\s*",
    re.ASCII,
)
_RESIDUAL = re.compile(r"\s*\|\|\s?Ax-b\s?\|\|.*=\s*(\S{1,40})\s+\.{3,}\s*(PASSED|FAILED)\s*", re.ASCII)
_COUNT = re.compile(
    r"\s*(?:Finished\s+)?(\d{1,9}) tests (with the following results|completed and passed|completed and failed|"
    r"completed without checking|skipped)",
    re.ASCII,
)
_ERROR = re.compile(r"HPL ERROR|mpirun (?:noticed|has exited)|MPI_ABORT|Segmentation fault|CUDA error|core dumped")
_TITLE = re.compile(r"\s*(?:HPLinpack|HPL-NVIDIA|HPL-AI|HPL-MxP\S*|rocHPL)\s+v?(\d[\w.]*)", re.ASCII)
_MXP = re.compile(r"\s*(LU )?GFLOPS\s*=\s*(\S{1,40}?)\s*,\s*per GPU\s*=\s*(\S{1,40})(?:\s.*)?", re.ASCII)
_MXP_SIZE = re.compile(r"\s*N\s*=\s*(\d{1,12}),\s*NB\s*=\s*(\d{1,9}),\s*NPROW\s*=\s*(\d{1,9}),\s*NPCOL\s*=\s*(\d{1,9})")
_MXP_FRAME = re.compile(r"\s*\*+ HPL[- ]MxP Result\s+\*+\s*", re.IGNORECASE)


def parse(output: bytes) -> Parsed:
    """Read what xhpl wrote. Raises Garbled where there is neither its title, a run nor a count."""
    return _Reader("hpl").read(output)


def parse_mxp(output: bytes) -> Parsed:
    """Read what HPL-MxP wrote: its result block, or a table of runs. Raises Garbled where there is nothing of it."""
    return _Reader("hpl-mxp").read(output)


class _Reader:
    def __init__(self, tool: str) -> None:
        self.findings = Findings(tool)
        self.version: str | None = None
        self.runs, self.checked = 0, set[int]()
        self.counts: dict[str, int] = {}
        self.frames = 0

    def read(self, output: bytes) -> Parsed:
        for line in lines(output):
            self._line(line)
        if not (self.runs or self.counts or self.version or self.frames):
            raise no_output_of(self.findings.tool, output)
        if self.frames:
            self._judge_frames()
        else:
            self._judge_table()
        return self.findings.parsed(self.version)

    def _line(self, line: str) -> None:
        if found := _RUN.fullmatch(line):
            self._run(found)
        elif found := _RESIDUAL.fullmatch(line):
            self._residual(found[1], found[2])
        elif found := _COUNT.match(line):
            self.counts[found[2]] = int(found[1])
        elif _ERROR.search(line):
            self.findings.bad(line.strip())
        elif self.version is None and (found := _TITLE.match(line)):
            self.version = found[1]
        else:
            self._mxp(line)

    def _run(self, found: re.Match[str]) -> None:
        self.runs += 1
        scope, add = f"run[{self.runs}]", self.findings
        add.state(f"{scope}.variant", found[1])
        for quantity, raw in zip(("n", "nb", "p", "q"), found.groups()[1:5], strict=True):
            add.figure(f"{scope}.{quantity}", raw)
        add.figure(f"{scope}.time", found[6], "s")
        add.speed(f"{scope}.speed", found[7], "FLOP/s", "1e9")
        if found[8]:
            add.speed(f"{scope}.speed_per_gpu", found[8], "FLOP/s", "1e9")

    def _residual(self, raw: str, verdict: str) -> None:
        # NVIDIA's HPL-MxP prints the residual before the performance that it belongs to.
        run = self.runs + 1 if self.frames % 2 else self.runs
        self.findings.figure(f"run[{run}].residual", raw)
        if verdict == "FAILED":
            self.findings.bad(f"run {run}: its residual {raw} is too large")
        self.checked.add(run)

    def _mxp(self, line: str) -> None:
        if _MXP_FRAME.fullmatch(line):
            self.frames += 1
        elif self.frames % 2 and (found := _MXP_SIZE.match(line)):
            for quantity, raw in zip(("n", "nb", "p", "q"), found.groups(), strict=True):
                self.findings.figure(f"run[{self.runs + 1}].{quantity}", raw)
        elif self.frames % 2 and (found := _MXP.fullmatch(line)):
            run = self.runs if found[1] else self.runs + 1
            what = "lu_speed" if found[1] else "speed"
            self.findings.speed(f"run[{run}].{what}", found[2], "FLOP/s", "1e9")
            self.findings.speed(f"run[{run}].{what}_per_gpu", found[3], "FLOP/s", "1e9")
            self.runs = run

    def _judge_frames(self) -> None:
        if self.frames % 2 or not self.runs:
            self.findings.bad("the block of the result is not whole")
        self._unchecked()

    def _judge_table(self) -> None:
        counts, add = self.counts, self.findings
        for what, count in counts.items():
            add.figure(f"tests.{_QUANTITY[what]}", str(count))
        if counts.get("completed and failed"):
            add.bad(f"{counts['completed and failed']} tests failed their residual checks")
        if counts.get("completed without checking"):
            add.unverified(f"{counts['completed without checking']} tests were not checked")
        if counts.get("skipped"):
            add.unverified(f"{counts['skipped']} tests were skipped because of illegal input values")
        self._judge_whole()
        self._unchecked()

    def _judge_whole(self) -> None:
        finished, add = self.counts.get("with the following results"), self.findings
        if finished is None or "skipped" not in self.counts:
            add.bad("it did not end: there is no count of tests")
        elif not self.runs:
            add.bad("no test was run")
        elif finished != sum(count for what, count in self.counts.items() if what != "with the following results"):
            add.bad("the counts of tests do not add up")
        elif finished != self.runs + self.counts["skipped"]:
            add.bad(f"{finished} tests are counted, {self.runs} are listed")

    def _unchecked(self) -> None:
        missing = [run for run in range(1, self.runs + 1) if run not in self.checked]
        if missing:
            self.findings.unverified(f"run {missing[0]}: there is no check of its residual")


_QUANTITY = {
    "with the following results": "finished",
    "completed and passed": "passed",
    "completed and failed": "failed",
    "completed without checking": "unchecked",
    "skipped": "skipped",
}
