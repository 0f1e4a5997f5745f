"""What NVIDIA's own tools tell of a host beside the query of single fields: the full log of nvidia-smi, and IMEX."""

from drivers.hosts.figure_point import FigurePoint
from drivers.hosts.tools import imex, nvidia_smi
from drivers.points import Point

LOG, IMEX = "nvidia-smi -q -x", "nvidia-imex-ctl -N -j"


def _gpu(quantity: str, unit: str | None, doc: str) -> Point:
    return FigurePoint(LOG, nvidia_smi.parse, unit, doc, name=f"gpu[].{quantity}", judges=True)


POINTS: tuple[Point, ...] = (
    _gpu("uuid", None, "Identifier of the GPU."),
    _gpu("part", None, "Part number of the board."),
    _gpu("firmware", None, "Version of the VBIOS."),
    _gpu("power_limit", "W", "Power limit in force."),
    _gpu("module_power", "W", "Power of the module, CPU included."),
    _gpu("memory_temperature", "degC", "Temperature of the memory."),
    _gpu("memory_used", "B", "Memory in use."),
    _gpu("utilization", "%", "Share of time in which the GPU worked."),
    _gpu("ecc_corrected", "1", "Corrected memory errors since the driver was loaded."),
    _gpu("ecc_mode", None, "Whether errors of memory are corrected."),
    _gpu("persistence_mode", None, "Whether the driver stays loaded."),
    _gpu("mig_mode", None, "Whether the GPU is cut into instances."),
    _gpu("link_generation", "1", "Generation of PCIe in use."),
    _gpu("link_generation_max", "1", "Generation of PCIe that GPU and system are capable of."),
    _gpu("link_width", "1", "Lanes of PCIe in use."),
    _gpu("link_width_max", "1", "Lanes of PCIe that GPU and system have."),
    _gpu("link_replays", "1", "Replays on PCIe."),
    _gpu("remapped_rows_uncorrected", "1", "Rows of memory remapped for uncorrected errors."),
    _gpu("row_remap_pending", None, "Whether a remapping waits for a reset."),
    _gpu("row_remap_failure", None, "Whether a remapping failed."),
    _gpu("recovery_action", None, "What the driver asks for: None, or a reset, reboot or drain."),
    _gpu("fabric_state", None, "State of the registration with the NVLink fabric."),
    _gpu("fabric_status", None, "Whether that registration succeeded."),
    _gpu("driver_version", None, "Version of the driver."),
    FigurePoint(IMEX, imex.parse, None, "State of the IMEX domain.", name="imex_domain", figure="domain_state"),
    FigurePoint(IMEX, imex.parse, None, "State of a node in it.", name="imex_node[].state", figure="node[].state"),
)
