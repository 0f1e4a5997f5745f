"""Switches with Cumulus Linux (NVIDIA)."""

import re
from typing import ClassVar

from drivers.switches.mib import SwitchMib


class Cumulus(SwitchMib):
    """A switch with Cumulus Linux: net-snmp's agent, with lldpd behind it, which numbers ports by ifIndex.

    ifLastChange stays 0 for ports that came up with the agent. Sensors are there where the entity scripts are enabled.
    """

    model: ClassVar[str] = "cumulus"
    source: ClassVar[str] = f"{SwitchMib.source}; sysObjectID seen in public readers, sysDescr recalled"
    object_ids: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.40310.",)
    described: ClassVar[re.Pattern[str] | None] = re.compile(
        r"Cumulus[ -]Linux(?: version)? (?P<version>[0-9]\S*)(?:.*?running on (?P<model>.+))?", re.DOTALL
    )
