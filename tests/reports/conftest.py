"""Runs that the reports are made of."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.columns import Column
from harness.records import (
    CaseStart,
    PlanStated,
    RunResumed,
)
from harness.run import Run
from tests.reports.big_rack import rack_records, series_of
from tests.reports.journals import STATES, accepted_records, folded, hostile_records, planned, rejected_records

Fold = Callable[..., Run]


@pytest.fixture
def make(tmp_path: Path) -> Fold:
    """Return a function that folds the records handed to it."""
    return lambda *records: folded(tmp_path / "run", records)


@pytest.fixture
def accepted(make: Fold) -> Run:
    return make(*accepted_records())


@pytest.fixture
def emulated(make: Fold) -> Run:
    return make(*accepted_records(emulated=True, raw="EMULATED Maker M-100"))


@pytest.fixture
def rejected(make: Fold) -> Run:
    return make(*rejected_records())


@pytest.fixture
def killed(make: Fold) -> Run:
    """A run whose process died in its second case, after it had been resumed once."""
    return make(
        *accepted_records()[:2],
        PlanStated(cases=tuple(planned(f"PWR-01{i}", "power") for i in (2, 3, 4)), left_out=()),
        *accepted_records()[3:7],
        RunResumed(part=2, torn_bytes=117, software={"rackproof": "0.1.1"}),
        CaseStart(case="PWR-013"),
    )


@pytest.fixture
def hostile(make: Fold) -> Run:
    return make(*hostile_records())


Rack = tuple[Run, Callable[[str], list[Column]]]


@pytest.fixture(scope="session")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Rack:
    """Return a large run with its samples: 67 devices, 60 cases, 522 series of 60 samples in three states."""
    series = {state: series_of(state) for state in STATES}
    return folded(tmp_path_factory.mktemp("rack"), rack_records()), series.__getitem__
