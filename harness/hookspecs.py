"""Hooks of our own: what a live page, a terminal or an exporter may listen to."""

import pytest

from harness.records import CaseEnd, Measurement, PlannedCase


@pytest.hookspec
def pytest_rackproof_planned(cases: list[PlannedCase]) -> None:
    """Take note of the cases that are about to run."""


@pytest.hookspec
def pytest_rackproof_progress(text: str) -> None:
    """Say what goes on right now; may come often and from the main thread only."""


@pytest.hookspec
def pytest_rackproof_measured(measurement: Measurement) -> None:
    """Take note of a judged measurement that is in the journal."""


@pytest.hookspec
def pytest_rackproof_case_ended(case: PlannedCase, end: CaseEnd, done: int, planned: int) -> None:
    """Take note of a case whose end is on disk: the `done`-th of `planned`."""
