"""APC Easy Rack PDUs: CPDU-MIB, which is Enlogic's design under APC's number."""

from typing import ClassVar

from drivers.columns import ColumnPoint
from drivers.pdus import enlogic
from drivers.pdus.device import PduDevice, Plate

_ROOT = "1.3.6.1.4.1.318.1.1.32"


class ApcCpdu(PduDevice):
    """An APC Easy Rack PDU (EPDU1xxx)."""

    model: ClassVar[str] = "apc-cpdu"
    source: ClassVar[str] = "CPDU-MIB; the scale of power factors is found by watts over VA"
    roots: ClassVar[tuple[str, ...]] = ("1.3.6.1.4.1.318",)
    proof: ClassVar[tuple[str, ...]] = enlogic.proof(_ROOT)
    plate: ClassVar[Plate] = Plate("APC", *((f"{_ROOT}.1.2.1.{n}",) for n in (11, 12, 14)))
    controls: ClassVar = enlogic.controls(_ROOT)
    table: ClassVar[tuple[ColumnPoint, ...]] = enlogic.table(
        _ROOT, enlogic.Sensors(communication=3, state=4, value=5, precise=7)
    )
