from typing import Any

import pytest

from harness.cases import STATES, CaseError, CaseInfo, Need, case, needs
from harness.states import WORKLOADS
from tests.harness.racks import inventory, meter

ADDRESS = "visa://TCPIP::127.0.0.1::1::SOCKET"


def info(function: Any) -> CaseInfo:
    found = function.rackproof
    assert isinstance(found, CaseInfo)
    return found


def measure(name: str, value: object, where: str = "") -> None:
    """Stands for the fixture."""


def test_a_case_says_what_it_is() -> None:
    @case("EFF-002", state="full", beside="idle", each="compute_host")
    @needs("feed_meter.power", "shelf.psu[*].input_power", feature="liquid_cooling")
    def test_it() -> None:
        """Idle draws
        less."""
        measure("idle_share", 1)
        for _ in range(2):
            measure("idle_share", 2)
        measure("other", 3, where="x")

    found = info(test_it)
    assert (found.number, found.claim, found.group) == ("EFF-002", "Idle draws less.", "efficiency")
    assert found.states == ("idle", "full")
    assert found.needs == (Need("feed_meter", "power"), Need("shelf", "psu[*].input_power"))
    assert found.features == {"liquid_cooling"}
    assert found.limits == ("idle_share", "other")


@pytest.mark.parametrize("number", ["PWR-12", "PWR-0123", "XXX-001", "PWR001", "pwr-001", ""])
def test_a_number_outside_the_catalogue_is_refused(number: str) -> None:
    def test_it() -> None:
        """A claim."""

    with pytest.raises(CaseError, match=r"test_it: number .* is not one of INV, PWR"):
        case(number)(test_it)


def test_a_case_without_a_claim_is_refused() -> None:
    def test_it() -> None:
        pass

    with pytest.raises(CaseError, match=r"test_it \(PWR-001\): the docstring is the claim"):
        case("PWR-001")(test_it)


def test_a_state_that_nobody_can_reach_is_refused() -> None:
    def test_it() -> None:
        """A claim."""

    assert tuple(WORKLOADS) == STATES
    with pytest.raises(CaseError, match="test_it: no state 'idel'; there are idle, full, soak"):
        case("PWR-001", state="idel")(test_it)
    with pytest.raises(CaseError, match="no state 'cold'"):
        case("PWR-001", state="idle", beside="cold")(test_it)


def test_a_limit_must_be_named_in_the_open() -> None:
    def test_it(name: str) -> None:
        """A claim."""
        measure(name, 1)

    with pytest.raises(CaseError, match=r"test_it: measure\(\) takes the limit's name as a literal"):
        case("PWR-001")(test_it)


def test_a_case_is_repeated_for_every_device_of_a_role() -> None:
    @case("PWR-001", each="feed_meter")
    def test_one() -> None:
        """A claim."""

    @case("INV-001", each="rack")
    def test_all() -> None:
        """A claim."""

    @case("PWR-002")
    def test_none() -> None:
        """A claim."""

    rack = inventory(meter("a", ADDRESS), meter("b", ADDRESS, owner="station"), meter("c", ADDRESS, role="shelf_meter"))
    assert [d.name for d in info(test_one).devices(rack)] == ["a", "b"]
    assert [d.name for d in info(test_all).devices(rack)] == ["a", "c"]
    assert info(test_none).devices(rack) == []


def test_what_no_instrument_can_see_is_said() -> None:
    @case("PWR-001", each="shelf")
    @needs("feed_meter.power", "pdu.power")
    def test_it() -> None:
        """A claim."""

    assert (
        info(test_it).unobservable(inventory(meter("a", ADDRESS))) == "the inventory has no device of role pdu, shelf"
    )
    both = inventory(*(meter(role, ADDRESS, role=role) for role in ("pdu", "shelf", "feed_meter")))
    assert info(test_it).unobservable(both) is None
