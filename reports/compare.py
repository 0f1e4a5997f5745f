"""Runs beside each other, as text, page and JSON: conditions first, then what got worse, and by how much."""

import base64
import dataclasses
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from harness.evidence.comparison import Change, Comparison, Difference, Said
from harness.figures import clean
from harness.run import Run
from harness.wording import words
from reports import sentences
from reports.markup import esc, section, table
from reports.style import style

SCHEMA = "rackproof-compare/1"
_ORDER: tuple[Change, ...] = ("worse", "better", "changed", "undecided")
_TITLES: dict[Change, str] = {
    "worse": "Worse",
    "better": "Better",
    "changed": "Different",
    "undecided": "Different, by an amount whose uncertainty is unknown",
}
_ALIKE = {True: "alike", False: "DIFFERENT", None: "not told"}
_HEADS = ("Case", "Quantity", "Before", "After", "Difference", "Ratio", "Effect", "Most", "Judged")


def name(run: Run) -> str:
    """Say which run it is."""
    start = run.start
    return f"{clean(start.serial)} ({clean(start.generation)} rev {start.profile_revision}, {clean(start.run)})"


def text(comparison: Comparison) -> str:
    """Return the comparison as text."""
    head = [f"{name(comparison.after)}", f"beside {name(comparison.before)}", _summary(comparison)]
    if comparison.before.emulated or comparison.after.emulated:
        head.append(sentences.EMULATED)
    lines = [*head, "", "conditions"]
    lines += [f"  {_ALIKE[c.alike]:10} {c.name}: {' | '.join(map(clean, c.said))}" for c in comparison.conditions]
    lines += ["", _about_ratios(comparison)]
    for change in _ORDER:
        rows = [*_rows(comparison, change), *_said(comparison, change)]
        if rows:
            lines += ["", f"{_TITLES[change].lower()} ({len(rows)})"]
            lines += ["  " + "  ".join(cell for cell in row if cell) for row in rows]
    lines += ["", f"{_unchanged(comparison)} quantities are the same within their uncertainty"]
    lines += [f"  {clean(missing)}" for missing in comparison.missing]
    return "\n".join(lines) + "\n"


def _summary(comparison: Comparison) -> str:
    verdicts = f"{comparison.before.verdict} before, {comparison.after.verdict} after"
    worse = comparison.worse
    return f"{verdicts}; {worse} {'quantity' if worse == 1 else 'quantities'} worse beyond the uncertainty"


def _about_ratios(comparison: Comparison) -> str:
    differing = ", ".join(c.name for c in comparison.conditions if c.alike is False)
    if not differing:
        return "Ratios are given: no condition is known to differ."
    if comparison.correction:
        return (
            f"Ratios are given although {differing} differ, with the stated correction: {clean(comparison.correction)}"
        )
    return f"No ratio is given: {differing} differ. State a correction with --correction to have them."


def _unchanged(comparison: Comparison) -> int:
    return sum(d.change == "same" for d in comparison.differences)


def _rows(comparison: Comparison, change: Change) -> Iterator[tuple[str, ...]]:
    for d in comparison.differences:
        if d.change == change:
            yield _row(d)


def _row(d: Difference) -> tuple[str, ...]:
    unit = "" if d.unit in (None, "1") else f" {d.unit}"
    interval = "" if d.interval is None else f" ± {d.interval:.3g}"
    ratio = "" if d.ratio is None else f"x {d.ratio[0]:.5g} ± {d.ratio[1]:.2g}"
    effect = "" if d.delta is None else f"Cliff's delta {d.delta:+.2f}"
    most = f"most {clean(d.most)}" if d.most else ""
    judged = d.after.worst if d.before.worst == d.after.worst else f"{d.before.worst} -> {d.after.worst}"
    values = [f"{s.mean:.6g}{unit}{f' (n = {s.count})' if s.count > 1 else ''}" for s in (d.before, d.after)]
    apart = f"{d.difference:+.4g}{interval}{unit}"
    return clean(d.case), words(d.name), *values, apart, ratio, effect, most, judged.replace("_", " ")


def _said(comparison: Comparison, change: Change) -> Iterator[tuple[str, ...]]:
    for s in comparison.said:
        if s.change == change:
            yield clean(s.case), words(s.name), _places(s), "", "", "", "", "", s.change


def _places(s: Said) -> str:
    return f"in {s.places} places: {clean('; '.join(s.examples))}"


def html(comparison: Comparison) -> str:
    """Return the comparison as one page, without a script."""
    emulated = sentences.EMULATED if comparison.before.emulated or comparison.after.emulated else ""
    sheet = style(name(comparison.after), "comparison", emulated)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    mark = f"<div class=emulated role=note>{emulated}</div>" if emulated else ""
    head = f"<h1>{esc(name(comparison.after))}</h1><p class=where>beside {esc(name(comparison.before))}</p>"
    return (
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
        f'<meta http-equiv=Content-Security-Policy content="{policy}">\n'
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>Comparison: {esc(comparison.after.start.serial)}</title>\n<style>{sheet}</style></head>\n"
        f"<body>{mark}<header>{head}<p class=count>{esc(_summary(comparison))}</p></header>"
        f"<main id=main>{_sections(comparison)}</main></body></html>\n"
    )


def _sections(comparison: Comparison) -> str:
    heads = ("Condition", "Before", "After", "")
    rows = [tuple(map(esc, (c.name, *c.said, _ALIKE[c.alike]))) for c in comparison.conditions]
    said = f"<p>{esc(_about_ratios(comparison))}</p>{table('Conditions', heads, rows, ('', 'w', 'w', ''))}"
    parts = [section("conditions", "Conditions", said)]
    for change in _ORDER:
        of_change = [tuple(map(esc, row)) for row in (*_rows(comparison, change), *_said(comparison, change))]
        kinds = ("k", "", "n", "n", "n", "n", "", "", "")
        drawn = table(_TITLES[change], _HEADS, of_change, kinds, named=False) if of_change else ""
        parts.append(section(change, _TITLES[change], drawn))
    rest = "".join(f"<li>{esc(missing)}</li>" for missing in comparison.missing)
    same = f"<p>{_unchanged(comparison)} quantities are the same within their uncertainty.</p>"
    return "".join(parts) + section("same", "The same", same + (f"<ul>{rest}</ul>" if rest else ""))


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain data."""
    return {
        "schema": SCHEMA,
        "before": comparison.before.start.run,
        "after": comparison.after.start.run,
        "verdicts": [comparison.before.verdict, comparison.after.verdict],
        "emulated": comparison.before.emulated or comparison.after.emulated,
        "comparable": comparison.comparable,
        "correction": comparison.correction or None,
        "worse": comparison.worse,
        "conditions": [dataclasses.asdict(c) for c in comparison.conditions],
        "differences": [dataclasses.asdict(d) for d in comparison.differences],
        "said": [dataclasses.asdict(s) for s in comparison.said],
        "missing": comparison.missing,
    }


def line(comparison: Comparison) -> str:
    """Return the comparison as one line of JSON."""
    return json.dumps(as_json(comparison), allow_nan=False) + "\n"
