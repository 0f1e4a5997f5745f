"""The examples in the docstrings are true."""

import doctest
from types import ModuleType

import pytest

from harness import distributions
from harness.deciding import conformance, demonstrations, repeats, rules, sequential


@pytest.mark.parametrize("module", [distributions, conformance, demonstrations, repeats, rules, sequential])
def test_the_examples_of_a_module(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
