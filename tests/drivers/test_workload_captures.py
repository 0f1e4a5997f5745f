"""Recorded outputs of real tools, and the values that their sources expect of them."""

from pathlib import Path

import pytest

from drivers.parsed import Parsed
from drivers.tools import parse

pytestmark = pytest.mark.captures
MB, GB, KIB = 1e6, 1e9, 1024

EXPECTED: dict[tuple[str, str], dict[str, float]] = {
    ("nccl-tests", "nccl/superbench_allreduce_8xA100_old_columns.log"): {
        "out_of_place[8589934592].time": 63896e-6,
        "out_of_place[8589934592].algorithm_bandwidth": 134.44 * GB,
        "out_of_place[8589934592].bus_bandwidth": 235.26 * GB,
        "in_place[8589934592].time": 63959e-6,
        "in_place[8589934592].algorithm_bandwidth": 134.30 * GB,
        "in_place[8589934592].bus_bandwidth": 235.03 * GB,
        "average_bus.bandwidth": 68.4048 * GB,
        "ranks": 8,
    },
    ("stream", "stream/superbench_zen.log"): {
        "kernel[copy].rate": 342008.3 * MB,
        "kernel[scale].rate": 342409.6 * MB,
        "kernel[add].rate": 343827.7 * MB,
        "kernel[triad].rate": 363208.7 * MB,
        "threads": 32,
    },
    ("hpcc", "hpl/pkb_hpcc_sample.txt"): {
        "HPL.speed": 0.0331844e12,
        "StarSTREAM_Triad.bandwidth": 5.92076 * GB,
        "MPIRandomAccess.update_rate": 0.0134972e9,
    },
    ("hpl", "hpl/pkb_hpcc_sample.txt"): {"run[1].speed": 33.18e9, "run[1].n": 39552, "tests.passed": 1},
    ("fio", "fio/pkb_fio2.1.4_multi_job.json"): {
        "job[sequential_write].write_bandwidth": 68118 * KIB,
        "job[sequential_write].write_completion_latency_mean": 477734.84e-6,
        "job[sequential_write].write_completion_latency_p99": 823296e-6,
        "job[sequential_read].read_bandwidth": 129836 * KIB,
        "job[random_write_test].write_iops": 1610,
        "job[random_read_test].read_iops": 317,
        "job[random_read_test_parallel].read_iops": 323,
        "job[random_read_test_parallel].error": 0,
    },
    ("gpu-burn", "gpu_burn/superbench_8gpu_pass.log"): {
        **{f"gpu[{n}].errors": 0 for n in range(8)},
        "gpu[0].speed": 16942e9,
    },
}
UNCHECKED = {"nccl-tests": ("checking was off (validation: 0)",)}


def recorded(captures: Path, tool: str, path: str) -> Parsed:
    return parse(tool, (captures / "outputs" / path).read_bytes())


@pytest.mark.parametrize(("tool", "path"), EXPECTED)
def test_a_recorded_output(tool: str, path: str, captures: Path) -> None:
    parsed = recorded(captures, tool, path)
    found = {figure.name: figure.value for figure in parsed.figures}
    expected = EXPECTED[tool, path]
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert parsed.reasons == UNCHECKED.get(tool, ())
    assert parsed.verdict == ("unverified" if tool in UNCHECKED else "good")


def test_what_was_not_checked_is_null_not_zero(captures: Path) -> None:
    parsed = recorded(captures, "nccl-tests", "nccl/superbench_allreduce_8xA100_old_columns.log")
    wrong = [figure for figure in parsed.figures if figure.name.endswith(".wrong")]
    assert wrong
    assert {(figure.value, figure.raw, figure.reason) for figure in wrong} == {(None, "N/A", "it was not checked")}


def test_cut_before_the_last_verdict_gpu_burn_is_bad(captures: Path) -> None:
    whole = (captures / "outputs" / "gpu_burn" / "superbench_8gpu_pass.log").read_bytes()
    parsed = parse("gpu-burn", whole[: whole.index(b"60.0%")])
    assert parsed.verdict == "bad"
    assert any("reported no speed" in reason for reason in parsed.reasons)
