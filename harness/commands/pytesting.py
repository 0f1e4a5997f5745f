"""pytest, called for a run or a check: no configuration but ours, no terminal report but ours."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.commands import shipped
from harness.runfolder import Inputs


def call(inputs: Inputs, plugins: Sequence[object], extra: Sequence[str] = ()) -> int:
    """Collect the shipped cases for these inputs and do what `extra` says; return pytest's exit code."""
    cases = str(shipped.cases())
    options = ["-p", "harness.plugin", "-p", "no:cacheprovider", "-p", "no:terminal", "--import-mode=importlib"]
    options += ["--capture=sys", "-W", "ignore::DeprecationWarning"]
    where = ["-c", os.devnull, "--rootdir", cases, "--confcutdir", cases]
    files = ["--rack", _option(inputs.rack), "--plan", _option(inputs.plan), "--profile", _option(inputs.profile)]
    return int(pytest.main([*options, *where, *files, *extra, cases], plugins=list(plugins)))


def _option(path: Path) -> str:
    return str(path.resolve())
