"""The first screen of a report as plain text, and the line that a case leaves as it ends."""

import textwrap

from harness import wording
from harness.figures import clean, duration, unbroken
from harness.run import Case, Outcome, Run
from reports import sentences
from reports.sentences import MARKS, TONES, VERDICT_TONES

_LABEL = 13
_CASE = 10
_REASONS, _ROWS = 3, 12
_FIRM = "\N{NO-BREAK SPACE}"  # holds words together while lines are filled

_ENDS: dict[Outcome, str] = {
    "pass": "pass",
    "fail": "FAIL",
    "error": "error",
    "skip": "skip",
    "interrupted": "stopped",
    "not_run": "not run",
    "invalidated": "void",
}


def render(run: Run, *, report: str | None = None, width: int = 100) -> str:
    """Return verdict, reasons, open points and groups in lines of at most `width` columns; `report` is named last.

    Words longer than a line, such as addresses, are not broken. No control character but the line feed.
    """
    rule = " " + "─" * (width - 2)
    blocks = [_head(run, width), rule, *_why(run, width), *_open(run, width)]
    blocks += [rule] if len(blocks) > 2 else []
    decided = sentences.decided_by(run)
    blocks += [_groups(run, width), _figures(run, width), _wrapped(f"Decided by: {decided}", width) if decided else ""]
    blocks += [_wrapped(f"Report: {clean(report)}", width)] if report else []
    return "\n".join(block for block in blocks if block) + "\n"


def case_line(case: Case) -> str:
    """Return the one line that is shown as a case ends."""
    planned = case.planned
    text = f"{MARKS[TONES[case.outcome]]} {_ENDS[case.outcome]:<7} {clean(planned.case):<{_CASE}} {_said(case)}"
    return f"{text} ({duration(case.seconds)})" if case.seconds is not None else text


def _said(case: Case) -> str:
    if case.outcome == "pass":
        return _passed(case)
    if case.outcome == "fail":
        first, *more = sentences.reasons(case)
        return f"{first}; and {len(more)} more" if more else first
    return sentences.undecided(case)


def _passed(case: Case) -> str:
    claim = clean(case.planned.claim)
    if len(case.measurements) != 1:
        return claim
    m = case.measurements[0]
    by = f" by {wording.ruling(m)}" if m.low is not None or m.high is not None else ""
    flag = "" if m.judged == "pass" else f": {wording.judged(m)}"
    return f"{claim} {wording.value(m)}, limit {wording.limit(m)}{by}{flag}"


def _head(run: Run, width: int) -> str:
    mark = MARKS[VERDICT_TONES[run.verdict]]
    lines = [f" {mark} {run.verdict}"] + ([f" {banner}"] if (banner := sentences.banner(run)) else [])
    parts = [sentences.rack(run), f"{sentences.counts(run)} · {sentences.place(run)}"]
    return "\n".join(lines + [_wrapped(part, width) for part in parts])


def _wrapped(text: str, width: int, first: str = " ", rest: str = " ") -> str:
    filled = textwrap.TextWrapper(
        width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    ).fill(unbroken(text))
    return filled.replace(_FIRM, " ")


def _why(run: Run, width: int) -> list[str]:
    rows = [(case.planned.case, reason) for case in run.of("fail") for reason in _few(sentences.reasons(case))]
    return _listed("WHY", rows, width)


def _few(reasons: list[str]) -> list[str]:
    """Keep the first reasons of a case: one broken tray may fail hundreds of measurements."""
    more = len(reasons) - _REASONS
    return [*reasons[:_REASONS], f"and {more} more measurements"] if more > 0 else reasons


def _open(run: Run, width: int) -> list[str]:
    return _listed(
        "NOT DECIDED", [(point.label, point.what) for point in sentences.briefly(sentences.open_points(run))], width
    )


def _listed(label: str, rows: list[tuple[str, str]], width: int) -> list[str]:
    lines = []
    hanging = " " * (_LABEL + 3)
    more = len(rows) - _ROWS
    shown = [*rows[:_ROWS], ("", f"and {more} more: see the report")] if more > 0 else rows
    for index, (case, what) in enumerate(shown):
        start = f" {label if index == 0 else '':<{_LABEL}}"
        said = f"{clean(case)}  {what}" if case else what
        lines.append(_wrapped(said, width, start, hanging))
    return lines


def _groups(run: Run, width: int) -> str:
    parts = []
    for group, tones in sentences.groups(run).items():
        mark = "✕" if tones["fail"] else "◐" if tones["open"] else "●"
        parts.append(f"{mark}{_FIRM}{clean(group)}{_FIRM}{tones['pass']}/{tones.total()}")
    return _wrapped("  ".join(parts), width) if parts else ""


def _figures(run: Run, width: int) -> str:
    said = [f"{what} {figure}".replace(" ", _FIRM) for what, figure in sentences.key_figures(run)]
    return _wrapped("   ".join(said), width) if said else ""
