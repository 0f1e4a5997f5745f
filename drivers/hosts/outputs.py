"""Outputs of the tools that tell of a host, by name of the tool."""

from drivers.parsed import Parser

HOST_OUTPUTS: dict[str, Parser] = {}
