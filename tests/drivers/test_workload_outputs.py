"""What the outputs of workloads say: figures in base units, and never good where something is wrong or unchecked."""

import json
from pathlib import Path

import pytest

from drivers.errors import Garbled
from drivers.parsed import Figure, Parsed
from drivers.points import UNITS
from drivers.tools import parse
from drivers.workloads import gemm_on_host
from drivers.workloads.findings import MOST_FIGURES, number
from drivers.workloads.outputs import WORKLOAD_OUTPUTS
from tests.drivers import outputs
from tests.drivers.outputs import GOOD, fio, gemm, hpl, iperf3, loadgen, nccl, nccl_json, nvbandwidth_json, write_bw


def figures(parsed: Parsed) -> dict[str, Figure]:
    return {figure.name: figure for figure in parsed.figures}


def values(tool: str, output: str) -> dict[str, object]:
    return {figure.name: figure.value for figure in parse(tool, output.encode()).figures}


def test_every_workload_has_a_good_output_here() -> None:
    assert set(GOOD) == set(WORKLOAD_OUTPUTS)


@pytest.mark.parametrize("tool", GOOD)
def test_a_good_output(tool: str) -> None:
    parsed = parse(tool, GOOD[tool].encode())
    assert (parsed.tool, parsed.verdict, parsed.reasons) == (tool, "good", ())
    assert parsed.figures
    assert {figure.unit for figure in parsed.figures} <= UNITS | {None}
    assert len(figures(parsed)) == len(parsed.figures)


EXPECTED: list[tuple[str, str, dict[str, object]]] = [
    ("hpl", hpl(), {"run[1].speed": 548.7e9, "run[1].n": 29184, "run[1].time": 30.21, "run[1].residual": 0.002741}),
    ("hpl-mxp", outputs.HPL_MXP, {"run[1].speed": 434.68e12, "run[1].lu_speed": 2.494e15, "run[1].n": 258048}),
    ("hpcc", outputs.HPCC, {"HPL.speed": 33184400000.0, "MPIRandomAccess.update_rate": 13497200.0}),
    ("hpcc", outputs.HPCC, {"PTRANS.bandwidth": 338561000.0, "MaxPingPongLatency.latency": 3.84119e-07}),
    ("stream", outputs.STREAM, {"kernel[triad].rate": 11023400000.0, "threads": 2}),
    ("nccl-tests", nccl(), {"out_of_place[1024].bus_bandwidth": 127.5e9, "in_place[2048].time": 12.5e-6, "ranks": 2}),
    ("nccl-tests", nccl_json(), {"out_of_place[1024].bus_bandwidth": 127.5e9, "average_bus.bandwidth": 127.5e9}),
    ("nvbandwidth", outputs.NVBANDWIDTH, {"device_to_device_memcpy_read_ce[0,1].bandwidth": 760.5e9}),
    ("nvbandwidth", outputs.NVBANDWIDTH, {"host_device_latency_sm[0,0].latency": 772.58e-9}),
    ("nvbandwidth", nvbandwidth_json(), {"host_to_device_memcpy_ce[0,0].bandwidth": 200.25e9}),
    ("ib-write-bw", write_bw(), {"size[65536].bandwidth_average": 23240.0 * 2**20, "size[65536].message_rate": 371840}),
    ("ib-write-bw", write_bw("Gb/sec", "194.96", "194.95"), {"size[65536].bandwidth_average": 194.95e9 / 8}),
    ("ib-read-lat", outputs.READ_LAT, {"size[2].latency_typical": 1.93e-6, "size[2].latency_p99.9": 7.95e-6}),
    ("loadgen", loadgen(), {"samples.rate": 12345.6, "tokens.rate": 987654.5, "latency[99.90].percentile": 599.0}),
    ("fio", fio(), {"job[job0].read_bandwidth": 4096000, "job[job0].read_completion_latency_p99": 8e-6}),
    ("iperf3", iperf3(), {"received.rate": 1e10, "sent.retransmits": 3}),
    ("gemm", gemm(), {"device[0].bf16_speed": 7.9e14, "device[0].copy_bandwidth": 4.1e12}),
    ("gemm", gemm(), {"device[0].bf16_energy": 6500.5, "device[0].bf16_power": 650.05}),
    ("gpu-burn", outputs.gpu_burn(), {"gpu[1].speed": 9.1e12, "gpu[1].temperature": 62, "gpu[1].errors": 0}),
    ("stress-ng", GOOD["stress-ng"], {"stressor[cpu].rate": 2126.536343, "stressor[cpu].operations": 4254}),
    ("stress-ng", outputs.STRESS_NG.format(end="successful"), {"stressor[cpu].rate": 2126.54}),
]


@pytest.mark.parametrize(("tool", "output", "expected"), EXPECTED)
def test_figures_are_in_base_units(tool: str, output: str, expected: dict[str, float]) -> None:
    found = values(tool, output)
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-12)


def replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


INTERLEAVED = replaced(
    nccl(rows=3), "float     sum      -1    12.34", "float tray07:1:2 [0] NCCL INFO x\n  sum -1 12.34"
)
BAD: list[tuple[str, str, str]] = [
    ("hpl", hpl("FAILED", passed=0, failed=1), "residual"),
    ("hpl", hpl(passed=0, failed=1), "failed their residual checks"),
    ("hpl", hpl().partition("=" * 80 + "\n\n")[0], "did not end"),
    ("hpl", hpl(finished=2, passed=2), "2 tests are counted, 1 are listed"),
    ("hpl", hpl(finished=2), "do not add up"),
    ("hpl", hpl() + "HPL ERROR from process # 0, on line 419 of function HPL_pdinfo:\n", "HPL ERROR"),
    ("hpl", replaced(hpl(), "5.4870e+02", "nan"), "speed is nan"),
    ("hpl-mxp", replaced(outputs.HPL_MXP, "PASSED", "FAILED"), "too large"),
    ("hpl-mxp", outputs.HPL_MXP.rpartition(" ******")[0].rpartition("\n")[0] + "\n", "not whole"),
    ("hpcc", replaced(outputs.HPCC, "Success=1", "Success=0"), "Success is 0"),
    ("hpcc", outputs.HPCC.partition("End of")[0], "does not end"),
    ("hpcc", replaced(outputs.HPCC, "ErrorsFraction=0", "ErrorsFraction=0.02"), "ErrorsFraction is 0.02"),
    ("hpcc", replaced(outputs.HPCC, "HPL_time", "HPL_Tflops=1\nHPL_time"), "twice"),
    ("stream", replaced(outputs.STREAM, "Solution Validates: avg", "Failed Validation on array a[], avg"), "Failed"),
    ("stream", outputs.STREAM.partition("----")[0], "validates"),
    ("stream", replaced(outputs.STREAM, "Triad:          11023.4", "Triad:              0.0"), "is 0.0"),
    ("nccl-tests", nccl("3"), "3 elements are wrong"),
    ("nccl-tests", nccl(out=4), "4 values are out of bounds"),
    ("nccl-tests", nccl().partition("# Avg")[0], "does not end"),
    ("nccl-tests", nccl().rstrip("#\n "), "does not end"),
    ("nccl-tests", INTERLEAVED, "does not fit its heads"),
    ("nccl-tests", nccl() + "tray07: Test NCCL failure common.cu:958 'unhandled system error'\n", "failure"),
    ("nccl-tests", replaced(nccl(), "126.75 ", "126.75 FAILED"), "below the least"),
    ("nccl-tests", replaced(nccl(), "   85.00  127.50", "     nan     nan"), "is nan"),
    ("nccl-tests", nccl_json(out_of_bounds={"count": 2, "okay": "false"}), "out of bounds: 2"),
    ("nccl-tests", nccl_json(errors=["remote process has terminated"]), "remote process"),
    ("nccl-tests", nccl_json(average_bus_bandwidth=None) if False else nccl_json(results=[]), "no row"),
    ("nvbandwidth", replaced(outputs.NVBANDWIDTH, "SUM host_to_device_memcpy_ce 400.00\n", ""), "has no sum"),
    ("nvbandwidth", replaced(outputs.NVBANDWIDTH, "ce 400.00", "ce 401.00"), "is not that of its matrix"),
    ("nvbandwidth", outputs.NVBANDWIDTH + "[CUDA_ERROR_ILLEGAL_ADDRESS] an illegal memory access\n", "CUDA_ERROR"),
    ("nvbandwidth", nvbandwidth_json("Error", error="no memory"), "no memory"),
    ("nvbandwidth", nvbandwidth_json("Running"), "Running"),
    ("nvbandwidth", nvbandwidth_json(sum=201.5), "is not that of its matrix"),
    ("nvbandwidth", json.dumps({"nvbandwidth": {"error": "no CUDA device"}}), "no CUDA device"),
    ("ib-write-bw", write_bw().rpartition("---")[0].rstrip("-"), "does not end"),
    ("ib-write-bw", write_bw(average="0.00"), "is 0.00"),
    ("ib-write-bw", write_bw() + " Completion with error at client\n", "Completion with error"),
    ("ib-read-lat", outputs.READ_LAT.partition(" 2  ")[0], "no result"),
    ("loadgen", loadgen("INVALID"), "the result is INVALID"),
    ("loadgen", loadgen(satisfied="NO"), "Min duration: not satisfied"),
    ("loadgen", loadgen(errors="3 ERRORS").replace("3 ERRORS encountered", "3 ERRORS encountered"), "3 ERRORS"),
    ("loadgen", loadgen().partition("No errors")[0], "does not end"),
    ("fio", fio(error=5), "ended with error 5"),
    ("fio", fio(total_err=2), "met 2 errors"),
    ("fio", fio(read={"io_bytes": 0}), "moved no data"),
    ("fio", "fio: verify: bad header at offset 0\n" + fio(), "verify"),
    ("fio", fio() + "\nfio: terminating on signal 15\n", "terminating"),
    ("fio", json.dumps({"fio version": "fio-3.33", "jobs": []}), "no job"),
    ("iperf3", iperf3(error="unable to receive results"), "unable to receive"),
    ("iperf3", iperf3(end={}), "no result"),
    ("iperf3", json.dumps({"start": {}, "end": {}, "error": "Connection refused"}), "Connection refused"),
    ("gemm", gemm(wrong=1), "1 elements are wrong"),
    ("gemm", gemm(differing=1), "another product"),
    ("gemm", gemm(errors=("device 0: out of memory",)), "out of memory"),
    ("gemm", gemm().rpartition('{"event": "end"')[0], "did not end"),
    ("gemm", '{"event": "refused", "reason": "PyTorch is not there"}\n', "refused: PyTorch is not there"),
    ("gpu-burn", outputs.gpu_burn("OK FAULTY"), "GPU 1 is FAULTY"),
    ("gpu-burn", outputs.gpu_burn(errors="0 - 7  (WARNING!)"), "GPU 1: 7 errors"),
    ("gpu-burn", outputs.gpu_burn(errors="-1  (DIED!) - 0"), "its process died"),
    ("gpu-burn", outputs.gpu_burn().partition("Tested")[0], "without a verdict"),
    ("stress-ng", outputs.STRESS_NG.format(end="unsuccessful"), "unsuccessful"),
    ("stress-ng", "stress-ng: fail:  [9] cpu: 1 of 2 checks failed\n" + GOOD["stress-ng"], "checks failed"),
    ("stress-ng", replaced(GOOD["stress-ng"], "2 second run", "1 min, 2 secs run"), "ended after 2 s of 62 s"),
    ("stress-ng", outputs.STRESS_NG.rpartition("stress-ng: info")[0], "was successful"),
]


@pytest.mark.parametrize(("tool", "output", "reason"), BAD)
def test_what_is_wrong_is_bad_and_said(tool: str, output: str, reason: str) -> None:
    parsed = parse(tool, output.encode())
    assert parsed.verdict == "bad"
    assert any(reason in said for said in parsed.reasons), parsed.reasons


UNCHECKED = replaced(hpl(), "completed and passed residual checks,", "completed without checking,")
UNCHECKED = replaced(UNCHECKED, "              0 tests completed and failed residual checks,\n", "")
UNVERIFIED: list[tuple[str, str, str]] = [
    ("hpl", hpl(finished=2, skipped=1), "skipped"),
    ("hpl", UNCHECKED, "not checked"),
    ("hpcc", replaced(outputs.HPCC, "HPL_Tflops=0.0331844", "HPL_Tflops=-1"), "HPL was not run"),
    ("nccl-tests", nccl("N/A"), "N/A is not 0 wrong"),
    ("nccl-tests", replaced(nccl("N/A"), "validation: 1", "validation: 0"), "checking was off"),
    ("nccl-tests", replaced(nccl(), "     0\n", "   N/A\n"), "in place were not checked"),
    ("nccl-tests", "".join(line for line in nccl().splitlines(keepends=True) if "Rank  1" not in line), "one rank"),
    ("nccl-tests", nccl() + nccl(), "more than one run"),
    ("nvbandwidth", replaced(outputs.NVBANDWIDTH, "\nRunning host_device", "\nWaived:\nRunning host_device"), "waived"),
    ("nvbandwidth", outputs.NVBANDWIDTH.partition("NOTE")[0], "other tests may have followed"),
    ("nvbandwidth", nvbandwidth_json("Waived"), "waived"),
    (
        "ib-write-bw",
        replaced(write_bw(), " 65536", " Conflicting CPU frequency values detected: 1 != 2\n 65536"),
        "frequency",
    ),
    ("loadgen", replaced(loadgen(), "PerformanceOnly", "AccuracyOnly"), "no performance is judged"),
    ("gemm", gemm(where="cpu"), "ran on processors"),
    ("stress-ng", outputs.STRESS_NG_YAML, "do not say whether the run succeeded"),
    ("stress-ng", "stress-ng: info:  [9] skipped: 1: rdrand (1)\n" + GOOD["stress-ng"], "skipped: 1"),
]


@pytest.mark.parametrize(("tool", "output", "reason"), UNVERIFIED)
def test_what_nobody_checked_is_not_good(tool: str, output: str, reason: str) -> None:
    parsed = parse(tool, output.encode())
    assert parsed.verdict == "unverified", parsed.reasons
    assert any(reason in said for said in parsed.reasons), parsed.reasons


@pytest.mark.parametrize("tool", GOOD)
@pytest.mark.parametrize(
    "output", [b"", b"\xff\xfe\x00", b"{}", b"[1, 2]", b"sh: 1: tool: not found\n", b"{" * 100_000]
)
def test_what_is_no_output_of_the_tool(tool: str, output: bytes) -> None:
    with pytest.raises(Garbled):
        parse(tool, output)


def test_a_blank_column_of_alltoall() -> None:
    assert values("nccl-tests", replaced(nccl(), "     sum      -1", "                ")) == values(
        "nccl-tests", nccl()
    )
    old = replaced(replaced(nccl(), "    root ", ""), "      -1", "")
    assert values("nccl-tests", replaced(old, "     sum", "        ")) == values("nccl-tests", nccl())


def test_an_indented_log() -> None:
    text = "".join(f"      {line}" for line in nccl().splitlines(keepends=True))
    assert parse("nccl-tests", text.encode()) == parse("nccl-tests", nccl().encode())


def test_a_rate_that_is_told_twice_is_that_of_the_result() -> None:
    again = "Additional Stats\nTokens per second: 5\n"
    found = values("loadgen", replaced(loadgen(), "Additional Stats\n", again))
    assert found["tokens.rate"] == 987654.5
    assert found["tokens[Additional Stats].rate"] == 5


def test_columns_of_stream_are_found_by_their_heads() -> None:
    other = replaced(outputs.STREAM, "Avg time     Min time     Max time", "Min (sec)   Max         Average")
    assert values("stream", other)["kernel[copy].minimum_time"] == 0.0159


def test_of_alltoall_nobody_checks_in_place() -> None:
    text = replaced(replaced(nccl(), "     0\n", "   N/A\n"), "all_reduce_perf", "alltoall_perf")
    assert parse("nccl-tests", text.encode()).verdict == "good"


def test_size_zero_moves_no_data() -> None:
    row = outputs.NCCL_ROW.format(size=0, count=0, wrong="0")
    found = figures(
        parse("nccl-tests", replaced(nccl(), outputs.NCCL_ROW.format(size=1024, count=256, wrong="0"), row).encode())
    )
    assert found["out_of_place[0].bus_bandwidth"].value is None
    assert found["out_of_place[0].bus_bandwidth"].reason == "no data was moved"
    assert found["out_of_place[0].time"].value == 12.34e-6


def test_of_repeated_rows_the_slowest_counts() -> None:
    slow = outputs.NCCL_ROW.format(size=1024, count=256, wrong="2").replace("12.34   85.00", "99.34   10.00")
    parsed = parse("nccl-tests", replaced(nccl(rows=1), "# Out", slow + "# Out").encode())
    assert figures(parsed)["out_of_place[1024].algorithm_bandwidth"].value == 10e9
    assert parsed.verdict == "bad"


def test_rows_of_several_types_have_their_own_names() -> None:
    half = outputs.NCCL_ROW.format(size=1024, count=512, wrong="0").replace("float", " half")
    found = values("nccl-tests", replaced(nccl(rows=1), "# Out", half + "# Out"))
    assert {"out_of_place[1024:float:sum:-1].time", "out_of_place[1024:half:sum:-1].time"} <= set(found)


@pytest.mark.parametrize("label", ["[1,0]<stdout>:", "[1,0]<stdout>: ", "0: "])
def test_labels_of_mpirun_and_srun(label: str) -> None:
    text = "".join(label + line for line in nccl().splitlines(keepends=True))
    assert parse("nccl-tests", text.encode()) == parse("nccl-tests", nccl().encode())


def test_columns_are_found_by_their_heads() -> None:
    new = replaced(nccl(), "#wrong     time", "#wrong    i_min    i_max    i_p99    i_cv%     time")
    new = replaced(new, "busbw  #wrong\n", "busbw  #wrong    i_min    i_max    i_p99    i_cv%            timestamp\n")
    new = replaced(new, "     0    12.50", "     0  1.0  2.0  3.0  4.0    12.50")
    new = replaced(new, "     0\n", "     0  1.0  2.0  3.0  4.0  2026-01-02 03:04:05\n")
    assert values("nccl-tests", new) == values("nccl-tests", nccl())


def test_both_ends_of_perftest_in_one_file_the_worse_counts() -> None:
    other = write_bw(average="20000.00", rate="0.320000")
    assert values("ib-write-bw", write_bw() + other)["size[65536].bandwidth_average"] == 20000 * 2**20


def test_a_peak_that_was_not_measured_is_null() -> None:
    parsed = parse("ib-write-bw", write_bw("Gb/sec", "0.00", "194.95").encode())
    assert parsed.verdict == "good"
    assert figures(parsed)["size[65536].bandwidth_peak"].reason == "it was not measured"


@pytest.mark.parametrize(
    ("average", "rate", "expected"), [(23240.0, 0.37184, 23240 * 2**20), (194.95, 0.371838, 194.95e9 / 8)]
)
def test_the_unit_in_the_json_of_perftest_follows_from_the_message_rate(
    average: float, rate: float, expected: float
) -> None:
    results = {"MsgSize": 65536, "n_iterations": 5000, "BW_peak": average, "BW_average": average, "MsgRate": rate}
    text = json.dumps({"test_info": {"test": "RDMA_Write BW Test"}, "results": results})
    assert values("ib-write-bw", text)["size[65536].bandwidth_average"] == pytest.approx(expected)
    other = json.dumps({"test_info": {}, "results": results | {"MsgRate": 1.0}})
    parsed = parse("ib-write-bw", other.encode())
    assert parsed.verdict == "unverified"
    assert figures(parsed)["size[65536].bandwidth_average"].value is None


def test_latencies_in_the_json_of_perftest() -> None:
    results = {"MsgSize": 2, "n_iterations": 1000, "t_min": 1.9, "t_typical": 1.93, "percentile_99.9": 7.95}
    found = values("ib-read-lat", json.dumps({"test_info": {}, "results": results}))
    assert found["size[2].latency_typical"] == pytest.approx(1.93e-6)
    with pytest.raises(Garbled, match="not those of ib-write-bw"):
        parse("ib-write-bw", json.dumps({"test_info": {}, "results": results}).encode())


def test_a_table_of_the_other_kind_is_refused() -> None:
    with pytest.raises(Garbled, match="but not that of ib-read-lat"):
        parse("ib-read-lat", write_bw().encode())


def test_fio_2_is_in_other_units() -> None:
    latency = {"mean": 477734.84, "max": 869891, "percentile": {"99.000000": 823296, "0.00": 0}}
    write = {"io_bytes": 361984, "bw": 68118, "iops": 133, "runtime": 5314, "clat": latency}
    found = values("fio", fio("fio-2.1.4", read={"io_bytes": 0}, write=write))
    assert found["job[job0].write_bandwidth"] == 68118 * 1024
    assert found["job[job0].write_bytes"] == 361984 * 1024
    assert found["job[job0].write_completion_latency_p99"] == pytest.approx(0.823296)


def test_jobs_of_one_name_are_told_apart() -> None:
    report = json.loads(fio(jobs=2))
    for job in report["jobs"]:
        job["jobname"] = "same"
    assert {"job[same].error", "job[same#2].error"} <= set(values("fio", json.dumps(report)))


def test_events_of_iperf3_one_by_one() -> None:
    whole = json.loads(iperf3())
    events = [{"event": "start", "data": whole["start"]}]
    events += [{"event": "interval", "data": interval} for interval in whole["intervals"][:1]]
    events += [{"event": "end", "data": whole["end"]}]
    text = "".join(json.dumps(event) + "\n" for event in events)
    assert values("iperf3", text) == values("iperf3", iperf3())


def test_a_run_of_iperf3_that_ended_early_is_bad() -> None:
    report = json.loads(iperf3())
    report["end"]["sum_sent"]["seconds"] = 3.5
    assert parse("iperf3", json.dumps(report).encode()).reasons == ("it ended after 3.5 s of 10 s",)


def test_both_directions_of_iperf3_must_arrive() -> None:
    report = json.loads(iperf3())
    report["end"]["sum_sent_bidir_reverse"] = report["end"]["sum_sent"]
    parsed = parse("iperf3", json.dumps(report).encode())
    assert parsed.reasons == ("sum_received_bidir_reverse is not there: nobody says what arrived",)


@pytest.mark.parametrize("raw", ["1e999", "0x10", "1,000", "१२", "--1", "1e", "e5", "1" * 41])
def test_what_is_no_number(raw: str) -> None:
    with pytest.raises(Garbled):
        number(raw)


def test_what_our_own_load_wrote_on_processors() -> None:
    """Recorded: PyTorch 1.13 on two cores. Products in three precisions were right to the last bit."""
    output = (Path(__file__).parent / "gemm_on_processors.jsonl").read_bytes()
    parsed = parse("gemm", output)
    assert (parsed.verdict, parsed.version) == ("unverified", "1.13.0a0")
    assert parsed.reasons == ("it ran on processors: of GPUs this says nothing",)
    found = figures(parsed)
    assert {found[f"device[0].{name}_wrong"].value for name in ("fp64", "fp32", "bf16", "copy")} == {0}
    assert found["device[0].bf16_speed"].value
    assert found["device[0].bf16_energy"].reason == "there were too few samples of the power"


def test_a_tool_by_the_name_of_its_program() -> None:
    assert parse("ib_write_bw", write_bw().encode()).tool == "ib-write-bw"


def test_figures_are_bounded() -> None:
    with pytest.raises(Garbled, match=f"more than {MOST_FIGURES} figures"):
        parse("fio", fio(jobs=15_000).encode())


def test_energy_is_the_trapezoid_with_its_ends_filled() -> None:
    samples = [(0.0, 100.0), (1.0, 200.0), (2.0, 200.0), (3.0, 300.0)]
    assert gemm_on_host.energy(samples, 0.5, 2.5) == pytest.approx(0.5 * 175 + 200 + 0.5 * 225)
    assert gemm_on_host.energy(samples, 0.0, 3.0) == pytest.approx(150 + 200 + 250)
    assert gemm_on_host.energy(samples, 0.5, 1.5) is None
    assert gemm_on_host.energy([], 0.0, 1.0) is None


@pytest.mark.parametrize(
    "arguments", [["--precisions", "fp4"], ["--cpu", "--precisions", "tf32"], ["--seconds", "nan"]]
)
def test_the_program_for_hosts_refuses_what_it_cannot_do(arguments: list[str]) -> None:
    with pytest.raises(gemm_on_host.RefusalError):
        gemm_on_host.options(arguments)
