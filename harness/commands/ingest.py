"""`rackproof ingest`: take what others tested into a run, judged by the same limits."""

import sys
from argparse import Namespace

from drivers.errors import UsageError
from harness.commands import rendering
from harness.evidence import foreign, ingesting
from harness.execution import software
from harness.run import EXIT_CODES


def main(arguments: Namespace) -> int:
    """Read the file, add it to the run, render the reports anew; return the verdict as exit status."""
    try:
        content = arguments.file.read_bytes()
        kind = arguments.format or foreign.guess(content)
        results = foreign.read(kind, content)
    except OSError as error:
        raise UsageError(f"{arguments.file}: {(error.strerror or str(error)).lower()}") from None
    except foreign.NotForeign as error:
        raise UsageError(f"{arguments.file}: {error}") from None
    ingesting.ingest(arguments.run, arguments.file.name, content, kind, results, software())
    sys.stderr.write(f"{len(results)} results of {arguments.file} taken in\n")
    run = rendering.write_all(arguments.run)
    rendering.show(arguments.run, run, as_json=arguments.json)
    return EXIT_CODES[run.verdict]
