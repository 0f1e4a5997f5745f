"""How well a host's clock is held: `chronyc tracking` (also `-c`), `timedatectl` (also `show`), `ntpq -p`.

Source: chronyc(1) 4.x, timedatectl(1), ntpq documentation 4.2.8. Offsets are the host's clock minus the reference, s:
what chronyc calls fast is positive; ntpq prints what is to be added, in ms, so its sign is turned.
"""

import re
from itertools import islice
from typing import Any

from drivers.errors import Garbled
from drivers.hosts.tools.sheet import Sheet, count, lines, number, times, words, yes_or_no
from drivers.parsed import Parsed, Verdict

_FAST = re.compile(r"(\d+\.\d+) seconds? (fast|slow) of NTP time")
_SECONDS = re.compile(r"([+-]?\d+\.\d+) seconds?")
_SYNCED = ("System clock synchronized", "NTPSynchronized", "NTP synchronized")
_CSV_FIELDS = 14
_MOST_LINES = 2000
"""More than any of them prints: what follows is not of the tool."""
_PEER = re.compile(r"^([*#o+x.\- ])(\S+)\s+\S+\s+(\d+)\s+\S\s+\S+\s+\d+\s+\d+\s+(\S+)\s+(\S+)\s+(\S+)\s*$", re.ASCII)


def parse(output: bytes) -> Parsed:
    """Read the state of the clock. Raises Garbled. `good` where it says that it follows a reference."""
    said = list(islice((line for line in lines(output) if line.strip()), _MOST_LINES))
    if len(said) == 1 and said[0].count(",") == _CSV_FIELDS - 1:
        return _chrony_csv(said[0])
    if any("jitter" in line and "refid" in line for line in said[:3]):
        return _peers(said)
    pairs = dict(_pair(line) for line in said)
    if "Leap status" in pairs:
        return _chrony(pairs)
    if any(name in pairs for name in _SYNCED):
        return _timedatectl(pairs)
    raise Garbled("no state of a clock", received="\n".join(said)[:300])


def _pair(line: str) -> tuple[str, str]:
    name, separator, said = line.partition("=") if "=" in line.split(":", 1)[0] else line.partition(":")
    return name.strip(), said.strip() if separator else ""


def _offset(raw: Any) -> float:
    """Return s of `0.000012 seconds slow of NTP time`: a slow clock is behind. Raises Garbled."""
    found = _FAST.fullmatch(str(raw))
    if not found:
        raise Garbled("not an offset", received=str(raw))
    return float(found[1]) * (1 if found[2] == "fast" else -1)


def _seconds(raw: Any) -> float:
    found = _SECONDS.fullmatch(str(raw))
    if not found:
        raise Garbled("not seconds", received=str(raw))
    return float(found[1])


def _chrony(pairs: dict[str, str]) -> Parsed:
    sheet = Sheet()
    for name, quantity, read, unit in (
        ("Reference ID", "reference", words, None),
        ("Stratum", "stratum", count, "1"),
        ("System time", "clock_offset", _offset, "s"),
        ("Last offset", "last_offset", _seconds, "s"),
        ("RMS offset", "rms_offset", _seconds, "s"),
        ("Root delay", "root_delay", _seconds, "s"),
        ("Root dispersion", "root_dispersion", _seconds, "s"),
        ("Leap status", "leap_status", words, None),
    ):
        if name in pairs:
            sheet.add(quantity, pairs[name], read, unit)
    return _followed(sheet, pairs["Leap status"], pairs.get("Reference ID", "").partition(" ")[0])


def _chrony_csv(line: str) -> Parsed:
    fields = line.split(",")
    if not re.fullmatch(r"[0-9A-Fa-f]{8}", fields[0]):
        raise Garbled("not what chronyc -c tracking prints", received=line)
    sheet = Sheet()
    sheet.add("reference", f"{fields[0]} ({fields[1]})")
    # In this form a positive figure is what the text calls slow (recalled from client.c of chrony 4).
    sheet.add("clock_offset", fields[4], times(-1), "s")
    sheet.add("last_offset", fields[5], number, "s")
    sheet.add("rms_offset", fields[6], number, "s")
    sheet.add("stratum", fields[2], count, "1")
    sheet.add("leap_status", fields[13])
    return _followed(sheet, fields[13], fields[0])


def _followed(sheet: Sheet, leap: str, reference: str) -> Parsed:
    reasons = [] if leap in ("Normal", "Insert second", "Delete second") else [f"leap status: {leap}"]
    if not reference.strip("0"):
        reasons.append("no reference")
    if reference.startswith("7F7F01"):
        return sheet.parsed("chrony", [*reasons, "its reference is its own clock"], "bad" if reasons else "unverified")
    return sheet.parsed("chrony", reasons, "bad" if reasons else "good")


def _timedatectl(pairs: dict[str, str]) -> Parsed:
    sheet = Sheet()
    name = next(name for name in _SYNCED if name in pairs)
    synchronized = sheet.add("synchronized", pairs[name], yes_or_no)
    for service in ("NTP service", "systemd-timesyncd.service active", "NTP"):
        if service in pairs:
            sheet.add("service", pairs[service])
    verdict: Verdict = "good" if synchronized is True else "bad" if synchronized is False else "unverified"
    reasons = [] if synchronized is True else [f"{name}: {pairs[name]}"]
    return sheet.parsed("timedatectl", reasons, verdict)


def _peers(said: list[str]) -> Parsed:
    sheet = Sheet()
    peers = [found for line in said if (found := _PEER.match(line))]
    chosen = [peer for peer in peers if peer[1] in "*o"]
    for peer in chosen[:1]:
        sheet.add("reference", peer[2])
        sheet.add("stratum", peer[3], count, "1")
        sheet.add("clock_offset", peer[5], times(-1e-3), "s")
        sheet.add("jitter", peer[6], times(1e-3), "s")
    reasons = [] if chosen else [f"none of {len(peers)} peers is followed"]
    return sheet.parsed("ntpq", reasons, "good" if chosen else "bad")
