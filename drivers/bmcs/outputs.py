"""Outputs of the tools that tell of a baseboard management controller, by name of the tool."""

from drivers.ipmi_text import sensor_items
from drivers.parsed import Figure, Parsed, Parser, text


def _sdr_elist(output: bytes) -> Parsed:
    figures = tuple(Figure.of("sensor", item) for item in sensor_items(text(output)))
    return Parsed("ipmitool-sdr", "none", figures)


BMC_OUTPUTS: dict[str, Parser] = {"ipmitool-sdr": _sdr_elist}
