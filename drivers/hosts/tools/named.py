"""Many outputs of one tool in one: an object that a loop in the shell prints, with each output under its own name."""

import shlex
from collections.abc import Callable
from typing import Any

from drivers.hosts.tools.json_output import read, table
from drivers.hosts.tools.sheet import Sheet, key
from drivers.parsed import Figure, Parsed

Fill = Callable[[Sheet, dict[str, Any], str], None]


def each(paths: str, command: str) -> str:
    """Return the command line that runs `command` with `$n` for the last part of each of these paths.

    It prints one JSON object; a command that printed nothing is null, a program that is missing ends with status 127.
    """
    program = shlex.split(command)[0]
    return (
        f"command -v {program} >/dev/null || {{ echo {program}: not found >&2; exit 127; }}; s=; printf {{; "
        f'for p in {paths}; do [ -e "$p" ] || continue; n=${{p##*/}}; o=$({command} 2>/dev/null); '
        'printf \'%s"%s":%s\' "$s" "$n" "${o:-null}"; s=,; done; printf }'
    )


def named(output: bytes, scope: str, tool: str, fill: Fill) -> Parsed:
    """Read such an object: `fill` adds the figures of one output. Raises Garbled."""
    sheet, silent = Sheet(), list[str]()
    reports = table(read(output))
    for name, report in reports.items():
        if report is None:
            silent.append(f"{name}: {tool} says nothing")
        else:
            fill(sheet, table(report, f"output of {tool}"), f"{scope}[{key(name)}]")
    sheet.put(Figure(f"{scope}_count", len(reports), "1", ", ".join(reports)[:200]))
    return sheet.parsed(tool, silent, "unverified" if silent else "none")
