"""How a command ends that could not do its work: a sentence on standard error and a status, never a traceback."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable

from drivers.errors import DriverError, UsageError
from harness.datafile import DataError
from harness.journal import JournalError

USAGE, UNFINISHED = 2, 3


def guarded(command: Callable[[Namespace], int], arguments: Namespace) -> int:
    """Run `command`; turn the errors that a user can mend into a message and the status that they mean."""
    try:
        return command(arguments)
    except BrokenPipeError:
        # whoever read our output has enough of it (`| head`); Python must not complain of that again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNFINISHED
    except (DataError, UsageError) as error:
        return _said(error, USAGE)
    except (DriverError, JournalError, OSError) as error:
        return _said(error, UNFINISHED)
    except KeyboardInterrupt:
        return _said("stopped", UNFINISHED)


def _said(what: object, status: int) -> int:
    sys.stderr.write(f"rackproof: {what}\n")
    return status
