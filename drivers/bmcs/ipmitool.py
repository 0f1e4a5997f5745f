"""BMCs by ipmitool: on the BMC's own shell, or over the network (RMCP+) from a jump host."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self

from drivers import ipmi_text
from drivers.addresses import Address, ipmi_target
from drivers.errors import BadAddress, WrongDevice
from drivers.options import Options
from drivers.points import Clock, Identity, Item, Point
from drivers.protocols import Kind
from drivers.secrets import Secret, resolve
from drivers.ssh import ClockPoint, Completed, SshDevice, SshTransport, Timed

_TOOL = "ipmitool"
MC_INFO = "ipmitool mc info"
FRU = "ipmitool fru print 0"
SDR = "ipmitool sdr elist"
SEL_INFO = "ipmitool sel info"
SEL = "ipmitool sel elist"
SEL_TIME = "ipmitool sel time get"
POWER_STATE = "ipmitool chassis power status"
DCMI = "ipmitool dcmi power reading"

_PREFIXES = ("Product", "Chassis", "Board")


class IpmitoolTransport(SshTransport):
    """ipmitool behind a shell; towards a BMC on the network it gets host, user and, by standard input, the password."""

    def __init__(self, address: Address, options: Options) -> None:
        super().__init__(address, options)
        self._target = ipmi_target(address)
        self._password = self._resolved(address, options)

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        """Run each `ipmitool …`. Raises as `SshTransport.run` does."""
        return {query: self.run(self._line(query), self._stdin()) for query in queries}

    def _resolved(self, address: Address, options: Options) -> Secret | None:
        return None if self._target is None else resolve(address.query["ipmi_password"], options.folder)

    def _stdin(self) -> str | None:
        return None if self._password is None else f"{self._password.reveal()}\n"

    def _line(self, query: str) -> str:
        if self._target is None:
            return query
        host, user = shlex.quote(self._target.host), shlex.quote(self._target.user)
        # Cipher suite 3: what every BMC has; 17 is not in the older ones.
        there = f"-I lanplus -C 3 -H {host} -p {self._target.port} -U {user} -f /dev/stdin"
        return query.replace(_TOOL, f"{_TOOL} {there}", 1)


def _text(decode: Callable[[str], Any]) -> Callable[[Completed], Any]:
    return lambda completed: decode(completed.checked())


def _field(*names: str) -> Callable[[Completed], Item]:
    return lambda completed: ipmi_text.first_field(completed.checked(), *names)


def _clock(timed: Timed) -> Item:
    """Read a clock that shows whole seconds: on the average it is half a second further."""
    completed: Completed = timed.reply
    shown = ipmi_text.clock(completed.checked())
    return Item(timed.offset_of(shown + timedelta(seconds=0.5)), completed.stdout.strip())


class Ipmitool(SshDevice):
    """A BMC that ipmitool reads (IPMI 2.0, DCMI 1.5). Its clock is taken for UTC, as IPMI 2.0 section 37 recommends."""

    model: ClassVar[str] = "ipmitool"
    kind: ClassVar[Kind] = "bmc"
    source: ClassVar[str] = "ipmitool(1), IPMI 2.0, DCMI 1.5"

    serial = Point(FRU, None, "Serial number of the product.", _field(*(f"{p} Serial" for p in _PREFIXES)))
    part = Point(
        FRU,
        None,
        "Part number of the product.",
        _field("Product Part Number", "Chassis Part Number", "Board Part Number"),
    )
    firmware = Point(MC_INFO, None, "Version of the BMC's firmware.", _field("Firmware Revision"))
    power_state = Point(POWER_STATE, None, "on or off.", _text(ipmi_text.power_state))
    power = Point(DCMI, "W", "Power of the whole, by DCMI.", _text(ipmi_text.dcmi_power))
    clock_offset = ClockPoint(SEL_TIME, "The BMC's clock minus ours, to ± 0.5 s.", _clock)
    sensor = Point(SDR, None, "Any sensor.", _text(ipmi_text.sensor_items), name="sensor[].*")
    log_entries = Point(SEL_INFO, "1", "Entries of the event log.", _text(ipmi_text.log_entries))
    log_critical = Point(SEL, "1", "Asserted events that are critical or worse.", _text(ipmi_text.log_critical))

    @classmethod
    def connect(cls, address: Address, options: Options, clock: Clock) -> Self:
        """Log in to the BMC's shell or to the jump host. Raises as `SshDevice.connect` does."""
        if address.scheme != "ssh":
            raise BadAddress(f"{cls.model} is reached by ssh://, not {address.scheme}://", address=address.public)
        return cls(IpmitoolTransport.open(address, options), clock)

    def identify(self) -> Identity:
        """Ask for `mc info` and FRU 0. Raises WrongDevice where no ipmitool is, DeviceRefused where no BMC is."""
        replies = self.transport.ask([MC_INFO, FRU])
        info, fru = replies[MC_INFO], replies[FRU]
        if info.status == 127:  # POSIX: the shell has not found the command
            raise WrongDevice("no ipmitool there", address=self.address, sent=MC_INFO, received=info.stderr)
        about, unit = ipmi_text.fields(info.checked()), ipmi_text.fields(fru.stdout)
        serial = next((unit[n] for n in (f"{p} Serial" for p in _PREFIXES) if unit.get(n)), "")
        maker = unit.get("Product Manufacturer") or about.get("Manufacturer Name", "")
        model = unit.get("Product Name") or about.get("Product Name", "")
        raw = f"{info.stdout.strip()}\n{fru.stdout.strip()}"
        return Identity(maker, model, serial, about.get("Firmware Revision", ""), f"{self.address} {MC_INFO}", raw)
