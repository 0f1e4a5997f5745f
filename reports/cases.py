"""Cases on the page: the failed one by one with their evidence, the undecided with why, and everything measured."""

from collections.abc import Iterable

from harness.records import Measurement
from harness.run import Case, Run
from reports import sentences
from reports.bars import bar
from reports.markup import block, esc, facts, folded, mark, prose, table
from reports.numbers import day_and_time, duration, number, scale_of, shown
from reports.sentences import JUDGED_TONES, MARKS, TONES

_MOST_SOURCES = 40
_CLASSES = {"pass": "p", "fail": "f", "open": "o"}
_HEADS = (
    *("Quantity", "Where", "Value", "U (k = 2)", "Unit", "Limit", "Margin"),
    *("Judged", "Rule", "Window", "Limit from", "Sources"),
)
_KINDS = ("w", "", "n", "n", "", "n", "n", "j", "", "", "w", "")


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
    """Return an article for every failed case."""
    return "".join(_failed(c, anchors[name], sources) for name, c in run.cases.items() if c.outcome == "fail")


def _failed(case: Case, anchor: str, sources: Sources) -> str:
    head = f"<h3 id=f{anchor}>{mark('fail')}{esc(case.planned.case)}</h3><p class=claim>{esc(case.planned.claim)}</p>"
    parts = [_failure(m, sources) for m in case.failures] or [f"<p class=said>{esc(sentences.reasons(case)[0])}</p>"]
    about = facts(
        [
            ("Attributed to", esc(case.attribution or "")),
            ("Devices", esc(", ".join(case.devices))),
            ("Ended", f"{day_and_time(case.ended)} UTC" if case.ended else ""),
        ]
    )
    message = folded("As the case ended", block(case.message)) if case.message else ""
    return f"<article class=failure>{head}{''.join(parts)}{about}{message}</article>\n"


def _failure(m: Measurement, sources: Sources) -> str:
    pairs = [
        ("Value", esc(sentences.value(m))),
        ("Limit", esc(sentences.limit(m))),
        ("Margin", esc(sentences.margin(m))),
        ("Uncertainty", _uncertainty(m)),
        ("Rule", esc(sentences.rule(m))),
        ("Judged", esc(m.judged.replace("_", " "))),
        ("Limit from", esc(" · ".join(part for part in (m.limit_source, m.requirement) if part))),
        ("Window", esc(_window(m))),
        ("Evidence", _evidence(m, sources)),
        ("Received", block(m.raw) if m.raw is not None else ""),
    ]
    return f"<p class=said>{prose(sentences.failure(m))}</p>{bar(m)}{facts(pairs)}"


def _uncertainty(m: Measurement) -> str:
    said = sentences.uncertainty(m)
    return f"U = {esc(said)} (k = 2)" if said else "unknown"


def _window(m: Measurement) -> str:
    if not (m.begin and m.end):
        return sentences.window(m)
    length = duration((m.end - m.begin).total_seconds())
    state = f"{sentences.words(m.state)}, " if m.state else ""
    return f"{state}{day_and_time(m.begin)} to {day_and_time(m.end)} UTC, {length}"


def _evidence(m: Measurement, sources: Sources) -> str:
    if not m.sources:
        return ""
    items = "".join(f"<li><code>{esc(source)}</code></li>" for source in m.sources[:_MOST_SOURCES])
    rest = m.sources[_MOST_SOURCES:]
    return f"<ul>{items}{f'<li>and sources {sources.refer(rest)}</li>' if rest else ''}</ul>"


def undecided(run: Run, anchors: dict[str, str]) -> str:
    """Return every open point as a row: what, and why."""
    points = sentences.open_points(run)
    rows = [(_linked(point, anchors), esc(point.what)) for point in points]
    return table("What stands between this run and a verdict", ("What", "Why"), rows, ("", "w")) if rows else ""


def _linked(point: sentences.Open, anchors: dict[str, str]) -> str:
    if point.case in anchors:
        return f"<a href=#{anchors[point.case]}>{esc(point.case)}</a>"
    return esc(point.case or "The run")


def measured(run: Run, anchors: dict[str, str], sources: Sources) -> str:
    """Return every case with its measurements, by group; those that did not pass stand open."""
    parts = []
    for group in sentences.groups(run):
        parts.append(f"<h3>{esc(sentences.words(group).capitalize())}</h3>")
        parts += [_case(c, anchors[name], sources) for name, c in run.cases.items() if c.planned.group == group]
    return "".join(parts)


def _case(case: Case, anchor: str, sources: Sources) -> str:
    tone = TONES[case.outcome]
    taken = f" in {duration(case.seconds)}" if case.seconds is not None else ""
    count = _many(len(case.measurements), "measurement", "measurements")
    said = f"<small>{case.outcome.replace('_', ' ')}{taken}, {count}</small>"
    name = f"<b>{esc(case.planned.case)}</b>{esc(case.planned.claim)}"
    summary = f"<span class=tone-{tone} aria-hidden=true>{MARKS[tone]} </span>{name}{said}"
    return folded(summary, _body(case, sources), opened=tone != "pass", anchor=anchor)


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _body(case: Case, sources: Sources) -> str:
    notes = "".join(f"<p>{esc(note)}</p>" for note in case.notes)
    why = block(case.message) if case.message and case.outcome != "fail" else ""
    rows = (_row(m, sources) for m in case.measurements)
    measurements = table(case.planned.case, _HEADS, rows, _KINDS, named=False) if case.measurements else ""
    return f"{notes}{why}{measurements}" or "<p>Nothing was measured.</p>"


def _row(m: Measurement, sources: Sources) -> tuple[str, ...]:
    scale, figure = scale_of(m), number(m.value)
    tone = _CLASSES[JUDGED_TONES[m.judged]]
    return (
        esc(sentences.words(m.name)),
        esc(m.where or ""),
        esc(shown(m.value) if figure is None else scale.figure(figure)),
        "" if m.uncertainty is None else scale.figure(2 * m.uncertainty),
        esc(scale.symbol),
        esc(sentences.limit(m)),
        esc(sentences.margin(m)),
        f"<span class={tone}>{m.judged.replace('_', ' ')}</span>{f' {esc(m.reason)}' if m.reason else ''}",
        esc(sentences.rule(m)),
        esc(sentences.window(m)),
        esc(" · ".join(part for part in (m.limit_source, m.requirement) if part)),
        sources.refer(m.sources),
    )
