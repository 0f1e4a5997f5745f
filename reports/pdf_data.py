"""What the report on paper says, as plain data: strings, and the pictures that they refer to by name."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness import wording
from harness.columns import Column
from harness.figures import clean
from harness.records import Measurement
from harness.run import Case, Run
from reports import paper_svg, paper_tables, plots, sentences
from reports.bars import bar
from reports.closest import closest
from reports.sentences import Tone

Data = dict[str, Any]

_CLOSEST = "Of each quantity the one closest to its limit; the page, the JSON and the CSV of this run have every one."
_MOST_REASONS = 10
_MOST_FAILED = 200
_MOST_FACTS = 4


@dataclass(slots=True)
class Pictures:
    """The pictures of one report by name of file."""

    files: dict[str, str] = field(default_factory=dict)

    def keep(self, drawn: str) -> str:
        """Keep a picture and return its name."""
        name = f"p{len(self.files)}.svg"
        self.files[name] = drawn
        return name

    def of(self, markup: str) -> list[str]:
        """Keep the pictures in markup and return their names."""
        return [self.keep(drawn) for drawn in paper_svg.pictures(markup)]


def data(run: Run, columns: Callable[[str], list[Column]], pictures: Pictures) -> Data:
    """Return everything that the report says; pictures go to `pictures`."""
    drawn = plots.render(run, columns)
    said = {
        **_cover(run),
        "totals": [pictures.keep(p) for figure in paper_svg.figures(drawn.totals) for p in figure.pictures],
        "failed": [_failed(case, pictures) for case in run.of("fail")[:_MOST_FAILED]],
        "open": _open(run),
        "legend": plots.LEGEND,
        "plots": [_figure(figure, pictures) for figure in paper_svg.figures(drawn.rest)],
        "measured": [[row.tone, *row.cells] for row in closest(run)],
        "measured_note": _CLOSEST,
        **paper_tables.data(run),
    }
    return {name: printable(each) for name, each in said.items()}


def _cover(run: Run) -> Data:
    emulated = sentences.EMULATED if run.emulated else ""
    return {
        "title": f"{run.verdict}: rack {clean(run.start.serial)}",
        "identity": f"{sentences.rack(run)} · {clean(run.start.run)}",
        "station": f"station {clean(run.start.station)}",
        "verdict": run.verdict,
        "tone": sentences.VERDICT_TONES[run.verdict],
        "emulated": emulated,
        "counts": sentences.counts(run),
        "rack": sentences.rack(run),
        "place": sentences.place(run),
        "why": _why(run),
        "groups": [_group(name, tones) for name, tones in sentences.groups(run).items()],
        "figures": sentences.key_figures(run),
        "verify": _verify(run),
    }


def _why(run: Run) -> list[Data]:
    failed = [
        {"tone": "fail", "label": case.planned.number, "where": clean(case.planned.device or ""), "said": _first(case)}
        for case in run.of("fail")
    ]
    points = sentences.briefly(sentences.open_points(run))
    rest = [{"tone": "open", "label": p.title or "The run", "where": p.where, "said": p.what} for p in points]
    rows = failed + rest
    more = len(rows) - _MOST_REASONS
    last = [{"tone": "none", "label": f"{more} more", "where": "", "said": "They stand below."}] if more > 0 else []
    return rows[:_MOST_REASONS] + last


def _first(case: Case) -> str:
    said = sentences.reasons(case)
    return said[0] + (f" And {len(said) - 1} more." if len(said) > 1 else "")


def _group(name: str, tones: Counter[Tone]) -> Data:
    tone = "fail" if tones["fail"] else "open" if tones["open"] else "pass"
    return {"tone": tone, "name": wording.words(name), "said": f"{tones['pass']}/{tones.total()}"}


def _verify(run: Run) -> str:
    if not run.checkpoints:
        return "Not signed by a station."
    last = run.checkpoints[-1]
    said = f"Run {last.number} of its station, signed with the key {clean(last.key[:16])}… (SHA-256)."
    return f"{said} To check it: rackproof verify BUNDLE --key PUBLIC.pem"


def _failed(case: Case, pictures: Pictures) -> Data:
    beyond = sentences.beyond(case) if case.failures else case.message
    return {
        "case": clean(case.planned.case),
        "claim": clean(case.planned.claim),
        "measurements": [_failure(m, pictures) for m in case.failures],
        "facts": [["Attributed to", wording.whose(case.attribution) if case.attribution else "nobody"]],
        "message": "\n".join(map(clean, beyond.splitlines())),
    }


def _failure(m: Measurement, pictures: Pictures) -> Data:
    facts = [
        ["Limit from", clean(" · ".join(part for part in (m.limit_source, m.requirement) if part))],
        ["Rule", wording.rule(m)],
        ["Window", wording.window(m)],
        *(["Evidence", clean(source)] for source in m.sources[:_MOST_FACTS]),
        ["Received", clean(m.raw or "")],
    ]
    drawn = pictures.of(bar(m))
    said = [[term, what] for term, what in facts if what]
    return {"said": wording.sentence(m), "bar": drawn[0] if drawn else "", "facts": said}


def _open(run: Run) -> list[list[str]]:
    points = sentences.grouped(sentences.open_points(run))
    return [[p.title or "The run", p.where, p.what] for p in points]


def _figure(figure: paper_svg.Figure, pictures: Pictures) -> Data:
    names = [pictures.keep(drawn) for drawn in figure.pictures]
    return {"title": figure.title, "said": figure.said, "pictures": names, "columns": 1 if len(names) == 1 else 6}


def printable(said: Any) -> Any:
    """Name every character that the fonts on paper do not have, so that none is lost: U+7E41 becomes [U+7E41]."""
    if isinstance(said, str):
        return "".join(c if ord(c) < _DRAWN else f"[U+{ord(c):04X}]" for c in said)
    if isinstance(said, dict):
        return {name: printable(each) for name, each in said.items()}
    return [printable(each) for each in said] if isinstance(said, list | tuple) else said


_DRAWN = 0x2C00
"""Below lie the scripts and symbols of the fonts that come with the typesetter."""
