"""Switches with SONiC, in the community's build and in those of makers (Dell, Edgecore, NVIDIA, Broadcom, ...)."""

import re
from dataclasses import replace
from typing import ClassVar

from drivers import entity_sensor as es
from drivers.switches.mib import SwitchMib


class Sonic(SwitchMib):
    """A switch with SONiC; makers' builds differ in sysObjectID, so it is told by sysDescr, which names the hardware.

    Fans are sensors of an unknown unit: the community's build gives percent, Dell's revolutions per minute, and
    neither says which. The number is handed out without a unit. Optics are in milliwatts; where there is no light the
    agent states a status that is not ok. LLDP numbers ports by ifIndex.
    """

    model: ClassVar[str] = "sonic"
    source: ClassVar[str] = f"{SwitchMib.source}; sonic-snmpagent (rfc3433, sensor_data), a recording of Dell's 4.4.1"
    described: ClassVar[re.Pattern[str] | None] = re.compile(
        r"SONiC Software Version:\s*(?:SONiC\.)?(?P<version>\S+)(?:.*?HwSku:\s*(?P<sku>\S+))?", re.DOTALL
    )

    def _unit(self, descr: str) -> es.Unit:
        """Take the hardware from sysDescr: makers put a part number, or nothing, into the chassis."""
        unit, said = super()._unit(descr), self.described.search(descr) if self.described else None
        return replace(unit, model=(said["sku"] if said else None) or unit.model)
