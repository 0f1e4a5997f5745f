from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.records import CaseEnd, CaseStart, DeviceSeen, Measurement, PlanStated, RunEnd, SeriesRecorded
from tests.harness.mini import Mini
from tests.harness.racks import meter, nobody, replies
from tests.servers import ScpiServer, scpi_server


@pytest.fixture
def mini(tmp_path: Path) -> Mini:
    return Mini(tmp_path)


@pytest.fixture
def server() -> Iterator[ScpiServer]:
    with scpi_server(replies()) as serving:
        yield serving


@pytest.fixture
def second() -> Iterator[ScpiServer]:
    with scpi_server(replies(serial="C2")) as serving:
        yield serving


OUTCOMES = '''
@case("PWR-001")
def test_fails(measure):
    """Everything that fails is told."""
    measure("power", Fact(200, unit="W"), where="one")
    measure("power", Fact(100, unit="W"), where="two")
    measure("power", Fact(300, unit="W"), where="three")

@case("PWR-002")
def test_skips(measure):
    """Skipped."""
    pytest.skip("no key at hand")

@case("PWR-003")
def test_breaks(measure):
    """A mistake of ours."""
    measure("power", Fact(1, unit="W"))
    raise ValueError("a mistake")

@case("PWR-004")
def test_measures_nothing(measure):
    """Nothing is measured."""

@case("PWR-005")
def test_fails_then_breaks(measure):
    """A failure that was measured stays one."""
    measure("power", Fact(200, unit="W"))
    raise ValueError("and then this")

@case("PWR-006")
def test_fails_then_skips(measure):
    """A skip hides no failure."""
    measure("power", Fact(200, unit="W"))
    pytest.skip("never mind")

@case("PWR-007")
def test_wrong_unit(measure):
    """In another unit."""
    measure("power", Fact(1, unit="kW"))

@case("PWR-008")
@pytest.mark.xfail(reason="somebody wished it away")
def test_fails_as_expected(measure):
    """An expected failure is one."""
    measure("power", Fact(200, unit="W"))

@pytest.fixture
def broken():
    yield
    raise OSError("no space left")

@case("PWR-009")
def test_teardown_breaks(measure, broken):
    """What fails afterwards counts."""
    measure("power", Fact(1, unit="W"))

@case("PWR-010")
def test_passes(measure):
    """Passes."""
    measure("power", Fact(1, unit="W"))
'''


def test_every_way_that_a_case_can_end(mini: Mini, server: ScpiServer) -> None:
    result = mini.write(OUTCOMES, meter("a", server)).run()
    cases = result.run.cases
    assert {n.removeprefix("PWR-"): c.outcome for n, c in cases.items()} == {
        "001": "fail",
        "002": "skip",
        "003": "error",
        "004": "error",
        "005": "fail",
        "006": "fail",
        "007": "error",
        "008": "fail",
        "009": "error",
        "010": "pass",
    }
    assert cases["PWR-001"].message.splitlines() == [
        "one: power was 200 W, 50 W above its limit of 150 W",
        "three: power was 300 W, 150 W above its limit of 150 W",
    ]
    assert len(cases["PWR-001"].measurements) == 3
    assert cases["PWR-001"].attribution == "rack"
    assert (cases["PWR-002"].message, cases["PWR-002"].attribution) == ("no key at hand", None)
    assert (cases["PWR-003"].message, cases["PWR-003"].attribution) == ("ValueError: a mistake", "software")
    assert cases["PWR-004"].message == "the case measured nothing"
    assert cases["PWR-005"].message.endswith("and then: and then this")
    assert cases["PWR-007"].attribution == "software"
    assert (cases["PWR-009"].message, cases["PWR-009"].attribution) == ("OSError: no space left", "station")
    assert result.run.verdict == "REJECTED"


DWELLS = '''
@case("PWR-001", state="idle")
@needs("feed_meter.power")
def test_total(dwell, measure):
    """Both meters, one window."""
    measure("power", dwell.total("feed_meter.power").mean(), where="rack")

@case("PWR-002", state="idle", each="feed_meter")
@needs("feed_meter.frequency")
def test_each(dwell, device, measure):
    """The same window."""
    measure("power", dwell.one(f"{device.name}.power").maximum(), where=device.slot)

@case("INV-001", each="rack")
def test_answers(device, measure):
    """It answers."""
    measure("good", device.answers(), where=device.slot)
'''


def test_a_run_from_sockets_to_verdict(mini: Mini, server: ScpiServer, second: ScpiServer) -> None:
    devices = meter("a", server), meter("b", second)
    result = mini.write(DWELLS, *devices, order='["INV-*", "PWR-*"]').run()
    assert list(result.outcomes()) == ["INV-001[a]", "INV-001[b]", "PWR-001", "PWR-002[a]", "PWR-002[b]"]
    run = result.run
    assert [(m.value, m.judged) for m in run.cases["PWR-001"].measurements] == [(200.0, "fail")]
    assert run.cases["PWR-002[a]"].outcome == "pass"
    assert [s.state for s in run.states] == ["idle"]
    assert {(s.device, s.point) for s in run.series} == {
        (d, p) for d in "ab" for p in ("power", "frequency", "exchange_time")
    }
    assert all(r.count >= 5 and r.missed == 0 for r in result.records if isinstance(r, SeriesRecorded))
    assert run.cases["PWR-001"].devices == ("a", "b")
    assert run.cases["PWR-002[a]"].devices == ("a",)
    assert [r.serial for r in result.records if isinstance(r, DeviceSeen)] == ["C1", "C2"]
    kinds = [type(r) for r in result.records]
    assert kinds.index(PlanStated) < kinds.index(DeviceSeen) < kinds.index(CaseStart)
    assert result.records[-2] == RunEnd(safe=True)


def test_deselection_is_stated_and_makes_it_incomplete(mini: Mini, server: ScpiServer, second: ScpiServer) -> None:
    result = mini.write(DWELLS, meter("a", server), meter("b", second), order='["INV-*", "PWR-*"]').run("-k", "answers")
    assert set(result.outcomes().values()) == {"pass"}
    assert {n: u.why for n, u in result.run.left_out.items()} == dict.fromkeys(
        ("PWR-001", "PWR-002[a]", "PWR-002[b]"), "deselected"
    )
    assert result.run.verdict == "INCOMPLETE"


def test_collection_touches_nothing(mini: Mini, server: ScpiServer) -> None:
    mini.write(DWELLS, meter("a", server), meter("b", nobody()), order='["INV-*", "PWR-*"]')
    result = mini.run("--collect-only", "-q")
    assert result.code == 0
    assert "test_answers[b]" in result.said
    assert server.heard == []
    assert not (result.folder / "journal.jsonl").exists()


ABSENT = '''
@case("CMP-001", each="host")
def test_unseen(device, measure):
    """Nobody can see it."""
    measure("good", device.answers())

@case("CMP-002")
@needs("pdu.power")
def test_waived(measure):
    """Waived."""
    measure("good", Fact(True))

@case("CLG-001")
@needs(feature="liquid_cooling")
def test_unwanted(measure):
    """Not of this generation."""
    measure("good", Fact(True))

@case("MGT-001")
def test_runs(measure):
    """Runs."""
    measure("good", Fact(True))
'''
WAIVER = '[[waivers]]\ncase = "CMP-002"\nreason = "no PDU here"\nname = "J. Doe"\n'


def test_what_does_not_run_is_stated_with_the_reason(mini: Mini, server: ScpiServer) -> None:
    result = mini.write(ABSENT, meter("a", server), plan=WAIVER).run()
    assert {n: (u.why, u.reason) for n, u in result.run.left_out.items()} == {
        "CMP-001": ("not_observable", "the inventory has no device of role host"),
        "CMP-002": ("waived", "no PDU here (J. Doe); the inventory has no device of role pdu"),
        "CLG-001": ("not_applicable", "generation g has no liquid_cooling"),
    }
    assert result.outcomes() == {"MGT-001": "pass"}
    assert [p for p in result.run.open_points() if "left out" in p] == [
        "CMP-001 was left out (not observable): the inventory has no device of role host"
    ]


ONE = '''
@case("PWR-001", state="{state}")
def test_one(dwell, measure):
    """A claim."""
    measure("{limit}", Fact(1, unit="W"))
'''
TWICE = '''
@case("PWR-001")
def test_one(measure):
    """A claim."""
    measure("power", Fact(1, unit="W"))

@case("PWR-001")
def test_other(measure):
    """Another claim."""
    measure("power", Fact(1, unit="W"))
'''


@pytest.mark.parametrize(
    ("cases", "plan", "order", "said"),
    [
        (
            ONE.format(state="idle", limit="pover"),
            "",
            '["*"]',
            "no [limits.pover], which case PWR-001 needs; did you",
        ),
        (
            ONE.format(state="full", limit="power"),
            "",
            '["*"]',
            "plan mini: no [durations.full], which case PWR-001",
        ),
        (ONE.format(state="idle", limit="power"), "", '["PWR-002"]', "no case 'PWR-002'; did you mean 'PWR-001'"),
        (ONE.format(state="idle", limit="power"), WAIVER, '["*"]', "waivers: no case 'CMP-002'"),
        (TWICE, "", '["*"]', "case PWR-001 stands there twice"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_anything_is_touched(
    cases: str, plan: str, order: str, said: str, mini: Mini, server: ScpiServer
) -> None:
    result = mini.write(cases, meter("a", server), plan=plan, order=order).run()
    assert said in result.said
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert server.heard == []
    assert not (result.folder / "journal.jsonl").exists()


def test_a_profile_of_another_generation_is_refused(mini: Mini, server: ScpiServer) -> None:
    mini.write(TWICE, meter("a", server))
    (mini.folder / "profile.toml").write_text('schema = 1\ngeneration = "h"\nrevision = 1\n')
    assert "the profile is for generation 'h', the rack S1 is 'g'" in mini.run().said


STOPPED = '''
@case("PWR-001")
def test_one(measure):
    """A claim."""
    measure("power", Fact(1, unit="W"))

@case("PWR-002")
def test_other(measure):
    """Stopped by somebody."""
    measure("power", Fact(200, unit="W"))
    raise KeyboardInterrupt

@case("PWR-003")
def test_last(measure):
    """Never came."""
    measure("power", Fact(1, unit="W"))
'''


def test_a_stopped_run_ends_in_order_and_goes_on(mini: Mini, server: ScpiServer) -> None:
    result = mini.write(STOPPED, meter("a", server)).run()
    assert result.outcomes() == {"PWR-001": "pass", "PWR-002": "interrupted", "PWR-003": "not_run"}
    assert result.records[-2] == RunEnd(safe=True, message="the run was stopped")
    assert result.run.verdict == "INCOMPLETE"
    mini.write(STOPPED.replace("    raise KeyboardInterrupt\n", "").replace("200", "100"), meter("a", server))
    again = mini.run()
    assert set(again.outcomes().values()) == {"pass"}
    starts = [r.case for r in again.records if isinstance(r, CaseStart)]
    assert starts == ["PWR-001", "PWR-002", "PWR-002", "PWR-003"]
    assert "200 W" in again.run.cases["PWR-002"].notes[0]
    assert again.run.verdict == "INCOMPLETE"
    assert again.run.open_points() == ["A draft profile cannot accept a real rack: have it released."]


TOUCHES = '''
@case("PWR-001", each="feed_meter")
def test_touches(device, measure):
    """Reads a device."""
    measure("power", device.one("power"))

@case("PWR-002")
def test_stopped(measure):
    """Stopped."""
    raise KeyboardInterrupt
'''


def stopped(mini: Mini, *devices: ScpiServer) -> None:
    mini.write(TOUCHES, *(meter(n, d) for n, d in zip("abc", devices, strict=False)))
    result = mini.run()
    assert [o for n, o in result.outcomes().items() if n != "PWR-002"] == ["pass"] * len(devices)


def test_what_rested_on_a_changed_device_is_done_again(mini: Mini, server: ScpiServer, second: ScpiServer) -> None:
    stopped(mini, server, second)
    second.replies.update(replies(serial="C9"))
    records = mini.run().records
    starts = [r.case for r in records if isinstance(r, CaseStart)]
    assert starts == ["PWR-001[a]", "PWR-001[b]", "PWR-002", "PWR-001[b]", "PWR-002"]
    (gone,) = [r for r in records if r.kind == "case_invalidated"]
    assert (gone.case, gone.reason) == ("PWR-001[b]", "b: serial was 'C2', is 'C9'")


def test_what_rested_on_a_device_that_is_now_another_model_is_void(
    mini: Mini, server: ScpiServer, second: ScpiServer
) -> None:
    stopped(mini, server, second)
    second.replies.update(replies(maker="HIOKI"))
    result = mini.run()
    assert result.run.cases["PWR-001[b]"].outcome == "error"
    assert result.run.cases["PWR-001[b]"].attribution == "rack"
    assert len([r for r in result.records if isinstance(r, CaseEnd) and r.case == "PWR-001[a]"]) == 1


def test_a_refused_resume_leaves_the_run_as_it_was(mini: Mini, server: ScpiServer, second: ScpiServer) -> None:
    stopped(mini, server)
    before = sorted(p.name for p in (mini.folder / "run").iterdir())
    mini.write(TOUCHES, meter("a", server, owner="station"))
    refused = mini.run()
    assert refused.code == pytest.ExitCode.USAGE_ERROR
    assert "the inventory's device are not what this run began with" in refused.said
    (mini.folder / "rack.toml").write_text((mini.folder / "run/inputs/rack.toml").read_text().replace("S1", "S2"))
    assert "serial: this run began with 'S1', now it is 'S2'; another rack is another run" in mini.run().said
    assert sorted(p.name for p in (mini.folder / "run").iterdir()) == before


def test_addresses_may_move(mini: Mini, server: ScpiServer, second: ScpiServer) -> None:
    stopped(mini, server)
    second.replies.update(replies(serial="C1"))
    mini.write(TOUCHES, meter("a", second))
    assert mini.run().outcomes()["PWR-001[a]"] == "pass"


def test_an_instrument_that_fails_never_judges_the_rack(mini: Mini, server: ScpiServer) -> None:
    result = mini.write(TOUCHES, meter("a", server), meter("b", nobody(), owner="station")).run()
    case = result.run.cases["PWR-001[b]"]
    assert (case.outcome, case.attribution) == ("error", "instrument")
    assert "because  b is the station's own" in case.message


def test_a_full_disk_ends_the_run_with_a_sentence(mini: Mini, server: ScpiServer) -> None:
    loop = '''
@case("PWR-001")
def test_one(measure):
    """A claim."""
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (8000, resource.RLIM_INFINITY))
    for _ in range(100):
        measure("power", Fact(1, unit="W"))

@case("PWR-002")
def test_other(measure):
    """A claim."""
    measure("power", Fact(1, unit="W"))
'''
    result = mini.write(loop, meter("a", server)).run()
    assert "journal.jsonl: cannot write record" in result.said
    assert result.code != 0
    assert result.run.verdict == "INCOMPLETE"
    assert any(isinstance(r, Measurement) for r in result.records)


def test_without_a_rack_the_plugin_is_inert(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    mini = Mini(tmp_path).write("def test_plain():\n    pass\n")
    command = [part for part in mini.command() if str(tmp_path) in part and part.endswith("cases")]
    assert pytest.main(["-p", "no:cacheprovider", "-q", "--rootdir", str(tmp_path), *command]) == 0
