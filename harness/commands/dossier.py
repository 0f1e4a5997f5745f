"""`rackproof dossier`: what an evaluation comes to, over all its runs."""

import sys
from argparse import Namespace

from harness.clock import SystemClock
from harness.commands import rendering
from harness.evidence import campaign, dossier
from reports import dossier as report

_STATUS: dict[dossier.Recommendation, int] = {"RECOMMENDED": 0, "NOT RECOMMENDED": 1, "NOT DECIDED": 3}


def main(arguments: Namespace) -> int:
    """Read the runs, apply the rule, say what stands against it."""
    stated = campaign.load(arguments.campaign)
    runs = [rendering.load(folder) for folder in campaign.run_folders(arguments.campaign, stated)]
    built = dossier.build(stated, runs, SystemClock().now().date())
    sys.stdout.write(report.as_json(built) if arguments.json else report.text(built))
    if arguments.html:
        rendering.write(arguments.html, report.html(built).encode())
    if arguments.pdf:
        rendering.write(arguments.pdf, report.pdf(built))
    return _STATUS[built.recommendation]
