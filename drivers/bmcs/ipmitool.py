"""BMCs by ipmitool: on the BMC's own shell, or over the network (RMCP+) from a jump host."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self, cast

from drivers.addresses import Address, ipmi_target
from drivers.bmcs import ipmi_fru, ipmi_rows, ipmi_sdr, ipmi_sel, ipmi_status
from drivers.bmcs.power_switch import PowerSwitch, Step, first
from drivers.errors import BadAddress, NoReading, WrongDevice
from drivers.options import Options
from drivers.points import Clock, Identity, Item, Point, Reading
from drivers.protocols import Kind
from drivers.secrets import Secret, resolve
from drivers.ssh import ClockPoint, Completed, SshDevice, SshTransport, Timed
from drivers.ssh_console import Console, ConsoleLimits

_TOOL = "ipmitool"
MC_INFO = "ipmitool mc info"
FRU = "ipmitool fru print 0"
FRUS = "ipmitool fru print"
SDR = "ipmitool sdr elist"
SENSOR = "ipmitool sensor"
SEL_INFO = "ipmitool sel info"
SEL = "ipmitool sel elist"
SEL_TIME = "ipmitool sel time get"
POWER_STATE = "ipmitool chassis power status"
CHASSIS = "ipmitool chassis status"
DCMI = "ipmitool dcmi power reading"
LAN = "ipmitool lan print"
SOL = "ipmitool sol activate"
SOL_END = "ipmitool sol deactivate"
ORDERS: Mapping[Step, str] = {step: f"ipmitool chassis power {step}" for step in ("on", "off", "soft")}

_PREFIXES = ("Product", "Chassis", "Board")
_SOL_WORKS = b"SOL Session operational"


class IpmitoolTransport(SshTransport):
    """ipmitool behind a shell; towards a BMC on the network it gets host, user and, by standard input, the password."""

    def __init__(self, address: Address, options: Options) -> None:
        super().__init__(address, options)
        self._target = ipmi_target(address)
        self._password = self._resolved(address, options)

    def ask(self, queries: Sequence[str]) -> Mapping[str, Any]:
        """Run each `ipmitool …`. Raises as `SshTransport.run` does."""
        return {query: self.run(self._line(query), self._stdin()) for query in queries}

    def console(self, limits: ConsoleLimits) -> Console:
        """Start to keep the serial console. Raises as `Console.start` does."""
        self.ask([SOL_END])  # one that was left open keeps every other out (IPMI 2.0, 24.1)
        secret = None if self._password is None else self._password.reveal()
        return Console.start(self, self._line(SOL), limits, secret=secret, greeting=_SOL_WORKS)

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
    return lambda completed: ipmi_rows.first_field(completed.checked(), *names)


def _dcmi(what: str) -> Callable[[Completed], Item]:
    return lambda completed: ipmi_status.dcmi_power(completed.checked(), what)


def _chassis(name: str) -> Callable[[Completed], Item]:
    return lambda completed: ipmi_status.chassis_field(completed.checked(), name)


def _thresholds(text: str) -> list[Item]:
    return [item for item in ipmi_sdr.threshold_items(text) if item.quantity in ipmi_sdr.THRESHOLDS]


def _lan(quantity: str) -> Callable[[Completed], list[Item]]:
    def decode(completed: Completed) -> list[Item]:
        found = [i for i in ipmi_status.lan_items(completed.checked()) if i.quantity == quantity]
        if not found:
            raise NoReading(f"no {quantity}", received=completed.stdout)
        return [Item(i.value, i.raw, unit=i.unit, reason=i.reason) for i in found]

    return decode


def _clock(timed: Timed) -> Item:
    """Read a clock that shows whole seconds: on the average it is half a second further."""
    completed: Completed = timed.reply
    shown = ipmi_status.clock(completed.checked())
    return Item(timed.offset_of(shown + timedelta(seconds=0.5)), completed.stdout.strip())


class Ipmitool(PowerSwitch, SshDevice):
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
    power_state = Point(POWER_STATE, None, "on or off.", _text(ipmi_status.power_state))
    power = Point(DCMI, "W", "Power of the whole, by DCMI.", _dcmi("power"))
    power_min = Point(DCMI, "W", "Lowest power in DCMI's sampling period.", _dcmi("power_min"))
    power_max = Point(DCMI, "W", "Highest power in DCMI's sampling period.", _dcmi("power_max"))
    power_average = Point(DCMI, "W", "Mean power over DCMI's sampling period.", _dcmi("power_average"))
    clock_offset = ClockPoint(SEL_TIME, "The BMC's clock minus ours, to ± 0.5 s.", _clock)
    sensor = Point(SDR, None, "Any sensor.", _text(ipmi_sdr.sensor_items), name="sensor[].*")
    threshold = Point(SENSOR, None, "Limits that the BMC itself watches.", _text(_thresholds), name="threshold[].*")
    log_entries = Point(SEL_INFO, "1", "Entries of the event log.", _text(ipmi_status.sel_entries))
    log_critical = Point(SEL, "1", "Asserted events that are critical or worse.", _text(ipmi_sel.log_critical))
    log_standing = Point(SEL, "1", "Critical events asserted and not deasserted since.", _text(ipmi_sel.log_standing))
    log_in_order = Point(SEL, None, "True when the log's times go forward.", _text(ipmi_sel.log_in_order))
    fru = Point(FRUS, None, "What each field replaceable unit says.", _text(ipmi_fru.fru_items), name="fru[].*")
    power_fault = Point(CHASSIS, None, "True when the main power failed.", _chassis("Main Power Fault"))
    drive_fault = Point(CHASSIS, None, "True when a drive failed.", _chassis("Drive Fault"))
    cooling_fault = Point(CHASSIS, None, "True when cooling or a fan failed.", _chassis("Cooling/Fan Fault"))
    intrusion = Point(CHASSIS, None, "active when the chassis was opened.", _chassis("Chassis Intrusion"))
    restore_policy = Point(CHASSIS, None, "What follows a loss of power.", _chassis("Power Restore Policy"))
    lan_address = Point(LAN, None, "The BMC's own IP address.", _lan("ip_address"))
    lan_mac = Point(LAN, None, "The BMC's own MAC address.", _lan("mac_address"))
    cipher_0 = Point(LAN, None, "True when one may log in without authentication.", _lan("cipher_0_allowed"))

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
        about, unit = ipmi_rows.fields(info.checked()), ipmi_rows.fields(fru.stdout)
        serial = next((unit[n] for n in (f"{p} Serial" for p in _PREFIXES) if unit.get(n)), "")
        maker = unit.get("Product Manufacturer") or about.get("Manufacturer Name", "")
        model = unit.get("Product Name") or about.get("Product Name", "")
        raw = f"{info.stdout.strip()}\n{fru.stdout.strip()}"
        return Identity(maker, model, serial, about.get("Firmware Revision", ""), f"{self.address} {MC_INFO}", raw)

    def order_power(self, step: Step) -> None:
        """Give `chassis power on`, `off` or `soft` (IPMI 2.0, 28.3). Raises DeviceRefused."""
        self.transport.ask([ORDERS[step]])[ORDERS[step]].checked()

    def read_power_state(self) -> Reading:
        """Read `chassis power status` now."""
        return first(self.power_state)

    def console(self, limits: ConsoleLimits) -> Console:
        """Start to keep what the host's serial console says (serial over LAN, IPMI 2.0 section 15).

        Raises as `Console.start` does.
        """
        return cast("IpmitoolTransport", self.transport).console(limits)
