"""A window that decides nothing, from sockets to journal: its code, and whose doing follows from it."""

from pathlib import Path

import pytest

from harness.records import CaseEnd, SeriesRecorded
from tests.harness.mini import Mini, Result
from tests.harness.racks import meter, replies
from tests.servers import scpi_server

CASES = '''
@case("PWR-001", state="idle")
@needs("feed_meter.power")
def test_total(dwell, measure):
    """All meters, one window."""
    measure("power", dwell.total("feed_meter.power").{figure}, where="rack")
'''


def run(tmp_path: Path, power: str, owner: str, figure: str = "mean()", plan: str = "", head: str = "") -> Result:
    with scpi_server(replies(power=power)) as served:
        mini = Mini(tmp_path).write(CASES.replace("{figure}", figure), meter("a", served, owner=owner), plan=plan)
        profile = mini.folder / "profile.toml"
        profile.write_text(profile.read_text().replace("revision = 1\n", f"revision = 1\n{head}"))
        return mini.run()


def ended(result: Result) -> tuple[str, str | None, tuple[str, ...]]:
    (end,) = [r for r in result.records if isinstance(r, CaseEnd)]
    return end.status, end.attribution, end.codes


@pytest.mark.parametrize(("owner", "blamed"), [("station", "instrument"), ("rack", "rack")])
def test_over_range_is_the_doing_of_whose_the_meter_is(tmp_path: Path, owner: str, blamed: str) -> None:
    result = run(tmp_path, "INF", owner)
    assert ended(result) == ("error", blamed, ("overrange",))
    assert result.run.verdict == "INCOMPLETE"
    assert "[overrange]" in result.run.cases["PWR-001"].message
    assert result.run.cases["PWR-001"].codes == ("overrange",)


def test_a_power_that_rests_is_stale_where_the_plan_says_so(tmp_path: Path) -> None:
    result = run(tmp_path, "100", "station", plan='[stale]\n"feed_meter.power" = 0.2\n')
    assert ended(result) == ("error", "instrument", ("stale_telemetry",))
    codes = {r.point: r.codes for r in result.records if isinstance(r, SeriesRecorded)}
    assert codes == {"power": ("stale_telemetry",), "exchange_time": ()}


def test_power_that_is_given_back_is_no_rack(tmp_path: Path) -> None:
    assert ended(run(tmp_path, "-5000", "station")) == ("error", "instrument", ("negative_power",))


def test_a_sum_over_fewer_than_the_generation_has_is_the_stations_doing(tmp_path: Path) -> None:
    result = run(tmp_path, "100", "station", head="[counts]\nfeed_meter = 2\n")
    assert ended(result) == ("error", "station", ("device_count_short",))


def test_what_the_samples_cannot_show_is_never_passed(tmp_path: Path) -> None:
    result = run(tmp_path, "100", "station", figure="peak(0.01)")
    assert ended(result) == ("error", "instrument", ("not_observable",))


LOSSY = '''
from harness.plan import Quantity, shelf_efficiency

@case("PWR-001")
def test_shelf(measure):
    """A shelf loses little."""
    measure("power", shelf_efficiency(Quantity(97.0, "kW", 2.0), Quantity(100.0, "kW", 2.0)))
'''


def test_an_efficiency_that_is_less_sure_than_a_quarter_of_the_loss_decides_nothing(tmp_path: Path) -> None:
    with scpi_server(replies()) as served:
        result = Mini(tmp_path).write(LOSSY, meter("a", served)).run()
    assert ended(result) == ("error", "station", ("uncertainty_above_limit",))
    assert "ValueError" not in result.run.cases["PWR-001"].message
