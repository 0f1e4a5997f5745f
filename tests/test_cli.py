"""The command line as a user meets it: in a process of its own, by what it prints and how it ends."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pysnmp.proto.rfc1902 import Integer32, OctetString

from harness import cli
from tests.drivers.agents import NastyAgent, serving
from tests.servers import snmpsim

Done = subprocess.CompletedProcess[str]
COMMANDS = tuple(cli.EXAMPLES)
HEAVY = (
    "asyncssh",
    "numpy",
    "paramiko",
    "pydantic",
    "pysnmp",
    "pytest",
    "pyvisa",
    "pyvisa_py",
    "prometheus_client",
    "psutil",
    "pyarrow",
)
METER = "visa://TCPIP::127.0.0.1::9::SOCKET"

RACK = """
schema = 1
serial = "R-1"
generation = "gen-a"
station = "desk"

[[device]]
name = "feed_a"
model = "wt300e"
address = "visa://TCPIP::127.0.0.1::9::SOCKET"
owner = "station"
role = "feed_meter"
"""
PLAN = """
schema = 1
name = "short"
order = ["INV-001", "PWR-001"]

[durations]
idle = { settle_s = 0, window_s = 1 }
"""
PROFILE = """
schema = 1
generation = "gen-a"
revision = 1

[limits.device_answers]
equals = true
source = "illustrative"

[limits.idle_power]
unit = "W"
high = 39_000
rule = "guarded"
source = "illustrative"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an inventory of one meter, a plan and a profile, all valid."""
    (tmp_path / "rack.toml").write_text(RACK, encoding="utf-8")
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "profile.toml").write_text(PROFILE, encoding="utf-8")
    return tmp_path


Command = Callable[..., Done]


@pytest.fixture
def rackproof(folder: Path) -> Command:
    """Run a command in the folder; whatever happens, it does not end in a traceback."""

    def run(*arguments: str) -> Done:
        command = [sys.executable, "-m", "harness.cli", *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
        assert "Traceback" not in done.stderr + done.stdout
        return done

    return run


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


CHECK = ("check", "plan.toml", "--rack", "rack.toml", "--profile", "profile.toml")


def test_help_names_every_command(rackproof: Command) -> None:
    done = rackproof("--help")
    assert done.returncode == 0
    assert all(f"\n    {name}" in done.stdout for name in COMMANDS)
    assert "exit status" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_teaches_by_examples(rackproof: Command, name: str) -> None:
    done = rackproof(name, "--help")
    assert done.returncode == 0
    assert f"examples:\n  rackproof {name}" in done.stdout


@pytest.mark.parametrize("example", [line for text in cli.EXAMPLES.values() for line in text.splitlines()])
def test_examples_can_be_typed(example: str) -> None:
    program, command, *arguments = shlex.split(example)
    assert program == "rackproof"
    assert cli._parser().parse_args([command, *arguments]).command == command


def test_help_imports_nothing_heavy(folder: Path) -> None:
    program = (
        "import sys, contextlib\nfrom harness import cli\nwith contextlib.suppress(SystemExit): cli.main(['--help'])\n"
    )
    program += f"print('HEAVY', sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_check_lists_the_cases_and_touches_nothing(rackproof: Command) -> None:
    done = rackproof(*CHECK)
    assert done.returncode == 0
    assert "INV-001" in done.stdout
    assert "2 cases, 1 s of dwell" in done.stdout


def test_check_as_json(rackproof: Command) -> None:
    result = json.loads(rackproof(*CHECK, "--json").stdout)
    assert result["schema"] == "rackproof-check/1"
    assert [case["case"] for case in result["cases"]] == ["INV-001", "PWR-001"]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("rack.toml", "serial =", "seriall =", ["rack.toml: seriall: unknown key; did you mean 'serial'?"]),
        ("rack.toml", "role =", "roll =", ["rack.toml: device[0].roll (feed_a): unknown key; did you mean 'role'?"]),
        ("rack.toml", "schema = 1", "schema = 2", ["rack.toml: schema: ", "1"]),
        ("rack.toml", '"station"\n', '"landlord"\n', ["rack.toml: device[0].owner (feed_a): ", "'rack' or 'station'"]),
        ("rack.toml", "visa://", "vista://", ["rack.toml: device[0].address (feed_a): ", "visa://, snmp://, ssh://"]),
        ("rack.toml", METER, "snmp://h?community=word", ["device[0].address (feed_a): ", "must be a reference"]),
        ("rack.toml", '"wt300e"', '"wt300"', ["rack.toml: device[0].model: ", "'feed_a'", "did you mean 'wt300e'?"]),
        ("rack.toml", '"gen-a"', '"gen-b"', ["'gen-a'", "'gen-b'", "--profile FILE"]),
        ("rack.toml", "[[device]]", "[[device]", ["rack.toml: not TOML: ", "line 7"]),
        ("plan.toml", "PWR-001", "PWM-001", ["plan.toml", "no case 'PWM-001'; did you mean 'PWR-001'?"]),
        ("plan.toml", "idle =", "idel =", ["plan.toml", "no [durations.idle], which case PWR-001 needs"]),
        ("plan.toml", "settle_s", "settle", ["durations.idle.settle: unknown key; did you mean 'settle_s'?"]),
        ("plan.toml", "window_s = 1", "window_s = -1", ["plan.toml: durations.idle.window_s: ", "greater than 0"]),
        ("profile.toml", "limits.idle_power", "limits.idle_pover", [
            "profile.toml", "no [limits.idle_power], which case PWR-001 needs; did you mean 'idle_pover'?"]),
        ("profile.toml", "high = 39_000", "hihg = 39_000", ["profile.toml: limits.idle_power.hihg: ", "'high'"]),
        ("profile.toml", 'unit = "W"', 'unit = "kW"', ["profile.toml: limits.idle_power: unknown unit 'kW'", "'W'"]),
        ("profile.toml", 'unit = "W"\n', "", ["profile.toml: limits.idle_power: low and high need a unit"]),
        ("profile.toml", "high = 39_000", "high = nan", ["profile.toml: limits.idle_power.high: ", "finite"]),
        ("profile.toml", 'rule = "guarded"\nsource = "illustrative"', 'rule = "guarded"', [
            "profile.toml: limits.idle_power.source: Field required"]),
    ],
)  # fmt: skip
def test_wrong_data_is_refused_with_file_and_key(
    rackproof: Command, folder: Path, file: str, old: str, new: str, said: list[str]
) -> None:
    _change(folder / file, old, new)
    done = rackproof(*CHECK)
    assert done.returncode == 2
    assert not done.stdout
    for text in said:
        assert text in done.stderr


def test_a_secret_in_an_address_is_never_repeated(rackproof: Command, folder: Path) -> None:
    _change(folder / "rack.toml", METER, "snmp://192.0.2.1?community=hunter2")
    assert "hunter2" not in rackproof(*CHECK).stderr


def test_two_devices_of_one_name_are_refused(rackproof: Command, folder: Path) -> None:
    (folder / "rack.toml").write_text(RACK + RACK[RACK.index("[[device]]") :], encoding="utf-8")
    done = rackproof(*CHECK)
    assert done.returncode == 2
    assert "rack.toml: device: name 'feed_a' stands there twice, at [0] and [1]" in done.stderr


def test_an_unknown_plan_is_answered_with_the_one_meant(rackproof: Command) -> None:
    done = rackproof("run", "acceptanse", "--rack", "rack.toml")
    assert done.returncode == 2
    assert "no plan 'acceptanse'; did you mean 'acceptance'?; or give a path that ends in .toml" in done.stderr


def test_an_unknown_model_is_answered_with_the_one_meant(rackproof: Command) -> None:
    done = rackproof("read", "wt300", METER)
    assert done.returncode == 2
    assert "unknown model 'wt300'; did you mean 'wt300e'? known models: accelerator-host, " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["frobnicate"], 2, "invalid choice: 'frobnicate'"),
        (["run", "acceptance"], 2, "--rack"),
        (["run", "acceptance", "--rack", "nowhere.toml"], 2, "nowhere.toml: cannot be read"),
        (["probe"], 2, "name an ADDRESS, or --rack FILE"),
        (["read", "wt300e", "somewhere"], 2, "an address begins with one of visa://, snmp://, ssh://"),
        (["read", "wt300e", METER, "--over", "5"], 2, "wt300e is of the kind power_meter"),
        (["read", "sonic", "snmp://127.0.0.1?community=public", "--over", "0"], 2, "--over 0: a time above 0 s"),
        (["read", "sonic", "snmp://127.0.0.1?community=public", "--over", "nan"], 2, "--over nan: a time above 0 s"),
        (["emulate", "gen-z", "--out", "out"], 2, "gen-z: no such generation; there are gen-a"),
        (["emulate", "gen-a", "--out", "out", "--fault", "tray07"], 2, "'tray07' is no fault; write PLACE.NAME"),
        (["emulate", "gen-a", "--out", "out", "--fault", "tray07.on_fire"], 2, "possible there: bmc_dies"),
        (["demo", "--fault", "tray07.on_fire"], 2, "no fault 'on_fire' at tray07"),
        (["report", "nowhere"], 3, "nowhere: no journal.jsonl there; name a run folder"),
        (["resume", "nowhere"], 3, "nowhere: no journal.jsonl there; name a run folder"),
        (
            ["read", "wt300e", METER],
            3,
            f"Unreachable: {METER}",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    rackproof: Command, arguments: list[str], status: int, said: str
) -> None:
    done = rackproof(*arguments)
    assert done.returncode == status
    assert said in done.stderr
    assert not done.stdout


def test_a_rack_of_which_nothing_answers_is_undecided_and_says_so(rackproof: Command, folder: Path) -> None:
    done = rackproof("run", "plan.toml", "--rack", "rack.toml", "--profile", "profile.toml", "--json")
    assert done.returncode == 3
    result = json.loads(done.stdout)
    assert (result["schema"], result["verdict"]) == ("rackproof-run/1", "INCOMPLETE")
    assert any("PWR-001" in point for point in result["open"])
    report = json.loads(rackproof("report", str(folder / result["run"]), "--json").stdout)
    assert report["verdict"] == "INCOMPLETE"
    assert rackproof("report", str(folder / result["run"]), "--format", "junit").stdout.startswith("<?xml")


def test_probe_says_who_does_not_answer(rackproof: Command) -> None:
    done = rackproof("probe", "--rack", "rack.toml", "--json")
    assert done.returncode == 1
    (found,) = map(json.loads, done.stdout.splitlines())
    assert (found["name"], found["model"]) == ("feed_a", None)
    assert "Unreachable" in found["says"]


@pytest.mark.parametrize("says", [{}, {(1, 3, 6, 1, 2, 1, 1, 1, 0): OctetString(b"\n")}])
def test_probe_of_an_agent_that_does_not_say_what_it_is(rackproof: Command, says: dict[tuple[int, ...], Any]) -> None:
    with serving(NastyAgent({(1, 3, 6, 1, 2, 1, 1, 3, 0): Integer32(4711), **says})) as agent:
        done = rackproof("probe", agent.address)
    assert done.returncode == 1
    assert done.stdout.split(maxsplit=2)[1:] == ["-", "answers, and does not say what it is\n"]


MOVING = """1.3.6.1.2.1.1.1.0|4|a switch
1.3.6.1.2.1.1.3.0|67|4711
1.3.6.1.2.1.2.2.1.2.1|4|Ethernet1
1.3.6.1.2.1.31.1.1.1.6.1|70:numeric|rate=1000000,initial=5000
"""
"""A recording in which ifHCInOctets counts a million octets a second."""


def test_read_says_what_the_ports_of_a_switch_did_in_between(
    rackproof: Command, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (folder / "moving.snmprec").write_text(MOVING)
    (folder / "community").write_text("moving")
    with snmpsim(folder, "moving", tmp_path_factory.mktemp("snmpsim")) as port:
        address = f"snmp://127.0.0.1:{port}?community=file:community"
        done = rackproof("read", "switch-mib", address, "--over", "0.5", "--json")
    assert done.returncode == 0, done.stderr
    found = {reading["name"]: reading for reading in map(json.loads, done.stdout.splitlines())}
    more, rate = found["port[Ethernet1].in_bytes_increase"], found["port[Ethernet1].in_bytes_rate"]
    assert (more["unit"], rate["unit"]) == ("B", "B/s")
    assert more["value"] >= 400_000
    assert rate["value"] == pytest.approx(1e6, rel=0.3)
    assert found["port[Ethernet1].flapped"]["reason"] == "the agent has no such object for this port"


def test_a_role_that_nothing_has_is_refused_in_a_plan(rackproof: Command, folder: Path) -> None:
    (folder / "typo.toml").write_text(PLAN + "\n[sampling]\nfeed_metre = 0.5\n", encoding="utf-8")
    done = rackproof("check", "typo.toml", "--rack", "rack.toml")
    assert done.returncode == 2
    assert "sampling: no case and no device has the role 'feed_metre'; did you mean 'feed_meter'?" in done.stderr


def test_a_reader_that_has_enough_is_not_complained_about(folder: Path) -> None:
    lines = "".join(f"Fan{n} | 30h | ok | 7.1 | {n} RPM\n" for n in range(50_000))
    (folder / "sdr.txt").write_text(lines, encoding="utf-8")
    command = f"{shlex.quote(sys.executable)} -m harness.cli parse ipmitool-sdr sdr.txt | head -1"
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("ipmitool-sdr: none\n", "")
