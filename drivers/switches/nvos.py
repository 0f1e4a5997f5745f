"""NVLink switch trays and InfiniBand switches with NVOS, by its command line `nv show ... -o json`."""

from typing import ClassVar

from drivers.errors import WrongDevice
from drivers.hosts.figure_point import FigurePoint
from drivers.hosts.linux import UPTIME, matched
from drivers.hosts.tools import lldpctl, nvos
from drivers.parsed import Parser
from drivers.points import Identity, Point
from drivers.protocols import CONTRACTS, Kind
from drivers.ssh import Completed, SshDevice

PLATFORM, VERSION = "nv show platform -o json", "nv show system version -o json"
INTERFACE, ENVIRONMENT = "nv show interface -o json", "nv show platform environment -o json"
FIRMWARE, CLUSTER, HEALTH = (
    f"nv show {what} -o json" for what in ("platform firmware", "cluster app", "system health")
)
LLDPCTL = "lldpctl -f json"


def _row(query: str, unit: str | None, doc: str, name: str, parse: Parser = nvos.parse, figure: str = "") -> Point:
    # The members are read in public captures; that this command prints them for every port at once is recalled.
    return FigurePoint(query, parse, unit, doc, name=name, figure=figure, confirmed=parse is not nvos.parse)


_POINTS: tuple[Point, ...] = (
    _row(INTERFACE, None, "Whether the port is up.", "port[].oper_state"),
    _row(INTERFACE, None, "State of the link's physical layer.", "port[].physical_state"),
    _row(INTERFACE, None, "State of the link in its fabric.", "port[].logical_state"),
    _row(INTERFACE, "bit/s", "Speed.", "port[].speed"),
    _row(INTERFACE, "B", "Octets received.", "port[].in_bytes"),
    _row(INTERFACE, "B", "Octets sent.", "port[].out_bytes"),
    _row(INTERFACE, "1", "Errors of receiving.", "port[].in_errors"),
    _row(INTERFACE, "1", "Errors of sending.", "port[].out_errors"),
    _row(INTERFACE, "1", "Discards of receiving.", "port[].in_discards"),
    _row(INTERFACE, "1", "Discards of sending.", "port[].out_discards"),
    _row(INTERFACE, "1", "Times that the link went down.", "port[].link_downs"),
    _row(LLDPCTL, None, "Name of the system at the far end.", "neighbor[].system", lldpctl.parse),
    _row(LLDPCTL, None, "Port at the far end.", "neighbor[].port", lldpctl.parse),
    _row(ENVIRONMENT, None, "Sensors of temperature and voltage.", "sensor[].*"),
    _row(ENVIRONMENT, "rpm", "Speed of a fan.", "fan[].speed"),
    _row(ENVIRONMENT, None, "State of a fan.", "fan[].state"),
    _row(ENVIRONMENT, "W", "Output power of a supply.", "psu[].output_power"),
    _row(ENVIRONMENT, None, "State of a supply.", "psu[].state"),
    _row(FIRMWARE, None, "Version of a component's firmware.", "firmware[].version"),
    _row(CLUSTER, None, "State of an application of the fabric, such as its controller.", "app[].state"),
    _row(HEALTH, None, "Health of the whole as it states it.", "health", figure="system.health"),
    _row(PLATFORM, None, "Model.", "product", figure="system.model"),
    _row(PLATFORM, None, "Serial number.", "serial", figure="system.serial"),
)


class Nvos(SshDevice):
    """A switch with NVOS, by its shell."""

    model: ClassVar[str] = "nvos"
    kind: ClassVar[Kind] = "switch"
    source: ClassVar[str] = "NVOS command reference 25.02, NVUE; members read in public captures, commands recalled"
    lacks: ClassVar[frozenset[str]] = frozenset({"port[].admin_state", "port[].fcs_errors"}) & set(CONTRACTS["switch"])

    uptime = Point(UPTIME, "s", "Time since the boot.", matched(r"\A(\d{1,12}\.\d{1,6}) \d+\.\d+\s*\Z", float))

    @classmethod
    def points(cls) -> dict[str, Point]:
        """Return the points of a switch, by name; no I/O."""
        return super().points() | {point.name: point for point in _POINTS}

    def identify(self) -> Identity:
        """Ask for platform and version. Raises WrongDevice where there is no `nv` that knows them."""
        replies = self.transport.ask([PLATFORM, VERSION])
        platform: Completed = replies[PLATFORM]
        if platform.status != 0:
            said = platform.stderr or platform.stdout
            raise WrongDevice("no NVOS behind this shell", address=self.address, sent=PLATFORM, received=said)
        told = {
            f.name: str(f.value) for p in replies.values() for f in nvos.read_system(p.stdout) if f.value is not None
        }
        model, serial = told.get("system.model", ""), told.get("system.serial", "")
        firmware = told.get("system.image") or told.get("system.version", "")
        raw = "; ".join(part for part in (model, serial, firmware) if part)
        return Identity("NVIDIA", model, serial, firmware, f"{self.address} {PLATFORM}", raw)
