"""Long outputs of every tool: what stands before, what is repeated ({n} counts), and what stands after.

What makes an output of a tool long in practice is repeated here: progress, debug lines, intervals, cycles, jobs.
"""

import json
from typing import Any

from benchmarks.outputs_bmcs import BMC_ROWS
from benchmarks.outputs_hosts import HOSTS, Long


def made(tool: str, size: int) -> bytes:
    """Return an output of `tool` of about `size` B."""
    long = INPUTS[tool]
    parts, length, n = [long.head], len(long.head) + len(long.tail), 0
    while length < size:
        parts.append(long.unit.replace("{n}", str(n)))
        length, n = length + len(parts[-1]), n + 1
    return "".join([*parts, long.tail.replace("{n}", str(n))]).encode()


_LATENCY = {"min": 35736, "max": 602855, "mean": 135130.22379, "stddev": 113262.994341, "N": 496}
_SHARES = (1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.5, 99.9, 99.95, 99.99)


def _direction() -> dict[str, Any]:
    told = {"io_bytes": 2031616, "io_kbytes": 1984, "bw_bytes": 29443710, "bw": 28753, "iops": 7188.405797}
    times = {"runtime": 69, "total_ios": 496, "short_ios": 0, "drop_ios": 0, "slat_ns": {"min": 0, "max": 0}}
    means = {f"{what}_{of}": 0.0 for what in ("bw", "iops") for of in ("min", "max", "mean", "stddev", "samples")}
    percentiles = {f"{share:.6f}": int(10000 * share) for share in _SHARES}
    return told | times | {"clat_ns": _LATENCY | {"percentile": percentiles}, "lat_ns": _LATENCY} | means


def _fio() -> Long:
    levels = {str(2**n): 0.0 for n in range(7)}
    kinds = ("iodepth_level", "iodepth_submit", "iodepth_complete", "latency_ns", "latency_us", "latency_ms")
    job = {
        "jobname": "job{n}",
        "groupid": 0,
        "error": 0,
        "job options": {"name": "job", "rw": "randrw", "size": "4m"},
        "read": _direction(),
        "write": _direction(),
        "trim": {**dict.fromkeys(_direction(), 0), "clat_ns": _LATENCY, "lat_ns": _LATENCY},
        **dict.fromkeys(kinds, levels),
    }
    head = '{"fio version" : "fio-3.33", "jobs" : [\n'
    return Long(head, json.dumps(job, indent=2) + ",\n", json.dumps(job, indent=2) + "]}\n")


def _iperf3() -> Long:
    told = {"start": 0, "end": 1.0, "seconds": 1.0, "bytes": 1250000000, "bits_per_second": 1e10}
    stream = told | {"socket": 5, "retransmits": 0, "snd_cwnd": 1571840, "rtt": 73, "omitted": False, "sender": True}
    interval = json.dumps({"streams": [stream] * 4, "sum": told | {"omitted": False}}, indent="\t")
    head = '{"start": {"version": "iperf 3.12", "test_start": {"duration": 1}}, "intervals": [\n'
    end = json.dumps({"sum_sent": told, "sum_received": told})
    return Long(head, interval + ",\n", interval + f'], "end": {end}}}\n')


def _gemm() -> Long:
    part = {"device": 0, "where": "gpu", "seconds": 10.0, "energy_j": 6500.5, "power_w": 650.05, "wrong": 0}
    product = {"event": "gemm", **part, "precision": "bf16", "differing": 0, "flop_per_s": 7.9e14}
    start = {"event": "start", "torch": "2.9.0", "script_sha256": "ab", "devices": ["NVIDIA H200"]}
    copy = {"event": "memory", **part, "bytes_per_s": 4.1e12}
    tail = [json.dumps(event) + "\n" for event in (copy, {"event": "end", "errors": []})]
    noise = "UserWarning: {n}: somebody else says something on the same stream\n"
    return Long(json.dumps(start) + "\n" + json.dumps(product) + "\n", noise, "".join(tail))


def _nvbandwidth() -> Long:
    ranks = range(72)
    heads = "".join(f"{n:10}" for n in ranks)
    rows = "".join(f"{row:2}" + "    760.25" * len(ranks) + "\n" for row in ranks)
    total = 760.25 * len(ranks) ** 2
    tests = "".join(
        f"Running test_{n}.\nmemcpy CE GPU(row) -> GPU(column) bandwidth (GB/s)\n  {heads}\n{rows}\n"
        f"SUM test_{n} {total:.2f}\n\n"
        for n in range(8)
    )
    return Long("nvbandwidth Version: v0.8\n" + tests, "tray07:{n} [0] NCCL INFO Channel 00\n", "NOTE: the end\n")


_NCCL = Long(
    "# nThread 1 nGpus 2 minBytes 8 maxBytes 1024 step: 2(factor) iters: 20 validation: 1\n"
    "#       size         count    type   redop     time   algbw   busbw  #wrong     time   algbw   busbw  #wrong\n",
    "tray07:4201:{n} [0] NCCL INFO Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM\n"
    "   536870912     134217728   float     sum   4200.3  127.82  223.68       0   4184.0  128.32  224.55       0\n",
    "# Out of bounds values : 0 OK\n# Avg bus bandwidth    : 224.1 \n#\n",
)
_HPL_RUN = (
    "WR11C2R4       29184   192     2     2              30.21             5.4870e+02\n"
    "||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)=        0.0027410 ...... PASSED\n"
)
_HPL_END = (
    "Finished      1 tests with the following results:\n"
    "              1 tests completed and passed residual checks,\n"
    "              0 tests completed and failed residual checks,\n"
    "              0 tests skipped because of illegal input values.\n"
)
_RULE = "-" * 87 + "\n"
_BURN = " - ".join(["2261 (7150 Gflop/s)"] * 8), " - ".join(["0"] * 8), " - ".join(["38 C"] * 8)
_MXP = " ****** HPL MxP Result    ******\n"
_STREAM_ROWS = "".join(f"{k}:  10123.4  0.0159  0.0158  0.0160\n" for k in ("Copy", "Scale", "Add", "Triad"))

WORKLOADS: dict[str, Long] = {
    "fio": _fio(),
    "gemm": _gemm(),
    "gpu-burn": Long(
        "GPU 0: GB200\n",
        f"10.0%  proc'd: {_BURN[0]}   errors: {_BURN[1]}   temps: {_BURN[2]} \r",
        "\nTested 8 GPUs:\n" + "".join(f"\tGPU {n}: OK\n" for n in range(8)),
    ),
    "hpcc": Long(
        "HPC Challenge Benchmark\n",
        "Found 0 errors in 1073741824 locations (passed), {n}.\n",
        "Begin of Summary section.\nSuccess=1\nHPL_Tflops=0.03\nEnd of Summary section.\n",
    ),
    "hpl": Long("HPLinpack 2.3\n", "Column=000{n} Fraction= 0.1% Gflops=7.818e+03\n", _HPL_RUN + _HPL_END),
    "hpl-mxp": Long(
        "HPL-MxP 24.03\n",
        "Solver iteration {n}, L-infinite residual = 1.0E-10\n",
        _MXP + " ||Ax-b||_oo / (EPS) =    5.6E-04 ...... PASSED\n  GFLOPS = 4.3e+05, per GPU =   5.4e4 x\n" + _MXP,
    ),
    "ib-read-lat": Long(
        " #bytes #iterations    t_min[usec]    t_max[usec]  t_typical[usec]\n",
        " 2       1000          1.90           7.95         1.93\n",
        _RULE,
    ),
    "ib-write-bw": Long(
        " #bytes     #iterations    BW peak[Gb/sec]    BW average[Gb/sec]   MsgRate[Mpps]\n",
        " 65536      {n}             194.96            194.95\t\t   0.371838\n",
        _RULE,
    ),
    "iperf3": _iperf3(),
    "loadgen": Long(
        "MLPerf Results Summary\nMode     : PerformanceOnly\nSamples per second: 12345.6\nResult is : VALID\n",
        " * Processed at least 64 queries ({n}).\n",
        "No errors encountered during test.\n",
    ),
    "nccl-tests": _NCCL,
    "nvbandwidth": _nvbandwidth(),
    "rccl-tests": _NCCL,
    "stream": Long(
        "Function    Best Rate MB/s  Avg time     Min time     Max time\n" + _STREAM_ROWS,
        "tray{n}: a line of somebody else in the same file\n",
        "Solution Validates: avg error less than 1.000000e-13 on all three arrays\n",
    ),
    "stress-ng": Long(
        "",
        "stress-ng: info:  [{n}] dispatching hogs: 1 cpu\n",
        "stress-ng: metrc: [5763] cpu    4254      2.00      2.00      0.00      2126.54        2127.50\n"
        "stress-ng: info:  [5763] successful run completed in 2.00s\n",
    ),
}

INPUTS: dict[str, Long] = WORKLOADS | HOSTS | {tool: Long(*parts) for tool, parts in BMC_ROWS.items()}
