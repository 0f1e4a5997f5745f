"""The documentation is true: its commands run, its links lead somewhere, what it takes from the code is the code's.

On a page, every line of a ```console block that begins with `$ ` is run, all of a page in one shell, in a folder where
`racks/a/rack.toml` is the inventory of a running emulated rack; a line below it must be in what it prints. A block
headed ```toml NAME or ```python NAME is the file NAME in that folder.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import pages

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
IDS = [str(page.relative_to(ROOT)) for page in PAGES]
_BLOCK = re.compile(r"^```(\w+)[ ]?(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_END = "@@ended "


@dataclass
class Step:
    """A command of a page, and lines that it must print."""

    command: str
    prints: list[str] = field(default_factory=list)


def _steps(page: Path) -> list[Step]:
    steps: list[Step] = []
    for language, _, body in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in body.splitlines() if language == "console" else []:
            if line.startswith("$ "):
                steps.append(Step(line.removeprefix("$ ")))
            elif line.startswith("> ") and not steps[-1].prints:
                steps[-1].command += "\n" + line.removeprefix("> ")
            elif line.strip(" …"):
                steps[-1].prints.append(line.strip())
    return steps


RUN = [page for page in PAGES if _steps(page)]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `rackproof` in it, by the Python that runs the tests."""
    folder = tmp_path_factory.mktemp("programs")
    program = folder / "rackproof"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m harness.cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a running emulated rack."""
    folder = tmp_path_factory.mktemp("racks")
    command = [sys.executable, "-m", "harness.emulator", "gen-a", "--out", str(folder / "a"), "--until-eof"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready ")
        yield folder
        process.terminate()


@pytest.mark.parametrize("page", RUN, ids=[str(page.relative_to(ROOT)) for page in RUN])
def test_the_commands_of_a_page_do_what_it_says(page: Path, programs: Path, rack: Path, tmp_path: Path) -> None:
    shutil.copytree(rack / "a", tmp_path / "racks" / "a")
    for _, name, body in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if name:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(body, encoding="utf-8")
    steps = _steps(page)
    script = "".join(f"{step.command}\necho; echo '{_END}'$?\n" for step in steps)
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=False, check=False, timeout=300,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    outputs = re.split(rf"^{_END}(\d+)\n", done.stdout, flags=re.MULTILINE)
    for step, output, status in zip(steps, outputs[0::2], outputs[1::2], strict=False):
        assert status == "0", f"$ {step.command}\n{output}"
        missing = [line for line in step.prints if line not in output]
        assert not missing, f"$ {step.command}\n{output}"
    assert len(outputs) == 2 * len(steps) + 1


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            broken.append(target)
    assert not broken


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_a_page_can_be_found(page: Path) -> None:
    """Every page is linked from another one."""
    others = [(other, target) for other in PAGES if other != page for target in _targets(other)]
    assert page == ROOT / "README.md" or any((other.parent / t).resolve() == page for other, t in others)


def _targets(page: Path) -> list[str]:
    return [target.partition("#")[0] for target in _LINK.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_what_is_taken_from_the_code_is_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == pages.filled(text), "run `make docs`"


def test_every_part_stands_on_a_page() -> None:
    written = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in pages.PARTS if f"<!-- begin {name} -->" not in written] == []
