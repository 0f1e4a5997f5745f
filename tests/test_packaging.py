"""The wheel holds the four packages and nothing else, and what is installed from it accepts a rack."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("drivers", "harness", "reports", "test_plans")
ACCEPTED_IN_S = 400


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the backend that is installed; no index is asked."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds the wheel, sees the locked packages, and not this folder."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    programs = environment / "bin"
    install = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, env=_environment())
    (packages,) = environment.glob("lib/python3.*/site-packages")
    # a .pth inside that folder is not read, so an editable install there does not lead back here
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return programs


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_holds_the_four_packages_and_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in _names(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert len(tops) == len(PACKAGES) + 1


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    here = {path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()}
    wanted = {path.relative_to(ROOT).as_posix() for path in here if "__pycache__" not in path.parts}
    assert wanted == {name for name in _names(wheel) if ".dist-info/" not in name}
    assert {"drivers/py.typed", "harness/py.typed", "reports/py.typed"} <= wanted
    assert {Path(name).suffix for name in wanted} >= {".toml", ".json", ".typed"}


def test_what_is_installed_is_the_wheel_and_not_this_folder(installed: Path, tmp_path: Path) -> None:
    program = f"import {', '.join(PACKAGES)}\nfor p in ({', '.join(PACKAGES)}): print(p.__file__)"
    command = [str(installed / "python"), "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=_environment(), capture_output=True, text=True, check=True)
    assert all(Path(line).is_relative_to(installed.parent) for line in done.stdout.splitlines())


def test_a_rack_is_accepted_from_the_wheel_in_another_folder(installed: Path, tmp_path: Path) -> None:
    command = [str(installed / "rackproof"), "demo", "--plan", "rehearsal", "--json"]
    done = subprocess.run(
        command, cwd=tmp_path, env=_environment(), capture_output=True, text=True, check=False, timeout=ACCEPTED_IN_S
    )
    assert done.returncode == 0, done.stderr[-4000:]
    result = json.loads(done.stdout)
    assert (result["verdict"], result["emulated"], result["failed"]) == ("ACCEPTED", True, [])
    assert {path.name for path in tmp_path.iterdir()} == {"runs"}
    report = (tmp_path / result["report"]).read_text(encoding="utf-8")
    assert "ACCEPTED" in report
