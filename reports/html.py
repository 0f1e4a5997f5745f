"""The run as one self-contained page: no network, nothing of others that becomes markup, whole without its script.

Order: verdict and reasons; failures one by one; what is not decided; plots; everything measured; devices; what was left
out; how it was decided; what it rests on.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from harness import wording
from harness.columns import Column
from harness.run import Case, Run
from reports import cases, finder, plots, provenance, sentences
from reports.bars import bar
from reports.elevation import elevation
from reports.markup import esc, mark, prose, section
from reports.requirements import requirements
from reports.sentences import VERDICT_TONES, Tone
from reports.style import style

_MOST_REASONS = 12
MOST_STATIC = 4_000
"""Of so many measurements, one by one, the page still opens at once."""

_SHAPES = (
    "<svg width=0 height=0 aria-hidden=true class=vh><defs>"
    '<pattern id=hatch width=5 height=5 patternUnits=userSpaceOnUse patternTransform="rotate(45)">'
    "<path d='M0 0V5' stroke=#d55e00 stroke-width=2 /></pattern>"
    "<symbol id=m-pass viewBox='0 0 20 20'><circle cx=10 cy=10 r=9 fill=currentColor /></symbol>"
    "<symbol id=m-fail viewBox='0 0 20 20'><path d='M3 3 17 17M17 3 3 17' stroke=currentColor stroke-width=4.5 />"
    "</symbol>"
    "<symbol id=m-open viewBox='0 0 20 20'><circle cx=10 cy=10 r=8 fill=none stroke=currentColor stroke-width=2.5 />"
    "<path d='M10 2A8 8 0 0 0 10 18Z' fill=currentColor /></symbol>"
    "<symbol id=m-none viewBox='0 0 20 20'><path d='M3 10H17' stroke=currentColor stroke-width=3 /></symbol>"
    "</defs></svg>"
)


def render(run: Run, columns: Callable[[str], list[Column]], most_static: int = MOST_STATIC) -> str:
    """Return the page of `run`; `columns(state)` gives the samples of that state's dwell.

    Up to `most_static` measurements stand in the page one by one; of more, the one of each quantity that is closest to
    its limit, and all of them in a block that a script unfolds. Links in the page go by position, never by a name that
    a device or profile gave.
    """
    anchors = {name: f"f{position}" for position, name in enumerate(run.cases, 1)}
    drawn = plots.render(run, columns)
    body = (
        _header(run, anchors, drawn.totals)
        + "<main id=main>"
        + _sections(run, anchors, drawn.rest, most_static)
        + f"</main>\n<footer>{esc(_identity(run))}</footer>"
    )
    return _page(run, body)


def _sections(run: Run, anchors: dict[str, str], drawn: str, most_static: int) -> str:
    sources = cases.Sources()
    numbers = {number: f"n{i}" for i, number in enumerate(dict.fromkeys(c.planned.number for c in run.cases.values()))}
    parts = [
        section("failed", "Failed", cases.failed(run, anchors, sources)),
        section("open", "Not decided, and why", cases.undecided(run, numbers)),
        section("requirements", "What was agreed, and what was shown", requirements(run)),
        section("plots", "Power, temperature and flow over time", drawn and f"<p>{plots.LEGEND}</p>{drawn}"),
        section("measured", "Everything measured", _measured(run, numbers, sources, most_static)),
        section("devices", "Devices", provenance.devices(run)),
        section("left-out", "Left out, and why", provenance.left_out(run)),
        section("workloads", "Workloads", provenance.workloads(run)),
        section("states", "States and series", provenance.states(run)),
        section("notes", "Notes", provenance.notes(run)),
        section("rules", "How this was decided", provenance.rules(run)),
        section("run", "What this rests on", provenance.facts_of(run)),
        section("sources", "Sources", sources.listed()),
    ]
    return "".join(parts)


def _measured(run: Run, numbers: dict[str, str], sources: cases.Sources, most_static: int) -> str:
    """Return all measurements to search in and, as far as they are few, number by number without a script."""
    if len(run.measurements) <= most_static:
        return finder.finder(run) + cases.measured(run, numbers, sources)
    return finder.finder(run) + cases.closest(run, numbers)


def _page(run: Run, body: str) -> str:
    sheet = style(_identity(run), run.verdict, sentences.banner(run))
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    allowed = f"style-src 'sha256-{digest}'; script-src {finder.script_digest()}"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    return (
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
        f'<meta http-equiv=Content-Security-Policy content="{policy}">\n'
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        '<meta name=color-scheme content="light dark">\n'
        f"<meta name=referrer content=no-referrer><title>{run.verdict}: rack {esc(run.start.serial)}</title>\n"
        f"<style>{sheet}</style></head>\n"
        f"<body>{_SHAPES}<a class=skip href=#main>To the details</a>\n{body}\n"
        f"<script>{finder.script()}</script></body></html>\n"
    )


def _identity(run: Run) -> str:
    return f"{sentences.rack(run)} · {run.start.run}"


def _header(run: Run, anchors: dict[str, str], totals: str) -> str:
    tone = VERDICT_TONES[run.verdict]
    banner = sentences.banner(run)
    emulated = f"<div class=emulated role=note>{esc(banner)}</div>\n" if banner else ""
    return (
        f"{emulated}<header><div class=first>"
        f"<h1 class='verdict tone-{tone}'><svg aria-hidden=true><use href=#m-{tone} /></svg>"
        f"{run.verdict}</h1>\n"
        f"<p class=count>{esc(sentences.counts(run))}</p>\n"
        f"<p class=where>{esc(sentences.rack(run))}<br>{esc(sentences.place(run))}</p>\n"
        f"{_why(run, anchors)}{_groups(run)}{_figures(run)}{totals}</div>\n{elevation(run)}</header>\n{_contents(run)}"
    )


def _why(run: Run, anchors: dict[str, str]) -> str:
    rows = [_reason(case, anchors[name]) for name, case in run.cases.items() if case.outcome == "fail"]
    rows += [_open_point(point) for point in sentences.briefly(sentences.open_points(run))]
    if not rows:
        return ""
    more = len(rows) - _MOST_REASONS
    rest = [f"<li><a href=#failed>{more} more</a><span class=wide>They stand below.</span></li>"] if more > 0 else []
    return f'<ul class=why aria-label="Why">{"".join(rows[:_MOST_REASONS] + rest)}</ul>\n'


def _reason(case: Case, anchor: str) -> str:
    said = sentences.reasons(case)
    more = f" And {len(said) - 1} more." if len(said) > 1 else ""
    picture = next((drawn for m in case.failures if (drawn := bar(m))), "")
    link = _case_link("fail", anchor, *_split(case.planned.case))
    width = "" if picture else " class=wide"
    return f"<li>{link}<span{width}>{prose(said[0])}{more}</span>{picture}</li>"


def _open_point(point: sentences.Open) -> str:
    link = _case_link("open", "open", point.title or "The run", point.where)
    return f"<li>{link}<span class=wide>{prose(point.what)}</span></li>"


def _case_link(tone: Tone, anchor: str, number: str, where: str) -> str:
    """Return number and device on lines of their own, so that neither is broken."""
    device = f" <small>{esc(where)}</small>" if where else ""
    return f"<a class=tone-{tone} href=#{anchor}>{mark(tone)}<span>{esc(number)}{device}</span></a>"


def _split(case: str) -> tuple[str, str]:
    return sentences.number_of(case), "".join(sentences.devices_of([case]))


def _groups(run: Run) -> str:
    items = []
    for group, tones in sentences.groups(run).items():
        said = f"{tones['pass']}/{tones.total()}"
        items.append(f"<li>{mark(_worst(tones))}{esc(wording.words(group))} <b>{said}</b>{_besides(tones)}</li>")
    return f'<ul class=groups aria-label="Cases passed in each group">{"".join(items)}</ul>\n' if items else ""


def _worst(tones: Counter[Tone]) -> Tone:
    return "fail" if tones["fail"] else "open" if tones["open"] else "pass"


def _besides(tones: Counter[Tone]) -> str:
    said = [f"{tones['fail']} failed"] * bool(tones["fail"]) + [f"{tones['open']} open"] * bool(tones["open"])
    return f" ({', '.join(said)})" if said else ""


def _figures(run: Run) -> str:
    rows = "".join(
        f"<div><dt>{esc(what)}</dt><dd>{esc(figure)}</dd></div>" for what, figure in sentences.key_figures(run)
    )
    return f'<dl class=figures aria-label="Figures of the rack">{rows}</dl>\n' if rows else ""


@dataclass(frozen=True, slots=True)
class _Link:
    anchor: str
    title: str


_CONTENTS = (
    _Link("measured", "Everything measured"),
    _Link("devices", "Devices"),
    _Link("rules", "How this was decided"),
    _Link("run", "What this rests on"),
)


def _contents(run: Run) -> str:
    first = [_Link("failed", "Failed")] if run.of("fail") else []
    first += [_Link("open", "Not decided")] if run.open_points() else []
    links = "".join(f"<li><a href=#{link.anchor}>{link.title}</a></li>" for link in (*first, *_CONTENTS))
    return f'<nav aria-label="Parts of this report"><ul>{links}</ul></nav>\n'
