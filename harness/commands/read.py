"""`rackproof read`: every point of one device, without a plan."""

import json
import math
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from drivers import catalogue
from drivers.errors import UsageError
from drivers.options import Options
from drivers.points import Device, Reading
from drivers.port_rates import between
from harness.clock import SystemClock


def main(arguments: Namespace) -> int:
    """Open, identify, read, print a line a point."""
    _check(arguments.model, arguments.over)
    options = Options(Path.cwd(), arguments.host_key, arguments.timeout, arguments.ca)
    device = catalogue.open_device(arguments.model, arguments.address, options, SystemClock())
    try:
        readings = _readings(device, arguments.over)
    finally:
        device.close()
    for reading in readings:
        sys.stdout.write((as_json(reading) if arguments.json else as_line(reading)) + "\n")
    return 0


def _check(model: str, over: float | None) -> None:
    """Refuse a time that is none, and one for what has no ports, before anything is sent."""
    if over is None:
        return
    kind = catalogue.model(model.partition(":")[0]).kind
    if kind != "switch" or not 0 < over < math.inf:
        raise UsageError(f"--over {over:g}: a time above 0 s, and a switch; {model} is of the kind {kind}")


def _readings(device: Device[Any], over: float | None) -> list[Reading]:
    """Read everything; with `over`, in s, twice, and what the ports of a switch did in between."""
    device.identify()
    readings = device.read()
    if over is None:
        return readings
    device.clock.sleep(over)
    later = device.read()
    return [*later, *between(readings, later)]


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
