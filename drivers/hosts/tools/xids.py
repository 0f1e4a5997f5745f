"""Xid numbers of NVIDIA's driver: what each means, and how grave it is for the GPU.

Source: "Xid Errors" and "GPU Debug Guidelines" of docs.nvidia.com, as public catalogues of r555 to r580 repeat them;
read second-hand, worded anew. Gravity is ours, by the action that the guidelines ask for.
"""

from typing import Literal

Gravity = Literal["fatal", "error", "warning", "application", "unknown"]
"""`fatal`: the GPU must be reset, the host rebooted, or a part replaced. `error`: hardware or driver failed and went
on. `warning`: something was corrected or is wearing. `application`: a program of the user's is the usual cause."""

_FATAL = {
    46: "GPU stopped processing",
    48: "double-bit ECC error",
    54: "auxiliary power not connected",
    61: "micro-controller breakpoint or warning",
    62: "micro-controller halt",
    64: "page retirement or row remapping could not be recorded",
    69: "graphics engine class error",
    74: "NVLink error",
    79: "GPU has fallen off the bus",
    95: "uncontained ECC error",
    110: "security fault",
    119: "time-out of a call to the GSP",
    120: "error on the GSP",
    123: "SPI write through the PMU failed",
    136: "link training failed",
    140: "unrecovered ECC error",
    143: "GPU initialization failed",
    154: "recovery action changed",
    157: "retirement of a resource failed",
    158: "fatal time-out of the GPU",
    161: "retirement of a channel failed",
    165: "power smoothing: lifetime exhausted",
    167: "fatal PCIe time-out",
    168: "memory capacity reduced",
    169: "micro-controller halt (SEC2)",
    171: "uncorrectable DRAM error",
    172: "uncorrectable SRAM error",
}

_ERROR = {
    32: "corrupted push buffer",
    38: "driver firmware error",
    44: "graphics engine fault at a context switch",
    56: "display engine error",
    57: "error programming the memory interface",
    58: "unstable memory interface",
    65: "video processor exception",
    68: "exception of video decoder 0",
    78: "vGPU did not start",
    80: "corrupted data sent to the GPU",
    81: "VGA subsystem error",
    109: "time-out of a context switch",
    122: "SPI read through the PMU failed",
    124: "SPI erase through the PMU failed",
    125: "file system of the InfoROM failed",
    144: "NVLink SAW error",
    145: "NVLink RLW error",
    146: "NVLink TLW error",
    147: "NVLink TREX error",
    148: "NVLink NVLPW_CTRL error",
    149: "NVLink NETIR error",
    150: "NVLink MSE error",
    155: "NVLink error defined by software",
    163: "power smoothing disengaged",
}

_WARNING = {
    63: "page retirement or row remapping recorded",
    92: "high rate of single-bit ECC errors",
    93: "wear limit of the InfoROM violated",
    94: "contained ECC error",
    121: "corrected error on the link to the CPU (C2C)",
    156: "a resource was retired",
    160: "a channel was retired",
    164: "power smoothing: low lifetime left",
}

_APPLICATION = {
    13: "graphics engine exception",
    31: "page fault of GPU memory",
    43: "GPU stopped processing for one program",
    45: "channel removed after another error",
    66: "illegal access by the driver",
    67: "illegal access by the driver",
    107: "test message of SMBPBI",
    137: "NVLink access without privilege",
}

XIDS: dict[int, tuple[str, Gravity]] = {
    **{number: (meaning, "fatal") for number, meaning in _FATAL.items()},
    **{number: (meaning, "error") for number, meaning in _ERROR.items()},
    **{number: (meaning, "warning") for number, meaning in _WARNING.items()},
    **{number: (meaning, "application") for number, meaning in _APPLICATION.items()},
}


def meaning(number: int) -> tuple[str, Gravity]:
    """Return what a number means and how grave it is.

    >>> meaning(79), meaning(9999)
    (('GPU has fallen off the bus', 'fatal'), ('not in our table', 'unknown'))
    """
    return XIDS.get(number, ("not in our table", "unknown"))
