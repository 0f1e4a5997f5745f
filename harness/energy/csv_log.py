"""Power logs as CSV: a header with names, one column of time, one or several of power.

Separators are comma, semicolon or tab, whichever the header has most of; quoting after RFC 4180; a byte order mark and
CRLF do no harm. Units come from the header (`power_w`, `Power [kW]`) or from a column named `unit`.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import numpy as np

from harness.energy import headers, moments, numbers
from harness.energy.headers import Column
from harness.energy.power_log import LogError, PowerLog, Problem
from harness.energy.trace import Times, Trace, Watts, to_ns
from harness.energy.validity import Reason

Rows = list[list[str]]


@dataclass(slots=True)
class _Sheet:
    """The lines of a file: header, rows of the right length with their line numbers, problems with the others."""

    path: str
    header: list[str]
    rows: Rows
    lines: Sequence[int]
    bad: dict[int, Reason] = field(default_factory=dict)
    remarks: list[Reason] = field(default_factory=list)
    table: Watts | None = None
    """All rows as numbers, where every field is one: then `rows` holds only the last few."""

    @property
    def count(self) -> int:
        return len(self.rows) if self.table is None else len(self.table)

    def texts(self, column: Column) -> list[str]:
        return [row[column.index] for row in self.rows]

    def place(self, row: int, column: Column) -> str:
        return f"{self.path}:{self.lines[row]}, column {column.name!r}"


def read(path: str, data: bytes, columns: Sequence[str] = (), offset: timedelta = timedelta(0)) -> PowerLog:
    """Read a CSV log; several `columns` are added up. Raises LogError where it is not such a file."""
    sheet = _sheet(path, data)
    time = _time_column(sheet)
    powers = _power_columns(sheet, columns)
    times, scale, absolute = _times(sheet, time, offset)
    channels = {column.name: _watts(sheet, column) for column in powers}
    remarks = (*sheet.remarks, *duplicates(channels))
    good = np.ones(sheet.count, dtype=np.bool_)
    good[list(sheet.bad)] = False
    before = np.concatenate(([0], np.cumsum(good)))
    problems = [Problem(reason, int(before[row])) for row, reason in sorted(sheet.bad.items())]
    channels = {name: watts[good] for name, watts in channels.items()}
    trace = Trace(times[good], np.sum(list(channels.values()), axis=0))
    name = " + ".join(channels)
    return PowerLog(trace, name, tuple(problems), remarks, channels, scale or 1.0, absolute, offset)


def duplicates(channels: dict[str, Watts]) -> list[Reason]:
    """Return a reason for each two channels that are equal in every sample, where any sample is not zero."""
    names = list(channels)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    same = [(a, b) for a, b in pairs if np.any(channels[a]) and np.array_equal(channels[a], channels[b])]
    return [Reason("duplicate_channel", f"{a} and {b} are equal in all {len(channels[a])} samples") for a, b in same]


def _sheet(path: str, data: bytes) -> _Sheet:
    text = _decoded(path, data)
    lines = text.splitlines()
    skipped = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith("#")), None)
    if skipped is None:
        raise LogError(f"{path}: there is no header line")
    delimiter = max(",;\t", key=lines[skipped].count)
    ended = text.endswith(("\n", "\r"))
    plain = _plain(path, lines[skipped:], skipped + 1, delimiter, ended=ended) if _may_be_plain(text) else None
    return plain or _quoted(path, lines, skipped, delimiter, ended=ended)


def _may_be_plain(text: str) -> bool:
    """Tell whether splitting at separators is all that there is to reading the text."""
    return text.isascii() and '"' not in text and "_" not in text.partition("\n")[2]


def _plain(path: str, lines: list[str], first_line: int, delimiter: str, *, ended: bool) -> _Sheet | None:
    """Read a table of nothing but numbers at once, None where it is no such table."""
    header = [name.strip() for name in lines[0].split(delimiter)]
    if len(lines) < 2 or len(set(header)) < len(header):
        return None
    try:
        table = np.loadtxt(lines[1:], delimiter=delimiter, comments=None, ndmin=2)
    except ValueError:
        return None
    if table.shape != (len(lines) - 1, len(header)):
        return None
    rows = [line.split(delimiter) for line in lines[1:][-50:]]
    sheet = _Sheet(path, header, rows, range(first_line + len(lines) - len(rows), first_line + len(lines)), table=table)
    if not ended:
        _suspect_the_last(sheet)
    return sheet


def _quoted(path: str, lines: list[str], skipped: int, delimiter: str, *, ended: bool) -> _Sheet:
    reader = csv.reader(lines[skipped:], delimiter=delimiter, strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise LogError(f"{path}:{skipped + reader.line_num}: not CSV: {error}") from None
    header = [name.strip() for name in rows[0]]
    if len(set(named := [name for name in header if name])) < len(named):
        raise LogError(f"{path}:{skipped + 1}: two columns have one name: {', '.join(header)}")
    return _checked(path, header, rows[1:], skipped + 2, ended=ended)


def _decoded(path: str, data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise LogError(f"{path}: UTF-16 text; save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LogError(f"{path}: not UTF-8 text: {error}") from None
    if "\0" in text:
        raise LogError(f"{path}: holds NUL characters: not a text file")
    return text


def _checked(path: str, header: list[str], rows: Rows, first_line: int, *, ended: bool) -> _Sheet:
    """Keep the place of every line: a line of the wrong length stays, empty, and is known as bad."""
    lines: Sequence[int] = range(first_line, first_line + len(rows))
    if not all(rows):
        numbered = [(line, row) for line, row in zip(lines, rows, strict=True) if row]
        lines, rows = [line for line, _ in numbered], [row for _, row in numbered]
    sheet = _Sheet(path, header, rows, lines)
    for index, row in enumerate(rows):
        if len(row) != len(header):
            last = index == len(rows) - 1 and not ended
            sheet.bad[index] = _wrong_length(f"{path}:{lines[index]}", header, row, last=last)
            rows[index] = [""] * len(header)
    if rows and not ended and len(rows) - 1 not in sheet.bad:
        _suspect_the_last(sheet)
    return sheet


def _wrong_length(place: str, header: list[str], row: list[str], *, last: bool) -> Reason:
    text = f"{place}: {len(row)} fields, the header has {len(header)}: {','.join(row)[:80]!r}"
    if len(row) > len(header) and all(field.strip().lstrip("+-").isdecimal() for field in row):
        return Reason("decimal_comma", f"{text}; the comma seems to be a decimal sign")
    return Reason("truncated_line" if last else "field_count", text)


def _suspect_the_last(sheet: _Sheet) -> None:
    """Call the last line cut where it has no end and a field is shorter than in all lines before.

    A cut number is still a number: 1023 becomes 10. Without an end of line nothing else tells.
    """
    *before, last = sheet.rows[-50:]
    place = f"{sheet.path}:{sheet.lines[-1]}"
    if before and any(_size(last[-1])[i] < min(_size(row[-1])[i] for row in before) for i in (0, 1)):
        text = f"{place}: has no end of line and its last field {last[-1]!r} is shorter than those before"
        sheet.bad[sheet.count - 1] = Reason("truncated_line", text)
    else:
        sheet.remarks.append(Reason("no_final_newline", f"{place}: has no end of line; taken as whole"))


def _size(text: str) -> tuple[int, int]:
    """Return how many characters a field has, and how many of them follow the point."""
    return len(text.strip()), len(text.strip().partition(".")[2])


def _time_column(sheet: _Sheet) -> Column:
    found = [column for i, name in enumerate(sheet.header) if (column := headers.time_column(i, name))]
    if not found:
        raise LogError(f"{sheet.path}: no column of time; want one named time, timestamp, ..: {_names(sheet)}")
    return found[0]


def _names(sheet: _Sheet) -> str:
    return f"the columns are {', '.join(map(repr, sheet.header))}"


def _power_columns(sheet: _Sheet, wanted: Sequence[str]) -> list[Column]:
    try:
        found = [column for i, name in enumerate(sheet.header) if (column := headers.power_column(i, name))]
    except headers.AmbiguousUnit as error:
        raise LogError(f"{sheet.path}: {error}") from None
    if wanted:
        return [_named(sheet, name, found) for name in dict.fromkeys(wanted)]
    if not found:
        raise LogError(f"{sheet.path}: no column of power; want one named like power_w; {_names(sheet)}")
    if len(found) > 1:
        names = ", ".join(repr(column.name) for column in found)
        raise LogError(f"{sheet.path}: several columns of power; name one by --column, or several to add: {names}")
    return found


def _named(sheet: _Sheet, name: str, powers: list[Column]) -> Column:
    matching = [i for i, known in enumerate(sheet.header) if known == name]
    matching = matching or [i for i, known in enumerate(sheet.header) if known.lower() == name.strip().lower()]
    if not matching:
        raise LogError(f"{sheet.path}: no column {name!r}; {_names(sheet)}")
    return next((c for c in powers if c.index == matching[0]), Column(matching[0], sheet.header[matching[0]], None))


def _values(sheet: _Sheet, column: Column) -> Watts:
    if sheet.table is not None:
        return sheet.table[:, column.index]
    texts = sheet.texts(column)
    values, bad = numbers.parsed(texts)
    for row in bad:
        sheet.bad.setdefault(row, numbers.why_not(texts[row], sheet.place(row, column)))
    return values


def _watts(sheet: _Sheet, column: Column) -> Watts:
    scale = column.scale
    units = [i for i, name in enumerate(sheet.header) if name.lower() in ("unit", "units")]
    if units:
        scale = _scale_in_a_column(sheet, units[0], column)
    if scale is None:
        sheet.remarks.append(Reason("unit_assumed", f"column {column.name!r} names no unit: taken as W"))
    return _values(sheet, column) * (1.0 if scale is None else scale)


def _scale_in_a_column(sheet: _Sheet, index: int, column: Column) -> float | None:
    units = {row[index].strip() for i, row in enumerate(sheet.rows) if i not in sheet.bad}
    if unknown := sorted(unit for unit in units if unit not in headers.POWER_UNITS):
        raise LogError(f"{sheet.path}: {unknown[0]!r} is no unit of power; known: {', '.join(headers.POWER_UNITS)}")
    scales = {headers.POWER_UNITS[unit] for unit in units} | ({column.scale} if column.scale is not None else set())
    if len(scales) > 1:
        text = f"{sheet.path}: column {column.name!r} has values in {', '.join(sorted(units))}"
        sheet.remarks.append(Reason("mixed_units", text))
    return min(scales, default=None)


def _times(sheet: _Sheet, column: Column, offset: timedelta) -> tuple[Times, float | None, bool]:
    """Return ns, the size of the file's own unit in s, and whether they are times of day."""
    first = next((text for i, text in enumerate(sheet.texts(column)) if i not in sheet.bad and text.strip()), "0")
    if column.scale is None and ("-" in first[1:] or ":" in first) and "e" not in first.lower():
        return _iso_times(sheet, column, offset), None, True
    values = _values(sheet, column)
    scale = column.scale if column.scale is not None else _scale_by_size(sheet, column, values)
    for row in np.flatnonzero(~np.isfinite(values)):
        place = f"{sheet.path}, row {row + 1}, column {column.name!r}"
        sheet.bad.setdefault(int(row), Reason("time_format", f"{place}: {values[row]} is no time"))
    finite = np.where(np.isfinite(values), values, 0.0)
    try:
        return to_ns(finite, scale), scale, bool(np.max(np.abs(finite), initial=0.0) * scale >= 1e8)
    except ValueError as error:
        raise LogError(f"{sheet.path}: column {column.name!r}: {error}") from None


def _scale_by_size(sheet: _Sheet, column: Column, values: Watts) -> float:
    finite = values[np.isfinite(values)]
    size = float(np.median(np.abs(finite))) if finite.size else 0.0
    scale, unit = next(((s, u) for least, s, u in _SIZES if size >= least), (1.0, "s"))
    sheet.remarks.append(Reason("time_unit_assumed", f"column {column.name!r} names no unit: taken as {unit}"))
    return scale


_SIZES = ((1e17, 1e-9, "ns"), (1e14, 1e-6, "µs"), (1e11, 1e-3, "ms"))


def _iso_times(sheet: _Sheet, column: Column, offset: timedelta) -> Times:
    ns, zones, zone = np.zeros(len(sheet.rows), dtype=np.int64), [0, 0], timezone(offset)
    for row, text in enumerate(sheet.texts(column)):
        if row in sheet.bad:
            continue
        try:
            at = _iso(text.strip())
        except ValueError:
            sheet.bad[row] = Reason("time_format", f"{sheet.place(row, column)}: {text!r} is not ISO 8601")
            continue
        zones[at.tzinfo is not None] += 1
        ns[row] = moments.of_datetime(at if at.tzinfo else at.replace(tzinfo=zone))
    _remark_zones(sheet, column, zones, offset)
    return ns


def _iso(text: str) -> datetime:
    if ":" not in text:
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _remark_zones(sheet: _Sheet, column: Column, zones: list[int], offset: timedelta) -> None:
    if all(zones):
        text = f"column {column.name!r}: {zones[0]} times without a zone and {zones[1]} with one"
        sheet.remarks.append(Reason("mixed_time_zones", text))
    elif zones[0]:
        text = f"column {column.name!r} names no zone: taken as UTC{timezone(offset).tzname(None)[3:] or '+00:00'}"
        sheet.remarks.append(Reason("local_time", text))
