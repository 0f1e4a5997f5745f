"""`rackproof parse` as a program: what it prints, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.drivers.outputs import GOOD, nccl


def run(*words: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "harness.cli", "parse", *words]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def test_a_good_output_as_json(tmp_path: Path) -> None:
    path = tmp_path / "stream.log"
    path.write_text(GOOD["stream"])
    done = run("stream", str(path), "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert list(said) == ["schema", "tool", "version", "verdict", "reasons", "figures"]
    assert (said["schema"], said["tool"], said["version"]) == ("rackproof.parse/1", "stream", "5.10")
    threads = next(figure for figure in said["figures"] if figure["name"] == "threads")
    assert threads == {"name": "threads", "value": 2, "unit": "1", "raw": "2", "reason": None}


@pytest.mark.parametrize(("wrong", "verdict"), [("7", "bad"), ("N/A", "unverified")])
def test_what_is_not_good_ends_with_1_and_says_why(wrong: str, verdict: str) -> None:
    done = run("nccl-tests", "-", stdin=nccl(wrong).encode())
    assert done.returncode == 1
    assert done.stdout.startswith(f"nccl-tests 2.17.1: {verdict}\n  ".encode())


def test_what_is_not_that_tools_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("nothing of it\n")
    done = run("hpl", str(path))
    assert done.returncode == 3
    assert done.stdout == b""
    assert f"{path}: not the output of hpl" in done.stderr.decode()


def test_usage(tmp_path: Path) -> None:
    missing = run("hpl", str(tmp_path / "none"))
    unknown = run("linpack", "-")
    assert (missing.returncode, unknown.returncode) == (2, 2)
    assert b"no such file" in missing.stderr
    assert b"unknown tool 'linpack'; known: amd-smi" in unknown.stderr
