"""A rack that runs is broken and mended by command, by nobody but who may read the token."""

import json
import stat
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.emulator import control, faults
from harness.emulator.control import Control, ControlError
from harness.emulator.faults import FAULTS
from harness.emulator.program import numbered
from harness.emulator.undo import RUNS_ON, holders

Bench = Callable[..., Any]
PLACES = {
    "bmc": "tray07_bmc", "cdu": "cdu", "feed": "feed_a", "host": "tray07_host", "rack": "rack", "shelf": "shelf2",
    "swtray": "swtray3", "switch": "mgmt1", "tray": "tray07",
}  # fmt: skip


def told(built: Any, **words: object) -> dict[str, Any]:
    desk = Control(built.world)
    return desk.answer(json.dumps({"token": desk._token, **words}).encode())


def state(world: Any) -> list[Any]:
    own = ("serials", "firmware", "logs", "kernel_logs", "clock_errors", "passwords", "doomed", "surges")
    others = [h for h in holders(world) if h is not world]
    parts = [{name: repr(getattr(h, name)) for name in h.__dataclass_fields__ if name not in RUNS_ON} for h in others]
    return [*parts, *(repr(getattr(world, name)) for name in own)]


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_is_taken_back_whole(bench: Bench, name: str) -> None:
    place = next(PLACES[kind] for kind in sorted(FAULTS[name].places) if kind in PLACES)
    built = bench()
    before = state(built.world)
    faults.afflict(built.world, [f"{place}.{name}"])
    assert list(built.world.active) == [f"{place}.{name}"]
    assert state(built.world) != before or name in {"energy_register_reset", "energy_register_wraps", "inrush_too_high"}
    faults.clear(built.world, None)
    assert state(built.world) == before


def test_a_fault_strikes_a_rack_that_runs(bench: Bench) -> None:
    built = bench()
    assert told(built, fault="cdu.leak")["active"] == ["cdu.leak"]
    assert built.world.physics.loop.wet
    assert told(built, fault="cdu.leak", clear=True)["active"] == []
    assert not built.world.physics.loop.wet


def test_a_delay_counts_from_now(bench: Bench) -> None:
    built = bench()
    built.wait(50.0)
    told(built, fault="cdu.leak@+5s")
    built.wait(4.0)
    assert not built.world.physics.loop.wet
    built.wait(1.5)
    assert built.world.physics.loop.wet


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"rubbish", "not a line of JSON"),
        (b"[]", "the token is not this rack's"),
        (b'{"token": "guessed", "fault": "cdu.leak"}', "the token is not this rack's"),
    ],
)
def test_who_has_no_token_changes_nothing(bench: Bench, line: bytes, said: str) -> None:
    built = bench()
    assert Control(built.world).answer(line) == {"error": said}
    assert not built.world.active


def test_what_is_not_at_work_cannot_be_taken_back(bench: Bench) -> None:
    built = bench("cdu.leak")
    assert told(built, fault="cdu.pump_weak", clear=True) == {
        "error": "cdu.pump_weak is not at work; at work: cdu.leak"
    }


def test_the_command_tells_a_served_rack(serve: Callable[..., Any]) -> None:
    served = serve()
    rack = served.folder / "rack.toml"
    assert stat.S_IMODE((served.folder / "control.json").stat().st_mode) == 0o600
    command = [sys.executable, "-m", "harness.cli", "fault", str(rack)]
    done = subprocess.run([*command, "tray05.xid", "--json"], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["active"] == ["tray05.xid"]
    assert "Xid" in served.ssh("tray05_host", "dmesg").stdout
    wrong = subprocess.run([*command, "cdu.leek"], capture_output=True, text=True, timeout=60, check=False)
    assert (wrong.returncode, "possible there" in wrong.stderr) == (2, True)


def test_a_rebooted_bmc_comes_back_where_it_was(serve: Callable[..., Any]) -> None:
    served = serve()
    control.tell(served.folder / "rack.toml", "tray05.bmc_reboots=1", clear=False)
    assert _until(lambda: served.ssh("tray05_bmc", "hostname").returncode == 255)
    assert _until(lambda: served.ssh("tray05_bmc", "hostname").stdout == "tray05_bmc\n")


def _until(so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20.0
    while time.monotonic() < deadline:
        if so():
            return True
    return False


def test_no_rack_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="rackproof emulate"):
        control.tell(tmp_path / "rack.toml", "cdu.leak", clear=False)


def test_many_racks_have_serials_of_their_own(tmp_path: Path) -> None:
    words = ["gen-c", "--out", str(tmp_path), "--racks", "3", "--until-eof"]
    command = [sys.executable, "-m", "harness.emulator", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        ready = [serving.stdout.readline() for _ in range(3)]
        assert ready == [f"ready {tmp_path}/rack{n:02}/rack.toml\n" for n in (1, 2, 3)]
        racks = [tomllib.loads((tmp_path / f"rack{n:02}" / "rack.toml").read_text()) for n in (1, 2, 3)]
        assert [rack["serial"] for rack in racks] == ["GA-000123", "GA-000124", "GA-000125"]
        serving.communicate(timeout=20)
    assert serving.returncode == 0


def test_a_serial_without_digits_is_numbered_too() -> None:
    assert [numbered("first", n) for n in (0, 1)] == ["first", "first1"]
