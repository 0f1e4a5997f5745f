"""Outputs of workloads, by name of the tool."""

from drivers.parsed import Figure, Parsed, Parser, text
from drivers.workloads import gpu_burn


def _gpu_burn(output: bytes) -> Parsed:
    result = gpu_burn.parse(text(output))
    figures = tuple(Figure(f"gpu[{gpu.index}].speed", gpu.flops, "FLOP/s", str(gpu.flops)) for gpu in result.gpus)
    return Parsed("gpu-burn", "good" if result.passed else "bad", figures, () if result.passed else ("see errors",))


WORKLOAD_OUTPUTS: dict[str, Parser] = {"gpu-burn": _gpu_burn}
