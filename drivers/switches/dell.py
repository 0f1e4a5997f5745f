"""Dell switches with OS10."""

import re
from dataclasses import replace
from typing import Any, ClassVar

from drivers import entity_sensor as es
from drivers.snmp_fixed import Columns, fixed
from drivers.snmp_table import TablePoint
from drivers.switches.mib import SwitchMib

_CHASSIS, _CARD = "walk 1.3.6.1.4.1.674.11000.5000.100.4.1.1.3.1", "walk 1.3.6.1.4.1.674.11000.5000.100.4.1.1.4.1"
SERVICE_TAG, CHASSIS_TEMPERATURE, CARD_TEMPERATURE = f"{_CHASSIS}.7", f"{_CHASSIS}.11", f"{_CARD}.5"


def _chassis(columns: Columns, index: str) -> str:
    del columns
    return f"Chassis {index}"


def _card(columns: Columns, index: str) -> str:
    del columns
    return f"Card {index}"


_of_chassis = fixed(CHASSIS_TEMPERATURE, "degC", _chassis)
_of_card = fixed(CARD_TEMPERATURE, "degC", _card)


class DellOs10(SwitchMib):
    """A Dell switch with OS10: no table of sensors, temperatures and service tag in Dell's own MIB."""

    model: ClassVar[str] = "dell-os10"
    source: ClassVar[str] = f"{SwitchMib.source}; DELLEMC-OS10-CHASSIS-MIB read, sysDescr recalled"
    object_ids: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.674.11000.5000.100.",)
    described: ClassVar[re.Pattern[str] | None] = re.compile(
        r"OS10.*?OS Version: (?P<version>\S+?)\.?\s.*?System Type: (?P<model>\S+)", re.DOTALL
    )
    maker: ClassVar[str] = "Dell EMC"

    sensor = TablePoint(
        CHASSIS_TEMPERATURE,
        None,
        "Temperature of chassis and cards.",
        lambda columns: [*_of_chassis(columns), *_of_card(columns)],
        name="sensor[].*",
        beside=(CARD_TEMPERATURE,),
    )

    def _unit(self, descr: str) -> es.Unit:
        unit = super()._unit(descr)
        tags: Any = self.transport.ask([SERVICE_TAG])[SERVICE_TAG]
        tag = next((es.stated(value) for value in tags.values()), "") if isinstance(tags, dict) else ""
        return replace(unit, serial=unit.serial or tag)
