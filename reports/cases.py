"""Cases on the page: the failed one by one with their evidence, the undecided with why, and everything measured."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from harness import wording
from harness.figures import coverage_factor, day_and_time, duration, expanded, number, scale_of, shown
from harness.records import Measurement
from harness.run import Case, Run
from reports import sentences
from reports.bars import bar
from reports.budgets import budget, budgets
from reports.closest import HEADS
from reports.closest import closest as closest_of
from reports.markup import block, esc, facts, folded, mark, prose, table
from reports.provenance import grouped
from reports.sentences import MARKS, OUTCOME_TONES, TONES, Tone

_MOST_SOURCES = 40
_MOST_FAILED = 500
_CLOSEST = (
    "Of each quantity the one closest to its limit. All others unfold above, and stand in the JSON and CSV of this run."
)
_OUTCOMES = {"pass": "passed", "fail": "failed"}
_CLASSES = {"pass": "p", "fail": "f", "open": "o"}
_FOR_ALL = frozenset({"Limit", "Rule", "Window", "Limit from", "k"})
_COLUMNS = {
    "Quantity": "",
    "Where": "",
    "Value": "n",
    "U": "n",
    "k": "n",
    "Unit": "",
    "Limit": "n",
    "Margin": "n",
    "Judged": "j",
    "Rule": "",
    "Window": "",
    "Limit from": "w",
    "Sources": "",
}
"""Columns of a table of measurements with their classes; the first is the header of its row."""


class Sources:
    """Every source that a measurement rests on, once; measurements refer to it by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def refer(self, sources: Iterable[str]) -> str:
        """Return markup that refers to `sources`: runs of numbers as ranges."""
        numbers = sorted({self._numbers.setdefault(source, len(self._numbers) + 1) for source in sources})
        return ", ".join(_range(first, last) for first, last in _runs(numbers))

    def listed(self) -> str:
        """Return all sources with their numbers; "" where there is none."""
        items = "\n".join(f"<li id=s{n}>{esc(source)}" for source, n in self._numbers.items())
        if not items:
            return ""
        said = f"{_many(len(self._numbers), 'query', 'queries')} with the address that each was put to."
        return folded(said, f"<ol class=raw>{items}</ol>")


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for n in numbers:
        if found and n == found[-1][1] + 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return found


def _range(first: int, last: int) -> str:
    start = f"<a href=#s{first}>{first}</a>"
    return start if first == last else f"{start}–<a href=#s{last}>{last}</a>"


def failed(run: Run, anchors: dict[str, str], sources: Sources) -> str:
    """Return an article for every failed case; of very many, for the first."""
    found = [(name, case) for name, case in run.cases.items() if case.outcome == "fail"]
    drawn = "".join(_failed(case, anchors[name], sources) for name, case in found[:_MOST_FAILED])
    rest = len(found) - _MOST_FAILED
    return drawn + (f"<p>And {_many(rest, 'case', 'cases')} more, of the same run.</p>" if rest > 0 else "")


def _failed(case: Case, anchor: str, sources: Sources) -> str:
    head = f"<h3 id={anchor}>{mark('fail')}{esc(case.planned.case)}</h3><p class=claim>{esc(case.planned.claim)}</p>"
    parts = [_failure(case, m, sources) for m in case.failures] or [
        f"<p class=said>{esc(sentences.reasons(case)[0])}</p>"
    ]
    about = facts(
        [
            ("Attributed to", wording.whose(case.attribution) if case.attribution else ""),
            ("Devices", esc(", ".join(case.devices))),
            ("Ended", f"{day_and_time(case.ended)} UTC" if case.ended else ""),
        ]
    )
    beyond = sentences.beyond(case) if case.failures else case.message
    message = folded("As the case ended", block(beyond)) if beyond else ""
    return f"<article class=failure>{head}{''.join(parts)}{about}{message}</article>\n"


def _failure(case: Case, m: Measurement, sources: Sources) -> str:
    pairs = [
        ("Value", esc(wording.value(m))),
        ("Limit", esc(wording.limit(m))),
        ("Margin", esc(wording.margin(m))),
        ("Uncertainty", _uncertainty(m)),
        ("Rule", esc(wording.rule(m))),
        ("Judged", esc(wording.judged(m))),
        ("Limit from", esc(" · ".join(part for part in (m.limit_source, m.requirement) if part))),
        ("Window", esc(_window(case, m))),
        ("Evidence", _evidence(m, sources)),
        ("Received", block(m.raw) if m.raw is not None else ""),
    ]
    return f"<p class=said>{prose(wording.sentence(m))}</p>{bar(m)}{facts(pairs)}{budget(m)}"


def _uncertainty(m: Measurement) -> str:
    said = wording.uncertainty(m)
    return f"U = {esc(said)} ({wording.coverage(m)})" if said else "unknown"


def _window(case: Case, m: Measurement) -> str:
    """Say the window that a value was taken from; a value that names none was taken while its case ran."""
    if (m.begin and m.end) or case.ended is None or case.seconds is None:
        return wording.window(m)
    return f"during the case, {wording.stretch(case.ended - timedelta(seconds=case.seconds), case.ended)}"


def _evidence(m: Measurement, sources: Sources) -> str:
    if not m.sources:
        return ""
    items = "".join(f"<li><code>{esc(source)}</code></li>" for source in m.sources[:_MOST_SOURCES])
    rest = m.sources[_MOST_SOURCES:]
    return f"<ul>{items}{f'<li>and sources {sources.refer(rest)}</li>' if rest else ''}</ul>"


def undecided(run: Run, numbers: dict[str, str]) -> str:
    """Return every open point as a row, a row for each number and reason: what, which devices, and why."""
    points = sentences.grouped(sentences.open_points(run))
    return grouped("What stands between this run and a verdict", points, numbers) if points else ""


def measured(run: Run, numbers: dict[str, str], sources: Sources) -> str:
    """Return every case number with its measurements, by group; those with a case that did not pass stand open."""
    parts = []
    for group in sentences.groups(run):
        parts.append(f"<h3>{esc(wording.words(group).capitalize())}</h3>")
        alike: dict[str, list[Case]] = {}
        for case in run.cases.values():
            if case.planned.group == group:
                alike.setdefault(case.planned.number, []).append(case)
        parts += [_number(cases, numbers[number], sources) for number, cases in alike.items()]
    return "".join(parts)


def closest(run: Run, numbers: dict[str, str]) -> str:
    """Return, by group, the measurement of each quantity that is closest to its limit."""
    rows: dict[str, list[list[str]]] = {}
    left = dict(numbers)
    for row in closest_of(run):
        number, *rest = map(esc, row.cells)
        # the first row of a number is where the rest of the page leads to
        anchor = f" id={left.pop(row.number)}" if row.number in left else ""
        rows.setdefault(row.group, []).append([f"<span{anchor} class={_CLASSES[row.tone]}>{number}</span>", *rest])
    kinds = ("k", "", "n", "n", "n", "n", "n", "")
    parts = []
    for group, of_group in rows.items():
        name = wording.words(group).capitalize()
        parts.append(f"<h3>{esc(name)}</h3>{table(name, HEADS, of_group, kinds, named=False)}")
    nothing = ", ".join(f"<span id={anchor}>{esc(number)}</span>" for number, anchor in left.items())
    return f"<p>{_CLOSEST}</p>{''.join(parts)}{f'<p>Nothing was measured in {nothing}.</p>' if nothing else ''}"


def _number(cases: list[Case], anchor: str, sources: Sources) -> str:
    tones = Counter(TONES[case.outcome] for case in cases)
    tone: Tone = "fail" if tones["fail"] else "open" if tones["open"] else "pass"
    planned = cases[0].planned
    name = f"<b>{esc(planned.number)}</b>{esc(planned.claim)}"
    summary = f"<span class=tone-{tone} aria-hidden=true>{MARKS[tone]} </span>{name}<small>{_came_to(cases)}</small>"
    return folded(summary, _body(cases, sources), opened=tone != "pass", anchor=anchor)


def _came_to(cases: list[Case]) -> str:
    outcomes = Counter(_OUTCOMES.get(case.outcome, case.outcome.replace("_", " ")) for case in cases)
    said = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
    if len(outcomes) == 1:
        said = f"{'all ' if len(cases) > 1 else ''}{next(iter(outcomes))}"
    measurements = _many(sum(len(case.measurements) for case in cases), "measurement", "measurements")
    devices = f"{len(cases)} devices: " if len(cases) > 1 else ""
    seconds = round(sum(case.seconds or 0.0 for case in cases), 1)
    return f"{devices}{said}, {measurements}{f', {duration(seconds)}' if seconds else ''}"


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _body(cases: list[Case], sources: Sources) -> str:
    told = "".join(_told(case) for case in cases)
    rows = [_row(case, m, sources) for case in cases for m in case.measurements]
    return f"{told}{_measurements(cases[0].planned.number, rows)}{budgets(cases)}" or "<p>Nothing was measured.</p>"


def _told(case: Case) -> str:
    """Return what a case leaves besides measurements: its notes, and why it has no verdict."""
    notes = "".join(f"<p>{esc(note)}</p>" for note in case.notes)
    why = block(case.message) if case.message and case.outcome != "fail" else ""
    return f"<h4>{esc(case.planned.case)}</h4>{notes}{why}" if notes or why else ""


Row = dict[str, str]


def _measurements(label: str, rows: list[Row]) -> str:
    """Return the rows as a table; limit, rule and window are said once where they are the same for all."""
    if not rows:
        return ""
    shared = {head: rows[0][head] for head in _FOR_ALL if len({row[head] for row in rows}) == 1}
    empty = {head for head in _COLUMNS if not any(row[head] for row in rows)}
    heads = [head for head in _COLUMNS if head not in shared and head not in empty]
    once = " · ".join(f"{head} <b>{shared[head]}</b>" for head in _COLUMNS if shared.get(head))
    cells = ([row[head] for head in heads] for row in rows)
    drawn = table(label, heads, cells, [_COLUMNS[head] for head in heads], named=False)
    return f"{f'<p class=once>{once}</p>' if once else ''}{drawn}"


def _row(case: Case, m: Measurement, sources: Sources) -> Row:
    scale, figure = scale_of(m), number(m.value)
    tone = _CLASSES[OUTCOME_TONES[m.outcome]]
    return {
        "Quantity": esc(wording.words(m.name)),
        "Where": esc(m.where or case.planned.device or ""),
        "Value": esc(shown(m.value) if figure is None else scale.figure(figure)),
        "U": "" if m.uncertainty is None else scale.figure(expanded(m) or 0.0),
        "k": "" if m.uncertainty is None else f"{coverage_factor(m):.3g}",
        "Unit": esc(scale.symbol),
        "Limit": esc(wording.limit(m)),
        "Margin": esc(wording.margin(m)),
        "Judged": f"<span class={tone}>{esc(wording.judged(m))}</span>{f' {esc(m.reason)}' if m.reason else ''}",
        "Rule": esc(wording.rule(m)),
        "Window": esc(_window(case, m)),
        "Limit from": esc(" · ".join(part for part in (m.limit_source, m.requirement) if part)),
        "Sources": sources.refer(m.sources),
    }
