"""The checks of `conftest.py` can fail: a test that leaves something behind, and one that skips where none may."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

THREAD = """
import threading
def test_leaves_a_thread():
    threading.Thread(target=threading.Event().wait, daemon=True, name="forgotten").start()
"""
PROCESS = """
import subprocess, sys
def test_leaves_a_process():
    global kept
    kept = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
"""
SOCKET = """
import socket
def test_leaves_a_socket():
    global kept
    kept = socket.create_server(("127.0.0.1", 0))
"""
LASTING = """
import threading, pytest
@pytest.fixture(scope="session")
def served():
    over = threading.Event()
    thread = threading.Thread(target=over.wait, name="serving")
    thread.start()
    yield
    over.set()
    thread.join()
def test_uses_what_lasts(served):
    pass
"""
SKIPPED = """
import pytest
def test_needs_a_program():
    pytest.skip("snmpd is not installed")
"""
CAPTURES = """
import pytest
@pytest.mark.captures
def test_needs_captures():
    pytest.skip("no captures here")
"""


def _run(tmp_path: Path, test: str, ci: str = "") -> subprocess.CompletedProcess[str]:
    tests = tmp_path / "tests"
    tests.mkdir()
    shutil.copy(Path(__file__).with_name("conftest.py"), tests)
    (tests / "conftest.py").write_text(
        (tests / "conftest.py").read_text("utf-8").replace("PATIENCE_S = 10.0", "PATIENCE_S = 0.2")
    )
    (tests / "test_one.py").write_text(test, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = captures: ...\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--import-mode=importlib", "tests"]
    env = {**os.environ, "CI": ci, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("test", "named"),
    [(THREAD, "thread 'forgotten'"), (PROCESS, "process "), (SOCKET, "LISTEN")],
    ids=["thread", "process", "socket"],
)
def test_what_a_module_leaves_behind_fails_it(tmp_path: Path, test: str, named: str) -> None:
    done = _run(tmp_path, test)
    assert done.returncode == 1, done.stdout
    assert "test_one.py left behind" in done.stdout
    assert named in done.stdout


def test_what_lasts_for_the_session_may_outlive_a_module(tmp_path: Path) -> None:
    done = _run(tmp_path, LASTING)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("test", "ci", "status"),
    [(SKIPPED, "", 0), (SKIPPED, "true", 1), (CAPTURES, "true", 0)],
    ids=["desk", "ci", "captures"],
)
def test_only_captures_may_be_absent_on_a_ci_server(tmp_path: Path, test: str, ci: str, status: int) -> None:
    done = _run(tmp_path, test, ci)
    assert done.returncode == status, done.stdout
