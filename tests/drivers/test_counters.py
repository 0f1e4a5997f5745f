import math
from contextlib import suppress
from typing import Any, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from drivers import if_table
from drivers.counters import UPTIME_WRAP_S, Sample, flapped, increase, rate, restarted
from drivers.entity_device import SYS_UP_TIME
from drivers.errors import Garbled, NoReading
from drivers.points import Reading
from drivers.port_rates import between
from drivers.snmp import SnmpTransport
from drivers.switches.mib import SwitchMib
from tests.drivers.scripted import Agent, StillClock

widths = st.sampled_from([32, 64])
seconds = st.floats(0.1, 86_400)
uptimes = st.floats(0, UPTIME_WRAP_S - 1)


def later(uptime: float, passed: float) -> float:
    """What sysUpTime reads after so many seconds, its wrap included."""
    return (uptime + passed) % UPTIME_WRAP_S


@given(widths, st.data(), seconds, uptimes)
def test_an_increase_is_found_whether_the_counter_wraps_or_not(
    bits: int, data: st.DataObject, passed: float, uptime: float
) -> None:
    start = data.draw(st.integers(0, 2**bits - 1))
    most = data.draw(st.floats(1, 2**bits / 2 / passed))
    counted = data.draw(st.integers(0, int(most * passed)))
    before = Sample(start, 1000.0, uptime)
    after = Sample((start + counted) % 2**bits, 1000.0 + passed, later(uptime, passed))
    assert increase(before, after, bits=bits, most_per_s=most) == counted
    assert rate(before, after, bits=bits, most_per_s=most) * (after.at - before.at) == pytest.approx(counted)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.floats(20, 86_400), uptimes, st.floats(0, 1))
def test_a_restart_is_never_an_increase(first: int, second: int, passed: float, uptime: float, share: float) -> None:
    since_start = share * (passed - 10)  # it came up again within the interval, and took a while to do so
    assume(abs(later(uptime, passed) - since_start) > 10 + passed * 0.02)
    assume((uptime + passed - since_start) % UPTIME_WRAP_S < UPTIME_WRAP_S / 2)
    with pytest.raises(NoReading, match="restarted"):
        increase(Sample(first, 0.0, uptime), Sample(second, passed, since_start), most_per_s=1e12)


@given(uptimes, seconds, st.floats(-0.005, 0.005))
def test_time_that_passes_is_no_restart_though_clocks_drift(uptime: float, passed: float, drift: float) -> None:
    assert not restarted(Sample(0, 0.0, uptime), Sample(0, passed, later(uptime, passed * (1 + drift))))


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_a_jump_that_the_agent_admits_is_no_increase(first: int, second: int) -> None:
    with pytest.raises(NoReading, match="ifCounterDiscontinuityTime"):
        increase(Sample(first, 0.0, 100.0, 0.0), Sample(second, 10.0, 110.0, 105.0))


@given(st.integers(1, 2**63))
def test_a_wide_counter_that_falls_was_cleared(fall: int) -> None:
    before, after = Sample(fall, 0.0, 100.0), Sample(0, 10.0, 110.0)
    with pytest.raises(NoReading, match="cleared"):
        increase(before, after)
    with pytest.raises(NoReading, match="cleared"):
        increase(before, after, most_per_s=50e9)  # 400 Gbit/s


def test_a_narrow_counter_of_a_fast_port_says_nothing() -> None:
    with pytest.raises(NoReading, match="more than once"):
        increase(Sample(0, 0.0, 100.0), Sample(5, 10.0, 110.0), bits=32, most_per_s=1.25e9)


numbers = st.one_of(st.integers(-(2**70), 2**70), st.integers(0, 2**32))
times = st.floats(allow_nan=False, allow_infinity=False, min_value=0, max_value=1e10)
samples = st.builds(Sample, numbers, times, times, st.none() | times)


@given(samples, samples, widths, st.none() | st.floats(0, 1e12))
def test_any_two_readings_are_an_increase_or_an_error(a: Sample, b: Sample, bits: int, most: float | None) -> None:
    with suppress(NoReading, Garbled):
        assert 0 <= increase(a, b, bits=bits, most_per_s=most) < 2**bits
        assert math.isfinite(rate(a, b, bits=bits, most_per_s=most))


def test_flaps() -> None:
    assert flapped(12.0, 800.0, 900.0)
    assert not flapped(12.0, 12.0, 900.0)
    for change, uptime in ((0.0, 900.0), (12.0, 3.0)):
        with pytest.raises(NoReading):
            flapped(change, change, uptime)


def tables(**cells: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        SYS_UP_TIME: 100_000,
        if_table.DESCR: {"1": b"Ethernet1", "2": b"vlan 1"},
        if_table.HIGH_SPEED: {"1": 100_000},
        if_table.LAST_CHANGE: {"1": 500, "2": 0},
        if_table.HC_IN: {"1": 1000},
        if_table.IN_ERRORS: {"1": 4},
        if_table.DISCONTINUITY: {"1": 0},
    }
    return found | {getattr(if_table, name): cell for name, cell in cells.items()}


def two_reads(first: dict[str, Any], second: dict[str, Any], *, seconds: float = 10.0) -> dict[str, Reading]:
    agent, clock = Agent(first), StillClock()
    device = SwitchMib(cast("SnmpTransport", agent), clock)
    before = device.read("uptime", "port[*].*")
    clock.advance(seconds)
    agent.objects = second
    return {reading.name: reading for reading in between(before, device.read("uptime", "port[*].*"))}


def test_what_ports_did_between_two_reads() -> None:
    second = tables(HC_IN={"1": 51_000}, IN_ERRORS={"1": 7}, LAST_CHANGE={"1": 100_900, "2": 0})
    found = two_reads(tables(), {**second, SYS_UP_TIME: 101_000})
    assert found["port[Ethernet1].in_bytes_increase"].value == 50_000
    rate_reading = found["port[Ethernet1].in_bytes_rate"]
    assert (rate_reading.value, rate_reading.unit) == (5000.0, "B/s")
    assert rate_reading.raw == "1000 -> 51000"
    assert found["port[Ethernet1].in_errors_increase"].value == 3
    assert found["port[Ethernet1].flapped"].value is True
    assert "agent keeps no such time" in (found["port[vlan 1].flapped"].reason or "")
    assert found["port[vlan 1].in_bytes_increase"].reason == "the agent has no such object for this port"


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        ({SYS_UP_TIME: 500}, "restarted"),
        ({SYS_UP_TIME: 101_000, if_table.DISCONTINUITY: {"1": 100_500}}, "ifCounterDiscontinuityTime"),
        ({SYS_UP_TIME: 101_000, if_table.HC_IN: {"1": 0}}, "cleared"),
    ],
)
def test_what_cannot_be_compared_is_null_with_the_reason(second: dict[str, Any], reason: str) -> None:
    found = two_reads(tables(), tables() | second)
    assert found["port[Ethernet1].in_bytes_rate"].value is None
    assert reason in (found["port[Ethernet1].in_bytes_rate"].reason or "")


def test_a_port_that_came_in_between_has_no_increase() -> None:
    second = tables(DESCR={"1": b"Ethernet1", "3": b"Ethernet3"}, HC_IN={"1": 1000, "3": 7})
    found = two_reads(tables(), {**second, SYS_UP_TIME: 101_000})
    assert (found["port[Ethernet3].in_bytes_increase"].value, found["port[Ethernet1].in_bytes_increase"].value) == (
        None,
        0,
    )
