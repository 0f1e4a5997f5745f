"""`rackproof fault`: break an emulated rack while it runs, or mend it."""

import json
import sys
from argparse import Namespace

from harness.datafile import DataError
from harness.emulator import control


def main(arguments: Namespace) -> int:
    """Tell the rack, and print the faults that are at work there. Raises DataError."""
    try:
        said = control.tell(arguments.rack, arguments.spec, clear=arguments.clear)
    except control.ControlError as error:
        raise DataError(str(error)) from error
    if arguments.json:
        sys.stdout.write(json.dumps({"schema": "rackproof-fault/1", **said}, allow_nan=False) + "\n")
    else:
        sys.stdout.write("".join(f"{name}\n" for name in said["active"]) or "no fault is at work\n")
    return 0
