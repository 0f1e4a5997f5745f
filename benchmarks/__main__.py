"""Measure, print, and write `benchmarks/results.md`: `python -m benchmarks [PART ...]`."""

import argparse
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from benchmarks import (
    deciding,
    emulating,
    energies,
    evidence,
    parsing,
    planning,
    recording,
    sampling,
    snmp,
    ssh,
    starting,
    sweeping,
    visa,
)
from benchmarks.figures import Figure, renewed, table

PARTS = {
    "recording": recording.figures,
    "plan": planning.figures,
    "sweep": sweeping.figures,
    "snmp": snmp.figures,
    "ssh": ssh.figures,
    "parse": parsing.figures,
    "visa": visa.figures,
    "sampling": sampling.figures,
    "energy": energies.figures,
    "million": deciding.figures,
    "evidence": evidence.figures,
    "emulator": emulating.figures,
    "soak": emulating.soak,
    "help": starting.figures,
    "demo": starting.demo,
}
RESULTS = Path(__file__).parent / "results.md"
WITH = ("pytest", "pydantic", "pysnmp", "paramiko", "pyvisa", "pyvisa-py")


def main() -> int:
    """Run the parts; return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    known = ", ".join(PARTS)
    parser.add_argument(
        "part", nargs="*", help=f"of {known} (default: all); results.md is written, with what other parts said before"
    )
    wanted = parser.parse_args().part or list(PARTS)
    if not set(wanted) <= set(PARTS):
        parser.error(f"parts are {known}")
    found: list[Figure] = []
    for name in wanted:
        sys.stderr.write(f"{name} …\n")
        with tempfile.TemporaryDirectory(prefix="rackproof-bench-") as folder:
            found += PARTS[name](Path(folder))
    sys.stdout.write(table(found) + "\n")
    RESULTS.write_text(_page(found if wanted == list(PARTS) else renewed(RESULTS, found)), encoding="utf-8")
    return int(any(figure.met is False for figure in found))


def _page(found: list[Figure]) -> str:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in WITH)
    python = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    return (
        f"# Figures\n\nMeasured by `make bench` on {datetime.now(UTC):%Y-%m-%d} with {python}; {versions}.\n"
        "Ratios compare what ran on the same machine within the same run. OpenHTF writes a test's record once, at its\n"
        "end, so its share of that falls with the measurements in a phase; the acceptance plan has three in a case.\n\n"
        + table(found)
        + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
