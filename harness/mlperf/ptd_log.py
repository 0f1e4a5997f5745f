"""What PTDaemon itself logged: errors outside the ranging run, uncertainty above 1 % under load.

As mlcommons/inference, power_checker.py, but for one thing: there the 800 ms of tolerance around the load are added to
seconds, so that up to 800 s at either end of it are never looked at. Here they are 0.8 s.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from harness.energy import moments
from harness.mlperf.findings import Findings
from harness.mlperf.loadgen import Run

_LINE = re.compile(r"(\d\d-\d\d-\d{4} \d\d:\d\d:\d\d\.\d{3}): ?(.*)")
_ACTIVE = re.compile(r"Uncertainty checking for Yokogawa\S+ is activated")
_ABOVE = re.compile(r"Uncertainty \d+\.\d+%, which is above 1\.00% limit")
_USUAL = (
    "Can't evaluate uncertainty of this sample!", "Bad watts reading nan from", "Bad amps reading nan from",
    "Bad pf reading nan from", "Bad volts reading nan from", "Current appears to be too high for set range",
)  # fmt: skip
"""Errors that a ranging run is allowed to have: the ranges are being found."""

_HARMLESS = ("USB.",)
_TOLERANCE_NS = 800_000_000


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    at_ns: int
    text: str


def check(path: Path, session_name: str | None, testing: Run, findings: Findings) -> None:
    """Check the log at `path` for the session and its measured run."""
    text = findings.text(path)
    if text is None:
        return
    lines = _lines(text)
    ranging = _ranging(lines, session_name)
    if ranging is None:
        findings.error("ptd_log", path, f"no ranging run of session {session_name!r} in it")
    _check_activation(path, lines, ranging, findings)
    _check_errors(path, lines, ranging, findings)
    _check_load(path, lines, testing, findings)


def _lines(text: str) -> list[_Line]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.match(line)
        if match is None:
            continue
        try:
            found.append(_Line(number, moments.of_ptd(match[1], timedelta(0)), match[2]))
        except ValueError:
            continue
    return found


def _ranging(lines: list[_Line], session: str | None) -> tuple[int, int] | None:
    start = next((line.at_ns for line in lines if line.text == f"Go with mark '{session}_ranging'"), None)
    if start is None:
        return None
    stop = next((line.at_ns for line in lines if line.at_ns >= start and line.text == "Completed test"), None)
    return None if stop is None else (start, stop)


def _check_activation(path: Path, lines: list[_Line], ranging: tuple[int, int] | None, findings: Findings) -> None:
    active = next((line for line in lines if _ACTIVE.search(line.text)), None)
    if active is None:
        findings.error("uncertainty", path, "uncertainty checking was never activated")
    elif ranging is not None and active.at_ns >= ranging[0]:
        findings.error(
            "uncertainty", path, f"line {active.number}: uncertainty checking was activated after ranging began"
        )


def _check_errors(path: Path, lines: list[_Line], ranging: tuple[int, int] | None, findings: Findings) -> None:
    outside: Counter[str] = Counter()
    unusual: Counter[str] = Counter()
    for line in lines:
        head, error, message = line.text.partition("ERROR:")
        message = message.strip()
        if not error or head.startswith("Response") or message in _HARMLESS:
            continue
        if ranging is None or not ranging[0] < line.at_ns < ranging[1]:
            outside[message] += 1
        elif not message.startswith(_USUAL):
            unusual[message] += 1
    for message, count in outside.items():
        findings.error("ptd_log", path, f"{count} times outside the ranging run: ERROR: {message}")
    for message, count in unusual.items():
        findings.warn("ptd_log", path, f"{count} times in the ranging run: ERROR: {message}")


def _check_load(path: Path, lines: list[_Line], testing: Run, findings: Findings) -> None:
    if testing.begin_ns is None or testing.end_ns is None:
        return
    begin, end = testing.begin_ns + _TOLERANCE_NS, testing.end_ns - _TOLERANCE_NS
    found: Counter[str] = Counter()
    above: list[str] = []
    for line in lines:
        message = line.text.partition("WARNING:")[2].strip()
        if not message or not begin < line.at_ns < end:
            continue
        if _ABOVE.search(message):
            above.append(message)
        else:
            found[message] += 1
    if above:
        findings.error("uncertainty", path, f"{len(above)} samples under load above 1 %; the first: {above[0]}")
    for message, count in found.items():
        findings.warn("ptd_log", path, f"{count} times under load: WARNING: {message}")
