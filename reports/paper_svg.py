"""The pictures of the page as SVG files of their own, for paper: XML, with the colours that the style sheet gives them.

On the page a picture is markup of that page, and its look a matter of the style sheet. A file that stands alone has
neither: here it is written as XML (SVG 1.1), each class turned into the attributes that it stands for.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

from harness.figures import clean
from reports.markup import esc

_LOOK = MappingProxyType(
    {
        "state0": {"fill": "#f5f7f9"},
        "state1": {"fill": "#e9edf2"},
        "grid": {"stroke": "#d5dae0", "stroke-width": "0.75", "fill": "none"},
        "series": {"fill": "none", "stroke": "#7b8794", "stroke-width": "1.2", "stroke-linejoin": "round"},
        "n0": {"stroke": "#0063a0", "stroke-width": "1.6"},
        "n1": {"stroke": "#009e73", "stroke-width": "1.6"},
        "n2": {"stroke": "#e69f00", "stroke-width": "1.6"},
        "n3": {"stroke": "#cc79a7", "stroke-width": "1.6"},
        "lead": {"stroke-width": "1"},
        "odd": {"stroke": "#0063a0", "stroke-width": "2.4"},
        "failed": {"stroke": "#d55e00", "stroke-width": "2.4"},
        "limit": {"stroke": "#b03f00", "stroke-width": "1.2", "stroke-dasharray": "5 3", "fill": "none"},
        "limit-name": {"fill": "#b03f00"},
        "label": {"fill": "#16191d", "stroke": "none"},
        "name": {"fill": "#16191d"},
        "heavy": {"font-weight": "bold"},
        "rail": {"stroke": "#d5dae0", "stroke-width": "2"},
        "zone": {"stroke": "#7b8794", "stroke-width": "5"},
        "bound": {"stroke": "#16191d", "stroke-width": "2"},
        "guard": {"fill": "#f0c8aa"},
        "whisker": {"stroke": "#16191d", "stroke-width": "1.5"},
        "dot-pass": {"fill": "#009e73"},
        "dot-fail": {"fill": "#d55e00"},
        "dot-open": {"fill": "#e69f00"},
        "figure": {"fill": "#16191d", "font-weight": "bold"},
    }
)
_TEXT = MappingProxyType({"fill": "#5a626c", "font-size": "11", "font-family": "DejaVu Sans Mono"})
_ROOT = 'xmlns="http://www.w3.org/2000/svg"'
_CASED = MappingProxyType({"viewbox": "viewBox"})
_DROPPED = frozenset({"class", "role", "aria-label", "aria-hidden", "tabindex"})


@dataclass(slots=True)
class Figure:
    """One figure of the page: what it is called, what is said beside, its pictures as SVG documents."""

    title: str = ""
    said: str = ""
    pictures: list[str] = field(default_factory=list)


def figures(markup: str) -> list[Figure]:
    """Return the figures that stand in `markup`, which is ours."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.found


def pictures(markup: str) -> list[str]:
    """Return every picture in `markup`, inside a figure or not."""
    return [picture for figure in figures(f"<figure>{markup}</figure>") for picture in figure.pictures]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Figure] = []
        self._svg: list[str] | None = None
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open(tag, attrs, "")
        if self._svg is not None or tag in ("figcaption", "b"):
            self._inside.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open(tag, attrs, "/")

    def _open(self, tag: str, attrs: list[tuple[str, str | None]], end: str) -> None:
        if tag == "figure":
            self.found.append(Figure())
        if tag == "svg":
            self._svg = []
        if self._svg is not None:
            also = f" {_ROOT}" if tag == "svg" else ""
            self._svg.append(f"<{tag}{also}{_attributes(tag, dict(attrs))}{end}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass
        if self._svg is None:
            return
        self._svg.append(f"</{tag}>")
        if tag == "svg":
            self.found[-1].pictures.append("".join(self._svg))
            self._svg = None

    def handle_data(self, data: str) -> None:
        if self._svg is not None:
            self._svg.append(esc(data))
        elif self._inside[-1:] == ["b"]:
            self.found[-1].title += clean(data)
        elif self._inside[-1:] == ["figcaption"]:
            self.found[-1].said += clean(data)


def _attributes(tag: str, given: dict[str, str | None]) -> str:
    look = dict(_TEXT) if tag == "text" else {}
    for name in (given.get("class") or "").split():
        look |= _LOOK.get(name, {})
    kept = {_CASED.get(name, name): value or "" for name, value in given.items() if name not in _DROPPED}
    return "".join(f" {name}={quoteattr(value)}" for name, value in (look | kept).items())
