"""The page in a real browser: quiet, fetches nothing, fits a phone, prints."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.columns import Column
from harness.run import Run
from reports import html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
Rack = tuple[Run, Callable[[str], list[Column]]]

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason=f"{CHROMIUM} is missing: install the package chromium"),
]


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    api = pytest.importorskip("playwright.sync_api", reason="playwright is missing")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


class Visit:
    """A page that was opened, and what it said and asked for meanwhile."""

    def __init__(self, browser: "Browser", path: Path, width: int, height: int, scheme: str = "light") -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page: Page = browser.new_page(
            viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
        )
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())


Open = Callable[..., Visit]


@pytest.fixture
def visit(browser: "Browser", tmp_path: Path) -> Iterator[Open]:
    visits: list[Visit] = []

    def open_(page: str, width: int = 1280, height: int = 900, scheme: str = "light") -> Visit:
        path = tmp_path / "report.html"
        path.write_text(page, encoding="utf-8")
        visits.append(Visit(browser, path, width, height, scheme))
        return visits[-1]

    yield open_
    for one in visits:
        one.page.close()


def no_columns(_: str) -> list[Column]:
    return []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_a_large_run_is_quiet_and_fits(visit: Open, rack: Rack, width: int, height: int, scheme: str) -> None:
    opened = visit(html.render(*rack), width, height, scheme)
    assert opened.said == []
    assert [url.partition(":")[0] for url in opened.asked] == ["file"]
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.page.screenshot(path=opened.page.url.removeprefix("file://") + ".png")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 664)])
def test_verdict_and_first_reason_are_in_the_first_view(visit: Open, rack: Rack, width: int, height: int) -> None:
    page = visit(html.render(*rack), width, height).page
    for one in (page.get_by_role("heading", name="REJECTED"), page.get_by_role("link", name="POW-012").first):
        box = one.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height


def test_hostile_text_stays_text(visit: Open, hostile: Run) -> None:
    opened = visit(html.render(hostile, no_columns), 390)
    assert opened.said == []
    assert len(opened.asked) == 1
    assert opened.page.evaluate("document.querySelectorAll('img, [onerror]').length") == 0
    assert opened.page.evaluate("[...document.scripts].map(s => s.id)") == ["rows", ""]  # ours, and no other
    assert "<script>alert('x')</script>" in opened.page.inner_text("body")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_case_unfolds_without_a_script(visit: Open, rack: Rack) -> None:
    page = visit(html.render(*rack)).page
    row = page.get_by_role("rowheader", name="psu share").first
    assert not row.is_visible()
    page.get_by_text("With the load of step 1,").click()
    assert row.is_visible()


def test_paper_has_serial_verdict_and_emulated_on_every_page(visit: Open, rack: Rack, tmp_path: Path) -> None:
    page = visit(html.render(*rack)).page
    margins = page.evaluate(
        "[...document.styleSheets[0].cssRules].filter(r => r instanceof CSSPageRule).map(r => r.cssText).join()"
    )
    printed = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF-")
    assert printed.count(b"/Type /Page\n") > 3
    assert all(box in margins for box in ("@top-left", "@top-right", "@bottom-left", "counter(page)"))
    assert "REJECTED" in margins
    page.emulate_media(media="print")
    assert page.get_by_role("rowheader", name="psu share").first.is_visible()


def test_landmarks_and_headings_are_there_for_a_screen_reader(visit: Open, rack: Rack) -> None:
    page = visit(html.render(*rack)).page
    for role in ("banner", "main", "navigation", "contentinfo"):
        assert page.get_by_role(role).count() == 1
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.get_by_role("img", name="power meter · power").count() == 1


def test_measurements_are_found_and_sorted(visit: Open, rack: Rack) -> None:
    opened = visit(html.render(*rack))
    page, run = opened.page, rack[0]
    table = page.get_by_role("region", name="Measurements", exact=True)
    status = page.get_by_role("status")
    assert status.inner_text().startswith(f"{len(run.measurements)} of {len(run.measurements)} measurements")
    page.get_by_label("Judged").select_option("fail")
    failed = [m for m in run.measurements if m.judged == "fail"]
    assert status.inner_text() == f"{len(failed)} of {len(run.measurements)} measurements"
    assert table.locator("tbody tr").count() == len(failed)
    page.get_by_label("Judged").select_option("")
    page.get_by_label("Find").fill("psu SHARE")
    shares = sorted(float(m.value) for m in run.measurements if m.name == "psu_share" and m.value is not None)
    page.get_by_role("button", name="Value").click()
    page.get_by_role("button", name="Value").click()
    assert table.locator("th[aria-sort=descending]").inner_text() == "Value"
    first = table.locator("tbody tr").first.locator("td").nth(4).inner_text()
    assert float(first) == pytest.approx(shares[-1], rel=1e-5)
    assert opened.said == []


def test_rows_beyond_the_first_are_there_when_asked_for(visit: Open, rack: Rack) -> None:
    page = visit(html.render(*rack)).page
    rows = page.get_by_role("region", name="Measurements", exact=True).locator("tbody tr")
    before = rows.count()
    assert before < len(rack[0].measurements)
    page.get_by_role("button", name="Show more").click()
    assert rows.count() > before


def test_what_devices_say_stays_text_in_the_table(visit: Open, hostile: Run) -> None:
    opened = visit(html.render(hostile, no_columns))
    cells = opened.page.get_by_role("region", name="Measurements", exact=True).locator("tbody td").all_inner_texts()
    assert any("<" in cell for cell in cells)
    assert opened.page.evaluate("document.querySelectorAll('#finder img, #finder script').length") == 0
    assert opened.said == []
