"""Every tool whose saved output can be read: `rackproof parse TOOL FILE`."""

from types import MappingProxyType

from drivers.bmcs.outputs import BMC_OUTPUTS
from drivers.errors import UsageError
from drivers.hosts.outputs import HOST_OUTPUTS
from drivers.parsed import Parsed, Parser
from drivers.workloads.outputs import WORKLOAD_OUTPUTS

TOOLS: MappingProxyType[str, Parser] = MappingProxyType(BMC_OUTPUTS | HOST_OUTPUTS | WORKLOAD_OUTPUTS)


def parse(tool: str, output: bytes) -> Parsed:
    """Read the output of `tool`; `ib_write_bw` is `ib-write-bw`.

    Raises UsageError for an unknown tool, Garbled where it is not that tool's output.
    """
    name = tool.lower().replace("_", "-")
    if name not in TOOLS:
        raise UsageError(f"unknown tool {tool!r}; known: {', '.join(sorted(TOOLS))}")
    return TOOLS[name](output)
