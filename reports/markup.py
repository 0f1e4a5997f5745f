"""Escaped markup: the only way in which text of others enters a page."""

import html
from collections.abc import Iterable, Sequence

from harness.figures import clean, unbroken
from reports.sentences import Tone


def esc(text: object) -> str:
    """Return `text` as character data that is safe in elements and quoted attributes."""
    return html.escape(clean(str(text)))


def block(text: str) -> str:
    """Return a reply or message as preformatted text, line by line."""
    return f"<pre>{chr(10).join(esc(line) for line in text.splitlines())}</pre>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a list of terms and what they are; the right side is markup, empty ones are left away."""
    rows = "".join(f"<div><dt>{term}</dt><dd>{said}</dd></div>" for term, said in pairs if said)
    return f"<dl>{rows}</dl>"


def table(
    label: str, heads: Sequence[str], rows: Iterable[Sequence[str]], classes: Sequence[str], *, named: bool = True
) -> str:
    """Return a table in a region of its own that scrolls; cells are markup, the first of a row is its header.

    Without `named`, the label is for screen readers only.
    """
    kinds = [f" class={c}" if c else "" for c in classes]
    top = "".join(f"<th scope=col{kind}>{head}</th>" for head, kind in zip(heads, kinds, strict=True))
    body = "\n".join(_row(cells, kinds) for cells in rows)
    name = esc(label)
    return (
        f'<div class=scroll role=region tabindex=0 aria-label="{name}"><table>'
        f"<caption{'' if named else ' class=vh'}>{name}</caption>"
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(cells: Sequence[str], kinds: Sequence[str]) -> str:
    first = f"<th scope=row{kinds[0]}>{cells[0]}"
    rest = "".join(f"<td{kind}>{cell}" for cell, kind in zip(cells[1:], kinds[1:], strict=True))
    return f"<tr>{first}{rest}"  # their end tags are optional, and there may be a million


def section(anchor: str, title: str, body: str) -> str:
    """Return a landmark with its heading; nothing where there is no body."""
    if not body:
        return ""
    return f"<section id={anchor} aria-labelledby={anchor}-h><h2 id={anchor}-h>{title}</h2>\n{body}</section>\n"


def folded(summary: str, body: str, *, opened: bool = False, anchor: str = "") -> str:
    """Return `body` behind its summary, both markup."""
    name = f" id={anchor}" if anchor else ""
    return f"<details{name}{' open' if opened else ''}><summary>{summary}</summary>{body}</details>\n"


def css_string(text: str) -> str:
    r"""Return `text` as a CSS string in which nothing but letters and digits stands for itself.

    >>> css_string('GA-1"')
    '"GA\\00002d1\\000022"'
    """
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in clean(text)) + '"'


def mark(tone: Tone) -> str:
    """Return the shape of a tone; the word stands beside it."""
    return f"<svg class='mark tone-{tone}' aria-hidden=true><use href=#m-{tone} /></svg>"


def prose(text: str) -> str:
    """Return a sentence as markup in which no line ends between a figure and its unit."""
    return unbroken(esc(text))
