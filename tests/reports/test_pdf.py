"""The report on paper, read back by poppler where it is there, and as the data that it is typeset from."""

import json
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.run import Run
from reports import paper_svg, pdf
from reports.pdf_data import Pictures, data
from tests import servers
from tests.reports.conftest import Rack


def text_of(pages: bytes, folder: Path) -> str:
    (folder / "r.pdf").write_bytes(pages)
    command = [servers.need("pdftotext"), "-layout", "r.pdf", "-"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.real
def test_the_cover_has_the_verdict_and_why(rejected: Run, tmp_path: Path) -> None:
    cover = text_of(pdf.render(rejected, lambda _: []), tmp_path).partition("\f")[0]
    assert "REJECTED" in cover
    assert "6 K above" in " ".join(cover.split())
    assert "Contents" in cover
    assert "1/3" in cover


@pytest.mark.real
def test_every_page_says_that_the_rack_was_emulated(emulated: Run, tmp_path: Path) -> None:
    pages = text_of(pdf.render(emulated, lambda _: []), tmp_path).split("\f")[:-1]
    assert all("EMULATED RACK" in page for page in pages)


def test_the_same_run_gives_the_same_bytes(rack: Rack) -> None:
    run, columns = rack
    assert pdf.render(run, columns) == pdf.render(run, columns)


def test_what_devices_say_is_never_markup(hostile: Run, tmp_path: Path) -> None:
    assert pdf.render(hostile, lambda _: []).startswith(b"%PDF-")


@pytest.mark.parametrize("which", ["accepted", "rejected", "killed", "hostile"])
def test_what_is_typeset_is_plain_data(which: str, request: pytest.FixtureRequest) -> None:
    said = data(request.getfixturevalue(which), lambda _: [], Pictures())
    assert json.loads(json.dumps(said, allow_nan=False))


def test_characters_that_no_font_has_are_named(accepted: Run) -> None:
    accepted.notes.append("測試 ok")
    (notes,) = [t for t in data(accepted, lambda _: [], Pictures())["tables"] if t["title"] == "Notes"]
    assert notes["rows"] == [["[U+6E2C][U+8A66] ok"]]


def test_pictures_are_xml_of_their_own(rack: Rack) -> None:
    pictures = Pictures()
    data(*rack, pictures)
    assert len(pictures.files) > 20
    roots = [ET.fromstring(drawn) for drawn in pictures.files.values()]
    assert {root.tag for root in roots} == {"{http://www.w3.org/2000/svg}svg"}
    assert all(root.get("viewBox") for root in roots)


def test_a_class_of_the_page_becomes_what_it_stands_for() -> None:
    (drawn,) = paper_svg.pictures("<svg class=plot viewBox='0 0 9 9'><path class='series odd' d='M0 0'/></svg>")
    path = ET.fromstring(drawn)[0]
    assert (path.get("stroke"), path.get("stroke-width"), path.get("class")) == ("#0063a0", "2.4", None)
