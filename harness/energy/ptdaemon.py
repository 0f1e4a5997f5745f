"""Power logs of SPEC PTDaemon as MLPerf keeps them in `spl.txt`.

A line is `Time,MM-DD-YYYY HH:MM:SS.mmm,Watts,w,Volts,v,Amps,a,PF,pf,Mark,name`, then for a meter with several channels
`,Ch1,Watts,w,Volts,v,Amps,a,PF,pf`, or for several meters `,Analyzer1,<such a line>`; then the first watts are the sum
of what the meters said, and one that said -1 is left out of it (mlcommons/power-dev, ptd_client_server/lib/server.py).
Times are local to the machine that measured, without a zone.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from harness.energy import moments, numbers
from harness.energy.csv_log import duplicates
from harness.energy.power_log import LogError, PowerLog, Problem
from harness.energy.trace import Trace, Watts
from harness.energy.validity import Reason

_HEAD = ("Time", "Watts", "Volts", "Amps", "PF", "Mark")
_CHANNEL = re.compile(r"Ch\d+|Analyzer\d+")


@dataclass(slots=True)
class _Reading:
    """The lines read so far."""

    path: str
    offset: timedelta
    times: list[int] = field(default_factory=list)
    watts: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    channels: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, code: str, text: str) -> None:
        self.problems.append(Problem(Reason(code, text), len(self.times)))


def read(
    path: str, data: bytes, columns: Sequence[str] = (), offset: timedelta = timedelta(0), mark: str | None = None
) -> PowerLog:
    """Read a log; of several marks only `mark`, of several channels only `columns`, added up. Raises LogError."""
    reading = _lines(path, data, offset, mark)
    if not reading.times and not reading.problems and mark is not None:
        raise LogError(f"{path}: no line has the mark {mark!r}")
    watts = _checked_watts(reading, reading.watts, "Watts")
    channels = {name: _checked_watts(reading, texts, name) for name, texts in reading.channels.items()}
    remarks = [Reason("local_time", f"the times name no zone: taken as UTC{_zone(offset)}")]
    remarks += _mark_remarks(reading) + duplicates(channels) + _sum_remarks(watts, channels)
    power, name = _chosen(path, watts, channels, columns)
    trace = Trace(np.asarray(reading.times, dtype=np.int64), power)
    return PowerLog(trace, name, tuple(reading.problems), tuple(remarks), channels, utc_offset=offset)


def _zone(offset: timedelta) -> str:
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _lines(path: str, data: bytes, offset: timedelta, mark: str | None) -> _Reading:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LogError(f"{path}: not UTF-8 text: {error}") from None
    lines = text.splitlines()
    if not any(line.startswith("Time,") for line in lines):
        raise LogError(f"{path}: no line begins with 'Time,': not a log of PTDaemon")
    reading = _Reading(path, offset)
    for number, line in enumerate(lines, 1):
        cut = number == len(lines) and not text.endswith(("\n", "\r"))
        _line(reading, number, line, mark, cut=cut)
    return reading


def _line(reading: _Reading, number: int, line: str, mark: str | None, *, cut: bool) -> None:
    if not line.strip():
        return
    fields = line.split(",")
    try:
        name = _mark(fields)
        if mark is not None and name != mark:
            return
        channels = _channels(fields[12:])
        at = moments.of_ptd(fields[1], reading.offset)
    except (ValueError, IndexError) as error:
        code = "truncated_line" if cut else "unreadable_line"
        reading.refuse(code, f"{reading.path}:{number}: {error}: {line[:120]!r}")
        return
    if reading.times and set(channels) != set(reading.channels):
        text = f"{reading.path}:{number}: channels {sorted(channels)}, before {sorted(reading.channels)}"
        reading.refuse("truncated_line" if cut else "unreadable_line", text)
        return
    _keep(reading, at, fields[3], name, channels)


def _keep(reading: _Reading, at: int, watts: str, mark: str, channels: dict[str, str]) -> None:
    reading.times.append(at)
    reading.watts.append(watts)
    reading.marks.append(mark)
    for name, text in channels.items():
        reading.channels.setdefault(name, []).append(text)


def _mark(fields: list[str]) -> str:
    """Return the mark, empty where the line has none. Raises ValueError where the line is not in the grammar."""
    names = _HEAD[: len(fields) // 2][: len(_HEAD)]
    wrong = [name for i, name in enumerate(names) if fields[2 * i] != name]
    if wrong or len(fields) < 10 or len(fields) == 11:
        raise ValueError("want Time,..,Watts,..,Volts,..,Amps,..,PF,..,Mark,..")
    return fields[11] if len(fields) > 11 else ""


def _channels(rest: list[str]) -> dict[str, str]:
    """Return the watts of each channel or analyser. Raises ValueError."""
    starts = [i for i, word in enumerate(rest) if _CHANNEL.fullmatch(word) and not _nested(rest, i)]
    if not rest:
        return {}
    if not starts or starts[0] != 0:
        raise ValueError(f"after the mark comes {rest[0]!r}, not a channel")
    found = {rest[a]: _watts(rest[a + 1 : b]) for a, b in zip(starts, [*starts[1:], len(rest)], strict=True)}
    if len(found) < len(starts):
        raise ValueError("one channel stands twice")
    return found


def _nested(rest: list[str], index: int) -> bool:
    """Tell whether a channel stands within an analyser's line."""
    return rest[index].startswith("Ch") and rest[0].startswith("Analyzer")


def _watts(words: list[str]) -> str:
    start = 2 if words[:1] == ["Time"] else 0
    if words[start : start + 1] != ["Watts"] or len(words) < start + 8:
        raise ValueError("a channel without Watts, Volts, Amps and PF")
    return words[start + 1]


def _checked_watts(reading: _Reading, texts: list[str], name: str) -> Watts:
    values, bad = numbers.parsed(texts)
    for index in bad:
        reading.problems.append(Problem(numbers.why_not(texts[index], f"{reading.path}: {name}"), index + 1))
    return values


def _mark_remarks(reading: _Reading) -> list[Reason]:
    marks = dict.fromkeys(reading.marks)
    if len(marks) < 2:
        return []
    return [Reason("marks_mixed", f"{len(marks)} marks: {', '.join(map(repr, list(marks)[:5]))}; choose by --mark")]


def _sum_remarks(watts: Watts, channels: dict[str, Watts]) -> list[Reason]:
    """Return what is wrong with totals of several analysers; a missing one is left out silently by those who wrote."""
    analysers = {name: values for name, values in channels.items() if name.startswith("Analyzer")}
    if not analysers or not len(watts):
        return []
    table = np.stack(list(analysers.values()))
    absent = {name: int(np.count_nonzero(values == -1)) for name, values in analysers.items()}
    found = [
        Reason("device_count_short", f"{name} did not answer in {n} of {len(watts)} samples: the sum lacks it")
        for name, n in absent.items()
        if n
    ]
    off = np.abs(np.sum(np.where(table == -1, 0.0, np.abs(table)), axis=0) - watts)
    if (worst := float(np.nanmax(off))) > 1e-5 * len(analysers) and math.isfinite(worst):
        found.append(Reason("sum_mismatch", f"totals differ from the sum of analysers by up to {worst:g} W"))
    return found


def _chosen(path: str, watts: Watts, channels: dict[str, Watts], columns: Sequence[str]) -> tuple[Watts, str]:
    if not columns or list(columns) == ["Watts"]:
        return watts, "Watts"
    unknown = [name for name in columns if name not in channels]
    if unknown:
        raise LogError(f"{path}: no channel {unknown[0]!r}; known: {', '.join(['Watts', *channels])}")
    return np.sum([channels[name] for name in dict.fromkeys(columns)], axis=0), " + ".join(dict.fromkeys(columns))
