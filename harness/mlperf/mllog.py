"""Lines of mlperf-logging: `:::MLLOG` and an object of JSON, after whatever a launcher wrote before."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.mlperf.findings import Findings

TOKEN = ":::MLLOG"  # noqa: S105 - the token that every line of such a log begins with
Json = dict[str, Any]

LARGEST = 10**18
"""What is larger is no figure of a rack, and could overflow in a product."""

LATEST_MS = 9 * 10**12
"""What is later, in ms since 1970, does not fit into 64 bits of ns."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line: key, value, time in ms as its logger counts, whatever else stood there, and the line's number."""

    key: str
    value: Any
    time_ms: float
    rest: Json
    line: int

    @property
    def metadata(self) -> Json:
        """Return the metadata, empty where it is no object."""
        found = self.rest.get("metadata")
        return found if isinstance(found, dict) else {}


def events(path: Path, findings: Findings, keys: Collection[str] | None = None) -> list[Event] | None:
    """Return the events in `path` in order of lines, only those of `keys`; None where the file cannot be read."""
    text = findings.text(path)
    if text is None:
        return None
    wanted = None if keys is None else tuple(f'"{key}"' for key in keys)
    found, bad = [], []
    for number, line in enumerate(text.splitlines(), 1):
        start = line.find(TOKEN)
        if start < 0 or (wanted is not None and not any(key in line for key in wanted)):
            continue
        event = _event(line[start + len(TOKEN) :], number)
        if event is None:
            bad.append(number)
        elif keys is None or event.key in keys:
            found.append(event)
    if bad:
        findings.error(
            "unreadable_line", path, f"{len(bad)} lines are not {TOKEN} and JSON; the first is line {bad[0]}"
        )
    return found


def _event(text: str, number: int) -> Event | None:
    try:
        fields = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or not isinstance(fields.get("key"), str):
        return None
    time = real(fields.get("time_ms"))
    if time is None or abs(time) > LATEST_MS:
        return None
    return Event(fields["key"], fields.get("value"), time, fields, number)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def real(value: Any) -> float | None:
    """Return `value` where it is a number of sane size; whole numbers stay whole, booleans and text are none.

    >>> real(3), real("3"), real(True), real(10**400), real(float("nan"))
    (3, None, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -LARGEST <= value <= LARGEST else None


def loaded(path: Path, findings: Findings) -> Json | None:
    """Return the object of JSON in `path`, or None and a finding."""
    text = findings.text(path)
    if text is None:
        return None
    try:
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        findings.error("unreadable_file", path, f"not JSON: {error}")
        return None
    if not isinstance(found, dict):
        findings.error("unreadable_file", path, f"holds {type(found).__name__}, want an object of JSON")
        return None
    return found
