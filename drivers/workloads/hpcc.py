"""HPC Challenge: the summary of `key=value` lines at the end of `hpccoutf.txt`.

Keys and units are those of HPCC 1.4 and 1.5 (read in their output); GB and Gflop are decimal. -1 stands for a test
that was not run.
"""

import re

from drivers.parsed import Parsed, lines
from drivers.workloads.findings import Findings, no_output_of

_PAIR = re.compile(r"([A-Za-z]\w{0,60})=(.{0,200})", re.ASCII)
_BEGIN, _END = "Begin of Summary section.", "End of Summary section."
_SUFFIXES = (
    ("_Tflops", "speed", "FLOP/s", "1e12"),
    ("_Gflops", "speed", "FLOP/s", "1e9"),
    ("_GUPs", "update_rate", "1/s", "1e9"),
    ("_GBs", "bandwidth", "B/s", "1e9"),
    ("_GBytes", "bandwidth", "B/s", "1e9"),
    ("_usec", "latency", "s", "1e-6"),
    ("_time", "time", "s", "1"),
)
_STREAM = re.compile(r"\w+STREAM_(?:Copy|Scale|Add|Triad)")
_COUNTS = frozenset({"CommWorldProcs", "HPL_N", "HPL_NB", "HPL_nprow", "HPL_npcol", "PTRANS_residual"})
_ERRORS_ALLOWED = 0.01
"""The share of wrong updates that RandomAccess may have (rules of the HPC Challenge: recalled)."""


def parse(output: bytes) -> Parsed:
    """Read the summary. Raises Garbled where none begins; one that does not end is bad."""
    found, seen, inside, ended = Findings("hpcc"), dict[str, str](), False, False
    for line in lines(output):
        word = line.strip()
        inside, ended = (inside or word == _BEGIN), (ended or (inside and word == _END))
        if inside and not ended and (pair := _PAIR.fullmatch(word)):
            _keep(found, seen, pair[1], pair[2].strip())
        elif word.endswith("FAILED") or "HPL ERROR" in word:
            found.bad(word)
    if not inside and b"HPC Challenge" not in output[:4096]:
        raise no_output_of("hpcc", output, "give hpccoutf.txt")
    _judge(found, seen, ended)
    version = ".".join(seen[key] for key in ("VersionMajor", "VersionMinor", "VersionMicro") if key in seen)
    return found.parsed(version + seen.get("VersionRelease", "") or None)


def _keep(found: Findings, seen: dict[str, str], key: str, raw: str) -> None:
    if seen.setdefault(key, raw) != raw:
        found.bad(f"{key} is there twice, with different values")
    for suffix, quantity, unit, factor in _SUFFIXES:
        if key.endswith(suffix):
            _performance(found, f"{key.removesuffix(suffix)}.{quantity}", raw, unit, factor)
            return
    if _STREAM.fullmatch(key):
        _performance(found, f"{key}.bandwidth", raw, "B/s", "1e9")
    elif key in _COUNTS or "Errors" in key:
        found.figure(key, raw)


def _performance(found: Findings, name: str, raw: str, unit: str, factor: str) -> None:
    if raw.startswith("-"):
        found.missing(name, unit, raw, "it was not run")
        found.unverified(f"{name.rpartition('.')[0]} was not run")
    else:
        found.figure(name, raw, unit, factor)


def _judge(found: Findings, seen: dict[str, str], ended: bool) -> None:
    if not ended:
        found.bad("the summary does not end")
    if seen.get("Success") != "1":
        found.bad(f"Success is {seen.get('Success', 'not there')}")
    for key in (key for key in seen if key.endswith("_ErrorsFraction")):
        share = found.figure(key, seen[key])
        if share is not None and not 0 <= share <= _ERRORS_ALLOWED:
            found.bad(f"{key} is {seen[key]}")
