"""The fault matrix is whole: every case has a fault of its own, every fault a place, no two cases look alike."""

import importlib
import pkgutil
from collections import defaultdict

import test_plans
from harness.cases import CaseInfo
from harness.emulator.faults import FAULTS
from tests.plans.faults import MATRIX


def _cases() -> dict[str, CaseInfo]:
    found = {}
    for module in pkgutil.iter_modules(test_plans.__path__, "test_plans."):
        for value in vars(importlib.import_module(module.name)).values():
            info = getattr(value, "rackproof", None)
            if isinstance(info, CaseInfo):
                found[info.number] = info
    return found


def test_every_case_is_the_first_of_some_fault() -> None:
    assert set(_cases()) == {expected.first for expected in MATRIX if expected.first}


def test_every_fault_of_the_emulator_stands_in_the_matrix() -> None:
    assert set(FAULTS) == {expected.fault for expected in MATRIX}


def test_every_named_case_exists() -> None:
    named = {case for expected in MATRIX for case in expected.failed | set(expected.undecided)}
    assert named <= set(_cases())


def test_every_further_case_has_its_physical_reason() -> None:
    reasons = [reason for e in MATRIX for reason in [*e.further.values(), *e.undecided.values()]]
    assert all(len(reason.split()) >= 4 for reason in reasons)


def test_no_two_cases_are_failed_by_the_same_faults() -> None:
    signatures = defaultdict(list)
    for case in _cases():
        signatures[frozenset(e.spec for e in MATRIX if case in e.failed)].append(case)
    assert [cases for cases in signatures.values() if len(cases) > 1] == []


def test_the_stations_faults_never_reject() -> None:
    assert all(e.verdict in {"INCOMPLETE", "ACCEPTED"} for e in MATRIX if e.spec.startswith("feed_a.") and not e.failed)


def test_there_are_fifty_faults() -> None:
    assert len({expected.fault for expected in MATRIX}) >= 50


def test_there_are_twenty_cases_over_all_eight_groups() -> None:
    cases = _cases().values()
    assert len(cases) >= 20
    assert len({info.group for info in cases}) == 8
