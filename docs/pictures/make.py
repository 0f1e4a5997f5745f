"""Make the pictures of the README: a demo with a fault and one without, and the first screen of their reports."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FAULT = "tray07.cold_plate_blocked"
WIDTH, HEIGHT = 1280, 1000
LARGEST = 200_000
"""Bytes that a picture may have: it is loaded with the README."""


def report(runs: Path, *options: str) -> Path:
    """Run a demo into `runs` and return its report. Raises CalledProcessError where it ends without a verdict."""
    command = [sys.executable, "-m", "harness.cli", "demo", "--runs", str(runs), *options]
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - ours
    if ended.returncode not in (0, 1):
        raise subprocess.CalledProcessError(ended.returncode, command)
    return next(runs.glob("*/reports/report.html"))


def picture(browser: "Browser", page: Path, target: Path) -> None:
    """Draw the first screen of `page`. Raises ValueError where the picture is larger than a README should load."""
    opened = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
    opened.goto(page.as_uri())
    opened.screenshot(path=target)
    opened.close()
    size = target.stat().st_size
    if size > LARGEST:
        raise ValueError(f"{target}: {size} bytes, at most {LARGEST}: show less of the page")


def main() -> None:
    """Make both pictures beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="browser to draw with (default: %(default)s)")
    browser_path = parser.parse_args().chromium
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        here = Path(__file__).parent
        picture(browser, report(Path(folder) / "rejected", "--fault", FAULT), here / "report.png")
        picture(browser, report(Path(folder) / "accepted"), here / "accepted.png")
        browser.close()


if __name__ == "__main__":
    main()
