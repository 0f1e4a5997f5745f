"""`rackproof resume`: go on with a run that was stopped, without repeating what is finished."""

from argparse import Namespace

from harness import journal, runfolder
from harness.commands import run


def main(arguments: Namespace) -> int:
    """Go on in the same folder; return the verdict as exit status."""
    journal.files(arguments.run)
    inputs = runfolder.kept(arguments.run, arguments.rack)
    return run.execute(arguments.run, inputs, arguments.operator, [], as_json=arguments.json)
