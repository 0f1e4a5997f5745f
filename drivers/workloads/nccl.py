"""nccl-tests and rccl-tests: one row for each size, read by the heads of the table; or their JSON (`-J`).

Columns came and went (`root`, `error` became `#wrong`, `cputime`, per-iteration times, time stamps), so rows are read
by head (nccl-tests `src/common.cu`, `src/util.cu`: read). GB/s is 10^9 bytes per second. `N/A` in the column of wrong
elements says that nobody looked: it is not 0.
"""

import re

from drivers.errors import Garbled
from drivers.parsed import Parsed, lines
from drivers.workloads.findings import ABSENT, Findings, no_output_of
from drivers.workloads.nccl_rows import Row, Side, Table

# mpirun --tag-output and srun --label put the rank in front.
_LABEL = re.compile(r"^(?:\[\d{1,6},\d{1,6}\]<std\w{1,6}>:? ?|\d{1,6}: )", re.ASCII)
# A row that another process wrote into is one all the same, and does not fit its heads.
_ROW = re.compile(r"\s*\d{1,20}\s+\d{1,20}\s+[a-z]\w{1,20}\s", re.ASCII)
_HEAD = re.compile(r"#\s*size\s+count\s+.*", re.ASCII)
_BOUNDS = re.compile(r"#\s*Out of bounds values\s*:\s*(\d{1,18})\s+(\w+)\s*")
_AVERAGE = re.compile(r"#\s*Avg bus bandwidth\s*:\s*(\S{1,40})\s*(OK|FAILED)?\s*")
_RANK = re.compile(r"#\s+Rank\s+(\d{1,6})\b")
_VALIDATION = re.compile(r"#.*\bvalidation:\s*(\d{1,9})\b")
_STARTING = re.compile(r"#\s*Collective test starting:\s*(\S{1,60})\s*")
_VERSION = re.compile(r"#\s*(?:nccl|rccl)-tests:?\s+[Vv]ersion:?\s*(\S{1,40}).*")
_FAILURE = re.compile(r"Test (?:NCCL|RCCL|CUDA|HIP) failure|Test failure|: Test .{0,80}failed|# error: \S")
_KINDS = {"time": "time", "cputime": "time", "algbw": "algorithm", "busbw": "bus", "#wrong": "wrong", "error": "wrong"}


def parse(output: bytes) -> Parsed:
    """Read an output of nccl-tests. Raises Garbled where there is neither a table nor its JSON."""
    return _parse("nccl-tests", output)


def parse_rccl(output: bytes) -> Parsed:
    """Read an output of rccl-tests, as `parse`."""
    return _parse("rccl-tests", output)


def _parse(tool: str, output: bytes) -> Parsed:
    if output.lstrip()[:1] == b"{":
        from drivers.workloads.nccl_json import parse_json  # noqa: PLC0415 - they would import each other

        return parse_json(tool, output)
    reader = _Reader(tool)
    for line in lines(output):
        reader.line(_LABEL.sub("", line, count=1))
    return reader.parsed(output)


class _Reader:
    def __init__(self, tool: str) -> None:
        self.found, self.table = Findings(tool), Table()
        self.heads: list[str] = []
        self.ranks = set[str]()
        self.version: str | None = None
        self.titled = False
        self.bounds: str | None = None
        self.averages = 0

    def line(self, line: str) -> None:
        if line.lstrip().startswith("#"):
            self._comment(line.strip())
        elif _FAILURE.search(line):
            self.found.bad(line.strip())
        elif self.heads and _ROW.match(line):
            self._row(line)

    def _comment(self, line: str) -> None:
        if _HEAD.fullmatch(line):
            self.heads = line[1:].split()
        elif found := _BOUNDS.fullmatch(line):
            self._bounds(found[1], found[2])
        elif found := _AVERAGE.fullmatch(line):
            self._average(found[1], found[2])
        elif _FAILURE.search(line):
            self.found.bad(line.strip())
        else:
            self._about(line)

    def _about(self, line: str) -> None:
        if found := _RANK.match(line):
            self.ranks.add(found[1])
        elif found := _VALIDATION.match(line):
            self.titled = True
            self.table.validated = found[1] != "0"
        elif found := _STARTING.fullmatch(line):
            self.table.test = found[1]
        elif found := _VERSION.fullmatch(line):
            self.version = found[1]

    def _bounds(self, count: str, word: str) -> None:
        self.bounds = count
        self.found.figure("out_of_bounds", count)
        if count != "0" or word != "OK":
            self.found.bad(f"{count} values are out of bounds: {word}")

    def _average(self, raw: str, word: str | None) -> None:
        self.averages += 1
        self.found.figure("average_bus.bandwidth", raw, "B/s", "1e9")
        if word == "FAILED":
            self.found.bad(f"the average bus bandwidth {raw} GB/s is below the least that was asked for")

    def _row(self, line: str) -> None:
        words = line.split()
        heads = _present([*self.heads, "clock"] if self.heads[-1] == "timestamp" else self.heads, words)
        if len(words) != len(heads):
            self.found.bad(f"a row that does not fit its heads: {line.strip()}")
            return
        first = heads.index("time") if "time" in heads else heads.index("cputime")
        key = tuple(words[:first])
        half = (len(heads) - first - (2 if heads[-1] == "clock" else 0)) // 2
        sides = [_side(heads[at : at + half], words[at : at + half]) for at in (first, first + half)]
        self.table.add(Row(key[0], key[2:], sides[0], sides[1]))

    def parsed(self, output: bytes) -> Parsed:
        if not (self.titled or self.heads):
            raise no_output_of(self.found.tool, output)
        if self.ranks:
            self.found.figure("ranks", str(len(self.ranks)))
        if len(self.ranks) == 1:
            self.found.unverified("only one rank took part: nothing went over a link")
        if self.averages > 1:
            self.found.unverified("there is more than one run here: of each size the slowest counts")
        self.table.write(self.found)
        if self.bounds is None or not self.averages:
            self.found.bad("it does not end: the average bus bandwidth is not there")
        return self.found.parsed(self.version)


def _present(heads: list[str], words: list[str]) -> list[str]:
    """Leave out the heads of columns that are blank in a row: alltoall has no reduction, others no root."""
    for blank in ("redop", "root"):
        at = heads.index(blank) if blank in heads else -1
        if len(words) < len(heads) and at >= 0 and not (words[at].isalpha() if blank == "redop" else False):
            heads = [*heads[:at], *heads[at + 1 :]]
    return heads


def _side(heads: list[str], words: list[str]) -> Side:
    values = {_KINDS[head]: word for head, word in zip(heads, words, strict=True) if head in _KINDS}
    if not {"time", "algorithm", "bus"} <= set(values):
        raise Garbled("a table without time, algbw and busbw", received=" ".join(heads))
    wrong = values.get("wrong")
    old = "error" in heads
    return Side(values["time"], values["algorithm"], values["bus"], None if wrong in ABSENT else wrong, old)
