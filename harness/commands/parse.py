"""`rackproof parse`: what a saved output of a tool says."""

import dataclasses
import json
import sys
from argparse import Namespace

from drivers import tools
from drivers.errors import UsageError
from drivers.parsed import Figure, Parsed

SCHEMA = "rackproof.parse/1"


def main(arguments: Namespace) -> int:
    """Read the file, print what it says; 1 where the tool does not call it good."""
    try:
        output = arguments.file.read_bytes()
    except OSError as error:
        raise UsageError(f"{arguments.file}: {(error.strerror or str(error)).lower()}") from None
    parsed = tools.parse(arguments.tool, output)
    sys.stdout.write(_as_json(parsed) if arguments.json else _as_text(parsed))
    return 0 if parsed.verdict in ("good", "none") else 1


def _as_json(parsed: Parsed) -> str:
    return json.dumps({"schema": SCHEMA, **dataclasses.asdict(parsed)}, allow_nan=False) + "\n"


def _as_text(parsed: Parsed) -> str:
    head = f"{parsed.tool} {parsed.version or ''}".strip()
    lines = [f"{head}: {parsed.verdict}", *(f"  {reason}" for reason in parsed.reasons)]
    return "\n".join([*lines, *map(_line, parsed.figures)]) + "\n"


def _line(figure: Figure) -> str:
    if figure.value is None:
        return f"{figure.name:40} -  {figure.reason}"
    unit = "" if figure.unit in (None, "1") else f" {figure.unit}"
    return f"{figure.name:40} {figure.value}{unit}"
