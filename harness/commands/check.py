"""`rackproof check`: everything that can be known of a run before anything is touched."""

import json
import sys
from argparse import Namespace

import pytest

from harness.commands import pytesting, shipped
from harness.commands.console import Console
from harness.commands.failures import USAGE
from harness.execution import Files
from harness.records import PlannedCase, UnplannedCase
from harness.selection import planned


class Listing:
    """A pytest plugin that takes down what would run."""

    def __init__(self) -> None:
        self.cases: list[PlannedCase] = []
        self.left_out: list[UnplannedCase] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take down the cases and those left out."""
        self.cases = [planned(item) for item in session.items]
        plan = session.config.pluginmanager.get_plugin("rackproof-plan")
        self.left_out = plan.left_out if plan else []


def main(arguments: Namespace) -> int:
    """Validate the three files, collect the cases, list them."""
    inputs = shipped.inputs(arguments.plan, arguments.rack, arguments.profile)
    files = shipped.load(inputs)
    listing = Listing()
    code = pytesting.call(inputs, [Console(), listing], ["--collect-only"])
    if code != pytest.ExitCode.OK:
        return USAGE
    (_print_json if arguments.json else _print)(files, listing)
    return 0


def _print(files: Files, listing: Listing) -> None:
    inventory, plan, profile = files.inventory, files.plan, files.profile
    write = sys.stdout.write
    write(f"rack {inventory.serial}, generation {inventory.generation}: {len(inventory.device)} devices\n")
    write(f"plan {plan.name}, profile {profile.generation} revision {profile.revision} ({profile.state})\n\n")
    for case in listing.cases:
        state = f"[{case.state}]" if case.state else ""
        write(f"  {case.case:24} {state:8} {case.claim}\n")
    for left in listing.left_out:
        write(f"  {left.case:24} left out: {left.why.replace('_', ' ')}: {left.reason}\n")
    seconds = sum(plan.durations[s].settle_s + plan.durations[s].window_s for s in _states(listing))
    write(f"\n{len(listing.cases)} cases, {seconds:.0f} s of dwell\n")


def _print_json(files: Files, listing: Listing) -> None:
    result = {
        "schema": "rackproof-check/1",
        "rack": files.inventory.serial,
        "plan": files.plan.name,
        "profile": files.profile.generation,
        "cases": [case.model_dump() for case in listing.cases],
        "left_out": [left.model_dump() for left in listing.left_out],
    }
    sys.stdout.write(json.dumps(result, allow_nan=False) + "\n")


def _states(listing: Listing) -> list[str]:
    return list(dict.fromkeys(case.state for case in listing.cases if case.state))
