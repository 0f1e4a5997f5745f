"""Outputs of workloads, made up in the form of each tool: small ones for tests, whole lines for others to repeat."""

import json
from typing import Any

HPL_ROW = """\
================================================================================
T/V                N    NB     P     Q               Time                 Gflops
--------------------------------------------------------------------------------
WR11C2R4       29184   192     2     2              30.21             5.4870e+02
--------------------------------------------------------------------------------
||Ax-b||_oo/(eps*(||A||_oo*||x||_oo+||b||_oo)*N)=        0.0027410 ...... {verdict}
"""
HPL_END = """\
================================================================================

Finished      {finished} tests with the following results:
              {passed} tests completed and passed residual checks,
              {failed} tests completed and failed residual checks,
              {skipped} tests skipped because of illegal input values.
--------------------------------------------------------------------------------

End of Tests.
================================================================================
"""
HPL_TITLE = "HPLinpack 2.3  --  High-Performance Linpack benchmark  --   December 2, 2018\n"


def hpl(verdict: str = "PASSED", *, finished: int = 1, passed: int = 1, failed: int = 0, skipped: int = 0) -> str:
    end = HPL_END.format(finished=finished, passed=passed, failed=failed, skipped=skipped)
    return HPL_TITLE + HPL_ROW.format(verdict=verdict) + end


HPL_MXP = """\
LU seconds: AVG = 3.1
 ****** HPL MxP Result    ******
   EPS           . . . . . . . . . . . . . . . . .          =    2.000000E-16
 ||Ax-b||_oo     . . . . . . . . . . . . . . . . .          =    8.737455E-14
 ||Ax-b||_oo / (EPS * (||A||_oo * ||x||_oo + ||b||_oo) * N) =    5.599413E-04 ...... PASSED

   N = 258048, NB = 1024, NPROW = 4, NPCOL = 2, SLOPPY-TYPE = 2
      GFLOPS = 4.3468e+05, per GPU =   54335.58 ------ the figure that counts
   LU GFLOPS = 2.4940e+06, per GPU =  311748.98 ------ without the solver
 ****** HPL MxP Result    ******
"""

STREAM = """\
STREAM version $Revision: 5.10 $
Array size = 10000000 (elements), Offset = 0 (elements)
Number of Threads requested = 2
Number of Threads counted = 2
Function    Best Rate MB/s  Avg time     Min time     Max time
Copy:           10123.4     0.015900     0.015805     0.016000
Scale:           9123.4     0.017600     0.017537     0.018000
Add:            11123.4     0.021700     0.021576     0.022000
Triad:          11023.4     0.021900     0.021772     0.022000
-------------------------------------------------------------
Solution Validates: avg error less than 1.000000e-13 on all three arrays
-------------------------------------------------------------
"""

HPCC = """\
This is the DARPA/DOE HPC Challenge Benchmark version 1.5.0 October 2012
Begin of Summary section.
VersionMajor=1
VersionMinor=5
VersionMicro=0
VersionRelease=f
Success=1
CommWorldProcs=2
HPL_Tflops=0.0331844
HPL_time=12.5
PTRANS_GBs=0.338561
MPIRandomAccess_ErrorsFraction=0
MPIRandomAccess_GUPs=0.0134972
StarSTREAM_Triad=5.92076
MaxPingPongLatency_usec=0.384119
End of Summary section.
########################################################################
"""

NCCL_TITLE = """\
# nccl-tests version 2.17.1 nccl-headers=22803 nccl-library=22803
# Collective test starting: all_reduce_perf
# nThread 1 nGpus 2 minBytes 8 maxBytes 1024 step: 2(factor) warmup iters: 1 iters: 20 validation: 1
#
# Using devices
#  Rank  0 Group  0 Pid   4201 on     tray07 device  0 [0000:18:00] NVIDIA GB200
#  Rank  1 Group  0 Pid   4201 on     tray07 device  1 [0000:19:00] NVIDIA GB200
#
#                                                              out-of-place                       in-place
#       size         count      type   redop    root     time   algbw   busbw  #wrong     time   algbw   busbw  #wrong
#        (B)    (elements)                               (us)  (GB/s)  (GB/s)             (us)  (GB/s)  (GB/s)
"""
NCCL_ROW = (
    "{size:12}  {count:12}     float     sum      -1    12.34   85.00  127.50  {wrong:>6}"
    "    12.50   84.00  126.00  {wrong:>6}\n"
)
NCCL_END = "# Out of bounds values : {out} {word}\n# Avg bus bandwidth    : 126.75 \n#\n"


def nccl(wrong: str = "0", *, rows: int = 2, out: int = 0) -> str:
    told = "".join(NCCL_ROW.format(size=2**n * 1024, count=2**n * 256, wrong=wrong) for n in range(rows))
    return NCCL_TITLE + told + NCCL_END.format(out=out, word="FAILED" if out else "OK")


def nccl_json(**changes: Any) -> str:
    side = {"time": 12.34, "alg_bw": 85.0, "bus_bw": 127.5, "nwrong": 0.0}
    row = {"size": 1024, "count": 256, "type": "float", "redop": "sum", "root": "    -1", "actual_iterations": 20}
    report: dict[str, Any] = {
        "version": 2,
        "config": {"validation": 1, "devices": [{"rank": 0}, {"rank": 1}]},
        "results": [{**row, "out_of_place": side, "in_place": side}],
        "out_of_bounds": {"count": 0, "okay": "true"},
        "average_bus_bandwidth": {"bandwidth": 127.5, "okay": "unchecked"},
        "errors": [],
    }
    return json.dumps(report | changes)


NVBANDWIDTH = """\
nvbandwidth Version: v0.8
Built from Git version: v0.8

CUDA Runtime Version: 12080
Driver Version: 570.86.15

Device 0: NVIDIA GB200 (00000008:01:00)
Device 1: NVIDIA GB200 (00000009:01:00)

Running host_to_device_memcpy_ce.
memcpy CE CPU(row) -> GPU(column) bandwidth (GB/s)
           0         1
 0    200.25    199.75

SUM host_to_device_memcpy_ce 400.00

Running device_to_device_memcpy_read_ce.
memcpy CE GPU(row) -> GPU(column) bandwidth (GB/s)
           0         1
 0       N/A    760.50
 1    760.25       N/A

SUM device_to_device_memcpy_read_ce 1520.75

Running host_device_latency_sm.
memory latency SM CPU(row) <-> GPU(column) (ns)
           0         1
 0    772.58    773.42

SUM host_device_latency_sm 1546.00

NOTE: The reported results may not reflect the full capabilities of the platform.
"""


def nvbandwidth_json(status: str = "Passed", **changes: Any) -> str:
    description = "memcpy CE CPU(row) -> GPU(column) bandwidth (GB/s)"
    test: dict[str, Any] = {"name": "host_to_device_memcpy_ce", "status": status}
    if status == "Passed":
        test |= {"bandwidth_description": description, "bandwidth_matrix": [["200.25", "N/A"]], "sum": 200.25}
    return json.dumps({"nvbandwidth": {"version": "v0.8", "testcases": [test | changes]}}, indent="\t")


PERFTEST_RULE = "-" * 87 + "\n"
WRITE_BW = (
    PERFTEST_RULE
    + "                    RDMA_Write BW Test\n Dual-port       : OFF          Device         : mlx5_0\n"
    + PERFTEST_RULE
    + " #bytes     #iterations    BW peak[{unit}]    BW average[{unit}]   MsgRate[Mpps]\n"
    + " 65536      5000             {peak}            {average}\t\t   {rate}\n"
    + PERFTEST_RULE
)
READ_LAT = (
    PERFTEST_RULE
    + "                    RDMA_Read Latency Test\n Dual-port       : OFF          Device         : mlx5_0\n"
    + PERFTEST_RULE
    + " #bytes #iterations    t_min[usec]    t_max[usec]  t_typical[usec]    t_avg[usec]    t_stdev[usec]"
    + "   99% percentile[usec]   99.9% percentile[usec] \n"
    + " 2       1000          1.90           7.95         1.93     \t       1.94        \t0.10"
    + "   \t\t2.05    \t\t7.95   \n"
    + PERFTEST_RULE
)


def write_bw(unit: str = "MB/sec", peak: str = "23330.56", average: str = "23240.00", rate: str = "0.371840") -> str:
    return WRITE_BW.format(unit=unit, peak=peak, average=average, rate=rate)


LOADGEN = """\
================================================
MLPerf Results Summary
================================================
SUT name : PySUT
Scenario : Offline
Mode     : PerformanceOnly
Samples per second: 12345.6
Tokens per second: 987654.5
Result is : {result}
  Min duration satisfied : {satisfied}
  Min queries satisfied : Yes
  Early stopping satisfied: Yes

================================================
Additional Stats
================================================
Min latency (ns)                : 1000000
Max latency (ns)                : 600000000000
Mean latency (ns)               : 300000000000
50.00 percentile latency (ns)   : 300000000000
99.90 percentile latency (ns)   : 599000000000

================================================
Test Parameters Used
================================================
samples_per_query : 8146638
target_qps : 12000
target_latency (ns): 0
min_duration (ms): 600000
min_query_count : 1

No warnings encountered during test.

{errors} encountered during test.
"""


def loadgen(result: str = "VALID", satisfied: str = "Yes", errors: str = "No errors") -> str:
    return LOADGEN.format(result=result, satisfied=satisfied, errors=errors)


def fio(version: str = "fio-3.33", *, jobs: int = 1, error: int = 0, **changes: Any) -> str:
    latency = {"min": 100, "max": 9000, "mean": 1500.5, "N": 10, "percentile": {"50.000000": 1400, "99.000000": 8000}}
    idle = {"io_bytes": 0, "bw": 0, "bw_bytes": 0, "iops": 0.0, "runtime": 0}
    read = {"io_bytes": 4096000, "bw": 4000, "bw_bytes": 4096000, "iops": 1000.0, "runtime": 1000, "clat_ns": latency}
    names = [f"job{n}" for n in range(jobs)]
    told = [{"jobname": name, "error": error, "read": read, "write": idle, "trim": idle} | changes for name in names]
    return json.dumps({"fio version": version, "timestamp": 1, "jobs": told, "disk_util": []}, indent=2)


def iperf3(**changes: Any) -> str:
    told = {"start": 0, "end": 10.0, "seconds": 10.0, "bytes": 12500000000, "bits_per_second": 1e10}
    interval = {"streams": [{**told, "omitted": False}], "sum": {**told, "omitted": False}}
    report: dict[str, Any] = {
        "start": {"version": "iperf 3.12", "test_start": {"protocol": "TCP", "num_streams": 1, "duration": 10}},
        "intervals": [interval] * 3,
        "end": {"streams": [], "sum_sent": {**told, "retransmits": 3}, "sum_received": told},
    }
    return json.dumps(report | changes, indent="\t")


STRESS_NG = """\
stress-ng: info:  [5763] setting to a 2 second run per stressor
stress-ng: info:  [5763] dispatching hogs: 1 cpu
stress-ng: metrc: [5763] stressor       bogo ops real time  usr time  sys time   bogo ops/s     bogo ops/s
stress-ng: metrc: [5763]                           (secs)    (secs)    (secs)   (real time) (usr+sys time)
stress-ng: metrc: [5763] cpu                4254      2.00      2.00      0.00      2126.54        2127.50
stress-ng: info:  [5763] {end} run completed in 2.00s
"""
STRESS_NG_YAML = """\
---
system-info:
      stress-ng-version: 0.15.06
metrics:
    - stressor: cpu
      bogo-ops: 4254
      bogo-ops-per-second-usr-sys-time: 2127.498898
      bogo-ops-per-second-real-time: 2126.536343
      wall-clock-time: 2.000436
      user-time: 1.999531
      system-time: 0.000000

...
"""


def gpu_burn(verdicts: str = "OK OK", errors: str = "0 - 0") -> str:
    progress = f"100.0%  proc'd: 9 (9000 Gflop/s) - 9 (9100 Gflop/s)   errors: {errors}   temps: 61 C - 62 C \r"
    lines = "".join(f"\tGPU {n}: {verdict}\n" for n, verdict in enumerate(verdicts.split()))
    return f"GPU 0: GB200 (UUID: GPU-1)\n{progress}\nKilling processes.. done\n\nTested 2 GPUs:\n{lines}"


def gemm(*, wrong: int = 0, differing: int = 0, where: str = "gpu", errors: tuple[str, ...] = ()) -> str:
    part = {"device": 0, "where": where, "seconds": 10.0, "energy_j": 6500.5, "power_w": 650.05, "wrong": wrong}
    events = [
        {"event": "start", "script_sha256": "ab12", "torch": "2.9.0", "where": where, "devices": ["NVIDIA H200"]},
        {"event": "gemm", **part, "precision": "bf16", "differing": differing, "flop_per_s": 7.9e14, "checksum": "f0"},
        {"event": "memory", **part, "copies": 3, "bytes_per_s": 4.1e12},
        {"event": "end", "where": where, "errors": list(errors)},
    ]
    return "".join(json.dumps(event) + "\n" for event in events)


GOOD = {
    "fio": fio(),
    "gemm": gemm(),
    "gpu-burn": gpu_burn(),
    "hpcc": HPCC,
    "hpl": hpl(),
    "hpl-mxp": HPL_MXP,
    "ib-read-lat": READ_LAT,
    "ib-write-bw": write_bw(),
    "iperf3": iperf3(),
    "loadgen": loadgen(),
    "nccl-tests": nccl(),
    "nvbandwidth": NVBANDWIDTH,
    "rccl-tests": nccl(),
    "stream": STREAM,
    "stress-ng": STRESS_NG.format(end="successful") + STRESS_NG_YAML,
}
"""An output of each workload that its parser calls good."""
