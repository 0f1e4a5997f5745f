"""`rackproof read`: every point of one device, without a plan."""

import json
import sys
from argparse import Namespace
from pathlib import Path

from drivers import catalogue
from drivers.options import Options
from drivers.points import Reading
from harness.clock import SystemClock


def main(arguments: Namespace) -> int:
    """Open, identify, read, print a line a point."""
    options = Options(Path.cwd(), arguments.host_key, arguments.timeout, arguments.ca)
    device = catalogue.open_device(arguments.model, arguments.address, options, SystemClock())
    try:
        device.identify()
        readings = device.read()
    finally:
        device.close()
    for reading in readings:
        sys.stdout.write((as_json(reading) if arguments.json else as_line(reading)) + "\n")
    return 0


def as_json(reading: Reading) -> str:
    """Return a reading as one JSON object."""
    fields = {
        "name": reading.name,
        "value": reading.value,
        "unit": reading.unit,
        "source": reading.source,
        "raw": reading.raw,
        "at": reading.at.isoformat(),
        "reason": reading.reason,
    }
    return json.dumps(fields, allow_nan=False)


def as_line(reading: Reading) -> str:
    """Return a reading for a person."""
    if reading.value is None:
        return f"{reading.name:40} -  {reading.reason}"
    unit = "" if reading.unit in (None, "1") else f" {reading.unit}"
    return f"{reading.name:40} {reading.value}{unit}"
