"""What ipmitool says about the controller, the chassis, power and LAN: lists of `name : value`. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from drivers.bmcs.ipmi_rows import Names, fields, filled, pairs, slug
from drivers.errors import Garbled, NoReading
from drivers.items import item
from drivers.points import Item, Value

_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False}
_POWER = {
    "power": "Instantaneous power reading",
    "power_min": "Minimum during sampling period",
    "power_max": "Maximum during sampling period",
    "power_average": "Average power reading over sample period",
}
_STATE = "Power reading state is"
_SECRETS = ("snmp community string", "password", "k_g", "kg key")


def sel_entries(text: str) -> Item:
    """Read the number of entries from `sel info`. Raises Garbled."""
    count = fields(text).get("Entries", "")
    if not re.fullmatch(r"\d{1,9}", count, re.ASCII):
        raise Garbled("no number of entries", received=text)
    return Item(int(count), count)


def clock(text: str) -> datetime:
    """Read `sel time get`, a time of the BMC's clock in UTC to the second. Raises Garbled."""
    said = text.strip().removesuffix(" UTC").removesuffix(" GMT")
    for form in ("%m/%d/%Y %H:%M:%S", "%m/%d/%y %H:%M:%S"):
        try:
            return datetime.strptime(said, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Garbled("not a time in UTC", received=text)


def power_state(text: str) -> Item:
    """Read `chassis power status`. Raises Garbled."""
    found = re.fullmatch(r"Chassis Power is (on|off)", text.strip())
    if not found:
        raise Garbled("not a state of power", received=text)
    return Item(found[1], text.strip())


def dcmi_power(text: str, what: str = "power") -> Item:
    """Read a power of `dcmi power reading`, W. Raises NoReading where it is not activated or 0 W, Garbled.

    `what` is power, power_min, power_max or power_average. 0 W is what boards answer that advertise DCMI and do not
    fill it.
    """
    found, name = fields(text), _POWER[what]
    watts = re.fullmatch(r"(\d{1,9}) Watts", found.get(name, ""), re.ASCII)
    if not watts:
        raise Garbled(f"no {name.lower()}", received=text)
    if found.get(_STATE) != "activated":
        raise NoReading(f"power reading is not activated: {found.get(_STATE)!r}", received=text)
    if int(watts[1]) == 0:
        raise NoReading("0 W: the board does not fill its DCMI reading", received=text)
    return Item(int(watts[1]), watts[0])


def dcmi_items(text: str) -> Iterator[Item]:
    """Read all powers of `dcmi power reading`, W. Raises Garbled where it is not that output."""
    if _POWER["power"] not in fields(text):
        raise Garbled("no line of `ipmitool dcmi power reading`", received=text)
    for what, name in _POWER.items():
        raw = fields(text).get(name, "")
        yield item(lambda w: dcmi_power(text, w).value, what, raw, key="", unit="W", quantity=what)
    state = fields(text).get(_STATE, "")
    yield item(_word, state, state, key="", quantity="power_reading_state")


def mc_items(output: str | Iterable[str]) -> Iterator[Item]:
    """Read `mc info`. Raises Garbled where it is not that output."""
    yield from _described(output, "Firmware Revision", "ipmitool mc info")


def chassis_items(output: str | Iterable[str]) -> Iterator[Item]:
    """Read `chassis status`: `system_power` is on or off, faults are true or false. Raises Garbled."""
    yield from _described(output, "System Power", "ipmitool chassis status")


def chassis_field(text: str, name: str) -> Item:
    """Read one line of `chassis status`. Raises NoReading where it is not there, Garbled."""
    found = fields(text)
    if "System Power" not in found:
        raise Garbled("not `ipmitool chassis status`", received=text)
    if name not in found:
        raise NoReading(f"no {name}", received=text)
    return Item(_word(found[name]), found[name])


def lan_items(output: str | Iterable[str]) -> Iterator[Item]:
    """Read `lan print`; what is a secret is told to be there and not shown. Raises Garbled."""
    suites: dict[str, str] = {}
    for found in _described(output, "IP Address", "ipmitool lan print"):
        if found.quantity in {"rmcp_cipher_suites", "cipher_suite_priv_max"}:
            suites[found.quantity] = str(found.value)
        yield found
    yield item(_cipher_0, suites, suites.get("rmcp_cipher_suites", ""), key="", quantity="cipher_0_allowed")


def _cipher_0(suites: dict[str, str]) -> bool:
    """Tell whether one may log in without authentication: suite 0 is offered and some privilege may use it.

    `Cipher Suite Priv Max` has a letter for each suite, in the order of the list of them, X for unused (ipmitool(1);
    IPMI 2.0 table 23-4, parameters 23 and 24).
    """
    offered, privileges = suites.get("rmcp_cipher_suites", ""), suites.get("cipher_suite_priv_max", "")
    if not re.fullmatch(r"\d+(,\s*\d+)*", offered):
        raise NoReading("no list of cipher suites", received=offered)
    listed = re.split(r",\s*", offered)
    if "0" not in listed:
        return False
    if not re.match(r"[XcuoaO]{15}", privileges) or listed.index("0") >= 15:
        raise NoReading("cipher suite 0 is offered, and no privileges are listed", received=privileges)
    return privileges[listed.index("0")] != "X"


def _described(output: str | Iterable[str], telling: str, what: str) -> Iterator[Item]:
    names, told = Names(), False
    for name, value in pairs(output):
        told = told or name == telling
        quantity = names.unique(slug(name))
        shown = value if not name.lower().startswith(_SECRETS) or value in {"", "public"} else "(not shown)"
        yield item(_word, shown, shown, key="", quantity=quantity)
    if not told:
        raise Garbled(f"no {telling!r}: not `{what}`")


def _word(text: str) -> Value:
    """Return true, false or the text. Raises NoReading for a field that is not filled in."""
    if text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if not filled(text) and text not in {"0", "none"}:
        raise NoReading("not filled in", received=text)
    return text
