"""Cisco switches with NX-OS."""

import re
from typing import ClassVar

from drivers.switches.mib import SwitchMib


class CiscoNxos(SwitchMib):
    """A Nexus switch: sensors are in Cisco's own copy of the table, optics in dBm; LLDP abbreviates names of ports."""

    model: ClassVar[str] = "cisco-nxos"
    source: ClassVar[str] = f"{SwitchMib.source}; layout of the sensors read, sysDescr recalled"
    described: ClassVar[re.Pattern[str] | None] = re.compile(
        r"NX-OS\(tm\) (?!ucs)(?P<kind>[^,]*),.*?\bVersion (?P<version>[^,\s]+)", re.DOTALL
    )
    maker: ClassVar[str] = "Cisco Systems, Inc."
