"""The first screen as text."""

import re
import textwrap
import unicodedata
from collections.abc import Callable

import pytest

from harness.records import PlanStated, UnplannedCase
from harness.run import Case, Run
from reports import text
from tests.reports.journals import measured, planned, start

REJECTED = """\
 ✕ REJECTED
 rack GA-000123 · gen-a rev 4 · plan acceptance · 2026-11-23 14:02–14:02 UTC
 2 of 4 cases failed, 2 could not be decided · station W1-03 · operator 4711
 ──────────────────────────────────────────────────────────────────────────────────────────────────
 WHY          CMP-034  tray07 gpu[2]: gpu temperature was 81 °C, 6 K above its limit of 75 °C (full
                load, 14:37:00–15:17:00 UTC, 40 min)
              INV-002  tray07: firmware was “1.2.2”, expected one of 1.2.3, 1.2.4
 NOT DECIDED  PWR-018  could not be decided: Silent: meter2: no reply in 2 s; blamed on the
                instrument
              PWR-024  not observable: no instrument here can see inrush
 ──────────────────────────────────────────────────────────────────────────────────────────────────
 ✕ cooling 0/1  ✕ inventory 0/1  ◐ power 1/2
 Decided by: simple (2)
 Report: runs/1/reports/report.html
"""

ACCEPTED = """\
 ● ACCEPTED
 EMULATED RACK: this run did not touch hardware
 rack GA-000123 · gen-a rev 4 · plan acceptance · 2026-11-23 14:02–14:02 UTC
 1 of 1 cases passed, 1 does not apply · station W1-03 · operator 4711
 ──────────────────────────────────────────────────────────────────────────────────────────────────
 ● power 1/1
 idle power 37.403 ± 0.081 kW
 Decided by: guarded, r = 1 (1)
 Report: report.html
"""


def test_a_rejected_run(rejected: Run) -> None:
    assert text.render(rejected, report="runs/1/reports/report.html") == REJECTED


def test_an_accepted_run_of_an_emulated_rack(emulated: Run) -> None:
    assert text.render(emulated, report="report.html") == ACCEPTED


def test_a_run_of_hardware_does_not_say_emulated(accepted: Run) -> None:
    assert "EMULATED" not in text.render(accepted)


def test_a_killed_run_says_what_is_open(killed: Run) -> None:
    said = text.render(killed)
    assert said.startswith(" ◐ INCOMPLETE\n")
    assert "NOT DECIDED  The run did not end: its process stopped; `rackproof resume` goes on." in said
    assert "PWR-013  was interrupted" in said
    assert "PWR-014  did not run" in said


@pytest.mark.parametrize("width", [60, 100, 140])
def test_lines_keep_to_the_width(rejected: Run, width: int) -> None:
    assert max(map(len, text.render(rejected, width=width).splitlines())) <= width


def test_hostile_text_steers_no_terminal(hostile: Run) -> None:
    said = text.render(hostile, report="/tmp/\x1b[2J") + "".join(map(text.case_line, hostile.cases.values()))
    assert {c for c in said if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")} == {"\n", "\u200d"}
    assert r"\x1b[2J" in said


def test_a_case_that_ends_leaves_one_line(rejected: Run, accepted: Run) -> None:
    lines = [text.case_line(case) for case in (*rejected.cases.values(), *accepted.cases.values())]
    when = "(full load, 14:37:00–15:17:00 UTC, 40 min)"
    assert lines == [
        f"✕ FAIL    CMP-034    tray07 gpu[2]: gpu temperature was 81 °C, 6 K above its limit of 75 °C {when} (1.5 s)",
        "✕ FAIL    INV-002    tray07: firmware was “1.2.2”, expected one of 1.2.3, 1.2.4 (1.5 s)",
        "◐ error   PWR-018    could not be decided: Silent: meter2: no reply in 2 s; blamed on the instrument (1.5 s)",
        "● pass    PWR-019    The feeds are in balance. 50.2 %, limit 45 % … 55 % by simple (1.5 s)",
        textwrap.dedent(
            "● pass    PWR-012    With no work, the rack draws no more than its idle budget."
            " 37.403 ± 0.081 kW, limit ≤ 38 kW by guarded, r = 1 (3.2 s)"
        ),
    ]


def test_the_first_screen_stays_one(rejected: Run) -> None:
    case = rejected.cases["CMP-034"]
    case.measurements *= 500
    said = text.render(rejected)
    assert "and 497 more measurements" in said
    assert len(said.splitlines()) < 24


def test_cases_of_one_reason_are_said_once(rejected: Run) -> None:
    reason = "deselected on the command line"
    left = [UnplannedCase(case=f"MGT-001[tray{i:02}]", why="deselected", reason=reason) for i in range(1, 19)]
    rejected.left_out.update({one.case: one for one in left})
    assert f"MGT-001 on 18 devices  {reason}\n" in text.render(rejected)
    more = [UnplannedCase(case=f"MGT-00{i}", why="deselected", reason=reason) for i in range(2, 6)]
    rejected.left_out.update({one.case: one for one in more})
    assert f"5 numbers, 22 cases  {reason}\n" in text.render(rejected)


def test_a_figure_is_never_parted_from_its_unit(rejected: Run) -> None:
    for width in range(60, 120):
        assert not re.search(r"[0-9]\n +°C", text.render(rejected, width=width))


def test_an_operator_without_a_name(make: Callable[..., Run]) -> None:
    assert "operator not named" in text.render(make(start(operator=""), PlanStated(cases=(), left_out=())))


def test_the_figures_that_people_ask_for(make: Callable[..., Run]) -> None:
    case = "PWR-002"
    run = make(
        start(),
        PlanStated(cases=(planned(case, "power"),), left_out=()),
        measured(case, "idle_to_peak", 0.29, "1", "pass", high=0.335, margin=0.045),
        measured(case, "work_per_joule", 35.17e9, "FLOP/J", "pass", low=33.5e9, margin=1.67e9),
        measured(case, "full_power", 122_751.9, "W", "pass", high=132_000, margin=9248.1, uncertainty=154.0),
    )
    said = "full-load power 122.75 ± 0.31 kW   work per joule 35.17 GFLOP/s per W   idle share 29 %"
    assert said in text.render(run)


def test_many_open_cases_are_counted_not_listed(killed: Run) -> None:
    killed.cases.update({f"X-{i}": Case(planned(f"X-{i}", "power"), "skip", f"stopped at {i}") for i in range(100)})
    said = text.render(killed)
    assert "and 91 more: see the report" in said
    assert len(said.splitlines()) < 24


def test_a_conditional_pass_is_flagged(accepted: Run) -> None:
    case = accepted.cases["PWR-012"]
    case.measurements[0] = case.measurements[0].model_copy(update={"judged": "conditional_pass", "rule": "ilac4"})
    assert "1 of 1 cases passed, 1 passed conditionally, 1 does not apply" in text.render(accepted)
