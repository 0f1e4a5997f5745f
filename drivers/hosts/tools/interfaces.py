"""Outputs of ethtool, interface by interface: named by the heading, or by a line `NAME:` of its own before it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from drivers.hosts.tools.sheet import key, lines

_HEADING = re.compile(r"(?:Settings for|FEC parameters for) (\S+):\s*")
_UNNAMED = re.compile(r"(?:NIC statistics|Standard stats for (?P<name>[^:]+)):\s*")
_QUEUE = re.compile(r"\s*\[(\d{1,4})\]: (\S+): (\d+)\s*", re.ASCII)
"""A counter of one queue, as bnxt and bnx2x name them."""
_NAME = re.compile(r"([A-Za-z0-9_.@-]{1,32}):\s*")


@dataclass
class Section:
    """What stands under one interface; `name` is "" where nothing names it."""

    name: str = ""
    is_known: bool = False
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def scope(self, kind: str) -> str:
        """Return `kind[name]`, or `kind` where nothing names the interface."""
        return f"{kind}[{key(self.name)}]" if self.name else kind


def sections(output: bytes) -> Iterator[Section]:
    """Yield the interfaces of an output; lines that are no pair are left out."""
    current = Section()
    for line in lines(output):
        if name := _named(line):
            if current.pairs or current.is_known:
                yield current
            current = Section(name[0], name[1])
        elif _UNNAMED.fullmatch(line):
            if current.pairs:
                yield current
                current = Section()
            current.is_known = True
        elif pair := _pair(line):
            if current.pairs and pair[0] == current.pairs[0][0] and not current.name:
                # The output of another interface, with nothing before it.
                yield current
                current = Section(is_known=current.is_known)
            current.pairs.append(pair)
    yield current


def _named(line: str) -> tuple[str, bool] | None:
    if found := _HEADING.fullmatch(line):
        return found[1], True
    if found := _UNNAMED.fullmatch(line):
        return (found["name"], True) if found["name"] else None
    found = _NAME.fullmatch(line)
    return (found[1], False) if found else None


def _pair(line: str) -> tuple[str, str] | None:
    if queue := _QUEUE.fullmatch(line):
        return f"{queue[1]}.{queue[2]}", queue[3]
    name, colon, said = line.partition(":")
    return (name.strip(), said.strip()) if colon and name.strip() else None
