"""What the person at the terminal sees of a run: a line a case, a live line below; no live line into a file."""

import shutil
import sys
from collections import Counter

import pytest

from harness import wording
from harness.journal import JournalError
from harness.records import CaseEnd, Measurement, PlannedCase

_MARKS = {("complete", "pass"): "pass", ("complete", "fail"): "FAIL", ("error", "not-applicable"): "undecided"}


class Console:
    """Writes to standard error; a pytest plugin.

    What did not pass gets a line of its own; repetitions of a case over devices that pass share one.
    """

    def __init__(self) -> None:
        # pytest captures sys.stderr while a case is set up, which is when the rack dwells
        self._out = sys.__stderr__ or sys.stderr
        self._live = self._out.isatty()
        self._stage = ""
        self._left: Counter[str] = Counter()
        self._passed: Counter[str] = Counter()
        self._windows: dict[str, str] = {}

    def pytest_rackproof_planned(self, cases: list[PlannedCase]) -> None:
        """Learn how often each case is repeated."""
        self._left.update(case.number for case in cases)

    def pytest_rackproof_progress(self, text: str) -> None:
        """Show what goes on; without a terminal only when the stage changes."""
        stage = text.partition(",")[0]
        if self._live:
            self._rewrite(text)
        elif stage != self._stage and not stage[0].isdigit():
            self._out.write(f"{stage}\n")
        self._stage = stage

    def pytest_rackproof_measured(self, measurement: Measurement) -> None:
        """Remember the window that the case under way judges."""
        if window := wording.window(measurement):
            self._windows[measurement.case.partition("[")[0]] = f" [{window}]"

    def pytest_rackproof_case_ended(self, case: PlannedCase, end: CaseEnd, done: int, planned: int) -> None:
        """Show a case as it ends."""
        mark = _MARKS.get((end.status, end.verdict), "skipped")
        self._left[case.number] -= 1
        if mark == "pass":
            self._passed[case.number] += 1
        else:
            self._line(done, planned, mark, case, end.message.partition("\n")[0])
        if not self._left[case.number] and self._passed[case.number]:
            count = self._passed[case.number]
            times = f" ({count} devices)" if count > 1 else ""
            self._line(done, planned, "pass", case, f"{case.claim}{times}")

    def _line(self, done: int, planned: int, mark: str, case: PlannedCase, text: str) -> None:
        self._rewrite("")
        name = case.number if mark == "pass" else case.case
        window = self._windows.get(case.number, "") if mark == "pass" else ""  # a failure's sentence has its own
        self._out.write(f"{done:4d}/{planned}  {mark:9}  {name}  {text}{window}\n")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Show a plan's module that cannot be read."""
        if report.failed:
            self._out.write(f"{report.longrepr}\n")

    def pytest_internalerror(self, excrepr: object, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Show what broke the harness itself; a journal that cannot be written says so in a sentence."""
        self._rewrite("")
        known = isinstance(excinfo.value, JournalError)
        self._out.write(f"rackproof: {excinfo.value}\n" if known else f"{excrepr}\n")

    def close(self) -> None:
        """Leave the terminal clean."""
        self._rewrite("")

    def _rewrite(self, text: str) -> None:
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._out.write(f"\r\x1b[2K{text[:width]}")
            self._out.flush()
