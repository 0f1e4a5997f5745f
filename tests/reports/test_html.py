"""The page as markup: what others said stays text, nothing is fetched, and the order of what is said."""

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from harness.columns import Column
from harness.figures import clean
from harness.run import Run
from reports import finder, html
from reports.markup import css_string, esc

Rack = tuple[Run, Callable[[str], list[Column]]]


def no_columns(_: str) -> list[Column]:
    return []


class Page(HTMLParser):
    """The elements and the text of a page, as a browser would take it apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.elements if name in attributes]


def test_nothing_that_others_say_becomes_markup(hostile: Run) -> None:
    page = Page(html.render(hostile, no_columns))
    tags = {tag for tag, _ in page.elements}
    assert [attributes.get("id") for tag, attributes in page.elements if tag == "script"] == ["rows", None]
    assert not tags & {"img", "iframe", "object", "embed", "form", "link", "base"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert all(target.startswith("#") for target in page.attributes("href"))


def test_hostile_text_is_shown_in_full(hostile: Run) -> None:
    page = Page(html.render(hostile, no_columns))
    seen = next(iter(hostile.seen.values()))
    for said in (seen.raw, seen.address, hostile.notes[0], hostile.start.serial):
        assert clean(said) in page.text


def test_hostile_serials_do_not_leave_the_margins_of_the_paper(hostile: Run) -> None:
    page = html.render(hostile, no_columns)
    sheet = page.partition("<style>")[2].partition("</style>")[0]
    assert "<" not in sheet
    assert sheet.count("{") == sheet.count("}")
    assert css_string('"}</style>\\') == r'"\000022\00007d\00003c\00002fstyle\00003e\00005c"'


@pytest.mark.parametrize("name", ["accepted", "rejected", "killed", "hostile", "emulated"])
def test_the_policy_allows_our_style_and_script_and_nothing_else(name: str, request: pytest.FixtureRequest) -> None:
    page = html.render(request.getfixturevalue(name), no_columns)
    sheet = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    allowed = f"style-src 'sha256-{digest}'; script-src {finder.script_digest()}"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    assert policy in Page(page).attributes("content")
    assert "url(http" not in sheet
    assert not Page(page).attributes("style")


def test_the_verdict_and_its_reason_come_first(rejected: Run) -> None:
    page = html.render(rejected, no_columns)
    reason, not_decided = page.index("gpu temperature was 81"), page.index("no instrument here can see inrush")
    assert page.index("REJECTED</h1>") < page.index("2 of 4 cases failed") < reason < not_decided < page.index("<main")
    assert re.findall(r"<h2 id=[a-z-]+>(.*?)</h2>", page) == [
        *("Failed", "Not decided, and why", "Everything measured", "Devices", "Left out, and why"),
        *("How this was decided", "What this rests on", "Sources"),
    ]


def test_a_failure_shows_all_that_it_rests_on(rejected: Run) -> None:
    page = Page(html.render(rejected, no_columns)).text
    article = page[page.index("Every GPU stays below") : page.index("Not decided, and why")]
    for said in (
        *("81\N{NO-BREAK SPACE}°C", "≤ 75 °C", "-6 K", "GA agreement 4.2", "R-12", "ssh://root@10.0.3.7:22 nvidia-smi"),
        *("2, 81", "full load, 14:37:00–15:17:00 UTC, 40 min", "unknown", "simple", "rack", "tray07"),
    ):
        assert said in article, said


def test_a_guarded_failure_shows_uncertainty_and_guard_band(rack: Rack) -> None:
    page = html.render(*rack)
    assert "U = 0.26 kW (k = 2)" in page
    assert "guarded, r = 1, w = 0.26 kW" in page
    assert page.count("class=guard ") == 2  # in the first lines and where it is told in full


def test_missing_devices_stand_with_their_error(rejected: Run) -> None:
    page = Page(html.render(rejected, no_columns)).text
    assert "no reply in 2 s\n  sent     '*IDN?'" in page
    assert "instrument: meter1 on the same path answers" in page


def test_every_page_says_emulated_when_it_was(emulated: Run, accepted: Run) -> None:
    said = html.render(emulated, no_columns)
    margin = css_string("EMULATED RACK: this run did not touch hardware")
    assert f"@bottom-left{{content:{margin}" in said
    assert said.index("EMULATED RACK", said.index("<body")) < said.index("<h1")
    assert "EMULATED RACK" not in html.render(accepted, no_columns)


def test_a_resumed_run_tells_of_torn_bytes(killed: Run) -> None:
    page = Page(html.render(killed, no_columns)).text
    assert "117 torn bytes" in page
    assert "it does not end" in page


def test_links_lead_somewhere_and_ids_are_unique(rack: Rack, rejected: Run, hostile: Run) -> None:
    for page in (html.render(*rack), html.render(rejected, no_columns), html.render(hostile, no_columns)):
        found = Page(page)
        ids = found.attributes("id")
        assert len(ids) == len(set(ids))
        assert {target[1:] for target in found.attributes("href")} <= set(ids)


def test_every_measurement_is_there(rack: Rack) -> None:
    page = html.render(*rack)
    begin, end = page.index("id=measured"), page.index("id=devices")
    rows = page[begin:end].count("<tr>") - page[begin:end].count("<thead>")
    assert rows == len(rack[0].measurements)


def test_tables_and_plots_have_names(rack: Rack) -> None:
    page = html.render(*rack)
    assert page.count("<table") == page.count("<caption")
    assert all("aria-label" in svg or "aria-hidden" in svg for svg in re.findall(r"<svg[^>]*>", page))
    assert all("scope=" in th for th in re.findall(r"<th[^e>]*>", page))


def test_the_same_run_gives_the_same_page(rack: Rack) -> None:
    assert html.render(*rack) == html.render(*rack)


def test_sources_are_written_once(rack: Rack) -> None:
    page = html.render(*rack)
    shelf = next(c.source for c in rack[1]("idle") if c.device == "shelf3" and c.point == "output_power")
    assert page.count(esc(shelf)) == 1  # a hundred passed measurements rest on it
    assert len(page) < 1_000_000
