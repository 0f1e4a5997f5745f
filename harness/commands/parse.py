"""`rackproof parse`: what a saved output of a tool says."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from drivers import tools
from drivers.errors import Garbled, UsageError
from drivers.parsed import Figure, Parsed

SCHEMA = "rackproof.parse/1"
MOST = 256 * 2**20
"""Bytes of one output: what is larger is no output of one run of a tool."""


def main(arguments: Namespace) -> int:
    """Read the file, print what it says; 1 where the tool does not call it good."""
    output = _output(arguments.file)
    try:
        parsed = tools.parse(arguments.tool, output)
    except Garbled as error:
        error.address = error.address or str(arguments.file)
        raise
    sys.stdout.writelines(_as_json(parsed) if arguments.json else _as_text(parsed))
    return 0 if parsed.verdict in ("good", "none") else 1


def _output(path: Path) -> bytes:
    """Return the bytes of a file, or with "-" those of standard input. Raises UsageError."""
    try:
        if str(path) == "-":
            output = sys.stdin.buffer.read(MOST + 1)
        else:
            with path.open("rb") as file:
                output = file.read(MOST + 1)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if len(output) > MOST:
        raise UsageError(f"{path}: more than {MOST} bytes: no output of one run; give one run at a time")
    return output


def _as_json(parsed: Parsed) -> Iterator[str]:
    """Yield one object piece by piece: there may be many figures."""
    head = {"schema": SCHEMA, "tool": parsed.tool, "version": parsed.version, "verdict": parsed.verdict}
    yield json.dumps(head | {"reasons": parsed.reasons})[:-1] + ', "figures": ['
    for place, figure in enumerate(parsed.figures):
        members = {name: getattr(figure, name) for name in ("name", "value", "unit", "raw", "reason")}
        yield ("" if place == 0 else ", ") + json.dumps(members, allow_nan=False)
    yield "]}\n"


def _as_text(parsed: Parsed) -> Iterator[str]:
    head = f"{parsed.tool} {parsed.version or ''}".strip()
    lines = [f"{head}: {parsed.verdict}", *(f"  {reason}" for reason in parsed.reasons)]
    width = max((len(figure.name) for figure in parsed.figures), default=0)
    return (f"{line}\n" for line in chain(lines, (_line(figure, width) for figure in parsed.figures)))


def _line(figure: Figure, width: int) -> str:
    if figure.value is None:
        return f"{figure.name:{width}}  -  {figure.reason}"
    unit = "" if figure.unit in (None, "1") else f" {figure.unit}"
    return f"{figure.name:{width}}  {figure.value}{unit}"
