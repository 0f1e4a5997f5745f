"""`rackproof report`: render the report of a run, also of one that was killed."""

import sys
from argparse import Namespace

from harness.commands import rendering


def main(arguments: Namespace) -> int:
    """Render to standard output or to a file."""
    run = rendering.load(arguments.run)
    rendered = rendering.render(arguments.run, run, arguments.format)
    if arguments.output:
        rendering.write(arguments.output, rendered)
    else:
        sys.stdout.buffer.write(rendered)
        sys.stdout.buffer.flush()
    return 0
