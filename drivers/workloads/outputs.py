"""Outputs of workloads, by name of the tool."""

from drivers.parsed import Parser
from drivers.workloads import (
    fio,
    gemm,
    gpu_burn,
    hpcc,
    hpl,
    iperf3,
    loadgen,
    nccl,
    nvbandwidth,
    perftest,
    stream,
    stress_ng,
)

WORKLOAD_OUTPUTS: dict[str, Parser] = {
    "fio": fio.parse,
    "gemm": gemm.parse,
    "gpu-burn": gpu_burn.read,
    "hpcc": hpcc.parse,
    "hpl": hpl.parse,
    "hpl-mxp": hpl.parse_mxp,
    "ib-read-lat": perftest.parse_latency,
    "ib-write-bw": perftest.parse_bandwidth,
    "iperf3": iperf3.parse,
    "loadgen": loadgen.parse,
    "nccl-tests": nccl.parse,
    "nvbandwidth": nvbandwidth.parse,
    "rccl-tests": nccl.parse_rccl,
    "stream": stream.parse,
    "stress-ng": stress_ng.read,
}
