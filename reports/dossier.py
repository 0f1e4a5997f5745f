"""The dossier of a campaign, as text and as one page: the recommendation and why, then requirement by requirement."""

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from harness import wording
from harness.evidence.dossier import Dossier, Figure, Rack, Shown
from harness.figures import clean, day_and_time, prefix
from reports import sentences
from reports.markup import esc, section, table
from reports.pdf import typeset
from reports.pdf_data import printable
from reports.sentences import Tone
from reports.style import style

SCHEMA = "rackproof-dossier/1"
TONES: dict[str, Tone] = {"RECOMMENDED": "pass", "NOT RECOMMENDED": "fail", "NOT DECIDED": "open"}
REQUIREMENTS = ("Requirement", "What was agreed", "Shown", "Failed", "Open", "First attempt", "Closest", "Deviation")
RACKS = ("Rack", "Generation", "Site", "First result", "Tested again", "Last result", "Runs")
FIGURES = ("Figure", "Generation", "Racks", "Mean", "Least", "Greatest")


def requirement_rows(dossier: Dossier) -> list[tuple[str, ...]]:
    """Return a row of plain text for each requirement."""
    return [_requirement(each, len(dossier.racks), dossier.campaign.rule.confidence) for each in dossier.requirements]


def _requirement(each: Shown, racks: int, confidence: float) -> tuple[str, ...]:
    bound = "" if each.reliability is None else f"at least {each.reliability:.0%} of racks, {confidence:.0%} sure"
    first = f"{each.first_failures} failed; {bound}" if each.first_failures else bound
    least = "" if each.least is None else f"{wording.value(each.least)} ({wording.limit(each.least)}), {each.least_at}"
    conceded = each.deviation
    said = "" if conceded is None else f"{conceded.reason}; {conceded.signer}, until {conceded.until}"
    shown = f"{len(each.shown)} of {racks}"
    names = (", ".join(each.failed), ", ".join(each.undecided))
    return tuple(map(clean, (each.id, each.text, shown, *names, first, least, said)))


def rack_rows(dossier: Dossier) -> list[tuple[str, ...]]:
    """Return a row for each rack; its first result stands before the last."""
    return [_rack(rack) for rack in dossier.racks]


def _rack(rack: Rack) -> tuple[str, ...]:
    site = ", ".join(dict.fromkeys(run.start.station for run in rack.runs))
    runs = "; ".join(f"{day_and_time(run.begun)} {run.verdict}" for run in rack.runs)
    again = f"{rack.retests} times" if rack.retests else "no"
    return tuple(map(clean, (rack.serial, rack.generation, site, rack.first, again, rack.last.verdict, runs)))


def figure_rows(dossier: Dossier) -> list[tuple[str, ...]]:
    """Return performance and efficiency by generation."""
    return [_figure(each) for each in dossier.figures]


def _figure(each: Figure) -> tuple[str, ...]:
    factor, _, symbol = prefix(each.unit, max(abs(each.least), abs(each.greatest)))
    said = [f"{value / factor:.5g} {symbol}".rstrip() for value in (each.mean, each.least, each.greatest)]
    return wording.words(each.name).capitalize(), clean(each.generation), str(each.count), *said


def rule(dossier: Dossier) -> str:
    """Say the rule, who wrote it and when."""
    r = dossier.campaign.rule
    return (
        f"Recommended where at least {r.least_racks} racks are accepted, no requirement failed or is open without a "
        f"deviation, and at most {r.most_retested:.0%} of the racks were tested again; written on {r.written} by "
        f"{clean(r.signer)}."
    )


def text(dossier: Dossier) -> str:
    """Return the dossier as text."""
    lines = [dossier.recommendation, clean(dossier.campaign.name)]
    lines += [sentences.EMULATED] if dossier.emulated else []
    lines += [*(f"  {clean(reason)}" for reason in dossier.reasons), "", rule(dossier)]
    for title, rows in (
        ("requirements", requirement_rows(dossier)),
        ("racks", rack_rows(dossier)),
        ("figures", figure_rows(dossier)),
    ):
        lines += ["", f"{title} ({len(rows)})", *("  " + "  ".join(cell for cell in row if cell) for row in rows)]
    return "\n".join(lines) + "\n"


def html(dossier: Dossier) -> str:
    """Return the dossier as one page, without a script."""
    emulated = sentences.EMULATED if dossier.emulated else ""
    name = clean(dossier.campaign.name)
    sheet = style(name, dossier.recommendation, emulated)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    tone = TONES[dossier.recommendation]
    why = "".join(f"<li>{esc(reason)}</li>" for reason in dossier.reasons)
    note = f"<div class=emulated role=note>{emulated}</div>" if emulated else ""
    return (
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
        f'<meta http-equiv=Content-Security-Policy content="{policy}">\n'
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>{dossier.recommendation}: {esc(name)}</title>\n<style>{sheet}</style></head>\n<body>{note}"
        f"<header><h1 class='verdict tone-{tone}'>{dossier.recommendation}</h1><p class=count>{esc(name)}</p>"
        f"<ul>{why}</ul><p class=where>{esc(rule(dossier))}</p></header><main id=main>{_sections(dossier)}</main>"
        "</body></html>\n"
    )


def _sections(dossier: Dossier) -> str:
    parts = (
        (
            "requirements",
            "Requirements",
            REQUIREMENTS,
            requirement_rows(dossier),
            ("k", "w", "n", "w", "w", "w", "w", "w"),
        ),
        ("racks", "Racks, first result and every repeat", RACKS, rack_rows(dossier), ("k", "", "", "", "", "", "w")),
        ("figures", "Performance and efficiency", FIGURES, figure_rows(dossier), ("k", "", "n", "n", "n", "n")),
    )
    return "".join(section(name, title, _table(title, heads, rows, kinds)) for name, title, heads, rows, kinds in parts)


def _table(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], kinds: tuple[str, ...]) -> str:
    cells = [tuple(map(esc, row)) for row in rows]
    return table(title, heads, cells, kinds, named=False) if cells else ""


def pdf(dossier: Dossier) -> bytes:
    """Return the dossier as PDF, the same bytes for the same runs."""
    tables = (
        ("Requirements", REQUIREMENTS, requirement_rows(dossier)),
        ("Racks, first result and every repeat", RACKS, rack_rows(dossier)),
        ("Performance and efficiency", FIGURES, figure_rows(dossier)),
    )
    said = {
        "title": f"{dossier.recommendation}: {clean(dossier.campaign.name)}",
        "name": clean(dossier.campaign.name),
        "recommendation": dossier.recommendation,
        "tone": TONES[dossier.recommendation],
        "emulated": sentences.EMULATED if dossier.emulated else "",
        "reasons": [clean(reason) for reason in dossier.reasons],
        "rule": rule(dossier),
        "tables": [{"title": title, "heads": heads, "rows": rows} for title, heads, rows in tables if rows],
    }
    return typeset("dossier.typ", {name: printable(each) for name, each in said.items()})


def as_json(dossier: Dossier) -> str:
    """Return the dossier as one line of JSON."""
    told: dict[str, Any] = {
        "schema": SCHEMA,
        "campaign": dossier.campaign.name,
        "recommendation": dossier.recommendation,
        "reasons": dossier.reasons,
        "emulated": dossier.emulated,
        "rule": dossier.campaign.rule.model_dump(mode="json"),
        "racks": [
            {"serial": r.serial, "generation": r.generation, "verdicts": [run.verdict for run in r.runs]}
            for r in dossier.racks
        ],
        "requirements": [
            {
                "id": r.id,
                "text": r.text,
                "shown": list(r.shown),
                "failed": list(r.failed),
                "open": list(r.undecided),
                "first_failures": r.first_failures,
                "reliability": r.reliability,
                "deviation": None if r.deviation is None else r.deviation.model_dump(mode="json"),
            }
            for r in dossier.requirements
        ],
    }
    return json.dumps(told, allow_nan=False) + "\n"
