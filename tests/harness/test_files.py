from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import inventory, planfile, profile, runfolder
from harness.datafile import DataError
from harness.runfolder import Inputs
from tests.harness.journals import BEGUN

HEAD = 'schema = 1\nserial = "S1"\ngeneration = "g"\nstation = "bench"\n'
DEVICE = """
[[device]]
name = "feedA"
model = "wt300e"
address = "visa://TCPIP::127.0.0.1::5025::SOCKET"
owner = "station"
role = "feed_meter"
"""
PLAN = 'schema = 1\nname = "p"\norder = ["PWR-*"]\n'
PROFILE = 'schema = 1\ngeneration = "g"\nrevision = 1\n'
LIMIT = '\n[limits.idle_power]\nunit = "W"\nhigh = 10\nsource = "agreement"\n'


@pytest.mark.parametrize(
    ("load", "text", "said"),
    [
        (inventory.load, HEAD + "serail = 1\n", "serail: unknown key; did you mean 'serial'?"),
        (inventory.load, HEAD.replace("schema = 1", "schema = 2"), "schema: Input should be 1"),
        (inventory.load, 'schema = 1\nserial = "S1"\n', "generation: Field required"),
        (inventory.load, HEAD + DEVICE + "slott = 1\n", "device[0].slott (feedA): unknown key; did you mean 'slot'?"),
        (inventory.load, HEAD + DEVICE.replace("station", "nobody"), "device[0].owner (feedA): Input should be 'rack'"),
        (inventory.load, HEAD + DEVICE + DEVICE, "device: name 'feedA' stands there twice"),
        (inventory.load, HEAD + DEVICE.replace("feedA", "tray 07"), "device[0].name"),
        (inventory.load, HEAD + DEVICE.replace("feedA", "../../x"), "device[0].name"),
        (inventory.load, HEAD + DEVICE.replace("visa://", "gpib://"), "device[0].address (feedA): "),
        (inventory.load, HEAD + DEVICE + "ct_ratio = nan\n", "device[0].ct_ratio (feedA)"),
        (inventory.load, HEAD + '[[link]]\na = "sw1"\nb = "tray:1"\n', "link[0].a"),
        (inventory.load, HEAD + "serial = \n", "not TOML: "),
        (planfile.load, PLAN + "[durations]\nidle = { settle_s = 1 }\n", "durations.idle.window_s: Field required"),
        (planfile.load, PLAN + "[durations]\nidle = { settle_s = -1, window_s = 1 }\n", "durations.idle.settle_s"),
        (planfile.load, PLAN.replace('["PWR-*"]', "[]"), "order: "),
        (planfile.load, PLAN + "default_period_s = 0\n", "default_period_s: Input should be greater than 0"),
        (planfile.load, PLAN + '[[waivers]]\ncase = "PWR-001"\nreason = ""\nname = "x"\n', "waivers[0].reason (x): "),
        (profile.load, PROFILE + LIMIT.replace("source", "sauce"), "limits.idle_power.sauce: unknown key"),
        (profile.load, PROFILE + LIMIT.replace("high = 10\n", ""), "limits.idle_power: give low and/or high"),
        (profile.load, PROFILE + LIMIT.replace("high = 10", "high = nan"), "limits.idle_power.high: "),
        (profile.load, PROFILE + LIMIT.replace('"W"', '"w"'), "limits.idle_power: unknown unit 'w'"),
        (profile.load, PROFILE + 'state = "released"\n', "a released profile names its approver"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_key(
    load: Callable[[Path], Any], text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rack.toml"
    path.write_text(HEAD + "a = 1\nb = 2\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        inventory.load(path)
    assert len(str(caught.value).splitlines()) == 2


def test_a_literal_secret_is_refused_and_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "rack.toml"
    path.write_text(HEAD + DEVICE.replace("visa://TCPIP::127.0.0.1::5025::SOCKET", "snmp://h?community=s3cret"))
    with pytest.raises(DataError) as caught:
        inventory.load(path)
    assert "s3cret" not in str(caught.value)
    assert "device[0].address (feedA)" in str(caught.value)


@pytest.mark.parametrize("load", [inventory.load, planfile.load, profile.load])
def test_what_cannot_be_read_is_named(load: Callable[[Path], Any], tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.toml: cannot be read: No such file"):
        load(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    with pytest.raises(DataError, match=r"latin\.toml: not UTF-8"):
        load(tmp_path / "latin.toml")


def test_an_inventory_knows_its_folder_and_devices(tmp_path: Path) -> None:
    path = tmp_path / "rack.toml"
    path.write_text(HEAD + DEVICE)
    found = inventory.load(path)
    assert found.folder == tmp_path
    assert found.named("feedA") is found.of_role("feed_meter")[0]
    with pytest.raises(KeyError):
        found.named("feedB")


def test_a_plans_order_and_periods(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(PLAN.replace('["PWR-*"]', '["PWR-002", "PWR-*"]') + "[sampling]\nfeed_meter = 0.5\n")
    plan = planfile.load(path)
    assert [plan.position(n) for n in ("PWR-002", "PWR-001", "CLG-001")] == [0, 1, None]
    assert (plan.period("feed_meter"), plan.period("host")) == (0.5, 1.0)
    assert plan.unknown(["PWR-001"]) == ["PWR-002"]


def test_a_plan_is_found_by_name_or_path(tmp_path: Path) -> None:
    (tmp_path / "acceptance.toml").write_text(PLAN)
    assert planfile.find(tmp_path, "acceptance") == tmp_path / "acceptance.toml"
    assert planfile.find(tmp_path, "other.toml") == Path("other.toml")
    with pytest.raises(DataError, match="no plan 'aceptance'; did you mean 'acceptance'"):
        planfile.find(tmp_path, "aceptance")


def inputs(folder: Path) -> Inputs:
    for name in ("rack.toml", "plan.toml", "profile.toml"):
        (folder / name).write_text(name)
    return Inputs(folder / "rack.toml", folder / "plan.toml", folder / "profile.toml")


def test_a_run_folder_keeps_its_inputs(tmp_path: Path) -> None:
    given = inputs(tmp_path)
    folder = runfolder.create(tmp_path / "runs", given, "S/1", BEGUN)
    assert folder.name == "20261123T140000Z-S_1"
    kept = runfolder.kept(folder)
    assert (kept.rack, kept.plan.read_text(), kept.profile.read_text()) == (given.rack, "plan.toml", "profile.toml")
    assert runfolder.kept(folder, Path("moved.toml")).rack == Path("moved.toml")
    assert runfolder.create(tmp_path / "runs", given, "S/1", BEGUN).name == "20261123T140000Z-S_1-2"


def test_a_run_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file is in the way")
    with pytest.raises(DataError, match=r"cannot be made: .*use --runs DIR"):
        runfolder.create(tmp_path / "runs", inputs(tmp_path), "S1", BEGUN)


def test_a_run_without_its_origin_asks_for_the_inventory(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="use --rack FILE"):
        runfolder.kept(tmp_path)
