"""`rackproof bundle`: one file with everything about a run, signed by the station."""

import json
import sys
from argparse import Namespace
from pathlib import Path

from harness.evidence import bundle, keys
from harness.evidence.checkpoints import STATION
from harness.journal import files


def main(arguments: Namespace) -> int:
    """Write the bundle and say where it is."""
    run: Path = arguments.run
    files(run)
    station = run.resolve().parent / STATION
    signer = keys.load(arguments.key) if arguments.key else keys.station(station)
    output = arguments.output or Path(f"{run.resolve().name}{bundle.SUFFIX}")
    manifest = bundle.write(run, output, signer, station)
    if arguments.json:
        told = {"schema": "rackproof-bundle/1", "bundle": str(output), "files": len(manifest.files)} | manifest.about
        sys.stdout.write(json.dumps(told, allow_nan=False) + "\n")
    else:
        key = arguments.key or station / keys.PUBLIC
        sys.stdout.write(f"{output}: {len(manifest.files)} files, {manifest.about['verdict']}, signed with {key}\n")
    return 0
