"""`rackproof compare`: runs beside a baseline: what differs, by how much, and what got worse beyond its uncertainty."""

import sys
from argparse import Namespace

from drivers.errors import UsageError
from harness.commands import rendering
from harness.evidence.comparison import compare
from reports import compare as report


def main(arguments: Namespace) -> int:
    """Compare every run with the first; 1 where anything got worse."""
    if len(arguments.run) < 2:
        raise UsageError("compare needs two runs or more; the first is the baseline")
    if arguments.html and len(arguments.run) > 2:
        raise UsageError("--html is one page of two runs; name two, or leave it away")
    baseline, *others = map(rendering.load, arguments.run)
    found = [compare(baseline, other, arguments.correction) for other in others]
    for comparison in found:
        sys.stdout.write(report.line(comparison) if arguments.json else report.text(comparison))
    if arguments.html:
        rendering.write(arguments.html, report.html(found[0]).encode())
    return int(any(comparison.worse for comparison in found))
