"""The measurements of a run as CSV (RFC 4180), a line each: for spreadsheets and for other people's programs.

Values are as they were measured, in the unit beside them, with a decimal point whatever the locale.
"""

import csv
import io
from collections.abc import Iterator

from harness.records import Measurement
from harness.run import Case, Run

_NAMES = """serial run case group outcome name where value unit judged low high expected rule margin
standard_uncertainty state begin end limit_source requirement source reason"""
COLUMNS = tuple(_NAMES.split())
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def lines(run: Run) -> Iterator[str]:
    """Yield the header and a line for each measurement; a case without one has a line without a value."""
    yield _line(COLUMNS)
    for case in run.cases.values():
        about = (run.start.serial, run.start.run, case.planned.case, case.planned.group, case.outcome)
        rows = [*map(_measured, case.measurements)] or [_nothing_measured(case)]
        for row in rows:
            yield _line((*map(_text, about), *row))


def _nothing_measured(case: Case) -> tuple[object, ...]:
    return (*[""] * (len(COLUMNS) - 6), _text(case.message.partition("\n")[0]))


def _measured(m: Measurement) -> tuple[object, ...]:
    begin, end = ("" if at is None else at.isoformat() for at in (m.begin, m.end))
    value = _text(m.value) if isinstance(m.value, str) else m.value
    decided = (m.judged, m.low, m.high, _text(m.expected), m.rule, m.margin, m.uncertainty, m.state, begin, end)
    said = (m.limit_source, m.requirement, "; ".join(m.sources), m.reason)
    return (m.name, _text(m.where), value, m.unit, *decided, *map(_text, said))


def _text(text: str | None) -> str:
    """Return text that no spreadsheet takes for a formula: what devices say is data (OWASP, CSV injection)."""
    return f"'{text}" if text and text.startswith(_FORMULA) else text or ""


def _line(fields: tuple[object, ...]) -> str:
    held = io.StringIO()
    csv.writer(held).writerow(["" if field is None else field for field in fields])
    return held.getvalue()
