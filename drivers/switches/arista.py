"""Arista switches with EOS."""

import re
from typing import ClassVar

from drivers.switches.mib import SwitchMib


class AristaEos(SwitchMib):
    """An Arista switch: names of components are empty, so they go by their description; optics in milliwatts.

    EOS leaves out the octet counters of 32 bits, ifSpeed, and the counters of EtherLike-MIB on some releases. A socket
    without light shows the lowest value that the MIB has, with the status ok: no reading.
    """

    model: ClassVar[str] = "arista-eos"
    source: ClassVar[str] = f"{SwitchMib.source}; sysDescr and tables read in a recording of EOS 4.20"
    object_ids: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.30065.1.",)
    described: ClassVar[re.Pattern[str] | None] = re.compile(
        r"Arista Networks EOS version (?P<version>\S+) running on an Arista(?: Networks)? (?P<model>\S+)"
    )
    maker: ClassVar[str] = "Arista Networks"
