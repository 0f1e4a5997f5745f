"""What the person at the terminal sees of a run: a line a case, a live line below; no live line into a file."""

import shutil
import sys

import pytest

from harness.records import CaseEnd, PlannedCase

_MARKS = {("complete", "pass"): "pass", ("complete", "fail"): "FAIL", ("error", "not-applicable"): "undecided"}


class Console:
    """Writes to standard error; a pytest plugin."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._stage = ""

    def pytest_rackproof_progress(self, text: str) -> None:
        """Show what goes on; without a terminal only when the stage changes."""
        stage = text.partition(",")[0] if ", " in text else text.rpartition(":")[0] or text
        if self._live:
            self._rewrite(text)
        elif stage.partition(" of ")[0].isdigit():
            return
        elif stage != self._stage:
            sys.stderr.write(f"{stage}\n")
        self._stage = stage

    def pytest_rackproof_case_ended(self, case: PlannedCase, end: CaseEnd, done: int, planned: int) -> None:
        """Show a case as it ends."""
        mark = _MARKS.get((end.status, end.verdict), "skipped")
        self._rewrite("")
        first = f": {end.message.splitlines()[0]}" if end.message else ""
        sys.stderr.write(f"{done:4d}/{planned} {mark:9} {case.case:22} {first.lstrip(': ') or case.claim}\n")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Show a plan's module that cannot be read."""
        if report.failed:
            sys.stderr.write(f"{report.longrepr}\n")

    def pytest_internalerror(self, excrepr: object) -> None:
        """Show what broke the harness itself."""
        self._rewrite("")
        sys.stderr.write(f"{excrepr}\n")

    def close(self) -> None:
        """Leave the terminal clean."""
        self._rewrite("")

    def _rewrite(self, text: str) -> None:
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r\x1b[2K{text[:width]}")
            sys.stderr.flush()
