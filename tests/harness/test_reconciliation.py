import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.reconciliation import Account, NothingToReconcile, reconcile
from harness.uncertainty import Quantity


def says(name: str, watts: float, u: float | None = 10.0, least: float = 0.0, most: float = 0.0) -> Account:
    return Account(name, Quantity(watts, "W", u, (f"visa://{name}",)), least, most)


def test_accounts_that_are_near_enough_agree() -> None:
    found = reconcile([says("meter", 1000), says("shelves", 1028), says("boards", 900, 10, 80, 130)])
    assert found.agree
    assert (found.odd, found.reason) == (None, None)
    assert found.sources == ("visa://meter", "visa://shelves", "visa://boards")


def test_what_an_account_does_not_see_is_an_interval_not_zero() -> None:
    boards = says("boards", 900, 10, 0, 50)
    assert not reconcile([says("meter", 1000), boards]).agree
    assert reconcile([says("meter", 1000), says("boards", 900, 10, 80, 130)]).agree


def test_the_odd_one_out_is_named_where_the_others_agree() -> None:
    found = reconcile([says("meter", 1000), says("shelves", 1005), says("coolant", 1200)])
    assert found.odd is not None
    assert found.odd.name == "coolant"
    assert found.reason is not None
    assert found.reason.startswith("odd one out: coolant; meter 1000, coolant 1200 W: 200 W apart")
    assert "explain 28.28 W" in found.reason


def test_of_two_nobody_is_odd() -> None:
    found = reconcile([says("meter", 1000), says("shelves", 1200)])
    assert (found.odd, len(found.disagreements)) == (None, 1)
    assert "which one is odd cannot be told" in (found.reason or "")


def test_two_against_two_cannot_be_told() -> None:
    found = reconcile([says("a", 1000), says("b", 1001), says("c", 1200), says("d", 1201)])
    assert (found.odd, len(found.disagreements)) == (None, 4)


def test_one_between_two_that_disagree_is_not_odd() -> None:
    found = reconcile([says("low", 1000), says("middle", 1025), says("high", 1050)])
    assert len(found.disagreements) == 1
    assert found.odd is None  # either end may be


@pytest.mark.parametrize(
    ("accounts", "why"),
    [
        ([says("meter", 1.0)], "1 account of the power"),
        ([], "0 account of the power"),
        ([says("meter", 1.0), says("shelves", 1.0, None)], "the uncertainty of shelves is unknown"),
        ([says("meter", 1.0), Account("wh", Quantity(1.0, "Wh", 1.0))], "accounts in W, Wh"),
    ],
)
def test_what_cannot_be_reconciled_is_refused(accounts: list[Account], why: str) -> None:
    with pytest.raises(NothingToReconcile, match=why):
        reconcile(accounts)


@given(st.lists(st.floats(900, 1100), min_size=2, max_size=6), st.randoms())
def test_the_order_of_accounts_is_no_matter(watts: list[float], dice: object) -> None:
    accounts = [says(f"a{n}", w) for n, w in enumerate(watts)]
    one, other = reconcile(accounts), reconcile(accounts[::-1])
    assert len(one.disagreements) == len(other.disagreements)
    assert one.odd == other.odd
