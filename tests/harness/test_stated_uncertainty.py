"""A rule that needs an uncertainty, on a point of which nobody states the accuracy, is refused before anything runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.inventory import DeviceEntry
from harness.selection import unstated
from tests.harness.mini import Mini, Result
from tests.harness.racks import entry, meter, replies
from tests.servers import ScpiServer, scpi_server

CASES = """
@case("PWR-001", state="idle")
@needs("feed_meter.{point}")
def test_it(dwell, measure):
    "It is as it should be."
    measure("it", dwell.one("feed_meter.{point}").mean())
"""
LIMITS = """
[limits.it]
unit = "{unit}"
high = 200
rule = "{rule}"
source = "agreement"
"""
STATED = """
[[device.accuracy]]
point = "{point}"
of_reading = 0.01
source = "agreement with the maker"
"""


@pytest.fixture
def feed() -> Iterator[ScpiServer]:
    with scpi_server(replies()) as server:
        yield server


def run(folder: Path, feed: ScpiServer, point: str, unit: str, rule: str, stated: str = "") -> Result:
    limits = LIMITS.format(unit=unit, rule=rule)
    mini = Mini(folder).write(CASES.format(point=point), meter("feed", feed), limits=limits)
    rack = folder / "rack.toml"
    rack.write_text(rack.read_text() + stated, encoding="utf-8")
    return mini.run()


@pytest.mark.parametrize("rule", ["guarded", "iso14253", "ilac4"])
def test_a_rule_that_could_never_decide_is_refused(rule: str, feed: ScpiServer, tmp_path: Path) -> None:
    result = run(tmp_path, feed, "energy", "Wh", rule)
    assert result.code == 4
    assert f"limits.it has the rule '{rule}', case PWR-001 takes it from feed of model wt300e" in result.said
    assert "nothing states the uncertainty of its 'energy'; state it under [[device.accuracy]]" in result.said
    assert feed.heard == []


def test_a_simple_limit_needs_no_uncertainty(feed: ScpiServer, tmp_path: Path) -> None:
    assert run(tmp_path, feed, "energy", "Wh", "simple").outcomes() == {"PWR-001": "pass"}


def test_what_the_manual_states_is_enough(feed: ScpiServer, tmp_path: Path) -> None:
    result = run(tmp_path, feed, "power", "W", "guarded")
    assert result.outcomes() == {"PWR-001": "pass"}
    (measured,) = result.run.measurements
    assert measured.uncertainty == pytest.approx((0.001 * (1 + 0.2031) * 100 + 0.0005 * 144_000) / 3**0.5, rel=1e-3)


def test_what_the_inventory_states_is_enough_and_stands_for_the_driver_s(feed: ScpiServer, tmp_path: Path) -> None:
    result = run(tmp_path, feed, "energy", "Wh", "guarded", STATED.format(point="ener*"))
    assert result.outcomes() == {"PWR-001": "pass"}
    (measured,) = result.run.measurements
    assert measured.uncertainty == pytest.approx(0.01 * 50 / 3**0.5)


def test_the_points_that_a_pattern_leaves_without_an_accuracy() -> None:
    assert unstated(entry("m"), "phase[*].current") == []
    assert unstated(entry("m"), "power*") == ["power_factor"]
    stated = {"point": "power_factor", "of_reading": 0.01, "source": "x"}
    assert unstated(DeviceEntry.model_validate(entry("m").model_dump() | {"accuracy": [stated]}), "power*") == []


@pytest.mark.parametrize(("role", "outcome", "guard"), [("supplier", "fail", 0.83), ("customer", "pass", -0.83)])
def test_the_role_in_the_plan_s_file_decides_a_dispute(
    role: str, outcome: str, guard: float, feed: ScpiServer, tmp_path: Path
) -> None:
    """100 W with U of about 84 W against 90 W: neither side can prove anything, so whoever has to prove it loses."""
    limits = LIMITS.format(unit="W", rule="iso14253").replace("200", "90")
    mini = Mini(tmp_path).write(CASES.format(point="power"), meter("feed", feed), limits=limits)
    plan = tmp_path / "plan.toml"
    plan.write_text(f'role = "{role}"\n' + plan.read_text(), encoding="utf-8")
    result = mini.run()
    assert result.outcomes() == {"PWR-001": outcome}
    assert [m.guard for m in result.run.measurements] == [guard]
